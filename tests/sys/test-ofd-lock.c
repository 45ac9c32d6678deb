/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who holds an entry: between users in one process, between processes, and
 * past death, freezing and forks of the holder. Pipes tell when; nothing
 * sleeps. */

#include "store-kit.h"

#include "store-entry.h"
#include "store.h"

#include "durable-file.h"
#include "failure.h"
#include "ofd-lock.h"
#include "store-removal.h"
#include "store-users.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/wait.h>

/* What another does right after a file is opened by this name. */
static struct {
  const char *name; /* nullable: nothing */
  void (*act) (void);
  guint times;
} meanwhile;

int __real_openat64 (int folder, const char *name, int flags, ...);
int __wrap_openat64 (int folder, const char *name, int flags, ...);

int
__wrap_openat64 (int folder, const char *name, int flags, ...)
{
  va_list more;
  mode_t mode;
  int fd;

  va_start (more, flags);
  mode = flags & O_CREAT ? va_arg (more, mode_t) : 0;
  va_end (more);
  fd = __real_openat64 (folder, name, flags, mode);
  if (meanwhile.times > 0 && g_strcmp0 (name, meanwhile.name) == 0) {
    meanwhile.times--;
    meanwhile.act ();
  }
  return fd;
}

/* A child and the two pipes to it. */
typedef struct {
  pid_t pid;
  int told; /* from the child */
  int tell; /* to the child */
} Child;

typedef void (*ChildMain) (const Kit *kit, int told, int tell);

static Child
start (const Kit *kit, ChildMain run)
{
  int up[2];
  int down[2];

  g_assert_cmpint (pipe2 (up, O_CLOEXEC), ==, 0);
  g_assert_cmpint (pipe2 (down, O_CLOEXEC), ==, 0);
  pid_t pid = fork ();
  g_assert_cmpint (pid, >=, 0);
  if (pid == 0) {
    close (up[0]);
    close (down[1]);
    run (kit, up[1], down[0]);
    _exit (0);
  }
  close (up[1]);
  close (down[0]);
  return (Child){ .pid = pid, .told = up[0], .tell = down[1] };
}

static void
say (int fd, char word)
{
  if (write (fd, &word, 1) != 1)
    _exit (99);
}

/* 0 when the other side is gone. */
static char
hear (int fd)
{
  char word = 0;

  return TEMP_FAILURE_RETRY (read (fd, &word, 1)) == 1 ? word : 0;
}

static int
end (Child *child)
{
  int status = 0;

  close (child->tell);
  close (child->told);
  g_assert_cmpint (waitpid (child->pid, &status, 0), ==, child->pid);
  return status;
}

static gboolean
try_lock (GenvidStoreEntry *entry)
{
  g_autoptr (GError) error = NULL;
  gboolean got = genvid_store_entry_try_lock (entry, &error);

  g_assert_no_error (error);
  g_assert_true (genvid_store_entry_is_locked (entry) == got);
  return got;
}

static void
test_one_process (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) one = kit_get_entry (&kit);
  g_autoptr (GenvidStoreEntry) two = kit_get_entry (&kit);
  g_autoptr (GenvidStoreEntry) other = genvid_store_get_entry (kit.store, "aa");
  g_autofree char *path
      = g_build_filename (kit.path, "locks", FINGERPRINT, NULL);

  g_assert_true (try_lock (one));
  g_assert_true (try_lock (one));
  g_assert_false (try_lock (two));
  g_assert_true (try_lock (other));
  genvid_store_entry_unlock (one);
  g_assert_false (genvid_store_entry_is_locked (one));
  genvid_store_entry_unlock (one);
  g_assert_true (try_lock (two));
  g_assert_false (try_lock (one));
  g_clear_pointer (&two, genvid_store_entry_free);
  g_assert_true (try_lock (one));
  g_assert_cmphex (kit_get_mode (path), ==, 0600);
}

/* A second store object of the same folder is no way around it. */
static void
test_two_stores (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStore) again = genvid_store_open (kit.path, FALSE, NULL);
  g_autoptr (GenvidStoreEntry) one = kit_lock_entry (&kit);
  g_autoptr (GenvidStoreEntry) two
      = genvid_store_get_entry (again, FINGERPRINT);

  g_assert_false (try_lock (two));
  genvid_store_entry_unlock (one);
  g_assert_true (try_lock (two));
}

static void
hold (const Kit *kit, int told, int tell)
{
  GenvidStoreEntry *entry = genvid_store_get_entry (kit->store, FINGERPRINT);

  say (told, genvid_store_entry_try_lock (entry, NULL) ? 'y' : 'n');
  hear (tell);
}

static void
test_killed_holder (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_get_entry (&kit);
  Child child = start (&kit, hold);

  g_assert_cmpint (hear (child.told), ==, 'y');
  g_assert_false (try_lock (entry));
  kill (child.pid, SIGKILL);
  g_assert_true (WIFSIGNALED (end (&child)));
  g_assert_true (try_lock (entry));
}

/* Its child lives on; the holder's lock must not. The grandchild ends when
 * the pipe to it is closed. */
static void
hold_and_fork (const Kit *kit, int told, int tell)
{
  GenvidStoreEntry *entry = genvid_store_get_entry (kit->store, FINGERPRINT);
  gboolean got = genvid_store_entry_try_lock (entry, NULL);

  if (fork () == 0) {
    say (told, genvid_store_entry_is_locked (entry) ? 'l' : 'f');
    hear (tell);
    say (told, 'e');
    _exit (0);
  }
  say (told, got ? 'y' : 'n');
  hear (tell);
}

static void
test_killed_holder_with_child (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_get_entry (&kit);
  Child child = start (&kit, hold_and_fork);
  char first = hear (child.told);
  char second = hear (child.told);
  int status = 0;

  /* In either order: the holder has it, its child knows that it has not. */
  g_assert_true ((first == 'y' && second == 'f')
                 || (first == 'f' && second == 'y'));
  g_assert_false (try_lock (entry));
  kill (child.pid, SIGKILL);
  g_assert_cmpint (waitpid (child.pid, &status, 0), ==, child.pid);
  g_assert_true (try_lock (entry));

  /* And the grandchild was alive until now. */
  close (child.tell);
  g_assert_cmpint (hear (child.told), ==, 'e');
  g_assert_cmpint (hear (child.told), ==, 0);
  close (child.told);
}

/* Frozen is not dead: what it holds it keeps, and finds when it wakes up. */
static void
hold_and_tell (const Kit *kit, int told, int tell)
{
  GenvidStoreEntry *entry = genvid_store_get_entry (kit->store, FINGERPRINT);

  say (told, genvid_store_entry_try_lock (entry, NULL) ? 'y' : 'n');
  hear (tell);
  say (told, genvid_store_entry_is_locked (entry) ? 'y' : 'n');
}

static void
test_frozen_holder (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = kit_get_entry (&kit);
  Child child = start (&kit, hold_and_tell);
  int status = 0;

  g_assert_cmpint (hear (child.told), ==, 'y');
  kill (child.pid, SIGSTOP);
  g_assert_cmpint (waitpid (child.pid, &status, WUNTRACED), ==, child.pid);
  g_assert_true (WIFSTOPPED (status));
  g_assert_false (try_lock (entry));
  kill (child.pid, SIGCONT);
  say (child.tell, 'g');
  g_assert_cmpint (hear (child.told), ==, 'y');
  g_assert_cmpint (end (&child), ==, 0);
  g_assert_true (try_lock (entry));
}

/* An application that forks: the child's copy neither keeps the lock nor,
 * when it is let go there, takes it from the parent. */
static void
use_inherited (const Kit *kit, int told, int tell)
{
  say (told, 's');
  hear (tell);
}

static void
test_fork_of_a_holder (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) one = kit_lock_entry (&kit);
  g_autoptr (GenvidStoreEntry) two = kit_get_entry (&kit);
  Child child = start (&kit, use_inherited);

  g_assert_cmpint (hear (child.told), ==, 's');
  g_assert_false (try_lock (two));
  genvid_store_entry_unlock (one);
  g_assert_true (try_lock (two));
  g_assert_cmpint (end (&child), ==, 0);

  pid_t pid = fork ();
  if (pid == 0) {
    genvid_store_entry_unlock (two);
    _exit (genvid_store_entry_try_lock (one, NULL) ? 1 : 0);
  }
  int status = 0;
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
  g_assert_true (genvid_store_entry_is_locked (two));
  g_assert_false (try_lock (one));
}

/* Forks fall between any two steps of other threads' locking, and the child
 * can still lock. */
typedef struct {
  const Kit *kit;
  int stop;
} Busy;

static gpointer
lock_and_unlock (gpointer data)
{
  Busy *busy = data;
  g_autoptr (GenvidStoreEntry) entry
      = genvid_store_get_entry (busy->kit->store, "bb");

  while (!g_atomic_int_get (&busy->stop)) {
    genvid_store_entry_try_lock (entry, NULL);
    genvid_store_entry_unlock (entry);
  }
  return NULL;
}

static void
test_fork_under_load (void)
{
  g_auto (Kit) kit = kit_new ();
  Busy busy = { .kit = &kit };
  GThread *threads[2];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("busy", lock_and_unlock, &busy);
  for (guint i = 0; i < 50; i++) {
    g_autoptr (GenvidStoreEntry) entry = kit_get_entry (&kit);
    int status = 0;
    pid_t pid = fork ();
    if (pid == 0)
      _exit (genvid_store_entry_try_lock (entry, NULL) ? 0 : 1);
    g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
    g_assert_cmpint (status, ==, 0);
  }
  g_atomic_int_set (&busy.stop, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

/* Started in the same moment: one gets it, and intends once. */
#define RACERS 8

static void
race (const Kit *kit, int told, int tell)
{
  GenvidStoreEntry *entry = genvid_store_get_entry (kit->store, FINGERPRINT);

  hear (tell);
  gboolean got = genvid_store_entry_try_lock (entry, NULL);
  gboolean mine = genvid_store_entry_intend (entry, 1, &kit_now, NULL);
  say (told, (char)((got ? 1 : 0) + (mine ? 2 : 0) + '0'));
  hear (tell);
}

static void
test_race (void)
{
  g_auto (Kit) kit = kit_new ();
  Child children[RACERS];
  guint locks = 0;
  guint intents = 0;

  for (guint i = 0; i < RACERS; i++)
    children[i] = start (&kit, race);
  for (guint i = 0; i < RACERS; i++)
    say (children[i].tell, 'g');
  for (guint i = 0; i < RACERS; i++) {
    char word = hear (children[i].told);
    g_assert_cmpint (word, >=, '0');
    locks += (guint)(word - '0') & 1;
    intents += (guint)(word - '0') >> 1 & 1;
  }
  /* Those started later have copies of the pipes: an end would not be heard. */
  for (guint i = 0; i < RACERS; i++)
    say (children[i].tell, 'e');
  for (guint i = 0; i < RACERS; i++)
    g_assert_cmpint (end (&children[i]), ==, 0);
  g_assert_cmpuint (locks, ==, 1);
  /* The fence holds by itself, without the lock. */
  g_assert_cmpuint (intents, ==, 1);
}

static GenvidStore *sweeper;

static void
sweep (void)
{
  meanwhile.name = NULL;
  g_assert_true (genvid_store_sweep (sweeper, NULL));
  meanwhile.name = FINGERPRINT;
}

static guint
count_locks (const Kit *kit)
{
  g_autofree char *locks = g_build_filename (kit->path, "locks", NULL);

  return folder_count (locks);
}

/* The file is removed between its opening and its lock: there are never two
 * who hold it. */
static void
test_removed (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) one = kit_get_entry (&kit);
  g_autoptr (GenvidStoreEntry) two = kit_get_entry (&kit);

  sweeper = kit.store;
  g_assert_true (try_lock (one));
  genvid_store_entry_unlock (one);
  meanwhile.act = sweep;
  meanwhile.name = FINGERPRINT;
  meanwhile.times = 1;
  g_assert_true (try_lock (one));
  g_assert_cmpuint (meanwhile.times, ==, 0);
  meanwhile.name = NULL;
  g_assert_false (try_lock (two));
  g_assert_true (genvid_store_entry_renew (one, NULL));

  /* If it is removed each time, the lock is not taken, and the try ends. */
  genvid_store_entry_unlock (one);
  meanwhile.name = FINGERPRINT;
  meanwhile.times = 1000;
  g_assert_false (try_lock (one));
  meanwhile.name = NULL;
  g_assert_true (try_lock (one));
  g_assert_false (try_lock (two));
}

/* Only the locks of what is not there, and that nobody has. */
static void
test_sweep (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) held = kit_lock_entry (&kit);
  g_autoptr (GenvidStoreEntry) used = genvid_store_get_entry (kit.store, "aa");
  g_autoptr (GenvidStoreEntry) kept = genvid_store_get_entry (kit.store, "bb");
  g_autoptr (GenvidStoreEntry) gone = genvid_store_get_entry (kit.store, "cc");
  g_autoptr (GenvidStoreEntry) also = genvid_store_get_entry (kit.store, "cc");
  g_autoptr (GError) error = NULL;

  g_assert_true (try_lock (used));
  genvid_store_entry_unlock (used);
  genvid_store_entry_use (used);
  g_assert_true (try_lock (kept));
  g_assert_true (genvid_store_entry_intend (kept, 1, &kit_now, &error));
  genvid_store_entry_unlock (kept);
  g_assert_true (try_lock (gone));
  genvid_store_entry_unlock (gone);
  genvid_store_entry_use (gone);
  genvid_store_entry_use (also);
  genvid_store_entry_leave (gone);
  genvid_store_entry_leave (also);
  g_assert_cmpuint (count_locks (&kit), ==, 7);

  g_assert_true (genvid_store_sweep (kit.store, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (count_locks (&kit), ==, 4);
  g_assert_true (genvid_store_entry_renew (held, &error));
  g_assert_true (genvid_store_entry_is_used (used));
  g_assert_true (try_lock (kept));
  g_assert_true (try_lock (gone));
  genvid_store_entry_use (gone);
  g_assert_true (genvid_store_entry_is_used (also));
}

/* --- Those who wait for a lock in one process take it one after the other. */

#define WAITERS  20
#define PATIENCE (60 * (gint64)G_USEC_PER_SEC)
#define ORDER    "order"

static struct {
  int folder;
  guint inside;   /* never more than one */
  gint n_waiting; /* atomic: about to wait */
  guint n_served;
  gint n_opened; /* atomic */
} queue;

static void
note_open (void)
{
  g_atomic_int_inc (&queue.n_opened);
}

static gpointer
wait_in_line (gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidOfdLock) lock = NULL;

  g_atomic_int_inc (&queue.n_waiting);
  lock = genvid_ofd_lock_wait (queue.folder, ORDER, PATIENCE, &error);
  g_assert_no_error (error);
  g_assert_true (genvid_ofd_lock_is_held (lock));
  g_assert_cmpuint (queue.inside++, ==, 0);
  queue.n_served++;
  g_thread_yield ();
  g_assert_cmpuint (--queue.inside, ==, 0);
  return NULL;
}

/* Each asks the file once, and gets it: nobody naps. */
static void
test_queue (void)
{
  g_auto (Kit) kit = kit_new ();
  GThread *threads[WAITERS];
  GenvidOfdLock *lock;

  memset (&queue, 0, sizeof queue);
  queue.folder = open (kit.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  meanwhile.name = ORDER;
  meanwhile.act = note_open;
  meanwhile.times = G_MAXUINT;
  lock = genvid_ofd_lock_wait (queue.folder, ORDER, PATIENCE, NULL);
  for (guint i = 0; i < WAITERS; i++)
    threads[i] = g_thread_new ("waiter", wait_in_line, NULL);
  while (g_atomic_int_get (&queue.n_waiting) < WAITERS)
    g_thread_yield ();
  genvid_ofd_lock_free (lock);
  for (guint i = 0; i < WAITERS; i++)
    g_thread_join (threads[i]);
  meanwhile.name = NULL;
  meanwhile.times = 0;
  g_assert_cmpuint (queue.n_served, ==, WAITERS);
  g_assert_cmpint (queue.n_opened, ==, WAITERS + 1);
  close (queue.folder);
}

/* Who gave up leaves the line to those behind it. */
static void
test_queue_in_vain (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidOfdLock) lock = NULL;
  GenvidOfdLock *holder;
  GThread *thread;

  memset (&queue, 0, sizeof queue);
  queue.folder = open (kit.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  holder = genvid_ofd_lock_wait (queue.folder, ORDER, PATIENCE, NULL);
  lock = genvid_ofd_lock_wait (queue.folder, ORDER, 0, &error);
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_BUSY);
  g_assert_null (lock);
  thread = g_thread_new ("waiter", wait_in_line, NULL);
  genvid_ofd_lock_free (holder);
  g_thread_join (thread);
  g_assert_cmpuint (queue.n_served, ==, 1);
  close (queue.folder);
}

static GenvidOfdLock *inherited;

/* It has none of those who are in its parent's line. */
static void
take_after_parent (const Kit *kit, int told, int tell)
{
  GenvidOfdLock *lock;

  hear (tell);
  genvid_ofd_lock_free (inherited);
  lock = genvid_ofd_lock_wait (queue.folder, ORDER, PATIENCE, NULL);
  say (told, lock != NULL && genvid_ofd_lock_is_held (lock) ? 'y' : 'n');
  hear (tell);
  genvid_ofd_lock_free (lock);
}

static void
test_queue_across_fork (void)
{
  g_auto (Kit) kit = kit_new ();
  GThread *thread;
  Child child;

  memset (&queue, 0, sizeof queue);
  queue.folder = open (kit.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  inherited = genvid_ofd_lock_wait (queue.folder, ORDER, PATIENCE, NULL);
  thread = g_thread_new ("waiter", wait_in_line, NULL);
  while (g_atomic_int_get (&queue.n_waiting) == 0)
    g_thread_yield ();
  child = start (&kit, take_after_parent);
  genvid_ofd_lock_free (inherited);
  g_thread_join (thread);
  say (child.tell, 'g');
  g_assert_cmpint (hear (child.told), ==, 'y');
  g_assert_null (genvid_ofd_lock_wait (queue.folder, ORDER, 0, NULL));
  g_assert_cmpint (end (&child), ==, 0);
  inherited = genvid_ofd_lock_wait (queue.folder, ORDER, PATIENCE, NULL);
  g_assert_nonnull (inherited);
  genvid_ofd_lock_free (inherited);
  close (queue.folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lock/one-process", test_one_process);
  g_test_add_func ("/lock/two-stores", test_two_stores);
  g_test_add_func ("/lock/killed-holder", test_killed_holder);
  g_test_add_func ("/lock/killed-holder-with-child",
                   test_killed_holder_with_child);
  g_test_add_func ("/lock/frozen-holder", test_frozen_holder);
  g_test_add_func ("/lock/fork-of-a-holder", test_fork_of_a_holder);
  g_test_add_func ("/lock/fork-under-load", test_fork_under_load);
  g_test_add_func ("/lock/race", test_race);
  g_test_add_func ("/lock/removed", test_removed);
  g_test_add_func ("/lock/sweep", test_sweep);
  g_test_add_func ("/lock/queue", test_queue);
  g_test_add_func ("/lock/queue-in-vain", test_queue_in_vain);
  g_test_add_func ("/lock/queue-across-fork", test_queue_across_fork);
  return g_test_run ();
}
