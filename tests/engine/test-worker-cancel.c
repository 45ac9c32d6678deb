/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The wish to cancel, as a worker takes it, while a poll of a generation that
 * was bought before is on the wire: there a wish always finds it. */

#include "store-kit.h"

#include "call.h"
#include "clip-reader.h"
#include "clip.h"
#include "generation.h"
#include "plan-record.h"
#include "plan.h"
#include "record.h"
#include "settings.h"
#include "store-entry.h"
#include "store-recovery.h"
#include "worker.h"

#include "fake-service.h"

#define GENPRO_POLL "/v1/generations/7"
#define GENPRO_STOP "/v1/generations/7/stop"
#define CN8_POLL    "/v2/jobs/7"
#define RUNNING     "{\"id\":\"7\",\"status\":\"processing\"}"
#define STOPPED     "{\"id\":\"7\",\"status\":\"stopped\"}"

typedef struct {
  Kit kit;
  FakeService *service;
  GenvidPlan *plan;
  GenvidClip *clip;
  GenvidWorker *worker;
  GMutex mutex;
  GCond cond;
  gboolean ended;
} Scene;

static void
note_end (GenvidWorker *worker, gpointer data)
{
  Scene *scene = data;

  g_mutex_lock (&scene->mutex);
  scene->ended = TRUE;
  g_cond_signal (&scene->cond);
  g_mutex_unlock (&scene->mutex);
}

/* Takes SERVICE. */
static void
scene_open (Scene *scene, const char *provider, FakeService *service)
{
  g_autoptr (GenvidSettings) settings = genvid_settings_new ();
  g_autoptr (GError) error = NULL;

  *scene = (Scene){ .kit = kit_new (), .service = service };
  g_mutex_init (&scene->mutex);
  g_cond_init (&scene->cond);
  settings->provider = g_strdup (provider);
  settings->api_key = g_strdup ("k");
  settings->base_url = g_strdup (fake_service_get_url (service));
  settings->store = g_strdup (scene->kit.path);
  settings->poll_interval = 1;
  settings->request->prompt = g_strdup ("a lake");
  scene->plan = genvid_plan_new (settings, NULL, &error);
  g_assert_no_error (error);
  scene->clip = genvid_clip_new (provider, NULL);
}

/* A generation that a former process has bought. */
static void
scene_store (Scene *scene)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidStoreEntry) entry
      = genvid_store_get_entry (scene->plan->store, scene->plan->fingerprint);
  g_autoptr (GenvidCall) call = genvid_plan_make_call (scene->plan, &error);
  g_autoptr (GenvidRecord) record = NULL;

  g_assert_no_error (error);
  g_assert_true (genvid_store_entry_try_lock (entry, &error));
  record = genvid_plan_make_record (scene->plan, call, NULL);
  record->n = 1;
  record->state = GENVID_STATE_QUEUED;
  record->id = g_strdup ("7");
  g_assert_true (genvid_store_entry_save (entry, record, &error));
}

static const GenvidWorkerClass worker_class = { .ended = note_end };

static void
scene_start (Scene *scene)
{
  g_autoptr (GError) error = NULL;

  scene_store (scene);
  scene->worker = genvid_worker_start (scene->plan, scene->clip, &worker_class,
                                       scene, &error);
  g_assert_no_error (error);
}

static void
await_end (Scene *scene)
{
  g_mutex_lock (&scene->mutex);
  while (scene->worker != NULL && !scene->ended)
    g_cond_wait (&scene->cond, &scene->mutex);
  g_mutex_unlock (&scene->mutex);
}

/* Once the scripted service says how it ended. */
static void
scene_clear (Scene *scene)
{
  await_end (scene);
  fake_service_free (scene->service);
  genvid_clip_unref (scene->clip);
  genvid_plan_unref (scene->plan);
  kit_clear (&scene->kit);
  g_mutex_clear (&scene->mutex);
  g_cond_clear (&scene->cond);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scene, scene_clear)

static guint
count_stops (const Scene *scene)
{
  return fake_service_count (scene->service, "POST", GENPRO_STOP);
}

/* Where there is no such call, an exit waits for nothing. */
static void
test_deaf (void)
{
  static const FakeReply script[] = {
    { "GET", CN8_POLL, 200, NULL, RUNNING, .flags = FAKE_HOLD, .times = 1 },
    { "GET", CN8_POLL, 200, NULL, RUNNING, .times = 1 },
    { "GET", CN8_POLL, 200, NULL, "{\"status\":\"failed\"}" },
  };
  g_auto (Scene) scene;

  scene_open (&scene, "cn8", FAKE_SERVICE (script));
  scene_start (&scene);
  fake_service_await_held (scene.service, NULL, 1);
  genvid_worker_cancel (scene.worker, TRUE);
  g_assert_false (genvid_worker_is_paying (scene.worker));
  fake_service_open (scene.service, NULL);
}

/* The process ends: what is on the wire is waited for, nothing else is sent. */
static void
test_deaf_exit (void)
{
  static const FakeReply script[] = {
    { "GET", CN8_POLL, 200, NULL, RUNNING, .flags = FAKE_HOLD },
  };
  g_auto (Scene) scene;

  scene_open (&scene, "cn8", FAKE_SERVICE (script));
  scene_start (&scene);
  fake_service_await_held (scene.service, NULL, 1);
  genvid_worker_cancel (scene.worker, TRUE);
  genvid_worker_quit (scene.worker, FALSE);
  fake_service_open (scene.service, NULL);
  await_end (&scene);
  g_assert_cmpuint (fake_service_get_n_requests (scene.service), ==, 1);
}

/* It is parked for as good as ever, and is woken for the wish. */
static void
test_between_polls (void)
{
  static const FakeReply script[] = {
    { "GET", GENPRO_POLL, 200, NULL, RUNNING, .times = 1 },
    { "POST", GENPRO_STOP, 200, NULL, STOPPED },
  };
  g_auto (Scene) scene;

  scene_open (&scene, "genpro", FAKE_SERVICE (script));
  scene.plan->settings->poll_interval = 1000;
  scene_start (&scene);
  fake_service_await_requests (scene.service, 1);
  genvid_worker_cancel (scene.worker, TRUE);
  await_end (&scene);
  g_assert_cmpuint (count_stops (&scene), ==, 1);
  g_assert_cmpuint (fake_service_get_n_requests (scene.service), ==, 2);
}

/* The process ends meanwhile: it leaves at once, and the id stays. ABORT: it is
 * not even asked. */
static void
test_exit_between_polls (gconstpointer abort)
{
  static const FakeReply script[] = {
    { "GET", CN8_POLL, 200, NULL, RUNNING, .times = 1 },
  };
  g_auto (Scene) scene;
  g_autoptr (GenvidStoreEntry) entry = NULL;
  g_autoptr (GenvidRecord) record = NULL;

  scene_open (&scene, "cn8", FAKE_SERVICE (script));
  scene.plan->settings->poll_interval = 1000;
  scene_start (&scene);
  fake_service_await_requests (scene.service, 1);
  genvid_worker_quit (scene.worker, abort != NULL);
  await_end (&scene);
  g_assert_cmpuint (fake_service_get_n_requests (scene.service), ==, 1);
  entry = genvid_store_get_entry (scene.plan->store, scene.plan->fingerprint);
  g_assert_true (genvid_store_entry_try_lock (entry, NULL));
  record = genvid_store_entry_load (entry, NULL);
  g_assert_cmpstr (record->id, ==, "7");
  g_assert_null (record->failure);
}

/* A wish that was refused is over, and the next one is as good. */
static void
test_second (void)
{
  static const FakeReply script[] = {
    { "GET", GENPRO_POLL, 200, NULL, RUNNING, .flags = FAKE_HOLD, .times = 1,
      .gate = "one" },
    { "POST", GENPRO_STOP, 422, NULL, "{}", .times = 1 },
    { "GET", GENPRO_POLL, 200, NULL, RUNNING, .flags = FAKE_HOLD, .times = 1,
      .gate = "two" },
    { "POST", GENPRO_STOP, 200, NULL, STOPPED },
    { "GET", GENPRO_POLL, 200, NULL, STOPPED },
  };
  g_auto (Scene) scene;

  scene_open (&scene, "genpro", FAKE_SERVICE (script));
  scene_start (&scene);
  fake_service_await_held (scene.service, "one", 1);
  g_assert_false (genvid_worker_is_paying (scene.worker));
  genvid_worker_cancel (scene.worker, TRUE);
  g_assert_true (genvid_worker_is_paying (scene.worker));
  fake_service_open (scene.service, "one");
  fake_service_await_held (scene.service, "two", 1);
  g_assert_cmpuint (count_stops (&scene), ==, 1);
  g_assert_false (genvid_worker_is_paying (scene.worker));
  genvid_worker_cancel (scene.worker, TRUE);
  fake_service_open (scene.service, "two");
  fake_service_await_requests (scene.service, 4);
  g_assert_cmpuint (count_stops (&scene), ==, 2);
}

/* Whoever came since wants it. */
static void
test_used_again (void)
{
  static const FakeReply script[] = {
    { "GET", GENPRO_POLL, 200, NULL, RUNNING, .flags = FAKE_HOLD, .times = 1,
      .gate = "one" },
    { "POST", GENPRO_STOP, .flags = FAKE_DROP | FAKE_HOLD, .gate = "stop" },
    { "GET", GENPRO_POLL, 200, NULL, STOPPED },
  };
  g_auto (Scene) scene;
  GenvidClipReader *reader;

  scene_open (&scene, "genpro", FAKE_SERVICE (script));
  scene_start (&scene);
  fake_service_await_held (scene.service, "one", 1);
  genvid_worker_cancel (scene.worker, TRUE);
  fake_service_open (scene.service, "one");
  fake_service_await_held (scene.service, "stop", 1);
  reader = genvid_clip_add_reader (scene.clip);
  fake_service_open (scene.service, "stop");
  fake_service_await_requests (scene.service, 3);
  g_assert_cmpuint (count_stops (&scene), ==, 1);
  genvid_clip_reader_free (reader);
}

/* Somebody put another file in the lock's place, so another machine can hold
 * that: the cancel is not sent, and the record stays as it is. */
static void
test_lost_lock (void)
{
  static const FakeReply script[] = {
    { "GET", GENPRO_POLL, 200, NULL, RUNNING, .flags = FAKE_HOLD },
    { "POST", GENPRO_STOP, 200, NULL, STOPPED },
  };
  g_auto (Scene) scene;
  g_autofree char *lock = NULL;
  g_autofree char *record = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  scene_open (&scene, "genpro", FAKE_SERVICE (script));
  scene_start (&scene);
  lock = g_build_filename (scene.kit.path, "locks", scene.plan->fingerprint,
                           NULL);
  record = g_build_filename (scene.kit.path, "clips", scene.plan->fingerprint,
                             "job.json", NULL);
  fake_service_await_held (scene.service, NULL, 1);
  g_assert_true (g_file_get_contents (record, &before, NULL, NULL));
  g_assert_true (g_file_set_contents_full (
      lock, "", 0, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
  genvid_worker_cancel (scene.worker, TRUE);
  fake_service_open (scene.service, NULL);
  await_end (&scene);
  g_assert_cmpuint (count_stops (&scene), ==, 0);
  g_assert_true (g_file_get_contents (record, &after, NULL, NULL));
  g_assert_cmpstr (after, ==, before);
}

/* A client that leaves before it starts the generation buys nothing; the cancel
 * of one that has started it is sent. */
static void
test_leave_before_start (void)
{
  static const FakeReply script[] = {
    { "GET", GENPRO_POLL, 200, NULL, RUNNING, .flags = FAKE_HOLD, .times = 1 },
    { "POST", GENPRO_STOP, 200, NULL, STOPPED },
    { "GET", GENPRO_POLL, 200, NULL, STOPPED },
  };
  g_auto (Scene) scene;
  GenvidGeneration *generation;
  GenvidClipReader *early, *late;
  gboolean shared;

  scene_open (&scene, "genpro", FAKE_SERVICE (script));
  scene_store (&scene);
  generation = genvid_generation_join (scene.plan, &shared);
  early = genvid_clip_add_reader (genvid_generation_get_clip (generation));
  g_assert_cmpint (genvid_clip_reader_check (early), ==, GENVID_READ_DATA);
  genvid_generation_leave (generation, early, TRUE);
  genvid_generation_start (generation, scene.plan, early);
  genvid_clip_reader_free (early);

  late = genvid_clip_add_reader (genvid_generation_get_clip (generation));
  genvid_generation_start (generation, scene.plan, late);
  fake_service_await_held (scene.service, NULL, 1);
  genvid_generation_leave (generation, late, TRUE);
  fake_service_open (scene.service, NULL);
  fake_service_await_requests (scene.service, 2);
  g_assert_cmpuint (count_stops (&scene), ==, 1);
  g_assert_cmpuint (fake_service_count (scene.service, "GET", GENPRO_POLL), ==,
                    1);
  genvid_clip_reader_free (late);
  genvid_generation_unref (generation);
  /* The worker is in the store until it has ended. */
  do {
    generation = genvid_generation_join (scene.plan, &shared);
    genvid_generation_unref (generation);
  } while (shared);
}

/* The same without another user: no worker was started. */
static void
test_closed_buys_nothing (void)
{
  static const FakeReply script[] = { { NULL, NULL, 500, NULL, "{}" } };
  g_auto (Scene) scene;
  GenvidGeneration *generation;
  GenvidClipReader *reader;
  gboolean shared;

  scene_open (&scene, "genpro", FAKE_SERVICE (script));
  generation = genvid_generation_join (scene.plan, &shared);
  reader = genvid_clip_add_reader (genvid_generation_get_clip (generation));
  genvid_generation_leave (generation, reader, TRUE);
  genvid_generation_start (generation, scene.plan, reader);
  g_assert_true (genvid_generation_become_writer (generation));
  genvid_clip_reader_free (reader);
  genvid_generation_unref (generation);
  g_assert_cmpuint (fake_service_get_n_requests (scene.service), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_setenv ("GEN_SHEET_ID", "101", TRUE);
  g_setenv ("GEN_CELL_ID", "3100", TRUE);
  g_setenv ("GEN_AGENT_ID", "42", TRUE);
  g_test_add_func ("/wish/deaf", test_deaf);
  g_test_add_func ("/wish/deaf-exit", test_deaf_exit);
  g_test_add_func ("/wish/between-polls", test_between_polls);
  g_test_add_data_func ("/wish/exit-between-polls", NULL,
                        test_exit_between_polls);
  g_test_add_data_func ("/wish/abort-between-polls", "yes",
                        test_exit_between_polls);
  g_test_add_func ("/wish/second", test_second);
  g_test_add_func ("/wish/used-again", test_used_again);
  g_test_add_func ("/wish/lost-lock", test_lost_lock);
  g_test_add_func ("/wish/leave-before-start", test_leave_before_start);
  g_test_add_func ("/wish/closed-buys-nothing", test_closed_buys_nothing);
  return g_test_run ();
}
