/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "job-news.h"
#include "job-state.h"
#include "job.h"
#include "moment.h"

G_BEGIN_DECLS

/* The first stage, from what the record says. */
GenvidTransition genvid_job_open (GenvidJob *job, const GenvidNow *now);
/* The next upload, or the submit. */
GenvidTransition genvid_job_enter_purchase (GenvidJob *job,
                                            const GenvidNow *now);
/* These three enter POLL where the service names the generation. */
GenvidTransition genvid_job_feed_submit (GenvidJob *job,
                                         const GenvidNews *news);
GenvidTransition genvid_job_feed_replay (GenvidJob *job,
                                         const GenvidNews *news);
GenvidTransition genvid_job_feed_lookup (GenvidJob *job,
                                         const GenvidNews *news);
/* The first of an upload's two exchanges was answered. */
GenvidTransition genvid_job_feed_grant (GenvidJob *job, const GenvidNews *news);
GenvidTransition genvid_job_feed_upload (GenvidJob *job,
                                         const GenvidNews *news);
/* The body is the same as then, and the service still knows the value. */
gboolean genvid_job_may_replay (const GenvidJob *job, const GenvidNow *now);
/* Nothing settled the doubt; NEWS nullable. Ends, or buys again where the
 * user allows it. */
GenvidTransition genvid_job_keep_doubt (GenvidJob *job, const GenvidNews *news,
                                        const GenvidNow *now);
/* TRUE if a purchase in spite of a doubt has not begun: the record is as
 * before it. */
gboolean genvid_job_return_to_doubt (GenvidJob *job);

G_END_DECLS
