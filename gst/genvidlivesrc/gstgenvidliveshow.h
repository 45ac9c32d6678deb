/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gstgenvidliveitem.h"

G_BEGIN_DECLS

/* Which item is shown from which frame to which, and how one follows the
 * other. It decides ahead of the frames that leave, so that what it decides is
 * exact to the frame. For the control thread. */

typedef struct {
  GstGenvidLiveMixer *mixer;
  GstGenvidLiveItem *current; /* on air, or scheduled; nullable */
  GPtrArray *leaving;         /* items that end at a frame that is known */
  void (*finish) (GstGenvidLiveItem *item, gpointer data);
  gpointer data;
} GstGenvidLiveShow;

/* What there is to show now. */
typedef struct {
  GstClockTime transition;
  GstGenvidLiveItem *next; /* ready; nullable */
  GstClockTime next_begin; /* when it is to begin; NONE: when it can */
  gboolean hold;           /* there is no other, and the last picture stands */
  gboolean over;           /* there will be no other */
} GstGenvidLiveView;

/* FINISH is called for each item after its last frame has left; then the item
 * is freed. */
void gst_genvid_live_show_init (GstGenvidLiveShow *show,
                                GstGenvidLiveMixer *mixer,
                                void (*finish) (GstGenvidLiveItem *, gpointer),
                                gpointer data);
void gst_genvid_live_show_clear (GstGenvidLiveShow *show);

/* TRUE: the next item is the current one now, and the show's. */
gboolean gst_genvid_live_show_advance (GstGenvidLiveShow *show,
                                       const GstGenvidLiveView *view);
/* The item on air is to end as soon as it can, unless it is ending anyway.
 * SCHEDULED: likewise one that has not begun. FALSE: there is none. */
gboolean gst_genvid_live_show_skip (GstGenvidLiveShow *show,
                                    gboolean scheduled);

G_END_DECLS
