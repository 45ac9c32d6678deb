/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A disk that stands still under one clip: neither a fork nor the end of
 * another's use waits for it. */

#include "store-kit.h"

#include <stdarg.h>
#include <sys/wait.h>

#include "client.h"
#include "settings.h"
#include "store-entry.h"
#include "store-users.h"

static struct {
  GMutex mutex;
  GCond cond;
  const char *name; /* an open of what has it in its name stops; nullable */
  gboolean stamps;  /* as does every time that is set */
  guint stopped;    /* how many have come to the gate */
} gate;

int __real_openat (int folder, const char *name, int flags, ...);
int __real_openat64 (int folder, const char *name, int flags, ...);
int __real_futimens (int fd, const struct timespec times[2]);
int __wrap_openat (int folder, const char *name, int flags, ...);
int __wrap_openat64 (int folder, const char *name, int flags, ...);
int __wrap_futimens (int fd, const struct timespec times[2]);

/* Under the mutex. */
static gboolean
is_meant (const char *name)
{
  return gate.name != NULL && strstr (name, gate.name) != NULL;
}

static void
pass (const char *name)
{
  g_mutex_lock (&gate.mutex);
  if (is_meant (name)) {
    gate.stopped++;
    g_cond_broadcast (&gate.cond);
  }
  while (is_meant (name))
    g_cond_wait (&gate.cond, &gate.mutex);
  g_mutex_unlock (&gate.mutex);
}

#define WRAP(open)                                                             \
  int __wrap_##open (int folder, const char *name, int flags, ...)             \
  {                                                                            \
    va_list more;                                                              \
    va_start (more, flags);                                                    \
    mode_t mode = flags & O_CREAT ? va_arg (more, mode_t) : 0;                 \
    va_end (more);                                                             \
    int fd = __real_##open (folder, name, flags, mode);                        \
    pass (name);                                                               \
    return fd;                                                                 \
  }
WRAP (openat)
WRAP (openat64)

int
__wrap_futimens (int fd, const struct timespec times[2])
{
  g_mutex_lock (&gate.mutex);
  while (gate.stamps)
    g_cond_wait (&gate.cond, &gate.mutex);
  g_mutex_unlock (&gate.mutex);
  return __real_futimens (fd, times);
}

static void
shut (const char *name)
{
  g_mutex_lock (&gate.mutex);
  gate.name = name;
  gate.stamps = TRUE;
  gate.stopped = 0;
  g_mutex_unlock (&gate.mutex);
}

static void
open_gate (void)
{
  g_mutex_lock (&gate.mutex);
  gate.name = NULL;
  gate.stamps = FALSE;
  g_cond_broadcast (&gate.cond);
  g_mutex_unlock (&gate.mutex);
}

static void
await_stopped (void)
{
  g_mutex_lock (&gate.mutex);
  while (gate.stopped == 0)
    g_cond_wait (&gate.cond, &gate.mutex);
  g_mutex_unlock (&gate.mutex);
}

static gpointer
use (gpointer entry)
{
  genvid_store_entry_use (entry);
  return NULL;
}

/* What is opened while a fork falls in belongs to the parent alone all the
 * same: when its holder ends, it is free though the child lives on. */
static void
test_fork (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) slow = genvid_store_get_entry (kit.store, "aa");
  g_autoptr (GenvidStoreEntry) other = genvid_store_get_entry (kit.store, "bb");
  GThread *thread;
  int status = 0;
  pid_t pid;

  genvid_store_entry_use (other);
  g_assert_true (genvid_store_entry_is_used (other));
  shut ("aa.user-");
  thread = g_thread_new ("slow", use, slow);
  await_stopped ();
  pid = fork ();
  if (pid == 0)
    _exit (genvid_store_entry_is_used (other) ? 0 : 1);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
  genvid_store_entry_leave (other);
  g_assert_false (genvid_store_entry_is_used (other));

  open_gate ();
  g_thread_join (thread);
  g_assert_true (genvid_store_entry_is_used (slow));
  genvid_store_entry_leave (slow);
  g_assert_false (genvid_store_entry_is_used (slow));
}

static void
fork_and_stay (const int *pipes)
{
  char word;

  if (fork () != 0)
    return;
  close (pipes[1]);
  if (read (pipes[0], &word, 1) < 0)
    _exit (1);
  _exit (0);
}

/* A child that was forked during the open has no copy of the lock. */
static void
hold_and_die (const Kit *kit, int *pipes)
{
  GenvidStoreEntry *slow = genvid_store_get_entry (kit->store, "aa");
  GThread *thread;

  shut ("aa.user-");
  thread = g_thread_new ("slow", use, slow);
  await_stopped ();
  /* The file is open, and nobody but the kernel knows. */
  fork_and_stay (pipes);
  open_gate ();
  g_thread_join (thread);
  _exit (genvid_store_entry_is_used (slow) ? 0 : 1);
}

static void
test_fork_and_death (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) slow = genvid_store_get_entry (kit.store, "aa");
  int pipes[2];
  int status = 0;
  pid_t pid;

  g_assert_cmpint (pipe2 (pipes, O_CLOEXEC), ==, 0);
  pid = fork ();
  if (pid == 0)
    hold_and_die (&kit, pipes);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
  g_assert_false (genvid_store_entry_is_used (slow));
  close (pipes[0]);
  close (pipes[1]);
}

static GenvidSettings *
make_settings (const Kit *kit, const char *prompt)
{
  GenvidSettings *settings = genvid_settings_new ();

  settings->provider = g_strdup ("cn8");
  settings->api_key = g_strdup ("k");
  settings->base_url = g_strdup ("http://127.0.0.1:9"); /* nobody is there */
  settings->store = g_strdup (kit->path);
  settings->request->prompt = g_strdup (prompt);
  return settings;
}

static gpointer
open_run (gpointer data)
{
  GenvidSettings *settings = data;

  return genvid_client_open (settings, NULL, NULL);
}

static void
test_close (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidSettings) one = make_settings (&kit, "a kite");
  g_autoptr (GenvidSettings) two = make_settings (&kit, "a lake");
  g_autoptr (GenvidClient) first = genvid_client_open (one, NULL, NULL);
  g_autoptr (GenvidClient) second = NULL;
  GThread *thread;

  g_assert_nonnull (first);
  shut (".user-");
  thread = g_thread_new ("slow", open_run, two);
  await_stopped ();
  genvid_client_close (first);
  g_clear_pointer (&first, genvid_client_unref);

  open_gate ();
  second = g_thread_join (thread);
  g_assert_nonnull (second);
  genvid_client_close (second);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* Whoever waits for the disk after all waits for ever. */
  alarm (60);
  g_test_add_func ("/slow-disk/fork", test_fork);
  g_test_add_func ("/slow-disk/fork-and-death", test_fork_and_death);
  g_test_add_func ("/slow-disk/close", test_close);
  return g_test_run ();
}
