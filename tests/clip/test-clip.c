/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The growing file as its writer and its watchers see it: what moves the
 * serial, where the index is, when the writer is woken. */

#include "clip-kit.h"
#include "byte-ranges.h"
#include "clip-reader.h"
#include "clip-status.h"
#include "clip.h"
#include "record.h"

static void
test_snapshot (void)
{
  g_autoptr (GenvidClip) clip = genvid_clip_new ("cn8", "m-1");
  g_autoptr (GenvidClipStatus) snapshot = genvid_clip_snapshot (clip);

  g_assert_cmpuint (snapshot->serial, !=, 0);
  g_assert_cmpstr (snapshot->provider, ==, "cn8");
  g_assert_cmpstr (snapshot->model, ==, "m-1");
  g_assert_cmpint (snapshot->state, ==, GENVID_STATE_IDLE);
  g_assert_cmpint (snapshot->progress, ==, -1);
  g_assert_cmpfloat (snapshot->cost, ==, -1);
  g_assert_cmpuint (snapshot->size, ==, GENVID_SIZE_UNKNOWN);
  g_assert_false (snapshot->whole);
  g_assert_cmpstr (genvid_origin_to_string (GENVID_ORIGIN_BOUGHT), ==,
                   "bought");
  g_assert_cmpstr (genvid_origin_to_string (GENVID_ORIGIN_SHARED), ==,
                   "shared");
  g_assert_cmpstr (genvid_origin_to_string (GENVID_ORIGIN_STORED), ==,
                   "stored");
}

static void
test_serial (void)
{
  g_auto (Bench) bench = bench_new ();
  guint serial = see (bench.clip);

  genvid_clip_update (bench.clip, set_progress, GINT_TO_POINTER (5));
  g_assert_cmpuint (see (bench.clip), !=, serial);
  serial = see (bench.clip);
  /* The same once more is no change, in other memory too. */
  genvid_clip_update (bench.clip, set_progress, GINT_TO_POINTER (5));
  g_assert_cmpuint (see (bench.clip), ==, serial);
  put (&bench, 0, 100);
  g_assert_cmpuint (see (bench.clip), ==, serial);
  genvid_clip_set_size (bench.clip, 1000);
  g_assert_cmpuint (see (bench.clip), !=, serial);
  serial = see (bench.clip);
  genvid_clip_set_size (bench.clip, 1000);
  g_assert_cmpuint (see (bench.clip), ==, serial);
  genvid_clip_finish (bench.clip, 1000, "/x");
  g_assert_cmpuint (see (bench.clip), !=, serial);

  g_autoptr (GenvidClipStatus) snapshot = genvid_clip_snapshot (bench.clip);
  g_assert_true (snapshot->whole);
  g_assert_cmpuint (snapshot->present, ==, 1000);
  g_assert_cmpstr (snapshot->location, ==, "/x");
  g_assert_cmpstr (snapshot->note, ==, "a note");
}

static void
count_wake (gpointer data)
{
  g_atomic_int_inc ((int *)data);
}

static void
test_wake (void)
{
  g_auto (Bench) bench = bench_new ();
  GenvidClipReader *reader = genvid_clip_add_reader (bench.clip);
  int wakes = 0;

  genvid_clip_set_size (bench.clip, 100 * MIB);
  put (&bench, 0, 100);
  genvid_clip_set_wake (bench.clip, count_wake, &wakes);
  /* What comes next comes by itself. */
  Wait *next = begin (reader, 100, 10, FALSE);
  put (&bench, 100, 110);
  g_assert_cmpint (finish (next, NULL), ==, GENVID_READ_DATA);
  g_assert_cmpint (g_atomic_int_get (&wakes), ==, 0);

  Wait *far = begin (reader, 50 * MIB, 10, FALSE);
  put (&bench, 50 * MIB, 50 * MIB + 10);
  g_assert_cmpint (finish (far, NULL), ==, GENVID_READ_DATA);
  g_assert_cmpint (g_atomic_int_get (&wakes), ==, 1);

  genvid_clip_reader_stop (reader);
  g_assert_cmpint (g_atomic_int_get (&wakes), ==, 2);
  genvid_clip_reader_stop (reader);
  g_assert_cmpint (g_atomic_int_get (&wakes), ==, 2);
  genvid_clip_set_wake (bench.clip, NULL, NULL);
  genvid_clip_reader_free (reader);
}

/* A wake may look at the clip, since it is called under no lock; and when it
 * is ended none is left running on what its data was. */
static void
look_around (gpointer data)
{
  GenvidClip *clip = *(GenvidClip **)data;

  g_autoptr (GenvidClipStatus) snapshot = genvid_clip_snapshot (clip);
  g_assert_cmpstr (snapshot->provider, ==, "cn8");
  g_assert_cmpuint (genvid_clip_get_n_readers (clip), <=, 8);
}

static gpointer
come_and_go (gpointer data)
{
  GenvidClip *clip = data;

  for (guint i = 0; i < 200; i++)
    genvid_clip_reader_free (genvid_clip_add_reader (clip));
  return NULL;
}

static void
test_wake_ends (void)
{
  g_auto (Bench) bench = bench_new ();
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("reader", come_and_go, bench.clip);
  for (guint i = 0; i < 200; i++) {
    GenvidClip **data = g_new (GenvidClip *, 1);
    *data = bench.clip;
    genvid_clip_set_wake (bench.clip, look_around, data);
    genvid_clip_set_wake (bench.clip, NULL, NULL);
    *data = NULL;
    g_free (data);
  }
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

static void
write_box (int fd, guint64 offset, const char *type, guint32 size)
{
  guint32 length = GUINT32_TO_BE (size);

  g_assert_cmpint (pwrite (fd, &length, 4, (off_t)offset), ==, 4);
  g_assert_cmpint (pwrite (fd, type, 4, (off_t)offset + 4), ==, 4);
}

static gboolean
is_index_last (GenvidClip *clip)
{
  g_autoptr (GenvidClipStatus) snapshot = genvid_clip_snapshot (clip);

  return snapshot->index_last;
}

static void
test_index_last (void)
{
  g_auto (Bench) bench = bench_new ();
  guint serial = see (bench.clip);

  write_box (bench.fd, 0, "ftyp", 24);
  write_box (bench.fd, 24, "mdat", 5000);
  genvid_clip_add_bytes (bench.clip, 0, 20);
  g_assert_false (is_index_last (bench.clip));
  genvid_clip_add_bytes (bench.clip, 20, 30);
  g_assert_false (is_index_last (bench.clip));
  g_assert_cmpuint (see (bench.clip), ==, serial);
  genvid_clip_add_bytes (bench.clip, 30, 40);
  g_assert_true (is_index_last (bench.clip));
  g_assert_cmpuint (see (bench.clip), !=, serial);

  /* Another file, the other way round, and out of order. */
  genvid_clip_reset (bench.clip);
  g_assert_false (is_index_last (bench.clip));
  write_box (bench.fd, 24, "moov", 500);
  write_box (bench.fd, 524, "mdat", 5000);
  genvid_clip_add_bytes (bench.clip, 500, 1000);
  genvid_clip_add_bytes (bench.clip, 0, 500);
  g_assert_false (is_index_last (bench.clip));
}

static void
test_index_of_a_stored_clip (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autoptr (GenvidByteRanges) all = genvid_byte_ranges_new ();

  write_box (bench.fd, 0, "ftyp", 24);
  write_box (bench.fd, 24, "mdat", 500);
  write_box (bench.fd, 524, "moov", 76);
  g_assert_cmpint (ftruncate (bench.fd, 600), ==, 0);
  genvid_byte_ranges_add (all, 0, 600);
  genvid_clip_set_size (bench.clip, 600);
  genvid_clip_set_file (bench.clip, dup (bench.fd), all);
  g_assert_true (is_index_last (bench.clip));
  g_autoptr (GenvidByteRanges) ranges = genvid_clip_get_ranges (bench.clip);
  g_assert_cmpuint (genvid_byte_ranges_get_total (ranges), ==, 600);
}

static double
get_duration (GenvidClip *clip)
{
  g_autoptr (GenvidClipStatus) status = genvid_clip_snapshot (clip);

  return status->duration;
}

/* The movie header of a clip of 6 s, wherever the index is, as soon as it is
 * there; another file has another. */
static void
test_duration (void)
{
  static const guint8 times[] = { 0, 0, 2, 88, 0, 0, 14, 16 }; /* 600, 3600 */
  g_auto (Bench) bench = bench_new ();
  guint serial;

  write_box (bench.fd, 0, "ftyp", 24);
  write_box (bench.fd, 24, "mdat", 5000);
  write_box (bench.fd, 5024, "moov", 116);
  write_box (bench.fd, 5032, "mvhd", 108);
  g_assert_cmpint (pwrite (bench.fd, times, sizeof times, 5032 + 20), ==,
                   sizeof times);
  g_assert_cmpint (ftruncate (bench.fd, 5140), ==, 0);
  genvid_clip_add_bytes (bench.clip, 0, 100);
  genvid_clip_add_bytes (bench.clip, 5000, 5040);
  g_assert_cmpfloat (get_duration (bench.clip), ==, 0);
  serial = see (bench.clip);
  genvid_clip_add_bytes (bench.clip, 5040, 5140);
  g_assert_cmpfloat (get_duration (bench.clip), ==, 6);
  g_assert_cmpuint (see (bench.clip), !=, serial);
  genvid_clip_reset (bench.clip);
  g_assert_cmpfloat (get_duration (bench.clip), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clip/snapshot", test_snapshot);
  g_test_add_func ("/clip/serial", test_serial);
  g_test_add_func ("/clip/wake", test_wake);
  g_test_add_func ("/clip/wake-ends", test_wake_ends);
  g_test_add_func ("/clip/index-last", test_index_last);
  g_test_add_func ("/clip/duration", test_duration);
  g_test_add_func ("/clip/index-of-a-stored-clip", test_index_of_a_stored_clip);
  return g_test_run ();
}
