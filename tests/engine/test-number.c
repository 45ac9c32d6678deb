/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What names a purchase, and outlives what it names. */

#include "store-kit.h"

#include "ledger.h"
#include "store.h"
#include "record.h"
#include "store-entry.h"
#include "store-removal.h"
#include "store-recovery.h"

/* What a service calls a purchase is kept, however long. */
static void
test_long_id (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autofree char *id = g_strnfill (200000, '7');
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);

  kit_save (entry, 1, GENVID_STATE_QUEUED, id);
  g_autoptr (GenvidRecord) record = genvid_store_entry_load (entry, NULL);
  g_assert_nonnull (record);
  g_assert_cmpstr (record->id, ==, id);
}

/* Removed is not forgotten: the next purchase is another one to the service.
 * And a reserve that went on to its intent counts on, with nothing else left
 * that speaks of it. */
static void
test_number (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
  g_autoptr (GError) error = NULL;
  GenvidLedgerLine line = { .event = GENVID_LEDGER_RESERVE,
                            .provider = "cn8",
                            .fingerprint = FINGERPRINT,
                            .n = 3,
                            .amount = 6,
                            .currency = "USD" };
  guint n = 7;

  g_assert_true (
      genvid_store_recall_number (kit.store, FINGERPRINT, &n, &error));
  g_assert_cmpuint (n, ==, 0);
  kit_save (entry, 1, GENVID_STATE_IDLE, NULL);
  g_assert_true (genvid_store_entry_remove (entry, &error));
  g_assert_true (
      genvid_store_recall_number (kit.store, FINGERPRINT, &n, &error));
  g_assert_cmpuint (n, ==, 0);

  g_assert_true (genvid_ledger_append (kit.store, &line, &kit_now, &error));
  g_assert_true (genvid_store_entry_intend (entry, 3, &kit_now, &error));
  kit_save (entry, 3, GENVID_STATE_DONE, "gen-3");
  g_assert_true (genvid_store_entry_remove (entry, &error));
  genvid_store_entry_unlock (entry);
  g_assert_true (
      genvid_store_recall_number (kit.store, FINGERPRINT, &n, &error));
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpfloat (genvid_ledger_sum (kit.store, &kit_now, &error), ==, 6);
  /* Never lowered. */
  g_assert_true (genvid_store_keep_number (kit.store, FINGERPRINT, 2, &error));
  g_assert_true (
      genvid_store_recall_number (kit.store, FINGERPRINT, &n, &error));
  g_assert_cmpuint (n, ==, 3);
  /* Between a reserve and its intent: void, as ever. */
  line.n = 4;
  g_assert_true (genvid_ledger_append (kit.store, &line, &kit_now, &error));
  g_assert_cmpfloat (genvid_ledger_sum (kit.store, &kit_now, &error), ==, 6);
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/number/long-id", test_long_id);
  g_test_add_func ("/number/kept", test_number);
  return g_test_run ();
}
