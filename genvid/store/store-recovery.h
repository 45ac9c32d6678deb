/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "record.h"
#include "store-entry.h"

G_BEGIN_DECLS

/* NULL without error: nothing is known. Needs no lock. What a crash left is
 * put right in the answer: an intent that job.json does not know of comes as
 * state SUBMITTING of the highest n, with that intent's moment (boot_id NULL
 * where the intent is torn); so does a torn or empty job.json with intents
 * beside it, and without any as IN_DOUBT, never as nothing. A whole clip
 * beside a record that is still under way, torn or missing comes as DONE. A
 * torn job.json is kept aside under another name when the lock is held.
 * GENVID_ERROR (settings): the record is of a future version. */
GenvidRecord *genvid_store_entry_load (GenvidStoreEntry *entry, GError **error);

/* The highest n of intent-<n>; 0: none; G_MAXUINT: the folder cannot be read,
 * so any may be there. */
guint genvid_store_entry_find_intent (int folder);

G_END_DECLS
