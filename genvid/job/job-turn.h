/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "job-state.h"
#include "job-step.h"
#include "job.h"
#include "moment.h"

G_BEGIN_DECLS

/* The times of STEP, a SEND. */
void genvid_job_set_turn (const GenvidJob *job, GenvidStep *step);
/* No request was allowed in time. */
GenvidTransition genvid_job_take_no_turn (const GenvidJob *job,
                                          const GenvidNow *now);

G_END_DECLS
