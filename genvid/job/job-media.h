/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "job.h"
#include "moment.h"

G_BEGIN_DECLS

/* What became of the last DOWNLOAD. What may work in a minute is tried again,
 * by a link that is asked for anew, with growing gaps, until the deadline and
 * for the patience at least. */
void genvid_job_feed_media (GenvidJob *job, const GenvidMedia *media,
                            const GenvidNow *now);

/* job-media.c */
/* What is ready cannot be had, for the first time or still: the deadline is
 * no sooner than the patience asks for. */
void genvid_job_be_patient (GenvidJob *job, const GenvidNow *now);
gint64 genvid_job_get_patience (const GenvidJob *job);
/* The deadline has come. FALSE: it was not the media server. */
gboolean genvid_job_give_up_media (GenvidJob *job);

G_END_DECLS
