/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "failure.h"
#include "moment.h"
#include "store.h"

G_BEGIN_DECLS

/* STORE/ledger.jsonl: one line a money event, appended under its own lock
 * (locks/ledger), fsync'd; ledger.sum: what the lines came to so far. Members
 * of a line: time (ISO 8601, UTC), event (reserve submit accept doubt finish
 * fail cancel resubmit adopt), provider, model, fingerprint, n, id, amount,
 * currency, billed, and boot-id with boot (microseconds), which tell a line's
 * age when the wall clock was set. What is not known is absent. Any thread; may
 * wait some seconds for the lock. */

/* What a credit counts when its line was not turned into USD by the rate of
 * its service's description: a cautious bound of 2026-11-21, no quotation. */
#define GENVID_LEDGER_USD_PER_CREDIT 0.01

typedef enum {
  GENVID_LEDGER_RESERVE,  /* about to be spent; void without an intent */
  GENVID_LEDGER_SUBMIT,   /* sent */
  GENVID_LEDGER_ACCEPT,   /* the service gave an id */
  GENVID_LEDGER_DOUBT,    /* nobody knows */
  GENVID_LEDGER_FINISH,   /* ready, with the cost the service says */
  GENVID_LEDGER_FAIL,     /* failed; billed or not */
  GENVID_LEDGER_CANCEL,   /* cancelled, refund where the service says so */
  GENVID_LEDGER_RESUBMIT, /* knowingly paid again after a doubt */
  GENVID_LEDGER_ADOPT,
} GenvidLedgerEvent;

typedef struct {
  GenvidLedgerEvent event;
  const char *provider;
  const char *model; /* nullable */
  const char *fingerprint;
  guint n;
  const char *id;       /* nullable */
  double amount;        /* -1 unknown */
  const char *currency; /* nullable */
  GenvidBilled billed;
} GenvidLedgerLine;

/* Appends LINE, on a line of its own even after a torn one; texts are cut so
 * that it can be read back, and a long id is told as id-begins instead. On
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
 * told so far, finished ones at their cost where it is known, failed and
 * cancelled ones at nothing when they were not billed. A reserve without an
 * intent is void, unless somebody holds the entry's lock and so may be about to
 * make it, a later line tells that it was sent, or its clip was removed since.
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

/* What the lines of a purchase tell of it besides money. */
typedef struct {
  guint n;
  char *id;
  char *provider;   /* nullable */
  char *model;      /* nullable */
  gboolean adopted; /* not bought here */
  gint64 ready;     /* wall; 0: no line says so */
} GenvidLedgerTrace;

/* Tells of each line that cannot be read and was no torn one; from 1. FALSE
 * with error: not all was looked at. */
typedef void (*GenvidLedgerTell) (guint64 line, gpointer data);

/* N: the highest number under which FINGERPRINT was sent of late, as far as
 * the ledger's sum remembers it; 0: none. */
gboolean genvid_ledger_find_number (GenvidStore *store, const char *fingerprint,
                                    const GenvidNow *now, guint *n,
                                    GError **error);

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
} GenvidLedgerSpending;

G_END_DECLS
