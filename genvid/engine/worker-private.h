/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "call.h"
#include "clip-status.h"
#include "clip.h"
#include "http-client.h"
#include "job.h"
#include "plan.h"
#include "rate-limiter.h"
#include "record.h"
#include "remote-input.h"
#include "store-entry.h"
#include "worker.h"

G_BEGIN_DECLS

struct _GenvidWorker {
  GenvidPlan *plan;
  GenvidClip *clip;
  GenvidWorkerDone done;
  gpointer data;

  GMutex lock; /* guards transport against a wake from elsewhere */
  GenvidHttpClient *http;
  gint wish; /* atomics: to have it cancelled, not taken yet */
  gint owed; /* taken, and not told to the service yet */
  gint deaf; /* the service would not hear of one */
  gint quit;
  gint abort;
  gint paying;

  /* The worker's own thread only. */
  GenvidStoreEntry *entry;
  GenvidCall *call;
  GenvidJob *job;
  GenvidRecord *known; /* as last journalled */
  guint saved;         /* serial of the record on disk; 0: as it was found */
  gint64 started;      /* boot clock */
  char *note;          /* of the job, as last shown; nullable */
  gboolean wished;     /* in this run */
  GenvidTurn *turn;
  GenvidRemoteInput *input; /* the file of the next upload; nullable */
  guint input_index;
};

/* Nobody reads any more, or the process ends. */
gboolean genvid_worker_is_unwanted (GenvidWorker *worker);
/* A clip that the store has whole: serves it. GENVID_ERROR (not-stored): it
 * has not; any other: it cannot be opened. */
gboolean genvid_worker_publish_stored (GenvidWorker *worker,
                                       const GenvidRecord *record,
                                       GenvidOrigin origin, GError **error);

/* worker-standby.c: waits for the lock; serves meanwhile what its holder
 * makes. OURS: the lock is held. SERVED: the clip is whole. FAILED: FAILURE.
 */
typedef enum {
  GENVID_STANDBY_OURS,
  GENVID_STANDBY_SERVED,
  GENVID_STANDBY_FAILED,
} GenvidStandby;

G_END_DECLS
