/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <genvid/genvid-ranges.h>
#include <genvid/genvid-record.h>

G_BEGIN_DECLS

/* The folder that remembers what was paid for. Layout (docs/money.md):
 *   version, locks/<fingerprint>, clips/<fingerprint>/{intent-<n>, job.json,
 *   clip.part, clip.map, clip.<ext>}, ledger.jsonl, ledger.sum, numbers/,
 *   timing/, uploads/, pace/.
 * It is made private (0700, files 0600); no symbolic link is followed inside.
 * Counted; thread-safe; an entry is used by one thread at a time. Errors are
 * GENVID_ERROR (no-space, settings) where a user can act, else G_IO_ERROR. */
typedef struct _GenvidStore GenvidStore;
typedef struct _GenvidEntry GenvidEntry;

/* PATH nullable: $XDG_DATA_HOME/genvid. Creates what is missing. Refuses,
 * with GENVID_ERROR (no-space, settings): unwritable, owned by someone else,
 * writable by others, a read-only file system, a store of a future version;
 * each in a sentence that says what to do. READ_ONLY: nothing is created or
 * written; a store that is not there is not-stored. */
GenvidStore *genvid_store_open (const char *path, gboolean read_only,
                                GError **error);
GenvidStore *genvid_store_ref (GenvidStore *store);
void genvid_store_unref (GenvidStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidStore, genvid_store_unref)
/* Canonical path: two spellings of one folder are one. */
const char *genvid_store_get_path (GenvidStore *store);

GenvidNow genvid_now (void); /* the clocks of this machine */

/* The fingerprints that have a folder, in no order; g_strfreev. */
char **genvid_store_list (GenvidStore *store, GError **error);

/* FINGERPRINT: letters, digits, - and _, as it becomes a file name; NULL for
 * any other text. Makes nothing yet. */
GenvidEntry *genvid_store_get_entry (GenvidStore *store,
                                     const char *fingerprint);
void genvid_entry_free (GenvidEntry *entry); /* unlocks */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidEntry, genvid_entry_free)
const char *genvid_entry_get_fingerprint (GenvidEntry *entry);
/* Keeps no file open but locks, until it is used again. */
void genvid_entry_rest (GenvidEntry *entry);

/* The lock of locks/<fingerprint>: an open-file-description lock, so it holds
 * between processes and between two users in one process; a forked child
 * closes its copy. FALSE without error: someone else holds it. */
gboolean genvid_entry_try_lock (GenvidEntry *entry, GError **error);
void genvid_entry_unlock (GenvidEntry *entry);
gboolean genvid_entry_is_locked (GenvidEntry *entry);
/* Someone, also another entry of this process, holds the lock now. */
gboolean genvid_entry_is_taken (GenvidEntry *entry);

/* Tells everyone who looks, other processes too, that this entry's clip is
 * played or waited for, until leave, free or the end of the process. For any
 * number of users at once; needs no lock. Without a free mark (32 users at
 * once, an unwritable folder) nothing is told; that stops nobody from playing.
 */
void genvid_entry_use (GenvidEntry *entry);
void genvid_entry_leave (GenvidEntry *entry);
gboolean genvid_entry_is_used (GenvidEntry *entry);           /* by anyone */
gboolean genvid_entry_is_used_elsewhere (GenvidEntry *entry); /* not by us */
/* Wall time, microseconds, when a use last began or ended; 0: never. */
gint64 genvid_entry_get_last_use (GenvidEntry *entry);

/* NULL without error: nothing is known. Needs no lock. What a crash left is
 * put right in the answer: an intent that job.json does not know of comes as
 * state SUBMITTING of the highest n, with that intent's moment (boot_id NULL
 * where the intent is torn); so does a torn or empty job.json with intents
 * beside it, and without any as IN_DOUBT, never as nothing. A whole clip
 * beside a record that is still under way, torn or missing comes as DONE. A
 * torn job.json is kept aside under another name when the lock is held.
 * GENVID_ERROR (settings): the record is of a future version. */
GenvidRecord *genvid_entry_load (GenvidEntry *entry, GError **error);
/* Atomic and durable: temporary file, fsync, rename, fsync of the folder.
 * G_IO_ERROR_EXISTS: a later purchase than RECORD's is intended already, or
 * job.json is not the one that was loaded or saved last under this entry's
 * lock: RECORD is the old state of a holder that was frozen; nothing was
 * written. */
gboolean genvid_entry_save (GenvidEntry *entry, const GenvidRecord *record,
                            GError **error);
/* What the next intent tells besides its moment, for the case that job.json
 * is never written or is lost: service, call, model, prompt, request,
 * base-url and key hash of RECORD. A load or save does the same. */
void genvid_entry_describe (GenvidEntry *entry, const GenvidRecord *record);
/* Makes intent-<n> with O_EXCL, durable before it returns, with the two
 * clocks, the boot id, our process and the description in it. FALSE with
 * G_IO_ERROR_EXISTS: someone else intends this purchase. After any other
 * error no intent is left. */
gboolean genvid_entry_intend (GenvidEntry *entry, guint n, const GenvidNow *now,
                              GError **error);
/* Forgets the whole entry, clip included, at once and durably, but for the
 * number of its last purchase. The lock must be held; that nothing is under
 * way or in doubt is the caller's to know. */
gboolean genvid_entry_remove (GenvidEntry *entry, GError **error);
/* Bytes on disk of all that the entry keeps. */
guint64 genvid_entry_get_usage (GenvidEntry *entry);

/* A private file of the entry for what is not the clip, made anew, for
 * writing. Whoever makes it removes it; what a crash leaves goes with the next
 * lock. PATH owned by the caller. -1 with error. */
int genvid_entry_open_scratch (GenvidEntry *entry, char **path, GError **error);

/* Room for at least BYTES, told by the file system, by reserving them in a
 * file that is removed again where it can do so, and by a write that is
 * synced. GENVID_ERROR (no-space). */
gboolean genvid_entry_check_space (GenvidEntry *entry, guint64 bytes,
                                   GError **error);

/* What proves that a later answer is the same file; texts nullable. */
typedef struct {
  char *etag; /* strong ones only */
  char *last_modified;
  guint64 size; /* GENVID_SIZE_UNKNOWN */
  guint64 part; /* out: inode of the clip.part that the map speaks of */
} GenvidValidator;
void genvid_validator_clear (GenvidValidator *validator);

/* clip.part. Under the lock: read and write, made if missing. Without it: for
 * reading, and never made. -1 with error. */
int genvid_entry_open_part (GenvidEntry *entry, GError **error);
/* clip.map: claims only what was fdatasync'd before. Durable. PART: the
 * descriptor that was written to; GENVID_ERROR (busy) if clip.part is another
 * file by now, because a process that lost its lock while it was frozen has
 * been replaced: nothing was written then. */
gboolean genvid_entry_save_map (GenvidEntry *entry, int part,
                                const GenvidRanges *ranges,
                                const GenvidValidator *validator,
                                GError **error);
/* Removes a map that speaks of no part: a new part may get the inode of the
 * one that it spoke of. Durable; before open_part. */
gboolean genvid_entry_drop_map (GenvidEntry *entry, GError **error);
/* What a former process left: NULL without error if nothing usable is there
 * (no map, no part, a map that claims more than the part has, or speaks of
 * another part). BOOT (nullable): the boot id that wrote it. VALIDATOR is set
 * in any case. */
GenvidRanges *genvid_entry_load_map (GenvidEntry *entry,
                                     GenvidValidator *validator, char **boot,
                                     GError **error);
/* For one that follows another's download without the lock: clip.part for
 * reading with the map that speaks of just this file. -1 without error:
 * nothing usable is there now. As long as FD is open, a later map whose
 * validator has another part speaks of another file. */
int genvid_entry_open_growing (GenvidEntry *entry, GenvidRanges **ranges,
                               GenvidValidator *validator, char **boot,
                               GError **error);
/* Whether the first SIZE bytes of clip.part are a whole clip, as finish would
 * find; TRUE also where it cannot be read. */
gboolean genvid_entry_check_part (GenvidEntry *entry, guint64 size);
/* Throws away clip.part and clip.map. */
gboolean genvid_entry_reset_part (GenvidEntry *entry, GError **error);
/* The bytes of clip.part are all there: fdatasync, length and container to
 * the last box checked, rename to clip.<ext>, folder fsync, map removed.
 * PART: as above, open for reading and writing. GENVID_ERROR (not-media) if it
 * is no media, is cut or is shorter than SIZE, then clip.part and clip.map
 * stay as they are. What lies beyond SIZE (preallocation) is cut off.
 * EXTENSION and LOCATION (nullable) owned by the caller. */
gboolean genvid_entry_finish (GenvidEntry *entry, int part, guint64 size,
                              char **extension, char **location,
                              GError **error);
/* Opens the finished clip of RECORD for reading, size checked; -1 with error
 * (GENVID_ERROR not-stored when it is gone). */
int genvid_entry_open_clip (GenvidEntry *entry, const GenvidRecord *record,
                            char **location, GError **error);
/* The same and the container to the last box: for a check of the store. */
gboolean genvid_entry_check_clip (GenvidEntry *entry,
                                  const GenvidRecord *record, GError **error);
/* Puts what is left of RECORD's finished clip aside as clip.<ext>.damaged, so
 * that it can be fetched anew. Under the lock. Missing is not an error. */
gboolean genvid_entry_set_clip_aside (GenvidEntry *entry,
                                      const GenvidRecord *record,
                                      GError **error);

/* A salted hash of a key, "SALT:HEX"; and whether KEY made it. */
char *genvid_key_hash (const char *key);
gboolean genvid_key_matches (const char *key_hash, const char *key);

/* Small remembered texts: uploads/<name>, timing/<name>; NAME is hashed, KIND
 * is not. Atomic; a missing one is NULL without error. */
char *genvid_store_recall (GenvidStore *store, const char *kind,
                           const char *name);
gboolean genvid_store_remember (GenvidStore *store, const char *kind,
                                const char *name, const char *text,
                                GError **error);

G_END_DECLS
