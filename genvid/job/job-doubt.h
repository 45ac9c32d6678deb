/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "job-private.h"
#include "job.h"
#include "moment.h"

G_BEGIN_DECLS

/* job-doubt.c */
gboolean genvid_job_may_replay (const GenvidJob *job, const GenvidNow *now);
/* NEWS nullable: a former process left the doubt behind. */
void genvid_job_enter_doubt (GenvidJob *job, const GenvidNews *news,
                             const GenvidNow *now);
void genvid_job_keep_doubt (GenvidJob *job, const GenvidNews *news,
                            const GenvidNow *now);
void genvid_job_feed_lookup (GenvidJob *job, const GenvidNews *news);

G_END_DECLS
