/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "moment.h"
#include "record.h"
#include "store.h"

G_BEGIN_DECLS

typedef struct _GenvidStoreEntry GenvidStoreEntry;

/* FINGERPRINT: letters, digits, - and _, since it becomes a file name; NULL
 * for any other text. Creates nothing yet. */
GenvidStoreEntry *genvid_store_get_entry (GenvidStore *store,
                                          const char *fingerprint);
void genvid_store_entry_free (GenvidStoreEntry *entry); /* unlocks */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidStoreEntry, genvid_store_entry_free)
const char *genvid_store_entry_get_fingerprint (GenvidStoreEntry *entry);
/* Closes all files but locks until it is used again. */
void genvid_store_entry_rest (GenvidStoreEntry *entry);

/* The lock of locks/<fingerprint>: an open-file-description lock, so it holds
 * between processes and between two users in one process; a forked child
 * closes its copy. FALSE without error: someone else holds it. */
gboolean genvid_store_entry_try_lock (GenvidStoreEntry *entry, GError **error);
void genvid_store_entry_unlock (GenvidStoreEntry *entry);
gboolean genvid_store_entry_is_locked (GenvidStoreEntry *entry);
/* To be called before money moves: asks the file system whether the lock is
 * still ours. GENVID_ERROR (busy): it is lost, and stays so. G_IO_ERROR_EXISTS:
 * job.json is not the one last loaded or saved under it. Without a lock, TRUE.
 */
gboolean genvid_store_entry_renew (GenvidStoreEntry *entry, GError **error);
/* Atomic and durable: temporary file, fsync, rename, fsync of the folder.
 * G_IO_ERROR_EXISTS: a later purchase than RECORD's is intended already, or
 * job.json is not the one last loaded or saved under this entry's lock: this
 * process was suspended, and RECORD is out of date. GENVID_ERROR (busy): the
 * lock was lost. Then nothing was written. */
gboolean genvid_store_entry_save (GenvidStoreEntry *entry,
                                  const GenvidRecord *record, GError **error);
/* Sets what the next intent contains besides its time, in case job.json is
 * never written or is lost: service, call, model, prompt, request, base-url
 * and key hash of RECORD. Load and save do the same. */
void genvid_store_entry_describe (GenvidStoreEntry *entry,
                                  const GenvidRecord *record);
/* Makes intent-<n> with O_EXCL, durable before it returns, with the two
 * clocks, the boot id, our process and the description in it. FALSE with
 * G_IO_ERROR_EXISTS: another process intends this purchase. After any other
 * error no intent is left. */
gboolean genvid_store_entry_intend (GenvidStoreEntry *entry, guint n,
                                    const GenvidNow *now, GError **error);

/* A new private file of the entry, for writing, for anything but the clip. The
 * caller removes it; what a crash leaves is removed when the lock is taken
 * next. PATH owned by the caller. -1 with error. */
int genvid_store_entry_open_scratch (GenvidStoreEntry *entry, char **path,
                                     GError **error);

/* There is room for at least BYTES: the file system says so, can allocate them
 * in a file that is removed again (where it supports that), and syncs a small
 * write. GENVID_ERROR (no-space). */
gboolean genvid_store_entry_check_space (GenvidStoreEntry *entry, guint64 bytes,
                                         GError **error);

/* The entry's folder, borrowed. -1 without error: it is missing and CREATE is
 * FALSE. */
int genvid_store_entry_get_folder (GenvidStoreEntry *entry, gboolean create,
                                   GError **error);

G_END_DECLS
