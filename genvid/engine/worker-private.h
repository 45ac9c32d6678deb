/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "call.h"
#include "cancel-wish.h"
#include "http-client.h"
#include "job.h"
#include "log.h"
#include "purchase.h"
#include "rate-limiter.h"
#include "reserve.h"
#include "scheduler.h"
#include "standby.h"
#include "store-entry.h"
#include "trust.h"
#include "uploads.h"
#include "worker.h"

G_BEGIN_DECLS

/* What the files of the worker share. */

/* What a worker does where it goes on. TRUE: go on with the next stage. FALSE:
 * it parks as it has noted. */
typedef gboolean (*GenvidWorkerStage) (GenvidWorker *worker);

struct _GenvidWorker {
  GenvidPlan *plan;
  GenvidClip *clip;
  const GenvidWorkerClass *klass;
  gpointer data;
  GenvidPlace *place;

  GMutex lock;            /* guards http against a wake from another thread */
  GenvidHttpClient *http; /* while it may wait for a file */
  GenvidCancelWish wish;
  gint quit; /* atomics */
  gint abort;
  gint paying;

  /* Of the thread that runs it. */
  GenvidWorkerStage stage;
  GenvidWorkerStage steps; /* of the job, one after the other */
  GenvidPark park;
  GenvidTrust trust;
  gboolean joined;        /* those for whom descriptors are kept */
  GenvidReserve *reserve; /* while it runs, but for a transfer */
  GenvidReserve *room;    /* of what moves money, until it is sent; nullable */
  GenvidStoreEntry *entry;
  GenvidStandby standby;
  gboolean waited; /* for another worker's lock */
  gboolean holds;  /* the lock */
  gboolean idle;   /* it ends because nobody reads the clip */
  GenvidCall *call;
  GenvidJob *job;
  GenvidPurchase *purchase;
  GenvidUploads *uploads;
  GenvidTurn *turn;
  GenvidStep step; /* a SEND, from its turn to its answer */
  gint64 sent;     /* boot clock */
  gint64 lacking;  /* boot clock: since when descriptors are; 0: they are not */
  GenvidAnswer *answer; /* nullable */
  char *extension;      /* of an answer that was the clip; nullable */
  gint64 started;       /* boot clock */
  char *note;           /* of the job, as last shown; nullable */
};

#define GENVID_WORKER_LOG(worker, level, format, ...)                          \
  genvid_log (GENVID_LOG_ENGINE, GENVID_LOG_##level, "%.8s: " format,          \
              (worker)->plan->fingerprint, ##__VA_ARGS__)

/* A SEND from its turn to its answer. */
gboolean genvid_worker_await_turn (GenvidWorker *worker);
gboolean genvid_worker_send_step (GenvidWorker *worker);

/* Always FALSE. */
gboolean genvid_worker_park_until (GenvidWorker *worker, gint64 until);
gboolean genvid_worker_park_for_transfer (GenvidWorker *worker);
gboolean genvid_worker_park_for_room (GenvidWorker *worker);

/* Descriptors that it lacks are worth waiting for: others of us have some, or
 * something may be bought already. */
gboolean genvid_worker_is_patient (GenvidWorker *worker);
/* The process exits, and nothing that moves money is owed. */
gboolean genvid_worker_must_leave (GenvidWorker *worker);

/* Nobody reads the clip any more, or the process exits. */
gboolean genvid_worker_is_unwanted (GenvidWorker *worker);
GenvidFailure *genvid_worker_refuse_unwanted (GenvidWorker *worker);
/* A step that is not performed bought nothing. */
void genvid_worker_take_back (GenvidWorker *worker,
                              const GenvidFailure *failure);
/* The record reaches the disk before the next step is taken. FALSE: the job was
 * aborted, and its last step is void. */
gboolean genvid_worker_save (GenvidWorker *worker);
void genvid_worker_publish (GenvidWorker *worker);

G_END_DECLS
