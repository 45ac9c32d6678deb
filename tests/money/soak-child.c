/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A short-lived application of the soak: pipelines "genvidsrc ! fakesink" (with
 * "pull": "genvidsrc ! typefind ! fakesink"), run until they end, until SECONDS
 * have passed or until SIGTERM comes. It is built on nothing but the element's
 * public face.
 *
 *   soak-child SECONDS [pull] NAME=VALUE… [-- [pull] NAME=VALUE…]…
 *
 * Prints for each pipeline "end WORD ID BYTES SHA256 TEXT", where WORD is
 * whole, failed or closed and BYTES and SHA256 are of what came down the
 * pipeline, and "null MILLISECONDS", what the way to NULL took. */

#include <glib-unix.h>
#include <gst/gst.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  GstElement *pipeline;
  GstElement *source;
  GstElement *sink;
  gboolean pulled;
  const char *word; /* NULL: it runs */
  char *text;
  GChecksum *sum; /* the streaming thread's until NULL */
  guint64 bytes;
} Show;

static GMainLoop *loop;
static GPtrArray *shows;

static void
finish (Show *show, const char *word, const char *text)
{
  if (show->word != NULL)
    return;
  show->word = word;
  show->text = g_strdelimit (g_strdup (text), "\n", ' ');
  for (guint i = 0; i < shows->len; i++)
    if (((Show *)g_ptr_array_index (shows, i))->word == NULL)
      return;
  g_main_loop_quit (loop);
}

static void
fail (Show *show, GstMessage *message)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *debug = NULL;
  g_autofree char *text = NULL;
  const GstStructure *details = NULL;
  const char *reason = NULL;

  gst_message_parse_error (message, &error, &debug);
  gst_message_parse_error_details (message, &details);
  if (details != NULL)
    reason = gst_structure_get_string (details, "reason");
  text = g_strdup_printf ("%s %s", reason != NULL ? reason : "-",
                          error->message);
  fprintf (stderr, "%s\n", debug != NULL ? debug : "");
  finish (show, "failed", text);
}

static gboolean
take_message (GstBus *bus, GstMessage *message, gpointer data)
{
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
    finish (data, "whole", "");
  else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    fail (data, message);
  return G_SOURCE_CONTINUE;
}

static void
take_bytes (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer data)
{
  Show *show = data;
  GstMapInfo map;

  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_READ));
  g_checksum_update (show->sum, map.data, (gssize)map.size);
  show->bytes += map.size;
  gst_buffer_unmap (buffer, &map);
}

static GstElement *
add_element (Show *show, const char *factory)
{
  GstElement *element = gst_element_factory_make (factory, NULL);

  g_assert_nonnull (element);
  gst_bin_add (GST_BIN (show->pipeline), element);
  return element;
}

static Show *
add_show (void)
{
  Show *show = g_new0 (Show, 1);
  g_autoptr (GstBus) bus = NULL;

  show->pipeline = gst_pipeline_new (NULL);
  show->source = add_element (show, "genvidsrc");
  show->sink = add_element (show, "fakesink");
  show->sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_object_set (show->sink, "sync", FALSE, "signal-handoffs", TRUE, NULL);
  g_signal_connect (show->sink, "handoff", G_CALLBACK (take_bytes), show);
  bus = gst_element_get_bus (show->pipeline);
  gst_bus_add_watch (bus, take_message, show);
  g_ptr_array_add (shows, show);
  return show;
}

/* typefind pulls where it can, and fakesink reads its first block for ever.
 */
static void
begin (Show *show)
{
  GstElement *puller;

  if (show->pulled) {
    puller = add_element (show, "typefind");
    gst_util_set_object_arg (G_OBJECT (puller), "force-caps",
                             "video/quicktime");
    g_assert_true (
        gst_element_link_many (show->source, puller, show->sink, NULL));
  } else {
    g_assert_true (gst_element_link (show->source, show->sink));
  }
  gst_element_set_state (show->pipeline, GST_STATE_PLAYING);
}

static void
set_up (Show *show, const char *word)
{
  g_auto (GStrv) parts = g_strsplit (word, "=", 2);

  if (g_str_equal (word, "pull")) {
    show->pulled = TRUE;
    return;
  }
  g_assert_cmpuint (g_strv_length (parts), ==, 2);
  gst_util_set_object_arg (G_OBJECT (show->source), parts[0], parts[1]);
}

static void
end (Show *show)
{
  g_autofree char *id = NULL;
  gint64 before;

  g_object_get (show->source, "generation-id", &id, NULL);
  before = g_get_monotonic_time ();
  gst_element_set_state (show->pipeline, GST_STATE_NULL);
  printf ("null %d\n", (int)((g_get_monotonic_time () - before) / 1000));
  printf ("end %s %s %" G_GUINT64_FORMAT " %s %s\n",
          show->word != NULL ? show->word : "closed", id != NULL ? id : "-",
          show->bytes, g_checksum_get_string (show->sum),
          show->text != NULL ? show->text : "");
  fflush (stdout);
  gst_object_unref (show->pipeline);
}

static gboolean
stop (gpointer data)
{
  g_main_loop_quit (loop);
  return G_SOURCE_CONTINUE;
}

static void
load (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstPlugin) plugin = gst_plugin_load_file (path, &error);

  g_assert_no_error (error);
  g_assert_nonnull (plugin);
}

int
main (int argc, char *argv[])
{
  Show *show;

  g_assert_cmpint (argc, >=, 2);
  gst_init (NULL, NULL);
  load (SOAK_CORE_ELEMENTS);
  load (SOAK_PLUGIN);
  loop = g_main_loop_new (NULL, FALSE);
  shows = g_ptr_array_new ();
  show = add_show ();
  for (int i = 2; i < argc; i++) {
    if (g_str_equal (argv[i], "--"))
      show = add_show ();
    else
      set_up (show, argv[i]);
  }
  g_unix_signal_add (SIGTERM, stop, NULL);
  g_timeout_add_seconds ((guint)atoi (argv[1]), stop, NULL);
  for (guint i = 0; i < shows->len; i++)
    begin (g_ptr_array_index (shows, i));
  g_main_loop_run (loop);
  for (guint i = 0; i < shows->len; i++)
    end (g_ptr_array_index (shows, i));
  return 0;
}
