/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waiting for what was bought. A poll that fails says nothing about the
 * generation, so it never ends one: it counts as "still running" until the
 * deadline, and a job past its deadline is only left alone, not given up.
 * What ends it is the service's own word in a readable answer. What is refused
 * several times in a row ends the run, with the service's words, and the next
 * run asks again; faults that pass by themselves (no answer, 5xx, 429) are
 * waited out until the deadline. */
#include "job-poll.h"

#include "call-build.h"
#include "exchange.h"
#include "failure.h"
#include "job-media.h"
#include "job-news.h"
#include "job-state.h"
#include "job.h"
#include "moment.h"
#include "poll-schedule.h"
#include "provider.h"
#include "record.h"
#include "reply.h"

#include <json-glib/json-glib.h>

#define SECONDS(n)  ((gint64)(n)*G_USEC_PER_SEC)
#define MAX_GAP     15
#define DAY_SECONDS 86400.0
/* An id may take some seconds until every server of the service knows it. */
#define MAX_MISSES       4
#define MAX_REJECTED     5
#define REFUSAL_PATIENCE SECONDS (30)
#define MAX_UNSAFE       3
/* One may be a challenge page, or a server that does not know the key yet. */
#define MAX_DENIED    3
#define MAX_OVERSIZED 3

static void
measure (GenvidJob *job, const GenvidReply *reading, const GenvidNow *now)
{
  double seconds = 0;
  gint64 elapsed = genvid_job_get_elapsed (job, now);
  double longest = (double)elapsed / G_USEC_PER_SEC;

  /* A service's clock may be wrong, or count from another moment. */
  if (reading->created_us > 0 && reading->completed_us > reading->created_us)
    seconds = MIN ((double)(reading->completed_us - reading->created_us)
                       / G_USEC_PER_SEC,
                   longest);
  else if (job->pending > 0 || !job->resumed)
    /* Ready somewhere between the last two polls. */
    seconds = ((double)elapsed
               - (double)(now->boot - MAX (job->pending, job->started)) / 2)
              / G_USEC_PER_SEC;
  job->timed = seconds > 0 && seconds < DAY_SECONDS && job->adopt == NULL;
  job->seconds = seconds;
}

/* A service may speak of credits first and of dollars at the end. A clip has
 * one currency, that which the description names first, where there is a
 * rate. */
static void
take_cost (GenvidJob *job, const GenvidReply *reading)
{
  GenvidRecord *record = job->record;
  const char *currency = reading->main_currency;
  double cost;

  if (reading->cost < 0)
    return;
  cost = genvid_provider_convert (job->provider, reading->cost,
                                  reading->currency, currency);
  record->cost = cost >= 0 ? cost : reading->cost;
  g_free (record->currency);
  record->currency = g_strdup (cost >= 0 ? currency : reading->currency);
}

static void
take_facts (GenvidJob *job, const GenvidReply *reading)
{
  GenvidRecord *record = job->record;
  JsonObject *captures = genvid_call_get_captures (job->call);

  take_cost (job, reading);
  if (reading->billed != GENVID_BILLED_UNKNOWN)
    job->billed = reading->billed;
  genvid_job_take_details (job, reading);
  if (captures != NULL && json_object_get_size (captures) > 0) {
    g_clear_pointer (&record->captures, json_object_unref);
    record->captures = json_object_ref (captures);
  }
  job->progress = MAX (job->progress, MIN (reading->progress, 100));
  job->queue = reading->queue;
}

/* The service knows the id that the user gave: now it stands for this
 * purchase, and a doubt is closed. */
static void
confirm_adoption (GenvidJob *job)
{
  GenvidRecord *record = job->record;

  g_free (record->id);
  record->id = g_steal_pointer (&job->adopt);
  record->adopted = TRUE;
  record->state = GENVID_STATE_QUEUED;
  record->frees = FALSE;
  record->ready = record->ended = 0;
  g_clear_pointer (&record->failure, genvid_failure_free);
  g_clear_pointer (&record->captures, json_object_unref);
  g_clear_pointer (&record->details, json_object_unref);
}

static void
set_note (GenvidJob *job, const char *note)
{
  g_free (job->note);
  job->note = g_strdup (note);
}

static void
take_word (GenvidJob *job, const GenvidReply *reading)
{
  g_free (job->odd_word);
  job->odd_word = reading->phase == GENVID_PHASE_UNKNOWN
                      ? g_strdup (reading->word)
                      : NULL;
}

static GenvidTransition
await_link (GenvidJob *job, const GenvidNews *news)
{
  if (job->linkless++ == 0)
    job->unlinked = news->now->boot;
  genvid_job_be_patient (job, news->now);
  if (job->linkless == 2)
    set_note (job, "The service says that the clip is ready, but gives no "
                   "link to it. Asking again.");
  return genvid_transition_stay (job->not_before);
}

static GenvidTransition
take_success (GenvidJob *job, const GenvidNews *news)
{
  GenvidExchange *media;

  if (job->resulting == FALSE && genvid_call_has_result (job->call)) {
    job->resulting = TRUE;
    return genvid_transition_enter (GENVID_STAGE_POLL, news->now->boot);
  }
  if (job->record->ready == 0) {
    job->record->ready = news->now->wall;
    measure (job, news->reading, news->now);
  }
  media = genvid_call_build_media (job->call, genvid_job_get_id (job),
                                   news->reading->link, NULL);
  if (media == NULL)
    return await_link (job, news);
  if (job->linkless > 0)
    set_note (job, NULL);
  job->linkless = 0;
  job->resulting = FALSE;
  job->progress = 100;
  job->record->state = GENVID_STATE_DOWNLOADING;
  job->record->cancel = FALSE;
  genvid_exchange_free (job->media);
  job->media = media;
  return genvid_transition_enter (GENVID_STAGE_MEDIA, news->now->boot);
}

static GenvidTransition
take_failure (GenvidJob *job, const GenvidNews *news)
{
  gboolean refused = news->reading->phase == GENVID_PHASE_REFUSED;
  GenvidBilled billed = news->reading->billed;
  GenvidFailure *failure = genvid_news_fail (
      news, refused ? GENVID_REASON_REFUSED : GENVID_REASON_FAILED,
      refused ? "The service refused the request (moderation)"
              : "The generation failed at the service");

  /* What was ready once has been made, and what this answer puts a price on
   * has one: nobody's general word covers that. */
  /* That it was ready said nothing of this end. */
  job->billed = billed;
  if (billed == GENVID_BILLED_NO
      && (job->record->ready != 0 || news->reading->cost > 0))
    billed = job->billed = GENVID_BILLED_UNKNOWN;
  failure->billed = billed;
  if (billed == GENVID_BILLED_NO)
    failure->advice = g_strdup (
        refused
            ? "It cost nothing. Change the prompt or the inputs, or try again."
            : "It cost nothing. Running it again after a minute buys it once "
              "more.");
  else
    failure->advice
        = g_strdup ("It may have been billed. To buy another generation of the "
                    "same request, set take to the next number (take=2, 3…).");
  return genvid_transition_end (GENVID_STATE_FAILED, failure,
                                billed == GENVID_BILLED_NO);
}

static GenvidTransition
take_cancellation (const GenvidJob *job, const GenvidNews *news)
{
  gboolean frees = news->reading->billed == GENVID_BILLED_NO;
  GenvidFailure *failure
      = job->overpriced
            ? genvid_failure_new (GENVID_REASON_OVER_BUDGET,
                                  "The service expected this generation to "
                                  "cost %.2f USD, more than max-cost allows, "
                                  "so it was cancelled.",
                                  job->record->estimate)
            : genvid_news_fail (news, GENVID_REASON_FAILED,
                                "The generation was cancelled at the service");

  failure->billed = news->reading->billed;
  failure->advice = g_strdup (
      frees && job->overpriced ? "It cost nothing. Set max-cost higher, or ask "
                                 "for a shorter or smaller clip."
      : frees ? "It cost nothing. Run it again to buy it once more."
              : "Only the service knows whether it was billed. To buy another "
                "generation of the same request, set take to the next number.");
  return genvid_transition_end (GENVID_STATE_CANCELLED, failure, frees);
}

/* Where the service names no generation, nothing but this clip is left of it.
 */
GenvidTransition
genvid_job_take_clip (GenvidJob *job, const GenvidNews *news,
                      const GenvidMedia *media)
{
  GenvidRecord *record = job->record;

  if (news->reading != NULL) {
    g_free (record->id);
    record->id = g_strdup (news->reading->id);
    take_facts (job, news->reading);
  }
  g_clear_pointer (&record->failure, genvid_failure_free);
  record->frees = FALSE;
  record->ready = news->now->wall;
  job->started = job->built;
  job->timed = news->now->boot > job->built;
  job->seconds = (double)(news->now->boot - job->built) / G_USEC_PER_SEC;
  job->progress = 100;
  return genvid_job_finish (job, media, news->now);
}

GenvidTransition
genvid_job_take_reading (GenvidJob *job, const GenvidNews *news)
{
  const GenvidReply *reading = news->reading;
  GenvidRecord *record = job->record;

  take_word (job, reading);
  if (job->adopt != NULL) {
    if (reading->phase == GENVID_PHASE_UNKNOWN)
      return genvid_transition_stay (job->not_before);
    confirm_adoption (job);
  }
  take_facts (job, reading);
  job->phase = reading->phase;
  switch (reading->phase) {
  case GENVID_PHASE_SUCCEEDED:
    return take_success (job, news);
  case GENVID_PHASE_FAILED:
  case GENVID_PHASE_REFUSED:
    return take_failure (job, news);
  case GENVID_PHASE_CANCELLED:
    return take_cancellation (job, news);
  case GENVID_PHASE_RUNNING:
    record->state = GENVID_STATE_RUNNING;
    job->pending = news->now->boot;
    break;
  case GENVID_PHASE_QUEUED:
    if (record->state != GENVID_STATE_RUNNING)
      record->state = GENVID_STATE_QUEUED;
    job->pending = news->now->boot;
    break;
  case GENVID_PHASE_UNKNOWN:
  case GENVID_PHASE_MISSING:
  default:
    /* Whatever the word means, the clip is where it should be; but before
     * the deadline it may be a draft. */
    if (reading->link != NULL && news->now->boot >= job->deadline)
      return take_success (job, news);
    if (record->state == GENVID_STATE_CANCELLED)
      record->state = GENVID_STATE_RUNNING;
    job->pending = news->now->boot;
    break;
  }
  return genvid_transition_stay (job->not_before);
}

/* What the user must do before the next run is of use. */
static const char *
get_cure (GenvidReason reason)
{
  switch (reason) {
  case GENVID_REASON_UNAUTHORIZED:
    return "Set a key that the service accepts. ";
  case GENVID_REASON_QUOTA:
    return "Add credit to the account at the service. ";
  default:
    return "";
  }
}

/* For now, in the service's words: the next run goes on. */
static GenvidTransition
stop_unfinished (const GenvidJob *job, const GenvidNews *news,
                 GenvidReason reason, const char *message)
{
  GenvidFailure *failure = genvid_news_fail (news, reason, message);

  failure->retryable = TRUE;
  failure->advice
      = g_strdup_printf ("%sGeneration %s stays at the service. Running the "
                         "same request again continues with it and buys "
                         "nothing.",
                         get_cure (reason), genvid_job_get_id (job));
  return genvid_transition_stop (failure);
}

static GenvidTransition
stop_linkless (const GenvidJob *job, const GenvidNews *news)
{
  return stop_unfinished (
      job, news, GENVID_REASON_BAD_ANSWER,
      "The service says that the clip is ready, but gives no link to it");
}

static gboolean
is_denied (const GenvidNews *news)
{
  return news->answer->status == 401 || news->answer->status == 403;
}

static gboolean
is_missing (const GenvidNews *news)
{
  return news->answer->status == 404 || news->answer->status == 410
         || (news->reading != NULL
             && news->reading->phase == GENVID_PHASE_MISSING);
}

/* The same request again is of no use, by HTTP or by the description. */
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

static GenvidTransition
stop_denied (const GenvidJob *job, const GenvidNews *news)
{
  GenvidReason reason = get_denial (news);

  return stop_unfinished (
      job, news, reason,
      reason == GENVID_REASON_QUOTA
          ? "The service tells nothing of this generation for want of credit"
          : "The service does not accept the API key for this generation");
}

static GenvidTransition
stop_oversized (const GenvidJob *job, const GenvidNews *news)
{
  GenvidFailure *failure = genvid_news_fail (
      news, GENVID_REASON_BAD_ANSWER,
      "The service's response about this generation is too long to read");

  failure->retryable = TRUE;
  failure->advice = g_strdup_printf (
      "Generation %s is still at the service. Download its clip there, or run "
      "the same request again: it polls again and buys nothing.",
      genvid_job_get_id (job));
  return genvid_transition_stop (failure);
}

/* Counts each kind of refusal, and stops where there are enough in a row; at
 * the deadline one of some kinds is enough. */
static GenvidTransition
take_refusal (GenvidJob *job, const GenvidNews *news)
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
    return stop_denied (job, news);
  if (job->oversized >= (last ? 1 : MAX_OVERSIZED))
    return stop_oversized (job, news);
  if (is_missing (news) && job->misses >= MAX_MISSES
      && now - job->started >= REFUSAL_PATIENCE)
    return stop_unfinished (job, news, GENVID_REASON_NOT_FOUND,
                            genvid_news_is_success (news)
                                ? "The service has nothing of this generation"
                                : "The service does not know this generation");
  if (job->rejected >= MAX_REJECTED
      && now - job->rejected_since >= REFUSAL_PATIENCE)
    return stop_unfinished (
        job, news, news->reading->refusal,
        "The service rejects every poll of this generation");
  return genvid_transition_stay (job->not_before);
}

static void
note_refusal (GenvidJob *job, const GenvidNews *news)
{
  g_autofree char *words = NULL;

  if (job->denied + job->rejected + job->oversized == 0 && !is_missing (news))
    return;
  words = genvid_news_describe (news);
  g_free (job->refused);
  job->refused = g_strdup_printf ("The service did not report the state of "
                                  "generation %s (%s). Asking again.",
                                  genvid_job_get_id (job), words);
}

/* A poll that said nothing of the generation. */
static GenvidTransition
feed_refusal (GenvidJob *job, const GenvidNews *news)
{
  GenvidTransition next = genvid_transition_stay (job->not_before);
  g_autofree char *words = genvid_news_describe (news);

  job->strikes++;
  genvid_job_log (job, GENVID_LOG_LOG, "poll without news, %u in a row (%s)",
                  job->strikes, words);
  if (news->answer->kind == GENVID_ANSWER_UNSAFE && ++job->unsafe >= MAX_UNSAFE)
    return stop_unfinished (job, news, GENVID_REASON_UNREACHABLE,
                            "The poll was not sent");
  if (news->answer->kind != GENVID_ANSWER_REPLY)
    return next;
  next = take_refusal (job, news);
  if (next.move == GENVID_MOVE_STAY)
    note_refusal (job, news);
  return next;
}

static void
forget_refusals (GenvidJob *job)
{
  job->strikes = job->misses = job->unsafe = 0;
  job->denied = job->rejected = job->oversized = 0;
  g_clear_pointer (&job->refused, g_free);
}

/* A refusal speaks of the generation where the description says so; but it
 * does not prove that an id which the user gave is one. */
static gboolean
speaks (const GenvidJob *job, const GenvidNews *news)
{
  if (news->reading == NULL || news->reading->phase == GENVID_PHASE_MISSING)
    return FALSE;
  return genvid_news_is_success (news)
         || (job->adopt == NULL
             && news->reading->phase != GENVID_PHASE_UNKNOWN);
}

static GenvidTransition
take_answer (GenvidJob *job, const GenvidNews *news)
{
  GenvidTransition next;

  if (!speaks (job, news))
    return feed_refusal (job, news);
  forget_refusals (job);
  next = genvid_job_take_reading (job, news);
  if (next.move == GENVID_MOVE_STAY && job->linkless > 0
      && news->now->boot - job->unlinked >= genvid_job_get_patience (job))
    return stop_linkless (job, news);
  return next;
}

static GenvidReason
get_refusal (const GenvidNews *news)
{
  return news->reading != NULL && !genvid_news_is_success (news)
             ? news->reading->refusal
             : GENVID_REASON_FAILED;
}

static GenvidTransition
run_out (GenvidJob *job, const GenvidNews *news)
{
  g_autofree char *words = NULL;
  g_autofree char *there = NULL;
  GenvidFailure *failure;

  if (job->trouble != NULL)
    return genvid_job_give_up_media (job);
  if (job->linkless > 0)
    return stop_linkless (job, news);
  words = genvid_news_describe (news);
  there
      = job->odd_word != NULL ? g_strdup_printf (
            "the service says \"%s\", a state that this version does not know",
            job->odd_word)
                              : g_strdup ("it continues at the service");
  failure = genvid_failure_new (
      GENVID_REASON_TIMED_OUT,
      "Generation %s was not ready after %d s; %s (last response: %s).",
      genvid_job_get_id (job),
      (int)(genvid_job_get_timeout (job) / G_USEC_PER_SEC), there, words);

  failure->retryable = TRUE;
  failure->advice
      = job->odd_word != NULL
            ? g_strdup ("Check in your account at the service whether it has "
                        "ended. Running the same request again polls it again "
                        "and buys nothing.")
            : g_strconcat (get_cure (get_refusal (news)),
                           "Running the same request again continues with it "
                           "and buys nothing.",
                           NULL);
  return genvid_transition_stop (failure);
}

static GenvidTransition
plan_next (const GenvidJob *job, const GenvidNews *news)
{
  const GenvidNow *now = news->now;
  gint64 wish = genvid_answer_get_retry_after (news->answer, now->wall);
  gint64 hint
      = wish < 0 && news->reading != NULL ? news->reading->poll_after : wish;
  gint64 gap = genvid_poll_schedule_gap (
      &job->options.estimate, genvid_job_get_elapsed (job, now),
      SECONDS (job->options.poll_interval), hint);
  gint64 next;

  if (job->linkless > 0 && hint < 0)
    gap = SECONDS (MIN (2 * job->linkless, MAX_GAP));
  if (job->strikes > 0)
    gap = MAX (gap, SECONDS (1) << MIN (job->strikes - 1, 3));
  next = now->boot + MAX (gap, GENVID_POLL_SCHEDULE_MIN_GAP);
  /* The last look is at the deadline: what is paid for may be ready then. */
  next = MIN (next, MAX (job->deadline, now->boot));
  genvid_job_log (job, GENVID_LOG_LOG, "next poll in %.1f s",
                  (double)(next - now->boot) / G_USEC_PER_SEC);
  return genvid_transition_stay (next);
}

/* Cancelled at once it costs nothing, where the description says so; else it
 * is bought, and worth keeping. */
static void
take_estimate (GenvidJob *job, const GenvidNews *news)
{
  double estimate = news->reading->estimate, limit = job->options.max_cost;
  g_autofree char *text = NULL;

  if (!(limit > 0) || !(estimate > limit) || job->record->id == NULL)
    return;
  job->overpriced = genvid_call_is_cancel_free (job->call);
  text = g_strdup_printf (
      "The service expects this generation to cost %.2f USD, more than "
      "max-cost (%.2f USD)%s",
      estimate, limit,
      job->overpriced ? ". It is cancelled."
                      : ", and it cannot be cancelled free of charge.");
  set_note (job, text);
  if (!job->overpriced)
    return;
  genvid_job_log (job, GENVID_LOG_INFO, "estimate above max-cost");
  job->record->cancel = TRUE;
  job->record->estimate = estimate;
}

GenvidTransition
genvid_job_take_first_reading (GenvidJob *job, const GenvidNews *news)
{
  GenvidTransition next = genvid_job_take_reading (job, news);

  if (next.move == GENVID_MOVE_STAY)
    take_estimate (job, news);
  return next.move == GENVID_MOVE_STAY ? plan_next (job, news) : next;
}

GenvidTransition
genvid_job_feed_poll (GenvidJob *job, const GenvidNews *news)
{
  GenvidTransition next = take_answer (job, news);

  if (next.move != GENVID_MOVE_STAY)
    return next;
  /* A poll sent before the deadline says nothing about it. */
  if (job->asked >= job->deadline)
    return run_out (job, news);
  return plan_next (job, news);
}
