/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "ledger-line.h"
#include "moment.h"
#include "store.h"

G_BEGIN_DECLS

/* The sum of the ledger's lines, by purchase. */

#define GENVID_LEDGER_HOUR   (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)
#define GENVID_LEDGER_WINDOW (24 * GENVID_LEDGER_HOUR)
/* A clock set back by less than this revives nothing that was dropped. */
#define GENVID_LEDGER_MARGIN GENVID_LEDGER_HOUR
#define GENVID_LEDGER_LATE   (GENVID_LEDGER_WINDOW + GENVID_LEDGER_MARGIN)

typedef struct {
  char *fingerprint; /* "": a slot, the sum of purchases of five minutes */
  guint n;
  gint64 wall; /* of the reserve, else of the first line */
  gint64 boot;
  char *boot_id; /* nullable */
  gboolean reserved;
  gboolean committed; /* a line shows that it was sent */
  gboolean adopted;
  gboolean apart; /* no line will speak of it: a slot, or a purchase whose
                   * number was used again */
  double usd;     /* -1 unknown */
  guint64 touch;  /* grows with each line that speaks of one */
} GenvidSpent;

typedef struct {
  GHashTable *purchases; /* name → GenvidSpent */
  guint64 touch;
  gint64 offset;    /* of the first byte in the ledger that is not in it */
  guint64 lines;    /* before OFFSET */
  guint64 damaged;  /* number of the first line that may hide money; 0: none */
  guint64 scanned;  /* bytes of the ledger that were read for it */
  gboolean resumed; /* from a checkpoint */
} GenvidLedgerSpending;

GenvidLedgerSpending *genvid_ledger_spending_new (void);
void genvid_ledger_spending_free (GenvidLedgerSpending *spending);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidLedgerSpending,
                               genvid_ledger_spending_free)
void genvid_ledger_spending_apply (GenvidLedgerSpending *spending,
                                   const GenvidLedgerNews *news);
/* Bounds its size: the most recent purchases stay by name; of the others, old
 * and void ones are dropped and the rest is added up by five minutes. */
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

/* --- The checkpoint, STORE/ledger.sum; a cache: it may go at any time. --- */

/* The checkpoint of the ledger that FD is; NULL if there is none, if it belongs
 * to another one (replaced, truncated, edited), or if the clock was set
 * back. */
GenvidLedgerSpending *genvid_ledger_spending_load (GenvidStore *store, int fd,
                                                   const GenvidNow *now);
/* Under the lock. A failure only costs the next reader its time. */
void genvid_ledger_spending_save (GenvidStore *store, int fd,
                                  const GenvidLedgerSpending *spending,
                                  const GenvidNow *now);

G_END_DECLS
