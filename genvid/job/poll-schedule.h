/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "time-estimate.h"

G_BEGIN_DECLS

/* When to look next: pure (history, hints, now) → gap. The density of polls
 * follows the square root of the hazard (Keller 1974) of a log-normal learned
 * per service, model, resolution and duration, mixed with 5 % of a broad
 * estimate, so that a wrong prior cannot starve or flood. */

#define GENVID_POLL_SCHEDULE_MIN_GAP (G_USEC_PER_SEC)
#define GENVID_POLL_SCHEDULE_MAX_GAP (15 * G_USEC_PER_SEC)

/* Microseconds until the next poll, within the two bounds above; but the
 * first poll (ELAPSED below 1 s) is not before 5 s, and waits up to three
 * times the longest gap where runs have been learned. ELAPSED: since the
 * submit. INTERVAL: the user's poll-interval in microseconds, 0 = adaptive.
 * HINT: the server's Retry-After, -1 = none; it wins, clamped to 1–60 s. */
gint64 genvid_poll_schedule_gap (const GenvidTimeEstimate *estimate,
                                 gint64 elapsed, gint64 interval, gint64 hint);

G_END_DECLS
