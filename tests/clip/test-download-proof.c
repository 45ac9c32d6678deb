/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Servers that prove nothing, prove it late, or end too soon: what is there is
 * compared with what comes, and no answer is asked for again for ever. */
#include "download-kit.h"
#include "clip-reader.h"
#include "clip-status.h"
#include "clip.h"
#include "failure.h"
#include "media-outcome.h"

static GenvidReadOutcome
wait_at (Bench *bench, GenvidClipReader *reader, guint64 offset)
{
  g_autoptr (GenvidClipStatus) now = genvid_clip_snapshot (bench->clip);
  gsize available;

  return genvid_clip_reader_wait (reader, offset, 10, TRUE, now->serial,
                                  &available);
}

/* A run that ends with the first CUT bytes there, and a reader that took
 * some. */
static GenvidClipReader *
begin (Bench *bench, const char *headers)
{
  GenvidClipReader *reader;

  bench_init (bench, NULL, 0);
  bench->tuning.attempts = 0;
  serve (bench, (FakeReply){ .headers = headers,
                             .flags = FAKE_RANGE | FAKE_CUT,
                             .cut = CUT,
                             .times = 1 });
  g_assert_cmpint (run (bench, "/clip.mp4"), ==, GENVID_MEDIA_BROKEN);
  bench->tuning.attempts = 5;
  reader = genvid_clip_add_reader (bench->clip);
  g_assert_cmpint (wait_at (bench, reader, 0), ==, GENVID_READ_DATA);
  return reader;
}

/* --- Compared. --- */

static void
test_same (void)
{
  const char *const rows[][2] = {
    { NULL, NULL }, { "ETag: W/\"weak\"\n", "ETag: W/\"weak\"\n" },
    { NULL, ETAG }, /* proves itself, and not what was before */
    { ETAG, NULL }, { DATE, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (Bench) bench = { 0 };
    GenvidClipReader *reader = begin (&bench, rows[i][0]);

    serve (&bench, (FakeReply){ .headers = rows[i][1] });
    assert_brought (&bench, 2);
    g_assert_cmpint (wait_at (&bench, reader, CUT), ==, GENVID_READ_DATA);
    genvid_clip_reader_free (reader);
  }
}

/* The connection ends before what is there was seen again: a cut. */
static void
test_same_after_a_cut (void)
{
  g_auto (Bench) bench = { 0 };
  GenvidClipReader *reader = begin (&bench, NULL);

  serve (&bench, (FakeReply){ .flags = FAKE_NO_LENGTH | FAKE_CUT,
                              .cut = CUT / 2,
                              .times = 2 });
  serve (&bench, (FakeReply){ 0 });
  assert_complete (&bench, run (&bench, "/clip.mp4"), bench.bytes);
  g_assert_cmpint (wait_at (&bench, reader, CUT), ==, GENVID_READ_DATA);
  genvid_clip_reader_free (reader);
}

/* Another file of the same size, or one that only looks longer. */
static void
test_other (void)
{
  const gsize sizes[] = { SIZE, SIZE + 1000 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_auto (Bench) bench = { 0 };
    g_autoptr (GBytes) other = fake_clip_new (sizes[i], FALSE, 9);
    GenvidClipReader *reader = begin (&bench, NULL);

    serve (&bench, (FakeReply){ .bytes = other });
    assert_complete (&bench, run (&bench, "/clip.mp4"), other);
    g_assert_cmpint (wait_at (&bench, reader, CUT), ==, GENVID_READ_FAILED);
    genvid_clip_reader_free (reader);
  }
}

/* The tag was promised, and a part comes without: it may be anything. */
static void
test_part_without_tag (void)
{
  g_auto (Bench) bench = { 0 };
  g_autoptr (GBytes) other = fake_clip_new (SIZE, FALSE, 9);
  g_autoptr (GBytes) rest = g_bytes_new_from_bytes (other, CUT, SIZE - CUT);
  g_autofree char *range
      = g_strdup_printf ("bytes %d-%d/%d", CUT, SIZE - 1, SIZE);
  GenvidClipReader *reader = begin (&bench, ETAG);

  serve (&bench, (FakeReply){ .bytes = rest, .range = range, .times = 1 });
  serve (&bench, (FakeReply){ .bytes = other });
  assert_complete (&bench, run (&bench, "/clip.mp4"), other);
  g_assert_null (get_sent (&bench, 2, "range"));
  g_assert_cmpint (wait_at (&bench, reader, CUT), ==, GENVID_READ_FAILED);
  genvid_clip_reader_free (reader);
}

static void
test_weak_tag_of_another (void)
{
  g_auto (Bench) bench = { 0 };
  g_autoptr (GBytes) other = fake_clip_new (SIZE, FALSE, 9);
  GenvidClipReader *reader = begin (&bench, ETAG);

  serve (&bench, (FakeReply){ .headers = "ETag: W/\"two\"\n", .bytes = other });
  assert_complete (&bench, run (&bench, "/clip.mp4"), other);
  g_assert_cmpuint (fake_service_get_n_requests (bench.service), ==, 2);
  g_assert_cmpint (wait_at (&bench, reader, CUT), ==, GENVID_READ_FAILED);
  genvid_clip_reader_free (reader);
}

/* It gives a MiB at a time and proves nothing: the whole is one answer. */
static void
test_parts_without_proof (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autoptr (GBytes) first = NULL;

  first = g_bytes_new_from_bytes (bench.bytes, 0, 1000000);
  serve (&bench, (FakeReply){ .bytes = first,
                              .range = "bytes 0-999999/3145735",
                              .times = 1 });
  serve (&bench, (FakeReply){ 0 });
  assert_brought (&bench, 2);
  g_assert_null (get_sent (&bench, 1, "range"));
}

/* An answer that proves nothing is compared as far as bytes are there, and
 * then cut: what it brought is its own, and no tag of before stands for it. */
static void
test_tag_of_before (void)
{
  g_auto (Bench) bench = { 0 };
  g_autoptr (GBytes) mixed = NULL;
  g_autofree guint8 *bytes = NULL;
  GenvidClipReader *reader = begin (&bench, ETAG);

  /* The same up to what is there, and then another. */
  bytes = g_memdup2 (g_bytes_get_data (bench.bytes, NULL), SIZE);
  memset (bytes + CUT, 7, SIZE - CUT);
  mixed = g_bytes_new_take (g_steal_pointer (&bytes), SIZE);
  serve (&bench, (FakeReply){ .bytes = mixed,
                              .flags = FAKE_CHUNKED | FAKE_CUT,
                              .cut = CUT + 500000,
                              .times = 1 });
  serve (&bench, (FakeReply){ .headers = ETAG, .flags = FAKE_RANGE });
  assert_complete (&bench, run (&bench, "/clip.mp4"), bench.bytes);
  g_assert_null (get_sent (&bench, 2, "if-range"));
  genvid_clip_reader_free (reader);
}

/* A date with a length is a proof, once the length is of the same file. */
static void
test_date_before_length (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autoptr (GBytes) other = fake_clip_new (SIZE, FALSE, 9);

  serve (&bench, (FakeReply){ .headers = DATE,
                              .flags = FAKE_CHUNKED | FAKE_CUT,
                              .cut = CUT,
                              .times = 1 });
  serve (&bench, (FakeReply){ .headers = DATE,
                              .bytes = other,
                              .flags = FAKE_CUT,
                              .cut = 20,
                              .times = 1 });
  serve (&bench,
         (FakeReply){ .headers = DATE, .bytes = other, .flags = FAKE_RANGE });
  assert_complete (&bench, run (&bench, "/clip.mp4"), other);
  g_assert_null (get_sent (&bench, 2, "range"));
}

/* --- The end of a part is no end of the file. --- */

/* It ends behind the length that another answer told, or before. */
static void
test_other_length (void)
{
  const struct {
    gsize size;
    gint64 lie; /* of the first answer */
    guint n_requests;
  } rows[] = {
    { SIZE + 5000, 0, 2 },
    { SIZE, 1000000, 2 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (Bench) bench = bench_new ();
    g_autoptr (GBytes) all = fake_clip_new (rows[i].size, FALSE, 1);
    g_autoptr (GBytes) first = g_bytes_new_from_bytes (all, 0, SIZE);

    serve (&bench, (FakeReply){ .bytes = first,
                                .flags = FAKE_CUT,
                                .cut = CUT,
                                .lie = rows[i].lie,
                                .times = 1 });
    serve (&bench, (FakeReply){ .bytes = all, .flags = FAKE_CHUNKED });
    assert_complete (&bench, run (&bench, "/clip.mp4"), all);
    g_assert_cmpuint (fake_service_get_n_requests (bench.service), ==,
                      rows[i].n_requests);
  }
}

/* What came of a body without a length was more than the file has. */
static void
test_shorter_than_held (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autoptr (GBytes) small = fake_clip_new (CUT - 1000, FALSE, 1);
  GenvidClipReader *reader;

  bench.tuning.attempts = 0;
  serve (
      &bench,
      (FakeReply){ .flags = FAKE_CHUNKED | FAKE_CUT, .cut = CUT, .times = 1 });
  g_assert_cmpint (run (&bench, "/clip.mp4"), ==, GENVID_MEDIA_BROKEN);
  bench.tuning.attempts = 5;
  reader = genvid_clip_add_reader (bench.clip);
  g_assert_cmpint (wait_at (&bench, reader, 0), ==, GENVID_READ_DATA);
  serve (&bench, (FakeReply){ .bytes = small });
  assert_complete (&bench, run (&bench, "/clip.mp4"), small);
  g_assert_cmpint (wait_at (&bench, reader, CUT), ==, GENVID_READ_FAILED);
  genvid_clip_reader_free (reader);
}

static GBytes *
make_ogg (gsize size)
{
  guint8 *bytes = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8)(i * 7 + (i >> 8));
  memcpy (bytes, "OggS", 4);
  return g_bytes_new_take (bytes, size);
}

static void
test_parts_without_total (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autoptr (GBytes) all = make_ogg (200000);
  g_autoptr (GBytes) first = g_bytes_new_from_bytes (all, 0, 100000);

  serve (&bench, (FakeReply){ .headers = ETAG,
                              .bytes = first,
                              .range = "bytes 0-99999/*",
                              .times = 1 });
  serve (&bench,
         (FakeReply){ .headers = ETAG, .bytes = all, .flags = FAKE_RANGE });
  g_assert_cmpint (run (&bench, "/clip.mp4"), ==, GENVID_MEDIA_COMPLETE);
  g_assert_cmpuint (bench.result.size, ==, 200000);
  g_assert_cmpuint (fake_service_get_n_requests (bench.service), ==, 2);
  g_assert_cmpstr (get_sent (&bench, 1, "range"), ==, "bytes=100000-");
}

/* And when there was no more, the server says so. */
static void
test_last_part_without_total (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autoptr (GBytes) all = make_ogg (100000);

  serve (&bench, (FakeReply){ .headers = ETAG,
                              .bytes = all,
                              .range = "bytes 0-99999/*",
                              .times = 1 });
  serve (&bench, (FakeReply){ .status = 416, .body = "" });
  g_assert_cmpint (run (&bench, "/clip.mp4"), ==, GENVID_MEDIA_COMPLETE);
  g_assert_cmpuint (bench.result.size, ==, 100000);
}

/* --- Not the clip. --- */

/* What was paid for and is there is not given up for a login page, nor for
 * something else that is no MP4. */
static void
test_page_on_resume (void)
{
  const FakeReply pages[] = {
    { .body = "<!DOCTYPE html><html><body>please log in</body></html>",
      .headers = "Content-Type: text/html\n" },
    { .body = "<!DOCTYPE html><html><body>please log in</body></html>",
      .headers = ETAG },
    { .body = "\x01\x02\x03 something that is neither text nor an MP4 file" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (pages); i++) {
    g_auto (Bench) bench = { 0 };
    GenvidClipReader *reader = begin (&bench, ETAG);
    g_autofree char *range = g_strdup_printf ("bytes=%d-", CUT);
    FakeReply page = pages[i];

    page.times = 1;
    serve (&bench, page);
    serve (&bench, (FakeReply){ .headers = ETAG, .flags = FAKE_RANGE });
    g_assert_cmpint (run (&bench, "/clip.mp4"), ==, GENVID_MEDIA_EXPIRED);
    g_assert_cmpint (wait_at (&bench, reader, 10), ==, GENVID_READ_DATA);
    assert_complete (&bench, run (&bench, "/clip.mp4"), bench.bytes);
    g_assert_cmpstr (get_sent (&bench, 2, "range"), ==, range);
    g_assert_cmpint (wait_at (&bench, reader, CUT), ==, GENVID_READ_DATA);
    genvid_clip_reader_free (reader);
  }
}

/* But one kind of clip may follow another, and anything what was none. */
static void
test_other_kind (void)
{
  const char *const begins[] = { "OggS", "\x01\x02\x03", "\x1a\x45\xdf\xa3" };

  for (guint i = 0; i < G_N_ELEMENTS (begins); i++) {
    g_auto (Bench) bench = { 0 };
    g_autofree guint8 *bytes = g_malloc (CUT);
    g_autoptr (GBytes) first = NULL;

    memset (bytes, 0x81, CUT);
    memcpy (bytes, begins[i], strlen (begins[i]));
    first = g_bytes_new (bytes, CUT);
    bench_init (&bench, NULL, 0);
    serve (&bench, (FakeReply){ .headers = ETAG,
                                .bytes = first,
                                .flags = FAKE_CUT,
                                .cut = CUT / 2,
                                .times = 1 });
    serve (&bench, (FakeReply){ .headers = "ETag: \"two\"\n" });
    assert_complete (&bench, run (&bench, "/clip.mp4"), bench.bytes);
  }
}

/* --- In vain, but not for ever. --- */

static void
assert_given_up (Bench *bench, guint n_requests)
{
  assert_refused (bench, run (bench, "/clip.mp4"), GENVID_MEDIA_BROKEN,
                  GENVID_REASON_UNREACHABLE);
  g_assert_cmpuint (fake_service_get_n_requests (bench->service), ==,
                    n_requests);
}

static void
test_always_412 (void)
{
  g_auto (Bench) bench = bench_new ();

  serve (&bench, (FakeReply){ .status = 412, .body = "no" });
  assert_no_clip (&bench, GENVID_MEDIA_EXPIRED, GENVID_REASON_NOT_FOUND);
  g_assert_cmpuint (fake_service_get_n_requests (bench.service), ==, 2);
}

/* All that it says of the part is right, but for the bytes. */
static void
test_empty_parts (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autoptr (GBytes) first = NULL;

  first = g_bytes_new_from_bytes (bench.bytes, 0, 1000000);
  serve (&bench, (FakeReply){ .headers = ETAG,
                              .bytes = first,
                              .range = "bytes 0-999999/3145735",
                              .times = 1 });
  serve (&bench, (FakeReply){ .headers = ETAG,
                              .body = "",
                              .flags = FAKE_CHUNKED,
                              .range = "bytes 1000000-3145734/3145735" });
  assert_given_up (&bench, 6);
}

/* A proven file that ends before the byte that is missing. */
static void
test_short_again (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autoptr (GBytes) first = NULL;

  first = g_bytes_new_from_bytes (bench.bytes, 0, 500000);
  serve (&bench, (FakeReply){ .headers = ETAG,
                              .flags = FAKE_RANGE | FAKE_CUT,
                              .cut = CUT,
                              .times = 1 });
  serve (&bench,
         (FakeReply){ .headers = ETAG, .bytes = first, .flags = FAKE_CHUNKED });
  assert_given_up (&bench, 6);
}

/* A connection that ends in the first bytes was cut, whatever it is that
 * began there. */
static void
test_cut_at_begin (void)
{
  for (guint cut = 0; cut < 12; cut += 3) {
    g_auto (Bench) bench = bench_new ();

    serve (&bench, (FakeReply){ .flags = FAKE_NO_LENGTH | FAKE_CUT,
                                .cut = cut,
                                .times = 2 });
    serve (&bench, (FakeReply){ .flags = FAKE_RANGE });
    assert_brought (&bench, 3);
  }
}

static void
test_always_empty (void)
{
  g_auto (Bench) bench = bench_new ();

  serve (&bench, (FakeReply){ .body = "", .flags = FAKE_NO_LENGTH });
  assert_no_clip (&bench, GENVID_MEDIA_BROKEN, GENVID_REASON_NOT_MEDIA);
  g_assert_cmpuint (fake_service_get_n_requests (bench.service), ==, 5);
}

/* --- Another process. --- */

/* Its bytes were never proven: they are compared before anybody hears that
 * they might be others. */
static void
test_next_process (void)
{
  g_auto (Bench) bench = { 0 };
  GenvidClipReader *reader = begin (&bench, NULL);

  genvid_clip_reader_free (reader);
  close_process (&bench);
  open_process (&bench, NULL);
  reader = genvid_clip_add_reader (bench.clip);
  serve (&bench, (FakeReply){ .flags = FAKE_RANGE });
  assert_complete (&bench, run (&bench, "/clip.mp4"), bench.bytes);
  g_assert_cmpint (wait_at (&bench, reader, CUT), ==, GENVID_READ_DATA);
  genvid_clip_reader_free (reader);
}

int
main (int argc, char **argv)
{
  wire_init (&argc, &argv);
  g_test_add_func ("/proof/same", test_same);
  g_test_add_func ("/proof/same-after-a-cut", test_same_after_a_cut);
  g_test_add_func ("/proof/other", test_other);
  g_test_add_func ("/proof/part-without-tag", test_part_without_tag);
  g_test_add_func ("/proof/weak-tag-of-another", test_weak_tag_of_another);
  g_test_add_func ("/proof/parts-without-proof", test_parts_without_proof);
  g_test_add_func ("/proof/tag-of-before", test_tag_of_before);
  g_test_add_func ("/proof/date-before-length", test_date_before_length);
  g_test_add_func ("/proof/other-length", test_other_length);
  g_test_add_func ("/proof/shorter-than-held", test_shorter_than_held);
  g_test_add_func ("/proof/other-kind", test_other_kind);
  g_test_add_func ("/proof/parts-without-total", test_parts_without_total);
  g_test_add_func ("/proof/last-part-without-total",
                   test_last_part_without_total);
  g_test_add_func ("/proof/page-on-resume", test_page_on_resume);
  g_test_add_func ("/proof/always-412", test_always_412);
  g_test_add_func ("/proof/empty-parts", test_empty_parts);
  g_test_add_func ("/proof/short-again", test_short_again);
  g_test_add_func ("/proof/cut-at-begin", test_cut_at_begin);
  g_test_add_func ("/proof/always-empty", test_always_empty);
  g_test_add_func ("/proof/next-process", test_next_process);
  return g_test_run ();
}
