/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers: the documented ones field for field, every state, every way to
 * fail, and what strangers may put into them. */
#include "call-fixture.h"

#include "call.h"
#include "exchange.h"
#include "failure.h"
#include "json.h"
#include "reply.h"

#include <json-glib/json-glib.h>

#include <string.h>

static GenvidCall *
make_call (const char *provider)
{
  return fixture_call (provider, g_str_equal (provider, "genpro")
                                     ? FIXTURE_PLACE "prompt=p"
                                     : "prompt=p");
}

static GenvidReply *
read_document (GenvidCall *call, GenvidExchangeKind kind, guint status,
               const char *name, const char *member)
{
  g_autoptr (JsonObject) document = fixture_document (name);
  g_autofree char *text
      = genvid_json_to_text (json_object_get_member (document, member));

  return fixture_read (call, kind, status, text);
}

static const char *
detail (const GenvidReply *reading, const char *name)
{
  return genvid_json_string (reading->details, name, NULL);
}

static void
test_genpro (void)
{
  const struct {
    const char *name, *id, *link, *thumbnail;
    double cost;
    gint64 output;
  } rows[] = {
    { "genpro-text", "9020", "https://cdn.gen.pro/outputs/vid_001.mp4",
      "https://cdn.gen.pro/thumbnails/vid_001.jpg", 5, 1700 },
    { "genpro-image", "9030", "https://cdn.gen.pro/outputs/vid_img2v_001.mp4",
      "https://cdn.gen.pro/thumbnails/vid_img2v_001.jpg", 4, 1800 },
    { "genpro-ingredients", "9040",
      "https://cdn.gen.pro/outputs/vid_ingredients_001.mp4",
      "https://cdn.gen.pro/thumbnails/vid_ingredients_001.jpg", 3.5, 1900 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GenvidCall) call = make_call ("genpro");
    g_autoptr (GenvidReply) a = read_document (call, GENVID_EXCHANGE_SUBMIT,
                                               201, rows[i].name, "accepted");
    g_autoptr (GenvidReply) b = read_document (call, GENVID_EXCHANGE_POLL, 200,
                                               rows[i].name, "finished");

    g_assert_cmpint (a->phase, ==, GENVID_PHASE_QUEUED);
    g_assert_cmpstr (a->word, ==, "pending");
    g_assert_cmpstr (a->id, ==, rows[i].id);
    g_assert_cmpint (b->phase, ==, GENVID_PHASE_SUCCEEDED);
    g_assert_cmpstr (b->id, ==, rows[i].id);
    g_assert_cmpstr (b->link, ==, rows[i].link);
    g_assert_cmpfloat (b->cost, ==, rows[i].cost);
    g_assert_cmpstr (b->currency, ==, "credits");
    g_assert_cmpint (b->billed, ==, GENVID_BILLED_YES);
    g_assert_null (b->message);
    g_assert_cmpstr (detail (b, "thumbnail-url"), ==, rows[i].thumbnail);
    g_assert_cmpstr (detail (b, "user-job-type"), ==, "video_generation");
    g_assert_cmpstr (detail (b, "output-type"), ==, "output");
    g_assert_cmpstr (detail (b, "object-type"), ==, "video");
    g_assert_cmpint (genvid_json_int (b->details, "output-id", 0), ==,
                     rows[i].output);
    g_assert_false (json_object_has_member (b->details, "result"));
  }
}

static void
test_aimlapi (void)
{
  g_autoptr (GenvidCall) call = make_call ("aimlapi");
  g_autoptr (GenvidReply) a = read_document (call, GENVID_EXCHANGE_SUBMIT, 200,
                                             "aimlapi", "accepted");
  g_autoptr (GenvidReply) b
      = read_document (call, GENVID_EXCHANGE_POLL, 200, "aimlapi", "finished");

  g_assert_cmpint (a->phase, ==, GENVID_PHASE_QUEUED);
  g_assert_cmpstr (a->id, ==,
                   "1fe4344e-8a1c-4b54-9b0e-6a1a3a6f5c11:"
                   "pixverse/v5/text-to-video");
  g_assert_cmpfloat (a->cost, ==, 630000);
  g_assert_cmpstr (a->currency, ==, "credits");
  g_assert_cmpint (b->phase, ==, GENVID_PHASE_SUCCEEDED);
  g_assert_cmpstr (b->link, ==,
                   "https://cdn.aimlapi.com/generations/hedgehog/"
                   "1759866285599.mp4");
  g_assert_cmpfloat (b->cost, ==, 0.63);
  g_assert_cmpstr (b->currency, ==, "USD");
  g_assert_cmpint (genvid_json_int (b->details, "credits-used", 0), ==, 630000);
  g_assert_cmpint (genvid_json_int (b->details, "file-size", 0), ==, 6361942);
  g_assert_cmpstr (detail (b, "content-type"), ==, "video/mp4");
}

static void
test_cn8 (void)
{
  g_autoptr (GenvidCall) call = make_call ("cn8");
  g_autoptr (GenvidReply) a
      = read_document (call, GENVID_EXCHANGE_SUBMIT, 202, "cn8", "accepted");
  g_autoptr (GenvidReply) b
      = read_document (call, GENVID_EXCHANGE_POLL, 200, "cn8", "finished");

  g_assert_cmpint (a->phase, ==, GENVID_PHASE_QUEUED);
  g_assert_cmpstr (a->id, ==, "550e8400-e29b-41d4-a716-446655440000");
  g_assert_cmpstr (a->message, ==, "Job queued for processing");
  g_assert_cmpstr (detail (a, "service-name"), ==, "media-video-from-text");
  g_assert_cmpint (a->created_us, ==,
                   G_GINT64_CONSTANT (1777285800) * G_USEC_PER_SEC);
  g_assert_cmpint (b->phase, ==, GENVID_PHASE_SUCCEEDED);
  g_assert_cmpstr (b->word, ==, "completed");
  g_assert_cmpstr (b->link, ==, "https://s3.example.com/clips/video.mp4");
  g_assert_cmpfloat (b->cost, ==, 6);
  g_assert_cmpstr (b->currency, ==, "USD");
  g_assert_cmpint (b->completed_us - b->created_us, ==, 222 * G_USEC_PER_SEC);
  g_assert_cmpfloat (genvid_json_double (b->details, "units-consumed", 0), ==,
                     4);
  g_assert_cmpfloat (genvid_json_double (b->details, "token-cost", 0), ==, 6);
  g_assert_cmpfloat (genvid_json_double (b->details, "duration-seconds", 0), ==,
                     4);
  g_assert_cmpstr (detail (b, "model"), ==, "veo (Audio)");
  g_assert_cmpstr (detail (b, "resolution"), ==, "1080P");
  g_assert_cmpstr (detail (b, "aspect-ratio"), ==, "16:9");
  g_assert_cmpstr (detail (b, "result-status"), ==, "success");
  g_assert_cmpstr (detail (b, "created-at"), ==, "2026-04-27T10:30:00Z");
  g_assert_cmpstr (detail (b, "completed-at"), ==, "2026-04-27T10:33:42Z");
}

/* States. */

static void
check_phase (const char *provider, const char *body, GenvidPhase phase)
{
  g_autoptr (GenvidCall) call = make_call (provider);
  g_autoptr (GenvidReply) reading
      = fixture_read (call, GENVID_EXCHANGE_POLL, 200, body);

  g_assert_cmpint (reading->phase, ==, phase);
  g_assert_cmpint (reading->refusal, ==, GENVID_REASON_NONE);
}

static void
check_word (const char *provider, const char *word, GenvidPhase phase)
{
  g_autofree char *body = g_strdup_printf ("{\"status\":\"%s\"}", word);

  check_phase (provider, body, phase);
}

static void
test_states (void)
{
  check_word ("genpro", "pending", GENVID_PHASE_QUEUED);
  check_word ("genpro", "Processing", GENVID_PHASE_RUNNING);
  check_word ("genpro", "COMPLETED", GENVID_PHASE_SUCCEEDED);
  check_word ("genpro", "failed", GENVID_PHASE_FAILED);
  check_word ("genpro", "stopped", GENVID_PHASE_CANCELLED);
  check_word ("genpro", "pondering", GENVID_PHASE_UNKNOWN);
  check_word ("aimlapi", "queued", GENVID_PHASE_QUEUED);
  check_word ("aimlapi", "waiting", GENVID_PHASE_QUEUED);
  check_word ("aimlapi", "active", GENVID_PHASE_QUEUED);
  check_word ("aimlapi", "generating", GENVID_PHASE_RUNNING);
  check_word ("aimlapi", "processing", GENVID_PHASE_RUNNING);
  check_word ("aimlapi", "completed", GENVID_PHASE_SUCCEEDED);
  check_word ("aimlapi", "succeeded", GENVID_PHASE_SUCCEEDED);
  check_word ("aimlapi", "error", GENVID_PHASE_FAILED);
  check_word ("aimlapi", "failed", GENVID_PHASE_FAILED);
  check_word ("cn8", "queued", GENVID_PHASE_QUEUED);
  check_word ("cn8", "processing", GENVID_PHASE_RUNNING);
  check_word ("cn8", "Completed", GENVID_PHASE_SUCCEEDED);
  check_word ("cn8", "FAILED", GENVID_PHASE_FAILED);
  check_phase ("cn8", "{}", GENVID_PHASE_UNKNOWN);
  check_phase ("cn8", "[]", GENVID_PHASE_UNKNOWN);
  check_phase ("cn8", "{\"status\":null}", GENVID_PHASE_UNKNOWN);
  check_phase ("cn8", "{\"status\":{\"a\":1}}", GENVID_PHASE_UNKNOWN);
}

static void
check_bill (const char *provider, const char *body, GenvidPhase phase,
            GenvidBilled billed)
{
  g_autoptr (GenvidCall) call = make_call (provider);
  g_autoptr (GenvidReply) reading
      = fixture_read (call, GENVID_EXCHANGE_POLL, 200, body);

  g_assert_cmpint (reading->phase, ==, phase);
  g_assert_cmpint (reading->billed, ==, billed);
}

/* Words that no document of the service has: ends are ends, but nobody says
 * that they cost nothing. */
static void
test_undocumented_ends (void)
{
  static const char *const providers[] = { "genpro", "aimlapi", "cn8" };
  static const char *const words[]
      = { "expired", "REJECTED", "aborted", "terminated" };

  for (guint i = 0; i < G_N_ELEMENTS (providers); i++) {
    for (guint j = 0; j < G_N_ELEMENTS (words); j++) {
      g_autofree char *body = g_strdup_printf (
          "{\"status\":\"%s\",\"token_cost\":0,\"execution_cost\":0,"
          "\"meta\":{\"usage\":{\"usd_spent\":0}}}",
          words[j]);

      check_bill (providers[i], body, GENVID_PHASE_FAILED,
                  GENVID_BILLED_UNKNOWN);
    }
    check_bill (providers[i], "{\"status\":\"canceled\"}",
                GENVID_PHASE_CANCELLED, GENVID_BILLED_UNKNOWN);
    check_bill (providers[i], "{\"status\":\"done\"}", GENVID_PHASE_SUCCEEDED,
                GENVID_BILLED_YES);
    check_bill (providers[i], "{\"status\":\"failed\"}", GENVID_PHASE_FAILED,
                GENVID_BILLED_NO);
  }
  check_bill ("genpro", "{\"status\":\"stopped\"}", GENVID_PHASE_CANCELLED,
              GENVID_BILLED_NO);
  check_bill ("cn8", "{\"status\":\"expired\",\"token_cost\":6}",
              GENVID_PHASE_FAILED, GENVID_BILLED_YES);
}

/* The gateway has been seen to say completed over an upstream's error. */
static void
test_double_status (void)
{
  check_phase ("cn8",
               "{\"status\":\"completed\",\"result_data\":{"
               "\"status\":\"ERROR\",\"message\":\"no frames\"}}",
               GENVID_PHASE_FAILED);
  check_phase ("cn8",
               "{\"status\":\"failed\",\"result_data\":{"
               "\"status\":\"success\"}}",
               GENVID_PHASE_FAILED);
}

static void
check_failure (const char *provider, const char *body, GenvidPhase phase,
               const char *message)
{
  g_autoptr (GenvidCall) call = make_call (provider);
  g_autoptr (GenvidReply) reading
      = fixture_read (call, GENVID_EXCHANGE_POLL, 200, body);

  g_assert_cmpint (reading->phase, ==, phase);
  g_assert_cmpstr (reading->message, ==, message);
  g_assert_cmpint (reading->billed, ==, GENVID_BILLED_NO);
}

static void
test_failures (void)
{
  check_failure ("genpro",
                 "{\"status\":\"failed\",\"failed_reason\":\"GPU on fire\"}",
                 GENVID_PHASE_FAILED, "GPU on fire");
  check_failure ("genpro",
                 "{\"status\":\"failed\",\"failed_reason\":\"Content Policy "
                 "violation\"}",
                 GENVID_PHASE_REFUSED, "Content Policy violation");
  check_failure ("aimlapi",
                 "{\"status\":\"error\",\"error\":{\"name\":\"E\","
                 "\"message\":\"upstream\"}}",
                 GENVID_PHASE_FAILED, "upstream");
  check_failure ("aimlapi",
                 "{\"status\":\"error\",\"error\":{\"detail\":[{\"msg\":"
                 "\"bad seed\",\"loc\":[\"body\"]}]}}",
                 GENVID_PHASE_FAILED, "bad seed");
  check_failure ("aimlapi",
                 "{\"status\":\"error\",\"error\":{\"message\":\"blocked by "
                 "moderation\"}}",
                 GENVID_PHASE_REFUSED, "blocked by moderation");
  check_failure ("cn8",
                 "{\"status\":\"FAILED\",\"error\":\"upstream 500\","
                 "\"token_cost\":0}",
                 GENVID_PHASE_FAILED, "upstream 500");
  check_failure ("genpro", "{\"status\":\"stopped\"}", GENVID_PHASE_CANCELLED,
                 NULL);
}

/* Types that vary. */

static void
test_tolerance (void)
{
  g_autoptr (GenvidCall) call = make_call ("genpro");
  g_autoptr (GenvidReply) a
      = fixture_read (call, GENVID_EXCHANGE_SUBMIT, 201,
                      "{\"generation_id\":\"abc\",\"status\":\"pending\","
                      "\"execution_cost\":\"4.50\"}");
  g_autoptr (GenvidReply) b = fixture_read (
      call, GENVID_EXCHANGE_SUBMIT, 200,
      "{\"generation_id\":98765432109876543210,\"execution_cost\":\"-\"}");
  g_autoptr (GenvidReply) c = fixture_read (call, GENVID_EXCHANGE_SUBMIT, 201,
                                            "{\"status\":\"pending\"}");
  g_autoptr (GenvidReply) d = fixture_read (
      call, GENVID_EXCHANGE_SUBMIT, 201,
      "{\"generation_id\":7,\"echo\":\"half an emoji \\ud83c\"}");

  g_assert_cmpstr (a->id, ==, "abc");
  g_assert_cmpfloat (a->cost, ==, 4.5);
  g_assert_cmpstr (b->id, ==, "98765432109876543210");
  g_assert_cmpfloat (b->cost, ==, -1);
  g_assert_null (c->id);
  g_assert_cmpstr (d->id, ==, "7");
}

static void
check_link (const char *outputs, const char *link)
{
  g_autoptr (GenvidCall) call = make_call ("genpro");
  g_autofree char *body = g_strdup_printf (
      "{\"status\":\"completed\",\"output_resources\":%s}", outputs);
  g_autoptr (GenvidReply) reading
      = fixture_read (call, GENVID_EXCHANGE_POLL, 200, body);

  g_assert_cmpint (reading->phase, ==, GENVID_PHASE_SUCCEEDED);
  g_assert_cmpstr (reading->link, ==, link);
}

static void
test_links (void)
{
  check_link ("[{\"object_type\":\"image\",\"url\":\"https://a/i\"},"
              "{\"object_type\":\"Video\",\"url\":\"https://a/v?s=%2F\"}]",
              "https://a/v?s=%2F");
  check_link ("[{\"type\":\"output\",\"url\":\"https://a/x\"}]", "https://a/x");
  check_link ("[{\"object_type\":\"video\",\"url\":\"/files/v.mp4\"}]",
              "https://api.gen.pro/files/v.mp4");
  check_link ("[{\"object_type\":\"video\",\"url\":\"//cdn.x/v.mp4\"}]",
              "https://cdn.x/v.mp4");
  check_link (
      "[{\"object_type\":\"video\",\"url\":\" \\n\\thttps://a/v\\r\\n \"}]",
      "https://a/v");
  check_link ("[{\"object_type\":\"video\"},"
              "{\"object_type\":\"video\",\"url\":\"https://a/2\"}]",
              "https://a/2");
  check_link ("[{\"object_type\":\"video\",\"url\":null},"
              "{\"object_type\":\"video\",\"url\":\" \\n\"},"
              "{\"object_type\":\"image\",\"url\":\"https://a/i\"},"
              "{\"object_type\":\"video\",\"url\":\"https://a/3\"},"
              "{\"object_type\":\"video\",\"url\":\"https://a/4\"}]",
              "https://a/3");
  check_link ("[{\"object_type\":\"video\",\"url\":\"\"},"
              "{\"type\":\"output\",\"url\":\"https://a/5\"}]",
              "https://a/5");
  check_link ("[{\"object_type\":\"video\",\"url\":\" \"}]", NULL);
  /* What may be followed is another noun's verdict. */
  check_link ("[{\"object_type\":\"video\",\"url\":\"file:///etc/x\"}]",
              "file:///etc/x");
  check_link ("[]", NULL);
  check_link ("null", NULL);
  check_link ("[{\"object_type\":\"image\",\"url\":\"https://a/i\"}]", NULL);
  check_link ("[{\"object_type\":\"video\",\"url\":null}]", NULL);
}

static void
test_secrets (void)
{
  g_autoptr (GenvidCall) call = make_call ("genpro");
  g_autoptr (GenvidReply) reading = fixture_read (
      call, GENVID_EXCHANGE_POLL, 200,
      "{\"status\":\"k-secret\",\"failed_reason\":\"key k-secret at "
      "https://u:p@a.b/c?sig=1\",\"error_code\":\"k-secret\","
      "\"user_job_type\":\"k-secret\",\"result\":{\"a\":\"k-secret\"},"
      "\"output_resources\":[{\"object_type\":\"video\","
      "\"thumbnail_url\":\"https://a/t.jpg?X-Sig=1\"}]}");

  g_assert_cmpstr (reading->word, ==, "***");
  g_assert_cmpstr (reading->message, ==, "key *** at https://a.b/c");
  g_assert_cmpstr (reading->code, ==, "***");
  g_assert_cmpstr (detail (reading, "user-job-type"), ==, "***");
  g_assert_cmpstr (detail (reading, "result"), ==, "{\"a\":\"***\"}");
  g_assert_cmpstr (detail (reading, "thumbnail-url"), ==, "https://a/t.jpg");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/call/reply/genpro", test_genpro);
  g_test_add_func ("/call/reply/aimlapi", test_aimlapi);
  g_test_add_func ("/call/reply/cn8", test_cn8);
  g_test_add_func ("/call/reply/states", test_states);
  g_test_add_func ("/call/reply/undocumented-ends", test_undocumented_ends);
  g_test_add_func ("/call/reply/double-status", test_double_status);
  g_test_add_func ("/call/reply/failures", test_failures);
  g_test_add_func ("/call/reply/tolerance", test_tolerance);
  g_test_add_func ("/call/reply/links", test_links);
  g_test_add_func ("/call/reply/secrets", test_secrets);
  return g_test_run ();
}
