/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Decodes a clip, counts what the decoder gives, and lays twelve of its
 * frames, evenly spaced, on one PNG picture. The length of a clip is not
 * asked for, since files lie: every stride-th frame is kept, and when there
 * are twice as many as needed, every second one is dropped again. Part of
 * the demo, not of the plugin; it knows nothing of services. */
#include <gst/gst.h>
#include <string.h>

#define COLUMNS    4
#define TILES      12
#define TILE_WIDTH 320
#define GAP        8
#define PIXEL      3

typedef struct {
  GPtrArray *frames; /* of GBytes, packed RGB */
  guint64 seen;
  guint64 stride;
  int width; /* of a tile */
  int height;
  int source_width; /* of the decoder's picture */
  int source_height;
} Sheet;

static void
sheet_clear (Sheet *sheet)
{
  g_clear_pointer (&sheet->frames, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Sheet, sheet_clear)

/* Plays to the end or the first error. */
static gboolean
play (GstElement *pipeline, GError **error)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_autoptr (GstMessage) end = gst_bus_timed_pop_filtered (
      bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  if (GST_MESSAGE_TYPE (end) == GST_MESSAGE_EOS)
    return TRUE;
  gst_message_parse_error (end, error, NULL);
  return FALSE;
}

static void
read_size (GstPad *pad, int *width, int *height)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  if (caps == NULL)
    return;

  GstStructure *format = gst_caps_get_structure (caps, 0);
  gst_structure_get_int (format, "width", width);
  gst_structure_get_int (format, "height", height);
}

static void
note_source (GstPad *pad, GParamSpec *spec, gpointer data)
{
  Sheet *sheet = data;
  read_size (pad, &sheet->source_width, &sheet->source_height);
}

static void
halve (Sheet *sheet)
{
  for (guint i = sheet->frames->len; i-- > 0;)
    if (i % 2 == 1)
      g_ptr_array_remove_index (sheet->frames, i);
  sheet->stride *= 2;
}

static void
pack_rows (const Sheet *sheet, const GstMapInfo *map, guint8 *pixels)
{
  gsize row = (gsize)sheet->width * PIXEL;
  /* GStreamer pads RGB rows to four bytes. */
  gsize padded = (row + 3) & ~(gsize)3;
  for (int y = 0; y < sheet->height; y++)
    memcpy (pixels + (gsize)y * row, map->data + (gsize)y * padded, row);
}

static void
keep_frame (Sheet *sheet, GstBuffer *buffer)
{
  GstMapInfo map;
  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return;

  gsize size = (gsize)sheet->width * PIXEL * (gsize)sheet->height;
  guint8 *pixels = g_malloc (size);
  pack_rows (sheet, &map, pixels);
  gst_buffer_unmap (buffer, &map);
  g_ptr_array_add (sheet->frames, g_bytes_new_take (pixels, size));
  if (sheet->frames->len == 2 * TILES)
    halve (sheet);
}

static void
take_frame (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer data)
{
  Sheet *sheet = data;
  if (sheet->seen == 0)
    read_size (pad, &sheet->width, &sheet->height);
  if (sheet->seen % sheet->stride == 0)
    keep_frame (sheet, buffer);
  sheet->seen++;
}

static gboolean
decode (Sheet *sheet, const char *path, GError **error)
{
  g_autoptr (GstElement) pipeline = gst_parse_launch (
      "filesrc name=file ! decodebin ! video/x-raw ! videoconvert name=first"
      " ! videoscale ! video/x-raw,format=RGB,pixel-aspect-ratio=1/1,"
      "width=" G_STRINGIFY (TILE_WIDTH) " ! fakesink name=sink"
                                        " signal-handoffs=true",
      error);
  if (pipeline == NULL)
    return FALSE;

  g_autoptr (GstElement) file
      = gst_bin_get_by_name (GST_BIN (pipeline), "file");
  g_autoptr (GstElement) first
      = gst_bin_get_by_name (GST_BIN (pipeline), "first");
  g_autoptr (GstElement) sink
      = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (first, "sink");
  g_object_set (file, "location", path, NULL);
  g_signal_connect (pad, "notify::caps", G_CALLBACK (note_source), sheet);
  g_signal_connect (sink, "handoff", G_CALLBACK (take_frame), sheet);

  if (!play (pipeline, error))
    return FALSE;
  if (sheet->frames->len == 0) {
    g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE,
                 "There is no picture in it.");
    return FALSE;
  }
  return TRUE;
}

static void
lay_tile (const Sheet *sheet, guint tile, guint8 *picture, gsize row)
{
  guint tiles = MIN (sheet->frames->len, TILES);
  GBytes *frame
      = g_ptr_array_index (sheet->frames, tile * sheet->frames->len / tiles);
  const guint8 *pixels = g_bytes_get_data (frame, NULL);
  gsize width = (gsize)sheet->width * PIXEL;
  gsize left = GAP + (gsize)(tile % COLUMNS) * (width / PIXEL + GAP);
  gsize top = GAP + (gsize)(tile / COLUMNS) * ((gsize)sheet->height + GAP);
  for (gsize y = 0; y < (gsize)sheet->height; y++)
    memcpy (picture + (top + y) * row + left * PIXEL, pixels + y * width,
            width);
}

/* The sheet as one RGB buffer whose rows need no padding. */
static GstBuffer *
lay_sheet (const Sheet *sheet, int *width, int *height)
{
  guint tiles = MIN (sheet->frames->len, TILES);
  int columns = (int)MIN (tiles, COLUMNS);
  int rows = ((int)tiles + COLUMNS - 1) / COLUMNS;
  *width = (GAP + columns * (sheet->width + GAP)) & ~3;
  *height = GAP + rows * (sheet->height + GAP);

  gsize row = (gsize)*width * PIXEL;
  gsize size = row * (gsize)*height;
  guint8 *picture = g_malloc (size);
  memset (picture, 0x20, size);
  for (guint i = 0; i < tiles; i++)
    lay_tile (sheet, i, picture, row);
  return gst_buffer_new_wrapped (picture, size);
}

static gboolean
write_picture (const Sheet *sheet, const char *path, GError **error)
{
  int width = 0, height = 0;
  g_autoptr (GstBuffer) picture = lay_sheet (sheet, &width, &height);
  g_autoptr (GstElement) pipeline = gst_parse_launch (
      "appsrc name=source format=time ! pngenc ! filesink name=file", error);
  if (pipeline == NULL)
    return FALSE;

  g_autoptr (GstElement) source
      = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  g_autoptr (GstElement) file
      = gst_bin_get_by_name (GST_BIN (pipeline), "file");
  g_autoptr (GstCaps) caps = gst_caps_new_simple (
      "video/x-raw", "format", G_TYPE_STRING, "RGB", "width", G_TYPE_INT, width,
      "height", G_TYPE_INT, height, "framerate", GST_TYPE_FRACTION, 1, 1, NULL);
  GstFlowReturn flow = GST_FLOW_OK;
  g_object_set (source, "caps", caps, NULL);
  g_object_set (file, "location", path, NULL);
  GST_BUFFER_PTS (picture) = 0;

  /* appsrc takes it before it runs, so play() may be the only wait. */
  gst_element_set_state (pipeline, GST_STATE_READY);
  g_signal_emit_by_name (source, "push-buffer", picture, &flow);
  g_signal_emit_by_name (source, "end-of-stream", &flow);
  return play (pipeline, error);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GError) error = NULL;
  g_auto (Sheet) sheet = { .stride = 1 };
  gst_init (&argc, &argv);
  if (argc != 3) {
    g_printerr ("usage: genvid-contact-sheet CLIP SHEET.png\n\n"
                "Prints the number and the size of the frames that the decoder "
                "gives.\n");
    return 2;
  }

  sheet.frames = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  if (!decode (&sheet, argv[1], &error)
      || !write_picture (&sheet, argv[2], &error)) {
    g_printerr ("genvid-contact-sheet: %s: %s\n", argv[1], error->message);
    return 1;
  }
  g_print ("%" G_GUINT64_FORMAT " frames of %dx%d\n", sheet.seen,
           sheet.source_width, sheet.source_height);
  return 0;
}
