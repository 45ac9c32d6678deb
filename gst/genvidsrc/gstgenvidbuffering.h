/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "gstgenvidplay.h"

G_BEGIN_DECLS

/* BUFFERING messages while the clip of a play is downloaded by a line that is
 * too slow for it. All in the reporter's calls, with no lock held. */

/* How much of what SOURCE waits for is there; 100: it can play. *ACTIVE: it
 * must be asked again, because time changes it. *MESSAGE: says so; taken by the
 * caller. */
int gst_genvid_buffering_look (GstGenvidPlay *play, GstElement *source,
                               GstMessage **message, gboolean *active);

G_END_DECLS
