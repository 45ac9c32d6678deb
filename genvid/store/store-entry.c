/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One purchase's folder as it is written: its lock, its intents, its record.
 * Each call is durable when it returns, or has changed nothing. What a crash
 * leaves is repaired when it is read, in store-recovery.c. */

#include "store-entry.h"

#include "clock.h"
#include "durable-file.h"
#include "json-reader.h"
#include "json.h"
#include "log.h"
#include "moment.h"
#include "ofd-lock.h"
#include "record.h"
#include "store-private.h"
#include "store-recovery.h"
#include "store-users.h"
#include "store.h"

#include <json-glib/json-glib.h>
#include <gio/gio.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define INTENT_VERSION 1
#define ROOM_PREFIX    ".new-room-"
#define SCRATCH_PREFIX ".new-input-"
#define ROOM_WRITTEN   4096

GenvidStoreEntry *
genvid_store_get_entry (GenvidStore *store, const char *fingerprint)
{
  /* The ledger's lock lies beside the entries'. */
  if (!genvid_store_is_name (fingerprint)
      || strcmp (fingerprint, GENVID_STORE_LEDGER_LOCK) == 0)
    return NULL;
  GenvidStoreEntry *entry = g_new0 (GenvidStoreEntry, 1);
  entry->store = genvid_store_ref (store);
  entry->fingerprint = g_strdup (fingerprint);
  entry->folder = -1;
  return entry;
}

void
genvid_store_entry_free (GenvidStoreEntry *entry)
{
  if (entry == NULL)
    return;
  genvid_store_entry_unlock (entry);
  g_clear_pointer (&entry->mark, genvid_ofd_lock_free_stamped);
  genvid_store_entry_rest (entry);
  g_clear_pointer (&entry->known, genvid_record_free);
  genvid_store_unref (entry->store);
  g_free (entry->fingerprint);
  g_free (entry);
}

void
genvid_store_entry_rest (GenvidStoreEntry *entry)
{
  if (entry->folder >= 0)
    close (entry->folder);
  entry->folder = -1;
}

const char *
genvid_store_entry_get_fingerprint (GenvidStoreEntry *entry)
{
  return entry->fingerprint;
}

void
genvid_store_entry_log (GenvidStoreEntry *entry, GenvidLogLevel level,
                        const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  genvid_log (GENVID_LOG_STORE, level, "%.12s: %s", entry->fingerprint, text);
}

/* Removed, and perhaps made again, by another. */
static gboolean
is_folder_gone (GenvidStoreEntry *entry)
{
  struct stat ours;
  struct stat named;

  return fstat (entry->folder, &ours) != 0
         || fstatat (entry->store->clips, entry->fingerprint, &named,
                     AT_SYMLINK_NOFOLLOW)
                != 0
         || ours.st_ino != named.st_ino || ours.st_dev != named.st_dev;
}

int
genvid_store_entry_get_folder (GenvidStoreEntry *entry, gboolean create,
                               GError **error)
{
  if (entry->folder >= 0 && is_folder_gone (entry))
    genvid_store_entry_rest (entry);
  if (entry->folder < 0)
    entry->folder = genvid_durable_file_open_folder (
        entry->store->clips, entry->fingerprint, create, error);
  return entry->folder;
}

/* Who waits tries again and again: the first try that fails is enough. */
static void
log_try (GenvidStoreEntry *entry, const GError *error)
{
  const char *said = NULL;

  if (entry->lock != NULL)
    said = entry->refused ? "lock taken over from another" : "lock taken";
  else if (!entry->refused)
    said = error != NULL ? error->message : "lock is held by another";
  if (said != NULL)
    genvid_store_entry_log (entry, GENVID_LOG_LOG, "%s", said);
  entry->refused = entry->lock == NULL;
}

gboolean
genvid_store_entry_try_lock (GenvidStoreEntry *entry, GError **error)
{
  if (genvid_store_entry_is_locked (entry))
    return TRUE;
  genvid_store_entry_unlock (entry);
  if (!genvid_store_check_writable (entry->store, error))
    return FALSE;
  entry->lock
      = genvid_ofd_lock_try (entry->store->locks, entry->fingerprint, error);
  log_try (entry, error != NULL ? *error : NULL);
  if (entry->lock == NULL)
    return FALSE;

  entry->told = FALSE;
  int folder = genvid_store_entry_get_folder (entry, FALSE, NULL);
  if (folder >= 0)
    genvid_durable_file_sweep (folder);
  return TRUE;
}

void
genvid_store_entry_unlock (GenvidStoreEntry *entry)
{
  entry->seen.looked = FALSE;
  if (entry->lock != NULL)
    genvid_store_entry_log (entry, GENVID_LOG_LOG, "lock released");
  /* Who ends without this is found by genvid_store_list_held. */
  if (entry->lock != NULL && entry->told)
    genvid_ofd_lock_write (entry->lock, "");
  g_clear_pointer (&entry->lock, genvid_ofd_lock_free);
}

gboolean
genvid_store_entry_is_locked (GenvidStoreEntry *entry)
{
  return entry->lock != NULL && genvid_ofd_lock_is_held (entry->lock);
}

/* The folder for writing; -1 with error. */
static int
get_writable_folder (GenvidStoreEntry *entry, GError **error)
{
  if (!genvid_store_check_writable (entry->store, error))
    return -1;
  return genvid_store_entry_get_folder (entry, TRUE, error);
}

void
genvid_store_entry_describe (GenvidStoreEntry *entry,
                             const GenvidRecord *record)
{
  if (entry->known == record)
    return;
  g_clear_pointer (&entry->known, genvid_record_free);
  entry->known = genvid_record_copy (record);
}

static void
note_name (GenvidStoreNames *names, const char *name)
{
  guint64 n = 0;

  if (g_str_has_prefix (name, GENVID_STORE_INTENT_PREFIX)
      && g_ascii_string_to_unsigned (name + strlen (GENVID_STORE_INTENT_PREFIX),
                                     10, 1, G_MAXUINT, &n, NULL))
    names->intent = MAX (names->intent, (guint)n);
  if (strcmp (name, GENVID_STORE_RECORD_NAME) == 0)
    names->record = TRUE;
  if (g_str_has_prefix (name, GENVID_STORE_CLIP_PREFIX)
      && strcmp (name, GENVID_STORE_PART_NAME) != 0
      && strcmp (name, GENVID_STORE_MAP_NAME) != 0
      && genvid_store_is_name (name + strlen (GENVID_STORE_CLIP_PREFIX))) {
    g_free (names->clip);
    names->clip = g_strdup (name);
  }
}

gboolean
genvid_store_entry_read_names (int folder, GenvidStoreNames *names,
                               GError **error)
{
  int fd = openat (folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *entries = fd >= 0 ? fdopendir (fd) : NULL;
  int code = errno;

  if (entries == NULL) {
    if (fd >= 0)
      close (fd);
    return genvid_durable_file_set_error (error, code, folder, NULL);
  }
  errno = 0;
  for (struct dirent *one; (one = readdir (entries)) != NULL; errno = 0)
    note_name (names, one->d_name);
  code = errno;
  closedir (entries);
  return code == 0 || genvid_durable_file_set_error (error, code, folder, NULL);
}

/* FALSE: it cannot be told whether it is there, and SEEN says that it is not.
 */
static gboolean
look (GenvidStoreEntry *entry, GenvidSeen *seen, GError **error)
{
  *seen = (GenvidSeen){ .looked = TRUE };
  if (entry->folder < 0)
    return TRUE;
  genvid_durable_file_refresh (entry->folder, "");
  genvid_durable_file_refresh (entry->folder, GENVID_STORE_RECORD_NAME);
  seen->there = fstatat (entry->folder, GENVID_STORE_RECORD_NAME, &seen->file,
                         AT_SYMLINK_NOFOLLOW)
                == 0;
  return seen->there || errno == ENOENT
         || genvid_durable_file_set_error (error, errno, entry->folder,
                                           GENVID_STORE_RECORD_NAME);
}

void
genvid_store_entry_see (GenvidStoreEntry *entry, const GenvidSeen *seen)
{
  if (!genvid_store_entry_is_locked (entry))
    return;
  if (seen != NULL)
    entry->seen = *seen;
  else
    look (entry, &entry->seen, NULL);
}

static gboolean
is_same_time (const struct timespec *a, const struct timespec *b)
{
  return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static gboolean
is_same (const GenvidSeen *a, const GenvidSeen *b)
{
  if (!a->there || !b->there)
    return a->there == b->there;
  return a->file.st_ino == b->file.st_ino && a->file.st_dev == b->file.st_dev
         && a->file.st_size == b->file.st_size
         && is_same_time (&a->file.st_mtim, &b->file.st_mtim);
}

/* Every save is another file, so who finds another one than its own was
 * overtaken while it was frozen. For a moment a network file system can hide a
 * file that was just replaced, or show the one before it. */
static gboolean
check_overtaken (GenvidStoreEntry *entry, GError **error)
{
  gint64 until = g_get_monotonic_time () + GENVID_DURABLE_MOMENT;
  GenvidSeen now;

  if (!entry->seen.looked)
    return TRUE;
  do
    if (!look (entry, &now, error))
      return FALSE;
  while (!is_same (&entry->seen, &now) && genvid_durable_file_nap (until));
  if (is_same (&entry->seen, &now))
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                       "Another process continued this purchase.");
  return FALSE;
}

gboolean
genvid_store_entry_renew (GenvidStoreEntry *entry, GError **error)
{
  if (entry->lock != NULL
      && !genvid_ofd_lock_renew (entry->lock, entry->store->locks,
                                 entry->fingerprint, error)) {
    genvid_store_entry_log (entry, GENVID_LOG_INFO, "lock lost");
    return FALSE;
  }
  return entry->folder < 0 || check_overtaken (entry, error);
}

/* LATEST: the highest n of intent-<n>; 0: none. */
static gboolean
find_intent (int folder, guint *latest, GError **error)
{
  GenvidStoreNames names = { 0 };
  gboolean complete = genvid_store_entry_read_names (folder, &names, error);

  g_free (names.clip);
  *latest = names.intent;
  return complete;
}

gboolean
genvid_store_entry_save (GenvidStoreEntry *entry, const GenvidRecord *record,
                         GError **error)
{
  int folder = get_writable_folder (entry, error);
  guint latest;

  if (folder < 0 || !find_intent (folder, &latest, error))
    return FALSE;
  if (latest > record->n) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                 "Another process started purchase %u of this request while "
                 "this one worked on purchase %u.",
                 latest, record->n);
    return FALSE;
  }
  g_autofree char *text = genvid_record_to_text (record);
  GenvidSeen seen = { .looked = TRUE, .there = TRUE };
  if (!genvid_store_entry_renew (entry, error)
      || !genvid_durable_file_replace_known (folder, GENVID_STORE_RECORD_NAME,
                                             text, &seen.file, error))
    return FALSE;
  genvid_store_entry_log (entry, GENVID_LOG_DEBUG,
                          "record of purchase %u saved: %s", record->n,
                          genvid_state_to_string (record->state));
  genvid_store_entry_see (entry, &seen);
  genvid_store_entry_describe (entry, record);
  return TRUE;
}

/* An intent that cannot be read again has lost its moment and its key. */
static const char *const optional[] = { "request", "prompt", NULL };

static char *
write_intent (GenvidStoreEntry *entry, guint n, const GenvidNow *now)
{
  const GenvidRecord *known = entry->known;
  g_autofree char *time = genvid_clock_format_time (now->wall);
  g_autoptr (JsonObject) root = json_object_new ();

  json_object_set_int_member (root, "version", INTENT_VERSION);
  json_object_set_int_member (root, "n", n);
  json_object_set_string_member (root, "time", time);
  json_object_set_int_member (root, "wall", now->wall);
  json_object_set_int_member (root, "boot", now->boot);
  json_object_set_string_member (root, "boot-id", now->boot_id);
  json_object_set_int_member (root, "process", getpid ());
  if (known != NULL) {
    genvid_json_keep (root, "provider", known->provider);
    genvid_json_keep (root, "call", known->call);
    genvid_json_keep (root, "model", known->model);
    genvid_json_keep (root, "prompt", known->prompt);
    genvid_json_keep (root, "base-url", known->base_url);
    genvid_json_keep (root, "key-hash", known->key_hash);
    if (known->request != NULL)
      json_object_set_object_member (root, "request",
                                     json_object_ref (known->request));
  }
  g_autofree char *text = genvid_json_reader_write (root, optional);
  return g_strconcat (text, "\n", NULL);
}

static gboolean
write_durably (int fd, const char *text, int folder, GError **error)
{
  if (!genvid_durable_file_write (fd, text, strlen (text), error))
    return FALSE;
  if (fsync (fd) != 0)
    return genvid_durable_file_set_error (error, errno, folder, NULL);
  return genvid_durable_file_sync_folder (folder, error);
}

gboolean
genvid_store_entry_intend (GenvidStoreEntry *entry, guint n,
                           const GenvidNow *now, GError **error)
{
  int folder = get_writable_folder (entry, error);
  if (folder < 0 || !genvid_store_entry_renew (entry, error))
    return FALSE;

  g_autofree char *name = g_strdup_printf (GENVID_STORE_INTENT_PREFIX "%u", n);
  g_autofree char *text = write_intent (entry, n, now);
  int fd = genvid_durable_file_open (folder, name, O_WRONLY | O_CREAT | O_EXCL,
                                     error);
  if (fd < 0)
    return FALSE;
  gboolean written = write_durably (fd, text, folder, error);
  close (fd);
  /* Ours, and nothing was sent under it. */
  if (!written)
    unlinkat (folder, name, 0);
  else
    genvid_store_entry_log (entry, GENVID_LOG_DEBUG, "%s made", name);
  return written;
}

int
genvid_store_entry_open_scratch (GenvidStoreEntry *entry, char **path,
                                 GError **error)
{
  int folder = get_writable_folder (entry, error);
  if (folder < 0)
    return -1;

  g_autofree char *unique = g_uuid_string_random ();
  g_autofree char *name = g_strconcat (SCRATCH_PREFIX, unique, NULL);
  int fd = genvid_durable_file_open (folder, name, O_WRONLY | O_CREAT | O_EXCL,
                                     error);
  if (fd >= 0)
    *path = g_build_filename (entry->store->path, "clips", entry->fingerprint,
                              name, NULL);
  return fd;
}

/* Where the file system can promise room it does so here, quotas included;
 * where it cannot, statvfs has spoken and the write below speaks. */
static gboolean
try_room (int folder, const char *name, guint64 bytes, GError **error)
{
  char block[ROOM_WRITTEN] = { 0 };
  int fd = genvid_durable_file_open (folder, name, O_WRONLY | O_CREAT | O_EXCL,
                                     error);
  if (fd < 0)
    return FALSE;

  int code = 0;
  off_t wanted = (off_t)MIN (bytes, (guint64)G_MAXINT64);
  if (wanted > 0 && TEMP_FAILURE_RETRY (fallocate (fd, 0, 0, wanted)) != 0
      && errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL)
    code = errno;
  if (code == 0 && pwrite (fd, block, sizeof block, 0) != sizeof block)
    code = errno;
  if (code == 0 && fdatasync (fd) != 0)
    code = errno;
  if (close (fd) != 0 && code == 0)
    code = errno;
  return code == 0 || genvid_durable_file_set_error (error, code, folder, NULL);
}

gboolean
genvid_store_entry_check_space (GenvidStoreEntry *entry, guint64 bytes,
                                GError **error)
{
  struct statvfs info;
  int folder = get_writable_folder (entry, error);
  if (folder < 0)
    return FALSE;

  if (fstatvfs (folder, &info) != 0)
    return genvid_durable_file_set_error (error, errno, folder, NULL);
  if (info.f_flag & ST_RDONLY)
    return genvid_durable_file_set_error (error, EROFS, folder, NULL);
  /* Some network file systems tell nothing. */
  if (info.f_blocks > 0 && info.f_bavail < bytes / info.f_frsize + 1)
    return genvid_durable_file_set_error (error, ENOSPC, folder, NULL);

  g_autofree char *unique = g_uuid_string_random ();
  g_autofree char *name = g_strconcat (ROOM_PREFIX, unique, NULL);
  gboolean room = try_room (folder, name, bytes, error);
  unlinkat (folder, name, 0);
  return room;
}
