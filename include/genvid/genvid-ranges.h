/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A set of byte ranges [start, end): which bytes of a clip are there. Sorted,
 * disjoint, never touching. A value; not thread-safe. */
typedef struct {
  guint64 start;
  guint64 end; /* exclusive */
} GenvidRange;

typedef struct _GenvidRanges GenvidRanges;

GenvidRanges *genvid_ranges_new (void);
GenvidRanges *genvid_ranges_copy (const GenvidRanges *ranges);
void genvid_ranges_free (GenvidRanges *ranges);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidRanges, genvid_ranges_free)

void genvid_ranges_add (GenvidRanges *ranges, guint64 start, guint64 end);
void genvid_ranges_clear (GenvidRanges *ranges);
guint genvid_ranges_get_n (const GenvidRanges *ranges);
GenvidRange genvid_ranges_get (const GenvidRanges *ranges, guint index);
/* Behind the last byte; 0 when there is none. */
guint64 genvid_ranges_get_end (const GenvidRanges *ranges);
guint64 genvid_ranges_get_total (const GenvidRanges *ranges);
/* How many bytes are there from OFFSET on without a gap. */
guint64 genvid_ranges_available (const GenvidRanges *ranges, guint64 offset);
/* The first byte at or after OFFSET that is missing. */
guint64 genvid_ranges_next_gap (const GenvidRanges *ranges, guint64 offset);
/* The first present byte at or after OFFSET, or G_MAXUINT64. */
guint64 genvid_ranges_next_present (const GenvidRanges *ranges, guint64 offset);
gboolean genvid_ranges_contains (const GenvidRanges *ranges, guint64 start,
                                 guint64 end);

/* Text form "0-99,200-299" (inclusive ends, as HTTP writes them). */
char *genvid_ranges_to_text (const GenvidRanges *ranges);
GenvidRanges *genvid_ranges_from_text (const char *text, GError **error);

G_END_DECLS
