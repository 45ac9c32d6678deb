/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A submit of which nobody knows whether it was bought. It is settled by the
 * means its service has: the same submit under the same idempotency value, a
 * look-up by our own request id, or nothing. What is not settled stays in the
 * record and is said again at each start; only the user may pay for it. */
#include "job-doubt.h"

#include "call-build.h"
#include "call.h"
#include "failure.h"
#include "job-end.h"
#include "job-private.h"
#include "job-start.h"
#include "job-submit.h"
#include "job.h"
#include "moment.h"
#include "provider.h"
#include "record.h"

#define SECONDS(n) ((gint64)(n)*G_USEC_PER_SEC)

static gboolean
is_within (gint64 now, gint64 then, gint64 window)
{
  return then >= 0 && now >= then && now - then < window;
}

gboolean
genvid_job_may_replay (const GenvidJob *job, const GenvidNow *now)
{
  const GenvidMoment *then = &job->record->intended;
  gint64 window = genvid_provider_get_replay_window (job->provider);

  if (then->boot_id == NULL)
    return FALSE;
  if (job->n_uploaded < genvid_call_get_n_uploads (job->call))
    return FALSE;
  if (!is_within (now->wall, then->wall, window))
    return FALSE;
  return g_strcmp0 (now->boot_id, then->boot_id) != 0
         || is_within (now->boot, then->boot, window);
}

static GenvidFailure *
describe_doubt (const GenvidJob *job, const GenvidNews *news)
{
  const char *message
      = "The submit was sent, and whether the service took it is not known";
  GenvidFailure *failure;

  if (news != NULL)
    failure = genvid_news_fail (news, GENVID_REASON_IN_DOUBT, message);
  else if (job->record->failure != NULL
           && job->record->failure->reason == GENVID_REASON_IN_DOUBT)
    return genvid_failure_copy (job->record->failure);
  else
    failure = genvid_failure_new (
        GENVID_REASON_IN_DOUBT,
        "%s (the process that sent it ended before the answer was kept).",
        message);
  failure->advice = g_strdup (
      "It is not paid for again by itself. Look at your account at the "
      "service: if the generation is there, set adopt to its id; if it is "
      "not, set if-in-doubt=resubmit to buy it anew.");
  failure->retryable
      = genvid_provider_get_recovery (job->provider) != GENVID_RECOVERY_NONE;
  /* It enters the record by itself, and not with the job's end. */
  genvid_failure_hide (failure, genvid_call_get_key (job->call));
  return failure;
}

static void
refuse_to_settle (GenvidJob *job)
{
  genvid_job_refuse_to_buy (
      job, "Whether this request was bought is not known, and what would "
           "settle it could buy it, which is not allowed here.");
}

/* A player restarts a failing source in loops, and each loop is a start: what
 * was bought anew and got lost again is not paid for a third time at once. */
static gboolean
must_rest (const GenvidJob *job, const GenvidNow *now)
{
  const GenvidMoment *then = &job->record->intended;

  if (!job->reopened || job->record->n < 2 || then->boot_id == NULL)
    return FALSE;
  if (g_strcmp0 (then->boot_id, now->boot_id) == 0)
    return is_within (now->boot, then->boot, GENVID_REST);
  return is_within (now->wall, then->wall, GENVID_REST);
}

void
genvid_job_keep_doubt (GenvidJob *job, const GenvidNews *news,
                       const GenvidNow *now)
{
  if (!job->options.resubmit || job->resubmitted || must_rest (job, now)) {
    genvid_job_end (job, GENVID_STATE_IN_DOUBT, describe_doubt (job, news),
                    FALSE, now);
    return;
  }
  if (job->options.never_buy) {
    refuse_to_settle (job);
    return;
  }
  job->resubmitted = TRUE;
  genvid_job_renew_doubt (job, describe_doubt (job, news));
  genvid_job_begin_purchase (job, now);
  genvid_job_note (job);
}

void
genvid_job_enter_doubt (GenvidJob *job, const GenvidNews *news,
                        const GenvidNow *now)
{
  gint64 pause = news != NULL ? SECONDS (1) : 0;

  /* Kept at once: what is said now is what a restart says. */
  if (news != NULL) {
    genvid_failure_free (job->record->failure);
    job->record->failure = describe_doubt (job, news);
  }
  switch (genvid_provider_get_recovery (job->provider)) {
  case GENVID_RECOVERY_REPLAY:
    genvid_job_enter (job, GENVID_STAGE_REPLAY, now->boot + pause, now);
    if (!genvid_job_may_replay (job, now))
      genvid_job_keep_doubt (job, news, now);
    else if (job->options.never_buy)
      refuse_to_settle (job);
    break;
  case GENVID_RECOVERY_LOOKUP:
    genvid_job_enter (job, GENVID_STAGE_LOOKUP, now->boot, now);
    break;
  case GENVID_RECOVERY_NONE:
  default:
    genvid_job_keep_doubt (job, news, now);
    break;
  }
}

void
genvid_job_feed_lookup (GenvidJob *job, const GenvidNews *news)
{
  gint64 next = news->now->boot + SECONDS (2) * ++job->tries;
  guint status = news->answer->status;

  if (genvid_news_is_success (news) && news->reading != NULL
      && news->reading->id != NULL && *news->reading->id != '\0') {
    genvid_job_accept (job, news, FALSE);
    return;
  }
  if (status == 401 || status == 403
      || next > job->since + GENVID_LOOKUP_PATIENCE) {
    genvid_job_keep_doubt (job, NULL, news->now);
    return;
  }
  job->not_before = next;
}
