/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "failure.h"
#include "moment.h"

G_BEGIN_DECLS

/* One line of the ledger. Members: time (ISO 8601, UTC), event (reserve submit
 * accept doubt finish fail cancel resubmit adopt), provider, model,
 * fingerprint, n, id, amount, currency, billed, and boot-id with boot
 * (microseconds), which give a line's age when the wall clock was set. What is
 * not known is absent. */

/* What a credit counts when its line was not turned into USD by the rate of
 * its service's description: a cautious bound of 2026-11-21, no quotation. */
#define GENVID_LEDGER_USD_PER_CREDIT 0.01
/* A text of a line is cut here, in bytes; an id is never cut. */
#define GENVID_LEDGER_TEXT_MAX 512
/* Every version begins a line with it. */
#define GENVID_LEDGER_BEGINNING "{\"time\":\""

typedef enum {
  GENVID_LEDGER_RESERVE,  /* about to be spent; void without an intent */
  GENVID_LEDGER_SUBMIT,   /* sent */
  GENVID_LEDGER_ACCEPT,   /* the service gave an id */
  GENVID_LEDGER_DOUBT,    /* it is not known whether it was bought */
  GENVID_LEDGER_FINISH,   /* ready, with the cost the service reports */
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

const char *genvid_ledger_event_to_string (GenvidLedgerEvent event);
/* Owned by the caller; without a newline, and read_line takes it. */
char *genvid_ledger_write_line (const GenvidLedgerLine *line,
                                GenvidLedgerEvent event, const GenvidNow *now);
/* NEWS is set for a LINE only, and must then be cleared. */
GenvidLedgerText genvid_ledger_read_line (const char *text, gsize length,
                                          GenvidLedgerNews *news);
void genvid_ledger_news_clear (GenvidLedgerNews *news);
double genvid_ledger_to_usd (double amount, const char *currency);

G_END_DECLS
