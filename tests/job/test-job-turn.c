/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waiting for leave to ask: what is told of it, and what its end means. */
#include "job-fixture.h"
#include "exchange.h"
#include "failure.h"
#include "job.h"
#include "provider.h"
#include "record.h"

static const Service replay
    = { .recovery = GENVID_RECOVERY_REPLAY, .cancel = TRUE, .billing = "no" };
static const Service lookup = { .recovery = GENVID_RECOVERY_LOOKUP };
static const Service none = { .recovery = GENVID_RECOVERY_NONE };

#define RUNNING "{\"id\":\"7\",\"status\":\"running\"}"
#define DONE    "{\"id\":\"7\",\"status\":\"done\",\"url\":\"https://c/x?s=1\"}"

/* The deadline of an answer runs from when it is sent. */
static void
test_deadline (void)
{
  g_autoptr (World) world = world_new (none);
  gint64 accepted, deadline;

  world->options.timeout = 60;
  world_accept (world);
  accepted = world->now.boot;
  deadline = accepted + SECONDS (60);
  world_until_send (world, GENVID_EXCHANGE_POLL);
  g_assert_cmpint (world->step.since, ==, accepted);
  g_assert_cmpint (world->step.due, ==, deadline);
  g_assert_cmpint (world->step.turn_by, ==, deadline + SECONDS (5));
  world->now.boot = deadline - SECONDS (8);
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  g_assert_cmpint (world->step.until, ==, deadline);
  world->now.boot = deadline + SECONDS (4);
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  g_assert_cmpint (world->step.until, ==, deadline + SECONDS (9));
  world_reply (world, 200, DONE);
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DOWNLOAD);
}

/* What was asked before the deadline and answered after it was not the last
 * question. */
static void
test_last_question (void)
{
  g_autoptr (World) world = world_new (none);
  gint64 deadline;

  world->options.timeout = 60;
  world_accept (world);
  deadline = world->now.boot + SECONDS (60);
  world->now.boot = deadline - SECONDS (1);
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  world->now.boot = deadline + SECONDS (1);
  world_reply (world, 200, RUNNING);
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  g_assert_cmpint (world->step.since, ==, deadline - SECONDS (1));
  world_reply (world, 200, RUNNING);
  world_fail (world, GENVID_REASON_TIMED_OUT);
  g_assert_null (strstr (world->step.failure->message, "used up"));
}

/* A machine that slept beyond the deadline asks all the same. */
static void
test_slept (void)
{
  g_autoptr (World) world = world_new (none);

  world->options.timeout = 60;
  world_accept (world);
  world_advance (world, SECONDS (3000));
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  g_assert_cmpint (world->step.turn_by, ==, world->now.boot + SECONDS (5));
}

/* It waited for its turn, or the machine slept: what the service may have
 * forgotten by now is not sent again. */
static void
test_outlived (void)
{
  g_autoptr (World) world = world_new (replay);

  world_start (world);
  world_send (world, GENVID_EXCHANGE_SUBMIT, TRUE);
  g_assert_true (genvid_job_confirm (world->job, &world->now));
  world_answer (world, GENVID_ANSWER_LOST);
  world_until_send (world, GENVID_EXCHANGE_SUBMIT);
  world_advance (world, SECONDS (19 * 3600));
  g_assert_true (genvid_job_confirm (world->job, &world->now));
  world_advance (world, SECONDS (3600));
  g_assert_false (genvid_job_confirm (world->job, &world->now));
  world_fail (world, GENVID_REASON_IN_DOUBT);
  g_assert_cmpuint (world->fresh, ==, 1);
}

static void
test_look_again (void)
{
  const GenvidStep step
      = { .kind = GENVID_STEP_SEND, .due = 50, .turn_by = 55 };

  g_assert_cmpint (genvid_step_look_again (&step, 20, 10), ==, 20);
  g_assert_cmpint (genvid_step_look_again (&step, 70, 10), ==, 50);
  g_assert_cmpint (genvid_step_look_again (&step, 54, 50), ==, 54);
  g_assert_cmpint (genvid_step_look_again (&step, 56, 50), ==, 0);
  g_assert_cmpint (genvid_step_look_again (&step, 54, 55), ==, 0);
}

static void
test_poll (void)
{
  g_autoptr (World) world = world_new (none);
  const GenvidFailure *failure;

  world_accept (world);
  world_until_send (world, GENVID_EXCHANGE_POLL);
  genvid_job_feed_no_turn (world->job, &world->now);
  failure = world_fail (world, GENVID_REASON_TIMED_OUT);
  g_assert_nonnull (strstr (failure->message, "used up"));
  g_assert_true (failure->retryable);
  g_assert_cmpstr (failure->generation_id, ==, "7");
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_QUEUED);
  world_start (world);
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  g_assert_cmpuint (world->fresh, ==, 1);
}

/* Nothing was bought, and nothing keeps it from being bought now. */
static void
test_submit (void)
{
  g_autoptr (World) world = world_new (none);
  const GenvidFailure *failure;

  world_start (world);
  world_step (world);
  g_assert_true (world->step.fresh);
  genvid_job_feed_no_turn (world->job, &world->now);
  failure = world_fail (world, GENVID_REASON_BUSY);
  g_assert_cmpint (failure->billed, ==, GENVID_BILLED_NO);
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_IDLE);
  world_submit (world);
  world_answer (world, GENVID_ANSWER_UNSENT);
  world_until_send (world, GENVID_EXCHANGE_SUBMIT);
  g_assert_false (world->step.fresh);
  genvid_job_feed_no_turn (world->job, &world->now);
  world_fail (world, GENVID_REASON_BUSY);
  g_assert_true (world->disk->frees);
  world_submit (world);
}

/* A doubt that could not be asked about stays one, even where leave was given
 * to pay for it. */
static void
test_doubt (void)
{
  static const Service *const services[] = { &replay, &lookup };

  for (guint i = 0; i < G_N_ELEMENTS (services); i++) {
    GenvidExchangeKind kind
        = i == 0 ? GENVID_EXCHANGE_SUBMIT : GENVID_EXCHANGE_LOOKUP;
    g_autoptr (World) world = world_new (*services[i]);

    world->options.resubmit = TRUE;
    world_submit (world);
    world_answer (world, GENVID_ANSWER_LOST);
    world_until_send (world, kind);
    g_assert_false (world->step.fresh);
    genvid_job_feed_no_turn (world->job, &world->now);
    world_fail (world, GENVID_REASON_BUSY);
    g_assert_false (world->disk->frees);
    world_start (world);
    world_until_send (world, kind);
    g_assert_false (world->step.fresh);
    g_assert_cmpuint (world->fresh, ==, 1);
  }
}

/* Called away from the line: the same again, or what has become more urgent. */
static void
test_withdraw (void)
{
  g_autoptr (World) world = world_new (replay);

  world_start (world);
  world_step (world);
  genvid_job_withdraw (world->job);
  world_send (world, GENVID_EXCHANGE_SUBMIT, TRUE);
  world_reply (world, 201, "{\"id\":\"7\",\"status\":\"queued\"}");
  world_until_send (world, GENVID_EXCHANGE_POLL);
  genvid_job_withdraw (world->job);
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  genvid_job_cancel (world->job);
  genvid_job_withdraw (world->job);
  world_send (world, GENVID_EXCHANGE_CANCEL, FALSE);
}

/* It waits to be sent again: what was sent so far bought nothing. */
static void
test_withdraw_repeat (void)
{
  g_autoptr (World) world = world_new (none);

  world_submit (world);
  world_answer (world, GENVID_ANSWER_UNSENT);
  world_until_send (world, GENVID_EXCHANGE_SUBMIT);
  genvid_job_withdraw (world->job);
  genvid_job_cancel (world->job);
  world_fail (world, GENVID_REASON_FAILED);
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_CANCELLED);
  g_assert_true (world->disk->frees);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/job/turn/outlived", test_outlived);
  g_test_add_func ("/job/turn/deadline", test_deadline);
  g_test_add_func ("/job/turn/last-question", test_last_question);
  g_test_add_func ("/job/turn/slept", test_slept);
  g_test_add_func ("/job/turn/look-again", test_look_again);
  g_test_add_func ("/job/turn/poll", test_poll);
  g_test_add_func ("/job/turn/submit", test_submit);
  g_test_add_func ("/job/turn/doubt", test_doubt);
  g_test_add_func ("/job/turn/withdraw", test_withdraw);
  g_test_add_func ("/job/turn/withdraw-repeat", test_withdraw_repeat);
  return g_test_run ();
}
