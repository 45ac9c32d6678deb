/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the store says of a purchase: each step one line, and nothing of what
 * was asked for. */

#include "ledger-kit.h"
#include "log-kit.h"

#include "log.h"
#include "store-entry.h"
#include "store-recovery.h"

static void
assert_said (GenvidLogLevel level, const char *text)
{
  g_autofree char *pattern
      = g_strconcat (FINGERPRINT, *text == '/' ? "" : ": ", text, NULL);

  log_assert (GENVID_LOG_STORE, level, pattern);
}

static void
test_purchase (void)
{
  g_auto (Kit) kit = kit_new ();

  log_watch ();
  {
    g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);

    kit_save (entry, 1, GENVID_STATE_IDLE, NULL);
    append (&kit, blank, GENVID_LEDGER_RESERVE);
    g_assert_true (genvid_store_entry_intend (entry, 1, &kit_now, NULL));
    kit_save (entry, 1, GENVID_STATE_QUEUED, "gen-1");
  }
  assert_said (GENVID_LOG_LOG, "lock taken");
  assert_said (GENVID_LOG_DEBUG, "record of purchase 1 saved: idle");
  assert_said (GENVID_LOG_DEBUG, "/1: ledger: reserve 2.5 USD");
  assert_said (GENVID_LOG_DEBUG, "intent-1 made");
  assert_said (GENVID_LOG_DEBUG, "record of purchase 1 saved: queued");
  assert_said (GENVID_LOG_LOG, "lock released");
  log_assert_never ("a kite");
  log_clear ();
}

/* However often it is tried. */
static void
test_held (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) waiting = kit_get_entry (&kit);
  GenvidStoreEntry *holder = kit_lock_entry (&kit);

  log_watch ();
  for (guint i = 0; i < 3; i++)
    g_assert_false (genvid_store_entry_try_lock (waiting, NULL));
  genvid_store_entry_free (holder);
  g_assert_true (genvid_store_entry_try_lock (waiting, NULL));
  assert_said (GENVID_LOG_LOG, "lock is held by another");
  assert_said (GENVID_LOG_LOG, "lock taken over from another");
  log_clear ();
}

static void
test_damage (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
  g_autoptr (GenvidRecord) record = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (genvid_store_entry_intend (entry, 1, &kit_now, NULL));
  kit_write (&kit, "job.json", "{", -1);
  log_watch ();
  record = genvid_store_entry_load (entry, &error);
  g_assert_no_error (error);
  assert_said (GENVID_LOG_INFO, "damaged record kept as job.json.damaged");
  assert_said (GENVID_LOG_INFO, "purchase 1 recovered without its record: "
                                "submitting");
  log_clear ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store-log/purchase", test_purchase);
  g_test_add_func ("/store-log/held", test_held);
  g_test_add_func ("/store-log/damage", test_damage);
  return g_test_run ();
}
