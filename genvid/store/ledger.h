/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "ledger-line.h"
#include "ledger-spending.h"
#include "moment.h"
#include "store.h"

G_BEGIN_DECLS

/* STORE/ledger.jsonl: one line a money event, appended under its own lock
 * (locks/ledger), fsync'd; ledger.sum: the checkpoint of their sum. Any thread;
 * may wait some seconds for the lock. */

#define GENVID_LEDGER_NAME "ledger.jsonl"

/* Appends LINE, on a line of its own even after a torn one; texts are cut so
 * that it can be read back, and a long id is written as id-begins instead. On
 * failure nothing of it is left. */
gboolean genvid_ledger_append (GenvidStore *store, const GenvidLedgerLine *line,
                               const GenvidNow *now, GError **error);

/* Under one lock: sums the last 24 hours, refuses with GENVID_ERROR
 * (over-budget) if the sum plus LINE's amount passes BUDGET (USD, negative: no
 * limit; with a limit an unknown amount is refused), else appends LINE as a
 * RESERVE. The caller holds the lock of LINE's entry until its intent is made.
 *
 * A purchase is fingerprint and n, and counts from its reserve on: running
 * and doubtful ones at the reserved amount, or a higher cost the service has
 * reported so far, finished ones at their cost where it is known, failed and
 * cancelled ones at nothing when they were not billed. A reserve without an
 * intent is void, unless somebody holds the entry's lock and so may be about to
 * make it, a later line shows that it was sent, or its clip was removed since.
 * A second reserve of one that was sent is a purchase of its own. What was
 * adopted and never reserved is not ours. A date in the future counts as now;
 * unknown amounts count nothing; other currencies than USD and credits count
 * as USD. A line that cannot be read, and was not followed by one that is a
 * day old, is over-budget under any limit; one that was torn while it was
 * written is void. */
gboolean genvid_ledger_reserve (GenvidStore *store,
                                const GenvidLedgerLine *line, double budget,
                                const GenvidNow *now, GError **error);

/* What the last 24 hours cost, in USD; -1 with error. */
double genvid_ledger_sum (GenvidStore *store, const GenvidNow *now,
                          GError **error);

/* What the lines of a purchase contain besides money. */
typedef struct {
  guint n;
  char *id;
  char *provider;   /* nullable */
  char *model;      /* nullable */
  gboolean adopted; /* not bought here */
  gint64 ready;     /* wall; 0: no line says so */
} GenvidLedgerTrace;
/* For a record that was lost: the id that was recorded for purchase N of
 * FINGERPRINT (0: for its last one). FALSE: none. Needs no lock, and reads the
 * whole ledger. */
gboolean genvid_ledger_find (GenvidStore *store, const char *fingerprint,
                             guint n, GenvidLedgerTrace *trace);
void genvid_ledger_trace_clear (GenvidLedgerTrace *trace);

/* Calls TELL for each line, from 1, that cannot be read and is not torn. FALSE
 * with error: not all lines were read. */
typedef void (*GenvidLedgerTell) (guint64 line, gpointer data);
gboolean genvid_ledger_check (GenvidStore *store, GenvidLedgerTell tell,
                              gpointer data, GError **error);

/* Calls VISIT with the fingerprint of each line, in their order and as often as
 * they have it, while the ledger is being read. A line that does not show one
 * is passed over. Needs no lock. */
typedef void (*GenvidLedgerVisit) (const char *fingerprint, gpointer data);
void genvid_ledger_visit (GenvidStore *store, GenvidLedgerVisit visit,
                          gpointer data);

/* N: the highest number under which FINGERPRINT was sent recently, as far as
 * the checkpoint goes back; 0: none. */
gboolean genvid_ledger_find_number (GenvidStore *store, const char *fingerprint,
                                    const GenvidNow *now, guint *n,
                                    GError **error);

/* All lines, from the checkpoint on. LOCKED: the caller has the lock, so what
 * other machines wrote last is read, too, and a new checkpoint may be written.
 * NULL with error. */
GenvidLedgerSpending *genvid_ledger_read (GenvidStore *store, gboolean locked,
                                          const GenvidNow *now, GError **error);

G_END_DECLS
