/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "store-entry.h"

G_BEGIN_DECLS

/* What the holder of an entry's lock leaves in it: who it is, and how far the
 * generation is, which the record does not say. A holder of a
 * former version leaves nothing. */
typedef struct {
  char *host;   /* a name for a human; nullable: not known */
  gint64 pid;   /* on that host; 0: not known */
  int progress; /* -1: not known */
} GenvidStoreHolder;

/* With the lock only. Where nothing has changed, it writes nothing. */
void genvid_store_entry_tell (GenvidStoreEntry *entry, int progress);
/* It is the last one's, if nobody holds the lock. */
GenvidStoreHolder genvid_store_entry_get_holder (GenvidStoreEntry *entry);
/* On another machine than this one. */
gboolean genvid_store_holder_is_elsewhere (const GenvidStoreHolder *holder);
void genvid_store_holder_clear (GenvidStoreHolder *holder);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GenvidStoreHolder, genvid_store_holder_clear)

G_END_DECLS
