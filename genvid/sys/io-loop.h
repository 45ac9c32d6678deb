/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A GMainContext that one thread turns by hand, with a deadline on the boot
 * clock (it goes on while the machine sleeps) and two ways in from other
 * threads. Made, turned and freed in one thread. */
typedef struct _GenvidIoLoop GenvidIoLoop;

/* NULL with GENVID_ERROR (no-space): there is no descriptor for it. */
GenvidIoLoop *genvid_io_loop_new (GError **error);
/* Turns what is pending first, so that cancelled calls can end. */
void genvid_io_loop_free (GenvidIoLoop *loop);
GMainContext *genvid_io_loop_get_context (GenvidIoLoop *loop);

/* Any thread. */
void genvid_io_loop_wake (GenvidIoLoop *loop);
void genvid_io_loop_abort (GenvidIoLoop *loop);
gboolean genvid_io_loop_is_aborted (GenvidIoLoop *loop);

/* TRUE once a wake. */
gboolean genvid_io_loop_take_wake (GenvidIoLoop *loop);
/* Sleeps until something happened, then dispatches it. FALSE: UNTIL (boot
 * clock, microseconds) has come, or the loop is aborted. */
gboolean genvid_io_loop_turn (GenvidIoLoop *loop, gint64 until);
/* Dispatches what is there, without sleep. */
void genvid_io_loop_glance (GenvidIoLoop *loop);
/* Turns until PENDING says no, at most for a fifth of a second, aborted or
 * not: for calls that were cancelled and must be let end. */
void genvid_io_loop_settle (GenvidIoLoop *loop, gboolean (*pending) (gpointer),
                            gpointer data);

G_END_DECLS
