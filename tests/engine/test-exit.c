/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The process exits while a worker writes its intent: that counts as paying
 * until the record says what became of it, and nothing is sent any more. The
 * next start buys. */

#include "store-kit.h"

#include "clip-reader.h"
#include "clip-status.h"
#include "clip.h"
#include "failure.h"
#include "plan.h"
#include "purchase.h"
#include "record.h"
#include "settings.h"
#include "store-entry.h"
#include "store-recovery.h"
#include "worker.h"

#include "fake-service.h"

#define SIZE 100000

static struct {
  GMutex mutex;
  GCond cond;
  gboolean shut;    /* after an intent */
  gboolean arrived; /* somebody stands there */
  gboolean ended;
  gboolean lost; /* the lock, by its proof */
  GenvidWorker *worker;
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
  g_mutex_lock (&world.mutex);
  world.n_unpaid += record->state == GENVID_STATE_FAILED
                    && !genvid_worker_is_paying (world.worker);
  g_mutex_unlock (&world.mutex);
  return __real_genvid_store_entry_save (entry, record, error);
}

GenvidFailure *
__wrap_genvid_purchase_prove_lock (GenvidPurchase *purchase)
{
  if (!world.lost)
    return __real_genvid_purchase_prove_lock (purchase);
  return genvid_failure_new (GENVID_REASON_BUSY, "gone");
}

typedef struct {
  Kit kit;
  FakeService *service;
  GenvidPlan *plan;
  GenvidClip *clip;
  GenvidClipReader *reader;
} Scene;

static void
note_end (GenvidWorker *worker, gpointer data)
{
  g_mutex_lock (&world.mutex);
  world.ended = TRUE;
  g_cond_broadcast (&world.cond);
  g_mutex_unlock (&world.mutex);
}

static const GenvidWorkerClass worker_class = { .ended = note_end };

static void
scene_open (Scene *scene)
{
  g_autoptr (GBytes) clip = fake_clip_new (SIZE, FALSE, 1);
  const FakeReply script[] = {
    { "POST", NULL, 200, NULL, "{\"job\":{\"id\":7,\"status\":\"accepted\"}}" },
    { "GET", "/clip.mp4", .bytes = clip, .flags = FAKE_RANGE },
  };
  g_autoptr (GenvidSettings) settings = genvid_settings_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *ready = NULL;

  *scene = (Scene){ .kit = kit_new (), .service = FAKE_SERVICE (script) };
  ready = g_strdup_printf ("{\"id\":7,\"status\":\"completed\","
                           "\"result_data\":{\"video_url\":\"%s/clip.mp4\"}}",
                           fake_service_get_url (scene->service));
  fake_service_add (scene->service, &(FakeReply){ "GET", NULL, .body = ready });
  settings->provider = g_strdup ("cn8");
  settings->api_key = g_strdup ("k");
  settings->base_url = g_strdup (fake_service_get_url (scene->service));
  settings->store = g_strdup (scene->kit.path);
  settings->allow_private = TRUE;
  settings->poll_interval = 1;
  settings->request->prompt = g_strdup ("a lake");
  scene->plan = genvid_plan_new (settings, NULL, &error);
  g_assert_no_error (error);
}

static void
scene_start (Scene *scene)
{
  g_autoptr (GError) error = NULL;

  scene->clip = genvid_clip_new ("cn8", NULL);
  scene->reader = genvid_clip_add_reader (scene->clip);
  g_mutex_lock (&world.mutex);
  world.arrived = world.ended = FALSE;
  world.n_unpaid = 0;
  world.worker = genvid_worker_start (scene->plan, scene->clip, &worker_class,
                                      scene, &error);
  g_mutex_unlock (&world.mutex);
  g_assert_no_error (error);
}

static void
await (gboolean *what)
{
  g_mutex_lock (&world.mutex);
  while (!*what)
    g_cond_wait (&world.cond, &world.mutex);
  g_mutex_unlock (&world.mutex);
}

static void
set_shut (gboolean shut)
{
  g_mutex_lock (&world.mutex);
  world.shut = shut;
  g_cond_broadcast (&world.cond);
  g_mutex_unlock (&world.mutex);
}

static void
scene_stop (Scene *scene)
{
  g_clear_pointer (&scene->reader, genvid_clip_reader_free);
  g_clear_pointer (&scene->clip, genvid_clip_unref);
}

static void
scene_clear (Scene *scene)
{
  scene_stop (scene);
  fake_service_free (scene->service);
  genvid_plan_unref (scene->plan);
  kit_clear (&scene->kit);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scene, scene_clear)

static void
assert_buys_next (Scene *scene)
{
  g_autoptr (GenvidClipStatus) status = NULL;

  g_assert_cmpuint (world.n_unpaid, ==, 0);
  g_assert_cmpuint (fake_service_get_n_requests (scene->service), ==, 0);
  scene_stop (scene);
  scene_start (scene);
  await (&world.ended);
  status = genvid_clip_snapshot (scene->clip);
  g_assert_null (status->failure);
  g_assert_true (status->whole);
  g_assert_cmpuint (fake_service_count (scene->service, "POST", NULL), ==, 1);
}

/* ABORT: the exit waits no longer. */
static void
test_intent (gconstpointer abort)
{
  g_auto (Scene) scene;

  scene_open (&scene);
  set_shut (TRUE);
  scene_start (&scene);
  await (&world.arrived);
  g_assert_true (genvid_worker_is_paying (world.worker));
  genvid_worker_quit (world.worker, FALSE);
  g_assert_true (genvid_worker_is_paying (world.worker));
  if (abort != NULL)
    genvid_worker_quit (world.worker, TRUE);
  set_shut (FALSE);
  await (&world.ended);
  assert_buys_next (&scene);
}

/* It was refused after the intent: that is on disk before the exit may go. */
static void
test_refused (void)
{
  g_auto (Scene) scene;

  scene_open (&scene);
  world.lost = TRUE;
  scene_start (&scene);
  await (&world.ended);
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
