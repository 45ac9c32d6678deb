/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* CN8, row by row, and what its page says besides its fields. */

#include "fields-kit.h"

#include <string.h>

#include "fields-clock.h"
#include "failure.h"
#include "settings.h"

#define SECTION "CN8, media-video-from-text"
#define MINUTE  60.0

static void
sends_body (const Row *row)
{
  g_autoptr (Kit) kit = kit_played ("cn8", row->given);
  g_autofree char *body = kit_body (kit);
  g_autoptr (GenvidSandboxRequest) request
      = kit_request (kit, GENVID_SANDBOX_SUBMIT, 0);

  g_assert_cmpstr (body, ==, row->expected);
  g_assert_cmpstr (request->path, ==, "/v1/proxy/media-video-from-text");
}

/* The exact spellings, ours on the left; what is not listed is refused. */
static void
sends_listed (const Row *row)
{
  g_autoptr (Kit) last = kit_new ("cn8", NULL);
  g_auto (GStrv) pairs = g_strsplit (row->expected, "|", -1);
  g_autofree char *wrong = g_strdup_printf ("prompt=p&%s", row->given);
  g_autofree char *property = g_strndup (row->given, strcspn (row->given, "="));
  g_autoptr (Outcome) refused = NULL;

  for (guint i = 0; pairs[i] != NULL; i++) {
    g_autoptr (Kit) kit = kit_new ("cn8", NULL);
    g_auto (GStrv) pair = g_strsplit (pairs[i], "→", 2);
    g_autofree char *members
        = g_strdup_printf ("prompt=p&%s=%s", property, pair[0]);
    g_autofree char *expected = g_strdup_printf (
        "{\"prompt\":\"p\",\"%s\":\"%s\"}", row->name, pair[1]);
    g_autofree char *body = kit_sent (kit, members);

    g_assert_cmpstr (body, ==, expected);
  }
  if (g_str_equal (property, "model"))
    return;
  refused = kit_go (last, wrong);
  g_assert_cmpint (refused->reason, ==, GENVID_REASON_SETTINGS);
  g_assert_nonnull (refused->refusal);
}

static void
check_key (const char *header, const char *prefix, const char *expected)
{
  GenvidSandboxOptions options = {
    .cn8_header = header,
    .cn8_prefix = prefix == NULL             ? "Bearer "
                  : g_str_equal (prefix, "") ? ""
                                             : "Token ",
  };
  g_autoptr (Kit) kit = kit_new ("cn8", &options);
  GenvidSettings *settings = kit_order (kit, "prompt=p");
  g_autoptr (Outcome) outcome = NULL;
  g_autoptr (GPtrArray) requests = NULL;

  settings->request->options = json_object_new ();
  json_object_set_string_member (settings->request->options, "auth_header",
                                 header);
  if (prefix != NULL)
    json_object_set_string_member (settings->request->options, "auth-prefix",
                                   prefix);
  outcome = kit_run (settings);
  kit_assert_done (kit, outcome);
  requests = genvid_sandbox_requests (kit->sandbox);
  for (guint i = 0; i < requests->len; i++) {
    const GenvidSandboxRequest *request = g_ptr_array_index (requests, i);

    g_assert_cmpstr (genvid_sandbox_request_header (request, header), ==,
                     request->cdn ? NULL : expected);
  }
}

static void
sends_key (const Row *row)
{
  g_autoptr (Kit) kit = kit_played ("cn8", "prompt=p");
  g_autoptr (GenvidSandboxRequest) request
      = kit_request (kit, GENVID_SANDBOX_POLL, 0);

  g_assert_cmpstr (genvid_sandbox_request_header (request, "Authorization"), ==,
                   "Bearer " KIT_KEY);
  check_key ("X-Gateway-Key", "", KIT_KEY);
  check_key ("X-Gateway-Key", NULL, "Bearer " KIT_KEY);
  check_key ("Authorization", "Token", "Token " KIT_KEY);
}

static void
shows_detail (const Row *row)
{
  g_autoptr (Kit) kit = kit_new ("cn8", NULL);
  g_autoptr (Outcome) outcome
      = kit_done (kit, "prompt=p&duration=8&resolution=512p&aspect-ratio=9:16");
  g_auto (GStrv) names = g_strsplit (row->given, " ", -1);
  g_auto (GStrv) values = g_strsplit (row->expected, " | ", -1);

  for (guint i = 0; names[i] != NULL; i++) {
    g_autofree char *detail = outcome_detail (outcome, names[i]);

    g_assert_cmpstr (detail, ==, values[i]);
  }
}

/* In UTC, to the second. */
static void
shows_times (const Row *row)
{
  g_autoptr (Kit) kit = kit_new ("cn8", NULL);
  g_autoptr (Outcome) outcome = kit_done (kit, "prompt=p");
  g_auto (GStrv) names = g_strsplit (row->given, " ", -1);

  for (guint i = 0; names[i] != NULL; i++) {
    g_autofree char *detail = outcome_detail (outcome, names[i]);
    g_autofree char *text = g_strndup (detail + 1, strlen (detail) - 2);
    g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (text, NULL);

    g_assert_nonnull (time);
  }
}

static void
shows_id (const Row *row)
{
  g_autoptr (Kit) kit = kit_new ("cn8", NULL);
  g_autoptr (Outcome) outcome = kit_done (kit, "prompt=p");
  g_autoptr (GPtrArray) ledger = genvid_sandbox_ledger (kit->sandbox);
  const GenvidSandboxEntry *entry = g_ptr_array_index (ledger, 0);
  g_autoptr (GenvidSandboxRequest) poll
      = kit_request (kit, GENVID_SANDBOX_POLL, 0);
  g_autofree char *path = g_strconcat ("/v2/jobs/", entry->id, NULL);

  g_assert_cmpstr (outcome->snapshot->id, ==, entry->id);
  g_assert_cmpstr (poll->method, ==, "GET");
  g_assert_cmpstr (poll->path, ==, path);
  g_assert_null (poll->query);
}

/* "accepted" of the envelope is no state; "queued" of the job is. */
static void
shows_states (const Row *row)
{
  static const char *const words[][2] = {
    { "poll-unknown=QUEUED", "queued done" },
    { "poll-unknown=accepted", "queued done" },
    { "poll-unknown=Processing", "queued running done" },
    { "poll-unknown=queued poll-done-word=COMPLETED", "queued done" },
    { "poll-unknown=queued poll-done-word=completed", "queued done" },
    { "poll-failed=x poll-failed-word=failed", "queued failed" },
    { "poll-failed=x poll-failed-word=FAILED", "queued failed" },
    { "poll-unknown=queued poll-double", "queued failed" },
  };

  kit_assert_states ("cn8", words, G_N_ELEMENTS (words));
}

/* Nothing depends on a text for humans. */
static void
ignores_message (const Row *row)
{
  g_autoptr (Kit) kit = kit_new ("cn8", NULL);
  g_autoptr (Outcome) outcome = kit_done (kit, "prompt=p");

  g_assert_null (outcome->snapshot->note);
}

static void
heeds_inner_status (const Row *row)
{
  g_autoptr (Kit) kit = kit_new ("cn8", NULL);
  g_autoptr (Outcome) outcome = NULL;

  kit_fault (kit, "poll-double");
  outcome = kit_go (kit, "prompt=p");
  g_assert_cmpint (outcome->reason, ==, GENVID_REASON_FAILED);
  g_assert_nonnull (
      strstr (outcome->snapshot->failure->message, "Encoding failed"));
  g_assert_cmpint (outcome->snapshot->failure->billed, ==, GENVID_BILLED_NO);
}

static void
brings_media (const Row *row)
{
  g_autoptr (Kit) kit = kit_played ("cn8", "prompt=p");
  g_autoptr (GenvidSandboxRequest) request
      = kit_request (kit, GENVID_SANDBOX_DOWNLOAD, 0);

  g_assert_true (request->cdn);
}

static void
shows_cost (const Row *row)
{
  static const char *const faults[] = { "poll-retry-after=1", "poll-swapped" };

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++) {
    g_autoptr (Kit) kit = kit_new ("cn8", NULL);
    g_autoptr (Outcome) outcome = NULL;
    g_autofree char *detail = NULL;

    kit_fault (kit, faults[i]);
    outcome = kit_done (kit, "prompt=p&duration=8");
    detail = outcome_detail (outcome, "token-cost");
    g_assert_cmpfloat (outcome->snapshot->cost, ==, 12.0);
    g_assert_cmpstr (outcome->snapshot->currency, ==, "USD");
    g_assert_cmpstr (detail, ==, i == 0 ? "12.0" : "\"12.0\"");
  }
}

/* Exact: a cent less is refused before any network, unset fields included. */
static void
knows_price (const Row *row)
{
  static const struct {
    const char *members;
    double price;
  } cases[] = { { "prompt=p", 6 },
                { "prompt=p&duration=4", 6 },
                { "prompt=p&duration=8", 12 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (Kit) kit = kit_new ("cn8", NULL);
    GenvidSettings *settings = kit_order (kit, cases[i].members);
    g_autoptr (Outcome) refused = NULL;
    g_autoptr (Outcome) outcome = NULL;

    settings->max_cost = cases[i].price - 0.01;
    refused = kit_run (settings);
    g_assert_cmpint (refused->reason, ==, GENVID_REASON_OVER_BUDGET);
    g_assert_cmpuint (genvid_sandbox_count_requests (kit->sandbox,
                                                     GENVID_SANDBOX_ANY_SERVICE,
                                                     GENVID_SANDBOX_ANY_SCOPE),
                      ==, 0);
    settings = kit_order (kit, cases[i].members);
    settings->max_cost = cases[i].price;
    outcome = kit_run (settings);
    kit_assert_done (kit, outcome);
    g_assert_cmpfloat (outcome->snapshot->cost, ==, cases[i].price);
  }
}

/* Ready after 599 s is in time; what never is, the gateway itself ends. */
static void
waits_for_gateway (const Row *row)
{
  GenvidSandboxOptions late = { .gen_seconds = 599 };
  g_autoptr (Kit) kit = kit_new ("cn8", &late);
  g_autofree char *body = kit_sent (kit, "prompt=p");
  g_autoptr (Kit) other = kit_new ("cn8", NULL);
  g_autoptr (Outcome) never = NULL;

  g_assert_cmpstr (body, ==, "{\"prompt\":\"p\"}");
  kit_fault (other, "poll-never");
  never = kit_go (other, "prompt=p");
  g_assert_cmpint (never->reason, ==, GENVID_REASON_FAILED);
  g_assert_nonnull (strstr (never->snapshot->failure->message, "600 s"));
  g_assert_cmpint (never->snapshot->failure->billed, ==, GENVID_BILLED_NO);
}

static gpointer
run_one (gpointer settings)
{
  Outcome *outcome = kit_run (settings);

  clock_leave ();
  return outcome;
}

/* Jobs of one key that want to ask every second. */
static void
run_together (Kit *kit, guint n)
{
  g_autoptr (GPtrArray) threads = g_ptr_array_new ();

  clock_set_workers (n);
  for (guint i = 0; i < n; i++) {
    g_autofree char *members = g_strdup_printf ("prompt=%u", i);
    GenvidSettings *settings = kit_order (kit, members);

    settings->poll_interval = 1;
    g_ptr_array_add (threads, g_thread_new ("run", run_one, settings));
  }
  for (guint i = 0; i < n; i++) {
    g_autoptr (Outcome) outcome
        = g_thread_join (g_ptr_array_index (threads, i));

    kit_assert_done (kit, outcome);
  }
  clock_set_workers (1);
}

static void
keeps_pace (const Row *row)
{
  GenvidSandboxOptions options = { .gen_seconds = 150 };
  g_autoptr (Kit) kit = kit_new ("cn8", &options);
  g_autoptr (GPtrArray) requests = NULL;
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));

  run_together (kit, 12);
  requests = genvid_sandbox_requests (kit->sandbox);
  for (guint i = 0; i < requests->len; i++) {
    const GenvidSandboxRequest *request = g_ptr_array_index (requests, i);

    g_assert_cmpuint (request->status, !=, 429);
    if (!request->cdn)
      g_array_append_val (times, request->time);
  }
  g_assert_cmpuint (times->len, >, 100);
  for (guint i = 60; i < times->len; i++)
    g_assert_cmpfloat (g_array_index (times, double, i)
                           - g_array_index (times, double, i - 60),
                       >=, MINUTE);
}

static void
tells_not_allowed (const Row *row)
{
  g_autoptr (Kit) kit = kit_new ("cn8", NULL);
  g_autoptr (Outcome) outcome = NULL;

  kit_fault (kit, "submit-not-allowed");
  outcome = kit_go (kit, "prompt=p");
  g_assert_cmpint (outcome->reason, ==, GENVID_REASON_UNAUTHORIZED);
  g_assert_cmpuint (outcome->snapshot->failure->http_status, ==, 403);
  g_assert_cmpuint (genvid_sandbox_count (kit->sandbox, GENVID_SANDBOX_CN8,
                                          GENVID_SANDBOX_ACCEPTED),
                    ==, 0);
}

static const Row rows[] = {
  { SECTION, "the key", sends_key },
  { SECTION, "prompt", sends_body, "prompt=a \"lake\"\tat dusk 🌅",
    "{\"prompt\":\"a \\\"lake\\\"\\tat dusk 🌅\"}" },
  { SECTION, "model", sends_listed, "model=sora",
    "veo (Audio)→veo (Audio)|veo fast (Audio)→veo fast (Audio)" },
  { SECTION, "resolution", sends_listed, "resolution=720p",
    "512p→512P|1080p→1080P|512P→512P" },
  { SECTION, "duration", sends_listed, "duration=5", "4→4s|8→8s" },
  { SECTION, "aspect_ratio", sends_listed, "aspect-ratio=1:1",
    "16:9→16:9|9:16→9:16" },
  { SECTION, "status of the submit's reply", shows_states },
  { SECTION, "message", ignores_message },
  { SECTION, "job.id", shows_id },
  { SECTION, "job.status", shows_detail, "submit-status", "\"queued\"" },
  { SECTION, "job.service", shows_detail, "service-name",
    "\"media-video-from-text\"" },
  { SECTION, "job.created_at", shows_times, "created-at" },
  { SECTION, "id", shows_id },
  { SECTION, "status", shows_states },
  { SECTION, "service_name", shows_detail, "service-name",
    "\"media-video-from-text\"" },
  { SECTION, "created_at completed_at", shows_times,
    "created-at completed-at" },
  { SECTION, "result_data.status", heeds_inner_status },
  { SECTION, "result_data.video_url", brings_media },
  { SECTION, "result_data.duration_seconds ….model ….resolution ….aspect_ratio",
    shows_detail, "duration-seconds model resolution aspect-ratio",
    "8.0 | \"veo (Audio)\" | \"512P\" | \"9:16\"" },
  { SECTION, "units_consumed", shows_detail, "units-consumed", "8.0" },
  { SECTION, "token_cost", shows_cost },
  { SECTION, "price $1.50 a second", knows_price },
  { SECTION, "600 s gateway timeout", waits_for_gateway },
  { SECTION, "60 requests a minute", keeps_pace },
  { SECTION, "allowed_services", tells_not_allowed },
  { SECTION, "the webhook event", kit_not_ours },
};

int
main (int argc, char *argv[])
{
  kit_init (&argc, &argv);
  kit_add_rows ("/fields/cn8", rows, G_N_ELEMENTS (rows));
  return g_test_run ();
}
