/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <genvid/io/genvid-clip.h>
#include <genvid/io/genvid-store.h>

/* Where downloaded bytes go: into clip.part, to the clip's readers, and, once
 * the disk has them, into clip.map. Of one thread; a thread of its own syncs
 * behind it. */
typedef struct _GenvidIntake GenvidIntake;

/* Takes up what a former run left in ENTRY (locked), unless it is whole and no
 * clip, and gives the clip its file and, where it is known, its size. */
GenvidIntake *genvid_intake_new (GenvidClip *clip, GenvidEntry *entry,
                                 GError **error);
/* Waits for a sync that runs. */
void genvid_intake_free (GenvidIntake *intake);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidIntake, genvid_intake_free)

/* Borrowed: what is there, and what is known of the file. */
const GenvidRanges *genvid_intake_get_ranges (GenvidIntake *intake);
const GenvidValidator *genvid_intake_get_validator (GenvidIntake *intake);
gboolean genvid_intake_is_empty (GenvidIntake *intake);
/* All bytes of a known size are there. */
gboolean genvid_intake_is_whole (GenvidIntake *intake);

/* What proves the file from now on, beside what is known of the bytes that are
 * there; copied. Tells the clip its size, where it is known. */
void genvid_intake_describe (GenvidIntake *intake, const char *etag,
                             const char *last_modified, guint64 size);
/* The same in the place of what is known: all that is there is of this. */
void genvid_intake_describe_anew (GenvidIntake *intake, const char *etag,
                                  const char *last_modified, guint64 size);
/* Bytes are to come that nothing of what is known proves. */
void genvid_intake_forget_proof (GenvidIntake *intake);
/* Behind the last byte that is there; 0: none. */
guint64 genvid_intake_get_end (GenvidIntake *intake);
/* Writes what of [offset, offset + length) is missing, and tells the readers
 * once. Before the first byte it is made sure that all of a known size has
 * space; room is taken in steps. FRESH: how many bytes were. */
gboolean genvid_intake_write (GenvidIntake *intake, guint64 offset,
                              const guint8 *data, gsize length, gsize *fresh,
                              GError **error);
/* SAME: what of [offset, offset + length) is there already is equal to DATA. */
gboolean genvid_intake_compare (GenvidIntake *intake, guint64 offset,
                                const guint8 *data, gsize length,
                                gboolean *same, GError **error);
/* The first bytes of the file as far as they are there; how many. */
gsize genvid_intake_peek (GenvidIntake *intake, guint8 *buffer, gsize length);
/* Forgets all bytes, here, in the store and in the clip. */
gboolean genvid_intake_reset (GenvidIntake *intake, GError **error);
/* All there is is durable and in the map when it returns. */
gboolean genvid_intake_save (GenvidIntake *intake, GError **error);
/* The same, as far as the disk allows, for one that stays a part: no room is
 * kept beyond its bytes. */
void genvid_intake_leave (GenvidIntake *intake);
/* The file is whole: puts it into its place and tells the clip. */
gboolean genvid_intake_finish (GenvidIntake *intake, guint64 size,
                               char **extension, GError **error);
