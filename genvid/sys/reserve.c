/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Counting what was taken keeps the jobs of this library from taking what
 * another of them counts on. Placeholders, copies of one descriptor that means
 * nothing, keep a few from the application, too; what it opens meanwhile is
 * not known. */

#include "reserve.h"

#include "failure.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <gio/gio.h>

/* Of a job: its syncs, its look-ups, its handshakes. */
#define THREADS 4

/* Those nobody counts, such as a loop's. */
#define SPARE 4

/* Placeholders, or lent to one reserve. */
typedef struct {
  const guint size;
  int fds[GENVID_RESERVE_TRANSFER];
  guint n;
  gboolean lent;
} Kept;

struct _GenvidReserve {
  guint n;
  Kept *kept; /* NULL: from what was free */
};

/* Guards what follows. No disk is waited for under it. */
static GMutex mutex;
static GCond returned;
static Kept transfer = { .size = GENVID_RESERVE_TRANSFER };
static Kept record = { .size = GENVID_RESERVE_RECORD };
static guint n_jobs;
static guint taken; /* by all reserves */
static guint n_waiting;

static int
open_placeholder (int like)
{
  if (like >= 0)
    return fcntl (like, F_DUPFD_CLOEXEC, 0);
  return open ("/dev/null", O_PATH | O_CLOEXEC);
}

static gboolean
refuse (GError **error)
{
  struct rlimit limit = { 0 };

  getrlimit (RLIMIT_NOFILE, &limit);
  g_set_error (error, GENVID_ERROR, GENVID_REASON_NO_SPACE,
               "The process may have %" G_GUINT64_FORMAT
               " files open, and too few of them are left for a clip, which "
               "needs %u. Raise the limit with "
               " ulimit -n, or run fewer clips at once.",
               (guint64)limit.rlim_cur, GENVID_RESERVE_TRANSFER);
  return FALSE;
}

/* --- All under the mutex. --- */

static void
shrink (Kept *kept)
{
  while (kept->n > 0)
    close (kept->fds[--kept->n]);
}

static gboolean
is_full (const Kept *kept)
{
  return !kept->lent && kept->n == kept->size;
}

/* Nothing is opened to find out: it might be what another thread opens at this
 * moment. The kernel gives out the lowest first, so the free ones are found
 * from the top. */
static gboolean
can_open (guint n)
{
  struct rlimit limit = { 0 };
  guint n_free = 0;
  int fd;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return FALSE;
  fd = (int)MIN (limit.rlim_cur, (rlim_t)G_MAXINT);
  while (n_free < n && fd > 0)
    n_free += fcntl (--fd, F_GETFD) == -1;
  return n_free >= n;
}

/* As far as what was taken allows; the next one to come tries again. */
static gboolean
fill (Kept *kept)
{
  if (kept->lent)
    return TRUE;
  if (!can_open (taken + kept->size - kept->n))
    return FALSE;
  while (kept->n < kept->size) {
    int fd = open_placeholder (kept->n > 0 ? kept->fds[0] : -1);

    if (fd < 0)
      return FALSE;
    kept->fds[kept->n++] = fd;
  }
  return TRUE;
}

/* Without jobs nothing is kept. */
static void
refill (void)
{
  if (n_jobs == 0) {
    shrink (&record);
    shrink (&transfer);
    return;
  }
  if (!is_full (&record))
    fill (&record);
  if (!is_full (&transfer))
    fill (&transfer);
}

static GenvidReserve *
take (guint n, Kept *kept)
{
  GenvidReserve *reserve;

  refill ();
  if (!can_open (taken + n + SPARE)) {
    if (!is_full (kept))
      return NULL;
    shrink (kept);
    kept->lent = TRUE;
    n = kept->size;
  } else {
    kept = NULL;
  }
  taken += n;
  reserve = g_new (GenvidReserve, 1);
  *reserve = (GenvidReserve){ n, kept };
  return reserve;
}

static void
await_return (void)
{
  n_waiting++;
  g_cond_wait (&returned, &mutex);
  n_waiting--;
}

/* --- A child has none of the jobs and none of the threads that took. --- */

static void
before_fork (void)
{
  g_mutex_lock (&mutex);
}

static void
after_fork_in_parent (void)
{
  g_mutex_unlock (&mutex);
}

static void
after_fork_in_child (void)
{
  n_jobs = taken = n_waiting = 0;
  g_cond_init (&returned);
  record.lent = transfer.lent = FALSE;
  shrink (&record);
  shrink (&transfer);
  g_mutex_unlock (&mutex);
}

static void
watch_forks (void)
{
  static gsize ready = 0;

  if (!g_once_init_enter (&ready))
    return;
  pthread_atfork (before_fork, after_fork_in_parent, after_fork_in_child);
  g_once_init_leave (&ready, 1);
}

/* Whoever has a mutex above this one has been here before. */
static void
lock (void)
{
  watch_forks ();
  g_mutex_lock (&mutex);
}

/* --- */

gboolean
genvid_reserve_join (GError **error)
{
  gboolean kept;

  lock ();
  kept = fill (&record) && fill (&transfer);
  n_jobs += kept;
  /* Half of it helps nobody, and may be what another lacks. */
  refill ();
  g_mutex_unlock (&mutex);
  return kept || refuse (error);
}

void
genvid_reserve_leave (void)
{
  lock ();
  n_jobs--;
  refill ();
  g_mutex_unlock (&mutex);
}

GenvidReserve *
genvid_reserve_take (guint n, GError **error)
{
  GenvidReserve *reserve;

  g_return_val_if_fail (n <= GENVID_RESERVE_TRANSFER, NULL);
  lock ();
  reserve = take (n, &transfer);
  g_mutex_unlock (&mutex);
  if (reserve == NULL)
    refuse (error);
  return reserve;
}

gboolean
genvid_reserve_has_plenty (void)
{
  gboolean plenty;

  lock ();
  refill ();
  plenty = can_open (taken + GENVID_RESERVE_TRANSFER + n_jobs + SPARE);
  g_mutex_unlock (&mutex);
  return plenty;
}

GenvidReserve *
genvid_reserve_take_record (void)
{
  GenvidReserve *reserve;

  lock ();
  while ((reserve = take (GENVID_RESERVE_RECORD, &record)) == NULL
         && record.lent)
    await_return ();
  g_mutex_unlock (&mutex);
  return reserve;
}

gboolean
genvid_reserve_is_shared (void)
{
  gboolean shared;

  lock ();
  shared = taken > 0;
  g_mutex_unlock (&mutex);
  return shared;
}

void
genvid_reserve_free (GenvidReserve *reserve)
{
  if (reserve == NULL)
    return;
  lock ();
  taken -= reserve->n;
  if (reserve->kept != NULL)
    reserve->kept->lent = FALSE;
  refill ();
  /* To wake nobody is not free, where many sleep. */
  if (n_waiting > 0)
    g_cond_broadcast (&returned);
  g_mutex_unlock (&mutex);
  g_free (reserve);
}

gboolean
genvid_reserve_refuse_thread (GError **error)
{
  g_set_error_literal (
      error, GENVID_ERROR, GENVID_REASON_NO_SPACE,
      "The process cannot start any more threads. Nothing was bought. "
      "Raise the limit with ulimit -u, or that of the container, or "
      "run fewer clips at once.");
  return FALSE;
}

static gpointer
pass (gpointer data)
{
  GMutex *gate = data;

  g_mutex_lock (gate);
  g_mutex_unlock (gate);
  return NULL;
}

/* All at once, as the job may need them. */
static gboolean
try_threads (void)
{
  static GMutex one_by_one;
  GThread *threads[THREADS];
  GMutex gate;
  guint n = 0;

  g_mutex_lock (&one_by_one);
  g_mutex_init (&gate);
  g_mutex_lock (&gate);
  while (n < THREADS
         && (threads[n] = g_thread_try_new ("genvid-try", pass, &gate, NULL))
                != NULL)
    n++;
  g_mutex_unlock (&gate);
  for (guint i = 0; i < n; i++)
    g_thread_join (threads[i]);
  g_mutex_clear (&gate);
  g_mutex_unlock (&one_by_one);
  return n == THREADS;
}

gboolean
genvid_reserve_check_threads (GError **error)
{
  static gsize warm = 0;

  if (!try_threads ())
    return genvid_reserve_refuse_thread (error);
  if (g_once_init_enter (&warm)) {
    g_type_ensure (G_TYPE_TASK);
    g_proxy_resolver_get_default ();
    g_once_init_leave (&warm, 1);
  }
  return TRUE;
}
