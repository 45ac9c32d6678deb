/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "job-news.h"
#include "job-state.h"
#include "job.h"

G_BEGIN_DECLS

/* The next exchange is the cancel. */
gboolean genvid_job_cancel_is_due (const GenvidJob *job, gint64 boot);
/* Before the next exchange: fulfils the wish where that needs no request, or
 * drops it where it cannot be fulfilled. */
GenvidTransition genvid_job_take_cancel (GenvidJob *job, const GenvidNow *now);
GenvidTransition genvid_job_feed_cancel (GenvidJob *job,
                                         const GenvidNews *news);

G_END_DECLS
