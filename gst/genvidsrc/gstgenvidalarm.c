/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The thread waits for the earliest alarm, so one that is set again and again
 * keeps no other from its turn. */

#include "gstgenvidalarm.h"

#include <unistd.h>

static struct {
  GMutex mutex; /* a leaf */
  GCond cond;
  GQueue all;      /* of GstGenvidAlarm, borrowed */
  pid_t process;   /* the one that has the thread; 0: none */
  GThread *thread; /* it */
} alarms;

/* Under the mutex. */
static GstGenvidAlarm *
find_first (void)
{
  GstGenvidAlarm *first = alarms.all.head->data;

  for (GList *l = alarms.all.head->next; l != NULL; l = l->next)
    if (((GstGenvidAlarm *)l->data)->due < first->due)
      first = l->data;
  return first;
}

/* Under the mutex, which it releases. */
static void
call (GstGenvidAlarm *alarm)
{
  gpointer owner = g_atomic_rc_box_acquire (alarm->owner);

  alarm->due = G_MAXINT64;
  g_mutex_unlock (&alarms.mutex);
  alarm->call (owner);
  alarm->unref (owner);
  g_mutex_lock (&alarms.mutex);
}

static gpointer
run (gpointer data)
{
  g_mutex_lock (&alarms.mutex);
  alarms.thread = g_thread_self ();
  while (alarms.all.length > 0) {
    GstGenvidAlarm *first = find_first ();

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

  if (alarms.all.length == 0 || alarms.process == getpid ())
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
  g_queue_push_tail (&alarms.all, alarm);
  g_mutex_unlock (&alarms.mutex);
}

void
gst_genvid_alarm_remove (GstGenvidAlarm *alarm)
{
  g_mutex_lock (&alarms.mutex);
  g_queue_remove (&alarms.all, alarm);
  g_cond_signal (&alarms.cond);
  g_mutex_unlock (&alarms.mutex);
}

void
gst_genvid_alarm_set (GstGenvidAlarm *alarm, gint64 moment)
{
  g_mutex_lock (&alarms.mutex);
  if (moment < alarm->due) {
    alarm->due = moment;
    ensure_thread ();
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
