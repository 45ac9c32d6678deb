/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The folder that remembers what was paid for. Layout (docs/money.md):
 *   version, locks/<fingerprint>, clips/<fingerprint>/{intent-<n>, job.json,
 *   clip.part, clip.map, clip.<ext>}, ledger.jsonl, ledger.sum, numbers/,
 *   timing/, uploads/, pace/.
 * It is made private (0700, files 0600); no symbolic link is followed inside.
 * Counted; thread-safe; an entry is used by one thread at a time. Errors are
 * GENVID_ERROR (no-space, settings) where a user can act, else G_IO_ERROR. */
typedef struct _GenvidStore GenvidStore;

/* PATH nullable: $XDG_DATA_HOME/genvid. Creates what is missing. Fails
 * with GENVID_ERROR (no-space, settings) and a sentence that says what to do:
 * unwritable, owned by another user, writable by others, a read-only file
 * system, a store of a future version. READ_ONLY: creates and writes nothing;
 * a missing store is not-stored. */
GenvidStore *genvid_store_open (const char *path, gboolean read_only,
                                GError **error);
GenvidStore *genvid_store_ref (GenvidStore *store);
void genvid_store_unref (GenvidStore *store); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidStore, genvid_store_unref)
/* Canonical: two spellings of one folder give the same path. */
const char *genvid_store_get_path (GenvidStore *store);

/* The fingerprints that have a folder, in no order; g_strfreev. */
char **genvid_store_list (GenvidStore *store, GError **error);

/* Those whose lock is held, or was held by a process that ended without
 * releasing it, in no order; of holders of former versions, none. It looks at
 * each lock's size only. g_strfreev. */
char **genvid_store_list_held (GenvidStore *store, GError **error);
/* Those that have a lock, held or not, in no order. g_strfreev. */
char **genvid_store_list_locks (GenvidStore *store, GError **error);

/* Small remembered texts: uploads/<name>, timing/<name>; NAME is hashed, KIND
 * is not. Atomic; NULL if there is none. */
char *genvid_store_recall (GenvidStore *store, const char *kind,
                           const char *name);
gboolean genvid_store_remember (GenvidStore *store, const char *kind,
                                const char *name, const char *text,
                                GError **error);

/* STORE/numbers/<hash>: the last purchase number of a fingerprint whose entry
 * was removed. A number is never used twice: a service may still know the
 * idempotency value that was derived from it. Any thread. */

/* Durable; never lowers it. */
gboolean genvid_store_keep_number (GenvidStore *store, const char *fingerprint,
                                   guint n, GError **error);
/* N: 0 if none is kept. FALSE with error: it cannot be read. */
gboolean genvid_store_recall_number (GenvidStore *store,
                                     const char *fingerprint, guint *n,
                                     GError **error);

G_END_DECLS
