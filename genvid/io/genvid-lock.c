/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Open-file-description locks, and the one list of them that a fork needs:
 * POSIX locks would be shared inside the process and lost by any close, and a
 * forked child would keep flock or OFD locks of a killed parent alive. It is
 * no fence: what a frozen holder does after it wakes is the intents' matter. */

#include <genvid/io/genvid-lock.h>

#include <genvid/io/genvid-file.h>
#include <genvid/genvid-failure.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHORTEST_NAP (G_USEC_PER_SEC / 1000)
#define LONGEST_NAP  (G_USEC_PER_SEC / 50)

struct _GenvidLock {
  int fd; /* -1: closed after a fork */
  gboolean held;
};

/* Guards the list and every fd in it; taken across a fork. */
static GMutex registry_mutex;
static GPtrArray *registry;

static void
before_fork (void)
{
  g_mutex_lock (&registry_mutex);
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
    GenvidLock *lock = g_ptr_array_index (registry, i);
    close (lock->fd);
    lock->fd = -1;
  }
  g_mutex_unlock (&registry_mutex);
}

static void
prepare_registry (void)
{
  static gsize ready = 0;

  if (!g_once_init_enter (&ready))
    return;
  registry = g_ptr_array_new ();
  pthread_atfork (before_fork, after_fork_in_parent, after_fork_in_child);
  g_once_init_leave (&ready, 1);
}

/* Opened and registered in one step, so that no fork falls in between. */
static GenvidLock *
open_lock (int folder, const char *name, GError **error)
{
  prepare_registry ();
  g_mutex_lock (&registry_mutex);
  int fd = genvid_file_open (folder, name, O_RDWR | O_CREAT, error);
  GenvidLock *lock = NULL;
  if (fd >= 0) {
    lock = g_new0 (GenvidLock, 1);
    lock->fd = fd;
    g_ptr_array_add (registry, lock);
  }
  g_mutex_unlock (&registry_mutex);
  return lock;
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

/* The list knows of it as soon as the kernel does. */
static int
take_lock (GenvidLock *lock)
{
  g_mutex_lock (&registry_mutex);
  int code = set_lock (lock->fd, F_WRLCK);
  lock->held = code == 0;
  g_mutex_unlock (&registry_mutex);
  return code;
}

static void
set_lock_error (GError **error, int code, int folder, const char *name)
{
  if (code == ENOLCK || code == EINVAL || code == EOPNOTSUPP || code == ENOSYS)
    g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
                 "The file system of the store has no locks (%s), so nothing "
                 "could keep two processes from paying twice. Choose another "
                 "folder with the property store or GENVID_STORE.",
                 g_strerror (code));
  else
    genvid_file_set_error (error, code, folder, name);
}

GenvidLock *
genvid_lock_try (int folder, const char *name, GError **error)
{
  g_autoptr (GenvidLock) lock = open_lock (folder, name, error);
  if (lock == NULL)
    return NULL;

  int code = take_lock (lock);
  if (code == 0)
    return g_steal_pointer (&lock);
  if (code != EAGAIN)
    set_lock_error (error, code, folder, name);
  return NULL;
}

GenvidLock *
genvid_lock_wait (int folder, const char *name, gint64 patience, GError **error)
{
  g_autoptr (GenvidLock) lock = open_lock (folder, name, error);
  if (lock == NULL)
    return NULL;

  gint64 deadline = g_get_monotonic_time () + patience;
  gint64 nap = SHORTEST_NAP;
  int code = 0;
  /* F_OFD_SETLKW knows no deadline, and a holder may be frozen. */
  while ((code = take_lock (lock)) == EAGAIN
         && g_get_monotonic_time () < deadline) {
    g_usleep ((gulong)nap);
    nap = MIN (nap * 2, LONGEST_NAP);
  }
  if (code == 0)
    return g_steal_pointer (&lock);
  if (code == EAGAIN)
    g_set_error (error, GENVID_ERROR, GENVID_REASON_BUSY,
                 "Another process has held the store's lock %s for too long; "
                 "is it stopped?",
                 name);
  else
    set_lock_error (error, code, folder, name);
  return NULL;
}

void
genvid_lock_free (GenvidLock *lock)
{
  if (lock == NULL)
    return;
  g_mutex_lock (&registry_mutex);
  g_ptr_array_remove_fast (registry, lock);
  if (lock->fd >= 0) {
    /* A copy that a vfork is about to drop must not prolong it. */
    set_lock (lock->fd, F_UNLCK);
    close (lock->fd);
  }
  g_mutex_unlock (&registry_mutex);
  g_free (lock);
}

gboolean
genvid_lock_is_held (GenvidLock *lock)
{
  g_mutex_lock (&registry_mutex);
  gboolean held = lock->fd >= 0;
  g_mutex_unlock (&registry_mutex);
  return held;
}

gboolean
genvid_lock_is_taken (int folder, const char *name)
{
  struct flock request = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  int fd = genvid_file_open (folder, name, O_RDWR, NULL);
  if (fd < 0)
    return FALSE;

  gboolean taken
      = fcntl (fd, F_OFD_GETLK, &request) == 0 && request.l_type != F_UNLCK;
  close (fd);
  return taken;
}

/* Under the mutex. */
static gboolean
is_ours (const struct stat *file)
{
  for (guint i = 0; i < registry->len; i++) {
    const GenvidLock *lock = g_ptr_array_index (registry, i);
    struct stat own;

    if (lock->held && fstat (lock->fd, &own) == 0 && own.st_ino == file->st_ino
        && own.st_dev == file->st_dev)
      return TRUE;
  }
  return FALSE;
}

gboolean
genvid_lock_is_taken_elsewhere (int folder, const char *name)
{
  struct stat file;

  prepare_registry ();
  g_mutex_lock (&registry_mutex);
  gboolean taken = genvid_lock_is_taken (folder, name)
                   && fstatat (folder, name, &file, AT_SYMLINK_NOFOLLOW) == 0
                   && !is_ours (&file);
  g_mutex_unlock (&registry_mutex);
  return taken;
}
