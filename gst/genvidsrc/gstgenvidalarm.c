/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The thread waits for the earliest alarm, so one that is set again and again
 * keeps no other from its turn. */

#include "gstgenvidalarm.h"

#include <unistd.h>

/* Many that wait for their clips tell of it once a second each. */
#define GRAIN (50 * G_TIME_SPAN_MILLISECOND)

static struct {
  GMutex mutex; /* a leaf */
  GCond cond;
  GSequence *all;  /* of GstGenvidAlarm, borrowed; the earliest first */
  pid_t process;   /* the one that has the thread; 0: none */
  GThread *thread; /* it */
} alarms;

static int
compare (gconstpointer a, gconstpointer b, gpointer unused)
{
  const GstGenvidAlarm *one = a, *other = b;

  return one->due < other->due ? -1 : one->due > other->due;
}

/* Under the mutex. NULL: there are none. */
static GstGenvidAlarm *
get_first (void)
{
  return alarms.all != NULL && g_sequence_get_length (alarms.all) > 0
             ? g_sequence_get (g_sequence_get_begin_iter (alarms.all))
             : NULL;
}

/* Under the mutex. */
static void
set_due (GstGenvidAlarm *alarm, gint64 due)
{
  alarm->due = due;
  if (alarm->place != NULL)
    g_sequence_sort_changed (alarm->place, compare, NULL);
}

/* Under the mutex, which it releases. */
static void
call (GstGenvidAlarm *alarm)
{
  gpointer owner = g_atomic_rc_box_acquire (alarm->owner);

  set_due (alarm, G_MAXINT64);
  g_mutex_unlock (&alarms.mutex);
  alarm->call (owner);
  alarm->unref (owner);
  g_mutex_lock (&alarms.mutex);
}

static gpointer
run (gpointer data)
{
  GstGenvidAlarm *first;

  g_mutex_lock (&alarms.mutex);
  alarms.thread = g_thread_self ();
  while ((first = get_first ()) != NULL) {
    if (first->due <= g_get_monotonic_time ())
      call (first);
    else if (first->due == G_MAXINT64)
      g_cond_wait (&alarms.cond, &alarms.mutex);
    else
      g_cond_wait_until (&alarms.cond, &alarms.mutex, first->due);
  }
  alarms.process = 0;
  alarms.thread = NULL;
  g_mutex_unlock (&alarms.mutex);
  return NULL;
}

/* Under the mutex. A forked child has no thread of its parent's. */
static void
ensure_thread (void)
{
  GThread *thread;

  if (get_first () == NULL || alarms.process == getpid ())
    return;
  thread = g_thread_try_new ("genvid-reporter", run, NULL, NULL);
  if (thread == NULL)
    return;
  alarms.process = getpid ();
  g_thread_unref (thread);
}

void
gst_genvid_alarm_add (GstGenvidAlarm *alarm)
{
  g_mutex_lock (&alarms.mutex);
  if (alarms.all == NULL)
    alarms.all = g_sequence_new (NULL);
  alarm->place = g_sequence_insert_sorted (alarms.all, alarm, compare, NULL);
  g_mutex_unlock (&alarms.mutex);
}

void
gst_genvid_alarm_remove (GstGenvidAlarm *alarm)
{
  g_mutex_lock (&alarms.mutex);
  g_clear_pointer (&alarm->place, g_sequence_remove);
  g_cond_signal (&alarms.cond);
  g_mutex_unlock (&alarms.mutex);
}

/* What can wait a little is called together with what else can. */
static gint64
round_up (gint64 moment)
{
  return moment > g_get_monotonic_time () && moment < G_MAXINT64 - GRAIN
             ? (moment + GRAIN - 1) / GRAIN * GRAIN
             : moment;
}

void
gst_genvid_alarm_set (GstGenvidAlarm *alarm, gint64 moment)
{
  gint64 due = round_up (moment);

  g_mutex_lock (&alarms.mutex);
  if (due < alarm->due) {
    set_due (alarm, due);
    ensure_thread ();
    if (get_first () == alarm)
      g_cond_signal (&alarms.cond);
  }
  g_mutex_unlock (&alarms.mutex);
}

gboolean
gst_genvid_alarm_is_calling (void)
{
  gboolean calling;

  g_mutex_lock (&alarms.mutex);
  calling = alarms.thread == g_thread_self ();
  g_mutex_unlock (&alarms.mutex);

  return calling;
}
