/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a worker saves and shows, and its exchanges: wait for the turn, make
 * sure of the money, send, take the answer. Between these it is parked. */

#include "worker-private.h"

#include "clip-status.h"
#include "clock.h"
#include "exchange.h"
#include "failure.h"
#include "http-hub.h"
#include "media-outcome.h"
#include "moment.h"
#include "plan.h"
#include "record.h"
#include "reply-clip.h"
#include "settings.h"
#include "store-entry.h"
#include "store-holder.h"

/* When to look again whether others have given descriptors back. */
#define LACK_INTERVAL (G_USEC_PER_SEC / 4)
/* What may be bought waits so long for those that nobody of us gives back. */
#define LACK_PATIENCE (60 * (gint64)G_USEC_PER_SEC)

static gboolean take_answer (GenvidWorker *worker);

gboolean
genvid_worker_park_until (GenvidWorker *worker, gint64 until)
{
  worker->park = genvid_park_until (worker->place, until);
  return FALSE;
}

gboolean
genvid_worker_park_for_transfer (GenvidWorker *worker)
{
  worker->park = (GenvidPark){ .kind = GENVID_PARK_TRANSFER };
  return FALSE;
}

/* Nobody reads the clip any more, or the process exits. */
gboolean
genvid_worker_is_unwanted (GenvidWorker *worker)
{
  return g_atomic_int_get (&worker->quit)
         || genvid_clip_get_n_readers (worker->clip) == 0;
}

gboolean
genvid_worker_must_leave (GenvidWorker *worker)
{
  if (g_atomic_int_get (&worker->abort))
    return TRUE;
  return g_atomic_int_get (&worker->quit)
         && !genvid_job_owes_cancel (worker->job);
}

GenvidFailure *
genvid_worker_refuse_unwanted (GenvidWorker *worker)
{
  GenvidFailure *failure = genvid_failure_new (
      GENVID_REASON_FAILED, "Stopped before anything was bought.");

  worker->idle = TRUE;
  failure->billed = GENVID_BILLED_NO;
  failure->retryable = TRUE;
  return failure;
}

void
genvid_worker_publish (GenvidWorker *worker)
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
gboolean
genvid_worker_save (GenvidWorker *worker)
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
void
genvid_worker_take_back (GenvidWorker *worker, const GenvidFailure *failure)
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

/* --- Room: descriptors. --- */

gboolean
genvid_worker_is_patient (GenvidWorker *worker)
{
  const GenvidRecord *record = genvid_job_get_record (worker->job, NULL);
  gint64 now = genvid_clock_now ().boot;

  if (worker->lacking == 0)
    worker->lacking = now;
  return genvid_reserve_is_shared ()
         || (record->state != GENVID_STATE_IDLE
             && now - worker->lacking < LACK_PATIENCE);
}

gboolean
genvid_worker_park_for_room (GenvidWorker *worker)
{
  return genvid_worker_park_until (worker,
                                   genvid_clock_now ().boot + LACK_INTERVAL);
}

/* It moves money. */
static gboolean
is_paying (const GenvidExchange *exchange)
{
  return exchange->kind == GENVID_EXCHANGE_SUBMIT
         || exchange->kind == GENVID_EXCHANGE_CANCEL;
}

/* A file is read on the way, or a clip written: it takes a thread. */
static gboolean
is_transfer (const GenvidExchange *exchange)
{
  return exchange->parts != NULL || exchange->media;
}

/* What moves money brings its descriptors along, so that it waits for nothing
 * once its lock was proven; a fresh submit those of its clip. */
static gboolean
take_room (GenvidWorker *worker, GError **error)
{
  guint n
      = worker->step.fresh ? GENVID_RESERVE_TRANSFER : GENVID_RESERVE_EXCHANGE;

  if (!is_paying (worker->step.exchange) || is_transfer (worker->step.exchange))
    return TRUE;
  if (worker->room == NULL)
    worker->room = genvid_reserve_take (n, error);
  if (worker->room != NULL)
    worker->lacking = 0;
  return worker->room != NULL;
}

/* TRUE: the step must wait for a thread or for descriptors, as it is noted. */
static gboolean
must_wait (GenvidWorker *worker)
{
  if (is_transfer (worker->step.exchange))
    return worker->http == NULL && !genvid_worker_park_for_transfer (worker);
  if (take_room (worker, NULL))
    return FALSE;
  /* Who waits keeps none from the others. */
  g_clear_pointer (&worker->reserve, genvid_reserve_free);
  return genvid_worker_is_patient (worker)
         && !genvid_worker_park_for_room (worker);
}

/* --- Money. --- */

/* The intent stands. An exit that came meanwhile may be over before an answer
 * to what is sent now. */
static GenvidFailure *
write_intent (GenvidWorker *worker)
{
  GenvidFailure *failure = genvid_purchase_prepare (worker->purchase);

  return failure == NULL && g_atomic_int_get (&worker->quit)
             ? genvid_worker_refuse_unwanted (worker)
             : failure;
}

/* NULL: the submit may be sent. A doubt is settled even when nobody reads any
 * more: what was paid for would be lost otherwise. */
static GenvidFailure *
prepare_submit (GenvidWorker *worker, gboolean fresh)
{
  g_autoptr (GError) error = NULL;

  if (!fresh && !genvid_plan_may_buy (worker->plan, &error))
    return genvid_failure_new_from_error (error, GENVID_REASON_OVER_BUDGET);
  if ((fresh || genvid_job_is_unbought (worker->job))
      && genvid_worker_is_unwanted (worker))
    return genvid_worker_refuse_unwanted (worker);
  if (!fresh)
    return NULL;
  if (!take_room (worker, &error))
    return genvid_purchase_refuse (error);
  return write_intent (worker);
}

/* While STEP waits for its turn. TRUE: it is not sent, and the job knows. */
static gboolean
is_called_away (GenvidWorker *worker, const GenvidStep *step)
{
  if (genvid_worker_must_leave (worker)
      || genvid_cancel_wish_is_set (&worker->wish)) {
    genvid_job_withdraw (worker->job);
    return TRUE;
  }
  if (step->fresh && genvid_worker_is_unwanted (worker)) {
    g_autoptr (GenvidFailure) failure = genvid_worker_refuse_unwanted (worker);

    genvid_job_abort (worker->job, failure);
    return TRUE;
  }
  return FALSE;
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

/* The step must be sent as soon as the key's rate limit allows it. */
gboolean
genvid_worker_await_turn (GenvidWorker *worker)
{
  const GenvidStep *step = &worker->step;
  GenvidTurn *turn = worker->turn;
  GenvidNow now = genvid_clock_now ();
  gint64 room, again;

  worker->stage = genvid_worker_send_step;
  /* Of a step that was not sent, which may have needed fewer. */
  g_clear_pointer (&worker->room, genvid_reserve_free);
  /* A cancel gives money back, and does not wait. */
  if (step->exchange->kind == GENVID_EXCHANGE_CANCEL) {
    genvid_turn_force (turn, &now);
    return TRUE;
  }
  room = genvid_turn_take (turn, step->since, step->due, &now);
  if (room <= now.boot)
    return TRUE;
  worker->stage = worker->steps;
  again = genvid_step_look_again (step, room, now.boot);
  if (again == 0) {
    GENVID_WORKER_LOG (worker, LOG, "rate limit: no request allowed in time");
    genvid_turn_leave (turn);
    genvid_job_feed_no_turn (worker->job, &now);
    genvid_worker_save (worker);
    return TRUE;
  }
  if (is_called_away (worker, step)) {
    genvid_turn_leave (turn);
    genvid_worker_save (worker);
    return TRUE;
  }
  GENVID_WORKER_LOG (worker, LOG, "rate limit: no request allowed for %.1f s",
                     (double)(room - now.boot) / G_USEC_PER_SEC);
  worker->stage = genvid_worker_await_turn;
  return genvid_worker_park_until (worker, again);
}

/* It waited for a thread, and must not be sent any more. */
static gboolean
is_withdrawn (GenvidWorker *worker)
{
  GenvidNow now = genvid_clock_now ();

  if (!is_called_away (worker, &worker->step))
    return FALSE;
  genvid_turn_give_back (worker->turn, &now);
  genvid_worker_save (worker);
  return TRUE;
}

/* The others went without descriptors for as long as they may: it was not sent,
 * and is sent again as the job says. */
static gboolean
is_left_unsent (GenvidWorker *worker)
{
  g_autoptr (GError) error = NULL;

  if (worker->step.fresh || take_room (worker, &error))
    return FALSE;
  worker->lacking = 0;
  worker->answer = genvid_answer_new (GENVID_ANSWER_UNSENT, error->message);
  worker->stage = take_answer;
  return TRUE;
}

/* An intent that stands is a doubt until the record says that nothing was
 * sent. */
static void
call_off (GenvidWorker *worker, const GenvidFailure *failure)
{
  genvid_worker_take_back (worker, failure);
  genvid_worker_save (worker);
  g_atomic_int_set (&worker->paying, FALSE);
}

/* FALSE: it is not sent. The proof of the lock comes last. */
static gboolean
prepare (GenvidWorker *worker)
{
  const GenvidStep *step = &worker->step;
  gboolean submit = step->exchange->kind == GENVID_EXCHANGE_SUBMIT;
  gboolean paying = is_paying (step->exchange);
  g_autoptr (GenvidFailure) failure = NULL;

  if (is_left_unsent (worker))
    return FALSE;
  /* An exit waits for the intent as it does for the answer. */
  g_atomic_int_set (&worker->paying, paying);
  if (submit)
    failure = prepare_submit (worker, step->fresh);
  if (submit && failure == NULL)
    genvid_worker_publish (worker);
  if (failure == NULL && paying)
    failure = genvid_purchase_prove_lock (worker->purchase);
  if (failure != NULL) {
    call_off (worker, failure);
    return FALSE;
  }
  count (worker, step->exchange);
  return TRUE;
}

static gboolean
send_transfer (GenvidWorker *worker, gint64 until)
{
  const GenvidExchange *exchange = worker->step.exchange;
  gboolean upload = exchange->kind == GENVID_EXCHANGE_UPLOAD;
  const GenvidReplyClip reply = { worker->http,
                                  worker->clip,
                                  worker->entry,
                                  worker->plan->settings->max_size,
                                  upload ? genvid_uploads_show_progress : NULL,
                                  worker->uploads };

  worker->answer
      = genvid_reply_clip_send (&reply, exchange, until, &worker->extension);
  return TRUE;
}

static gboolean
send_message (GenvidWorker *worker, gint64 until)
{
  GenvidHttpHubRequest request
      = { &worker->trust, worker->step.exchange, until, NULL };

  if (g_atomic_int_get (&worker->abort)) {
    worker->answer = genvid_answer_new (
        GENVID_ANSWER_UNSENT, "not sent because the process is exiting");
    return TRUE;
  }
  request.reserve = g_steal_pointer (&worker->room);
  worker->park = genvid_park_send (worker->place, &request);
  /* One that came since then did not find it. */
  if (g_atomic_int_get (&worker->abort))
    genvid_place_abort (worker->place);
  return FALSE;
}

gboolean
genvid_worker_send_step (GenvidWorker *worker)
{
  GenvidNow now;
  gint64 until;

  if (must_wait (worker)) {
    worker->stage = worker->steps;
    if (is_withdrawn (worker))
      return TRUE;
    worker->stage = genvid_worker_send_step;
    return FALSE;
  }
  worker->stage = worker->steps;
  now = genvid_clock_now ();
  if (!genvid_job_confirm (worker->job, &now)) {
    genvid_turn_give_back (worker->turn, &now);
    return TRUE;
  }
  if (!prepare (worker))
    return TRUE;
  now = genvid_clock_now ();
  worker->sent = now.boot;
  until = genvid_job_step (worker->job, &now).until;
  worker->stage = take_answer;
  return is_transfer (worker->step.exchange) ? send_transfer (worker, until)
                                             : send_message (worker, until);
}

static void
feed (GenvidWorker *worker, const GenvidAnswer *answer)
{
  g_autofree char *extension = g_steal_pointer (&worker->extension);
  GenvidMedia media = { GENVID_MEDIA_COMPLETE, NULL, extension, answer->media };
  GenvidNow now = genvid_clock_now ();

  if (extension != NULL)
    genvid_job_feed_clip (worker->job, answer, &media, &now);
  else
    genvid_job_feed (worker->job, answer, &now);
}

static gboolean
take_answer (GenvidWorker *worker)
{
  g_autoptr (GenvidAnswer) answer = g_steal_pointer (&worker->answer);
  GenvidExchangeKind kind = worker->step.exchange->kind;

  worker->stage = worker->steps;
  if (answer == NULL)
    answer = genvid_place_take_answer (worker->place);
  feed (worker, answer);
  genvid_worker_save (worker);
  g_atomic_int_set (&worker->paying, FALSE);
  settle_turn (worker, answer, worker->sent);
  if (kind == GENVID_EXCHANGE_UPLOAD)
    genvid_uploads_end (worker->uploads);
  else if (kind == GENVID_EXCHANGE_SUBMIT && was_rejected (worker))
    genvid_uploads_forget (worker->plan, worker->call);
  return TRUE;
}
