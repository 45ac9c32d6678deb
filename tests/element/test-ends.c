/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How a stream ends that does not end well: one message that says why, an EOS
 * for whoever waits downstream, and nothing bought for nobody. */

#include "failure.h"
#include "record.h"

#include "bench.h"
#include "fake-client.h"

#define KIB 1024

static void
fail (void)
{
  g_autoptr (GenvidFailure) failure
      = genvid_failure_new (GENVID_REASON_FAILED, "It failed.");

  fake_fail (failure);
}

static GstBusSyncReply
count_errors (GstBus *bus, GstMessage *message, gpointer data)
{
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    g_atomic_int_inc ((gint *)data);
  return GST_BUS_PASS;
}

static GstElement *
launch (const char *description, GstBus **bus, gint *errors)
{
  GstElement *pipeline;
  GError *error = NULL;

  fake_reset ();
  pipeline = gst_parse_launch (description, &error);
  g_assert_no_error (error);
  *bus = gst_element_get_bus (pipeline);
  gst_bus_set_sync_handler (*bus, count_errors, errors, NULL);
  return pipeline;
}

static void
shut (GstElement *pipeline)
{
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  fake_reset ();
}

static void
until_eos (GstBus *bus)
{
  g_autoptr (GstMessage) message
      = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS);

  g_assert_nonnull (message);
}

/* Sinks are not asynchronous here: an error stops a bin that still waits for
 * one. A seek after the error finds it again, but it was told already. */
static void
test_push_error (void)
{
  g_autoptr (GstBus) bus = NULL;
  gint errors = 0;
  GstElement *pipeline = launch ("genvidsrc prompt=\"a beach\" ! "
                                 "fakesink sync=false async=false",
                                 &bus, &errors);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  fake_until_waiting ();
  fail ();
  until_eos (bus);
  g_assert_true (gst_element_seek_simple (pipeline, GST_FORMAT_BYTES,
                                          GST_SEEK_FLAG_FLUSH, 10));
  until_eos (bus);
  g_assert_cmpint (g_atomic_int_get (&errors), ==, 1);
  shut (pipeline);
}

static void
test_concat (void)
{
  g_autoptr (GstBus) bus = NULL;
  gint errors = 0;
  GstElement *pipeline
      = launch ("concat name=all ! fakesink sync=false async=false  "
                "genvidsrc prompt=\"a beach\" ! all.  "
                "fakesrc num-buffers=3 format=bytes ! all.",
                &bus, &errors);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  fake_until_waiting ();
  fail ();
  until_eos (bus);
  g_assert_cmpint (g_atomic_int_get (&errors), ==, 1);
  shut (pipeline);
}

/* Who pulls is told by the return value alone. */
static void
test_pull_error (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autofree char *log = NULL;
  BenchPull *pull;

  pull = bench_start_pull (bench, 0, 10);
  fail ();
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_FLUSHING);
  g_assert_cmpint (bench_pull_end (bench_pull (bench, 0, 10), NULL), ==,
                   GST_FLOW_FLUSHING);
  log = bench_log (bench, GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
  g_assert_cmpstr (log, ==, "error failed: It failed.\n");
}

/* Backwards. */

static gboolean
seek_back (GstElement *element, gint64 stop)
{
  return gst_element_seek (
      element, -1.0, GST_FORMAT_BYTES, GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET,
      0, stop < 0 ? GST_SEEK_TYPE_NONE : GST_SEEK_TYPE_SET, stop);
}

/* Without a stop it begins at the end, wherever that is. */
static void
test_reverse (void)
{
  g_autoptr (Bench) bench = bench_new_push ();

  fake_set_media (100 * KIB);
  g_assert_false (seek_back (bench->element, -1));
  bench_start (bench);
  fake_until_waiting ();
  g_assert_false (seek_back (bench->element, -1));
  fake_set_size (100 * KIB);
  fake_until_waiting ();
  g_assert_true (seek_back (bench->element, 100 * KIB));
  fake_until_waiting ();
  fake_finish ();
  gst_element_set_state (bench->pipeline, GST_STATE_PLAYING);
  gst_message_unref (bench_next (bench, GST_MESSAGE_EOS));
  g_assert_cmpuint (bench->received, ==, 100 * KIB);
  g_assert_false (bench->damaged);
}

/* Nobody downstream. */

static void
check_unlinked (const char *description)
{
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  gint errors = 0;
  GstElement *pipeline = launch (description, &bus, &errors);

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
                                        GST_MESSAGE_ERROR);
  gst_message_parse_error (message, &error, NULL);
  g_assert_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS);
  g_assert_nonnull (strstr (error->message, "Nothing is linked"));
  g_assert_cmpuint (fake_get_ordered (), ==, 0);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  g_assert_cmpuint (fake_get_ordered (), ==, 0);
  g_assert_cmpint (g_atomic_int_get (&errors), ==, 1);
  shut (pipeline);
}

/* The "!" that was forgotten. */
static void
test_unlinked (void)
{
  check_unlinked ("genvidsrc prompt=\"a beach\"  fakesink");
}

static GstElement *
launch_ghost (GstBus **bus, gint *errors, GstPad **ghost)
{
  GstElement *pipeline = launch ("bin.( name=house genvidsrc name=source "
                                 "prompt=\"a beach\" )  fakesink name=sink",
                                 bus, errors);
  GstElement *house = gst_bin_get_by_name (GST_BIN (pipeline), "house");
  GstElement *source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (source, "src");

  *ghost = gst_ghost_pad_new ("src", pad);
  gst_pad_set_active (*ghost, TRUE);
  g_assert_true (gst_element_add_pad (house, *ghost));
  gst_object_unref (house);
  gst_object_unref (source);
  return pipeline;
}

static void
test_unlinked_ghost (void)
{
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstMessage) message = NULL;
  gint errors = 0;
  GstPad *ghost;
  GstElement *pipeline = launch_ghost (&bus, &errors, &ghost);

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
                                        GST_MESSAGE_ERROR);
  g_assert_nonnull (message);
  g_assert_cmpuint (fake_get_ordered (), ==, 0);
  shut (pipeline);
}

/* As editors link what they have blocked first. */
static void
test_linked_late (void)
{
  g_autoptr (GstBus) bus = NULL;
  gint errors = 0;
  GstPad *ghost;
  GstElement *pipeline = launch_ghost (&bus, &errors, &ghost);
  g_autoptr (GstElement) sink
      = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");
  gulong block = gst_pad_add_probe (
      ghost, GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER, NULL, NULL,
      NULL);

  fake_set_media (100);
  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  fake_until_waiting ();
  g_assert_cmpint (gst_pad_link (ghost, pad), ==, GST_PAD_LINK_OK);
  gst_pad_remove_probe (ghost, block);
  fake_finish ();
  gst_message_unref (gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
                                                 GST_MESSAGE_ASYNC_DONE));
  g_assert_cmpint (g_atomic_int_get (&errors), ==, 0);
  shut (pipeline);
}

/* An EOS before the clip is there, as gst-launch -e sends it. */

static GstBusSyncReply
count_warnings (GstBus *bus, GstMessage *message, gpointer data)
{
  g_autoptr (GError) warning = NULL;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_WARNING)
    return GST_BUS_PASS;
  gst_message_parse_warning (message, &warning, NULL);
  g_assert_nonnull (strstr (warning->message, "without paying again"));
  g_atomic_int_inc ((gint *)data);
  return GST_BUS_PASS;
}

static void
test_early_eos (void)
{
  g_autoptr (Bench) bench = bench_new_push ();
  gint warnings = 0;

  gst_bus_set_sync_handler (bench->bus, count_warnings, &warnings, NULL);
  bench_start (bench);
  gst_element_set_state (bench->pipeline, GST_STATE_PLAYING);
  fake_until_waiting ();
  fake_reach (GENVID_STATE_RUNNING, 10);
  g_assert_true (gst_element_send_event (bench->element, gst_event_new_eos ()));
  gst_message_unref (bench_next (bench, GST_MESSAGE_EOS));
  g_assert_cmpint (g_atomic_int_get (&warnings), ==, 1);
  bench_stop (bench, GST_STATE_READY);
  g_assert_cmpint (g_atomic_int_get (&warnings), ==, 1);
  gst_bus_set_sync_handler (bench->bus, NULL, NULL, NULL);
}

static void
test_plain_stop (void)
{
  g_autoptr (Bench) bench = bench_new_push ();
  gint warnings = 0;

  gst_bus_set_sync_handler (bench->bus, count_warnings, &warnings, NULL);
  bench_start (bench);
  fake_until_waiting ();
  bench_stop (bench, GST_STATE_READY);
  g_assert_cmpint (g_atomic_int_get (&warnings), ==, 0);
  gst_bus_set_sync_handler (bench->bus, NULL, NULL, NULL);
}

int
main (int argc, char **argv)
{
  bench_init (&argc, &argv);
  g_test_add_func ("/ends/error/push", test_push_error);
  g_test_add_func ("/ends/error/concat", test_concat);
  g_test_add_func ("/ends/error/pull", test_pull_error);
  g_test_add_func ("/ends/reverse", test_reverse);
  g_test_add_func ("/ends/unlinked/pad", test_unlinked);
  g_test_add_func ("/ends/unlinked/ghost", test_unlinked_ghost);
  g_test_add_func ("/ends/unlinked/late", test_linked_late);
  g_test_add_func ("/ends/eos/early", test_early_eos);
  g_test_add_func ("/ends/eos/stop", test_plain_stop);
  return g_test_run ();
}
