/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a service allows a key so many requests a minute, a job waits for its
 * turn to ask. How long it has waited, and when it gives up, is decided
 * here. */
#include "job-turn.h"

#include "failure.h"
#include "job-state.h"
#include "job-step.h"
#include "job.h"
#include "moment.h"
#include "record.h"

#define SECONDS(n) ((gint64)(n)*G_USEC_PER_SEC)
/* What a last question may come late. */
#define GRACE SECONDS (5)
/* As long as a service may be busy before anything is bought. */
#define PURCHASE_PATIENCE SECONDS (240)

void
genvid_job_set_turn (const GenvidJob *job, GenvidStep *step)
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
    step->turn_by = job->since + GENVID_JOB_LOOKUP_PATIENCE;
  step->turn_by = MAX (step->turn_by, job->built + GRACE);
  step->due = step->turn_by;
}

static GenvidTransition
stop_unasked (const GenvidJob *job)
{
  GenvidFailure *failure = genvid_failure_new (
      GENVID_REASON_TIMED_OUT,
      "Generation %s could not be polled at the end of its timeout (%d s), "
      "because the service's limit on requests per minute was used up. It "
      "continues at the service.",
      genvid_job_get_id (job),
      (int)(genvid_job_get_timeout (job) / G_USEC_PER_SEC));

  failure->retryable = TRUE;
  failure->advice = g_strdup (
      "Running the same request again continues with it and buys nothing.");
  return genvid_transition_stop (failure);
}

/* The doubt stays as it is: without a question nothing is settled. */
static GenvidTransition
stop_unsettled (void)
{
  GenvidFailure *failure = genvid_failure_new (
      GENVID_REASON_BUSY,
      "It could not be checked whether the request was bought, because the "
      "service's limit on requests per minute was used up.");

  failure->retryable = TRUE;
  failure->advice = g_strdup (
      "Run the same request again: it checks this before it buys anything.");
  return genvid_transition_stop (failure);
}

static GenvidTransition
stop_unbought (const GenvidJob *job, const GenvidNow *now)
{
  GenvidFailure *failure = genvid_failure_new (
      GENVID_REASON_BUSY,
      "The service's limit on requests per minute was used "
      "up for %d s. Nothing was bought.",
      (int)((now->boot - job->since) / G_USEC_PER_SEC));

  failure->retryable = TRUE;
  failure->billed = GENVID_BILLED_NO;
  failure->advice = g_strdup ("Try again later.");
  if (job->stage == GENVID_STAGE_SUBMIT && job->intended)
    return genvid_transition_end (GENVID_STATE_FAILED, failure, TRUE);
  return genvid_transition_stop (failure);
}

GenvidTransition
genvid_job_take_no_turn (const GenvidJob *job, const GenvidNow *now)
{
  switch (job->stage) {
  case GENVID_STAGE_POLL:
    return stop_unasked (job);
  case GENVID_STAGE_REPLAY:
  case GENVID_STAGE_LOOKUP:
    return stop_unsettled ();
  case GENVID_STAGE_UPLOAD:
  case GENVID_STAGE_SUBMIT:
    return stop_unbought (job, now);
  case GENVID_STAGE_MEDIA:
  case GENVID_STAGE_DONE:
  case GENVID_STAGE_FAIL:
  default:
    return genvid_transition_stay (job->not_before);
  }
}
