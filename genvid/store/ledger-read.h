/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "ledger.h"
#include "moment.h"
#include "store.h"

G_BEGIN_DECLS

gboolean genvid_ledger_check (GenvidStore *store, GenvidLedgerTell tell,
                              gpointer data, GError **error);

/* --- Reading. --- */

/* All lines, from the checkpoint on. LOCKED: the caller has the lock, so a new
 * checkpoint may be written. NULL with error. */
GenvidLedgerSpending *genvid_ledger_read (GenvidStore *store, gboolean locked,
                                          const GenvidNow *now, GError **error);

G_END_DECLS
