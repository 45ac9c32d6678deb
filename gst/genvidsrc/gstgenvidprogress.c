/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One snapshot, three faces: PROGRESS messages, the element message, and the
 * read-only properties, plus what else is told once a clip (its size, its
 * tags, its one error). It decides what is new and how it reads; when to look
 * is create()'s business, and what is true is the run's. */

#include "gstgenvidprogress.h"

#include <genvid/genvid-messages.h>
#include "byte-ranges.h"
#include "clip-status.h"
#include "failure.h"
#include "record.h"

#include "gstgenvidfailure.h"
#include "gstgenvidproperties.h"
#include "gstgenvidreports.h"

#define MAX_TITLE 100 /* characters; a longer prompt is a comment */

void
gst_genvid_progress_init (GstGenvidProgress *progress)
{
  memset (progress, 0, sizeof *progress);
  progress->size = GENVID_SIZE_UNKNOWN;
}

void
gst_genvid_progress_clear (GstGenvidProgress *progress)
{
  g_clear_pointer (&progress->text, g_free);
  g_clear_pointer (&progress->fields, gst_structure_free);
  g_clear_pointer (&progress->told, genvid_clip_status_free);
}

static gboolean
is_waiting (const GenvidClipStatus *snapshot)
{
  return snapshot->state == GENVID_STATE_SUBMITTING
         || snapshot->state == GENVID_STATE_QUEUED
         || snapshot->state == GENVID_STATE_RUNNING;
}

/* "genpro kling-v2: running, 35 %"; an input on its way is all there is to
 * tell before the purchase. */
static char *
describe (const GenvidClipStatus *snapshot)
{
  GString *text = g_string_new (snapshot->provider);

  if (snapshot->model != NULL)
    g_string_append_printf (text, " %s", snapshot->model);
  if (snapshot->uploading >= 0) {
    g_string_append_printf (text, ": uploading, %d %%", snapshot->uploading);
    return g_string_free (text, FALSE);
  }
  g_string_append_printf (text, ": %s",
                          genvid_state_to_string (snapshot->state));
  if (is_waiting (snapshot) && snapshot->progress >= 0)
    g_string_append_printf (text, ", %d %%", snapshot->progress);
  else if (is_waiting (snapshot)
           && gst_genvid_report_get_elapsed (snapshot) >= 1)
    g_string_append_printf (text, ", %.0f s",
                            gst_genvid_report_get_elapsed (snapshot));

  return g_string_free (text, FALSE);
}

static void
post_progress (GstBaseSrc *source, GstProgressType type, const char *text,
               int percent)
{
  GstMessage *message = gst_message_new_progress (GST_OBJECT (source), type,
                                                  GENVID_PROGRESS_CODE, text);

  gst_structure_set (gst_message_writable_structure (message),
                     GENVID_PROGRESS_PERCENT, G_TYPE_INT,
                     CLAMP (percent, 0, 100), NULL);
  gst_element_post_message (GST_ELEMENT (source), message);
}

/* A clip that is there makes nobody wait, so it has no task. */
static void
tell_task (GstGenvidProgress *progress, GstBaseSrc *source,
           const GenvidClipStatus *snapshot)
{
  g_autofree char *text = NULL;

  if ((snapshot->state == GENVID_STATE_IDLE && snapshot->uploading < 0)
      || snapshot->origin == GENVID_ORIGIN_STORED
      || (snapshot->whole && !progress->begun))
    return;
  text = describe (snapshot);
  if (!progress->begun) {
    progress->begun = progress->open = TRUE;
    post_progress (source, GST_PROGRESS_TYPE_START, text, snapshot->progress);
  } else if (progress->open && g_strcmp0 (text, progress->text) != 0) {
    post_progress (source, GST_PROGRESS_TYPE_CONTINUE, text,
                   snapshot->progress);
  }
  g_free (progress->text);
  progress->text = g_steal_pointer (&text);
}

static void
end_task (GstGenvidProgress *progress, GstBaseSrc *source, GstProgressType type,
          const char *text)
{
  int percent = progress->told != NULL ? progress->told->progress : 0;

  if (!progress->open)
    return;
  progress->open = FALSE;
  post_progress (source, type, text,
                 type == GST_PROGRESS_TYPE_COMPLETE ? 100 : percent);
}

static GstStructure *
list_fields (const GenvidClipStatus *snapshot)
{
  return gst_structure_new (
      GENVID_MESSAGE_GENERATION, GENVID_FIELD_STATE, G_TYPE_STRING,
      genvid_state_to_string (snapshot->state), GENVID_FIELD_PROVIDER,
      G_TYPE_STRING, snapshot->provider, GENVID_FIELD_MODEL, G_TYPE_STRING,
      snapshot->model, GENVID_FIELD_GENERATION_ID, G_TYPE_STRING, snapshot->id,
      GENVID_FIELD_PROGRESS, G_TYPE_INT, snapshot->progress, GENVID_FIELD_COST,
      G_TYPE_DOUBLE, snapshot->cost, GENVID_FIELD_CURRENCY, G_TYPE_STRING,
      snapshot->currency, GENVID_FIELD_BILLED, G_TYPE_STRING,
      genvid_billed_to_string (snapshot->billed), GENVID_FIELD_LOCATION,
      G_TYPE_STRING, snapshot->location, GENVID_FIELD_ORIGIN, G_TYPE_STRING,
      genvid_origin_to_string (snapshot->origin), NULL);
}

static void
tell_element (GstGenvidProgress *progress, GstBaseSrc *source,
              const GenvidClipStatus *snapshot)
{
  g_autoptr (GstStructure) fields = list_fields (snapshot);
  GstStructure *copy;

  if (progress->fields != NULL
      && gst_structure_is_equal (fields, progress->fields))
    return;

  copy = gst_structure_copy (fields);
  gst_structure_set (copy, GENVID_FIELD_ELAPSED, G_TYPE_DOUBLE,
                     gst_genvid_report_get_elapsed (snapshot), NULL);
  gst_element_post_message (
      GST_ELEMENT (source),
      gst_message_new_element (GST_OBJECT (source), copy));
  g_clear_pointer (&progress->fields, gst_structure_free);
  progress->fields = g_steal_pointer (&fields);
}

static void
tell_properties (GstBaseSrc *source, const GenvidClipStatus *old,
                 const GenvidClipStatus *snapshot)
{
  for (guint report = 0; report < GST_GENVID_N_REPORTS; report++)
    if (gst_genvid_report_differs (old, snapshot, report))
      gst_genvid_src_notify (G_OBJECT (source), report);
}

/* A sentence for whoever looks: why a clip cost nothing, what went wrong on
 * the way and was mended. gst-launch shows the debug part only. */
static void
tell_note (GstBaseSrc *source, const GenvidClipStatus *old,
           const GenvidClipStatus *snapshot)
{
  if (snapshot->note == NULL
      || g_strcmp0 (old != NULL ? old->note : NULL, snapshot->note) == 0)
    return;
  gst_element_message_full (
      GST_ELEMENT (source), GST_MESSAGE_INFO, GST_RESOURCE_ERROR,
      GST_RESOURCE_ERROR_SETTINGS, g_strdup (snapshot->note),
      g_strdup (snapshot->note), "gstgenvidprogress.c", GST_FUNCTION, __LINE__);
}

void
gst_genvid_progress_tell (GstGenvidProgress *progress, GstBaseSrc *source,
                          GenvidClipStatus *snapshot)
{
  g_autoptr (GenvidClipStatus) old = g_steal_pointer (&progress->told);

  progress->told = snapshot;
  progress->serial = snapshot->serial;
  gst_genvid_progress_size (progress, source, snapshot->size);
  tell_task (progress, source, snapshot);
  tell_element (progress, source, snapshot);
  tell_note (source, old, snapshot);
  tell_properties (source, old, snapshot);
}

void
gst_genvid_progress_size (GstGenvidProgress *progress, GstBaseSrc *source,
                          guint64 size)
{
  if (size == GENVID_SIZE_UNKNOWN)
    return;

  GST_OBJECT_LOCK (source);
  source->segment.duration = size;
  GST_OBJECT_UNLOCK (source);
  if (size == progress->size)
    return;
  progress->size = size;
  gst_element_post_message (
      GST_ELEMENT (source),
      gst_message_new_duration_changed (GST_OBJECT (source)));
}

static GstTagList *
list_tags (const GenvidClipStatus *snapshot, const char *prompt)
{
  g_autofree char *encoder = g_strjoin (
      " ", snapshot->provider != NULL ? snapshot->provider : "genvid",
      snapshot->model, NULL);
  GstTagList *tags = gst_tag_list_new (GST_TAG_ENCODER, encoder,
                                       GST_TAG_KEYWORDS, GENVID_KEYWORD, NULL);

  gst_tag_list_set_scope (tags, GST_TAG_SCOPE_GLOBAL);
  if (prompt != NULL && prompt[0] != '\0')
    gst_tag_list_add (tags, GST_TAG_MERGE_APPEND,
                      g_utf8_strlen (prompt, -1) > MAX_TITLE ? GST_TAG_COMMENT
                                                             : GST_TAG_TITLE,
                      prompt, NULL);
  return tags;
}

/* On the bus, since in pull mode no event leaves a source; in push mode as an
 * event too, queued so that it comes after the segment. Not by
 * gst_element_send_event(): that takes the lock which a state change holds
 * while it waits for this very thread. */
static void
tell_tags (GstBaseSrc *source, const GenvidClipStatus *snapshot,
           const char *prompt)
{
  GstTagList *tags = list_tags (snapshot, prompt);

  if (GST_PAD_MODE (GST_BASE_SRC_PAD (source)) == GST_PAD_MODE_PUSH)
    GST_ELEMENT_GET_CLASS (source)->send_event (
        GST_ELEMENT (source), gst_event_new_tag (gst_tag_list_ref (tags)));
  gst_element_post_message (GST_ELEMENT (source),
                            gst_message_new_tag (GST_OBJECT (source), tags));
}

void
gst_genvid_progress_arrive (GstGenvidProgress *progress, GstBaseSrc *source,
                            const char *prompt)
{
  if (progress->arrived)
    return;
  progress->arrived = TRUE;
  end_task (progress, source, GST_PROGRESS_TYPE_COMPLETE,
            "the clip is arriving");
  tell_tags (source, progress->told, prompt);
}

void
gst_genvid_progress_fail (GstGenvidProgress *progress, GstBaseSrc *source,
                          const GenvidFailure *failure)
{
  gst_genvid_failure_post (failure, GST_ELEMENT (source));
  end_task (progress, source, GST_PROGRESS_TYPE_ERROR, failure->message);
}

void
gst_genvid_progress_cancel (GstGenvidProgress *progress, GstBaseSrc *source,
                            const char *fingerprint)
{
  g_autofree char *text
      = g_strdup_printf ("stopped waiting; the same settings, or "
                         "\"genvid-store fetch %s\", fetch the clip without "
                         "paying again",
                         fingerprint);

  end_task (progress, source, GST_PROGRESS_TYPE_CANCELED, text);
}
