/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "clip.h"
#include "failure.h"
#include "job.h"
#include "plan.h"
#include "record.h"
#include "store-entry.h"

G_BEGIN_DECLS

/* What is durable of the purchase that a job makes: its intent, its record and
 * its lines in the ledger. The worker's thread only, while the lock is held. */
typedef struct _GenvidPurchase GenvidPurchase;

/* RECORD: as JOB got it. All arguments are borrowed; all but RECORD must
 * outlive it. What JOB buys from now on belongs to the key of PLAN. */
GenvidPurchase *genvid_purchase_new (GenvidPlan *plan, GenvidStoreEntry *entry,
                                     GenvidClip *clip, GenvidJob *job,
                                     const GenvidRecord *record);
void genvid_purchase_free (GenvidPurchase *purchase); /* NULL is fine */

/* Saves the record if it changed, and adds to the ledger what the change means
 * in money. FALSE with error: it is not on disk. */
gboolean genvid_purchase_save (GenvidPurchase *purchase, GError **error);
/* Checks all that must be true, and writes all that must be durable, before a
 * byte of a new submit is sent. NULL: send it. */
GenvidFailure *genvid_purchase_prepare (GenvidPurchase *purchase);

/* NULL: the lock is still ours, so what moves money may be sent. */
GenvidFailure *genvid_purchase_prove_lock (GenvidPurchase *purchase);

/* Why an intent or a record was not written: the lock was lost, or another
 * process went on with the purchase. */
gboolean genvid_purchase_is_lost (const GError *error);
/* Why an intent or a record was not written. */
GenvidFailure *genvid_purchase_explain (const GError *error);
/* The same where nothing was bought. */
GenvidFailure *genvid_purchase_refuse (const GError *error);

/* RECORD (nullable) is of a clip that is finished, or of a generation that the
 * service knows or may know. */
gboolean genvid_purchase_exists (const GenvidRecord *record);
/* A key that did not buy what RECORD (nullable) is of may not go on with it.
 * NULL: go on. */
GenvidFailure *genvid_purchase_check_key (const GenvidPlan *plan,
                                          const GenvidRecord *record);
/* Gives RECORD, if nothing is bought yet, a number above that of every earlier
 * purchase, even one whose clip was removed. NULL: done. */
GenvidFailure *genvid_purchase_number (GenvidStore *store,
                                       GenvidRecord *record);
/* The clip of RECORD (nullable) is finished but cannot be opened: moves what
 * is left of it aside and sets RECORD back, so that the service is asked for
 * the same file again. NULL: go on with RECORD. */
GenvidFailure *genvid_purchase_reopen (GenvidStoreEntry *entry,
                                       GenvidRecord *record);

G_END_DECLS
