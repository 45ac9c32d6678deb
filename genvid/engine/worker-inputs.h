/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "worker.h"

G_BEGIN_DECLS

/* worker-inputs.c: before each step: what the next upload needs is there, or
 * the job was aborted. */
void genvid_worker_fetch_inputs (GenvidWorker *worker);
/* A GenvidHttpClientProgress; DATA is the worker. */
void genvid_worker_tell_upload (guint64 sent, guint64 total, gpointer data);
/* The upload was answered. */
void genvid_worker_end_upload (GenvidWorker *worker);

G_END_DECLS
