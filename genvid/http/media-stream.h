/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "http-client.h"
#include "media-request.h"

G_BEGIN_DECLS

#define GENVID_MEDIA_STREAM_BLOCK (G_GUINT64_CONSTANT (256) * 1024)

/* One of the requests that bring a clip: where it stands in the file, a block
 * of memory, how often it is worth a look, and how long it has been too slow.
 * A value of the download's; zeroed, it is idle. */
typedef struct {
  GenvidMediaRequest *fetch; /* NULL: idle */
  guint64 offset;            /* of the first byte in the block */
  guint8 *block;             /* made when first used, kept */
  gsize held;                /* bytes in it that were not taken yet */
  gboolean judged;           /* its head was looked at, and is good */
  gint64 since;              /* boot clock: when enough had come last */
  guint64 received;          /* since then */
  guint64 total;             /* received since it was started */
  gint64 pause;              /* microseconds between two reads of a slow line */
  gint64 next_read;          /* boot clock: not before */
} GenvidMediaStream;

void genvid_media_stream_start (GenvidMediaStream *stream,
                                GenvidHttpClient *http,
                                const GenvidMediaRequestOptions *options,
                                gint64 now);
void genvid_media_stream_stop (GenvidMediaStream *stream);
void genvid_media_stream_clear (GenvidMediaStream *stream);

/* There is something to read, and in its pace it is time to. */
gboolean genvid_media_stream_is_ready (const GenvidMediaStream *stream,
                                       gint64 now);
/* When to look again at the latest: a read that is put off, or the end of the
 * window of US microseconds. Not for an idle one. */
gint64 genvid_media_stream_get_moment (const GenvidMediaStream *stream,
                                       gint64 us);
/* Reads on into the block; how much is new. */
gsize genvid_media_stream_read (GenvidMediaStream *stream);
/* The same, but once the first MiB is through, a slow line is read every few
 * milliseconds and not at each of its packets. */
gsize genvid_media_stream_read_in_pace (GenvidMediaStream *stream, gint64 now);
/* Sets when to read next, after a read of N bytes. */
void genvid_media_stream_set_pace (GenvidMediaStream *stream, gsize n,
                                   gint64 now);
/* What is held was taken. */
void genvid_media_stream_advance (GenvidMediaStream *stream);
/* Fewer than BYTES came within US. To be called after every read. */
gboolean genvid_media_stream_is_stalled (GenvidMediaStream *stream, gint64 now,
                                         gint64 us, guint64 bytes);

G_END_DECLS
