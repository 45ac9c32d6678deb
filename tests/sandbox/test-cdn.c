/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Downloads: whole, in ranges, damaged, and the clip itself. */
#include "sandbox-fixture.h"

#define CN8 GENVID_SANDBOX_CN8

#define SIZE 300000

static GBytes *
whole (Fixture *f)
{
  g_autoptr (GPtrArray) ledger = genvid_sandbox_ledger (f->sandbox);
  GenvidSandboxEntry *entry = ledger->pdata[0];

  return genvid_sandbox_clip (f->sandbox, entry->id);
}

static void
assert_bytes (Fixture *f, const Answer *answer, gsize first, gsize length)
{
  g_autoptr (GBytes) clip = whole (f);

  g_assert_cmpuint (g_bytes_get_size (answer->body), ==, length);
  g_assert_cmpmem (g_bytes_get_data (answer->body, NULL), length,
                   (const guint8 *)g_bytes_get_data (clip, NULL) + first,
                   length);
}

static const char *
header (const Answer *answer, const char *name)
{
  return soup_message_headers_get_one (answer->headers, name);
}

static void
test_whole (void)
{
  g_auto (Fixture) f = { 0 };
  g_autofree char *url = NULL;
  g_autoptr (Answer) answer = NULL;
  g_autoptr (Answer) head = NULL;

  fixture_set_up (&f, NULL);
  url = finished_url (&f, CN8);
  answer = get (&f, url, NULL);
  g_assert_cmpuint (answer->status, ==, 200);
  g_assert_cmpstr (header (answer, "Content-Type"), ==, "video/mp4");
  g_assert_cmpstr (header (answer, "Accept-Ranges"), ==, "bytes");
  assert_bytes (&f, answer, 0, SIZE);
  head = ask (&f, "HEAD", url, NULL, NULL, NULL);
  g_assert_cmpuint (head->status, ==, 200);
  g_assert_cmpstr (header (head, "Content-Length"), ==, "300000");
}

static void
test_ranges (void)
{
  static const struct {
    const char *range;
    guint status;
    gsize first;
    gsize length;
    const char *content_range;
  } table[] = {
    { "bytes=0-", 206, 0, SIZE, "bytes 0-299999/300000" },
    { "bytes=100-199", 206, 100, 100, "bytes 100-199/300000" },
    { "bytes=299999-", 206, 299999, 1, "bytes 299999-299999/300000" },
    { "bytes=-5", 206, 299995, 5, "bytes 299995-299999/300000" },
    { "bytes=299000-999999", 206, 299000, 1000, "bytes 299000-299999/300000" },
    { "bytes=300000-", 416, 0, 0, "bytes */300000" },
    { "bytes=9-5", 200, 0, SIZE, NULL },
    { "bytes=1-2,5-6", 200, 0, SIZE, NULL },
  };
  g_auto (Fixture) f = { 0 };
  g_autofree char *url = NULL;

  fixture_set_up (&f, NULL);
  url = finished_url (&f, CN8);
  for (guint i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autofree char *line = g_strdup_printf ("Range: %s", table[i].range);
    g_autoptr (Answer) answer = get (&f, url, line);
    g_assert_cmpuint (answer->status, ==, table[i].status);
    g_assert_cmpstr (header (answer, "Content-Range"), ==,
                     table[i].content_range);
    if (answer->status < 300)
      assert_bytes (&f, answer, table[i].first, table[i].length);
  }
}

static void
test_if_range (void)
{
  g_auto (Fixture) f = { 0 };
  g_autofree char *url = NULL;
  g_autofree char *good = NULL;
  g_autofree char *dated = NULL;
  g_autoptr (Answer) first = NULL;
  g_autoptr (Answer) same = NULL;
  g_autoptr (Answer) by_date = NULL;
  g_autoptr (Answer) other = NULL;
  g_autoptr (Answer) changed = NULL;

  fixture_set_up (&f, NULL);
  url = finished_url (&f, CN8);
  first = get (&f, url, NULL);
  good = g_strdup_printf ("Range: bytes=10-\nIf-Range: %s",
                          header (first, "ETag"));
  same = get (&f, url, good);
  g_assert_cmpuint (same->status, ==, 206);
  dated = g_strdup_printf ("Range: bytes=10-\nIf-Range: %s",
                           header (first, "Last-Modified"));
  by_date = get (&f, url, dated);
  g_assert_cmpuint (by_date->status, ==, 206);
  other = get (&f, url, "Range: bytes=10-\nIf-Range: \"else\"");
  g_assert_cmpuint (other->status, ==, 200);
  add_fault (&f, "download-etag-change");
  changed = get (&f, url, good);
  g_assert_cmpuint (changed->status, ==, 200);
  g_assert_cmpstr (header (changed, "ETag"), !=, header (first, "ETag"));
}

static void
test_signature (void)
{
  g_auto (Fixture) f = { 0 };
  g_autofree char *url = NULL;
  g_autofree char *longer = NULL;
  g_autofree char *without = NULL;
  g_autoptr (Answer) one = NULL;
  g_autoptr (Answer) two = NULL;

  fixture_set_up (&f, NULL);
  url = finished_url (&f, CN8);
  longer = g_strconcat (url, "0", NULL);
  one = get (&f, longer, NULL);
  g_assert_cmpuint (one->status, ==, 403);
  without = g_strndup (url, strcspn (url, "?"));
  two = get (&f, without, NULL);
  g_assert_cmpuint (two->status, ==, 403);
}

static void
test_leaks (void)
{
  g_auto (Fixture) f = { 0 };
  g_autofree char *url = NULL;
  g_autofree char *mirrored = NULL;
  g_autoptr (Answer) clean = NULL;
  g_autoptr (Answer) one = NULL;
  g_autoptr (Answer) two = NULL;

  fixture_set_up (&f, NULL);
  url = finished_url (&f, CN8);
  clean = get (&f, url, NULL);
  g_assert_cmpuint (genvid_sandbox_leaks (f.sandbox), ==, 0);
  one = get (&f, url, "X-API-Key: secret");
  g_assert_cmpuint (one->status, ==, 403);
  mirrored = g_strconcat (genvid_sandbox_mirror_url (f.sandbox), "/x", NULL);
  two = get (&f, mirrored, "Authorization: Bearer secret");
  g_assert_cmpuint (two->status, ==, 403);
  g_assert_cmpuint (genvid_sandbox_leaks (f.sandbox), ==, 2);
}

/* --- damage ----------------------------------------------------------------
 */

static void
test_cut_and_resume (void)
{
  g_auto (Fixture) f = { 0 };
  g_autofree char *url = NULL;
  g_autoptr (Answer) cut = NULL;
  g_autoptr (Answer) rest = NULL;
  g_autoptr (GPtrArray) requests = NULL;
  GenvidSandboxRequest *last;

  fixture_set_up (&f, NULL);
  url = finished_url (&f, CN8);
  add_fault (&f, "download-cut");
  cut = get (&f, url, NULL);
  g_assert_cmpuint (cut->status, ==, 0);
  requests = genvid_sandbox_requests (f.sandbox);
  last = requests->pdata[requests->len - 1];
  g_assert_cmpuint (last->sent, ==, 150000);
  rest = get (&f, url, "Range: bytes=150000-");
  g_assert_cmpuint (rest->status, ==, 206);
  assert_bytes (&f, rest, 150000, 150000);
}

static void
test_bodies (void)
{
  static const struct {
    const char *fault;
    guint status; /* 0: must break */
    gsize length;
  } table[] = {
    { "download-chunked", 200, SIZE },
    { "download-close", 200, SIZE },
    { "download-short", 200, SIZE - 1000 },
    { "download-long", 0, 0 },
    { "download-empty", 200, 0 },
    { "download-gzip", 200, SIZE },
    { "download-404", 404, 9 },
    { "download-410", 410, 9 },
    { "download-503=7", 503, 9 },
    { "download-416", 416, 9 },
    { "download-cut-at=1000", 0, 0 },
  };
  g_auto (Fixture) f = { 0 };
  g_autofree char *url = NULL;

  fixture_set_up (&f, NULL);
  url = finished_url (&f, CN8);
  for (guint i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autoptr (Answer) answer = NULL;
    g_test_message ("%s", table[i].fault);
    add_fault (&f, table[i].fault);
    answer = get (&f, url, NULL);
    g_assert_cmpuint (answer->status, ==, table[i].status);
    if (table[i].status != 0)
      g_assert_cmpuint (g_bytes_get_size (answer->body), ==, table[i].length);
    genvid_sandbox_clear_faults (f.sandbox);
  }
}

static void
test_not_media (void)
{
  static const char *const faults[][2]
      = { { "download-html", "text/html; charset=utf-8" },
          { "download-html-as-mp4", "video/mp4" },
          { "download-json", "application/json" } };
  g_auto (Fixture) f = { 0 };
  g_autofree char *url = NULL;

  fixture_set_up (&f, NULL);
  url = finished_url (&f, CN8);
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++) {
    g_autoptr (Answer) answer = NULL;
    add_fault (&f, faults[i][0]);
    answer = get (&f, url, NULL);
    g_assert_cmpuint (answer->status, ==, 200);
    g_assert_cmpstr (header (answer, "Content-Type"), ==, faults[i][1]);
  }
}

static void
test_range_faults (void)
{
  g_auto (Fixture) f = { 0 };
  g_autofree char *url = NULL;
  g_autoptr (Answer) none = NULL;
  g_autoptr (Answer) wrong = NULL;

  fixture_set_up (&f, NULL);
  url = finished_url (&f, CN8);
  add_fault (&f, "download-no-range");
  none = get (&f, url, "Range: bytes=10-");
  g_assert_cmpuint (none->status, ==, 200);
  g_assert_null (header (none, "Accept-Ranges"));
  genvid_sandbox_clear_faults (f.sandbox);
  add_fault (&f, "download-wrong-range");
  wrong = get (&f, url, "Range: bytes=10-");
  g_assert_cmpstr (header (wrong, "Content-Range"), ==,
                   "bytes 17-299999/300000");
  assert_bytes (&f, wrong, 17, SIZE - 17);
}

static void
test_expiry (void)
{
  g_auto (Fixture) f = { 0 };
  g_autofree char *url = NULL;
  g_autofree char *fresh = NULL;
  g_autoptr (GPtrArray) ledger = NULL;
  g_autoptr (Answer) expired = NULL;
  g_autoptr (Answer) still = NULL;
  g_autoptr (Answer) polled = NULL;
  g_autoptr (Answer) good = NULL;

  fixture_set_up (&f, NULL);
  url = finished_url (&f, CN8);
  add_fault (&f, "download-expired");
  expired = get (&f, url, NULL);
  g_assert_cmpuint (expired->status, ==, 403);
  still = get (&f, url, NULL);
  g_assert_cmpuint (still->status, ==, 403);
  ledger = genvid_sandbox_ledger (f.sandbox);
  polled = poll_job (&f, CN8, ((GenvidSandboxEntry *)ledger->pdata[0])->id);
  fresh = url_of (CN8, polled);
  g_assert_cmpstr (fresh, !=, url);
  good = get (&f, fresh, NULL);
  g_assert_cmpuint (good->status, ==, 200);
}

static void
test_redirects (void)
{
  g_auto (Fixture) f = { 0 };
  g_autofree char *url = NULL;
  const char *const faults[]
      = { "download-redirect", "download-redirect-origin" };

  fixture_set_up (&f, NULL);
  url = finished_url (&f, CN8);
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++) {
    g_autoptr (Answer) moved = NULL;
    g_autoptr (Answer) there = NULL;
    g_autofree char *target = NULL;
    add_fault (&f, faults[i]);
    moved = get (&f, url, NULL);
    g_assert_cmpuint (moved->status, ==, 302);
    target = g_uri_resolve_relative (url, header (moved, "Location"),
                                     G_URI_FLAGS_ENCODED, NULL);
    there = get (&f, target, NULL);
    assert_bytes (&f, there, 0, SIZE);
  }
}

/* --- gates -------------------------------------------------------------------
 */

typedef struct {
  Fixture *fixture;
  const char *url;
  const char *headers;
  Answer *answer;
} Errand;

/* A session of its own: a session belongs to one thread. */
static gpointer
run_errand (gpointer data)
{
  Errand *errand = data;
  Fixture own = { errand->fixture->sandbox, soup_session_new () };

  errand->answer = get (&own, errand->url, errand->headers);
  g_object_unref (own.session);
  return NULL;
}

static void
test_held_download (void)
{
  g_auto (Fixture) f = { 0 };
  g_autofree char *url = NULL;
  g_autoptr (Answer) tail = NULL;
  g_autoptr (Answer) all = NULL;
  Errand errand = { 0 };
  GThread *thread;

  fixture_set_up (&f, NULL);
  url = finished_url (&f, CN8);
  genvid_sandbox_hold_download (f.sandbox, 1000);
  errand.fixture = &f;
  errand.url = url;
  thread = g_thread_new ("errand", run_errand, &errand);
  g_assert_true (genvid_sandbox_wait_held (
      f.sandbox, GENVID_SANDBOX_GATE_DOWNLOAD, 1, 10000));
  /* Another reader behind the hold is served meanwhile. */
  tail = get (&f, url, "Range: bytes=200000-");
  assert_bytes (&f, tail, 200000, 100000);
  genvid_sandbox_release (f.sandbox, GENVID_SANDBOX_GATE_DOWNLOAD);
  g_thread_join (thread);
  all = errand.answer;
  assert_bytes (&f, all, 0, SIZE);
}

/* The end of the sandbox frees whoever stalls. */
static void
test_stall (void)
{
  g_auto (Fixture) f = { 0 };
  g_autofree char *url = NULL;
  g_autoptr (Answer) broken = NULL;
  Errand errand = { 0 };
  GThread *thread;

  fixture_set_up (&f, NULL);
  url = finished_url (&f, CN8);
  add_fault (&f, "download-stall");
  errand.fixture = &f;
  errand.url = url;
  thread = g_thread_new ("errand", run_errand, &errand);
  g_assert_true (
      genvid_sandbox_wait_held (f.sandbox, GENVID_SANDBOX_GATE_HANG, 1, 10000));
  genvid_sandbox_release (f.sandbox, GENVID_SANDBOX_GATE_HANG);
  g_thread_join (thread);
  broken = errand.answer;
  g_assert_cmpuint (broken->status, ==, 0);
}

static void
test_rendering (void)
{
  GenvidSandboxOptions options = { .max_render_seconds = 1 };
  g_autoptr (GenvidSandbox) sandbox = genvid_sandbox_new (&options, NULL);
  g_auto (Fixture) f = { g_steal_pointer (&sandbox), soup_session_new () };
  g_autofree char *url = NULL;
  g_autoptr (Answer) answer = NULL;
  const char *data;
  gsize size;
  guint32 next;

  url = finished_url (&f, GENVID_SANDBOX_AIMLAPI);
  answer = get (&f, url, NULL);
  g_assert_cmpuint (answer->status, ==, 200);
  data = g_bytes_get_data (answer->body, &size);
  g_assert_cmpuint (size, >, 10000);
  g_assert_cmpmem (data + 4, 4, "ftyp", 4);
  /* The index comes first. */
  next = GUINT32_FROM_BE (*(const guint32 *)data);
  g_assert_cmpmem (data + next + 4, 4, "moov", 4);
}

void
add_cdn_tests (void)
{
  g_test_add_func ("/sandbox/cdn/whole", test_whole);
  g_test_add_func ("/sandbox/cdn/ranges", test_ranges);
  g_test_add_func ("/sandbox/cdn/if-range", test_if_range);
  g_test_add_func ("/sandbox/cdn/signature", test_signature);
  g_test_add_func ("/sandbox/cdn/leaks", test_leaks);
  g_test_add_func ("/sandbox/cdn/cut-and-resume", test_cut_and_resume);
  g_test_add_func ("/sandbox/cdn/bodies", test_bodies);
  g_test_add_func ("/sandbox/cdn/not-media", test_not_media);
  g_test_add_func ("/sandbox/cdn/range-faults", test_range_faults);
  g_test_add_func ("/sandbox/cdn/expiry", test_expiry);
  g_test_add_func ("/sandbox/cdn/redirects", test_redirects);
  g_test_add_func ("/sandbox/cdn/held-download", test_held_download);
  g_test_add_func ("/sandbox/cdn/stall", test_stall);
  g_test_add_func ("/sandbox/cdn/rendering", test_rendering);
}
