/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A network file system that remembers how long the ledger was before another
 * machine appended to it, until it is asked to look again or the ledger is
 * written: no line is overlooked, and none is cut off or written over. */

#include "ledger-kit.h"

#include "ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

static struct {
  off_t size;       /* what is remembered; -1: nothing */
  gboolean stuck;   /* and stays so until it is written */
  gboolean is_full; /* the disk: a write does half of it and fails */
  guint fenced;     /* writes by a descriptor that had the file's lock */
  guint loose;      /* by one that had not */
} cache = { .size = -1 };

int __real_fstat64 (int fd, struct stat *info);
ssize_t __real_pread64 (int fd, void *buffer, size_t length, off_t offset);
ssize_t __real_write (int fd, const void *buffer, size_t length);
int __real_statx (int folder, const char *name, int flags, unsigned mask,
                  struct statx *info);
ssize_t __real_pwrite64 (int fd, const void *buffer, size_t length,
                         off_t offset);
int __real_fstatfs64 (int fd, struct statfs *info);
int __wrap_fstat64 (int fd, struct stat *info);
ssize_t __wrap_pread64 (int fd, void *buffer, size_t length, off_t offset);
ssize_t __wrap_write (int fd, const void *buffer, size_t length);
ssize_t __wrap_pwrite64 (int fd, const void *buffer, size_t length,
                         off_t offset);
int __wrap_fstatfs64 (int fd, struct statfs *info);
int __wrap_statx (int folder, const char *name, int flags, unsigned mask,
                  struct statx *info);

static gboolean
is_ledger (int fd)
{
  g_autofree char *proc = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autofree char *path = g_file_read_link (proc, NULL);

  return path != NULL && g_str_has_suffix (path, "/ledger.jsonl");
}

int
__wrap_fstat64 (int fd, struct stat *info)
{
  int code = __real_fstat64 (fd, info);

  if (code == 0 && cache.size >= 0 && is_ledger (fd))
    info->st_size = cache.size;
  return code;
}

ssize_t
__wrap_pread64 (int fd, void *buffer, size_t length, off_t offset)
{
  if (cache.size >= 0 && is_ledger (fd))
    length
        = offset < cache.size ? MIN (length, (size_t)(cache.size - offset)) : 0;
  return __real_pread64 (fd, buffer, length, offset);
}

static gboolean
try_lock (int fd)
{
  struct flock request = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

  return fcntl (fd, F_OFD_SETLK, &request) == 0;
}

/* Its own open file description has the lock, so no other one gets it. */
static gboolean
has_lock (int fd)
{
  g_autofree char *proc = g_strdup_printf ("/proc/self/fd/%d", fd);
  int other = open (proc, O_RDWR | O_CLOEXEC);
  gboolean locked = other >= 0 && !try_lock (other) && try_lock (fd);

  close (other);
  return locked;
}

ssize_t
__wrap_write (int fd, const void *buffer, size_t length)
{
  if (!is_ledger (fd))
    return __real_write (fd, buffer, length);
  if (has_lock (fd))
    cache.fenced++;
  else
    cache.loose++;
  if (!cache.is_full) {
    cache.size = -1;
    return __real_write (fd, buffer, length);
  }
  if (length > 100)
    return __real_write (fd, buffer, length / 2);
  errno = ENOSPC;
  return -1;
}

ssize_t
__wrap_pwrite64 (int fd, const void *buffer, size_t length, off_t offset)
{
  if (is_ledger (fd))
    cache.size = -1;
  return __real_pwrite64 (fd, buffer, length, offset);
}

int
__wrap_fstatfs64 (int fd, struct statfs *info)
{
  int code = __real_fstatfs64 (fd, info);

  info->f_type = FUSE_SUPER_MAGIC;
  return code;
}

int
__wrap_statx (int folder, const char *name, int flags, unsigned mask,
              struct statx *info)
{
  if ((flags & AT_STATX_FORCE_SYNC) && !cache.stuck && *name == '\0'
      && is_ledger (folder))
    cache.size = -1;
  return __real_statx (folder, name, flags, mask, info);
}

/* The ledger as it is remembered: without the last line of it. */
static void
remember_all_but_the_last (const Kit *kit)
{
  g_autofree char *text = NULL;

  append (kit, blank, GENVID_LEDGER_SUBMIT);
  text = read_ledger (kit);
  GenvidLedgerLine theirs = blank;
  theirs.fingerprint = "aa";
  append (kit, theirs, GENVID_LEDGER_SUBMIT);
  cache.size = (off_t)strlen (text);
}

/* The other machine's purchase counts, so the budget holds. */
static void
test_read (void)
{
  g_auto (Kit) kit = kit_new ();
  GenvidLedgerLine line = blank;

  remember_all_but_the_last (&kit);
  line.fingerprint = "bb";
  g_assert_false (reserve (&kit, &line, 7.0));
  g_assert_true (reserve (&kit, &line, 7.5));
  cache.size = -1;
}

/* Even where it does not look again when it is asked. */
static void
test_written (void)
{
  g_auto (Kit) kit = kit_new ();
  GenvidLedgerLine line = blank;

  line.fingerprint = "bb";
  cache.stuck = TRUE;
  remember_all_but_the_last (&kit);
  g_assert_false (reserve (&kit, &line, 7.0));
  remember_all_but_the_last (&kit);
  g_assert_true (reserve (&kit, &line, 7.5));
  cache.stuck = FALSE;
}

/* Nor does it show that there is anything. */
static void
test_empty (void)
{
  g_auto (Kit) kit = kit_new ();
  GenvidLedgerLine line = blank;

  append (&kit, blank, GENVID_LEDGER_SUBMIT);
  line.fingerprint = "bb";
  cache.size = 0;
  cache.stuck = TRUE;
  g_assert_false (reserve (&kit, &line, 4.0));
  cache.size = 0;
  g_assert_true (reserve (&kit, &line, 5.0));
  cache.stuck = FALSE;
}

/* Even where it cannot be asked: a write that fails takes nothing along. */
static void
test_failed_write (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GError) error = NULL;
  GenvidLedgerLine line = blank;

  remember_all_but_the_last (&kit);
  g_autofree char *before = read_ledger (&kit);
  line.fingerprint = "bb";
  line.event = GENVID_LEDGER_SUBMIT;
  cache.stuck = cache.is_full = TRUE;
  g_assert_false (genvid_ledger_append (kit.store, &line, &kit_now, &error));
  g_assert_nonnull (error);
  cache.stuck = cache.is_full = FALSE;
  cache.size = -1;
  g_autofree char *after = read_ledger (&kit);
  g_assert_true (g_str_has_prefix (after, before));
  g_assert_cmpfloat_with_epsilon (sum (&kit), 5.0, EPSILON);
  append (&kit, line, GENVID_LEDGER_SUBMIT);
  g_assert_cmpfloat_with_epsilon (sum (&kit), 7.5, EPSILON);
}

/* NFSv4 refuses a write of a machine that lost its locks meanwhile only where
 * the descriptor that writes had one: else it comes down on another's line. */
static void
test_fence (void)
{
  g_auto (Kit) kit = kit_new ();
  GenvidLedgerLine line = blank;

  cache.fenced = cache.loose = 0;
  append (&kit, blank, GENVID_LEDGER_SUBMIT);
  line.fingerprint = "bb";
  g_assert_true (reserve (&kit, &line, 7.5));
  g_assert_cmpuint (cache.fenced, ==, 2);
  g_assert_cmpuint (cache.loose, ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stale-size/read", test_read);
  g_test_add_func ("/stale-size/written", test_written);
  g_test_add_func ("/stale-size/empty", test_empty);
  g_test_add_func ("/stale-size/failed-write", test_failed_write);
  g_test_add_func ("/stale-size/fence", test_fence);
  return g_test_run ();
}
