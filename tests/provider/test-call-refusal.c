/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers that are no generation: HTTP errors in every shape, bodies nobody
 * can read, uploads and look-ups. */
#include "call-fixture.h"

#include "call-build.h"
#include "call-parse.h"
#include "call.h"
#include "exchange.h"
#include "failure.h"
#include "json.h"
#include "reply.h"

#include <string.h>

static GenvidCall *
make_call (const char *provider)
{
  return fixture_call (provider, g_str_equal (provider, "genpro")
                                     ? FIXTURE_PLACE "prompt=p"
                                     : "prompt=p");
}

/* HTTP errors. */

static void
check_refusal (const char *provider, GenvidExchangeKind kind, guint status,
               const char *body, GenvidReason reason)
{
  g_autoptr (GenvidCall) call = make_call (provider);
  g_autoptr (GenvidReply) reading = fixture_read (call, kind, status, body);

  g_assert_cmpstr (genvid_reason_to_string (reading->refusal), ==,
                   genvid_reason_to_string (reason));
  g_assert_cmpint (reading->phase, ==, GENVID_PHASE_UNKNOWN);
}

static void
test_refusals (void)
{
  const GenvidExchangeKind submit = GENVID_EXCHANGE_SUBMIT;
  const GenvidExchangeKind poll = GENVID_EXCHANGE_POLL;

  check_refusal ("genpro", submit, 401, "", GENVID_REASON_UNAUTHORIZED);
  check_refusal ("genpro", submit, 403, "{}", GENVID_REASON_UNAUTHORIZED);
  check_refusal ("aimlapi", submit, 403, "{}", GENVID_REASON_QUOTA);
  check_refusal ("cn8", submit, 402, "{}", GENVID_REASON_QUOTA);
  check_refusal ("cn8", submit, 403,
                 "{\"detail\":\"media-video-from-text is not in "
                 "allowed_services\"}",
                 GENVID_REASON_UNAUTHORIZED);
  check_refusal ("cn8", submit, 403, "{\"error\":\"Insufficient balance\"}",
                 GENVID_REASON_QUOTA);
  check_refusal ("genpro", submit, 422,
                 "{\"error\":\"x\",\"error_code\":"
                 "\"usable_gen_credit_required\"}",
                 GENVID_REASON_QUOTA);
  check_refusal ("genpro", submit, 422,
                 "{\"error_code\":\"insufficient_credits_for_job\"}",
                 GENVID_REASON_QUOTA);
  check_refusal ("genpro", submit, 422, "{\"error\":\"bad duration\"}",
                 GENVID_REASON_REJECTED);
  check_refusal ("genpro", submit, 422, "{\"error\":\"Prompt was FLAGGED\"}",
                 GENVID_REASON_REFUSED);
  check_refusal ("genpro", submit, 404, "", GENVID_REASON_REJECTED);
  check_refusal ("genpro", poll, 404, "", GENVID_REASON_NOT_FOUND);
  check_refusal ("genpro", poll, 410, "", GENVID_REASON_NOT_FOUND);
  check_refusal ("genpro", submit, 302, "", GENVID_REASON_REJECTED);
  check_refusal ("genpro", poll, 304, "", GENVID_REASON_NONE);
  check_refusal ("genpro", submit, 429, "", GENVID_REASON_BUSY);
  check_refusal ("genpro", poll, 503, "", GENVID_REASON_BUSY);
  check_refusal ("genpro", submit, 502, "", GENVID_REASON_UNREACHABLE);
  check_refusal ("genpro", submit, 500, "", GENVID_REASON_BAD_ANSWER);
  check_refusal ("genpro", GENVID_EXCHANGE_CANCEL, 422,
                 "{\"error_code\":\"job_cannot_be_stopped\"}",
                 GENVID_REASON_REJECTED);
}

static void
check_words (guint status, const char *body, const char *message,
             GenvidBilled billed)
{
  g_autoptr (GenvidCall) call = make_call ("aimlapi");
  g_autoptr (GenvidReply) reading
      = fixture_read (call, GENVID_EXCHANGE_SUBMIT, status, body);

  g_assert_cmpstr (reading->message, ==, message);
  g_assert_cmpint (reading->billed, ==, billed);
}

static void
test_error_bodies (void)
{
  check_words (400, "{\"message\":\"duration: Expected 5 | 8\"}",
               "duration: Expected 5 | 8", GENVID_BILLED_NO);
  check_words (400, "{\"message\":[\"first\",\"second\"]}", "first",
               GENVID_BILLED_NO);
  check_words (422, "{\"detail\":[{\"msg\":\"no model\"}]}", "no model",
               GENVID_BILLED_NO);
  check_words (400, "{\"error\":\"plain\"}", "plain", GENVID_BILLED_NO);
  check_words (500, "upstream broke\n", "upstream broke",
               GENVID_BILLED_UNKNOWN);
  check_words (502, "<html><h1>Bad Gateway</h1></html>", NULL,
               GENVID_BILLED_UNKNOWN);
  check_words (409, "", NULL, GENVID_BILLED_UNKNOWN);
  check_words (500, "{\"a\":", "{\"a\":", GENVID_BILLED_UNKNOWN);
}

/* Unreadable successes. */

static GenvidReply *
read_answer (GenvidAnswer *answer, GenvidExchangeKind kind, GError **error)
{
  g_autoptr (GenvidCall) call = make_call ("aimlapi");

  return genvid_call_read (call, kind, answer, error);
}

static void
test_unreadable (void)
{
  const char *const bodies[] = { "", "<html>", "{\"id\":", "nothing" };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++) {
    g_autoptr (GenvidAnswer) answer = genvid_answer_new_reply (200, bodies[i]);
    g_autoptr (GError) error = NULL;

    g_assert_null (read_answer (answer, GENVID_EXCHANGE_POLL, &error));
    g_assert_error (error, GENVID_ERROR, GENVID_REASON_BAD_ANSWER);
    g_assert_nonnull (
        strstr (error->message, "AI/ML API responded with HTTP 200"));
  }
}

static void
test_truncated (void)
{
  g_autoptr (GenvidAnswer) answer
      = genvid_answer_new_reply (200, "{\"id\":\"7\"}");
  g_autoptr (GError) error = NULL;

  answer->truncated = TRUE;
  g_assert_null (read_answer (answer, GENVID_EXCHANGE_SUBMIT, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_BAD_ANSWER);
}

static void
test_no_reply (void)
{
  g_autoptr (GenvidAnswer) answer
      = genvid_answer_new (GENVID_ANSWER_LOST, "reset by peer");
  g_autoptr (GError) error = NULL;

  g_assert_null (read_answer (answer, GENVID_EXCHANGE_SUBMIT, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_UNREACHABLE);
  g_assert_cmpstr (error->message, ==, "No response: reset by peer");
}

/* A paid id in a header outlives a broken body. */
static void
test_id_in_header (void)
{
  g_autoptr (GenvidAnswer) answer = genvid_answer_new_reply (200, "{\"id\":");
  g_autoptr (GenvidReply) reading = NULL;

  g_hash_table_insert (answer->headers, g_strdup ("x-inference-id"),
                       g_strdup ("1fe4:pixverse/v5"));
  reading = read_answer (answer, GENVID_EXCHANGE_SUBMIT, NULL);
  g_assert_cmpstr (reading->id, ==, "1fe4:pixverse/v5");
  g_assert_null (read_answer (answer, GENVID_EXCHANGE_POLL, NULL));
}

/* Uploads and look-ups. */

static void
test_upload (void)
{
  g_autoptr (GenvidCall) call = make_call ("genpro");
  g_autoptr (GenvidReply) a
      = fixture_read (call, GENVID_EXCHANGE_UPLOAD, 201,
                      "{\"content_resource\":{\"id\":1800,\"url\":\"u\"},"
                      "\"generator\":null}");
  g_autoptr (GenvidReply) b
      = fixture_read (call, GENVID_EXCHANGE_UPLOAD, 201,
                      "{\"content_resource\":{\"id\":\"res_1\"}}");
  g_autoptr (GenvidReply) c
      = fixture_read (call, GENVID_EXCHANGE_UPLOAD, 201, "{}");

  g_assert_cmpstr (a->id, ==, "1800");
  g_assert_cmpint (genvid_json_int (a->captures, "id", 0), ==, 1800);
  g_assert_cmpstr (genvid_json_string (b->captures, "id", NULL), ==, "res_1");
  g_assert_null (c->id);
  g_assert_cmpuint (json_object_get_size (genvid_call_get_captures (call)), ==,
                    0);
}

static void
check_lookup (const char *rows, const char *id)
{
  g_autoptr (GenvidCall) call = make_call ("aimlapi");
  g_autofree char *body = g_strdup_printf ("{\"data\":%s}", rows);
  g_autoptr (GenvidReply) reading
      = fixture_read (call, GENVID_EXCHANGE_LOOKUP, 200, body);

  g_assert_cmpstr (reading->id, ==, id);
}

static void
test_lookup (void)
{
  g_autoptr (GenvidCall) call = make_call ("aimlapi");
  g_autoptr (GenvidAnswer) answer = genvid_answer_new_reply (200, "{}");
  g_autoptr (GError) error = NULL;

  check_lookup ("[]", NULL);
  check_lookup ("[{\"client_request_id\":\"other\",\"inference_id\":\"1\"},"
                "{\"client_request_id\":\"idem\",\"inference_id\":\"2:a/b\"},"
                "{\"client_request_id\":\"idem\",\"inference_id\":\"3\"}]",
                "2:a/b");
  check_lookup ("[{\"client_request_id\":\"idem\",\"inference_id\":null}]",
                NULL);
  check_lookup ("[{\"client_request_id\":\"IDEM\",\"inference_id\":\"1\"},7]",
                NULL);
  /* Without a list nothing was looked up at all. */
  g_assert_null (
      genvid_call_read (call, GENVID_EXCHANGE_LOOKUP, answer, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_BAD_ANSWER);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/call/refusal/refusals", test_refusals);
  g_test_add_func ("/call/refusal/error-bodies", test_error_bodies);
  g_test_add_func ("/call/refusal/unreadable", test_unreadable);
  g_test_add_func ("/call/refusal/truncated", test_truncated);
  g_test_add_func ("/call/refusal/no-reply", test_no_reply);
  g_test_add_func ("/call/refusal/id-in-header", test_id_in_header);
  g_test_add_func ("/call/refusal/upload", test_upload);
  g_test_add_func ("/call/refusal/lookup", test_lookup);
  return g_test_run ();
}
