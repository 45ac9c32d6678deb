/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Readers of a clip whose file is exchanged under them: nobody ever gets a
 * mix of two, and nobody loses what is still there. */

#include "clip-kit.h"
#include "byte-ranges.h"
#include "clip-reader.h"
#include "clip.h"
#include "failure.h"

#define BLOCK 4096

/* Resets under way: each reader gets the bytes of one file, or an error. */
typedef struct {
  GenvidClipReader *reader;
  gboolean failed;
} Picky;

static gpointer
read_one_file (gpointer data)
{
  Picky *picky = data;
  guint8 bytes[BLOCK];
  guint64 offset = 0;
  int mark = -1;
  guint seen = 0;

  for (;;) {
    gsize available = 0;
    GenvidReadOutcome outcome = genvid_clip_reader_wait (
        picky->reader, offset, sizeof bytes, FALSE, seen, &available);
    if (outcome == GENVID_READ_CHANGED)
      seen = see (picky->reader->clip);
    picky->failed = outcome == GENVID_READ_FAILED;
    if (outcome == GENVID_READ_EOS || outcome == GENVID_READ_FAILED)
      return NULL;
    if (outcome != GENVID_READ_DATA)
      continue;
    gssize got = genvid_clip_reader_read (picky->reader, offset, bytes,
                                          available, NULL);
    for (gssize i = 0; i < got; i++) {
      mark = mark < 0 ? bytes[i] : mark;
      g_assert_cmpint (bytes[i], ==, mark);
    }
    offset += got > 0 ? (guint64)got : 0;
  }
}

static void
test_resets (void)
{
  g_autoptr (GenvidClip) clip = genvid_clip_new ("cn8", NULL);
  Picky picky[4] = { 0 };
  GThread *threads[4];
  guint8 bytes[BLOCK];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++) {
    picky[i].reader = genvid_clip_add_reader (clip);
    threads[i] = g_thread_new ("reader", read_one_file, &picky[i]);
  }
  for (int file = 0; file < 20; file++) {
    int fd = memfd_create ("clip", MFD_CLOEXEC);
    memset (bytes, file, sizeof bytes);
    genvid_clip_reset (clip);
    genvid_clip_set_file (clip, dup (fd), NULL);
    for (guint64 at = 0; at < 8 * BLOCK; at += BLOCK) {
      g_assert_cmpint (pwrite (fd, bytes, BLOCK, (off_t)at), ==, BLOCK);
      genvid_clip_add_bytes (clip, at, at + BLOCK);
    }
    close (fd);
  }
  genvid_clip_finish (clip, 8 * BLOCK, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++) {
    g_thread_join (threads[i]);
    g_autoptr (GenvidFailure) failure
        = genvid_clip_reader_get_failure (picky[i].reader);
    g_assert_true ((failure != NULL) == picky[i].failed);
    genvid_clip_reader_free (picky[i].reader);
  }
}

/* The file is set anew while its holder or its name changes: with the bytes
 * that were there it is the same, without them or elsewhere another. */
static void
test_file_set_anew (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autoptr (GenvidByteRanges) more = genvid_byte_ranges_new ();
  g_autoptr (GenvidByteRanges) fewer = genvid_byte_ranges_new ();
  GenvidClipReader *early = genvid_clip_add_reader (bench.clip);
  GenvidClipReader *late = genvid_clip_add_reader (bench.clip);
  int other = memfd_create ("other", MFD_CLOEXEC);

  put (&bench, 0, 100);
  g_assert_cmpint (look (early, 0, 10, TRUE, NULL), ==, GENVID_READ_DATA);
  write_bytes (bench.fd, 100, 200);
  genvid_byte_ranges_add (more, 0, 200);
  genvid_clip_set_file (bench.clip, dup (bench.fd), more);
  g_assert_cmpint (look (early, 150, 10, TRUE, NULL), ==, GENVID_READ_DATA);

  genvid_byte_ranges_add (fewer, 0, 150);
  genvid_clip_set_file (bench.clip, dup (bench.fd), fewer);
  g_assert_cmpint (look (early, 0, 10, TRUE, NULL), ==, GENVID_READ_FAILED);
  g_assert_cmpint (look (late, 0, 10, TRUE, NULL), ==, GENVID_READ_DATA);

  write_bytes (other, 0, 200);
  genvid_clip_set_file (bench.clip, other, more);
  g_assert_cmpint (look (late, 0, 10, TRUE, NULL), ==, GENVID_READ_FAILED);
  genvid_clip_reader_free (early);
  genvid_clip_reader_free (late);
}

typedef struct {
  GenvidClipReader *reader;
  gint over; /* atomic */
  guint failed;
} Patient;

static gpointer
read_again_and_again (gpointer data)
{
  Patient *patient = data;
  guint8 bytes[100];

  while (!g_atomic_int_get (&patient->over))
    if (look (patient->reader, 0, sizeof bytes, TRUE, NULL)
            == GENVID_READ_FAILED
        || genvid_clip_reader_read (patient->reader, 0, bytes, sizeof bytes,
                                    NULL)
               < 0)
      patient->failed++;
  return NULL;
}

/* There is no moment in which the bytes seem to be gone. */
static void
test_file_set_under_a_reader (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autoptr (GenvidByteRanges) all = genvid_byte_ranges_new ();
  Patient patient = { .reader = genvid_clip_add_reader (bench.clip) };
  GThread *thread;

  put (&bench, 0, 100);
  genvid_byte_ranges_add (all, 0, 100);
  thread = g_thread_new ("reader", read_again_and_again, &patient);
  for (guint i = 0; i < 20000; i++)
    genvid_clip_set_file (bench.clip, dup (bench.fd), all);
  g_atomic_int_set (&patient.over, TRUE);
  g_thread_join (thread);
  g_assert_cmpuint (patient.failed, ==, 0);
  genvid_clip_reader_free (patient.reader);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reader-files/resets", test_resets);
  g_test_add_func ("/reader-files/set-anew", test_file_set_anew);
  g_test_add_func ("/reader-files/set-under-a-reader",
                   test_file_set_under_a_reader);
  return g_test_run ();
}
