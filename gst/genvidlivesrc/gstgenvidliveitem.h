/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gstgenvidliveplaylist.h"
#include "gstgenvidlivesettings.h"

G_BEGIN_DECLS

/* One item on its way from an entry of the playlist to the end of its show:
 * it is bought in a pipeline of its own, decoded in another, and pushed into a
 * deck. For the control thread. */

typedef enum {
  GST_GENVID_LIVE_WAITING,  /* nothing was begun */
  GST_GENVID_LIVE_BUYING,   /* its clip is bought or awaited */
  GST_GENVID_LIVE_BOUGHT,   /* its clip may be decoded */
  GST_GENVID_LIVE_DECODING, /* it is being prerolled */
  GST_GENVID_LIVE_READY,    /* it may go on air */
  GST_GENVID_LIVE_ON_AIR,   /* it has a deck and a frame to begin at */
} GstGenvidLivePhase;

#define GST_GENVID_LIVE_NO_FRAME G_MAXUINT64

typedef struct {
  guint id;
  GstGenvidLiveEntry *entry;
  GstGenvidLivePhase phase;

  GstElement *purchase; /* nullable */
  GSource *purchase_watch;
  GstGenvidLiveDecoder *decoder; /* nullable */
  GstGenvidLiveDecoded decoded;  /* as of the last look */
  GstClockTime duration;         /* as the file says; NONE: it does not */

  /* What genvidsrc said. */
  double cost;
  char *currency;
  char *origin;
  char *status; /* one line for the slate */
  gboolean generating;
  gboolean told_generating;
  gboolean told_ready;
  gboolean whole;

  GError *error; /* what ended it */
  GstStructure *details;
  gboolean late; /* it could not keep up */

  /* On air. */
  GstGenvidLiveDeck *deck;
  guint64 begin;
  guint64 end;     /* NO_FRAME: not known yet */
  guint64 fade;    /* the first frame with full levels */
  guint64 planned; /* the end that its picture has been given */
  gboolean told;   /* that it is on air */
  gboolean held;   /* its last picture stands */
  gboolean skipped;

  GMainContext *context; /* borrowed, as what follows */
  void (*changed) (gpointer data);
  gpointer data;
} GstGenvidLiveItem;

/* Takes ENTRY. CHANGED is called from any thread. */
GstGenvidLiveItem *gst_genvid_live_item_new (GstGenvidLiveEntry *entry,
                                             GMainContext *context,
                                             void (*changed) (gpointer),
                                             gpointer data);
/* Ends its pipelines and gives its deck. */
void gst_genvid_live_item_free (GstGenvidLiveItem *item);

/* They fail by setting the error. */
void gst_genvid_live_item_buy (GstGenvidLiveItem *item,
                               const GstGenvidLiveSettings *settings);
void gst_genvid_live_item_decode (GstGenvidLiveItem *item,
                                  const GstGenvidLiveSettings *settings,
                                  GstGenvidLiveMixer *mixer);
/* Updates the phase and what is known of the clip. */
void gst_genvid_live_item_look (GstGenvidLiveItem *item);

/* A field of the entry in nanoseconds; NONE: it has none. */
GstClockTime gst_genvid_live_item_get_time (GstGenvidLiveItem *item,
                                            const char *field);
/* What the item is called; borrowed. */
const char *gst_genvid_live_item_get_prompt (GstGenvidLiveItem *item);

G_END_DECLS
