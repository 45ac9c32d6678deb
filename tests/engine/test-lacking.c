/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A generation that was bought, and no descriptors for its download: it waits
 * for them, a minute at most, and then says so without losing anything. What
 * moves money has them before it is sure of its lock. */

#include "worker-kit.h"

#include "failure.h"
#include "purchase.h"
#include "reserve.h"
#include "scheduler.h"

#define MINUTE (60 * (gint64)G_USEC_PER_SEC)

/* --- Descriptors and a clock that the test has in its hand. --- */

static struct {
  GMutex mutex;
  GCond cond;
  gboolean lacking; /* for a transfer */
  gboolean none;    /* for anything */
  guint n_refused;
  gint64 skipped;
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

static void
open_bought (Scene *scene)
{
  static const FakeReply script[] = {
    { "POST", NULL, 200, NULL, SCENE_RECEIPT },
  };

  scene_open (scene, "cn8", FAKE_SERVICE (script));
  scene_add_clip (scene);
}

/* A former process has bought it. */
static void
store_bought (Scene *scene)
{
  scene_store (scene, GENVID_STATE_QUEUED, "7", FALSE);
}

static void
assert_no_space (Scene *scene)
{
  g_autoptr (GenvidClipStatus) status = NULL;

  scene_await_end (scene);
  status = genvid_clip_snapshot (scene->clip);
  g_assert_nonnull (status->failure);
  g_assert_cmpint (status->failure->reason, ==, GENVID_REASON_NO_SPACE);
}

/* Somebody else closes some after a while. */
static void
test_come (void)
{
  g_auto (Scene) scene;

  open_bought (&scene);
  store_bought (&scene);
  set_lacking (TRUE);
  scene_start (&scene, TRUE);
  await_refusals (3);
  g_assert_cmpuint (fake_service_count (scene.service, "GET", "/clip.mp4"), ==,
                    0);
  set_lacking (FALSE);
  scene_assert_whole (&scene, 0);
}

/* They do not come. What was bought is as it was, for who asks again. */
static void
test_do_not_come (void)
{
  g_auto (Scene) scene;
  g_autoptr (GenvidStoreEntry) entry = NULL;
  g_autoptr (GenvidRecord) record = NULL;

  open_bought (&scene);
  store_bought (&scene);
  set_lacking (TRUE);
  scene_start (&scene, TRUE);
  /* Since the first one it counts. */
  await_refusals (2);
  skip (MINUTE - G_USEC_PER_SEC);
  await_refusals (5);
  skip (2 * G_USEC_PER_SEC);
  assert_no_space (&scene);

  entry = scene_lock_entry (&scene);
  record = genvid_store_entry_load (entry, NULL);
  g_assert_cmpstr (record->id, ==, "7");
  g_assert_cmpint (record->state, !=, GENVID_STATE_FAILED);
  g_clear_pointer (&entry, genvid_store_entry_free);

  set_lacking (FALSE);
  scene_start (&scene, TRUE);
  scene_assert_whole (&scene, 0);
}

/* What is not bought yet does not wait, and is not bought. */
static void
test_nothing_bought (void)
{
  g_auto (Scene) scene;

  open_bought (&scene);
  set_lacking (TRUE);
  scene_start (&scene, TRUE);
  assert_no_space (&scene);
  g_assert_cmpuint (fake_service_get_n_requests (scene.service), ==, 0);
  set_lacking (FALSE);
  scene_start (&scene, TRUE);
  scene_assert_whole (&scene, 1);
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
  scene_await_end (scene);
}

static void
test_submit (void)
{
  const FakeReply script[] = {
    { "POST", NULL, 400, NULL, "{}", .flags = FAKE_HOLD },
  };
  g_auto (Scene) scene;

  scene_open (&scene, "cn8", FAKE_SERVICE (script));
  set_strict ();
  scene_start (&scene, TRUE);
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
  g_auto (Scene) scene;

  scene_open (&scene, "genpro", FAKE_SERVICE (script));
  store_bought (&scene);
  set_strict ();
  scene_start (&scene, TRUE);
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
  g_auto (Scene) scene;

  scene_open (&scene, "genpro", FAKE_SERVICE (script));
  scene.plan->settings->if_in_doubt = GENVID_IF_IN_DOUBT_RESUBMIT;
  scene_store (&scene, GENVID_STATE_SUBMITTING, NULL, FALSE);
  world.jump = 1200 * MINUTE;
  world.n_whole = 0;
  scene_start (&scene, TRUE);
  fake_service_await_held (scene.service, NULL, 1);
  g_mutex_lock (&world.mutex);
  g_assert_cmpint (world.jump, ==, 0);
  g_assert_cmpuint (world.n_whole, ==, 1);
  g_mutex_unlock (&world.mutex);
  fake_service_open (scene.service, NULL);
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
  g_auto (Scene) scene;

  scene_open (&scene, "genpro", FAKE_SERVICE (script));
  scene.plan->settings->poll_interval = 1000;
  store_bought (&scene);
  set_strict ();
  scene_start (&scene, TRUE);
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
  g_test_add_func ("/lacking/submit", test_submit);
  g_test_add_func ("/lacking/cancel", test_cancel);
  g_test_add_func ("/lacking/resubmit", test_resubmit);
  g_test_add_func ("/lacking/cancel-waits", test_cancel_waits);
  return g_test_run ();
}
