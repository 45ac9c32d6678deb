/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whose a purchase is: the key that bought or adopted it. Another one may play
 * what is finished, but neither poll nor cancel nor settle what is not. The
 * key itself is never kept, see key-hash.c. */

#include "worker-key.h"

#include "failure.h"
#include "job.h"
#include "key-hash.h"
#include "plan.h"
#include "provider.h"
#include "record.h"
#include "worker-private.h"
#include "worker.h"

/* Something at the service belongs to it, or may. */
static gboolean
is_owned (const GenvidRecord *record)
{
  return record != NULL && record->key_hash != NULL
         && genvid_record_is_bought (record);
}

GenvidFailure *
genvid_worker_check_key (GenvidWorker *worker, const GenvidRecord *record)
{
  const GenvidPlan *plan = worker->plan;
  GenvidFailure *failure;

  if (plan->key == NULL)
    return genvid_failure_new (GENVID_REASON_UNAUTHORIZED, "%s", plan->keyless);
  if (!is_owned (record) || genvid_key_matches (record->key_hash, plan->key))
    return NULL;

  failure = genvid_failure_new (
      GENVID_REASON_UNAUTHORIZED,
      "This generation was bought with another key of %s.",
      genvid_provider_get_title (plan->provider));
  failure->advice = g_strdup ("Use that key to fetch it, or raise take to buy "
                              "another with this one.");
  failure->generation_id = g_strdup (record->id);
  return failure;
}

/* What ended, or never began, was another's perhaps; what comes next is not. */
void
genvid_worker_take_key (GenvidWorker *worker, const GenvidRecord *record)
{
  const char *key = worker->plan->key;
  g_autofree char *key_hash = NULL;

  if (is_owned (record)
      || (record->key_hash != NULL
          && genvid_key_matches (record->key_hash, key)))
    return;
  key_hash = genvid_key_hash (key);
  genvid_job_set_key_hash (worker->job, key_hash);
}
