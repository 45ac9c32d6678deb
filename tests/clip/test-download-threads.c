/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What comes from outside while a download runs: nothing for too long, a
 * reader far ahead, the end of the process, other downloads. */
#include "download-kit.h"
#include "byte-ranges.h"
#include "clip-reader.h"
#include "clip-status.h"
#include "clip.h"
#include "failure.h"
#include "http-client.h"
#include "log.h"
#include "media-outcome.h"

static void
test_stall (void)
{
  g_auto (Bench) bench = bench_new ();

  bench.tuning.stall = G_USEC_PER_SEC / 2;
  serve (&bench, (FakeReply){ .headers = ETAG,
                              .flags = FAKE_RANGE | FAKE_HOLD_BODY,
                              .cut = CUT,
                              .times = 1 });
  serve (&bench, (FakeReply){ .headers = ETAG, .flags = FAKE_RANGE });
  assert_brought (&bench, 2);
}

static void
test_stall_for_ever (void)
{
  g_auto (Bench) bench = bench_new ();

  bench.tuning.stall = 1;
  serve (&bench, (FakeReply){ .flags = FAKE_HOLD });
  assert_no_clip (&bench, GENVID_MEDIA_BROKEN, GENVID_REASON_UNREACHABLE);
}

typedef struct {
  Bench *bench;
  guint64 offset;
  gboolean good;
} Far;

static gpointer
read_far (gpointer data)
{
  Far *far = data;
  GenvidClipReader *reader = genvid_clip_add_reader (far->bench->clip);
  guint8 buffer[400];
  gsize available = 0, length;
  GenvidReadOutcome outcome;
  guint seen;

  do {
    g_autoptr (GenvidClipStatus) now = genvid_clip_snapshot (far->bench->clip);

    seen = now->serial;
    outcome = genvid_clip_reader_wait (reader, far->offset, sizeof buffer, TRUE,
                                       seen, &available);
  } while (outcome == GENVID_READ_CHANGED);
  if (outcome == GENVID_READ_DATA
      && genvid_clip_reader_read (reader, far->offset, buffer, sizeof buffer,
                                  NULL)
             == sizeof buffer)
    far->good
        = !memcmp (buffer,
                   (const guint8 *)g_bytes_get_data (far->bench->bytes, &length)
                       + far->offset,
                   sizeof buffer);
  genvid_clip_reader_free (reader);
  fake_service_open (far->bench->service, NULL);
  return NULL;
}

/* A run that brings the clip, with a thread beside it. */
static void
assert_complete_beside (Bench *bench, GThreadFunc beside, gpointer data)
{
  GThread *thread = g_thread_new ("beside", beside, data);
  GenvidMediaOutcome outcome = run (bench, "/clip.mp4");

  g_thread_join (thread);
  assert_complete (bench, outcome, bench->bytes);
}

/* The main request is held; a read far ahead gets its own, and only when it
 * has its bytes does the main one go on. */
static void
assert_read_ahead (guint64 offset, guint first_flags, guint64 from)
{
  g_auto (Bench) bench = bench_new ();
  g_autofree char *range
      = g_strdup_printf ("bytes=%" G_GUINT64_FORMAT "-", from);
  Far far = { &bench, offset, FALSE };

  serve (&bench, (FakeReply){ .headers = ETAG,
                              .flags = FAKE_HOLD_BODY | first_flags,
                              .cut = 300000,
                              .times = 1 });
  serve (&bench, (FakeReply){ .headers = ETAG, .flags = FAKE_RANGE });
  assert_complete_beside (&bench, read_far, &far);
  g_assert_true (far.good);
  g_assert_cmpuint (fake_service_get_n_requests (bench.service), ==, 2);
  g_assert_cmpstr (get_sent (&bench, 1, "range"), ==, range);
  g_assert_cmpstr (get_sent (&bench, 1, "if-range"), ==, "\"one\"");
}

static void
test_read_ahead (void)
{
  assert_read_ahead (2000000, FAKE_RANGE, 2000000);
  assert_read_ahead (SIZE - 5000, FAKE_RANGE, SIZE - 5000);
  /* The last bytes with what a player wants next. */
  assert_read_ahead (SIZE - 400, FAKE_RANGE, SIZE - 65536);
  /* On a line that brings nothing more, also what is not so far ahead. */
  assert_read_ahead (300000 + 200000, FAKE_RANGE, 300000 + 200000);
}

/* Reads far ahead, then what the main request brings next. */
static gpointer
look_ahead (gpointer data)
{
  Far *far = data;
  GenvidClipReader *reader = genvid_clip_add_reader (far->bench->clip);
  const guint64 offsets[] = { far->offset, 300000 };
  gsize available = 0;

  for (guint i = 0; i < G_N_ELEMENTS (offsets); i++) {
    guint seen;

    do {
      g_autoptr (GenvidClipStatus) now
          = genvid_clip_snapshot (far->bench->clip);

      seen = now->serial;
    } while (genvid_clip_reader_wait (reader, offsets[i], 400, TRUE, seen,
                                      &available)
             == GENVID_READ_CHANGED);
  }
  far->good = available == 400;
  genvid_clip_reader_free (reader);
  return NULL;
}

static gint main_goes_on;

static gpointer
open_when_it_waits (gpointer data)
{
  const Far *far = data;

  while (!g_atomic_int_get (&main_goes_on)
         && genvid_clip_get_wish (far->bench->clip, 300000, 0) != 300000)
    g_thread_yield ();
  fake_service_open (far->bench->service, "ahead");
  return NULL;
}

static FakeService *log_service;
static guint64 prefetched;

/* The main request goes on when the second one has ended. */
static gboolean
note_prefetch (GenvidLogRoom room, GenvidLogLevel level, const char *message)
{
  if (message == NULL || !g_str_has_prefix (message, "prefetch done: "))
    return TRUE;
  prefetched
      = g_ascii_strtoull (message + strlen ("prefetch done: "), NULL, 10);
  g_atomic_int_set (&main_goes_on, TRUE);
  fake_service_open (log_service, "main");
  return TRUE;
}

/* Who looked into the middle, as type finders do, goes back to the beginning:
 * the bytes behind what it saw must not take half of the line. */
static void
test_look_ahead (void)
{
  g_auto (Bench) bench = bench_new ();
  Far far = { &bench, 2000000, FALSE };
  GThread *opener;

  serve (&bench, (FakeReply){ .headers = ETAG,
                              .flags = FAKE_HOLD_BODY | FAKE_RANGE,
                              .cut = 300000,
                              .gate = "main",
                              .times = 1 });
  serve (&bench, (FakeReply){ .headers = ETAG,
                              .flags = FAKE_HOLD_BODY | FAKE_RANGE,
                              .cut = 100000,
                              .gate = "ahead" });
  log_service = bench.service;
  genvid_log_set_hook (note_prefetch);
  opener = g_thread_new ("opener", open_when_it_waits, &far);
  assert_complete_beside (&bench, look_ahead, &far);
  g_thread_join (opener);
  genvid_log_set_hook (NULL);
  g_assert_true (far.good);
  g_assert_cmpuint (prefetched, >=, 65536);
  g_assert_cmpuint (prefetched, <, SIZE - 2000000);
  g_assert_cmpuint (fake_service_get_n_requests (bench.service), ==, 2);
}

typedef struct {
  FakeService *service;
  guint n_requests;
} Opener;

static gpointer
open_main (gpointer data)
{
  const Opener *opener = data;

  fake_service_await_requests (opener->service, opener->n_requests);
  fake_service_open (opener->service, "main");
  return NULL;
}

/* A second request that is answered with anything but the same file is given
 * up after three times, a refused one at once, and the reader waits for the
 * first. */
static void
test_read_ahead_refused (void)
{
  const FakeReply seconds[] = {
    { .headers = ETAG, .status = 503, .body = "no" },
    { .headers = ETAG, .status = 403, .body = "no" },
    { .headers = ETAG, .status = 416, .body = "no" },
    { .headers = "ETag: \"two\"\n", .flags = FAKE_RANGE },
    { .headers = ETAG, .range = "bytes 0-1/2" },
    { .flags = FAKE_RANGE },
    { .headers = ETAG,
      .body = "",
      .flags = FAKE_CHUNKED,
      .range = "bytes 3080199-3145734/3145735" },
    { .flags = FAKE_DROP },
  };

  for (guint i = 0; i < G_N_ELEMENTS (seconds); i++) {
    g_auto (Bench) bench = bench_new ();
    Far far = { &bench, SIZE - 400, FALSE };
    guint n_requests = seconds[i].status != 0 ? 2 : 4;
    Opener later = { NULL, n_requests };
    GThread *opener;

    serve (&bench, (FakeReply){ .headers = ETAG,
                                .flags = FAKE_RANGE | FAKE_HOLD_BODY,
                                .cut = 300000,
                                .times = 1,
                                .gate = "main" });
    serve (&bench, seconds[i]);
    later.service = bench.service;
    opener = g_thread_new ("opener", open_main, &later);
    assert_complete_beside (&bench, read_far, &far);
    g_thread_join (opener);
    g_assert_true (far.good);
    g_assert_cmpuint (fake_service_get_n_requests (bench.service), ==,
                      n_requests);
  }
}

/* Where nothing is proven, the main request goes through what the second one
 * brought, and finds out. */
static void
test_read_ahead_unproven (void)
{
  for (guint other = 0; other < 2; other++) {
    g_auto (Bench) bench = bench_new ();
    g_autoptr (GBytes) bytes = fake_clip_new (SIZE, FALSE, 1 + other);
    Far far = { &bench, 2000000, FALSE };

    serve (&bench, (FakeReply){ .flags = FAKE_RANGE | FAKE_HOLD_BODY,
                                .cut = 300000,
                                .times = 1 });
    serve (&bench,
           (FakeReply){ .bytes = bytes, .flags = FAKE_RANGE, .times = 1 });
    serve (&bench, (FakeReply){ .flags = FAKE_RANGE });
    assert_complete_beside (&bench, read_far, &far);
    g_assert_cmpuint (fake_service_get_n_requests (bench.service), ==,
                      2 + other);
  }
}

static gpointer
await_size (gpointer data)
{
  Bench *bench = data;
  GenvidClipReader *reader = genvid_clip_add_reader (bench->clip);
  gsize available = 0;
  guint seen = 1;

  while (genvid_clip_get_size (bench->clip) == GENVID_SIZE_UNKNOWN) {
    g_autoptr (GenvidClipStatus) now = genvid_clip_snapshot (bench->clip);

    if (now->size == GENVID_SIZE_UNKNOWN)
      genvid_clip_reader_wait (reader, 0, 1, FALSE, seen, &available);
    seen = now->serial;
  }
  genvid_clip_reader_free (reader);
  fake_service_open (bench->service, NULL);
  return NULL;
}

/* Not a byte of the body comes before the size was told. */
static void
test_size_from_the_head (void)
{
  g_auto (Bench) bench = bench_new ();

  serve (&bench,
         (FakeReply){ .headers = ETAG, .flags = FAKE_RANGE | FAKE_HOLD_BODY });
  assert_complete_beside (&bench, await_size, &bench);
}

typedef struct {
  Bench *bench;
  guint held;
} Abort;

static gpointer
abort_when_held (gpointer data)
{
  Abort *abort = data;

  fake_service_await_held (abort->bench->service, NULL, abort->held);
  genvid_http_client_abort (abort->bench->http);
  return NULL;
}

static void
test_abort (void)
{
  const guint flags[] = { 0, FAKE_HOLD, FAKE_HOLD_BODY };

  for (guint i = 0; i < G_N_ELEMENTS (flags); i++) {
    g_auto (Bench) bench = bench_new ();
    Abort abort = { &bench, i ? 1 : 0 };
    GThread *thread;
    GenvidMediaOutcome outcome;

    serve (&bench, (FakeReply){ .headers = ETAG,
                                .flags = FAKE_RANGE | flags[i],
                                .cut = CUT });
    thread = g_thread_new ("abort", abort_when_held, &abort);
    if (!i)
      g_thread_join (thread);
    outcome = run (&bench, "/clip.mp4");
    if (i)
      g_thread_join (thread);
    assert_refused (&bench, outcome, GENVID_MEDIA_BROKEN,
                    GENVID_REASON_UNREACHABLE);
    g_assert_true (bench.result.failure->retryable);
  }
}

#define MANY 16

static gpointer
run_one (gpointer data)
{
  return GINT_TO_POINTER (run (data, "/clip.mp4"));
}

static gpointer
open_when_all_came (gpointer data)
{
  fake_service_await_held (data, NULL, MANY);
  fake_service_open (data, NULL);
  return NULL;
}

/* All are at the server at the same time, or this never ends. */
static void
test_many (void)
{
  g_auto (Bench) first = { 0 };
  Bench benches[MANY];
  GThread *threads[MANY];
  GThread *opener;

  bench_init (&first, NULL, 0);
  serve (&first,
         (FakeReply){ .headers = ETAG, .flags = FAKE_RANGE | FAKE_HOLD });
  opener = g_thread_new ("opener", open_when_all_came, first.service);
  for (guint i = 0; i < MANY; i++) {
    bench_init (&benches[i], NULL, 0);
    fake_service_free (benches[i].service);
    benches[i].service = first.service;
    benches[i].options.base_url = fake_service_get_url (first.service);
    threads[i] = g_thread_new ("download", run_one, &benches[i]);
  }
  for (guint i = 0; i < MANY; i++)
    assert_complete (&benches[i], GPOINTER_TO_INT (g_thread_join (threads[i])),
                     first.bytes);
  g_thread_join (opener);
  for (guint i = 0; i < MANY; i++) {
    benches[i].service = fake_service_new (NULL, 0);
    bench_clear (&benches[i]);
  }
}

int
main (int argc, char **argv)
{
  wire_init (&argc, &argv);
  g_test_add_func ("/download/stall", test_stall);
  g_test_add_func ("/download/stall-for-ever", test_stall_for_ever);
  g_test_add_func ("/download/read-ahead", test_read_ahead);
  g_test_add_func ("/download/look-ahead", test_look_ahead);
  g_test_add_func ("/download/read-ahead/refused", test_read_ahead_refused);
  g_test_add_func ("/download/read-ahead/unproven", test_read_ahead_unproven);
  g_test_add_func ("/download/size-from-the-head", test_size_from_the_head);
  g_test_add_func ("/download/abort", test_abort);
  g_test_add_func ("/download/many", test_many);
  return g_test_run ();
}
