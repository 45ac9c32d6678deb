/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "byte-ranges.h"
#include "clip.h"
#include "store-entry.h"
#include "validator.h"

G_BEGIN_DECLS

/* Where downloaded bytes go: into clip.part, to the clip's readers, and, once
 * the disk has them, into clip.map. Of one thread; a thread of its own syncs
 * behind it. */
typedef struct _GenvidPartWriter GenvidPartWriter;

/* Takes up what a former run left in ENTRY (locked), unless it is whole and no
 * clip, and gives the clip its file and, where it is known, its size. */
GenvidPartWriter *genvid_part_writer_new (GenvidClip *clip,
                                          GenvidStoreEntry *entry,
                                          GError **error);
/* Waits for a sync that runs. */
void genvid_part_writer_free (GenvidPartWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidPartWriter, genvid_part_writer_free)

/* Borrowed: what is there, and what is known of the file. */
const GenvidByteRanges *genvid_part_writer_get_ranges (
    GenvidPartWriter *writer);
const GenvidValidator *genvid_part_writer_get_validator (
    GenvidPartWriter *writer);
gboolean genvid_part_writer_is_empty (GenvidPartWriter *writer);
/* All bytes of a known size are there. */
gboolean genvid_part_writer_is_whole (GenvidPartWriter *writer);

/* What proves the file from now on, beside what is known of the bytes that are
 * there; copied. Tells the clip its size, where it is known. */
void genvid_part_writer_describe (GenvidPartWriter *writer, const char *etag,
                                  const char *last_modified, guint64 size);
/* The same in the place of what is known: all that is there is of this. */
void genvid_part_writer_describe_anew (GenvidPartWriter *writer,
                                       const char *etag,
                                       const char *last_modified, guint64 size);
/* Bytes are to come that nothing of what is known proves. */
void genvid_part_writer_forget_proof (GenvidPartWriter *writer);
/* Behind the last byte that is there; 0: none. */
guint64 genvid_part_writer_get_end (GenvidPartWriter *writer);
/* Writes what of [offset, offset + length) is missing, and tells the readers
 * once. Before the first byte it is made sure that all of a known size has
 * space; room is taken in steps. FRESH: how many bytes were. */
gboolean genvid_part_writer_write (GenvidPartWriter *writer, guint64 offset,
                                   const guint8 *data, gsize length,
                                   gsize *fresh, GError **error);
/* SAME: what of [offset, offset + length) is there already is equal to DATA. */
gboolean genvid_part_writer_compare (GenvidPartWriter *writer, guint64 offset,
                                     const guint8 *data, gsize length,
                                     gboolean *same, GError **error);
/* The first bytes of the file as far as they are there; how many. */
gsize genvid_part_writer_peek (GenvidPartWriter *writer, guint8 *buffer,
                               gsize length);
/* Forgets all bytes, here, in the store and in the clip. */
gboolean genvid_part_writer_reset (GenvidPartWriter *writer, GError **error);
/* All there is is durable and in the map when it returns. */
gboolean genvid_part_writer_save (GenvidPartWriter *writer, GError **error);
/* The same, as far as the disk allows, for one that stays a part: no room is
 * kept beyond its bytes. */
void genvid_part_writer_leave (GenvidPartWriter *writer);
/* The file is whole: puts it into its place and tells the clip. */
gboolean genvid_part_writer_finish (GenvidPartWriter *writer, guint64 size,
                                    char **extension, GError **error);

G_END_DECLS
