/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "failure.h"
#include "record.h"
#include "worker.h"

G_BEGIN_DECLS

/* worker-purchase.c: makes the record durable where it changed and tells the
 * ledger what that means in money. FALSE with error: not on disk. */
gboolean genvid_worker_save (GenvidWorker *worker, GError **error);
/* All that must be true and durable before a byte of a submit is sent. NULL:
 * go ahead. */
GenvidFailure *genvid_worker_prepare_purchase (GenvidWorker *worker);
/* Nobody is left who wants it, and nothing was bought. */
GenvidFailure *genvid_worker_refuse_unwanted (void);

/* RECORD is of nothing bought yet: the number that its purchase gets is higher
 * than that of any one before, whose clip may have been removed since. */
GenvidFailure *genvid_worker_number_purchase (GenvidWorker *worker,
                                              GenvidRecord *record);
/* The same submit again, which may buy: still allowed and, where nothing was
 * bought so far, still wanted. NULL: go ahead. */
GenvidFailure *genvid_worker_check_repeat (GenvidWorker *worker);
/* Of an intent or a record that was not written. */
GenvidFailure *genvid_worker_explain (const GError *error);
/* A clip that the record (nullable) calls done, and that could not be served:
 * what is left of it goes aside, and RECORD is under way again, so that the
 * service is asked for the same file. NULL: RECORD may be gone on with. */
GenvidFailure *genvid_worker_reopen_lost (GenvidWorker *worker,
                                          GenvidRecord *record);

G_END_DECLS
