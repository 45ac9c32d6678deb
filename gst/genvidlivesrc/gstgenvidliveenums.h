/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gstgenvidlivedecoder.h"

G_BEGIN_DECLS

/* genvidlivesrc's enums for GObject. */

typedef enum {
  GST_GENVID_LIVE_STATE_SLATE,
  GST_GENVID_LIVE_STATE_ON_AIR,
} GstGenvidLiveState;

typedef enum {
  GST_GENVID_LIVE_TRANSITION_CUT,
  GST_GENVID_LIVE_TRANSITION_CROSSFADE,
} GstGenvidLiveTransition;

typedef enum {
  GST_GENVID_LIVE_START_WHOLE,
  GST_GENVID_LIVE_START_EARLY,
} GstGenvidLiveStart;

typedef enum {
  GST_GENVID_LIVE_WHEN_EMPTY_SLATE,
  GST_GENVID_LIVE_WHEN_EMPTY_HOLD,
  GST_GENVID_LIVE_WHEN_EMPTY_LOOP,
} GstGenvidLiveWhenEmpty;

/**
 * GstGenvidLiveState:
 * @GST_GENVID_LIVE_STATE_SLATE: no item is on air
 * @GST_GENVID_LIVE_STATE_ON_AIR: an item is on air
 *
 * What genvidlivesrc shows.
 *
 * Since: 0.1
 */
#define GST_TYPE_GENVID_LIVE_STATE (gst_genvid_live_state_get_type ())
GType gst_genvid_live_state_get_type (void);

/**
 * GstGenvidLiveTransition:
 * @GST_GENVID_LIVE_TRANSITION_CUT: from one frame to the next
 * @GST_GENVID_LIVE_TRANSITION_CROSSFADE: picture and sound fade
 *
 * How items and the slate follow each other.
 *
 * Since: 0.1
 */
#define GST_TYPE_GENVID_LIVE_TRANSITION (gst_genvid_live_transition_get_type ())
GType gst_genvid_live_transition_get_type (void);

/**
 * GstGenvidLiveStart:
 * @GST_GENVID_LIVE_START_WHOLE: when its clip is whole in the store
 * @GST_GENVID_LIVE_START_EARLY: as soon as its clip can be played
 *
 * When an item may go on air.
 *
 * Since: 0.1
 */
#define GST_TYPE_GENVID_LIVE_START (gst_genvid_live_start_get_type ())
GType gst_genvid_live_start_get_type (void);

/**
 * GstGenvidLiveFit:
 * @GST_GENVID_LIVE_FIT_LETTERBOX: all of it, with black borders
 * @GST_GENVID_LIVE_FIT_CROP: the borders of the clip are cut off
 * @GST_GENVID_LIVE_FIT_STRETCH: the picture is distorted
 *
 * How a clip of another aspect ratio is shown.
 *
 * Since: 0.1
 */
#define GST_TYPE_GENVID_LIVE_FIT (gst_genvid_live_fit_get_type ())
GType gst_genvid_live_fit_get_type (void);

/**
 * GstGenvidLiveWhenEmpty:
 * @GST_GENVID_LIVE_WHEN_EMPTY_SLATE: the slate
 * @GST_GENVID_LIVE_WHEN_EMPTY_HOLD: the last picture of the last item
 * @GST_GENVID_LIVE_WHEN_EMPTY_LOOP: the playlist again
 *
 * What follows the last item.
 *
 * Since: 0.1
 */
#define GST_TYPE_GENVID_LIVE_WHEN_EMPTY (gst_genvid_live_when_empty_get_type ())
GType gst_genvid_live_when_empty_get_type (void);

G_END_DECLS
