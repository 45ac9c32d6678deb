/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Makes clips with GStreamer's own encoders. */

#include "live-clip.h"

#include <glib/gstdio.h>
#include <gst/video/video.h>

#define BLOCK 8
#define BITS  8
#define RATE  48000

typedef struct {
  const LiveClip *clip;
  int number;
} Painter;

static void
paint_block (guint8 *luma, int stride, int index, gboolean white)
{
  for (int y = 0; y < BLOCK; y++)
    memset (luma + y * stride + index * BLOCK, white ? 235 : 16, BLOCK);
}

static gboolean
read_block (const guint8 *luma, int stride, int index)
{
  return luma[BLOCK / 2 * stride + index * BLOCK + BLOCK / 2] > 125;
}

int
live_clip_read (const guint8 *luma, int stride)
{
  int number = 0;

  /* White, black, white; then the bits. */
  if (!read_block (luma, stride, 0) || read_block (luma, stride, 1)
      || !read_block (luma, stride, 2))
    return -1;
  for (int i = 0; i < BITS; i++)
    number = number << 1 | read_block (luma, stride, 3 + i);

  return number;
}

static void
paint_number (guint8 *luma, int stride, int number)
{
  paint_block (luma, stride, 0, TRUE);
  paint_block (luma, stride, 1, FALSE);
  paint_block (luma, stride, 2, TRUE);
  for (int i = 0; i < BITS; i++)
    paint_block (luma, stride, 3 + i, number >> (BITS - 1 - i) & 1);
}

static GstPadProbeReturn
paint (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Painter *painter = data;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  GstBuffer *buffer
      = gst_buffer_make_writable (GST_PAD_PROBE_INFO_BUFFER (info));
  GstVideoFrame frame;
  GstVideoInfo picture;

  GST_PAD_PROBE_INFO_DATA (info) = buffer;
  gst_video_info_from_caps (&picture, caps);
  g_assert_true (gst_video_frame_map (&frame, &picture, buffer, GST_MAP_WRITE));
  paint_number (GST_VIDEO_FRAME_PLANE_DATA (&frame, 0),
                GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0), painter->number);
  gst_video_frame_unmap (&frame);
  if (painter->clip->variable && painter->number++ % 3 == 2)
    return GST_PAD_PROBE_DROP;
  if (!painter->clip->variable)
    painter->number++;
  return GST_PAD_PROBE_OK;
}

/* Silence, and a click of two milliseconds with the flash. */
static GstPadProbeReturn
click (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  const LiveClip *clip = data;
  GstBuffer *buffer
      = gst_buffer_make_writable (GST_PAD_PROBE_INFO_BUFFER (info));
  gint64 first
      = gst_util_uint64_scale_round (GST_BUFFER_PTS (buffer), RATE, GST_SECOND);
  gint64 begin = (gint64)LIVE_CLIP_FLASH * RATE * clip->rate_d / clip->rate_n;
  GstMapInfo map;

  GST_PAD_PROBE_INFO_DATA (info) = buffer;
  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  for (gsize i = 0; i < map.size / 4; i++) {
    gint16 value = first + (gint64)i >= begin && first + (gint64)i < begin + 96
                       ? 20000
                       : 0;

    ((gint16 *)map.data)[2 * i] = value;
    ((gint16 *)map.data)[2 * i + 1] = value;
  }
  gst_buffer_unmap (buffer, &map);

  return GST_PAD_PROBE_OK;
}

static char *
describe (const LiveClip *clip, const char *path)
{
  GString *line = g_string_new (NULL);

  g_string_append_printf (line, "%s name=mux ! filesink location=%s ",
                          clip->muxer != NULL ? clip->muxer : "qtmux", path);
  if (clip->frames > 0)
    g_string_append_printf (
        line,
        "videotestsrc num-buffers=%d pattern=gradient ! "
        "video/x-raw,format=I420,width=%d,height=%d,framerate=%d/%d ! "
        "identity name=painter ! queue ! %s ! mux. ",
        clip->frames, clip->width, clip->height, clip->rate_n, clip->rate_d,
        clip->encoder != NULL ? clip->encoder
                              : "x264enc speed-preset=ultrafast key-int-max=25 "
                                "! video/x-h264,profile=baseline ! h264parse");
  if (clip->sound > 0)
    g_string_append_printf (
        line,
        "audiotestsrc samplesperbuffer=480 num-buffers=%d ! "
        "audio/x-raw,format=S16LE,rate=%d,channels=2 ! identity name=voice ! "
        "queue ! %s mux. ",
        (int)(clip->sound * RATE / 480), RATE,
        clip->voice != NULL ? clip->voice : "");
  return g_string_free (line, FALSE);
}

static void
add_probe (GstElement *pipeline, const char *name, GstPadProbeCallback callback,
           gpointer data)
{
  g_autoptr (GstElement) element
      = gst_bin_get_by_name (GST_BIN (pipeline), name);
  g_autoptr (GstPad) pad = NULL;

  if (element == NULL)
    return;
  pad = gst_element_get_static_pad (element, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, callback, data, NULL);
}

static void
play (GstElement *pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
                                        GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, NULL);
  g_assert_no_error (error);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

GBytes *
live_clip_make (const LiveClip *wanted)
{
  LiveClip clip = *wanted;
  g_autofree char *path
      = g_strdup_printf ("%s/genvid-live-clip-XXXXXX", g_get_tmp_dir ());
  g_autofree char *line = NULL;
  g_autoptr (GstElement) pipeline = NULL;
  g_autoptr (GError) error = NULL;
  Painter painter = { .clip = &clip };
  char *bytes = NULL;
  gsize size = 0;

  if (clip.width == 0) {
    clip.width = 160;
    clip.height = 96;
  }
  if (clip.rate_n == 0)
    clip.rate_n = 25;
  if (clip.rate_d == 0)
    clip.rate_d = 1;
  close (g_mkstemp (path));
  line = describe (&clip, path);
  pipeline = gst_parse_launch (line, &error);
  if (error != NULL) {
    g_test_message ("%s", error->message);
    g_unlink (path);
    return NULL;
  }
  add_probe (pipeline, "painter", paint, &painter);
  add_probe (pipeline, "voice", click, &clip);
  play (pipeline);
  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  g_unlink (path);

  return g_bytes_new_take (bytes, size);
}

static gsize
find_media (const guint8 *bytes, gsize size)
{
  gsize begin = 0;

  while (begin + 4 < size && memcmp (bytes + begin, "mdat", 4) != 0)
    begin++;
  g_assert_cmpuint (begin + 4, <, size);

  return begin;
}

GBytes *
live_clip_cut (GBytes *clip)
{
  gsize size = g_bytes_get_size (clip);
  guint8 *bytes = g_memdup2 (g_bytes_get_data (clip, NULL), size);
  gsize begin = find_media (bytes, size);
  gsize end = begin + (size - begin) / 2;
  guint32 length = GUINT32_TO_BE (end - (begin - 4));

  memcpy (bytes + begin - 4, &length, 4);
  return g_bytes_new_take (bytes, end);
}

GBytes *
live_clip_damage (GBytes *clip)
{
  gsize size = g_bytes_get_size (clip);
  guint8 *bytes = g_memdup2 (g_bytes_get_data (clip, NULL), size);
  gsize begin = find_media (bytes, size);

  /* Lengths of NAL units that lead far away. */
  for (gsize i = begin + (size - begin) / 3; i < begin + (size - begin) / 2;
       i++)
    bytes[i] = 0xfe;

  return g_bytes_new_take (bytes, size);
}
