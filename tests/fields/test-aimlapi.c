/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* AI/ML API, row by row. */

#include "fields-kit.h"

#include "failure.h"
#include "fingerprint.h"

#include <string.h>

#define SECTION "AI/ML API, pixverse/v5/text-to-video"

#define BODY(members)                                                          \
  "{\"model\":\"pixverse/v5/text-to-video\",\"prompt\":\"p\"" members "}"

static void
sends_body (const Row *row)
{
  g_autoptr (Kit) kit = kit_played ("aimlapi", row->given);
  g_autofree char *body = kit_body (kit);
  g_autoptr (GenvidSandboxRequest) request
      = kit_request (kit, GENVID_SANDBOX_SUBMIT, 0);

  g_assert_cmpstr (body, ==, row->expected);
  g_assert_cmpstr (request->method, ==, "POST");
  g_assert_cmpstr (request->path, ==, "/v2/video/generations");
  g_assert_null (request->query);
}

/* Each listed value as it stands; one that is not listed is refused. */
static void
sends_listed (const Row *row)
{
  g_autoptr (Kit) kit = kit_new ("aimlapi", NULL);
  const char *wrong = row->given + strlen ("prompt=p&");
  g_autofree char *property = g_strndup (wrong, strcspn (wrong, "="));
  g_auto (GStrv) values = g_strsplit (row->expected, " ", -1);
  g_autoptr (Outcome) refused = NULL;

  for (guint i = 0; values[i] != NULL; i++) {
    g_autofree char *members
        = g_strdup_printf ("prompt=p&%s=%s", property, values[i]);
    gboolean number = g_ascii_isdigit (values[i][0])
                      && values[i][strspn (values[i], "0123456789")] == '\0';
    g_autofree char *expected
        = g_strdup_printf (BODY (",\"%s\":%s%s%s"), row->name,
                           number ? "" : "\"", values[i], number ? "" : "\"");
    g_autofree char *body = kit_sent (kit, members);

    g_assert_cmpstr (body, ==, expected);
  }
  refused = kit_go (kit, row->given);
  g_assert_cmpint (refused->reason, ==, GENVID_REASON_SETTINGS);
  g_assert_nonnull (strstr (refused->refusal, values[0]));
}

static void
sends_key (const Row *row)
{
  g_autoptr (Kit) kit = kit_played ("aimlapi", "prompt=p");
  g_autoptr (GPtrArray) requests = genvid_sandbox_requests (kit->sandbox);

  for (guint i = 0; i < requests->len; i++) {
    const GenvidSandboxRequest *request = g_ptr_array_index (requests, i);

    g_assert_cmpstr (genvid_sandbox_request_header (request, row->name), ==,
                     request->cdn ? NULL : "Bearer " KIT_KEY);
  }
}

/* What it is for: a lost reply is found again in the log, unpaid. */
static void
sends_request_id (const Row *row)
{
  g_autoptr (Kit) kit = kit_new ("aimlapi", NULL);
  g_autoptr (Outcome) outcome = NULL;
  g_autoptr (GenvidSandboxRequest) submit = NULL;
  g_autoptr (GenvidSandboxRequest) lookup = NULL;
  g_autofree char *expected = NULL;

  kit_fault (kit, "submit-lost-after");
  outcome = kit_done (kit, "prompt=p");
  expected = genvid_fingerprint_idempotency (outcome->fingerprint, 1);
  submit = kit_request (kit, GENVID_SANDBOX_SUBMIT, 0);
  lookup = kit_request (kit, GENVID_SANDBOX_LOOKUP, 0);
  g_assert_cmpstr (genvid_sandbox_request_header (submit, row->name), ==,
                   expected);
  g_assert_cmpstr (lookup->path, ==, "/v2/logs");
  g_assert_cmpuint (genvid_sandbox_count_requests (kit->sandbox,
                                                   GENVID_SANDBOX_AIMLAPI,
                                                   GENVID_SANDBOX_SUBMIT),
                    ==, 1);
}

static void
sends_id (const Row *row)
{
  g_autoptr (Kit) kit = kit_new ("aimlapi", NULL);
  g_autoptr (Outcome) outcome = kit_done (kit, "prompt=p");
  g_autoptr (GenvidSandboxRequest) poll
      = kit_request (kit, GENVID_SANDBOX_POLL, 0);
  g_autofree char *escaped
      = g_uri_escape_string (outcome->snapshot->id, NULL, FALSE);
  g_autofree char *query = g_strconcat (row->name, "=", escaped, NULL);

  g_assert_nonnull (
      strstr (outcome->snapshot->id, ":pixverse/v5/text-to-video"));
  g_assert_cmpstr (poll->query, ==, query);
  g_assert_nonnull (strstr (query, "%3Apixverse%2Fv5%2Ftext-to-video"));
}

static void
shows_id (const Row *row)
{
  g_autoptr (Kit) kit = kit_new ("aimlapi", NULL);
  g_autoptr (Outcome) outcome = kit_done (kit, "prompt=p");
  g_autoptr (GPtrArray) ledger = genvid_sandbox_ledger (kit->sandbox);
  const GenvidSandboxEntry *entry = g_ptr_array_index (ledger, 0);

  g_assert_cmpstr (outcome->snapshot->id, ==, entry->id);
}

/* Every word seen in the wild. */
static void
shows_states (const Row *row)
{
  static const char *const words[][2] = {
    { "poll-unknown=queued", "queued done" },
    { "poll-unknown=waiting", "queued done" },
    { "poll-unknown=active", "queued done" },
    { "poll-unknown=pending", "queued done" },
    { "poll-unknown=QUEUED", "queued done" },
    { "poll-unknown=generating", "queued running done" },
    { "poll-unknown=processing", "queued running done" },
    { "poll-unknown=in_progress", "queued running done" },
    { "poll-unknown=rendering", "queued done" },
    { "poll-unknown", "queued done" },
    { "poll-unknown=cancelled", "queued cancelled" },
    { "poll-unknown=canceled", "queued cancelled" },
    { "poll-unknown=queued poll-done-word=completed", "queued done" },
    { "poll-unknown=queued poll-done-word=succeeded", "queued done" },
    { "poll-failed=x poll-failed-word=error", "queued failed" },
    { "poll-failed=x poll-failed-word=failed", "queued failed" },
  };

  kit_assert_states ("aimlapi", words, G_N_ELEMENTS (words));
}

static void
brings_media (const Row *row)
{
  g_autoptr (Kit) kit = kit_played ("aimlapi", "prompt=p");
  g_autoptr (GenvidSandboxRequest) request
      = kit_request (kit, GENVID_SANDBOX_DOWNLOAD, 0);

  g_assert_true (request->cdn);
}

static void
shows_file (const Row *row)
{
  g_autoptr (Kit) kit = kit_new ("aimlapi", NULL);
  g_autoptr (Outcome) outcome = kit_done (kit, "prompt=p");
  g_autoptr (GBytes) clip
      = genvid_sandbox_clip (kit->sandbox, outcome->snapshot->id);
  g_autofree char *type = outcome_detail (outcome, "content-type");
  g_autofree char *name = outcome_detail (outcome, "file-name");
  g_autofree char *size = outcome_detail (outcome, "file-size");

  g_assert_cmpstr (type, ==, "\"video/mp4\"");
  g_assert_true (g_str_has_suffix (name, ".mp4\""));
  g_assert_cmpuint (g_ascii_strtoull (size, NULL, 10), ==,
                    g_bytes_get_size (clip));
}

static void
shows_code (const Row *row)
{
  g_autoptr (Kit) kit = kit_new ("aimlapi", NULL);
  g_autoptr (Outcome) outcome = NULL;

  kit_fault (kit, "poll-failed=no light");
  outcome = kit_go (kit, "prompt=p");
  g_assert_cmpint (outcome->reason, ==, GENVID_REASON_FAILED);
  g_assert_nonnull (outcome->snapshot->failure->service_code);
  g_assert_cmpstr (outcome->snapshot->failure->service_code, !=, "");
}

static void
shows_words (const Row *row)
{
  static const char *const faults[][2] = {
    { "poll-failed=no light", "no light" },
    { "poll-failed-detail", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++) {
    g_autoptr (Kit) kit = kit_new ("aimlapi", NULL);
    g_autoptr (Outcome) outcome = NULL;

    if (faults[i][1] == NULL)
      kit_fault (kit, "poll-failed=out of film");
    kit_fault (kit, faults[i][0]);
    outcome = kit_go (kit, "prompt=p");
    g_assert_cmpint (outcome->reason, ==, GENVID_REASON_FAILED);
    g_assert_nonnull (
        strstr (outcome->snapshot->failure->message,
                faults[i][1] != NULL ? faults[i][1] : "out of film"));
  }
}

static void
shows_cost (const Row *row)
{
  g_autoptr (Kit) kit = kit_new ("aimlapi", NULL);
  g_autoptr (Outcome) outcome = NULL;

  if (row->given != NULL)
    kit_fault (kit, row->given);
  outcome = kit_done (kit, "prompt=p&duration=8&resolution=720p");
  g_assert_cmpstr (outcome->snapshot->currency, ==, "USD");
  g_assert_cmpfloat_with_epsilon (
      outcome->snapshot->cost,
      genvid_sandbox_spent (kit->sandbox, GENVID_SANDBOX_AIMLAPI), 1e-9);
  g_assert_cmpfloat (outcome->snapshot->cost, >, 0);
}

static void
shows_credits (const Row *row)
{
  g_autoptr (Kit) kit = kit_new ("aimlapi", NULL);
  g_autoptr (Outcome) outcome = kit_done (kit, "prompt=p&resolution=720p");
  g_autofree char *credits = outcome_detail (outcome, "credits-used");

  /* The vendor's rate: two million for a dollar. */
  g_assert_cmpstr (credits, ==, "800000");
}

/* A reply that was cut after it was paid for. */
static void
finds_id_in_header (const Row *row)
{
  g_autoptr (Kit) kit = kit_new ("aimlapi", NULL);
  g_autoptr (Outcome) outcome = NULL;

  kit_fault (kit, "submit-malformed");
  outcome = kit_done (kit, "prompt=p");
  g_assert_nonnull (outcome->snapshot->id);
  g_assert_cmpuint (genvid_sandbox_count_requests (kit->sandbox,
                                                   GENVID_SANDBOX_AIMLAPI,
                                                   GENVID_SANDBOX_LOOKUP),
                    ==, 0);
}

static void
shows_error (const Row *row)
{
  g_autoptr (Kit) kit = kit_new ("aimlapi", NULL);
  g_autoptr (Outcome) rejected = NULL;
  g_autoptr (Outcome) quota = NULL;
  g_autofree char *id = NULL;

  kit_fault (kit, "submit-400=Expected 5 | 8@1");
  rejected = kit_go (kit, "prompt=p");
  g_assert_cmpint (rejected->reason, ==, GENVID_REASON_REJECTED);
  g_assert_nonnull (
      strstr (rejected->snapshot->failure->message, "Expected 5 | 8"));
  g_assert_cmpstr (rejected->snapshot->failure->service_code, ==, "400");
  id = outcome_detail (rejected, "request-id");
  g_assert_nonnull (id);
  kit_fault (kit, "submit-quota");
  quota = kit_go (kit, "prompt=another");
  g_assert_cmpint (quota->reason, ==, GENVID_REASON_QUOTA);
  g_assert_cmpuint (quota->snapshot->failure->http_status, ==, 403);
}

static const Row rows[] = {
  { SECTION, "Authorization", sends_key },
  { SECTION, "X-Client-Request-Id", sends_request_id },
  { SECTION, "model", sends_body, "prompt=p", BODY ("") },
  { SECTION, "prompt", sends_body, "prompt=\"so\" 🌊",
    "{\"model\":\"pixverse/v5/text-to-video\","
    "\"prompt\":\"\\\"so\\\" 🌊\"}" },
  { SECTION, "aspect_ratio", sends_listed, "prompt=p&aspect-ratio=21:9",
    "16:9 4:3 1:1 3:4 9:16" },
  { SECTION, "resolution", sends_listed, "prompt=p&resolution=2160p",
    "360p 540p 720p 1080p" },
  { SECTION, "duration", sends_listed, "prompt=p&duration=6", "5 8" },
  { SECTION, "negative_prompt", sends_body, "prompt=p&negative-prompt=fog",
    BODY (",\"negative_prompt\":\"fog\"") },
  { SECTION, "style", sends_listed, "prompt=p&style=noir",
    "anime 3d_animation clay comic cyberpunk" },
  { SECTION, "seed", sends_body, "prompt=p&seed=9007199254740993",
    BODY (",\"seed\":9007199254740993") },
  { SECTION, "lip_sync_tts_content lip_sync_tts_speaker", sends_body,
    "prompt=p&lip_sync_tts_content=2024&lip_sync_tts_speaker=Harper",
    BODY (",\"lip_sync_tts_content\":\"2024\","
          "\"lip_sync_tts_speaker\":\"Harper\"") },
  { SECTION, "generation_id", sends_id },
  { SECTION, "id", shows_id },
  { SECTION, "status", shows_states },
  { SECTION, "video.url", brings_media },
  { SECTION, "video.content_type video.file_name video.file_size", shows_file },
  { SECTION, "error.name", shows_code },
  { SECTION, "error.message error.detail[0].msg", shows_words },
  { SECTION, "meta.usage.usd_spent", shows_cost },
  { SECTION, "meta.usage.credits_used", shows_credits },
  { SECTION, "x-inference-id", finds_id_in_header },
  { SECTION, "message statusCode requestId", shows_error },
  { SECTION, "path timestamp", kit_not_ours },
};

int
main (int argc, char *argv[])
{
  kit_init (&argc, &argv);
  kit_add_rows ("/fields/aimlapi", rows, G_N_ELEMENTS (rows));
  return g_test_run ();
}
