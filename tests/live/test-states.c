/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What applications do to a live pipeline: it goes on where it was, and stops
 * within 200 ms, whatever it is at. */

#include "live-kit.h"

#define CUT "max-cost=5 transition=cut "

static void
serve (LiveKit *kit, int frames)
{
  live_kit_serve (kit, live_clip_make (&(LiveClip){ .frames = frames,
                                                    .sound = frames / 25. }));
}

/* On the slate, while it is being generated, downloaded, decoded, on air. */
static void
test_null_in_each_phase (void)
{
  static const char *const phases[]
      = { "queued", "generating", "ready", "on-air", "finished" };

  for (guint i = 0; i < G_N_ELEMENTS (phases); i++) {
    g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT, NULL);

    serve (kit, 30);
    live_kit_append (kit, "a boat");
    live_kit_append (kit, "a plane");
    live_kit_play (kit);
    live_kit_see (kit, phases[i], 1);
    live_kit_stop (kit, GST_STATE_NULL);
    live_kit_stop (kit, GST_STATE_NULL);
  }
}

static void
test_null_while_downloading (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT, NULL);

  serve (kit, 30);
  genvid_sandbox_hold_download (kit->sandbox, 1000);
  live_kit_append (kit, "a boat");
  live_kit_play (kit);
  g_assert_true (genvid_sandbox_wait_held (
      kit->sandbox, GENVID_SANDBOX_GATE_DOWNLOAD, 1, 60000));
  live_kit_stop (kit, GST_STATE_NULL);
  genvid_sandbox_release (kit->sandbox, GENVID_SANDBOX_GATE_DOWNLOAD);
}

/* The second play begins anew with the same prompts, and pays nothing. */
static void
test_again (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT "prompts=<\"boat\">", NULL);

  serve (kit, 20);
  for (guint i = 0; i < 3; i++) {
    live_kit_play (kit);
    live_kit_see (kit, "finished", 0);
    live_kit_stop (kit, GST_STATE_NULL);
    g_assert_cmpuint (kit->output.gaps, ==, i);
    kit->output.frames = kit->output.samples = 0;
    kit->output.gaps = i + 1;
  }
  g_assert_cmpuint (live_kit_get_bought (kit), ==, 1);
}

static void
test_pause (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT, NULL);
  guint frames;

  serve (kit, 75);
  live_kit_append (kit, "a boat");
  live_kit_play (kit);
  live_kit_see (kit, "on-air", 1);
  for (guint i = 0; i < 3; i++) {
    g_assert_cmpint (gst_element_set_state (kit->pipeline, GST_STATE_PAUSED),
                     ==, GST_STATE_CHANGE_NO_PREROLL);
    frames = kit->output.frames;
    g_assert_null (
        gst_bus_timed_pop_filtered (kit->bus, GST_SECOND, GST_MESSAGE_ERROR));
    /* One frame may have been under way. */
    g_assert_cmpuint (kit->output.frames, <=, frames + 1);
    gst_element_set_state (kit->pipeline, GST_STATE_PLAYING);
    live_kit_wait_frames (kit, 10);
  }
  live_kit_see (kit, "finished", 1);
  live_kit_wait_frames (kit, 3);
  live_kit_check (kit);
  live_kit_check_numbers (kit, 0, 74);
}

/* A flushing seek, a latency change, an upstream flush: nothing happens. */
static void
test_events (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT, NULL);
  g_autoptr (GstElement) sink = NULL;
  g_autoptr (GstPad) pad = NULL;

  serve (kit, 75);
  live_kit_append (kit, "a boat");
  live_kit_play (kit);
  live_kit_see (kit, "on-air", 1);
  sink = gst_bin_get_by_name (GST_BIN (kit->pipeline), "video");
  pad = gst_element_get_static_pad (sink, "sink");
  g_assert_false (gst_element_seek_simple (kit->pipeline, GST_FORMAT_TIME,
                                           GST_SEEK_FLAG_FLUSH, 0));
  gst_pad_push_event (
      pad, gst_event_new_seek (1, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH,
                               GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_NONE, 0));
  gst_pad_push_event (pad, gst_event_new_qos (GST_QOS_TYPE_UNDERFLOW, 2,
                                              GST_SECOND, 10 * GST_SECOND));
  gst_pad_push_event (pad, gst_event_new_reconfigure ());
  gst_pipeline_set_latency (GST_PIPELINE (kit->pipeline), 500 * GST_MSECOND);
  gst_bin_recalculate_latency (GST_BIN (kit->pipeline));
  live_kit_see (kit, "finished", 1);
  live_kit_wait_frames (kit, 3);
  live_kit_check (kit);
  live_kit_check_numbers (kit, 0, 74);
}

/* Another clock, with another time, as when a sound card goes. */
static void
test_clock (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT, NULL);
  g_autoptr (GstClock) clock = g_object_new (
      GST_TYPE_SYSTEM_CLOCK, "clock-type", GST_CLOCK_TYPE_REALTIME, NULL);

  serve (kit, 75);
  live_kit_append (kit, "a boat");
  live_kit_play (kit);
  live_kit_see (kit, "on-air", 1);
  gst_element_set_state (kit->pipeline, GST_STATE_PAUSED);
  gst_pipeline_use_clock (GST_PIPELINE (kit->pipeline), clock);
  gst_element_set_state (kit->pipeline, GST_STATE_PLAYING);
  live_kit_see (kit, "finished", 1);
  live_kit_wait_frames (kit, 3);
  live_kit_check (kit);
  live_kit_check_numbers (kit, 0, 74);
}

typedef struct {
  GMutex lock;
  GCond cond;
  guint frames;
  GstClockTime first; /* running time */
  GstClockTime now;   /* then */
} Late;

static GstPadProbeReturn
note_late (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Late *late = data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  g_autoptr (GstEvent) event
      = gst_pad_get_sticky_event (pad, GST_EVENT_SEGMENT, 0);
  g_autoptr (GstElement) sink = gst_pad_get_parent_element (pad);
  const GstSegment *segment;

  gst_event_parse_segment (event, &segment);
  g_mutex_lock (&late->lock);
  if (late->frames++ == 0) {
    late->first = gst_segment_to_running_time (segment, GST_FORMAT_TIME,
                                               GST_BUFFER_PTS (buffer));
    late->now = gst_element_get_current_running_time (sink);
  }
  g_cond_signal (&late->cond);
  g_mutex_unlock (&late->lock);

  return GST_PAD_PROBE_OK;
}

/* Into a pipeline that has been running for a minute: the first frame is one
 * of now, and there is no burst. */
static void
test_late_join (void)
{
  g_autoptr (GstElement) pipeline = gst_parse_launch (
      "videotestsrc is-live=true ! fakesink sync=true", NULL);
  g_autoptr (GError) error = NULL;
  GstElement *live;
  g_autoptr (GstElement) sink = NULL;
  g_autoptr (GstPad) pad = NULL;
  g_autoptr (GstClock) clock = gst_system_clock_obtain ();
  Late late = { .frames = 0 };
  gint64 limit = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  g_mutex_init (&late.lock);
  g_cond_init (&late.cond);
  /* It has been running for a minute. */
  gst_element_set_start_time (pipeline, GST_CLOCK_TIME_NONE);
  gst_pipeline_use_clock (GST_PIPELINE (pipeline), clock);
  gst_element_set_base_time (pipeline,
                             gst_clock_get_time (clock) - 60 * GST_SECOND);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);

  live = gst_parse_bin_from_description (
      "genvidlivesrc name=l "
      "video-caps=video/x-raw,width=160,height=96,framerate=25/1 "
      "l.video ! fakesink name=sink sync=true l.audio ! fakesink sync=true",
      FALSE, &error);
  g_assert_no_error (error);
  sink = gst_bin_get_by_name (GST_BIN (live), "sink");
  pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, note_late, &late, NULL);
  gst_bin_add (GST_BIN (pipeline), live);
  g_assert_true (gst_element_sync_state_with_parent (live));
  g_mutex_lock (&late.lock);
  while (late.frames < 25)
    g_assert_true (g_cond_wait_until (&late.cond, &late.lock, limit));
  g_mutex_unlock (&late.lock);
  g_assert_cmpuint (late.first, >=, 59 * GST_SECOND);
  g_assert_cmpint (ABS (GST_CLOCK_DIFF (late.first, late.now)), <,
                   300 * GST_MSECOND);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  g_cond_clear (&late.cond);
  g_mutex_clear (&late.lock);
}

/* The element alone is paused: it goes on from now, and without a burst. */
static void
test_paused_alone (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT, NULL);
  guint before;

  live_kit_play (kit);
  live_kit_wait_frames (kit, 10);
  gst_element_set_locked_state (kit->live, TRUE);
  gst_element_set_state (kit->live, GST_STATE_PAUSED);
  before = kit->output.frames;
  g_assert_null (
      gst_bus_timed_pop_filtered (kit->bus, 2 * GST_SECOND, GST_MESSAGE_ERROR));
  g_assert_cmpuint (kit->output.frames, <=, before + 1);
  gst_element_set_state (kit->live, GST_STATE_PLAYING);
  live_kit_wait_frames (kit, 10);
  g_assert_cmpuint (kit->output.gaps, ==, 0);
  g_assert_cmpuint (live_kit_count (kit, "late"), <, 5);
  gst_element_set_locked_state (kit->live, FALSE);
}

int
main (int argc, char **argv)
{
  live_init (&argc, &argv);
  g_test_add_func ("/states/null-in-each-phase", test_null_in_each_phase);
  g_test_add_func ("/states/null-while-downloading",
                   test_null_while_downloading);
  g_test_add_func ("/states/again", test_again);
  g_test_add_func ("/states/pause", test_pause);
  g_test_add_func ("/states/events", test_events);
  g_test_add_func ("/states/clock", test_clock);
  g_test_add_func ("/states/late-join", test_late_join);
  g_test_add_func ("/states/paused-alone", test_paused_alone);
  return g_test_run ();
}
