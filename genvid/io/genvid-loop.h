/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* A GMainContext that one thread turns by hand, with a deadline on the boot
 * clock (it goes on while the machine sleeps) and two ways in from other
 * threads. Made, turned and freed in one thread. */
typedef struct _GenvidLoop GenvidLoop;

/* NULL with GENVID_ERROR (no-space): there is no descriptor for it. */
GenvidLoop *genvid_loop_new (GError **error);
/* Turns what is pending first, so that cancelled calls can end. */
void genvid_loop_free (GenvidLoop *loop);
GMainContext *genvid_loop_get_context (GenvidLoop *loop);

/* Any thread. */
void genvid_loop_wake (GenvidLoop *loop);
void genvid_loop_abort (GenvidLoop *loop);
gboolean genvid_loop_is_aborted (GenvidLoop *loop);

/* TRUE once a wake. */
gboolean genvid_loop_take_wake (GenvidLoop *loop);
/* Sleeps until something happened, then dispatches it. FALSE: UNTIL (boot
 * clock, microseconds) has come, or the loop is aborted. */
gboolean genvid_loop_turn (GenvidLoop *loop, gint64 until);
/* Dispatches what is there, without sleep. */
void genvid_loop_glance (GenvidLoop *loop);
/* Turns until PENDING says no, at most for a fifth of a second, aborted or
 * not: for calls that were cancelled and must be let end. */
void genvid_loop_settle (GenvidLoop *loop, gboolean (*pending) (gpointer),
                         gpointer data);
