/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Messages on the bus: progress, the element message, notes, the size and the
 * tags, each only when something has changed. create() decides when to look,
 * the engine what is true. */

#include "gstgenvidprogress.h"

#include <genvid/genvid-messages.h>
#include "byte-ranges.h"
#include "clip-status.h"
#include "failure.h"
#include "record.h"
#include "time-estimate.h"

#include "gstgenvidfailure.h"
#include "gstgenvidreports.h"

#define MAX_TITLE 100 /* characters; a longer prompt is a comment */
/* A little less than the second that a progress bar may expect. */
#define TICK (950 * G_TIME_SPAN_MILLISECOND)

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
  g_clear_pointer (&progress->status, genvid_clip_status_free);
}

/* The service's figure, or else the estimate. It never goes back, and is 100
 * only at the end. */
static int
move_percent (GstGenvidProgress *progress, const GenvidClipStatus *status)
{
  int percent = status->progress;

  if (percent <= 0 && genvid_clip_status_is_waiting (status))
    percent = genvid_time_estimate_percent (
        genvid_clip_status_get_elapsed (status), status->expected);
  progress->percent = MAX (progress->percent, MIN (percent, 99));
  return progress->percent;
}

static void
post_progress (GstGenvidProgress *progress, GstBaseSrc *source,
               GstProgressType type, const char *text, int percent)
{
  const GenvidClipStatus *status = progress->status;
  GstMessage *message = gst_message_new_progress (GST_OBJECT (source), type,
                                                  GENVID_PROGRESS_CODE, text);

  gst_structure_set (gst_message_writable_structure (message),
                     GENVID_PROGRESS_PERCENT, G_TYPE_INT,
                     CLAMP (percent, 0, 100), NULL);
  if (status != NULL && status->expected > 0)
    gst_structure_set (gst_message_writable_structure (message),
                       GENVID_FIELD_EXPECTED, G_TYPE_DOUBLE, status->expected,
                       NULL);
  if (status != NULL && status->queue_position >= 0)
    gst_structure_set (gst_message_writable_structure (message),
                       GENVID_FIELD_QUEUE_POSITION, G_TYPE_INT,
                       status->queue_position, NULL);
  gst_element_post_message (GST_ELEMENT (source), message);
}

static void
post_task (GstGenvidProgress *progress, GstBaseSrc *source,
           GstProgressType type)
{
  double elapsed = genvid_clip_status_get_elapsed (progress->status);
  g_autofree char *text
      = genvid_clip_status_describe (progress->status, elapsed);

  post_progress (progress, source, type, text,
                 move_percent (progress, progress->status));
  g_free (progress->text);
  progress->text = g_steal_pointer (&text);
  progress->elapsed = elapsed;
  progress->shown = g_get_monotonic_time ();
}

/* Nobody waits for a stored clip, so it has no task. That time has passed is no
 * news here: it is reported when it is due. */
static void
report_task (GstGenvidProgress *progress, GstBaseSrc *source,
             const GenvidClipStatus *status)
{
  g_autofree char *text = NULL;

  if ((status->state == GENVID_STATE_IDLE && status->uploading < 0)
      || status->origin == GENVID_ORIGIN_STORED
      || (status->whole && !progress->begun))
    return;
  if (!progress->begun) {
    progress->begun = progress->open = TRUE;
    post_task (progress, source, GST_PROGRESS_TYPE_START);
    return;
  }
  text = genvid_clip_status_describe (status, progress->elapsed);
  if (progress->open && g_strcmp0 (text, progress->text) != 0)
    post_task (progress, source, GST_PROGRESS_TYPE_CONTINUE);
}

void
gst_genvid_progress_report_time (GstGenvidProgress *progress,
                                 GstBaseSrc *source)
{
  if (g_get_monotonic_time () >= gst_genvid_progress_get_due (progress))
    post_task (progress, source, GST_PROGRESS_TYPE_CONTINUE);
}

static void
end_task (GstGenvidProgress *progress, GstBaseSrc *source, GstProgressType type,
          const char *text)
{
  if (!progress->open)
    return;
  progress->open = FALSE;
  post_progress (progress, source, type, text,
                 type == GST_PROGRESS_TYPE_COMPLETE ? 100 : progress->percent);
}

static GstStructure *
list_fields (const GenvidClipStatus *status)
{
  return gst_structure_new (
      GENVID_MESSAGE_GENERATION, GENVID_FIELD_STATE, G_TYPE_STRING,
      genvid_state_to_string (status->state), GENVID_FIELD_PROVIDER,
      G_TYPE_STRING, status->provider, GENVID_FIELD_MODEL, G_TYPE_STRING,
      status->model, GENVID_FIELD_GENERATION_ID, G_TYPE_STRING, status->id,
      GENVID_FIELD_PROGRESS, G_TYPE_INT, status->progress, GENVID_FIELD_COST,
      G_TYPE_DOUBLE, status->cost, GENVID_FIELD_CURRENCY, G_TYPE_STRING,
      status->currency, GENVID_FIELD_BILLED, G_TYPE_STRING,
      genvid_billed_to_string (status->billed), GENVID_FIELD_LOCATION,
      G_TYPE_STRING, status->location, GENVID_FIELD_ORIGIN, G_TYPE_STRING,
      genvid_origin_to_string (status->origin), GENVID_FIELD_CANCEL,
      G_TYPE_STRING, genvid_cancel_to_string (status->cancel),
      GENVID_FIELD_EXPECTED, G_TYPE_DOUBLE, status->expected,
      GENVID_FIELD_QUEUE_POSITION, G_TYPE_INT, status->queue_position, NULL);
}

static void
report_fields (GstGenvidProgress *progress, GstBaseSrc *source,
               const GenvidClipStatus *status)
{
  g_autoptr (GstStructure) fields = list_fields (status);
  GstStructure *copy;

  if (progress->fields != NULL
      && gst_structure_is_equal (fields, progress->fields))
    return;

  copy = gst_structure_copy (fields);
  gst_structure_set (copy, GENVID_FIELD_ELAPSED, G_TYPE_DOUBLE,
                     genvid_clip_status_get_elapsed (status), NULL);
  gst_element_post_message (
      GST_ELEMENT (source),
      gst_message_new_element (GST_OBJECT (source), copy));
  g_clear_pointer (&progress->fields, gst_structure_free);
  progress->fields = g_steal_pointer (&fields);
}

static void
notify_properties (GstBaseSrc *source, const GenvidClipStatus *old,
                   const GenvidClipStatus *status)
{
  for (guint report = 0; report < GST_GENVID_N_REPORTS; report++)
    if (gst_genvid_report_differs (old, status, report))
      gst_genvid_report_notify (G_OBJECT (source), report);
}

/* Why a clip cost nothing, or what went wrong and was repaired. gst-launch
 * shows the debug part only. */
static void
report_note (GstBaseSrc *source, const GenvidClipStatus *old,
             const GenvidClipStatus *status)
{
  if (status->note == NULL
      || g_strcmp0 (old != NULL ? old->note : NULL, status->note) == 0)
    return;
  gst_element_message_full (GST_ELEMENT (source), GST_MESSAGE_INFO,
                            GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
                            g_strdup (status->note), g_strdup (status->note),
                            "gstgenvidprogress.c", GST_FUNCTION, __LINE__);
}

static const char *
explain_cancel (const GenvidClipStatus *status)
{
  switch (status->cancel) {
  case GENVID_CANCEL_CANCELLED:
    return status->billed == GENVID_BILLED_NO
               ? "The generation was cancelled. It was not billed."
               : "The service cancelled the generation. It does not say "
                 "whether "
                 "it billed it.";
  case GENVID_CANCEL_REFUSED:
    return "The service refused to cancel the generation. It continues, and "
           "its clip is kept.";
  case GENVID_CANCEL_NOT_OFFERED:
    return "The service offers no cancel. The generation continues, and its "
           "clip is kept.";
  case GENVID_CANCEL_TOO_LATE:
    return "The clip was ready before it could be cancelled. It is kept.";
  case GENVID_CANCEL_UNKNOWN:
    return "The service did not answer the cancel. The generation may "
           "continue; its clip is kept.";
  case GENVID_CANCEL_NONE:
  case GENVID_CANCEL_ASKED:
  default:
    return NULL;
  }
}

/* The outcome of on-stop=cancel, in words. */
static void
report_cancel (GstBaseSrc *source, const GenvidClipStatus *old,
               const GenvidClipStatus *status)
{
  const char *text = explain_cancel (status);

  if (text == NULL || (old != NULL && old->cancel == status->cancel))
    return;
  gst_element_message_full (GST_ELEMENT (source), GST_MESSAGE_INFO,
                            GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
                            g_strdup (text), g_strdup (text),
                            "gstgenvidprogress.c", GST_FUNCTION, __LINE__);
}

gint64
gst_genvid_progress_get_due (const GstGenvidProgress *progress)
{
  return progress->open ? progress->shown + TICK : G_MAXINT64;
}

void
gst_genvid_progress_update (GstGenvidProgress *progress, GstBaseSrc *source,
                            GenvidClipStatus *status)
{
  g_autoptr (GenvidClipStatus) old = g_steal_pointer (&progress->status);

  progress->status = status;
  gst_genvid_progress_size (progress, source, status->size);
  report_task (progress, source, status);
  gst_genvid_progress_report_time (progress, source);
  report_fields (progress, source, status);
  report_note (source, old, status);
  report_cancel (source, old, status);
  notify_properties (source, old, status);
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
list_tags (const GenvidClipStatus *status, const char *prompt)
{
  g_autofree char *encoder
      = g_strjoin (" ", status->provider != NULL ? status->provider : "genvid",
                   status->model, NULL);
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
report_tags (GstBaseSrc *source, const GenvidClipStatus *status,
             const char *prompt)
{
  GstTagList *tags = list_tags (status, prompt);

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
            "the download of the clip has started");
  report_tags (source, progress->status, prompt);
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
                            GstGenvidLeaving leaving, const char *fingerprint)
{
  g_autofree char *text = NULL;

  if (leaving == GST_GENVID_LEAVING_CANCELS)
    text = g_strdup ("stopped waiting; the service is asked to cancel the "
                     "generation, unless somebody else waits for it");
  else
    text = g_strdup_printf (
        "stopped waiting%s; to get the clip without paying again, use the same "
        "settings or run \"genvid-store fetch %s\"",
        leaving == GST_GENVID_LEAVING_KEEPS
            ? ""
            : "; the service offers no cancel, so the generation continues",
        fingerprint);
  end_task (progress, source, GST_PROGRESS_TYPE_CANCELED, text);
}
