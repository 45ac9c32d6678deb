/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* In an application that has libsoup 2.4: a purchase is refused with a
 * sentence, a stored clip plays. */

#include "stage.h"

#include <dlfcn.h>

#include <gio/gio.h>

#define URI    "genvid://cn8?prompt=a%20beach&duration=4"
#define STORED "genvidsrc provider=cn8 prompt=\"a beach\" duration=4 ! fakesink"
#define NEW    "genvidsrc provider=cn8 prompt=\"a boat\" duration=4 ! fakesink"

/* The boxes of an MP4 and nothing in them: nobody decodes it. */
static const guint8 boxes[] = "\0\0\0\x10"
                              "ftypisom"
                              "\0\0\0\0"
                              "\0\0\0\x08"
                              "moov"
                              "\0\0\0\x0c"
                              "mdat"
                              "abcd";

static char *
write_clip (void)
{
  g_autofree char *folder = stage_make_folder ();
  char *path = g_build_filename (folder, "clip.mp4", NULL);

  g_assert_true (
      g_file_set_contents (path, (const char *)boxes, sizeof boxes - 1, NULL));
  return path;
}

/* By another process, which has libsoup 3. */
static void
buy (Stage *stage)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_autoptr (GSubprocess) tool = NULL;
  g_autoptr (GError) error = NULL;

  g_subprocess_launcher_setenv (launcher, "CN8_API_KEY", STAGE_KEY, TRUE);
  g_subprocess_launcher_setenv (launcher, "CN8_BASE_URL",
                                genvid_sandbox_base_url (stage->sandbox), TRUE);
  tool = g_subprocess_launcher_spawn (launcher, &error, TOOL, "fetch", URI,
                                      "--poll-interval", "1", "--max-cost",
                                      "50", "--store", stage->store, NULL);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_wait_check (tool, NULL, &error));
  g_assert_no_error (error);
}

static gboolean
is_loaded (const char *library)
{
  return dlopen (library, RTLD_LAZY | RTLD_NOLOAD) != NULL;
}

static void
assert_refused (Stage *stage)
{
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  stage_launch (stage, NEW);
  gst_element_set_state (stage->pipeline, GST_STATE_PLAYING);
  message = stage_next (stage, GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
  g_assert_cmpint (GST_MESSAGE_TYPE (message), ==, GST_MESSAGE_ERROR);
  gst_message_parse_error (message, &error, NULL);
  g_assert_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS);
  g_assert_nonnull (strstr (error->message, "libsoup 2.4"));
  stage_stop (stage, GST_STATE_NULL);
  g_assert_cmpuint (stage_get_bought (stage), ==, 1);
}

static void
test_beside_soup_2 (void)
{
  g_autoptr (Stage) stage = NULL;
  g_autofree char *path = NULL;
  GenvidSandboxOptions options = { .gen_seconds = 0 };

  if (dlopen ("libsoup-2.4.so.1", RTLD_NOW | RTLD_GLOBAL) == NULL) {
    g_test_skip ("libsoup 2.4 is not installed (scripts/setup --dev)");
    return;
  }
  path = write_clip ();
  options.clip_path = path;
  stage = stage_new (&options);
  g_clear_pointer (&stage->options, g_free);
  stage->capped = TRUE;
  buy (stage);
  stage_launch (stage, STORED);
  stage_play (stage);
  g_assert_cmpuint (stage_get_bought (stage), ==, 1);
  assert_refused (stage);
  g_assert_false (is_loaded ("libsoup-3.0.so.0"));
}

int
main (int argc, char **argv)
{
  stage_init (&argc, &argv);
  g_test_add_func ("/soup-2/beside", test_beside_soup_2);
  return g_test_run ();
}
