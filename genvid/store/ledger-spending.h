/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "ledger.h"
#include "moment.h"
#include "store.h"

G_BEGIN_DECLS

GenvidLedgerSpending *genvid_ledger_spending_new (void);
void genvid_ledger_spending_free (GenvidLedgerSpending *spending);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidLedgerSpending,
                               genvid_ledger_spending_free)
void genvid_ledger_spending_apply (GenvidLedgerSpending *spending,
                                   const GenvidLedgerNews *news);
/* Takes SPENT. */
void genvid_ledger_spending_add (GenvidLedgerSpending *spending,
                                 GenvidSpent *spent);
/* Bounds it: what was spoken of last stays by name; of what was before, old
 * and void ones go and the rest is added up by five minutes. */
void genvid_ledger_spending_fold (GenvidLedgerSpending *spending,
                                  GenvidStore *store, const GenvidNow *now);
gboolean genvid_ledger_spending_is_large (const GenvidLedgerSpending *spending);
/* Without what LINE (nullable) replaces. */
double genvid_ledger_spending_sum (const GenvidLedgerSpending *spending,
                                   GenvidStore *store,
                                   const GenvidLedgerLine *line,
                                   const GenvidNow *now);
/* Of the last day, with an hour for clocks that were set. */
gboolean genvid_ledger_spending_is_late (gint64 wall, gint64 boot,
                                         const char *boot_id,
                                         const GenvidNow *now);

G_END_DECLS
