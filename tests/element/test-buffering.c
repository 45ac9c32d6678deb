/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* BUFFERING messages: less than 100 while a line is too slow for the clip, 100
 * at last, whatever ends it. The line is one that stands still until the test
 * moves it, so no test waits for a time of its own. */

#include <gst/base/gstbasesrc.h>

#include "clip-status.h"
#include "failure.h"

#include "bench.h"
#include "fake-client.h"

#define SIZE 100000

static void
set_duration (GenvidClipStatus *status, gpointer data)
{
  status->state = GENVID_STATE_DOWNLOADING;
  status->duration = 10;
}

/* A reader that waits on a line that stands still after FIRST bytes. */
static BenchPull *
begin (Bench *bench, guint64 first)
{
  BenchPull *pull;

  fake_set_media (SIZE);
  pull = bench_start_pull (bench, 0, SIZE);
  fake_set_size (SIZE);
  fake_until_waiting ();
  fake_add (0, first);
  fake_update (set_duration, NULL);
  return pull;
}

static int
next_percent (Bench *bench)
{
  g_autoptr (GstMessage) message = bench_next (bench, GST_MESSAGE_BUFFERING);
  int percent = -1;

  g_assert_true (GST_MESSAGE_SRC (message) == GST_OBJECT (bench->element));
  gst_message_parse_buffering (message, &percent);
  return percent;
}

static guint
count_messages (Bench *bench)
{
  GstMessage *message;
  guint count = 0;

  while ((message = gst_bus_pop_filtered (bench->bus, GST_MESSAGE_BUFFERING))) {
    gst_message_unref (message);
    count++;
  }
  return count;
}

static void
test_whole (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  BenchPull *pull = begin (bench, 1000);
  g_autoptr (GstMessage) message = bench_next (bench, GST_MESSAGE_BUFFERING);
  g_autoptr (GstQuery) query = gst_query_new_buffering (GST_FORMAT_BYTES);
  GstBufferingMode mode;
  gint64 left, stop, total;
  int in, out, percent;
  gboolean busy;

  gst_message_parse_buffering (message, &percent);
  g_assert_cmpint (percent, <, 100);
  gst_message_parse_buffering_stats (message, &mode, &in, &out, &left);
  g_assert_cmpint (mode, ==, GST_BUFFERING_DOWNLOAD);
  g_assert_cmpint (in, >=, 0);
  g_assert_cmpint (out, ==, SIZE / 10);

  g_assert_true (gst_pad_query (bench->pad, query));
  gst_query_parse_buffering_stats (query, &mode, &in, &out, &left);
  g_assert_cmpint (mode, ==, GST_BUFFERING_DOWNLOAD);
  g_assert_cmpint (out, ==, SIZE / 10);
  gst_query_parse_buffering_percent (query, &busy, &percent);
  g_assert_true (busy);
  g_assert_cmpint (percent, ==, 1);
  gst_query_parse_buffering_range (query, NULL, NULL, &stop, &total);
  g_assert_cmpint (stop, ==, 1000);

  fake_finish ();
  do
    percent = next_percent (bench);
  while (percent < 100);
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_OK);
  bench_stop (bench, GST_STATE_NULL);
  g_assert_cmpuint (count_messages (bench), ==, 0);
}

static void
test_failure (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  BenchPull *pull = begin (bench, 1000);
  g_autoptr (GenvidFailure) failure
      = genvid_failure_new (GENVID_REASON_UNREACHABLE, "gone");

  g_assert_cmpint (next_percent (bench), <, 100);
  fake_fail (failure);
  while (next_percent (bench) < 100)
    ;
  bench_pull_end (pull, NULL);
  bench_stop (bench, GST_STATE_NULL);
  g_assert_cmpuint (count_messages (bench), ==, 0);
}

/* It is on the bus when the state change returns, unless the machine is so busy
 * that the other thread did not run; then it follows. */
static void
test_stop (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  BenchPull *pull = begin (bench, 1000);

  g_assert_cmpint (next_percent (bench), <, 100);
  bench_stop (bench, GST_STATE_READY);
  while (next_percent (bench) < 100)
    ;
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_FLUSHING);

  /* And again: the next play begins anew. */
  pull = begin (bench, 1000);
  g_assert_cmpint (next_percent (bench), <, 100);
  bench_stop (bench, GST_STATE_READY);
  while (next_percent (bench) < 100)
    ;
  bench_pull_end (pull, NULL);
}

/* A handler of the message, in the thread that posts it, stops the element. */
static GstBusSyncReply
stop_at_once (GstBus *bus, GstMessage *message, gpointer data)
{
  int percent;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_BUFFERING)
    return GST_BUS_PASS;
  gst_message_parse_buffering (message, &percent);
  if (percent < 100)
    gst_element_set_state (data, GST_STATE_READY);
  return GST_BUS_PASS;
}

static void
test_stop_inside (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  BenchPull *pull;
  guint seen[2] = { 0 };

  gst_bus_set_sync_handler (bench->bus, stop_at_once, bench->element, NULL);
  pull = begin (bench, 1000);
  while (seen[0] == 0 || seen[1] == 0)
    seen[next_percent (bench) == 100]++;
  bench_pull_end (pull, NULL);
  gst_bus_set_sync_handler (bench->bus, NULL, NULL, NULL);
}

/* Whatever stops the element may hold what a handler of the message needs, as
 * uridecodebin3 does: neither waits for the other for good. */
typedef struct {
  GMutex mutex;
  GMutex entered_mutex;
  GCond cond;
  gboolean entered;
} Lock;

static GstBusSyncReply
take_lock (GstBus *bus, GstMessage *message, gpointer data)
{
  Lock *lock = data;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_BUFFERING)
    return GST_BUS_PASS;
  g_mutex_lock (&lock->entered_mutex);
  lock->entered = TRUE;
  g_cond_broadcast (&lock->cond);
  g_mutex_unlock (&lock->entered_mutex);
  g_mutex_lock (&lock->mutex);
  g_mutex_unlock (&lock->mutex);
  return GST_BUS_PASS;
}

static void
test_stop_under_a_lock (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  Lock lock = { 0 };
  BenchPull *pull;
  int percent;

  gst_bus_set_sync_handler (bench->bus, take_lock, &lock, NULL);
  g_mutex_lock (&lock.mutex);
  pull = begin (bench, 1000);
  g_mutex_lock (&lock.entered_mutex);
  while (!lock.entered)
    g_cond_wait (&lock.cond, &lock.entered_mutex);
  g_mutex_unlock (&lock.entered_mutex);
  bench_stop (bench, GST_STATE_READY);
  g_mutex_unlock (&lock.mutex);
  g_assert_cmpint (next_percent (bench), <, 100);
  do
    percent = next_percent (bench);
  while (percent < 100);
  bench_pull_end (pull, NULL);
  gst_bus_set_sync_handler (bench->bus, NULL, NULL, NULL);
}

/* Whole before anybody could tell that the line is slow, and from the store. */
static void
test_fast (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  BenchPull *pull;

  fake_set_media (SIZE);
  pull = bench_start_pull (bench, 0, SIZE);
  fake_finish ();
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_OK);
  bench_stop (bench, GST_STATE_READY);
  fake_set_stored (TRUE);
  bench_start (bench);
  pull = bench_pull (bench, 0, SIZE);
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_OK);
  bench_stop (bench, GST_STATE_NULL);
  g_assert_cmpuint (count_messages (bench), ==, 0);
}

/* How long a player had to wait; 0: not at all, -1: nobody knows. */
static gint64
get_wait (Bench *bench)
{
  g_autoptr (GstQuery) query = gst_query_new_buffering (GST_FORMAT_BYTES);
  gint64 wait = 0;

  g_assert_true (gst_pad_query (bench->pad, query));
  gst_query_parse_buffering_stats (query, NULL, NULL, NULL, &wait);
  return wait;
}

/* The bench's sink does not wait for the clock: a file, an encoder. */
static void
test_no_player (void)
{
  g_autoptr (Bench) bench = bench_new_push ();
  GList *sinks = GST_BIN (bench->pipeline)->children;
  int percent;

  fake_set_media (SIZE);
  bench_start (bench);
  fake_until_waiting ();
  fake_set_size (SIZE);
  fake_until_waiting ();
  fake_add (0, 1000);
  fake_update (set_duration, NULL);
  while (get_wait (bench) == 0)
    g_thread_yield ();
  g_assert_cmpuint (count_messages (bench), ==, 0);

  /* It becomes one. */
  for (; sinks != NULL; sinks = sinks->next)
    if (GST_OBJECT_FLAG_IS_SET (sinks->data, GST_ELEMENT_FLAG_SINK))
      g_object_set (sinks->data, "sync", TRUE, NULL);
  g_assert_cmpint (next_percent (bench), <, 100);
  fake_finish ();
  do
    percent = next_percent (bench);
  while (percent < 100);
}

int
main (int argc, char **argv)
{
  bench_init (&argc, &argv);
  g_test_add_func ("/buffering/whole", test_whole);
  g_test_add_func ("/buffering/failure", test_failure);
  g_test_add_func ("/buffering/stop", test_stop);
  g_test_add_func ("/buffering/stop-inside", test_stop_inside);
  g_test_add_func ("/buffering/stop-under-a-lock", test_stop_under_a_lock);
  g_test_add_func ("/buffering/fast", test_fast);
  g_test_add_func ("/buffering/no-player", test_no_player);
  return g_test_run ();
}
