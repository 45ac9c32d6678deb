/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "file-system.h"
#include "store.h"

G_BEGIN_DECLS

/* At the first start of a machine on a mount: tries what the store needs of its
 * file system (a lock that another open file sees, a file that is made once, a
 * rename that replaces, an fsync that answers) and remembers in STORE/probe
 * that it works. FALSE with GENVID_ERROR (settings): something is missing, and
 * two processes or machines could pay for one clip. What could not be tried,
 * because the disk is full or the server does not answer, is tried by the next
 * start. */
gboolean genvid_store_probe (GenvidStore *store, GError **error);
/* What the store lies on. */
void genvid_store_find_file_system (GenvidStore *store,
                                    GenvidFileSystem *system);

G_END_DECLS
