/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What generations take that wait for their service: a lock each, and beyond
 * that no more than a few do. Counted in a child, which is this program again
 * and has nothing else. */

#include "child-kit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "clip-status.h"

#define MANY 100
/* Downloads at once, each with the descriptors that it needs. */
#define LOADS 40
#define SIZE  100000
/* All threads of ours. */
#define MAX_THREADS 20
/* Besides the locks: the store, the clock, descriptors that are kept for what
 * comes next, and what is open for a moment. */
#define MAX_OTHERS 80

#define WAITING "/v2/jobs/7"
#define READY   "/v2/jobs/8"
#define SLOW    "/slow.mp4"

static const char *program;

/* --- The child. --- */

/* Until the clip is whole, or has failed; tells when it was accepted. */
static gpointer
play (gpointer number)
{
  g_autoptr (GenvidSettings) settings
      = child_make_settings (GPOINTER_TO_UINT (number));
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidClient) client = genvid_client_open (settings, NULL, &error);
  gboolean accepted = FALSE;
  guint seen = 0;
  gsize available;

  g_assert_no_error (error);
  for (;;) {
    genvid_client_wait (client, 0, SIZE, TRUE, seen, &available);
    g_autoptr (GenvidClipStatus) status = genvid_client_snapshot (client);

    seen = status->serial;
    if (status->id != NULL && !accepted)
      puts ("accepted");
    accepted = status->id != NULL;
    if (status->whole || status->failure != NULL)
      break;
  }
  puts ("ended");
  genvid_client_close (client);
  return NULL;
}

typedef struct {
  guint threads; /* of ours */
  guint locks;
  guint sockets;
  guint others;
} Count;

static void
count_file (Count *count, const char *target)
{
  if (g_str_has_prefix (target, "socket:"))
    count->sockets++;
  else if (strstr (target, "/locks/") != NULL)
    count->locks++;
  else
    count->others++;
}

static void
count_thread (Count *count, const char *folder)
{
  g_autofree char *file = g_build_filename (folder, "comm", NULL);
  g_autofree char *name = NULL;

  g_file_get_contents (file, &name, NULL, NULL);
  count->threads += name != NULL && g_str_has_prefix (name, "genvid");
}

static void
count_all (Count *count, const char *folder)
{
  g_autoptr (GDir) entries = g_dir_open (folder, 0, NULL);
  const char *entry;

  while ((entry = g_dir_read_name (entries)) != NULL) {
    g_autofree char *path = g_build_filename (folder, entry, NULL);
    g_autofree char *target = g_file_read_link (path, NULL);

    if (target != NULL)
      count_file (count, target);
    else
      count_thread (count, path);
  }
}

/* Each line of the parent: "count", or the number of one more to play. */
static int
wait_many (void)
{
  char line[32];

  setvbuf (stdout, NULL, _IOLBF, 0);
  for (guint i = 0; i < (guint)atoi (g_getenv ("CHILD")); i++)
    g_thread_unref (g_thread_new ("player", play, GUINT_TO_POINTER (i)));
  while (fgets (line, sizeof line, stdin) != NULL) {
    Count count = { 0 };

    if (!g_str_has_prefix (line, "count")) {
      guint number = (guint)g_ascii_strtoull (line, NULL, 10);

      g_thread_unref (g_thread_new ("player", play, GUINT_TO_POINTER (number)));
      continue;
    }
    count_all (&count, "/proc/self/task");
    count_all (&count, "/proc/self/fd");
    printf ("%u %u %u %u\n", count.threads, count.locks, count.sockets,
            count.others);
  }
  fflush (stdout);
  _exit (0);
}

/* --- The parent. --- */

typedef struct {
  FakeService *service;
  GSubprocess *child;
  GDataInputStream *lines;
} Scene;

static void
scene_clear (Scene *scene)
{
  g_clear_object (&scene->lines);
  g_clear_object (&scene->child);
  g_clear_pointer (&scene->service, fake_service_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scene, scene_clear)

static void
add_ready (Scene *scene, const char *poll, const char *clip)
{
  g_autofree char *body = g_strdup_printf (
      "{\"id\":%s,\"status\":\"completed\","
      "\"result_data\":{\"video_url\":\"%s%s\"}}",
      strrchr (poll, '/') + 1, fake_service_get_url (scene->service), clip);

  fake_service_add (scene->service, &(FakeReply){ "GET", poll, .body = body });
}

/* The first N are not ready. FLAGS: how they are told; FAKE_HOLD_BODY: they
 * are, but their clips hang. */
static void
serve (Scene *scene, GBytes *clip, guint n, guint flags)
{
  const FakeReply script[] = {
    { "POST", NULL, 200, NULL, "{\"job\":{\"id\":7,\"status\":\"accepted\"}}",
      .times = n },
    { "POST", NULL, 200, NULL, "{\"job\":{\"id\":8,\"status\":\"accepted\"}}" },
    { "GET", "/clip.mp4", .bytes = clip, .flags = FAKE_RANGE },
    { "GET", SLOW, .bytes = clip, .flags = FAKE_RANGE | FAKE_HOLD },
  };
  const FakeReply waiting
      = { "GET", WAITING, .body = "{\"id\":7,\"status\":\"processing\"}",
          .flags = flags };

  scene->service = FAKE_SERVICE (script);
  add_ready (scene, READY, "/clip.mp4");
  if (flags == FAKE_HOLD_BODY)
    add_ready (scene, WAITING, SLOW);
  else
    fake_service_add (scene->service, &waiting);
}

static void
launch (Scene *scene, const Kit *kit, const char *n)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDIN_PIPE);

  scene->child
      = child_launch (launcher, program, n, kit, scene->service, &scene->lines);
}

static char *
hear (Scene *scene)
{
  char *line = g_data_input_stream_read_line (scene->lines, NULL, NULL, NULL);

  g_assert_nonnull (line);
  return line;
}

static void
expect (Scene *scene, const char *word)
{
  g_autofree char *line = hear (scene);

  g_assert_cmpstr (line, ==, word);
}

static void
say (Scene *scene, const char *line)
{
  g_assert_true (
      g_output_stream_write_all (g_subprocess_get_stdin_pipe (scene->child),
                                 line, strlen (line), NULL, NULL, NULL));
}

static void
assert_few (Scene *scene)
{
  g_autofree char *line = NULL;
  guint counts[4];

  say (scene, "count\n");
  line = hear (scene);
  g_test_message ("threads, locks, sockets, others: %s", line);
  g_assert_cmpint (sscanf (line, "%u %u %u %u", &counts[0], &counts[1],
                           &counts[2], &counts[3]),
                   ==, 4);
  g_assert_cmpuint (counts[0], <=, MAX_THREADS);
  /* The clip's, and that of the ledger for a moment. */
  g_assert_cmpuint (counts[1], >=, MANY);
  g_assert_cmpuint (counts[1], <=, MANY + 1);
  g_assert_cmpuint (counts[2], <=, MANY + 1);
  g_assert_cmpuint (counts[3], <=, MAX_OTHERS);
}

static void
leave (Scene *scene)
{
  g_assert_true (g_output_stream_close (
      g_subprocess_get_stdin_pipe (scene->child), NULL, NULL));
  g_assert_true (g_subprocess_wait (scene->child, NULL, NULL));
  g_assert_true (g_subprocess_get_if_exited (scene->child));
  g_assert_cmpuint (fake_service_count (scene->service, "POST", NULL), <=,
                    MANY + 1);
}

/* All have been told at least once that they must wait. */
static void
test_waiting (void)
{
  g_auto (Kit) kit = kit_new ();
  g_auto (Scene) scene = { 0 };
  g_autoptr (GBytes) clip = fake_clip_new (SIZE, FALSE, 1);

  serve (&scene, clip, MANY, 0);
  launch (&scene, &kit, G_STRINGIFY (MANY));
  for (guint i = 0; i < MANY; i++)
    expect (&scene, "accepted");
  fake_service_await_requests (scene.service, 2 * MANY);
  assert_few (&scene);
  leave (&scene);
}

/* The service answers none of the polls; one that it answers does not mind. */
static void
test_hanging (void)
{
  g_auto (Kit) kit = kit_new ();
  g_auto (Scene) scene = { 0 };
  g_autoptr (GBytes) clip = fake_clip_new (SIZE, FALSE, 1);

  serve (&scene, clip, MANY, FAKE_HOLD);
  launch (&scene, &kit, G_STRINGIFY (MANY));
  for (guint i = 0; i < MANY; i++)
    expect (&scene, "accepted");
  fake_service_await_held (scene.service, NULL, MANY);
  assert_few (&scene);
  say (&scene, G_STRINGIFY (MANY) "\n");
  expect (&scene, "accepted");
  expect (&scene, "ended");
  g_assert_cmpuint (fake_service_count (scene.service, "GET", "/clip.mp4"), ==,
                    1);
  leave (&scene);
}

/* Many more clips hang than there are threads at first; one that does not is
 * there before them. */
static void
test_hanging_clips (void)
{
  g_auto (Kit) kit = kit_new ();
  g_auto (Scene) scene = { 0 };
  g_autoptr (GBytes) clip = fake_clip_new (SIZE, FALSE, 1);

  serve (&scene, clip, LOADS, FAKE_HOLD_BODY);
  launch (&scene, &kit, G_STRINGIFY (LOADS));
  for (guint i = 0; i < LOADS; i++)
    expect (&scene, "accepted");
  fake_service_await_held (scene.service, NULL, LOADS);
  say (&scene, G_STRINGIFY (LOADS) "\n");
  expect (&scene, "accepted");
  expect (&scene, "ended");
  fake_service_open (scene.service, NULL);
  for (guint i = 0; i < LOADS; i++)
    expect (&scene, "ended");
  g_assert_cmpuint (fake_service_count (scene.service, "POST", NULL), ==,
                    LOADS + 1);
  leave (&scene);
}

int
main (int argc, char *argv[])
{
  program = argv[0];
  if (g_getenv ("CHILD") != NULL)
    return wait_many ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/waiting/waiting", test_waiting);
  g_test_add_func ("/waiting/hanging", test_hanging);
  g_test_add_func ("/waiting/hanging-clips", test_hanging_clips);
  return g_test_run ();
}
