/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "failure.h"
#include "record.h"
#include "worker.h"

G_BEGIN_DECLS

/* worker-key.c: another key than the one it was bought with may only read
 * what is finished. NULL: go on. */
GenvidFailure *genvid_worker_check_key (GenvidWorker *worker,
                                        const GenvidRecord *record);
/* What is bought from now on is of our key. RECORD: as the job was given. */
void genvid_worker_take_key (GenvidWorker *worker, const GenvidRecord *record);

G_END_DECLS
