/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/audio/audio.h>
#include <gst/video/video.h>

#include "gstgenvidlivefeed.h"
#include "gstgenvidlivegrid.h"

G_BEGIN_DECLS

/* The part that is on air: compositor and audiomixer in the element's bin, each
 * behind it a filter with fixed caps. Both run by the clock alone and never
 * stop. Nothing is linked or unlinked while they run: there are three decks,
 * each with a feed for picture and one for sound, and a feed for the slate.
 *
 * Times are the mixers' running time; frame 0 is at 0. */

#define GST_GENVID_LIVE_N_DECKS 3

typedef struct _GstGenvidLiveMixer GstGenvidLiveMixer;

/* A place for one item. It is free or taken by the control thread; the item's
 * streaming threads push into it. */
typedef struct {
  GstGenvidLiveMixer *mixer;
  GstGenvidLiveFeed video;
  GstGenvidLiveFeed audio;
  gboolean taken;
  guint64 begin; /* the frame that the item begins at */
  gint pictured; /* atomic: pictures are being pushed */
  gint end;      /* atomic: the frame that it ends at, as far as is known */
  gint next;     /* atomic: the first frame that no picture was pushed for */
} GstGenvidLiveDeck;

/* All atomic where they are of two threads. */
typedef struct {
  guint64 frames;
  guint64 samples;
  guint repeated; /* frames in which a picture of an item was shown again */
  guint dropped;  /* pictures of items that came too late for their frame */
  guint late;     /* frames that left after their time */
} GstGenvidLiveCounts;

struct _GstGenvidLiveMixer {
  GstBin *bin; /* borrowed */
  GstElement *video, *audio;
  GstElement *video_filter, *audio_filter;
  GstCaps *video_caps, *audio_caps;
  GstVideoInfo video_info;
  GstAudioInfo audio_info;
  GstGenvidLiveGrid grid;
  GstGenvidLiveFeed
      pace[2]; /* never fed, so that the mixers wait for the clock */
  GstGenvidLiveFeed slate;
  GstGenvidLiveDeck decks[GST_GENVID_LIVE_N_DECKS];
  guint top; /* the z-order of the topmost deck */
  gulong gates[2];
  gboolean begun;

  gint position; /* atomic: the next frame to leave */
  gint stop;     /* atomic: the frame at which the stream ends; -1: never */
  gint ended[2]; /* atomic */
  GMutex lock;   /* for the counts */
  GstGenvidLiveCounts counts;

  GFunc tick; /* called every few frames, from a streaming thread */
  gpointer tick_data;
};

/* The caps must be fixed and raw. The elements are added to BIN, in NULL. */
GstGenvidLiveMixer *gst_genvid_live_mixer_new (GstBin *bin, GstCaps *video,
                                               GstCaps *audio);
/* Removes the elements, which must be in NULL. */
void gst_genvid_live_mixer_free (GstGenvidLiveMixer *mixer);

/* The pads that leave; owned by the caller. */
GstPad *gst_genvid_live_mixer_get_pad (GstGenvidLiveMixer *mixer,
                                       gboolean video);

/* What a sink must allow for. */
GstClockTime gst_genvid_live_mixer_get_latency (const GstGenvidLiveGrid *grid);

/* Once, when the mixers are in PAUSED or PLAYING: frame 0 is the first. */
void gst_genvid_live_mixer_begin (GstGenvidLiveMixer *mixer);

/* While the gate is shut nothing leaves, and the mixers wait. */
void gst_genvid_live_mixer_shut (GstGenvidLiveMixer *mixer);
void gst_genvid_live_mixer_release (GstGenvidLiveMixer *mixer);

guint64 gst_genvid_live_mixer_get_position (GstGenvidLiveMixer *mixer);
/* Frames from FRAME on do not leave; an EOS does. */
void gst_genvid_live_mixer_end (GstGenvidLiveMixer *mixer, guint64 frame);
void gst_genvid_live_mixer_count (GstGenvidLiveMixer *mixer,
                                  GstGenvidLiveCounts *counts);

/* A free deck, above all others and with levels of 1; NULL if there is none. */
GstGenvidLiveDeck *gst_genvid_live_deck_take (GstGenvidLiveMixer *mixer,
                                              guint64 begin);
/* The item ends at frame END. */
void gst_genvid_live_deck_limit (GstGenvidLiveDeck *deck, guint64 end);
/* Stops the pushes of the item's threads, which then must end before give. */
void gst_genvid_live_deck_stop (GstGenvidLiveDeck *deck);
void gst_genvid_live_deck_give (GstGenvidLiveDeck *deck);

/* From a streaming thread: the picture of frame INDEX of the item, the sound at
 * TIME after its begin. They take BUFFER and copy no data. */
void gst_genvid_live_deck_push_video (GstGenvidLiveDeck *deck,
                                      GstBuffer *buffer, guint64 index);
void gst_genvid_live_deck_push_audio (GstGenvidLiveDeck *deck,
                                      GstBuffer *buffer, GstClockTime time);

G_END_DECLS
