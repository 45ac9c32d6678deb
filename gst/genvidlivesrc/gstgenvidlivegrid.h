/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* The grid of output frames. Frame N of the programme is at N frame durations
 * after its start, rounded as compositor rounds it, so that a picture with that
 * timestamp is shown in exactly that frame. Pure. */
typedef struct {
  int rate_n;
  int rate_d;
} GstGenvidLiveGrid;

GstClockTime gst_genvid_live_grid_get_time (const GstGenvidLiveGrid *grid,
                                            guint64 frame);
/* The first frame at or after TIME. */
guint64 gst_genvid_live_grid_get_frame (const GstGenvidLiveGrid *grid,
                                        GstClockTime time);
/* The frame whose time is nearest to TIME. */
guint64 gst_genvid_live_grid_get_nearest (const GstGenvidLiveGrid *grid,
                                          GstClockTime time);

G_END_DECLS
