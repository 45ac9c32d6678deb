/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The money that was spent, line by line, and whether there may be more of
 * it. It never decides what a purchase is or whether it may be made again:
 * that is the record's and the job's; it only counts. */

#include "ledger.h"

#include "durable-file.h"
#include "failure.h"
#include "ledger-line.h"
#include "log.h"
#include "ledger-read.h"
#include "ledger-spending.h"
#include "moment.h"
#include "ofd-lock.h"
#include "store-private.h"
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATIENCE (10 * G_USEC_PER_SEC)
/* As in a record. */
#define MAX_NUMBER 1000000
/* Sums of decimal amounts in binary; far below a cent. */
#define ROUNDING 1e-6

/* The last line of a process that was killed, or whose disk was full. */
static gboolean
ends_torn (int fd, off_t size)
{
  char last = '\n';

  return size > 0 && pread (fd, &last, 1, size - 1) == 1 && last != '\n';
}

static gboolean
append_text (GenvidStore *store, int fd, const char *text, GError **error)
{
  struct stat info;

  if (fstat (fd, &info) != 0)
    return genvid_durable_file_set_error (error, errno, store->root,
                                          GENVID_LEDGER_NAME);
  g_autofree char *line = g_strconcat (ends_torn (fd, info.st_size) ? "\n" : "",
                                       text, "\n", NULL);
  gboolean written = genvid_durable_file_write (fd, line, strlen (line), error);
  if (written && fsync (fd) != 0)
    written = genvid_durable_file_set_error (error, errno, store->root,
                                             GENVID_LEDGER_NAME);
  if (written)
    return info.st_size > 0
           || genvid_durable_file_sync_folder (store->root, error);

  /* Half a line would be taken for a torn one later; that is all. */
  if (ftruncate (fd, info.st_size) != 0)
    genvid_log (GENVID_LOG_STORE, GENVID_LOG_INFO,
                "ledger: half a line could not be removed");
  return FALSE;
}

static void
log_line (const GenvidLedgerLine *line, GenvidLedgerEvent event)
{
  g_autofree char *amount
      = line->amount >= 0
            ? g_strdup_printf (" %.4g %.16s", line->amount,
                               line->currency != NULL ? line->currency : "USD")
            : g_strdup ("");

  genvid_log (GENVID_LOG_STORE, GENVID_LOG_DEBUG, "%.12s/%u: ledger: %s%s",
              line->fingerprint, line->n, genvid_ledger_event_to_string (event),
              amount);
}

/* Under the lock. */
static gboolean
append_line (GenvidStore *store, const GenvidLedgerLine *line,
             GenvidLedgerEvent event, const GenvidNow *now, GError **error)
{
  g_autofree char *text = genvid_ledger_write_line (line, event, now);
  int fd = genvid_durable_file_open (store->root, GENVID_LEDGER_NAME,
                                     O_RDWR | O_APPEND | O_CREAT, error);
  if (fd < 0)
    return FALSE;
  gboolean appended = append_text (store, fd, text, error);
  close (fd);
  if (appended)
    log_line (line, event);
  return appended;
}

static GenvidOfdLock *
take_lock (GenvidStore *store, GError **error)
{
  if (!genvid_store_check_writable (store, error))
    return NULL;
  return genvid_ofd_lock_wait (store->locks, GENVID_STORE_LEDGER_LOCK, PATIENCE,
                               error);
}

gboolean
genvid_ledger_append (GenvidStore *store, const GenvidLedgerLine *line,
                      const GenvidNow *now, GError **error)
{
  g_autoptr (GenvidOfdLock) lock = take_lock (store, error);

  return lock != NULL && append_line (store, line, line->event, now, error);
}

/* A line that cannot be read may hide a purchase. */
static gboolean
check_damage (GenvidStore *store, const GenvidLedgerSpending *spending,
              GError **error)
{
  if (spending->damaged == 0)
    return TRUE;
  g_set_error (error, GENVID_ERROR, GENVID_REASON_OVER_BUDGET,
               "Line %" G_GUINT64_FORMAT " of %s/" GENVID_LEDGER_NAME
               " cannot be read, so what was spent in the last 24 hours is "
               "not known. Nothing was bought. Correct the line or delete it, "
               "or unset budget and $GENVID_BUDGET to buy without a limit.",
               spending->damaged, store->path);
  return FALSE;
}

/* Without what LINE (nullable) replaces; -1 with error. */
static double
sum_up (GenvidStore *store, const GenvidLedgerLine *line, const GenvidNow *now,
        GError **error)
{
  g_autoptr (GenvidLedgerSpending) spending
      = genvid_ledger_read (store, line != NULL, now, error);

  if (spending == NULL || !check_damage (store, spending, error))
    return -1;
  return genvid_ledger_spending_sum (spending, store, line, now);
}

double
genvid_ledger_sum (GenvidStore *store, const GenvidNow *now, GError **error)
{
  return sum_up (store, NULL, now, error);
}

static gboolean
check_budget (GenvidStore *store, const GenvidLedgerLine *line, double budget,
              const GenvidNow *now, GError **error)
{
  double usd = genvid_ledger_to_usd (line->amount, line->currency);

  if (usd < 0) {
    g_set_error_literal (error, GENVID_ERROR, GENVID_REASON_OVER_BUDGET,
                         "The price of this clip is not known, so no budget "
                         "can hold for it. Nothing was bought. Unset budget "
                         "and $GENVID_BUDGET to buy it without a limit.");
    return FALSE;
  }
  double sum = sum_up (store, line, now, error);
  if (sum < 0)
    return FALSE;
  if (sum + usd <= budget + ROUNDING)
    return TRUE;
  g_set_error (error, GENVID_ERROR, GENVID_REASON_OVER_BUDGET,
               "This clip costs $%.2f, and of the budget of $%.2f for 24 "
               "hours $%.2f are spent or spoken for. Nothing was bought. "
               "Raise budget (and $GENVID_BUDGET), or try again later.",
               usd, budget, sum);
  return FALSE;
}

gboolean
genvid_ledger_reserve (GenvidStore *store, const GenvidLedgerLine *line,
                       double budget, const GenvidNow *now, GError **error)
{
  g_autoptr (GenvidOfdLock) lock = take_lock (store, error);

  if (lock == NULL)
    return FALSE;
  if (budget >= 0 && !check_budget (store, line, budget, now, error))
    return FALSE;
  return append_line (store, line, GENVID_LEDGER_RESERVE, now, error);
}

gboolean
genvid_ledger_find_number (GenvidStore *store, const char *fingerprint,
                           const GenvidNow *now, guint *n, GError **error)
{
  GHashTableIter iter;
  gpointer value;

  *n = 0;
  if (!genvid_durable_file_exists (store->root, GENVID_LEDGER_NAME))
    return TRUE;
  g_autoptr (GenvidOfdLock) lock = take_lock (store, error);
  if (lock == NULL)
    return FALSE;
  g_autoptr (GenvidLedgerSpending) spending
      = genvid_ledger_read (store, TRUE, now, error);
  if (spending == NULL)
    return FALSE;
  g_hash_table_iter_init (&iter, spending->purchases);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    const GenvidSpent *spent = value;

    if (spent->committed && spent->n < MAX_NUMBER
        && strcmp (spent->fingerprint, fingerprint) == 0)
      *n = MAX (*n, spent->n);
  }
  return TRUE;
}
