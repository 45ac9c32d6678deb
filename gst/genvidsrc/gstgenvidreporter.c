/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One thread for all elements of the process. It holds no element: a play that
 * can be reported is one that has not been stopped, and a stop waits. */

#include "gstgenvidreporter.h"

#include <unistd.h>

#include "client.h"
#include "gstgenvidbuffering.h"

/* A little less than the second that a progress bar may expect. */
#define TICK (950 * G_TIME_SPAN_MILLISECOND)
/* How soon a player is told that its line is too slow, or no longer. */
#define BUFFERING_TICK (200 * G_TIME_SPAN_MILLISECOND)
/* A stop waits no longer for its last message. */
#define LAST_MESSAGE (50 * G_TIME_SPAN_MILLISECOND)

static struct {
  GMutex mutex; /* a leaf */
  GCond cond;
  GCond ended;     /* a play of ENDING was told to go on */
  GQueue plays;    /* of GstGenvidPlay, borrowed */
  GQueue ending;   /* of GstGenvidPlay: stopped while it had to wait */
  gint64 tick;     /* monotonic: when time is shown next; 0: nobody waits */
  gint64 look;     /* monotonic: when lines are looked at next; 0: at none */
  pid_t process;   /* the one that has the thread; 0: none */
  GThread *thread; /* it */
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

/* Not in a report, which create() and a stop wait for: in playbin3, a handler
 * of these messages takes a lock under which the element may be stopped. */
static void
post_buffering (GstGenvidPlay *play)
{
  g_autoptr (GstElement) source = g_weak_ref_get (&play->element);
  g_autoptr (GstMessage) message = NULL;
  gboolean active, changed;
  int percent;

  if (source == NULL)
    return;
  percent = gst_genvid_buffering_look (play, source, &message, &active);
  g_mutex_lock (&reporter.mutex);
  changed = !play->quiet && percent != play->percent;
  if (changed)
    play->percent = percent;
  play->watched = active && !play->quiet;
  if (play->watched && reporter.look == 0)
    reporter.look = g_get_monotonic_time () + BUFFERING_TICK;
  g_mutex_unlock (&reporter.mutex);
  if (changed)
    gst_element_post_message (source, g_steal_pointer (&message));
}

static void
post_last_buffering (GstGenvidPlay *play)
{
  g_autoptr (GstElement) source = g_weak_ref_get (&play->element);

  if (source != NULL)
    gst_element_post_message (
        source, gst_message_new_buffering (GST_OBJECT (source), 100));
}

/* Under the mutex, which it releases. */
static void
end_one (void)
{
  GstGenvidPlay *play = g_queue_pop_head (&reporter.ending);

  g_mutex_unlock (&reporter.mutex);
  post_last_buffering (play);
  g_mutex_lock (&reporter.mutex);
  play->percent = 100;
  g_cond_broadcast (&reporter.ended);
  g_mutex_unlock (&reporter.mutex);
  gst_genvid_play_unref (play);
  g_mutex_lock (&reporter.mutex);
}

/* Under the mutex. TRUE once: *MOMENT is over. */
static gboolean
is_over (gint64 *moment)
{
  gboolean over = *moment != 0 && g_get_monotonic_time () >= *moment;

  if (over)
    *moment = 0;
  return over;
}

/* Under the mutex. Owned by the caller; nullable. */
static GQueue *
list_due (gboolean tick, gboolean look)
{
  GQueue *due = NULL;

  for (GList *l = reporter.plays.head; l != NULL; l = l->next) {
    GstGenvidPlay *play = l->data;

    if (!play->dirty && !(look && play->watched)
        && !(tick && g_atomic_int_get (&play->waiting)))
      continue;
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
  for (GList *l = due->head; l != NULL; l = l->next) {
    GstGenvidPlay *play = l->data;
    gboolean dirty = play->dirty;

    play->dirty = FALSE;
    g_mutex_unlock (&reporter.mutex);
    if (dirty)
      report (play, FALSE);
    if (tick && g_atomic_int_get (&play->waiting))
      report (play, TRUE);
    post_buffering (play);
    g_mutex_lock (&reporter.mutex);
  }
  g_mutex_unlock (&reporter.mutex);
  g_queue_free_full (due, (GDestroyNotify)gst_genvid_play_unref);
  g_mutex_lock (&reporter.mutex);
}

/* Under the mutex. */
static void
await_change (void)
{
  gint64 until = MIN (reporter.tick != 0 ? reporter.tick : G_MAXINT64,
                      reporter.look != 0 ? reporter.look : G_MAXINT64);

  if (until != G_MAXINT64)
    g_cond_wait_until (&reporter.cond, &reporter.mutex, until);
  else
    g_cond_wait (&reporter.cond, &reporter.mutex);
}

/* Under the mutex. */
static void
turn (void)
{
  gboolean tick = is_over (&reporter.tick);
  gboolean look = is_over (&reporter.look);
  GQueue *due;

  /* First: the next play of the same element may be due too. */
  while (reporter.ending.length > 0)
    end_one ();
  due = list_due (tick, look);
  if (due != NULL)
    report_due (due, tick);
  else if (!tick && !look)
    await_change ();
}

static gpointer
run (gpointer data)
{
  g_mutex_lock (&reporter.mutex);
  reporter.thread = g_thread_self ();
  while (reporter.plays.length > 0 || reporter.ending.length > 0)
    turn ();
  reporter.process = 0;
  reporter.thread = NULL;
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
  g_weak_ref_set (&play->element, source);
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
gst_genvid_reporter_end_buffering (GstGenvidPlay *play)
{
  gint64 until = g_get_monotonic_time () + LAST_MESSAGE;
  gboolean mine;

  g_mutex_lock (&reporter.mutex);
  play->quiet = TRUE;
  mine = play->percent < 100 && reporter.thread == g_thread_self ();
  if (mine)
    play->percent = 100;
  else if (play->percent < 100)
    g_queue_push_tail (&reporter.ending, gst_genvid_play_ref (play));
  g_cond_signal (&reporter.cond);
  while (play->percent < 100
         && g_cond_wait_until (&reporter.ended, &reporter.mutex, until))
    ;
  g_mutex_unlock (&reporter.mutex);
  if (mine)
    post_last_buffering (play);
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
