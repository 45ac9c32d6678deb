/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Servers, and filters before them, that refuse a request for a part: the
 * whole is asked for, and the clip comes. */
#include "download-kit.h"
#include "clip-reader.h"
#include "clip-status.h"
#include "clip.h"
#include "clock.h"
#include "media-outcome.h"

static const guint refusals[]
    = { 400, 401, 403, 404, 405, 406, 409, 410, 412, 416, 500, 501, 502, 503 };

static void
refuse_parts (Bench *bench, guint status)
{
  serve (bench, (FakeReply){ .status = status,
                             .body = "blocked",
                             .flags = FAKE_IF_RANGED });
}

static void
test_first (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++) {
    g_auto (Bench) bench = bench_new ();

    bench.tuning.attempts = 1;
    refuse_parts (&bench, refusals[i]);
    serve (&bench, (FakeReply){ .headers = ETAG });
    assert_brought (&bench, 2);
    g_assert_null (get_sent (&bench, 1, "range"));
  }
}

/* Known once, it is not asked for parts again, not even for a reader. */
static void
test_remembered (void)
{
  g_auto (Bench) bench = bench_new ();

  refuse_parts (&bench, 403);
  serve (&bench, (FakeReply){ .headers = ETAG "Accept-Ranges: bytes\n",
                              .flags = FAKE_CUT,
                              .cut = CUT,
                              .times = 1 });
  serve (&bench, (FakeReply){ .headers = ETAG "Accept-Ranges: bytes\n" });
  assert_brought (&bench, 3);
  g_assert_null (get_sent (&bench, 2, "range"));
}

/* The whole comes again, and is proven or compared; no reader loses a byte. */
static void
test_resume (void)
{
  const char *const headers[] = { ETAG, DATE };

  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++) {
    for (guint j = 0; j < G_N_ELEMENTS (headers); j++) {
      g_auto (Bench) bench = bench_new ();
      g_autoptr (GenvidClipStatus) now = NULL;
      GenvidClipReader *reader;
      gsize available;

      serve (&bench, (FakeReply){ .headers = headers[j],
                                  .flags = FAKE_RANGE | FAKE_CUT,
                                  .cut = CUT,
                                  .times = 1 });
      bench.tuning.attempts = 0;
      g_assert_cmpint (run (&bench, "/clip.mp4"), ==, GENVID_MEDIA_BROKEN);
      reader = genvid_clip_add_reader (bench.clip);
      bench.tuning.attempts = 1;
      refuse_parts (&bench, refusals[i]);
      serve (&bench, (FakeReply){ .headers = j == 0 ? ETAG : NULL });
      assert_brought (&bench, 3);
      now = genvid_clip_snapshot (bench.clip);
      g_assert_cmpint (genvid_clip_reader_wait (reader, CUT, 10, TRUE,
                                                now->serial, &available),
                       ==, GENVID_READ_DATA);
      genvid_clip_reader_free (reader);
    }
  }
}

/* Where it was not the Range, the next resume asks for the rest again. */
static void
test_innocent (void)
{
  g_auto (Bench) bench = bench_new ();
  g_autofree char *range = g_strdup_printf ("bytes=%d-", CUT);

  serve (&bench, (FakeReply){ .headers = ETAG,
                              .flags = FAKE_RANGE | FAKE_CUT,
                              .cut = CUT,
                              .times = 1 });
  serve (&bench, (FakeReply){ .status = 500, .body = "no", .times = 2 });
  serve (&bench, (FakeReply){ .headers = ETAG, .flags = FAKE_RANGE });
  assert_brought (&bench, 4);
  g_assert_null (get_sent (&bench, 2, "range"));
  g_assert_cmpstr (get_sent (&bench, 3, "range"), ==, range);
}

/* Who asks to wait is not asked at once, and then without Range. */
static void
test_busy (void)
{
  g_auto (Bench) bench = bench_new ();
  gint64 begin;

  serve (&bench, (FakeReply){ .status = 503,
                              .headers = "Retry-After-Ms: 100\n",
                              .body = "no",
                              .flags = FAKE_IF_RANGED });
  serve (&bench, (FakeReply){ .headers = ETAG });
  begin = genvid_clock_now ().boot;
  assert_complete (&bench, run (&bench, "/clip.mp4"), bench.bytes);
  g_assert_cmpint (genvid_clock_now ().boot - begin, >=, G_USEC_PER_SEC / 10);
  g_assert_cmpuint (fake_service_get_n_requests (bench.service), ==, 2);
}

/* A filter that cuts the line instead of answering. */
static void
test_dropped (void)
{
  g_auto (Bench) bench = bench_new ();

  serve (&bench, (FakeReply){ .flags = FAKE_DROP | FAKE_IF_RANGED });
  serve (&bench, (FakeReply){ .headers = ETAG });
  assert_brought (&bench, 2);
}

int
main (int argc, char **argv)
{
  wire_init (&argc, &argv);
  g_test_add_func ("/refused/first", test_first);
  g_test_add_func ("/refused/remembered", test_remembered);
  g_test_add_func ("/refused/resume", test_resume);
  g_test_add_func ("/refused/innocent", test_innocent);
  g_test_add_func ("/refused/busy", test_busy);
  g_test_add_func ("/refused/dropped", test_dropped);
  return g_test_run ();
}
