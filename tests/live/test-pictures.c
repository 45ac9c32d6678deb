/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is seen: the slate, fades frame by frame, clips of another ratio. */

#include "live-kit.h"

#include <glib/gstdio.h>
#include <gst/video/video.h>

#define CUT    "max-cost=5 transition=cut "
#define FADE   "max-cost=5 transition-duration=400000000 slate-text=false "
#define STEPS  10 /* frames of a fade */
#define WIDTH  160
#define HEIGHT 96
#define BLACK  16
#define WHITE  235

/* The luma of the last frame at a place of it. */
static int
look (LiveKit *kit, int x, int y)
{
  g_autoptr (GstElement) sink
      = gst_bin_get_by_name (GST_BIN (kit->pipeline), "video");
  g_autoptr (GstSample) sample = NULL;
  GstVideoFrame frame;
  GstVideoInfo info;
  int luma;

  g_object_get (sink, "last-sample", &sample, NULL);
  g_assert_nonnull (sample);
  gst_video_info_from_caps (&info, gst_sample_get_caps (sample));
  g_assert_true (gst_video_frame_map (
      &frame, &info, gst_sample_get_buffer (sample), GST_MAP_READ));
  luma = ((guint8 *)GST_VIDEO_FRAME_PLANE_DATA (
      &frame, 0))[y * GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0) + x];
  gst_video_frame_unmap (&frame);

  return luma;
}

static void
serve (LiveKit *kit, int width, int height, int frames)
{
  live_kit_serve (kit,
                  live_clip_make (&(LiveClip){
                      .width = width, .height = height, .frames = frames }));
}

static guint
wait_frame (LiveKit *kit, const char *state, guint id)
{
  g_autoptr (GstMessage) message = live_kit_wait (kit, state, id);
  guint64 time = 0;

  gst_structure_get_uint64 (gst_message_get_structure (message), "running-time",
                            &time);
  return (guint)(time / (40 * GST_MSECOND));
}

/* The first pixel, which is white in every clip, and dark in the card. */
static int
get_luma (LiveKit *kit, guint frame)
{
  return g_array_index (kit->output.lumas, guint8, frame);
}

/* --- fit --- */

static void
show (LiveKit *kit, const char *fit)
{
  guint id;

  gst_util_set_object_arg (G_OBJECT (kit->live), "fit", fit);
  id = live_kit_append (kit, "a tower");
  live_kit_see (kit, "on-air", id);
  live_kit_wait_frames (kit, 3);
}

/* The clip's picture is a gradient from black to white, with a white block in
 * its first corner. */
static void
test_fit (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT, NULL);

  serve (kit, HEIGHT, WIDTH, 25);
  live_kit_play (kit);
  show (kit, "letterbox");
  g_assert_cmpint (look (kit, 2, 2), ==, BLACK);
  g_assert_cmpint (look (kit, 40, 93), ==, BLACK);
  g_assert_cmpint (look (kit, 120, 93), ==, BLACK);
  g_assert_cmpint (look (kit, WIDTH / 2, 93), >, 200);
  live_kit_see (kit, "finished", 0);

  show (kit, "crop");
  g_assert_cmpint (look (kit, 2, 2), >, 70);
  g_assert_cmpint (look (kit, 2, 2), <, 120);
  g_assert_cmpint (look (kit, WIDTH - 3, 93), >, 130);
  g_assert_cmpint (look (kit, WIDTH - 3, 93), <, 180);
  live_kit_see (kit, "finished", 0);

  show (kit, "stretch");
  g_assert_cmpint (look (kit, 2, 2), >, 200);
  g_assert_cmpint (look (kit, 2, 93), >, 200);
  g_assert_cmpint (look (kit, WIDTH - 3, 93), >, 200);
  live_kit_check (kit);
  g_assert_cmpuint (live_kit_get_bought (kit), ==, 1);
}

/* --- fades --- */

/* From FROM to TO in equal steps, one a frame. */
static void
check_fade (LiveKit *kit, guint first, int from, int to)
{
  for (int i = 0; i < STEPS; i++) {
    int due = from + (to - from) * (i + 1) / (STEPS + 1);

    g_assert_cmpint (ABS (get_luma (kit, first + (guint)i) - due), <=, 4);
  }
}

static void
test_fades (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, FADE "prefetch=2", NULL);
  guint begin, end;
  int card;

  serve (kit, 0, 0, 50);
  live_kit_append (kit, "one");
  live_kit_append (kit, "two");
  live_kit_play (kit);
  begin = wait_frame (kit, "on-air", 1);
  end = wait_frame (kit, "finished", 2);
  live_kit_wait_frames (kit, 3);
  live_kit_check (kit);

  card = get_luma (kit, begin - 1);
  g_assert_cmpint (card, <, 80);
  check_fade (kit, begin, card, WHITE);
  /* The slate does not shine through while one covers the other. */
  for (guint i = begin + STEPS; i < end - STEPS; i++)
    g_assert_cmpint (get_luma (kit, i), >, WHITE - 8);
  check_fade (kit, end - STEPS, WHITE, card);
  g_assert_cmpint (get_luma (kit, end), ==, card);
  /* They overlap by as much as they fade. */
  g_assert_cmpuint (end - begin, ==, 2 * 50 - STEPS);
}

/* --- the slate --- */

static char *
make_picture (void)
{
  char *path
      = g_strdup_printf ("%s/genvid-slate-%d.png", g_get_tmp_dir (), getpid ());
  g_autofree char *line = g_strdup_printf (
      "videotestsrc num-buffers=1 pattern=white ! "
      "video/x-raw,width=80,height=48 ! videoconvert ! pngenc ! "
      "filesink location=%s",
      path);
  g_autoptr (GstElement) pipeline = gst_parse_launch (line, NULL);
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_message_unref (gst_bus_timed_pop_filtered (
      bus, GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
  gst_element_set_state (pipeline, GST_STATE_NULL);

  return path;
}

static LiveKit *
start_with (const char *slate)
{
  g_autofree char *properties = g_strdup_printf (CUT "slate=%s", slate);
  LiveKit *kit = live_kit_new (NULL, properties, NULL);

  live_kit_play (kit);
  return kit;
}

/* A picture fills the frame, before and after an item. */
static void
test_slate_picture (void)
{
  g_autofree char *path = make_picture ();
  g_autoptr (LiveKit) kit = start_with (path);

  /* A picture has no length that could be waited for. */
  live_kit_wait_frames (kit, 60);
  g_assert_cmpint (look (kit, WIDTH / 2, HEIGHT / 2), >=, WHITE - 4);
  serve (kit, 0, 0, 20);
  live_kit_append (kit, "a boat");
  live_kit_see (kit, "on-air", 1);
  live_kit_wait_frames (kit, 3);
  g_assert_cmpint (look (kit, WIDTH / 2, HEIGHT / 2), <, WHITE - 40);
  live_kit_see (kit, "finished", 1);
  live_kit_wait_frames (kit, 3);
  g_assert_cmpint (look (kit, WIDTH / 2, HEIGHT / 2), >=, WHITE - 4);
  g_assert_cmpint (look (kit, 1, 1), >=, WHITE - 4);
  live_kit_check (kit);
  g_assert_cmpint (g_unlink (path), ==, 0);
}

/* A video, again and again, without its sound. */
static void
test_slate_video (void)
{
  g_autofree char *path
      = g_strdup_printf ("%s/genvid-slate-%d.mp4", g_get_tmp_dir (), getpid ());
  g_autoptr (GBytes) clip
      = live_clip_make (&(LiveClip){ .frames = 30, .sound = 1.2 });
  g_autoptr (LiveKit) kit = NULL;
  guint first = 0;
  int number;
  gsize size;
  const char *bytes = g_bytes_get_data (clip, &size);

  g_assert_true (g_file_set_contents (path, bytes, (gssize)size, NULL));
  kit = start_with (path);
  live_kit_wait_frames (kit, 20);
  while (look (kit, 2, 2) < WHITE - 20)
    live_kit_wait_frames (kit, 1);
  live_kit_wait_frames (kit, 75);
  live_kit_check (kit);
  while (g_array_index (kit->output.numbers, int, first) < 0)
    first++;
  number = g_array_index (kit->output.numbers, int, first);
  for (guint i = first + 1; i < kit->output.numbers->len; i++) {
    int next = g_array_index (kit->output.numbers, int, i);

    /* The seam may take a frame. */
    if (number < 28)
      g_assert_cmpint (next, ==, number + 1);
    else
      g_assert_true (next == 29 || next == 0 || next == 1);
    number = next;
  }
  g_assert_cmpuint (kit->output.clicks->len, ==, 0);
  g_assert_cmpint (g_unlink (path), ==, 0);
}

/* A slate that is not there is a warning, and the programme is shown. */
static void
test_slate_missing (void)
{
  g_autoptr (LiveKit) kit = start_with ("/nowhere/slate.png");
  g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (
      kit->bus, 60 * GST_SECOND, GST_MESSAGE_WARNING | GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (message);
  g_assert_cmpint (GST_MESSAGE_TYPE (message), ==, GST_MESSAGE_WARNING);
  gst_message_parse_warning (message, &error, NULL);
  g_assert_nonnull (strstr (error->message, "/nowhere/slate.png"));
  serve (kit, 0, 0, 20);
  live_kit_append (kit, "a boat");
  live_kit_see (kit, "finished", 1);
  live_kit_wait_frames (kit, 3);
  live_kit_check_numbers (kit, 0, 19);
  live_kit_check (kit);
}

int
main (int argc, char **argv)
{
  live_init (&argc, &argv);
  g_test_add_func ("/pictures/fit", test_fit);
  g_test_add_func ("/pictures/fades", test_fades);
  g_test_add_func ("/pictures/slate-picture", test_slate_picture);
  g_test_add_func ("/pictures/slate-video", test_slate_video);
  g_test_add_func ("/pictures/slate-missing", test_slate_missing);
  return g_test_run ();
}
