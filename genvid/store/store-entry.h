/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "moment.h"
#include "record.h"
#include "store.h"

G_BEGIN_DECLS

typedef struct _GenvidStoreEntry GenvidStoreEntry;

/* FINGERPRINT: letters, digits, - and _, as it becomes a file name; NULL for
 * any other text. Makes nothing yet. */
GenvidStoreEntry *genvid_store_get_entry (GenvidStore *store,
                                          const char *fingerprint);
void genvid_store_entry_free (GenvidStoreEntry *entry); /* unlocks */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidStoreEntry, genvid_store_entry_free)
const char *genvid_store_entry_get_fingerprint (GenvidStoreEntry *entry);
/* Keeps no file open but locks, until it is used again. */
void genvid_store_entry_rest (GenvidStoreEntry *entry);

/* The lock of locks/<fingerprint>: an open-file-description lock, so it holds
 * between processes and between two users in one process; a forked child
 * closes its copy. FALSE without error: someone else holds it. */
gboolean genvid_store_entry_try_lock (GenvidStoreEntry *entry, GError **error);
void genvid_store_entry_unlock (GenvidStoreEntry *entry);
gboolean genvid_store_entry_is_locked (GenvidStoreEntry *entry);
/* Atomic and durable: temporary file, fsync, rename, fsync of the folder.
 * G_IO_ERROR_EXISTS: a later purchase than RECORD's is intended already, or
 * job.json is not the one that was loaded or saved last under this entry's
 * lock: RECORD is the old state of a holder that was frozen; nothing was
 * written. */
gboolean genvid_store_entry_save (GenvidStoreEntry *entry,
                                  const GenvidRecord *record, GError **error);
/* What the next intent tells besides its moment, for the case that job.json
 * is never written or is lost: service, call, model, prompt, request,
 * base-url and key hash of RECORD. A load or save does the same. */
void genvid_store_entry_describe (GenvidStoreEntry *entry,
                                  const GenvidRecord *record);
/* Makes intent-<n> with O_EXCL, durable before it returns, with the two
 * clocks, the boot id, our process and the description in it. FALSE with
 * G_IO_ERROR_EXISTS: someone else intends this purchase. After any other
 * error no intent is left. */
gboolean genvid_store_entry_intend (GenvidStoreEntry *entry, guint n,
                                    const GenvidNow *now, GError **error);
/* Forgets the whole entry, clip included, at once and durably, but for the
 * number of its last purchase. The lock must be held; that nothing is under
 * way or in doubt is the caller's to know. */
gboolean genvid_store_entry_remove (GenvidStoreEntry *entry, GError **error);
/* Bytes on disk of all that the entry keeps. */
guint64 genvid_store_entry_get_usage (GenvidStoreEntry *entry);

/* A private file of the entry for what is not the clip, made anew, for
 * writing. Whoever makes it removes it; what a crash leaves goes with the next
 * lock. PATH owned by the caller. -1 with error. */
int genvid_store_entry_open_scratch (GenvidStoreEntry *entry, char **path,
                                     GError **error);

/* Room for at least BYTES, told by the file system, by reserving them in a
 * file that is removed again where it can do so, and by a write that is
 * synced. GENVID_ERROR (no-space). */
gboolean genvid_store_entry_check_space (GenvidStoreEntry *entry, guint64 bytes,
                                         GError **error);

/* The entry's folder, borrowed. -1 without error: missing and not CREATE. */
int genvid_store_entry_get_folder (GenvidStoreEntry *entry, gboolean create,
                                   GError **error);
/* Before job.json is read; only while the lock is held. */
void genvid_store_entry_look (GenvidStoreEntry *entry);

G_END_DECLS
