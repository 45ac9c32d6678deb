/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every way in which a media server fails has one outcome. */
#include "download-kit.h"

#include "clip-status.h"
#include "clip.h"
#include "durable-file.h"
#include "failure.h"
#include "media-outcome.h"

#include <sys/resource.h>

/* --- Statuses. --- */

static void
test_expired (void)
{
  const guint statuses[] = { 400, 401, 402, 403, 404, 405, 406, 410, 412, 451 };

  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++) {
    g_auto (Bench) bench = bench_new ();
    g_autofree char *range = g_strdup_printf ("bytes=%d-", CUT);

    serve (&bench, (FakeReply){ .headers = ETAG,
                                .flags = FAKE_RANGE | FAKE_CUT,
                                .cut = CUT,
                                .times = 1 });
    serve (&bench, (FakeReply){ .status = statuses[i], .body = "gone" });
    serve (&bench, (FakeReply){ .path = "/fresh.mp4",
                                .headers = ETAG,
                                .flags = FAKE_RANGE });
    assert_no_clip (&bench, GENVID_MEDIA_EXPIRED, GENVID_REASON_NOT_FOUND);
    g_assert_cmpuint (bench.result.failure->http_status, ==, statuses[i]);
    /* It may have been the Range. */
    g_assert_null (get_sent (&bench, 2, "range"));
    /* The fresh link goes on at the same byte. */
    assert_complete (&bench, run (&bench, "/fresh.mp4"), bench.bytes);
    g_assert_cmpstr (get_sent (&bench, 3, "range"), ==, range);
    g_assert_cmpstr (get_sent (&bench, 3, "if-range"), ==, "\"one\"");
  }
}

static void
test_busy (void)
{
  const guint statuses[]
      = { 202, 204, 408, 409, 423, 425, 429, 500, 502, 503, 504 };

  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++) {
    g_auto (Bench) bench = bench_new ();

    serve (&bench, (FakeReply){ .status = statuses[i],
                                .headers = "Retry-After: 0\n",
                                .body = statuses[i] == 204 ? "" : "busy",
                                .times = 4 });
    serve (&bench, (FakeReply){ .flags = FAKE_RANGE });
    assert_brought (&bench, 5);
  }
}

static void
test_busy_for_ever (void)
{
  const struct {
    guint status;
    GenvidReason reason;
    guint n_requests;
  } cases[] = { { 503, GENVID_REASON_BUSY, 6 }, /* one without Range */
                { 429, GENVID_REASON_BUSY, 5 },
                { 423, GENVID_REASON_BUSY, 6 },
                { 204, GENVID_REASON_NOT_MEDIA, 5 },
                { 500, GENVID_REASON_UNREACHABLE, 6 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (Bench) bench = bench_new ();

    serve (&bench, (FakeReply){ .status = cases[i].status,
                                .body = cases[i].status == 204 ? "" : "no" });
    assert_refused (&bench, run (&bench, "/clip.mp4"), GENVID_MEDIA_BROKEN,
                    cases[i].reason);
    g_assert_cmpuint (bench.result.failure->http_status, ==, cases[i].status);
    g_assert_true (bench.result.failure->retryable);
    g_assert_cmpuint (fake_service_get_n_requests (bench.service), ==,
                      cases[i].n_requests);
  }
}

/* A Retry-After of an hour is cut to our patience, and that is over. */
static void
test_patience (void)
{
  g_auto (Bench) bench = bench_new ();

  bench.tuning.patience = 0;
  serve (&bench, (FakeReply){ .status = 503,
                              .headers = "Retry-After: 3600\n",
                              .body = "no" });
  assert_no_clip (&bench, GENVID_MEDIA_BROKEN, GENVID_REASON_BUSY);
  g_assert_cmpuint (fake_service_get_n_requests (bench.service), ==, 1);
}

static void
test_other_statuses (void)
{
  const struct {
    guint status;
    GenvidMediaOutcome outcome;
    GenvidReason reason;
  } cases[] = {
    { 304, GENVID_MEDIA_BROKEN, GENVID_REASON_BAD_ANSWER },
    { 302, GENVID_MEDIA_BROKEN, GENVID_REASON_BAD_ANSWER }, /* to nowhere */
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (Bench) bench = bench_new ();

    serve (&bench, (FakeReply){ .status = cases[i].status, .body = "" });
    assert_refused (&bench, run (&bench, "/clip.mp4"), cases[i].outcome,
                    cases[i].reason);
    g_assert_cmpuint (fake_service_get_n_requests (bench.service), ==, 1);
  }
}

static void
test_416 (void)
{
  g_auto (Bench) bench = bench_new ();

  serve (&bench, (FakeReply){ .status = 416, .body = "", .times = 1 });
  serve (&bench, (FakeReply){ .headers = ETAG });
  assert_complete (&bench, run (&bench, "/clip.mp4"), bench.bytes);
  g_assert_null (get_sent (&bench, 1, "range"));
}

/* --- Lengths that lie. --- */

/* Announced longer than it is: a cut, then "there is no more", and the boxes
 * say that it is whole. */
static void
test_length_too_long (void)
{
  g_auto (Bench) bench = bench_new ();

  serve (&bench,
         (FakeReply){
             .headers = ETAG, .flags = FAKE_CLOSE, .lie = 1000, .times = 1 });
  serve (&bench, (FakeReply){ .headers = ETAG, .flags = FAKE_RANGE });
  assert_brought (&bench, 2);
}

/* Announced shorter: what HTTP calls the whole body is no whole clip. */
static void
test_length_too_short (void)
{
  g_auto (Bench) bench = bench_new ();

  serve (&bench,
         (FakeReply){
             .headers = ETAG, .flags = FAKE_CLOSE, .lie = -1000, .times = 1 });
  serve (&bench, (FakeReply){ .headers = ETAG, .flags = FAKE_RANGE });
  assert_no_clip (&bench, GENVID_MEDIA_REFUSED, GENVID_REASON_NOT_MEDIA);
  /* The next run finds those bytes, sees that they are no clip, and fetches
   * anew instead of failing for ever. */
  assert_complete (&bench, run (&bench, "/clip.mp4"), bench.bytes);
}

static void
test_blind_cut (void)
{
  g_auto (Bench) bench = bench_new ();

  serve (&bench, (FakeReply){ .headers = ETAG,
                              .flags = FAKE_NO_LENGTH | FAKE_CUT,
                              .cut = CUT,
                              .times = 1 });
  serve (&bench, (FakeReply){ .headers = ETAG, .flags = FAKE_RANGE });
  assert_brought (&bench, 2);
}

/* --- No media. --- */

static void
test_not_media (void)
{
  const FakeReply replies[] = {
    { .body = "<!DOCTYPE html><html><body>Sorry, not here</body></html>",
      .headers = "Content-Type: text/html; charset=utf-8\n" },
    { .body = "{\"error\":\"expired\",\"code\":17,\"more\":\"text\"}",
      .headers = "Content-Type: application/json\n" },
    { .body = "<html>sent as if it were a clip, by a proxy</html>",
      .headers = "Content-Type: video/mp4\n" },
    { .body = "" },
    { .body = "", .flags = FAKE_CHUNKED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++) {
    g_auto (Bench) bench = bench_new ();
    g_autoptr (GenvidClipStatus) now = NULL;

    serve (&bench, replies[i]);
    /* What is a text or nothing may be a clip in a minute. */
    assert_refused (&bench, run (&bench, "/clip.mp4"),
                    replies[i].body ? GENVID_MEDIA_EXPIRED
                                    : GENVID_MEDIA_REFUSED,
                    GENVID_REASON_NOT_MEDIA);
    g_assert_cmpuint (fake_service_get_n_requests (bench.service), ==, 1);
    now = genvid_clip_snapshot (bench.clip);
    g_assert_cmpuint (now->present, ==, 0);
  }
}

/* What an uploader, a form or a camera left behind the clip. */
static void
test_trailers (void)
{
  const char *const trailers[]
      = { "{\"uploaded\":true}", "<?xml version=\"1.0\"?><meta/>", "ID3tag",
          "\r\n--boundary--\r\n" };
  const guint flags[] = { FAKE_RANGE, FAKE_NO_LENGTH };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (trailers); i++) {
    g_auto (Bench) bench = bench_new ();
    g_autoptr (GByteArray) bytes = g_byte_array_new ();
    g_autoptr (GBytes) file = NULL;

    g_byte_array_append (bytes, g_bytes_get_data (bench.bytes, NULL), SIZE);
    g_byte_array_append (bytes, (const guint8 *)trailers[i / 2],
                         strlen (trailers[i / 2]));
    file = g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
    serve (&bench, (FakeReply){ .bytes = file, .flags = flags[i % 2] });
    assert_complete (&bench, run (&bench, "/clip.mp4"), file);
  }
}

static void
test_too_large (void)
{
  const guint flags[] = { 0, FAKE_RANGE, FAKE_CHUNKED, FAKE_NO_LENGTH };

  for (guint i = 0; i < G_N_ELEMENTS (flags); i++) {
    g_auto (Bench) bench = bench_new ();

    bench.options.max_size = SIZE - 1;
    serve (&bench, (FakeReply){ .flags = flags[i] });
    assert_no_clip (&bench, GENVID_MEDIA_REFUSED, GENVID_REASON_TOO_LARGE);
  }
}

static void
test_no_space (void)
{
  const guint flags[] = { FAKE_RANGE, FAKE_CHUNKED };
  struct rlimit before, small;

  genvid_durable_file_block_signal ();
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  small = before;
  small.rlim_cur = 1024 * 1024;
  for (guint i = 0; i < G_N_ELEMENTS (flags); i++) {
    g_auto (Bench) bench = bench_new ();
    GenvidMediaOutcome outcome;

    serve (&bench, (FakeReply){ .flags = flags[i] });
    setrlimit (RLIMIT_FSIZE, &small);
    outcome = run (&bench, "/clip.mp4");
    setrlimit (RLIMIT_FSIZE, &before);
    assert_refused (&bench, outcome, GENVID_MEDIA_REFUSED,
                    GENVID_REASON_NO_SPACE);
  }
}

/* --- Where it may go. --- */

static void
test_redirects (void)
{
  const FakeReply script[] = {
    { NULL, "/1", 301, "Location: /2?a=%2f\n" },
    { NULL, "/2", 302, "Location: 3\n" },
    { NULL, "/3", 303, "Location: /4\n" },
    { NULL, "/4", 307, "Location: /5\n" },
    { NULL, "/5", 308, "Location: /clip.mp4\n" },
    { NULL, "/6", 302, "Location: /1\n" },
    { NULL, "/file", 302, "Location: file:///etc/passwd\n" },
    { NULL, "/user", 302, "Location: http://me@127.0.0.1/\n" },
    { NULL, "/private", 302, "Location: http://localhost:1/\n" },
    { NULL, "/loop", 302, "Location: /loop\n" },
  };
  const char *const bad[] = { "/6", "/file", "/user", "/private", "/loop" };
  g_auto (Bench) bench = { 0 };

  bench_init (&bench, script, G_N_ELEMENTS (script));
  serve (&bench, (FakeReply){ .flags = FAKE_RANGE });
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_refused (&bench, run (&bench, bad[i]), GENVID_MEDIA_REFUSED,
                    GENVID_REASON_UNSAFE_URL);
  assert_complete (&bench, run (&bench, "/1"), bench.bytes);
  g_assert_cmpuint (fake_service_count (bench.service, NULL, "/clip.mp4"), ==,
                    1);
  g_assert_cmpuint (fake_service_count (bench.service, NULL, "/loop"), ==, 6);
}

static void
test_unreachable (void)
{
  g_auto (Bench) bench = bench_new ();

  serve (&bench, (FakeReply){ .flags = FAKE_DROP });
  assert_no_clip (&bench, GENVID_MEDIA_BROKEN, GENVID_REASON_UNREACHABLE);
  g_assert_cmpuint (fake_service_get_n_requests (bench.service), ==, 5);
}

int
main (int argc, char **argv)
{
  wire_init (&argc, &argv);
  g_test_add_func ("/download/expired", test_expired);
  g_test_add_func ("/download/busy", test_busy);
  g_test_add_func ("/download/busy-for-ever", test_busy_for_ever);
  g_test_add_func ("/download/patience", test_patience);
  g_test_add_func ("/download/other-statuses", test_other_statuses);
  g_test_add_func ("/download/416", test_416);
  g_test_add_func ("/download/length-too-long", test_length_too_long);
  g_test_add_func ("/download/length-too-short", test_length_too_short);
  g_test_add_func ("/download/blind-cut", test_blind_cut);
  g_test_add_func ("/download/not-media", test_not_media);
  g_test_add_func ("/download/trailers", test_trailers);
  g_test_add_func ("/download/too-large", test_too_large);
  g_test_add_func ("/download/no-space", test_no_space);
  g_test_add_func ("/download/redirects", test_redirects);
  g_test_add_func ("/download/unreachable", test_unreachable);
  return g_test_run ();
}
