/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An input behind a link is fetched to a file first; the id that a service
 * gives an upload is remembered. */

#include "uploads.h"

#include "call-build.h"
#include "call.h"
#include "clip.h"
#include "failure.h"
#include "http-client.h"
#include "job.h"
#include "log.h"
#include "plan.h"
#include "remote-input.h"
#include "request.h"
#include "store-entry.h"
#include "upload-cache.h"

struct _GenvidUploads {
  GenvidPlan *plan;
  GenvidCall *call;
  GenvidJob *job;
  GenvidStoreEntry *entry;
  GenvidClip *clip;
  GenvidRemoteInput *file; /* of the next upload; nullable */
  guint index;             /* its input */
};

GenvidUploads *
genvid_uploads_new (GenvidPlan *plan, GenvidCall *call, GenvidJob *job,
                    GenvidStoreEntry *entry, GenvidClip *clip)
{
  GenvidUploads *uploads = g_new0 (GenvidUploads, 1);

  uploads->plan = plan;
  uploads->call = call;
  uploads->job = job;
  uploads->entry = entry;
  uploads->clip = clip;
  return uploads;
}

void
genvid_uploads_free (GenvidUploads *uploads)
{
  if (uploads == NULL)
    return;
  genvid_remote_input_free (uploads->file);
  g_free (uploads);
}

gboolean
genvid_uploads_lack_file (GenvidUploads *uploads)
{
  guint index;
  gboolean more = genvid_job_get_upload (uploads->job, &index);

  if (more && uploads->file != NULL && uploads->index == index)
    return FALSE;
  g_clear_pointer (&uploads->file, genvid_remote_input_free);
  return more
         && genvid_call_get_upload (uploads->call, index)->kind
                == GENVID_INPUT_LINK;
}

GenvidFailure *
genvid_uploads_fetch_file (GenvidUploads *uploads, GenvidHttpClient *http)
{
  GenvidFailure *failure = NULL;
  const GenvidInput *input;
  guint index;

  if (!genvid_job_get_upload (uploads->job, &index))
    return NULL;
  input = genvid_call_get_upload (uploads->call, index);
  uploads->file = genvid_remote_input_fetch (http, uploads->entry, input->value,
                                             &failure);
  if (uploads->file == NULL)
    return failure;
  uploads->index = index;
  genvid_call_set_upload_file (uploads->call, index,
                               genvid_remote_input_get_path (uploads->file),
                               genvid_remote_input_get_sha256 (uploads->file));
  /* The service may have the same picture under another name. */
  genvid_upload_cache_recall_one (uploads->plan, uploads->call, index);
  genvid_log (GENVID_LOG_ENGINE, GENVID_LOG_DEBUG, "%.8s: fetched input %u",
              uploads->plan->fingerprint, index + 1);
  return NULL;
}

void
genvid_uploads_show_progress (guint64 sent, guint64 total, gpointer data)
{
  GenvidUploads *uploads = data;

  genvid_clip_publish_upload (uploads->clip,
                              total > 0 ? (int)(sent * 100 / total) : 0);
}

void
genvid_uploads_end (GenvidUploads *uploads)
{
  genvid_clip_publish_upload (uploads->clip, -1);
  genvid_upload_cache_remember (uploads->plan, uploads->call);
  /* The next input may be the same picture. */
  genvid_upload_cache_recall (uploads->plan, uploads->call);
}
