/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a worker does about the inputs that must be at the service before the
 * submit: what lies behind a link is brought to a file, how far a file is on
 * its way is told, what the service called it is remembered. Which input is
 * next, and what its answer means, is the job's to say. */

#include "worker-inputs.h"

#include "call-build.h"
#include "clip.h"
#include "failure.h"
#include "job.h"
#include "remote-input.h"
#include "request.h"
#include "upload-cache.h"
#include "worker-private.h"
#include "worker.h"

static void
drop_input (GenvidWorker *worker)
{
  g_clear_pointer (&worker->input, genvid_remote_input_free);
}

static GenvidFailure *
refuse_unwanted (void)
{
  GenvidFailure *failure = genvid_failure_new (
      GENVID_REASON_FAILED, "Stopped before anything was bought.");

  failure->billed = GENVID_BILLED_NO;
  failure->retryable = TRUE;
  return failure;
}

static GenvidFailure *
fetch_input (GenvidWorker *worker, guint index, const char *link)
{
  GenvidFailure *failure = NULL;

  worker->input
      = genvid_remote_input_fetch (worker->http, worker->entry, link, &failure);
  if (worker->input == NULL)
    return failure;
  worker->input_index = index;
  genvid_call_set_upload_file (worker->call, index,
                               genvid_remote_input_get_path (worker->input),
                               genvid_remote_input_get_sha256 (worker->input));
  /* The same picture may have been there under another name. */
  genvid_upload_cache_recall_one (worker->plan, worker->call, index);
  return NULL;
}

void
genvid_worker_fetch_inputs (GenvidWorker *worker)
{
  g_autoptr (GenvidFailure) failure = NULL;
  const GenvidInput *input;
  guint index;

  if (!genvid_job_get_upload (worker->job, &index)) {
    drop_input (worker);
    return;
  }
  input = genvid_call_get_upload (worker->call, index);
  if (worker->input != NULL && worker->input_index == index)
    return;
  drop_input (worker);
  if (input->kind != GENVID_INPUT_LINK)
    return;
  failure = genvid_worker_is_unwanted (worker)
                ? refuse_unwanted ()
                : fetch_input (worker, index, input->value);
  if (failure != NULL)
    genvid_job_abort (worker->job, failure);
}

void
genvid_worker_tell_upload (guint64 sent, guint64 total, gpointer data)
{
  GenvidWorker *worker = data;

  genvid_clip_publish_upload (worker->clip,
                              total > 0 ? (int)(sent * 100 / total) : 0);
}

void
genvid_worker_end_upload (GenvidWorker *worker)
{
  genvid_clip_publish_upload (worker->clip, -1);
  genvid_upload_cache_remember (worker->plan, worker->call);
  /* The next input may be the same picture. */
  genvid_upload_cache_recall (worker->plan, worker->call);
}
