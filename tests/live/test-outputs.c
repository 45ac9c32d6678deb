/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a programme is for: segments, recordings, a mixer with a camera, SRT.
 * Each holds every frame that left the element, and the clip's once each. */

#include "live-kit.h"

#include "folder-kit.h"

#include <string.h>

#include <glib/gstdio.h>
#include <gst/audio/audio.h>
#include <gst/video/video.h>

#define CLIP     50
#define RATE     48000
#define PATIENCE (60 * GST_SECOND)
#define H264                                                                   \
  "queue ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 ! "  \
  "h264parse"

typedef struct {
  guint frames;
  guint64 samples;
  int next; /* the number that comes next in the clip */
} Recorded;

static char *folder;

/* Says what is missing. */
static gboolean
have (const char *const *elements)
{
  for (guint i = 0; elements[i] != NULL; i++) {
    g_autoptr (GstElementFactory) found
        = gst_element_factory_find (elements[i]);

    if (found == NULL) {
      g_autofree char *text
          = g_strdup_printf ("%s is not installed", elements[i]);

      g_test_skip (text);
      return FALSE;
    }
  }
  return TRUE;
}

static void
make_folder (void)
{
  folder = g_dir_make_tmp ("genvid-outputs-XXXXXX", NULL);
  g_assert_nonnull (folder);
}

/* --- reading it again --- */

static void
note_picture (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer data)
{
  Recorded *recorded = data;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  GstVideoFrame frame;
  GstVideoInfo info;
  int number;

  g_assert_true (gst_video_info_from_caps (&info, caps));
  g_assert_true (gst_video_frame_map (&frame, &info, buffer, GST_MAP_READ));
  number = live_clip_read (GST_VIDEO_FRAME_PLANE_DATA (&frame, 0),
                           GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0));
  gst_video_frame_unmap (&frame);
  recorded->frames++;
  if (number >= 0)
    g_assert_cmpint (number, ==, recorded->next++);
}

static void
note_sound (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer data)
{
  Recorded *recorded = data;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  GstAudioInfo info;

  g_assert_true (gst_audio_info_from_caps (&info, caps));
  recorded->samples += gst_buffer_get_size (buffer) / (guint)info.bpf;
}

static void
watch (GstElement *pipeline, const char *name, GCallback note,
       Recorded *recorded)
{
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (pipeline), name);

  g_assert_nonnull (sink);
  g_object_set (sink, "signal-handoffs", TRUE, NULL);
  g_signal_connect (sink, "handoff", note, recorded);
}

/* SOURCE is named s and has both streams. */
static Recorded
read_again (const char *source)
{
  Recorded recorded = { 0 };
  g_autofree char *line = g_strdup_printf (
      "%s s. ! queue ! decodebin ! videoconvert ! video/x-raw,format=I420 ! "
      "fakesink name=video s. ! queue ! decodebin ! audioconvert ! "
      "audio/x-raw,format=F32LE ! fakesink name=audio",
      source);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = gst_parse_launch (line, &error);
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstMessage) message = NULL;

  g_assert_no_error (error);
  watch (pipeline, "video", G_CALLBACK (note_picture), &recorded);
  watch (pipeline, "audio", G_CALLBACK (note_sound), &recorded);
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, PATIENCE,
                                        GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  g_assert_nonnull (message);
  g_assert_cmpint (GST_MESSAGE_TYPE (message), ==, GST_MESSAGE_EOS);

  return recorded;
}

/* --- the programme: a second of slate, a clip, the slate, the end --- */

static LiveKit *
start_programme (const char *sinks)
{
  LiveKit *kit = live_kit_new (NULL, "max-cost=5 transition=cut", sinks);

  live_kit_serve (
      kit, live_clip_make (&(LiveClip){ .frames = CLIP, .sound = CLIP / 25. }));
  live_kit_play (kit);
  live_kit_wait_frames (kit, 25);
  live_kit_append (kit, "a paper boat");
  live_kit_see (kit, "finished", 1);
  live_kit_wait_frames (kit, 25);
  g_signal_emit_by_name (kit->live, "end");

  return kit;
}

/* What must hold before its sinks are looked at. */
static void
finish_programme (LiveKit *kit)
{
  live_kit_wait_end (kit);
  live_kit_check (kit);
  live_kit_check_numbers (kit, 0, CLIP - 1);
  g_assert_cmpuint (live_kit_get_bought (kit), ==, 1);
  g_assert_cmpint (gst_element_set_state (kit->pipeline, GST_STATE_NULL), ==,
                   GST_STATE_CHANGE_SUCCESS);
}

/* The segments in the playlist's order, one behind the other, as a player
 * reads them; returns how many. */
static guint
join_segments (const char *path, double *seconds)
{
  g_autofree char *list = g_build_filename (folder, "list.m3u8", NULL);
  g_autoptr (GByteArray) all = g_byte_array_new ();
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  guint count = 0;

  g_assert_true (g_file_get_contents (list, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "#EXT-X-ENDLIST"));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    g_autofree char *segment = NULL;
    g_autofree char *bytes = NULL;
    gsize size;

    if (g_str_has_prefix (lines[i], "#EXTINF:"))
      *seconds += g_ascii_strtod (lines[i] + strlen ("#EXTINF:"), NULL);
    if (lines[i][0] == '\0' || lines[i][0] == '#')
      continue;
    segment = g_build_filename (folder, lines[i], NULL);
    g_assert_true (g_file_get_contents (segment, &bytes, &size, NULL));
    g_byte_array_append (all, (guint8 *)bytes, (guint)size);
    count++;
  }
  g_assert_true (
      g_file_set_contents (path, (char *)all->data, (gssize)all->len, NULL));

  return count;
}

static void
test_segments (void)
{
  static const char *const needed[]
      = { "hlssink2", "mpegtsmux", "avenc_aac", "avdec_aac", NULL };
  g_autoptr (LiveKit) kit = NULL;
  g_autofree char *sinks = NULL;
  g_autofree char *path = NULL;
  g_autofree char *source = NULL;
  double seconds = 0;
  Recorded recorded;

  if (!have (needed))
    return;
  make_folder ();
  sinks = g_strdup_printf (
      "hlssink2 name=h target-duration=1 playlist-length=0 max-files=0 "
      "location=%s/%%05d.ts playlist-location=%s/list.m3u8 "
      "l.video ! " H264 " ! h.video "
      "l.audio ! queue ! audioconvert ! avenc_aac ! aacparse ! h.audio",
      folder, folder);
  kit = start_programme (sinks);
  finish_programme (kit);

  path = g_build_filename (folder, "all.ts", NULL);
  g_assert_cmpuint (join_segments (path, &seconds), >=, 3);
  g_assert_cmpfloat_with_epsilon (seconds, kit->output.frames / 25., 0.1);
  source = g_strdup_printf ("filesrc location=%s ! tsdemux name=s", path);
  recorded = read_again (source);
  g_assert_cmpuint (recorded.frames, ==, kit->output.frames);
  g_assert_cmpint (recorded.next, ==, CLIP);
  /* AAC has whole blocks of 1,024, and some before the first sample. */
  g_assert_cmpuint (recorded.samples + 1024, >=, kit->output.samples);
  g_assert_cmpuint (recorded.samples, <=, kit->output.samples + 4 * 1024);
  folder_remove (folder);
  g_clear_pointer (&folder, g_free);
}

static void
test_files (void)
{
  static const char *const needed[]
      = { "splitmuxsink", "splitmuxsrc", "qtmux", NULL };
  g_autoptr (LiveKit) kit = NULL;
  g_autofree char *sinks = NULL;
  g_autofree char *second = NULL;
  g_autofree char *source = NULL;
  Recorded recorded;

  if (!have (needed))
    return;
  make_folder ();
  sinks = g_strdup_printf (
      "splitmuxsink name=m max-size-time=1000000000 muxer-factory=qtmux "
      "location=%s/%%05d.mov l.video ! " H264 " ! m.video "
      "l.audio ! queue ! audioconvert ! audio/x-raw,format=S16LE ! m.audio_0",
      folder);
  kit = start_programme (sinks);
  finish_programme (kit);

  second = g_build_filename (folder, "00002.mov", NULL);
  g_assert_true (g_file_test (second, G_FILE_TEST_EXISTS));
  source = g_strdup_printf ("splitmuxsrc name=s location=%s/*.mov", folder);
  recorded = read_again (source);
  g_assert_cmpuint (recorded.frames, ==, kit->output.frames);
  g_assert_cmpint (recorded.next, ==, CLIP);
  g_assert_cmpuint (recorded.samples, ==, kit->output.samples);
  folder_remove (folder);
  g_clear_pointer (&folder, g_free);
}

/* The programme in a corner of a camera's picture: neither waits for the
 * other, and the mixer's output has both. */
static void
test_camera (void)
{
  g_autoptr (LiveKit) kit = NULL;
  g_autoptr (GstElement) camera = NULL;
  Recorded mixed = { 0 };

  kit = live_kit_new (
      NULL, "max-cost=5 transition=cut",
      "videotestsrc name=camera is-live=true pattern=white ! "
      "video/x-raw,format=I420,width=320,height=192,framerate=25/1 ! queue ! "
      "compositor name=c sink_1::zorder=2 sink_0::zorder=1 ! "
      "video/x-raw,format=I420,width=320,height=192,framerate=25/1 ! "
      "fakesink name=mixed sync=true l.video ! queue ! c.sink_1 "
      "l.audio ! queue ! fakesink sync=true");
  watch (kit->pipeline, "mixed", G_CALLBACK (note_picture), &mixed);
  camera = gst_bin_get_by_name (GST_BIN (kit->pipeline), "camera");
  live_kit_serve (
      kit, live_clip_make (&(LiveClip){ .frames = CLIP, .sound = CLIP / 25. }));
  live_kit_play (kit);
  live_kit_wait_frames (kit, 25);
  live_kit_append (kit, "a paper boat");
  live_kit_see (kit, "finished", 1);
  live_kit_wait_frames (kit, 25);
  g_signal_emit_by_name (kit->live, "end");
  g_assert_true (gst_element_send_event (camera, gst_event_new_eos ()));
  finish_programme (kit);

  g_assert_cmpint (mixed.next, ==, CLIP);
  g_assert_cmpuint (mixed.frames + 1, >=, kit->output.frames);
}

/* --- to somebody else, over SRT --- */

typedef struct {
  GMutex lock;
  GCond cond;
  Recorded recorded;
} Receiver;

static void
note_received (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer data)
{
  Receiver *receiver = data;

  g_mutex_lock (&receiver->lock);
  note_picture (sink, buffer, pad, &receiver->recorded);
  g_cond_signal (&receiver->cond);
  g_mutex_unlock (&receiver->lock);
}

/* Until so many of the programme's frames and of the clip's are there. */
static void
wait_received (Receiver *receiver, guint frames, int next)
{
  gint64 limit = g_get_monotonic_time () + PATIENCE / GST_USECOND;

  g_mutex_lock (&receiver->lock);
  while (receiver->recorded.frames < frames || receiver->recorded.next < next)
    g_assert_true (g_cond_wait_until (&receiver->cond, &receiver->lock, limit));
  g_mutex_unlock (&receiver->lock);
}

/* A UDP port that is free now. */
static guint
find_port (void)
{
  g_autoptr (GSocket) socket
      = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
                      G_SOCKET_PROTOCOL_UDP, NULL);
  g_autoptr (GInetAddress) loopback
      = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;

  g_assert_true (g_socket_bind (socket, any, FALSE, NULL));
  bound = g_socket_get_local_address (socket, NULL);
  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
}

static GstElement *
start_receiver (Receiver *receiver, guint port)
{
  g_autofree char *line = g_strdup_printf (
      "srtsrc uri=srt://127.0.0.1:%u ! tsdemux ! h264parse ! avdec_h264 ! "
      "videoconvert ! video/x-raw,format=I420 ! "
      "fakesink name=video sync=false signal-handoffs=true",
      port);
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (line, &error);
  g_autoptr (GstElement) sink = NULL;

  g_assert_no_error (error);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "video");
  g_signal_connect (sink, "handoff", G_CALLBACK (note_received), receiver);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);

  return pipeline;
}

/* Whoever connects gets each frame of the clip once, in order. */
static void
test_network (void)
{
  static const char *const needed[]
      = { "srtsink", "srtsrc", "mpegtsmux", "tsdemux", "avdec_h264", NULL };
  g_autoptr (LiveKit) kit = NULL;
  g_autoptr (GstElement) pipeline = NULL;
  g_autofree char *sinks = NULL;
  Receiver receiver = { .recorded = { 0 } };
  guint port;

  if (!have (needed))
    return;
  g_mutex_init (&receiver.lock);
  g_cond_init (&receiver.cond);
  port = find_port ();
  sinks = g_strdup_printf (
      "mpegtsmux name=mux alignment=7 ! srtsink wait-for-connection=false "
      "uri=srt://127.0.0.1:%u?mode=listener l.video ! " H264 " ! mux. "
      "l.audio ! queue ! audioconvert ! avenc_aac ! aacparse ! mux.",
      port);
  kit = live_kit_new (NULL, "max-cost=5 transition=cut", sinks);
  live_kit_serve (
      kit, live_clip_make (&(LiveClip){ .frames = CLIP, .sound = CLIP / 25. }));
  live_kit_play (kit);
  live_kit_wait_frames (kit, 5);
  pipeline = start_receiver (&receiver, port);
  wait_received (&receiver, 5, 0);
  live_kit_append (kit, "a paper boat");
  live_kit_see (kit, "finished", 1);
  wait_received (&receiver, CLIP, CLIP);
  live_kit_check (kit);
  live_kit_check_numbers (kit, 0, CLIP - 1);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_element_set_state (kit->pipeline, GST_STATE_NULL);
  g_cond_clear (&receiver.cond);
  g_mutex_clear (&receiver.lock);
}

int
main (int argc, char **argv)
{
  live_init (&argc, &argv);
  g_test_add_func ("/outputs/segments", test_segments);
  g_test_add_func ("/outputs/files", test_files);
  g_test_add_func ("/outputs/camera", test_camera);
  g_test_add_func ("/outputs/network", test_network);
  return g_test_run ();
}
