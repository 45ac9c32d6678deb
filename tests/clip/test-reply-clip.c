/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A clip that is the reply itself: it reaches the store and its readers as it
 * comes, whole or not at all, and no other reply gets longer by it. */
#include "download-kit.h"

#include "exchange.h"
#include "json-reader.h"
#include "reply-clip.h"

#define TYPE "Content-Type: video/mp4\n"

static GenvidAnswer *
ask (Bench *bench, guint64 max_size, gboolean media, char **extension)
{
  const GenvidReplyClip reply
      = { bench->http, bench->clip, bench->entry, max_size };
  g_autofree char *url = fake_service_make_url (bench->service, "/clip.mp4");
  g_autoptr (GenvidExchange) exchange
      = genvid_exchange_new (GENVID_EXCHANGE_SUBMIT, "POST", url);

  exchange->media = media;
  return genvid_reply_clip_send (&reply, exchange, G_MAXINT64, extension);
}

static void
assert_nothing_left (Bench *bench)
{
  g_autoptr (GenvidByteRanges) ranges = genvid_clip_get_ranges (bench->clip);

  g_assert_cmpuint (genvid_byte_ranges_get_total (ranges), ==, 0);
  g_assert_false (genvid_clip_is_whole (bench->clip));
}

static void
test_whole (void)
{
  static const guint flags[] = { 0, FAKE_CHUNKED, FAKE_NO_LENGTH };

  for (guint i = 0; i < G_N_ELEMENTS (flags); i++) {
    g_auto (Bench) bench = bench_new ();
    g_autofree char *extension = NULL;
    g_autoptr (GenvidAnswer) answer = NULL;
    g_autoptr (GenvidClipStatus) status = NULL;
    g_autofree char *stored = NULL;
    gsize length;

    serve (&bench, (FakeReply){ .headers = TYPE, .flags = flags[i] });
    answer = ask (&bench, SIZE, TRUE, &extension);
    g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_REPLY);
    g_assert_cmpuint (answer->media, ==, SIZE);
    g_assert_cmpuint (g_bytes_get_size (answer->body), ==, 0);
    g_assert_cmpstr (extension, ==, "mp4");
    status = genvid_clip_snapshot (bench.clip);
    g_assert_true (
        g_file_get_contents (status->location, &stored, &length, NULL));
    g_assert_cmpmem (stored, length, g_bytes_get_data (bench.bytes, NULL),
                     SIZE);
  }
}

/* There is nobody to ask for the rest of it. */
static void
test_broken (void)
{
  const FakeReply rows[] = {
    { .flags = FAKE_CUT, .cut = CUT },
    { .flags = FAKE_CUT | FAKE_CHUNKED, .cut = CUT },
    { .flags = FAKE_CUT | FAKE_RESET, .cut = CUT },
    /* Only the boxes tell that the end is missing. */
    { .flags = FAKE_CUT | FAKE_NO_LENGTH, .cut = CUT },
    { .body = "no clip at all" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (Bench) bench = bench_new ();
    g_autofree char *extension = NULL;
    g_autoptr (GenvidAnswer) answer = NULL;
    FakeReply reply = rows[i];

    reply.headers = TYPE;
    serve (&bench, reply);
    answer = ask (&bench, G_MAXINT32, TRUE, &extension);
    g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_LOST);
    g_assert_cmpuint (answer->media, >, 0);
    g_assert_nonnull (answer->error);
    g_assert_null (extension);
    assert_nothing_left (&bench);
  }
}

/* What one reply left is no beginning of the next one. */
static void
test_again (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autofree char *extension = NULL;
  g_autoptr (GenvidAnswer) first = NULL;
  g_autoptr (GenvidAnswer) second = NULL;

  serve (&bench,
         (FakeReply){
             .headers = TYPE, .flags = FAKE_CUT, .cut = CUT, .times = 1 });
  serve (&bench, (FakeReply){ .headers = TYPE });
  first = ask (&bench, SIZE, TRUE, &extension);
  g_assert_cmpint (first->kind, ==, GENVID_ANSWER_LOST);
  second = ask (&bench, SIZE, TRUE, &extension);
  g_assert_cmpint (second->kind, ==, GENVID_ANSWER_REPLY);
  g_assert_nonnull (extension);
  g_assert_true (genvid_clip_is_whole (bench.clip));
}

/* By the head, or as it comes. */
static void
test_too_large (void)
{
  static const guint flags[] = { 0, FAKE_CHUNKED };

  for (guint i = 0; i < G_N_ELEMENTS (flags); i++) {
    g_auto (Bench) bench = bench_new ();
    g_autofree char *extension = NULL;
    g_autoptr (GenvidAnswer) answer = NULL;

    serve (&bench, (FakeReply){ .headers = TYPE, .flags = flags[i] });
    answer = ask (&bench, SIZE - 1, TRUE, &extension);
    g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_LOST);
    g_assert_nonnull (strstr (answer->error, "max-size"));
    assert_nothing_left (&bench);
  }
}

/* Not one that is asked for nothing of the kind, says another type, or is an
 * error: those are as short as ever. */
static void
test_others (void)
{
  const struct {
    const char *headers;
    guint status;
    gboolean media;
  } rows[] = { { TYPE, 200, FALSE },
               { "Content-Type: application/json\n", 200, TRUE },
               { "Content-Type: text/html\n", 200, TRUE },
               { "", 200, TRUE },
               { TYPE, 500, TRUE },
               { TYPE, 303, TRUE } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_auto (Bench) bench = bench_new ();
    g_autofree char *extension = NULL;
    g_autoptr (GenvidAnswer) answer = NULL;

    serve (&bench,
           (FakeReply){ .headers = rows[i].headers, .status = rows[i].status });
    answer = ask (&bench, SIZE, rows[i].media, &extension);
    g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_REPLY);
    g_assert_cmpuint (answer->media, ==, 0);
    g_assert_true (answer->truncated);
    g_assert_cmpuint (g_bytes_get_size (answer->body), <=,
                      GENVID_JSON_MAX_BYTES);
    g_assert_null (extension);
    assert_nothing_left (&bench);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reply-clip/whole", test_whole);
  g_test_add_func ("/reply-clip/broken", test_broken);
  g_test_add_func ("/reply-clip/again", test_again);
  g_test_add_func ("/reply-clip/too-large", test_too_large);
  g_test_add_func ("/reply-clip/others", test_others);
  return g_test_run ();
}
