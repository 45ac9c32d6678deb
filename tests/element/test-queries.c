/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The queries that the element answers itself, and the size that reaches
 * downstream: right at any time, from any thread. */

#include <gst/base/gstbasesrc.h>

#include "bench.h"
#include "fake-client.h"
#include "record.h"

#define SRC(bench) GST_BASE_SRC ((bench)->element)

static gint64
get_duration (Bench *bench)
{
  gint64 size = 0;

  g_assert_true (gst_pad_query_duration (bench->pad, GST_FORMAT_BYTES, &size));
  return size;
}

static guint64
get_segment_end (Bench *bench)
{
  guint64 end;

  GST_OBJECT_LOCK (SRC (bench));
  end = SRC (bench)->segment.duration;
  GST_OBJECT_UNLOCK (SRC (bench));
  return end;
}

static void
test_size (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autofree char *log = NULL;
  BenchPull *pull;

  fake_set_media (1000);
  g_assert_cmpint (get_duration (bench), ==, -1);
  bench_start (bench);
  g_assert_cmpint (get_duration (bench), ==, -1);
  pull = bench_pull (bench, 0, 10);
  fake_until_waiting ();
  fake_set_size (1000);
  fake_until_waiting ();
  g_assert_cmpint (get_duration (bench), ==, 1000);
  g_assert_cmpint (get_segment_end (bench), ==, 1000);
  fake_add (0, 100);
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_OK);
  GST_OBJECT_LOCK (SRC (bench));
  SRC (bench)->segment.duration = -1; /* as a late query leaves it */
  GST_OBJECT_UNLOCK (SRC (bench));
  pull = bench_pull (bench, 10, 10);
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_OK);
  g_assert_cmpint (get_segment_end (bench), ==, 1000);
  log = bench_log (bench, GST_MESSAGE_DURATION_CHANGED);
  g_assert_cmpstr (log, ==, "duration-changed\n");
}

static void
test_scheduling (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autoptr (GstQuery) query = gst_query_new_scheduling ();
  GstSchedulingFlags flags;

  g_assert_true (gst_pad_query (bench->pad, query));
  gst_query_parse_scheduling (query, &flags, NULL, NULL, NULL);
  g_assert_cmpint (flags, ==, GST_SCHEDULING_FLAG_SEEKABLE);
  g_assert_true (gst_query_has_scheduling_mode (query, GST_PAD_MODE_PULL));
  g_assert_true (gst_query_has_scheduling_mode (query, GST_PAD_MODE_PUSH));
  g_assert_cmpuint (fake_get_opened (), ==, 0); /* no start, no stop */
}

static void
check_range (GstQuery *query, guint index, gint64 start, gint64 stop)
{
  gint64 from, to;

  g_assert_true (
      gst_query_parse_nth_buffering_range (query, index, &from, &to));
  g_assert_cmpint (from, ==, start);
  g_assert_cmpint (to, ==, stop);
}

static void
test_buffering (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autoptr (GstQuery) bytes = gst_query_new_buffering (GST_FORMAT_BYTES);
  g_autoptr (GstQuery) parts = gst_query_new_buffering (GST_FORMAT_PERCENT);
  g_autoptr (GstQuery) time = gst_query_new_buffering (GST_FORMAT_TIME);
  gboolean busy;
  gint percent;

  fake_set_media (1000);
  bench_start (bench);
  fake_add (0, 100);
  fake_add (900, 1000);
  g_assert_true (gst_pad_query (bench->pad, bytes));
  check_range (bytes, 0, 0, 100);
  check_range (bytes, 1, 900, 1000);
  fake_set_size (1000);
  g_assert_true (gst_pad_query (bench->pad, parts));
  check_range (parts, 0, 0, GST_FORMAT_PERCENT_MAX / 10);
  gst_query_parse_buffering_percent (parts, &busy, &percent);
  g_assert_true (busy);
  g_assert_cmpint (percent, ==, 20);
  g_assert_false (gst_pad_query (bench->pad, time));
}

typedef struct {
  Bench *bench;
  gint over;
  gint wrong;
} Asker;

static gpointer
ask (gpointer data)
{
  Asker *asker = data;
  GstPad *pad = asker->bench->pad;
  gint64 before = -1;

  while (!g_atomic_int_get (&asker->over)) {
    g_autoptr (GstQuery) seeking = gst_query_new_seeking (GST_FORMAT_BYTES);
    g_autoptr (GstQuery) buffering = gst_query_new_buffering (GST_FORMAT_BYTES);
    g_autoptr (GstQuery) uri = gst_query_new_uri ();
    g_autoptr (GstQuery) latency = gst_query_new_latency ();
    gint64 size = get_duration (asker->bench);

    /* Once it is known it stays known. */
    if (!gst_pad_query (pad, seeking) || !gst_pad_query (pad, buffering)
        || size < before)
      g_atomic_int_inc (&asker->wrong);
    gst_pad_query (pad, uri);
    gst_pad_query (pad, latency);
    before = size;
  }
  return NULL;
}

static void
test_queries_from_threads (void)
{
  g_autoptr (Bench) bench = bench_new_push ();
  Asker asker = { bench, 0, 0 };
  GThread *threads[4];

  fake_set_media (4000);
  bench_start (bench);
  fake_until_waiting ();
  for (guint i = 0; i < 4; i++)
    threads[i] = g_thread_new ("ask", ask, &asker);
  for (int state = GENVID_STATE_SUBMITTING; state <= GENVID_STATE_DOWNLOADING;
       state++) {
    fake_reach (state, 10 * state);
  }
  fake_set_size (4000);
  fake_until_waiting ();
  for (guint64 end = 100; end < 4000; end += 100)
    fake_add (0, end);
  fake_finish ();
  gst_element_set_state (bench->pipeline, GST_STATE_PLAYING);
  gst_message_unref (bench_next (bench, GST_MESSAGE_EOS));
  g_assert_cmpint (SRC (bench)->segment.duration, ==, 4000);
  g_atomic_int_set (&asker.over, TRUE);
  for (guint i = 0; i < 4; i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (asker.wrong, ==, 0);
  g_assert_cmpuint (bench->received, ==, 4000);
}

static char *
get_stream_id (const char *property, const char *value)
{
  g_autoptr (Bench) bench = bench_new_push ();
  char *id;

  if (property != NULL)
    gst_util_set_object_arg (G_OBJECT (bench->element), property, value);
  bench_start (bench);
  fake_until_waiting ();
  id = gst_pad_get_stream_id (bench->pad);
  bench_stop (bench, GST_STATE_READY);
  return id;
}

/* The same for the same clip, also for one that has no URI. */
static void
test_stream_id (void)
{
  static const char *const settings[][2] = { { NULL, NULL },
                                             { "adopt", "gen-7" },
                                             { "image", "/a.png" },
                                             { "take", "12" } };
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autoptr (GstQuery) query = gst_query_new_uri ();
  g_autofree char *uri = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (settings); i++) {
    g_autofree char *one = get_stream_id (settings[i][0], settings[i][1]);
    g_autofree char *two = get_stream_id (settings[i][0], settings[i][1]);

    g_assert_nonnull (one);
    g_assert_cmpstr (one, ==, two);
  }
  /* With the service's name, though no property has it, and for type finders
   * with what it is. */
  bench_start (bench);
  g_assert_true (gst_element_query (bench->element, query));
  gst_query_parse_uri (query, &uri);
  g_assert_cmpstr (uri, ==, "genvid://fake/clip.mp4?prompt=a%20beach");
}

int
main (int argc, char **argv)
{
  bench_init (&argc, &argv);
  g_test_add_func ("/query/size", test_size);
  g_test_add_func ("/query/stream-id", test_stream_id);
  g_test_add_func ("/query/scheduling", test_scheduling);
  g_test_add_func ("/query/buffering", test_buffering);
  g_test_add_func ("/query/threads", test_queries_from_threads);
  return g_test_run ();
}
