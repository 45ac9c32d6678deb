/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is written about a purchase, and when: the reserve, the intent, the
 * record, the line in the ledger, each durable before the next step.
 * docs/money.md says what a crash between any two of them leads to. Another
 * key than the one that bought may play what is finished, but neither poll nor
 * cancel nor settle what is not; the key itself is never kept, see
 * key-hash.c. */

#include "purchase.h"

#include "clip.h"
#include "clock.h"
#include "failure.h"
#include "job.h"
#include "key-hash.h"
#include "ledger.h"
#include "log.h"
#include "moment.h"
#include "plan.h"
#include "provider.h"
#include "record.h"
#include "reserve.h"
#include "store-entry.h"
#include "store-media.h"
#include "store.h"

#include <gio/gio.h>

/* Room for the largest clip these services make today; the download checks
 * again when it knows the size. */
#define ROOM_FOR_A_CLIP (G_GUINT64_CONSTANT (64) * 1024 * 1024)

struct _GenvidPurchase {
  GenvidPlan *plan;
  GenvidStoreEntry *entry;
  GenvidClip *clip;
  GenvidJob *job;
  GenvidRecord *known; /* as saved last */
  guint saved;         /* serial of the record on disk; 0: as it was found */
  GQueue owed;         /* of OwedLine: lines that the ledger lacks */
};

/* What happened, and when. */
typedef struct {
  GenvidRecord *record;
  GenvidLedgerEvent event;
  GenvidBilled billed;
  GenvidNow now;
} OwedLine;

static void
owed_line_free (gpointer data)
{
  OwedLine *owed = data;

  genvid_record_free (owed->record);
  g_free (owed);
}

static GenvidLedgerLine
make_line (GenvidPurchase *purchase, const GenvidRecord *record,
           GenvidLedgerEvent event)
{
  const GenvidPlan *plan = purchase->plan;
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
set_cost (GenvidPurchase *purchase, GenvidLedgerLine *line,
          const GenvidRecord *record)
{
  double usd
      = genvid_plan_to_usd (purchase->plan, record->cost, record->currency);

  if (usd < 0)
    return;
  line->amount = usd;
  line->currency = "USD";
}

static gboolean
write_owed (GenvidPurchase *purchase, const OwedLine *owed, GError **error)
{
  GenvidLedgerLine line = make_line (purchase, owed->record, owed->event);

  line.billed = owed->billed;
  set_cost (purchase, &line, owed->record);
  return genvid_ledger_append (purchase->plan->store, &line, &owed->now, error);
}

/* The money is spent whether or not a line can be written now; the reserve
 * stands in the ledger already and counts. A machine that died with the
 * ledger's lock keeps it for as long as the file system lets it, so what is
 * owed is tried again before each step. */
static void
write_all_owed (GenvidPurchase *purchase)
{
  g_autoptr (GError) error = NULL;
  const OwedLine *owed;

  while ((owed = g_queue_peek_head (&purchase->owed)) != NULL
         && write_owed (purchase, owed, &error))
    owed_line_free (g_queue_pop_head (&purchase->owed));
  if (error != NULL)
    genvid_clip_publish_note (purchase->clip, error->message);
}

static void
append (GenvidPurchase *purchase, const GenvidRecord *record,
        GenvidLedgerEvent event, GenvidBilled billed)
{
  OwedLine *owed = g_new0 (OwedLine, 1);

  owed->record = genvid_record_copy (record);
  owed->event = event;
  owed->billed = billed;
  owed->now = genvid_clock_now ();
  g_queue_push_tail (&purchase->owed, owed);
  write_all_owed (purchase);
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

/* A doubtful submit was repeated in the same run, so no record ever ended in
 * doubt. */
static gboolean
is_doubt_passed (const GenvidRecord *before, const GenvidRecord *after)
{
  return before != NULL && before->state == GENVID_STATE_SUBMITTING
         && before->n < after->n && after->failure != NULL
         && after->failure->reason == GENVID_REASON_IN_DOUBT;
}

/* One line for each money event between BEFORE and AFTER. */
static void
record_in_ledger (GenvidPurchase *purchase, const GenvidRecord *before,
                  const GenvidRecord *after)
{
  gboolean had_id
      = before != NULL && before->n == after->n && before->id != NULL;

  if (after->id != NULL && !had_id)
    append (purchase, after,
            after->adopted ? GENVID_LEDGER_ADOPT : GENVID_LEDGER_ACCEPT,
            GENVID_BILLED_UNKNOWN);
  if (after->ready != 0 && (before == NULL || before->ready == 0))
    append (purchase, after, GENVID_LEDGER_FINISH, GENVID_BILLED_YES);
  if (is_doubt_passed (before, after))
    append (purchase, before, GENVID_LEDGER_DOUBT, GENVID_BILLED_UNKNOWN);
  if (entered (before, after, GENVID_STATE_IN_DOUBT))
    append (purchase, after, GENVID_LEDGER_DOUBT, GENVID_BILLED_UNKNOWN);
  if (entered (before, after, GENVID_STATE_FAILED))
    append (purchase, after, GENVID_LEDGER_FAIL, get_billed (after));
  if (entered (before, after, GENVID_STATE_CANCELLED))
    append (purchase, after, GENVID_LEDGER_CANCEL, get_billed (after));
}

gboolean
genvid_purchase_exists (const GenvidRecord *record)
{
  if (record == NULL)
    return FALSE;

  switch (record->state) {
  case GENVID_STATE_CANCELLED:
    return !record->frees && record->id != NULL;
  case GENVID_STATE_IDLE:
    /* Another one will be bought, but has not begun. */
    return record->failure != NULL
           && record->failure->reason == GENVID_REASON_IN_DOUBT;
  case GENVID_STATE_SUBMITTING:
  case GENVID_STATE_QUEUED:
  case GENVID_STATE_RUNNING:
  case GENVID_STATE_DOWNLOADING:
  case GENVID_STATE_DONE:
  case GENVID_STATE_IN_DOUBT:
    return TRUE;
  default:
    return FALSE;
  }
}

/* Something at the service belongs to the key of RECORD, or may. */
static gboolean
has_key (const GenvidRecord *record)
{
  return record != NULL && record->key_hash != NULL
         && genvid_purchase_exists (record);
}

/* A server that is used without a key has one kind of user, and that is the
 * empty key's. */
static const char *
get_key (const GenvidPlan *plan)
{
  return plan->key != NULL ? plan->key : "";
}

/* Whoever names the generation may go on with it: the key was renewed. */
static gboolean
is_adopted (const GenvidPlan *plan, const GenvidRecord *record)
{
  const char *id = plan->settings->adopt;

  return id != NULL && *id != '\0'
         && (record->id == NULL || strcmp (record->id, id) == 0);
}

static char *
make_key_advice (const GenvidRecord *record)
{
  if (record->id == NULL)
    return g_strdup ("Use that key. If it was replaced by this one, look for "
                     "the generation in the account and set adopt to its id. "
                     "To buy another with this one, raise take.");
  return g_strdup_printf ("Use that key to fetch it. If it was replaced by "
                          "this one, set adopt=%s. To buy another with this "
                          "one, raise take.",
                          record->id);
}

GenvidFailure *
genvid_purchase_check_key (const GenvidPlan *plan, const GenvidRecord *record)
{
  GenvidFailure *failure;

  if (plan->keyless != NULL)
    return genvid_failure_new (GENVID_REASON_UNAUTHORIZED, "%s", plan->keyless);
  if (!has_key (record) || genvid_key_matches (record->key_hash, get_key (plan))
      || is_adopted (plan, record))
    return NULL;

  failure = genvid_failure_new (
      GENVID_REASON_UNAUTHORIZED,
      "This generation was bought with another key of %s.",
      genvid_provider_get_title (plan->provider));
  failure->advice = make_key_advice (record);
  failure->generation_id = g_strdup (record->id);
  return failure;
}

/* What has ended or never began may be another key's; what comes next is not.
 * Nor is what was adopted. A doubt stays its key's until the service has
 * confirmed the id: until then it could be replayed. */
static void
take_key (GenvidPurchase *purchase, const GenvidRecord *record)
{
  const char *key = get_key (purchase->plan);
  g_autofree char *key_hash = NULL;

  if (record->key_hash != NULL && genvid_key_matches (record->key_hash, key))
    return;
  if (has_key (record)
      && (record->id == NULL || !is_adopted (purchase->plan, record)))
    return;
  key_hash = genvid_key_hash (key);
  genvid_job_set_key_hash (purchase->job, key_hash);
}

GenvidPurchase *
genvid_purchase_new (GenvidPlan *plan, GenvidStoreEntry *entry,
                     GenvidClip *clip, GenvidJob *job,
                     const GenvidRecord *record)
{
  GenvidPurchase *purchase = g_new0 (GenvidPurchase, 1);

  purchase->plan = plan;
  purchase->entry = entry;
  purchase->clip = clip;
  purchase->job = job;
  purchase->known = genvid_record_copy (record);
  take_key (purchase, record);
  return purchase;
}

void
genvid_purchase_free (GenvidPurchase *purchase)
{
  if (purchase == NULL)
    return;
  write_all_owed (purchase);
  g_queue_clear_full (&purchase->owed, owed_line_free);
  genvid_record_free (purchase->known);
  g_free (purchase);
}

gboolean
genvid_purchase_is_lost (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS)
         || g_error_matches (error, GENVID_ERROR, GENVID_REASON_BUSY);
}

/* The record belongs to another now; the ledger takes lines of all, and who
 * goes on finds the id there. */
static void
keep_id (GenvidPurchase *purchase, const GenvidRecord *record)
{
  const GenvidRecord *known = purchase->known;

  if (record->id == NULL || (known->n == record->n && known->id != NULL))
    return;
  append (purchase, record,
          record->adopted ? GENVID_LEDGER_ADOPT : GENVID_LEDGER_ACCEPT,
          GENVID_BILLED_UNKNOWN);
  genvid_record_free (purchase->known);
  purchase->known = genvid_record_copy (record);
}

gboolean
genvid_purchase_save (GenvidPurchase *purchase, GError **error)
{
  guint serial;
  const GenvidRecord *record = genvid_job_get_record (purchase->job, NULL);
  GError *problem = NULL;

  write_all_owed (purchase);
  if (record->adopted && !purchase->known->adopted)
    take_key (purchase, record);
  record = genvid_job_get_record (purchase->job, &serial);
  if (serial == purchase->saved)
    return TRUE;
  if (!genvid_store_entry_save (purchase->entry, record, &problem)) {
    if (genvid_purchase_is_lost (problem))
      keep_id (purchase, record);
    g_propagate_error (error, problem);
    return FALSE;
  }

  purchase->saved = serial;
  record_in_ledger (purchase, purchase->known, record);
  genvid_record_free (purchase->known);
  purchase->known = genvid_record_copy (record);
  return TRUE;
}

GenvidFailure *
genvid_purchase_number (GenvidStore *store, GenvidRecord *record)
{
  GenvidNow now = genvid_clock_now ();
  g_autoptr (GError) error = NULL;
  guint kept = 0;
  guint spent = 0;

  if (record->state != GENVID_STATE_IDLE || record->failure != NULL)
    return NULL;
  if (!genvid_store_recall_number (store, record->fingerprint, &kept, &error)
      || !genvid_ledger_find_number (store, record->fingerprint, &now, &spent,
                                     &error))
    return genvid_failure_new_from_error (error, GENVID_REASON_NO_SPACE);
  record->n = MAX (record->n, MAX (kept, spent) + 1);
  return NULL;
}

static void
log_reserve (const GenvidPlan *plan, const GenvidLedgerLine *line,
             const GError *error)
{
  g_autofree char *price = line->currency != NULL
                               ? g_strdup_printf ("%.4f USD", line->amount)
                               : g_strdup ("unknown");
  g_autofree char *budget = plan->budget >= 0
                                ? g_strdup_printf ("%.4f USD", plan->budget)
                                : g_strdup ("unlimited");

  genvid_log (GENVID_LOG_ENGINE, GENVID_LOG_DEBUG,
              "%.8s: budget check: price %s, budget %s: %s", plan->fingerprint,
              price, budget, error != NULL ? error->message : "reserved");
}

static gboolean
reserve (GenvidPurchase *purchase, const GenvidNow *now, GError **error)
{
  const GenvidPlan *plan = purchase->plan;
  const GenvidRecord *record = genvid_job_get_record (purchase->job, NULL);
  GenvidLedgerLine line = make_line (purchase, record, GENVID_LEDGER_RESERVE);
  gboolean again = record->failure != NULL
                   && record->failure->reason == GENVID_REASON_IN_DOUBT;
  GError *refusal = NULL;
  gboolean reserved
      = genvid_ledger_reserve (plan->store, &line, plan->budget, now, &refusal);

  log_reserve (plan, &line, refusal);
  if (!reserved) {
    g_propagate_error (error, refusal);
    return FALSE;
  }
  if (!again)
    return TRUE;

  line.event = GENVID_LEDGER_RESUBMIT;
  return genvid_ledger_append (plan->store, &line, now, error);
}

static gboolean
write_intent (GenvidPurchase *purchase, GError **error)
{
  const GenvidRecord *record = genvid_job_get_record (purchase->job, NULL);
  GenvidNow now = genvid_clock_now ();

  genvid_store_entry_describe (purchase->entry, record);
  if (!genvid_request_check_words (purchase->plan->request, error)
      || !genvid_plan_may_buy (purchase->plan, error)
      || !genvid_store_entry_check_space (purchase->entry, ROOM_FOR_A_CLIP,
                                          error)
      || !reserve (purchase, &now, error)
      || !genvid_store_entry_intend (purchase->entry, record->n, &now, error))
    return FALSE;

  genvid_job_intended (purchase->job, &now);
  if (!genvid_purchase_save (purchase, error))
    return FALSE;
  append (purchase, purchase->known, GENVID_LEDGER_SUBMIT,
          GENVID_BILLED_UNKNOWN);
  return TRUE;
}

/* The lock can be lost while this process is frozen. Then the intent decides:
 * whoever made it buys, and nobody else. */
GenvidFailure *
genvid_purchase_explain (const GError *error)
{
  GenvidFailure *failure;

  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS))
    return genvid_failure_new_from_error (error, GENVID_REASON_NO_SPACE);

  failure = genvid_failure_new (
      GENVID_REASON_BUSY, "Another process has taken this generation over.");
  failure->advice = g_strdup ("Start again to share its clip.");
  failure->retryable = TRUE;
  return failure;
}

GenvidFailure *
genvid_purchase_prove_lock (GenvidPurchase *purchase)
{
  g_autoptr (GError) error = NULL;

  return genvid_store_entry_renew (purchase->entry, &error)
             ? NULL
             : genvid_purchase_explain (error);
}

GenvidFailure *
genvid_purchase_refuse (const GError *error)
{
  GenvidFailure *failure = genvid_purchase_explain (error);

  failure->billed = GENVID_BILLED_NO;
  failure->retryable = TRUE;
  return failure;
}

GenvidFailure *
genvid_purchase_prepare (GenvidPurchase *purchase)
{
  g_autoptr (GError) error = NULL;

  if (genvid_reserve_check_threads (&error) && write_intent (purchase, &error))
    return NULL;
  return genvid_purchase_refuse (error);
}

GenvidFailure *
genvid_purchase_reopen (GenvidStoreEntry *entry, GenvidRecord *record)
{
  g_autoptr (GError) error = NULL;
  GenvidFailure *failure;

  if (record == NULL || record->state != GENVID_STATE_DONE)
    return NULL;
  if (record->id == NULL) {
    failure = genvid_failure_new (
        GENVID_REASON_NOT_STORED,
        "The clip is missing from the store, and the id of its generation is "
        "not known.");
    failure->advice = g_strdup ("Set adopt to the id that the service shows.");
    return failure;
  }
  if (!genvid_store_entry_set_clip_aside (entry, record, &error))
    return genvid_failure_new_from_error (error, GENVID_REASON_NO_SPACE);
  record->state = GENVID_STATE_QUEUED;
  record->ended = 0;
  record->media_size = 0;
  g_clear_pointer (&record->media_extension, g_free);
  return NULL;
}
