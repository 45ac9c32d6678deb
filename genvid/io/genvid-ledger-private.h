/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <genvid/io/genvid-ledger.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What the files that implement the ledger share: a line, what the lines come
 * to, and the checkpoint, which spares the next reader the lines before it.
 * All of it under the ledger's lock, or as a look at what is there now. */

#define GENVID_LEDGER_NAME "ledger.jsonl"
/* A text of a line is cut here, in bytes; an id is never cut, see there. */
#define GENVID_LEDGER_TEXT_MAX 512
/* Every version begins a line with it. */
#define GENVID_LEDGER_BEGINNING "{\"time\":\""
#define GENVID_LEDGER_HOUR      (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)
#define GENVID_LEDGER_WINDOW    (24 * GENVID_LEDGER_HOUR)
/* A clock that is set back by less brings nothing back that was let go. */
#define GENVID_LEDGER_MARGIN GENVID_LEDGER_HOUR
#define GENVID_LEDGER_LATE   (GENVID_LEDGER_WINDOW + GENVID_LEDGER_MARGIN)

/* --- Lines. --- */

typedef enum {
  GENVID_LEDGER_TEXT_LINE, /* a money event */
  GENVID_LEDGER_TEXT_VOID, /* none: blank, torn before it was durable, or an
                            * event of a later version */
  GENVID_LEDGER_TEXT_DAMAGED,
} GenvidLedgerText;

typedef struct {
  JsonNode *node; /* owns the texts */
  GenvidLedgerEvent event;
  const char *fingerprint;
  guint n;
  gint64 wall;
  gint64 boot;
  const char *boot_id; /* nullable */
  double usd;          /* -1 unknown */
  GenvidBilled billed;
} GenvidLedgerNews;

/* Owned by the caller; without a newline, and read_line takes it. */
char *genvid_ledger_write_line (const GenvidLedgerLine *line,
                                GenvidLedgerEvent event, const GenvidNow *now);
/* NEWS is set, and to be cleared, for a LINE only. */
GenvidLedgerText genvid_ledger_read_line (const char *text, gsize length,
                                          GenvidLedgerNews *news);
void genvid_ledger_news_clear (GenvidLedgerNews *news);
double genvid_ledger_to_usd (double amount, const char *currency);

/* --- What they come to. --- */

typedef struct {
  char *fingerprint; /* "": a slot, the sum of purchases of five minutes */
  guint n;
  gint64 wall; /* of the reserve, else of the first line */
  gint64 boot;
  char *boot_id; /* nullable */
  gboolean reserved;
  gboolean committed; /* a line tells that it was sent */
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
} GenvidSpending;

GenvidSpending *genvid_spending_new (void);
void genvid_spending_free (GenvidSpending *spending);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidSpending, genvid_spending_free)
void genvid_spending_apply (GenvidSpending *spending,
                            const GenvidLedgerNews *news);
/* Takes SPENT. */
void genvid_spending_add (GenvidSpending *spending, GenvidSpent *spent);
/* Bounds it: what was spoken of last stays by name; of what was before, old
 * and void ones go and the rest is added up by five minutes. */
void genvid_spending_fold (GenvidSpending *spending, GenvidStore *store,
                           const GenvidNow *now);
gboolean genvid_spending_is_large (const GenvidSpending *spending);
/* Without what LINE (nullable) replaces. */
double genvid_spending_sum (const GenvidSpending *spending, GenvidStore *store,
                            const GenvidLedgerLine *line, const GenvidNow *now);
/* Of the last day, with an hour for clocks that were set. */
gboolean genvid_spending_is_late (gint64 wall, gint64 boot, const char *boot_id,
                                  const GenvidNow *now);

/* --- The checkpoint, STORE/ledger.sum; a cache: it may go at any time. --- */

/* What it says of the ledger that FD is; NULL where it says nothing, or of
 * another one: replaced, cut, edited; or where the clock was set back. */
GenvidSpending *genvid_checkpoint_load (GenvidStore *store, int fd,
                                        const GenvidNow *now);
/* Under the lock. A failure only costs the next reader its time. */
void genvid_checkpoint_save (GenvidStore *store, int fd,
                             const GenvidSpending *spending,
                             const GenvidNow *now);

/* --- Reading. --- */

/* All lines, from the checkpoint on. LOCKED: the caller has the lock, so a new
 * checkpoint may be written. NULL with error. */
GenvidSpending *genvid_ledger_read (GenvidStore *store, gboolean locked,
                                    const GenvidNow *now, GError **error);

G_END_DECLS
