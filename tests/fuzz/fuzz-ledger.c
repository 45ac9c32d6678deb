/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A ledger's line is read as something, and what is written is a line that is
 * read, with the money that was put into it. */
#include "fuzz.h"
#include "ledger-line.h"

#include <string.h>

static void
write_and_read (const char *text, size_t size)
{
  const GenvidNow now = { 1700000000000000, 1000000, "b" };
  const GenvidLedgerLine line = {
    .provider = text,
    .model = text,
    .fingerprint = "00ff",
    .n = 1 + (guint)size,
    .id = text,
    .amount = (double)size,
    .currency = "USD",
    .billed = GENVID_BILLED_YES,
  };
  g_autofree char *written
      = genvid_ledger_write_line (&line, GENVID_LEDGER_FINISH, &now);
  GenvidLedgerNews news;

  g_assert_null (strchr (written, '\n'));
  g_assert_cmpint (genvid_ledger_read_line (written, strlen (written), &news),
                   ==, GENVID_LEDGER_TEXT_LINE);
  g_assert_cmpuint (news.n, ==, line.n);
  g_assert_cmpfloat (news.usd, ==, line.amount);
  g_assert_cmpstr (news.fingerprint, ==, "00ff");
  genvid_ledger_news_clear (&news);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *)data, MIN (size, 4096));
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GenvidLedgerNews news;

  if (genvid_ledger_read_line ((const char *)data, size, &news)
      == GENVID_LEDGER_TEXT_LINE) {
    g_assert_true (news.usd >= -1);
    g_assert_nonnull (news.fingerprint);
    genvid_ledger_news_clear (&news);
  }
  write_and_read (valid, size % 100000);
  return 0;
}
