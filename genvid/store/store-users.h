/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "store-entry.h"

G_BEGIN_DECLS

/* Someone, maybe another entry of this process, holds the lock now. */
gboolean genvid_store_entry_is_taken (GenvidStoreEntry *entry);

/* Marks this entry's clip as in use, for other processes too, until leave, free
 * or the end of the process. Any number of users at once; needs no lock.
 * Without a free mark (32 users at once, an unwritable folder) there is none,
 * and playing goes on all the same. */
void genvid_store_entry_use (GenvidStoreEntry *entry);
void genvid_store_entry_leave (GenvidStoreEntry *entry);
/* Removes the files of all marks. FALSE: somebody uses the clip, or they cannot
 * be removed. */
gboolean genvid_store_entry_drop_marks (GenvidStoreEntry *entry);
/* As leave, but the use goes on under the entry's lock, which tells others as
 * much: it is no end of a use. */
void genvid_store_entry_pass (GenvidStoreEntry *entry);
gboolean genvid_store_entry_is_used (GenvidStoreEntry *entry); /* by anyone */
/* Wall time, microseconds, when a use last began or ended; 0: never. */
gint64 genvid_store_entry_get_last_use (GenvidStoreEntry *entry);

G_END_DECLS
