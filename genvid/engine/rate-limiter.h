/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "moment.h"
#include "plan.h"

G_BEGIN_DECLS

/* Which worker may send the next request, where a service limits the requests
 * of a key per minute: one queue per key and origin for all workers of this
 * process, and one count for all processes in a file of the store. Whoever has
 * waited longest is first. The time is an argument; nothing here waits, except
 * briefly for the file. Any thread. */

/* One worker's place in the queue. */
typedef struct _GenvidTurn GenvidTurn;

typedef void (*GenvidTurnWake) (gpointer data);

/* WAKE is called under a lock when the turn may come sooner than
 * genvid_turn_take returned: take again. Without a limit it is always its
 * turn. */
GenvidTurn *genvid_turn_new (GenvidPlan *plan, GenvidTurnWake wake,
                             gpointer data);
void genvid_turn_free (GenvidTurn *turn); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidTurn, genvid_turn_free)

/* Takes a request for a worker that has waited since SINCE; from DUE on it goes
 * before all others. Returns NOW or earlier: it is taken. Later: it may be
 * taken then, and the place in the queue is kept; call it again then, or after
 * WAKE. */
gint64 genvid_turn_take (GenvidTurn *turn, gint64 since, gint64 due,
                         const GenvidNow *now);
/* Leaves the queue. */
void genvid_turn_leave (GenvidTurn *turn);
/* Takes a request whatever the limit says; others wait longer for it. */
void genvid_turn_force (GenvidTurn *turn, const GenvidNow *now);

/* The request that was taken was sent at SENT (boot clock) and answered at NOW:
 * the service counted it in between. */
void genvid_turn_settle (GenvidTurn *turn, gint64 sent, const GenvidNow *now);
/* The request that was taken is not sent. */
void genvid_turn_give_back (GenvidTurn *turn, const GenvidNow *now);

G_END_DECLS
