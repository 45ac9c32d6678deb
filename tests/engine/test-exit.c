/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The process exits while a worker writes its intent: that counts as paying
 * until the record says what became of it, and nothing is sent any more. The
 * next start buys. */

#include "worker-kit.h"

#include "failure.h"
#include "purchase.h"

static struct {
  GMutex mutex;
  GCond cond;
  gboolean shut;    /* after an intent */
  gboolean arrived; /* somebody stands there */
  gboolean lost;    /* the lock, by its proof */
  Scene *scene;
  guint n_unpaid; /* ends of a submit that were saved while nobody waited */
} world;

gboolean __real_genvid_store_entry_intend (GenvidStoreEntry *entry, guint n,
                                           const GenvidNow *now,
                                           GError **error);
gboolean __wrap_genvid_store_entry_intend (GenvidStoreEntry *entry, guint n,
                                           const GenvidNow *now,
                                           GError **error);
gboolean __real_genvid_store_entry_save (GenvidStoreEntry *entry,
                                         const GenvidRecord *record,
                                         GError **error);
gboolean __wrap_genvid_store_entry_save (GenvidStoreEntry *entry,
                                         const GenvidRecord *record,
                                         GError **error);
GenvidFailure *__real_genvid_purchase_prove_lock (GenvidPurchase *purchase);
GenvidFailure *__wrap_genvid_purchase_prove_lock (GenvidPurchase *purchase);

gboolean
__wrap_genvid_store_entry_intend (GenvidStoreEntry *entry, guint n,
                                  const GenvidNow *now, GError **error)
{
  gboolean made = __real_genvid_store_entry_intend (entry, n, now, error);

  g_mutex_lock (&world.mutex);
  world.arrived = TRUE;
  g_cond_broadcast (&world.cond);
  while (world.shut)
    g_cond_wait (&world.cond, &world.mutex);
  g_mutex_unlock (&world.mutex);
  return made;
}

gboolean
__wrap_genvid_store_entry_save (GenvidStoreEntry *entry,
                                const GenvidRecord *record, GError **error)
{
  g_mutex_lock (&world.scene->mutex);
  world.n_unpaid += record->state == GENVID_STATE_FAILED
                    && !genvid_worker_is_paying (world.scene->worker);
  g_mutex_unlock (&world.scene->mutex);
  return __real_genvid_store_entry_save (entry, record, error);
}

GenvidFailure *
__wrap_genvid_purchase_prove_lock (GenvidPurchase *purchase)
{
  if (!world.lost)
    return __real_genvid_purchase_prove_lock (purchase);
  return genvid_failure_new (GENVID_REASON_BUSY, "gone");
}

static void
await_intent (void)
{
  g_mutex_lock (&world.mutex);
  while (!world.arrived)
    g_cond_wait (&world.cond, &world.mutex);
  g_mutex_unlock (&world.mutex);
}

static void
set_shut (gboolean shut)
{
  g_mutex_lock (&world.mutex);
  world.shut = shut;
  world.arrived = FALSE;
  g_cond_broadcast (&world.cond);
  g_mutex_unlock (&world.mutex);
}

static void
begin (Scene *scene)
{
  static const FakeReply script[] = {
    { "POST", NULL, 200, NULL, SCENE_RECEIPT },
  };

  scene_open (scene, "cn8", FAKE_SERVICE (script));
  scene_add_clip (scene);
  world.scene = scene;
  world.n_unpaid = 0;
  scene_start (scene, TRUE);
}

static void
assert_buys_next (Scene *scene)
{
  scene_await_end (scene);
  g_assert_cmpuint (world.n_unpaid, ==, 0);
  g_assert_cmpuint (fake_service_get_n_requests (scene->service), ==, 0);
  scene_start (scene, TRUE);
  scene_assert_whole (scene, 1);
}

/* ABORT: the exit waits no longer. */
static void
test_intent (gconstpointer abort)
{
  g_auto (Scene) scene;

  set_shut (TRUE);
  begin (&scene);
  await_intent ();
  g_assert_true (genvid_worker_is_paying (scene.worker));
  genvid_worker_quit (scene.worker, FALSE);
  g_assert_true (genvid_worker_is_paying (scene.worker));
  if (abort != NULL)
    genvid_worker_quit (scene.worker, TRUE);
  set_shut (FALSE);
  assert_buys_next (&scene);
}

/* It was refused after the intent: that is on disk before the exit may go. */
static void
test_refused (void)
{
  g_auto (Scene) scene;

  world.lost = TRUE;
  begin (&scene);
  scene_await_end (&scene);
  world.lost = FALSE;
  assert_buys_next (&scene);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/exit/intent", NULL, test_intent);
  g_test_add_data_func ("/exit/intent-aborted", "yes", test_intent);
  g_test_add_func ("/exit/refused", test_refused);
  return g_test_run ();
}
