/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Faults of submits, polls, uploads and connections. */
#include "sandbox-fixture.h"

#define GENPRO  GENVID_SANDBOX_GENPRO
#define AIMLAPI GENVID_SANDBOX_AIMLAPI
#define CN8     GENVID_SANDBOX_CN8

#define MINIMAL                                                                \
  "{\"generation_type\":\"video_from_text\",\"data\":{\"prompt\":\"p\"}}"

static const char *const bodies[3]
    = { MINIMAL, "{\"model\":\"pixverse/v5/text-to-video\",\"prompt\":\"p\"}",
        "{\"prompt\":\"p\"}" };

static const char *
header (const Answer *answer, const char *name)
{
  return soup_message_headers_get_one (answer->headers, name);
}

static const struct {
  const char *fault;
  guint status[3]; /* by service; 0: the connection breaks */
  guint accepted;
} submits[] = {
  { "submit-401", { 401, 401, 401 }, 0 },
  { "submit-quota", { 422, 403, 402 }, 0 },
  { "submit-not-allowed", { 403, 403, 403 }, 0 },
  { "submit-400=too rude", { 400, 400, 400 }, 0 },
  { "submit-key-echo", { 400, 400, 400 }, 0 },
  { "submit-409", { 409, 409, 409 }, 0 },
  { "submit-429=7", { 429, 429, 429 }, 0 },
  { "submit-429-absurd", { 429, 429, 429 }, 0 },
  { "submit-503", { 503, 503, 503 }, 0 },
  { "submit-500-before", { 500, 500, 500 }, 0 },
  { "submit-lost-before", { 0, 0, 0 }, 0 },
  { "connect-closed", { 0, 0, 0 }, 0 },
  { "submit-500", { 500, 500, 500 }, 1 },
  { "submit-502", { 502, 502, 502 }, 1 },
  { "submit-504", { 504, 504, 504 }, 1 },
  { "submit-408", { 408, 408, 408 }, 1 },
  { "submit-html", { 201, 200, 202 }, 1 },
  { "submit-no-id", { 201, 200, 202 }, 1 },
  { "submit-empty", { 201, 200, 202 }, 1 },
  { "submit-malformed", { 201, 200, 202 }, 1 },
  { "submit-surrogate", { 201, 200, 202 }, 1 },
  { "submit-redirect-origin", { 307, 307, 307 }, 1 },
  { "submit-lost-after", { 0, 0, 0 }, 1 },
  { "submit-lost-headers", { 0, 0, 0 }, 1 },
  { "submit-lost-body", { 0, 0, 0 }, 1 },
};

static void
test_submits (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (submits); i++) {
    for (guint s = 0; s < 3; s++) {
      g_auto (Fixture) f = { 0 };
      g_autoptr (Answer) answer = NULL;

      g_test_message ("%s at %u", submits[i].fault, s);
      fixture_set_up (&f, NULL);
      add_fault (&f, submits[i].fault);
      answer = submit (&f, (GenvidSandboxService)s, bodies[s]);
      g_assert_cmpuint (answer->status, ==, submits[i].status[s]);
      g_assert_cmpuint (genvid_sandbox_count (f.sandbox,
                                              (GenvidSandboxService)s,
                                              GENVID_SANDBOX_ACCEPTED),
                        ==, submits[i].accepted);
    }
  }
}

static void
test_counts (void)
{
  g_auto (Fixture) f = { 0 };
  static const guint expected[] = { 202, 429, 429, 202 };

  fixture_set_up (&f, NULL);
  add_fault (&f, "submit-429=3@2+1");
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++) {
    g_autoptr (Answer) answer = submit (&f, CN8, bodies[CN8]);
    g_assert_cmpuint (answer->status, ==, expected[i]);
    if (answer->status == 429)
      g_assert_cmpstr (header (answer, "Retry-After"), ==, "3");
  }
  g_assert_cmpuint (genvid_sandbox_fault_hits (f.sandbox, "submit-429"), ==, 2);
}

static void
test_retry_after (void)
{
  g_auto (Fixture) f = { 0 };
  g_autoptr (Answer) dated = NULL;
  g_autoptr (Answer) bare = NULL;
  g_autoptr (Answer) negative = NULL;
  g_autoptr (GDateTime) date = NULL;

  fixture_set_up (&f, NULL);
  add_fault (&f, "submit-429-date=90");
  dated = submit (&f, CN8, bodies[CN8]);
  date = soup_date_time_new_from_http_string (header (dated, "Retry-After"));
  g_assert_nonnull (date);
  add_fault (&f, "submit-429-bare");
  bare = submit (&f, CN8, bodies[CN8]);
  g_assert_null (header (bare, "Retry-After"));
  add_fault (&f, "submit-429-negative");
  negative = submit (&f, CN8, bodies[CN8]);
  g_assert_cmpstr (header (negative, "Retry-After"), ==, "-5");
}

static void
test_key_echo (void)
{
  g_auto (Fixture) f = { 0 };
  g_autoptr (Answer) answer = NULL;
  g_autofree char *text = NULL;

  fixture_set_up (&f, NULL);
  add_fault (&f, "submit-key-echo");
  answer = submit (&f, GENPRO, bodies[GENPRO]);
  text = member (answer, "error");
  g_assert_nonnull (strstr (text, "your-api-key"));
}

/* A lost reply can be had again, and costs nothing again. */
static void
test_lost_and_replayed (void)
{
  g_auto (Fixture) f = { 0 };
  g_autoptr (Answer) lost = NULL;
  g_autoptr (Answer) again = NULL;
  const char *headers = "X-API-Key: k\nIdempotency-Key: one";

  fixture_set_up (&f, NULL);
  add_fault (&f, "submit-lost-after");
  lost = ask (&f, "POST", GENPRO_SUBMIT, headers, "application/json",
              bodies[GENPRO]);
  g_assert_cmpuint (lost->status, ==, 0);
  g_assert_true (genvid_sandbox_wait_count (f.sandbox, GENPRO,
                                            GENVID_SANDBOX_ACCEPTED, 1, 10000));
  again = ask (&f, "POST", GENPRO_SUBMIT, headers, "application/json",
               bodies[GENPRO]);
  g_assert_cmpuint (again->status, ==, 201);
  g_assert_cmpuint (
      genvid_sandbox_count (f.sandbox, GENPRO, GENVID_SANDBOX_CHARGED), ==, 1);
}

static const struct {
  const char *fault;
  guint status; /* 0: the connection breaks */
} polls[] = {
  { "poll-500", 500 },     { "poll-502", 502 },
  { "poll-401", 401 },     { "poll-404=1", 404 },
  { "poll-429=2", 429 },   { "poll-503", 503 },
  { "poll-html", 200 },    { "poll-empty", 200 },
  { "poll-array", 200 },   { "poll-malformed", 200 },
  { "poll-deep", 200 },    { "poll-huge", 200 },
  { "poll-lost", 0 },      { "poll-lost-body", 0 },
  { "poll-unknown", 200 }, { "poll-redirect-origin", 307 },
};

static void
test_polls (void)
{
  g_auto (Fixture) f = { 0 };
  GenvidSandboxOptions options = { .cn8_requests_per_minute = 1000 };

  fixture_set_up (&f, &options);
  for (guint i = 0; i < G_N_ELEMENTS (polls); i++) {
    for (guint s = 0; s < 3; s++) {
      GenvidSandboxService service = (GenvidSandboxService)s;
      g_autoptr (Answer) begun = submit (&f, service, bodies[s]);
      g_autofree char *id = id_of (service, begun);
      g_autoptr (Answer) answer = NULL;
      g_autoptr (Answer) next = NULL;

      g_test_message ("%s at %u", polls[i].fault, s);
      add_fault (&f, polls[i].fault);
      answer = poll_job (&f, service, id);
      g_assert_cmpuint (answer->status, ==, polls[i].status);
      next = poll_job (&f, service, id);
      assert_member (next, "status", "\"completed\"");
    }
  }
}

static Answer *
polled_with (Fixture *f, GenvidSandboxService service, const char *fault)
{
  g_autoptr (Answer) begun = submit (f, service, bodies[service]);
  g_autofree char *id = id_of (service, begun);

  genvid_sandbox_clear_faults (f->sandbox);
  add_fault (f, fault);
  return poll_job (f, service, id);
}

static void
test_poll_contents (void)
{
  static const struct {
    GenvidSandboxService service;
    const char *fault;
    const char *path;
    const char *expected;
  } table[] = {
    { GENPRO, "poll-no-url", "output_resources", "[]" },
    { AIMLAPI, "poll-no-url", "video", "null" },
    { CN8, "poll-no-url", "result_data.video_url", "" },
    { CN8, "poll-double", "result_data.status", "\"error\"" },
    { CN8, "poll-double", "status", "\"completed\"" },
    { GENPRO, "poll-swapped", "execution_cost", "\"4.0\"" },
    { CN8, "poll-swapped", "token_cost", "\"6.0\"" },
    { GENPRO, "poll-image-first", "output_resources.1.object_type",
      "\"Video\"" },
    { GENPRO, "poll-unknown=warming", "status", "\"warming\"" },
    { AIMLAPI, "poll-done-word=succeeded", "status", "\"succeeded\"" },
    { CN8, "poll-never", "status", "\"processing\"" },
    { GENPRO, "poll-refused", "failed_reason",
      "\"The prompt was blocked by content moderation\"" },
  };
  g_auto (Fixture) f = { 0 };

  fixture_set_up (&f, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autoptr (Answer) answer
        = polled_with (&f, table[i].service, table[i].fault);
    g_test_message ("%s", table[i].fault);
    assert_member (answer, table[i].path, table[i].expected);
  }
}

static void
test_urls (void)
{
  static const char *const table[][2]
      = { { "url-private", "http://10.255.255.1:" },
          { "url-userinfo", "http://user:secret@127." },
          { "url-file", "file:///etc/passwd" } };
  g_auto (Fixture) f = { 0 };

  fixture_set_up (&f, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autoptr (Answer) answer = polled_with (&f, GENPRO, table[i][0]);
    g_autofree char *url = url_of (GENPRO, answer);
    g_assert_true (g_str_has_prefix (url, table[i][1]));
  }
}

static void
test_backwards (void)
{
  static const char *const words[]
      = { "\"processing\"", "\"pending\"", "\"completed\"" };
  g_auto (Fixture) f = { 0 };
  g_autoptr (Answer) begun = NULL;
  g_autofree char *id = NULL;

  fixture_set_up (&f, NULL);
  add_fault (&f, "poll-backwards");
  begun = submit (&f, GENPRO, bodies[GENPRO]);
  id = id_of (GENPRO, begun);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++) {
    g_autoptr (Answer) answer = poll_job (&f, GENPRO, id);
    assert_member (answer, "status", words[i]);
  }
}

/* A kept connection goes as its next request arrives: what libsoup does then
 * by itself can be seen. */
static void
test_reused_closed (void)
{
  g_auto (Fixture) f = { .reuse = TRUE };
  g_autoptr (Answer) begun = NULL;
  g_autoptr (Answer) answer = NULL;
  g_autoptr (GPtrArray) requests = NULL;
  g_autofree char *id = NULL;
  GenvidSandboxRequest *first, *lost, *again;

  fixture_set_up (&f, NULL);
  add_fault (&f, "reused-closed");
  begun = submit (&f, CN8, bodies[CN8]);
  id = id_of (CN8, begun);
  answer = poll_job (&f, CN8, id);
  g_assert_cmpuint (answer->status, ==, 200);
  requests = genvid_sandbox_requests (f.sandbox);
  g_assert_cmpuint (requests->len, ==, 3);
  first = requests->pdata[0];
  lost = requests->pdata[1];
  again = requests->pdata[2];
  g_assert_cmpuint (first->connection, ==, lost->connection);
  g_assert_cmpuint (lost->connection, !=, again->connection);
  g_assert_cmpuint (lost->status, ==, 0);
}

/* CN8's gateway gives up after 600 s and does not bill. */
static void
test_gateway_timeout (void)
{
  g_auto (Fixture) f = { 0 };
  g_autoptr (Answer) begun = NULL;
  g_autoptr (Answer) answer = NULL;
  g_autofree char *id = NULL;

  fixture_set_up (&f, NULL);
  add_fault (&f, "poll-never");
  begun = submit (&f, CN8, bodies[CN8]);
  id = id_of (CN8, begun);
  genvid_sandbox_advance (f.sandbox, 601);
  answer = poll_job (&f, CN8, id);
  assert_member (answer, "status", "\"FAILED\"");
  g_assert_cmpfloat (genvid_sandbox_spent (f.sandbox, CN8), ==, 0);
}

void
add_fault_tests (void)
{
  g_test_add_func ("/sandbox/faults/submits", test_submits);
  g_test_add_func ("/sandbox/faults/counts", test_counts);
  g_test_add_func ("/sandbox/faults/retry-after", test_retry_after);
  g_test_add_func ("/sandbox/faults/key-echo", test_key_echo);
  g_test_add_func ("/sandbox/faults/lost-and-replayed", test_lost_and_replayed);
  g_test_add_func ("/sandbox/faults/polls", test_polls);
  g_test_add_func ("/sandbox/faults/poll-contents", test_poll_contents);
  g_test_add_func ("/sandbox/faults/urls", test_urls);
  g_test_add_func ("/sandbox/faults/backwards", test_backwards);
  g_test_add_func ("/sandbox/faults/reused-closed", test_reused_closed);
  g_test_add_func ("/sandbox/faults/gateway-timeout", test_gateway_timeout);
}
