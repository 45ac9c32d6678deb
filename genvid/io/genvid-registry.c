/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who shares what in this process. An activity is counted under the
 * registry's mutex, so that nobody joins one that is going away. Lock order:
 * the registry's mutex first, a clip's or worker's lock below it; no call-out
 * and no wait under it but the one at exit, on its own cond. */

#include <genvid/io/genvid-registry.h>

#include <genvid/io/genvid-worker.h>

#include <unistd.h>

#define QUIT_PAYING (3 * G_USEC_PER_SEC)
#define QUIT_OTHER  (G_USEC_PER_SEC / 2)
/* What an aborted worker needs to leave its last word on the disk. */
#define QUIT_ABORTED (G_USEC_PER_SEC / 10)

struct _GenvidActivity {
  guint users;
  char *name;
  GenvidClip *clip;
  GenvidWorker *worker; /* NULL: not running */
  gboolean ordered;     /* the clip has its writer */
};

static struct {
  GMutex mutex;
  GCond ended;            /* a worker did */
  GHashTable *activities; /* name → activity, borrowed */
  GHashTable *workers;    /* set of activities with a worker */
  gboolean quitting;
  gint process; /* atomic: whose workers these are; 0: none yet */
} registry;

/* Orders that differ in what they may do must not share a fate: a run under
 * reuse=only that finds nothing would fail the one that may buy. They still
 * share the purchase, by the store's lock. */
static char *
name_activity (const GenvidPlan *plan)
{
  const GenvidOrder *order = plan->order;
  g_autofree char *key = g_compute_checksum_for_string (
      G_CHECKSUM_SHA256, plan->key != NULL ? plan->key : "", -1);

  return g_strdup_printf (
      "%s\n%s\n%s\n%d%d%d\n%g %g %" G_GUINT64_FORMAT "\n%s\n%s",
      genvid_store_get_path (plan->store), plan->fingerprint, key,
      plan->never_buy, order->if_in_doubt == GENVID_IF_IN_DOUBT_RESUBMIT,
      order->allow_private, plan->max_cost, plan->budget, order->max_size,
      order->ca_file != NULL ? order->ca_file : "",
      order->adopt != NULL ? order->adopt : "");
}

static GenvidActivity *
make_activity (GenvidPlan *plan, char *name)
{
  GenvidActivity *activity = g_new0 (GenvidActivity, 1);

  activity->name = name;
  activity->clip = genvid_clip_new (genvid_provider_get_name (plan->provider),
                                    plan->model);
  return activity;
}

/* Under the mutex: later orders make a new one. */
static void
retire (GenvidActivity *activity)
{
  if (g_hash_table_lookup (registry.activities, activity->name) == activity)
    g_hash_table_remove (registry.activities, activity->name);
}

/* Its worker has failed and is about to leave: whoever starts again at once
 * wants another try, not the same failure. */
static gboolean
has_failed (GenvidActivity *activity)
{
  g_autoptr (GenvidSnapshot) snapshot = genvid_clip_snapshot (activity->clip);

  return snapshot->failure != NULL;
}

GenvidActivity *
genvid_registry_join (GenvidPlan *plan, gboolean *shared)
{
  char *name = name_activity (plan);
  GenvidActivity *activity;

  g_mutex_lock (&registry.mutex);
  if (registry.activities == NULL)
    registry.activities = g_hash_table_new (g_str_hash, g_str_equal);
  activity = g_hash_table_lookup (registry.activities, name);
  if (activity != NULL && has_failed (activity)) {
    retire (activity);
    activity = NULL;
  }
  *shared = activity != NULL;
  if (activity == NULL) {
    activity = make_activity (plan, g_steal_pointer (&name));
    g_hash_table_insert (registry.activities, activity->name, activity);
  }
  activity->users++;
  g_mutex_unlock (&registry.mutex);
  g_free (name);

  return activity;
}

GenvidActivity *
genvid_activity_ref (GenvidActivity *activity)
{
  g_mutex_lock (&registry.mutex);
  activity->users++;
  g_mutex_unlock (&registry.mutex);

  return activity;
}

void
genvid_activity_unref (GenvidActivity *activity)
{
  gboolean last;

  g_mutex_lock (&registry.mutex);
  last = --activity->users == 0;
  if (last)
    retire (activity);
  g_mutex_unlock (&registry.mutex);
  if (!last)
    return;

  genvid_clip_unref (activity->clip);
  g_free (activity->name);
  g_free (activity);
}

GenvidClip *
genvid_activity_get_clip (GenvidActivity *activity)
{
  return activity->clip;
}

/* The worker's last act; it holds a use of the activity until here. */
static void
worker_ended (GenvidWorker *worker, gpointer data)
{
  GenvidActivity *activity = data;

  g_mutex_lock (&registry.mutex);
  activity->worker = NULL;
  retire (activity);
  g_hash_table_remove (registry.workers, activity);
  g_cond_broadcast (&registry.ended);
  g_mutex_unlock (&registry.mutex);
  genvid_activity_unref (activity);
}

/* Under the mutex. */
static gboolean
start_worker (GenvidActivity *activity, GenvidPlan *plan, GError **error)
{
  if (registry.workers == NULL)
    registry.workers = g_hash_table_new (NULL, NULL);
  activity->ordered = TRUE;
  if (registry.quitting) {
    g_set_error_literal (error, GENVID_ERROR, GENVID_REASON_FAILED,
                         "The process ends. Nothing was bought.");
    return FALSE;
  }
  activity->worker = genvid_worker_start (plan, activity->clip, worker_ended,
                                          activity, error);
  if (activity->worker == NULL)
    return FALSE;

  g_atomic_int_set (&registry.process, getpid ());
  activity->users++;
  g_hash_table_add (registry.workers, activity);
  return TRUE;
}

gboolean
genvid_activity_claim (GenvidActivity *activity)
{
  g_mutex_lock (&registry.mutex);
  gboolean claimed = !activity->ordered;
  activity->ordered = TRUE;
  g_mutex_unlock (&registry.mutex);

  return claimed;
}

void
genvid_activity_order (GenvidActivity *activity, GenvidPlan *plan,
                       GenvidReader *reader)
{
  g_autoptr (GError) error = NULL;
  gboolean started = TRUE;

  g_mutex_lock (&registry.mutex);
  /* Here, as it may have been stopped since its user looked; what stops after
   * this finds a worker to tell. */
  if (!activity->ordered && genvid_reader_check (reader) != GENVID_READ_STOPPED)
    started = start_worker (activity, plan, &error);
  if (!started)
    retire (activity);
  g_mutex_unlock (&registry.mutex);

  if (started)
    return;
  GenvidFailure *failure
      = genvid_failure_new_from_error (error, GENVID_REASON_FAILED);
  failure->billed = GENVID_BILLED_NO; /* nothing was sent */
  genvid_clip_fail (activity->clip, failure);
}

void
genvid_activity_leave (GenvidActivity *activity, GenvidReader *reader,
                       gboolean cancel)
{
  gboolean last;

  g_mutex_lock (&registry.mutex);
  last = genvid_reader_stop (reader);
  /* The last one's word counts, not that of one who went before. */
  if (activity->worker != NULL && last)
    genvid_worker_cancel (activity->worker, cancel);
  else if (activity->worker != NULL)
    genvid_worker_wake (activity->worker);
  g_mutex_unlock (&registry.mutex);
}

static void
tell_workers (gboolean abort)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, registry.workers);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    genvid_worker_quit (((GenvidActivity *)key)->worker, abort);
}

static gboolean
is_paying (void)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, registry.workers);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (genvid_worker_is_paying (((GenvidActivity *)key)->worker))
      return TRUE;
  return FALSE;
}

/* TRUE when all are gone. */
static gboolean
wait_for_workers (gint64 until)
{
  while (g_hash_table_size (registry.workers) > 0)
    if (!g_cond_wait_until (&registry.ended, &registry.mutex, until))
      return FALSE;
  return TRUE;
}

void
genvid_registry_quit (void)
{
  gint64 now = g_get_monotonic_time ();
  gint process = g_atomic_int_get (&registry.process);
  gint64 last = QUIT_ABORTED;

  /* A forked child has a copy of all this and none of the threads; even the
   * mutex may be held for ever. */
  if (process != 0 && process != getpid ())
    return;
  g_mutex_lock (&registry.mutex);
  registry.quitting = TRUE;
  if (registry.workers != NULL) {
    tell_workers (FALSE);
    if (!wait_for_workers (now + QUIT_OTHER) && is_paying ()) {
      /* A busy disk must not lose a wish to cancel. */
      last = QUIT_OTHER;
      wait_for_workers (now + QUIT_PAYING - last);
    }
    tell_workers (TRUE);
    wait_for_workers (g_get_monotonic_time () + last);
  }
  g_mutex_unlock (&registry.mutex);
}
