/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "clip.h"
#include "plan.h"

G_BEGIN_DECLS

/* Carries out one generation: it takes the store's lock, or stands by while
 * another worker holds it, performs each step of the job, and keeps the record,
 * the ledger and the clip up to date. It has no thread of its own while it
 * waits. It knows no client. */
typedef struct _GenvidWorker GenvidWorker;

/* Called in its thread of the moment, holding no lock. All but ended may be
 * NULL. */
typedef struct {
  /* It has the store's lock; it is about to let it go. Each once, or never. */
  void (*holds) (GenvidWorker *worker, gpointer data);
  void (*releases) (GenvidWorker *worker, gpointer data);
  /* The last call: it frees itself afterwards. */
  void (*ended) (GenvidWorker *worker, gpointer data);
} GenvidWorkerClass;

/* Starts it in another thread. NULL with GENVID_ERROR if no thread can be
 * started. */
GenvidWorker *genvid_worker_start (GenvidPlan *plan, GenvidClip *clip,
                                   const GenvidWorkerClass *klass,
                                   gpointer data, GError **error);

/* Any thread, until ended is called. */

/* A reader came, left or waits far ahead: the worker checks what to do. */
void genvid_worker_wake (GenvidWorker *worker);
/* The last client left. WISH: it wants the generation cancelled. */
void genvid_worker_cancel (GenvidWorker *worker, gboolean wish);
/* A submit is prepared or in transfer, or a cancel is, or still has to be
 * sent. */
gboolean genvid_worker_is_paying (GenvidWorker *worker);
/* The process exits. The worker finishes a submit or a cancel that is in
 * transfer, then ends. ABORT: it ends at once. */
void genvid_worker_quit (GenvidWorker *worker, gboolean abort);

G_END_DECLS
