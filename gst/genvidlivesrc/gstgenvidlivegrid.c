/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Frames to times and back. */

#include "gstgenvidlivegrid.h"

GstClockTime
gst_genvid_live_grid_get_time (const GstGenvidLiveGrid *grid, guint64 frame)
{
  return gst_util_uint64_scale (frame, GST_SECOND * grid->rate_d, grid->rate_n);
}

guint64
gst_genvid_live_grid_get_frame (const GstGenvidLiveGrid *grid,
                                GstClockTime time)
{
  guint64 frame
      = gst_util_uint64_scale (time, grid->rate_n, GST_SECOND * grid->rate_d);

  while (gst_genvid_live_grid_get_time (grid, frame) < time)
    frame++;
  return frame;
}

guint64
gst_genvid_live_grid_get_nearest (const GstGenvidLiveGrid *grid,
                                  GstClockTime time)
{
  return gst_util_uint64_scale_round (time, grid->rate_n,
                                      GST_SECOND * grid->rate_d);
}
