/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "record.h"
#include "store-entry.h"

G_BEGIN_DECLS

/* NULL without error: nothing is known. Needs no lock. The result repairs what
 * a crash left: an intent that job.json does not contain gives SUBMITTING with
 * the highest n and that intent's time (boot_id NULL if the intent is torn); so
 * does a torn or empty job.json with intents beside it, and without any it
 * gives IN_DOUBT, never NULL. A whole clip beside a record that is in progress,
 * torn or missing gives DONE. A torn job.json is renamed if the lock is held.
 * GENVID_ERROR (settings): the record is of a future version. */
GenvidRecord *genvid_store_entry_load (GenvidStoreEntry *entry, GError **error);

G_END_DECLS
