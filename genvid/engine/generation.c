/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who shares what in this process: the only mutable global of the engine. A
 * generation is counted under its mutex, so that nobody joins one that is
 * going away. Lock order: that mutex first, a clip's or worker's lock below
 * it. Nothing is called back under it, and only the exit waits, on its own
 * cond. */

#include "generation.h"

#include "clip-reader.h"
#include "clip-status.h"
#include "clip.h"
#include "failure.h"
#include "log.h"
#include "plan.h"
#include "provider.h"
#include "reserve.h"
#include "scheduler.h"
#include "settings.h"
#include "store-entry.h"
#include "store-users.h"
#include "store.h"
#include "worker.h"

#include <pthread.h>
#include <unistd.h>

#define QUIT_PAYING (3 * G_USEC_PER_SEC)
#define QUIT_OTHER  (G_USEC_PER_SEC / 2)
/* What an aborted worker needs to save its record. */
#define QUIT_ABORTED (G_USEC_PER_SEC / 10)

struct _GenvidGeneration {
  guint users;
  char *name;
  GenvidClip *clip;
  char *fingerprint;
  GenvidWorker *worker; /* NULL: not running */
  gboolean has_writer;  /* of the clip, now or before */
  GenvidStore *store;
  guint n_uses;
  /* Tells other processes of the uses, where the lock does not. */
  GenvidStoreEntry *mark; /* nullable */
  gboolean holds;         /* its worker has the lock */
};

static struct {
  GMutex mutex;
  GCond ended;         /* of a worker */
  GHashTable *by_name; /* name → generation, borrowed */
  GHashTable *running; /* set of generations with a worker */
  gboolean quitting;
  gint process; /* atomic: the process of the workers; 0: none yet */
} generations;

/* --- A child has none of the workers, and begins anew. --- */

static void
before_fork (void)
{
  g_mutex_lock (&generations.mutex);
}

static void
after_fork_in_parent (void)
{
  g_mutex_unlock (&generations.mutex);
}

static void
after_fork_in_child (void)
{
  generations.by_name = NULL;
  generations.running = NULL;
  g_cond_init (&generations.ended);
  g_mutex_unlock (&generations.mutex);
}

/* After the scheduler, the store and the reserve, whose mutexes are taken below
 * this one: a client has opened its store, with a reserve, before it joins. */
static void
watch_forks (void)
{
  static gsize ready = 0;

  if (!g_once_init_enter (&ready))
    return;
  genvid_scheduler_watch_forks ();
  pthread_atfork (before_fork, after_fork_in_parent, after_fork_in_child);
  g_once_init_leave (&ready, 1);
}

/* Clients with different permissions must not share an outcome: one under
 * reuse=only that finds nothing would fail the one that may buy. They still
 * share the purchase, by the store's lock. */
static char *
make_name (const GenvidPlan *plan)
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
make_generation (GenvidPlan *plan, char *name)
{
  GenvidGeneration *generation = g_new0 (GenvidGeneration, 1);

  generation->name = name;
  generation->fingerprint = g_strdup (plan->fingerprint);
  generation->store = genvid_store_ref (plan->store);
  generation->clip = genvid_clip_new (genvid_provider_get_name (plan->provider),
                                      plan->model);
  return generation;
}

/* Under the mutex: whoever joins later makes a new one. */
static void
retire (GenvidGeneration *generation)
{
  if (generations.by_name != NULL
      && g_hash_table_lookup (generations.by_name, generation->name)
             == generation)
    g_hash_table_remove (generations.by_name, generation->name);
}

/* Its worker has failed and is about to end: a client that starts again at once
 * wants another attempt, not the same failure. */
static gboolean
has_failed (GenvidGeneration *generation)
{
  g_autoptr (GenvidClipStatus) snapshot
      = genvid_clip_snapshot (generation->clip);

  return snapshot->failure != NULL;
}

GenvidGeneration *
genvid_generation_join (GenvidPlan *plan, gboolean *shared)
{
  char *name = make_name (plan);
  GenvidGeneration *generation;
  guint n_users;

  watch_forks ();
  g_mutex_lock (&generations.mutex);
  if (generations.by_name == NULL)
    generations.by_name = g_hash_table_new (g_str_hash, g_str_equal);
  generation = g_hash_table_lookup (generations.by_name, name);
  if (generation != NULL && has_failed (generation)) {
    retire (generation);
    generation = NULL;
  }
  *shared = generation != NULL;
  if (generation == NULL) {
    generation = make_generation (plan, g_steal_pointer (&name));
    g_hash_table_insert (generations.by_name, generation->name, generation);
  }
  n_users = ++generation->users;
  g_mutex_unlock (&generations.mutex);
  g_free (name);
  if (*shared)
    genvid_log (GENVID_LOG_ENGINE, GENVID_LOG_INFO,
                "%.8s: generation shared, %u users in this process",
                plan->fingerprint, n_users);

  return generation;
}

void
genvid_generation_unref (GenvidGeneration *generation)
{
  gboolean last;

  g_mutex_lock (&generations.mutex);
  last = --generation->users == 0;
  if (last)
    retire (generation);
  g_mutex_unlock (&generations.mutex);
  if (!last)
    return;

  genvid_store_entry_free (generation->mark);
  genvid_store_unref (generation->store);
  genvid_clip_unref (generation->clip);
  g_free (generation->name);
  g_free (generation->fingerprint);
  g_free (generation);
}

GenvidClip *
genvid_generation_get_clip (GenvidGeneration *generation)
{
  return generation->clip;
}

/* --- Who uses the clip: a mark in the store, or, as long as the worker has it,
 * the lock. A descriptor is held for one of them, never for both. --- */

static gboolean
lacks_mark (const GenvidGeneration *generation)
{
  return generation->n_uses > 0 && generation->mark == NULL;
}

/* Made outside of the mutex, since the disk may be slow. */
static GenvidStoreEntry *
make_mark (GenvidGeneration *generation)
{
  GenvidStoreEntry *mark
      = genvid_store_get_entry (generation->store, generation->fingerprint);

  genvid_store_entry_use (mark);
  return mark;
}

void
genvid_generation_begin_use (GenvidGeneration *generation)
{
  g_autoptr (GenvidStoreEntry) mark = NULL;
  gboolean lacks;

  g_mutex_lock (&generations.mutex);
  generation->n_uses++;
  lacks = lacks_mark (generation) && !generation->holds;
  g_mutex_unlock (&generations.mutex);
  if (!lacks)
    return;
  mark = make_mark (generation);
  g_mutex_lock (&generations.mutex);
  if (lacks_mark (generation) && !generation->holds)
    generation->mark = g_steal_pointer (&mark);
  g_mutex_unlock (&generations.mutex);
}

void
genvid_generation_end_use (GenvidGeneration *generation)
{
  g_autoptr (GenvidStoreEntry) mark = NULL;

  g_mutex_lock (&generations.mutex);
  if (--generation->n_uses == 0)
    mark = g_steal_pointer (&generation->mark);
  g_mutex_unlock (&generations.mutex);
}

static void
worker_holds (GenvidWorker *worker, gpointer data)
{
  GenvidGeneration *generation = data;
  g_autoptr (GenvidStoreEntry) mark = NULL;

  g_mutex_lock (&generations.mutex);
  generation->holds = TRUE;
  mark = g_steal_pointer (&generation->mark);
  g_mutex_unlock (&generations.mutex);
  if (mark != NULL)
    genvid_store_entry_pass (mark);
}

/* The mark is there before the lock goes. Where descriptors are few there is
 * none, and the clip has the lock's: what was bought can be played. */
static void
worker_releases (GenvidWorker *worker, gpointer data)
{
  GenvidGeneration *generation = data;
  g_autoptr (GenvidStoreEntry) mark = NULL;

  g_mutex_lock (&generations.mutex);
  while (lacks_mark (generation) && mark == NULL
         && genvid_reserve_has_plenty ()) {
    g_mutex_unlock (&generations.mutex);
    mark = make_mark (generation);
    g_mutex_lock (&generations.mutex);
  }
  generation->holds = FALSE;
  if (lacks_mark (generation))
    generation->mark = g_steal_pointer (&mark);
  g_mutex_unlock (&generations.mutex);
}

/* The last call of the worker, which is a user of the generation until here. */
static void
worker_ended (GenvidWorker *worker, gpointer data)
{
  GenvidGeneration *generation = data;

  g_mutex_lock (&generations.mutex);
  generation->worker = NULL;
  retire (generation);
  g_hash_table_remove (generations.running, generation);
  g_cond_broadcast (&generations.ended);
  g_mutex_unlock (&generations.mutex);
  genvid_log (GENVID_LOG_ENGINE, GENVID_LOG_INFO, "%.8s: generation ended",
              generation->fingerprint);
  genvid_generation_unref (generation);
}

static const GenvidWorkerClass worker_class = { .holds = worker_holds,
                                                .releases = worker_releases,
                                                .ended = worker_ended };

/* Under the mutex. */
static gboolean
start_worker (GenvidGeneration *generation, GenvidPlan *plan, GError **error)
{
  if (generations.running == NULL)
    generations.running = g_hash_table_new (NULL, NULL);
  generation->has_writer = TRUE;
  if (generations.quitting) {
    g_set_error_literal (error, GENVID_ERROR, GENVID_REASON_FAILED,
                         "The process is exiting. Nothing was bought.");
    return FALSE;
  }
  generation->worker = genvid_worker_start (plan, generation->clip,
                                            &worker_class, generation, error);
  if (generation->worker == NULL)
    return FALSE;

  g_atomic_int_set (&generations.process, getpid ());
  generation->users++;
  g_hash_table_add (generations.running, generation);
  return TRUE;
}

gboolean
genvid_generation_become_writer (GenvidGeneration *generation)
{
  gboolean first;

  g_mutex_lock (&generations.mutex);
  first = !generation->has_writer;
  generation->has_writer = TRUE;
  g_mutex_unlock (&generations.mutex);

  return first;
}

void
genvid_generation_start (GenvidGeneration *generation, GenvidPlan *plan,
                         GenvidClipReader *reader)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidFailure) failure = NULL;
  gboolean needed;
  gboolean started = TRUE;

  g_mutex_lock (&generations.mutex);
  /* Checked here, as READER may have been stopped since its client looked; one
   * that stops after this finds a worker to wake. */
  needed = !generation->has_writer
           && genvid_clip_reader_check (reader) != GENVID_READ_STOPPED;
  if (needed)
    started = start_worker (generation, plan, &error);
  if (!started)
    retire (generation);
  g_mutex_unlock (&generations.mutex);

  if (started && needed)
    genvid_log (GENVID_LOG_ENGINE, GENVID_LOG_INFO, "%.8s: generation started",
                plan->fingerprint);
  if (started)
    return;
  failure = genvid_failure_new_from_error (error, GENVID_REASON_FAILED);
  failure->billed = GENVID_BILLED_NO; /* nothing was sent */
  genvid_clip_fail (generation->clip, failure, FALSE);
}

void
genvid_generation_leave (GenvidGeneration *generation, GenvidClipReader *reader,
                         gboolean cancel)
{
  gboolean last;

  g_mutex_lock (&generations.mutex);
  last = genvid_clip_reader_stop (reader);
  /* Only the last client's wish counts. */
  if (generation->worker != NULL && last)
    genvid_worker_cancel (generation->worker, cancel);
  else if (generation->worker != NULL)
    genvid_worker_wake (generation->worker);
  g_mutex_unlock (&generations.mutex);
}

static void
quit_workers (gboolean abort)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, generations.running);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    genvid_worker_quit (((GenvidGeneration *)key)->worker, abort);
}

static gboolean
is_paying (void)
{
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, generations.running);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (genvid_worker_is_paying (((GenvidGeneration *)key)->worker))
      return TRUE;
  return FALSE;
}

/* TRUE when all are gone. */
static gboolean
wait_for_workers (gint64 until)
{
  while (g_hash_table_size (generations.running) > 0)
    if (!g_cond_wait_until (&generations.ended, &generations.mutex, until))
      return FALSE;
  return TRUE;
}

void
genvid_generation_quit_all (void)
{
  gint64 now = g_get_monotonic_time ();
  gint process = g_atomic_int_get (&generations.process);
  gint64 last = QUIT_ABORTED;

  /* A forked child has a copy of all this but none of the threads, and nobody
   * may be left to release the mutex. */
  if (process != 0 && process != getpid ())
    return;
  g_mutex_lock (&generations.mutex);
  generations.quitting = TRUE;
  if (generations.running != NULL) {
    quit_workers (FALSE);
    if (!wait_for_workers (now + QUIT_OTHER) && is_paying ()) {
      /* A busy disk must not lose a cancel that is still to be sent. */
      last = QUIT_OTHER;
      wait_for_workers (now + QUIT_PAYING - last);
    }
    quit_workers (TRUE);
    wait_for_workers (g_get_monotonic_time () + last);
  }
  g_mutex_unlock (&generations.mutex);
  genvid_scheduler_await_end (g_get_monotonic_time () + QUIT_ABORTED);
}
