/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a body was packed with is told by its bytes, whatever its header says.
 */
#include "download-kit.h"
#include "pack-kit.h"

#include "content-coding.h"
#include "exchange.h"
#include "failure.h"
#include "http-client.h"
#include "json-reader.h"
#include "media-outcome.h"

#define JSON "{\"id\":7,\"status\":\"queued\",\"words\":[1,2,3,4,5,6,7,8,9]}"

static const struct {
  const char *claim;
  Packing packing;
} packings[] = {
  { "gzip", GZIP },         { "x-gzip", GZIP },
  { "GZip", GZIP },         { "aws-chunked, gzip", GZIP },
  { "none", GZIP },         { "deflate", ZLIB },
  { "deflate", RAW },       { "gzip", PLAIN },
  { "deflate", PLAIN },     { "br", PLAIN },
  { "base64", PLAIN },      { "aws-chunked", PLAIN },
  { "none", PLAIN },        { "utf-8", PLAIN },
  { "Identity", PLAIN },    { "gzip", GZIP_PADDED },
  { "gzip", GZIP_MEMBERS },
};

/* --- Answers. --- */

static void
test_answers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (packings); i++) {
    g_autoptr (GBytes) plain = g_bytes_new_static (JSON, strlen (JSON));
    g_autoptr (GBytes) packed = pack (plain, packings[i].packing);
    g_autofree char *headers
        = g_strdup_printf ("Content-Encoding: %s\n", packings[i].claim);
    const FakeReply script[]
        = { { "POST", "/", 200, headers, .bytes = packed } };
    g_autoptr (FakeService) service = FAKE_SERVICE (script);
    g_autoptr (GenvidHttpClient) http
        = make_transport (fake_service_get_url (service), NULL);
    g_autoptr (GenvidAnswer) answer
        = send_one (http, service, GENVID_EXCHANGE_SUBMIT, "POST", "/");

    g_test_message ("%s, %d", packings[i].claim, packings[i].packing);
    g_assert_false (answer->truncated);
    assert_body (answer, JSON);
  }
}

/* Some say nothing of it. */
static void
test_answer_without_a_word (void)
{
  g_autoptr (GBytes) plain = g_bytes_new_static (JSON, strlen (JSON));
  g_autoptr (GBytes) packed = pack (plain, GZIP);
  const FakeReply script[] = { { "GET", "/", .bytes = packed } };
  g_autoptr (FakeService) service = FAKE_SERVICE (script);
  g_autoptr (GenvidHttpClient) http
      = make_transport (fake_service_get_url (service), NULL);
  g_autoptr (GenvidAnswer) answer
      = send_one (http, service, GENVID_EXCHANGE_POLL, "GET", "/");

  assert_body (answer, JSON);
}

/* 8 MiB of blanks in 40 KiB: cut as if they had come so. */
static void
test_answer_too_long (void)
{
  g_autofree char *blanks = g_malloc (8 << 20);
  g_autoptr (GBytes) plain = NULL;
  g_autoptr (GBytes) packed = NULL;
  const char *headers = "Content-Encoding: gzip\n";
  g_autoptr (FakeService) service = fake_service_new (NULL, 0);
  g_autoptr (GenvidHttpClient) http
      = make_transport (fake_service_get_url (service), NULL);
  g_autoptr (GenvidAnswer) answer = NULL;

  memset (blanks, ' ', 8 << 20);
  plain = g_bytes_new_static (blanks, 8 << 20);
  packed = pack (plain, GZIP);
  fake_service_add (service,
                    &(FakeReply){ .headers = headers, .bytes = packed });
  answer = send_one (http, service, GENVID_EXCHANGE_POLL, "GET", "/");
  g_assert_true (answer->truncated);
  g_assert_cmpuint (g_bytes_get_size (answer->body), ==, GENVID_JSON_MAX_BYTES);
}

/* What cannot be undone stays as it came. */
static void
test_answer_damaged (void)
{
  g_autoptr (GBytes) plain = g_bytes_new_static (JSON, strlen (JSON));
  g_autoptr (GBytes) packed = pack (plain, GZIP);
  gsize size = g_bytes_get_size (packed);

  for (gsize length = 0; length < size; length++) {
    g_autoptr (GBytes) cut = g_bytes_new_from_bytes (packed, 0, length);
    gboolean truncated;

    g_assert_null (genvid_content_coding_undo ("gzip", cut, 1000, &truncated));
  }
}

/* --- Clips. --- */

static void
test_clips (void)
{
  const guint flags[] = { 0, FAKE_RANGE, FAKE_CHUNKED, FAKE_NO_LENGTH };

  for (guint i = 0; i < G_N_ELEMENTS (packings); i++) {
    g_auto (Bench) bench = { 0 };
    g_autoptr (GBytes) packed = NULL;
    g_autofree char *headers
        = g_strdup_printf (ETAG "Content-Encoding: %s\n", packings[i].claim);

    bench_init (&bench, NULL, 0);
    packed = pack (bench.bytes, packings[i].packing);
    serve (&bench, (FakeReply){ .headers = headers,
                                .bytes = packed,
                                .flags = flags[i % 4] });
    assert_brought (&bench, 1);
  }
}

/* After a cut all of it comes again: no place in what was sent is a place in
 * the clip. In another process, too. */
static void
test_clip_is_cut (void)
{
  g_auto (Bench) bench = { 0 };
  g_autoptr (GBytes) packed = NULL;
  const FakeReply cut = { .headers = ETAG "Content-Encoding: gzip\n",
                          .flags = FAKE_RANGE | FAKE_CUT,
                          .times = 1 };
  FakeReply reply = cut;

  bench_init (&bench, NULL, 0);
  bench.tuning.attempts = 2;
  reply.bytes = packed = pack (bench.bytes, GZIP);
  for (guint i = 1; i < 5; i++) {
    reply.cut = g_bytes_get_size (packed) / 4 * MIN (i, 2);
    serve (&bench, reply);
  }
  g_assert_cmpint (run (&bench, "/clip.mp4"), ==, GENVID_MEDIA_BROKEN);
  close_process (&bench);
  open_process (&bench, NULL);
  reply.flags = FAKE_RANGE;
  serve (&bench, reply);
  assert_brought (&bench, 5);
  for (guint i = 1; i < 5; i++)
    g_assert_null (get_sent (&bench, i, "range"));
}

/* A part of a packed file is of no use. */
static void
test_clip_in_parts (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autoptr (GBytes) packed = NULL;
  g_autoptr (GBytes) first = NULL;
  const char *headers = "Content-Encoding: gzip\n";

  packed = pack (bench.bytes, GZIP);
  first = g_bytes_new_from_bytes (packed, 0, 100000);
  serve (&bench, (FakeReply){ .headers = headers,
                              .bytes = first,
                              .range = "bytes 0-99999/1000000",
                              .times = 1 });
  serve (&bench, (FakeReply){ .headers = headers, .bytes = packed });
  assert_complete (&bench, run (&bench, "/clip.mp4"), bench.bytes);
  g_assert_null (get_sent (&bench, 1, "range"));
}

/* A header that lies takes nothing from the resume. */
static void
test_lie_is_resumed (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autofree char *range = g_strdup_printf ("bytes=%d-", CUT);

  serve (&bench, (FakeReply){ .headers = ETAG "Content-Encoding: gzip\n",
                              .flags = FAKE_RANGE | FAKE_CUT,
                              .cut = CUT,
                              .times = 1 });
  serve (&bench, (FakeReply){ .headers = ETAG "Content-Encoding: gzip\n",
                              .flags = FAKE_RANGE });
  assert_complete (&bench, run (&bench, "/clip.mp4"), bench.bytes);
  g_assert_cmpstr (get_sent (&bench, 1, "range"), ==, range);
}

static GBytes *
make_bomb (gsize size)
{
  guint8 *data = g_malloc0 (size);

  memcpy (data,
          "\0\0\0\x18"
          "ftypisom\0\0\2\0isomiso2\0\0\0\x08moov\0\0\0\0mdat",
          40);
  return g_bytes_new_take (data, size);
}

static void
test_bombs (void)
{
  const struct {
    guint64 max_size;
    GenvidReason reason;
  } rows[] = { { 1 << 20, GENVID_REASON_TOO_LARGE },
               { G_GUINT64_CONSTANT (1) << 31, GENVID_REASON_NOT_MEDIA } };
  g_autoptr (GBytes) plain = make_bomb (80 << 20);
  g_autoptr (GBytes) packed = pack (plain, GZIP);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (Bench) bench = bench_new ();

    bench.options.max_size = rows[i].max_size;
    serve (&bench, (FakeReply){ .headers = "Content-Encoding: gzip\n",
                                .bytes = packed });
    assert_refused (&bench, run (&bench, "/clip.mp4"), GENVID_MEDIA_REFUSED,
                    rows[i].reason);
    g_assert_cmpuint (fake_service_get_n_requests (bench.service), ==, 1);
  }
}

static void
test_no_clips (void)
{
  const struct {
    const char *claim, *body;
    Packing packing;
    GenvidMediaOutcome outcome; /* a page may go, a coding stays */
  } rows[] = {
    { "gzip", "{\"error\":\"the link has expired, or so it seems\"}", GZIP,
      GENVID_MEDIA_EXPIRED },
    { "deflate", "<html>the link has expired, or so it seems</html>", RAW,
      GENVID_MEDIA_EXPIRED },
    { "base64", "AAAAGGZ0eXBpc29tAAACAGlzb21pc28y", PLAIN,
      GENVID_MEDIA_EXPIRED },
    { "zstd", "\x28\xb5\x2f\xfd\x24\x35\x01\x02\x03\x04\x05\x06\x07", PLAIN,
      GENVID_MEDIA_REFUSED },
    { "gzip", "\x01\x02\xb5\x2f\xfd\x24\x35\x01\x02\x03\x04\x05\x06", PLAIN,
      GENVID_MEDIA_REFUSED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (Bench) bench = { 0 };
    g_autoptr (GBytes) plain
        = g_bytes_new_static (rows[i].body, strlen (rows[i].body));
    g_autoptr (GBytes) packed = pack (plain, rows[i].packing);
    g_autofree char *headers
        = g_strdup_printf ("Content-Encoding: %s\n", rows[i].claim);

    bench_init (&bench, NULL, 0);
    serve (&bench, (FakeReply){ .headers = headers, .bytes = packed });
    assert_refused (&bench, run (&bench, "/clip.mp4"), rows[i].outcome,
                    GENVID_REASON_NOT_MEDIA);
  }
}

/* A redirect with a coding of its own. */
static void
test_redirect (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autoptr (GBytes) packed = NULL;

  packed = pack (bench.bytes, GZIP);
  serve (&bench, (FakeReply){ .path = "/moved",
                              .status = 302,
                              .headers = "Location: /clip.mp4\n"
                                         "Content-Encoding: gzip\n",
                              .body = "" });
  serve (&bench,
         (FakeReply){ .headers = "Content-Encoding: gzip\n", .bytes = packed });
  assert_complete (&bench, run (&bench, "/moved"), bench.bytes);
}

int
main (int argc, char **argv)
{
  wire_init (&argc, &argv);
  g_test_add_func ("/coding/answers", test_answers);
  g_test_add_func ("/coding/answer-without-a-word", test_answer_without_a_word);
  g_test_add_func ("/coding/answer-too-long", test_answer_too_long);
  g_test_add_func ("/coding/answer-damaged", test_answer_damaged);
  g_test_add_func ("/coding/clips", test_clips);
  g_test_add_func ("/coding/clip-is-cut", test_clip_is_cut);
  g_test_add_func ("/coding/clip-in-parts", test_clip_in_parts);
  g_test_add_func ("/coding/lie-is-resumed", test_lie_is_resumed);
  g_test_add_func ("/coding/bombs", test_bombs);
  g_test_add_func ("/coding/no-clips", test_no_clips);
  g_test_add_func ("/coding/redirect", test_redirect);
  return g_test_run ();
}
