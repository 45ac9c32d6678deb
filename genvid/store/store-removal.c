/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An entry leaves the store in one step, and its number stays: the service may
 * still know what was bought under it. Its locks go later, when nobody has
 * them. */

#include "store-removal.h"

#include "durable-file.h"
#include "log.h"
#include "ofd-lock.h"
#include "record.h"
#include "state.h"
#include "store-private.h"
#include "store-recovery.h"
#include "store-users.h"
#include "store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REMOVED_PREFIX ".removed-"

/* Calls VISIT for each file; a folder is not expected here and is skipped. */
typedef void (*Visit) (int folder, const char *name, gpointer data);

static void
visit_files (int folder, Visit visit, gpointer data)
{
  int fd = openat (folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *entries = fd >= 0 ? fdopendir (fd) : NULL;

  if (entries == NULL) {
    if (fd >= 0)
      close (fd);
    return;
  }
  for (struct dirent *one; (one = readdir (entries)) != NULL;)
    if (strcmp (one->d_name, ".") != 0 && strcmp (one->d_name, "..") != 0)
      visit (folder, one->d_name, data);
  closedir (entries);
}

static void
remove_file (int folder, const char *name, gpointer data)
{
  unlinkat (folder, name, 0);
}

static void
remove_folder (int clips, const char *name)
{
  int folder = genvid_durable_file_open_folder (clips, name, FALSE, NULL);
  if (folder < 0)
    return;
  visit_files (folder, remove_file, NULL);
  close (folder);
  unlinkat (clips, name, AT_REMOVEDIR);
}

static void
remove_leftover (int clips, const char *name, gpointer data)
{
  if (g_str_has_prefix (name, REMOVED_PREFIX))
    remove_folder (clips, name);
}

/* What was bought under a number stays bought when its entry goes. */
static gboolean
keep_number (GenvidStoreEntry *entry, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (GenvidRecord) record = genvid_store_entry_load (entry, &problem);

  if (problem != NULL) {
    g_propagate_error (error, g_steal_pointer (&problem));
    return FALSE;
  }
  if (record == NULL)
    return TRUE;
  guint n = record->n - (record->state == GENVID_STATE_IDLE);
  return n == 0
         || genvid_store_keep_number (entry->store, entry->fingerprint, n,
                                      error);
}

gboolean
genvid_store_entry_remove (GenvidStoreEntry *entry, GError **error)
{
  int clips = entry->store->clips;
  g_autofree char *unique = g_uuid_string_random ();
  g_autofree char *aside = g_strconcat (REMOVED_PREFIX, unique, NULL);

  g_return_val_if_fail (genvid_store_entry_is_locked (entry), FALSE);
  if (!keep_number (entry, error))
    return FALSE;
  /* Out of sight in one step: half of an entry would be a doubt. */
  if (renameat (clips, entry->fingerprint, clips, aside) != 0
      && errno != ENOENT)
    return genvid_durable_file_set_error (error, errno, clips,
                                          entry->fingerprint);
  if (!genvid_durable_file_sync_folder (clips, error))
    return FALSE;
  genvid_store_entry_log (entry, GENVID_LOG_INFO, "removed");
  g_clear_pointer (&entry->known, genvid_record_free);
  entry->seen.looked = FALSE;
  remove_folder (clips, aside);
  return TRUE;
}

/* A process may have been killed while it removed them. */
static void
sweep_leftovers (GenvidStore *store)
{
  visit_files (store->clips, remove_leftover, NULL);
}

/* What is removed under its lock keeps out nobody who waited for it: see
 * genvid_ofd_lock_remove. And who would buy in spite of that finds the intent
 * made. */
static void
drop_locks (GenvidStore *store, const char *name)
{
  g_autoptr (GenvidStoreEntry) entry = genvid_store_get_entry (store, name);
  g_autoptr (GError) error = NULL;

  if (entry == NULL || genvid_durable_file_exists (store->clips, name)
      || !genvid_store_entry_try_lock (entry, NULL)
      || genvid_durable_file_exists (store->clips, name)
      || !genvid_store_entry_drop_marks (entry)
      || genvid_ofd_lock_remove (entry->lock, store->locks, name, &error))
    return;
  genvid_store_entry_log (entry, GENVID_LOG_LOG, "lock not removed: %s",
                          error->message);
}

gboolean
genvid_store_sweep (GenvidStore *store, GError **error)
{
  g_auto (GStrv) names = NULL;

  if (!genvid_store_check_writable (store, error))
    return FALSE;
  sweep_leftovers (store);
  names = genvid_store_list_locks (store, error);
  for (char **name = names; names != NULL && *name != NULL; name++)
    drop_locks (store, *name);
  return names != NULL;
}

static void
add_usage (int folder, const char *name, gpointer data)
{
  guint64 *bytes = data;
  struct stat info;

  if (fstatat (folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0)
    *bytes += (guint64)info.st_blocks * 512;
}

guint64
genvid_store_entry_get_usage (GenvidStoreEntry *entry)
{
  guint64 bytes = 0;
  int folder = genvid_store_entry_get_folder (entry, FALSE, NULL);

  if (folder >= 0)
    visit_files (folder, add_usage, &bytes);
  return bytes;
}
