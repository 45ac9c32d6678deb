/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _GenvidByteRanges GenvidByteRanges;

#define GENVID_SIZE_UNKNOWN G_MAXUINT64

/* A set of byte ranges [start, end): which bytes of a clip are there. Sorted,
 * disjoint, never touching. A value; not thread-safe. */
typedef struct {
  guint64 start;
  guint64 end; /* exclusive */
} GenvidByteRange;

GenvidByteRanges *genvid_byte_ranges_new (void);
GenvidByteRanges *genvid_byte_ranges_copy (const GenvidByteRanges *ranges);
void genvid_byte_ranges_free (GenvidByteRanges *ranges);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidByteRanges, genvid_byte_ranges_free)

void genvid_byte_ranges_add (GenvidByteRanges *ranges, guint64 start,
                             guint64 end);
void genvid_byte_ranges_clear (GenvidByteRanges *ranges);
guint genvid_byte_ranges_get_n (const GenvidByteRanges *ranges);
GenvidByteRange genvid_byte_ranges_get (const GenvidByteRanges *ranges,
                                        guint index);
/* Behind the last byte; 0 when there is none. */
guint64 genvid_byte_ranges_get_end (const GenvidByteRanges *ranges);
guint64 genvid_byte_ranges_get_total (const GenvidByteRanges *ranges);
/* How many bytes are there from OFFSET on without a gap. */
guint64 genvid_byte_ranges_available (const GenvidByteRanges *ranges,
                                      guint64 offset);
/* The first byte at or after OFFSET that is missing. */
guint64 genvid_byte_ranges_next_gap (const GenvidByteRanges *ranges,
                                     guint64 offset);
/* The first present byte at or after OFFSET, or G_MAXUINT64. */
guint64 genvid_byte_ranges_next_present (const GenvidByteRanges *ranges,
                                         guint64 offset);
gboolean genvid_byte_ranges_contains (const GenvidByteRanges *ranges,
                                      guint64 start, guint64 end);

/* Text form "0-99,200-299" (inclusive ends, as HTTP writes them). */
char *genvid_byte_ranges_to_text (const GenvidByteRanges *ranges);
GenvidByteRanges *genvid_byte_ranges_from_text (const char *text,
                                                GError **error);

G_END_DECLS
