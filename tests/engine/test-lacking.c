/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A generation that was bought, and no descriptors for its download: it waits
 * for them, a minute at most, and then says so without losing anything. What
 * moves money has them before it is sure of its lock. */

#include "store-kit.h"

#include "call.h"
#include "client.h"
#include "clip-reader.h"
#include "clip-status.h"
#include "clip.h"
#include "clock.h"
#include "failure.h"
#include "plan-record.h"
#include "plan.h"
#include "purchase.h"
#include "record.h"
#include "reserve.h"
#include "scheduler.h"
#include "settings.h"
#include "store-entry.h"
#include "store-recovery.h"
#include "worker.h"

#include "fake-service.h"

#define SIZE   100000
#define MINUTE (60 * (gint64)G_USEC_PER_SEC)
#define POLL   "/v2/jobs/7"

/* --- Descriptors and a clock that the test has in its hand. --- */

static struct {
  GMutex mutex;
  GCond cond;
  gboolean lacking; /* for a transfer */
  gboolean none;    /* for anything */
  guint n_refused;
  gint64 skipped;
  gboolean ended;
  gboolean strict; /* nobody may look for any once a lock is proven */
  gboolean proven; /* that of what is about to be sent */
  guint n_whole;   /* taken for a clip */
  gint64 jump;     /* once descriptors are taken for an exchange */
} world;

GenvidReserve *__real_genvid_reserve_take (guint n, GError **error);
GenvidReserve *__wrap_genvid_reserve_take (guint n, GError **error);
gboolean __real_genvid_reserve_is_shared (void);
gboolean __wrap_genvid_reserve_is_shared (void);
GenvidNow __real_genvid_clock_now (void);
GenvidNow __wrap_genvid_clock_now (void);
GenvidPark __real_genvid_park_until (GenvidPlace *place, gint64 until);
GenvidPark __wrap_genvid_park_until (GenvidPlace *place, gint64 until);

GenvidReserve *
__wrap_genvid_reserve_take (guint n, GError **error)
{
  gboolean lacking;

  g_mutex_lock (&world.mutex);
  /* What must be sent has its own. */
  g_assert_false (world.proven);
  if (n == GENVID_RESERVE_EXCHANGE) {
    world.skipped += world.jump;
    world.jump = 0;
  }
  world.n_whole += n == GENVID_RESERVE_TRANSFER;
  lacking = world.none || (world.lacking && n == GENVID_RESERVE_TRANSFER);
  world.n_refused += lacking;
  g_cond_broadcast (&world.cond);
  g_mutex_unlock (&world.mutex);
  if (!lacking)
    return __real_genvid_reserve_take (n, error);
  g_set_error_literal (error, GENVID_ERROR, GENVID_REASON_NO_SPACE,
                       "too few descriptors");
  return NULL;
}

GenvidFailure *__real_genvid_purchase_prove_lock (GenvidPurchase *purchase);
GenvidFailure *__wrap_genvid_purchase_prove_lock (GenvidPurchase *purchase);

GenvidFailure *
__wrap_genvid_purchase_prove_lock (GenvidPurchase *purchase)
{
  GenvidFailure *failure = __real_genvid_purchase_prove_lock (purchase);

  g_mutex_lock (&world.mutex);
  world.proven = world.strict;
  g_mutex_unlock (&world.mutex);
  return failure;
}

/* Nobody of us gives any back. */
gboolean
__wrap_genvid_reserve_is_shared (void)
{
  return FALSE;
}

GenvidNow
__wrap_genvid_clock_now (void)
{
  GenvidNow now = __real_genvid_clock_now ();

  g_mutex_lock (&world.mutex);
  now.boot += world.skipped;
  now.wall += world.skipped;
  g_mutex_unlock (&world.mutex);
  return now;
}

/* The scheduler lives in the kernel's time. */
GenvidPark
__wrap_genvid_park_until (GenvidPlace *place, gint64 until)
{
  g_mutex_lock (&world.mutex);
  until -= world.skipped;
  g_mutex_unlock (&world.mutex);
  return __real_genvid_park_until (place, until);
}

static void
set_lacking (gboolean lacking)
{
  g_mutex_lock (&world.mutex);
  world.lacking = lacking;
  world.n_refused = 0;
  g_mutex_unlock (&world.mutex);
}

static void
set_none (gboolean none)
{
  g_mutex_lock (&world.mutex);
  world.none = none;
  world.n_refused = 0;
  g_mutex_unlock (&world.mutex);
}

static void
await_refusals (guint n)
{
  g_mutex_lock (&world.mutex);
  while (world.n_refused < n)
    g_cond_wait (&world.cond, &world.mutex);
  g_mutex_unlock (&world.mutex);
}

static void
skip (gint64 time)
{
  g_mutex_lock (&world.mutex);
  world.skipped += time;
  g_mutex_unlock (&world.mutex);
}

/* --- One worker. --- */

typedef struct {
  Kit kit;
  FakeService *service;
  GenvidPlan *plan;
  GenvidClip *clip;
  GenvidClipReader *reader;
  GenvidWorker *worker;
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
await_end (void)
{
  g_mutex_lock (&world.mutex);
  while (!world.ended)
    g_cond_wait (&world.cond, &world.mutex);
  g_mutex_unlock (&world.mutex);
}

static void
close_clip (Scene *scene)
{
  g_clear_pointer (&scene->reader, genvid_clip_reader_free);
  g_clear_pointer (&scene->clip, genvid_clip_unref);
}

static void
scene_start (Scene *scene)
{
  g_autoptr (GError) error = NULL;

  world.ended = FALSE;
  scene->clip = genvid_clip_new ("cn8", NULL);
  scene->reader = genvid_clip_add_reader (scene->clip);
  scene->worker = genvid_worker_start (scene->plan, scene->clip, &worker_class,
                                       scene, &error);
  g_assert_no_error (error);
}

static void
make_plan (Scene *scene, const char *provider)
{
  g_autoptr (GenvidSettings) settings = genvid_settings_new ();
  g_autoptr (GError) error = NULL;

  settings->provider = g_strdup (provider);
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
scene_open (Scene *scene)
{
  g_autoptr (GBytes) clip = fake_clip_new (SIZE, FALSE, 1);
  const FakeReply script[] = {
    { "POST", NULL, 200, NULL, "{\"job\":{\"id\":7,\"status\":\"accepted\"}}" },
    { "GET", "/clip.mp4", .bytes = clip, .flags = FAKE_RANGE },
  };
  g_autofree char *ready = NULL;

  *scene = (Scene){ .kit = kit_new (), .service = FAKE_SERVICE (script) };
  ready = g_strdup_printf ("{\"id\":7,\"status\":\"completed\","
                           "\"result_data\":{\"video_url\":\"%s/clip.mp4\"}}",
                           fake_service_get_url (scene->service));
  fake_service_add (scene->service, &(FakeReply){ "GET", POLL, .body = ready });
  make_plan (scene, "cn8");
}

static void
store_record (Scene *scene, GenvidState state, const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidStoreEntry) entry
      = genvid_store_get_entry (scene->plan->store, scene->plan->fingerprint);
  g_autoptr (GenvidCall) call = genvid_plan_make_call (scene->plan, &error);
  g_autoptr (GenvidRecord) record
      = genvid_plan_make_record (scene->plan, call, NULL);
  GenvidNow now = genvid_clock_now ();

  g_assert_true (genvid_store_entry_try_lock (entry, &error));
  record->n = 1;
  record->state = state;
  record->id = g_strdup (id);
  record->intended.wall = now.wall;
  record->intended.boot = now.boot;
  record->intended.boot_id = g_strdup (now.boot_id);
  g_assert_true (genvid_store_entry_save (entry, record, &error));
}

/* A former process has bought it. */
static void
scene_store (Scene *scene)
{
  store_record (scene, GENVID_STATE_QUEUED, "7");
}

/* Or has sent a submit, as far as is known. */
static void
store_doubt (Scene *scene)
{
  store_record (scene, GENVID_STATE_SUBMITTING, NULL);
}

static void
scene_clear (Scene *scene)
{
  close_clip (scene);
  fake_service_free (scene->service);
  genvid_plan_unref (scene->plan);
  kit_clear (&scene->kit);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scene, scene_clear)

static void
assert_whole (Scene *scene, guint n_submits)
{
  g_autoptr (GenvidClipStatus) status = genvid_clip_snapshot (scene->clip);

  g_assert_null (status->failure);
  g_assert_true (status->whole);
  g_assert_cmpuint (fake_service_count (scene->service, "POST", NULL), ==,
                    n_submits);
}

static void
assert_no_space (Scene *scene)
{
  g_autoptr (GenvidClipStatus) status = genvid_clip_snapshot (scene->clip);

  g_assert_nonnull (status->failure);
  g_assert_cmpint (status->failure->reason, ==, GENVID_REASON_NO_SPACE);
}

/* Somebody else closes some after a while. */
static void
test_come (void)
{
  g_auto (Scene) scene;

  scene_open (&scene);
  scene_store (&scene);
  set_lacking (TRUE);
  scene_start (&scene);
  await_refusals (3);
  g_assert_cmpuint (fake_service_count (scene.service, "GET", "/clip.mp4"), ==,
                    0);
  set_lacking (FALSE);
  await_end ();
  assert_whole (&scene, 0);
}

/* They do not come. What was bought is as it was, for who asks again. */
static void
test_do_not_come (void)
{
  g_auto (Scene) scene;
  g_autoptr (GenvidStoreEntry) entry = NULL;
  g_autoptr (GenvidRecord) record = NULL;

  scene_open (&scene);
  scene_store (&scene);
  set_lacking (TRUE);
  scene_start (&scene);
  /* Since the first one it counts. */
  await_refusals (2);
  skip (MINUTE - G_USEC_PER_SEC);
  await_refusals (5);
  skip (2 * G_USEC_PER_SEC);
  await_end ();
  assert_no_space (&scene);
  close_clip (&scene);

  entry = genvid_store_get_entry (scene.plan->store, scene.plan->fingerprint);
  g_assert_true (genvid_store_entry_try_lock (entry, NULL));
  record = genvid_store_entry_load (entry, NULL);
  g_assert_cmpstr (record->id, ==, "7");
  g_assert_cmpint (record->state, !=, GENVID_STATE_FAILED);
  g_clear_pointer (&entry, genvid_store_entry_free);

  set_lacking (FALSE);
  scene_start (&scene);
  await_end ();
  assert_whole (&scene, 0);
}

/* What is not bought yet does not wait, and is not bought. */
static void
test_nothing_bought (void)
{
  g_auto (Scene) scene;

  scene_open (&scene);
  set_lacking (TRUE);
  scene_start (&scene);
  await_end ();
  assert_no_space (&scene);
  g_assert_cmpuint (fake_service_get_n_requests (scene.service), ==, 0);
  close_clip (&scene);
  set_lacking (FALSE);
  scene_start (&scene);
  await_end ();
  assert_whole (&scene, 1);
}

/* --- What moves money has its descriptors before the last proof that the lock
 * is ours: nobody can make it wait between the two. --- */

static void
set_strict (void)
{
  g_mutex_lock (&world.mutex);
  world.strict = TRUE;
  g_mutex_unlock (&world.mutex);
}

/* The service has what was sent, and holds its answer. */
static void
assert_sent_at_once (Scene *scene)
{
  fake_service_await_held (scene->service, NULL, 1);
  g_mutex_lock (&world.mutex);
  g_assert_true (world.proven);
  world.proven = world.strict = FALSE;
  g_mutex_unlock (&world.mutex);
  fake_service_open (scene->service, NULL);
  await_end ();
}

static void
test_submit (void)
{
  const FakeReply script[] = {
    { "POST", NULL, 400, NULL, "{}", .flags = FAKE_HOLD },
  };
  g_auto (Scene) scene
      = { .kit = kit_new (), .service = FAKE_SERVICE (script) };

  make_plan (&scene, "cn8");
  set_strict ();
  scene_start (&scene);
  assert_sent_at_once (&scene);
}

static void
test_cancel (void)
{
  const FakeReply script[] = {
    { "GET", "/v1/generations/7",
      .body = "{\"id\":\"7\",\"status\":\"queued\"}" },
    { "POST", "/v1/generations/7/stop",
      .body = "{\"id\":\"7\",\"status\":\"stopped\"}", .flags = FAKE_HOLD },
  };
  g_auto (Scene) scene
      = { .kit = kit_new (), .service = FAKE_SERVICE (script) };

  make_plan (&scene, "genpro");
  scene_store (&scene);
  set_strict ();
  scene_start (&scene);
  fake_service_await_requests (scene.service, 1);
  g_clear_pointer (&scene.reader, genvid_clip_reader_free);
  genvid_worker_cancel (scene.worker, TRUE);
  assert_sent_at_once (&scene);
}

/* A replay that came too late is not sent, and the submit that the user allows
 * instead has its clip's. */
static void
test_resubmit (void)
{
  const FakeReply script[] = {
    { "POST", NULL, 400, NULL, "{}", .flags = FAKE_HOLD },
  };
  g_auto (Scene) scene
      = { .kit = kit_new (), .service = FAKE_SERVICE (script) };

  make_plan (&scene, "genpro");
  scene.plan->settings->if_in_doubt = GENVID_IF_IN_DOUBT_RESUBMIT;
  store_doubt (&scene);
  world.jump = 1200 * MINUTE;
  world.n_whole = 0;
  scene_start (&scene);
  fake_service_await_held (scene.service, NULL, 1);
  g_mutex_lock (&world.mutex);
  g_assert_cmpint (world.jump, ==, 0);
  g_assert_cmpuint (world.n_whole, ==, 1);
  g_mutex_unlock (&world.mutex);
  fake_service_open (scene.service, NULL);
  await_end ();
}

/* A cancel waits for them before that, and is sent when they are there. */
static void
test_cancel_waits (void)
{
  const FakeReply script[] = {
    { "GET", "/v1/generations/7",
      .body = "{\"id\":\"7\",\"status\":\"queued\"}", .times = 1 },
    { "POST", "/v1/generations/7/stop",
      .body = "{\"id\":\"7\",\"status\":\"stopped\"}", .flags = FAKE_HOLD },
  };
  g_auto (Scene) scene
      = { .kit = kit_new (), .service = FAKE_SERVICE (script) };

  make_plan (&scene, "genpro");
  scene.plan->settings->poll_interval = 1000;
  scene_store (&scene);
  set_strict ();
  scene_start (&scene);
  fake_service_await_requests (scene.service, 1);
  g_clear_pointer (&scene.reader, genvid_clip_reader_free);
  set_none (TRUE);
  genvid_worker_cancel (scene.worker, TRUE);
  await_refusals (3);
  g_assert_cmpuint (fake_service_count (scene.service, "POST", NULL), ==, 0);
  set_none (FALSE);
  assert_sent_at_once (&scene);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lacking/come", test_come);
  g_test_add_func ("/lacking/do-not-come", test_do_not_come);
  g_test_add_func ("/lacking/nothing-bought", test_nothing_bought);
  g_setenv ("GEN_SHEET_ID", "21", TRUE);
  g_setenv ("GEN_CELL_ID", "11", TRUE);
  g_setenv ("GEN_AGENT_ID", "42", TRUE);
  g_test_add_func ("/lacking/submit", test_submit);
  g_test_add_func ("/lacking/cancel", test_cancel);
  g_test_add_func ("/lacking/resubmit", test_resubmit);
  g_test_add_func ("/lacking/cancel-waits", test_cancel_waits);
  return g_test_run ();
}
