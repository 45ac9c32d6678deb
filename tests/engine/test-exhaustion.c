/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A process that may open no more files or start no more threads: it lives,
 * buys nothing that it could not finish, and finishes what it bought. The
 * child is this program again. */

#include "child-kit.h"

#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "client.h"
#include "clip-status.h"
#include "failure.h"
#include "reserve.h"
#include "store.h"

#define RUNS  100
#define SIZE  100000
#define FILES 150
/* An account that nobody has: its threads are the child's. */
#define ACCOUNT 54321

#define POLL "/v2/jobs/7"

static const char *program;

/* --- The child. --- */

static void
tell (const char *word, const char *more)
{
  static GMutex mutex;

  g_mutex_lock (&mutex);
  printf ("%s %s\n", word, more);
  fflush (stdout);
  g_mutex_unlock (&mutex);
}

static gboolean
follow (GenvidClient *run)
{
  gboolean accepted = FALSE;
  guint seen = 0;
  gsize available;

  for (;;) {
    genvid_client_wait (run, 0, SIZE, TRUE, seen, &available);
    g_autoptr (GenvidClipStatus) snapshot = genvid_client_snapshot (run);

    seen = snapshot->serial;
    if (snapshot->failure != NULL) {
      g_autofree char *billed = g_strdup_printf (
          "%s: %s", genvid_billed_to_string (snapshot->failure->billed),
          snapshot->failure->message);

      tell ("billed", billed);
      tell ("failed", genvid_reason_to_string (snapshot->failure->reason));
      return FALSE;
    }
    if (snapshot->id != NULL && !accepted)
      tell ("accepted", snapshot->id);
    accepted = snapshot->id != NULL;
    if (!snapshot->whole)
      continue;
    tell ("whole", "");
    return TRUE;
  }
}

/* Its number + 1 where it failed, else NULL. */
static gpointer
play (gpointer data)
{
  guint number = GPOINTER_TO_UINT (data);
  g_autoptr (GenvidSettings) settings = child_make_settings (number);
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidClient) run = genvid_client_open (settings, NULL, &error);

  if (run == NULL) {
    tell ("says", error->message);
    tell ("failed", error->domain == GENVID_ERROR
                        ? genvid_reason_to_string ((GenvidReason)error->code)
                        : "other");
    return GUINT_TO_POINTER (number + 1);
  }
  gboolean whole = follow (run);
  genvid_client_close (run);
  return whole ? NULL : GUINT_TO_POINTER (number + 1);
}

static int
play_many (void)
{
  const struct rlimit few = { FILES, FILES };
  GThread *threads[RUNS];
  guint failed = 0;

  if (setrlimit (RLIMIT_NOFILE, &few) != 0)
    return 1;
  for (guint i = 0; i < RUNS; i++)
    threads[i] = g_thread_new ("player", play, GUINT_TO_POINTER (i));
  for (guint i = 0; i < RUNS; i++) {
    guint one = GPOINTER_TO_UINT (g_thread_join (threads[i]));

    failed = MAX (failed, one);
  }
  if (failed == 0)
    return 2;
  /* Those that were in the way are gone, or will be in a moment. */
  do
    tell ("again", "");
  while (play (GUINT_TO_POINTER (failed - 1)) != NULL);
  return 0;
}

/* No thread at all, or one and no more, as CHILD_THREADS says. */
static int
play_alone (void)
{
  rlim_t threads = (rlim_t)atoi (g_getenv ("CHILD_THREADS"));
  const struct rlimit few = { threads, threads };

  if (geteuid () == 0
      && (setgroups (0, NULL) != 0 || setgid (ACCOUNT) != 0
          || setuid (ACCOUNT) != 0))
    return 1;
  if (setrlimit (RLIMIT_NPROC, &few) != 0)
    return 1;
  gboolean whole = play (NULL) == NULL;
  fflush (stdout);
  /* A leak checker cannot look into a process that has changed its user. */
  _exit (whole ? 2 : 0);
}

/* --- The parent. --- */

typedef struct {
  FakeService *service;
  GSubprocess *child;
  GDataInputStream *lines;
  guint accepted, failed, whole, again;
} Scene;

static void
launch (Scene *scene, const Kit *kit, const char *part, const char *threads)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);

  g_subprocess_launcher_setenv (launcher, "CHILD_THREADS", threads, TRUE);
  scene->child = child_launch (launcher, program, part, kit, scene->service,
                               &scene->lines);
}

/* Whether this clip was bought before is not known where its folder cannot be
 * opened. */
static gboolean
is_unread (const char *line)
{
  return g_str_has_prefix (line, "billed unknown: ")
         && strstr (line, " cannot be opened: Too many open files") != NULL;
}

static void
take (Scene *scene, const char *line)
{
  g_test_message ("%s", line);
  if (g_str_has_prefix (line, "accepted "))
    scene->accepted++;
  else if (g_str_has_prefix (line, "whole "))
    scene->whole++;
  else if (g_str_has_prefix (line, "again "))
    scene->again++;
  else if (g_str_has_prefix (line, "says "))
    return;
  else if (g_str_has_prefix (line, "billed "))
    g_assert_true (g_str_has_prefix (line, "billed no: ") || is_unread (line));
  else {
    g_assert_cmpstr (line, ==, "failed no-space");
    scene->failed++;
  }
}

/* FALSE at the end. */
static gboolean
hear (Scene *scene)
{
  g_autofree char *line
      = g_data_input_stream_read_line (scene->lines, NULL, NULL, NULL);

  if (line != NULL)
    take (scene, line);
  return line != NULL;
}

static void
assert_end (Scene *scene)
{
  while (hear (scene))
    continue;
  g_assert_true (g_subprocess_wait (scene->child, NULL, NULL));
  g_assert_true (g_subprocess_get_if_exited (scene->child));
  g_assert_cmpint (g_subprocess_get_exit_status (scene->child), ==, 0);
}

static void
clear_scene (Scene *scene)
{
  g_clear_object (&scene->lines);
  g_clear_object (&scene->child);
  g_clear_pointer (&scene->service, fake_service_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scene, clear_scene)

static void
serve (Scene *scene, GBytes *clip, guint flags)
{
  const FakeReply script[] = {
    { "POST", NULL, 200, NULL, "{\"job\":{\"id\":7,\"status\":\"accepted\"}}" },
    { "GET", "/clip.mp4", .bytes = clip, .flags = FAKE_RANGE },
  };
  g_autofree char *body = NULL;

  scene->service = FAKE_SERVICE (script);
  body = g_strdup_printf ("{\"id\":7,\"status\":\"completed\","
                          "\"result_data\":{\"video_url\":\"%s/clip.mp4\"}}",
                          fake_service_get_url (scene->service));
  fake_service_add (scene->service,
                    &(FakeReply){ "GET", POLL, .body = body, .flags = flags });
}

static void
test_files (void)
{
  g_auto (Kit) kit = kit_new ();
  g_auto (Scene) scene = { 0 };
  g_autoptr (GBytes) clip = fake_clip_new (SIZE, FALSE, 1);
  guint bought;

  serve (&scene, clip, FAKE_HOLD);
  launch (&scene, &kit, "many", "");
  /* All that were taken wait for the service, and the rest was told. */
  while (scene.accepted + scene.failed < RUNS && hear (&scene))
    continue;
  bought = scene.accepted;
  g_assert_cmpuint (bought, >, 0);
  g_assert_cmpuint (scene.failed, >, 0);
  g_assert_cmpuint (fake_service_count (scene.service, "POST", NULL), ==,
                    bought);
  fake_service_open (scene.service, NULL);
  assert_end (&scene);
  /* And one that was refused before. */
  g_assert_cmpuint (scene.again, >, 0);
  g_assert_cmpuint (scene.whole, ==, bought + 1);
  g_assert_cmpuint (fake_service_count (scene.service, "POST", NULL), ==,
                    bought + 1);
}

static void
test_threads (gconstpointer threads)
{
  g_auto (Kit) kit = kit_new ();
  g_auto (Scene) scene = { 0 };
  g_autoptr (GBytes) clip = fake_clip_new (SIZE, FALSE, 1);

  if (getuid () != 0 && strcmp (threads, "1") != 0) {
    g_test_skip ("other threads of this user count, too");
    return;
  }
  serve (&scene, clip, 0);
  g_clear_pointer (&kit.store, genvid_store_unref);
  folder_remove (kit.path);
  if (getuid () == 0)
    g_assert_cmpint (chown (kit.folder, ACCOUNT, ACCOUNT), ==, 0);
  launch (&scene, &kit, "alone", threads);
  assert_end (&scene);
  g_assert_cmpuint (scene.failed, ==, 1);
  g_assert_cmpuint (fake_service_get_n_requests (scene.service), ==, 0);
}

/* Leaves N descriptors below LIMIT; the others stay open. */
static void
leave_few (rlim_t limit, guint n)
{
  const struct rlimit few = { limit, limit };
  g_autoptr (GArray) taken = g_array_new (FALSE, FALSE, sizeof (int));
  int fd;

  g_assert_cmpint (prlimit (0, RLIMIT_NOFILE, &few, NULL), ==, 0);
  while ((fd = open ("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
    g_array_append_val (taken, fd);
  g_assert_cmpuint (taken->len, >, n);
  for (guint i = 0; i < n; i++)
    close (g_array_index (taken, int, --taken->len));
}

/* In a child, since the limit cannot be raised again by all. */
static void
reserve_child (void)
{
  const guint kept = GENVID_RESERVE_TRANSFER + GENVID_RESERVE_RECORD;
  g_autoptr (GError) error = NULL;
  GenvidReserve *one, *two, *record;

  leave_few (100, kept);
  /* Nothing is kept for nobody. */
  one = genvid_reserve_take (1, &error);
  g_assert_no_error (error);
  genvid_reserve_free (one);
  g_assert_true (genvid_reserve_join (&error));
  g_assert_cmpint (open ("/dev/null", O_RDONLY | O_CLOEXEC), <, 0);
  /* One that goes on gets what is kept, the next one does not. */
  one = genvid_reserve_take (GENVID_RESERVE_EXCHANGE, &error);
  g_assert_no_error (error);
  g_assert_nonnull (one);
  g_assert_true (genvid_reserve_is_shared ());
  two = genvid_reserve_take (GENVID_RESERVE_EXCHANGE, &error);
  g_assert_null (two);
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_NO_SPACE);
  g_test_message ("%s", error->message);
  g_clear_error (&error);
  /* But what it brought can be recorded. */
  record = genvid_reserve_take_record ();
  g_assert_nonnull (record);
  genvid_reserve_free (record);
  genvid_reserve_free (one);
  g_assert_false (genvid_reserve_is_shared ());
  two = genvid_reserve_take (GENVID_RESERVE_TRANSFER, &error);
  g_assert_no_error (error);
  genvid_reserve_free (two);
  genvid_reserve_leave ();
  g_assert_cmpint (open ("/dev/null", O_RDONLY | O_CLOEXEC), >=, 0);
  g_assert_false (genvid_reserve_join (&error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_NO_SPACE);
}

static void
test_reserve (void)
{
  if (g_test_subprocess ()) {
    reserve_child ();
    return;
  }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
}

int
main (int argc, char **argv)
{
  const char *part = g_getenv ("CHILD");

  if (g_strcmp0 (part, "many") == 0)
    return play_many ();
  if (g_strcmp0 (part, "alone") == 0)
    return play_alone ();
  program = argv[0];
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/exhaustion/files", test_files);
  g_test_add_data_func ("/exhaustion/no-thread", "1", test_threads);
  g_test_add_data_func ("/exhaustion/one-thread", "2", test_threads);
  g_test_add_func ("/exhaustion/reserve", test_reserve);
  return g_test_run ();
}
