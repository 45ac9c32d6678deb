/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who shares what in this process. An generation is counted under the
 * registry's mutex, so that nobody joins one that is going away. Lock order:
 * the registry's mutex first, a clip's or worker's lock below it; no call-out
 * and no wait under it but the one at exit, on its own cond. */

#include "generations.h"

#include "clip-reader.h"
#include "clip-status.h"
#include "clip.h"
#include "failure.h"
#include "plan.h"
#include "provider.h"
#include "settings.h"
#include "store.h"
#include "worker.h"

#include <unistd.h>

#define QUIT_PAYING (3 * G_USEC_PER_SEC)
#define QUIT_OTHER  (G_USEC_PER_SEC / 2)
/* What an aborted worker needs to leave its last word on the disk. */
#define QUIT_ABORTED (G_USEC_PER_SEC / 10)

struct _GenvidGeneration {
  guint users;
  char *name;
  GenvidClip *clip;
  GenvidWorker *worker; /* NULL: not running */
  gboolean ordered;     /* the clip has its writer */
};

static struct {
  GMutex mutex;
  GCond ended;             /* a worker did */
  GHashTable *generations; /* name → generation, borrowed */
  GHashTable *workers;     /* set of generations with a worker */
  gboolean quitting;
  gint process; /* atomic: whose workers these are; 0: none yet */
} registry;

/* Orders that differ in what they may do must not share a fate: a run under
 * reuse=only that finds nothing would fail the one that may buy. They still
 * share the purchase, by the store's lock. */
static char *
name_activity (const GenvidPlan *plan)
{
  const GenvidSettings *settings = plan->settings;
  g_autofree char *key = g_compute_checksum_for_string (
      G_CHECKSUM_SHA256, plan->key != NULL ? plan->key : "", -1);

  return g_strdup_printf (
      "%s\n%s\n%s\n%d%d%d\n%g %g %" G_GUINT64_FORMAT "\n%s\n%s",
      genvid_store_get_path (plan->store), plan->fingerprint, key,
      plan->never_buy, settings->if_in_doubt == GENVID_IF_IN_DOUBT_RESUBMIT,
      settings->allow_private, plan->max_cost, plan->budget, settings->max_size,
      settings->ca_file != NULL ? settings->ca_file : "",
      settings->adopt != NULL ? settings->adopt : "");
}

static GenvidGeneration *
make_activity (GenvidPlan *plan, char *name)
{
  GenvidGeneration *generation = g_new0 (GenvidGeneration, 1);

  generation->name = name;
  generation->clip = genvid_clip_new (genvid_provider_get_name (plan->provider),
                                      plan->model);
  return generation;
}

/* Under the mutex: later orders make a new one. */
static void
retire (GenvidGeneration *generation)
{
  if (g_hash_table_lookup (registry.generations, generation->name)
      == generation)
    g_hash_table_remove (registry.generations, generation->name);
}

/* Its worker has failed and is about to leave: whoever starts again at once
 * wants another try, not the same failure. */
static gboolean
has_failed (GenvidGeneration *generation)
{
  g_autoptr (GenvidClipStatus) snapshot
      = genvid_clip_snapshot (generation->clip);

  return snapshot->failure != NULL;
}

GenvidGeneration *
genvid_generations_join (GenvidPlan *plan, gboolean *shared)
{
  char *name = name_activity (plan);
  GenvidGeneration *generation;

  g_mutex_lock (&registry.mutex);
  if (registry.generations == NULL)
    registry.generations = g_hash_table_new (g_str_hash, g_str_equal);
  generation = g_hash_table_lookup (registry.generations, name);
  if (generation != NULL && has_failed (generation)) {
    retire (generation);
    generation = NULL;
  }
  *shared = generation != NULL;
  if (generation == NULL) {
    generation = make_activity (plan, g_steal_pointer (&name));
    g_hash_table_insert (registry.generations, generation->name, generation);
  }
  generation->users++;
  g_mutex_unlock (&registry.mutex);
  g_free (name);

  return generation;
}

GenvidGeneration *
genvid_generation_ref (GenvidGeneration *generation)
{
  g_mutex_lock (&registry.mutex);
  generation->users++;
  g_mutex_unlock (&registry.mutex);

  return generation;
}

void
genvid_generation_unref (GenvidGeneration *generation)
{
  gboolean last;

  g_mutex_lock (&registry.mutex);
  last = --generation->users == 0;
  if (last)
    retire (generation);
  g_mutex_unlock (&registry.mutex);
  if (!last)
    return;

  genvid_clip_unref (generation->clip);
  g_free (generation->name);
  g_free (generation);
}

GenvidClip *
genvid_generation_get_clip (GenvidGeneration *generation)
{
  return generation->clip;
}

/* The worker's last act; it holds a use of the generation until here. */
static void
worker_ended (GenvidWorker *worker, gpointer data)
{
  GenvidGeneration *generation = data;

  g_mutex_lock (&registry.mutex);
  generation->worker = NULL;
  retire (generation);
  g_hash_table_remove (registry.workers, generation);
  g_cond_broadcast (&registry.ended);
  g_mutex_unlock (&registry.mutex);
  genvid_generation_unref (generation);
}

/* Under the mutex. */
static gboolean
start_worker (GenvidGeneration *generation, GenvidPlan *plan, GError **error)
{
  if (registry.workers == NULL)
    registry.workers = g_hash_table_new (NULL, NULL);
  generation->ordered = TRUE;
  if (registry.quitting) {
    g_set_error_literal (error, GENVID_ERROR, GENVID_REASON_FAILED,
                         "The process ends. Nothing was bought.");
    return FALSE;
  }
  generation->worker = genvid_worker_start (plan, generation->clip,
                                            worker_ended, generation, error);
  if (generation->worker == NULL)
    return FALSE;

  g_atomic_int_set (&registry.process, getpid ());
  generation->users++;
  g_hash_table_add (registry.workers, generation);
  return TRUE;
}

gboolean
genvid_generation_claim (GenvidGeneration *generation)
{
  g_mutex_lock (&registry.mutex);
  gboolean claimed = !generation->ordered;
  generation->ordered = TRUE;
  g_mutex_unlock (&registry.mutex);

  return claimed;
}

void
genvid_generation_start (GenvidGeneration *generation, GenvidPlan *plan,
                         GenvidClipReader *reader)
{
  g_autoptr (GError) error = NULL;
  gboolean started = TRUE;

  g_mutex_lock (&registry.mutex);
  /* Here, as it may have been stopped since its user looked; what stops after
   * this finds a worker to tell. */
  if (!generation->ordered
      && genvid_clip_reader_check (reader) != GENVID_READ_STOPPED)
    started = start_worker (generation, plan, &error);
  if (!started)
    retire (generation);
  g_mutex_unlock (&registry.mutex);

  if (started)
    return;
  GenvidFailure *failure
      = genvid_failure_new_from_error (error, GENVID_REASON_FAILED);
  failure->billed = GENVID_BILLED_NO; /* nothing was sent */
  genvid_clip_fail (generation->clip, failure);
}

void
genvid_generation_leave (GenvidGeneration *generation, GenvidClipReader *reader,
                         gboolean cancel)
{
  gboolean last;

  g_mutex_lock (&registry.mutex);
  last = genvid_clip_reader_stop (reader);
  /* The last one's word counts, not that of one who went before. */
  if (generation->worker != NULL && last)
    genvid_worker_cancel (generation->worker, cancel);
  else if (generation->worker != NULL)
    genvid_worker_wake (generation->worker);
  g_mutex_unlock (&registry.mutex);
}

static void
tell_workers (gboolean abort)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, registry.workers);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    genvid_worker_quit (((GenvidGeneration *)key)->worker, abort);
}

static gboolean
is_paying (void)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, registry.workers);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (genvid_worker_is_paying (((GenvidGeneration *)key)->worker))
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
genvid_generations_quit (void)
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
