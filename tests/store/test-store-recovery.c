/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A record or an intent that was torn, lost or is another's: what the rest
 * of the store still tells, and a doubt where it tells nothing. */

#include "store-kit.h"

#include "failure.h"
#include "ledger.h"
#include "record.h"
#include "store-entry.h"
#include "store-recovery.h"

#include <gio/gio.h>

/* The same, and it says truly why. */
static void
assert_damaged (const GenvidRecord *record, guint n)
{
  kit_assert_begun (record, n);
  g_assert_nonnull (record->failure);
  g_assert_cmpint (record->failure->reason, ==, GENVID_REASON_IN_DOUBT);
  g_assert_nonnull (strstr (record->failure->message, "is damaged"));
}

static void
test_torn_record (void)
{
  static const char *const texts[] = { "",
                                       "\n",
                                       "{",
                                       "{\"version\":1,\"finger",
                                       "\0\0\0\0",
                                       "[]",
                                       "{\"version\":1}",
                                       "null" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_auto (Kit) kit = kit_new ();
    g_autoptr (GenvidStoreEntry) entry = kit_get_entry (&kit);
    kit_intend (entry, 1);
    kit_intend (entry, 2);
    kit_write (&kit, "job.json", texts[i], i == 4 ? 4 : -1);
    g_autoptr (GenvidRecord) unlocked = kit_load (entry);
    assert_damaged (unlocked, 2);
    kit_assert_moment (unlocked);
    g_assert_true (kit_has (&kit, "job.json"));

    g_assert_true (genvid_store_entry_try_lock (entry, NULL));
    g_autoptr (GenvidRecord) locked = kit_load (entry);
    assert_damaged (locked, 2);
    g_assert_true (kit_has (&kit, "job.json.damaged"));
    /* And once more, when nothing but the intents is left. */
    g_autoptr (GenvidRecord) again = kit_load (entry);
    assert_damaged (again, 2);
  }
}

static void
note (const Kit *kit, GenvidLedgerEvent event, guint n, const char *id)
{
  const GenvidLedgerLine line = {
    .event = event,
    .provider = "cn8",
    .model = "m-1",
    .fingerprint = FINGERPRINT,
    .n = n,
    .id = id,
    .amount = 6,
    .currency = "USD",
  };
  g_autoptr (GError) error = NULL;

  g_assert_true (genvid_ledger_append (kit->store, &line, &kit_now, &error));
  g_assert_no_error (error);
}

static void
assert_running (const GenvidRecord *record, guint n, const char *id)
{
  g_assert_nonnull (record);
  g_assert_cmpint (record->state, ==, GENVID_STATE_RUNNING);
  g_assert_cmpuint (record->n, ==, n);
  g_assert_cmpstr (record->id, ==, id);
  g_assert_cmpstr (record->provider, ==, "cn8");
  g_assert_null (record->failure);
  g_assert_false (record->frees);
}

/* What job.json lost is in the ledger. */
static void
test_torn_with_ledger (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_get_entry (&kit);

  note (&kit, GENVID_LEDGER_RESERVE, 1, NULL);
  kit_intend (entry, 1);
  note (&kit, GENVID_LEDGER_SUBMIT, 1, NULL);
  note (&kit, GENVID_LEDGER_ACCEPT, 1, "paid-1");
  kit_write (&kit, "job.json", "{\"units\":5e+21.0}", -1);
  g_autoptr (GenvidRecord) unlocked = kit_load (entry);
  assert_running (unlocked, 1, "paid-1");
  kit_assert_moment (unlocked);
  g_assert_false (unlocked->adopted);
  g_assert_cmpint (unlocked->ready, ==, 0);

  note (&kit, GENVID_LEDGER_FINISH, 1, "paid-1");
  g_assert_true (genvid_store_entry_try_lock (entry, NULL));
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GenvidRecord) record = kit_load (entry);

    assert_running (record, 1, "paid-1");
    g_assert_cmpint (record->ready, ==, kit_now.wall);
    g_assert_cmpstr (record->model, ==, "m-1");
    g_assert_true (kit_has (&kit, "job.json.damaged"));
  }
}

/* Whose line is not of this purchase tells nothing of it. */
static void
test_ledger_of_others (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
  g_autofree char *path = g_build_filename (kit.path, "ledger.jsonl", NULL);
  g_autofree char *before = NULL;
  g_autofree char *torn = NULL;

  note (&kit, GENVID_LEDGER_ACCEPT, 1, "paid-1");
  note (&kit, GENVID_LEDGER_ACCEPT, 3, "paid-3");
  kit_intend (entry, 1);
  kit_intend (entry, 2);
  kit_write (&kit, "job.json", "{", -1);
  g_autoptr (GenvidRecord) other_n = kit_load (entry);
  assert_damaged (other_n, 2);

  /* Bought, removed from the store, and bought again under the same number. */
  note (&kit, GENVID_LEDGER_ACCEPT, 2, "old");
  note (&kit, GENVID_LEDGER_RESERVE, 2, NULL);
  note (&kit, GENVID_LEDGER_SUBMIT, 2, NULL);
  g_autoptr (GenvidRecord) again = kit_load (entry);
  assert_damaged (again, 2);

  /* Killed while it wrote; and then the next line. */
  g_assert_true (g_file_get_contents (path, &before, NULL, NULL));
  torn = g_strconcat (before,
                      "{\"event\":\"accept\",\"fingerprint\":\"" FINGERPRINT
                      "\",\"n\":2,\"id\":\"hal",
                      NULL);
  g_assert_true (g_file_set_contents_full (
      path, torn, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
  g_autoptr (GenvidRecord) half = kit_load (entry);
  assert_damaged (half, 2);
  note (&kit, GENVID_LEDGER_ACCEPT, 2, "paid-2");
  g_autoptr (GenvidRecord) record = kit_load (entry);
  assert_running (record, 2, "paid-2");
}

/* Adopted: no intent tells of it, the ledger does. */
static void
test_torn_adoption (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);

  note (&kit, GENVID_LEDGER_ADOPT, 1, "given");
  kit_write (&kit, "job.json", "{\"version\":1,", -1);
  g_autoptr (GenvidRecord) record = kit_load (entry);
  assert_running (record, 1, "given");
  g_assert_true (record->adopted);
}

/* A doubt that a former version made of a damaged record; but a purchase that
 * waits for its answer has no id, and who only looks does not search. */
static void
test_doubt_with_ledger (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);

  kit_intend (entry, 1);
  kit_save (entry, 1, GENVID_STATE_SUBMITTING, NULL);
  note (&kit, GENVID_LEDGER_SUBMIT, 1, NULL);
  g_autoptr (GenvidRecord) begun = kit_load (entry);
  kit_assert_submitting (begun, 1);
  note (&kit, GENVID_LEDGER_ACCEPT, 1, "paid-1");
  note (&kit, GENVID_LEDGER_DOUBT, 1, NULL);
  kit_save (entry, 1, GENVID_STATE_IN_DOUBT, NULL);
  g_autoptr (GenvidStoreEntry) other = kit_get_entry (&kit);
  g_autoptr (GenvidRecord) seen = kit_load (other);
  g_assert_cmpint (seen->state, ==, GENVID_STATE_IN_DOUBT);
  g_autoptr (GenvidRecord) record = kit_load (entry);
  assert_running (record, 1, "paid-1");
}

static void
test_torn_without_intent (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);

  kit_write (&kit, "job.json", "{\"version\":1,", -1);
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GenvidRecord) record = kit_load (entry);

    g_assert_cmpint (record->state, ==, GENVID_STATE_IN_DOUBT);
    g_assert_cmpint (record->failure->reason, ==, GENVID_REASON_IN_DOUBT);
    g_assert_false (kit_has (&kit, "job.json"));
    g_autofree char *aside = kit_read (&kit, "job.json.damaged", NULL);
    g_assert_cmpstr (aside, ==, "{\"version\":1,");
  }
}

static void
test_foreign_record (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
  g_autoptr (GenvidRecord) foreign = genvid_record_new ("beef", "cn8");
  g_autofree char *text = genvid_record_to_text (foreign);

  kit_write (&kit, "job.json", text, -1);
  kit_intend (entry, 1);
  g_autoptr (GenvidRecord) record = kit_load (entry);
  assert_damaged (record, 1);
}

static void
test_future_record (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
  g_autoptr (GError) error = NULL;

  kit_write (&kit, "job.json", "{\"version\":99,\"state\":\"selling\"}\n", -1);
  g_assert_null (genvid_store_entry_load (entry, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_assert_true (kit_has (&kit, "job.json"));
  g_assert_false (kit_has (&kit, "job.json.damaged"));
}

/* Without its moment a replay is out of the question, and so is nothing. */
static void
test_torn_intent (void)
{
  static const char *const texts[] = { "", "{\"n\":1", "[[[[" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_auto (Kit) kit = kit_new ();
    g_autoptr (GenvidStoreEntry) entry = kit_lock_entry (&kit);
    g_autoptr (GError) error = NULL;
    kit_write (&kit, "intent-1", texts[i], -1);
    g_autoptr (GenvidRecord) record = kit_load (entry);
    kit_assert_submitting (record, 1);
    g_assert_null (record->intended.boot_id);
    g_assert_cmpint (record->intended.wall, ==, 0);
    g_assert_false (genvid_store_entry_intend (entry, 1, &kit_now, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/entry-damage/torn-record", test_torn_record);
  g_test_add_func ("/entry-damage/torn-with-ledger", test_torn_with_ledger);
  g_test_add_func ("/entry-damage/ledger-of-others", test_ledger_of_others);
  g_test_add_func ("/entry-damage/torn-adoption", test_torn_adoption);
  g_test_add_func ("/entry-damage/doubt-with-ledger", test_doubt_with_ledger);
  g_test_add_func ("/entry-damage/torn-without-intent",
                   test_torn_without_intent);
  g_test_add_func ("/entry-damage/foreign-record", test_foreign_record);
  g_test_add_func ("/entry-damage/future-record", test_future_record);
  g_test_add_func ("/entry-damage/torn-intent", test_torn_intent);
  return g_test_run ();
}
