/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a service allows a key so many requests a minute, a job waits for its
 * turn to ask. How long it has waited, and when it gives up, is told here. */
#include "job-turn.h"

#include "exchange.h"
#include "failure.h"
#include "job-end.h"
#include "job-private.h"
#include "job-start.h"
#include "job.h"
#include "moment.h"
#include "record.h"

#define SECONDS(n) ((gint64)(n)*G_USEC_PER_SEC)
/* What a last question may come late. */
#define GRACE SECONDS (5)
/* As long as a service may be busy before anything is bought. */
#define PURCHASE_PATIENCE SECONDS (240)

void
genvid_job_tell_turn (const GenvidJob *job, GenvidStep *step)
{
  step->since = job->since;
  if (job->stage == GENVID_STAGE_POLL) {
    step->since = job->asked;
    step->due = job->deadline;
    step->turn_by = MAX (job->deadline, job->built) + GRACE;
    return;
  }
  step->turn_by = job->since + PURCHASE_PATIENCE;
  if (job->stage == GENVID_STAGE_LOOKUP)
    step->turn_by = job->since + GENVID_LOOKUP_PATIENCE;
  step->turn_by = MAX (step->turn_by, job->built + GRACE);
  step->due = step->turn_by;
}

/* Before it is due the line may still get shorter. */
gint64
genvid_step_look_again (const GenvidStep *step, gint64 room, gint64 boot)
{
  if (boot < step->due)
    return MIN (room, step->due);
  if (boot >= step->turn_by || room > step->turn_by)
    return 0;
  return room;
}

void
genvid_job_withdraw (GenvidJob *job)
{
  g_clear_pointer (&job->exchange, genvid_exchange_free);
}

static void
stop_unasked (GenvidJob *job)
{
  GenvidFailure *failure = genvid_failure_new (
      GENVID_REASON_TIMED_OUT,
      "Generation %s was not asked about at the end of %d s of waiting: all "
      "requests a minute that the service allows this key were used up. It "
      "goes on at the service.",
      genvid_job_get_id (job),
      (int)(genvid_job_get_timeout (job) / G_USEC_PER_SEC));

  failure->retryable = TRUE;
  failure->advice = g_strdup ("Running the same again continues with it and "
                              "buys nothing.");
  genvid_job_stop (job, failure);
}

/* The doubt stays as it is: without a question nothing is settled. */
static void
stop_unsettled (GenvidJob *job)
{
  GenvidFailure *failure = genvid_failure_new (
      GENVID_REASON_BUSY,
      "Whether it was bought was not asked: all requests a minute that the "
      "service allows this key were used up.");

  failure->retryable = TRUE;
  failure->advice
      = g_strdup ("Run the same again: it asks before it buys anything.");
  genvid_job_stop (job, failure);
}

static void
stop_unbought (GenvidJob *job, const GenvidNow *now)
{
  GenvidFailure *failure = genvid_failure_new (
      GENVID_REASON_BUSY,
      "All requests a minute that the service allows this key were used up "
      "for %d s; nothing was bought.",
      (int)((now->boot - job->since) / G_USEC_PER_SEC));

  failure->retryable = TRUE;
  failure->billed = GENVID_BILLED_NO;
  failure->advice = g_strdup ("Run it again later.");
  if (genvid_job_is_unbought (job))
    genvid_job_end (job, GENVID_STATE_FAILED, failure, TRUE, now);
  else
    genvid_job_stop (job, failure);
}

void
genvid_job_feed_no_turn (GenvidJob *job, const GenvidNow *now)
{
  if (job->exchange == NULL)
    return;
  genvid_job_withdraw (job);
  switch (job->stage) {
  case GENVID_STAGE_POLL:
    stop_unasked (job);
    break;
  case GENVID_STAGE_REPLAY:
  case GENVID_STAGE_LOOKUP:
    stop_unsettled (job);
    break;
  case GENVID_STAGE_UPLOAD:
  case GENVID_STAGE_SUBMIT:
    stop_unbought (job, now);
    break;
  case GENVID_STAGE_MEDIA:
  case GENVID_STAGE_DONE:
  case GENVID_STAGE_FAIL:
  default:
    break;
  }
  genvid_job_note (job);
}
