/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "ledger.h"
#include "store.h"

G_BEGIN_DECLS

/* For a record that was lost: the id that was written down for purchase N of
 * FINGERPRINT (0: for its last one). FALSE: none. Needs no lock, and reads the
 * whole ledger. */
gboolean genvid_ledger_find (GenvidStore *store, const char *fingerprint,
                             guint n, GenvidLedgerTrace *trace);
void genvid_ledger_trace_clear (GenvidLedgerTrace *trace);

G_END_DECLS
