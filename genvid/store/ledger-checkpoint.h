/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "ledger.h"
#include "moment.h"
#include "store.h"

G_BEGIN_DECLS

/* --- The checkpoint, STORE/ledger.sum; a cache: it may go at any time. --- */

/* What it says of the ledger that FD is; NULL where it says nothing, or of
 * another one: replaced, cut, edited; or where the clock was set back. */
GenvidLedgerSpending *genvid_ledger_checkpoint_load (GenvidStore *store, int fd,
                                                     const GenvidNow *now);
/* Under the lock. A failure only costs the next reader its time. */
void genvid_ledger_checkpoint_save (GenvidStore *store, int fd,
                                    const GenvidLedgerSpending *spending,
                                    const GenvidNow *now);

G_END_DECLS
