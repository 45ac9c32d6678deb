/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An input behind a link is fetched to a file first, be it uploaded or sent
 * with the submit; the id that a service gives an upload is remembered. */

#include "uploads.h"

#include "call-build.h"
#include "call.h"
#include "clip.h"
#include "clock.h"
#include "failure.h"
#include "http-client.h"
#include "job.h"
#include "json-reader.h"
#include "json.h"
#include "log.h"
#include "plan.h"
#include "remote-input.h"
#include "request.h"
#include "store-entry.h"
#include "store.h"

#include <json-glib/json-glib.h>

struct _GenvidUploads {
  GenvidPlan *plan;
  GenvidCall *call;
  GenvidJob *job;
  GenvidStoreEntry *entry;
  GenvidClip *clip;
  GenvidRemoteInput *file; /* of the next upload; nullable */
  guint index;             /* its input */
  GPtrArray *inlines;      /* of GenvidRemoteInput: those in the submit */
};

/* --- Which pictures a service has already. The store remembers each under the
 * URL of the upload and the hash of its bytes; the value is the id as JSON,
 * since services care whether it is a number or a string; where the service
 * forgets it, with the time until which it is good. --- */

/* What is kept of an id that the service forgets: the id, and until when. */
static char *
write_entry (JsonNode *id, guint life)
{
  g_autoptr (JsonObject) entry = NULL;
  g_autoptr (JsonNode) node = NULL;

  if (life == 0)
    return genvid_json_to_text (id);
  entry = json_object_new ();
  json_object_set_member (entry, "id", json_node_copy (id));
  json_object_set_int_member (entry, "until",
                              genvid_clock_now ().wall / G_USEC_PER_SEC + life);
  node = json_node_init_object (json_node_alloc (), entry);
  return genvid_json_to_text (node);
}

/* NULL: there is none, or none that is still good. A clock that was set back
 * makes none younger. */
static JsonNode *
read_entry (const char *text, guint life)
{
  g_autoptr (JsonNode) node
      = genvid_json_reader_parse (text, strlen (text), NULL);
  gint64 now = genvid_clock_now ().wall / G_USEC_PER_SEC;
  JsonObject *entry;
  gint64 until;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return life == 0 ? g_steal_pointer (&node) : NULL;
  entry = json_node_get_object (node);
  until = genvid_json_int (entry, "until", 0);
  if (now >= until || until - now > life
      || !json_object_has_member (entry, "id"))
    return NULL;
  return json_node_copy (json_object_get_member (entry, "id"));
}

static void
recall_one (const GenvidPlan *plan, GenvidCall *call, guint index)
{
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) id = NULL;

  if (genvid_call_get_upload_id (call, index) == NULL)
    name = genvid_call_name_upload (call, index);
  if (name != NULL)
    text = genvid_store_recall (plan->store, "uploads", name);
  if (text != NULL)
    id = read_entry (text, genvid_call_get_upload_life (call));
  if (id != NULL)
    genvid_call_set_upload_id (call, index, id);
}

void
genvid_uploads_recall (const GenvidPlan *plan, GenvidCall *call)
{
  for (guint i = 0; i < genvid_call_get_n_uploads (call); i++)
    recall_one (plan, call, i);
}

void
genvid_uploads_remember (const GenvidPlan *plan, GenvidCall *call)
{
  for (guint i = 0; i < genvid_call_get_n_uploads (call); i++) {
    JsonNode *id = genvid_call_get_upload_id (call, i);
    g_autofree char *name = NULL;
    g_autofree char *text = NULL;

    if (id == NULL)
      continue;
    name = genvid_call_name_upload (call, i);
    text = write_entry (id, genvid_call_get_upload_life (call));
    /* At worst the picture is uploaded again. */
    if (name != NULL)
      genvid_store_remember (plan->store, "uploads", name, text, NULL);
  }
}

void
genvid_uploads_forget (const GenvidPlan *plan, GenvidCall *call)
{
  for (guint i = 0; i < genvid_call_get_n_uploads (call); i++) {
    g_autofree char *name = genvid_call_name_upload (call, i);

    if (name != NULL)
      genvid_store_remember (plan->store, "uploads", name, "", NULL);
  }
}

/* --- */

GenvidUploads *
genvid_uploads_new (GenvidPlan *plan, GenvidCall *call, GenvidJob *job,
                    GenvidStoreEntry *entry, GenvidClip *clip)
{
  GenvidUploads *uploads = g_new0 (GenvidUploads, 1);

  uploads->plan = plan;
  uploads->call = call;
  uploads->job = job;
  uploads->entry = entry;
  uploads->clip = clip;
  uploads->inlines = g_ptr_array_new_with_free_func (
      (GDestroyNotify)genvid_remote_input_free);
  return uploads;
}

void
genvid_uploads_free (GenvidUploads *uploads)
{
  if (uploads == NULL)
    return;
  genvid_remote_input_free (uploads->file);
  g_ptr_array_unref (uploads->inlines);
  g_free (uploads);
}

/* The first input of a submit that is still a link. */
static gboolean
find_missing (GenvidUploads *uploads, guint *index)
{
  guint n = genvid_call_get_n_inlines (uploads->call);

  if (!genvid_job_is_submitting (uploads->job))
    return FALSE;
  for (*index = 0; *index < n; (*index)++)
    if (genvid_call_get_inline_file (uploads->call, *index) == NULL)
      return TRUE;
  return FALSE;
}

gboolean
genvid_uploads_lack_file (GenvidUploads *uploads)
{
  guint index;
  gboolean more = genvid_job_get_upload (uploads->job, &index);

  if (more && uploads->file != NULL && uploads->index == index)
    return FALSE;
  g_clear_pointer (&uploads->file, genvid_remote_input_free);
  if (!more)
    return find_missing (uploads, &index);
  return genvid_call_get_upload (uploads->call, index)->kind
         == GENVID_INPUT_LINK;
}

/* NULL, with a failure: the call does not take what came. */
static GenvidRemoteInput *
refuse_file (GenvidRemoteInput *input, GError *error, GenvidFailure **failure)
{
  *failure = genvid_failure_new_from_error (error, GENVID_REASON_SETTINGS);
  (*failure)->billed = GENVID_BILLED_NO;
  g_error_free (error);
  genvid_remote_input_free (input);
  return NULL;
}

static GenvidFailure *
fetch_upload (GenvidUploads *uploads, GenvidHttpClient *http, guint index)
{
  const GenvidInput *input = genvid_call_get_upload (uploads->call, index);
  guint64 max = genvid_call_get_upload_max (uploads->call, index);
  GenvidFailure *failure = NULL;
  GError *error = NULL;

  uploads->file = genvid_remote_input_fetch (http, uploads->entry, input->value,
                                             max, &failure);
  if (uploads->file != NULL
      && !genvid_call_set_upload_file (
          uploads->call, index, genvid_remote_input_get_file (uploads->file),
          &error))
    uploads->file = refuse_file (uploads->file, error, &failure);
  if (uploads->file == NULL)
    return failure;
  uploads->index = index;
  /* The service may have the same picture under another name. */
  recall_one (uploads->plan, uploads->call, index);
  return NULL;
}

static GenvidFailure *
fetch_inline (GenvidUploads *uploads, GenvidHttpClient *http, guint index)
{
  const GenvidInput *input = genvid_call_get_inline (uploads->call, index);
  guint64 max = genvid_call_get_inline_max (uploads->call, index);
  GenvidFailure *failure = NULL;
  GError *error = NULL;
  GenvidRemoteInput *file = genvid_remote_input_fetch (
      http, uploads->entry, input->value, max, &failure);

  if (file != NULL
      && !genvid_call_set_inline_file (
          uploads->call, index, genvid_remote_input_get_file (file), &error))
    file = refuse_file (file, error, &failure);
  if (file == NULL)
    return failure;
  g_ptr_array_add (uploads->inlines, file);
  return NULL;
}

GenvidFailure *
genvid_uploads_fetch_file (GenvidUploads *uploads, GenvidHttpClient *http)
{
  GenvidFailure *failure = NULL;
  guint index;

  if (genvid_job_get_upload (uploads->job, &index))
    failure = fetch_upload (uploads, http, index);
  else if (find_missing (uploads, &index))
    failure = fetch_inline (uploads, http, index);
  if (failure == NULL)
    genvid_log (GENVID_LOG_ENGINE, GENVID_LOG_DEBUG, "%.8s: fetched input %u",
                uploads->plan->fingerprint, index + 1);
  return failure;
}

void
genvid_uploads_show_progress (guint64 sent, guint64 total, gpointer data)
{
  GenvidUploads *uploads = data;

  genvid_clip_publish_upload (uploads->clip,
                              total > 0 ? (int)(sent * 100 / total) : 0);
}

void
genvid_uploads_end (GenvidUploads *uploads)
{
  genvid_clip_publish_upload (uploads->clip, -1);
  genvid_uploads_remember (uploads->plan, uploads->call);
  /* The next input may be the same picture. */
  genvid_uploads_recall (uploads->plan, uploads->call);
}
