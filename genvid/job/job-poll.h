/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "failure.h"
#include "job-private.h"
#include "job.h"
#include "moment.h"
#include "reply.h"

G_BEGIN_DECLS

/* job-poll.c */
void genvid_job_take_details (GenvidJob *job, const GenvidReply *reading);
void genvid_job_take_reading (GenvidJob *job, const GenvidNews *news);
void genvid_job_feed_poll (GenvidJob *job, const GenvidNews *news);
/* When to poll next, after NEWS. */
void genvid_job_plan_next (GenvidJob *job, const GenvidNews *news);
gint64 genvid_job_get_elapsed (const GenvidJob *job, const GenvidNow *now);
/* FAIL for now, in the service's words: the record stays, and the next run
 * goes on. */
void genvid_job_stop_unfinished (GenvidJob *job, const GenvidNews *news,
                                 GenvidReason reason, const char *message);

G_END_DECLS
