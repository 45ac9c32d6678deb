/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What became of the download. The link is not kept in the record: it may be
 * signed, and a fresh one is one poll away. Whatever stops a download, the
 * generation stays bought and the job resumable. */
#include "genvid-job-private.h"

#define SECONDS(n)       ((gint64)(n)*G_USEC_PER_SEC)
#define MAX_EXPIRED      3
#define MAX_EXPIRED_EVER 20

static void
finish (GenvidJob *job, const char *extension, guint64 size,
        const GenvidNow *now)
{
  GenvidRecord *record = job->record;

  record->state = GENVID_STATE_DONE;
  record->ended = now->wall;
  record->media_size = size;
  g_free (record->media_extension);
  record->media_extension = g_strdup (extension);
  job->stage = GENVID_STAGE_DONE;
}

static void
give_up (GenvidJob *job, GenvidFailure *failure)
{
  failure->retryable = TRUE;
  if (failure->advice == NULL)
    failure->advice = g_strdup (
        "The generation is bought and kept: running the same again continues "
        "with it and buys nothing.");
  genvid_job_stop (job, failure);
}

static void
ask_anew (GenvidJob *job, const GenvidFailure *failure, guint64 size,
          const GenvidNow *now)
{
  if (size > job->expired_size)
    job->expired = 0;
  job->expired_size = MAX (size, job->expired_size);
  job->expired++;
  job->expired_ever++;
  if (job->expired <= MAX_EXPIRED && job->expired_ever <= MAX_EXPIRED_EVER) {
    job->deadline = now->boot + genvid_job_get_timeout (job);
    genvid_job_enter (job, GENVID_STAGE_POLL,
                      now->boot + SECONDS (2) * (job->expired - 1), now);
    return;
  }
  give_up (job, failure != NULL
                    ? genvid_failure_copy (failure)
                    : genvid_failure_new (
                        GENVID_REASON_NOT_FOUND,
                        "The service gives a link to the clip, but the clip "
                        "is not there."));
}

void
genvid_job_feed_media (GenvidJob *job, GenvidMediaOutcome outcome,
                       const GenvidFailure *failure, const char *extension,
                       guint64 size, const GenvidNow *now)
{
  if (job->stage != GENVID_STAGE_MEDIA)
    return;
  switch (outcome) {
  case GENVID_MEDIA_COMPLETE:
    finish (job, extension, size, now);
    break;
  case GENVID_MEDIA_EXPIRED:
    ask_anew (job, failure, size, now);
    break;
  case GENVID_MEDIA_BROKEN:
  case GENVID_MEDIA_REFUSED:
  default:
    give_up (job, failure != NULL
                      ? genvid_failure_copy (failure)
                      : genvid_failure_new (GENVID_REASON_UNREACHABLE,
                                            "The clip could not be "
                                            "downloaded."));
    break;
  }
  genvid_job_note (job);
}
