/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Descriptors that are kept for one job from before its submit to its end, so
 * that what was bought can be polled, written down and downloaded, and so that
 * GLib, which ends the process where it gets no descriptor, gets one. They are
 * held while the job waits and let go right before it acts. Of one thread.
 * Errors: GENVID_ERROR (no-space). */
typedef struct _GenvidReserve GenvidReserve;

/* Two downloads with their look-ups, the clip, its map and its lock. */
#define GENVID_RESERVE_ALL 16
/* What an answer needs to be written down while the wire has the rest. */
#define GENVID_RESERVE_JOURNAL 4

GenvidReserve *genvid_reserve_new (void);
void genvid_reserve_free (GenvidReserve *reserve);
/* Holds N from here on. FALSE: there are not that many; then it holds none. */
gboolean genvid_reserve_hold (GenvidReserve *reserve, guint n, GError **error);

/* To begin with: that there are enough for all, those who were before and have
 * let go included. Then MAKE is called, which needs a descriptor of GLib's,
 * while nobody else's reserve grows. FALSE: what MAKE said, or there are not
 * enough. */
gboolean genvid_reserve_make (GenvidReserve *reserve,
                              gboolean (*make) (gpointer data, GError **error),
                              gpointer data, GError **error);

/* The threads of one job can be started now, and those are running that GLib
 * starts once in a process and ends the process without. */
gboolean genvid_reserve_check_threads (GError **error);
/* Why no thread can be started. Always FALSE. */
gboolean genvid_reserve_refuse_thread (GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidReserve, genvid_reserve_free)

G_END_DECLS
