/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A purchase as a value, and as the text of job.json. It is not the store:
 * where the text lies and when it is durable is decided elsewhere. Reading is
 * strict where money depends on a member, and tolerant where only display
 * does, so that a damaged comment never hides a paid generation. */
#include "record.h"

#include "failure.h"
#include "json-reader.h"
#include "json.h"
#include "moment.h"
#include "state.h"
#include "url.h"

#include <json-glib/json-glib.h>

#define MAX_PURCHASES 1000000
#define MAX_CAPTURES  131072
#define MAX_ID        262144

/* A text that from_text would refuse would lose a paid id: rather these, the
 * dearest last. */
static const char *const optional[] = { "request", "details", "prompt",
                                        "failure", "uploads", "captures",
                                        NULL };

GenvidRecord *
genvid_record_new (const char *fingerprint, const char *provider)
{
  GenvidRecord *record = g_new0 (GenvidRecord, 1);

  record->fingerprint = g_strdup (fingerprint);
  record->provider = g_strdup (provider);
  record->n = 1;
  record->cost = record->estimate = -1;
  return record;
}

GenvidRecord *
genvid_record_copy (const GenvidRecord *record)
{
  GenvidRecord *copy = g_new0 (GenvidRecord, 1);

  *copy = *record;
  copy->fingerprint = g_strdup (record->fingerprint);
  copy->provider = g_strdup (record->provider);
  copy->call = g_strdup (record->call);
  copy->model = g_strdup (record->model);
  copy->prompt = g_strdup (record->prompt);
  copy->id = g_strdup (record->id);
  copy->currency = g_strdup (record->currency);
  copy->key_hash = g_strdup (record->key_hash);
  copy->media_extension = g_strdup (record->media_extension);
  copy->intended.boot_id = g_strdup (record->intended.boot_id);
  if (record->captures != NULL)
    copy->captures = json_object_ref (record->captures);
  if (record->uploads != NULL)
    copy->uploads = json_array_ref (record->uploads);
  if (record->details != NULL)
    copy->details = json_object_ref (record->details);
  if (record->request != NULL)
    copy->request = json_object_ref (record->request);
  copy->base_url = g_strdup (record->base_url);
  if (record->failure != NULL)
    copy->failure = genvid_failure_copy (record->failure);
  return copy;
}

void
genvid_record_free (GenvidRecord *record)
{
  if (record == NULL)
    return;
  g_free (record->fingerprint);
  g_free (record->provider);
  g_free (record->call);
  g_free (record->model);
  g_free (record->prompt);
  g_free (record->id);
  g_free (record->currency);
  g_free (record->key_hash);
  g_free (record->media_extension);
  g_free (record->intended.boot_id);
  g_clear_pointer (&record->captures, json_object_unref);
  g_clear_pointer (&record->uploads, json_array_unref);
  g_clear_pointer (&record->details, json_object_unref);
  g_clear_pointer (&record->request, json_object_unref);
  g_free (record->base_url);
  genvid_failure_free (record->failure);
  g_free (record);
}

/* Half an id is none, so this one is not cut where other texts are. */
static void
set_id (JsonObject *object, const char *id)
{
  g_autofree char *valid
      = id != NULL ? g_utf8_make_valid (id, (gssize)strnlen (id, MAX_ID))
                   : NULL;

  if (valid != NULL)
    json_object_set_string_member (object, "id", valid);
}

static JsonObject *
write_failure (const GenvidFailure *failure)
{
  JsonObject *object = json_object_new ();

  genvid_json_keep (object, "reason",
                    genvid_reason_to_string (failure->reason));
  genvid_json_keep (object, "message", failure->message);
  genvid_json_keep (object, "advice", failure->advice);
  json_object_set_int_member (object, "http-status", failure->http_status);
  genvid_json_keep (object, "service-code", failure->service_code);
  genvid_json_keep (object, "generation-id", failure->generation_id);
  json_object_set_boolean_member (object, "retryable", failure->retryable);
  genvid_json_keep (object, "billed",
                    genvid_billed_to_string (failure->billed));
  return object;
}

static void
write_detail (JsonObject *details, const char *name, JsonNode *node,
              gpointer data)
{
  JsonObject *written = data;
  const char *text = NULL;
  g_autofree char *shown = NULL;

  if (JSON_NODE_HOLDS_VALUE (node)
      && json_node_get_value_type (node) == G_TYPE_STRING)
    text = json_node_get_string (node);
  if (text == NULL || strstr (text, "://") == NULL) {
    json_object_set_member (written, name, json_node_copy (node));
    return;
  }
  shown = genvid_url_display (text);
  genvid_json_keep (written, name, shown);
}

static JsonObject *
write_details (JsonObject *details)
{
  JsonObject *written = json_object_new ();

  json_object_foreach_member (details, write_detail, written);
  return written;
}

static JsonObject *
write_moment (const GenvidMoment *moment)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "wall", moment->wall);
  json_object_set_int_member (object, "boot", moment->boot);
  genvid_json_keep (object, "boot-id", moment->boot_id);
  return object;
}

static void
write_captures (JsonObject *root, JsonObject *captures)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;

  json_node_set_object (node, captures);
  text = genvid_json_to_text (node);
  if (strlen (text) <= MAX_CAPTURES)
    json_object_set_object_member (root, "captures",
                                   json_object_ref (captures));
}

static void
write_course (JsonObject *root, const GenvidRecord *record)
{
  if (record->intended.boot_id != NULL)
    json_object_set_object_member (root, "intended",
                                   write_moment (&record->intended));
  if (record->ready != 0)
    json_object_set_int_member (root, "ready", record->ready);
  if (record->ended != 0)
    json_object_set_int_member (root, "ended", record->ended);
  if (record->failure != NULL)
    json_object_set_object_member (root, "failure",
                                   write_failure (record->failure));
  json_object_set_boolean_member (root, "frees", record->frees);
  json_object_set_boolean_member (root, "cancel", record->cancel);
  json_object_set_boolean_member (root, "adopted", record->adopted);
}

char *
genvid_record_to_text (const GenvidRecord *record)
{
  g_autoptr (JsonObject) root = json_object_new ();
  g_autofree char *text = NULL;

  json_object_set_int_member (root, "version", GENVID_RECORD_VERSION);
  genvid_json_keep (root, "fingerprint", record->fingerprint);
  genvid_json_keep (root, "provider", record->provider);
  genvid_json_keep (root, "call", record->call);
  genvid_json_keep (root, "model", record->model);
  genvid_json_keep (root, "prompt", record->prompt);
  json_object_set_int_member (root, "n", record->n);
  genvid_json_keep (root, "state", genvid_state_to_string (record->state));
  set_id (root, record->id);
  if (record->captures != NULL)
    write_captures (root, record->captures);
  if (record->uploads != NULL)
    json_object_set_array_member (root, "uploads",
                                  json_array_ref (record->uploads));
  write_course (root, record);
  if (record->cost >= 0)
    json_object_set_double_member (root, "cost", record->cost);
  if (record->estimate >= 0)
    json_object_set_double_member (root, "estimate", record->estimate);
  genvid_json_keep (root, "currency", record->currency);
  genvid_json_keep (root, "key-hash", record->key_hash);
  genvid_json_keep (root, "media-extension", record->media_extension);
  if (record->media_size != 0)
    json_object_set_int_member (root, "media-size", (gint64)record->media_size);
  if (record->details != NULL)
    json_object_set_object_member (root, "details",
                                   write_details (record->details));
  genvid_json_keep (root, "base-url", record->base_url);
  if (record->request != NULL)
    json_object_set_object_member (root, "request",
                                   json_object_ref (record->request));
  text = genvid_json_reader_write (root, optional);
  return g_strconcat (text, "\n", NULL);
}

static gboolean
refuse (GError **error, const char *what)
{
  g_set_error (error, GENVID_ERROR, GENVID_REASON_BAD_ANSWER,
               "The record of a purchase is damaged: %s.", what);
  return FALSE;
}

static GenvidFailure *
read_failure (JsonObject *object)
{
  const char *name = genvid_json_string (object, "reason", NULL);
  GenvidReason reason = genvid_reason_from_string (name);
  GenvidFailure *failure;

  if (object == NULL)
    return NULL;
  if (reason == GENVID_REASON_NONE)
    reason = GENVID_REASON_FAILED;
  failure = genvid_failure_new (
      reason, "%s", genvid_json_string (object, "message", "It failed."));
  failure->advice = g_strdup (genvid_json_string (object, "advice", NULL));
  failure->http_status
      = (guint)CLAMP (genvid_json_int (object, "http-status", 0), 0, 999);
  failure->service_code
      = g_strdup (genvid_json_string (object, "service-code", NULL));
  failure->generation_id
      = g_strdup (genvid_json_string (object, "generation-id", NULL));
  failure->retryable = genvid_json_bool (object, "retryable", FALSE);
  failure->billed
      = genvid_billed_from_string (genvid_json_string (object, "billed", NULL));
  return failure;
}

static gboolean
read_moment (JsonObject *root, GenvidMoment *moment, GError **error)
{
  JsonObject *object = genvid_json_object (root, "intended");

  if (object == NULL && json_object_has_member (root, "intended"))
    return refuse (error, "\"intended\" is not an object");
  if (object == NULL)
    return TRUE;
  moment->wall = genvid_json_int (object, "wall", 0);
  moment->boot = genvid_json_int (object, "boot", 0);
  moment->boot_id = g_strdup (genvid_json_string (object, "boot-id", ""));
  return TRUE;
}

/* What decides whether a new purchase may be made. */
static gboolean
read_core (JsonObject *root, GenvidRecord *record, GError **error)
{
  const char *state = genvid_json_string (root, "state", NULL);
  gint64 n = genvid_json_int (root, "n", 0);
  gboolean known = FALSE;

  record->state = genvid_state_from_string (state, &known);
  if (!known)
    return refuse (error, "its state is unknown");
  if (n < 1 || n > MAX_PURCHASES)
    return refuse (error, "its purchase number is out of range");
  record->n = (guint)n;
  record->id = g_strdup (genvid_json_string (root, "id", NULL));
  if (record->id == NULL && json_object_has_member (root, "id"))
    return refuse (error, "its id is not a string");
  if (record->id != NULL && *record->id == '\0')
    return refuse (error, "its id is empty");
  if (record->id == NULL && record->state >= GENVID_STATE_QUEUED
      && record->state <= GENVID_STATE_DOWNLOADING)
    return refuse (error, "it is in progress but has no id");
  record->frees = genvid_json_bool (root, "frees", FALSE);
  record->cancel = genvid_json_bool (root, "cancel", FALSE);
  record->adopted = genvid_json_bool (root, "adopted", FALSE);
  return read_moment (root, &record->intended, error);
}

static void
read_display (JsonObject *root, GenvidRecord *record)
{
  JsonObject *captures = genvid_json_object (root, "captures");
  JsonArray *uploads = genvid_json_array (root, "uploads");
  JsonObject *details = genvid_json_object (root, "details");
  JsonObject *request = genvid_json_object (root, "request");

  record->call = g_strdup (genvid_json_string (root, "call", NULL));
  record->model = g_strdup (genvid_json_string (root, "model", NULL));
  record->prompt = g_strdup (genvid_json_string (root, "prompt", NULL));
  record->currency = g_strdup (genvid_json_string (root, "currency", NULL));
  record->key_hash = g_strdup (genvid_json_string (root, "key-hash", NULL));
  record->media_extension
      = g_strdup (genvid_json_string (root, "media-extension", NULL));
  record->media_size
      = (guint64)MAX (genvid_json_int (root, "media-size", 0), 0);
  record->ready = genvid_json_int (root, "ready", 0);
  record->ended = genvid_json_int (root, "ended", 0);
  record->cost = genvid_json_double (root, "cost", -1);
  record->estimate = genvid_json_double (root, "estimate", -1);
  record->failure = read_failure (genvid_json_object (root, "failure"));
  if (captures != NULL)
    record->captures = json_object_ref (captures);
  if (uploads != NULL)
    record->uploads = json_array_ref (uploads);
  if (details != NULL)
    record->details = json_object_ref (details);
  record->base_url = g_strdup (genvid_json_string (root, "base-url", NULL));
  if (request != NULL)
    record->request = json_object_ref (request);
}

static gboolean
check_version (JsonObject *root, GError **error)
{
  gint64 version = genvid_json_int (root, "version", 0);

  if (version < 1)
    return refuse (error, "it has no version");
  if (version == GENVID_RECORD_VERSION)
    return TRUE;
  g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
               "The record of a purchase was written by a newer genvid "
               "(version %" G_GINT64_FORMAT
               ", this one knows %d). Update genvid, or use another store.",
               version, GENVID_RECORD_VERSION);
  return FALSE;
}

GenvidRecord *
genvid_record_from_text (const char *text, gssize length, GError **error)
{
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GenvidRecord) record = NULL;
  const char *fingerprint, *provider;
  JsonObject *root;

  if (text == NULL || length == 0) {
    refuse (error, "it is empty");
    return NULL;
  }
  node = genvid_json_reader_parse (
      text, length < 0 ? strlen (text) : (gsize)length, error);
  if (node == NULL) {
    g_prefix_error (error, "The record of a purchase is damaged: ");
    return NULL;
  }
  if (!JSON_NODE_HOLDS_OBJECT (node)) {
    refuse (error, "it is not an object");
    return NULL;
  }
  root = json_node_get_object (node);
  if (!check_version (root, error))
    return NULL;
  fingerprint = genvid_json_string (root, "fingerprint", NULL);
  provider = genvid_json_string (root, "provider", NULL);
  if (fingerprint == NULL || provider == NULL) {
    refuse (error, "it does not say what was bought");
    return NULL;
  }
  record = genvid_record_new (fingerprint, provider);
  if (!read_core (root, record, error))
    return NULL;
  read_display (root, record);
  return g_steal_pointer (&record);
}
