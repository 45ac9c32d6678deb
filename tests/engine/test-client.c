/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One stored clip, opened by many at once, as an editor or a discoverer does:
 * all get it, whoever comes first, and nobody asks the service. */

#include "store-kit.h"

#include "call.h"
#include "client.h"
#include "clip-reader.h"
#include "clip-status.h"
#include "clip.h"
#include "generation.h"
#include "plan-record.h"
#include "plan.h"
#include "record.h"
#include "settings.h"
#include "store-entry.h"

#include <gio/gio.h>

#include "fake-service.h"

#define SIZE   100000
#define USERS  4
#define ROUNDS 300

typedef struct {
  GenvidSettings *settings;
  GBytes *bytes;
  gint together; /* atomic: how many stand at the start */
} Scene;

static GenvidSettings *
make_settings (const char *store)
{
  GenvidSettings *settings = genvid_settings_new ();

  settings->provider = g_strdup ("aimlapi");
  settings->api_key = g_strdup ("k");
  settings->base_url = g_strdup ("http://127.0.0.1:9"); /* nobody is there */
  settings->store = g_strdup (store);
  settings->request->prompt = g_strdup ("a lake");
  return settings;
}

/* As a purchase leaves it. Its path, owned by the caller. */
static char *
store_clip (const Scene *scene)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidPlan) plan = genvid_plan_new (scene->settings, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (GenvidStoreEntry) entry
      = genvid_store_get_entry (plan->store, plan->fingerprint);
  g_assert_true (genvid_store_entry_try_lock (entry, &error));
  g_autoptr (GenvidCall) call = genvid_plan_make_call (plan, &error);
  g_assert_no_error (error);
  g_autoptr (GenvidRecord) record = genvid_plan_make_record (plan, call, NULL);
  char *path = g_build_filename (scene->settings->store, "clips",
                                 plan->fingerprint, "clip.mp4", NULL);

  record->n = 1;
  record->state = GENVID_STATE_DONE;
  record->id = g_strdup ("7");
  record->media_size = SIZE;
  record->media_extension = g_strdup ("mp4");
  g_assert_true (genvid_store_entry_save (entry, record, &error));
  g_assert_true (
      g_file_set_contents_full (path, g_bytes_get_data (scene->bytes, NULL),
                                SIZE, G_FILE_SET_CONTENTS_NONE, 0600, &error));
  return path;
}

static GenvidReadOutcome
wait_for_all (GenvidClient *run)
{
  GenvidReadOutcome outcome;
  gsize available;
  guint seen = 0;

  do {
    outcome = genvid_client_wait (run, 0, SIZE, TRUE, seen, &available);
    g_autoptr (GenvidClipStatus) snapshot = genvid_client_snapshot (run);
    seen = snapshot->serial;
  } while (outcome == GENVID_READ_CHANGED);
  return outcome;
}

static void
check_bytes (const Scene *scene, GenvidClient *run)
{
  g_autofree guint8 *bytes = g_malloc (SIZE);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (wait_for_all (run), ==, GENVID_READ_DATA);
  g_assert_cmpint (genvid_client_read (run, 0, bytes, SIZE, &error), ==, SIZE);
  g_assert_no_error (error);
  g_assert_cmpmem (bytes, SIZE, g_bytes_get_data (scene->bytes, NULL), SIZE);
}

static gpointer
use (gpointer data)
{
  Scene *scene = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidClient) run = NULL;

  g_atomic_int_inc (&scene->together);
  while (g_atomic_int_get (&scene->together) % USERS != 0)
    g_thread_yield ();
  run = genvid_client_open (scene->settings, NULL, &error);
  g_assert_no_error (error);
  check_bytes (scene, run);
  genvid_client_close (run);
  return NULL;
}

static void
test_stored (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GBytes) bytes = fake_clip_new (SIZE, FALSE, 1);
  g_autoptr (GenvidSettings) settings = make_settings (kit.path);
  Scene scene = { .settings = settings, .bytes = bytes };

  g_free (store_clip (&scene));
  for (guint i = 0; i < ROUNDS; i++) {
    GThread *threads[USERS];

    scene.together = 0;
    for (guint j = 0; j < USERS; j++)
      threads[j] = g_thread_new ("user", use, &scene);
    for (guint j = 0; j < USERS; j++)
      g_thread_join (threads[j]);
  }
}

/* Whoever is first writes the clip, the other one does not. */
static void
test_one_writer (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GBytes) bytes = fake_clip_new (SIZE, FALSE, 1);
  g_autoptr (GenvidSettings) settings = make_settings (kit.path);
  g_autoptr (GenvidPlan) plan = genvid_plan_new (settings, NULL, NULL);
  Scene scene = { .settings = settings, .bytes = bytes };
  GenvidGeneration *opener, *sharer;
  GenvidClipReader *reader;
  gboolean shared;
  gsize available = 0;
  guint seen = 0;

  g_free (store_clip (&scene));
  opener = genvid_generation_join (plan, &shared);
  g_assert_false (shared);
  sharer = genvid_generation_join (plan, &shared);
  g_assert_true (shared && sharer == opener);
  reader = genvid_clip_add_reader (genvid_generation_get_clip (sharer));
  g_assert_true (genvid_generation_become_writer (opener));
  genvid_generation_start (sharer, plan, reader);
  g_assert_false (genvid_generation_become_writer (opener));
  genvid_clip_reader_free (reader);
  genvid_generation_unref (sharer);
  genvid_generation_unref (opener);
  /* No worker holds a use of it any more, so this is a new one. */
  opener = genvid_generation_join (plan, &shared);
  g_assert_false (shared);
  reader = genvid_clip_add_reader (genvid_generation_get_clip (opener));
  genvid_generation_start (opener, plan, reader);
  g_assert_false (genvid_generation_become_writer (opener));
  while (genvid_clip_reader_wait (reader, 0, 1, FALSE, seen, &available)
         == GENVID_READ_CHANGED) {
    g_autoptr (GenvidClipStatus) snapshot
        = genvid_clip_snapshot (genvid_generation_get_clip (opener));
    seen = snapshot->serial;
  }
  g_assert_cmpuint (available, ==, 1);
  genvid_clip_reader_free (reader);
  genvid_generation_unref (opener);
  /* The worker reads the store until it has ended. */
  do {
    opener = genvid_generation_join (plan, &shared);
    genvid_generation_unref (opener);
  } while (shared);
}

/* Whatever keeps it from being opened, it was paid for, and stays where it
 * is. */
static void
test_not_to_be_opened (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GBytes) bytes = fake_clip_new (SIZE, FALSE, 1);
  g_autoptr (GenvidSettings) settings = make_settings (kit.path);
  Scene scene = { .settings = settings, .bytes = bytes };
  g_autofree char *path = store_clip (&scene);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_chmod (path, 0666), ==, 0); /* anybody may change it */
  g_assert_null (genvid_client_open (settings, NULL, &error));
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "clip.mp4"));
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
}

/* --- Its reader is there before it counts as a use, so that a worker that is
 * asked to cancel finds one or the other. --- */

static gint n_uses; /* atomic */

void __real_genvid_generation_begin_use (GenvidGeneration *generation);
void __wrap_genvid_generation_begin_use (GenvidGeneration *generation);

void
__wrap_genvid_generation_begin_use (GenvidGeneration *generation)
{
  g_assert_cmpuint (
      genvid_clip_get_n_readers (genvid_generation_get_clip (generation)), >,
      0);
  g_atomic_int_inc (&n_uses);
  __real_genvid_generation_begin_use (generation);
}

static void
test_reader_first (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidSettings) settings = make_settings (kit.path);
  g_autoptr (GError) error = NULL;
  gint before = g_atomic_int_get (&n_uses);
  g_autoptr (GenvidClient) client = genvid_client_open (settings, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (client);
  g_assert_cmpint (g_atomic_int_get (&n_uses), ==, before + 1);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/run/one-writer", test_one_writer);
  g_test_add_func ("/run/stored", test_stored);
  g_test_add_func ("/run/not-to-be-opened", test_not_to_be_opened);
  g_test_add_func ("/run/reader-first", test_reader_first);
  status = g_test_run ();
  genvid_client_quit ();
  return status;
}
