/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Straight-line code over HTTP: ask the job for a step, perform it, save what
 * changed, ask again. The thread holds no element and posts nothing; a client
 * looks at the clip. */

#include "worker.h"

#include "byte-ranges.h"
#include "cancel-wish.h"
#include "clip-status.h"
#include "clip.h"
#include "clock.h"
#include "download.h"
#include "durable-file.h"
#include "exchange.h"
#include "failure.h"
#include "http-client.h"
#include "job.h"
#include "learned-timing.h"
#include "log.h"
#include "media-outcome.h"
#include "moment.h"
#include "plan-record.h"
#include "plan.h"
#include "provider.h"
#include "purchase.h"
#include "rate-limiter.h"
#include "record.h"
#include "reply-clip.h"
#include "reserve.h"
#include "settings.h"
#include "standby.h"
#include "store-entry.h"
#include "store-holder.h"
#include "store-media.h"
#include "store-recovery.h"
#include "store-users.h"
#include "upload-cache.h"
#include "uploads.h"

#include <gio/gio.h>

#define STANDBY_INTERVAL (G_USEC_PER_SEC / 4)

struct _GenvidWorker {
  GenvidPlan *plan;
  GenvidClip *clip;
  GenvidWorkerDone done;
  gpointer data;

  GMutex lock; /* guards http against a wake from another thread */
  GenvidHttpClient *http;
  GenvidCancelWish wish;
  gint quit; /* atomics */
  gint abort;
  gint paying;

  /* The worker's own thread only. */
  GenvidStoreEntry *entry;
  GenvidCall *call;
  GenvidJob *job;
  GenvidPurchase *purchase;
  GenvidUploads *uploads;
  GenvidTurn *turn;
  gint64 started; /* boot clock */
  char *note;     /* of the job, as last shown; nullable */
};

#define LOG(worker, level, format, ...)                                        \
  genvid_log (GENVID_LOG_ENGINE, GENVID_LOG_##level, "%.8s: " format,          \
              (worker)->plan->fingerprint, ##__VA_ARGS__)

/* Nobody reads the clip any more, or the process exits. */
static gboolean
is_unwanted (GenvidWorker *worker)
{
  return g_atomic_int_get (&worker->quit)
         || genvid_clip_get_n_readers (worker->clip) == 0;
}

/* A clip that the store has whole. GENVID_ERROR (not-stored): it is missing;
 * any other: it cannot be opened. */
static gboolean
publish_stored (GenvidWorker *worker, const GenvidRecord *record,
                GenvidOrigin origin, GError **error)
{
  g_autofree char *location = NULL;
  int fd
      = genvid_store_entry_open_clip (worker->entry, record, &location, error);

  if (fd < 0)
    return FALSE;
  genvid_clip_publish_stored (worker->clip, record, fd, location, origin);
  return TRUE;
}

static GenvidFailure *
fail_with (GError *error, GenvidReason fallback)
{
  GenvidFailure *failure = genvid_failure_new_from_error (error, fallback);

  g_error_free (error);
  return failure;
}

static GenvidFailure *
refuse_unwanted (void)
{
  GenvidFailure *failure = genvid_failure_new (
      GENVID_REASON_FAILED, "Stopped before anything was bought.");

  failure->billed = GENVID_BILLED_NO;
  failure->retryable = TRUE;
  return failure;
}

/* The clip is there but cannot be opened now; nothing is wrong with it. */
static GenvidFailure *
refuse_closed (GError *error, const GenvidRecord *record)
{
  GenvidFailure *failure = fail_with (error, GENVID_REASON_NO_SPACE);

  failure->generation_id = g_strdup (record->id);
  failure->billed = GENVID_BILLED_YES;
  return failure;
}

static void
wake (gpointer data)
{
  genvid_worker_wake (data);
}

static GenvidFailure *
make_job (GenvidWorker *worker, const GenvidRecord *record)
{
  const GenvidPlan *plan = worker->plan;
  const GenvidSettings *settings = plan->settings;
  g_autoptr (GenvidRecord) kept = NULL;
  g_autoptr (GError) error = NULL;
  GenvidNow now = genvid_clock_now ();
  GenvidFailure *failure;
  GenvidJobOptions options = {
    .timeout = settings->timeout,
    .poll_interval = settings->poll_interval,
    .resubmit = settings->if_in_doubt == GENVID_IF_IN_DOUBT_RESUBMIT,
    .adopt = settings->adopt,
    .max_cost = plan->max_cost,
    .never_buy = plan->never_buy,
    .estimate = genvid_learned_timing_recall (plan),
  };

  worker->call = genvid_plan_make_call (plan, &error);
  if (worker->call == NULL)
    return genvid_failure_new_from_error (error, GENVID_REASON_SETTINGS);
  kept = genvid_plan_make_record (plan, worker->call, record);
  failure = genvid_purchase_number (plan->store, kept);
  if (failure != NULL)
    return failure;
  genvid_upload_cache_recall (plan, worker->call);
  worker->job = genvid_job_new (worker->call, kept, &options, &now);
  worker->purchase = genvid_purchase_new (worker->plan, worker->entry,
                                          worker->clip, worker->job, kept);
  worker->uploads = genvid_uploads_new (worker->plan, worker->call, worker->job,
                                        worker->entry, worker->clip);
  worker->turn = genvid_turn_new (worker->plan, wake, worker);
  return NULL;
}

static void
publish (GenvidWorker *worker)
{
  char *note = genvid_job_get_note (worker->job);

  genvid_clip_publish_record (worker->clip,
                              genvid_job_get_record (worker->job, NULL),
                              genvid_job_get_progress (worker->job),
                              GENVID_ORIGIN_BOUGHT, worker->started);
  genvid_store_entry_tell (worker->entry,
                           genvid_job_get_progress (worker->job));
  genvid_clip_publish_queue (worker->clip,
                             genvid_job_get_queue_position (worker->job));
  /* Only when it changes: other notes may come in between. */
  if (g_strcmp0 (note, worker->note) != 0)
    genvid_clip_publish_note (worker->clip, note);
  g_free (worker->note);
  worker->note = note;
}

/* The record reaches the disk before the next step is taken. Once something is
 * bought, a failed write does not end the job: the intent is there, the id is
 * shown, and every further step tries again. FALSE: the job was aborted, and
 * its last step is void. */
static gboolean
save (GenvidWorker *worker)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidFailure) failure = NULL;
  const GenvidRecord *record;

  if (genvid_purchase_save (worker->purchase, &error))
    return TRUE;
  record = genvid_job_get_record (worker->job, NULL);
  if (genvid_purchase_is_lost (error)) {
    failure = genvid_purchase_explain (error);
    failure->generation_id = g_strdup (record->id);
    genvid_job_abort (worker->job, failure);
    return FALSE;
  }
  if (record->id != NULL) {
    g_autofree char *note = g_strdup_printf (
        "The store cannot be written (%s). Keep the generation's id: %s.",
        error->message, record->id);

    genvid_clip_publish_note (worker->clip, note);
    return TRUE;
  }
  if (record->state != GENVID_STATE_IDLE)
    return TRUE;
  failure = genvid_failure_new_from_error (error, GENVID_REASON_NO_SPACE);
  genvid_job_abort (worker->job, failure);
  return FALSE;
}

static void
count (GenvidWorker *worker, const GenvidExchange *exchange)
{
  GenvidExchangeKind kind = exchange->kind;

  genvid_clip_publish_count (
      worker->clip, kind == GENVID_EXCHANGE_SUBMIT   ? GENVID_COUNT_SUBMITS
                    : kind == GENVID_EXCHANGE_UPLOAD ? GENVID_COUNT_UPLOADS
                                                     : GENVID_COUNT_POLLS);
}

/* The service may have deleted a picture whose id is remembered here. */
static gboolean
was_rejected (GenvidWorker *worker)
{
  const GenvidRecord *record = genvid_job_get_record (worker->job, NULL);

  return record->failure != NULL
         && record->failure->reason == GENVID_REASON_REJECTED;
}

/* A step that is not performed bought nothing. */
static void
take_back (GenvidWorker *worker, const GenvidFailure *failure)
{
  GenvidNow now = genvid_clock_now ();

  genvid_turn_give_back (worker->turn, &now);
  if (genvid_job_is_unbought (worker->job)) {
    g_autoptr (GenvidAnswer) unsent
        = genvid_answer_new (GENVID_ANSWER_UNSENT, failure->message);

    genvid_job_feed (worker->job, unsent, &now);
  }
  genvid_job_abort (worker->job, failure);
}

/* NULL: the submit may be sent. A doubt is settled even when nobody reads any
 * more: what was paid for would be lost otherwise. */
static GenvidFailure *
prepare_submit (GenvidWorker *worker, gboolean fresh)
{
  g_autoptr (GError) error = NULL;

  if (!fresh && !genvid_plan_may_buy (worker->plan, &error))
    return genvid_failure_new_from_error (error, GENVID_REASON_OVER_BUDGET);
  if ((fresh || genvid_job_is_unbought (worker->job)) && is_unwanted (worker))
    return refuse_unwanted ();
  if (!fresh)
    return NULL;
  if (!genvid_http_client_make_room (worker->http, &error))
    return genvid_purchase_refuse (error);
  return genvid_purchase_prepare (worker->purchase);
}

/* While STEP waits for its turn. TRUE: it is not sent, and the job knows. */
static gboolean
is_called_away (GenvidWorker *worker, const GenvidStep *step)
{
  if (g_atomic_int_get (&worker->quit)
      || genvid_cancel_wish_is_set (&worker->wish)) {
    genvid_job_withdraw (worker->job);
    return TRUE;
  }
  if (step->fresh && is_unwanted (worker)) {
    g_autoptr (GenvidFailure) failure = refuse_unwanted ();

    genvid_job_abort (worker->job, failure);
    return TRUE;
  }
  return FALSE;
}

/* Waits until STEP, a SEND, is allowed by the key's rate limit. FALSE: it is
 * not sent, and the job knows. */
static gboolean
await_turn (GenvidWorker *worker, const GenvidStep *step)
{
  GenvidTurn *turn = worker->turn;
  GenvidNow now = genvid_clock_now ();
  gint64 room, again;

  /* A cancel gives money back, and does not wait. */
  if (step->exchange->kind == GENVID_EXCHANGE_CANCEL) {
    genvid_turn_force (turn, &now);
    return TRUE;
  }
  while ((room = genvid_turn_take (turn, step->since, step->due, &now))
         > now.boot) {
    again = genvid_step_look_again (step, room, now.boot);
    if (again == 0) {
      LOG (worker, LOG, "rate limit: no request allowed in time");
      genvid_turn_leave (turn);
      genvid_job_feed_no_turn (worker->job, &now);
      return FALSE;
    }
    if (is_called_away (worker, step)) {
      genvid_turn_leave (turn);
      return FALSE;
    }
    LOG (worker, LOG, "rate limit: no request allowed for %.1f s",
         (double)(room - now.boot) / G_USEC_PER_SEC);
    genvid_http_client_wait (worker->http, again);
    now = genvid_clock_now ();
  }
  return TRUE;
}

/* The service counts what it got, and nothing that never left this machine. */
static void
settle_turn (GenvidWorker *worker, const GenvidAnswer *answer, gint64 sent)
{
  GenvidNow now = genvid_clock_now ();

  if (answer->kind == GENVID_ANSWER_UNSENT
      || answer->kind == GENVID_ANSWER_UNSAFE)
    genvid_turn_give_back (worker->turn, &now);
  else
    genvid_turn_settle (worker->turn, sent, &now);
}

/* The job learns what came of it. */
static GenvidAnswer *
perform_exchange (GenvidWorker *worker, const GenvidExchange *exchange,
                  gint64 until)
{
  gboolean upload = exchange->kind == GENVID_EXCHANGE_UPLOAD;
  const GenvidReplyClip reply = { worker->http,
                                  worker->clip,
                                  worker->entry,
                                  worker->plan->settings->max_size,
                                  upload ? genvid_uploads_show_progress : NULL,
                                  worker->uploads };
  g_autofree char *extension = NULL;
  GenvidAnswer *answer
      = genvid_reply_clip_send (&reply, exchange, until, &extension);
  GenvidMedia media = { GENVID_MEDIA_COMPLETE, NULL, extension, answer->media };
  GenvidNow now = genvid_clock_now ();

  if (extension != NULL)
    genvid_job_feed_clip (worker->job, answer, &media, &now);
  else
    genvid_job_feed (worker->job, answer, &now);
  return answer;
}

static void
send_exchange (GenvidWorker *worker, const GenvidStep *step)
{
  g_autoptr (GenvidAnswer) answer = NULL;
  GenvidExchangeKind kind = step->exchange->kind;
  gboolean paying
      = kind == GENVID_EXCHANGE_SUBMIT || kind == GENVID_EXCHANGE_CANCEL;
  g_autoptr (GenvidFailure) failure = NULL;
  gint64 until;
  GenvidNow now;

  if (!await_turn (worker, step)) {
    save (worker);
    return;
  }
  if (kind == GENVID_EXCHANGE_SUBMIT)
    failure = prepare_submit (worker, step->fresh);
  if (failure == NULL && paying)
    failure = genvid_purchase_prove_lock (worker->purchase);
  if (failure != NULL) {
    take_back (worker, failure);
    return;
  }
  if (kind == GENVID_EXCHANGE_SUBMIT)
    publish (worker);
  count (worker, step->exchange);
  g_atomic_int_set (&worker->paying, paying);
  now = genvid_clock_now ();
  until = genvid_job_step (worker->job, &now).until;
  answer = perform_exchange (worker, step->exchange, until);
  save (worker);
  g_atomic_int_set (&worker->paying, FALSE);
  settle_turn (worker, answer, now.boot);
  if (kind == GENVID_EXCHANGE_UPLOAD)
    genvid_uploads_end (worker->uploads);
  else if (kind == GENVID_EXCHANGE_SUBMIT && was_rejected (worker))
    genvid_upload_cache_forget (worker->plan, worker->call);
}

/* What the next upload needs is there, or the job was aborted. */
static void
fetch_inputs (GenvidWorker *worker)
{
  g_autoptr (GenvidFailure) failure = NULL;

  while (failure == NULL && genvid_uploads_lack_file (worker->uploads))
    failure = is_unwanted (worker)
                  ? refuse_unwanted ()
                  : genvid_uploads_fetch_file (worker->uploads, worker->http);
  if (failure != NULL)
    genvid_job_abort (worker->job, failure);
}

static guint64
count_present (GenvidWorker *worker)
{
  g_autoptr (GenvidByteRanges) ranges = genvid_clip_get_ranges (worker->clip);

  return genvid_byte_ranges_get_total (ranges);
}

static void
download (GenvidWorker *worker, const GenvidStep *step)
{
  GenvidDownloadOptions options = {
    .link = step->media->url,
    .headers = step->media->headers,
    .pending = step->media->pending,
    .inline_path = step->media->inline_path,
    .once = step->again,
    .base_url = worker->plan->base_url,
    .max_size = worker->plan->settings->max_size,
    .allow_private = worker->plan->settings->allow_private,
  };
  GenvidDownloadResult result;
  GenvidMedia media = { 0 };
  GenvidNow now;
  double seconds;

  media.outcome = genvid_download_run (worker->http, &options, worker->clip,
                                       worker->entry, &result);
  /* Not before: it waits for the disk, and a reader for the bytes. */
  if (genvid_job_take_duration (worker->job, &seconds))
    genvid_learned_timing_learn (worker->plan, worker->call, seconds);
  now = genvid_clock_now ();
  media.failure = result.failure;
  media.extension = result.extension;
  media.retry_after = result.retry_after;
  /* A link that expires again and again, and yields bytes each time, is worth
   * going on with. */
  media.size = media.outcome == GENVID_MEDIA_COMPLETE ? result.size
                                                      : count_present (worker);
  genvid_job_feed_media (worker->job, &media, &now);
  g_free (result.extension);
  genvid_failure_free (result.failure);
}

static void
take_wish (GenvidWorker *worker)
{
  genvid_cancel_wish_take (&worker->wish, worker->job, worker->clip,
                           worker->entry);
}

static gboolean
must_leave (GenvidWorker *worker)
{
  if (g_atomic_int_get (&worker->abort))
    return TRUE;
  return g_atomic_int_get (&worker->quit)
         && !genvid_job_owes_cancel (worker->job);
}

/* What could not be sent is at least on disk, for the next run; and a submit
 * that waits to be sent again was not accepted. */
static GenvidFailure *
leave (GenvidWorker *worker)
{
  GenvidFailure *failure = genvid_failure_new (
      GENVID_REASON_FAILED, "Stopped because the process is exiting.");

  take_wish (worker);
  genvid_job_abort (worker->job, failure);
  save (worker);
  return failure;
}

static void
log_step (GenvidWorker *worker, const GenvidStep *step, const GenvidNow *now)
{
  switch (step->kind) {
  case GENVID_STEP_SEND:
    LOG (worker, DEBUG, "step: send %s%s",
         genvid_exchange_kind_to_string (step->exchange->kind),
         step->exchange->kind == GENVID_EXCHANGE_SUBMIT && !step->fresh
             ? " again"
             : "");
    break;
  case GENVID_STEP_WAIT:
    LOG (worker, DEBUG, "step: wait %.1f s",
         (double)(step->until - now->boot) / G_USEC_PER_SEC);
    break;
  case GENVID_STEP_DOWNLOAD:
    LOG (worker, DEBUG, "step: download%s", step->again ? " once more" : "");
    break;
  case GENVID_STEP_DONE:
    LOG (worker, DEBUG, "step: done");
    break;
  case GENVID_STEP_FAIL:
    LOG (worker, DEBUG, "step: fail");
    break;
  }
}

/* NULL: the clip is whole. */
static GenvidFailure *
perform (GenvidWorker *worker)
{
  for (;;) {
    GenvidNow now;
    GenvidStep step;

    take_wish (worker);
    if (must_leave (worker))
      return leave (worker);
    fetch_inputs (worker);
    now = genvid_clock_now ();
    step = genvid_job_step (worker->job, &now);
    if (!save (worker))
      step = genvid_job_step (worker->job, &now);
    publish (worker);
    log_step (worker, &step, &now);
    switch (step.kind) {
    case GENVID_STEP_SEND:
      send_exchange (worker, &step);
      break;
    case GENVID_STEP_WAIT:
      genvid_http_client_wait (worker->http, step.until);
      break;
    case GENVID_STEP_DOWNLOAD:
      download (worker, &step);
      break;
    case GENVID_STEP_DONE:
      return NULL;
    case GENVID_STEP_FAIL:
      return genvid_failure_copy (step.failure);
    }
  }
}

/* Until the lock is ours, shows what its holder makes. TRUE: it is ours. FALSE:
 * the clip is whole, or FAILURE says why not. */
static gboolean
stand_by (GenvidWorker *worker, GenvidFailure **failure)
{
  GenvidStandby standby = { .entry = worker->entry,
                            .clip = worker->clip,
                            .started = worker->started };
  g_autoptr (GError) error = NULL;
  gboolean waited = FALSE;

  while (!genvid_store_entry_try_lock (worker->entry, &error)) {
    g_autoptr (GenvidRecord) finished = NULL;

    if (error != NULL) {
      *failure = genvid_failure_new_from_error (error, GENVID_REASON_NO_SPACE);
      return FALSE;
    }
    if (!waited)
      LOG (worker, INFO, "standby: another worker holds the lock");
    waited = TRUE;
    finished = genvid_standby_show (&standby);
    if (finished != NULL
        && publish_stored (worker, finished, GENVID_ORIGIN_SHARED, NULL)) {
      LOG (worker, INFO, "standby: the other worker's clip is complete");
      return FALSE;
    }
    if (is_unwanted (worker)) {
      *failure = genvid_failure_new (
          GENVID_REASON_FAILED,
          "Stopped waiting for the clip, which another process is making.");
      return FALSE;
    }
    genvid_http_client_wait (worker->http,
                             genvid_clock_now ().boot + STANDBY_INTERVAL);
  }
  if (waited)
    LOG (worker, INFO, "standby: took over");
  return TRUE;
}

/* NULL: the clip is whole. */
static GenvidFailure *
run (GenvidWorker *worker)
{
  g_autoptr (GenvidRecord) record = NULL;
  GenvidFailure *failure = NULL;
  GError *error = NULL;

  if (!stand_by (worker, &failure))
    return failure;

  record = genvid_store_entry_load (worker->entry, &error);
  if (error != NULL)
    return fail_with (error, GENVID_REASON_NO_SPACE);
  if (record != NULL && record->state == GENVID_STATE_DONE) {
    if (publish_stored (worker, record, GENVID_ORIGIN_STORED, &error))
      return NULL;
    if (!g_error_matches (error, GENVID_ERROR, GENVID_REASON_NOT_STORED))
      return refuse_closed (error, record);
    g_clear_error (&error);
  }
  /* A wish that a former process could not send; others want the clip now. */
  if (record != NULL && genvid_store_entry_is_used_elsewhere (worker->entry))
    record->cancel = FALSE;
  failure = genvid_purchase_check_key (worker->plan, record);
  if (failure == NULL)
    failure = genvid_purchase_reopen (worker->entry, record);
  if (failure == NULL)
    failure = make_job (worker, record);
  if (failure != NULL)
    return failure;
  return perform (worker);
}

static gboolean
connect_http (GenvidWorker *worker, GError **error)
{
  GenvidHttpClientOptions options = {
    .base_url = worker->plan->base_url,
    .upload_origin = genvid_provider_get_upload_origin (worker->plan->provider,
                                                        worker->plan->base_url),
    .ca_file = worker->plan->settings->ca_file,
    .allow_private = worker->plan->settings->allow_private,
  };
  GenvidHttpClient *http = genvid_http_client_new (&options, error);

  g_mutex_lock (&worker->lock);
  worker->http = http;
  g_mutex_unlock (&worker->lock);
  return http != NULL;
}

static void
disconnect_http (GenvidWorker *worker)
{
  GenvidHttpClient *http;

  g_mutex_lock (&worker->lock);
  http = g_steal_pointer (&worker->http);
  g_mutex_unlock (&worker->lock);
  genvid_http_client_free (http);
}

/* Nothing was sent. */
static GenvidFailure *
refuse_start (GError *error)
{
  GenvidFailure *failure = fail_with (error, GENVID_REASON_SETTINGS);

  failure->billed = GENVID_BILLED_NO;
  failure->retryable = failure->reason == GENVID_REASON_NO_SPACE;
  return failure;
}

/* The lock goes before anyone hears of the end, so that whoever starts again
 * at once finds it free. */
static void
release_store (GenvidWorker *worker)
{
  g_clear_pointer (&worker->uploads, genvid_uploads_free);
  g_clear_pointer (&worker->purchase, genvid_purchase_free);
  g_clear_pointer (&worker->entry, genvid_store_entry_free);
}

/* The message quotes the service, which may quote the prompt. */
static void
log_end (GenvidWorker *worker, const GenvidFailure *failure)
{
  double seconds
      = (double)(genvid_clock_now ().boot - worker->started) / G_USEC_PER_SEC;

  if (failure != NULL)
    LOG (worker, LOG, "message: %s", failure->message);
  LOG (worker, INFO, "worker ended after %.1f s: %s", seconds,
       failure == NULL ? "the clip is complete"
                       : genvid_reason_to_string (failure->reason));
}

static void
free_worker (GenvidWorker *worker)
{
  genvid_turn_free (worker->turn);
  genvid_job_free (worker->job);
  genvid_plan_unref (worker->plan);
  genvid_clip_unref (worker->clip);
  g_mutex_clear (&worker->lock);
  g_free (worker->note);
  g_free (worker);
}

static gpointer
run_thread (gpointer data)
{
  GenvidWorker *worker = data;
  GError *error = NULL;
  GenvidFailure *failure;

  genvid_durable_file_block_signal ();
  genvid_clip_set_wake (worker->clip, wake, worker);
  worker->started = genvid_clock_now ().boot;
  worker->entry
      = genvid_store_get_entry (worker->plan->store, worker->plan->fingerprint);
  if (connect_http (worker, &error))
    failure = run (worker);
  else
    failure = refuse_start (error);

  genvid_clip_set_wake (worker->clip, NULL, NULL);
  release_store (worker);
  log_end (worker, failure);
  if (failure != NULL)
    genvid_clip_fail (worker->clip, failure);
  disconnect_http (worker);
  worker->done (worker, worker->data);
  free_worker (worker);
  return NULL;
}

GenvidWorker *
genvid_worker_start (GenvidPlan *plan, GenvidClip *clip, GenvidWorkerDone done,
                     gpointer data, GError **error)
{
  GenvidWorker *worker = g_new0 (GenvidWorker, 1);
  GThread *thread;

  g_mutex_init (&worker->lock);
  worker->plan = genvid_plan_ref (plan);
  worker->clip = genvid_clip_ref (clip);
  worker->done = done;
  worker->data = data;
  genvid_cancel_wish_init (&worker->wish,
                           genvid_provider_can_cancel (plan->provider));
  thread = g_thread_try_new ("genvid-worker", run_thread, worker, NULL);
  if (thread == NULL) {
    genvid_reserve_refuse_thread (error);
    free_worker (worker);
    return NULL;
  }
  g_thread_unref (thread);
  return worker;
}

void
genvid_worker_wake (GenvidWorker *worker)
{
  g_mutex_lock (&worker->lock);
  if (worker->http != NULL)
    genvid_http_client_wake (worker->http);
  g_mutex_unlock (&worker->lock);
}

void
genvid_worker_cancel (GenvidWorker *worker, gboolean wish)
{
  genvid_cancel_wish_set (&worker->wish, wish);
  genvid_worker_wake (worker);
}

gboolean
genvid_worker_is_paying (GenvidWorker *worker)
{
  return g_atomic_int_get (&worker->paying)
         || genvid_cancel_wish_is_pending (&worker->wish);
}

void
genvid_worker_quit (GenvidWorker *worker, gboolean abort)
{
  g_atomic_int_set (&worker->quit, TRUE);
  if (abort)
    g_atomic_int_set (&worker->abort, TRUE);
  g_mutex_lock (&worker->lock);
  if (worker->http != NULL && abort)
    genvid_http_client_abort (worker->http);
  else if (worker->http != NULL)
    genvid_http_client_wake (worker->http);
  g_mutex_unlock (&worker->lock);
}
