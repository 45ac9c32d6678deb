/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>
#include <gst/controller/controller.h>

G_BEGIN_DECLS

/* One input of a mixer: a source pad without an element, as GstHarness has
 * them, and the mixer's pad with a level (alpha or volume) that follows a
 * curve. Its timestamps are the programme's: running time of the mixer.
 *
 * It answers the latency query as a live source with a latency of 0, so a mixer
 * with a feed waits for the clock and not for data. */
typedef struct {
  GstPad *src;
  GstPad *sink;
  GstElement *mixer;                 /* borrowed */
  GstTimedValueControlSource *curve; /* nullable: no level */
  char *level;                       /* the property of the sink pad */
} GstGenvidLiveFeed;

/* LEVEL nullable. MIXER must outlive the feed. */
void gst_genvid_live_feed_open (GstGenvidLiveFeed *feed, GstElement *mixer,
                                const char *level);
void gst_genvid_live_feed_close (GstGenvidLiveFeed *feed);

/* What comes before the first buffer. */
void gst_genvid_live_feed_begin (GstGenvidLiveFeed *feed, GstCaps *caps);
/* Takes BUFFER; waits while the mixer has enough. */
GstFlowReturn gst_genvid_live_feed_push (GstGenvidLiveFeed *feed,
                                         GstBuffer *buffer);

/* After stop, pushes return FLUSHING and the mixer has forgotten all buffers of
 * the feed. */
void gst_genvid_live_feed_stop (GstGenvidLiveFeed *feed);
void gst_genvid_live_feed_restart (GstGenvidLiveFeed *feed, GstCaps *caps);

/* The level from now on. */
void gst_genvid_live_feed_set_level (GstGenvidLiveFeed *feed, double level);
/* The level goes from FROM at time BEGIN to TO at time END; it stays what it is
 * before, and TO afterwards. */
void gst_genvid_live_feed_fade (GstGenvidLiveFeed *feed, GstClockTime begin,
                                double from, GstClockTime end, double to);
/* Takes back a fade from BEGIN to END. */
void gst_genvid_live_feed_unfade (GstGenvidLiveFeed *feed, GstClockTime begin,
                                  GstClockTime end);
double gst_genvid_live_feed_get_level (GstGenvidLiveFeed *feed);
/* Whether the level is the same at BEGIN and at END. */
gboolean gst_genvid_live_feed_is_even (GstGenvidLiveFeed *feed,
                                       GstClockTime begin, GstClockTime end);

G_END_DECLS
