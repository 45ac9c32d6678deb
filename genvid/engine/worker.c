/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Ask the job for a step, perform it, save what changed, ask again. It runs in
 * whichever thread the scheduler has, goes on until it must wait, and then
 * parks: all that it knows is in its struct, and all that it holds is the
 * clip's lock. It holds no element and posts nothing; a client looks at the
 * clip. */

#include "worker-private.h"

#include "byte-ranges.h"
#include "cancel-wish.h"
#include "clip-status.h"
#include "clip.h"
#include "clock.h"
#include "download.h"
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
#include "reserve.h"
#include "scheduler.h"
#include "settings.h"
#include "soup-library.h"
#include "standby.h"
#include "store-entry.h"
#include "store-holder.h"
#include "store-media.h"
#include "store-recovery.h"
#include "store-users.h"
#include "trust.h"
#include "uploads.h"

#include <gio/gio.h>

#define STANDBY_INTERVAL (G_USEC_PER_SEC / 4)

/* Takes FAILURE; NULL: the clip is whole. FALSE, but where somebody wants the
 * clip again meanwhile. */
static gboolean finish (GenvidWorker *worker, GenvidFailure *failure);

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
  g_autoptr (GenvidCall) call = NULL;
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

  call = genvid_plan_make_call (plan, &error);
  if (call == NULL)
    return genvid_failure_new_from_error (error, GENVID_REASON_SETTINGS);
  kept = genvid_plan_make_record (plan, call, record);
  failure = genvid_purchase_number (plan->store, kept);
  if (failure != NULL)
    return failure;
  genvid_uploads_recall (plan, call);
  worker->call = g_steal_pointer (&call);
  worker->job = genvid_job_new (worker->call, kept, &options, &now);
  worker->purchase = genvid_purchase_new (worker->plan, worker->entry,
                                          worker->clip, worker->job, kept);
  worker->uploads = genvid_uploads_new (worker->plan, worker->call, worker->job,
                                        worker->entry, worker->clip);
  worker->turn = genvid_turn_new (worker->plan, wake, worker);
  return NULL;
}

/* What the next upload needs is there, or the job was aborted. FALSE: it parks
 * to fetch it. */
static gboolean
fetch_inputs (GenvidWorker *worker)
{
  g_autoptr (GenvidFailure) failure = NULL;

  while (failure == NULL && genvid_uploads_lack_file (worker->uploads)) {
    if (genvid_worker_is_unwanted (worker))
      failure = genvid_worker_refuse_unwanted (worker);
    else if (worker->http == NULL)
      return genvid_worker_park_for_transfer (worker);
    else
      failure = genvid_uploads_fetch_file (worker->uploads, worker->http);
  }
  if (failure != NULL)
    genvid_job_abort (worker->job, failure);
  return TRUE;
}

static guint64
count_present (GenvidWorker *worker)
{
  g_autoptr (GenvidByteRanges) ranges = genvid_clip_get_ranges (worker->clip);

  return genvid_byte_ranges_get_total (ranges);
}

static gboolean
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
  return TRUE;
}

static void
take_wish (GenvidWorker *worker)
{
  genvid_cancel_wish_take (&worker->wish, worker->job, worker->clip,
                           worker->entry);
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
  genvid_worker_save (worker);
  return failure;
}

static void
log_step (GenvidWorker *worker, const GenvidStep *step, const GenvidNow *now)
{
  switch (step->kind) {
  case GENVID_STEP_SEND:
    GENVID_WORKER_LOG (worker, DEBUG, "step: send %s%s",
                       genvid_exchange_kind_to_string (step->exchange->kind),
                       step->exchange->kind == GENVID_EXCHANGE_SUBMIT
                               && !step->fresh
                           ? " again"
                           : "");
    break;
  case GENVID_STEP_WAIT:
    GENVID_WORKER_LOG (worker, DEBUG, "step: wait %.1f s",
                       (double)(step->until - now->boot) / G_USEC_PER_SEC);
    break;
  case GENVID_STEP_DOWNLOAD:
    GENVID_WORKER_LOG (worker, DEBUG, "step: download%s",
                       step->again ? " once more" : "");
    break;
  case GENVID_STEP_DONE:
    GENVID_WORKER_LOG (worker, DEBUG, "step: done");
    break;
  case GENVID_STEP_FAIL:
    GENVID_WORKER_LOG (worker, DEBUG, "step: fail");
    break;
  }
}

/* FALSE: it parks. */
static gboolean
perform (GenvidWorker *worker, const GenvidStep *step, const GenvidNow *now)
{
  if (step->kind == GENVID_STEP_DOWNLOAD && worker->http == NULL)
    return genvid_worker_park_for_transfer (worker);
  log_step (worker, step, now);
  switch (step->kind) {
  case GENVID_STEP_SEND:
    worker->step = *step;
    worker->stage = genvid_worker_await_turn;
    return TRUE;
  case GENVID_STEP_WAIT:
    return genvid_worker_park_until (worker, step->until);
  case GENVID_STEP_DOWNLOAD:
    return download (worker, step);
  case GENVID_STEP_DONE:
    return finish (worker, NULL);
  case GENVID_STEP_FAIL:
  default:
    return finish (worker, genvid_failure_copy (step->failure));
  }
}

/* It ends because nobody wants the clip, and not because the process does. */
static gboolean
is_idle (GenvidWorker *worker)
{
  return !g_atomic_int_get (&worker->quit)
         && (worker->idle
             || (worker->job != NULL && genvid_job_is_dropped (worker->job)));
}

/* That one is not told who came since: it begins again for them. */
static void
tell (GenvidWorker *worker)
{
  if (!is_idle (worker) || genvid_clip_get_n_readers (worker->clip) == 0)
    genvid_worker_publish (worker);
}

static gboolean
take_step (GenvidWorker *worker)
{
  GenvidNow now;
  GenvidStep step;

  take_wish (worker);
  if (genvid_worker_must_leave (worker))
    return finish (worker, leave (worker));
  if (!fetch_inputs (worker))
    return FALSE;
  now = genvid_clock_now ();
  step = genvid_job_step (worker->job, &now);
  if (!genvid_worker_save (worker))
    step = genvid_job_step (worker->job, &now);
  tell (worker);
  return perform (worker, &step, &now);
}

/* The lock is ours. */
static gboolean
begin (GenvidWorker *worker)
{
  g_autoptr (GenvidRecord) record = NULL;
  GenvidFailure *failure;
  GError *error = NULL;

  worker->stage = worker->steps = take_step;
  record = genvid_store_entry_load (worker->entry, &error);
  if (error != NULL)
    return finish (worker, fail_with (error, GENVID_REASON_NO_SPACE));
  if (record != NULL && record->state == GENVID_STATE_DONE) {
    if (publish_stored (worker, record, GENVID_ORIGIN_STORED, &error))
      return finish (worker, NULL);
    if (!g_error_matches (error, GENVID_ERROR, GENVID_REASON_NOT_STORED))
      return finish (worker, refuse_closed (error, record));
    g_clear_error (&error);
  }
  failure = genvid_purchase_check_key (worker->plan, record);
  if (failure == NULL)
    failure = genvid_purchase_reopen (worker->entry, record);
  if (failure == NULL)
    failure = make_job (worker, record);
  return failure == NULL || finish (worker, failure);
}

/* Until the lock is ours, shows what its holder makes. */
static gboolean
stand_by (GenvidWorker *worker)
{
  g_autoptr (GenvidRecord) finished = NULL;
  GError *error = NULL;

  if (genvid_store_entry_try_lock (worker->entry, &error)) {
    if (worker->waited)
      GENVID_WORKER_LOG (worker, INFO, "standby: took over");
    worker->holds = TRUE;
    if (worker->klass->holds != NULL)
      worker->klass->holds (worker, worker->data);
    worker->stage = begin;
    return TRUE;
  }
  if (error != NULL)
    return finish (worker, fail_with (error, GENVID_REASON_NO_SPACE));
  if (!worker->waited)
    GENVID_WORKER_LOG (worker, INFO, "standby: another worker holds the lock");
  worker->waited = TRUE;
  finished = genvid_standby_show (&worker->standby);
  if (finished != NULL
      && publish_stored (worker, finished, GENVID_ORIGIN_SHARED, NULL)) {
    GENVID_WORKER_LOG (worker, INFO,
                       "standby: the other worker's clip is complete");
    return finish (worker, NULL);
  }
  if (genvid_worker_is_unwanted (worker)) {
    worker->idle = TRUE;
    return finish (
        worker,
        genvid_failure_new (
            GENVID_REASON_FAILED,
            "Stopped waiting for the clip, which another process is making."));
  }
  return genvid_worker_park_until (worker,
                                   genvid_clock_now ().boot + STANDBY_INTERVAL);
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
  if (worker->holds && worker->klass->releases != NULL)
    worker->klass->releases (worker, worker->data);
  g_clear_pointer (&worker->entry, genvid_store_entry_free);
}

/* The message quotes the service, which may quote the prompt. */
static void
log_end (GenvidWorker *worker, const GenvidFailure *failure)
{
  double seconds
      = (double)(genvid_clock_now ().boot - worker->started) / G_USEC_PER_SEC;

  if (failure != NULL)
    GENVID_WORKER_LOG (worker, LOG, "message: %s", failure->message);
  GENVID_WORKER_LOG (worker, INFO, "worker ended after %.1f s: %s", seconds,
                     failure == NULL
                         ? "the clip is complete"
                         : genvid_reason_to_string (failure->reason));
}

static const char *
get_upload_origin (GenvidWorker *worker)
{
  return genvid_provider_get_upload_origin (worker->plan->provider,
                                            worker->plan->base_url);
}

/* Before anything else: what is trusted, and that there are threads and
 * descriptors for one more job. */
static gboolean
open_worker (GenvidWorker *worker)
{
  const GenvidSettings *settings = worker->plan->settings;
  GError *error = NULL;

  genvid_clip_set_wake (worker->clip, wake, worker);
  worker->started = genvid_clock_now ().boot;
  worker->entry
      = genvid_store_get_entry (worker->plan->store, worker->plan->fingerprint);
  worker->standby = (GenvidStandby){ .entry = worker->entry,
                                     .clip = worker->clip,
                                     .started = worker->started };
  worker->stage = stand_by;
  if (!genvid_soup_library_open (&error)
      || !genvid_trust_init (&worker->trust, worker->plan->base_url,
                             settings->ca_file, settings->allow_private, &error)
      || !genvid_reserve_check_threads (&error))
    return finish (worker, refuse_start (error));
  worker->trust.upload_origin = g_strdup (get_upload_origin (worker));
  worker->joined = genvid_reserve_join (&error);
  return worker->joined || finish (worker, refuse_start (error));
}

static void
clear_job (GenvidWorker *worker)
{
  g_clear_pointer (&worker->uploads, genvid_uploads_free);
  g_clear_pointer (&worker->purchase, genvid_purchase_free);
  g_clear_pointer (&worker->turn, genvid_turn_free);
  g_clear_pointer (&worker->job, genvid_job_free);
  worker->call = NULL;
  g_clear_pointer (&worker->room, genvid_reserve_free);
}

/* Takes FAILURE, which is not theirs who came since. */
static gboolean
begin_again (GenvidWorker *worker, GenvidFailure *failure)
{
  GENVID_WORKER_LOG (worker, INFO, "wanted again");
  genvid_failure_free (failure);
  clear_job (worker);
  worker->idle = FALSE;
  worker->stage = worker->holds ? begin : stand_by;
  return TRUE;
}

static gboolean
finish (GenvidWorker *worker, GenvidFailure *failure)
{
  /* Whoever comes after this finds the failure, and begins another. */
  gboolean told
      = failure == NULL || genvid_clip_fail (worker->clip, failure, TRUE);

  if (!told && is_idle (worker))
    return begin_again (worker, failure);
  genvid_clip_set_wake (worker->clip, NULL, NULL);
  release_store (worker);
  log_end (worker, failure);
  if (!told)
    genvid_clip_fail (worker->clip, failure, FALSE);
  genvid_failure_free (failure);
  if (worker->joined)
    genvid_reserve_leave ();
  worker->park = (GenvidPark){ .kind = GENVID_PARK_END };
  return FALSE;
}

/* --- In whichever thread the scheduler has. --- */

static void
set_http (GenvidWorker *worker, GenvidHttpClient *http)
{
  GenvidHttpClient *old;

  g_mutex_lock (&worker->lock);
  old = worker->http;
  worker->http = http;
  /* An exit that came before did not find it. */
  if (http != NULL && g_atomic_int_get (&worker->abort))
    genvid_http_client_abort (http);
  g_mutex_unlock (&worker->lock);
  genvid_http_client_free (old);
}

/* There was no room for a transfer: it is tried again, or the job ends. FALSE:
 * it parks. */
static gboolean
do_without (GenvidWorker *worker, const GError *error)
{
  g_autoptr (GenvidFailure) failure = NULL;

  if (genvid_worker_is_patient (worker))
    return genvid_worker_park_for_room (worker);
  failure = genvid_failure_new_from_error (error, GENVID_REASON_NO_SPACE);
  if (worker->stage == genvid_worker_send_step)
    genvid_worker_take_back (worker, failure);
  else
    genvid_job_abort (worker->job, failure);
  worker->stage = worker->steps;
  return TRUE;
}

/* FALSE: it parks. */
static gboolean
connect_http (GenvidWorker *worker)
{
  const GenvidPlan *plan = worker->plan;
  GenvidHttpClientOptions options = {
    .base_url = plan->base_url,
    .upload_origin = get_upload_origin (worker),
    .ca_file = plan->settings->ca_file,
    .allow_private = plan->settings->allow_private,
    .key = plan->key,
  };
  g_autoptr (GError) error = NULL;
  GenvidHttpClient *http = genvid_http_client_new (&options, &error);

  set_http (worker, http);
  if (http == NULL)
    return do_without (worker, error);
  worker->lacking = 0;
  return TRUE;
}

static GenvidPark
run (gpointer data, gboolean transfer)
{
  GenvidWorker *worker = data;
  gboolean more = TRUE;

  if (transfer)
    more = connect_http (worker);
  else
    worker->reserve = genvid_reserve_take_record ();
  while (more)
    more = worker->stage (worker);
  if (worker->http != NULL)
    set_http (worker, NULL);
  if (worker->entry != NULL)
    genvid_store_entry_rest (worker->entry);
  g_clear_pointer (&worker->room, genvid_reserve_free);
  g_clear_pointer (&worker->reserve, genvid_reserve_free);
  return worker->park;
}

static void
free_worker (GenvidWorker *worker)
{
  genvid_turn_free (worker->turn);
  genvid_job_free (worker->job);
  genvid_plan_unref (worker->plan);
  genvid_clip_unref (worker->clip);
  genvid_trust_clear (&worker->trust);
  g_mutex_clear (&worker->lock);
  g_free (worker->note);
  g_free (worker);
}

static void
end (gpointer data)
{
  GenvidWorker *worker = data;

  worker->klass->ended (worker, worker->data);
  free_worker (worker);
}

static const GenvidPlaceClass place_class = { .run = run, .ended = end };

GenvidWorker *
genvid_worker_start (GenvidPlan *plan, GenvidClip *clip,
                     const GenvidWorkerClass *klass, gpointer data,
                     GError **error)
{
  GenvidWorker *worker = g_new0 (GenvidWorker, 1);

  g_mutex_init (&worker->lock);
  worker->plan = genvid_plan_ref (plan);
  worker->clip = genvid_clip_ref (clip);
  worker->klass = klass;
  worker->data = data;
  worker->stage = open_worker;
  genvid_cancel_wish_init (&worker->wish,
                           genvid_provider_can_cancel (plan->provider));
  if (genvid_place_new (&place_class, worker, &worker->place, error))
    return worker;
  free_worker (worker);
  return NULL;
}

void
genvid_worker_wake (GenvidWorker *worker)
{
  g_mutex_lock (&worker->lock);
  if (worker->http != NULL)
    genvid_http_client_wake (worker->http);
  g_mutex_unlock (&worker->lock);
  genvid_place_wake (worker->place);
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
  if (!abort) {
    genvid_worker_wake (worker);
    return;
  }
  g_atomic_int_set (&worker->abort, TRUE);
  g_mutex_lock (&worker->lock);
  if (worker->http != NULL)
    genvid_http_client_abort (worker->http);
  g_mutex_unlock (&worker->lock);
  genvid_place_abort (worker->place);
}
