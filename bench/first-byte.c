/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* "SOURCE [TIMES]": "SOURCE ! fakesink" until its first buffer. Prints the
 * seconds since just before the elements were made, so that what the source
 * loads, reads and checks is counted; of TIMES pipelines one after the other
 * those of the last. */

#include <gst/gst.h>
#include <stdlib.h>

static GstPadProbeReturn
note_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  gint64 *came = data;

  if (*came == 0)
    *came = g_get_monotonic_time ();
  return GST_PAD_PROBE_REMOVE;
}

/* NULL with error. */
static GstElement *
make (const char *source, gint64 *came, GError **error)
{
  g_autofree char *text = g_strdup_printf (
      "%s ! fakesink name=sink sync=false num-buffers=1", source);
  GstElement *pipeline
      = gst_parse_launch_full (text, NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);
  g_autoptr (GstElement) sink = NULL;
  g_autoptr (GstPad) pad = NULL;

  if (pipeline == NULL)
    return NULL;
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, note_buffer, came, NULL);
  return pipeline;
}

/* FALSE: there was none. */
static gboolean
measure (const char *source, double *seconds)
{
  gint64 begin = g_get_monotonic_time (), came = 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = make (source, &came, &error);
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstMessage) message = NULL;

  if (pipeline == NULL) {
    g_printerr ("%s\n", error->message);
    return FALSE;
  }
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
                                        GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  *seconds = (double)(came - begin) / G_USEC_PER_SEC;
  return GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS && came != 0;
}

int
main (int argc, char **argv)
{
  double seconds = 0;
  int times;

  gst_init (&argc, &argv);
  times = argc > 2 ? atoi (argv[2]) : 1;
  for (int i = 0; i < times; i++)
    if (!measure (argc > 1 ? argv[1] : "", &seconds))
      return EXIT_FAILURE;
  g_print ("%.6f\n", seconds);
  return EXIT_SUCCESS;
}
