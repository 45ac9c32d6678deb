/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The store's folder: that it is there, ours, private and of a version we
 * know, and the small texts remembered beside the purchases. The contents
 * of an entry are in store-entry.c and store-media.c. */

#include "store.h"

#include "durable-file.h"
#include "failure.h"
#include "store-private.h"
#include "store-probe.h"
#include "user-file.h"

#include <gio/gio.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STORE_VERSION        1
#define VERSION_NAME         "version"
#define VERSION_MAX_BYTES    64
#define REMEMBERED_MAX_BYTES (1024 * 1024)
#define NUMBERS              "numbers"
#define NUMBER_MAX_BYTES     32
#define MAX_NUMBER           1000000

/* The stores that are open for writing, by path, borrowed: who opens one again
 * shares its descriptors. The mutex is held for nothing else. */
static GMutex stores_mutex;
static GHashTable *stores;

/* --- A child may open stores, too, whoever had the mutex. --- */

static void
before_fork (void)
{
  g_mutex_lock (&stores_mutex);
}

static void
after_fork (void)
{
  g_mutex_unlock (&stores_mutex);
}

static void
watch_forks (void)
{
  static gsize ready = 0;

  if (!g_once_init_enter (&ready))
    return;
  pthread_atfork (before_fork, after_fork, after_fork);
  g_once_init_leave (&ready, 1);
}

static void
close_folder (int fd)
{
  if (fd >= 0)
    close (fd);
}

static GenvidStore *
new_store (char *path, gboolean read_only)
{
  GenvidStore *store = g_new0 (GenvidStore, 1);

  g_atomic_ref_count_init (&store->references);
  store->path = path;
  store->read_only = read_only;
  store->root = store->locks = store->clips = -1;
  return store;
}

GenvidStore *
genvid_store_ref (GenvidStore *store)
{
  g_atomic_ref_count_inc (&store->references);
  return store;
}

/* TRUE: nobody has it any more, and nobody can find it. */
static gboolean
drop (GenvidStore *store)
{
  gboolean last;

  g_mutex_lock (&stores_mutex);
  last = g_atomic_ref_count_dec (&store->references);
  if (last && stores != NULL
      && g_hash_table_lookup (stores, store->path) == store)
    g_hash_table_remove (stores, store->path);
  g_mutex_unlock (&stores_mutex);
  return last;
}

void
genvid_store_unref (GenvidStore *store)
{
  if (store == NULL || !drop (store))
    return;
  close_folder (store->clips);
  close_folder (store->locks);
  close_folder (store->root);
  g_free (store->path);
  g_free (store);
}

static gboolean
refuse_path (GError **error, const char *path, int code)
{
  GenvidReason reason = GENVID_REASON_SETTINGS;

  if (genvid_durable_file_is_exhausted (code))
    return genvid_durable_file_set_error (error, code, -1, path);
  if (code == EROFS || code == ENOSPC || code == EDQUOT)
    reason = GENVID_REASON_NO_SPACE;
  g_set_error (error, GENVID_ERROR, (int)reason,
               "The store %s cannot be used: %s. Choose another folder with "
               "the property store or $GENVID_STORE.",
               path, g_strerror (code));
  return FALSE;
}

static void
sync_path (const char *path)
{
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return;
  fsync (fd);
  close (fd);
}

/* As g_mkdir_with_parents, but what is made survives a power cut: all that is
 * bought lies below it. */
static gboolean
make_path (const char *path, GError **error)
{
  struct stat info;

  if (stat (path, &info) == 0)
    return TRUE;
  if (errno != ENOENT)
    return refuse_path (error, path, errno);

  g_autofree char *parent = g_path_get_dirname (path);
  if (g_strcmp0 (parent, path) != 0 && !make_path (parent, error))
    return FALSE;
  if (mkdir (path, S_IRWXU) != 0 && errno != EEXIST)
    return refuse_path (error, path, errno);
  sync_path (parent);
  return TRUE;
}

/* -1 with error; 0: there is none yet. */
static gint64
read_version (GenvidStore *store, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autofree char *text = genvid_durable_file_read (
      store->root, VERSION_NAME, VERSION_MAX_BYTES, NULL, &problem);
  guint64 version = 0;

  if (problem != NULL) {
    g_propagate_error (error, g_steal_pointer (&problem));
    return -1;
  }
  /* Nothing in it: its folder was made, and then the power went. */
  if (text == NULL || *g_strstrip (text) == '\0')
    return 0;
  if (g_ascii_string_to_unsigned (text, 10, 1, G_MAXINT32, &version, NULL)
      && version <= STORE_VERSION)
    return (gint64)version;
  g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
               "The store %s was written by a newer genvidsrc (version "
               "%.20s; this one knows %d); nothing was changed. Update, or "
               "choose another folder with the property store or "
               "$GENVID_STORE.",
               store->path, text, STORE_VERSION);
  return -1;
}

static gboolean
open_for_reading (GenvidStore *store, gint64 version, GError **error)
{
  store->locks
      = genvid_durable_file_open_folder (store->root, "locks", FALSE, NULL);
  store->clips
      = genvid_durable_file_open_folder (store->root, "clips", FALSE, error);
  if (store->clips >= 0 && version > 0)
    return TRUE;
  if (error == NULL || *error == NULL)
    g_set_error (error, GENVID_ERROR, GENVID_REASON_NOT_STORED,
                 "There is no store at %s.", store->path);
  return FALSE;
}

static gboolean
open_for_writing (GenvidStore *store, gint64 version, GError **error)
{
  if (faccessat (store->root, ".", W_OK | X_OK, AT_EACCESS) != 0)
    return genvid_durable_file_set_error (error, errno, store->root, NULL);
  if (!genvid_durable_file_check_folder (store->root, TRUE, error))
    return FALSE;
  store->locks
      = genvid_durable_file_open_folder (store->root, "locks", TRUE, error);
  if (store->locks < 0)
    return FALSE;
  store->clips
      = genvid_durable_file_open_folder (store->root, "clips", TRUE, error);
  if (store->clips < 0)
    return FALSE;
  if (!genvid_store_probe (store, error))
    return FALSE;
  if (version > 0)
    return TRUE;
  g_autofree char *text = g_strdup_printf ("%d\n", STORE_VERSION);
  return genvid_durable_file_replace (store->root, VERSION_NAME, text, error);
}

static gboolean
open_root (GenvidStore *store, GError **error)
{
  store->root
      = open (store->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (store->root < 0)
    return refuse_path (error, store->path, errno);
  return genvid_durable_file_check_folder (store->root, FALSE, error);
}

static gboolean
open_store (GenvidStore *store, GError **error)
{
  g_autoptr (GError) problem = NULL;

  if (!open_root (store, error))
    return FALSE;
  /* Before anything is changed: it may be a store of the future. */
  gint64 version = read_version (store, error);
  if (version < 0)
    return FALSE;
  gboolean opened = store->read_only
                        ? open_for_reading (store, version, &problem)
                        : open_for_writing (store, version, &problem);
  if (!opened)
    g_propagate_error (error, g_steal_pointer (&problem));
  return opened;
}

static gboolean
is_same_folder (int one, int other)
{
  struct stat first, second;

  return fstat (one, &first) == 0 && fstat (other, &second) == 0
         && first.st_ino == second.st_ino && first.st_dev == second.st_dev;
}

/* Not the one that was opened before if its folders were made anew since. */
static gboolean
is_same (const GenvidStore *one, const GenvidStore *other)
{
  return is_same_folder (one->root, other->root)
         && is_same_folder (one->locks, other->locks)
         && is_same_folder (one->clips, other->clips);
}

/* Takes STORE, which was checked. */
static GenvidStore *
share (GenvidStore *store)
{
  g_autoptr (GenvidStore) found = NULL;

  watch_forks ();
  g_mutex_lock (&stores_mutex);
  if (stores == NULL)
    stores = g_hash_table_new (g_str_hash, g_str_equal);
  found = g_hash_table_lookup (stores, store->path);
  if (found != NULL)
    genvid_store_ref (found);
  g_mutex_unlock (&stores_mutex);
  if (found != NULL && is_same (found, store)) {
    genvid_store_unref (store);
    return g_steal_pointer (&found);
  }
  g_mutex_lock (&stores_mutex);
  g_hash_table_replace (stores, store->path, store);
  g_mutex_unlock (&stores_mutex);
  return store;
}

/* Before "~" was known, it made a folder of that name, and what was bought
 * into it would be bought again. */
static gboolean
check_former (const char *path, const char *wanted, GError **error)
{
  g_autofree char *former = g_canonicalize_filename (path, NULL);
  g_autofree char *version = g_build_filename (former, VERSION_NAME, NULL);

  if (path[0] != '~' || !g_file_test (version, G_FILE_TEST_EXISTS))
    return TRUE;
  g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
               "An earlier version of genvidsrc made a store at %s, in a "
               "folder named ~. Move it to %s, or set the store to ./%s.",
               former, wanted, path);
  return FALSE;
}

/* NULL with error. */
static char *
find_path (const char *path, GError **error)
{
  if (path == NULL)
    return g_build_filename (g_get_user_data_dir (), "genvid", NULL);
  if (*path == '\0') {
    g_set_error_literal (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
                         "The store's path is empty.");
    return NULL;
  }
  g_autofree char *expanded = genvid_user_path (path, "store", error);
  g_autofree char *wanted
      = expanded != NULL ? g_canonicalize_filename (expanded, NULL) : NULL;

  if (wanted == NULL || !check_former (path, wanted, error))
    return NULL;
  return g_steal_pointer (&wanted);
}

GenvidStore *
genvid_store_open (const char *path, gboolean read_only, GError **error)
{
  g_autofree char *wanted = find_path (path, error);

  if (wanted == NULL)
    return NULL;
  if (!read_only && !make_path (wanted, error))
    return NULL;
  g_autofree char *canonical = realpath (wanted, NULL);
  if (canonical == NULL && read_only && errno == ENOENT) {
    g_set_error (error, GENVID_ERROR, GENVID_REASON_NOT_STORED,
                 "There is no store at %s.", wanted);
    return NULL;
  }
  if (canonical == NULL) {
    refuse_path (error, wanted, errno);
    return NULL;
  }
  g_autoptr (GenvidStore) store
      = new_store (g_steal_pointer (&canonical), read_only);
  if (!open_store (store, error))
    return NULL;
  return read_only ? g_steal_pointer (&store)
                   : share (g_steal_pointer (&store));
}

const char *
genvid_store_get_path (GenvidStore *store)
{
  return store->path;
}

gboolean
genvid_store_check_writable (GenvidStore *store, GError **error)
{
  if (!store->read_only)
    return TRUE;
  g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
               "The store %s was opened for reading only.", store->path);
  return FALSE;
}

gboolean
genvid_store_is_name (const char *text)
{
  gsize length = text != NULL ? strlen (text) : 0;

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (text[i]) && text[i] != '-' && text[i] != '_')
      return FALSE;
  return length > 0 && length <= 128;
}

typedef gboolean (*Choose) (int folder, const char *name);

/* The names in FOLDER that can be fingerprints, and that CHOOSE (nullable)
 * takes. */
static char **
list_names (int folder, Choose choose, GError **error)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  int fd = openat (folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *entries = fd >= 0 ? fdopendir (fd) : NULL;

  if (entries == NULL) {
    genvid_durable_file_set_error (error, errno, folder, NULL);
    close_folder (fd);
    return NULL;
  }
  for (struct dirent *one; (one = readdir (entries)) != NULL;)
    if (genvid_store_is_name (one->d_name)
        && (choose == NULL || choose (folder, one->d_name)))
      g_strv_builder_add (names, one->d_name);
  closedir (entries);
  return g_strv_builder_end (names);
}

char **
genvid_store_list (GenvidStore *store, GError **error)
{
  return list_names (store->clips, NULL, error);
}

char **
genvid_store_list_locks (GenvidStore *store, GError **error)
{
  return list_names (store->locks, NULL, error);
}

static gboolean
is_noted (int locks, const char *name)
{
  struct stat info;

  return fstatat (locks, name, &info, AT_SYMLINK_NOFOLLOW) == 0
         && S_ISREG (info.st_mode) && info.st_size > 0;
}

char **
genvid_store_list_held (GenvidStore *store, GError **error)
{
  return list_names (store->locks, is_noted, error);
}

static char *
hash_name (const char *name)
{
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, name, -1);
}

char *
genvid_store_recall (GenvidStore *store, const char *kind, const char *name)
{
  g_return_val_if_fail (genvid_store_is_name (kind), NULL);
  int folder = genvid_durable_file_open_folder (store->root, kind, FALSE, NULL);
  if (folder < 0)
    return NULL;

  g_autofree char *file = hash_name (name);
  char *text = genvid_durable_file_read (folder, file, REMEMBERED_MAX_BYTES,
                                         NULL, NULL);
  close (folder);
  return text;
}

gboolean
genvid_store_remember (GenvidStore *store, const char *kind, const char *name,
                       const char *text, GError **error)
{
  g_return_val_if_fail (genvid_store_is_name (kind), FALSE);
  if (!genvid_store_check_writable (store, error))
    return FALSE;
  int folder = genvid_durable_file_open_folder (store->root, kind, TRUE, error);
  if (folder < 0)
    return FALSE;

  g_autofree char *file = hash_name (name);
  gboolean done = genvid_durable_file_replace (folder, file, text, error);
  close (folder);
  return done;
}

gboolean
genvid_store_recall_number (GenvidStore *store, const char *fingerprint,
                            guint *n, GError **error)
{
  g_autofree char *name
      = g_compute_checksum_for_string (G_CHECKSUM_SHA256, fingerprint, -1);
  g_autoptr (GError) problem = NULL;
  guint64 number = 0;
  int folder
      = genvid_durable_file_open_folder (store->root, NUMBERS, FALSE, &problem);
  g_autofree char *text = folder >= 0 ? genvid_durable_file_read (
                              folder, name, NUMBER_MAX_BYTES, NULL, &problem)
                                      : NULL;

  if (folder >= 0)
    close (folder);
  *n = 0;
  if (problem != NULL) {
    g_propagate_error (error, g_steal_pointer (&problem));
    return FALSE;
  }
  if (text == NULL)
    return TRUE;
  if (g_ascii_string_to_unsigned (g_strstrip (text), 10, 1, MAX_NUMBER, &number,
                                  NULL)) {
    *n = (guint)number;
    return TRUE;
  }
  g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
               "%s/" NUMBERS
               "/%s is damaged: it says how often this clip was bought before "
               "it was removed. Nothing was bought. Delete the file to start "
               "counting again, or set take to the next number.",
               store->path, name);
  return FALSE;
}

gboolean
genvid_store_keep_number (GenvidStore *store, const char *fingerprint, guint n,
                          GError **error)
{
  g_autofree char *text = g_strdup_printf ("%u\n", n);
  guint kept = 0;

  if (!genvid_store_recall_number (store, fingerprint, &kept, error))
    return FALSE;
  return kept >= n
         || genvid_store_remember (store, NUMBERS, fingerprint, text, error);
}
