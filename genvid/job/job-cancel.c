/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The wish to cancel. It costs nothing before the submit, and is only a
 * question afterwards: unless the service says clearly that the generation is
 * cancelled, it is waited for and its clip is kept, since it may be billed. A
 * wish that could not be told stays in the record for the next run. */
#include "job-cancel.h"

#include "exchange.h"
#include "failure.h"
#include "job-end.h"
#include "job-poll.h"
#include "job-private.h"
#include "job-start.h"
#include "job.h"
#include "moment.h"
#include "provider.h"
#include "record.h"

#define SECONDS(n) ((gint64)(n)*G_USEC_PER_SEC)
#define MAX_TRIES  3

gboolean
genvid_job_cancel_is_due (const GenvidJob *job, gint64 boot)
{
  return genvid_job_owes_cancel (job) && job->stage == GENVID_STAGE_POLL
         && job->record->id != NULL && job->adopt == NULL
         && boot >= job->cancel_at;
}

gboolean
genvid_job_can_cancel (const GenvidJob *job)
{
  return job->stage < GENVID_STAGE_MEDIA
         && genvid_provider_can_cancel (job->provider);
}

gboolean
genvid_job_owes_cancel (const GenvidJob *job)
{
  return genvid_job_can_cancel (job) && job->record->cancel
         && !job->cancel_heard && job->cancel_tries < MAX_TRIES;
}

void
genvid_job_cancel (GenvidJob *job)
{
  if (job->stage >= GENVID_STAGE_MEDIA)
    return;
  job->record->cancel = TRUE;
  job->cancel_heard = FALSE;
  job->cancel_tries = 0;
  job->cancel_at = 0;
  genvid_job_note (job);
}

void
genvid_job_keep (GenvidJob *job)
{
  if (job->cancel_heard)
    return;
  job->record->cancel = FALSE;
  genvid_job_note (job);
}

void
genvid_job_take_cancel (GenvidJob *job, const GenvidNow *now)
{
  GenvidFailure *failure;

  if (!job->record->cancel || job->stage >= GENVID_STAGE_MEDIA)
    return;
  /* Whatever was sent so far in these stages is known to have bought
   * nothing. */
  if (job->stage == GENVID_STAGE_UPLOAD || job->stage == GENVID_STAGE_SUBMIT) {
    if (genvid_job_return_to_doubt (job)) {
      genvid_job_end (job, GENVID_STATE_IN_DOUBT,
                      genvid_failure_copy (job->record->failure), FALSE, now);
      return;
    }
    failure = genvid_failure_new (GENVID_REASON_FAILED,
                                  "It was cancelled before anything was "
                                  "bought.");
    failure->billed = GENVID_BILLED_NO;
    genvid_job_end (job, GENVID_STATE_CANCELLED, failure, TRUE, now);
    return;
  }
  /* What is ready is paid for; to cancel it can only lose it. */
  if (genvid_provider_can_cancel (job->provider) && job->record->ready == 0)
    return;
  job->record->cancel = FALSE;
  genvid_job_note (job);
}

void
genvid_job_feed_cancel (GenvidJob *job, const GenvidNews *news)
{
  const GenvidAnswer *answer = news->answer;
  gint64 boot = news->now->boot;
  gboolean refused = answer->kind == GENVID_ANSWER_REPLY
                     && answer->status >= 300 && answer->status < 500
                     && answer->status != 408 && answer->status != 429;

  if (genvid_news_is_success (news)) {
    job->cancel_heard = TRUE;
    if (news->reading != NULL)
      genvid_job_take_reading (job, news);
    job->not_before = MIN (job->not_before, boot + SECONDS (1));
    return;
  }
  if (refused) {
    job->record->cancel = FALSE;
    job->not_before = MIN (job->not_before, boot + SECONDS (1));
    return;
  }
  job->cancel_tries++;
  job->cancel_at = boot + SECONDS (2) * job->cancel_tries;
}
