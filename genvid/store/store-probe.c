/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the file system of the store can do, found out with files of its own. It
 * knows nothing of purchases. */

#include "store-probe.h"

#include "durable-file.h"
#include "failure.h"
#include "file-system.h"
#include "ofd-lock.h"
#include "store-private.h"

#include <gio/gio.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define FOLDER "probe"
#define WORKS  "works\n"
#define PREFIX ".new-probe-"

/* A local one by its device alone: its list of mounts may be long, and tells
 * nothing that matters here. */
static char *
name_mount (GenvidStore *store, const GenvidFileSystem *system)
{
  struct statfs info = { 0 };
  struct stat root = { 0 };

  if (system != NULL)
    return g_strdup_printf ("%s\n%s\n%s\n%s", g_get_host_name (), system->type,
                            system->source, system->options);
  if (fstatfs (store->root, &info) != 0 || fstat (store->root, &root) != 0)
    return g_strdup (g_get_host_name ());
  return g_strdup_printf ("%s\n%lx\n%lx", g_get_host_name (),
                          (unsigned long)info.f_type,
                          (unsigned long)root.st_dev);
}

static gboolean
refuse (GenvidStore *store, const char *why, GError **error)
{
  g_auto (GenvidFileSystem) system = { 0 };

  genvid_file_system_find (store->root, &system);
  g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
               "The store %s cannot be used: %s (file system %s), so a clip "
               "could be paid for twice. Mount it otherwise (docs/fleet.md), "
               "or choose another folder with the property store or "
               "$GENVID_STORE.",
               store->path, why, system.type);
  return FALSE;
}

/* NULL: it works, or ERROR says why it could not be tried. */
static const char *
try_making (int folder, const char *name, GError **error)
{
  g_autoptr (GError) exists = NULL;
  int first = genvid_durable_file_open (folder, name, O_RDWR | O_CREAT | O_EXCL,
                                        error);
  int second = -1;

  if (first < 0)
    return NULL;
  if (fsync (first) != 0
      && (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)) {
    close (first);
    return "it does not say whether what is written is kept (fsync)";
  }
  close (first);
  second = genvid_durable_file_open (folder, name, O_RDWR | O_CREAT | O_EXCL,
                                     &exists);
  if (second >= 0)
    close (second);
  return second < 0 ? NULL : "it makes a file twice that must be made once";
}

static const char *
try_locks (int folder, const char *name, GError **error)
{
  g_autoptr (GenvidOfdLock) first = genvid_ofd_lock_try (folder, name, error);
  g_autoptr (GenvidOfdLock) second = NULL;
  g_autoptr (GError) refusal = NULL;

  if (first == NULL && (error == NULL || *error == NULL))
    return "it refuses a lock that nobody holds";
  if (first == NULL)
    return NULL;
  second = genvid_ofd_lock_try (folder, name, &refusal);
  if (second != NULL)
    return "it gives one lock to two holders";
  g_clear_pointer (&first, genvid_ofd_lock_free);
  second = genvid_ofd_lock_try (folder, name, error);
  return second == NULL && (error == NULL || *error == NULL)
             ? "it keeps a lock that was released"
             : NULL;
}

static const char *
try_replacing (int folder, const char *name, GError **error)
{
  g_autofree char *text = NULL;

  if (!genvid_durable_file_replace (folder, name, WORKS, error))
    return NULL;
  text = genvid_durable_file_read (folder, name, 64, NULL, error);
  if (text == NULL && error != NULL && *error != NULL)
    return NULL;
  return g_strcmp0 (text, WORKS) == 0
             ? NULL
             : "a file that was renamed does not replace the one before it";
}

static const char *
try_all (int folder, GError **error)
{
  static const char *(*const tries[]) (int, const char *, GError **)
      = { try_making, try_locks, try_replacing };
  g_autofree char *unique = g_uuid_string_random ();
  g_autofree char *name = g_strconcat (PREFIX, unique, NULL);
  g_autoptr (GError) problem = NULL;
  const char *why = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (tries); i++)
    if (why == NULL && problem == NULL)
      why = tries[i](folder, name, &problem);
  unlinkat (folder, name, 0);
  if (problem != NULL)
    g_propagate_error (error, g_steal_pointer (&problem));
  return why;
}

static gboolean
is_known (int folder, const char *name)
{
  g_autofree char *text
      = genvid_durable_file_read (folder, name, 64, NULL, NULL);

  return g_strcmp0 (text, WORKS) == 0;
}

gboolean
genvid_store_probe (GenvidStore *store, GError **error)
{
  gboolean shared = genvid_file_system_is_shared (store->root);
  g_auto (GenvidFileSystem) system = { 0 };
  g_autofree char *mount = NULL;
  g_autofree char *name = NULL;
  g_autoptr (GError) problem = NULL;
  const char *why = NULL;
  int folder;

  if (shared) {
    genvid_file_system_find (store->root, &system);
    why = genvid_file_system_explain_locks (&system);
  }
  if (why != NULL) {
    g_autofree char *text
        = g_strdup_printf ("its locks keep out no other machine, as %s", why);
    return refuse (store, text, error);
  }
  mount = name_mount (store, shared ? &system : NULL);
  name = g_compute_checksum_for_string (G_CHECKSUM_SHA256, mount, -1);
  folder = genvid_durable_file_open_folder (store->root, FOLDER, TRUE, error);
  if (folder < 0)
    return FALSE;
  if (is_known (folder, name)) {
    close (folder);
    return TRUE;
  }
  why = try_all (store->locks, &problem);
  if (why == NULL && problem == NULL)
    genvid_durable_file_replace (folder, name, WORKS, NULL);
  close (folder);
  if (why != NULL)
    return refuse (store, why, error);
  if (g_error_matches (problem, GENVID_ERROR, GENVID_REASON_SETTINGS)) {
    g_propagate_error (error, g_steal_pointer (&problem));
    return FALSE;
  }
  return TRUE;
}

void
genvid_store_find_file_system (GenvidStore *store, GenvidFileSystem *system)
{
  genvid_file_system_find (store->root, system);
}
