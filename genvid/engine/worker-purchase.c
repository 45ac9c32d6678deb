/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a worker writes down, and when: the reserve, the intent, the record,
 * the money line, each durable before the next step. docs/money.md tells what
 * a crash between any two of them leads to. */

#include "worker-purchase.h"

#include "clip.h"
#include "clock.h"
#include "failure.h"
#include "http-client.h"
#include "job.h"
#include "ledger.h"
#include "moment.h"
#include "plan.h"
#include "provider.h"
#include "record.h"
#include "request.h"
#include "reserve.h"
#include "store-entry.h"
#include "store-media.h"
#include "store.h"
#include "worker-private.h"
#include "worker.h"

#include <gio/gio.h>

/* Room for the largest clip these services make today; the exact size is
 * checked again when the download tells it. */
#define ROOM_FOR_A_CLIP (G_GUINT64_CONSTANT (64) * 1024 * 1024)

static GenvidLedgerLine
make_line (GenvidWorker *worker, const GenvidRecord *record,
           GenvidLedgerEvent event)
{
  const GenvidPlan *plan = worker->plan;
  double usd = genvid_plan_to_usd (plan, plan->price, plan->currency);
  GenvidLedgerLine line = {
    .event = event,
    .provider = genvid_provider_get_name (plan->provider),
    .model = plan->model,
    .fingerprint = plan->fingerprint,
    .n = record->n,
    .id = record->id,
    .amount = usd,
    .currency = usd >= 0 ? "USD" : NULL,
    .billed = GENVID_BILLED_UNKNOWN,
  };

  return line;
}

/* The service's own word on the cost, in dollars where there is a rate. */
static void
set_cost (GenvidWorker *worker, GenvidLedgerLine *line,
          const GenvidRecord *record)
{
  double usd
      = genvid_plan_to_usd (worker->plan, record->cost, record->currency);

  if (usd < 0)
    return;
  line->amount = usd;
  line->currency = "USD";
}

static void
append (GenvidWorker *worker, const GenvidRecord *record,
        GenvidLedgerEvent event, GenvidBilled billed)
{
  g_autoptr (GError) error = NULL;
  GenvidLedgerLine line = make_line (worker, record, event);
  GenvidNow now = genvid_clock_now ();

  line.billed = billed;
  set_cost (worker, &line, record);
  /* The money is spent whether or not the line can be written; the reserve
   * stands in the ledger already and counts. */
  if (!genvid_ledger_append (worker->plan->store, &line, &now, &error))
    genvid_clip_publish_note (worker->clip, error->message);
}

static gboolean
entered (const GenvidRecord *before, const GenvidRecord *after,
         GenvidState state)
{
  return after->state == state
         && (before == NULL || before->state != state || before->n != after->n);
}

static GenvidBilled
get_billed (const GenvidRecord *record)
{
  return record->failure != NULL ? record->failure->billed
                                 : GENVID_BILLED_UNKNOWN;
}

/* Paid for anew in the same run: its record never said so by itself. */
static gboolean
is_doubt_passed (const GenvidRecord *before, const GenvidRecord *after)
{
  return before != NULL && before->state == GENVID_STATE_SUBMITTING
         && before->n < after->n && after->failure != NULL
         && after->failure->reason == GENVID_REASON_IN_DOUBT;
}

/* One line a money event: what the change from BEFORE to AFTER means. */
static void
tell_ledger (GenvidWorker *worker, const GenvidRecord *before,
             const GenvidRecord *after)
{
  gboolean had_id
      = before != NULL && before->n == after->n && before->id != NULL;

  if (after->id != NULL && !had_id)
    append (worker, after,
            after->adopted ? GENVID_LEDGER_ADOPT : GENVID_LEDGER_ACCEPT,
            GENVID_BILLED_UNKNOWN);
  if (after->ready != 0 && (before == NULL || before->ready == 0))
    append (worker, after, GENVID_LEDGER_FINISH, GENVID_BILLED_YES);
  if (is_doubt_passed (before, after))
    append (worker, before, GENVID_LEDGER_DOUBT, GENVID_BILLED_UNKNOWN);
  if (entered (before, after, GENVID_STATE_IN_DOUBT))
    append (worker, after, GENVID_LEDGER_DOUBT, GENVID_BILLED_UNKNOWN);
  if (entered (before, after, GENVID_STATE_FAILED))
    append (worker, after, GENVID_LEDGER_FAIL, get_billed (after));
  if (entered (before, after, GENVID_STATE_CANCELLED))
    append (worker, after, GENVID_LEDGER_CANCEL, get_billed (after));
}

gboolean
genvid_worker_save (GenvidWorker *worker, GError **error)
{
  guint serial;
  const GenvidRecord *record = genvid_job_get_record (worker->job, &serial);

  if (serial == worker->saved)
    return TRUE;
  if (!genvid_store_entry_save (worker->entry, record, error))
    return FALSE;

  worker->saved = serial;
  tell_ledger (worker, worker->known, record);
  genvid_record_free (worker->known);
  worker->known = genvid_record_copy (record);
  return TRUE;
}

GenvidFailure *
genvid_worker_number_purchase (GenvidWorker *worker, GenvidRecord *record)
{
  GenvidStore *store = worker->plan->store;
  GenvidNow now = genvid_clock_now ();
  g_autoptr (GError) error = NULL;
  guint kept = 0;
  guint told = 0;

  if (record->state != GENVID_STATE_IDLE || record->failure != NULL)
    return NULL;
  if (!genvid_store_recall_number (store, record->fingerprint, &kept, &error)
      || !genvid_ledger_find_number (store, record->fingerprint, &now, &told,
                                     &error))
    return genvid_failure_new_from_error (error, GENVID_REASON_NO_SPACE);
  record->n = MAX (record->n, MAX (kept, told) + 1);
  return NULL;
}

static gboolean
reserve (GenvidWorker *worker, const GenvidNow *now, GError **error)
{
  const GenvidRecord *record = genvid_job_get_record (worker->job, NULL);
  GenvidLedgerLine line = make_line (worker, record, GENVID_LEDGER_RESERVE);
  gboolean again = record->failure != NULL
                   && record->failure->reason == GENVID_REASON_IN_DOUBT;

  if (!genvid_ledger_reserve (worker->plan->store, &line, worker->plan->budget,
                              now, error))
    return FALSE;
  if (!again)
    return TRUE;

  line.event = GENVID_LEDGER_RESUBMIT;
  return genvid_ledger_append (worker->plan->store, &line, now, error);
}

static gboolean
journal_purchase (GenvidWorker *worker, GError **error)
{
  const GenvidRecord *record = genvid_job_get_record (worker->job, NULL);
  GenvidNow now = genvid_clock_now ();

  genvid_store_entry_describe (worker->entry, record);
  if (!genvid_request_check_words (worker->plan->request, error)
      || !genvid_plan_may_buy (worker->plan, error)
      || !genvid_store_entry_check_space (worker->entry, ROOM_FOR_A_CLIP, error)
      || !reserve (worker, &now, error)
      || !genvid_store_entry_intend (worker->entry, record->n, &now, error))
    return FALSE;

  genvid_job_intended (worker->job, &now);
  if (!genvid_worker_save (worker, error))
    return FALSE;
  append (worker, worker->known, GENVID_LEDGER_SUBMIT, GENVID_BILLED_UNKNOWN);
  return TRUE;
}

/* Where a lock is none (it was lost while this process was frozen), the intent
 * is the fence: whoever made it buys, and nobody else. */
GenvidFailure *
genvid_worker_explain (const GError *error)
{
  GenvidFailure *failure;

  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS))
    return genvid_failure_new_from_error (error, GENVID_REASON_NO_SPACE);

  failure = genvid_failure_new (
      GENVID_REASON_BUSY, "Another process took over to have this clip made.");
  failure->advice = g_strdup ("Start again to share it.");
  failure->retryable = TRUE;
  return failure;
}

GenvidFailure *
genvid_worker_refuse_unwanted (void)
{
  GenvidFailure *failure = genvid_failure_new (
      GENVID_REASON_FAILED, "Stopped before anything was bought.");

  failure->billed = GENVID_BILLED_NO;
  failure->retryable = TRUE;
  return failure;
}

GenvidFailure *
genvid_worker_prepare_purchase (GenvidWorker *worker)
{
  g_autoptr (GError) error = NULL;
  GenvidFailure *failure;

  if (genvid_worker_is_unwanted (worker))
    return genvid_worker_refuse_unwanted ();
  if (genvid_http_client_make_room (worker->http, &error)
      && genvid_reserve_check_threads (&error)
      && journal_purchase (worker, &error))
    return NULL;

  failure = genvid_worker_explain (error);
  failure->billed = GENVID_BILLED_NO;
  failure->retryable = TRUE;
  return failure;
}

/* A doubt is settled even when nobody waits for it any more: what was paid for
 * would be lost else. */
GenvidFailure *
genvid_worker_check_repeat (GenvidWorker *worker)
{
  g_autoptr (GError) error = NULL;

  if (!genvid_plan_may_buy (worker->plan, &error))
    return genvid_failure_new_from_error (error, GENVID_REASON_OVER_BUDGET);
  if (genvid_job_is_unbought (worker->job)
      && genvid_worker_is_unwanted (worker))
    return genvid_worker_refuse_unwanted ();
  return NULL;
}

GenvidFailure *
genvid_worker_reopen_lost (GenvidWorker *worker, GenvidRecord *record)
{
  g_autoptr (GError) error = NULL;
  GenvidFailure *failure;

  if (record == NULL || record->state != GENVID_STATE_DONE)
    return NULL;
  if (record->id == NULL) {
    failure = genvid_failure_new (
        GENVID_REASON_NOT_STORED,
        "The clip is gone from the store, and its generation's id is not "
        "known.");
    failure->advice = g_strdup ("Set adopt to the id as the service shows it.");
    return failure;
  }
  if (!genvid_store_entry_set_clip_aside (worker->entry, record, &error))
    return genvid_failure_new_from_error (error, GENVID_REASON_NO_SPACE);
  record->state = GENVID_STATE_QUEUED;
  record->ended = 0;
  record->media_size = 0;
  g_clear_pointer (&record->media_extension, g_free);
  return NULL;
}
