/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Open-file-description locks, and the one list of them that a fork needs:
 * POSIX locks would be shared inside the process and lost by any close, and a
 * forked child would keep flock or OFD locks of a killed parent alive. It is
 * no fence: the intents guard against a holder that was suspended and wakes.
 * The mutex guards the list and nothing else: whoever forks or lets a lock go
 * takes it, so the disk is never waited for under it. */

#include "ofd-lock.h"

#include "durable-file.h"
#include "failure.h"
#include "file-system.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHORTEST_NAP (G_USEC_PER_SEC / 1000)
#define LONGEST_NAP  (G_USEC_PER_SEC / 50)
/* So many of one process may have a lock in a row; then another process that
 * naps wakes up to find it free. */
#define LONGEST_ROW 32
#define PAUSE       (LONGEST_NAP + LONGEST_NAP / 2)
/* A running thread may overtake the first in line, which must wake up first,
 * but only for so long. */
#define OVERTAKING (G_USEC_PER_SEC / 4)

/* More forks than that during one open, and a child may keep a copy. */
#define MAX_REOPENS 8

/* A place in the queue of this process for a lock, from the wait for it until
 * it is let go: only one at a time asks the file, and naps. */
typedef struct {
  dev_t device; /* of the folder */
  ino_t inode;
  char *name;
  gboolean active; /* it asks, or has it */
  gint64 start;    /* monotonic clock */
  gint64 since;    /* monotonic clock: nobody of us got any further */
  guint row;       /* of us had it right before */
} Turn;

struct _GenvidOfdLock {
  int fd; /* -1: closed after a fork */
  dev_t device;
  ino_t inode;
  gboolean held; /* under the mutex */
  Turn *turn;    /* NULL: it was not waited for */
};

/* Guards what follows; taken across a fork. */
static GMutex registry_mutex;
static GPtrArray *registry;
static guint forks;      /* how many there were */
static GPtrArray *turns; /* of Turn, the first first */
static GCond turn_ended;

static void
before_fork (void)
{
  g_mutex_lock (&registry_mutex);
  forks++;
}

static void
after_fork_in_parent (void)
{
  g_mutex_unlock (&registry_mutex);
}

/* The only thread of the child: it calls nothing that allocates. */
static void
after_fork_in_child (void)
{
  for (guint i = 0; i < registry->len; i++) {
    GenvidOfdLock *lock = g_ptr_array_index (registry, i);
    close (lock->fd);
    lock->fd = -1;
  }
  /* None of those who wait is here. */
  g_ptr_array_set_size (turns, 0);
  g_cond_init (&turn_ended);
  g_mutex_unlock (&registry_mutex);
}

static void
prepare_registry (void)
{
  static gsize ready = 0;

  if (!g_once_init_enter (&ready))
    return;
  registry = g_ptr_array_new ();
  turns = g_ptr_array_new ();
  pthread_atfork (before_fork, after_fork_in_parent, after_fork_in_child);
  g_once_init_leave (&ready, 1);
}

static guint
count_forks (void)
{
  g_mutex_lock (&registry_mutex);
  guint count = forks;
  g_mutex_unlock (&registry_mutex);
  return count;
}

/* FALSE: there was a fork since they were counted, so a child may have a copy
 * that it does not know of. */
static gboolean
enlist (GenvidOfdLock *lock, guint counted, gboolean anyway)
{
  g_mutex_lock (&registry_mutex);
  gboolean listed = counted == forks || anyway;
  if (listed)
    g_ptr_array_add (registry, lock);
  g_mutex_unlock (&registry_mutex);
  return listed;
}

/* A descriptor without a lock on it may fall into a fork; it is then made
 * anew, before anything is locked. */
static GenvidOfdLock *
open_lock (int folder, const char *name, int flags, GError **error)
{
  GenvidOfdLock *lock = g_new0 (GenvidOfdLock, 1);
  gboolean listed = FALSE;
  struct stat info;

  prepare_registry ();
  lock->fd = -1;
  for (guint i = 0; !listed; i++) {
    guint counted = count_forks ();
    int old = lock->fd;

    lock->fd = genvid_durable_file_open (folder, name, O_RDWR | O_CREAT | flags,
                                         error);
    if (old >= 0)
      close (old);
    if (lock->fd < 0 || fstat (lock->fd, &info) != 0)
      break;
    lock->device = info.st_dev;
    lock->inode = info.st_ino;
    listed = enlist (lock, counted, i == MAX_REOPENS);
  }
  if (listed)
    return lock;
  if (lock->fd >= 0) {
    genvid_durable_file_set_error (error, errno, folder, name);
    close (lock->fd);
  }
  g_free (lock);
  return NULL;
}

/* 0, EAGAIN: someone else has it, or what went wrong. */
static int
set_lock (int fd, short type)
{
  struct flock request = { .l_type = type, .l_whence = SEEK_SET };

  if (TEMP_FAILURE_RETRY (fcntl (fd, F_OFD_SETLK, &request)) == 0)
    return 0;
  return errno == EACCES ? EAGAIN : errno;
}

static void
set_held (GenvidOfdLock *lock, gboolean held)
{
  g_mutex_lock (&registry_mutex);
  lock->held = held;
  g_mutex_unlock (&registry_mutex);
}

/* 0: the name is still that of the file that is locked. */
static int
check_name (const GenvidOfdLock *lock, int folder, const char *name)
{
  struct stat named;

  genvid_durable_file_refresh (folder, name);
  if (!genvid_durable_file_stat (folder, name, &named))
    return errno;
  return named.st_ino == lock->inode && named.st_dev == lock->device ? 0
                                                                     : ESTALE;
}

/* ESTALE: the file was removed before its lock was ours, so it keeps out
 * nobody. */
static int
take_lock (GenvidOfdLock *lock, int folder, const char *name)
{
  int code = set_lock (lock->fd, F_WRLCK);
  if (code == 0)
    code = check_name (lock, folder, name);
  if (code == ENOENT)
    code = ESTALE;
  set_held (lock, code == 0);
  return code;
}

/* NULL with CODE, and with ERROR where it cannot even be tried. */
static GenvidOfdLock *
try_once (int folder, const char *name, int flags, int *code, GError **error)
{
  g_autoptr (GenvidOfdLock) lock = open_lock (folder, name, flags, error);

  *code = lock != NULL ? take_lock (lock, folder, name) : EIO;
  return *code == 0 ? g_steal_pointer (&lock) : NULL;
}

static void
set_lock_error (GError **error, int code, int folder, const char *name)
{
  if (code == ENOLCK || code == EINVAL || code == EOPNOTSUPP || code == ENOSYS)
    g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
                 "The file system of the store does not support locks (%s), so "
                 "two processes could pay for the same clip. Choose another "
                 "folder with the property store or $GENVID_STORE.",
                 g_strerror (code));
  else
    genvid_durable_file_set_error (error, code, folder, name);
}

GenvidOfdLock *
genvid_ofd_lock_try (int folder, const char *name, GError **error)
{
  g_autoptr (GError) problem = NULL;
  GenvidOfdLock *lock = NULL;
  int code = ESTALE;

  for (guint i = 0; i < MAX_REOPENS && code == ESTALE && problem == NULL; i++)
    lock = try_once (folder, name, 0, &code, &problem);
  if (problem != NULL)
    g_propagate_error (error, g_steal_pointer (&problem));
  else if (lock == NULL && code != EAGAIN && code != ESTALE)
    set_lock_error (error, code, folder, name);
  return lock;
}

/* --- The queue of this process for one lock. --- */

static gboolean
is_same_lock (const Turn *one, const Turn *other)
{
  return one->inode == other->inode && one->device == other->device
         && strcmp (one->name, other->name) == 0;
}

/* The first in line for the same lock; NULL: there is none. Under the mutex. */
static Turn *
find_first (const Turn *like)
{
  for (guint i = 0; i < turns->len; i++)
    if (is_same_lock (g_ptr_array_index (turns, i), like))
      return g_ptr_array_index (turns, i);
  return NULL;
}

/* Under the mutex. */
static gboolean
is_next (const Turn *turn)
{
  const Turn *first = find_first (turn);

  for (guint i = 0; i < turns->len; i++) {
    const Turn *other = g_ptr_array_index (turns, i);

    if (other->active && is_same_lock (other, turn))
      return FALSE;
  }
  return first == turn || turn->start < first->start + OVERTAKING;
}

static Turn *
queue_up (int folder, const char *name)
{
  Turn *turn = g_new0 (Turn, 1);
  struct stat info = { 0 };
  const Turn *first;

  prepare_registry ();
  if (fstat (folder, &info) != 0)
    genvid_log (GENVID_LOG_STORE, GENVID_LOG_LOG,
                "the folder of lock %.16s: %s", name, g_strerror (errno));
  turn->device = info.st_dev;
  turn->inode = info.st_ino;
  turn->name = g_strdup (name);
  turn->start = turn->since = g_get_monotonic_time ();
  g_mutex_lock (&registry_mutex);
  first = find_first (turn);
  turn->row = first != NULL ? first->row : 0;
  g_ptr_array_add (turns, turn);
  g_mutex_unlock (&registry_mutex);
  return turn;
}

/* FALSE: nobody of us got any further for PATIENCE. */
static gboolean
await_turn (Turn *turn, gint64 patience)
{
  gboolean patient = TRUE;

  g_mutex_lock (&registry_mutex);
  while (!(turn->active = is_next (turn)) && patient) {
    g_cond_wait_until (&turn_ended, &registry_mutex, turn->since + patience);
    patient = g_get_monotonic_time () < turn->since + patience;
  }
  g_mutex_unlock (&registry_mutex);
  return turn->active;
}

/* Under the mutex. HAD: it had the lock, so the others have new patience. In a
 * forked child it is in no queue. */
static void
pass_turn (Turn *turn, gboolean had)
{
  gint64 now = g_get_monotonic_time ();

  if (!g_ptr_array_remove (turns, turn))
    return;
  for (guint i = 0; had && i < turns->len; i++) {
    Turn *other = g_ptr_array_index (turns, i);

    if (!is_same_lock (other, turn))
      continue;
    other->since = now;
    other->row = turn->row + 1;
  }
  g_cond_broadcast (&turn_ended);
}

static void
free_turn (Turn *turn)
{
  g_free (turn->name);
  g_free (turn);
}

/* TRUE: its row had reached LONGEST, and begins anew. Whoever queues up behind
 * it looks at the row meanwhile. */
static gboolean
end_row (Turn *turn, guint longest)
{
  gboolean ended;

  g_mutex_lock (&registry_mutex);
  ended = turn->row >= longest;
  if (ended)
    turn->row = 0;
  g_mutex_unlock (&registry_mutex);
  return ended;
}

/* NULL with CODE, as try_once; EAGAIN or ESTALE after PATIENCE. F_OFD_SETLKW
 * knows no deadline, and a holder may be frozen. */
static GenvidOfdLock *
nap (Turn *turn, int folder, int flags, gint64 patience, int *code,
     GError **error)
{
  gint64 length = SHORTEST_NAP;
  GenvidOfdLock *lock;

  if (end_row (turn, LONGEST_ROW))
    g_usleep (PAUSE);
  while ((lock = try_once (folder, turn->name, flags, code, error)) == NULL
         && (*code == EAGAIN || *code == ESTALE)
         && g_get_monotonic_time () < turn->since + patience) {
    end_row (turn, 0);
    g_usleep ((gulong)length);
    length = MIN (length * 2, LONGEST_NAP);
  }
  if (lock != NULL)
    lock->turn = turn;
  return lock;
}

static void
log_wait (const char *name, gint64 start, int code)
{
  gint64 waited = (g_get_monotonic_time () - start) / 1000;

  if (waited > 0)
    genvid_log (GENVID_LOG_STORE, GENVID_LOG_LOG,
                "lock %.16s: waited %" G_GINT64_FORMAT " ms%s", name, waited,
                code == 0 ? "" : " in vain");
}

static GenvidOfdLock *
wait_for_lock (int folder, const char *name, int flags, gint64 patience,
               GError **error)
{
  Turn *turn = queue_up (folder, name);
  gint64 start = turn->start;
  g_autoptr (GError) problem = NULL;
  GenvidOfdLock *lock = NULL;
  int code = EAGAIN;

  if (await_turn (turn, patience))
    lock = nap (turn, folder, flags, patience, &code, &problem);
  log_wait (name, start, code);
  if (lock != NULL)
    return lock;
  g_mutex_lock (&registry_mutex);
  pass_turn (turn, FALSE);
  g_mutex_unlock (&registry_mutex);
  free_turn (turn);
  if (problem != NULL)
    g_propagate_error (error, g_steal_pointer (&problem));
  else if (code == EAGAIN || code == ESTALE)
    g_set_error (error, GENVID_ERROR, GENVID_REASON_BUSY,
                 "Another process has held the store's lock %s for too long; "
                 "is it suspended?",
                 name);
  else
    set_lock_error (error, code, folder, name);
  return NULL;
}

GenvidOfdLock *
genvid_ofd_lock_wait (int folder, const char *name, gint64 patience,
                      GError **error)
{
  return wait_for_lock (folder, name, 0, patience, error);
}

GenvidOfdLock *
genvid_ofd_lock_wait_appending (int folder, const char *name, gint64 patience,
                                GError **error)
{
  return wait_for_lock (folder, name, O_APPEND, patience, error);
}

int
genvid_ofd_lock_get_fd (GenvidOfdLock *lock)
{
  return lock->fd;
}

/* What a fork copies from here on has no lock on it. */
static void
let_go (GenvidOfdLock *lock)
{
  if (lock->fd >= 0)
    /* A copy that a vfork is about to drop must not prolong it. */
    set_lock (lock->fd, F_UNLCK);
  g_mutex_lock (&registry_mutex);
  g_ptr_array_remove_fast (registry, lock);
  if (lock->turn != NULL)
    pass_turn (lock->turn, TRUE);
  g_mutex_unlock (&registry_mutex);
}

static void
close_lock (GenvidOfdLock *lock)
{
  if (lock->fd >= 0)
    close (lock->fd);
  g_clear_pointer (&lock->turn, free_turn);
  g_free (lock);
}

void
genvid_ofd_lock_free (GenvidOfdLock *lock)
{
  if (lock == NULL)
    return;
  let_go (lock);
  close_lock (lock);
}

static gpointer
stamp_and_close (gpointer data)
{
  GenvidOfdLock *lock = data;

  if (futimens (lock->fd, NULL) != 0)
    genvid_log (GENVID_LOG_STORE, GENVID_LOG_LOG,
                "the time of a use was not set: %s", g_strerror (errno));
  close_lock (lock);
  return NULL;
}

void
genvid_ofd_lock_free_stamped (GenvidOfdLock *lock)
{
  GThread *thread = NULL;

  if (lock == NULL)
    return;
  let_go (lock);
  if (lock->fd >= 0)
    thread = g_thread_try_new ("genvid-stamp", stamp_and_close, lock, NULL);
  if (thread != NULL)
    g_thread_unref (thread);
  else
    close_lock (lock);
}

gboolean
genvid_ofd_lock_is_held (GenvidOfdLock *lock)
{
  g_mutex_lock (&registry_mutex);
  gboolean held = lock->fd >= 0 && lock->held;
  g_mutex_unlock (&registry_mutex);
  return held;
}

gboolean
genvid_ofd_lock_renew (GenvidOfdLock *lock, int folder, const char *name,
                       GError **error)
{
  int code
      = genvid_ofd_lock_is_held (lock) ? set_lock (lock->fd, F_WRLCK) : EBADF;

  if (code == 0)
    code = check_name (lock, folder, name);
  if (code == 0)
    return TRUE;
  set_held (lock, FALSE);
  g_set_error (error, GENVID_ERROR, GENVID_REASON_BUSY,
               "The lock of this generation was lost (%s), so another process "
               "may have taken it over.",
               g_strerror (code));
  return FALSE;
}

/* Gone before it is let go, so whoever waits for it finds it gone when it gets
 * the lock, and makes the name anew. */
gboolean
genvid_ofd_lock_remove (GenvidOfdLock *lock, int folder, const char *name,
                        GError **error)
{
  if (!genvid_ofd_lock_renew (lock, folder, name, error)
      || !genvid_durable_file_remove (folder, name, error))
    return FALSE;
  set_held (lock, FALSE);
  return TRUE;
}

/* To the server, if there is one: others look there. */
void
genvid_ofd_lock_write (GenvidOfdLock *lock, const char *text)
{
  gsize length = strlen (text);

  if (!genvid_ofd_lock_is_held (lock))
    return;
  if (!genvid_durable_file_write_at (lock->fd, 0, text, length)
      || ftruncate (lock->fd, (off_t)length) != 0
      || (genvid_file_system_is_shared (lock->fd) && fdatasync (lock->fd) != 0))
    genvid_log (GENVID_LOG_STORE, GENVID_LOG_LOG,
                "the holder of a lock was not noted: %s", g_strerror (errno));
}

gboolean
genvid_ofd_lock_stamp (GenvidOfdLock *lock)
{
  return futimens (lock->fd, NULL) == 0;
}

/* A look needs no right to write. What cannot be looked at may be taken:
 * nobody's clip is cancelled or removed for want of a descriptor. */
gboolean
genvid_ofd_lock_is_taken (int folder, const char *name)
{
  struct flock request = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  g_autoptr (GError) error = NULL;
  int fd = -1;

  if (folder >= 0)
    fd = genvid_durable_file_open (folder, name, O_RDONLY, &error);
  if (fd < 0)
    return error != NULL;

  gboolean taken
      = fcntl (fd, F_OFD_GETLK, &request) == 0 && request.l_type != F_UNLCK;
  close (fd);
  return taken;
}
