/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waiting for what was bought. A poll that fails says nothing about the
 * generation, so it never ends one: it counts as "still running" until the
 * deadline, and a job past its deadline is only left alone, not given up.
 * What ends it is the service's own word in a readable answer. */
#include "job-poll.h"

#include "call-build.h"
#include "exchange.h"
#include "failure.h"
#include "job-end.h"
#include "job-media.h"
#include "job-private.h"
#include "job-refusal.h"
#include "job-start.h"
#include "job.h"
#include "json.h"
#include "moment.h"
#include "poll-schedule.h"
#include "record.h"
#include "reply.h"

#include <json-glib/json-glib.h>

#define SECONDS(n)  ((gint64)(n)*G_USEC_PER_SEC)
#define MAX_GAP     15
#define DAY_SECONDS 86400.0

gint64
genvid_job_get_elapsed (const GenvidJob *job, const GenvidNow *now)
{
  const GenvidMoment *then = &job->record->intended;

  if (job->record->adopted || then->boot_id == NULL || job->adopt != NULL)
    return now->boot - job->started;
  if (g_strcmp0 (then->boot_id, now->boot_id) == 0)
    return MAX (now->boot - then->boot, 0);
  return MAX (now->wall - then->wall, 0);
}

static void
measure (GenvidJob *job, const GenvidReply *reading, const GenvidNow *now)
{
  double seconds = 0;
  gint64 elapsed = genvid_job_get_elapsed (job, now);

  if (reading->created_us > 0 && reading->completed_us > reading->created_us)
    seconds = (double)(reading->completed_us - reading->created_us)
              / G_USEC_PER_SEC;
  else if (job->pending > 0 || !job->resumed)
    /* Ready somewhere between the last two polls. */
    seconds = ((double)elapsed
               - (double)(now->boot - MAX (job->pending, job->started)) / 2)
              / G_USEC_PER_SEC;
  job->timed = seconds > 0 && seconds < DAY_SECONDS && job->adopt == NULL;
  job->seconds = seconds;
}

/* What an earlier answer told, and this one does not, stays told. */
void
genvid_job_take_details (GenvidJob *job, const GenvidReply *reading)
{
  GenvidRecord *record = job->record;
  JsonObject *merged;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (json_object_get_size (reading->details) == 0)
    return;
  merged = record->details != NULL ? genvid_json_copy_object (record->details)
                                   : json_object_new ();
  json_object_iter_init (&iter, reading->details);
  while (json_object_iter_next (&iter, &name, &node))
    json_object_set_member (merged, name, json_node_copy (node));
  g_clear_pointer (&record->details, json_object_unref);
  record->details = merged;
}

static void
take_facts (GenvidJob *job, const GenvidReply *reading)
{
  GenvidRecord *record = job->record;
  JsonObject *captures = genvid_call_get_captures (job->call);

  if (reading->cost >= 0) {
    record->cost = reading->cost;
    g_free (record->currency);
    record->currency = g_strdup (reading->currency);
  }
  if (reading->billed != GENVID_BILLED_UNKNOWN)
    job->billed = reading->billed;
  genvid_job_take_details (job, reading);
  if (captures != NULL && json_object_get_size (captures) > 0) {
    g_clear_pointer (&record->captures, json_object_unref);
    record->captures = json_object_ref (captures);
  }
  job->progress = MAX (job->progress, MIN (reading->progress, 100));
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
take_success (GenvidJob *job, const GenvidNews *news)
{
  if (job->record->ready == 0) {
    job->record->ready = news->now->wall;
    measure (job, news->reading, news->now);
  }
  if (news->reading->link == NULL) {
    if (job->linkless++ == 0)
      job->unlinked = news->now->boot;
    genvid_job_be_patient (job, news->now);
    if (job->linkless == 2)
      set_note (job, "The service says that the clip is ready, but not where; "
                     "asking again.");
    return;
  }
  if (job->linkless > 0)
    set_note (job, NULL);
  job->linkless = 0;
  job->progress = 100;
  job->record->state = GENVID_STATE_DOWNLOADING;
  job->record->cancel = FALSE;
  g_free (job->link);
  job->link = g_strdup (news->reading->link);
  genvid_job_enter (job, GENVID_STAGE_MEDIA, news->now->boot, news->now);
}

static void
take_failure (GenvidJob *job, const GenvidNews *news)
{
  gboolean refused = news->reading->phase == GENVID_PHASE_REFUSED;
  GenvidBilled billed = news->reading->billed;
  GenvidFailure *failure = genvid_news_fail (
      news, refused ? GENVID_REASON_REFUSED : GENVID_REASON_FAILED,
      refused ? "The service refused to make this (moderation)"
              : "The generation failed at the service");

  /* What was ready once has been made, and what this answer puts a price on
   * has one: nobody's general word covers that. */
  if (billed == GENVID_BILLED_NO
      && (job->record->ready != 0 || news->reading->cost > 0))
    billed = GENVID_BILLED_UNKNOWN;
  failure->billed = billed;
  if (billed == GENVID_BILLED_NO)
    failure->advice = g_strdup (
        refused ? "It cost nothing. Change the words, or run it again."
                : "It cost nothing. Running it again after a minute makes "
                  "one new purchase.");
  else
    failure->advice = g_strdup (
        "It may have been billed. Another take of the same words is another "
        "purchase: set take to the next number (take=2, 3…).");
  genvid_job_end (job, GENVID_STATE_FAILED, failure, billed == GENVID_BILLED_NO,
                  news->now);
}

static void
take_cancellation (GenvidJob *job, const GenvidNews *news)
{
  gboolean frees = news->reading->billed == GENVID_BILLED_NO;
  GenvidFailure *failure
      = genvid_news_fail (news, GENVID_REASON_FAILED,
                          "The generation was cancelled at the service");

  failure->billed = news->reading->billed;
  failure->advice
      = g_strdup (frees ? "It cost nothing; run it again to make it anew."
                        : "Whether it was billed, only the service knows. "
                          "Another take of the same words is another "
                          "purchase: set take to the next number.");
  genvid_job_end (job, GENVID_STATE_CANCELLED, failure, frees, news->now);
}

void
genvid_job_take_reading (GenvidJob *job, const GenvidNews *news)
{
  const GenvidReply *reading = news->reading;
  GenvidRecord *record = job->record;

  genvid_job_hear (job, reading);
  if (job->adopt != NULL) {
    if (reading->phase == GENVID_PHASE_UNKNOWN)
      return;
    confirm_adoption (job);
  }
  take_facts (job, reading);
  switch (reading->phase) {
  case GENVID_PHASE_SUCCEEDED:
    take_success (job, news);
    break;
  case GENVID_PHASE_FAILED:
  case GENVID_PHASE_REFUSED:
    take_failure (job, news);
    break;
  case GENVID_PHASE_CANCELLED:
    take_cancellation (job, news);
    break;
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
  default:
    /* Whatever the word means, the clip is where it should be; but before
     * the deadline it may be a draft. */
    if (reading->link != NULL && news->now->boot >= job->deadline) {
      take_success (job, news);
      break;
    }
    if (record->state == GENVID_STATE_CANCELLED)
      record->state = GENVID_STATE_RUNNING;
    job->pending = news->now->boot;
    break;
  }
}

void
genvid_job_stop_unfinished (GenvidJob *job, const GenvidNews *news,
                            GenvidReason reason, const char *message)
{
  GenvidFailure *failure = genvid_news_fail (news, reason, message);

  failure->retryable = TRUE;
  failure->advice = g_strdup_printf (
      "Generation %s stays at the service. Running the same again continues "
      "with it and buys nothing.",
      genvid_job_get_id (job));
  genvid_job_stop (job, failure);
}

static void
stop_linkless (GenvidJob *job, const GenvidNews *news)
{
  genvid_job_stop_unfinished (job, news, GENVID_REASON_BAD_ANSWER,
                              "The service says it is ready, but not where");
}

static void
judge_poll (GenvidJob *job, const GenvidNews *news)
{
  if (!genvid_news_is_success (news) || news->reading == NULL) {
    genvid_job_feed_refusal (job, news);
    return;
  }
  genvid_job_forget_refusals (job);
  genvid_job_take_reading (job, news);
  if (job->linkless > 0
      && news->now->boot - job->unlinked >= genvid_job_get_patience (job))
    stop_linkless (job, news);
}

static void
run_out (GenvidJob *job, const GenvidNews *news)
{
  g_autofree char *words = NULL;
  g_autofree char *there = NULL;
  GenvidFailure *failure;

  if (genvid_job_give_up_media (job))
    return;
  if (job->linkless > 0) {
    stop_linkless (job, news);
    return;
  }
  words = genvid_news_describe (news);
  there = job->odd_word != NULL
              ? g_strdup_printf ("the service says \"%s\", a word that this "
                                 "version does not know",
                                 job->odd_word)
              : g_strdup ("it goes on at the service");
  failure = genvid_failure_new (
      GENVID_REASON_TIMED_OUT,
      "Generation %s was not ready after %d s of waiting; %s (last answer: "
      "%s).",
      genvid_job_get_id (job),
      (int)(genvid_job_get_timeout (job) / G_USEC_PER_SEC), there, words);

  failure->retryable = TRUE;
  failure->advice = g_strdup (
      job->odd_word != NULL
          ? "Look at your account at the service whether it ended there. "
            "Running the same again asks for it anew and buys nothing."
          : "Running the same again continues with it and buys nothing.");
  genvid_job_stop (job, failure);
}

void
genvid_job_plan_next (GenvidJob *job, const GenvidNews *news)
{
  const GenvidNow *now = news->now;
  gint64 hint = genvid_answer_get_retry_after (news->answer, now->wall);
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
  job->not_before = MIN (next, MAX (job->deadline, now->boot));
}

void
genvid_job_feed_poll (GenvidJob *job, const GenvidNews *news)
{
  judge_poll (job, news);
  if (job->stage != GENVID_STAGE_POLL)
    return;
  /* What was asked before it says nothing of the deadline. */
  if (job->asked >= job->deadline)
    run_out (job, news);
  else
    genvid_job_plan_next (job, news);
}
