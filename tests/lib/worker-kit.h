/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One worker against a scripted service, with a store of its own. */

#include "store-kit.h"

#include "call.h"
#include "clip-reader.h"
#include "clip-status.h"
#include "clip.h"
#include "clock.h"
#include "plan-record.h"
#include "plan.h"
#include "settings.h"
#include "worker.h"

#include "fake-service.h"

#define SCENE_CLIP_SIZE 100000
#define SCENE_RECEIPT   "{\"job\":{\"id\":7,\"status\":\"accepted\"}}"

typedef struct {
  Kit kit;
  FakeService *service;
  GenvidSettings *settings;
  GenvidPlan *plan;
  GenvidClip *clip;
  GenvidClipReader *reader; /* nullable */
  GenvidWorker *worker;     /* NULL: none was started */
  GMutex mutex;
  GCond cond;
  gboolean ended;
} Scene;

/* Takes SERVICE. Genpro's place is set in the environment. */
static inline void
scene_open (Scene *scene, const char *provider, FakeService *service)
{
  g_autoptr (GError) error = NULL;

  *scene = (Scene){ .kit = kit_new (),
                    .service = service,
                    .settings = genvid_settings_new () };
  g_mutex_init (&scene->mutex);
  g_cond_init (&scene->cond);
  g_setenv ("GEN_SHEET_ID", "101", TRUE);
  g_setenv ("GEN_CELL_ID", "3100", TRUE);
  g_setenv ("GEN_AGENT_ID", "42", TRUE);
  scene->settings->provider = g_strdup (provider);
  scene->settings->api_key = g_strdup ("k");
  scene->settings->base_url = g_strdup (fake_service_get_url (service));
  scene->settings->store = g_strdup (scene->kit.path);
  scene->settings->allow_private = TRUE;
  scene->settings->poll_interval = 1;
  scene->settings->request->prompt = g_strdup ("a lake");
  scene->plan = genvid_plan_new (scene->settings, NULL, &error);
  g_assert_no_error (error);
}

/* What the script does not answer is a poll of a clip that is ready, in the
 * words of cn8 and of gen.pro. */
static inline void
scene_add_clip (Scene *scene)
{
  g_autoptr (GBytes) clip = fake_clip_new (SCENE_CLIP_SIZE, FALSE, 1);
  g_autofree char *ready = g_strdup_printf (
      "{\"id\":7,\"status\":\"completed\",\"output_resources\":"
      "[{\"object_type\":\"video\",\"url\":\"%1$s/clip.mp4\"}],"
      "\"result_data\":{\"video_url\":\"%1$s/clip.mp4\"}}",
      fake_service_get_url (scene->service));

  fake_service_add (
      scene->service,
      &(FakeReply){ "GET", "/clip.mp4", .bytes = clip, .flags = FAKE_RANGE });
  fake_service_add (scene->service, &(FakeReply){ "GET", NULL, .body = ready });
}

/* As another process. */
static inline GenvidStoreEntry *
scene_lock_entry (Scene *scene)
{
  g_autoptr (GError) error = NULL;
  GenvidStoreEntry *entry
      = genvid_store_get_entry (scene->plan->store, scene->plan->fingerprint);

  g_assert_true (genvid_store_entry_try_lock (entry, &error));
  g_assert_no_error (error);
  return entry;
}

/* What a former process left. ID: nullable; WISH: to cancel it. */
static inline void
scene_store (Scene *scene, GenvidState state, const char *id, gboolean wish)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidStoreEntry) entry = scene_lock_entry (scene);
  g_autoptr (GenvidCall) call = genvid_plan_make_call (scene->plan, &error);
  g_autoptr (GenvidRecord) record
      = genvid_plan_make_record (scene->plan, call, NULL);
  GenvidNow now = genvid_clock_now ();

  record->n = 1;
  record->state = state;
  record->id = g_strdup (id);
  record->cancel = wish;
  record->intended.wall = now.wall;
  record->intended.boot = now.boot;
  record->intended.boot_id = g_strdup (now.boot_id);
  g_assert_true (genvid_store_entry_intend (entry, 1, &now, &error));
  g_assert_true (genvid_store_entry_save (entry, record, &error));
}

static inline void
scene_note_end (GenvidWorker *worker, gpointer data)
{
  Scene *scene = data;

  g_mutex_lock (&scene->mutex);
  scene->ended = TRUE;
  g_cond_broadcast (&scene->cond);
  g_mutex_unlock (&scene->mutex);
}

/* The clip before is let go. READ: somebody has the new one open. */
static inline void
scene_start (Scene *scene, gboolean read)
{
  static const GenvidWorkerClass worker_class = { .ended = scene_note_end };
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&scene->reader, genvid_clip_reader_free);
  g_clear_pointer (&scene->clip, genvid_clip_unref);
  scene->clip = genvid_clip_new (scene->settings->provider, NULL);
  if (read)
    scene->reader = genvid_clip_add_reader (scene->clip);
  /* Whatever the worker calls finds it here. */
  g_mutex_lock (&scene->mutex);
  scene->ended = FALSE;
  scene->worker = genvid_worker_start (scene->plan, scene->clip, &worker_class,
                                       scene, &error);
  g_mutex_unlock (&scene->mutex);
  g_assert_no_error (error);
}

static inline void
scene_await_end (Scene *scene)
{
  g_mutex_lock (&scene->mutex);
  while (scene->worker != NULL && !scene->ended)
    g_cond_wait (&scene->cond, &scene->mutex);
  g_mutex_unlock (&scene->mutex);
}

/* Once the service has said how it ended. */
static inline void
scene_assert_whole (Scene *scene, guint n_submits)
{
  g_autoptr (GenvidClipStatus) status = NULL;

  scene_await_end (scene);
  status = genvid_clip_snapshot (scene->clip);
  g_assert_null (status->failure);
  g_assert_true (status->whole);
  g_assert_cmpuint (fake_service_count (scene->service, "POST", NULL), ==,
                    n_submits);
}

static inline void
scene_clear (Scene *scene)
{
  scene_await_end (scene);
  fake_service_free (scene->service);
  g_clear_pointer (&scene->reader, genvid_clip_reader_free);
  g_clear_pointer (&scene->clip, genvid_clip_unref);
  genvid_plan_unref (scene->plan);
  genvid_settings_free (scene->settings);
  kit_clear (&scene->kit);
  g_mutex_clear (&scene->mutex);
  g_cond_clear (&scene->cond);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scene, scene_clear)
