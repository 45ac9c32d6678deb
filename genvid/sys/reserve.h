/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Descriptors kept for one job from before its submit to its end, so that what
 * was bought can be polled, recorded and downloaded, and so that GLib, which
 * aborts when it gets no descriptor, gets one. They are held while the job
 * waits and released right before it acts. For one thread. Errors:
 * GENVID_ERROR (no-space). */
typedef struct _GenvidReserve GenvidReserve;

/* Two downloads with their look-ups, the clip, its map and its lock. */
#define GENVID_RESERVE_ALL 16
/* What recording an answer needs while the exchange uses the rest. */
#define GENVID_RESERVE_JOURNAL 4

GenvidReserve *genvid_reserve_new (void);
void genvid_reserve_free (GenvidReserve *reserve);
/* Holds N from now on. FALSE: fewer are left; then it holds none. */
gboolean genvid_reserve_hold (GenvidReserve *reserve, guint n, GError **error);

/* Call it first: checks that there are enough descriptors for this job and for
 * all earlier ones, including those they have released. Then calls MAKE, which
 * needs GLib's descriptors, while no other reserve grows. FALSE: there are not
 * enough, or MAKE failed. */
gboolean genvid_reserve_make (GenvidReserve *reserve,
                              gboolean (*make) (gpointer data, GError **error),
                              gpointer data, GError **error);

/* Checks that the threads of one job can be started now, and starts those that
 * GLib needs once in a process and aborts without. */
gboolean genvid_reserve_check_threads (GError **error);
/* Sets the error for a thread that cannot be started. Always FALSE. */
gboolean genvid_reserve_refuse_thread (GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidReserve, genvid_reserve_free)

G_END_DECLS
