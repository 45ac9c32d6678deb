/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "worker.h"

G_BEGIN_DECLS

/* The last user went; WISH: to have it cancelled at the service. */
void genvid_worker_cancel (GenvidWorker *worker, gboolean wish);
/* A submit or a cancel is in transfer, or a cancel is owed. */
gboolean genvid_worker_is_paying (GenvidWorker *worker);

/* worker-cancel.c: before each step: what the last user wishes, where he was
 * the last. */
void genvid_worker_take_wish (GenvidWorker *worker);
gboolean genvid_worker_has_wish (GenvidWorker *worker);

G_END_DECLS
