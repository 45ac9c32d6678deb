/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Waiting for bytes of a growing file, and what ends a wait; then many readers
 * and one writer at once. */

#include "clip-kit.h"
#include "byte-ranges.h"
#include "clip-reader.h"
#include "clip-status.h"
#include "clip.h"
#include "failure.h"

#include <gio/gio.h>

static void
test_bytes (void)
{
  g_auto (Bench) bench = bench_new ();
  GenvidClipReader *reader = genvid_clip_add_reader (bench.clip);
  guint8 bytes[100];
  gsize available = 0;
  g_autoptr (GError) error = NULL;

  put (&bench, 0, 100);
  g_assert_cmpint (look (reader, 0, 40, FALSE, &available), ==,
                   GENVID_READ_DATA);
  g_assert_cmpuint (available, ==, 40);
  g_assert_cmpint (look (reader, 90, 40, FALSE, &available), ==,
                   GENVID_READ_DATA);
  g_assert_cmpuint (available, ==, 10);
  g_assert_cmpint (genvid_clip_reader_read (reader, 90, bytes, 10, &error), ==,
                   10);
  for (guint i = 0; i < 10; i++)
    g_assert_cmpuint (bytes[i], ==, make_byte (90 + i));

  /* With WHOLE to the exact end, which has to be known. */
  Wait *wait = begin (reader, 90, 40, TRUE);
  put (&bench, 100, 120);
  genvid_clip_set_size (bench.clip, 120);
  g_assert_cmpint (finish (wait, NULL), ==, GENVID_READ_CHANGED);
  g_assert_cmpint (look (reader, 90, 40, TRUE, &available), ==,
                   GENVID_READ_DATA);
  g_assert_cmpuint (available, ==, 30);
  genvid_clip_reader_free (reader);
}

static void
test_wakes_for_bytes (void)
{
  g_auto (Bench) bench = bench_new ();
  GenvidClipReader *reader = genvid_clip_add_reader (bench.clip);
  gsize available = 0;

  genvid_clip_set_size (bench.clip, 1000);
  Wait *some = begin (reader, 0, 500, FALSE);
  put (&bench, 0, 10);
  g_assert_cmpint (finish (some, &available), ==, GENVID_READ_DATA);
  g_assert_cmpuint (available, ==, 10);
  Wait *all = begin (reader, 0, 500, TRUE);
  put (&bench, 10, 400);
  put (&bench, 450, 500);
  put (&bench, 400, 450);
  g_assert_cmpint (finish (all, &available), ==, GENVID_READ_DATA);
  g_assert_cmpuint (available, ==, 500);
  genvid_clip_reader_free (reader);
}

static void
test_end (void)
{
  g_auto (Bench) bench = bench_new ();
  GenvidClipReader *reader = genvid_clip_add_reader (bench.clip);
  gsize available = 0;

  /* Of unknown size: the end is known with the last byte. */
  put (&bench, 0, 100);
  Wait *wait = begin (reader, 100, 10, FALSE);
  genvid_clip_finish (bench.clip, 100, NULL);
  g_assert_cmpint (finish (wait, NULL), ==, GENVID_READ_CHANGED);
  g_assert_cmpint (look (reader, 100, 10, FALSE, &available), ==,
                   GENVID_READ_EOS);
  g_assert_cmpuint (available, ==, 0);
  g_assert_cmpint (look (reader, 5000, 10, TRUE, NULL), ==, GENVID_READ_EOS);
  g_assert_cmpint (look (reader, 99, 10, TRUE, &available), ==,
                   GENVID_READ_DATA);
  g_assert_cmpuint (available, ==, 1);
  genvid_clip_reader_free (reader);
}

static void
test_end_before_the_bytes (void)
{
  g_auto (Bench) bench = bench_new ();
  GenvidClipReader *reader = genvid_clip_add_reader (bench.clip);

  genvid_clip_set_size (bench.clip, 100);
  g_assert_cmpint (look (reader, 100, 1, TRUE, NULL), ==, GENVID_READ_EOS);
  g_assert_cmpint (look (reader, G_MAXUINT64 - 1, 1, TRUE, NULL), ==,
                   GENVID_READ_EOS);
  genvid_clip_reader_free (reader);
}

static void
fail (Bench *bench, GenvidReason reason)
{
  g_autoptr (GenvidFailure) failure = genvid_failure_new (reason, "No.");

  g_assert_true (genvid_clip_fail (bench->clip, failure, FALSE));
}

/* All bytes are there, and whether they are a clip is still to be seen. */
static void
test_end_before_the_verdict (void)
{
  for (guint good = 0; good < 2; good++) {
    g_auto (Bench) bench = bench_new ();
    GenvidClipReader *reader = genvid_clip_add_reader (bench.clip);
    GenvidReadOutcome outcome;
    Wait *wait;

    genvid_clip_set_size (bench.clip, 100);
    put (&bench, 0, 100);
    wait = g_new0 (Wait, 1);
    *wait = (Wait){
      .reader = reader, .offset = 100, .length = 1, .seen = see (bench.clip)
    };
    wait->thread = g_thread_new ("wait", run_wait, wait);
    if (good)
      genvid_clip_finish (bench.clip, 100, NULL);
    else
      fail (&bench, GENVID_REASON_NOT_MEDIA);
    outcome = finish (wait, NULL);
    if (outcome == GENVID_READ_CHANGED)
      outcome = look (reader, 100, 1, FALSE, NULL);
    g_assert_cmpint (outcome, ==, good ? GENVID_READ_EOS : GENVID_READ_FAILED);
    genvid_clip_reader_free (reader);
  }
}

static void
test_change_before_bytes (void)
{
  g_auto (Bench) bench = bench_new ();
  GenvidClipReader *reader = genvid_clip_add_reader (bench.clip);
  gsize available = 0;

  put (&bench, 0, 100);
  g_assert_cmpint (
      genvid_clip_reader_wait (reader, 0, 10, FALSE, 0, &available), ==,
      GENVID_READ_CHANGED);
  g_assert_cmpint (look (reader, 0, 10, FALSE, NULL), ==, GENVID_READ_DATA);
  genvid_clip_reader_free (reader);
}

static void
test_failure (void)
{
  g_auto (Bench) bench = bench_new ();
  GenvidClipReader *reader = genvid_clip_add_reader (bench.clip);
  gsize available = 0;

  g_assert_null (genvid_clip_reader_get_failure (reader));
  put (&bench, 0, 100);
  Wait *wait = begin (reader, 100, 10, FALSE);
  fail (&bench, GENVID_REASON_REFUSED);
  g_assert_cmpint (finish (wait, NULL), ==, GENVID_READ_CHANGED);
  g_assert_cmpint (look (reader, 100, 10, FALSE, NULL), ==, GENVID_READ_FAILED);
  /* What is there is given all the same, but never a part for the whole. */
  g_assert_cmpint (look (reader, 90, 20, FALSE, &available), ==,
                   GENVID_READ_DATA);
  g_assert_cmpuint (available, ==, 10);
  g_assert_cmpint (look (reader, 80, 20, TRUE, NULL), ==, GENVID_READ_DATA);
  g_assert_cmpint (look (reader, 90, 20, TRUE, NULL), ==, GENVID_READ_FAILED);
  g_autoptr (GenvidFailure) failure = genvid_clip_reader_get_failure (reader);
  g_assert_cmpint (failure->reason, ==, GENVID_REASON_REFUSED);
  genvid_clip_reader_free (reader);
}

static void
test_stop (void)
{
  g_auto (Bench) bench = bench_new ();
  GenvidClipReader *one = genvid_clip_add_reader (bench.clip);
  GenvidClipReader *two = genvid_clip_add_reader (bench.clip);

  g_assert_cmpuint (genvid_clip_get_n_readers (bench.clip), ==, 2);
  put (&bench, 0, 100);
  Wait *wait = begin (one, 100, 10, FALSE);
  g_assert_cmpint (genvid_clip_reader_check (one), ==, GENVID_READ_DATA);
  g_assert_false (genvid_clip_reader_stop (one));
  g_assert_cmpint (finish (wait, NULL), ==, GENVID_READ_STOPPED);
  /* Stopped before the wait begins: that too, whatever is there. */
  g_assert_cmpint (genvid_clip_reader_check (one), ==, GENVID_READ_STOPPED);
  g_assert_cmpint (look (one, 0, 10, FALSE, NULL), ==, GENVID_READ_STOPPED);
  g_assert_false (genvid_clip_reader_stop (one));
  g_assert_cmpuint (genvid_clip_get_n_readers (bench.clip), ==, 1);
  g_assert_cmpint (look (two, 0, 10, FALSE, NULL), ==, GENVID_READ_DATA);
  g_assert_true (genvid_clip_reader_stop (two));
  g_assert_true (genvid_clip_reader_stop (two));
  genvid_clip_reader_free (one);
  genvid_clip_reader_free (two);
  g_assert_cmpuint (genvid_clip_get_n_readers (bench.clip), ==, 0);
}

static void
test_flush (void)
{
  g_auto (Bench) bench = bench_new ();
  GenvidClipReader *one = genvid_clip_add_reader (bench.clip);
  GenvidClipReader *two = genvid_clip_add_reader (bench.clip);

  put (&bench, 0, 100);
  genvid_clip_reader_set_flushing (one, TRUE);
  g_assert_cmpint (genvid_clip_reader_check (one), ==, GENVID_READ_FLUSHING);
  g_assert_cmpint (look (one, 0, 10, FALSE, NULL), ==, GENVID_READ_FLUSHING);
  g_assert_cmpint (look (two, 0, 10, FALSE, NULL), ==, GENVID_READ_DATA);
  genvid_clip_reader_set_flushing (one, FALSE);
  g_assert_cmpint (look (one, 0, 10, FALSE, NULL), ==, GENVID_READ_DATA);

  /* Over before the sleeper can wake up: it ends all the same, each time. */
  for (guint i = 0; i < 100; i++) {
    Wait *wait = begin (one, 100, 10, FALSE);
    genvid_clip_reader_set_flushing (one, TRUE);
    genvid_clip_reader_set_flushing (one, FALSE);
    g_assert_cmpint (finish (wait, NULL), ==, GENVID_READ_FLUSHING);
  }
  /* Flush, its end and stop at once: whichever the sleeper wakes up to, it
   * does not sleep on, and the next wait is told of the stop. */
  Wait *wait = begin (one, 100, 10, FALSE);
  genvid_clip_reader_set_flushing (one, TRUE);
  genvid_clip_reader_set_flushing (one, FALSE);
  genvid_clip_reader_stop (one);
  GenvidReadOutcome outcome = finish (wait, NULL);
  g_assert_true (outcome == GENVID_READ_STOPPED
                 || outcome == GENVID_READ_FLUSHING);
  g_assert_cmpint (look (one, 100, 10, FALSE, NULL), ==, GENVID_READ_STOPPED);
  genvid_clip_reader_free (one);
  genvid_clip_reader_free (two);
}

/* A flush of one reader does not disturb another's sleep. */
static void
test_flush_of_another (void)
{
  g_auto (Bench) bench = bench_new ();
  GenvidClipReader *one = genvid_clip_add_reader (bench.clip);
  GenvidClipReader *two = genvid_clip_add_reader (bench.clip);
  Wait *wait = begin (one, 0, 10, FALSE);

  genvid_clip_reader_set_flushing (two, TRUE);
  genvid_clip_reader_set_flushing (two, FALSE);
  genvid_clip_reader_stop (two);
  put (&bench, 0, 10);
  g_assert_cmpint (finish (wait, NULL), ==, GENVID_READ_DATA);
  genvid_clip_reader_free (one);
  genvid_clip_reader_free (two);
}

static void
test_reset (void)
{
  g_auto (Bench) bench = bench_new ();
  GenvidClipReader *old = genvid_clip_add_reader (bench.clip);
  GenvidClipReader *fresh = genvid_clip_add_reader (bench.clip);
  guint8 bytes[10];
  g_autoptr (GError) error = NULL;

  genvid_clip_set_size (bench.clip, 1000);
  put (&bench, 0, 100);
  g_assert_cmpint (look (old, 0, 10, FALSE, NULL), ==, GENVID_READ_DATA);
  Wait *wait = begin (fresh, 500, 10, FALSE);
  genvid_clip_reset (bench.clip);
  g_assert_cmpint (finish (wait, NULL), ==, GENVID_READ_CHANGED);
  g_assert_cmpuint (genvid_clip_get_size (bench.clip), ==, GENVID_SIZE_UNKNOWN);

  put (&bench, 0, 100);
  g_assert_cmpint (look (old, 0, 10, FALSE, NULL), ==, GENVID_READ_FAILED);
  g_assert_cmpint (genvid_clip_reader_read (old, 0, bytes, 10, &error), ==, -1);
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_FAILED);
  g_autoptr (GenvidFailure) failure = genvid_clip_reader_get_failure (old);
  g_assert_cmpint (failure->reason, ==, GENVID_REASON_FAILED);
  g_assert_true (failure->retryable);
  g_assert_null (genvid_clip_reader_get_failure (fresh));
  g_assert_cmpint (look (fresh, 0, 10, FALSE, NULL), ==, GENVID_READ_DATA);
  g_assert_cmpint (genvid_clip_reader_read (fresh, 0, bytes, 10, NULL), ==, 10);
  g_autoptr (GenvidClipStatus) snapshot = genvid_clip_snapshot (bench.clip);
  g_assert_null (snapshot->failure);
  genvid_clip_reader_free (old);
  genvid_clip_reader_free (fresh);
}

static void
test_read_of_nothing (void)
{
  g_auto (Bench) bench = bench_new ();
  GenvidClipReader *reader = genvid_clip_add_reader (bench.clip);
  guint8 bytes[10];
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (genvid_clip_reader_read (reader, 0, bytes, 10, &error), ==,
                   -1);
  g_assert_nonnull (error);
  g_clear_error (&error);
  /* Announced, and cut from the disk by someone. */
  genvid_clip_add_bytes (bench.clip, 0, 10);
  g_assert_cmpint (genvid_clip_reader_read (reader, 0, bytes, 10, &error), ==,
                   -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  genvid_clip_reader_free (reader);
}

static void
test_wish (void)
{
  g_auto (Bench) bench = bench_new ();
  GenvidClipReader *one = genvid_clip_add_reader (bench.clip);
  GenvidClipReader *two = genvid_clip_add_reader (bench.clip);

  genvid_clip_set_size (bench.clip, 100 * MIB);
  put (&bench, 0, 100);
  g_assert_cmpuint (genvid_clip_get_wish (bench.clip, 0, MIB), ==,
                    GENVID_SIZE_UNKNOWN);
  Wait *near = begin (one, 100, 10, FALSE);
  g_assert_cmpuint (genvid_clip_get_wish (bench.clip, 0, MIB), ==,
                    GENVID_SIZE_UNKNOWN);
  Wait *far = begin (two, 50 * MIB, 4096, TRUE);
  while (genvid_clip_get_wish (bench.clip, 0, MIB) != 50 * MIB)
    g_thread_yield ();
  /* Measured from what is there without a gap from FROM on. */
  g_assert_cmpuint (genvid_clip_get_wish (bench.clip, 0, 50 * MIB - 100), ==,
                    50 * MIB);
  g_assert_cmpuint (genvid_clip_get_wish (bench.clip, 0, 50 * MIB - 99), ==,
                    GENVID_SIZE_UNKNOWN);
  g_assert_cmpuint (genvid_clip_get_wish (bench.clip, 60 * MIB, 0), ==,
                    GENVID_SIZE_UNKNOWN);
  /* A part of it came: the rest is wished. */
  put (&bench, 50 * MIB, 50 * MIB + 96);
  g_assert_cmpuint (genvid_clip_get_wish (bench.clip, 0, MIB), ==,
                    50 * MIB + 96);
  put (&bench, 50 * MIB + 96, 50 * MIB + 4096);
  g_assert_cmpint (finish (far, NULL), ==, GENVID_READ_DATA);
  genvid_clip_reader_stop (one);
  g_assert_cmpint (finish (near, NULL), ==, GENVID_READ_STOPPED);
  g_assert_cmpuint (genvid_clip_get_wish (bench.clip, 0, 0), ==,
                    GENVID_SIZE_UNKNOWN);
  genvid_clip_reader_free (one);
  genvid_clip_reader_free (two);
}

/* One writer, many readers, each in its own order; every byte is right. */
#define FILE_SIZE (256 * 1024)
#define BLOCK     4096

static gpointer
read_it_all (gpointer data)
{
  GenvidClipReader *reader = data;
  guint8 bytes[BLOCK];
  guint64 offset = 0;
  guint seen = 0;

  for (;;) {
    gsize available = 0;
    GenvidReadOutcome outcome = genvid_clip_reader_wait (
        reader, offset, sizeof bytes, offset % 2 == 0, seen, &available);
    if (outcome == GENVID_READ_CHANGED)
      seen = see (reader->clip);
    if (outcome == GENVID_READ_EOS)
      break;
    if (outcome != GENVID_READ_DATA)
      continue;
    gssize got
        = genvid_clip_reader_read (reader, offset, bytes, available, NULL);
    g_assert_cmpint (got, ==, (gssize)available);
    for (gssize i = 0; i < got; i++)
      g_assert_cmpuint (bytes[i], ==, make_byte (offset + (guint64)i));
    /* Odd steps, so that blocks are asked across borders. */
    offset += got > 7 ? (guint64)got - 7 : (guint64)got;
  }
  g_assert_cmpuint (offset, ==, FILE_SIZE);
  return NULL;
}

static gpointer
flush_and_look (gpointer data)
{
  GenvidClipReader *reader = data;

  for (guint i = 0; i < 500; i++) {
    genvid_clip_reader_set_flushing (reader, i % 2 == 0);
    g_autoptr (GenvidClipStatus) snapshot = genvid_clip_snapshot (reader->clip);
    g_autoptr (GenvidByteRanges) ranges = genvid_clip_get_ranges (reader->clip);
    g_assert_cmpuint (genvid_byte_ranges_get_total (ranges), >=,
                      snapshot->present);
    genvid_clip_get_wish (reader->clip, 0, MIB);
  }
  genvid_clip_reader_set_flushing (reader, FALSE);
  return NULL;
}

static void
test_many_readers (void)
{
  g_auto (Bench) bench = bench_new ();
  GenvidClipReader *readers[4];
  GThread *threads[5];

  for (guint i = 0; i < G_N_ELEMENTS (readers); i++) {
    readers[i] = genvid_clip_add_reader (bench.clip);
    threads[i] = g_thread_new ("reader", read_it_all, readers[i]);
  }
  threads[4] = g_thread_new ("flush", flush_and_look, readers[0]);
  /* The end first, as a second request would bring it. */
  put (&bench, FILE_SIZE - 3 * BLOCK, FILE_SIZE);
  for (guint64 at = 0; at < FILE_SIZE - 3 * BLOCK; at += 1000) {
    put (&bench, at, MIN (at + 1000, FILE_SIZE - 3 * BLOCK));
    genvid_clip_update (bench.clip, set_progress,
                        GINT_TO_POINTER ((int)(at * 100 / FILE_SIZE)));
  }
  genvid_clip_finish (bench.clip, FILE_SIZE, "/x");
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    genvid_clip_reader_free (readers[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reader/bytes", test_bytes);
  g_test_add_func ("/reader/wakes-for-bytes", test_wakes_for_bytes);
  g_test_add_func ("/reader/end", test_end);
  g_test_add_func ("/reader/end-before-the-bytes", test_end_before_the_bytes);
  g_test_add_func ("/reader/end-before-the-verdict",
                   test_end_before_the_verdict);
  g_test_add_func ("/reader/change-before-bytes", test_change_before_bytes);
  g_test_add_func ("/reader/failure", test_failure);
  g_test_add_func ("/reader/stop", test_stop);
  g_test_add_func ("/reader/flush", test_flush);
  g_test_add_func ("/reader/flush-of-another", test_flush_of_another);
  g_test_add_func ("/reader/reset", test_reset);
  g_test_add_func ("/reader/read-of-nothing", test_read_of_nothing);
  g_test_add_func ("/reader/wish", test_wish);
  g_test_add_func ("/reader/many-readers", test_many_readers);
  return g_test_run ();
}
