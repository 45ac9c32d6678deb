/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Threads that overtake each other: no order of start, stop, unlock and create
 * buys anything or hangs. Each order is forced, from a hook in the gap between
 * create() and its wait or from a message between two waits. */

#include <gst/base/gstbasesrc.h>

#include "bench.h"
#include "fake-client.h"
#include "record.h"

#define SRC(bench)   GST_BASE_SRC ((bench)->element)
#define CLASS(bench) GST_BASE_SRC_GET_CLASS ((bench)->element)

static void
flush (guint n, gpointer data)
{
  Bench *bench = data;

  if (n != 1)
    return;
  g_assert_true (CLASS (bench)->unlock (SRC (bench)));
  g_assert_true (CLASS (bench)->unlock_stop (SRC (bench)));
}

static void
flush_and_stop (guint n, gpointer data)
{
  Bench *bench = data;

  flush (n, data);
  if (n == 1)
    g_assert_true (CLASS (bench)->stop (SRC (bench)));
}

/* A wake-up that comes and goes while create() is on its way to its wait. */
static void
test_flush_before_wait (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  BenchPull *pull;

  fake_set_media (100);
  bench_start (bench);
  fake_set_hook (flush, bench);
  pull = bench_pull (bench, 0, 10);
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_FLUSHING);
  g_assert_cmpuint (fake_get_ordered (), ==, 0);

  pull = bench_pull (bench, 0, 10); /* and the next one waits again */
  fake_until_waiting ();
  fake_finish ();
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_OK);
}

static void
test_stop_before_wait (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  BenchPull *pull;

  bench_start (bench);
  fake_set_hook (flush_and_stop, bench);
  pull = bench_pull (bench, 0, 10);
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_FLUSHING);
  g_assert_cmpuint (fake_get_ordered (), ==, 0);
  g_assert_true (fake_is_closed ());
}

static void
test_create_after_stop (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autoptr (GstBuffer) buffer = NULL;

  bench_start (bench);
  g_assert_true (CLASS (bench)->stop (SRC (bench)));
  g_assert_cmpint (CLASS (bench)->create (SRC (bench), 0, 10, &buffer), ==,
                   GST_FLOW_FLUSHING);
  g_assert_cmpuint (fake_get_ordered (), ==, 0);
}

/* A create() of the old play must not disturb the new one. */
static void
test_restart_before_wait (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  BenchPull *pull;

  fake_set_media (100);
  bench_start (bench);
  fake_set_hook (flush_and_stop, bench);
  pull = bench_pull (bench, 0, 10);
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_FLUSHING);
  fake_set_hook (NULL, NULL);
  g_assert_true (CLASS (bench)->start (SRC (bench)));
  g_assert_cmpuint (fake_get_opened (), ==, 2);
  pull = bench_pull (bench, 0, 10);
  fake_until_waiting ();
  fake_finish ();
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_OK);
}

typedef struct {
  Bench *bench;
  gint done;
} Intruder;

/* From the streaming thread, between two waits of one create(). */
static GstBusSyncReply
intrude (GstBus *bus, GstMessage *message, gpointer data)
{
  Intruder *intruder = data;

  if (gst_message_has_name (message, "genvid-generation")
      && g_strcmp0 (gst_structure_get_string (
                        gst_message_get_structure (message), "state"),
                    "queued")
             == 0
      && g_atomic_int_compare_and_exchange (&intruder->done, 0, 1))
    flush (1, intruder->bench);
  return GST_BUS_PASS;
}

static void
test_flush_between_waits (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  Intruder intruder = { bench, 0 };
  BenchPull *pull;

  bench_start (bench);
  gst_bus_set_sync_handler (bench->bus, intrude, &intruder, NULL);
  pull = bench_pull (bench, 0, 10);
  fake_until_waiting ();
  fake_set_state (GENVID_STATE_QUEUED, -1);
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_FLUSHING);
  g_assert_cmpint (intruder.done, ==, 1);
  gst_bus_set_sync_handler (bench->bus, NULL, NULL, NULL);
}

static void
test_unlock_wakes (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  BenchPull *pull;

  pull = bench_start_pull (bench, 0, 10);
  flush (1, bench);
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_FLUSHING);
  g_assert_false (fake_is_closed ());
}

static void
cycle (Bench *bench)
{
  for (guint i = 1; i <= 20; i++) {
    BenchPull *pull = NULL;

    bench_start (bench);
    if (bench->pipeline == NULL)
      pull = bench_pull (bench, 0, 10);
    if (i % 2 == 0)
      fake_until_waiting (); /* every other one is stopped on its way */
    bench_stop (bench, GST_STATE_READY);
    if (pull != NULL)
      g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_FLUSHING);
    g_assert_cmpuint (fake_get_opened (), ==, i);
    g_assert_true (fake_is_closed ());
  }
  g_assert_cmpuint (fake_get_ordered (), >=, 10);
  g_assert_cmpuint (fake_get_ordered (), <=, 20);
}

static void
test_cycle_pull (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();

  cycle (bench);
}

static void
test_cycle_push (void)
{
  g_autoptr (Bench) bench = bench_new_push ();

  cycle (bench);
}

/* To NULL in every phase of a generation. */
static void
stop_in_phase (Bench *bench, GenvidState state)
{
  BenchPull *pull = NULL;

  fake_set_media (100);
  bench_start (bench);
  if (bench->pipeline == NULL)
    pull = bench_pull (bench, 50, 10);
  fake_until_waiting ();
  fake_reach (state, 50);
  bench_stop (bench, GST_STATE_NULL);
  if (pull != NULL)
    g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_FLUSHING);
}

static void
test_stop_in_each_phase (void)
{
  for (GenvidState state = GENVID_STATE_SUBMITTING;
       state <= GENVID_STATE_DOWNLOADING; state++) {
    g_autoptr (Bench) push = bench_new_push ();

    stop_in_phase (push, state);
  }
  for (GenvidState state = GENVID_STATE_SUBMITTING;
       state <= GENVID_STATE_DOWNLOADING; state++) {
    g_autoptr (Bench) pull = bench_new_pull ();

    stop_in_phase (pull, state);
  }
}

/* What gst-launch -e does: the stream ends, the job stays. */
static void
test_eos_event (void)
{
  g_autoptr (Bench) bench = bench_new_push ();

  bench_start (bench);
  gst_element_set_state (bench->pipeline, GST_STATE_PLAYING);
  fake_until_waiting ();
  g_assert_true (gst_element_send_event (bench->element, gst_event_new_eos ()));
  gst_message_unref (bench_next (bench, GST_MESSAGE_EOS));
  g_assert_false (fake_is_closed ());
}

/* A state change holds the element's lock while it waits for the streaming
 * thread, which must not want it when the first bytes come. */
static void
test_bytes_under_state_lock (void)
{
  g_autoptr (Bench) bench = bench_new_push ();

  fake_set_media (1000);
  bench_start (bench);
  fake_until_waiting ();
  GST_STATE_LOCK (bench->element);
  fake_finish ();
  gst_message_unref (bench_next (bench, GST_MESSAGE_TAG));
  GST_STATE_UNLOCK (bench->element);
  gst_element_set_state (bench->pipeline, GST_STATE_PLAYING);
  gst_message_unref (bench_next (bench, GST_MESSAGE_EOS));
  g_assert_cmpuint (bench->received, ==, 1000);
}

int
main (int argc, char **argv)
{
  bench_init (&argc, &argv);
  g_test_add_func ("/gap/flush-before-wait", test_flush_before_wait);
  g_test_add_func ("/gap/stop-before-wait", test_stop_before_wait);
  g_test_add_func ("/gap/create-after-stop", test_create_after_stop);
  g_test_add_func ("/gap/restart", test_restart_before_wait);
  g_test_add_func ("/gap/flush-between-waits", test_flush_between_waits);
  g_test_add_func ("/gap/unlock-wakes", test_unlock_wakes);
  g_test_add_func ("/gap/cycle/pull", test_cycle_pull);
  g_test_add_func ("/gap/cycle/push", test_cycle_push);
  g_test_add_func ("/gap/stop-in-each-phase", test_stop_in_each_phase);
  g_test_add_func ("/gap/eos-event", test_eos_event);
  g_test_add_func ("/gap/bytes-under-state-lock", test_bytes_under_state_lock);
  return g_test_run ();
}
