/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Clips as services make them, and worse ones. Each picture carries its number
 * in black and white blocks, which survive an encoder; the sound is a click
 * with the picture of LIVE_CLIP_FLASH. */

#define LIVE_CLIP_FLASH 12

typedef struct {
  int width, height; /* 0: 160 × 96 */
  int rate_n;        /* 0: 25/1 */
  int rate_d;
  int frames;          /* 0: no picture */
  double sound;        /* seconds; 0: no sound */
  const char *encoder; /* NULL: x264enc and what it needs to be muxed */
  const char *muxer;   /* NULL: qtmux with raw sound */
  const char *voice;   /* the encoder of the sound; NULL: raw */
  gboolean variable;   /* every third picture is missing */
} LiveClip;

/* Owned by the caller; NULL: an element that it needs is not installed. */
GBytes *live_clip_make (const LiveClip *clip);
/* The same file with bytes in the second half of its media overwritten. */
GBytes *live_clip_damage (GBytes *clip);

/* The first half of the media of a file whose index comes first; its boxes are
 * as they should be. */
GBytes *live_clip_cut (GBytes *clip);

/* The number in a picture of I420, -1: there is none. */
int live_clip_read (const guint8 *luma, int stride);

G_END_DECLS
