/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The mixers, what leaves them and when. */

#include "gstgenvidlivemixer.h"

/* How far an item's threads may fall behind the clock before it shows. */
#define SLACK (80 * GST_MSECOND)
/* A frame leaves the compositor when its time and the SLACK are over; what is
 * left is for composing it. */
#define HEADROOM (60 * GST_MSECOND)
/* Short blocks of sound cost more than all that is done with them. */
#define BLOCK (40 * GST_MSECOND)
#define TICK  (100 * GST_MSECOND)

GST_DEBUG_CATEGORY_EXTERN (gst_genvid_live_src_debug);
#define GST_CAT_DEFAULT gst_genvid_live_src_debug

GstClockTime
gst_genvid_live_mixer_get_latency (const GstGenvidLiveGrid *grid)
{
  return SLACK + HEADROOM + gst_genvid_live_grid_get_time (grid, 1);
}

guint64
gst_genvid_live_mixer_get_position (GstGenvidLiveMixer *mixer)
{
  return g_atomic_int_get (&mixer->position);
}

/* --- what leaves --- */

static gboolean
is_late (GstGenvidLiveMixer *mixer, GstClockTime time)
{
  g_autoptr (GstClock) clock = gst_element_get_clock (mixer->video);
  GstClockTime base = gst_element_get_base_time (mixer->video);

  return clock != NULL
         && gst_clock_get_time (clock)
                > base + time
                      + gst_genvid_live_mixer_get_latency (&mixer->grid);
}

static guint
count_repeats (GstGenvidLiveMixer *mixer, guint64 frame)
{
  guint repeats = 0;

  for (guint i = 0; i < GST_GENVID_LIVE_N_DECKS; i++) {
    GstGenvidLiveDeck *deck = &mixer->decks[i];

    if (g_atomic_int_get (&deck->pictured) && frame >= deck->begin
        && frame < (guint64)g_atomic_int_get (&deck->end)
        && frame >= (guint64)g_atomic_int_get (&deck->next))
      repeats++;
  }
  return repeats;
}

/* The stream ends here, from the thread that would have pushed the buffer, so
 * that nobody else can be held up by a sink. */
static GstPadProbeReturn
end_stream (GstGenvidLiveMixer *mixer, GstPad *pad, gboolean video)
{
  if (g_atomic_int_compare_and_exchange (&mixer->ended[video], FALSE, TRUE))
    gst_pad_push_event (pad, gst_event_new_eos ());
  return GST_PAD_PROBE_DROP;
}

static gboolean
is_over (GstGenvidLiveMixer *mixer, GstClockTime time)
{
  int stop = g_atomic_int_get (&mixer->stop);

  return stop >= 0
         && time >= gst_genvid_live_grid_get_time (&mixer->grid, stop);
}

static GstPadProbeReturn
pass_video (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstGenvidLiveMixer *mixer = data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  GstClockTime time = GST_BUFFER_PTS (buffer);
  guint64 frame = gst_genvid_live_grid_get_nearest (&mixer->grid, time);
  guint64 few = gst_genvid_live_grid_get_frame (&mixer->grid, TICK);

  if (is_over (mixer, time)) {
    g_atomic_int_set (&mixer->position, frame + 1);
    mixer->tick (mixer, mixer->tick_data);
    return end_stream (mixer, pad, TRUE);
  }
  g_mutex_lock (&mixer->lock);
  mixer->counts.frames++;
  mixer->counts.repeated += count_repeats (mixer, frame);
  mixer->counts.late += is_late (mixer, time);
  g_mutex_unlock (&mixer->lock);

  g_atomic_int_set (&mixer->position, frame + 1);
  if (frame % few == 0)
    mixer->tick (mixer, mixer->tick_data);

  return GST_PAD_PROBE_OK;
}

/* Sound ends with the picture, which may be within a block. */
static GstBuffer *
cut_audio (GstGenvidLiveMixer *mixer, GstBuffer *buffer)
{
  int stop = g_atomic_int_get (&mixer->stop);
  GstClockTime end;
  GstSegment segment;

  if (stop < 0)
    return buffer;
  end = gst_genvid_live_grid_get_time (&mixer->grid, stop);
  if (GST_BUFFER_PTS (buffer) + GST_BUFFER_DURATION (buffer) <= end)
    return buffer;
  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.stop = end;
  return gst_audio_buffer_clip (buffer, &segment,
                                GST_AUDIO_INFO_RATE (&mixer->audio_info),
                                GST_AUDIO_INFO_BPF (&mixer->audio_info));
}

static GstPadProbeReturn
pass_audio (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstGenvidLiveMixer *mixer = data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);

  if (is_over (mixer, GST_BUFFER_PTS (buffer)))
    return end_stream (mixer, pad, FALSE);
  buffer = cut_audio (mixer, buffer);
  GST_PAD_PROBE_INFO_DATA (info) = buffer;
  g_mutex_lock (&mixer->lock);
  mixer->counts.samples
      += gst_buffer_get_size (buffer) / GST_AUDIO_INFO_BPF (&mixer->audio_info);
  g_mutex_unlock (&mixer->lock);

  return GST_PAD_PROBE_OK;
}

/* The mixers ask for a pool whenever a pad's caps arrive. The query would wait
 * behind all buffers in a queue downstream. */
static GstPadProbeReturn
stop_allocation (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstQuery *query = GST_PAD_PROBE_INFO_QUERY (info);

  return GST_QUERY_TYPE (query) == GST_QUERY_ALLOCATION ? GST_PAD_PROBE_HANDLED
                                                        : GST_PAD_PROBE_OK;
}

GstPad *
gst_genvid_live_mixer_get_pad (GstGenvidLiveMixer *mixer, gboolean video)
{
  return gst_element_get_static_pad (
      video ? mixer->video_filter : mixer->audio_filter, "src");
}

static void
watch (GstGenvidLiveMixer *mixer, gboolean video)
{
  g_autoptr (GstPad) pad = gst_genvid_live_mixer_get_pad (mixer, video);

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER,
                     video ? pass_video : pass_audio, mixer, NULL);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM, stop_allocation,
                     mixer, NULL);
}

/* Nothing, with a time. */
static GstBuffer *
make_gap (GstClockTime duration)
{
  GstBuffer *buffer = gst_buffer_new ();

  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_GAP);
  GST_BUFFER_PTS (buffer) = 0;
  GST_BUFFER_DURATION (buffer) = duration;

  return buffer;
}

/* GstAggregator moves its position back to its start time when its very first
 * buffer arrives, however late. So the first one comes before the first frame,
 * which waits for it, and is nothing. */
void
gst_genvid_live_mixer_begin (GstGenvidLiveMixer *mixer)
{
  if (mixer->begun)
    return;
  mixer->begun = TRUE;
  gst_genvid_live_feed_begin (&mixer->pace[0], mixer->video_caps);
  gst_genvid_live_feed_begin (&mixer->pace[1], mixer->audio_caps);
  gst_genvid_live_feed_push (
      &mixer->pace[0],
      make_gap (gst_genvid_live_grid_get_time (&mixer->grid, 1)));
  gst_genvid_live_feed_push (&mixer->pace[1], make_gap (10 * GST_MSECOND));
}

static GstPadProbeReturn
hold (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  return GST_PAD_PROBE_OK;
}

void
gst_genvid_live_mixer_shut (GstGenvidLiveMixer *mixer)
{
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GstPad) pad = gst_genvid_live_mixer_get_pad (mixer, i);

    if (mixer->gates[i] == 0)
      mixer->gates[i] = gst_pad_add_probe (
          pad, GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER, hold, NULL,
          NULL);
  }
}

void
gst_genvid_live_mixer_release (GstGenvidLiveMixer *mixer)
{
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GstPad) pad = gst_genvid_live_mixer_get_pad (mixer, i);

    if (mixer->gates[i] != 0)
      gst_pad_remove_probe (pad, mixer->gates[i]);
    mixer->gates[i] = 0;
  }
}

void
gst_genvid_live_mixer_end (GstGenvidLiveMixer *mixer, guint64 frame)
{
  int former = g_atomic_int_get (&mixer->stop);

  if (former < 0 || frame < (guint64)former)
    g_atomic_int_set (&mixer->stop, frame);
}

void
gst_genvid_live_mixer_count (GstGenvidLiveMixer *mixer,
                             GstGenvidLiveCounts *counts)
{
  g_mutex_lock (&mixer->lock);
  *counts = mixer->counts;
  g_mutex_unlock (&mixer->lock);
}

/* --- its life --- */

static void
open_feeds (GstGenvidLiveMixer *mixer)
{
  gst_genvid_live_feed_open (&mixer->pace[0], mixer->video, NULL);
  gst_genvid_live_feed_open (&mixer->pace[1], mixer->audio, NULL);
  gst_genvid_live_feed_open (&mixer->slate, mixer->video, "alpha");
  gst_genvid_live_feed_begin (&mixer->slate, mixer->video_caps);
  for (guint i = 0; i < GST_GENVID_LIVE_N_DECKS; i++) {
    GstGenvidLiveDeck *deck = &mixer->decks[i];

    deck->mixer = mixer;
    gst_genvid_live_feed_open (&deck->video, mixer->video, "alpha");
    gst_genvid_live_feed_open (&deck->audio, mixer->audio, "volume");
    gst_genvid_live_feed_begin (&deck->video, mixer->video_caps);
    gst_genvid_live_feed_begin (&deck->audio, mixer->audio_caps);
  }
  mixer->top = GST_GENVID_LIVE_N_DECKS + 2;
}

static GstElement *
add (GstBin *bin, const char *factory, const char *name)
{
  GstElement *element = gst_element_factory_make (factory, name);

  if (element != NULL)
    gst_bin_add (bin, element);
  return element;
}

static gboolean
add_elements (GstGenvidLiveMixer *mixer)
{
  mixer->video = add (mixer->bin, "compositor", "video-mixer");
  mixer->audio = add (mixer->bin, "audiomixer", "audio-mixer");
  mixer->video_filter = add (mixer->bin, "capsfilter", "video-filter");
  mixer->audio_filter = add (mixer->bin, "capsfilter", "audio-filter");
  if (mixer->video == NULL || mixer->audio == NULL
      || mixer->video_filter == NULL || mixer->audio_filter == NULL)
    return FALSE;

  /* Picture and sound of the same time leave at the same time: a mixer waits
   * for the duration of its output buffer as well. */
  g_object_set (mixer->video, "latency", SLACK, NULL);
  gst_util_set_object_arg (G_OBJECT (mixer->video), "background", "black");
  g_object_set (mixer->audio, "latency", SLACK, "output-buffer-duration", BLOCK,
                NULL);
  gst_util_set_object_arg (G_OBJECT (mixer->video), "start-time-selection",
                           "first");
  gst_util_set_object_arg (G_OBJECT (mixer->audio), "start-time-selection",
                           "first");
  g_object_set (mixer->video_filter, "caps", mixer->video_caps, NULL);
  g_object_set (mixer->audio_filter, "caps", mixer->audio_caps, NULL);

  return gst_element_link (mixer->video, mixer->video_filter)
         && gst_element_link (mixer->audio, mixer->audio_filter);
}

GstGenvidLiveMixer *
gst_genvid_live_mixer_new (GstBin *bin, GstCaps *video, GstCaps *audio)
{
  GstGenvidLiveMixer *mixer = g_new0 (GstGenvidLiveMixer, 1);

  g_mutex_init (&mixer->lock);
  mixer->bin = bin;
  mixer->stop = -1;
  mixer->video_caps = gst_caps_ref (video);
  mixer->audio_caps = gst_caps_ref (audio);
  gst_video_info_from_caps (&mixer->video_info, video);
  gst_audio_info_from_caps (&mixer->audio_info, audio);
  mixer->grid.rate_n = GST_VIDEO_INFO_FPS_N (&mixer->video_info);
  mixer->grid.rate_d = GST_VIDEO_INFO_FPS_D (&mixer->video_info);
  if (!add_elements (mixer)) {
    gst_genvid_live_mixer_free (mixer);
    return NULL;
  }
  open_feeds (mixer);
  watch (mixer, TRUE);
  watch (mixer, FALSE);

  return mixer;
}

static void
drop (GstGenvidLiveMixer *mixer, GstElement *element)
{
  if (element == NULL)
    return;
  gst_element_set_locked_state (element, TRUE);
  gst_element_set_state (element, GST_STATE_NULL);
  gst_bin_remove (mixer->bin, element);
}

void
gst_genvid_live_mixer_free (GstGenvidLiveMixer *mixer)
{
  gst_genvid_live_feed_close (&mixer->pace[0]);
  gst_genvid_live_feed_close (&mixer->pace[1]);
  gst_genvid_live_feed_close (&mixer->slate);
  for (guint i = 0; i < GST_GENVID_LIVE_N_DECKS; i++) {
    gst_genvid_live_feed_close (&mixer->decks[i].video);
    gst_genvid_live_feed_close (&mixer->decks[i].audio);
  }
  drop (mixer, mixer->video);
  drop (mixer, mixer->audio);
  drop (mixer, mixer->video_filter);
  drop (mixer, mixer->audio_filter);
  gst_caps_unref (mixer->video_caps);
  gst_caps_unref (mixer->audio_caps);
  g_mutex_clear (&mixer->lock);
  g_free (mixer);
}
