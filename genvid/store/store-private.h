/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/stat.h>

#include "log.h"
#include "ofd-lock.h"
#include "record.h"
#include "store-entry.h"
#include "store.h"

G_BEGIN_DECLS

/* What the files that implement the store and the ledger share. */

struct _GenvidStore {
  gatomicrefcount references;
  char *path;
  gboolean read_only;
  int root; /* descriptors of folders, never changed after open */
  int locks;
  int clips;
};

/* Which job.json lay there when the holder of the lock last looked; whatever
 * it knows is of that one. */
typedef struct {
  gboolean looked; /* else the rest means nothing */
  gboolean there;
  struct stat file;
} GenvidSeen;

struct _GenvidStoreEntry {
  GenvidStore *store;
  char *fingerprint;
  GenvidOfdLock *lock; /* nullable */
  GenvidOfdLock *mark; /* of a user; nullable */
  int folder;          /* clips/<fingerprint>, -1 until opened */
  GenvidRecord *known; /* the last one seen; nullable */
  GenvidSeen seen;
  gboolean told; /* in the lock's file, who holds it, and */
  int progress;
  gboolean refused; /* the last try found the lock held by another */
};

#define GENVID_STORE_RECORD_NAME   "job.json"
#define GENVID_STORE_PART_NAME     "clip.part"
#define GENVID_STORE_MAP_NAME      "clip.map"
#define GENVID_STORE_CLIP_PREFIX   "clip."
#define GENVID_STORE_INTENT_PREFIX "intent-"
#define GENVID_STORE_LEDGER_LOCK   "ledger"

/* What the names in an entry's folder tell. */
typedef struct {
  guint intent;    /* the highest; 0: none */
  gboolean record; /* job.json is there */
  char *clip;      /* clip.<ext>; nullable */
} GenvidStoreNames;

/* FALSE: the folder cannot be read. CLIP is the caller's to free. */
gboolean genvid_store_entry_read_names (int folder, GenvidStoreNames *names,
                                        GError **error);

/* Who holds the lock knows what SEEN shows; NULL: what the name shows now. */
void genvid_store_entry_see (GenvidStoreEntry *entry, const GenvidSeen *seen);

/* With the first characters of the fingerprint before it. */
void genvid_store_entry_log (GenvidStoreEntry *entry, GenvidLogLevel level,
                             const char *format, ...) G_GNUC_PRINTF (3, 4);

/* FALSE with GENVID_ERROR (settings) for a store opened for reading. */
gboolean genvid_store_check_writable (GenvidStore *store, GError **error);
/* Letters, digits, - and _ only: it becomes a file name. */
gboolean genvid_store_is_name (const char *text);

G_END_DECLS
