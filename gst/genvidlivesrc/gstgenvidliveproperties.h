/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gstgenvidlivesrc.h"

G_BEGIN_DECLS

/* The properties of genvidlivesrc. */
enum {
  PROP_0,
  /**
   * GstGenvidLiveSrc:prompts:
   *
   * The playlist: an array of strings, each a prompt or a genvid: URI with its
   * own settings. Setting it replaces what waits.
   *
   * Since: 0.1
   */
  PROP_PROMPTS,
  /**
   * GstGenvidLiveSrc:defaults:
   *
   * Properties of genvidsrc for each item: a structure of any name. Keys,
   * limits and the store are properties of this element.
   *
   * Since: 0.1
   */
  PROP_DEFAULTS,
  /**
   * GstGenvidLiveSrc:max-cost:
   *
   * As #GstGenvidSrc:max-cost, for each item.
   *
   * Since: 0.1
   */
  PROP_MAX_COST,
  /**
   * GstGenvidLiveSrc:budget:
   *
   * As #GstGenvidSrc:budget, for all items.
   *
   * Since: 0.1
   */
  PROP_BUDGET,
  /**
   * GstGenvidLiveSrc:reuse:
   *
   * As #GstGenvidSrc:reuse, for each item.
   *
   * Since: 0.1
   */
  PROP_REUSE,
  /**
   * GstGenvidLiveSrc:api-key-file:
   *
   * As #GstGenvidSrc:api-key-file.
   *
   * Since: 0.1
   */
  PROP_API_KEY_FILE,
  /**
   * GstGenvidLiveSrc:store:
   *
   * As #GstGenvidSrc:store.
   *
   * Since: 0.1
   */
  PROP_STORE,
  /**
   * GstGenvidLiveSrc:video-caps:
   *
   * What the video pad has, always: raw video, progressive, at a fixed rate.
   * What the caps leave open is 1280x720, 25/1, I420.
   *
   * Since: 0.1
   */
  PROP_VIDEO_CAPS,
  /**
   * GstGenvidLiveSrc:audio-caps:
   *
   * What the audio pad has, always: raw audio, interleaved. What the caps leave
   * open is 48 kHz, stereo, F32.
   *
   * Since: 0.1
   */
  PROP_AUDIO_CAPS,
  /**
   * GstGenvidLiveSrc:slate:
   *
   * The path of a picture or a video, which is shown while nothing is on air.
   *
   * Since: 0.1
   */
  PROP_SLATE,
  /**
   * GstGenvidLiveSrc:slate-text:
   *
   * Whether the plain card shows the prompt of the next item.
   *
   * Since: 0.1
   */
  PROP_SLATE_TEXT,
  /**
   * GstGenvidLiveSrc:transition:
   *
   * How items and the slate follow each other; sound does the same as the
   * picture.
   *
   * Since: 0.1
   */
  PROP_TRANSITION,
  /**
   * GstGenvidLiveSrc:transition-duration:
   *
   * How long a crossfade takes, in nanoseconds; at most half of a clip.
   *
   * Since: 0.1
   */
  PROP_TRANSITION_DURATION,
  /**
   * GstGenvidLiveSrc:start:
   *
   * When an item may go on air.
   *
   * Since: 0.1
   */
  PROP_START,
  /**
   * GstGenvidLiveSrc:fit:
   *
   * How a clip of another aspect ratio is shown.
   *
   * Since: 0.1
   */
  PROP_FIT,
  /**
   * GstGenvidLiveSrc:when-empty:
   *
   * What follows the last item.
   *
   * Since: 0.1
   */
  PROP_WHEN_EMPTY,
  /**
   * GstGenvidLiveSrc:prefetch:
   *
   * How many items are generated ahead of the one on air.
   *
   * Since: 0.1
   */
  PROP_PREFETCH,
  /**
   * GstGenvidLiveSrc:state:
   *
   * Whether an item is on air. Notified on each change, from a thread of the
   * element.
   *
   * Since: 0.1
   */
  PROP_STATE,
  /**
   * GstGenvidLiveSrc:current:
   *
   * The id of the item on air; 0 is none. Notified on each change, from a
   * thread of the element.
   *
   * Since: 0.1
   */
  PROP_CURRENT,
  /**
   * GstGenvidLiveSrc:queued:
   *
   * How many items wait.
   *
   * Since: 0.1
   */
  PROP_QUEUED,
  /**
   * GstGenvidLiveSrc:stats:
   *
   * A structure genvid-live-stats with counts since the start.
   * genvid-messages.h lists its fields.
   *
   * Since: 0.1
   */
  PROP_STATS,
  N_PROPERTIES,
};

void gst_genvid_live_src_install_properties (GObjectClass *klass);
/* The state or the item on air is another. No lock may be held. */
void gst_genvid_live_src_notify (GstElement *element, guint current);

G_END_DECLS
