/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "job-state.h"
#include "job.h"
#include "moment.h"

G_BEGIN_DECLS

/* See genvid_job_feed_media. */
GenvidTransition genvid_job_take_media (GenvidJob *job,
                                        const GenvidMedia *media,
                                        const GenvidNow *now);
/* All of the clip is in its place. */
GenvidTransition genvid_job_finish (GenvidJob *job, const GenvidMedia *media,
                                    const GenvidNow *now);
/* The clip is ready but out of reach: the deadline moves back, once, so that
 * the patience is kept. */
void genvid_job_be_patient (GenvidJob *job, const GenvidNow *now);
/* Stops with the last trouble of the media server, which must be set. */
GenvidTransition genvid_job_give_up_media (GenvidJob *job);

G_END_DECLS
