/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The calls of alarms: whose turn it is, how long an owner lives, and that a
 * stored clip needs none. */

#include "bench.h"
#include "fake-client.h"
#include "gstgenvidalarm.h"

typedef struct {
  GstGenvidAlarm alarm;
  GstGenvidAlarm *other; /* nullable */
  gboolean *freed;       /* nullable */
  guint n_calls;
} Owner;

static GMutex mutex;
static GCond cond;

static void
clear_owner (gpointer data)
{
  Owner *owner = data;

  g_mutex_lock (&mutex);
  if (owner->freed != NULL)
    *owner->freed = TRUE;
  g_cond_broadcast (&cond);
  g_mutex_unlock (&mutex);
}

static void
unref_owner (gpointer owner)
{
  g_atomic_rc_box_release_full (owner, clear_owner);
}

static Owner *
add_owner (void (*call) (gpointer owner))
{
  Owner *owner = g_atomic_rc_box_new0 (Owner);

  owner->alarm = (GstGenvidAlarm){ call, unref_owner, owner, G_MAXINT64 };
  gst_genvid_alarm_add (&owner->alarm);
  return owner;
}

static void
remove_owner (Owner *owner)
{
  gst_genvid_alarm_remove (&owner->alarm);
  unref_owner (owner);
}

/* Returns when no call has it any more. */
static void
remove_wholly (Owner *owner)
{
  gboolean freed = FALSE;

  g_mutex_lock (&mutex);
  owner->freed = &freed;
  g_mutex_unlock (&mutex);
  remove_owner (owner);
  g_mutex_lock (&mutex);
  while (!freed)
    g_cond_wait (&cond, &mutex);
  g_mutex_unlock (&mutex);
}

static void
set_now (GstGenvidAlarm *alarm)
{
  gst_genvid_alarm_set (alarm, g_get_monotonic_time ());
}

static void
count (gpointer data)
{
  Owner *owner = data;

  g_assert_true (gst_genvid_alarm_is_calling ());
  g_mutex_lock (&mutex);
  owner->n_calls++;
  g_cond_broadcast (&cond);
  g_mutex_unlock (&mutex);
}

static void
until_called (Owner *owner)
{
  g_mutex_lock (&mutex);
  while (owner->n_calls == 0)
    g_cond_wait (&cond, &mutex);
  g_mutex_unlock (&mutex);
}

/* Of all threads of the process. */
static gboolean
has_thread (const char *name)
{
  g_autoptr (GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);
  const char *task;

  g_assert_nonnull (tasks);
  while ((task = g_dir_read_name (tasks)) != NULL) {
    g_autofree char *path
        = g_build_filename ("/proc/self/task", task, "comm", NULL);
    g_autofree char *text = NULL;

    if (g_file_get_contents (path, &text, NULL, NULL)
        && g_str_has_prefix (text, name))
      return TRUE;
  }
  return FALSE;
}

/* The first test: no other has made the thread. */
static void
test_stored (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();

  fake_set_media (100);
  fake_set_stored (TRUE);
  bench_start (bench);
  g_assert_cmpint (bench_pull_end (bench_pull (bench, 0, 100), NULL), ==,
                   GST_FLOW_OK);
  g_assert_false (has_thread ("genvid-reporter"));
  bench_stop (bench, GST_STATE_READY);
}

static void
set_both (gpointer data)
{
  Owner *owner = data;

  set_now (owner->other);
  set_now (&owner->alarm);
  count (owner);
}

/* One that is always due keeps no other from its turn, whichever came first. */
static void
test_turns (void)
{
  for (guint i = 0; i < 2; i++) {
    Owner *first = add_owner (i == 0 ? set_both : count);
    Owner *second = add_owner (i == 0 ? count : set_both);
    Owner *greedy = i == 0 ? first : second;
    Owner *modest = i == 0 ? second : first;

    greedy->other = &modest->alarm;
    set_now (&greedy->alarm);
    until_called (modest);
    g_assert_true (has_thread ("genvid-reporter"));
    remove_wholly (greedy);
    remove_wholly (modest);
  }
}

/* The earlier of two moments counts, and one that has not come is no call. */
static void
test_moments (void)
{
  Owner *late = add_owner (count);
  Owner *soon = add_owner (count);

  gst_genvid_alarm_set (&late->alarm, G_MAXINT64 - 1);
  gst_genvid_alarm_set (&soon->alarm, G_MAXINT64 - 1);
  set_now (&soon->alarm);
  gst_genvid_alarm_set (&soon->alarm, G_MAXINT64 - 1);
  until_called (soon);
  g_assert_false (gst_genvid_alarm_is_calling ());
  remove_wholly (soon);
  gst_genvid_alarm_remove (&late->alarm);
  gst_genvid_alarm_remove (&late->alarm);
  g_assert_cmpuint (late->n_calls, ==, 0);
  unref_owner (late);
}

static void
drop_itself (gpointer data)
{
  Owner *owner = data;

  remove_owner (owner);
  /* Still there: the call holds it. */
  g_mutex_lock (&mutex);
  g_assert_false (*owner->freed);
  g_mutex_unlock (&mutex);
}

static void
test_owner (void)
{
  gboolean freed = FALSE;
  Owner *owner = add_owner (drop_itself);

  owner->freed = &freed;
  set_now (&owner->alarm);
  g_mutex_lock (&mutex);
  while (!freed)
    g_cond_wait (&cond, &mutex);
  g_mutex_unlock (&mutex);
}

int
main (int argc, char **argv)
{
  bench_init (&argc, &argv);
  g_test_add_func ("/alarm/stored", test_stored);
  g_test_add_func ("/alarm/turns", test_turns);
  g_test_add_func ("/alarm/moments", test_moments);
  g_test_add_func ("/alarm/owner", test_owner);
  return g_test_run ();
}
