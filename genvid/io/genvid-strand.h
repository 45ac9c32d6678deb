/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <genvid/io/genvid-fetch.h>

#define GENVID_STRAND_BLOCK (G_GUINT64_CONSTANT (256) * 1024)

/* One of the requests that bring a clip: where it stands in the file, a block
 * of memory, how often it is worth a look, and how long it has been too slow.
 * A value of the download's; zeroed, it is idle. */
typedef struct {
  GenvidFetch *fetch; /* NULL: idle */
  guint64 offset;     /* of the first byte in the block */
  guint8 *block;      /* made when first used, kept */
  gsize held;         /* bytes in it that were not taken yet */
  gboolean judged;    /* its head was looked at, and is good */
  gint64 since;       /* boot clock: when enough had come last */
  guint64 received;   /* since then */
  guint64 total;      /* received since it was started */
  gint64 pause;       /* microseconds between two reads of a slow line */
  gint64 next_read;   /* boot clock: not before */
} GenvidStrand;

void genvid_strand_start (GenvidStrand *strand, GenvidTransport *transport,
                          const GenvidFetchOptions *options, gint64 now);
void genvid_strand_stop (GenvidStrand *strand);
void genvid_strand_clear (GenvidStrand *strand);

/* There is something to read, and in its pace it is time to. */
gboolean genvid_strand_is_ready (const GenvidStrand *strand, gint64 now);
/* When to look again at the latest: a read that is put off, or the end of the
 * window of US microseconds. Not for an idle one. */
gint64 genvid_strand_get_moment (const GenvidStrand *strand, gint64 us);
/* Reads on into the block; how much is new. */
gsize genvid_strand_read (GenvidStrand *strand);
/* The same, but once the first MiB is through, a slow line is read every few
 * milliseconds and not at each of its packets. */
gsize genvid_strand_read_in_pace (GenvidStrand *strand, gint64 now);
/* Sets when to read next, after a read of N bytes. */
void genvid_strand_set_pace (GenvidStrand *strand, gsize n, gint64 now);
/* What is held was taken. */
void genvid_strand_advance (GenvidStrand *strand);
/* Fewer than BYTES came within US. To be called after every read. */
gboolean genvid_strand_is_stalled (GenvidStrand *strand, gint64 now, gint64 us,
                                   guint64 bytes);
