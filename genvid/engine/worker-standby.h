/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "failure.h"
#include "worker-private.h"
#include "worker.h"

G_BEGIN_DECLS

GenvidStandby genvid_worker_stand_by (GenvidWorker *worker,
                                      GenvidFailure **failure);

G_END_DECLS
