/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The wish of the last user to have it cancelled. A user tells it, the
 * worker's thread takes it, once, and from then on it is the job's: so a second
 * wish is as good as the first, and what was dealt with is not waited for. */

#include "worker-cancel.h"

#include "clip.h"
#include "store-users.h"
#include "worker-private.h"
#include "worker.h"

/* Then whoever wished was not the last. */
static gboolean
is_used (GenvidWorker *worker)
{
  return genvid_clip_get_n_readers (worker->clip) > 0
         || genvid_store_entry_is_used (worker->entry);
}

static void
take (GenvidWorker *worker)
{
  /* Owed before it is taken: an exit must see one or the other. */
  g_atomic_int_set (&worker->owed, TRUE);
  if (!g_atomic_int_compare_and_exchange (&worker->wish, TRUE, FALSE)
      || is_used (worker))
    return;
  worker->wished = TRUE;
  genvid_job_cancel (worker->job);
}

void
genvid_worker_take_wish (GenvidWorker *worker)
{
  if (g_atomic_int_get (&worker->wish))
    take (worker);
  /* Who came since wants it. A wish that a former process left is not his to
   * take back. */
  if (worker->wished && genvid_job_owes_cancel (worker->job)
      && is_used (worker)) {
    worker->wished = FALSE;
    genvid_job_keep (worker->job);
  }
  g_atomic_int_set (&worker->owed, genvid_job_owes_cancel (worker->job));
  g_atomic_int_set (&worker->deaf, !genvid_job_can_cancel (worker->job));
}

gboolean
genvid_worker_has_wish (GenvidWorker *worker)
{
  return g_atomic_int_get (&worker->wish);
}

void
genvid_worker_cancel (GenvidWorker *worker, gboolean wish)
{
  g_atomic_int_set (&worker->wish, wish);
  genvid_worker_wake (worker);
}

gboolean
genvid_worker_is_paying (GenvidWorker *worker)
{
  return g_atomic_int_get (&worker->paying) || g_atomic_int_get (&worker->owed)
         || (g_atomic_int_get (&worker->wish)
             && !g_atomic_int_get (&worker->deaf));
}
