/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The wish to cancel, in every stage. */
#include "job-fixture.h"
#include "exchange.h"
#include "failure.h"
#include "job.h"
#include "provider.h"
#include "record.h"

static const Service replay
    = { .recovery = GENVID_RECOVERY_REPLAY, .cancel = TRUE, .billing = "no" };
static const Service none = { .recovery = GENVID_RECOVERY_NONE };

#define RUNNING "{\"id\":\"7\",\"status\":\"running\"}"
#define DONE    "{\"id\":\"7\",\"status\":\"done\",\"url\":\"https://c/x?s=1\"}"

static void
check_outcome (World *world, GenvidCancel outcome)
{
  const GenvidRecord *record = genvid_job_get_record (world->job, NULL);

  g_assert_cmpint (record->outcome, ==, outcome);
}

static void
test_cancel_before (void)
{
  g_autoptr (World) world = world_new (none);

  world_start (world);
  world_step (world);
  g_assert_true (world->step.fresh);
  genvid_job_cancel (world->job);
  world_fail (world, GENVID_REASON_FAILED);
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_CANCELLED);
  g_assert_true (world->disk->frees);
  g_assert_cmpint (world->step.failure->billed, ==, GENVID_BILLED_NO);
  /* Nothing was bought, so there is nothing to wait for. */
  world_submit (world);
}

static void
test_cancel_accepted (void)
{
  g_autoptr (World) world = world_new (replay);

  world_accept (world);
  genvid_job_cancel (world->job);
  world_save (world);
  g_assert_true (world->disk->cancel);
  world_send (world, GENVID_EXCHANGE_CANCEL, FALSE);
  g_assert_cmpstr (world->step.exchange->url, ==, BASE_URL "/jobs/7/stop");
  world_reply (world, 200, "{\"id\":\"7\",\"status\":\"stopped\"}");
  world_fail (world, GENVID_REASON_FAILED);
  g_assert_cmpint (world->step.failure->billed, ==, GENVID_BILLED_NO);
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_CANCELLED);
  g_assert_true (world->disk->frees);
  g_assert_false (world->disk->cancel);
  world_start (world);
  world_fail (world, GENVID_REASON_FAILED);
  world_advance (world, SECONDS (60));
  world_submit (world);
}

static void
test_cancel_refused (void)
{
  g_autoptr (World) world = world_new (replay);

  world_accept (world);
  world_cancel (world);
  world_reply (world, 422, "{\"code\":\"job_cannot_be_stopped\"}");
  g_assert_false (world->disk->cancel);
  world_poll (world, DONE);
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DOWNLOAD);
  check_outcome (world, GENVID_CANCEL_REFUSED);
}

/* The service deletes what it is asked to cancel, whether it is ready or not:
 * only a poll of this moment allows it. */
static const Service deleting
    = { .recovery = GENVID_RECOVERY_NONE,
        .cancel = TRUE,
        .members = "{\"cancel\":{\"while\":[\"queued\"]}}" };

#define QUEUED "{\"id\":\"7\",\"status\":\"queued\"}"

static void
test_cancel_looks_first (void)
{
  g_autoptr (World) world = world_new (deleting);

  world_accept (world);
  world_poll (world, QUEUED);
  world_advance (world, SECONDS (3));
  genvid_job_cancel (world->job);
  /* At once, and not when its turn would be. */
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  world_reply (world, 200, QUEUED);
  world_send (world, GENVID_EXCHANGE_CANCEL, FALSE);
  world_reply (world, 200, "{\"id\":\"7\",\"status\":\"stopped\"}");
  world_fail (world, GENVID_REASON_FAILED);
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_CANCELLED);
}

static void
test_cancel_sees_ready (void)
{
  g_autoptr (World) world = world_new (deleting);

  world_accept (world);
  world_poll (world, QUEUED);
  world_advance (world, SECONDS (3));
  genvid_job_cancel (world->job);
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  world_reply (world, 200, DONE);
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DOWNLOAD);
}

static void
test_cancel_sees_running (void)
{
  g_autoptr (World) world = world_new (deleting);

  world_accept (world);
  world_advance (world, SECONDS (3));
  genvid_job_cancel (world->job);
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  world_reply (world, 200, RUNNING);
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_WAIT);
  g_assert_false (genvid_job_owes_cancel (world->job));
  check_outcome (world, GENVID_CANCEL_REFUSED);
  world_poll (world, DONE);
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DOWNLOAD);
}

/* A look that fails is repeated in its turn; a cancel that got no answer needs
 * another look. */
static void
test_cancel_looks_again (void)
{
  g_autoptr (World) world = world_new (deleting);

  world_accept (world);
  world_advance (world, SECONDS (3));
  genvid_job_cancel (world->job);
  world_send (world, GENVID_EXCHANGE_POLL, FALSE);
  world_answer (world, GENVID_ANSWER_LOST);
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_WAIT);
  world_poll (world, QUEUED);
  world_send (world, GENVID_EXCHANGE_CANCEL, FALSE);
  world_advance (world, SECONDS (10));
  world_answer (world, GENVID_ANSWER_LOST);
  world_poll (world, DONE);
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DOWNLOAD);
}

/* A second wish is as good as the first. */
static void
test_cancel_again (void)
{
  g_autoptr (World) world = world_new (replay);

  world_accept (world);
  g_assert_true (genvid_job_can_cancel (world->job));
  g_assert_false (genvid_job_owes_cancel (world->job));
  genvid_job_cancel (world->job);
  g_assert_true (genvid_job_owes_cancel (world->job));
  world_send (world, GENVID_EXCHANGE_CANCEL, FALSE);
  world_reply (world, 422, "{\"code\":\"job_cannot_be_stopped\"}");
  g_assert_false (genvid_job_owes_cancel (world->job));
  world_cancel (world);
  world_reply (world, 202, RUNNING);
  g_assert_false (genvid_job_owes_cancel (world->job));
  /* It was heard, so nobody can take it back. */
  genvid_job_keep (world->job);
  world_save (world);
  g_assert_true (world->disk->cancel);
  world_poll (world, RUNNING);
  genvid_job_cancel (world->job);
  for (guint i = 0; i < 3; i++) {
    g_assert_true (genvid_job_owes_cancel (world->job));
    while (world_step (world)->kind == GENVID_STEP_WAIT
           || world->step.exchange->kind == GENVID_EXCHANGE_POLL) {
      if (world->step.kind == GENVID_STEP_WAIT)
        world_advance (world, world->step.until - world->now.boot);
      else
        world_reply (world, 200, RUNNING);
    }
    g_assert_cmpint (world->step.exchange->kind, ==, GENVID_EXCHANGE_CANCEL);
    world_answer (world, GENVID_ANSWER_LOST);
  }
  g_assert_false (genvid_job_owes_cancel (world->job));
  world_cancel (world);
}

/* Another user came before it was told. */
static void
test_cancel_kept (void)
{
  g_autoptr (World) world = world_new (replay);

  world_accept (world);
  genvid_job_cancel (world->job);
  genvid_job_keep (world->job);
  world_until_send (world, GENVID_EXCHANGE_POLL);
  g_assert_false (world->disk->cancel);
  world_reply (world, 200, DONE);
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DOWNLOAD);
  g_assert_false (genvid_job_can_cancel (world->job));
}

static void
test_cancel_unclear (void)
{
  g_autoptr (World) world = world_new (replay);

  world_accept (world);
  world_cancel (world);
  world_reply (world, 202, "{\"id\":\"7\",\"status\":\"running\"}");
  world_poll (world, "{\"id\":\"7\",\"status\":\"stopped\"}");
  world_fail (world, GENVID_REASON_FAILED);
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_CANCELLED);
}

static void
test_cancel_unanswered (void)
{
  g_autoptr (World) world = world_new (replay);
  guint cancels = 0;

  world_accept (world);
  genvid_job_cancel (world->job);
  for (guint i = 0; i < 40; i++) {
    while (world_step (world)->kind == GENVID_STEP_WAIT)
      world_advance (world, world->step.until - world->now.boot);
    g_assert_cmpint (world->step.kind, ==, GENVID_STEP_SEND);
    if (world->step.exchange->kind == GENVID_EXCHANGE_POLL) {
      world_reply (world, 200, RUNNING);
      continue;
    }
    cancels++;
    if (cancels == 1)
      world_reply (world, 500, "{}");
    else
      world_answer (world, GENVID_ANSWER_LOST);
  }
  g_assert_cmpuint (cancels, ==, 3);
  check_outcome (world, GENVID_CANCEL_UNKNOWN);
  /* The next run sends what could not leave. */
  g_assert_true (world->disk->cancel);
  world_start (world);
  world_send (world, GENVID_EXCHANGE_CANCEL, FALSE);
}

static void
test_cancel_impossible (void)
{
  g_autoptr (World) world = world_new (none);

  world_accept (world);
  genvid_job_cancel (world->job);
  g_assert_false (genvid_job_owes_cancel (world->job));
  world_until_send (world, GENVID_EXCHANGE_POLL);
  g_assert_false (world->disk->cancel);
  check_outcome (world, GENVID_CANCEL_NOT_OFFERED);
}

static void
test_cancel_in_doubt (void)
{
  g_autoptr (World) world = world_new (replay);

  world_submit (world);
  genvid_job_cancel (world->job);
  /* It may be on the wire: the answer comes first. */
  world_step (world);
  g_assert_cmpint (world->step.exchange->kind, ==, GENVID_EXCHANGE_SUBMIT);
  world_answer (world, GENVID_ANSWER_LOST);
  world_until_send (world, GENVID_EXCHANGE_SUBMIT);
  g_assert_false (world->step.fresh);
  world_reply (world, 200, "{\"id\":\"7\",\"status\":\"queued\"}");
  world_send (world, GENVID_EXCHANGE_CANCEL, FALSE);
}

static void
test_cancel_ready (void)
{
  g_autoptr (World) world = world_new (replay);

  world_ready (world);
  genvid_job_cancel (world->job);
  g_assert_cmpint (world_step (world)->kind, ==, GENVID_STEP_DOWNLOAD);
  g_assert_false (world->disk->cancel);
}

/* A new start of the same request wants the clip. */
static void
test_cancel_forgotten (void)
{
  g_autoptr (World) world = world_new (replay);

  world->disk->cancel = TRUE;
  world_start (world);
  g_assert_false (world->disk->cancel);
  world_send (world, GENVID_EXCHANGE_SUBMIT, TRUE);
}

/* Leave to pay for a doubt is used up by a purchase that began, not by one
 * that was about to. */
static void
test_resubmit_not_begun (void)
{
  for (guint i = 0; i < 3; i++) {
    g_autoptr (World) world = world_new (replay);
    g_autofree char *value = NULL;

    world_submit (world);
    value = g_strdup (world->value);
    world_crash (world);
    world_advance (world, SECONDS (72001));
    world->options.resubmit = TRUE;
    world_start (world);
    world_step (world);
    g_assert_true (world->step.fresh);
    g_assert_cmpuint (world->disk->n, ==, 2);
    if (i == 1) {
      genvid_job_cancel (world->job);
      world_fail (world, GENVID_REASON_IN_DOUBT);
      g_assert_cmpint (world->disk->state, ==, GENVID_STATE_IN_DOUBT);
    }
    world->options.resubmit = FALSE;
    world_start (world);
    world_fail (world, GENVID_REASON_IN_DOUBT);
    g_assert_cmpuint (world->disk->n, ==, 1);
    /* All that is known of the doubt is still known. */
    world->now.wall -= SECONDS (72000);
    world->now.boot -= SECONDS (72000);
    world_start (world);
    world_send (world, GENVID_EXCHANGE_SUBMIT, FALSE);
    g_assert_cmpstr (world->value, ==, value);
    g_assert_cmpuint (world->fresh, ==, 1);
  }
}

/* A process that has to end while it waits to send again leaves no doubt. */
static void
test_abort_between_tries (void)
{
  g_autoptr (World) world = world_new (none);
  g_autoptr (GenvidFailure) failure
      = genvid_failure_new (GENVID_REASON_BUSY, "the program ended");

  world_submit (world);
  world_reply_later (world, 429, "30");
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_SUBMITTING);
  genvid_job_abort (world->job, failure);
  world_fail (world, GENVID_REASON_BUSY);
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_FAILED);
  g_assert_true (world->disk->frees);
  world_submit (world);
  /* On the wire it is another matter. */
  genvid_job_abort (world->job, failure);
  world_fail (world, GENVID_REASON_BUSY);
  g_assert_cmpint (world->disk->state, ==, GENVID_STATE_SUBMITTING);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/job/cancel/before", test_cancel_before);
  g_test_add_func ("/job/cancel/accepted", test_cancel_accepted);
  g_test_add_func ("/job/cancel/refused", test_cancel_refused);
  g_test_add_func ("/job/cancel/again", test_cancel_again);
  g_test_add_func ("/job/cancel/looks-first", test_cancel_looks_first);
  g_test_add_func ("/job/cancel/sees-ready", test_cancel_sees_ready);
  g_test_add_func ("/job/cancel/sees-running", test_cancel_sees_running);
  g_test_add_func ("/job/cancel/looks-again", test_cancel_looks_again);
  g_test_add_func ("/job/cancel/kept", test_cancel_kept);
  g_test_add_func ("/job/cancel/unclear", test_cancel_unclear);
  g_test_add_func ("/job/cancel/unanswered", test_cancel_unanswered);
  g_test_add_func ("/job/cancel/impossible", test_cancel_impossible);
  g_test_add_func ("/job/cancel/in-doubt", test_cancel_in_doubt);
  g_test_add_func ("/job/cancel/ready", test_cancel_ready);
  g_test_add_func ("/job/cancel/forgotten", test_cancel_forgotten);
  g_test_add_func ("/job/cancel/resubmit-not-begun", test_resubmit_not_begun);
  g_test_add_func ("/job/cancel/abort-between-tries", test_abort_between_tries);
  return g_test_run ();
}
