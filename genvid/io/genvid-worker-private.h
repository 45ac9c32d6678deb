/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <genvid/genvid-job.h>
#include <genvid/io/genvid-link-input.h>
#include <genvid/io/genvid-rate-limiter.h>
#include <genvid/io/genvid-transport.h>
#include <genvid/io/genvid-worker.h>

G_BEGIN_DECLS

struct _GenvidWorker {
  GenvidPlan *plan;
  GenvidClip *clip;
  GenvidWorkerDone done;
  gpointer data;

  GMutex lock; /* guards transport against a wake from elsewhere */
  GenvidTransport *transport;
  gint wish; /* atomics: to have it cancelled, not taken yet */
  gint owed; /* taken, and not told to the service yet */
  gint deaf; /* the service would not hear of one */
  gint quit;
  gint abort;
  gint paying;

  /* The worker's own thread only. */
  GenvidEntry *entry;
  GenvidCall *call;
  GenvidJob *job;
  GenvidRecord *known; /* as last journalled */
  guint saved;         /* serial of the record on disk; 0: as it was found */
  gint64 started;      /* boot clock */
  char *note;          /* of the job, as last shown; nullable */
  gboolean wished;     /* in this run */
  GenvidTurn *turn;
  GenvidLinkInput *input; /* the file of the next upload; nullable */
  guint input_index;
};

/* Nobody reads any more, or the process ends. */
gboolean genvid_worker_is_unwanted (GenvidWorker *worker);
/* A clip that the store has whole: serves it. GENVID_ERROR (not-stored): it
 * has not; any other: it cannot be opened. */
gboolean genvid_worker_serve (GenvidWorker *worker, const GenvidRecord *record,
                              GenvidOrigin origin, GError **error);

/* genvid-follow.c: waits for the lock; serves meanwhile what its holder
 * makes. OURS: the lock is held. SERVED: the clip is whole. FAILED: FAILURE.
 */
typedef enum {
  GENVID_FOLLOW_OURS,
  GENVID_FOLLOW_SERVED,
  GENVID_FOLLOW_FAILED,
} GenvidFollow;
GenvidFollow genvid_worker_follow (GenvidWorker *worker,
                                   GenvidFailure **failure);

/* genvid-owner.c: another key than the one it was bought with may only read
 * what is finished. NULL: go on. */
GenvidFailure *genvid_worker_check_key (GenvidWorker *worker,
                                        const GenvidRecord *record);
/* What is bought from now on is of our key. RECORD: as the job was given. */
void genvid_worker_own (GenvidWorker *worker, const GenvidRecord *record);

/* genvid-journal.c: makes the record durable where it changed and tells the
 * ledger what that means in money. FALSE with error: not on disk. */
gboolean genvid_worker_save (GenvidWorker *worker, GError **error);
/* All that must be true and durable before a byte of a submit is sent. NULL:
 * go ahead. */
GenvidFailure *genvid_worker_prepare_purchase (GenvidWorker *worker);
/* Nobody is left who wants it, and nothing was bought. */
GenvidFailure *genvid_worker_refuse_unwanted (void);

/* RECORD is of nothing bought yet: the number that its purchase gets is higher
 * than that of any one before, whose clip may have been removed since. */
GenvidFailure *genvid_worker_number_purchase (GenvidWorker *worker,
                                              GenvidRecord *record);
/* The same submit again, which may buy: still allowed and, where nothing was
 * bought so far, still wanted. NULL: go ahead. */
GenvidFailure *genvid_worker_check_repeat (GenvidWorker *worker);
/* Of an intent or a record that was not written. */
GenvidFailure *genvid_worker_explain (const GError *error);
/* A clip that the record (nullable) calls done, and that could not be served:
 * what is left of it goes aside, and RECORD is under way again, so that the
 * service is asked for the same file. NULL: RECORD may be gone on with. */
GenvidFailure *genvid_worker_reopen_lost (GenvidWorker *worker,
                                          GenvidRecord *record);

/* genvid-pace.c: the law of this kind of generation, learned or shipped. */
GenvidLaw genvid_worker_recall_law (const GenvidPlan *plan);
/* Learns from a generation that became ready, once. */
void genvid_worker_learn (GenvidWorker *worker);
/* Waits until STEP, a SEND, may be sent within the key's allowance. FALSE: it
 * is not sent, and the job knows. */
gboolean genvid_worker_await_turn (GenvidWorker *worker,
                                   const GenvidStep *step);

/* genvid-wish.c: before each step: what the last user wishes, where he was the
 * last. */
void genvid_worker_take_wish (GenvidWorker *worker);
gboolean genvid_worker_has_wish (GenvidWorker *worker);

/* genvid-delivery.c: performs a DOWNLOAD. */
void genvid_worker_deliver (GenvidWorker *worker, const GenvidStep *step);

/* genvid-supply.c: before each step: what the next upload needs is there, or
 * the job was aborted. */
void genvid_worker_supply (GenvidWorker *worker);
/* A GenvidTransportProgress; DATA is the worker. */
void genvid_worker_tell_upload (guint64 sent, guint64 total, gpointer data);
/* The upload was answered. */
void genvid_worker_end_upload (GenvidWorker *worker);

G_END_DECLS
