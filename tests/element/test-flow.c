/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which bytes create() returns, and when, pushed and pulled. The run below is
 * a stand-in that the test moves by hand. */

#include "bench.h"
#include "fake-client.h"
#include "clip-status.h"

#define KIB 1024

static void
test_pull_ranges (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autoptr (GstBuffer) buffer = NULL;
  g_autoptr (GstBuffer) tail = NULL;
  BenchPull *pull;
  GstMapInfo map;

  fake_set_media (1000);
  bench_start (bench);
  g_assert_cmpuint (fake_get_ordered (), ==, 0);

  pull = bench_pull (bench, 100, 200);
  fake_until_waiting ();
  g_assert_cmpuint (fake_get_ordered (), ==, 1);
  fake_add (0, 250);
  fake_until_waiting (); /* the whole range, not what is there */
  fake_add (250, 400);
  g_assert_cmpint (bench_pull_end (pull, &buffer), ==, GST_FLOW_OK);
  g_assert_cmpuint (gst_buffer_get_size (buffer), ==, 200);
  g_assert_cmpuint (GST_BUFFER_OFFSET (buffer), ==, 100);
  g_assert_cmpuint (GST_BUFFER_OFFSET_END (buffer), ==, 300);
  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_READ));
  for (guint i = 0; i < 200; i++)
    g_assert_cmpuint (map.data[i], ==, fake_get_byte (100 + i));
  gst_buffer_unmap (buffer, &map);

  fake_finish ();
  pull = bench_pull (bench, 900, 200);
  g_assert_cmpint (bench_pull_end (pull, &tail), ==, GST_FLOW_OK);
  g_assert_cmpuint (gst_buffer_get_size (tail), ==, 100);
  pull = bench_pull (bench, 1000, 10);
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_EOS);
  g_assert_cmpuint (fake_get_ordered (), ==, 1);
}

static void
test_pull_into_buffer (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autoptr (GstBuffer) mine = gst_buffer_new_allocate (NULL, 64, NULL);
  GstBuffer *buffer = mine;
  guint8 first;

  fake_set_media (1000);
  fake_set_stored (TRUE);
  bench_start (bench);
  g_assert_cmpint (gst_pad_get_range (bench->pad, 500, 64, &buffer), ==,
                   GST_FLOW_OK);
  g_assert_true (buffer == mine);
  gst_buffer_extract (mine, 0, &first, 1);
  g_assert_cmpuint (first, ==, fake_get_byte (500));
}

static void
test_push (void)
{
  g_autoptr (Bench) bench = bench_new_push ();

  fake_set_media (300 * KIB);
  bench_start (bench);
  fake_until_waiting ();
  g_assert_cmpuint (fake_get_ordered (), ==, 1);
  fake_set_size (300 * KIB);
  fake_until_waiting ();
  fake_add (0, 10); /* preroll with what is there */
  gst_message_unref (bench_next (bench, GST_MESSAGE_ASYNC_DONE));
  gst_element_set_state (bench->pipeline, GST_STATE_PLAYING);
  fake_until_waiting ();
  g_assert_cmpuint (bench->received, ==, 10);
  fake_finish ();
  gst_message_unref (bench_next (bench, GST_MESSAGE_EOS));
  g_assert_cmpuint (bench->received, ==, 300 * KIB);
  g_assert_false (bench->damaged);
}

/* Without a length the end is found only when it is there. */
static void
test_push_unknown_size (void)
{
  g_autoptr (Bench) bench = bench_new_push ();
  guint64 offset;
  gsize length;
  gboolean whole;

  fake_set_media (200 * KIB);
  bench_start (bench);
  fake_until_waiting ();
  fake_get_want (&offset, &length, &whole);
  g_assert_cmpuint (offset, ==, 0);
  g_assert_true (whole);
  fake_add (0, length); /* enough to see that the index comes first */
  gst_message_unref (bench_next (bench, GST_MESSAGE_ASYNC_DONE));
  gst_element_set_state (bench->pipeline, GST_STATE_PLAYING);
  fake_until_waiting ();
  g_assert_cmpuint (bench->received, ==, length);
  fake_finish ();
  gst_message_unref (bench_next (bench, GST_MESSAGE_EOS));
  g_assert_cmpuint (bench->received, ==, 200 * KIB);
  g_assert_false (bench->damaged);
}

static void
mark_index_last (GenvidClipStatus *snapshot, gpointer data)
{
  snapshot->index_last = TRUE;
}

/* qtdemux cannot seek in what has no size, so it gets nothing until it has. */
static void
test_push_index_last (void)
{
  g_autoptr (Bench) bench = bench_new_push ();
  guint64 offset;
  gsize length;
  gboolean whole;

  fake_set_media (200 * KIB);
  bench_start (bench);
  fake_until_waiting ();
  fake_update (mark_index_last, NULL);
  fake_until_waiting ();
  fake_add (0, 150 * KIB);
  fake_until_waiting ();
  fake_get_want (&offset, &length, &whole);
  g_assert_cmpuint (offset, ==, 0);
  g_assert_cmpuint (length, >, G_MAXINT32);
  g_assert_true (whole);
  g_assert_cmpuint (bench->received, ==, 0);
  fake_finish ();
  gst_element_set_state (bench->pipeline, GST_STATE_PLAYING);
  gst_message_unref (bench_next (bench, GST_MESSAGE_EOS));
  g_assert_cmpuint (bench->received, ==, 200 * KIB);
}

static void
seek (Bench *bench, gint64 start, gint64 stop)
{
  g_assert_true (gst_element_seek (
      bench->pipeline, 1.0, GST_FORMAT_BYTES, GST_SEEK_FLAG_FLUSH,
      GST_SEEK_TYPE_SET, start,
      stop < 0 ? GST_SEEK_TYPE_NONE : GST_SEEK_TYPE_SET, stop));
}

static void
test_seek_while_waiting (void)
{
  g_autoptr (Bench) bench = bench_new_push ();

  fake_set_media (100 * KIB);
  bench_start (bench);
  fake_until_waiting ();
  fake_set_size (100 * KIB);
  fake_until_waiting ();
  seek (bench, 40 * KIB, -1);
  fake_until_waiting ();
  seek (bench, 60 * KIB, 90 * KIB);
  fake_until_waiting ();
  fake_finish ();
  gst_element_set_state (bench->pipeline, GST_STATE_PLAYING);
  gst_message_unref (bench_next (bench, GST_MESSAGE_EOS));
  g_assert_cmpuint (bench->received, ==, 30 * KIB);
  g_assert_false (bench->damaged);
  g_assert_cmpuint (fake_get_ordered (), ==, 1);
}

/* The base class waits for create() before it unlocks it. */
static void
test_seek_without_flush (void)
{
  g_autoptr (Bench) bench = bench_new_push ();

  fake_set_media (100 * KIB);
  bench_start (bench);
  fake_until_waiting ();
  fake_set_size (100 * KIB);
  fake_until_waiting ();
  g_assert_true (gst_element_seek (bench->element, 1.0, GST_FORMAT_BYTES, 0,
                                   GST_SEEK_TYPE_SET, 40 * KIB,
                                   GST_SEEK_TYPE_NONE, -1));
  fake_until_waiting ();
  fake_finish ();
  gst_element_set_state (bench->pipeline, GST_STATE_PLAYING);
  gst_message_unref (bench_next (bench, GST_MESSAGE_EOS));
  g_assert_cmpuint (bench->received, ==, 60 * KIB);
  g_assert_false (bench->damaged);
  g_assert_cmpuint (fake_get_ordered (), ==, 1);
}

static gboolean
seek_from_end (Bench *bench)
{
  return gst_element_seek (bench->pipeline, 1.0, GST_FORMAT_BYTES,
                           GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_END, -10 * KIB,
                           GST_SEEK_TYPE_NONE, -1);
}

static void
test_seek_from_end (void)
{
  g_autoptr (Bench) bench = bench_new_push ();

  fake_set_media (100 * KIB);
  bench_start (bench);
  fake_until_waiting ();
  g_assert_false (seek_from_end (bench));
  fake_set_size (100 * KIB);
  fake_until_waiting ();
  g_assert_true (seek_from_end (bench));
  fake_until_waiting ();
  fake_finish ();
  gst_element_set_state (bench->pipeline, GST_STATE_PLAYING);
  gst_message_unref (bench_next (bench, GST_MESSAGE_EOS));
  g_assert_cmpuint (bench->received, ==, 10 * KIB);
}

/* Nothing is asked for: nothing is ordered, and nothing is wrong. */
static void
test_pull_nothing (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autoptr (GstBuffer) buffer = NULL;
  BenchPull *pull;

  fake_set_media (1000);
  bench_start (bench);
  pull = bench_pull (bench, 0, 0);
  g_assert_cmpint (bench_pull_end (pull, &buffer), ==, GST_FLOW_OK);
  g_assert_cmpuint (gst_buffer_get_size (buffer), ==, 0);
  g_assert_cmpuint (fake_get_ordered (), ==, 0);
  fake_set_size (1000);
  fake_finish ();
  pull = bench_pull (bench, 1000, 0);
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_EOS);
}

int
main (int argc, char **argv)
{
  bench_init (&argc, &argv);
  g_test_add_func ("/flow/pull/ranges", test_pull_ranges);
  g_test_add_func ("/flow/pull/into-buffer", test_pull_into_buffer);
  g_test_add_func ("/flow/push/bytes", test_push);
  g_test_add_func ("/flow/push/unknown-size", test_push_unknown_size);
  g_test_add_func ("/flow/push/index-last", test_push_index_last);
  g_test_add_func ("/flow/pull/nothing", test_pull_nothing);
  g_test_add_func ("/flow/seek/while-waiting", test_seek_while_waiting);
  g_test_add_func ("/flow/seek/without-flush", test_seek_without_flush);
  g_test_add_func ("/flow/seek/from-end", test_seek_from_end);
  return g_test_run ();
}
