/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The C code of docs/embedding.md, as it is printed: it is compiled, a player
 * plays with it, and a prefetch ends. */

#include "embedding-code.h"

#include <stdio.h>

#include "stage.h"

/* The stage's own key and limit are not set on the source. */
static void
test_player (void)
{
  g_autoptr (Stage) stage = stage_new (NULL);
  gboolean over = FALSE;

  stage->bare = TRUE;
  g_setenv ("CN8_BASE_URL", genvid_sandbox_base_url (stage->sandbox), TRUE);
  g_setenv ("GENVID_STORE", stage->store, TRUE);
  stage_launch (stage, "playbin uri=\"genvid://cn8?prompt=boat&duration=4\" "
                       "video-sink=fakesink audio-sink=fakesink");
  allow (stage->pipeline, "cn8", STAGE_KEY, 10);
  gst_element_set_state (stage->pipeline, GST_STATE_PLAYING);
  while (!over) {
    g_autoptr (GstMessage) message = stage_next (stage, GST_MESSAGE_ANY);

    g_assert_cmpint (GST_MESSAGE_TYPE (message), !=, GST_MESSAGE_ERROR);
    over = handle_message (message);
  }
  g_assert_cmpuint (stage_get_bought (stage), ==, 1);
}

static void
test_buy (void)
{
  g_autoptr (Stage) stage = stage_new (NULL);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  g_setenv ("CN8_BASE_URL", genvid_sandbox_base_url (stage->sandbox), TRUE);
  g_setenv ("CN8_API_KEY", STAGE_KEY, TRUE);
  g_setenv ("GENVID_MAX_COST", "10", TRUE);
  g_setenv ("GENVID_STORE", stage->store, TRUE);
  buy ("genvid://cn8?prompt=kite&duration=4", loop);
  g_main_loop_run (loop);
  g_assert_cmpuint (stage_get_bought (stage), ==, 1);
}

/* What the code prints is no line of the test's. */
static void
say (const gchar *text)
{
  static const char *const ours[] = { "ok ", "not ok ", "#", "1..", "Bail" };
  gboolean is_ours = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (ours); i++)
    is_ours = is_ours || g_str_has_prefix (text, ours[i]);
  fputs (is_ours ? "" : "# ", stdout);
  fputs (text, stdout);
  fflush (stdout);
}

int
main (int argc, char *argv[])
{
  g_set_print_handler (say);
  stage_init (&argc, &argv);
  g_test_add_func ("/embedding/player", test_player);
  g_test_add_func ("/embedding/buy", test_buy);
  return g_test_run ();
}
