/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether a clip that is being downloaded will be there in time for a player
 * that plays it from now on. Pure: no clock, no I/O. A value; zeroed, it knows
 * nothing. Times are monotonic microseconds, unless they say seconds. */

/* What is known of the clip and of its reader at one moment. */
typedef struct {
  guint64 size;
  guint64 present;  /* bytes that are there */
  guint64 position; /* where the reader goes on */
  guint64 ready;    /* bytes from there on without a gap */
  guint64 before;   /* missing bytes before it */
  guint64 after;    /* missing bytes behind it */
  double duration;  /* seconds; 0: unknown */
  double played;    /* seconds that the element was PLAYING, in all */
  guint jumps;      /* seeks */
} GstGenvidSupply;

typedef struct {
  /* The line. */
  gboolean begun;
  guint64 present; /* at the last measurement */
  gint64 measured;
  gint64 since; /* of the first bytes that were seen to arrive; 0: none yet */
  double rate;  /* bytes a second */

  /* The player. */
  guint jumps;
  double left; /* seconds to play, when it had PLAYED */
  double played;

  gboolean low; /* it had better wait */
  double lack;  /* bytes that lacked when it became so */
  int percent;
} GstGenvidPlaythrough;

/* 100: it can play. Less: it had better wait; that much of what it waits for
 * is there. Never falls while it waits. */
int gst_genvid_playthrough_update (GstGenvidPlaythrough *self,
                                   const GstGenvidSupply *supply, gint64 now);

/* For gst_message_set_buffering_stats and its like. */
typedef struct {
  int in, out;  /* bytes a second */
  gint64 wait;  /* milliseconds until it can play; -1: unknown */
  gint64 whole; /* milliseconds until all is there; -1: unknown */
} GstGenvidPlaythroughStats;

/* After an update with SUPPLY. */
GstGenvidPlaythroughStats gst_genvid_playthrough_get_stats (
    const GstGenvidPlaythrough *self, const GstGenvidSupply *supply);

G_END_DECLS
