/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Writes a real MP4 of about a given size: one second of H.264 noise is
 * encoded, and muxed again and again with later times. Every sample can be
 * decoded; it is made in the time it takes to write it. */

#include <gst/gst.h>
#include <stdlib.h>

#define RATE 30
#define ENCODER                                                                \
  "videotestsrc pattern=snow num-buffers=30 ! "                                \
  "video/x-raw,format=I420,width=1280,height=720,framerate=30/1 ! "            \
  "x264enc bitrate=8000 vbv-buf-capacity=150 key-int-max=30 bframes=0 "        \
  "speed-preset=veryfast tune=zerolatency ! "                                  \
  "video/x-h264,stream-format=avc,alignment=au ! "                             \
  "appsink name=out sync=false max-buffers=0"
#define MUXER                                                                  \
  "appsrc name=in format=time ! "                                              \
  "video/x-h264,stream-format=avc,alignment=au ! mp4mux name=mux ! "           \
  "filesink name=file"

typedef struct {
  GPtrArray *frames; /* of GstBuffer */
  GstCaps *caps;
  guint64 bytes;
} Second;

static gboolean
wait_for_end (GstElement *pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (
      bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
    return TRUE;
  gst_message_parse_error (message, &error, NULL);
  g_printerr ("%s\n", error->message);
  return FALSE;
}

static void
take_frames (Second *second, GstElement *out)
{
  GstSample *sample = NULL;

  for (;;) {
    g_signal_emit_by_name (out, "pull-sample", &sample);
    if (sample == NULL)
      return;
    GstBuffer *frame = gst_sample_get_buffer (sample);

    gst_caps_replace (&second->caps, gst_sample_get_caps (sample));
    second->bytes += gst_buffer_get_size (frame);
    g_ptr_array_add (second->frames, gst_buffer_ref (frame));
    gst_sample_unref (sample);
  }
}

static gboolean
encode (Second *second, GError **error)
{
  GstElement *pipeline = gst_parse_launch_full (
      ENCODER, NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);
  g_autoptr (GstElement) out = NULL;

  if (pipeline == NULL)
    return FALSE;
  out = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  take_frames (second, out);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  if (second->frames->len == RATE)
    return TRUE;
  g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_ENCODE,
               "the encoder made %u frames instead of %d", second->frames->len,
               RATE);
  return FALSE;
}

static gboolean
push (GstElement *in, GstBuffer *frame, guint64 number)
{
  GstBuffer *copy = gst_buffer_copy (frame);
  GstFlowReturn flow = GST_FLOW_OK;

  GST_BUFFER_PTS (copy) = gst_util_uint64_scale (number, GST_SECOND, RATE);
  GST_BUFFER_DTS (copy) = GST_BUFFER_PTS (copy);
  GST_BUFFER_DURATION (copy) = GST_SECOND / RATE;
  g_signal_emit_by_name (in, "push-buffer", copy, &flow);
  gst_buffer_unref (copy);
  return flow == GST_FLOW_OK;
}

static gboolean
mux (const Second *second, guint64 size, gboolean index_last, const char *path,
     GError **error)
{
  GstElement *pipeline
      = gst_parse_launch_full (MUXER, NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);
  guint64 n = (size + second->bytes / 2) / second->bytes * RATE;
  GstFlowReturn flow;
  gboolean good = TRUE;

  if (pipeline == NULL)
    return FALSE;
  g_autoptr (GstElement) in = gst_bin_get_by_name (GST_BIN (pipeline), "in");
  g_autoptr (GstElement) muxer
      = gst_bin_get_by_name (GST_BIN (pipeline), "mux");
  g_autoptr (GstElement) file
      = gst_bin_get_by_name (GST_BIN (pipeline), "file");
  g_object_set (in, "caps", second->caps, NULL);
  g_object_set (muxer, "faststart", !index_last, NULL);
  g_object_set (file, "location", path, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (guint64 i = 0; i < n && good; i++)
    good = push (in, second->frames->pdata[i % RATE], i);
  g_signal_emit_by_name (in, "end-of-stream", &flow);
  good = wait_for_end (pipeline) && good;
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  if (!good)
    g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_MUX,
                 "%s could not be written", path);
  return good;
}

int
main (int argc, char **argv)
{
  gint64 size = 0;
  gboolean index_last = FALSE;
  const GOptionEntry entries[] = {
    { "size", 0, 0, G_OPTION_ARG_INT64, &size, "About so large", "BYTES" },
    { "index-last", 0, 0, G_OPTION_ARG_NONE, &index_last,
      "The index comes after the media", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) options = g_option_context_new ("FILE");
  g_autoptr (GError) error = NULL;
  Second second = { 0 };
  gboolean made;

  g_option_context_add_main_entries (options, entries, NULL);
  g_option_context_add_group (options, gst_init_get_option_group ());
  if (!g_option_context_parse (options, &argc, &argv, &error) || argc != 2
      || size <= 0) {
    g_printerr ("%s\n", error != NULL ? error->message : "see --help");
    return EXIT_FAILURE;
  }
  second.frames
      = g_ptr_array_new_with_free_func ((GDestroyNotify)gst_buffer_unref);
  made = encode (&second, &error)
         && mux (&second, (guint64)size, index_last, argv[1], &error);
  if (!made)
    g_printerr ("%s\n", error->message);
  g_ptr_array_unref (second.frames);
  gst_caps_replace (&second.caps, NULL);
  return made ? EXIT_SUCCESS : EXIT_FAILURE;
}
