/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "clip.h"
#include "plan.h"

G_BEGIN_DECLS

/* One thread that carries one job through: it takes the store's lock (or
 * follows whoever has it), performs what the job asks, keeps the record, the
 * ledger and the clip up to date. It outlives any element and knows none. */
typedef struct _GenvidWorker GenvidWorker;

typedef void (*GenvidWorkerDone) (GenvidWorker *worker, gpointer data);

/* Starts the thread. DONE is called in it, last, under no lock; the worker
 * frees itself after it. NULL with GENVID_ERROR if there is no thread to be
 * had. */
GenvidWorker *genvid_worker_start (GenvidPlan *plan, GenvidClip *clip,
                                   GenvidWorkerDone done, gpointer data,
                                   GError **error);

/* Any thread, while DONE was not called yet. */

/* Look again: a reader came, left or waits far ahead. */
void genvid_worker_wake (GenvidWorker *worker);
/* The process ends: finish what is in transfer if it is about money, then
 * leave. ABORT: leave at once. */
void genvid_worker_quit (GenvidWorker *worker, gboolean abort);

G_END_DECLS
