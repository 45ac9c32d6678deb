/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* genvid-store prune: what goes first, and what never goes. */

#include "tool-kit.h"
#include "record.h"
#include "store-entry.h"
#include "store-users.h"
#include "store.h"

#include <gio/gio.h>

#include <glib/gstdio.h>
#include <string.h>

static void
test_keep (Kit *kit, gconstpointer data)
{
  g_autofree char *line
      = g_strdup_printf ("prune --keep %u", (guint)kit->clip_length * 2);
  g_autofree char *dry = g_strconcat (line, " --dry-run", NULL);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_auto (Result) would = { 0 };
  g_auto (Result) done = { 0 };

  kit_save_done (kit, FINGERPRINT_A, 300);
  kit_save_done (kit, FINGERPRINT_B, 900);
  kit_save_done (kit, FINGERPRINT_C, 600);
  before = kit_describe_tree (kit);
  would = kit_run (kit, dry);
  after = kit_describe_tree (kit);
  g_assert_cmpstr (before, ==, after);
  assert_has (would.out, "would remove a20000000000");
  assert_has (would.out, "would remove c30000000000");
  done = kit_run (kit, line);
  g_assert_cmpint (done.status, ==, 0);
  g_assert_true (kit_has (kit, FINGERPRINT_A));
  g_assert_false (kit_has (kit, FINGERPRINT_B));
  g_assert_false (kit_has (kit, FINGERPRINT_C));
}

static gboolean
has_lock (Kit *kit, const char *name)
{
  g_autofree char *path = g_build_filename (kit->store, "locks", name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* With the clip go its locks, and those that former versions left. */
static void
test_locks (Kit *kit, gconstpointer data)
{
  g_auto (Result) result = { 0 };
  g_autofree char *former
      = g_build_filename (kit->store, "locks", FINGERPRINT_C, NULL);

  kit_save_done (kit, FINGERPRINT_A, 86400 * 40);
  kit_save_done (kit, FINGERPRINT_B, 86400 * 20);
  g_assert_true (g_file_set_contents_full (
      former, "", 0, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  g_assert_true (has_lock (kit, FINGERPRINT_A));
  result = kit_run (kit, "prune --older 30d");
  g_assert_cmpint (result.status, ==, 0);
  g_assert_false (has_lock (kit, FINGERPRINT_A));
  g_assert_true (has_lock (kit, FINGERPRINT_B));
  g_assert_false (has_lock (kit, FINGERPRINT_C));
}

/* Played lately is younger than made lately. */
static void
test_use (Kit *kit, gconstpointer data)
{
  g_auto (Result) result = { 0 };

  kit_save_done (kit, FINGERPRINT_A, 86400 * 40);
  kit_save_done (kit, FINGERPRINT_B, 86400 * 20);
  kit_save_done (kit, FINGERPRINT_C, 86400 * 40);
  {
    g_autoptr (GenvidStore) store = kit_open_store (kit);
    g_autoptr (GenvidStoreEntry) entry
        = genvid_store_get_entry (store, FINGERPRINT_A);

    genvid_store_entry_use (entry);
  }
  result = kit_run (kit, "prune --older 30d");
  g_assert_cmpint (result.status, ==, 0);
  g_assert_true (kit_has (kit, FINGERPRINT_A));
  g_assert_true (kit_has (kit, FINGERPRINT_B));
  g_assert_false (kit_has (kit, FINGERPRINT_C));
}

static void
test_in_use (Kit *kit, gconstpointer data)
{
  g_auto (Result) kept = { 0 };
  g_auto (Result) gone = { 0 };
  g_autoptr (GenvidStore) store = NULL;
  g_autoptr (GenvidStoreEntry) used = NULL;
  g_autoptr (GenvidStoreEntry) locked = NULL;

  kit_save_done (kit, FINGERPRINT_A, 7200);
  kit_save_done (kit, FINGERPRINT_B, 7200);
  store = kit_open_store (kit);
  used = genvid_store_get_entry (store, FINGERPRINT_A);
  genvid_store_entry_use (used);
  locked = genvid_store_get_entry (store, FINGERPRINT_B);
  g_assert_true (genvid_store_entry_try_lock (locked, NULL));
  kept = kit_run (kit, "prune --keep 0");
  g_assert_cmpint (kept.status, ==, 0);
  g_assert_true (kit_has (kit, FINGERPRINT_A));
  g_assert_true (kit_has (kit, FINGERPRINT_B));
  genvid_store_entry_leave (used);
  genvid_store_entry_unlock (locked);
  gone = kit_run (kit, "prune --keep 0");
  g_assert_false (kit_has (kit, FINGERPRINT_A));
  g_assert_false (kit_has (kit, FINGERPRINT_B));
}

/* A record goes only where nothing that was paid for goes with it. */
static void
test_states (Kit *kit, gconstpointer data)
{
  static const struct {
    GenvidState state;
    gboolean frees;
    gint64 ended;
    gboolean goes;
  } cases[] = {
    { GENVID_STATE_SUBMITTING, FALSE, 7200, FALSE },
    { GENVID_STATE_QUEUED, FALSE, 7200, FALSE },
    { GENVID_STATE_RUNNING, FALSE, 7200, FALSE },
    { GENVID_STATE_DOWNLOADING, FALSE, 7200, FALSE },
    { GENVID_STATE_IN_DOUBT, FALSE, 7200, FALSE },
    { GENVID_STATE_FAILED, FALSE, 7200, FALSE },
    { GENVID_STATE_CANCELLED, FALSE, 7200, FALSE },
    { GENVID_STATE_FAILED, TRUE, 5, FALSE },
    { GENVID_STATE_FAILED, TRUE, 7200, TRUE },
    { GENVID_STATE_CANCELLED, TRUE, 7200, TRUE },
    { GENVID_STATE_IDLE, FALSE, 7200, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GenvidRecord) record
        = kit_make_record (FINGERPRINT_A, cases[i].state, cases[i].ended);
    g_auto (Result) result = { 0 };

    record->frees = cases[i].frees;
    kit_save (kit, record);
    result = kit_run (kit, "prune --older 0s");
    g_assert_cmpint (result.status, ==, 0);
    g_assert_cmpint (kit_has (kit, FINGERPRINT_A), ==, !cases[i].goes);
  }
}

static void
test_ledger (Kit *kit, gconstpointer data)
{
  g_auto (Result) fetched
      = kit_run (kit, "fetch 'genvid://cn8?prompt=a kite' --max-cost 9 "
                      "--poll-interval 1");
  g_autofree char *fingerprint = kit_get_fingerprint (kit);
  g_auto (Result) pruned = kit_run (kit, "prune --keep 0");
  g_auto (Result) refused = { 0 };

  g_assert_cmpint (fetched.status, ==, 0);
  g_assert_cmpint (pruned.status, ==, 0);
  g_assert_false (kit_has (kit, fingerprint));
  refused = kit_run (kit, "fetch 'genvid://cn8?prompt=a kite' --budget 9");
  g_assert_cmpint (refused.status, ==, 1);
  assert_has (refused.err, "and $6.00 of the budget of $9.00 ");
  g_assert_cmpuint (kit_count_accepted (kit), ==, 1);
}

/* The clip is paid for anew, so it counts anew; and it is another purchase to
 * the service, which would hand back the old one under the old number. */
static void
buy_and_prune (Kit *kit, gconstpointer data)
{
  static const char fetch[]
      = "fetch 'genvid://genpro?prompt=a kite&model=veo_3&duration=8' "
        "--poll-interval 1 --budget 15";
  guint accepted = kit_count_accepted (kit);
  guint n = GPOINTER_TO_UINT (data);
  g_auto (Result) fetched = kit_run (kit, fetch);

  g_assert_cmpint (fetched.status, ==, 0);
  g_assert_cmpuint (kit_count_accepted (kit), ==, accepted + 1);
  g_auto (Result) listed = kit_run (kit, "list --json");
  g_autofree char *number = g_strdup_printf ("\"purchase\": %u", n);
  assert_has (listed.out, number);
  g_auto (Result) pruned = kit_run (kit, "prune --keep 0");
  g_assert_cmpint (pruned.status, ==, 0);
  assert_has (pruned.out, "1 removed");
}

static void
test_number (Kit *kit, gconstpointer data)
{
  g_autofree char *ledger = g_build_filename (kit->store, "ledger.jsonl", NULL);

  for (guint n = 1; n <= 3; n++)
    buy_and_prune (kit, GUINT_TO_POINTER (n));
  /* The number is kept by the store, not by the ledger. */
  g_assert_cmpint (g_unlink (ledger), ==, 0);
  buy_and_prune (kit, GUINT_TO_POINTER (4));
}

/* As a former version removed it: without a number kept. */
static void
test_number_of_ledger (Kit *kit, gconstpointer data)
{
  g_autofree char *numbers = g_build_filename (kit->store, "numbers", NULL);

  buy_and_prune (kit, GUINT_TO_POINTER (1));
  g_autofree char *line = g_strdup_printf ("rm -r %s", numbers);
  g_assert_true (g_spawn_command_line_sync (line, NULL, NULL, NULL, NULL));
  g_assert_false (g_file_test (numbers, G_FILE_TEST_EXISTS));
  buy_and_prune (kit, GUINT_TO_POINTER (2));
}

/* Six dollars, three times, under fifteen. */
static void
test_budget (Kit *kit, gconstpointer data)
{
  static const char fetch[] = "fetch 'genvid://cn8?prompt=a kite' --budget 15 "
                              "--poll-interval 1";

  for (guint i = 0; i < 2; i++) {
    g_auto (Result) fetched = kit_run (kit, fetch);
    g_auto (Result) pruned = kit_run (kit, "prune --keep 0");

    g_assert_cmpint (fetched.status, ==, 0);
    g_assert_cmpint (pruned.status, ==, 0);
  }
  g_auto (Result) refused = kit_run (kit, fetch);
  g_assert_cmpint (refused.status, ==, 1);
  assert_has (refused.err, "and $12.00 of the budget of $15.00 ");
  g_assert_cmpuint (kit_count_accepted (kit), ==, 2);
}

#define ADD(name, function)                                                    \
  g_test_add ("/prune/" name, Kit, NULL, kit_set_up, function, kit_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("keep", test_keep);
  ADD ("locks", test_locks);
  ADD ("use", test_use);
  ADD ("in-use", test_in_use);
  ADD ("states", test_states);
  ADD ("ledger", test_ledger);
  ADD ("number", test_number);
  ADD ("number-of-ledger", test_number_of_ledger);
  ADD ("budget", test_budget);
  return g_test_run ();
}
