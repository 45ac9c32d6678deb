/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file that comes whole, in pieces, or again: it is the service's, byte for
 * byte, or it is not there. */
#include "download-kit.h"
#include "clip-reader.h"
#include "clip-status.h"
#include "clip.h"
#include "failure.h"
#include "media-outcome.h"

/* --- Plain. --- */

static void
test_ranged (void)
{
  g_auto (Bench) bench = bench_new ();

  serve (&bench, (FakeReply){ .flags = FAKE_RANGE, .headers = ETAG DATE });
  assert_complete (&bench, run (&bench, "/clip.mp4?X-Sig=%2b%7e"), bench.bytes);
  g_assert_cmpuint (fake_service_get_n_requests (bench.service), ==, 1);
  g_assert_cmpstr (fake_service_get_request (bench.service, 0)->target, ==,
                   "/clip.mp4?X-Sig=%2b%7e");
  g_assert_cmpstr (get_sent (&bench, 0, "range"), ==, "bytes=0-");
  g_assert_null (get_sent (&bench, 0, "if-range"));
  g_assert_cmpstr (get_sent (&bench, 0, "accept-encoding"), ==, "identity");
  g_assert_null (get_sent (&bench, 0, "authorization"));
}

static void
test_bodies (void)
{
  const FakeReply replies[] = {
    { .path = "/plain", .headers = ETAG },
    { .path = "/chunked", .flags = FAKE_CHUNKED },
    { .path = "/blind", .flags = FAKE_NO_LENGTH },
    { .path = "/mislabelled", .headers = "Content-Type: text/html\n" },
    { .path = "/chunked-range", .flags = FAKE_CHUNKED | FAKE_RANGE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++) {
    g_auto (Bench) bench = bench_new ();

    serve (&bench, replies[i]);
    assert_complete (&bench, run (&bench, replies[i].path), bench.bytes);
    g_assert_cmpuint (fake_service_get_n_requests (bench.service), ==, 1);
  }
}

static void
test_dribble (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autoptr (GBytes) bytes = fake_clip_new (1500, TRUE, 3);

  serve (&bench, (FakeReply){ .bytes = bytes, .flags = FAKE_DRIBBLE });
  assert_complete (&bench, run (&bench, "/clip.mp4"), bytes);
}

/* --- Cut, and on again. --- */

static void
assert_resumed (const char *headers, guint flags, const char *if_range)
{
  g_auto (Bench) bench = bench_new ();
  g_autofree char *range = g_strdup_printf ("bytes=%d-", CUT);

  serve (&bench, (FakeReply){ .headers = headers,
                              .flags = flags | FAKE_RANGE,
                              .cut = CUT,
                              .times = 1 });
  serve (&bench, (FakeReply){ .headers = headers, .flags = FAKE_RANGE });
  assert_brought (&bench, 2);
  if (!if_range || !(flags & FAKE_RESET))
    g_assert_cmpstr (get_sent (&bench, 1, "range"), ==,
                     if_range ? range : NULL);
  if (!(flags & FAKE_RESET))
    g_assert_cmpstr (get_sent (&bench, 1, "if-range"), ==, if_range);
}

static void
test_resume (void)
{
  assert_resumed (ETAG, FAKE_CUT, "\"one\"");
  assert_resumed (ETAG DATE, FAKE_CUT, "\"one\"");
  assert_resumed (DATE, FAKE_CUT, "Sat, 21 Nov 2026 10:00:00 GMT");
  assert_resumed (ETAG, FAKE_CUT | FAKE_CHUNKED, "\"one\"");
  /* What lay in the sockets when the reset came is gone. */
  assert_resumed (ETAG, FAKE_CUT | FAKE_RESET, "\"one\"");
}

/* No proof, no splice: from zero, and in one piece. */
static void
test_resume_unproven (void)
{
  assert_resumed (NULL, FAKE_CUT, NULL);
  assert_resumed ("ETag: W/\"weak\"\n", FAKE_CUT, NULL);
}

/* A head that brought no bytes proves nothing of those that come later. */
static void
test_resume_second_head (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autoptr (GBytes) other = fake_clip_new (SIZE + 100, FALSE, 2);

  serve (&bench, (FakeReply){ .headers = ETAG,
                              .flags = FAKE_RANGE | FAKE_CUT,
                              .times = 1 });
  serve (&bench, (FakeReply){ .headers = "ETag: \"two\"\n",
                              .bytes = other,
                              .flags = FAKE_RANGE | FAKE_CUT,
                              .cut = CUT,
                              .times = 1 });
  serve (&bench, (FakeReply){ .headers = "ETag: \"two\"\n",
                              .bytes = other,
                              .flags = FAKE_RANGE });
  assert_complete (&bench, run (&bench, "/clip.mp4"), other);
  g_assert_cmpuint (fake_service_get_n_requests (bench.service), ==, 3);
  g_assert_null (get_sent (&bench, 1, "if-range"));
  g_assert_cmpstr (get_sent (&bench, 2, "if-range"), ==, "\"two\"");
}

/* The server lost its ranges: all of it comes again, and what is there is
 * skipped, because the answer proves itself the same. */
static void
test_resume_skip (void)
{
  g_auto (Bench) bench = bench_new ();

  serve (&bench, (FakeReply){ .headers = ETAG,
                              .flags = FAKE_RANGE | FAKE_CUT,
                              .cut = CUT,
                              .times = 1 });
  serve (&bench, (FakeReply){ .headers = ETAG });
  assert_brought (&bench, 2);
}

static GenvidReadOutcome
wait_for (Bench *bench, GenvidClipReader *reader, guint64 offset)
{
  g_autoptr (GenvidClipStatus) now = genvid_clip_snapshot (bench->clip);
  gsize available;

  return genvid_clip_reader_wait (reader, offset, 10, TRUE, now->serial,
                                  &available);
}

/* The same request, but another file: never a mix, and a reader that took
 * bytes is told. */
static void
assert_changed (const FakeReply *second, guint n_requests)
{
  g_auto (Bench) bench = bench_new ();
  g_autoptr (GBytes) other = fake_clip_new (SIZE - 1000, FALSE, 99);
  GenvidClipReader *reader;
  FakeReply reply = *second;

  serve (&bench, (FakeReply){ .headers = ETAG,
                              .flags = FAKE_RANGE | FAKE_CUT,
                              .cut = CUT,
                              .times = 1 });
  bench.tuning.attempts = 0;
  g_assert_cmpint (run (&bench, "/clip.mp4"), ==, GENVID_MEDIA_BROKEN);
  reader = genvid_clip_add_reader (bench.clip);
  g_assert_cmpint (wait_for (&bench, reader, 0), ==, GENVID_READ_DATA);
  bench.tuning.attempts = 5;
  reply.bytes = other;
  serve (&bench, reply);
  reply.times = 0;
  reply.status = 0;
  reply.range = NULL;
  serve (&bench, reply);
  assert_complete (&bench, run (&bench, "/clip.mp4"), other);
  g_assert_cmpuint (fake_service_get_n_requests (bench.service), ==,
                    n_requests);
  g_assert_cmpint (wait_for (&bench, reader, 10), ==, GENVID_READ_FAILED);
  genvid_clip_reader_free (reader);
}

static void
test_changed (void)
{
  const FakeReply seconds[] = {
    /* If-Range does its work: 200. */
    { .headers = "ETag: \"two\"\n", .flags = FAKE_RANGE },
    /* It is ignored: a 206 with another tag. */
    { .headers = "ETag: \"two\"\n",
      .range = "bytes 1048676-3144734/3144735",
      .times = 1 },
    { .headers = ETAG, .range = "bytes 1048676-3144734/3144735", .times = 1 },
    { .status = 412, .headers = "ETag: \"two\"\n", .times = 1 },
  };

  assert_changed (&seconds[0], 2);
  for (guint i = 1; i < G_N_ELEMENTS (seconds); i++)
    assert_changed (&seconds[i], 3);
}

/* A Content-Range that is not what was asked for proves nothing. */
static void
test_wrong_range (void)
{
  const char *const ranges[] = {
    "bytes 5-3145734/3145735",
    "bytes 0-9/5",
    "bytes",
    "items 0-1/2",
    "bytes 9-0/10",
    "bytes -1/3",
    "bytes */3145735",
  };

  for (guint i = 0; i < G_N_ELEMENTS (ranges); i++) {
    g_auto (Bench) bench = bench_new ();

    serve (&bench, (FakeReply){ .range = ranges[i], .times = 1 });
    serve (&bench, (FakeReply){ .headers = ETAG });
    assert_brought (&bench, 2);
    g_assert_null (get_sent (&bench, 1, "range"));
  }
}

static void
test_range_nonsense (void)
{
  g_auto (Bench) bench = bench_new ();

  serve (&bench, (FakeReply){ .range = "bytes 7-9/10" });
  assert_no_clip (&bench, GENVID_MEDIA_BROKEN, GENVID_REASON_UNREACHABLE);
}

/* A server that gives a slice at a time is odd, but honest. */
static void
test_slices (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) second = NULL;
  const char *first_range = "bytes 0-1999999/3145735";
  const char *second_range = "bytes 2000000-3145734/3145735";

  first = g_bytes_new_from_bytes (bench.bytes, 0, 2000000);
  second = g_bytes_new_from_bytes (bench.bytes, 2000000, SIZE - 2000000);
  serve (&bench, (FakeReply){ .headers = ETAG,
                              .bytes = first,
                              .range = first_range,
                              .times = 1 });
  serve (&bench, (FakeReply){
                     .headers = ETAG, .bytes = second, .range = second_range });
  assert_complete (&bench, run (&bench, "/clip.mp4"), bench.bytes);
  g_assert_cmpstr (get_sent (&bench, 1, "range"), ==, "bytes=2000000-");
}

/* --- Another process. --- */

static void
test_next_process (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autofree char *range = g_strdup_printf ("bytes=%d-", CUT);

  bench.tuning.attempts = 0;
  serve (&bench, (FakeReply){ .headers = ETAG,
                              .flags = FAKE_RANGE | FAKE_CUT,
                              .cut = CUT,
                              .times = 1 });
  serve (&bench, (FakeReply){ .headers = ETAG, .flags = FAKE_RANGE });
  g_assert_cmpint (run (&bench, "/clip.mp4"), ==, GENVID_MEDIA_BROKEN);
  close_process (&bench);
  open_process (&bench, NULL);
  assert_complete (&bench, run (&bench, "/clip.mp4"), bench.bytes);
  g_assert_cmpstr (get_sent (&bench, 1, "range"), ==, range);
  g_assert_cmpstr (get_sent (&bench, 1, "if-range"), ==, "\"one\"");
}

static void
test_next_process_other_file (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autoptr (GBytes) other = fake_clip_new (SIZE, FALSE, 5);

  bench.tuning.attempts = 0;
  serve (&bench, (FakeReply){ .headers = ETAG,
                              .flags = FAKE_RANGE | FAKE_CUT,
                              .cut = CUT,
                              .times = 1 });
  serve (&bench, (FakeReply){ .headers = "ETag: \"two\"\n",
                              .bytes = other,
                              .flags = FAKE_RANGE });
  g_assert_cmpint (run (&bench, "/clip.mp4"), ==, GENVID_MEDIA_BROKEN);
  close_process (&bench);
  open_process (&bench, NULL);
  assert_complete (&bench, run (&bench, "/clip.mp4"), other);
}

int
main (int argc, char **argv)
{
  wire_init (&argc, &argv);
  g_test_add_func ("/download/ranged", test_ranged);
  g_test_add_func ("/download/bodies", test_bodies);
  g_test_add_func ("/download/dribble", test_dribble);
  g_test_add_func ("/download/resume", test_resume);
  g_test_add_func ("/download/resume/unproven", test_resume_unproven);
  g_test_add_func ("/download/resume/second-head", test_resume_second_head);
  g_test_add_func ("/download/resume/skip", test_resume_skip);
  g_test_add_func ("/download/changed", test_changed);
  g_test_add_func ("/download/wrong-range", test_wrong_range);
  g_test_add_func ("/download/range-nonsense", test_range_nonsense);
  g_test_add_func ("/download/slices", test_slices);
  g_test_add_func ("/download/next-process", test_next_process);
  g_test_add_func ("/download/next-process/other-file",
                   test_next_process_other_file);
  return g_test_run ();
}
