/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "job-private.h"
#include "job.h"

G_BEGIN_DECLS

/* job-refusal.c */
/* A poll that brought no news of the generation. */
void genvid_job_feed_refusal (GenvidJob *job, const GenvidNews *news);
void genvid_job_forget_refusals (GenvidJob *job);

G_END_DECLS
