/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "failure.h"
#include "job-private.h"
#include "job.h"
#include "moment.h"
#include "record.h"
#include "reply.h"

G_BEGIN_DECLS

/* A sentence for who waits: why the service tells nothing, what it says where
 * that is not understood, or why a ready clip is not there yet; NULL: nothing
 * is odd. Owned by the caller. */
char *genvid_job_get_note (const GenvidJob *job);

gboolean genvid_news_is_success (const GenvidNews *news);
/* "HTTP 422, job_limit: the service's words"; owned by the caller. */
char *genvid_news_describe (const GenvidNews *news);
/* A failure of REASON with what NEWS says of it. */
GenvidFailure *genvid_news_fail (const GenvidNews *news, GenvidReason reason,
                                 const char *message);

/* job-end.c */
/* Keeps the service's word for a state if it is one we do not know. */
void genvid_job_hear (GenvidJob *job, const GenvidReply *reading);
/* These two take FAILURE. */
/* FAIL; the record stays as it is. */
void genvid_job_stop (GenvidJob *job, GenvidFailure *failure);
/* FAIL, and the record says so. */
void genvid_job_end (GenvidJob *job, GenvidState state, GenvidFailure *failure,
                     gboolean frees, const GenvidNow *now);

G_END_DECLS
