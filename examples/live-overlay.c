/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One generated clip over a camera: live-overlay PROMPT [FILE]. The camera is
 * seen from the first moment; the clip comes in a corner when it is ready, and
 * goes when it is over. With FILE the picture is recorded until then.
 *
 * The camera is CAMERA (v4l2src, for example), or a test picture. Service, key
 * and limits come from the environment, as for save-prompt.c.
 *
 *   cc live-overlay.c -o live-overlay \
 *     $(pkg-config --cflags --libs gstreamer-1.0)
 *   genvid-sandbox -- ./live-overlay "a paper boat"
 */
#include <gst/gst.h>

/* The slate is hidden: the camera is seen instead. The size of the picture is
 * said: a mixer that starts before its camera would make a smaller one first.
 */
#define PIPELINE                                                               \
  "%s ! videoconvert ! videoscale ! videorate ! "                              \
  "video/x-raw,width=1280,height=720,framerate=25/1 ! queue ! mix.sink_0 "     \
  "genvidlivesrc name=live transition=cut slate-text=false "                   \
  "video-caps=video/x-raw,format=I420,width=480,height=270,framerate=25/1 "    \
  "compositor name=mix sink_0::zorder=1 "                                      \
  "sink_1::zorder=2 sink_1::xpos=780 sink_1::ypos=20 sink_1::alpha=0 ! "       \
  "video/x-raw,width=1280,height=720,framerate=25/1 ! "                        \
  "queue ! videoconvert ! %s "                                                 \
  "live.video ! queue ! mix.sink_1 live.audio ! queue ! audioconvert ! %s"

static GstElement *
make_pipeline (gboolean record, GError **error)
{
  const char *camera = g_getenv ("CAMERA");
  g_autofree char *text = g_strdup_printf (
      PIPELINE,
      camera != NULL ? camera : "videotestsrc is-live=true pattern=ball",
      record ? "x264enc tune=zerolatency ! h264parse ! matroskamux name=mux ! "
               "filesink name=file"
             : "autovideosink",
      record ? "mux." : "autoaudiosink");

  return gst_parse_launch_full (text, NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);
}

static void
uncover (GstElement *pipeline)
{
  g_autoptr (GstElement) mix = gst_bin_get_by_name (GST_BIN (pipeline), "mix");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (mix, "sink_1");

  g_object_set (pad, "alpha", 1.0, NULL);
}

/* Until an error or the end; RECORD: until the clip is over. */
static int
watch (GstElement *pipeline, gboolean record)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  int status = 0;

  for (;;) {
    g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (
        bus, GST_CLOCK_TIME_NONE,
        GST_MESSAGE_ELEMENT | GST_MESSAGE_WARNING | GST_MESSAGE_ERROR
            | GST_MESSAGE_EOS);
    const GstStructure *fields = gst_message_get_structure (message);
    g_autoptr (GError) error = NULL;

    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
      return status;
    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING)
      gst_message_parse_warning (message, &error, NULL);
    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
      gst_message_parse_error (message, &error, NULL);
    if (error != NULL)
      g_printerr ("%s\n", error->message);
    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
      return 1;
    if (!gst_structure_has_name (fields, "genvid-live"))
      continue;
    const char *state = gst_structure_get_string (fields, "state");
    g_print ("%s\n", state);
    if (g_str_equal (state, "on-air"))
      uncover (pipeline);
    status = g_str_equal (state, "failed");
    if (record && (status != 0 || g_str_equal (state, "finished")))
      gst_element_send_event (pipeline, gst_event_new_eos ());
  }
}

int
main (int argc, char *argv[])
{
  gst_init (&argc, &argv);
  if (argc != 2 && argc != 3) {
    g_printerr ("usage: live-overlay PROMPT [FILE]\n");
    return 2;
  }

  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = make_pipeline (argc == 3, &error);
  if (pipeline == NULL) {
    g_printerr ("%s\n", error->message);
    return 1;
  }
  g_autoptr (GstElement) live
      = gst_bin_get_by_name (GST_BIN (pipeline), "live");
  guint id = 0;
  g_signal_emit_by_name (live, "append", argv[1], &id);
  /* After it the programme ends, and the mixer shows the camera alone. */
  g_signal_emit_by_name (live, "end");
  if (argc == 3)
    gst_child_proxy_set (GST_CHILD_PROXY (pipeline), "file::location", argv[2],
                         NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  int status = watch (pipeline, argc == 3);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return status;
}
