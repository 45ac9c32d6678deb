/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "failure.h"
#include "job.h"
#include "moment.h"

G_BEGIN_DECLS

/* job-start.c */
void genvid_job_open (GenvidJob *job, const GenvidNow *now);
void genvid_job_resume (GenvidJob *job, const GenvidNow *now);
void genvid_job_begin_purchase (GenvidJob *job, const GenvidNow *now);
void genvid_job_refuse_to_buy (GenvidJob *job, const char *message);
/* The next purchase of the same request; nothing of the last one stays. */
void genvid_job_renew (GenvidJob *job);
/* The next purchase in spite of a doubt, which it takes. */
void genvid_job_renew_doubt (GenvidJob *job, GenvidFailure *doubt);
/* TRUE if that purchase had not begun: the record is as before it. */
gboolean genvid_job_return_to_doubt (GenvidJob *job);
gint64 genvid_job_get_timeout (const GenvidJob *job);

G_END_DECLS
