/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "byte-ranges.h"
#include "record.h"
#include "store-entry.h"
#include "validator.h"

G_BEGIN_DECLS

void genvid_validator_clear (GenvidValidator *validator);

/* clip.part. Under the lock: read and write, made if missing. Without it: for
 * reading, and never made. -1 with error. */
int genvid_store_entry_open_part (GenvidStoreEntry *entry, GError **error);
/* clip.map: claims only what was fdatasync'd before. Durable. PART: the
 * descriptor that was written to; GENVID_ERROR (busy) if clip.part is another
 * file by now, because another process took the lock over while this one was
 * suspended; nothing was written then. */
gboolean genvid_store_entry_save_map (GenvidStoreEntry *entry, int part,
                                      const GenvidByteRanges *ranges,
                                      const GenvidValidator *validator,
                                      GError **error);
/* Removes a map that has no part: a new part may get the inode of the old one.
 * Durable; call it before open_part. */
gboolean genvid_store_entry_drop_map (GenvidStoreEntry *entry, GError **error);
/* What an earlier process left: NULL without error if nothing usable is there
 * (no map, no part, a map that claims more than the part has, or the map of
 * another part). BOOT (nullable): the boot id that wrote it. VALIDATOR is set
 * in any case. */
GenvidByteRanges *genvid_store_entry_load_map (GenvidStoreEntry *entry,
                                               GenvidValidator *validator,
                                               char **boot, GError **error);
/* For a standby that reads another's download without the lock: clip.part for
 * reading, with the map of exactly this file. -1 without error: nothing usable
 * is there now. While the descriptor is open, a later map whose validator has
 * another part is the map of another file. */
int genvid_store_entry_open_growing (GenvidStoreEntry *entry,
                                     GenvidByteRanges **ranges,
                                     GenvidValidator *validator, char **boot,
                                     GError **error);
/* Whether the first SIZE bytes of clip.part are a whole clip, as finish checks
 * it; TRUE also if it cannot be read. */
gboolean genvid_store_entry_check_part (GenvidStoreEntry *entry, guint64 size);
/* Deletes clip.part and clip.map. */
gboolean genvid_store_entry_reset_part (GenvidStoreEntry *entry,
                                        GError **error);
/* The bytes of clip.part are all there: fdatasync, length and container to
 * the last box checked, rename to clip.<ext>, folder fsync, map removed.
 * PART: as above, open for reading and writing. GENVID_ERROR (not-media) if it
 * is not media, is truncated or is shorter than SIZE; clip.part and clip.map
 * then stay as they are. What lies beyond SIZE (preallocation) is removed.
 * EXTENSION and LOCATION (nullable) owned by the caller. */
gboolean genvid_store_entry_finish (GenvidStoreEntry *entry, int part,
                                    guint64 size, char **extension,
                                    char **location, GError **error);
/* Opens the finished clip of RECORD for reading, size checked; -1 with error
 * (GENVID_ERROR not-stored when it is gone). */
int genvid_store_entry_open_clip (GenvidStoreEntry *entry,
                                  const GenvidRecord *record, char **location,
                                  GError **error);
/* The same, and checks the container to the last box: for a check of the
 * store. */
gboolean genvid_store_entry_check_clip (GenvidStoreEntry *entry,
                                        const GenvidRecord *record,
                                        GError **error);
/* Renames what is left of RECORD's finished clip to clip.<ext>.damaged, so that
 * it can be downloaded again. Under the lock. Missing is not an error. */
gboolean genvid_store_entry_set_clip_aside (GenvidStoreEntry *entry,
                                            const GenvidRecord *record,
                                            GError **error);

G_END_DECLS
