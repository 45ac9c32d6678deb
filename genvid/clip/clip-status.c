/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "clip-status.h"

#include "clock.h"
#include "failure.h"
#include "json.h"

#include <json-glib/json-glib.h>

const char *
genvid_origin_to_string (GenvidOrigin origin)
{
  switch (origin) {
  case GENVID_ORIGIN_SHARED:
    return "shared";
  case GENVID_ORIGIN_STORED:
    return "stored";
  default:
    return "bought";
  }
}

void
genvid_clip_status_own_details (GenvidClipStatus *snapshot)
{
  JsonObject *details = snapshot->details;

  if (details == NULL)
    return;
  snapshot->details = genvid_json_copy_whole_object (details);
  json_object_unref (details);
}

GenvidClipStatus *
genvid_clip_status_copy (const GenvidClipStatus *snapshot)
{
  GenvidClipStatus *copy = g_new (GenvidClipStatus, 1);

  *copy = *snapshot;
  copy->provider = g_strdup (snapshot->provider);
  copy->model = g_strdup (snapshot->model);
  copy->id = g_strdup (snapshot->id);
  copy->currency = g_strdup (snapshot->currency);
  copy->location = g_strdup (snapshot->location);
  copy->host = g_strdup (snapshot->host);
  copy->note = g_strdup (snapshot->note);
  if (snapshot->failure != NULL)
    copy->failure = genvid_failure_copy (snapshot->failure);
  if (snapshot->details != NULL)
    copy->details = genvid_json_copy_whole_object (snapshot->details);
  return copy;
}

void
genvid_clip_status_free (GenvidClipStatus *snapshot)
{
  if (snapshot == NULL)
    return;
  g_free (snapshot->provider);
  g_free (snapshot->model);
  g_free (snapshot->id);
  g_free (snapshot->currency);
  g_free (snapshot->location);
  g_free (snapshot->host);
  g_free (snapshot->note);
  g_clear_pointer (&snapshot->failure, genvid_failure_free);
  g_clear_pointer (&snapshot->details, json_object_unref);
  g_free (snapshot);
}

static gboolean
is_same_failure (const GenvidFailure *a, const GenvidFailure *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return a->reason == b->reason && a->billed == b->billed
         && a->retryable == b->retryable && a->http_status == b->http_status
         && g_strcmp0 (a->message, b->message) == 0
         && g_strcmp0 (a->advice, b->advice) == 0
         && g_strcmp0 (a->service_code, b->service_code) == 0
         && g_strcmp0 (a->generation_id, b->generation_id) == 0;
}

static gboolean
is_same_details (JsonObject *a, JsonObject *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return a == b || json_object_equal (a, b);
}

static gboolean
is_same_count (const GenvidClipStatus *a, const GenvidClipStatus *b)
{
  return a->submits == b->submits && a->polls == b->polls
         && a->uploads == b->uploads && a->connections == b->connections
         && a->resumes == b->resumes;
}

/* Serial and bytes present aside. */
gboolean
genvid_clip_status_equal (const GenvidClipStatus *a, const GenvidClipStatus *b)
{
  return a->state == b->state && a->progress == b->progress
         && a->queue_position == b->queue_position
         && a->uploading == b->uploading && a->started == b->started
         && a->cost == b->cost && a->billed == b->billed
         && a->cancel == b->cancel && a->origin == b->origin
         && a->bought == b->bought && a->size == b->size && a->whole == b->whole
         && a->index_last == b->index_last && a->duration == b->duration
         && is_same_count (a, b) && g_strcmp0 (a->provider, b->provider) == 0
         && g_strcmp0 (a->model, b->model) == 0 && g_strcmp0 (a->id, b->id) == 0
         && g_strcmp0 (a->currency, b->currency) == 0
         && g_strcmp0 (a->location, b->location) == 0
         && g_strcmp0 (a->host, b->host) == 0
         && g_strcmp0 (a->note, b->note) == 0
         && is_same_failure (a->failure, b->failure)
         && is_same_details (a->details, b->details);
}

gboolean
genvid_clip_status_is_waiting (const GenvidClipStatus *status)
{
  return status->state == GENVID_STATE_SUBMITTING
         || status->state == GENVID_STATE_QUEUED
         || status->state == GENVID_STATE_RUNNING;
}

gboolean
genvid_clip_status_is_arriving (const GenvidClipStatus *status)
{
  return !status->whole && status->failure == NULL
         && (status->state == GENVID_STATE_DOWNLOADING || status->present > 0);
}

double
genvid_clip_status_get_elapsed (const GenvidClipStatus *status)
{
  if (status->started == 0)
    return 0;
  return MAX (0, genvid_clock_now ().boot - status->started)
         / (double)G_USEC_PER_SEC;
}

char *
genvid_clip_status_describe (const GenvidClipStatus *status, double elapsed)
{
  GString *text = g_string_new (status->provider);

  if (status->model != NULL)
    g_string_append_printf (text, " %s", status->model);
  if (status->uploading >= 0) {
    g_string_append_printf (text, ": uploading, %d %%", status->uploading);
    return g_string_free (text, FALSE);
  }
  g_string_append_printf (text, ": %s", genvid_state_to_string (status->state));
  if (!genvid_clip_status_is_waiting (status))
    return g_string_free (text, FALSE);
  if (status->progress >= 0)
    g_string_append_printf (text, ", %d %%", status->progress);
  if (status->queue_position > 0)
    g_string_append_printf (text, ", %d ahead", status->queue_position);
  else if (status->queue_position == 0)
    g_string_append (text, ", next");
  if (elapsed >= 1)
    g_string_append_printf (text, ", %d s", (int)elapsed);
  if (elapsed >= 1 && status->expected > 0)
    g_string_append_printf (text, " of about %.0f s", status->expected);
  if (status->host != NULL)
    g_string_append_printf (text, ", made on host %s", status->host);

  return g_string_free (text, FALSE);
}
