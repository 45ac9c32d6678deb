/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Pipelines in front of the sandbox. Waits are for messages and for requests
 * that the sandbox sees; their limits only keep a broken build from hanging.
 */

#include "stage.h"

#include "folder-kit.h"

#include <stdlib.h>

#include <glib/gstdio.h>

#define PATIENCE (60 * GST_SECOND)
/* The services hold their answers back for longer: a change of state that
 * waits for one would take more. */
#define LIMIT (2 * G_TIME_SPAN_SECOND)

/* All stores of this process. */
static char *root;

static void
remove_root (void)
{
  folder_remove (root);
  g_clear_pointer (&root, g_free);
}

char *
stage_make_folder (void)
{
  char *folder = g_build_filename (root, "folder-XXXXXX", NULL);

  g_assert_nonnull (g_mkdtemp (folder));
  return folder;
}

void
stage_init (int *argc, char ***argv)
{
  static const char *const ours[]
      = { "GENVID_PROVIDER", "GENVID_BASE_URL", "GENVID_STORE", "GENVID_REUSE",
          "GENVID_MAX_COST", "GENVID_BUDGET",   "GEN_API_KEY",  "AIML_API_KEY",
          "AIMLAPI_API_KEY", "CN8_API_KEY",     "GEN_BASE_URL", "AIML_BASE_URL",
          "CN8_BASE_URL",    "GEN_SHEET_ID",    "GEN_CELL_ID",  "GEN_AGENT_ID",
          "http_proxy",      "https_proxy",     "all_proxy" };

  for (guint i = 0; i < G_N_ELEMENTS (ours); i++)
    g_unsetenv (ours[i]);
  root = g_dir_make_tmp ("genvid-stage-XXXXXX", NULL);
  g_assert_nonnull (root);
  /* Before the plugin's own hook is registered, so that it runs after that
   * one: jobs that outlive their pipelines write to their stores until then. */
  g_assert_cmpint (atexit (remove_root), ==, 0);
  g_test_init (argc, argv, NULL);
  gst_init (argc, argv);
}

static void
configure (Stage *stage, GstElement *element)
{
  if (stage->bare)
    return;
  g_object_set (element, "base-url", genvid_sandbox_base_url (stage->sandbox),
                "api-key", STAGE_KEY, "store", stage->store, "poll-interval", 1,
                NULL);
  if (stage->capped)
    g_object_set (element, "budget", 100.0, NULL);
  if (stage->options != NULL)
    gst_util_set_object_arg (G_OBJECT (element), "options", stage->options);
}

static gboolean
is_source (GstElement *element)
{
  return g_str_equal (G_OBJECT_TYPE_NAME (element), "GstGenvidSrc");
}

static GstPadProbeReturn
count_frame (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Stage *stage = data;

  g_atomic_int_inc (&stage->frames);
  return GST_PAD_PROBE_OK;
}

/* A source that only pushes, straight into the demuxer. A queue between them
 * would do, but queue and qtdemux can hang when the index comes last, with any
 * source. */
static GstPadProbeReturn
answer_scheduling (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstQuery *query = GST_PAD_PROBE_INFO_QUERY (info);

  if (GST_QUERY_TYPE (query) != GST_QUERY_SCHEDULING)
    return GST_PAD_PROBE_OK;
  gst_query_set_scheduling (query, GST_SCHEDULING_FLAG_SEEKABLE, 1, -1, 0);
  gst_query_add_scheduling_mode (query, GST_PAD_MODE_PUSH);
  return GST_PAD_PROBE_HANDLED;
}

static void
only_push (GstElement *element)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, "src");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_QUERY_UPSTREAM, answer_scheduling,
                     NULL, NULL);
}

static void
prepare (Stage *stage, GstElement *element)
{
  g_autoptr (GstPad) pad = NULL;

  if (is_source (element))
    configure (stage, element);
  if (g_str_has_prefix (GST_OBJECT_NAME (element), "pushed"))
    only_push (element);
  if (g_str_has_prefix (GST_OBJECT_NAME (element), "video")
      && element->numsinkpads == 1 && element->numsrcpads == 0) {
    pad = gst_element_get_static_pad (element, "sink");
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, count_frame, stage,
                       NULL);
  }
}

static void
added (GstBin *bin, GstBin *sub, GstElement *element, gpointer data)
{
  if (is_source (element))
    configure (data, element);
}

Stage *
stage_new (const GenvidSandboxOptions *options)
{
  GenvidSandboxOptions defaults = { .ready_after_polls = 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) clip = NULL;
  Stage *stage = g_new0 (Stage, 1);

  if (options != NULL)
    defaults = *options;
  defaults.max_render_seconds = 1;
  if (defaults.clip_path == NULL)
    clip = stage_render (defaults.index_last);
  stage->sandbox = genvid_sandbox_new (&defaults, &error);
  g_assert_no_error (error);
  if (clip != NULL)
    genvid_sandbox_set_clip (stage->sandbox, clip);
  stage->store = stage_make_folder ();
  stage->options = g_strdup ("genpro,sheet-id=101,cell-id=3100,agent-id=42");

  return stage;
}

static void
end_pipeline (Stage *stage)
{
  if (stage->pipeline == NULL)
    return;
  gst_element_set_state (stage->pipeline, GST_STATE_NULL);
  g_clear_object (&stage->bus);
  gst_clear_object (&stage->pipeline);
}

void
stage_free (Stage *stage)
{
  end_pipeline (stage);
  genvid_sandbox_free (stage->sandbox);
  g_free (stage->store);
  g_free (stage->options);
  g_free (stage);
}

static GBytes *
render (gboolean index_last)
{
  GenvidSandboxOptions options = { .index_last = index_last,
                                   .max_render_seconds = 1,
                                   .ready_after_polls = 0 };
  g_autoptr (Stage) stage = g_new0 (Stage, 1);
  g_autofree char *id = NULL;
  g_autoptr (GError) error = NULL;

  stage->sandbox = genvid_sandbox_new (&options, &error);
  g_assert_no_error (error);
  stage->store = stage_make_folder ();
  stage->options = g_strdup ("genpro,sheet-id=101,cell-id=3100,agent-id=42");
  stage_launch (stage, "genvidsrc provider=genpro prompt=render ! fakesink");
  stage_play (stage);
  g_object_get (stage_get_source (stage), "generation-id", &id, NULL);

  return genvid_sandbox_clip (stage->sandbox, id);
}

GBytes *
stage_render (gboolean index_last)
{
  static GBytes *clips[2];

  if (clips[index_last] == NULL)
    clips[index_last] = render (index_last);
  g_assert_nonnull (clips[index_last]);

  return g_bytes_ref (clips[index_last]);
}

static void
prepare_each (const GValue *item, gpointer data)
{
  prepare (data, g_value_get_object (item));
}

void
stage_launch (Stage *stage, const char *description)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstIterator) elements = NULL;
  GstElement *made;

  end_pipeline (stage);
  made = gst_parse_launch (description, &error);
  g_assert_no_error (error);
  if (GST_IS_PIPELINE (made)) {
    stage->pipeline = made;
  } else {
    stage->pipeline = gst_pipeline_new (NULL);
    gst_bin_add (GST_BIN (stage->pipeline), made);
  }
  stage->bus = gst_element_get_bus (stage->pipeline);
  g_atomic_int_set (&stage->frames, 0);
  g_signal_connect (stage->pipeline, "deep-element-added", G_CALLBACK (added),
                    stage);
  elements = gst_bin_iterate_recurse (GST_BIN (stage->pipeline));
  gst_iterator_foreach (elements, prepare_each, stage);
}

static int
compare_source (gconstpointer item, gconstpointer unused)
{
  return is_source (g_value_get_object (item)) ? 0 : 1;
}

GstElement *
stage_get_source (Stage *stage)
{
  g_autoptr (GstIterator) elements
      = gst_bin_iterate_recurse (GST_BIN (stage->pipeline));
  g_auto (GValue) found = G_VALUE_INIT;

  g_assert_true (
      gst_iterator_find_custom (elements, compare_source, &found, NULL));
  return g_value_get_object (&found);
}

void
stage_fault (Stage *stage, const char *spec)
{
  g_autoptr (GError) error = NULL;

  genvid_sandbox_add_fault (stage->sandbox, spec, &error);
  g_assert_no_error (error);
}

GstMessage *
stage_next (Stage *stage, GstMessageType types)
{
  GstMessage *message
      = gst_bus_timed_pop_filtered (stage->bus, PATIENCE, types);

  g_assert_nonnull (message);
  return message;
}

void
stage_play (Stage *stage)
{
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *debug = NULL;

  gst_element_set_state (stage->pipeline, GST_STATE_PLAYING);
  message = stage_next (stage, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, &debug);
  if (debug != NULL)
    g_test_message ("%s", debug);
  g_assert_no_error (error);
}

void
stage_stop (Stage *stage, GstState state)
{
  gint64 before = g_get_monotonic_time ();

  g_assert_cmpint (gst_element_set_state (stage->pipeline, state), ==,
                   GST_STATE_CHANGE_SUCCESS);
  g_assert_cmpint (g_get_monotonic_time () - before, <, LIMIT);
}

guint
stage_get_bought (Stage *stage)
{
  return genvid_sandbox_count (stage->sandbox, GENVID_SANDBOX_ANY_SERVICE,
                               GENVID_SANDBOX_ACCEPTED);
}
