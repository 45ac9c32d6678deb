/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A clip that is a string of base64 in a JSON answer: it reaches the store as
 * it arrives, and ordinary answers stay as short as they were. */
#include "download-kit.h"

#include "exchange.h"
#include "json-reader.h"
#include "media-outcome.h"

#define PATH "$.outputs[0].data"

static GBytes *
wrap (GBytes *clip, const char *end)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (clip, &length);
  g_autofree char *text = g_base64_encode (data, length);
  char *answer = g_strconcat ("{\"status\":\"completed\",\"outputs\":[{"
                              "\"data\":\"",
                              text, end, NULL);

  return g_bytes_new_take (answer, strlen (answer));
}

static void
test_whole (void)
{
  static const guint flags[] = { 0, FAKE_CHUNKED, FAKE_NO_LENGTH, FAKE_RANGE };

  for (guint i = 0; i < G_N_ELEMENTS (flags); i++) {
    g_auto (Bench) bench = bench_new ();
    g_autoptr (GBytes) answer = NULL;

    answer = wrap (bench.bytes, "\"}]}");
    bench.options.inline_path = PATH;
    serve (&bench,
           (FakeReply){ .bytes = answer,
                        .headers = ETAG "Content-Type: application/json\n",
                        .flags = flags[i] });
    assert_brought (&bench, 1);
    g_assert_null (get_sent (&bench, 0, "range"));
  }
}

/* The answer breaks off; all of it comes again, and is compared. */
static void
test_cut (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autoptr (GBytes) answer = NULL;

  answer = wrap (bench.bytes, "\"}]}");
  bench.options.inline_path = PATH;
  serve (&bench,
         (FakeReply){
             .bytes = answer, .flags = FAKE_CUT, .cut = CUT, .times = 1 });
  serve (&bench, (FakeReply){ .bytes = answer });
  assert_brought (&bench, 2);
}

/* By the framing it is whole, by its own word it is not. */
static void
test_open (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autoptr (GBytes) answer = NULL;

  answer = wrap (bench.bytes, "");
  bench.options.inline_path = PATH;
  bench.tuning.attempts = 0;
  serve (&bench, (FakeReply){ .bytes = answer });
  g_assert_cmpint (run (&bench, "/clip.mp4"), ==, GENVID_MEDIA_BROKEN);
}

static void
test_too_large (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autoptr (GBytes) answer = NULL;

  answer = wrap (bench.bytes, "\"}]}");
  bench.options.inline_path = PATH;
  bench.options.max_size = SIZE - 1;
  serve (&bench, (FakeReply){ .bytes = answer });
  assert_no_clip (&bench, GENVID_MEDIA_REFUSED, GENVID_REASON_TOO_LARGE);
}

static void
test_no_clip (void)
{
  g_auto (Bench) bench = bench_new ();

  bench.options.inline_path = PATH;
  bench.tuning.attempts = 0;
  serve (&bench, (FakeReply){ .body = "{\"status\":\"completed\"}" });
  g_assert_cmpint (run (&bench, "/clip.mp4"), !=, GENVID_MEDIA_COMPLETE);
  g_assert_nonnull (bench.result.failure);
}

/* The poll that is answered so, with and without leave. */
static void
check_poll (Bench *bench, gboolean cut)
{
  g_autofree char *url = fake_service_make_url (bench->service, "/clip.mp4");
  g_autoptr (GenvidExchange) exchange
      = genvid_exchange_new (GENVID_EXCHANGE_POLL, "GET", url);
  g_autoptr (GenvidAnswer) answer = NULL;

  exchange->cut = cut;
  answer = genvid_http_client_send (bench->http, exchange, G_MAXINT64 / 2, NULL,
                                    NULL);
  g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_REPLY);
  g_assert_cmpint (answer->truncated, ==, !cut);
  if (cut)
    g_assert_cmpuint (g_bytes_get_size (answer->body), <, 2000);
  else
    g_assert_cmpuint (g_bytes_get_size (answer->body), ==,
                      GENVID_JSON_MAX_BYTES);
}

static void
test_poll (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autoptr (GBytes) answer = NULL;

  answer = wrap (bench.bytes, "\"}]}");
  serve (&bench, (FakeReply){ .bytes = answer });
  check_poll (&bench, FALSE);
  check_poll (&bench, TRUE);
}

int
main (int argc, char **argv)
{
  wire_init (&argc, &argv);
  g_test_add_func ("/inline/whole", test_whole);
  g_test_add_func ("/inline/cut", test_cut);
  g_test_add_func ("/inline/open", test_open);
  g_test_add_func ("/inline/too-large", test_too_large);
  g_test_add_func ("/inline/no-clip", test_no_clip);
  g_test_add_func ("/inline/poll", test_poll);
  return g_test_run ();
}
