/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How often a line is read, as arithmetic: no request is made here. */
#include "media-request.h"
#include "media-stream.h"

#define MIB (G_GUINT64_CONSTANT (1) << 20)
#define KIB (G_GUINT64_CONSTANT (1) << 10)

/* What a line that brings RATE bytes a second has when it is read whenever it
 * may be, N times. Returns the bytes of the last read. */
static gsize
read_line (GenvidMediaStream *stream, guint64 rate, guint n)
{
  gint64 now = stream->next_read;
  gsize bytes = 0;

  for (guint i = 0; i < n; i++) {
    gint64 wait = MAX (stream->pause, 1);

    bytes = (gsize)MAX (rate * (guint64)wait / G_USEC_PER_SEC, 1448);
    now += wait;
    stream->total += bytes;
    genvid_media_stream_set_pace (stream, bytes, now);
  }
  return bytes;
}

static void
test_prompt (void)
{
  GenvidMediaStream stream = { 0 };

  for (gint64 now = 0; stream.total + 1448 < MIB; now += 500) {
    stream.total += 1448;
    genvid_media_stream_set_pace (&stream, 1448, now);
    g_assert_cmpint (stream.next_read, ==, 0);
  }
  stream.total += 1448;
  genvid_media_stream_set_pace (&stream, 1448, 7000);
  g_assert_cmpint (stream.next_read, ==, 7000 + stream.pause);
  g_assert_cmpint (stream.pause, ==, 4000);
}

static void
test_slow (void)
{
  GenvidMediaStream stream = { .total = MIB };
  gsize bytes = read_line (&stream, 2500000, 100);

  /* 20 Mbit/s: every 4 ms and not every 0.6 ms. */
  g_assert_cmpint (stream.pause, ==, 4000);
  g_assert_cmpuint (bytes, ==, 10000);
}

static void
test_middling (void)
{
  GenvidMediaStream stream = { .total = MIB };

  read_line (&stream, 12500000, 100);
  for (guint i = 0; i < 20; i++) {
    gsize bytes = read_line (&stream, 12500000, 1);

    /* Never as much as TCP's smallest usual window holds. */
    g_assert_cmpuint (bytes, >=, 12 * KIB);
    g_assert_cmpuint (bytes, <, 64 * KIB);
  }
}

static void
test_faster (void)
{
  GenvidMediaStream stream = { .total = MIB };

  read_line (&stream, 2500000, 100);
  for (guint i = 0; i < 5; i++) {
    g_assert_cmpint (stream.pause, >, 0);
    genvid_media_stream_set_pace (&stream, 64 * KIB, 1000);
  }
  g_assert_cmpint (stream.pause, ==, 0);
  g_assert_cmpint (stream.next_read, ==, 1000);
}

static void
test_nothing (void)
{
  GenvidMediaStream stream = { .total = MIB, .pause = 1000, .next_read = 500 };

  genvid_media_stream_set_pace (&stream, 0, 9000);
  g_assert_cmpint (stream.pause, ==, 1000);
  g_assert_cmpint (stream.next_read, ==, 500);
}

/* The time counts from when enough had come last, not in windows. */
static void
test_stalled (void)
{
  GenvidMediaStream stream = { .received = 5000 };

  g_assert_false (genvid_media_stream_is_stalled (&stream, 90, 30, 1024));
  stream.fetch = (GenvidMediaRequest *)&stream; /* any but none */
  g_assert_false (genvid_media_stream_is_stalled (&stream, 20, 30, 1024));
  g_assert_false (genvid_media_stream_is_stalled (&stream, 49, 30, 1024));
  stream.received += 1000;
  g_assert_true (genvid_media_stream_is_stalled (&stream, 50, 30, 1024));
  stream.received += 24;
  g_assert_false (genvid_media_stream_is_stalled (&stream, 50, 30, 1024));
  g_assert_false (genvid_media_stream_is_stalled (&stream, 79, 30, 1024));
  g_assert_true (genvid_media_stream_is_stalled (&stream, 80, 30, 1024));
}

/* 120 kB a second, with 0.1 s to its head: what comes within that time and 64
 * KiB are not worth another request; more is. */
static void
test_distance (void)
{
  GenvidMediaStream stream = { .started = G_USEC_PER_SEC };
  gint64 now = 2 * G_USEC_PER_SEC;

  g_assert_cmpuint (genvid_media_stream_get_distance (&stream, now), ==, MIB);
  g_assert_cmpint (genvid_media_stream_get_overtaken (&stream, MIB), ==,
                   G_MAXINT64);
  genvid_media_stream_answer (&stream, now - 900000);
  genvid_media_stream_answer (&stream, now);
  stream.total = 108000;
  g_assert_cmpuint (genvid_media_stream_get_distance (&stream, now), ==,
                    64 * KIB + 12000);
  /* Nothing more comes: less and less. */
  g_assert_cmpuint (genvid_media_stream_get_distance (&stream, now + 900000),
                    ==, 64 * KIB + 6000);
  g_assert_cmpint (genvid_media_stream_get_overtaken (&stream, 64 * KIB + 6000),
                   ==, now + 900001);
  g_assert_cmpint (genvid_media_stream_get_overtaken (&stream, 64 * KIB), ==,
                   G_MAXINT64);
  /* On a fast line never more than a MiB, and a near server is not trusted to
   * answer at once. */
  stream.answered = stream.started + 1;
  stream.total = 100 * MIB;
  g_assert_cmpuint (genvid_media_stream_get_distance (&stream, now), ==, MIB);
  stream.total = MIB;
  g_assert_cmpuint (genvid_media_stream_get_distance (&stream, now), >=,
                    64 * KIB + MIB / 20);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/strand/the-first-mib-is-prompt", test_prompt);
  g_test_add_func ("/strand/slow-line", test_slow);
  g_test_add_func ("/strand/middling-line", test_middling);
  g_test_add_func ("/strand/line-gets-faster", test_faster);
  g_test_add_func ("/strand/nothing-came", test_nothing);
  g_test_add_func ("/strand/distance", test_distance);
  g_test_add_func ("/strand/stalled", test_stalled);
  return g_test_run ();
}
