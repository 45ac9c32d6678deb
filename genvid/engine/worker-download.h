/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "job.h"
#include "worker.h"

G_BEGIN_DECLS

/* worker-download.c: performs a DOWNLOAD. */
void genvid_worker_deliver (GenvidWorker *worker, const GenvidStep *step);

G_END_DECLS
