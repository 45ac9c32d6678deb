/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "job-news.h"
#include "job-state.h"
#include "job.h"

G_BEGIN_DECLS

GenvidTransition genvid_job_feed_poll (GenvidJob *job, const GenvidNews *news);
/* What an answer says of the generation, whatever was asked. */
GenvidTransition genvid_job_take_reading (GenvidJob *job,
                                          const GenvidNews *news);
/* The answer to the submit was the clip itself, and it is in its place. */
GenvidTransition genvid_job_take_clip (GenvidJob *job, const GenvidNews *news,
                                       const GenvidMedia *media);
/* The same of the answer that accepted it, and when to poll first. */
GenvidTransition genvid_job_take_first_reading (GenvidJob *job,
                                                const GenvidNews *news);

G_END_DECLS
