/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "byte-ranges.h"
#include "clip.h"
#include "store-entry.h"
#include "validator.h"

G_BEGIN_DECLS

/* Writes downloaded bytes to clip.part, publishes them to the clip's readers,
 * and lists them in clip.map once they are durable. Used by one thread; a
 * second one of its own syncs in the background. */
typedef struct _GenvidPartWriter GenvidPartWriter;

/* Resumes what an earlier run left in ENTRY (locked), unless that is complete
 * but not a clip. Gives the clip its file and, if known, its size. */
GenvidPartWriter *genvid_part_writer_new (GenvidClip *clip,
                                          GenvidStoreEntry *entry,
                                          GError **error);
/* Waits for a running sync. */
void genvid_part_writer_free (GenvidPartWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidPartWriter, genvid_part_writer_free)

/* Borrowed: the bytes that are there, and what is known of the file. */
const GenvidByteRanges *genvid_part_writer_get_ranges (
    GenvidPartWriter *writer);
const GenvidValidator *genvid_part_writer_get_validator (
    GenvidPartWriter *writer);
gboolean genvid_part_writer_is_empty (GenvidPartWriter *writer);
/* All bytes of a known size are there. */
gboolean genvid_part_writer_is_whole (GenvidPartWriter *writer);

/* Adds to what is known of the file; copied. Sets the clip's size. */
void genvid_part_writer_describe (GenvidPartWriter *writer, const char *etag,
                                  const char *last_modified, guint64 size);
/* Replaces what is known: all bytes that are there are of this file. */
void genvid_part_writer_describe_anew (GenvidPartWriter *writer,
                                       const char *etag,
                                       const char *last_modified, guint64 size);
/* Forgets the validators: bytes follow that they do not prove. */
void genvid_part_writer_forget_proof (GenvidPartWriter *writer);
/* The end of the last byte that is there; 0: there is none. */
guint64 genvid_part_writer_get_end (GenvidPartWriter *writer);
/* Writes the bytes of [offset, offset + length) that are missing, and
 * publishes them. FRESH: how many they were. A file of known size must fit the
 * disk before its first byte is written; space is reserved in steps. */
gboolean genvid_part_writer_write (GenvidPartWriter *writer, guint64 offset,
                                   const guint8 *data, gsize length,
                                   gsize *fresh, GError **error);
/* SAME: the bytes of [offset, offset + length) that are there equal DATA. */
gboolean genvid_part_writer_compare (GenvidPartWriter *writer, guint64 offset,
                                     const guint8 *data, gsize length,
                                     gboolean *same, GError **error);
/* Copies the first bytes that are there; returns how many. */
gsize genvid_part_writer_peek (GenvidPartWriter *writer, guint8 *buffer,
                               gsize length);
/* Drops all bytes, here, in the store and in the clip. */
gboolean genvid_part_writer_reset (GenvidPartWriter *writer, GError **error);
/* Makes all bytes durable and lists them in the map. */
gboolean genvid_part_writer_save (GenvidPartWriter *writer, GError **error);
/* The same for a file that stays incomplete, as far as the disk allows; gives
 * back the space that was reserved beyond its bytes. */
void genvid_part_writer_leave (GenvidPartWriter *writer);
/* The file is complete: moves it to its place and finishes the clip. */
gboolean genvid_part_writer_finish (GenvidPartWriter *writer, guint64 size,
                                    char **extension, GError **error);

G_END_DECLS
