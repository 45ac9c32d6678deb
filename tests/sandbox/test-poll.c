/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What becomes of a generation: states, results, stops, the log. */
#include "sandbox-fixture.h"

#define GENPRO  GENVID_SANDBOX_GENPRO
#define AIMLAPI GENVID_SANDBOX_AIMLAPI
#define CN8     GENVID_SANDBOX_CN8

#define MINIMAL                                                                \
  "{\"generation_type\":\"video_from_text\",\"data\":"                         \
  "{\"prompt\":\"p\",\"duration\":10}}"

static const char *const bodies[3]
    = { MINIMAL, "{\"model\":\"pixverse/v5/text-to-video\",\"prompt\":\"p\"}",
        "{\"prompt\":\"p\"}" };

static char *
begin (Fixture *f, GenvidSandboxService service)
{
  g_autoptr (Answer) answer = submit (f, service, bodies[service]);

  g_assert_cmpuint (answer->status, <, 300);
  return id_of (service, answer);
}

static void
assert_status (Fixture *f, GenvidSandboxService service, const char *id,
               const char *word)
{
  g_autoptr (Answer) answer = poll_job (f, service, id);
  g_autofree char *quoted = g_strdup_printf ("\"%s\"", word);

  g_assert_cmpuint (answer->status, ==, 200);
  assert_member (answer, "status", quoted);
}

static void
test_states_by_polls (void)
{
  static const char *const words[3][3] = {
    { "pending", "processing", "completed" },
    { "queued", "generating", "completed" },
    { "queued", "processing", "completed" },
  };
  GenvidSandboxOptions options = { .ready_after_polls = 2 };
  g_auto (Fixture) f = { 0 };

  fixture_set_up (&f, &options);
  for (guint s = 0; s < 3; s++) {
    g_autofree char *id = begin (&f, (GenvidSandboxService)s);
    for (guint i = 0; i < 3; i++)
      assert_status (&f, (GenvidSandboxService)s, id, words[s][i]);
  }
}

static void
test_states_by_clock (void)
{
  GenvidSandboxOptions options = { .gen_seconds = 1000 };
  g_auto (Fixture) f = { 0 };
  g_autofree char *id = NULL;

  fixture_set_up (&f, &options);
  id = begin (&f, CN8);
  assert_status (&f, CN8, id, "queued");
  genvid_sandbox_advance (f.sandbox, 500);
  assert_status (&f, CN8, id, "processing");
  g_assert_cmpfloat (genvid_sandbox_spent (f.sandbox, CN8), ==, 0);
  genvid_sandbox_advance (f.sandbox, 500);
  /* Charged when it completes, polled or not. */
  g_assert_cmpfloat (genvid_sandbox_spent (f.sandbox, CN8), ==, 6);
  assert_status (&f, CN8, id, "completed");
}

static void
test_states_by_gate (void)
{
  g_auto (Fixture) f = { 0 };
  g_autofree char *id = NULL;

  fixture_set_up (&f, NULL);
  genvid_sandbox_hold (f.sandbox, GENVID_SANDBOX_GATE_GENERATION);
  id = begin (&f, GENPRO);
  for (guint i = 0; i < 5; i++) {
    g_autoptr (Answer) answer = poll_job (&f, GENPRO, id);
    assert_member (answer, "output_resources", "[]");
  }
  genvid_sandbox_release (f.sandbox, GENVID_SANDBOX_GATE_GENERATION);
  assert_status (&f, GENPRO, id, "completed");
}

static void
test_genpro_result (void)
{
  g_auto (Fixture) f = { 0 };
  g_autofree char *id = NULL;
  g_autofree char *url = NULL;
  g_autoptr (Answer) answer = NULL;

  fixture_set_up (&f, NULL);
  id = begin (&f, GENPRO);
  answer = poll_job (&f, GENPRO, id);
  url = url_of (GENPRO, answer);
  g_assert_true (g_str_has_prefix (url, genvid_sandbox_cdn_url (f.sandbox)));
  assert_member (answer, "id", id);
  assert_member (answer, "user_job_type", "\"video_generation\"");
  assert_member (answer, "result", "null");
  assert_member (answer, "failed_reason", "null");
  assert_member (answer, "execution_cost", "5.0");
  assert_member (answer, "output_resources.0.object_type", "\"video\"");
  assert_member (answer, "output_resources.0.type", "\"output\"");
}

static void
test_other_results (void)
{
  g_auto (Fixture) f = { 0 };
  g_autofree char *aiml = NULL;
  g_autofree char *cn8 = NULL;
  g_autoptr (Answer) first = NULL;
  g_autoptr (Answer) second = NULL;

  fixture_set_up (&f, NULL);
  aiml = begin (&f, AIMLAPI);
  g_assert_true (g_str_has_suffix (aiml, ":pixverse/v5/text-to-video"));
  first = poll_job (&f, AIMLAPI, aiml);
  assert_member (first, "meta.usage.credits_used", "800000");
  assert_member (first, "error", "null");
  cn8 = begin (&f, CN8);
  second = poll_job (&f, CN8, cn8);
  assert_member (second, "result_data.status", "\"success\"");
  assert_member (second, "result_data.duration_seconds", "4.0");
  assert_member (second, "result_data.model", "\"veo (Audio)\"");
  assert_member (second, "result_data.resolution", "\"1080P\"");
  assert_member (second, "result_data.aspect_ratio", "\"16:9\"");
  assert_member (second, "units_consumed", "4.0");
  assert_member (second, "token_cost", "6.0");
}

static void
test_ids_are_encoded (void)
{
  g_auto (Fixture) f = { 0 };
  g_autofree char *id = NULL;
  g_autofree char *raw = NULL;
  g_autoptr (Answer) answer = NULL;

  fixture_set_up (&f, NULL);
  id = begin (&f, AIMLAPI);
  assert_status (&f, AIMLAPI, id, "completed");
  raw = g_strconcat (AIMLAPI_PATH "?generation_id=", id, NULL);
  answer = get (&f, raw, "Authorization: Bearer k");
  g_assert_cmpuint (answer->status, ==, 400);
}

static Answer *
stop (Fixture *f, const char *id)
{
  g_autofree char *path = g_strdup_printf ("/v1/generations/%s/stop", id);

  return ask (f, "POST", path, "X-API-Key: k", NULL, NULL);
}

static void
test_stop (void)
{
  GenvidSandboxOptions options = { .gen_seconds = 1000 };
  g_auto (Fixture) f = { 0 };
  g_autofree char *id = NULL;
  g_autoptr (Answer) stopped = NULL;
  g_autoptr (Answer) again = NULL;

  fixture_set_up (&f, &options);
  id = begin (&f, GENPRO);
  g_assert_cmpfloat (genvid_sandbox_spent (f.sandbox, GENPRO), ==, 5);
  stopped = stop (&f, id);
  g_assert_cmpuint (stopped->status, ==, 200);
  assert_member (stopped, "status", "\"stopped\"");
  g_assert_cmpfloat (genvid_sandbox_spent (f.sandbox, GENPRO), ==, 0);
  again = stop (&f, id);
  g_assert_cmpuint (again->status, ==, 422);
  assert_member (again, "error_code", "\"job_cannot_be_stopped\"");
  g_assert_cmpuint (
      genvid_sandbox_count (f.sandbox, GENPRO, GENVID_SANDBOX_REFUNDED), ==, 1);
}

static void
test_refused_stop (void)
{
  GenvidSandboxOptions options = { .gen_seconds = 1000 };
  g_auto (Fixture) f = { 0 };
  g_autofree char *id = NULL;
  g_autoptr (Answer) refused = NULL;

  fixture_set_up (&f, &options);
  add_fault (&f, "cancel-422");
  id = begin (&f, GENPRO);
  refused = stop (&f, id);
  g_assert_cmpuint (refused->status, ==, 422);
  genvid_sandbox_advance (f.sandbox, 1000);
  assert_status (&f, GENPRO, id, "completed");
  g_assert_cmpfloat (genvid_sandbox_spent (f.sandbox, GENPRO), ==, 5);
}

static void
test_failures_refund (void)
{
  g_auto (Fixture) f = { 0 };

  fixture_set_up (&f, NULL);
  add_fault (&f, "poll-failed=no GPU left");
  for (guint s = 0; s < 3; s++) {
    g_autofree char *id = begin (&f, (GenvidSandboxService)s);
    g_autoptr (Answer) answer = poll_job (&f, (GenvidSandboxService)s, id);
    static const char *const paths[]
        = { "failed_reason", "error.message", "result_data.message" };
    assert_member (answer, paths[s], "\"no GPU left\"");
    g_assert_cmpfloat (
        genvid_sandbox_spent (f.sandbox, (GenvidSandboxService)s), ==, 0);
  }
}

static Answer *
logs (Fixture *f, const char *query)
{
  g_autofree char *path = g_strconcat ("/v2/logs?", query, NULL);

  return get (f, path, "Authorization: Bearer k");
}

static void
test_logs (void)
{
  GenvidSandboxOptions options = { .lookup_lag = 60 };
  g_auto (Fixture) f = { 0 };
  g_autoptr (Answer) begun = NULL;
  g_autoptr (Answer) early = NULL;
  g_autoptr (Answer) late = NULL;
  g_autofree char *id = NULL;
  g_autofree char *quoted = NULL;

  fixture_set_up (&f, &options);
  begun = ask (&f, "POST", AIMLAPI_PATH,
               "Authorization: Bearer k\nX-Client-Request-Id: mine:1",
               "application/json", bodies[AIMLAPI]);
  id = id_of (AIMLAPI, begun);
  g_assert_cmpstr (
      soup_message_headers_get_one (begun->headers, "x-inference-id"), ==, id);
  early = logs (&f, "period=24h");
  assert_member (early, "data", "[]");
  genvid_sandbox_advance (f.sandbox, 60);
  late = logs (&f, "period=24h&limit=100");
  quoted = g_strdup_printf ("\"%s\"", id);
  assert_member (late, "data.0.inference_id", quoted);
  assert_member (late, "data.0.client_request_id", "\"mine:1\"");
  assert_member (late, "data.0.status", "\"succeeded\"");
}

static void
test_bad_logs (void)
{
  static const char *const queries[] = {
    "",
    "period=24h&start=2026-01-01T00%3A00%3A00Z",
    "period=soon",
    "start=2026-01-01T00%3A00%3A00Z",
    "start=2026-01-01T00%3A00%3A00Z&end=2026-07-01T00%3A00%3A00Z",
    "period=24h&limit=0",
    "period=24h&limit=101",
    "period=24h&status=running",
    "period=24h&client_request_id=x",
  };
  g_auto (Fixture) f = { 0 };

  fixture_set_up (&f, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (queries); i++) {
    g_autoptr (Answer) answer = logs (&f, queries[i]);
    g_assert_cmpuint (answer->status, ==, 400);
  }
}

void
add_poll_tests (void)
{
  g_test_add_func ("/sandbox/poll/states-by-polls", test_states_by_polls);
  g_test_add_func ("/sandbox/poll/states-by-clock", test_states_by_clock);
  g_test_add_func ("/sandbox/poll/states-by-gate", test_states_by_gate);
  g_test_add_func ("/sandbox/poll/genpro-result", test_genpro_result);
  g_test_add_func ("/sandbox/poll/other-results", test_other_results);
  g_test_add_func ("/sandbox/poll/ids-are-encoded", test_ids_are_encoded);
  g_test_add_func ("/sandbox/poll/stop", test_stop);
  g_test_add_func ("/sandbox/poll/refused-stop", test_refused_stop);
  g_test_add_func ("/sandbox/poll/failures-refund", test_failures_refund);
  g_test_add_func ("/sandbox/poll/logs", test_logs);
  g_test_add_func ("/sandbox/poll/bad-logs", test_bad_logs);
}
