/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The wish to cancel, as a worker takes it, while a poll of a generation that
 * was bought before is on the wire: there a wish always finds it. */

#include "worker-kit.h"

#include "generation.h"

#define GENPRO_POLL "/v1/generations/7"
#define GENPRO_STOP "/v1/generations/7/stop"
#define CN8_POLL    "/v2/jobs/7"
#define RUNNING     "{\"id\":\"7\",\"status\":\"processing\"}"
#define STOPPED     "{\"id\":\"7\",\"status\":\"stopped\"}"

/* A generation that a former process has bought. */
static void
store_bought (Scene *scene)
{
  scene_store (scene, GENVID_STATE_QUEUED, "7", FALSE);
}

static void
start_bought (Scene *scene)
{
  store_bought (scene);
  scene_start (scene, FALSE);
}

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
  start_bought (&scene);
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
  start_bought (&scene);
  fake_service_await_held (scene.service, NULL, 1);
  genvid_worker_cancel (scene.worker, TRUE);
  genvid_worker_quit (scene.worker, FALSE);
  fake_service_open (scene.service, NULL);
  scene_await_end (&scene);
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
  start_bought (&scene);
  fake_service_await_requests (scene.service, 1);
  genvid_worker_cancel (scene.worker, TRUE);
  scene_await_end (&scene);
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
  start_bought (&scene);
  fake_service_await_requests (scene.service, 1);
  genvid_worker_quit (scene.worker, abort != NULL);
  scene_await_end (&scene);
  g_assert_cmpuint (fake_service_get_n_requests (scene.service), ==, 1);
  entry = scene_lock_entry (&scene);
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
  start_bought (&scene);
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
  start_bought (&scene);
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
  start_bought (&scene);
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
  scene_await_end (&scene);
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
  store_bought (&scene);
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
