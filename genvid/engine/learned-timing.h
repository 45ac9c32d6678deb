/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "call.h"
#include "plan.h"
#include "time-estimate.h"

G_BEGIN_DECLS

/* How long generations like PLAN's take: what the store has learned from
 * earlier ones; weight 0 where it has learned nothing. */
GenvidTimeEstimate genvid_learned_timing_recall (const GenvidPlan *plan);
/* Seconds that the next one takes from submit to ready: what was learned, else
 * what the description says, else the middle of all models. */
double genvid_learned_timing_guess (const GenvidPlan *plan);
/* One of them, by CALL, became ready SECONDS after its submit. */
void genvid_learned_timing_learn (const GenvidPlan *plan,
                                  const GenvidCall *call, double seconds);

G_END_DECLS
