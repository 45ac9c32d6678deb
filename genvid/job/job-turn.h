/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "job.h"
#include "moment.h"

G_BEGIN_DECLS

/* At BOOT, a request is not allowed before ROOM: when to look again for STEP,
 * a SEND; 0: not in time. */
gint64 genvid_step_look_again (const GenvidStep *step, gint64 room,
                               gint64 boot);
/* The last SEND is not begun, for now: the next step decides anew. */
void genvid_job_withdraw (GenvidJob *job);
/* The last SEND is not begun, as no request was allowed in time: the next step
 * is FAIL. What was bought stays bought. */
void genvid_job_feed_no_turn (GenvidJob *job, const GenvidNow *now);

/* job-turn.c: the times of a SEND. */
void genvid_job_tell_turn (const GenvidJob *job, GenvidStep *step);

G_END_DECLS
