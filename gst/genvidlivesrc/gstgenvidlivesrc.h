/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gstgenvidliveprogramme.h"

G_BEGIN_DECLS

#define GST_TYPE_GENVID_LIVE_SRC (gst_genvid_live_src_get_type ())
G_DECLARE_FINAL_TYPE (GstGenvidLiveSrc, gst_genvid_live_src, GST,
                      GENVID_LIVE_SRC, GstBin)

struct _GstGenvidLiveSrc {
  GstBin parent;

  GstPad *video, *audio; /* ghosts */
  GstGenvidLivePlaylist playlist;

  /* Under the object lock. */
  GstGenvidLiveSettings settings;
  guint current; /* the item on air */

  GMutex lock; /* for the run; the object lock may be taken under it */
  GstGenvidLiveProgramme *programme; /* between READY and PAUSED */
  GstGenvidLiveMixer *mixer;
  GstGenvidLiveCounts counts; /* of the last run */
  GstGenvidLiveResults results;

  /* Of the state change. */
  GstClockTime shift; /* running time of frame 0 */
  GstClockTime base;  /* as it was set last */
};

GST_ELEMENT_REGISTER_DECLARE (genvidlivesrc)

G_END_DECLS
