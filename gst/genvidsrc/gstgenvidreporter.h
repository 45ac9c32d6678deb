/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gstgenvidplay.h"

G_BEGIN_DECLS

/* The thread that reports what create() is not there to report: a change while
 * the element is prerolled, paused or blocked, and the time that passes. One
 * for the process, and none while no element is started. */

/* From start() to stop(): SOURCE is borrowed, so remove must come before
 * gst_genvid_play_stop, which waits for a report that runs. */
void gst_genvid_reporter_add (GstGenvidPlay *play, GstBaseSrc *source);
void gst_genvid_reporter_remove (GstGenvidPlay *play);

/* stop(): no BUFFERING message of PLAY follows but the last one, of 100, if one
 * of less was posted. Waits for it, though not for long: who stops the element
 * may hold what the thread waits for. */
void gst_genvid_reporter_end_buffering (GstGenvidPlay *play);

/* Any thread: the clip of PLAY (a GstGenvidPlay) has changed. Takes no lock but
 * the reporter's, under which nothing else is taken. */
void gst_genvid_reporter_note (gpointer play);
/* Any thread, no lock held: a task waits, so that time must be shown. */
void gst_genvid_reporter_keep_time (void);

G_END_DECLS
