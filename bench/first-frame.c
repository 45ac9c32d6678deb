/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* "SOURCE ! qtdemux" until the first encoded frame of video leaves the
 * demuxer, or, with a player, until the first frame of the URI SOURCE is at its
 * sink. Prints the seconds since the service said ready or, for a source whose
 * URL is known, since the pipeline left READY. */

#include "ready-service.h"

#include <gst/gst.h>
#include <stdlib.h>

typedef struct {
  GMainLoop *loop;
  GstElement *pipeline;
  GMutex mutex; /* guards came */
  gint64 came;  /* monotonic; 0: not yet */
  int status;
} Wait;

static gboolean
quit (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

/* The frame may come before the loop runs, which would not hear of a quit. */
static GstPadProbeReturn
note_frame (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Wait *wait = data;

  g_mutex_lock (&wait->mutex);
  if (wait->came == 0)
    wait->came = g_get_monotonic_time ();
  g_mutex_unlock (&wait->mutex);
  g_idle_add (quit, wait->loop);
  return GST_PAD_PROBE_REMOVE;
}

static void
link_pad (GstElement *demuxer, GstPad *pad, gpointer data)
{
  Wait *wait = data;
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  g_autoptr (GstPad) target = NULL;

  g_object_set (sink, "async", FALSE, NULL);
  gst_bin_add (GST_BIN (wait->pipeline), sink);
  gst_element_sync_state_with_parent (sink);
  target = gst_element_get_static_pad (sink, "sink");
  if (g_str_has_prefix (GST_PAD_NAME (pad), "video"))
    gst_pad_add_probe (
        pad, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST,
        note_frame, wait, NULL);
  gst_pad_link (pad, target);
}

static gboolean
hear (GstBus *bus, GstMessage *message, gpointer data)
{
  Wait *wait = data;
  g_autoptr (GError) error = NULL;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR)
    return G_SOURCE_CONTINUE;
  gst_message_parse_error (message, &error, NULL);
  g_printerr ("%s: %s\n", GST_OBJECT_NAME (message->src), error->message);
  wait->status = EXIT_FAILURE;
  g_main_loop_quit (wait->loop);
  return G_SOURCE_REMOVE;
}

static gboolean
build (Wait *wait, const char *source, GError **error)
{
  g_autofree char *text = g_strdup_printf ("%s ! qtdemux name=demuxer", source);
  g_autoptr (GstElement) demuxer = NULL;
  g_autoptr (GstBus) bus = NULL;

  wait->pipeline
      = gst_parse_launch_full (text, NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);
  if (wait->pipeline == NULL)
    return FALSE;
  demuxer = gst_bin_get_by_name (GST_BIN (wait->pipeline), "demuxer");
  g_signal_connect (demuxer, "pad-added", G_CALLBACK (link_pad), wait);
  bus = gst_element_get_bus (wait->pipeline);
  gst_bus_add_watch (bus, hear, wait);
  return TRUE;
}

/* A URI cannot say where the service is. */
static gboolean
build_player (Wait *wait, const char *player, const char *uri,
              ReadyService *service)
{
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");
  g_autoptr (GstBus) bus = NULL;
  g_autofree char *url = NULL;

  if (service != NULL) {
    url = ready_service_get_url (service);
    g_setenv ("AIML_BASE_URL", url, TRUE);
  }
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, note_frame, wait, NULL);
  wait->pipeline = gst_element_factory_make (player, NULL);
  if (wait->pipeline == NULL)
    return FALSE;
  g_object_set (wait->pipeline, "uri", uri, "video-sink", sink, NULL);
  bus = gst_element_get_bus (wait->pipeline);
  gst_bus_add_watch (bus, hear, wait);
  return TRUE;
}

static void
run (Wait *wait, ReadyService *service)
{
  gint64 start;

  gst_element_set_state (wait->pipeline, GST_STATE_READY);
  start = g_get_monotonic_time ();
  gst_element_set_state (wait->pipeline, GST_STATE_PLAYING);
  g_main_loop_run (wait->loop);
  if (service != NULL)
    start = ready_service_get_moment (service);
  g_mutex_lock (&wait->mutex);
  if (wait->status == EXIT_SUCCESS)
    g_print ("%.6f\n", (double)(wait->came - start) / G_USEC_PER_SEC);
  g_mutex_unlock (&wait->mutex);
}

int
main (int argc, char **argv)
{
  g_autofree char *result = NULL;
  g_autofree char *source = NULL;
  g_autofree char *player = NULL;
  const GOptionEntry entries[] = {
    { "result", 0, 0, G_OPTION_ARG_STRING, &result,
      "Answer {base} with a service whose clips are at URL", "URL" },
    { "player", 0, 0, G_OPTION_ARG_STRING, &player,
      "Play the URI SOURCE with the element PLAYER", "PLAYER" },
    { NULL },
  };
  g_autoptr (GOptionContext) options = g_option_context_new ("SOURCE");
  g_autoptr (ReadyService) service = NULL;
  g_autoptr (GError) error = NULL;
  Wait wait = { .status = EXIT_SUCCESS };

  g_option_context_add_main_entries (options, entries, NULL);
  g_option_context_add_group (options, gst_init_get_option_group ());
  if (!g_option_context_parse (options, &argc, &argv, &error)
      || (result != NULL
          && (service = ready_service_new (result, 0, &error)) == NULL)) {
    g_printerr ("%s\n", error->message);
    return EXIT_FAILURE;
  }
  g_mutex_init (&wait.mutex);
  wait.loop = g_main_loop_new (NULL, FALSE);
  source = ready_service_expand (service, argc > 1 ? argv[1] : "");
  if (player != NULL ? !build_player (&wait, player, source, service)
                     : !build (&wait, source, &error)) {
    g_printerr ("%s\n", error != NULL ? error->message : player);
    return EXIT_FAILURE;
  }
  run (&wait, service);
  gst_element_set_state (wait.pipeline, GST_STATE_NULL);
  gst_object_unref (wait.pipeline);
  g_main_loop_unref (wait.loop);
  g_mutex_clear (&wait.mutex);
  return wait.status;
}
