/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Who uses a clip: marks beside the entry's lock, each the lock of one user,
 * so that a mark ends with its process. They keep nobody from anything; who
 * wants to cancel or to remove looks at them. */

#include "store-users.h"

#include "durable-file.h"
#include "log.h"
#include "ofd-lock.h"
#include "store-entry.h"
#include "store-private.h"

#include <fcntl.h>
#include <sys/stat.h>

#define MAX_USERS 32

static char *
name_mark (GenvidStoreEntry *entry, guint number)
{
  return g_strdup_printf ("%s.user-%u", entry->fingerprint, number);
}

/* A mark is made only where those before it are taken, and the last is removed
 * first: behind the first that is not there, there is none. */
static char *
find_mark (GenvidStoreEntry *entry, guint number)
{
  g_autofree char *name = name_mark (entry, number);

  return number < MAX_USERS
                 && genvid_durable_file_exists (entry->store->locks, name)
             ? g_steal_pointer (&name)
             : NULL;
}

void
genvid_store_entry_use (GenvidStoreEntry *entry)
{
  g_autoptr (GError) error = NULL;

  if (entry->mark != NULL || entry->store->read_only)
    return;
  for (guint i = 0; i < MAX_USERS && error == NULL; i++) {
    g_autofree char *name = name_mark (entry, i);

    entry->mark = genvid_ofd_lock_try (entry->store->locks, name, &error);
    /* The file's time is when it was last used. */
    if (entry->mark != NULL && !genvid_ofd_lock_stamp (entry->mark))
      genvid_store_entry_log (entry, GENVID_LOG_LOG,
                              "the time of a use was not set");
    if (entry->mark != NULL)
      return;
  }
  genvid_store_entry_log (entry, GENVID_LOG_LOG, "used without a mark: %s",
                          error != NULL ? error->message : "too many users");
}

void
genvid_store_entry_leave (GenvidStoreEntry *entry)
{
  g_clear_pointer (&entry->mark, genvid_ofd_lock_free_stamped);
}

/* All of them are ours before the first goes. */
gboolean
genvid_store_entry_drop_marks (GenvidStoreEntry *entry)
{
  g_autoptr (GPtrArray) marks
      = g_ptr_array_new_with_free_func ((GDestroyNotify)genvid_ofd_lock_free);
  int locks = entry->store->locks;
  char *found;

  while ((found = find_mark (entry, marks->len)) != NULL) {
    g_autofree char *name = found;
    GenvidOfdLock *mark = genvid_ofd_lock_try (locks, name, NULL);

    if (mark == NULL)
      return FALSE;
    g_ptr_array_add (marks, mark);
  }
  for (guint i = marks->len; i-- > 0;) {
    g_autofree char *name = name_mark (entry, i);

    if (!genvid_ofd_lock_remove (g_ptr_array_index (marks, i), locks, name,
                                 NULL))
      return FALSE;
  }
  return TRUE;
}

void
genvid_store_entry_pass (GenvidStoreEntry *entry)
{
  g_clear_pointer (&entry->mark, genvid_ofd_lock_free);
}

gboolean
genvid_store_entry_is_taken (GenvidStoreEntry *entry)
{
  return genvid_ofd_lock_is_taken (entry->store->locks, entry->fingerprint);
}

gboolean
genvid_store_entry_is_used (GenvidStoreEntry *entry)
{
  for (guint i = 0; i < MAX_USERS; i++) {
    g_autofree char *name = find_mark (entry, i);

    if (name == NULL)
      return FALSE;
    if (genvid_ofd_lock_is_taken (entry->store->locks, name))
      return TRUE;
  }
  return FALSE;
}

gint64
genvid_store_entry_get_last_use (GenvidStoreEntry *entry)
{
  gint64 last = 0;

  for (guint i = 0; i < MAX_USERS; i++) {
    g_autofree char *name = find_mark (entry, i);
    struct stat info;

    if (name == NULL)
      return last;
    if (fstatat (entry->store->locks, name, &info, AT_SYMLINK_NOFOLLOW) == 0)
      last = MAX (last, (gint64)info.st_mtim.tv_sec * G_USEC_PER_SEC
                            + info.st_mtim.tv_nsec / 1000);
  }
  return last;
}
