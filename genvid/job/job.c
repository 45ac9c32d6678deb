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
#include "job-media.h"
#include "job-news.h"
#include "job-poll.h"
#include "job-purchase.h"
#include "job-state.h"
#include "job-step.h"
#include "job-turn.h"
#include "json.h"
#include "moment.h"
#include "provider.h"
#include "record.h"
#include "reply.h"
#include "secret.h"
#include "time-estimate.h"

#include <json-glib/json-glib.h>

#define SECONDS(n)         ((gint64)(n)*G_USEC_PER_SEC)
#define SUBMIT_PATIENCE    SECONDS (60)
#define UPLOAD_PATIENCE    SECONDS (600)
#define POLL_PATIENCE      SECONDS (30)
#define LAST_POLL_PATIENCE SECONDS (5)
#define SHORT_PATIENCE     SECONDS (10)

static void
enter (GenvidJob *job, GenvidStage stage, gint64 not_before,
       const GenvidNow *now)
{
  job->stage = stage;
  job->not_before = not_before;
  job->since = now->boot;
  job->tries = 0;
  job->busy = 0;
}

/* Takes FAILURE. Every failure carries the id and an advice, and no key. */
static void
stop (GenvidJob *job, GenvidFailure *failure)
{
  if (job->stage >= GENVID_STAGE_DONE) {
    genvid_failure_free (failure);
    return;
  }
  if (failure->advice == NULL)
    failure->advice = g_strdup (genvid_reason_get_advice (failure->reason));
  if (failure->generation_id == NULL)
    failure->generation_id = g_strdup (genvid_job_get_id (job));
  if (failure->billed == GENVID_BILLED_UNKNOWN)
    failure->billed = job->billed;
  genvid_failure_hide (failure, genvid_call_get_key (job->call));
  g_clear_pointer (&job->exchange, genvid_exchange_free);
  genvid_failure_free (job->failure);
  job->failure = failure;
  job->stage = GENVID_STAGE_FAIL;
}

/* The record and the failure that the application sees never disagree. */
static void
end (GenvidJob *job, const GenvidTransition *next, const GenvidNow *now)
{
  GenvidRecord *record = job->record;

  stop (job, next->failure);
  genvid_failure_free (record->failure);
  record->failure = genvid_failure_copy (job->failure);
  record->state = next->state;
  record->frees = next->frees;
  if (next->state != GENVID_STATE_IN_DOUBT) {
    record->cancel = FALSE;
    record->ended = now->wall;
  }
  genvid_job_note (job);
}

/* "12.3 s, cost 0.50 USD"; owned by the caller. An abort has no time. */
static char *
describe_figures (const GenvidJob *job, const GenvidNow *now)
{
  const GenvidRecord *record = job->record;
  GString *text = g_string_new (NULL);

  if (*now->boot_id != '\0'
      && (record->intended.boot_id != NULL || job->started != 0))
    g_string_append_printf (text, "%.1f s, ",
                            (double)genvid_job_get_elapsed (job, now)
                                / G_USEC_PER_SEC);
  if (record->cost < 0)
    g_string_append (text, "cost unknown");
  else
    g_string_append_printf (text, "cost %.2f %s", record->cost,
                            record->currency != NULL ? record->currency : "");
  return g_string_free (text, FALSE);
}

/* Each change of the record's state once, and why a run fails. BEFORE: the
 * stage before the change. */
static void
log_change (GenvidJob *job, GenvidStage before, const GenvidNow *now)
{
  GenvidState state = job->record->state;
  gboolean failed
      = job->stage == GENVID_STAGE_FAIL && before != GENVID_STAGE_FAIL;
  g_autofree char *figures = NULL;

  if (state == job->logged && !failed)
    return;
  figures = describe_figures (job, now);
  if (failed)
    genvid_job_log (job, GENVID_LOG_INFO, "%s, %s; stopped: %s",
                    genvid_state_to_string (state), figures,
                    genvid_reason_to_string (job->failure->reason));
  else
    genvid_job_log (job, GENVID_LOG_INFO, "%s -> %s, %s",
                    genvid_state_to_string (job->logged),
                    genvid_state_to_string (state), figures);
  job->logged = state;
}

/* The only place where the stage changes. */
static void
apply (GenvidJob *job, GenvidTransition next, const GenvidNow *now)
{
  GenvidStage before = job->stage;

  switch (next.move) {
  case GENVID_MOVE_ENTER:
    enter (job, next.stage, next.not_before, now);
    break;
  case GENVID_MOVE_STOP:
    stop (job, next.failure);
    break;
  case GENVID_MOVE_END:
    end (job, &next, now);
    break;
  case GENVID_MOVE_STAY:
  default:
    job->not_before = next.not_before;
    break;
  }
  log_change (job, before, now);
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
  job->progress = job->queue = -1;
  name_purchase (job);
  if (!(job->options.estimate.weight > 0)) {
    double seconds, spread;

    genvid_call_get_typical_time (call, &seconds, &spread);
    job->options.estimate = genvid_time_estimate_prior (seconds, spread);
  }
  job->logged = record->state;
  genvid_job_log (job, GENVID_LOG_INFO, "starts as %s",
                  genvid_state_to_string (record->state));
  apply (job, genvid_job_open (job, now), now);
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
  genvid_exchange_free (job->media);
  g_free (job->odd_word);
  g_free (job);
}

/* How long to wait for an answer to what is sent now. */
static gint64
patience (const GenvidJob *job, gint64 boot)
{
  switch (job->exchange->kind) {
  case GENVID_EXCHANGE_GRANT:
    return SHORT_PATIENCE;
  case GENVID_EXCHANGE_UPLOAD:
    return UPLOAD_PATIENCE;
  case GENVID_EXCHANGE_SUBMIT:
    return job->exchange->media ? genvid_job_get_timeout (job)
                                : SUBMIT_PATIENCE;
  case GENVID_EXCHANGE_LOOKUP:
    return CLAMP (job->since + GENVID_JOB_LOOKUP_PATIENCE - boot,
                  LAST_POLL_PATIENCE, SHORT_PATIENCE);
  case GENVID_EXCHANGE_CANCEL:
    return SHORT_PATIENCE;
  case GENVID_EXCHANGE_POLL:
  case GENVID_EXCHANGE_RESULT:
  case GENVID_EXCHANGE_MEDIA:
  default:
    return CLAMP (job->deadline - boot, LAST_POLL_PATIENCE, POLL_PATIENCE);
  }
}

/* No two requests have the same one: not of two purchases, nor at two times. */
static void
make_nonce (GenvidJob *job, const GenvidNow *now)
{
  g_autofree char *text = g_strdup_printf (
      "nonce %s %u %" G_GINT64_FORMAT " %u", job->record->fingerprint,
      job->record->n, now->wall, job->n_built++);
  g_autofree char *nonce
      = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);

  genvid_call_set_nonce (job->call, nonce);
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
    if (job->resulting)
      return genvid_call_build_result (job->call, genvid_job_get_id (job),
                                       error);
    return genvid_call_build_poll (job->call, genvid_job_get_id (job), error);
  case GENVID_STAGE_MEDIA:
  case GENVID_STAGE_DONE:
  case GENVID_STAGE_FAIL:
  default:
    return NULL;
  }
}

static GenvidTransition
stay_unbuilt (GenvidJob *job, const GError *error, const GenvidNow *now)
{
  GenvidFailure *failure
      = genvid_failure_new_from_error (error, GENVID_REASON_SETTINGS);

  if (job->stage == GENVID_STAGE_REPLAY || job->stage == GENVID_STAGE_LOOKUP) {
    genvid_failure_free (failure);
    return genvid_job_keep_doubt (job, NULL, now);
  }
  if (genvid_job_cancel_is_due (job, now->boot)) {
    genvid_failure_free (failure);
    job->record->cancel = FALSE;
    return genvid_transition_stay (job->not_before);
  }
  /* A poll is made from an answer. */
  if (job->stage == GENVID_STAGE_POLL)
    failure->reason = GENVID_REASON_BAD_ANSWER;
  return genvid_transition_stop (failure);
}

/* An id may have become known since the stage began: that input is passed over
 * in the step that comes. */
static guint
find_upload (const GenvidJob *job)
{
  guint n = genvid_call_get_n_uploads (job->call);
  guint i = job->n_uploaded;

  while (i < n && genvid_call_get_upload_id (job->call, i) != NULL)
    i++;
  return i;
}

static gboolean
is_all_uploaded (const GenvidJob *job)
{
  return find_upload (job) == genvid_call_get_n_uploads (job->call);
}

gboolean
genvid_job_get_upload (const GenvidJob *job, guint *index)
{
  *index = find_upload (job);
  return job->stage == GENVID_STAGE_UPLOAD && job->exchange == NULL
         && !job->record->cancel && !is_all_uploaded (job);
}

gboolean
genvid_job_is_submitting (const GenvidJob *job)
{
  return job->exchange == NULL && !job->record->cancel
         && (job->stage == GENVID_STAGE_SUBMIT
             || job->stage == GENVID_STAGE_REPLAY
             || (job->stage == GENVID_STAGE_UPLOAD && is_all_uploaded (job)));
}

static gboolean
is_uploaded (const GenvidJob *job)
{
  return job->stage == GENVID_STAGE_UPLOAD
         && genvid_call_get_upload_id (job->call, job->n_uploaded) != NULL;
}

/* Builds the next exchange, or finds why there is none. */
static GenvidTransition
prepare (GenvidJob *job, const GenvidNow *now)
{
  g_autoptr (GError) error = NULL;

  if (is_uploaded (job))
    return genvid_job_enter_purchase (job, now);
  if (job->stage == GENVID_STAGE_REPLAY && !genvid_job_may_replay (job, now))
    return genvid_job_keep_doubt (job, NULL, now);
  job->built = now->boot;
  make_nonce (job, now);
  job->exchange = build (job, now->boot, &error);
  if (job->exchange == NULL)
    return stay_unbuilt (job, error, now);
  return genvid_transition_stay (job->not_before);
}

/* A step that was returned but surely not begun may be taken back. */
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
make_step (GenvidJob *job, const GenvidNow *now)
{
  GenvidStep step = { 0 };

  if (job->exchange != NULL) {
    step.kind = GENVID_STEP_SEND;
    step.exchange = job->exchange;
    step.fresh = job->stage == GENVID_STAGE_SUBMIT && !job->intended;
    step.until = now->boot + patience (job, now->boot);
    genvid_job_set_turn (job, &step);
    job->asking = now->boot;
  } else if (job->stage == GENVID_STAGE_MEDIA) {
    step.kind = GENVID_STEP_DOWNLOAD;
    step.media = job->media;
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
    apply (job, genvid_job_take_cancel (job, now), now);
  while (job->exchange == NULL && job->stage < GENVID_STAGE_MEDIA
         && now->boot >= wake_time (job)) {
    apply (job, prepare (job, now), now);
    if (job->exchange == NULL)
      genvid_job_note (job);
  }
  return make_step (job, now);
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
  log_change (job, job->stage, now);
  genvid_job_note (job);
}

static void
feed_submit (GenvidJob *job, const GenvidNews *news)
{
  const GenvidNow *now = news->now;

  if (job->stage == GENVID_STAGE_REPLAY)
    apply (job, genvid_job_feed_replay (job, news), now);
  else
    apply (job, genvid_job_feed_submit (job, news), now);
  if (job->stage == GENVID_STAGE_POLL)
    apply (job, genvid_job_take_first_reading (job, news), now);
}

static void
feed_cancel (GenvidJob *job, const GenvidNews *news)
{
  apply (job, genvid_job_feed_cancel (job, news), news->now);
  if (genvid_news_is_success (news) && news->reading != NULL)
    apply (job, genvid_job_take_reading (job, news), news->now);
}

static void
dispatch (GenvidJob *job, GenvidExchangeKind kind, const GenvidNews *news)
{
  switch (kind) {
  case GENVID_EXCHANGE_GRANT:
    apply (job, genvid_job_feed_grant (job, news), news->now);
    break;
  case GENVID_EXCHANGE_UPLOAD:
    apply (job, genvid_job_feed_upload (job, news), news->now);
    break;
  case GENVID_EXCHANGE_SUBMIT:
    feed_submit (job, news);
    break;
  case GENVID_EXCHANGE_LOOKUP:
    apply (job, genvid_job_feed_lookup (job, news), news->now);
    break;
  case GENVID_EXCHANGE_CANCEL:
    feed_cancel (job, news);
    break;
  case GENVID_EXCHANGE_POLL:
  case GENVID_EXCHANGE_RESULT:
  case GENVID_EXCHANGE_MEDIA:
  default:
    apply (job, genvid_job_feed_poll (job, news), news->now);
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
genvid_job_feed_clip (GenvidJob *job, const GenvidAnswer *answer,
                      const GenvidMedia *media, const GenvidNow *now)
{
  g_autoptr (GenvidReply) reading = NULL;
  GenvidNews news;

  if (job->exchange == NULL || !job->exchange->media)
    return;
  g_clear_pointer (&job->exchange, genvid_exchange_free);
  genvid_job_intended (job, now);
  reading = genvid_call_read (job->call, GENVID_EXCHANGE_SUBMIT, answer, NULL);
  news = (GenvidNews){ answer, reading, now };
  apply (job, genvid_job_take_clip (job, &news, media), now);
  genvid_job_note (job);
}

void
genvid_job_feed_media (GenvidJob *job, const GenvidMedia *media,
                       const GenvidNow *now)
{
  if (job->stage != GENVID_STAGE_MEDIA)
    return;
  apply (job, genvid_job_take_media (job, media, now), now);
  genvid_job_note (job);
}

void
genvid_job_withdraw (GenvidJob *job)
{
  g_clear_pointer (&job->exchange, genvid_exchange_free);
}

gboolean
genvid_job_confirm (GenvidJob *job, const GenvidNow *now)
{
  if (job->stage == GENVID_STAGE_REPLAY && !genvid_job_may_replay (job, now))
    genvid_job_withdraw (job);
  return job->exchange != NULL;
}

void
genvid_job_feed_no_turn (GenvidJob *job, const GenvidNow *now)
{
  if (job->exchange == NULL)
    return;
  genvid_job_withdraw (job);
  apply (job, genvid_job_take_no_turn (job, now), now);
  genvid_job_note (job);
}

void
genvid_job_abort (GenvidJob *job, const GenvidFailure *failure)
{
  GenvidNow then = { job->record->intended.wall, 0, "" };
  GenvidFailure *copy = genvid_failure_copy (failure);

  /* Waiting to send again: what was sent so far surely bought nothing, and
   * with the job's end nothing more is sent. */
  if (!genvid_job_is_unbought (job) || job->exchange != NULL) {
    apply (job, genvid_transition_stop (copy), &then);
    return;
  }
  copy->billed = GENVID_BILLED_NO;
  apply (job, genvid_transition_end (GENVID_STATE_FAILED, copy, TRUE), &then);
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

char *
genvid_job_get_note (const GenvidJob *job)
{
  const char *key = genvid_call_get_key (job->call);
  g_autofree char *odd = NULL;

  if (job->refused != NULL)
    return genvid_secret_hide (job->refused, key);
  if (job->odd_word == NULL)
    return job->note != NULL ? genvid_secret_hide (job->note, key) : NULL;
  odd = g_strdup_printf ("The service says \"%s\", a state that this version "
                         "does not know. Polling continues until the timeout.",
                         job->odd_word);
  return genvid_secret_hide (odd, key);
}

int
genvid_job_get_progress (GenvidJob *job)
{
  return job->progress;
}

int
genvid_job_get_queue_position (const GenvidJob *job)
{
  return job->record->state == GENVID_STATE_QUEUED ? job->queue : -1;
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
