/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A GMainContext that one thread turns by hand, with a deadline on the boot
 * clock (which runs while the machine sleeps), and wake and abort from other
 * threads. Made, turned and freed in one thread. */
typedef struct _GenvidIoLoop GenvidIoLoop;

/* NULL with GENVID_ERROR (no-space): no descriptor is left. */
GenvidIoLoop *genvid_io_loop_new (GError **error);
/* First dispatches what is pending, so that cancelled calls can end, but no
 * more than 1,000 times. NULL is fine. */
void genvid_io_loop_free (GenvidIoLoop *loop);
GMainContext *genvid_io_loop_get_context (GenvidIoLoop *loop);

/* Any thread: the boot clock, as the deadlines count it. */
gint64 genvid_io_loop_get_time (void);

/* Any thread. */
void genvid_io_loop_wake (GenvidIoLoop *loop);
void genvid_io_loop_abort (GenvidIoLoop *loop);
gboolean genvid_io_loop_is_aborted (GenvidIoLoop *loop);

/* Sleeps until something happened, then dispatches it. FALSE: UNTIL (boot
 * clock, microseconds) has come, or the loop is aborted. */
gboolean genvid_io_loop_turn (GenvidIoLoop *loop, gint64 until);
/* Dispatches what is ready, without sleeping. */
void genvid_io_loop_glance (GenvidIoLoop *loop);
/* Turns until PENDING returns FALSE, at most for a fifth of a second, aborted
 * or not: lets cancelled calls end. */
void genvid_io_loop_settle (GenvidIoLoop *loop, gboolean (*pending) (gpointer),
                            gpointer data);

G_END_DECLS
