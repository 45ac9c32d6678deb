/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Money, by the description's word: what proves that nothing was taken, what
 * an end costs, what is too dear; and what else an answer says. */
#include "job-fixture.h"

#include "exchange.h"
#include "failure.h"
#include "job.h"
#include "record.h"

#include <string.h>

#define ENVELOPE                                                               \
  "{ \"submit\": { \"refused\": ["                                             \
  "    { \"path\": \"$.ret\", \"in\": [1303], \"is\": \"busy\" },"             \
  "    { \"path\": \"$.ret\", \"in\": [1004, \"2*\"] } ] },"                   \
  "  \"errors\": [{ \"code\": [\"SAFETY.*\"], \"is\": \"refused\" }] }"

static void
submit (World *world, guint status, const char *body)
{
  world_submit (world);
  world_reply (world, status, body);
}

/* A 200 without an id is a doubt, unless a rule names what it says. */
static void
test_refused_in_200 (void)
{
  static const struct {
    const char *body;
    GenvidReason reason;
    gboolean frees;
  } rows[] = {
    { "{\"ret\":1004,\"message\":\"m\"}", GENVID_REASON_REJECTED, TRUE },
    { "{\"ret\":\"2001\"}", GENVID_REASON_REJECTED, TRUE },
    { "{\"ret\":1004,\"code\":\"safety.Face\"}", GENVID_REASON_REFUSED, TRUE },
    { "{\"ret\":5000}", GENVID_REASON_IN_DOUBT, FALSE },
    { "{\"ret\":0}", GENVID_REASON_IN_DOUBT, FALSE },
    { "{}", GENVID_REASON_IN_DOUBT, FALSE },
    { "1004", GENVID_REASON_IN_DOUBT, FALSE },
    { "{\"ret\":1004", GENVID_REASON_IN_DOUBT, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (World) world = world_new ((Service){ .members = ENVELOPE });

    submit (world, 200, rows[i].body);
    world_fail (world, rows[i].reason);
    g_assert_cmpint (world->disk->frees, ==, rows[i].frees);
    g_assert_cmpint (world->step.failure->billed, ==,
                     rows[i].frees ? GENVID_BILLED_NO : GENVID_BILLED_UNKNOWN);
    g_assert_cmpuint (world->fresh, ==, 1);
  }
}

/* With an id it was taken, whatever else it says. */
static void
test_id_wins (void)
{
  g_autoptr (World) world = world_new ((Service){ .members = ENVELOPE });

  submit (world, 200, "{\"ret\":1004,\"id\":\"7\"}");
  g_assert_cmpstr (world->disk->id, ==, "7");
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_QUEUED);
}

/* The same on a 500 proves nothing, and in a replay neither. */
static void
test_proves_little (void)
{
  g_autoptr (World) world = world_new ((Service){ .members = ENVELOPE });
  g_autoptr (World) other = world_new (
      (Service){ .members = ENVELOPE, .recovery = GENVID_RECOVERY_REPLAY });

  submit (world, 500, "{\"ret\":1004}");
  world_fail (world, GENVID_REASON_IN_DOUBT);
  world_submit (other);
  world_answer (other, GENVID_ANSWER_LOST);
  world_until_send (other, GENVID_EXCHANGE_SUBMIT);
  g_assert_false (other->step.fresh);
  world_reply (other, 200, "{\"ret\":1004}");
  world_fail (other, GENVID_REASON_IN_DOUBT);
  g_assert_cmpuint (other->fresh, ==, 1);
}

/* Busy in a 200: sent again, of the same intent. */
static void
test_busy_in_200 (void)
{
  g_autoptr (World) world = world_new ((Service){ .members = ENVELOPE });

  submit (world, 200, "{\"ret\":1303}");
  world_wait (world, 1, 60);
  world_send (world, GENVID_EXCHANGE_SUBMIT, FALSE);
  world_reply (world, 200, "{\"id\":\"7\"}");
  g_assert_cmpstr (world->disk->id, ==, "7");
  g_assert_cmpuint (world->fresh, ==, 1);
}

#define DUPLICATE                                                              \
  "{ \"recovery\": { \"kind\": \"replay\", \"duplicate\": { \"http\": [422],"  \
  "    \"code\": [\"idempotency_key_reuse\"] } },"                             \
  "  \"lookup\": { \"url\": \"/jobs\", \"rows\": \"$.data\","                  \
  "    \"match\": \"$.key\", \"value\": \"${idempotency}\","                   \
  "    \"id\": \"$.id\" } }"
#define REUSED "{\"code\":\"idempotency_key_reuse\"}"

/* KEY in BODY is our value. */
static void
look_up (World *world, const char *body)
{
  g_autoptr (GString) text = g_string_new (body);

  world_until_send (world, GENVID_EXCHANGE_SUBMIT);
  g_assert_false (world->step.fresh);
  world_reply (world, 422, REUSED);
  world_until_send (world, GENVID_EXCHANGE_LOOKUP);
  g_string_replace (text, "KEY", world->value, 0);
  world_reply (world, 200, text->str);
}

/* "It has been used" proves that it is there; the list says which it is. */
static void
test_duplicate (void)
{
  const char *const bodies[] = { "{\"data\":[{\"id\":\"1\",\"key\":\"x\"},"
                                 "{\"id\":\"7\",\"key\":\"KEY\"}]}",
                                 "{\"data\":{\"id\":\"7\",\"key\":\"KEY\"}}" };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++) {
    g_autoptr (World) world = world_new ((Service){ .members = DUPLICATE });

    world_submit (world);
    world_answer (world, GENVID_ANSWER_LOST);
    look_up (world, bodies[i]);
    g_assert_cmpstr (world->disk->id, ==, "7");
    g_assert_cmpuint (world->fresh, ==, 1);
  }
}

/* A first submit that is refused so may have been sent twice on the way. */
static void
test_duplicate_at_once (void)
{
  g_autoptr (World) world = world_new ((Service){ .members = DUPLICATE });

  submit (world, 422, REUSED);
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_SUBMITTING);
  look_up (world, "{\"data\":[{\"id\":\"7\",\"key\":\"KEY\"}]}");
  g_assert_cmpstr (world->disk->id, ==, "7");
  g_assert_cmpuint (world->fresh, ==, 1);
}

/* Not in the list: the doubt stays, and nothing is bought. */
static void
test_duplicate_unknown (void)
{
  g_autoptr (World) world = world_new ((Service){ .members = DUPLICATE });

  submit (world, 422, REUSED);
  look_up (world, "{\"data\":[{\"id\":\"7\",\"key\":\"not KEY\"}]}");
  for (guint i = 0; i < 20 && world_step (world)->kind != GENVID_STEP_FAIL;
       i++) {
    world_until_send (world, GENVID_EXCHANGE_LOOKUP);
    world_reply (world, 200, "{\"data\":[]}");
  }
  world_fail (world, GENVID_REASON_IN_DOUBT);
  g_assert_cmpuint (world->fresh, ==, 1);
}

#define ESTIMATE                                                               \
  "{ \"credit\": { \"usd\": 0.01, \"dated\": \"2026-11\" },"                   \
  "  \"cancel\": { \"url\": \"/jobs/${id}/stop\", \"billed\": \"%s\" },"       \
  "  \"reply\": { \"estimate\": [{ \"path\": \"$.expected\","                  \
  "    \"currency\": \"credits\" }] } }"

static World *
estimate_world (const char *billed, double max_cost)
{
  g_autofree char *members = g_strdup_printf (ESTIMATE, billed);
  World *world = world_new ((Service){ .members = members });

  world->service.members = NULL;
  world->options.max_cost = max_cost;
  submit (world, 201, "{\"id\":\"7\",\"status\":\"queued\",\"expected\":250}");
  return world;
}

static void
test_estimate (void)
{
  g_autoptr (World) world = estimate_world ("no", 2);

  world_send (world, GENVID_EXCHANGE_CANCEL, FALSE);
  genvid_job_keep (world->job);
  world_reply (world, 200, "{\"status\":\"stopped\"}");
  g_assert_nonnull (
      strstr (world_fail (world, GENVID_REASON_OVER_BUDGET)->message, "2.50"));
  g_assert_true (world->disk->frees);
  /* It is not bought again to be cancelled again. */
  world_advance (world, SECONDS (3600));
  world_start (world);
  world_fail (world, GENVID_REASON_OVER_BUDGET);
  g_assert_cmpuint (world->fresh, ==, 1);
  world->options.max_cost = 3;
  world_submit (world);
  g_assert_cmpuint (world->disk->n, ==, 2);
}

/* The same in the process after one that could not cancel it; whoever raises
 * the limit gets the clip. */
static void
test_estimate_later (void)
{
  g_autoptr (World) world = estimate_world ("no", 2);

  world_send (world, GENVID_EXCHANGE_CANCEL, FALSE);
  world_crash (world);
  world_start (world);
  genvid_job_keep (world->job);
  world_send (world, GENVID_EXCHANGE_CANCEL, FALSE);
  world_crash (world);
  world->options.max_cost = 3;
  world_start (world);
  genvid_job_keep (world->job);
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);
}

/* Below the limit, without one, and where a cancel may cost: it goes on. */
static void
test_estimate_kept (void)
{
  g_autoptr (World) below = estimate_world ("no", 2.5);
  g_autoptr (World) unlimited = estimate_world ("no", -1);
  g_autoptr (World) billed = estimate_world ("unknown", 2);
  g_autofree char *note = genvid_job_get_note (billed->job);

  g_assert_cmpint (world_step (below)->kind, ==, GENVID_STEP_WAIT);
  g_assert_cmpint (world_step (unlimited)->kind, ==, GENVID_STEP_WAIT);
  g_assert_cmpint (world_step (billed)->kind, ==, GENVID_STEP_WAIT);
  g_assert_nonnull (strstr (note, "2.50 USD"));
}

#define BILLING                                                                \
  "{ \"failure-billing\": ["                                                   \
  "    { \"when\": { \"prompt\": \"other\" }, \"billed\": \"yes\" },"          \
  "    { \"outcome\": \"failed\", \"billed\": \"no\" },"                       \
  "    { \"outcome\": \"refused\", \"billed\": \"yes\" }],"                    \
  "  \"errors\": [{ \"code\": [\"Output*\"], \"is\": \"refused\","             \
  "      \"billed\": \"yes\" },"                                               \
  "    { \"code\": [\"Input*\"], \"is\": \"refused\", \"billed\": \"no\" }] }"

static void
test_billing (void)
{
  static const struct {
    const char *body;
    GenvidBilled billed;
    gboolean refused;
  } rows[] = {
    { "{\"status\":\"failed\"}", GENVID_BILLED_NO, FALSE },
    { "{\"status\":\"refused\"}", GENVID_BILLED_YES, TRUE },
    { "{\"status\":\"failed\",\"code\":\"OutputVideoSensitive\"}",
      GENVID_BILLED_YES, TRUE },
    { "{\"status\":\"failed\",\"code\":\"InputTextSensitive\"}",
      GENVID_BILLED_NO, TRUE },
    { "{\"status\":\"failed\",\"code\":\"InputText\",\"cost\":2}",
      GENVID_BILLED_UNKNOWN, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (World) world = world_new ((Service){ .members = BILLING });
    const GenvidFailure *failure;

    world_accept (world);
    world_poll (world, rows[i].body);
    failure = world_fail (world, rows[i].refused ? GENVID_REASON_REFUSED
                                                 : GENVID_REASON_FAILED);
    g_assert_cmpint (failure->billed, ==, rows[i].billed);
    g_assert_cmpint (world->disk->frees, ==,
                     rows[i].billed == GENVID_BILLED_NO);
  }
}

#define FACTS                                                                  \
  "{ \"reply\": { \"queue\": \"$.queue_position\","                            \
  "    \"poll-after\": { \"path\": \"$.eta\", \"unit\": \"ms\" },"             \
  "    \"cost\": [{ \"path\": \"$.ticks\", \"currency\": \"USD\","             \
  "      \"scale\": 10000000000 },"                                            \
  "      { \"path\": \"$.tokens\", \"currency\": \"USD\","                     \
  "        \"scale\": 1000000, \"price\": 17.5 }],"                            \
  "    \"message\": [{ \"each\": \"$.detail\", \"text\": \"$.msg\","           \
  "      \"at\": \"$.loc\" }, \"$.message\"],"                                 \
  "    \"captures\": { \"file\": \"$.${id}.outputs[*].files[0].name\" } },"    \
  "  \"download\": { \"url\": \"/view\","                                      \
  "    \"query\": { \"filename\": \"${file}\" } } }"

static void
test_queue (void)
{
  g_autoptr (World) world = world_new ((Service){ .members = FACTS });

  world_accept (world);
  g_assert_cmpint (genvid_job_get_queue_position (world->job), ==, -1);
  world_poll (world, "{\"status\":\"queued\",\"queue_position\":12654,"
                     "\"eta\":42000}");
  g_assert_cmpint (genvid_job_get_queue_position (world->job), ==, 12654);
  world_wait (world, 42, 42);
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  world_reply (world, 200, "{\"status\":\"queued\",\"queue_position\":\"0\"}");
  g_assert_cmpint (genvid_job_get_queue_position (world->job), ==, 0);
  world_poll (world, "{\"status\":\"running\",\"queue_position\":3}");
  g_assert_cmpint (genvid_job_get_queue_position (world->job), ==, -1);
}

static void
test_cost (void)
{
  static const struct {
    const char *body;
    double cost;
  } rows[] = {
    { "{\"status\":\"done\",\"ticks\":12000000000}", 1.2 },
    { "{\"status\":\"done\",\"tokens\":46336}", 46336 / 1e6 * 17.5 },
    { "{\"status\":\"done\",\"ticks\":-1}", -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (World) world = world_new ((Service){ .members = FACTS });

    world_accept (world);
    world_poll (world, rows[i].body);
    g_assert_cmpfloat (world->disk->cost, ==, rows[i].cost);
  }
}

/* Every entry, and which input it is about. */
static void
test_problems (void)
{
  g_autoptr (World) world = world_new ((Service){ .members = FACTS });

  submit (world, 422,
          "{\"detail\":[{\"loc\":[\"body\",\"images\",1],\"msg\":\"flagged\"},"
          "{\"msg\":\"too long\"},{\"loc\":\"seed\",\"msg\":\"odd\"},7]}");
  g_assert_nonnull (strstr (world_fail (world, GENVID_REASON_REJECTED)->message,
                            "body.images.1: flagged; too long; seed: odd"));
}

/* ComfyUI's history: the id is the name of a member. */
static void
test_member_of_id (void)
{
  g_autoptr (World) world = world_new ((Service){ .members = FACTS });

  world_accept (world);
  world_poll (world,
              "{\"status\":\"done\",\"8\":{\"outputs\":{\"1\":{\"files\":"
              "[{\"name\":\"no\"}]}}},\"7\":{\"outputs\":{\"3\":{\"text\":[]},"
              "\"9\":{\"files\":[{\"name\":\"a b.mp4\"}]}}}}");
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DOWNLOAD);
  g_assert_cmpstr (world->step.media->url, ==,
                   BASE_URL "/view?filename=a%20b.mp4");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/proofs/refused-in-200", test_refused_in_200);
  g_test_add_func ("/proofs/id-wins", test_id_wins);
  g_test_add_func ("/proofs/proves-little", test_proves_little);
  g_test_add_func ("/proofs/busy-in-200", test_busy_in_200);
  g_test_add_func ("/proofs/duplicate", test_duplicate);
  g_test_add_func ("/proofs/duplicate-at-once", test_duplicate_at_once);
  g_test_add_func ("/proofs/duplicate-unknown", test_duplicate_unknown);
  g_test_add_func ("/proofs/estimate", test_estimate);
  g_test_add_func ("/proofs/estimate-later", test_estimate_later);
  g_test_add_func ("/proofs/estimate-kept", test_estimate_kept);
  g_test_add_func ("/proofs/billing", test_billing);
  g_test_add_func ("/proofs/queue", test_queue);
  g_test_add_func ("/proofs/cost", test_cost);
  g_test_add_func ("/proofs/problems", test_problems);
  g_test_add_func ("/proofs/member-of-id", test_member_of_id);
  return g_test_run ();
}
