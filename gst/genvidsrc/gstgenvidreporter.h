/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gstgenvidplay.h"

G_BEGIN_DECLS

/* Reports what create() is not there to report: a change while the element is
 * prerolled, paused or blocked, the time that passes, a line that is too slow.
 * In the thread of the alarms, one for all elements. */

/* From start() to stop(): SOURCE is borrowed, and valid until
 * gst_genvid_play_stop, which waits for a report that runs. */
void gst_genvid_reporter_add (GstGenvidPlay *play, GstBaseSrc *source);
/* In stop(), after end_buffering; and after gst_genvid_play_close. */
void gst_genvid_reporter_remove (GstGenvidPlay *play);

/* stop(): no BUFFERING message of PLAY follows but the last one, of 100, if one
 * of less was posted. Waits for it, though not for long: who stops the element
 * may hold what the thread waits for. */
void gst_genvid_reporter_end_buffering (GstGenvidPlay *play);

G_END_DECLS
