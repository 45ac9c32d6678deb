/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "store-entry.h"

G_BEGIN_DECLS

/* What an entry takes on disk, and how it goes. */

/* Removes the whole entry with its clip, atomically and durably, except the
 * number of its last purchase. The lock must be held; the caller makes sure
 * that nothing is in progress or in doubt. */
gboolean genvid_store_entry_remove (GenvidStoreEntry *entry, GError **error);
/* Removes what removed entries left: folders of a removal that was interrupted,
 * and the locks of entries that are not there, unless somebody holds, uses or
 * waits for one. FALSE with error: not all were found. */
gboolean genvid_store_sweep (GenvidStore *store, GError **error);
/* Bytes on disk of all that the entry keeps. */
guint64 genvid_store_entry_get_usage (GenvidStoreEntry *entry);

G_END_DECLS
