/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What tests of whole clients on a store of their own share. */

#include "store-kit.h"

#include <fcntl.h>
#include <unistd.h>

#include "client.h"
#include "ofd-lock.h"

/* Its worker writes the store until it lets the lock go. */
static inline void
await_worker (const Kit *kit, GenvidClient *client)
{
  g_autofree char *path = g_build_filename (kit->path, "locks", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidOfdLock) lock = NULL;
  int folder = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  g_assert_cmpint (folder, >=, 0);
  lock = genvid_ofd_lock_wait (folder, genvid_client_get_fingerprint (client),
                               60 * (gint64)G_USEC_PER_SEC, &error);
  g_assert_no_error (error);
  close (folder);
}
