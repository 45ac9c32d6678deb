/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One thread for all elements of the process. It holds no element: a play that
 * can be reported is one that has not been stopped, and a stop waits. */

#include "gstgenvidreporter.h"

#include <unistd.h>

#include "client.h"

/* A little less than the second that a progress bar may expect. */
#define TICK (950 * G_TIME_SPAN_MILLISECOND)

static struct {
  GMutex mutex; /* a leaf */
  GCond cond;
  GQueue plays;  /* of GstGenvidPlay, borrowed */
  gint64 tick;   /* monotonic: when time is shown next; 0: nobody waits */
  pid_t process; /* the one that has the thread; 0: none */
} reporter;

static void
report (GstGenvidPlay *play, gboolean tick)
{
  GstBaseSrc *source;

  if (!gst_genvid_play_begin_report (play, GST_GENVID_TURN_NOW))
    return;
  /* Alive until the report ends, unless a handler of a message drops it. */
  source = gst_object_ref (play->source);
  /* The first report is create()'s. */
  if (play->progress.status != NULL && tick)
    gst_genvid_progress_tick (&play->progress, source);
  else if (play->progress.status != NULL)
    gst_genvid_play_report (play, source,
                            genvid_client_snapshot (play->client));
  gst_object_unref (source);
  gst_genvid_play_end_report (play);
}

/* Under the mutex. Owned by the caller; nullable. */
static GQueue *
list_due (gboolean tick)
{
  GQueue *due = NULL;

  for (GList *l = reporter.plays.head; l != NULL; l = l->next) {
    GstGenvidPlay *play = l->data;

    if (!play->dirty && !(tick && g_atomic_int_get (&play->waiting)))
      continue;
    play->dirty = FALSE;
    if (due == NULL)
      due = g_queue_new ();
    g_queue_push_tail (due, gst_genvid_play_ref (play));
  }
  return due;
}

/* Under the mutex, which it releases. */
static void
report_due (GQueue *due, gboolean tick)
{
  g_mutex_unlock (&reporter.mutex);
  for (GList *l = due->head; l != NULL; l = l->next)
    report (l->data, FALSE);
  for (GList *l = due->head; tick && l != NULL; l = l->next)
    if (g_atomic_int_get (&((GstGenvidPlay *)l->data)->waiting))
      report (l->data, TRUE);
  g_queue_free_full (due, (GDestroyNotify)gst_genvid_play_unref);
  g_mutex_lock (&reporter.mutex);
}

/* Under the mutex. */
static void
turn (void)
{
  gboolean tick
      = reporter.tick != 0 && g_get_monotonic_time () >= reporter.tick;
  GQueue *due;

  if (tick)
    reporter.tick = 0;
  due = list_due (tick);
  if (due != NULL)
    report_due (due, tick);
  else if (reporter.tick != 0)
    g_cond_wait_until (&reporter.cond, &reporter.mutex, reporter.tick);
  else if (!tick)
    g_cond_wait (&reporter.cond, &reporter.mutex);
}

static gpointer
run (gpointer data)
{
  g_mutex_lock (&reporter.mutex);
  while (reporter.plays.length > 0)
    turn ();
  reporter.process = 0;
  g_mutex_unlock (&reporter.mutex);
  return NULL;
}

/* Under the mutex. Without the thread create() still reports all that it sees.
 * A forked child has none of its parent's. */
static void
ensure_thread (void)
{
  GThread *thread;

  if (reporter.process == getpid ())
    return;
  thread = g_thread_try_new ("genvid-reporter", run, NULL, NULL);
  if (thread == NULL)
    return;
  reporter.process = getpid ();
  g_thread_unref (thread);
}

void
gst_genvid_reporter_add (GstGenvidPlay *play, GstBaseSrc *source)
{
  play->source = source;
  g_mutex_lock (&reporter.mutex);
  g_queue_push_tail (&reporter.plays, play);
  ensure_thread ();
  g_mutex_unlock (&reporter.mutex);
  genvid_client_watch (play->client, gst_genvid_reporter_note, play);
}

void
gst_genvid_reporter_remove (GstGenvidPlay *play)
{
  genvid_client_watch (play->client, NULL, NULL);
  g_mutex_lock (&reporter.mutex);
  g_queue_remove (&reporter.plays, play);
  if (reporter.plays.length == 0)
    g_cond_signal (&reporter.cond);
  g_mutex_unlock (&reporter.mutex);
}

void
gst_genvid_reporter_note (gpointer play)
{
  g_mutex_lock (&reporter.mutex);
  ((GstGenvidPlay *)play)->dirty = TRUE;
  g_cond_signal (&reporter.cond);
  g_mutex_unlock (&reporter.mutex);
}

void
gst_genvid_reporter_keep_time (void)
{
  g_mutex_lock (&reporter.mutex);
  if (reporter.tick == 0) {
    reporter.tick = g_get_monotonic_time () + TICK;
    g_cond_signal (&reporter.cond);
  }
  g_mutex_unlock (&reporter.mutex);
}
