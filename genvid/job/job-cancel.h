/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "job-private.h"
#include "job.h"
#include "moment.h"

G_BEGIN_DECLS

/* The wish to cancel at the service; remembered in the record. The next step
 * sends it where the service has a cancel call and the id is known, or ends
 * as CANCELLED (a FAIL step) where nothing was bought yet. A refused cancel
 * goes on polling, and may be wished again; a wish that a service cannot
 * fulfil, or that comes when the clip is ready, is dropped. */
void genvid_job_cancel (GenvidJob *job);
/* The wish is void again, unless the service has heard it. */
void genvid_job_keep (GenvidJob *job);
/* The wish may still be told to the service, in this run. */
gboolean genvid_job_owes_cancel (const GenvidJob *job);
/* A wish that came now could be told. */
gboolean genvid_job_can_cancel (const GenvidJob *job);

/* job-cancel.c */
void genvid_job_take_cancel (GenvidJob *job, const GenvidNow *now);
gboolean genvid_job_cancel_is_due (const GenvidJob *job, gint64 boot);
void genvid_job_feed_cancel (GenvidJob *job, const GenvidNews *news);

G_END_DECLS
