/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Descriptors for what comes next, so that what was bought can be polled,
 * recorded and downloaded, and so that GLib, which aborts when it gets no
 * descriptor, gets one. A job that waits has none: it takes them right before
 * it acts. As long as there are jobs, enough for one transfer and for one
 * record are kept for all of them; who finds no others takes these, so that
 * at least one job can go on at any time. Any thread. Errors: GENVID_ERROR
 * (no-space). */
typedef struct _GenvidReserve GenvidReserve;

/* A loop, two downloads with their look-ups, the clip, its map and its lock. */
#define GENVID_RESERVE_TRANSFER 18
/* A connection, with its look-up and its handshake. */
#define GENVID_RESERVE_EXCHANGE 8
/* What a step of a job needs of the store, or a client that looks into it. */
#define GENVID_RESERVE_RECORD 8

/* A job begins, or ends. FALSE: too few are left to keep any. */
gboolean genvid_reserve_join (GError **error);
void genvid_reserve_leave (void);

/* N that the caller may open from now on, and that no other reserve counts on.
 * NULL: there are too few. */
GenvidReserve *genvid_reserve_take (guint n, GError **error);
/* The same for a record, but waits for one that is being written, and as long
 * as its disk takes: whoever went on without could take the descriptors that it
 * is written with, and with them the id of a paid clip. NULL: even then there
 * are too few. */
GenvidReserve *genvid_reserve_take_record (void);
/* Others have some that they give back: who got none, and holds none, may try
 * again. */
gboolean genvid_reserve_is_shared (void);
/* One more for each job could be opened for good. */
gboolean genvid_reserve_has_plenty (void);
/* What was opened is closed, or will stay open. NULL is fine. */
void genvid_reserve_free (GenvidReserve *reserve);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidReserve, genvid_reserve_free)

/* Checks that the threads of one job can be started now, and starts those that
 * GLib needs once in a process and aborts without. */
gboolean genvid_reserve_check_threads (GError **error);
/* Sets the error for a thread that cannot be started. Always FALSE. */
gboolean genvid_reserve_refuse_thread (GError **error);

G_END_DECLS
