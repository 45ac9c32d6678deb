/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What became of the download. The link is not kept in the record: it may be
 * signed, and a fresh one is one poll away. Whatever stops a download, the
 * generation stays bought and the job resumable. */
#include "job-media.h"

#include "failure.h"
#include "job-state.h"
#include "job.h"
#include "media-outcome.h"
#include "moment.h"
#include "record.h"

#define SECONDS(n) ((gint64)(n)*G_USEC_PER_SEC)
#define MAX_GAP    SECONDS (15)
#define MAX_HINT   SECONDS (60)
#define MAX_GONE   3
#define MAX_LINKS  20
#define MUCH       (64 * 1024)

GenvidTransition
genvid_job_finish (GenvidJob *job, const GenvidMedia *media,
                   const GenvidNow *now)
{
  GenvidRecord *record = job->record;

  record->state = GENVID_STATE_DONE;
  record->ended = now->wall;
  record->media_size = media->size;
  g_free (record->media_extension);
  record->media_extension = g_strdup (media->extension);
  g_clear_pointer (&job->note, g_free);
  return genvid_transition_enter (GENVID_STAGE_DONE, now->boot);
}

static GenvidTransition
give_up (GenvidFailure *failure)
{
  failure->retryable = TRUE;
  if (failure->advice == NULL)
    failure->advice
        = g_strdup ("The generation is bought and kept. Running the same "
                    "request again continues with it and buys nothing.");
  return genvid_transition_stop (failure);
}

void
genvid_job_be_patient (GenvidJob *job, const GenvidNow *now)
{
  if (job->waiting != 0)
    return;
  job->waiting = now->boot;
  job->deadline
      = MAX (job->deadline, now->boot + genvid_job_get_patience (job));
}

GenvidTransition
genvid_job_give_up_media (GenvidJob *job)
{
  return give_up (genvid_failure_copy (job->trouble));
}

/* TRUE: since the last time it went on. */
static gboolean
take_progress (GenvidJob *job, guint64 size)
{
  if (size < job->held + MUCH)
    return FALSE;
  job->held = size;
  job->links++;
  job->waiting = job->pages = 0;
  job->vain = job->gone = 0;
  return TRUE;
}

static void
take_trouble (GenvidJob *job, const GenvidMedia *media, const GenvidNow *now)
{
  const char *message;

  genvid_failure_free (job->trouble);
  job->trouble = media->failure != NULL
                     ? genvid_failure_copy (media->failure)
                     : genvid_failure_new (GENVID_REASON_NOT_FOUND,
                                           "The service gave a link to the "
                                           "clip, but the clip is not there.");
  message = job->trouble->message;
  job->vain++;
  /* One expired link is no news. */
  g_clear_pointer (&job->note, g_free);
  if (job->vain > 1)
    job->note = g_strdup_printf (
        "The clip is ready, but cannot be downloaded yet. %s Trying again.",
        message);
  if (job->trouble->reason != GENVID_REASON_BUSY
      && (job->trouble->http_status == 410 || job->trouble->http_status == 451))
    job->gone++;
  else
    job->gone = 0;
  if (job->trouble->reason != GENVID_REASON_NOT_MEDIA)
    job->pages = 0;
  else if (job->pages == 0)
    job->pages = now->boot;
}

/* A web page that stays one, or a clip that the server says is gone, gets no
 * more time. */
static gboolean
is_in_vain (const GenvidJob *job, const GenvidNow *now)
{
  return now->boot >= job->deadline || job->gone > MAX_GONE
         || job->links > MAX_LINKS
         || (job->pages != 0
             && now->boot - job->pages >= genvid_job_get_patience (job));
}

static GenvidTransition
ask_anew (GenvidJob *job, const GenvidMedia *media, const GenvidNow *now)
{
  gint64 gap = 0;

  if (!take_progress (job, media->size))
    gap = MIN (SECONDS (1) << MIN (job->vain, 4), MAX_GAP);
  genvid_job_be_patient (job, now);
  take_trouble (job, media, now);
  if (is_in_vain (job, now))
    return genvid_job_give_up_media (job);
  gap = MAX (gap, MIN (media->retry_after, MAX_HINT));
  genvid_job_log (job, GENVID_LOG_LOG, "asks for a fresh link in %.1f s (%s)",
                  (double)gap / G_USEC_PER_SEC, job->trouble->message);
  return genvid_transition_enter (GENVID_STAGE_POLL,
                                  MIN (now->boot + gap, job->deadline));
}

GenvidTransition
genvid_job_take_media (GenvidJob *job, const GenvidMedia *media,
                       const GenvidNow *now)
{
  const GenvidFailure *failure = media->failure;

  if (media->outcome == GENVID_MEDIA_COMPLETE)
    return genvid_job_finish (job, media, now);
  if (media->outcome == GENVID_MEDIA_EXPIRED
      || (media->outcome == GENVID_MEDIA_BROKEN && failure != NULL
          && failure->retryable))
    return ask_anew (job, media, now);
  if (failure != NULL)
    return give_up (genvid_failure_copy (failure));
  return give_up (genvid_failure_new (GENVID_REASON_UNREACHABLE,
                                      "The clip could not be downloaded."));
}
