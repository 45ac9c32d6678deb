/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The wish to cancel. It costs nothing before the submit, and is only a
 * question afterwards: unless the service says clearly that the generation is
 * cancelled, it is waited for and its clip is kept, since it may be billed. A
 * wish that could not be sent stays in the record for the next run. */
#include "job-cancel.h"

#include "call-build.h"
#include "exchange.h"
#include "failure.h"
#include "job-news.h"
#include "job-purchase.h"
#include "job-state.h"
#include "job.h"
#include "moment.h"
#include "provider.h"
#include "record.h"
#include "reply.h"

#define SECONDS(n) ((gint64)(n)*G_USEC_PER_SEC)
#define MAX_TRIES  3
#define FRESH      SECONDS (2)

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

gboolean
genvid_job_cancel_is_due (const GenvidJob *job, gint64 boot)
{
  return genvid_job_owes_cancel (job) && job->stage == GENVID_STAGE_POLL
         && job->record->id != NULL && job->adopt == NULL && !job->cancel_shut
         && boot >= job->cancel_at;
}

void
genvid_job_cancel (GenvidJob *job)
{
  job->record->outcome = job->stage >= GENVID_STAGE_MEDIA
                             ? GENVID_CANCEL_TOO_LATE
                             : GENVID_CANCEL_ASKED;
  if (job->stage >= GENVID_STAGE_MEDIA)
    return;
  job->record->cancel = TRUE;
  job->cancel_heard = job->cancel_asked = FALSE;
  job->cancel_tries = 0;
  job->cancel_at = 0;
  genvid_job_log (job, GENVID_LOG_INFO, "cancel wanted");
  genvid_job_note (job);
}

gboolean
genvid_job_is_dropped (const GenvidJob *job)
{
  return job->dropped;
}

gboolean
genvid_job_wants_cancel (const GenvidJob *job)
{
  return job->record->cancel && !job->cancel_heard
         && job->cancel_tries < MAX_TRIES;
}

void
genvid_job_keep (GenvidJob *job)
{
  if (job->cancel_heard || job->overpriced)
    return;
  job->record->cancel = FALSE;
  job->record->outcome = GENVID_CANCEL_NONE;
  genvid_job_note (job);
}

/* Whatever was sent so far in these stages is known to have bought nothing. */
static GenvidTransition
cancel_unbought (GenvidJob *job)
{
  GenvidFailure *failure;

  job->dropped = TRUE;
  if (genvid_job_return_to_doubt (job))
    return genvid_transition_end (GENVID_STATE_IN_DOUBT,
                                  genvid_failure_copy (job->record->failure),
                                  FALSE);
  failure = genvid_failure_new (GENVID_REASON_FAILED,
                                "Cancelled before anything was bought.");
  failure->billed = GENVID_BILLED_NO;
  return genvid_transition_end (GENVID_STATE_CANCELLED, failure, TRUE);
}

static void
drop (GenvidJob *job, GenvidCancel outcome)
{
  job->record->cancel = FALSE;
  job->record->outcome = outcome;
  genvid_job_note (job);
}

/* Where the service's cancel would delete a clip that has become ready, only a
 * poll of this moment allows it. */
static GenvidTransition
look_first (GenvidJob *job, gint64 boot)
{
  gboolean fresh = job->pending > 0 && boot - job->pending <= FRESH;

  job->cancel_shut = !fresh;
  if (!genvid_job_owes_cancel (job))
    return genvid_transition_stay (job->not_before);
  if (fresh) {
    if (!genvid_call_may_cancel (job->call, job->phase)) {
      genvid_job_log (job, GENVID_LOG_INFO, "too late to cancel");
      drop (job, GENVID_CANCEL_REFUSED);
    }
    return genvid_transition_stay (job->not_before);
  }
  if (job->cancel_asked)
    return genvid_transition_stay (job->not_before);
  job->cancel_asked = TRUE;
  return genvid_transition_stay (MIN (job->not_before, boot));
}

GenvidTransition
genvid_job_take_cancel (GenvidJob *job, const GenvidNow *now)
{
  GenvidTransition stay = genvid_transition_stay (job->not_before);

  if (!job->record->cancel || job->stage >= GENVID_STAGE_MEDIA)
    return stay;
  if (job->stage == GENVID_STAGE_UPLOAD || job->stage == GENVID_STAGE_SUBMIT)
    return cancel_unbought (job);
  /* What is ready is paid for; to cancel it can only lose it. */
  if (genvid_provider_can_cancel (job->provider) && job->record->ready == 0)
    return genvid_call_may_cancel (job->call, GENVID_PHASE_UNKNOWN)
               ? stay
               : look_first (job, now->boot);
  drop (job, job->record->ready != 0 ? GENVID_CANCEL_TOO_LATE
                                     : GENVID_CANCEL_NOT_OFFERED);
  return stay;
}

GenvidTransition
genvid_job_feed_cancel (GenvidJob *job, const GenvidNews *news)
{
  const GenvidAnswer *answer = news->answer;
  gint64 boot = news->now->boot;
  gint64 soon = MIN (job->not_before, boot + SECONDS (1));
  gboolean refused = answer->kind == GENVID_ANSWER_REPLY
                     && answer->status >= 300 && answer->status < 500
                     && answer->status != 408 && answer->status != 429;

  if (genvid_news_is_success (news)) {
    job->cancel_heard = TRUE;
    genvid_job_log (job, GENVID_LOG_INFO, "cancel accepted by the service");
    return genvid_transition_stay (soon);
  }
  if (refused) {
    genvid_job_log (job, GENVID_LOG_INFO, "cancel refused by the service");
    job->record->cancel = FALSE;
    job->record->outcome = GENVID_CANCEL_REFUSED;
    return genvid_transition_stay (soon);
  }
  job->cancel_tries++;
  if (job->cancel_tries >= MAX_TRIES)
    job->record->outcome = GENVID_CANCEL_UNKNOWN;
  job->cancel_at = boot + SECONDS (2) * job->cancel_tries;
  return genvid_transition_stay (job->not_before);
}
