/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "moment.h"
#include "plan.h"

G_BEGIN_DECLS

/* Who may ask a service next, where it allows a key so many requests a minute:
 * one line a key and origin for all jobs of this process, and through
 * STORE/pace one count for all processes. Whoever has waited longest is first.
 * The time is an argument; nothing here waits, but for a short while for the
 * file. Any thread. */

/* One job's place in the line. */
typedef struct _GenvidTurn GenvidTurn;

typedef void (*GenvidTurnWake) (gpointer data);

/* WAKE is called under a lock, when a turn may come sooner than was told: look
 * again. A service without a limit always has room. */
GenvidTurn *genvid_turn_new (GenvidPlan *plan, GenvidTurnWake wake,
                             gpointer data);
void genvid_turn_free (GenvidTurn *turn); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidTurn, genvid_turn_free)

/* Takes a request, for who has waited SINCE; from DUE on he goes before all
 * others. NOW or before: it is taken. Later: not before then, and the place in
 * the line is kept; to be called again then, or from the wake. */
gint64 genvid_turn_take (GenvidTurn *turn, gint64 since, gint64 due,
                         const GenvidNow *now);
/* Out of the line. */
void genvid_turn_leave (GenvidTurn *turn);
/* Takes one that may not be there: others wait longer for it. */
void genvid_turn_force (GenvidTurn *turn, const GenvidNow *now);

/* The one that was taken is answered at NOW, and left at SENT (boot clock):
 * the service counted it in between. */
void genvid_turn_settle (GenvidTurn *turn, gint64 sent, const GenvidNow *now);
/* The one that was taken is not made. */
void genvid_turn_give_back (GenvidTurn *turn, const GenvidNow *now);

G_END_DECLS
