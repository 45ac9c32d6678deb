/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Responses in our words. Tolerant where a paid id could be lost, and bounded:
 * every text is cleaned, every number is checked, and what is not understood is
 * "unknown", so the job continues. Links are checked elsewhere. */
#include "call-parse.h"

#include "call-build.h"
#include "call-private.h"
#include "call-source.h"
#include "call.h"
#include "condition.h"
#include "description.h"
#include "exchange.h"
#include "failure.h"
#include "json-reader.h"
#include "json.h"
#include "provider.h"
#include "reply.h"
#include "secret.h"
#include "template.h"
#include "text.h"

#include <json-glib/json-glib.h>

#include <string.h>

/* Longer ones are no ids. */
#define MAX_ID_BYTES 4096

static char *
find_shown (const GenvidCallSource *source, const char *key)
{
  g_autofree char *text = genvid_call_source_find_text (source, key);

  return genvid_text_clean (text, -1, source->call->key);
}

/* A service that gives the key out as an id is broken, or wants it spread: it
 * would go into URLs, messages and the store. */
static gboolean
refuse_keyed (GenvidCallSource *source, const char *text)
{
  if (!genvid_secret_is_in (text, source->call->key))
    return FALSE;
  g_free (source->reply->message);
  source->reply->message
      = g_strdup ("the response has the key where the id should be; this id is "
                  "neither used nor stored, and a service that sends it is "
                  "broken or cannot be trusted");
  return TRUE;
}

static void
read_id (GenvidCallSource *source, JsonObject *owner)
{
  g_autoptr (JsonNode) node
      = genvid_call_source_find_first (source, owner, "id");
  g_autofree char *text = genvid_json_scalar_text (node);

  if (!text || strlen (text) > MAX_ID_BYTES || refuse_keyed (source, text))
    return;
  g_free (source->reply->id);
  source->reply->id = g_steal_pointer (&text);
  if (source->kind == GENVID_EXCHANGE_UPLOAD
      || source->kind == GENVID_EXCHANGE_GRANT)
    json_object_set_member (source->reply->captures, "id",
                            g_steal_pointer (&node));
}

/* States. */

/* What is no success speaks by the rules that name its status only. */
static void
read_phase (GenvidCallSource *source)
{
  gboolean success = genvid_call_source_is_success (source);
  g_autofree char *status = genvid_call_source_find_text (source, "status");
  g_autofree char *word = NULL;
  g_autoptr (GList) rules = genvid_description_list (source->spec, "states");

  for (GList *l = rules; l; l = l->next) {
    JsonObject *rule = json_node_get_object (l->data);

    if ((!success && !json_object_has_member (rule, "http"))
        || !genvid_call_source_holds (source, rule, status, &word))
      continue;
    source->state = rule;
    source->reply->phase
        = genvid_phase_from_string (genvid_json_string (rule, "is", NULL));
    break;
  }
  /* Of a result, that it is there says enough. */
  if (source->kind == GENVID_EXCHANGE_RESULT && success && !rules)
    source->reply->phase = GENVID_PHASE_SUCCEEDED;
  g_free (source->reply->word);
  source->reply->word
      = genvid_text_clean (word ? word : status, -1, source->call->key);
}

/* Errors. */

static gboolean
says (JsonObject *rule, const char *message)
{
  g_autoptr (GList) words = genvid_description_list (rule, "says");
  g_autofree char *lower = message ? g_utf8_strdown (message, -1) : NULL;

  for (GList *l = words; l; l = l->next) {
    g_autofree char *word = g_utf8_strdown (json_node_get_string (l->data), -1);

    if (lower && strstr (lower, word))
      return TRUE;
  }
  return !words;
}

/* RULE's "http", "code" and "says". */
static gboolean
error_holds (const GenvidCallSource *source, JsonObject *rule)
{
  return genvid_call_source_lists_status (source, rule)
         && (!json_object_has_member (rule, "code")
             || genvid_call_source_lists (rule, "code", source->reply->code))
         && says (rule, source->reply->message);
}

/* The description's rule for this answer; nullable. */
static JsonObject *
find_error (const GenvidCallSource *source)
{
  g_autoptr (GList) rules
      = genvid_description_list (source->call->spec, "errors");

  for (GList *l = rules; l; l = l->next)
    if (error_holds (source, json_node_get_object (l->data)))
      return json_node_get_object (l->data);
  return NULL;
}

/* The description's word for this answer; NONE if no rule holds. */
static GenvidReason
find_reason (const GenvidCallSource *source)
{
  return genvid_reason_from_string (
      genvid_json_string (find_error (source), "is", NULL));
}

/* What HTTP itself makes of it. */
static GenvidReason
judge_status (const GenvidCallSource *source)
{
  switch (source->answer->status) {
  case 304:
    /* "Nothing new", said to a poll that came too early. */
    return source->kind == GENVID_EXCHANGE_POLL
                   || source->kind == GENVID_EXCHANGE_RESULT
               ? GENVID_REASON_NONE
               : GENVID_REASON_REJECTED;
  case 401:
  case 403:
    return GENVID_REASON_UNAUTHORIZED;
  case 402:
    return GENVID_REASON_QUOTA;
  case 404:
  case 410:
    return source->kind == GENVID_EXCHANGE_SUBMIT
                   || source->kind == GENVID_EXCHANGE_GRANT
                   || source->kind == GENVID_EXCHANGE_UPLOAD
               ? GENVID_REASON_REJECTED
               : GENVID_REASON_NOT_FOUND;
  case 429:
  case 503:
    return GENVID_REASON_BUSY;
  case 408:
  case 502:
  case 504:
    return GENVID_REASON_UNREACHABLE;
  default:
    return source->answer->status >= 500 ? GENVID_REASON_BAD_ANSWER
                                         : GENVID_REASON_REJECTED;
  }
}

/* The service's words; a body that is no JSON may still be plain words. */
static void
read_words (GenvidCallSource *source)
{
  GenvidReply *reply = source->reply;
  gsize length;
  const char *body = g_bytes_get_data (source->answer->body, &length);

  reply->message = genvid_call_source_find_message (source);
  reply->code = find_shown (source, "code");
  if (reply->message || source->root || length == 0)
    return;
  if (!memchr (body, '<', MIN (length, 64)))
    reply->message = genvid_text_clean (body, length, source->call->key);
}

static gboolean
is_duplicate (const GenvidCallSource *source)
{
  JsonObject *recovery = genvid_json_object (source->call->spec, "recovery");
  JsonObject *rule = genvid_json_object (recovery, "duplicate");

  return rule && error_holds (source, rule);
}

static void
read_refusal (GenvidCallSource *source)
{
  GenvidReply *reply = source->reply;
  guint status = source->answer->status;

  reply->refusal = find_reason (source);
  if (reply->refusal == GENVID_REASON_NONE)
    reply->refusal = judge_status (source);
  if (source->kind == GENVID_EXCHANGE_SUBMIT && status < 500 && status != 408
      && status != 409)
    reply->billed = GENVID_BILLED_NO;
  reply->duplicate
      = source->kind == GENVID_EXCHANGE_SUBMIT && is_duplicate (source);
}

/* Some services refuse with a 200. Only a rule proves that nothing was taken,
 * and only where the answer names no generation. */
static void
read_proof (GenvidCallSource *source)
{
  JsonObject *submit = genvid_json_object (source->call->spec, "submit");
  g_autoptr (GList) rules = genvid_description_list (submit, "refused");
  g_autoptr (JsonNode) id
      = genvid_call_source_find_first (source, source->spec, "id");
  g_autofree char *word = NULL;

  for (GList *l = rules; l && source->root && !id; l = l->next) {
    JsonObject *rule = json_node_get_object (l->data);

    if (!genvid_call_source_holds (source, rule, NULL, &word))
      continue;
    source->reply->unbought = TRUE;
    source->reply->billed = GENVID_BILLED_NO;
    source->reply->refusal
        = genvid_reason_from_string (genvid_json_string (rule, "is", NULL));
    if (source->reply->refusal == GENVID_REASON_NONE)
      source->reply->refusal = find_reason (source);
    if (source->reply->refusal == GENVID_REASON_NONE)
      source->reply->refusal = GENVID_REASON_REJECTED;
    return;
  }
}

/* Money, time and the rest. */

/* What COST finds, in its currency; negative: nothing. */
static double
find_amount (const GenvidCallSource *source, JsonObject *cost)
{
  g_autoptr (JsonNode) node
      = genvid_call_source_find_first (source, cost, "path");
  double scale = genvid_json_double (cost, "scale", 1);
  double amount;

  if (!genvid_json_scalar_number (node, &amount) || !(scale > 0))
    return -1;
  return amount / scale * genvid_json_double (cost, "price", 1);
}

static void
read_cost (GenvidCallSource *source)
{
  g_autoptr (GList) costs = genvid_description_list (source->spec, "cost");

  for (GList *l = costs; l; l = l->next) {
    JsonObject *cost = json_node_get_object (l->data);
    double amount = find_amount (source, cost);

    if (!(amount >= 0))
      continue;
    source->reply->cost = amount;
    source->reply->currency
        = g_strdup (genvid_json_string (cost, "currency", NULL));
    source->reply->main_currency = g_strdup (genvid_json_string (
        json_node_get_object (costs->data), "currency", NULL));
    return;
  }
}

static void
read_estimate (GenvidCallSource *source)
{
  g_autoptr (GList) rows = genvid_description_list (source->spec, "estimate");
  double usd = -1;

  for (GList *l = rows; l && usd < 0; l = l->next) {
    JsonObject *row = json_node_get_object (l->data);

    usd = genvid_provider_to_usd (source->call->provider,
                                  find_amount (source, row),
                                  genvid_json_string (row, "currency", "USD"));
  }
  source->reply->estimate = usd;
}

static void
read_queue (GenvidCallSource *source)
{
  g_autoptr (JsonNode) node
      = genvid_call_source_find_first (source, source->spec, "queue");
  double place;

  if (genvid_json_scalar_number (node, &place) && place >= 0
      && place < G_MAXINT)
    source->reply->queue = (int)place;
}

static void
read_poll_after (GenvidCallSource *source)
{
  JsonObject *hint = genvid_json_object (source->spec, "poll-after");
  g_autoptr (JsonNode) node
      = genvid_call_source_find_first (source, hint, "path");
  double unit = g_str_equal (genvid_json_string (hint, "unit", "s"), "ms")
                    ? 1000
                    : G_USEC_PER_SEC;
  double after;

  if (genvid_json_scalar_number (node, &after) && after >= 0 && after < 1e9)
    source->reply->poll_after = (gint64)(after * unit);
}

static void
read_progress (GenvidCallSource *source)
{
  JsonObject *progress = genvid_json_object (source->spec, "progress");
  g_autoptr (JsonNode) node
      = genvid_call_source_find_first (source, progress, "path");
  double scale = genvid_json_double (progress, "scale", 100);
  double value;

  if (genvid_json_scalar_number (node, &value) && scale > 0)
    source->reply->progress = (int)CLAMP (value * 100 / scale, 0, 100);
}

/* A text of ISO 8601, or seconds or milliseconds since the epoch. */
static gint64
read_moment (const GenvidCallSource *source, const char *key)
{
  g_autoptr (JsonNode) node
      = genvid_call_source_find_first (source, source->spec, key);
  g_autofree char *text = genvid_json_scalar_text (node);
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) moment = NULL;
  double number;

  if (!text)
    return 0;
  moment = g_date_time_new_from_iso8601 (text, utc);
  if (moment)
    return g_date_time_to_unix (moment) * G_USEC_PER_SEC
           + g_date_time_get_microsecond (moment);
  if (!genvid_json_scalar_number (node, &number) || number <= 0
      || number > 1e14)
    return 0;
  return (gint64)(number > 1e11 ? number * 1000 : number * G_USEC_PER_SEC);
}

/* A word of its own on the bill: of an end that no document tells about, no
 * general word holds, nor does a price of nothing. */
static GenvidBilled
judge_told_bill (const GenvidCallSource *source, const char *told)
{
  GenvidBilled billed = genvid_billed_from_string (told);

  return billed == GENVID_BILLED_UNKNOWN && source->reply->cost > 0
             ? GENVID_BILLED_YES
             : billed;
}

/* What such an end costs in general. */
static GenvidBilled
find_failure_billing (const GenvidCallSource *source)
{
  JsonObject *spec = source->call->spec;
  g_autoptr (JsonObject) values = NULL;
  g_autoptr (GList) rows = NULL;
  const char *outcome = genvid_phase_to_string (source->reply->phase);

  if (!genvid_json_array (spec, "failure-billing"))
    return genvid_provider_get_failure_billing (source->call->provider);
  values = genvid_call_make_priced (source->call);
  rows = genvid_description_list (spec, "failure-billing");
  for (GList *l = rows; l; l = l->next) {
    JsonObject *row = json_node_get_object (l->data);

    if (g_str_equal (genvid_json_string (row, "outcome", outcome), outcome)
        && genvid_condition_holds (row, values, FALSE))
      return genvid_billed_from_string (
          genvid_json_string (row, "billed", NULL));
  }
  return GENVID_BILLED_UNKNOWN;
}

static GenvidBilled
judge_bill (const GenvidCallSource *source)
{
  JsonObject *cancel = genvid_json_object (source->call->spec, "cancel");
  const char *told = genvid_json_string (source->state, "billed", NULL);
  GenvidBilled billed = GENVID_BILLED_UNKNOWN;

  if (!told && source->reply->phase >= GENVID_PHASE_FAILED)
    told = genvid_json_string (find_error (source), "billed", NULL);
  if (told)
    return judge_told_bill (source, told);
  switch (source->reply->phase) {
  case GENVID_PHASE_SUCCEEDED:
    return GENVID_BILLED_YES;
  case GENVID_PHASE_FAILED:
  case GENVID_PHASE_REFUSED:
    billed = find_failure_billing (source);
    break;
  case GENVID_PHASE_CANCELLED:
    billed = genvid_billed_from_string (
        genvid_json_string (cancel, "billed", NULL));
    break;
  case GENVID_PHASE_UNKNOWN:
  case GENVID_PHASE_MISSING:
  case GENVID_PHASE_QUEUED:
  case GENVID_PHASE_RUNNING:
  default:
    return GENVID_BILLED_UNKNOWN;
  }
  if (billed == GENVID_BILLED_UNKNOWN && source->reply->cost >= 0)
    billed = source->reply->cost > 0 ? GENVID_BILLED_YES : GENVID_BILLED_NO;
  return billed;
}

/* Texts are cleaned, so a signed link loses its query; structures become
 * text. */
static JsonNode *
make_detail (const GenvidCallSource *source, JsonNode *node)
{
  g_autofree char *text = NULL;
  g_autofree char *shown = NULL;

  if (JSON_NODE_HOLDS_VALUE (node)
      && json_node_get_value_type (node) != G_TYPE_STRING)
    return json_node_copy (node);
  text = JSON_NODE_HOLDS_VALUE (node) ? g_strdup (json_node_get_string (node))
                                      : genvid_json_to_text (node);
  shown = genvid_text_clean (text, -1, source->call->key);
  return shown ? json_node_init_string (json_node_alloc (), shown) : NULL;
}

static JsonNode *
find_detail (const GenvidCallSource *source, JsonObject *details,
             const char *name)
{
  g_autoptr (GList) candidates = genvid_description_list (details, name);

  for (GList *l = candidates; l; l = l->next) {
    g_autoptr (JsonNode) node
        = genvid_call_source_find (source, json_node_get_string (l->data));
    JsonNode *detail = node ? make_detail (source, node) : NULL;

    if (detail)
      return detail;
  }
  return NULL;
}

static void
read_details (GenvidCallSource *source)
{
  JsonObject *details = genvid_json_object (source->spec, "details");
  g_autoptr (GList) names = details ? json_object_get_members (details) : NULL;

  for (GList *l = names; l; l = l->next) {
    JsonNode *detail = find_detail (source, details, l->data);

    if (detail)
      json_object_set_member (source->reply->details, l->data, detail);
  }
}

static void
read_captures (GenvidCallSource *source)
{
  JsonObject *captures = genvid_json_object (source->spec, "captures");
  g_autoptr (GList) names
      = captures ? json_object_get_members (captures) : NULL;

  for (GList *l = names; l; l = l->next) {
    JsonNode *node = genvid_call_source_find_first (source, captures, l->data);
    g_autofree char *text = genvid_json_scalar_text (node);

    if (genvid_secret_is_in (text, source->call->key))
      g_clear_pointer (&node, json_node_unref);
    if (!node)
      continue;
    json_object_set_member (source->reply->captures, l->data, node);
    json_object_set_member (source->call->captures, l->data,
                            json_node_copy (node));
  }
}

static void
read_link (GenvidCallSource *source)
{
  g_autofree char *link = genvid_call_source_find_text (source, "link");
  g_autofree char *scheme
      = link ? g_uri_parse_scheme (g_strstrip (link)) : NULL;

  if (!link || scheme || !source->call->base_url)
    source->reply->link = scheme ? g_steal_pointer (&link) : NULL;
  else
    source->reply->link = g_uri_resolve_relative (source->call->base_url, link,
                                                  G_URI_FLAGS_ENCODED, NULL);
}

static void
read_generation (GenvidCallSource *source)
{
  GenvidReply *reply = source->reply;

  read_id (source, source->spec);
  read_phase (source);
  if (reply->phase == GENVID_PHASE_FAILED
      && find_reason (source) == GENVID_REASON_REFUSED)
    reply->phase = GENVID_PHASE_REFUSED;
  read_progress (source);
  read_link (source);
  read_cost (source);
  read_estimate (source);
  read_queue (source);
  read_poll_after (source);
  reply->created_us = read_moment (source, "created");
  reply->completed_us = read_moment (source, "completed");
  reply->billed = judge_bill (source);
  read_details (source);
  read_captures (source);
}

/* Takes NODE, the only row. */
static JsonNode *
wrap (JsonNode *node)
{
  JsonArray *array = json_array_new ();
  JsonNode *rows = json_node_new (JSON_NODE_ARRAY);

  json_array_add_element (array, node);
  json_node_take_array (rows, array);
  return rows;
}

/* The row of a lookup that has our own value. */
static gboolean
read_row (GenvidCallSource *source, GError **error)
{
  JsonObject *lookup = genvid_json_object (source->call->spec, "lookup");
  g_autoptr (JsonObject) scope = genvid_call_make_scope (source->call, NULL);
  const GenvidScope ours
      = { scope, genvid_json_object (source->call->spec, "tables") };
  g_autofree char *value = genvid_template_text (
      genvid_json_string (lookup, "value", ""), &ours, FALSE, NULL);
  g_autoptr (JsonNode) rows = genvid_call_source_find (
      source, genvid_json_string (lookup, "rows", "$"));
  const char *match = genvid_json_string (lookup, "match", "$");
  JsonArray *array;

  if (rows && JSON_NODE_HOLDS_OBJECT (rows))
    rows = wrap (g_steal_pointer (&rows));
  if (!rows || !JSON_NODE_HOLDS_ARRAY (rows)) {
    g_set_error (error, GENVID_ERROR, GENVID_REASON_BAD_ANSWER,
                 "The lookup response has no list");
    return FALSE;
  }
  array = json_node_get_array (rows);
  for (guint i = 0; value && i < json_array_get_length (array); i++) {
    GenvidCallSource row = *source;
    g_autoptr (JsonNode) found = NULL;
    g_autofree char *text = NULL;

    row.root = json_array_get_element (array, i);
    found = genvid_call_source_find (&row, match);
    text = genvid_json_scalar_text (found);
    if (g_strcmp0 (text, value) != 0)
      continue;
    read_id (&row, lookup);
    break;
  }
  return TRUE;
}

/* What the exchange after this one sends back; NULL where it is not of the
 * right form, or has the key in it. */
static JsonNode *
find_fields (const GenvidCallSource *source, const char *path)
{
  g_autoptr (JsonNode) node = genvid_call_source_find (source, path);
  g_autofree char *text = NULL;

  if (!node || !JSON_NODE_HOLDS_OBJECT (node))
    return NULL;
  text = genvid_json_to_text (node);
  return genvid_secret_is_in (text, source->call->key)
             ? NULL
             : g_steal_pointer (&node);
}

/* Where the bytes of an upload go, and what they will be called. */
static void
read_grant (GenvidCallSource *source)
{
  JsonObject *upload = genvid_json_object (source->call->spec, "upload");
  JsonObject *then = genvid_json_object (upload, "then");
  const char *path = genvid_json_string (then, "fields", NULL);
  g_autoptr (JsonNode) url
      = genvid_call_source_find_first (source, then, "url");
  g_autofree char *text = genvid_json_scalar_text (url);
  JsonObject *captures = source->reply->captures;
  JsonNode *fields = path ? find_fields (source, path) : NULL;

  if (!then)
    return;
  if (!json_object_has_member (then, "id"))
    read_id (source, upload);
  if (fields)
    json_object_set_member (captures, "fields", fields);
  if (text && !refuse_keyed (source, text) && (fields || !path)
      && (json_object_has_member (then, "id")
          || json_object_has_member (captures, "id")))
    genvid_json_set (captures, "url", text);
}

/* Its id was said before, or is now. */
static void
read_upload (GenvidCallSource *source)
{
  JsonObject *upload = genvid_json_object (source->call->spec, "upload");
  JsonObject *then = genvid_json_object (upload, "then");
  JsonObject *grant = source->call->grant;

  if (!then || !grant || json_object_has_member (then, "id"))
    read_id (source, then ? then : upload);
  else
    json_object_set_member (
        source->reply->captures, "id",
        json_node_copy (json_object_get_member (grant, "id")));
}

static gboolean
read_success (GenvidCallSource *source, GError **error)
{
  switch (source->kind) {
  case GENVID_EXCHANGE_GRANT:
    read_grant (source);
    return TRUE;
  case GENVID_EXCHANGE_UPLOAD:
    read_upload (source);
    return TRUE;
  case GENVID_EXCHANGE_LOOKUP:
    return read_row (source, error);
  case GENVID_EXCHANGE_SUBMIT:
    read_generation (source);
    read_proof (source);
    return TRUE;
  case GENVID_EXCHANGE_POLL:
  case GENVID_EXCHANGE_RESULT:
  case GENVID_EXCHANGE_MEDIA:
  case GENVID_EXCHANGE_CANCEL:
  default:
    read_generation (source);
    return TRUE;
  }
}

static JsonNode *
parse (const GenvidAnswer *answer, GError **error)
{
  gsize length;
  const char *body = g_bytes_get_data (answer->body, &length);

  if (!answer->truncated)
    return genvid_json_reader_parse_answer (body, length, error);
  g_set_error (error, GENVID_ERROR, GENVID_REASON_BAD_ANSWER,
               "it is longer than %d bytes", GENVID_JSON_MAX_BYTES);
  return NULL;
}

/* A refused poll may still say what became of the generation. */
static gboolean
speaks_of_generation (GenvidCallSource *source)
{
  if (source->kind != GENVID_EXCHANGE_POLL
      && source->kind != GENVID_EXCHANGE_RESULT)
    return FALSE;
  read_phase (source);
  return source->reply->phase != GENVID_PHASE_UNKNOWN;
}

/* An answer without a readable body still counts where its headers or its
 * status alone say enough. */
static gboolean
says_enough (const GenvidCallSource *source)
{
  const GenvidReply *reply = source->reply;

  return reply->phase != GENVID_PHASE_UNKNOWN || source->answer->media > 0
         || (source->kind == GENVID_EXCHANGE_SUBMIT && reply->id)
         || (source->kind == GENVID_EXCHANGE_UPLOAD
             && json_object_has_member (reply->captures, "id"));
}

static JsonObject *
choose_spec (GenvidCall *call, GenvidExchangeKind kind)
{
  return genvid_json_object (kind == GENVID_EXCHANGE_RESULT
                                 ? genvid_json_object (call->spec, "result")
                                 : call->spec,
                             "reply");
}

GenvidReply *
genvid_call_read (GenvidCall *call, GenvidExchangeKind kind,
                  const GenvidAnswer *answer, GError **error)
{
  g_autoptr (GenvidReply) reply = genvid_reply_new ();
  g_autoptr (GError) problem = NULL;
  g_autoptr (JsonNode) root = NULL;
  GenvidCallSource source
      = { call, kind, answer, NULL, choose_spec (call, kind), reply };

  if (answer->kind != GENVID_ANSWER_REPLY) {
    g_set_error (error, GENVID_ERROR, GENVID_REASON_UNREACHABLE,
                 "No response: %s", answer->error ? answer->error : "unknown");
    return NULL;
  }
  source.root = root = parse (answer, &problem);
  read_words (&source);
  if (!genvid_call_source_is_success (&source)) {
    read_refusal (&source);
    if (speaks_of_generation (&source))
      read_generation (&source);
    else
      read_details (&source);
    return g_steal_pointer (&reply);
  }
  if (!read_success (&source, error))
    return NULL;
  if (root || says_enough (&source))
    return g_steal_pointer (&reply);
  g_set_error (error, GENVID_ERROR, GENVID_REASON_BAD_ANSWER,
               "%s responded with HTTP %u and a body that cannot be read: %s",
               genvid_provider_get_title (call->provider), answer->status,
               problem->message);
  return NULL;
}
