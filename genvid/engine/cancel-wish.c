/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A wish is taken once and is the job's from then on: a second wish counts as
 * much as the first, and an exit does not wait for one that was dealt with. */

#include "cancel-wish.h"

#include "clip.h"
#include "job.h"
#include "log.h"
#include "store-entry.h"
#include "store-users.h"

void
genvid_cancel_wish_init (GenvidCancelWish *wish, gboolean can_cancel)
{
  *wish = (GenvidCancelWish){ .refused = !can_cancel };
}

void
genvid_cancel_wish_set (GenvidCancelWish *wish, gboolean set)
{
  g_atomic_int_set (&wish->set, set);
}

gboolean
genvid_cancel_wish_is_set (GenvidCancelWish *wish)
{
  return g_atomic_int_get (&wish->set);
}

gboolean
genvid_cancel_wish_is_pending (GenvidCancelWish *wish)
{
  return g_atomic_int_get (&wish->owed)
         || (g_atomic_int_get (&wish->set)
             && !g_atomic_int_get (&wish->refused));
}

/* Then the client that wished was not the last. */
static gboolean
is_used (GenvidClip *clip, GenvidStoreEntry *entry)
{
  return genvid_clip_get_n_readers (clip) > 0
         || genvid_store_entry_is_used (entry);
}

static void
hand_over (GenvidCancelWish *wish, GenvidJob *job, GenvidClip *clip,
           GenvidStoreEntry *entry)
{
  /* Owed before it is taken: an exit must see one or the other. */
  g_atomic_int_set (&wish->owed, TRUE);
  if (!g_atomic_int_compare_and_exchange (&wish->set, TRUE, FALSE))
    return;
  if (is_used (clip, entry)) {
    genvid_log (GENVID_LOG_ENGINE, GENVID_LOG_DEBUG,
                "%.8s: not cancelled: someone else uses the clip",
                genvid_store_entry_get_fingerprint (entry));
    return;
  }
  genvid_job_cancel (job);
  genvid_log (GENVID_LOG_ENGINE, GENVID_LOG_INFO,
              "%.8s: the last client left and wants it cancelled",
              genvid_store_entry_get_fingerprint (entry));
}

void
genvid_cancel_wish_take (GenvidCancelWish *wish, GenvidJob *job,
                         GenvidClip *clip, GenvidStoreEntry *entry)
{
  if (g_atomic_int_get (&wish->set))
    hand_over (wish, job, clip, entry);
  /* Whoever came since wants the clip, in this process or in the one after that
   * which could not send it. */
  if (genvid_job_wants_cancel (job) && is_used (clip, entry))
    genvid_job_keep (job);
  g_atomic_int_set (&wish->owed, genvid_job_owes_cancel (job));
  g_atomic_int_set (&wish->refused, !genvid_job_can_cancel (job));
}
