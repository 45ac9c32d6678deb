/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "play.h"

#include <gst/gst.h>

#include "gstgenvidsrc.h"
#include "json.h"
#include "transcript.h"

static void
set_options (GstElement *element, JsonObject *options)
{
  g_autoptr (GList) names = json_object_get_members (options);
  GstStructure *structure = gst_structure_new_empty ("genvid");

  for (GList *l = names; l != NULL; l = l->next) {
    GValue value = G_VALUE_INIT;

    json_node_get_value (json_object_get_member (options, l->data), &value);
    gst_structure_take_value (structure, l->data, &value);
  }
  g_object_set (element, "options", structure, NULL);
  gst_structure_free (structure);
}

static void
set_list (GstElement *element, const char *name, JsonArray *list)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, GST_TYPE_ARRAY);
  for (guint i = 0; i < json_array_get_length (list); i++) {
    GValue item = G_VALUE_INIT;

    g_value_init (&item, G_TYPE_STRING);
    g_value_set_string (&item, json_array_get_string_element (list, i));
    gst_value_array_append_and_take_value (&value, &item);
  }
  g_object_set_property (G_OBJECT (element), name, &value);
  g_value_unset (&value);
}

static void
set_property (GstElement *element, const char *name, JsonNode *node)
{
  g_autofree char *text = genvid_json_scalar_text (node);

  if (JSON_NODE_HOLDS_OBJECT (node))
    set_options (element, json_node_get_object (node));
  else if (JSON_NODE_HOLDS_ARRAY (node))
    set_list (element, name, json_node_get_array (node));
  else
    gst_util_set_object_arg (G_OBJECT (element), name, text);
}

static GstPadProbeReturn
count (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  g_atomic_int_inc ((gint *)data);
  return GST_PAD_PROBE_OK;
}

static GstElement *
make_pipeline (const char *source)
{
  g_autofree char *line = g_strconcat (
      source, " name=source ! decodebin ! video/x-raw ! fakesink name=sink",
      NULL);
  g_autoptr (GError) error = NULL;
  GstElement *pipeline;

  g_test_message ("%s", line);
  pipeline = gst_parse_launch (line, &error);
  g_assert_no_error (error);
  return pipeline;
}

static guint
play (GstElement *pipeline)
{
  g_autoptr (GstElement) sink
      = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) end = NULL;
  g_autoptr (GError) error = NULL;
  gint n = 0;

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, count, &n, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  end = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
                                    GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  if (GST_MESSAGE_TYPE (end) == GST_MESSAGE_ERROR) {
    gst_message_parse_error (end, &error, NULL);
    transcript_complain ("%s", error->message);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return (guint)g_atomic_int_get (&n);
}

static void
init (void)
{
  if (gst_is_initialized ())
    return;
  /* The element is linked; the plugin must not be loaded beside it. */
  g_unsetenv ("GST_PLUGIN_PATH");
  g_unsetenv ("GST_PLUGIN_PATH_1_0");
  gst_init (NULL, NULL);
  g_assert_true (GST_ELEMENT_REGISTER (genvidsrc, NULL));
}

guint
play_element (JsonObject *properties)
{
  g_autoptr (GList) names = json_object_get_members (properties);
  g_autoptr (GstElement) pipeline = NULL;
  g_autoptr (GstElement) source = NULL;

  init ();
  pipeline = make_pipeline ("genvidsrc");
  source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  for (GList *l = names; l != NULL; l = l->next)
    set_property (source, l->data,
                  json_object_get_member (properties, l->data));
  return play (pipeline);
}

guint
play_file (const char *path)
{
  g_autoptr (GstElement) pipeline = NULL;
  g_autoptr (GstElement) source = NULL;

  init ();
  pipeline = make_pipeline ("filesrc");
  source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  g_object_set (source, "location", path, NULL);
  return play (pipeline);
}
