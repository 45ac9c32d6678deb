/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "job-private.h"
#include "job.h"
#include "moment.h"

G_BEGIN_DECLS

/* job-submit.c */
/* The next upload, or the submit. */
void genvid_job_enter_purchase (GenvidJob *job, const GenvidNow *now);
void genvid_job_feed_upload (GenvidJob *job, const GenvidNews *news);
void genvid_job_feed_submit (GenvidJob *job, const GenvidNews *news);
void genvid_job_accept (GenvidJob *job, const GenvidNews *news,
                        gboolean read_phase);
void genvid_job_feed_replay (GenvidJob *job, const GenvidNews *news);

G_END_DECLS
