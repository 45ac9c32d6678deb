/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gstgenvidlivemixer.h"

G_BEGIN_DECLS

/* One clip, decoded ahead in a pipeline of its own, so that nothing of it can
 * reach the pipeline that is on air: no state change, error, tag or clock. It
 * is prerolled, waits with some seconds of pictures and sound in the
 * programme's caps, and pushes them into a deck once it is told to.
 *
 * All functions are for the control thread. */
typedef struct _GstGenvidLiveDecoder GstGenvidLiveDecoder;

typedef enum {
  GST_GENVID_LIVE_FIT_LETTERBOX,
  GST_GENVID_LIVE_FIT_CROP,
  GST_GENVID_LIVE_FIT_STRETCH,
} GstGenvidLiveFit;

typedef struct {
  GstCaps *video_caps; /* borrowed */
  GstCaps *audio_caps; /* borrowed; NULL: the sound is not wanted */
  GstGenvidLiveFit fit;
  GstClockTime ahead;              /* how much is decoded ahead */
  GstClockTime in, out;            /* of the clip; NONE: its begin, its end */
  gboolean loop;                   /* without end */
  gboolean patient;                /* the source may wait for minutes */
  GMainContext *context;           /* of the control thread */
  void (*changed) (gpointer data); /* any thread; look again */
  /* What the source posts; control thread. */
  void (*message) (GstMessage *message, gpointer data);
  gpointer data;
} GstGenvidLiveDecoding;

/* What is known of the clip at this moment. Times are since its begin. */
typedef struct {
  gboolean ready; /* enough is decoded */
  gboolean has_video;
  gboolean has_audio;
  gboolean ended;              /* no more will be decoded */
  GstClockTime head;           /* how far it is decoded; the end if ended */
  GError *error;               /* borrowed; nullable */
  const GstStructure *details; /* of the error; borrowed, nullable */
} GstGenvidLiveDecoded;

/* Takes SOURCE, an element with a source pad of any media. DECODING is
 * copied. */
GstGenvidLiveDecoder *gst_genvid_live_decoder_new (
    GstElement *source, const GstGenvidLiveDecoding *decoding);
/* Stops the deck's pushes and ends all threads; may take as long as a state
 * change. The deck can be given afterwards. */
void gst_genvid_live_decoder_free (GstGenvidLiveDecoder *decoder);

void gst_genvid_live_decoder_look (GstGenvidLiveDecoder *decoder,
                                   GstGenvidLiveDecoded *decoded);

/* As the file says, less what is cut off; NONE: it does not say. */
GstClockTime gst_genvid_live_decoder_get_duration (
    GstGenvidLiveDecoder *decoder);

/* Begins to push. Once. */
void gst_genvid_live_decoder_start (GstGenvidLiveDecoder *decoder,
                                    GstGenvidLiveDeck *deck);
/* The same into a feed of pictures only, beginning at frame BEGIN. */
void gst_genvid_live_decoder_start_feed (GstGenvidLiveDecoder *decoder,
                                         GstGenvidLiveMixer *mixer,
                                         guint64 begin);

G_END_DECLS
