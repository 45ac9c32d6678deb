/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "liar.h"

G_BEGIN_DECLS

/* The engine's clock and loop in a test that is linked with --wrap of
 * genvid_clock_now, genvid_io_loop_turn and genvid_io_loop_settle. While
 * somebody has something to say no time passes; when all are silent, it jumps.
 * So a deadline of an hour is met in no time, and never by accident. */

/* The one that is moved on; NULL: none. */
void liar_time_attend (Liar *liar);
/* Microseconds that were skipped since it began to attend. */
gint64 liar_time_get_skipped (void);
/* Turns of the loop since then. */
guint64 liar_time_get_turns (void);
void liar_time_skip (gint64 us);
/* In turn N of the one that is attended to, in the thread that turns. */
void liar_time_call_at (guint64 n, void (*call) (gpointer), gpointer data);

G_END_DECLS
