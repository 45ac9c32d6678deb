/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "gstgenvidplay.h"

G_BEGIN_DECLS

/* BUFFERING messages while the clip of a play is downloaded by a line that is
 * too slow for it. All in the reporter's calls, with no lock held. */

/* How much of what SOURCE waits for is there; 100: it can play. *ACTIVE: it
 * must be asked again, because time changes it. */
int gst_genvid_buffering_look (GstGenvidPlay *play, GstElement *source,
                               gboolean *active);
/* Says so, as it was at the last look. Owned by the caller. */
GstMessage *gst_genvid_buffering_new_message (GstGenvidPlay *play,
                                              GstElement *source, int percent);

G_END_DECLS
