/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What names a purchase, and outlives what it names. */

#include "worker-kit.h"

#include "ledger.h"
#include "store-removal.h"

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

/* Where it cannot be read, nothing is bought, and what was made for that goes.
 */
static void
test_damaged (void)
{
  static const FakeReply script[] = { { NULL, NULL, 500, NULL, "{}" } };
  g_auto (Scene) scene;
  g_autoptr (GenvidClipStatus) status = NULL;

  scene_open (&scene, "cn8", FAKE_SERVICE (script));
  g_assert_true (genvid_store_remember (scene.plan->store, "numbers",
                                        scene.plan->fingerprint, "x", NULL));
  scene_start (&scene, TRUE);
  scene_await_end (&scene);
  status = genvid_clip_snapshot (scene.clip);
  g_assert_nonnull (status->failure);
  g_assert_nonnull (strstr (status->failure->message, "is damaged"));
  g_assert_cmpuint (fake_service_get_n_requests (scene.service), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/number/long-id", test_long_id);
  g_test_add_func ("/number/kept", test_number);
  g_test_add_func ("/number/damaged", test_damaged);
  return g_test_run ();
}
