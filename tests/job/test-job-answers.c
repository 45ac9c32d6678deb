/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a description can say of answers: statuses that end a generation, a
 * result that is asked for after it is ready, media at an address that is
 * built. */
#include "job-fixture.h"

#include "exchange.h"
#include "failure.h"
#include "job.h"
#include "media-outcome.h"
#include "record.h"

#include <string.h>

#define KEYED                                                                  \
  "{ \"download\": { \"url\": \"/v1/videos/${id}/content\","                   \
  "  \"query\": { \"variant\": \"a b\" }, \"key\": true,"                      \
  "  \"pending\": [404, 425] } }"

static const char *
find_header (const GenvidExchange *exchange, const char *name)
{
  for (guint i = 0; i < exchange->headers->len; i++) {
    const GenvidHeader *header = g_ptr_array_index (exchange->headers, i);

    if (g_str_equal (header->name, name))
      return header->value;
  }
  return NULL;
}

static void
poll_once (World *world, guint status, const char *body)
{
  world_until_send (world, GENVID_EXCHANGE_POLL);
  world_reply (world, status, body);
}

static void
test_built_link (void)
{
  g_autoptr (World) world = world_new ((Service){ .members = KEYED });
  const GenvidExchange *media;

  world_accept (world);
  poll_once (world, 200, "{\"status\":\"done\"}");
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DOWNLOAD);
  media = world->step.media;
  g_assert_cmpstr (media->url, ==,
                   BASE_URL "/v1/videos/7/content?variant=a%20b");
  g_assert_cmpstr (find_header (media, "Authorization"), ==,
                   "Bearer KEY-OF-THE-USER");
  g_assert_cmpuint (media->pending[0], ==, 404);
  g_assert_cmpuint (media->pending[2], ==, 0);
}

/* A link of the service's wins; the key goes along to our origin only. */
static void
test_given_link (void)
{
  const char *const links[]
      = { BASE_URL "/a.mp4", "/a.mp4", "https://cdn.example.net/a.mp4",
          "https://api.example.com:444/a.mp4", "http://api.example.com/a.mp4" };

  for (guint i = 0; i < G_N_ELEMENTS (links); i++) {
    g_autoptr (World) world = world_new ((Service){ .members = KEYED });
    g_autofree char *body
        = g_strdup_printf ("{\"status\":\"done\",\"url\":\"%s\"}", links[i]);

    world_accept (world);
    poll_once (world, 200, body);
    g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DOWNLOAD);
    g_assert_true (g_str_has_suffix (world->step.media->url, "/a.mp4"));
    g_assert_cmpint (find_header (world->step.media, "Authorization") != NULL,
                     ==, i < 2);
  }
}

/* Without the description's word, no key goes anywhere. */
static void
test_unkeyed (void)
{
  g_autoptr (World) world = world_new ((Service){ 0 });

  world_accept (world);
  poll_once (world, 200, "{\"status\":\"done\",\"url\":\"/a.mp4\"}");
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DOWNLOAD);
  g_assert_cmpuint (world->step.media->headers->len, ==, 0);
}

/* Content that is not ready is waited for, as long as the server wants, and
 * until the deadline. */
static void
test_not_ready (void)
{
  g_autoptr (World) world = world_new ((Service){ .members = KEYED });
  g_autoptr (GenvidFailure) failure
      = genvid_failure_new (GENVID_REASON_BUSY, "Not ready.");
  GenvidMedia media = { .outcome = GENVID_MEDIA_EXPIRED,
                        .failure = failure,
                        .retry_after = SECONDS (40) };
  guint rounds = 0;

  failure->http_status = 410;
  failure->retryable = TRUE;
  world_accept (world);
  poll_once (world, 200, "{\"status\":\"done\"}");
  while (world_step (world)->kind == GENVID_STEP_DOWNLOAD) {
    genvid_job_feed_media (world->job, &media, &world->now);
    world_save (world);
    if (world_step (world)->kind == GENVID_STEP_FAIL)
      break;
    world_wait (world, rounds < 10 ? 40 : 0, 40);
    world_send (world, GENVID_EXCHANGE_POLL, FALSE);
    world_reply (world, 200, "{\"status\":\"done\"}");
    rounds++;
  }
  g_assert_cmpuint (rounds, >, 10);
  g_assert_true (world_fail (world, GENVID_REASON_BUSY)->retryable);
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_DOWNLOADING);
}

#define RULES                                                                  \
  "{ \"reply\": { \"states\": ["                                               \
  "  { \"http\": [422], \"path\": \"$.kind\", \"in\": [\"policy\"],"           \
  "    \"is\": \"refused\", \"billed\": \"no\" },"                             \
  "  { \"http\": [422, 500], \"path\": \"$.detail\", \"exists\": true,"        \
  "    \"is\": \"failed\", \"billed\": \"no\" },"                              \
  "  { \"all\": [{ \"path\": \"$.done\", \"in\": [true] },"                    \
  "    { \"path\": \"$.error\", \"exists\": true }], \"is\": \"failed\" },"    \
  "  { \"path\": \"$.code\", \"not-in\": [0], \"is\": \"failed\" },"           \
  "  { \"path\": \"$.done\", \"in\": [true], \"is\": \"succeeded\" } ] } }"

static void
test_refused_polls (void)
{
  static const struct {
    guint status;
    const char *body;
    GenvidReason reason; /* NONE: it goes on */
  } rows[] = {
    { 422, "{\"kind\":\"policy\",\"message\":\"m\"}", GENVID_REASON_REFUSED },
    { 422, "{\"detail\":\"x\",\"message\":\"m\"}", GENVID_REASON_FAILED },
    { 500, "{\"detail\":\"x\"}", GENVID_REASON_FAILED },
    { 500, "a gateway", GENVID_REASON_NONE },
    { 422, "{}", GENVID_REASON_NONE },
    { 400, "{\"detail\":\"x\"}", GENVID_REASON_NONE },
    { 200, "{\"done\":true,\"error\":{}}", GENVID_REASON_FAILED },
    { 200, "{\"done\":false,\"error\":{}}", GENVID_REASON_NONE },
    { 200, "{\"code\":0}", GENVID_REASON_NONE },
    { 200, "{\"code\":1303}", GENVID_REASON_FAILED },
    { 400, "{\"code\":1303}", GENVID_REASON_NONE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (World) world = world_new ((Service){ .members = RULES });

    world_submit (world);
    world_reply (world, 201, "{\"id\":\"7\"}");
    poll_once (world, rows[i].status, rows[i].body);
    if (rows[i].reason == GENVID_REASON_NONE)
      g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_WAIT);
    else
      world_fail (world, rows[i].reason);
    g_assert_cmpint (world->disk->frees, ==,
                     rows[i].reason != GENVID_REASON_NONE
                         && rows[i].status != 200);
  }
}

/* A doubt about a service with these MEMBERS is answered so for a wrong id. */
static void
check_typo (const char *members, guint status, const char *body)
{
  g_autoptr (World) world = world_new ((Service){ .members = members });

  world_submit (world);
  world_answer (world, GENVID_ANSWER_LOST);
  world_fail (world, GENVID_REASON_IN_DOUBT);
  world->options.adopt = "typo";
  world_start (world);
  for (guint i = 0; i < 3; i++)
    poll_once (world, status, body);
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_IN_DOUBT);
  g_assert_null (world->disk->id);
}

/* A refusal does not prove that an id is one: a doubt stays a doubt. */
static void
test_adopted (void)
{
  check_typo (RULES, 422, "{\"detail\":\"unknown\"}");
}

/* A submit is never read by such rules. */
static void
test_refused_submit (void)
{
  g_autoptr (World) world = world_new ((Service){ .members = RULES });

  world_submit (world);
  world_reply (world, 500, "{\"detail\":\"x\"}");
  world_fail (world, GENVID_REASON_IN_DOUBT);
}

#define RESULT                                                                 \
  "{ \"result\": { \"url\": [\"${response_url|raw}\", "                        \
  "\"/jobs/${id}/result\"],"                                                   \
  "    \"reply\": { \"link\": \"$.video.url\", \"states\": ["                  \
  "      { \"http\": [422], \"path\": \"$.detail\", \"exists\": true,"         \
  "        \"is\": \"failed\", \"billed\": \"no\" },"                          \
  "      { \"path\": \"$.state\", \"in\": [\"PROCESSING\"],"                   \
  "        \"is\": \"running\" },"                                             \
  "      { \"path\": \"$.video\", \"exists\": true, \"is\": \"succeeded\" }"   \
  "    ] } },"                                                                 \
  "  \"reply\": { \"captures\": { \"response_url\": \"$.response_url\" } } }"

static void
open_result (World *world, const char *body)
{
  world_accept (world);
  poll_once (world, 200, body);
  world_send (world, GENVID_EXCHANGE_RESULT, FALSE);
}

static void
test_result (void)
{
  g_autoptr (World) world = world_new ((Service){ .members = RESULT });

  open_result (world, "{\"status\":\"done\",\"url\":\"https://no/no\"}");
  g_assert_cmpstr (world->step.exchange->url, ==, BASE_URL "/jobs/7/result");
  world_reply (world, 503, "busy");
  world_until_send (world, GENVID_EXCHANGE_RESULT);
  world_reply (world, 200, "{\"state\":\"PROCESSING\"}");
  world_until_send (world, GENVID_EXCHANGE_RESULT);
  world_reply (world, 200, "{\"video\":{\"url\":\"https://cdn.example/a\"}}");
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DOWNLOAD);
  g_assert_cmpstr (world->step.media->url, ==, "https://cdn.example/a");
  g_assert_cmpuint (world->fresh, ==, 1);
}

static void
test_failed_result (void)
{
  g_autoptr (World) world = world_new ((Service){ .members = RESULT });

  open_result (world, "{\"status\":\"done\","
                      "\"response_url\":\"" BASE_URL "/r/7\"}");
  g_assert_cmpstr (world->step.exchange->url, ==, BASE_URL "/r/7");
  world_reply (world, 422, "{\"detail\":\"x\",\"message\":\"No such style\"}");
  g_assert_nonnull (strstr (world_fail (world, GENVID_REASON_FAILED)->message,
                            "No such style"));
  g_assert_true (world->disk->frees);
}

#define UNPRICED                                                               \
  "{ \"failure-billing\": \"no\", \"result\": { \"url\": \"/jobs/${id}/r\","   \
  "    \"reply\": { \"link\": \"$.url\", \"states\": ["                        \
  "      { \"path\": \"$.state\", \"in\": [\"LOST\"], \"is\": \"failed\","     \
  "        \"billed\": \"unknown\" },"                                         \
  "      { \"path\": \"$.state\", \"in\": [\"BAD\"], \"is\": \"failed\" }"     \
  "    ] } } }"

/* An end in the result that no page prices is never bought again by itself,
 * though failures cost nothing. */
static void
test_unpriced_result (void)
{
  g_autoptr (World) lost = world_new ((Service){ .members = UNPRICED });
  g_autoptr (World) bad = world_new ((Service){ .members = UNPRICED });

  open_result (lost, "{\"status\":\"done\"}");
  world_reply (lost, 200, "{\"state\":\"LOST\"}");
  g_assert_cmpint (world_fail (lost, GENVID_REASON_FAILED)->billed, ==,
                   GENVID_BILLED_UNKNOWN);
  g_assert_false (lost->disk->frees);
  world_start (lost);
  world_fail (lost, GENVID_REASON_FAILED);
  g_assert_cmpuint (lost->fresh, ==, 1);
  open_result (bad, "{\"status\":\"done\"}");
  world_reply (bad, 200, "{\"state\":\"BAD\"}");
  g_assert_cmpint (world_fail (bad, GENVID_REASON_FAILED)->billed, ==,
                   GENVID_BILLED_NO);
  g_assert_true (bad->disk->frees);
}

/* A link that went stale is asked for from the beginning. */
static void
test_result_again (void)
{
  g_autoptr (World) world = world_new ((Service){ .members = RESULT });
  const GenvidMedia media = { .outcome = GENVID_MEDIA_EXPIRED };

  open_result (world, "{\"status\":\"done\"}");
  world_reply (world, 200, "{\"video\":{\"url\":\"https://cdn.example/a\"}}");
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DOWNLOAD);
  genvid_job_feed_media (world->job, &media, &world->now);
  world_save (world);
  poll_once (world, 200, "{\"status\":\"done\"}");
  world_send (world, GENVID_EXCHANGE_RESULT, FALSE);
  world_reply (world, 200, "{\"video\":{\"url\":\"https://cdn.example/b\"}}");
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DOWNLOAD);
  g_assert_cmpstr (world->step.media->url, ==, "https://cdn.example/b");
}

#define MISSING                                                                \
  "{ \"reply\": { \"states\": ["                                               \
  "  { \"in\": [\"lost\"], \"is\": \"missing\" },"                             \
  "  { \"in\": [\"done\"], \"is\": \"succeeded\" } ] } }"

/* Missing in the service's own words is missing by HTTP: it may come into
 * sight, and ends nothing where it does not. */
static void
test_missing (void)
{
  static const char lost[] = "{\"id\":\"7\",\"status\":\"lost\"}";
  g_autoptr (World) world = world_new ((Service){ .members = MISSING });
  gint64 begin;

  world_accept (world);
  for (guint i = 0; i < 3; i++)
    poll_once (world, 200, lost);
  poll_once (world, 200, "{\"id\":\"7\",\"status\":\"busy\"}");
  begin = world->now.boot;
  while (world_step (world)->kind != GENVID_STEP_FAIL) {
    if (world->step.kind == GENVID_STEP_WAIT)
      world_advance (world, world->step.until - world->now.boot);
    else
      world_reply (world, 200, lost);
  }
  g_assert_cmpint (world->now.boot - begin, >=, SECONDS (3));
  g_assert_cmpint (world->now.boot - begin, <=, SECONDS (120));
  world_fail (world, GENVID_REASON_NOT_FOUND);
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_QUEUED);
  g_assert_cmpstr (world->disk->id, ==, "7");
}

/* An id that the service does not know closes no doubt. */
static void
test_missing_adoption (void)
{
  check_typo (MISSING, 200, "{\"id\":\"typo\",\"status\":\"lost\"}");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/answers/built-link", test_built_link);
  g_test_add_func ("/answers/given-link", test_given_link);
  g_test_add_func ("/answers/unkeyed", test_unkeyed);
  g_test_add_func ("/answers/not-ready", test_not_ready);
  g_test_add_func ("/answers/refused-polls", test_refused_polls);
  g_test_add_func ("/answers/adopted", test_adopted);
  g_test_add_func ("/answers/refused-submit", test_refused_submit);
  g_test_add_func ("/answers/result", test_result);
  g_test_add_func ("/answers/failed-result", test_failed_result);
  g_test_add_func ("/answers/unpriced-result", test_unpriced_result);
  g_test_add_func ("/answers/result-again", test_result_again);
  g_test_add_func ("/answers/missing", test_missing);
  g_test_add_func ("/answers/missing-adoption", test_missing_adoption);
  return g_test_run ();
}
