/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a worker does about the clip itself, once its job has a link: it brings
 * the bytes, and the job hears what became of them. */

#include "worker-download.h"

#include "byte-ranges.h"
#include "clip.h"
#include "clock.h"
#include "download.h"
#include "failure.h"
#include "job.h"
#include "media-outcome.h"
#include "moment.h"
#include "worker-private.h"
#include "worker-timing.h"
#include "worker.h"

static guint64
count_present (GenvidWorker *worker)
{
  g_autoptr (GenvidByteRanges) ranges = genvid_clip_get_ranges (worker->clip);

  return genvid_byte_ranges_get_total (ranges);
}

void
genvid_worker_deliver (GenvidWorker *worker, const GenvidStep *step)
{
  GenvidDownloadOptions options = {
    .link = step->link,
    .once = step->again,
    .base_url = worker->plan->base_url,
    .max_size = worker->plan->settings->max_size,
    .allow_private = worker->plan->settings->allow_private,
  };
  GenvidDownloadResult result;
  GenvidMedia media = { 0 };
  GenvidNow now;

  media.outcome = genvid_download_run (worker->http, &options, worker->clip,
                                       worker->entry, &result);
  /* Not before: it waits for the disk, and a reader for the bytes. */
  genvid_worker_learn (worker);
  now = genvid_clock_now ();
  media.failure = result.failure;
  media.extension = result.extension;
  media.retry_after = result.retry_after;
  /* A link that expires again and again, and brings bytes each time, is worth
   * going on with. */
  media.size = media.outcome == GENVID_MEDIA_COMPLETE ? result.size
                                                      : count_present (worker);
  genvid_job_feed_media (worker->job, &media, &now);
  g_free (result.extension);
  genvid_failure_free (result.failure);
}
