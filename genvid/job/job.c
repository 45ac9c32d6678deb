/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The life of one generation: which step is next, and to whom an answer goes.
 * It performs nothing, reads no clock and writes no disk; money is kept safe
 * by what the record says at each step. What the stages decide is in the
 * files beside this one; a table of edges was rejected, since most edges
 * depend on the answer and not on the stage. */
#include "job.h"

#include "call-build.h"
#include "call-parse.h"
#include "call.h"
#include "exchange.h"
#include "failure.h"
#include "job-cancel.h"
#include "job-doubt.h"
#include "job-end.h"
#include "job-poll.h"
#include "job-private.h"
#include "job-start.h"
#include "job-submit.h"
#include "job-turn.h"
#include "json.h"
#include "moment.h"
#include "poll-schedule.h"
#include "provider.h"
#include "record.h"
#include "reply.h"

#include <json-glib/json-glib.h>

#define SECONDS(n)         ((gint64)(n)*G_USEC_PER_SEC)
#define SUBMIT_PATIENCE    SECONDS (60)
#define UPLOAD_PATIENCE    SECONDS (600)
#define POLL_PATIENCE      SECONDS (30)
#define LAST_POLL_PATIENCE SECONDS (5)
#define SHORT_PATIENCE     SECONDS (10)

const char *
genvid_job_get_id (const GenvidJob *job)
{
  return job->adopt != NULL ? job->adopt : job->record->id;
}

void
genvid_job_note (GenvidJob *job)
{
  char *text = genvid_record_to_text (job->record);

  if (g_strcmp0 (text, job->noted) == 0) {
    g_free (text);
    return;
  }
  g_free (job->noted);
  job->noted = text;
  job->serial++;
}

void
genvid_job_enter (GenvidJob *job, GenvidStage stage, gint64 not_before,
                  const GenvidNow *now)
{
  job->stage = stage;
  job->not_before = not_before;
  job->since = now->boot;
  job->tries = 0;
  job->busy = 0;
}

static void
name_purchase (GenvidJob *job)
{
  GenvidRecord *record = job->record;
  JsonObject *canonical = genvid_call_get_canonical (job->call);

  if (record->call == NULL)
    record->call = g_strdup (genvid_call_get_name (job->call));
  if (record->model == NULL)
    record->model = g_strdup (genvid_call_get_model (job->call));
  if (record->prompt == NULL)
    record->prompt = g_strdup (genvid_json_string (canonical, "prompt", NULL));
}

GenvidJob *
genvid_job_new (GenvidCall *call, const GenvidRecord *record,
                const GenvidJobOptions *options, const GenvidNow *now)
{
  GenvidJob *job = g_new0 (GenvidJob, 1);

  job->call = call;
  job->provider = genvid_call_get_provider (call);
  job->record = genvid_record_copy (record);
  job->noted = genvid_record_to_text (record);
  job->options = *options;
  job->options.adopt = NULL;
  if (options->adopt != NULL && *options->adopt != '\0')
    job->adopt = g_strdup (options->adopt);
  job->progress = -1;
  name_purchase (job);
  if (!(job->options.estimate.weight > 0)) {
    double seconds, spread;

    genvid_call_get_typical_time (call, &seconds, &spread);
    job->options.estimate = genvid_time_estimate_prior (seconds, spread);
  }
  genvid_job_open (job, now);
  genvid_job_note (job);
  return job;
}

void
genvid_job_free (GenvidJob *job)
{
  if (job == NULL)
    return;
  genvid_exchange_free (job->exchange);
  genvid_call_free (job->call);
  genvid_record_free (job->record);
  genvid_failure_free (job->failure);
  genvid_failure_free (job->trouble);
  g_free (job->note);
  g_free (job->noted);
  g_free (job->refused);
  g_free (job->adopt);
  g_free (job->link);
  g_free (job->odd_word);
  g_free (job);
}

/* How long an answer to what is sent now is waited for. */
static gint64
patience (const GenvidJob *job, gint64 boot)
{
  switch (job->exchange->kind) {
  case GENVID_EXCHANGE_UPLOAD:
    return UPLOAD_PATIENCE;
  case GENVID_EXCHANGE_SUBMIT:
    return SUBMIT_PATIENCE;
  case GENVID_EXCHANGE_LOOKUP:
    return CLAMP (job->since + GENVID_LOOKUP_PATIENCE - boot,
                  LAST_POLL_PATIENCE, SHORT_PATIENCE);
  case GENVID_EXCHANGE_CANCEL:
    return SHORT_PATIENCE;
  case GENVID_EXCHANGE_POLL:
  default:
    return CLAMP (job->deadline - boot, LAST_POLL_PATIENCE, POLL_PATIENCE);
  }
}

static GenvidExchange *
build (GenvidJob *job, gint64 boot, GError **error)
{
  switch (job->stage) {
  case GENVID_STAGE_UPLOAD:
    return genvid_call_build_upload (job->call, job->n_uploaded, error);
  case GENVID_STAGE_SUBMIT:
  case GENVID_STAGE_REPLAY:
    return genvid_call_build_submit (job->call, error);
  case GENVID_STAGE_LOOKUP:
    return genvid_call_build_lookup (job->call, error);
  case GENVID_STAGE_POLL:
    if (genvid_job_cancel_is_due (job, boot))
      return genvid_call_build_cancel (job->call, job->record->id, error);
    return genvid_call_build_poll (job->call, genvid_job_get_id (job), error);
  case GENVID_STAGE_MEDIA:
  case GENVID_STAGE_DONE:
  case GENVID_STAGE_FAIL:
  default:
    return NULL;
  }
}

static void
stay_unbuilt (GenvidJob *job, const GError *error, const GenvidNow *now)
{
  GenvidFailure *failure
      = genvid_failure_new_from_error (error, GENVID_REASON_SETTINGS);

  if (job->stage == GENVID_STAGE_REPLAY || job->stage == GENVID_STAGE_LOOKUP) {
    genvid_failure_free (failure);
    genvid_job_keep_doubt (job, NULL, now);
    return;
  }
  if (genvid_job_cancel_is_due (job, now->boot)) {
    genvid_failure_free (failure);
    job->record->cancel = FALSE;
    genvid_job_note (job);
    return;
  }
  /* A poll is made from an answer. */
  if (job->stage == GENVID_STAGE_POLL)
    failure->reason = GENVID_REASON_BAD_ANSWER;
  genvid_job_stop (job, failure);
}

gboolean
genvid_job_get_upload (const GenvidJob *job, guint *index)
{
  *index = job->n_uploaded;
  return job->stage == GENVID_STAGE_UPLOAD && job->exchange == NULL
         && !job->record->cancel;
}

/* An id may have become known since the stage began. */
static gboolean
is_uploaded (const GenvidJob *job)
{
  return job->stage == GENVID_STAGE_UPLOAD
         && genvid_call_get_upload_id (job->call, job->n_uploaded) != NULL;
}

static void
prepare (GenvidJob *job, const GenvidNow *now)
{
  g_autoptr (GError) error = NULL;

  if (is_uploaded (job)) {
    genvid_job_enter_purchase (job, now);
    genvid_job_note (job);
    return;
  }
  if (job->stage == GENVID_STAGE_REPLAY && !genvid_job_may_replay (job, now)) {
    genvid_job_keep_doubt (job, NULL, now);
    return;
  }
  job->built = now->boot;
  job->exchange = build (job, now->boot, &error);
  if (job->exchange == NULL)
    stay_unbuilt (job, error, now);
}

/* Something that was told but surely not begun may be taken back. */
static gboolean
may_withdraw (const GenvidJob *job)
{
  return job->stage == GENVID_STAGE_UPLOAD
         || (job->stage == GENVID_STAGE_SUBMIT && !job->intended);
}

static gint64
wake_time (const GenvidJob *job)
{
  gint64 time = job->not_before;

  if (genvid_job_cancel_is_due (job, G_MAXINT64))
    time = MIN (time, job->cancel_at);
  return time;
}

static GenvidStep
tell (GenvidJob *job, const GenvidNow *now)
{
  GenvidStep step = { 0 };

  if (job->exchange != NULL) {
    step.kind = GENVID_STEP_SEND;
    step.exchange = job->exchange;
    step.fresh = job->stage == GENVID_STAGE_SUBMIT && !job->intended;
    step.until = now->boot + patience (job, now->boot);
    genvid_job_tell_turn (job, &step);
    job->asking = now->boot;
  } else if (job->stage == GENVID_STAGE_MEDIA) {
    step.kind = GENVID_STEP_DOWNLOAD;
    step.link = job->link;
    step.again = job->vain > 0;
  } else if (job->stage == GENVID_STAGE_DONE) {
    step.kind = GENVID_STEP_DONE;
  } else if (job->stage == GENVID_STAGE_FAIL) {
    step.kind = GENVID_STEP_FAIL;
    step.failure = job->failure;
  } else {
    step.kind = GENVID_STEP_WAIT;
    step.until = wake_time (job);
  }
  return step;
}

GenvidStep
genvid_job_step (GenvidJob *job, const GenvidNow *now)
{
  if (job->record->cancel && may_withdraw (job))
    g_clear_pointer (&job->exchange, genvid_exchange_free);
  if (job->exchange == NULL)
    genvid_job_take_cancel (job, now);
  while (job->exchange == NULL && job->stage < GENVID_STAGE_MEDIA
         && now->boot >= wake_time (job))
    prepare (job, now);
  return tell (job, now);
}

void
genvid_job_intended (GenvidJob *job, const GenvidNow *now)
{
  GenvidRecord *record = job->record;

  if (job->stage != GENVID_STAGE_SUBMIT || job->intended)
    return;
  job->intended = TRUE;
  g_clear_pointer (&record->failure, genvid_failure_free);
  record->state = GENVID_STATE_SUBMITTING;
  record->intended.wall = now->wall;
  record->intended.boot = now->boot;
  g_free (record->intended.boot_id);
  record->intended.boot_id = g_strdup (now->boot_id);
  genvid_job_note (job);
}

static void
dispatch (GenvidJob *job, GenvidExchangeKind kind, const GenvidNews *news)
{
  switch (kind) {
  case GENVID_EXCHANGE_UPLOAD:
    genvid_job_feed_upload (job, news);
    break;
  case GENVID_EXCHANGE_SUBMIT:
    if (job->stage == GENVID_STAGE_REPLAY)
      genvid_job_feed_replay (job, news);
    else
      genvid_job_feed_submit (job, news);
    break;
  case GENVID_EXCHANGE_LOOKUP:
    genvid_job_feed_lookup (job, news);
    break;
  case GENVID_EXCHANGE_CANCEL:
    genvid_job_feed_cancel (job, news);
    break;
  case GENVID_EXCHANGE_POLL:
  default:
    genvid_job_feed_poll (job, news);
    break;
  }
}

void
genvid_job_feed (GenvidJob *job, const GenvidAnswer *answer,
                 const GenvidNow *now)
{
  g_autoptr (GenvidReply) reading = NULL;
  GenvidExchangeKind kind;
  GenvidNews news;

  if (job->exchange == NULL)
    return;
  kind = job->exchange->kind;
  job->asked = job->asking;
  g_clear_pointer (&job->exchange, genvid_exchange_free);
  if (kind == GENVID_EXCHANGE_SUBMIT)
    genvid_job_intended (job, now);
  if (answer->kind == GENVID_ANSWER_REPLY)
    reading = genvid_call_read (job->call, kind, answer, NULL);
  news = (GenvidNews){ answer, reading, now };
  dispatch (job, kind, &news);
  genvid_job_note (job);
}

void
genvid_job_abort (GenvidJob *job, const GenvidFailure *failure)
{
  GenvidRecord *record = job->record;
  GenvidNow then = { record->intended.wall, 0, "" };
  GenvidFailure *copy = genvid_failure_copy (failure);

  /* Waiting to send again: what was sent so far surely bought nothing, and
   * with the job's end nothing more is sent. */
  if (!genvid_job_is_unbought (job) || job->exchange != NULL) {
    genvid_job_stop (job, copy);
    return;
  }
  copy->billed = GENVID_BILLED_NO;
  genvid_job_end (job, GENVID_STATE_FAILED, copy, TRUE, &then);
}

gboolean
genvid_job_is_unbought (const GenvidJob *job)
{
  return job->stage == GENVID_STAGE_SUBMIT && job->intended;
}

const GenvidRecord *
genvid_job_get_record (GenvidJob *job, guint *serial)
{
  if (serial != NULL)
    *serial = job->serial;
  return job->record;
}

int
genvid_job_get_progress (GenvidJob *job)
{
  return job->progress;
}

void
genvid_job_set_key_hash (GenvidJob *job, const char *key_hash)
{
  g_free (job->record->key_hash);
  job->record->key_hash = g_strdup (key_hash);
  genvid_job_note (job);
}

gboolean
genvid_job_take_duration (GenvidJob *job, double *seconds)
{
  if (!job->timed)
    return FALSE;
  job->timed = FALSE;
  *seconds = job->seconds;
  return TRUE;
}
