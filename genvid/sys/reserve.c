/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Placeholders: copies of one descriptor that means nothing. They keep the
 * jobs of this library from taking what another of them counts on; what the
 * application opens meanwhile it cannot know. */

#include "reserve.h"

#include "failure.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <gio/gio.h>

/* Of a job: its syncs, its look-ups, its handshakes. */
#define THREADS 4

/* What is made under the mutex keeps a few for good. */
#define MADE 4

struct _GenvidReserve {
  int fds[GENVID_RESERVE_ALL];
  guint n;
  gboolean admitted; /* what it has let go it is to get back */
};

/* Guards what follows, and whoever takes what is free. No disk is waited for
 * under it but once in a process, and only workers take it. */
static GMutex taking;
static guint lent; /* how many the admitted ones have let go */

GenvidReserve *
genvid_reserve_new (void)
{
  return g_new0 (GenvidReserve, 1);
}

static void
shrink (GenvidReserve *reserve, guint n)
{
  for (; reserve->n > n; lent += reserve->admitted)
    close (reserve->fds[--reserve->n]);
}

void
genvid_reserve_free (GenvidReserve *reserve)
{
  if (reserve == NULL)
    return;
  g_mutex_lock (&taking);
  shrink (reserve, 0);
  if (reserve->admitted)
    lent -= GENVID_RESERVE_ALL;
  g_mutex_unlock (&taking);
  g_free (reserve);
}

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
               "needs %u. Nothing was bought. Raise the "
               "limit with ulimit -n, or run fewer clips at once.",
               (guint64)limit.rlim_cur, GENVID_RESERVE_ALL);
  return FALSE;
}

/* Under the mutex. */
static gboolean
grow (GenvidReserve *reserve, guint n, GError **error)
{
  int fd = 0;

  while (reserve->n < n) {
    fd = open_placeholder (reserve->n > 0 ? reserve->fds[0] : -1);
    if (fd < 0)
      break;
    reserve->fds[reserve->n++] = fd;
    lent -= reserve->admitted;
  }
  if (fd >= 0)
    return TRUE;
  /* Half of it helps nobody, and may be what another lacks. */
  shrink (reserve, 0);
  return refuse (error);
}

/* Under the mutex: besides what RESERVE holds, all that is lent can be given
 * back. */
static gboolean
leaves_enough (const GenvidReserve *reserve, GError **error)
{
  g_autoptr (GArray) fds = g_array_new (FALSE, FALSE, sizeof (int));
  int fd = 0;

  while (fds->len < lent + MADE
         && (fd = open_placeholder (reserve->fds[0])) >= 0)
    g_array_append_val (fds, fd);
  for (guint i = 0; i < fds->len; i++)
    close (g_array_index (fds, int, i));
  return fd >= 0 || refuse (error);
}

gboolean
genvid_reserve_hold (GenvidReserve *reserve, guint n, GError **error)
{
  g_return_val_if_fail (n <= GENVID_RESERVE_ALL, FALSE);
  g_mutex_lock (&taking);
  shrink (reserve, n);
  gboolean held = grow (reserve, n, error);
  g_mutex_unlock (&taking);
  return held;
}

gboolean
genvid_reserve_make (GenvidReserve *reserve,
                     gboolean (*make) (gpointer data, GError **error),
                     gpointer data, GError **error)
{
  gboolean made;

  g_mutex_lock (&taking);
  made = grow (reserve, GENVID_RESERVE_ALL, error)
         && leaves_enough (reserve, error);
  reserve->admitted = made;
  shrink (reserve, 0);
  made = made && make (data, error);
  g_mutex_unlock (&taking);
  return made;
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
  GThread *threads[THREADS];
  GMutex gate;
  guint n = 0;

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
