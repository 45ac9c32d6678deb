/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Media that needs the key: the key goes to the base-url's origin with every
 * request of a download, and to nobody else. */
#include "download-kit.h"

#include "clip-reader.h"
#include "clip-status.h"
#include "clip.h"
#include "exchange.h"
#include "media-outcome.h"

#define KEY "Bearer k-of-the-user"

static GPtrArray *
add_key (Bench *bench)
{
  GenvidExchange *exchange
      = genvid_exchange_new (GENVID_EXCHANGE_MEDIA, "GET", "");
  GPtrArray *headers = g_ptr_array_ref (exchange->headers);

  genvid_exchange_add_header (exchange, "Authorization", KEY, TRUE);
  genvid_exchange_free (exchange);
  bench->options.headers = headers;
  return headers;
}

static void
assert_keyed (Bench *bench)
{
  guint n = fake_service_get_n_requests (bench->service);

  g_assert_cmpuint (n, >, 0);
  for (guint i = 0; i < n; i++)
    g_assert_cmpstr (get_sent (bench, i, "authorization"), ==, KEY);
}

/* The first request, the one that continues, and a process later. */
static void
test_resumed (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autoptr (GPtrArray) headers = NULL;

  headers = add_key (&bench);
  serve (&bench, (FakeReply){ .headers = ETAG,
                              .flags = FAKE_RANGE | FAKE_CUT,
                              .cut = CUT,
                              .times = 2 });
  serve (&bench, (FakeReply){ .headers = ETAG, .flags = FAKE_RANGE });
  bench.tuning.attempts = 0;
  g_assert_cmpint (run (&bench, "/clip.mp4"), ==, GENVID_MEDIA_BROKEN);
  close_process (&bench);
  open_process (&bench, NULL);
  bench.tuning.attempts = 5;
  assert_brought (&bench, 3);
  g_assert_nonnull (get_sent (&bench, 2, "range"));
  assert_keyed (&bench);
}

/* A server that gives no parts sends all of it again, and it is compared. */
static void
test_without_range (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autoptr (GPtrArray) headers = NULL;

  headers = add_key (&bench);
  serve (
      &bench,
      (FakeReply){ .flags = FAKE_CHUNKED | FAKE_CUT, .cut = CUT, .times = 1 });
  serve (&bench, (FakeReply){ .flags = FAKE_CHUNKED });
  assert_brought (&bench, 2);
  assert_keyed (&bench);
}

static gpointer
read_far (gpointer data)
{
  Bench *bench = data;
  GenvidClipReader *reader = genvid_clip_add_reader (bench->clip);
  GenvidReadOutcome outcome;
  gsize available;

  do {
    g_autoptr (GenvidClipStatus) now = genvid_clip_snapshot (bench->clip);

    outcome = genvid_clip_reader_wait (reader, 2000000, 100, TRUE, now->serial,
                                       &available);
  } while (outcome == GENVID_READ_CHANGED);
  g_assert_cmpint (outcome, ==, GENVID_READ_DATA);
  genvid_clip_reader_free (reader);
  fake_service_open (bench->service, NULL);
  return NULL;
}

/* A reader far ahead: the second request has the key, too. */
static void
test_prefetch (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autoptr (GPtrArray) headers = NULL;
  GenvidMediaOutcome outcome;
  GThread *thread;

  headers = add_key (&bench);
  serve (&bench, (FakeReply){ .headers = ETAG,
                              .flags = FAKE_RANGE | FAKE_HOLD_BODY,
                              .cut = 300000,
                              .times = 1 });
  serve (&bench, (FakeReply){ .headers = ETAG, .flags = FAKE_RANGE });
  thread = g_thread_new ("reader", read_far, &bench);
  outcome = run (&bench, "/clip.mp4");
  g_thread_join (thread);
  assert_complete (&bench, outcome, bench.bytes);
  g_assert_cmpuint (fake_service_get_n_requests (bench.service), ==, 2);
  assert_keyed (&bench);
}

/* Elsewhere is nobody's business, not even on the way back. */
static void
test_redirects (void)
{
  g_auto (Bench) bench = { 0 };
  g_autoptr (GPtrArray) headers = NULL;
  g_autoptr (FakeService) other = fake_service_new (NULL, 0);
  g_autofree char *away
      = g_strdup_printf ("Location: %s/x.mp4\n", fake_service_get_url (other));
  g_autofree char *back = NULL;

  bench_init (&bench, NULL, 0);
  headers = add_key (&bench);
  back = g_strdup_printf ("Location: %s/back.mp4\n",
                          fake_service_get_url (bench.service));
  serve (&bench, (FakeReply){ .status = 302,
                              .path = "/clip.mp4",
                              .headers = "Location: /here.mp4\n",
                              .body = "" });
  serve (&bench,
         (FakeReply){
             .status = 307, .path = "/here.mp4", .headers = away, .body = "" });
  fake_service_add (other, &(FakeReply){ .status = 302,
                                         .path = "/x.mp4",
                                         .headers = back,
                                         .body = "" });
  serve (&bench, (FakeReply){ .path = "/back.mp4", .flags = FAKE_RANGE });
  assert_complete (&bench, run (&bench, "/clip.mp4"), bench.bytes);
  g_assert_cmpstr (get_sent (&bench, 0, "authorization"), ==, KEY);
  g_assert_cmpstr (get_sent (&bench, 1, "authorization"), ==, KEY);
  g_assert_null (get_sent (&bench, 2, "authorization"));
  g_assert_null (fake_request_get_header (fake_service_get_request (other, 0),
                                          "authorization"));
}

/* A link to another host never had it. */
static void
test_other_origin (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autoptr (GPtrArray) headers = NULL;
  g_autoptr (FakeService) other = fake_service_new (NULL, 0);
  g_autofree char *link = fake_service_make_url (other, "/clip.mp4");

  headers = add_key (&bench);
  fake_service_add (other, &(FakeReply){ .path = "/clip.mp4",
                                         .bytes = bench.bytes,
                                         .flags = FAKE_RANGE });
  bench.options.link = link;
  assert_complete (&bench,
                   genvid_download_run_tuned (bench.http, &bench.options,
                                              &bench.tuning, bench.clip,
                                              bench.entry, &bench.result),
                   bench.bytes);
  g_assert_null (fake_request_get_header (fake_service_get_request (other, 0),
                                          "authorization"));
}

/* "Not ready yet" is one request, whatever its status is elsewhere. */
static void
test_not_ready (void)
{
  static const guint pending[] = { 404, 400, 425, 0 };

  for (guint i = 0; pending[i] != 0; i++) {
    g_auto (Bench) bench = bench_new ();

    bench.options.pending = pending;
    serve (&bench, (FakeReply){ .status = pending[i],
                                .headers = "Retry-After: 7\n",
                                .body = "{\"error\":\"not ready\"}" });
    assert_no_clip (&bench, GENVID_MEDIA_EXPIRED, GENVID_REASON_BUSY);
    g_assert_cmpint (bench.result.retry_after, ==, 7 * G_USEC_PER_SEC);
    g_assert_cmpuint (bench.result.failure->http_status, ==, pending[i]);
    g_assert_cmpuint (fake_service_get_n_requests (bench.service), ==, 1);
  }
}

/* 401 is about the key where one was sent, and about the link elsewhere. */
static void
test_refused_key (void)
{
  for (guint keyed = 0; keyed < 2; keyed++) {
    g_auto (Bench) bench = bench_new ();
    g_autoptr (GPtrArray) headers = add_key (&bench);

    bench.options.headers = keyed ? headers : NULL;
    serve (&bench, (FakeReply){ .status = 401, .body = "{}" });
    assert_no_clip (&bench, GENVID_MEDIA_EXPIRED,
                    keyed ? GENVID_REASON_UNAUTHORIZED
                          : GENVID_REASON_NOT_FOUND);
    g_assert_cmpuint (bench.result.failure->http_status, ==, 401);
  }
}

int
main (int argc, char **argv)
{
  wire_init (&argc, &argv);
  g_test_add_func ("/keyed/resumed", test_resumed);
  g_test_add_func ("/keyed/without-range", test_without_range);
  g_test_add_func ("/keyed/prefetch", test_prefetch);
  g_test_add_func ("/keyed/redirects", test_redirects);
  g_test_add_func ("/keyed/other-origin", test_other_origin);
  g_test_add_func ("/keyed/not-ready", test_not_ready);
  g_test_add_func ("/keyed/refused-key", test_refused_key);
  return g_test_run ();
}
