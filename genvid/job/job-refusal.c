/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers to a poll that tell nothing of the generation. None of them ends the
 * job: what is the same several times in a row ends the run, with the
 * service's words, and the next one asks again. Faults that pass by themselves
 * (no answer, 5xx, 429) are waited out until the deadline. */
#include "job-refusal.h"

#include "exchange.h"
#include "failure.h"
#include "job-end.h"
#include "job-poll.h"
#include "job-private.h"
#include "job.h"

#define SECONDS(n) ((gint64)(n)*G_USEC_PER_SEC)
/* An id may take some seconds until every server of the service knows it. */
#define MAX_MISSES   4
#define MAX_REJECTED 5
#define PATIENCE     SECONDS (30)
#define MAX_UNSAFE   3
/* One may be a challenge page, or a server that has not heard of the key. */
#define MAX_DENIED    3
#define MAX_OVERSIZED 3

static gboolean
is_denied (const GenvidNews *news)
{
  return news->answer->status == 401 || news->answer->status == 403;
}

static gboolean
is_missing (const GenvidNews *news)
{
  return news->answer->status == 404 || news->answer->status == 410;
}

/* To ask the same again is of no use, by HTTP's word or the description's. */
static gboolean
is_rejected (const GenvidNews *news)
{
  switch (news->answer->status) {
  case 409:
  case 423:
  case 425:
    return FALSE;
  default:
    break;
  }
  if (news->reading == NULL || is_denied (news) || is_missing (news))
    return FALSE;
  switch (news->reading->refusal) {
  case GENVID_REASON_REJECTED:
  case GENVID_REASON_REFUSED:
  case GENVID_REASON_QUOTA:
  case GENVID_REASON_UNAUTHORIZED:
    return news->answer->status < 500;
  default:
    return FALSE;
  }
}

static gboolean
is_oversized (const GenvidNews *news)
{
  return genvid_news_is_success (news) && news->answer->truncated;
}

static guint
count (guint n, gboolean again)
{
  return again ? n + 1 : 0;
}

static GenvidReason
get_denial (const GenvidNews *news)
{
  if (news->reading != NULL && news->reading->refusal == GENVID_REASON_QUOTA)
    return GENVID_REASON_QUOTA;
  return GENVID_REASON_UNAUTHORIZED;
}

static void
stop_oversized (GenvidJob *job, const GenvidNews *news)
{
  GenvidFailure *failure = genvid_news_fail (
      news, GENVID_REASON_BAD_ANSWER,
      "The service's answer about this generation is too long to be read here");

  failure->retryable = TRUE;
  failure->advice = g_strdup_printf (
      "Generation %s is kept: fetch its clip at the service itself, or run the "
      "same again, which asks anew and buys nothing.",
      genvid_job_get_id (job));
  genvid_job_stop (job, failure);
}

/* What a reply is the next of, and whether that is enough. At the deadline it
 * is what there is to say. */
static void
judge_reply (GenvidJob *job, const GenvidNews *news)
{
  gint64 now = news->now->boot;
  gboolean last = now >= job->deadline;
  gboolean rejected = is_rejected (news);

  if (rejected && job->rejected == 0)
    job->rejected_since = now;
  job->denied = count (job->denied, is_denied (news));
  job->rejected = count (job->rejected, rejected);
  job->oversized = count (job->oversized, is_oversized (news));
  job->misses += is_missing (news);
  if (job->denied >= (last ? 1 : MAX_DENIED))
    genvid_job_stop_unfinished (job, news, get_denial (news),
                                "The service does not accept the key for this");
  else if (job->oversized >= (last ? 1 : MAX_OVERSIZED))
    stop_oversized (job, news);
  else if (is_missing (news) && job->misses >= MAX_MISSES
           && now - job->started >= PATIENCE)
    genvid_job_stop_unfinished (job, news, GENVID_REASON_NOT_FOUND,
                                "The service does not know this generation");
  else if (job->rejected >= MAX_REJECTED
           && now - job->rejected_since >= PATIENCE)
    genvid_job_stop_unfinished (
        job, news, news->reading->refusal,
        "The service refuses each question about this generation");
}

void
genvid_job_feed_refusal (GenvidJob *job, const GenvidNews *news)
{
  g_autofree char *words = NULL;

  job->strikes++;
  if (news->answer->kind == GENVID_ANSWER_UNSAFE && ++job->unsafe >= MAX_UNSAFE)
    genvid_job_stop_unfinished (job, news, GENVID_REASON_UNREACHABLE,
                                "The service was not asked");
  if (news->answer->kind != GENVID_ANSWER_REPLY)
    return;
  judge_reply (job, news);
  if (job->stage != GENVID_STAGE_POLL
      || (job->denied + job->rejected + job->oversized == 0
          && !is_missing (news)))
    return;
  words = genvid_news_describe (news);
  g_free (job->refused);
  job->refused = g_strdup_printf ("The service did not tell how generation %s "
                                  "is doing (%s). It is asked again.",
                                  genvid_job_get_id (job), words);
}

void
genvid_job_forget_refusals (GenvidJob *job)
{
  job->strikes = job->misses = job->unsafe = 0;
  job->denied = job->rejected = job->oversized = 0;
  g_clear_pointer (&job->refused, g_free);
}
