/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Lines, sums and clocks for the tests of the ledger. */

#include "store-kit.h"

#include "failure.h"
#include "ledger.h"
#include "moment.h"
#include "store-entry.h"

#include <gio/gio.h>

#define HOUR    (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)
#define EPSILON 1e-9

static const GenvidLedgerLine blank = {
  .provider = "cn8",
  .model = "m-1",
  .fingerprint = FINGERPRINT,
  .n = 1,
  .amount = 2.5,
  .currency = "USD",
};

/* Both clocks moved on. */
static inline GenvidNow
after (gint64 time)
{
  GenvidNow now = kit_now;

  now.wall += time;
  now.boot += time;
  return now;
}

static inline GenvidNow
after_reboot (gint64 wall)
{
  return (GenvidNow){ .wall = kit_now.wall + wall,
                      .boot = G_USEC_PER_SEC,
                      .boot_id = "boot-b" };
}

static inline void
append_at (const Kit *kit, GenvidLedgerLine line, GenvidLedgerEvent event,
           const GenvidNow *now)
{
  g_autoptr (GError) error = NULL;

  line.event = event;
  g_assert_true (genvid_ledger_append (kit->store, &line, now, &error));
  g_assert_no_error (error);
}

static inline void
append (const Kit *kit, GenvidLedgerLine line, GenvidLedgerEvent event)
{
  append_at (kit, line, event, &kit_now);
}

static inline double
sum_at (const Kit *kit, const GenvidNow *now)
{
  g_autoptr (GError) error = NULL;
  double sum = genvid_ledger_sum (kit->store, now, &error);

  g_assert_no_error (error);
  return sum;
}

static inline double
sum (const Kit *kit)
{
  return sum_at (kit, &kit_now);
}

static inline gboolean
reserve (const Kit *kit, const GenvidLedgerLine *line, double budget)
{
  g_autoptr (GError) error = NULL;
  gboolean done
      = genvid_ledger_reserve (kit->store, line, budget, &kit_now, &error);

  if (!done)
    g_assert_error (error, GENVID_ERROR, GENVID_REASON_OVER_BUDGET);
  return done;
}

static inline void
intend (const Kit *kit, const char *fingerprint, guint n)
{
  g_autoptr (GenvidStoreEntry) entry
      = genvid_store_get_entry (kit->store, fingerprint);
  g_autoptr (GError) error = NULL;

  g_assert_true (genvid_store_entry_intend (entry, n, &kit_now, &error));
  g_assert_no_error (error);
}

static inline char *
ledger_path (const Kit *kit)
{
  return g_build_filename (kit->path, "ledger.jsonl", NULL);
}

static inline char *
read_ledger (const Kit *kit)
{
  g_autofree char *path = ledger_path (kit);
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, NULL);
  return text;
}

static inline void
write_ledger (const Kit *kit, const char *text, gssize length)
{
  g_autofree char *path = ledger_path (kit);

  g_assert_true (g_file_set_contents_full (
      path, text, length, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
}
