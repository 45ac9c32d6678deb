/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* gen.pro, row by row. */

#include "fields-kit.h"

#include "failure.h"
#include "fingerprint.h"
#include "record.h"
#include "settings.h"

#include "fake-service.h"

#include <string.h>

#define ALL         "gen.pro, all three calls"
#define IMAGE       "gen.pro, video from image"
#define INGREDIENTS "gen.pro, video from ingredients"

#define TEXT_BODY(members)                                                     \
  "{\"generation_type\":\"video_from_text\",\"data\":{" members "}}"
#define IMAGE_BODY(members)                                                    \
  "{\"generation_type\":\"video_from_image\",\"data\":{" members "}}"
#define INGREDIENTS_BODY(members)                                              \
  "{\"generation_type\":\"video_from_ingredients\",\"data\":{" members "}}"

static void
sends_body (const Row *row)
{
  g_autoptr (Kit) kit = kit_played ("genpro", row->given);
  g_autofree char *body = kit_body (kit);

  g_assert_cmpstr (body, ==, row->expected);
}

static void
sends_address (const Row *row)
{
  g_autoptr (Kit) kit = kit_played ("genpro", row->given);
  g_autoptr (GenvidSandboxRequest) request
      = kit_request (kit, GENVID_SANDBOX_SUBMIT, 0);
  g_autofree char *address
      = g_strconcat (request->path, "?", request->query, NULL);

  g_assert_cmpstr (request->method, ==, "POST");
  g_assert_cmpstr (address, ==, row->expected);
}

/* From the environment too, and an option wins over it. */
static void
sends_variables (const Row *row)
{
  g_autoptr (Kit) kit = kit_new ("genpro", NULL);
  g_autoptr (Outcome) outcome = NULL;
  g_autoptr (GenvidSandboxRequest) request = NULL;
  GenvidSettings *settings = kit_order (kit, "prompt=p&sheet-id=7");

  g_setenv ("GEN_SHEET_ID", "1", TRUE);
  g_setenv ("GEN_CELL_ID", "8", TRUE);
  g_setenv ("GEN_AGENT_ID", "9007199254740993", TRUE);
  outcome = kit_run (settings);
  g_unsetenv ("GEN_SHEET_ID");
  g_unsetenv ("GEN_CELL_ID");
  g_unsetenv ("GEN_AGENT_ID");
  kit_assert_done (kit, outcome);
  request = kit_request (kit, GENVID_SANDBOX_SUBMIT, 0);
  g_assert_cmpstr (request->path, ==,
                   "/v1/autocontentengine/7/cells/8/generate");
  g_assert_cmpstr (request->query, ==, row->expected);
}

static void
sends_key (const Row *row)
{
  g_autoptr (Kit) kit = kit_played ("genpro", "prompt=p");
  g_autoptr (GPtrArray) requests = genvid_sandbox_requests (kit->sandbox);

  for (guint i = 0; i < requests->len; i++) {
    const GenvidSandboxRequest *request = g_ptr_array_index (requests, i);

    g_assert_cmpstr (genvid_sandbox_request_header (request, row->name), ==,
                     request->cdn ? NULL : KIT_KEY);
    g_assert_null (genvid_sandbox_request_header (request, "Authorization"));
  }
}

/* On every submit, and on nothing else. */
static void
sends_idempotency (const Row *row)
{
  g_autoptr (Kit) kit = kit_new ("genpro", NULL);
  g_autoptr (Outcome) outcome = NULL;
  g_autoptr (GPtrArray) requests = NULL;
  g_autofree char *expected = NULL;
  guint submits = 0;

  kit_fault (kit, "submit-lost-after");
  outcome = kit_done (kit, "prompt=p");
  expected = genvid_fingerprint_idempotency (outcome->fingerprint, 1);
  requests = genvid_sandbox_requests (kit->sandbox);
  for (guint i = 0; i < requests->len; i++) {
    const GenvidSandboxRequest *request = g_ptr_array_index (requests, i);
    gboolean submit = request->scope == GENVID_SANDBOX_SUBMIT;

    submits += submit;
    g_assert_cmpstr (genvid_sandbox_request_header (request, row->name), ==,
                     submit ? expected : NULL);
  }
  g_assert_cmpuint (submits, ==, 2);
  g_assert_cmpuint (genvid_sandbox_count (kit->sandbox, GENVID_SANDBOX_GENPRO,
                                          GENVID_SANDBOX_ACCEPTED),
                    ==, 1);
}

/* The documented names choose themselves; another one is passed on, and what
 * the service says of it is shown. */
static void
sends_type (const Row *row)
{
  static const char *const calls[][2] = {
    { "prompt=p", TEXT_BODY ("\"prompt\":\"p\"") },
    { "image=id:501", IMAGE_BODY ("\"image_resource_id\":\"501\"") },
    { "prompt=p&references=id:501",
      INGREDIENTS_BODY ("\"prompt\":\"p\",\"asset_resource_ids\":[501]") },
  };
  g_autoptr (Kit) kit = kit_new ("genpro", NULL);
  g_autoptr (Outcome) refused = NULL;
  g_autofree char *body = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (calls); i++) {
    g_autofree char *sent = kit_sent (kit, calls[i][0]);

    g_assert_cmpstr (sent, ==, calls[i][1]);
  }
  refused = kit_go (kit, row->given);
  body = kit_body (kit);
  g_assert_cmpstr (body, ==, row->expected);
  g_assert_cmpint (refused->reason, ==, GENVID_REASON_REJECTED);
  g_assert_nonnull (
      strstr (refused->snapshot->failure->message, "gemini_video_generation"));
}

static void
sends_models (const Row *row)
{
  static const char *const calls[][3] = {
    { "prompt=p", "video_from_text",
      "veo_3 veo_3_fast veo_3_1 veo_3_1_fast sora_2 kling_1_6 seedance_pro "
      "seedance_pro_1_5" },
    { "image=id:501", "video_from_image",
      "kling_2_1 kling_2_6 veo_3 veo_3_1 sora_2 seedance_lite seedance_pro "
      "seedance_pro_1_5" },
    { "prompt=p&references=id:501", "video_from_ingredients",
      "pika kling_1_6 seedance_lite veo_3_1 veo_3_1_fast" },
  };
  g_autoptr (Kit) kit = kit_new ("genpro", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (calls); i++) {
    g_auto (GStrv) models = g_strsplit (calls[i][2], " ", -1);

    for (guint j = 0; models[j] != NULL; j++) {
      g_autofree char *members
          = g_strconcat (calls[i][0], "&model=", models[j], NULL);
      g_autofree char *part = g_strdup_printf ("\"model\":\"%s\"", models[j]);
      g_autoptr (Outcome) outcome = kit_done (kit, members);
      g_autofree char *body = kit_body (kit);

      g_assert_nonnull (strstr (body, part));
      g_assert_nonnull (strstr (body, calls[i][1]));
      g_assert_cmpstr (outcome->snapshot->model, ==, models[j]);
    }
  }
}

static void
sends_ratios (const Row *row)
{
  g_autoptr (Kit) kit = kit_new ("genpro", NULL);
  static const char *const ratios[] = { "1:1", "9:16", "16:9" };

  for (guint i = 0; i < G_N_ELEMENTS (ratios); i++) {
    g_autofree char *members
        = g_strconcat ("prompt=p&aspect-ratio=", ratios[i], NULL);
    g_autofree char *expected = g_strdup_printf (
        TEXT_BODY ("\"prompt\":\"p\",\"aspect_ratio\":\"%s\""), ratios[i]);
    g_autofree char *body = kit_sent (kit, members);

    g_assert_cmpstr (body, ==, expected);
  }
}

/* Both calls that have it; the third refuses it. */
static void
sends_negative (const Row *row)
{
  g_autoptr (Kit) kit = kit_new ("genpro", NULL);
  g_autofree char *text = g_strconcat ("prompt=p&", row->given, NULL);
  g_autofree char *image = g_strconcat ("image=id:501&", row->given, NULL);
  g_autofree char *third
      = g_strconcat ("prompt=p&references=id:501&", row->given, NULL);
  g_autofree char *from_text = kit_sent (kit, text);
  g_autofree char *from_image = kit_sent (kit, image);
  g_autoptr (Outcome) refused = kit_go (kit, third);

  g_assert_nonnull (strstr (from_text, row->expected));
  g_assert_nonnull (strstr (from_text, "video_from_text"));
  g_assert_nonnull (strstr (from_image, row->expected));
  g_assert_nonnull (strstr (from_image, "video_from_image"));
  g_assert_cmpint (refused->reason, ==, GENVID_REASON_SETTINGS);
  g_assert_nonnull (refused->refusal);
  g_assert_cmpuint (genvid_sandbox_count_requests (kit->sandbox,
                                                   GENVID_SANDBOX_ANY_SERVICE,
                                                   GENVID_SANDBOX_SUBMIT),
                    ==, 2);
}

static void
shows_id (const Row *row)
{
  g_autoptr (Kit) kit = kit_new ("genpro", NULL);
  g_autoptr (Outcome) outcome = NULL;
  g_autoptr (GenvidSandboxRequest) poll = NULL;

  if (row->given != NULL)
    kit_fault (kit, row->given);
  outcome = kit_done (kit, "prompt=p");
  poll = kit_request (kit, GENVID_SANDBOX_POLL, 0);
  g_assert_cmpstr (outcome->snapshot->id, ==, row->expected);
  g_assert_cmpstr (poll->path, ==, "/v1/generations/9020");
  g_assert_null (poll->query);
}

static void
shows_states (const Row *row)
{
  static const char *const words[][2] = {
    { "poll-unknown=pending", "queued done" },
    { "poll-unknown=Processing", "queued running done" },
    { "poll-unknown=pending poll-done-word=Completed", "queued done" },
    { "poll-failed=x poll-failed-word=FAILED", "queued failed" },
    { "poll-unknown=stopped", "queued cancelled" },
  };

  kit_assert_states ("genpro", words, G_N_ELEMENTS (words));
}

static void
shows_detail (const Row *row)
{
  g_autoptr (Kit) kit = kit_new ("genpro", NULL);
  g_autoptr (Outcome) outcome = kit_done (kit, "prompt=p");
  g_autofree char *detail = outcome_detail (outcome, row->given);

  g_assert_cmpstr (detail, ==, row->expected);
}

/* What the sandbox does not say, said by a script. */
static Outcome *
run_scripted (Kit *kit, const char *poll)
{
  g_autoptr (GBytes) clip = fake_clip_new (4096, FALSE, 1);
  const FakeReply script[]
      = { { "POST", "/v1/autocontentengine/*", 201, NULL,
            "{\"generation_id\":77,\"status\":\"pending\"}" },
          { "GET", "/clip.mp4", .bytes = clip } };
  g_autoptr (FakeService) service = FAKE_SERVICE (script);
  g_autofree char *link = fake_service_make_url (service, "/clip.mp4");
  GString *body = g_string_new (poll);
  GenvidSettings *settings = kit_order (kit, "prompt=p");
  Outcome *outcome;

  g_string_replace (body, "LINK", link, 0);
  fake_service_add (service, &(FakeReply){ "GET", "/v1/generations/77", 200,
                                           NULL, body->str });
  g_string_free (body, TRUE);
  g_free (settings->base_url);
  settings->base_url = g_strdup (fake_service_get_url (service));
  outcome = kit_run (settings);
  g_assert_cmpstr (outcome->refusal, ==, NULL);
  g_assert_null (outcome->snapshot->failure);
  return outcome;
}

static void
shows_scripted (const Row *row)
{
  g_autoptr (Kit) kit = kit_new ("genpro", NULL);
  g_autoptr (Outcome) outcome = run_scripted (
      kit, "{\"id\":77,\"status\":\"Completed\",\"result\":\"fine\","
           "\"output_resources\":[{\"id\":1,\"url\":\"LINK\","
           "\"object_type\":\"VIDEO\",\"type\":\"output\","
           "\"thumbnail_url\":\"https://cdn.gen.pro/t.jpg?sig=secret\"}],"
           "\"execution_cost\":\"5.0\"}");
  g_autofree char *detail = outcome_detail (outcome, row->given);

  g_assert_cmpstr (detail, ==, row->expected);
  g_assert_cmpfloat (outcome->snapshot->cost, ==, 5.0);
}

/* Its words, and moderation told from the rest by them. */
static void
shows_failure (const Row *row)
{
  g_autoptr (Kit) kit = kit_new ("genpro", NULL);
  g_autoptr (Kit) other = kit_new ("genpro", NULL);
  g_autoptr (Outcome) failed = NULL;
  g_autoptr (Outcome) refused = NULL;

  kit_fault (kit, "poll-failed=the lamp broke");
  failed = kit_go (kit, "prompt=p");
  g_assert_cmpint (failed->reason, ==, GENVID_REASON_FAILED);
  g_assert_nonnull (
      strstr (failed->snapshot->failure->message, "the lamp broke"));
  kit_fault (other, "poll-refused");
  refused = kit_go (other, "prompt=p");
  g_assert_cmpint (refused->reason, ==, GENVID_REASON_REFUSED);
}

/* The image before it is passed over. */
static void
chooses_output (const Row *row)
{
  g_autoptr (Kit) kit = kit_new ("genpro", NULL);
  g_autoptr (Outcome) outcome = NULL;
  g_autofree char *id = NULL;
  g_autofree char *type = NULL;

  kit_fault (kit, "poll-image-first");
  outcome = kit_done (kit, "prompt=p");
  id = outcome_detail (outcome, "output-id");
  type = outcome_detail (outcome, "object-type");
  g_assert_cmpstr (id, ==, "90209");
  g_assert_cmpstr (type, ==, "\"Video\"");
}

static void
brings_media (const Row *row)
{
  g_autoptr (Kit) kit = kit_new ("genpro", NULL);
  g_autoptr (Outcome) outcome = kit_done (kit, "prompt=p");
  g_autoptr (GenvidSandboxRequest) request
      = kit_request (kit, GENVID_SANDBOX_DOWNLOAD, 0);

  g_assert_true (request->cdn);
  g_assert_cmpint (outcome->snapshot->state, ==, GENVID_STATE_DONE);
}

static void
shows_cost (const Row *row)
{
  static const char *const faults[] = { "poll-retry-after=1", "poll-swapped" };

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++) {
    g_autoptr (Kit) kit = kit_new ("genpro", NULL);
    g_autoptr (Outcome) outcome = NULL;

    kit_fault (kit, faults[i]);
    outcome = kit_done (kit, "prompt=p&model=veo_3&duration=5");
    g_assert_cmpfloat (
        outcome->snapshot->cost, ==,
        genvid_sandbox_spent (kit->sandbox, GENVID_SANDBOX_GENPRO));
    g_assert_cmpfloat (outcome->snapshot->cost, >, 0);
    g_assert_cmpstr (outcome->snapshot->currency, ==, "credits");
  }
}

static void
shows_error (const Row *row)
{
  g_autoptr (Kit) kit = kit_new ("genpro", NULL);
  g_autoptr (Outcome) outcome = NULL;
  const GenvidFailure *failure;

  kit_fault (kit, "submit-quota");
  outcome = kit_go (kit, "prompt=p");
  failure = outcome->snapshot->failure;
  g_assert_cmpint (failure->reason, ==, GENVID_REASON_QUOTA);
  g_assert_cmpuint (failure->http_status, ==, 422);
  g_assert_cmpstr (failure->service_code, ==, "insufficient_credits_for_job");
  g_assert_nonnull (strstr (failure->message, "Insufficient credits"));
  g_assert_cmpint (failure->billed, ==, GENVID_BILLED_NO);
}

static const Row rows[] = {
  { ALL, "{id}", sends_address, "prompt=p&sheet-id=7&cell-id=8&agent-id=9",
    "/v1/autocontentengine/7/cells/8/generate?agent_id=9" },
  { ALL, "{cell_id}", sends_address, KIT_PLACE "prompt=p",
    "/v1/autocontentengine/101/cells/3100/generate?agent_id=42" },
  { ALL, "agent_id", sends_variables, NULL, "agent_id=9007199254740993" },
  { ALL, "X-API-Key", sends_key },
  { ALL, "Idempotency-Key", sends_idempotency },
  { ALL, "generation_type", sends_type,
    "prompt=p&generation_type=gemini_video_generation",
    "{\"generation_type\":\"gemini_video_generation\","
    "\"data\":{\"prompt\":\"p\"}}" },
  { ALL, "data.prompt", sends_body,
    "prompt=a \"drone\" 🏝 over {{place}} %26 \\n",
    TEXT_BODY ("\"prompt\":\"a \\\"drone\\\" 🏝 over {{place}} & \\\\n\"") },
  { ALL, "data.negative_prompt", sends_negative, "negative-prompt=blurry, text",
    "\"negative_prompt\":\"blurry, text\"" },
  { ALL, "data.model", sends_models },
  { ALL, "data.aspect_ratio", sends_ratios },
  { ALL, "data.duration", sends_body, "prompt=p&duration=10",
    TEXT_BODY ("\"prompt\":\"p\",\"duration\":10") },
  { ALL, "data.variables", sends_body,
    "prompt={{brand}} {{n}}&variables.brand=Acme&variables.n=3",
    TEXT_BODY ("\"prompt\":\"{{brand}} {{n}}\","
               "\"variables\":{\"brand\":\"Acme\",\"n\":3}") },
  { ALL, "data.prompt_var", sends_body, "prompt_var=line",
    TEXT_BODY ("\"prompt_var\":\"line\"") },
  { ALL, "data.negative_prompt_var", sends_negative,
    "negative_prompt_var=avoid", "\"negative_prompt_var\":\"avoid\"" },
  { ALL, "generation_id", shows_id, NULL, "9020" },
  { ALL, "status", shows_states },
  { ALL, "id", shows_id, "poll-swapped", "9020" },
  { ALL, "user_job_type", shows_detail, "user-job-type",
    "\"video_generation\"" },
  { ALL, "result", shows_scripted, "result", "\"fine\"" },
  { ALL, "failed_reason", shows_failure },
  { ALL, "output_resources[]", chooses_output },
  { ALL, "….id", shows_detail, "output-id", "90209" },
  { ALL, "….url", brings_media },
  { ALL, "….thumbnail_url", shows_scripted, "thumbnail-url",
    "\"https://cdn.gen.pro/t.jpg\"" },
  { ALL, "….object_type", shows_detail, "object-type", "\"video\"" },
  { ALL, "….type", shows_detail, "output-type", "\"output\"" },
  { ALL, "execution_cost", shows_cost },
  { ALL, "error error_code", shows_error },
  { ALL, "column model ratio duration", kit_not_ours },
  { ALL, "column autoGenerate", kit_not_ours },

  { IMAGE, "data.image_resource_id", sends_body,
    "image=id:image_res_123&prompt=p",
    IMAGE_BODY ("\"image_resource_id\":\"image_res_123\","
                "\"prompt\":\"p\"") },
  { IMAGE, "data.image_tail_resource_id", sends_body,
    "image=id:501&end-image=id:502",
    IMAGE_BODY ("\"image_resource_id\":\"501\","
                "\"image_tail_resource_id\":\"502\"") },
  { IMAGE, "data.image_var", sends_body, "image_var=first&prompt=p",
    IMAGE_BODY ("\"prompt\":\"p\",\"image_var\":\"first\"") },
  { IMAGE, "data.image_tail_var", sends_body,
    "image=id:501&image_tail_var=last",
    IMAGE_BODY ("\"image_resource_id\":\"501\",\"image_tail_var\":\"last\"") },

  { INGREDIENTS, "data.asset_resource_ids", sends_body,
    "references=id:501,id:502&prompt=p",
    INGREDIENTS_BODY ("\"prompt\":\"p\",\"asset_resource_ids\":[501,502]") },
  { INGREDIENTS, "data.content_resource_vars", sends_body,
    "content_resource_vars=hero,logo&prompt=p",
    INGREDIENTS_BODY ("\"prompt\":\"p\","
                      "\"content_resource_vars\":[\"hero\",\"logo\"]") },
};

int
main (int argc, char *argv[])
{
  kit_init (&argc, &argv);
  kit_add_rows ("/fields/genpro", rows, G_N_ELEMENTS (rows));
  return g_test_run ();
}
