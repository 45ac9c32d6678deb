/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One stored clip, opened by many at once, as an editor or a discoverer does:
 * all get it, whoever comes first, and nobody asks the service. */

#include "store-kit.h"

#include <genvid/io/genvid-clip.h>
#include <genvid/io/genvid-plan.h>
#include <genvid/io/genvid-registry.h>
#include <genvid/io/genvid-run.h>

#include "fake-service.h"

#define SIZE   100000
#define USERS  4
#define ROUNDS 300

typedef struct {
  GenvidOrder *order;
  GBytes *bytes;
  gint together; /* atomic: how many stand at the start */
} Scene;

static GenvidOrder *
make_order (const char *store)
{
  GenvidOrder *order = genvid_order_new ();

  order->provider = g_strdup ("aimlapi");
  order->api_key = g_strdup ("k");
  order->base_url = g_strdup ("http://127.0.0.1:9"); /* nobody is there */
  order->store = g_strdup (store);
  order->request->prompt = g_strdup ("a lake");
  return order;
}

/* As a purchase leaves it. Its path, owned by the caller. */
static char *
store_clip (const Scene *scene)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidPlan) plan = genvid_plan_new (scene->order, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (GenvidEntry) entry
      = genvid_store_get_entry (plan->store, plan->fingerprint);
  g_assert_true (genvid_entry_try_lock (entry, &error));
  g_autoptr (GenvidCall) call = genvid_plan_make_call (plan, &error);
  g_assert_no_error (error);
  g_autoptr (GenvidRecord) record = genvid_plan_make_record (plan, call, NULL);
  char *path = g_build_filename (scene->order->store, "clips",
                                 plan->fingerprint, "clip.mp4", NULL);

  record->n = 1;
  record->state = GENVID_STATE_DONE;
  record->id = g_strdup ("7");
  record->media_size = SIZE;
  record->media_extension = g_strdup ("mp4");
  g_assert_true (genvid_entry_save (entry, record, &error));
  g_assert_true (
      g_file_set_contents_full (path, g_bytes_get_data (scene->bytes, NULL),
                                SIZE, G_FILE_SET_CONTENTS_NONE, 0600, &error));
  return path;
}

static GenvidReadOutcome
wait_for_all (GenvidRun *run)
{
  GenvidReadOutcome outcome;
  gsize available;
  guint seen = 0;

  do {
    outcome = genvid_run_wait (run, 0, SIZE, TRUE, seen, &available);
    g_autoptr (GenvidSnapshot) snapshot = genvid_run_snapshot (run);
    seen = snapshot->serial;
  } while (outcome == GENVID_READ_CHANGED);
  return outcome;
}

static void
check_bytes (const Scene *scene, GenvidRun *run)
{
  g_autofree guint8 *bytes = g_malloc (SIZE);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (wait_for_all (run), ==, GENVID_READ_DATA);
  g_assert_cmpint (genvid_run_read (run, 0, bytes, SIZE, &error), ==, SIZE);
  g_assert_no_error (error);
  g_assert_cmpmem (bytes, SIZE, g_bytes_get_data (scene->bytes, NULL), SIZE);
}

static gpointer
use (gpointer data)
{
  Scene *scene = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidRun) run = NULL;

  g_atomic_int_inc (&scene->together);
  while (g_atomic_int_get (&scene->together) % USERS != 0)
    g_thread_yield ();
  run = genvid_run_open (scene->order, NULL, &error);
  g_assert_no_error (error);
  check_bytes (scene, run);
  genvid_run_close (run);
  return NULL;
}

static void
test_stored (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GBytes) bytes = fake_clip_new (SIZE, FALSE, 1);
  g_autoptr (GenvidOrder) order = make_order (kit.path);
  Scene scene = { .order = order, .bytes = bytes };

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
  g_autoptr (GenvidOrder) order = make_order (kit.path);
  g_autoptr (GenvidPlan) plan = genvid_plan_new (order, NULL, NULL);
  Scene scene = { .order = order, .bytes = bytes };
  GenvidActivity *opener, *sharer;
  GenvidReader *reader;
  gboolean shared;
  gsize available = 0;
  guint seen = 0;

  g_free (store_clip (&scene));
  opener = genvid_registry_join (plan, &shared);
  g_assert_false (shared);
  sharer = genvid_registry_join (plan, &shared);
  g_assert_true (shared && sharer == opener);
  reader = genvid_clip_add_reader (genvid_activity_get_clip (sharer));
  g_assert_true (genvid_activity_claim (opener));
  genvid_activity_order (sharer, plan, reader);
  g_assert_false (genvid_activity_claim (opener));
  genvid_reader_free (reader);
  genvid_activity_unref (sharer);
  genvid_activity_unref (opener);
  /* No worker holds a use of it any more, so this is a new one. */
  opener = genvid_registry_join (plan, &shared);
  g_assert_false (shared);
  reader = genvid_clip_add_reader (genvid_activity_get_clip (opener));
  genvid_activity_order (opener, plan, reader);
  g_assert_false (genvid_activity_claim (opener));
  while (genvid_reader_wait (reader, 0, 1, FALSE, seen, &available)
         == GENVID_READ_CHANGED) {
    g_autoptr (GenvidSnapshot) snapshot
        = genvid_clip_snapshot (genvid_activity_get_clip (opener));
    seen = snapshot->serial;
  }
  g_assert_cmpuint (available, ==, 1);
  genvid_reader_free (reader);
  genvid_activity_unref (opener);
  /* The worker reads the store until it has ended. */
  do {
    opener = genvid_registry_join (plan, &shared);
    genvid_activity_unref (opener);
  } while (shared);
}

/* Whatever keeps it from being opened, it was paid for, and stays where it
 * is. */
static void
test_not_to_be_opened (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GBytes) bytes = fake_clip_new (SIZE, FALSE, 1);
  g_autoptr (GenvidOrder) order = make_order (kit.path);
  Scene scene = { .order = order, .bytes = bytes };
  g_autofree char *path = store_clip (&scene);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_chmod (path, 0666), ==, 0); /* anybody may change it */
  g_assert_null (genvid_run_open (order, NULL, &error));
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, "clip.mp4"));
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/run/one-writer", test_one_writer);
  g_test_add_func ("/run/stored", test_stored);
  g_test_add_func ("/run/not-to-be-opened", test_not_to_be_opened);
  status = g_test_run ();
  genvid_run_quit ();
  return status;
}
