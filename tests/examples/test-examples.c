/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every script and program of examples/, as the line in its head says it is to
 * be run: it plays to its end, and the sandbox's ledger shows what it was meant
 * to buy. All run side by side, since each of them mostly waits. */

#include "folder-kit.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <gst/pbutils/pbutils.h>
#include <json-glib/json-glib.h>
#include <string.h>

#define PROGRAM "build/tools/genvid-sandbox"

typedef struct {
  const char *script;
  gboolean bare; /* without the arguments that the line has */
  const char *service;
  const char *model; /* nullable: any */
  guint bought;
  const char *file; /* nullable: what it makes, a video */
  guint seconds;    /* its length at least */
} Case;

static const Case cases[] = {
  { "aimlapi.sh", FALSE, "aimlapi", "pixverse/v5/text-to-video", 1 },
  { "cn8.sh", FALSE, "cn8", "veo (Audio)", 1 },
  { "continue.sh", FALSE, "genpro", "veo_3_1", 2, "part-2.mp4", 3 },
  { "genpro.sh", FALSE, "genpro", "veo_3", 1 },
  { "image.sh", FALSE, "genpro", "veo_3_1", 1 },
  { "image.sh", TRUE, "genpro", "veo_3_1", 1 },
  { "ingredients.sh", FALSE, "genpro", "veo_3_1", 1 },
  { "live-channel.sh", FALSE, "genpro", "veo_3", 2 },
  { "play-prompt.py", FALSE, "genpro", "veo_3", 1 },
  { "side-by-side.sh", FALSE, "genpro", NULL, 2, "side-by-side.mp4", 3 },
  { "storyboard.sh", FALSE, "genpro", "veo_3", 2, "film.mp4", 7 },
  { "text.sh", FALSE, "genpro", "veo_3_fast", 1 },
  { "variables.sh", FALSE, "genpro", "veo_3_fast", 2 },
};

typedef struct {
  GSubprocess *process;
  char *ledger; /* path */
  char *folder; /* what it makes is in it */
} Run;

#define assert_has(text, part) g_assert_nonnull (strstr (text, part))

static char *scratch;
static Run runs[G_N_ELEMENTS (cases)];

/* The line of the script's head; owned by the caller. */
static char *
read_line (const char *script)
{
  g_autofree char *path
      = g_build_filename (TEST_SOURCE_ROOT, "examples", script, NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    const char *at = lines[i] + strspn (lines[i], "# ");

    if (at > lines[i] && g_str_has_prefix (at, PROGRAM " "))
      return g_strdup (at);
  }
  g_error ("%s does not say how it is run", script);
}

/* A picture for each FILE.png of the line. */
static char *
make_picture (guint seed)
{
  guint8 data[64] = "\x89PNG\r\n\x1a\n";
  g_autofree char *name = g_strdup_printf ("%u.png", seed);
  char *path = g_build_filename (scratch, name, NULL);

  data[40] = (guint8)seed;
  g_assert_true (
      g_file_set_contents (path, (const char *)data, sizeof data, NULL));
  return path;
}

static char **
make_arguments (const Case *one, const char *ledger)
{
  g_autofree char *line = read_line (one->script);
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  g_autoptr (GStrvBuilder) arguments = g_strv_builder_new ();

  g_assert_cmpstr (words[0], ==, PROGRAM);
  g_strv_builder_add_many (arguments, GENVID_SANDBOX, "--ledger", ledger, NULL);
  for (guint i = 1; words[i] != NULL; i++) {
    g_autofree char *picture = NULL;

    if (!g_str_has_suffix (words[i], ".png")) {
      g_strv_builder_add (arguments, words[i]);
      continue;
    }
    picture = make_picture ((guint)(i + (one - cases) * 16));
    if (!one->bare)
      g_strv_builder_add (arguments, picture);
  }
  return g_strv_builder_end (arguments);
}

static void
start (guint index)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_autofree char *name = g_strdup_printf ("ledger-%u", index);
  g_autofree char *path
      = g_strconcat (GENVID_STORE_FOLDER ":", g_getenv ("PATH"), NULL);
  g_auto (GStrv) arguments = NULL;
  g_autoptr (GError) error = NULL;

  runs[index].ledger = g_build_filename (scratch, name, NULL);
  runs[index].folder = g_build_filename (scratch, "made-XXXXXX", NULL);
  g_assert_nonnull (g_mkdtemp (runs[index].folder));
  g_subprocess_launcher_setenv (launcher, "PATH", path, TRUE);
  g_subprocess_launcher_setenv (launcher, "OUT", runs[index].folder, TRUE);
  /* Small and short: a film is encoded on a busy machine. */
  g_subprocess_launcher_setenv (launcher, "SIZE", "320x180", TRUE);
  g_subprocess_launcher_setenv (launcher, "DURATION", "4", TRUE);
  arguments = make_arguments (&cases[index], runs[index].ledger);
  g_subprocess_launcher_set_cwd (launcher, TEST_SOURCE_ROOT);
  g_subprocess_launcher_setenv (launcher, "SINK", "fakesink", TRUE);
  g_subprocess_launcher_setenv (launcher, "AUDIOSINK", "fakesink", TRUE);
  /* Long enough for two purchases on a busy machine. */
  g_subprocess_launcher_setenv (launcher, "SECONDS_ON_AIR", "60", TRUE);
  runs[index].process = g_subprocess_launcher_spawnv (
      launcher, (const char *const *)arguments, &error);
  g_assert_no_error (error);
}

static guint
count_events (const char *ledger, const Case *one, const char *event)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  guint n = 0;

  g_assert_true (g_file_get_contents (ledger, &text, NULL, NULL));
  lines = g_strsplit (g_strchomp (text), "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonNode) node = json_from_string (lines[i], &error);
    JsonObject *entry = json_node_get_object (node);

    g_assert_no_error (error);
    g_assert_cmpstr (json_object_get_string_member (entry, "service"), ==,
                     one->service);
    g_assert_cmpstr (json_object_get_string_member (entry, "event"), !=,
                     "refused");
    if (!g_str_equal (json_object_get_string_member (entry, "event"), event))
      continue;
    if (one->model != NULL)
      g_assert_cmpstr (json_object_get_string_member (entry, "model"), ==,
                       one->model);
    n++;
  }
  return n;
}

/* A video that can be decoded to its end, of the length that it must have. */
static void
check_file (const char *folder, const char *name, guint seconds)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *uri = g_filename_to_uri (path, NULL, NULL);
  g_autoptr (GstDiscoverer) discoverer
      = gst_discoverer_new (60 * GST_SECOND, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstDiscovererInfo) info
      = gst_discoverer_discover_uri (discoverer, uri, &error);
  GList *streams;

  g_assert_no_error (error);
  g_assert_cmpuint (gst_discoverer_info_get_duration (info), >=,
                    seconds * GST_SECOND);
  streams = gst_discoverer_info_get_video_streams (info);
  g_assert_cmpuint (g_list_length (streams), ==, 1);
  gst_discoverer_stream_info_list_free (streams);
}

static const char *find_missing (const Case *one);

static void
test_example (gconstpointer data)
{
  const Case *one = data;
  Run *run = &runs[one - cases];
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;

  if (find_missing (one) != NULL) {
    g_test_skip (find_missing (one));
    return;
  }
  if (run->process == NULL)
    start ((guint)(one - cases));
  g_subprocess_communicate_utf8 (run->process, NULL, NULL, &output, NULL,
                                 &error);
  g_assert_no_error (error);
  g_test_message ("%s", output);
  g_assert_true (g_subprocess_get_if_exited (run->process));
  g_assert_cmpint (g_subprocess_get_exit_status (run->process), ==, 0);
  g_assert_cmpuint (count_events (run->ledger, one, "accepted"), ==,
                    one->bought);
  g_assert_cmpuint (count_events (run->ledger, one, "charged"), ==,
                    one->bought);
  if (one->file != NULL)
    check_file (run->folder, one->file, one->seconds);
  if (g_str_has_suffix (one->script, ".py")) {
    assert_has (output, "[#");
    assert_has (output, "] 100 %");
    assert_has (output, "in the store: /");
  }
}

/* The readers of a program that links nothing of ours. */
static void
test_save_prompt (void)
{
  static const Case bought = { .service = "genpro", .model = "veo_3" };
  g_autofree char *ledger = g_build_filename (scratch, "save", NULL);
  g_autofree char *file = g_build_filename (scratch, "save.mp4", NULL);
  const char *const arguments[] = { GENVID_SANDBOX, "--ledger", ledger, "--",
                                    SAVE_PROMPT,    "a boat",   file,   NULL };
  g_autoptr (GSubprocess) process
      = g_subprocess_newv (arguments, G_SUBPROCESS_FLAGS_STDOUT_PIPE, NULL);
  g_autofree char *output = NULL;

  g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, NULL);
  g_assert_true (g_subprocess_get_successful (process));
  assert_has (output, "  0 %  ");
  assert_has (output, "100 %  ");
  assert_has (output, "done (bought), generation ");
  g_assert_cmpuint (count_events (ledger, &bought, "charged"), ==, 1);
  check_file (scratch, "save.mp4", 1);
}

/* The clip is bought once and shown to its end, and the file is written. */
static void
test_overlay (void)
{
  static const Case bought = { .service = "genpro", .model = "veo_3" };
  g_autofree char *ledger = g_build_filename (scratch, "overlay", NULL);
  g_autofree char *file = g_build_filename (scratch, "overlay.mkv", NULL);
  const char *const arguments[] = { GENVID_SANDBOX, "--ledger", ledger, "--",
                                    LIVE_OVERLAY,   "a boat",   file,   NULL };
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;
  GStatBuf written;

  process
      = g_subprocess_newv (arguments, G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_successful (process));
  g_assert_nonnull (strstr (output, "on-air\nfinished\n"));
  g_assert_cmpuint (count_events (ledger, &bought, "accepted"), ==, 1);
  g_assert_cmpuint (count_events (ledger, &bought, "charged"), ==, 1);
  g_assert_cmpint (g_stat (file, &written), ==, 0);
  g_assert_cmpint (written.st_size, >, 100000);
}

/* No script without a case. */
static void
test_all (void)
{
  g_autoptr (GDir) dir = g_dir_open (TEST_SOURCE_ROOT "/examples", 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL) {
    gboolean known
        = !g_str_has_suffix (name, ".sh") && !g_str_has_suffix (name, ".py");

    /* The transcripts run it against each service. */
    known = known || g_str_equal (name, "services.sh");
    for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
      known = known || g_str_equal (cases[i].script, name);
    if (!known)
      g_error ("examples/%s is not tested", name);
  }
}

static void
clear (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (runs); i++) {
    g_clear_object (&runs[i].process);
    g_free (runs[i].ledger);
    g_free (runs[i].folder);
  }
  folder_remove (scratch);
  g_free (scratch);
}

/* Programs that Debian has in packages of their own. */
static const char *
find_missing (const Case *one)
{
  g_autofree char *ges = g_find_program_in_path ("ges-launch-1.0");

  if (g_str_equal (one->script, "storyboard.sh") && ges == NULL)
    return "there is no ges-launch-1.0";
  if (g_str_has_suffix (one->script, ".py") && !HAVE_PYTHON)
    return "there is no python3-gst-1.0";
  return NULL;
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  scratch = g_dir_make_tmp ("genvid-examples-XXXXXX", NULL);
  g_assert_nonnull (scratch);
  g_test_add_func ("/examples/all", test_all);
  g_test_add_func ("/examples/live-overlay", test_overlay);
  g_test_add_func ("/examples/save-prompt", test_save_prompt);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path
        = g_strdup_printf ("/examples/%s%s", cases[i].script,
                           cases[i].bare ? "/without-arguments" : "");

    /* What encodes a film would slow the others down. */
    if (find_missing (&cases[i]) == NULL && cases[i].file == NULL)
      start (i);
    g_test_add_data_func (path, &cases[i], test_example);
  }
  status = g_test_run ();
  clear ();
  return status;
}
