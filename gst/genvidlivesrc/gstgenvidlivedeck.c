/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An item's way into the mixers: its pictures and its sound get the
 * timestamps of the programme. */

#include "gstgenvidlivemixer.h"

/* The volume is constant within an input buffer, so that fades need short
 * ones. Each costs the mixer a look at all its pads. */
#define SHORT (10 * GST_MSECOND)
#define LONG  (40 * GST_MSECOND)

GstGenvidLiveDeck *
gst_genvid_live_deck_take (GstGenvidLiveMixer *mixer, guint64 begin)
{
  GstGenvidLiveDeck *deck = NULL;

  for (guint i = 0; i < GST_GENVID_LIVE_N_DECKS && deck == NULL; i++)
    if (!mixer->decks[i].taken)
      deck = &mixer->decks[i];
  if (deck == NULL)
    return NULL;

  deck->taken = TRUE;
  deck->begin = begin;
  g_atomic_int_set (&deck->next, begin);
  g_atomic_int_set (&deck->end, G_MAXINT);
  gst_genvid_live_feed_set_level (&deck->video, 1);
  gst_genvid_live_feed_set_level (&deck->audio, 1);
  g_object_set (deck->video.sink, "zorder", ++mixer->top, NULL);

  return deck;
}

void
gst_genvid_live_deck_limit (GstGenvidLiveDeck *deck, guint64 end)
{
  g_atomic_int_set (&deck->end, end);
}

void
gst_genvid_live_deck_stop (GstGenvidLiveDeck *deck)
{
  g_atomic_int_set (&deck->pictured, FALSE);
  gst_genvid_live_feed_stop (&deck->video);
  gst_genvid_live_feed_stop (&deck->audio);
}

void
gst_genvid_live_deck_give (GstGenvidLiveDeck *deck)
{
  gst_genvid_live_feed_restart (&deck->video, deck->mixer->video_caps);
  gst_genvid_live_feed_restart (&deck->audio, deck->mixer->audio_caps);
  deck->taken = FALSE;
}

/* A picture whose frame has left is of no use. */
static gboolean
is_past (GstGenvidLiveDeck *deck, guint64 frame)
{
  GstGenvidLiveMixer *mixer = deck->mixer;

  if (frame >= gst_genvid_live_mixer_get_position (mixer))
    return FALSE;
  g_mutex_lock (&mixer->lock);
  mixer->counts.dropped++;
  g_mutex_unlock (&mixer->lock);

  return TRUE;
}

void
gst_genvid_live_deck_push_video (GstGenvidLiveDeck *deck, GstBuffer *buffer,
                                 guint64 index)
{
  const GstGenvidLiveGrid *grid = &deck->mixer->grid;
  guint64 frame = deck->begin + index;
  GstBuffer *moved;

  if (is_past (deck, frame)) {
    gst_buffer_unref (buffer);
    return;
  }
  moved = gst_buffer_make_writable (buffer);
  GST_BUFFER_PTS (moved) = gst_genvid_live_grid_get_time (grid, frame);
  GST_BUFFER_DTS (moved) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_DURATION (moved) = gst_genvid_live_grid_get_time (grid, frame + 1)
                                - GST_BUFFER_PTS (moved);
  if (gst_genvid_live_feed_push (&deck->video, moved) == GST_FLOW_OK)
    g_atomic_int_set (&deck->next, frame + 1);
}

static GstBuffer *
cut (GstBuffer *buffer, const GstAudioInfo *info, gsize first, gsize samples)
{
  gsize size = GST_AUDIO_INFO_BPF (info);

  return gst_buffer_copy_region (buffer, GST_BUFFER_COPY_ALL, first * size,
                                 samples * size);
}

/* How many of the LEFT samples go with the one at TIME. */
static gsize
get_run (GstGenvidLiveDeck *deck, GstClockTime time, gsize left)
{
  int rate = GST_AUDIO_INFO_RATE (&deck->mixer->audio_info);
  GstClockTime end = time + gst_util_uint64_scale (left, GST_SECOND, rate);
  gboolean even = gst_genvid_live_feed_is_even (&deck->audio, time,
                                                MIN (end, time + LONG));

  return MIN (left,
              gst_util_uint64_scale (even ? LONG : SHORT, rate, GST_SECOND));
}

void
gst_genvid_live_deck_push_audio (GstGenvidLiveDeck *deck, GstBuffer *buffer,
                                 GstClockTime time)
{
  const GstAudioInfo *info = &deck->mixer->audio_info;
  int rate = GST_AUDIO_INFO_RATE (info);
  gsize total = gst_buffer_get_size (buffer) / GST_AUDIO_INFO_BPF (info);
  guint64 offset = gst_util_uint64_scale_round (time, rate, GST_SECOND);
  GstClockTime begin
      = gst_genvid_live_grid_get_time (&deck->mixer->grid, deck->begin);
  GstFlowReturn flow = GST_FLOW_OK;
  gsize samples;

  for (gsize done = 0; done < total && flow == GST_FLOW_OK; done += samples) {
    guint64 first = offset + done;
    GstClockTime at = begin + gst_util_uint64_scale (first, GST_SECOND, rate);
    GstBuffer *part;

    samples = get_run (deck, at, total - done);
    part = cut (buffer, info, done, samples);
    GST_BUFFER_PTS (part) = at;
    GST_BUFFER_DTS (part) = GST_CLOCK_TIME_NONE;
    GST_BUFFER_DURATION (part)
        = begin + gst_util_uint64_scale (first + samples, GST_SECOND, rate)
          - at;
    if (done > 0)
      GST_BUFFER_FLAG_UNSET (part, GST_BUFFER_FLAG_DISCONT);
    flow = gst_genvid_live_feed_push (&deck->audio, part);
  }
  gst_buffer_unref (buffer);
}
