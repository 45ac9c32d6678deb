/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A network file system that remembers which names were not there before
 * another machine made them, until it is asked for their folder again, and one
 * that hides a name for a moment while it is being replaced: no purchase is
 * overlooked. */

#include "ledger-kit.h"

#include "ledger.h"
#include "store-entry.h"
#include "store-recovery.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

static struct {
  const char *name; /* that of no file; nullable: none */
  gboolean late;    /* it can be opened, and only then is not there */
  char *folder;     /* whose attributes make it forget; nullable: never */
  guint times;      /* so often it is missing then; 0: no end */
  guint missed;
} hidden;

/* What the name job.json shows for so many looks: the file before it. */
static struct {
  struct stat file;
  guint times;
} former;

static int refused; /* what to look at job.json fails with; 0: it does not */

int __real_openat64 (int folder, const char *name, int flags, ...);
int __real_fstatat64 (int folder, const char *name, struct stat *info,
                      int flags);
int __real_statx (int folder, const char *name, int flags, unsigned mask,
                  struct statx *info);
int __real_fstat64 (int fd, struct stat *info);
int __wrap_openat64 (int folder, const char *name, int flags, ...);
int __wrap_fstat64 (int fd, struct stat *info);
int __wrap_fstatat64 (int folder, const char *name, struct stat *info,
                      int flags);
int __wrap_statx (int folder, const char *name, int flags, unsigned mask,
                  struct statx *info);

/* NAME, perhaps with folders before it. */
static gboolean
is_hidden (const char *name)
{
  if (hidden.name == NULL || !g_str_has_suffix (name, hidden.name))
    return FALSE;
  if (hidden.times != 0 && hidden.missed >= hidden.times)
    return FALSE;
  hidden.missed++;
  errno = ENOENT;
  return TRUE;
}

static gboolean
is_hidden_in (int folder, const char *name)
{
  g_autofree char *proc = g_strdup_printf ("/proc/self/fd/%d", folder);
  g_autofree char *path = g_file_read_link (proc, NULL);
  g_autofree char *whole
      = path != NULL ? g_build_filename (path, name, NULL) : NULL;

  return whole != NULL && is_hidden (whole);
}

int
__wrap_openat64 (int folder, const char *name, int flags, ...)
{
  va_list more;
  mode_t mode;

  va_start (more, flags);
  mode = flags & O_CREAT ? va_arg (more, mode_t) : 0;
  va_end (more);
  if (!(flags & O_CREAT) && !hidden.late && is_hidden_in (folder, name))
    return -1;
  return __real_openat64 (folder, name, flags, mode);
}

int
__wrap_fstat64 (int fd, struct stat *info)
{
  g_autofree char *proc = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autofree char *path = g_file_read_link (proc, NULL);

  if (hidden.late && path != NULL && is_hidden (path))
    return -1;
  return __real_fstat64 (fd, info);
}

int
__wrap_fstatat64 (int folder, const char *name, struct stat *info, int flags)
{
  if (refused != 0 && strcmp (name, "job.json") == 0) {
    errno = refused;
    return -1;
  }
  if (former.times > 0 && strcmp (name, "job.json") == 0) {
    former.times--;
    *info = former.file;
    return 0;
  }
  return is_hidden_in (folder, name)
             ? -1
             : __real_fstatat64 (folder, name, info, flags);
}

/* Of the folder itself, or of its name in the folder above. */
int
__wrap_statx (int folder, const char *name, int flags, unsigned mask,
              struct statx *info)
{
  g_autofree char *proc = g_strdup_printf ("/proc/self/fd/%d", folder);
  g_autofree char *path = g_file_read_link (proc, NULL);
  g_autofree char *whole = *name != '\0' && path != NULL
                               ? g_build_filename (path, name, NULL)
                               : g_strdup (path);

  if ((flags & AT_STATX_FORCE_SYNC) && hidden.folder != NULL && whole != NULL
      && g_str_has_suffix (whole, hidden.folder))
    hidden.name = NULL;
  return __real_statx (folder, name, flags, mask, info);
}

static void
hide (const char *name, const char *folder, guint times)
{
  g_free (hidden.folder);
  hidden.name = name;
  hidden.folder = g_strdup (folder);
  hidden.times = times;
  hidden.missed = 0;
  hidden.late = FALSE;
}

/* Accepted: it has an id, so whoever finds it polls it. */
static void
buy (const Kit *kit)
{
  g_autoptr (GenvidStoreEntry) entry
      = genvid_store_get_entry (kit->store, "bb");
  g_autoptr (GenvidRecord) record = genvid_record_new ("bb", "cn8");
  g_autoptr (GError) error = NULL;

  record->n = 1;
  record->state = GENVID_STATE_QUEUED;
  record->id = g_strdup ("7");
  g_assert_true (genvid_store_entry_try_lock (entry, &error));
  g_assert_true (genvid_store_entry_intend (entry, 1, &kit_now, &error));
  g_assert_true (genvid_store_entry_save (entry, record, &error));
  g_assert_no_error (error);
}

static void
assert_found (const Kit *kit, gboolean locked)
{
  g_autoptr (GenvidStoreEntry) entry
      = genvid_store_get_entry (kit->store, "bb");
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidRecord) record = NULL;

  if (locked)
    g_assert_true (genvid_store_entry_try_lock (entry, &error));
  record = genvid_store_entry_load (entry, &error);
  g_assert_no_error (error);
  g_assert_nonnull (record);
  g_assert_cmpstr (record->id, ==, "7");
  g_assert_cmpint (record->state, ==, GENVID_STATE_QUEUED);
  /* With the lock, the folder is asked first. */
  if (!locked)
    g_assert_cmpuint (hidden.missed, >, 0);
  if (locked)
    g_assert_true (genvid_store_entry_save (entry, record, &error));
  hide (NULL, NULL, 0);
}

/* Else its clip would be bought as the next purchase. */
static void
test_remembered (void)
{
  g_auto (Kit) kit = kit_new ();

  buy (&kit);
  for (guint locked = 0; locked < 2; locked++) {
    hide ("/clips/bb", "/clips", 0);
    assert_found (&kit, locked);
    hide ("job.json", "/clips/bb", 0);
    assert_found (&kit, locked);
  }
}

static void
test_momentary (void)
{
  g_auto (Kit) kit = kit_new ();

  buy (&kit);
  for (guint locked = 0; locked < 2; locked++) {
    hide ("job.json", NULL, 5);
    assert_found (&kit, locked);
    hide ("job.json", NULL, 5);
    hidden.late = TRUE;
    assert_found (&kit, locked);
  }
}

static void
show_former (const Kit *kit, guint times)
{
  g_autofree char *path
      = g_build_filename (kit->path, "clips", "bb", "job.json", NULL);

  former.times = 0;
  g_assert_cmpint (stat (path, &former.file), ==, 0);
  former.times = times;
}

/* With the entry's lock, as its next run does. */
static GenvidRecord *
buy_and_load (const Kit *kit, GenvidStoreEntry *entry)
{
  g_autoptr (GError) error = NULL;
  GenvidRecord *record;

  buy (kit);
  g_assert_true (genvid_store_entry_try_lock (entry, &error));
  record = genvid_store_entry_load (entry, &error);
  g_assert_no_error (error);
  return record;
}

/* A name that still shows the file that was just replaced is nobody else's
 * work: after a save, and after a record that was read. */
static void
test_former (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = genvid_store_get_entry (kit.store, "bb");
  g_autoptr (GenvidRecord) record = NULL;
  g_autoptr (GError) error = NULL;

  record = buy_and_load (&kit, entry);
  show_former (&kit, 0);
  g_assert_true (genvid_store_entry_save (entry, record, &error));
  former.times = 2;
  g_assert_true (genvid_store_entry_renew (entry, &error));
  g_assert_cmpuint (former.times, ==, 0);

  former.times = 3;
  g_clear_pointer (&record, genvid_record_free);
  record = genvid_store_entry_load (entry, &error);
  g_assert_no_error (error);
  g_assert_true (genvid_store_entry_save (entry, record, &error));
  g_assert_no_error (error);
  former.times = 0;
}

/* What cannot be looked at is not taken for another process's, nor for one's
 * own. */
static void
test_unseen (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = genvid_store_get_entry (kit.store, "bb");
  g_autoptr (GenvidRecord) record = NULL;
  g_autoptr (GError) error = NULL;

  record = buy_and_load (&kit, entry);
  refused = EIO;
  g_assert_false (genvid_store_entry_renew (entry, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_false (genvid_store_entry_save (entry, record, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  refused = 0;
  g_assert_true (genvid_store_entry_save (entry, record, NULL));
}

/* What cannot be read is not taken for nothing. */
static void
test_for_good (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStoreEntry) entry = NULL;
  g_autoptr (GError) error = NULL;

  buy (&kit);
  hide ("job.json", NULL, 0);
  entry = genvid_store_get_entry (kit.store, "bb");
  g_assert_null (genvid_store_entry_load (entry, &error));
  g_assert_nonnull (error);
  hide (NULL, NULL, 0);
}

/* The intent of another machine commits its reserve. */
static void
test_intent (void)
{
  g_auto (Kit) kit = kit_new ();
  GenvidLedgerLine line = blank;

  line.fingerprint = "bb";
  g_assert_true (reserve (&kit, &line, 100));
  buy (&kit);
  hide ("bb/intent-1", "/clips/bb", 0);
  g_assert_cmpfloat_with_epsilon (sum (&kit), line.amount, EPSILON);
  g_assert_cmpuint (hidden.missed, >, 0);
  hide (NULL, NULL, 0);
}

/* Purchases that were pruned elsewhere keep their numbers. */
static void
test_number (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GError) error = NULL;
  guint n = 0;

  g_assert_true (genvid_store_keep_number (kit.store, "bb", 4, &error));
  hide ("numbers", "", 0);
  g_assert_true (genvid_store_recall_number (kit.store, "bb", &n, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n, ==, 4);
  g_assert_cmpuint (hidden.missed, >, 0);
  hide (NULL, NULL, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stale-names/remembered", test_remembered);
  g_test_add_func ("/stale-names/momentary", test_momentary);
  g_test_add_func ("/stale-names/former", test_former);
  g_test_add_func ("/stale-names/for-good", test_for_good);
  g_test_add_func ("/stale-names/intent", test_intent);
  g_test_add_func ("/stale-names/number", test_number);
  g_test_add_func ("/stale-names/unseen", test_unseen);
  return g_test_run ();
}
