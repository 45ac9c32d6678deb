/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "ledger.h"
#include "moment.h"

G_BEGIN_DECLS

const char *genvid_ledger_event_to_string (GenvidLedgerEvent event);
/* Owned by the caller; without a newline, and read_line takes it. */
char *genvid_ledger_write_line (const GenvidLedgerLine *line,
                                GenvidLedgerEvent event, const GenvidNow *now);
/* NEWS is set, and to be cleared, for a LINE only. */
GenvidLedgerText genvid_ledger_read_line (const char *text, gsize length,
                                          GenvidLedgerNews *news);
void genvid_ledger_news_clear (GenvidLedgerNews *news);
double genvid_ledger_to_usd (double amount, const char *currency);

G_END_DECLS
