/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The key is in no log at any level, no dump of the pipeline, no property
 * notification and no message, wherever it was set. A child does the work,
 * since a debug log is opened once a process. */

#include <genvid/genvid-context.h>
#include <glib/gstdio.h>

#include "stage.h"

#define LINE "genvidsrc provider=genpro prompt=beach "

typedef enum { BY_PROPERTY, BY_FILE, BY_ENVIRONMENT, BY_CONTEXT } Way;

/* All that anybody hears of the pipeline. */
static GString *heard;

static void
hear (GstMessage *message)
{
  const GstStructure *structure = gst_message_get_structure (message);
  g_autoptr (GError) error = NULL;
  g_autofree char *debug = NULL;
  g_autofree char *text = NULL;

  if (structure != NULL)
    text = gst_structure_to_string (structure);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, &debug);
  g_string_append_printf (
      heard, "%s %s %s %s\n", GST_MESSAGE_TYPE_NAME (message),
      text != NULL ? text : "", error != NULL ? error->message : "",
      debug != NULL ? debug : "");
}

static void
listen_to_end (Stage *stage)
{
  gboolean over = FALSE;

  while (!over) {
    g_autoptr (GstMessage) message = stage_next (stage, GST_MESSAGE_ANY);
    g_autofree char *dot = NULL;

    hear (message);
    dot = gst_debug_bin_to_dot_data (GST_BIN (stage->pipeline),
                                     GST_DEBUG_GRAPH_SHOW_VERBOSE);
    g_string_append (heard, dot);
    over = GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS
           || GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR;
  }
}

static void
hand_over (Stage *stage)
{
  g_autoptr (GHashTable) keys = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GstContext) context
      = gst_context_new (GENVID_CONTEXT_CREDENTIALS, TRUE);

  g_hash_table_insert (keys, (gpointer) "genpro", (gpointer)STAGE_KEY);
  gst_structure_set (gst_context_writable_structure (context),
                     GENVID_CONTEXT_KEYS, G_TYPE_HASH_TABLE, keys, NULL);
  gst_element_set_context (stage->pipeline, context);
}

static void
set_key (Stage *stage, Way way)
{
  GstElement *source = stage_get_source (stage);
  g_autofree char *path = g_build_filename (stage->store, "key", NULL);

  if (way == BY_PROPERTY)
    return; /* as stages do */
  g_object_set (source, "api-key", NULL, NULL);
  if (way == BY_CONTEXT) {
    hand_over (stage);
    return;
  }
  if (way == BY_ENVIRONMENT) {
    g_setenv ("GEN_API_KEY", STAGE_KEY, TRUE);
    return;
  }
  g_assert_true (g_file_set_contents (path, STAGE_KEY "\n", -1, NULL));
  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
  g_object_set (source, "api-key-file", path, NULL);
}

static void
play (Way way, const char *fault)
{
  g_autoptr (Stage) stage = stage_new (NULL);

  if (fault != NULL)
    stage_fault (stage, fault);
  stage_launch (stage, LINE "! fakesink");
  set_key (stage, way);
  gst_element_add_property_deep_notify_watch (stage->pipeline, NULL, TRUE);
  gst_element_set_state (stage->pipeline, GST_STATE_PLAYING);
  listen_to_end (stage);
}

/* The service repeats the key in its error. */
static void
child (Way way)
{
  heard = g_string_new (NULL);
  play (way, NULL);
  play (way, "submit-key-echo");
  g_assert_nonnull (strstr (heard->str, "genvid-generation"));
  g_assert_nonnull (strstr (heard->str, "genvid-error"));
  g_assert_nonnull (strstr (heard->str, "beach")); /* a dump has properties */
  g_assert_null (strstr (heard->str, STAGE_KEY));
  g_string_free (heard, TRUE);
}

static void
test_key (gconstpointer data)
{
  g_autofree char *folder = NULL;
  g_autofree char *path = NULL;
  g_autofree char *log = NULL;
  g_autoptr (GError) error = NULL;

  if (g_test_subprocess ()) {
    child (GPOINTER_TO_INT (data));
    return;
  }
  folder = stage_make_folder ();
  path = g_build_filename (folder, "log", NULL);
  g_setenv ("GST_DEBUG", "*:9", TRUE);
  g_setenv ("GST_DEBUG_FILE", path, TRUE);
  g_setenv ("TMPDIR", folder, TRUE);
  g_test_trap_subprocess (NULL, 0, 0);
  g_unsetenv ("GST_DEBUG");
  g_unsetenv ("GST_DEBUG_FILE");
  g_unsetenv ("TMPDIR");
  g_test_trap_assert_passed ();
  g_test_trap_assert_stdout_unmatched ("*" STAGE_KEY "*");
  g_test_trap_assert_stderr_unmatched ("*" STAGE_KEY "*");
  g_assert_true (g_file_get_contents (path, &log, NULL, &error));
  g_assert_nonnull (strstr (log, "genvidsrc"));
  g_assert_null (strstr (log, STAGE_KEY));
}

int
main (int argc, char **argv)
{
  stage_init (&argc, &argv);
  g_test_add_data_func ("/secrets/key/property", GINT_TO_POINTER (BY_PROPERTY),
                        test_key);
  g_test_add_data_func ("/secrets/key/file", GINT_TO_POINTER (BY_FILE),
                        test_key);
  g_test_add_data_func ("/secrets/key/environment",
                        GINT_TO_POINTER (BY_ENVIRONMENT), test_key);
  g_test_add_data_func ("/secrets/key/context", GINT_TO_POINTER (BY_CONTEXT),
                        test_key);
  return g_test_run ();
}
