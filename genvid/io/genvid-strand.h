/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <genvid/io/genvid-fetch.h>

#define GENVID_STRAND_BLOCK (G_GUINT64_CONSTANT (256) * 1024)

/* One of the requests that bring a clip: where it stands in the file, a block
 * of memory, and how long it has been too slow. A value of the download's;
 * zeroed, it is idle. */
typedef struct {
  GenvidFetch *fetch; /* NULL: idle */
  guint64 offset;     /* of the first byte in the block */
  guint8 *block;      /* made when first used, kept */
  gsize held;         /* bytes in it that were not taken yet */
  gboolean judged;    /* its head was looked at, and is good */
  gint64 since;       /* boot clock: begin of the window */
  guint64 received;   /* in the window */
} GenvidStrand;

void genvid_strand_start (GenvidStrand *strand, GenvidTransport *transport,
                          const GenvidFetchOptions *options, gint64 now);
void genvid_strand_stop (GenvidStrand *strand);
void genvid_strand_clear (GenvidStrand *strand);

/* Reads on into the block; how much is new. */
gsize genvid_strand_read (GenvidStrand *strand);
/* What is held was taken. */
void genvid_strand_advance (GenvidStrand *strand);
/* Fewer than BYTES came within US; begins a new window else. */
gboolean genvid_strand_is_stalled (GenvidStrand *strand, gint64 now, gint64 us,
                                   guint64 bytes);
