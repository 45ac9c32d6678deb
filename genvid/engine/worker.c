/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Straight-line code over the transport: ask the job, do what it says, write
 * down what came of it, ask again. The thread holds no element and posts
 * nothing; who wants to know looks at the clip. */

#include "worker.h"

#include "clip-status.h"
#include "clip.h"
#include "clock.h"
#include "durable-file.h"
#include "exchange.h"
#include "failure.h"
#include "http-client.h"
#include "job.h"
#include "moment.h"
#include "plan-record.h"
#include "plan.h"
#include "provider.h"
#include "rate-limiter.h"
#include "record.h"
#include "remote-input.h"
#include "reserve.h"
#include "settings.h"
#include "store-entry.h"
#include "store-media.h"
#include "store-recovery.h"
#include "store-users.h"
#include "upload-cache.h"
#include "worker-cancel.h"
#include "worker-download.h"
#include "worker-inputs.h"
#include "worker-key.h"
#include "worker-private.h"
#include "worker-purchase.h"
#include "worker-standby.h"
#include "worker-timing.h"

#include <gio/gio.h>

gboolean
genvid_worker_is_unwanted (GenvidWorker *worker)
{
  return g_atomic_int_get (&worker->quit)
         || genvid_clip_get_n_readers (worker->clip) == 0;
}

gboolean
genvid_worker_publish_stored (GenvidWorker *worker, const GenvidRecord *record,
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

/* It is there, and cannot be opened now; nothing is wrong with it. */
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
    .never_buy = plan->never_buy,
    .estimate = genvid_worker_recall_law (plan),
  };

  worker->call = genvid_plan_make_call (plan, &error);
  if (worker->call == NULL)
    return genvid_failure_new_from_error (error, GENVID_REASON_SETTINGS);
  kept = genvid_plan_make_record (plan, worker->call, record);
  failure = genvid_worker_number_purchase (worker, kept);
  if (failure != NULL)
    return failure;
  genvid_upload_cache_recall (plan, worker->call);
  worker->job = genvid_job_new (worker->call, kept, &options, &now);
  worker->known = genvid_record_copy (kept);
  worker->turn = genvid_turn_new (worker->plan, wake, worker);
  genvid_worker_take_key (worker, kept);
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
  /* Once a change: other notes may come in between. */
  if (g_strcmp0 (note, worker->note) != 0)
    genvid_clip_publish_note (worker->clip, note);
  g_free (worker->note);
  worker->note = note;
}

/* The record reaches the disk before the next step is taken. Once something is
 * bought, a disk that refuses is no reason to drop it: the intent is there,
 * the id is shown, and every further step tries again. FALSE: the job was
 * aborted, and what it said last is void. */
static gboolean
journal (GenvidWorker *worker)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidFailure) failure = NULL;
  const GenvidRecord *record;

  if (genvid_worker_save (worker, &error))
    return TRUE;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS)) {
    failure = genvid_worker_explain (error);
    genvid_job_abort (worker->job, failure);
    return FALSE;
  }
  record = genvid_job_get_record (worker->job, NULL);
  if (record->id != NULL) {
    g_autofree char *note = g_strdup_printf (
        "The store cannot be written (%s). The generation's id is %s; keep "
        "it.",
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
  if (exchange->kind == GENVID_EXCHANGE_SUBMIT)
    genvid_clip_publish_count (worker->clip, GENVID_COUNT_SUBMITS);
  else if (exchange->kind == GENVID_EXCHANGE_UPLOAD)
    genvid_clip_publish_count (worker->clip, GENVID_COUNT_UPLOADS);
  else
    genvid_clip_publish_count (worker->clip, GENVID_COUNT_POLLS);
}

/* The service may have dropped a picture that is remembered here. */
static gboolean
was_rejected (GenvidWorker *worker)
{
  const GenvidRecord *record = genvid_job_get_record (worker->job, NULL);

  return record->failure != NULL
         && record->failure->reason == GENVID_REASON_REJECTED;
}

/* What was told and is not performed bought nothing. */
static void
take_back (GenvidWorker *worker, const GenvidFailure *failure)
{
  GenvidNow now = genvid_clock_now ();

  if (genvid_job_is_unbought (worker->job)) {
    g_autoptr (GenvidAnswer) unsent
        = genvid_answer_new (GENVID_ANSWER_UNSENT, failure->message);

    genvid_job_feed (worker->job, unsent, &now);
  }
  genvid_job_abort (worker->job, failure);
}

static void
send_exchange (GenvidWorker *worker, const GenvidStep *step)
{
  g_autoptr (GenvidAnswer) answer = NULL;
  GenvidExchangeKind kind = step->exchange->kind;
  gboolean paying
      = kind == GENVID_EXCHANGE_SUBMIT || kind == GENVID_EXCHANGE_CANCEL;
  gint64 sent, until;
  GenvidNow now;

  if (!genvid_worker_await_turn (worker, step)) {
    journal (worker);
    return;
  }
  if (kind == GENVID_EXCHANGE_SUBMIT) {
    g_autoptr (GenvidFailure) failure
        = step->fresh ? genvid_worker_prepare_purchase (worker)
                      : genvid_worker_check_repeat (worker);

    if (failure != NULL) {
      now = genvid_clock_now ();
      genvid_turn_give_back (worker->turn, &now);
      take_back (worker, failure);
      return;
    }
    publish (worker);
  }
  count (worker, step->exchange);
  g_atomic_int_set (&worker->paying, paying);
  now = genvid_clock_now ();
  sent = now.boot;
  until = genvid_job_step (worker->job, &now).until;
  answer = genvid_http_client_send (
      worker->http, step->exchange, until,
      kind == GENVID_EXCHANGE_UPLOAD ? genvid_worker_tell_upload : NULL,
      worker);
  now = genvid_clock_now ();
  genvid_job_feed (worker->job, answer, &now);
  journal (worker);
  g_atomic_int_set (&worker->paying, FALSE);
  genvid_turn_settle (worker->turn, sent, &now);
  if (kind == GENVID_EXCHANGE_UPLOAD)
    genvid_worker_end_upload (worker);
  else if (kind == GENVID_EXCHANGE_SUBMIT && was_rejected (worker))
    genvid_upload_cache_forget (worker->plan, worker->call);
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
 * that waits to be sent again was not taken. */
static GenvidFailure *
leave (GenvidWorker *worker)
{
  GenvidFailure *failure
      = genvid_failure_new (GENVID_REASON_FAILED, "The process ends.");

  genvid_worker_take_wish (worker);
  genvid_job_abort (worker->job, failure);
  journal (worker);
  return failure;
}

/* NULL: the clip is whole. */
static GenvidFailure *
perform (GenvidWorker *worker)
{
  for (;;) {
    GenvidNow now;
    GenvidStep step;

    genvid_worker_take_wish (worker);
    if (must_leave (worker))
      return leave (worker);
    genvid_worker_fetch_inputs (worker);
    now = genvid_clock_now ();
    step = genvid_job_step (worker->job, &now);
    if (!journal (worker))
      step = genvid_job_step (worker->job, &now);
    publish (worker);
    switch (step.kind) {
    case GENVID_STEP_SEND:
      send_exchange (worker, &step);
      break;
    case GENVID_STEP_WAIT:
      genvid_http_client_wait (worker->http, step.until);
      break;
    case GENVID_STEP_DOWNLOAD:
      genvid_worker_deliver (worker, &step);
      break;
    case GENVID_STEP_DONE:
      return NULL;
    case GENVID_STEP_FAIL:
      return genvid_failure_copy (step.failure);
    }
  }
}

static GenvidFailure *
carry (GenvidWorker *worker)
{
  g_autoptr (GenvidRecord) record = NULL;
  GenvidFailure *failure = NULL;
  GError *error = NULL;
  GenvidStandby follow;

  worker->entry
      = genvid_store_get_entry (worker->plan->store, worker->plan->fingerprint);
  worker->started = genvid_clock_now ().boot;
  follow = genvid_worker_stand_by (worker, &failure);
  if (follow != GENVID_STANDBY_OURS)
    return failure;

  record = genvid_store_entry_load (worker->entry, &error);
  if (error != NULL)
    return fail_with (error, GENVID_REASON_NO_SPACE);
  if (record != NULL && record->state == GENVID_STATE_DONE) {
    if (genvid_worker_publish_stored (worker, record, GENVID_ORIGIN_STORED,
                                      &error))
      return NULL;
    if (!g_error_matches (error, GENVID_ERROR, GENVID_REASON_NOT_STORED))
      return refuse_closed (error, record);
    g_clear_error (&error);
  }
  /* A wish that a former process could not send; others want it now. */
  if (record != NULL && genvid_store_entry_is_used_elsewhere (worker->entry))
    record->cancel = FALSE;
  failure = genvid_worker_check_key (worker, record);
  if (failure == NULL)
    failure = genvid_worker_reopen_lost (worker, record);
  if (failure == NULL)
    failure = make_job (worker, record);
  if (failure != NULL)
    return failure;
  return perform (worker);
}

static gboolean
connect_transport (GenvidWorker *worker, GError **error)
{
  GenvidHttpClientOptions options = {
    .base_url = worker->plan->base_url,
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
disconnect_transport (GenvidWorker *worker)
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

static void
free_worker (GenvidWorker *worker)
{
  genvid_turn_free (worker->turn);
  genvid_job_free (worker->job);
  genvid_record_free (worker->known);
  genvid_plan_unref (worker->plan);
  genvid_clip_unref (worker->clip);
  g_mutex_clear (&worker->lock);
  g_free (worker->note);
  g_free (worker);
}

static gpointer
run_worker (gpointer data)
{
  GenvidWorker *worker = data;
  GError *error = NULL;
  GenvidFailure *failure;

  genvid_durable_file_block_signal ();
  genvid_clip_set_wake (worker->clip, wake, worker);
  if (connect_transport (worker, &error))
    failure = carry (worker);
  else
    failure = refuse_start (error);

  genvid_clip_set_wake (worker->clip, NULL, NULL);
  /* The lock goes before anyone hears of the end, so that who starts again at
   * once finds it free. */
  g_clear_pointer (&worker->input, genvid_remote_input_free);
  g_clear_pointer (&worker->entry, genvid_store_entry_free);
  if (failure != NULL)
    genvid_clip_fail (worker->clip, failure);
  disconnect_transport (worker);
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
  worker->deaf = !genvid_provider_can_cancel (plan->provider);
  thread = g_thread_try_new ("genvid-worker", run_worker, worker, NULL);
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
