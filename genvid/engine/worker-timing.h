/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "job.h"
#include "plan.h"
#include "time-estimate.h"
#include "worker.h"

G_BEGIN_DECLS

/* What the store has learned of this kind of generation; weight 0 where it has
 * learned nothing. */
GenvidTimeEstimate genvid_worker_recall_law (const GenvidPlan *plan);
/* Learns from a generation that became ready, once. */
void genvid_worker_learn (GenvidWorker *worker);
/* Waits until STEP, a SEND, may be sent within the key's allowance. FALSE: it
 * is not sent, and the job knows. */
gboolean genvid_worker_await_turn (GenvidWorker *worker,
                                   const GenvidStep *step);

G_END_DECLS
