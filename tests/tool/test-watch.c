/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* genvid-store watch: what is made and what was left, the money, and the exit
 * status that monitoring goes by. */

#include "tool-kit.h"

#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "json.h"
#include "ledger.h"
#include "record.h"
#include "store-entry.h"
#include "store-holder.h"
#include "store.h"

#include <gio/gio.h>

/* A purchase under way, with $0.75 reserved; who makes it is told in its lock,
 * which is held until the entry is freed. */
static GenvidStoreEntry *
begin (Kit *kit, GenvidStore *store)
{
  g_autoptr (GenvidRecord) record
      = kit_make_record (FINGERPRINT_A, GENVID_STATE_RUNNING, 0);
  GenvidStoreEntry *entry = genvid_store_get_entry (store, FINGERPRINT_A);
  const GenvidLedgerLine line = { .event = GENVID_LEDGER_SUBMIT,
                                  .provider = "cn8",
                                  .fingerprint = FINGERPRINT_A,
                                  .n = 1,
                                  .amount = 0.75,
                                  .currency = "USD" };
  GenvidNow now = genvid_clock_now ();
  g_autoptr (GError) error = NULL;

  record->n = 1;
  record->intended.wall = now.wall - 90 * G_USEC_PER_SEC;
  record->intended.boot_id = g_strdup (now.boot_id);
  kit_save (kit, record);
  g_assert_true (genvid_ledger_reserve (store, &line, -1, &now, &error));
  g_assert_true (genvid_ledger_append (store, &line, &now, &error));
  g_assert_no_error (error);
  g_assert_true (genvid_store_entry_try_lock (entry, &error));
  genvid_store_entry_tell (entry, 40);
  return entry;
}

static void
write_lock (Kit *kit, const char *text)
{
  g_autofree char *path
      = g_build_filename (kit->store, "locks", FINGERPRINT_A, NULL);

  g_assert_true (g_file_set_contents_full (
      path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
}

static JsonObject *
find_only (JsonNode *node)
{
  JsonArray *all
      = genvid_json_array (json_node_get_object (node), "generations");

  g_assert_cmpuint (json_array_get_length (all), ==, 1);
  return json_array_get_object_element (all, 0);
}

static void
test_nothing (Kit *kit, gconstpointer data)
{
  g_autoptr (GenvidStore) store = kit_open_store (kit);
  g_auto (Result) text = kit_run (kit, "watch");
  g_auto (Result) json = kit_run (kit, "watch --json");
  g_autoptr (JsonNode) node = kit_parse (&json);
  JsonObject *root = json_node_get_object (node);

  g_assert_cmpint (text.status, ==, 0);
  assert_has (text.out, "0 being made, 0 left by their maker. $0.00");
  g_assert_cmpint (json.status, ==, 0);
  g_assert_cmpfloat (genvid_json_double (root, "spent", -1), ==, 0);
  g_assert_cmpint (genvid_json_int (root, "left", -1), ==, 0);
  g_assert_cmpuint (
      json_array_get_length (genvid_json_array (root, "generations")), ==, 0);
  g_assert_cmpstr (genvid_json_string (root, "store", NULL), ==,
                   genvid_store_get_path (store));
}

/* By this process; the budget is the one that the variable sets. */
static void
test_working (Kit *kit, gconstpointer data)
{
  g_autoptr (GenvidStore) store = kit_open_store (kit);
  g_autoptr (GenvidStoreEntry) entry = begin (kit, store);

  g_assert_nonnull (entry);
  kit->environment
      = g_environ_setenv (kit->environment, "GENVID_BUDGET", "20", TRUE);
  g_auto (Result) text = kit_run (kit, "watch --once");
  g_auto (Result) json = kit_run (kit, "watch --json");
  g_autoptr (JsonNode) node = kit_parse (&json);
  JsonObject *root = json_node_get_object (node);
  JsonObject *one = find_only (node);
  g_autofree char *who
      = g_strdup_printf ("%s %d", g_get_host_name (), (int)getpid ());

  g_assert_cmpint (text.status, ==, 0);
  assert_has (text.out, who);
  assert_has (text.out, "running 40 %");
  assert_has (text.out, "1 being made, 0 left by their maker. "
                        "$0.75 of $20.00 spent");
  g_assert_cmpint (json.status, ==, 0);
  g_assert_cmpfloat (genvid_json_double (root, "spent", -1), ==, 0.75);
  g_assert_cmpfloat (genvid_json_double (root, "budget", -1), ==, 20);
  g_assert_cmpint (genvid_json_int (root, "left", -1), ==, 0);
  g_assert_true (genvid_json_bool (one, "working", FALSE));
  g_assert_cmpstr (genvid_json_string (one, "fingerprint", NULL), ==,
                   FINGERPRINT_A);
  g_assert_cmpstr (genvid_json_string (one, "host", NULL), ==,
                   g_get_host_name ());
  g_assert_cmpint (genvid_json_int (one, "process", 0), ==, getpid ());
  g_assert_cmpstr (genvid_json_string (one, "state", NULL), ==, "running");
  g_assert_cmpint (genvid_json_int (one, "progress", -1), ==, 40);
  g_assert_cmpint (genvid_json_int (one, "seconds", 0), >=, 90);
  g_assert_cmpstr (genvid_json_string (one, "id", NULL), ==, "job-1");
}

/* Its maker was killed on another host: the text stays, the lock does not. */
static void
test_left (Kit *kit, gconstpointer data)
{
  g_autoptr (GenvidStore) store = kit_open_store (kit);
  g_autoptr (GenvidStoreEntry) entry = begin (kit, store);

  g_clear_pointer (&entry, genvid_store_entry_free);
  write_lock (kit, "render-07 4321 55\n");
  g_auto (Result) text = kit_run (kit, "watch");
  g_auto (Result) json = kit_run (kit, "watch --json");
  g_autoptr (JsonNode) node = kit_parse (&json);
  JsonObject *one = find_only (node);

  g_assert_cmpint (text.status, ==, 1);
  assert_has (text.out, "nobody");
  assert_has (text.out, "0 being made, 1 left by their maker. $0.75");
  g_assert_cmpint (json.status, ==, 1);
  g_assert_cmpint (genvid_json_int (json_node_get_object (node), "left", -1),
                   ==, 1);
  g_assert_false (genvid_json_bool (one, "working", TRUE));
  g_assert_cmpstr (genvid_json_string (one, "host", NULL), ==, "render-07");

  /* Let go at its end, as every holder does: it is watched no more. */
  write_lock (kit, "");
  g_auto (Result) after = kit_run (kit, "watch");
  g_assert_cmpint (after.status, ==, 0);
}

static void
test_unknown_money (Kit *kit, gconstpointer data)
{
  g_autoptr (GenvidStore) store = kit_open_store (kit);
  g_autofree char *path = g_build_filename (kit->store, "ledger.jsonl", NULL);

  g_assert_nonnull (store);
  g_assert_true (g_file_set_contents_full (
      path, "no line of ours\n", -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  g_auto (Result) text = kit_run (kit, "watch");
  g_auto (Result) json = kit_run (kit, "watch --json");
  g_autoptr (JsonNode) node = kit_parse (&json);
  JsonObject *root = json_node_get_object (node);

  g_assert_cmpint (text.status, ==, 1);
  assert_has (text.out, "Line 1 of ");
  g_assert_cmpint (json.status, ==, 1);
  g_assert_true (json_object_get_null_member (root, "spent"));
  assert_has (genvid_json_string (root, "problem", ""), "Line 1 of ");
}

static void
test_misuse (Kit *kit, gconstpointer data)
{
  g_auto (Result) interval = kit_run (kit, "watch --interval 0");
  g_auto (Result) nowhere = kit_run (kit, "watch --store /nowhere/at/all");

  g_assert_cmpint (interval.status, ==, 2);
  g_assert_cmpint (nowhere.status, ==, 1);
  assert_has (nowhere.err, "There is no store at /nowhere/at/all");
}

#define ADD(name, function)                                                    \
  g_test_add ("/watch/" name, Kit, NULL, kit_set_up, function, kit_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("nothing", test_nothing);
  ADD ("working", test_working);
  ADD ("left", test_left);
  ADD ("unknown-money", test_unknown_money);
  ADD ("misuse", test_misuse);
  return g_test_run ();
}
