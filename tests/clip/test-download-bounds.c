/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* No server can keep a download for ever, be asked in a storm, or take more of
 * the disk than what it sent. */
#include "download-kit.h"
#include "clip-reader.h"
#include "clip-status.h"
#include "clip.h"
#include "failure.h"
#include "media-outcome.h"

#include <sys/stat.h>

#define MIB (1024 * 1024)

static void
serve_begin (Bench *bench)
{
  serve (bench, (FakeReply){ .headers = ETAG,
                             .flags = FAKE_RANGE | FAKE_CUT,
                             .cut = CUT,
                             .times = 1 });
}

static struct stat
stat_part (Bench *bench)
{
  g_autofree char *path = g_build_filename (bench->folder, "clips", FINGERPRINT,
                                            "clip.part", NULL);
  struct stat info;

  g_assert_cmpint (stat (path, &info), ==, 0);
  return info;
}

/* A byte a connection is no progress: the pauses grow, and in the end it is
 * over. What came stays, and the next run goes on behind it. */
static void
test_byte_a_connection (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autofree char *range = NULL;
  long had;
  guint n;

  bench.tuning.backoff = G_USEC_PER_SEC / 20;
  bench.tuning.window = G_USEC_PER_SEC;
  bench.tuning.window_bytes = 32 * 1024;
  serve_begin (&bench);
  serve (
      &bench,
      (FakeReply){ .headers = ETAG, .flags = FAKE_RANGE | FAKE_CUT, .cut = 1 });
  assert_no_clip (&bench, GENVID_MEDIA_BROKEN, GENVID_REASON_UNREACHABLE);
  g_assert_nonnull (strstr (bench.result.failure->message, "too slow"));
  g_assert_false (bench.result.failure->retryable);
  n = fake_service_get_n_requests (bench.service);
  g_assert_cmpuint (n, >=, 3);
  g_assert_cmpuint (n, <=, 9);
  /* The byte of a connection that is cut may be lost with it. */
  had = stat_part (&bench).st_size;
  g_assert_cmpint (had, >, CUT);
  g_assert_cmpint (had, <, CUT + n);
  serve (&bench, (FakeReply){ .path = "/fresh.mp4",
                              .headers = ETAG,
                              .flags = FAKE_RANGE });
  assert_complete (&bench, run (&bench, "/fresh.mp4"), bench.bytes);
  range = g_strdup_printf ("bytes=%ld-", had);
  g_assert_cmpstr (get_sent (&bench, n, "range"), ==, range);
}

/* A part that ends where it said it would is paced as well. */
static void
test_byte_a_part (void)
{
  g_auto (Bench) bench = bench_new ();
  char range[64];

  bench.tuning.backoff = G_USEC_PER_SEC / 20;
  bench.tuning.window = G_USEC_PER_SEC;
  bench.tuning.window_bytes = 32 * 1024;
  serve_begin (&bench);
  for (gsize at = CUT; at < CUT + 100; at++) {
    g_autoptr (GBytes) byte = g_bytes_new_from_bytes (bench.bytes, at, 1);

    g_snprintf (range, sizeof range, "bytes %zu-%zu/%d", at, at, SIZE);
    serve (&bench,
           (FakeReply){
               .headers = ETAG, .bytes = byte, .range = range, .times = 1 });
  }
  assert_no_clip (&bench, GENVID_MEDIA_BROKEN, GENVID_REASON_UNREACHABLE);
  g_assert_cmpuint (fake_service_get_n_requests (bench.service), <=, 9);
}

/* One connection that never ends and brings hardly anything. */
static void
test_too_slow (void)
{
  g_auto (Bench) bench = bench_new ();

  bench.tuning.window = G_USEC_PER_SEC / 4;
  bench.tuning.window_bytes = 32 * 1024;
  serve (&bench, (FakeReply){ .headers = ETAG,
                              .flags = FAKE_RANGE | FAKE_HOLD_BODY,
                              .cut = 1000 });
  assert_no_clip (&bench, GENVID_MEDIA_BROKEN, GENVID_REASON_UNREACHABLE);
  g_assert_nonnull (strstr (bench.result.failure->message, "1000 new bytes"));
  g_assert_cmpuint (fake_service_get_n_requests (bench.service), ==, 1);
  g_assert_cmpint (stat_part (&bench).st_size, ==, 1000);
}

/* What is compared moves on, too, but only the first time. */
static void
test_compared_again (void)
{
  g_auto (Bench) bench = bench_new ();

  bench.tuning.window = G_USEC_PER_SEC / 2;
  bench.tuning.window_bytes = 32 * 1024;
  bench.tuning.backoff = G_USEC_PER_SEC / 100;
  for (guint i = 0; i < 200; i++)
    serve (&bench,
           (FakeReply){ .flags = FAKE_CUT, .cut = CUT + i, .times = 1 });
  assert_no_clip (&bench, GENVID_MEDIA_BROKEN, GENVID_REASON_UNREACHABLE);
  g_assert_cmpuint (fake_service_get_n_requests (bench.service), <=, 12);
}

/* 2 GiB are announced, and a thousand bytes come. */
static void
test_room (void)
{
  g_auto (Bench) bench = bench_new ();

  serve (&bench, (FakeReply){ .headers = ETAG,
                              .flags = FAKE_HOLD_BODY,
                              .cut = 1000,
                              .lie = G_MAXINT32 - SIZE });
  bench.tuning.window = G_USEC_PER_SEC / 4;
  bench.tuning.window_bytes = 32 * 1024;
  assert_no_clip (&bench, GENVID_MEDIA_BROKEN, GENVID_REASON_UNREACHABLE);
  g_assert_cmpint (stat_part (&bench).st_size, ==, 1000);
  g_assert_cmpint (stat_part (&bench).st_blocks, <=, 64);
}

typedef struct {
  Bench *bench;
  gint64 blocks;
} Watch;

static gpointer
watch_room (gpointer data)
{
  Watch *watch = data;
  GenvidClipReader *reader = genvid_clip_add_reader (watch->bench->clip);
  gsize available = 0;

  while (available < 1000) {
    g_autoptr (GenvidClipStatus) now
        = genvid_clip_snapshot (watch->bench->clip);

    genvid_clip_reader_wait (reader, 0, 1000, TRUE, now->serial, &available);
  }
  watch->blocks = stat_part (watch->bench).st_blocks;
  genvid_clip_reader_free (reader);
  fake_service_open (watch->bench->service, NULL);
  return NULL;
}

/* While it grows, the part is little ahead of its bytes. */
static void
test_room_on_the_way (void)
{
  g_auto (Bench) bench = bench_new ();
  Watch watch = { &bench, 0 };
  GThread *thread;

  g_bytes_unref (bench.bytes);
  bench.bytes = fake_clip_new (20 * MIB, FALSE, 1);
  serve (&bench,
         (FakeReply){ .headers = ETAG, .flags = FAKE_HOLD_BODY, .cut = 1000 });
  thread = g_thread_new ("watch", watch_room, &watch);
  assert_complete (&bench, run (&bench, "/clip.mp4"), bench.bytes);
  g_thread_join (thread);
  g_assert_cmpint (watch.blocks, <=, 2 * MIB / 512);
}

int
main (int argc, char **argv)
{
  wire_init (&argc, &argv);
  g_test_add_func ("/bounds/byte-a-connection", test_byte_a_connection);
  g_test_add_func ("/bounds/byte-a-part", test_byte_a_part);
  g_test_add_func ("/bounds/too-slow", test_too_slow);
  g_test_add_func ("/bounds/compared-again", test_compared_again);
  g_test_add_func ("/bounds/room", test_room);
  g_test_add_func ("/bounds/room-on-the-way", test_room_on_the_way);
  return g_test_run ();
}
