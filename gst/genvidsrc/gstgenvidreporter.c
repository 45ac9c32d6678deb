/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the alarm of a play does. It holds no element: a play that can be
 * reported is one that has not been stopped, and a stop waits. */

#include "gstgenvidreporter.h"

#include "client.h"
#include "gstgenvidbuffering.h"

/* How soon a player is told that its line is too slow, or no longer. */
#define LOOK (200 * G_TIME_SPAN_MILLISECOND)
/* A stop waits no longer for its last message. */
#define LAST_MESSAGE (50 * G_TIME_SPAN_MILLISECOND)

static GMutex lock; /* a leaf */
static GCond ended; /* a last message was posted */

static void
report (GstGenvidPlay *play)
{
  const GenvidClipStatus *known;
  GstBaseSrc *source;

  if (!gst_genvid_play_begin_report (play, GST_GENVID_TURN_NOW))
    return;
  /* Alive until the report ends, unless a handler of a message drops it. */
  source = gst_object_ref (play->source);
  known = play->progress.status;
  /* The first report is create()'s. Many wait, and mostly time alone passes. */
  if (known != NULL && known->serial == genvid_client_get_serial (play->client))
    gst_genvid_play_report_time (play, source);
  else if (known != NULL)
    gst_genvid_play_report (play, source,
                            genvid_client_snapshot (play->client));
  gst_object_unref (source);
  gst_genvid_play_end_report (play);
}

/* Not in a report, which create() and a stop wait for: in playbin3, a handler
 * of these messages takes a lock under which the element may be stopped. */
static void
report_buffering (GstGenvidPlay *play)
{
  g_autoptr (GstElement) source = g_weak_ref_get (&play->element);
  gboolean active, changed;
  int percent;

  if (source == NULL)
    return;
  percent = gst_genvid_buffering_look (play, source, &active);
  g_mutex_lock (&lock);
  changed = !play->quiet && percent != play->percent;
  if (changed)
    play->percent = percent;
  g_mutex_unlock (&lock);
  if (active)
    gst_genvid_alarm_set (&play->alarm, g_get_monotonic_time () + LOOK);
  if (changed)
    gst_element_post_message (
        source, gst_genvid_buffering_new_message (play, source, percent));
}

static void
post_last_buffering (GstGenvidPlay *play)
{
  g_autoptr (GstElement) source = g_weak_ref_get (&play->element);

  if (source != NULL)
    gst_element_post_message (
        source, gst_message_new_buffering (GST_OBJECT (source), 100));
}

static void
end_buffering (GstGenvidPlay *play)
{
  gboolean lingers;

  post_last_buffering (play);
  g_mutex_lock (&lock);
  play->percent = 100;
  lingers = play->lingers;
  g_cond_broadcast (&ended);
  g_mutex_unlock (&lock);
  if (!lingers)
    return;
  gst_genvid_alarm_remove (&play->alarm);
  gst_genvid_play_unref (play);
}

static void
on_alarm (gpointer data)
{
  GstGenvidPlay *play = data;
  gboolean quiet, ends;

  report (play);
  g_mutex_lock (&lock);
  quiet = play->quiet;
  ends = quiet && play->percent < 100;
  g_mutex_unlock (&lock);
  if (ends)
    end_buffering (play);
  else if (!quiet)
    report_buffering (play);
}

void
gst_genvid_reporter_add (GstGenvidPlay *play, GstBaseSrc *source)
{
  play->source = source;
  g_weak_ref_set (&play->element, source);
  play->alarm.call = on_alarm;
  gst_genvid_alarm_add (&play->alarm);
  genvid_client_watch (play->client, gst_genvid_play_note, play);
}

void
gst_genvid_reporter_remove (GstGenvidPlay *play)
{
  gboolean ends;

  genvid_client_watch (play->client, NULL, NULL);
  g_mutex_lock (&lock);
  ends = play->quiet && play->percent < 100;
  if (ends && !play->lingers)
    gst_genvid_play_ref (play);
  play->lingers = ends;
  g_mutex_unlock (&lock);
  if (!ends)
    gst_genvid_alarm_remove (&play->alarm);
}

void
gst_genvid_reporter_end_buffering (GstGenvidPlay *play)
{
  gint64 until = g_get_monotonic_time () + LAST_MESSAGE;
  gboolean mine = gst_genvid_alarm_is_calling ();
  gboolean ends;

  g_mutex_lock (&lock);
  play->quiet = TRUE;
  ends = play->percent < 100;
  g_mutex_unlock (&lock);
  if (!ends)
    return;
  if (mine) {
    end_buffering (play);
    return;
  }
  gst_genvid_play_note (play);
  g_mutex_lock (&lock);
  while (play->percent < 100 && g_cond_wait_until (&ended, &lock, until))
    ;
  g_mutex_unlock (&lock);
}
