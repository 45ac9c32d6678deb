/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A store is not used where a lock means nothing; where it works, that is found
 * out once. */

#include "store-kit.h"

#include "failure.h"
#include "file-system.h"
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>

static struct {
  gboolean granted; /* whoever holds it */
  int code;         /* what asking for a lock answers; 0: what is true */
  guint asked;
} locks;

int __real_fcntl64 (int fd, int command, ...);
int __wrap_fcntl64 (int fd, int command, ...);

int
__wrap_fcntl64 (int fd, int command, ...)
{
  va_list more;
  void *argument;

  va_start (more, command);
  argument = va_arg (more, void *);
  va_end (more);
  if (command == F_OFD_SETLK) {
    locks.asked++;
    errno = locks.code;
    if (locks.granted || locks.code != 0)
      return locks.granted ? 0 : -1;
  }
  return __real_fcntl64 (fd, command, argument);
}

static void
assert_refused (const Kit *kit, const char *why)
{
  g_autofree char *path = g_build_filename (kit->folder, "other", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (genvid_store_open (path, FALSE, &error));
  g_assert_error (error, GENVID_ERROR, (int)GENVID_REASON_SETTINGS);
  g_assert_nonnull (strstr (error->message, why));
}

static void
test_refused (void)
{
  g_auto (Kit) kit = kit_new ();

  locks.granted = TRUE;
  assert_refused (&kit, "one lock to two holders");
  locks.granted = FALSE;
  locks.code = ENOLCK;
  assert_refused (&kit, "does not support locks");
  /* It is not remembered, and the same folder works once its locks do. */
  locks.code = 0;
  g_autofree char *path = g_build_filename (kit.folder, "other", NULL);
  g_autoptr (GenvidStore) store = genvid_store_open (path, FALSE, NULL);
  g_assert_nonnull (store);
}

static void
test_once (void)
{
  g_auto (Kit) kit = kit_new ();
  g_autoptr (GenvidStore) again = NULL;

  locks.asked = 0;
  again = genvid_store_open (kit.path, FALSE, NULL);
  g_assert_nonnull (again);
  g_assert_cmpuint (locks.asked, ==, 0);
}

static void
test_mounts (void)
{
  static const struct {
    const char *type;
    const char *options;
    gboolean refused;
  } rows[] = {
    { "nfs4", "rw,relatime,vers=4.2,local_lock=none", FALSE },
    { "nfs", "rw,vers=3,nolock,local_lock=all", TRUE },
    { "nfs", "rw,vers=3,local_lock=posix", TRUE },
    { "nfs", "rw,vers=3,local_lock=flock", FALSE },
    { "cifs", "rw,vers=3.1.1,nobrl", TRUE },
    { "cifs", "rw,vers=3.1.1", FALSE },
    { "ceph", "rw,acl", FALSE },
    { "fuse.glusterfs", "rw,allow_other", FALSE },
    { "fuse.sshfs", "rw", TRUE },
    { "ext4", "rw", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const GenvidFileSystem system = { .type = (char *)rows[i].type,
                                      .source = (char *)"server:/export",
                                      .options = (char *)rows[i].options };

    g_test_message ("%s %s", rows[i].type, rows[i].options);
    g_assert_true ((genvid_file_system_explain_locks (&system) != NULL)
                   == rows[i].refused);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/probe/refused", test_refused);
  g_test_add_func ("/probe/once", test_once);
  g_test_add_func ("/probe/mounts", test_mounts);
  return g_test_run ();
}
