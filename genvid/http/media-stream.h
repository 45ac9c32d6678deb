/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "http-client.h"
#include "media-request.h"

G_BEGIN_DECLS

#define GENVID_MEDIA_STREAM_BLOCK (G_GUINT64_CONSTANT (256) * 1024)
/* Bytes that are less far ahead are never worth another request: it would take
 * half of a thin line until it has brought about as much. */
#define GENVID_MEDIA_STREAM_NEAR (G_GUINT64_CONSTANT (64) * 1024)

/* One of the requests of a download: its position in the file, a block of
 * memory, how often it is read, and since when it has been too slow. A value;
 * zeroed, it is idle. */
typedef struct {
  GenvidMediaRequest *fetch; /* NULL: idle */
  guint64 offset;            /* of the first byte in the block */
  guint8 *block;             /* made when first used, kept */
  gsize held;                /* bytes in it that were not stored yet */
  gboolean judged;           /* its head was checked and accepted */
  gint64 started;            /* boot clock */
  gint64 answered;           /* boot clock: its head was read; 0: not yet */
  gint64 since;              /* boot clock: start of the current window */
  guint64 received;          /* since then */
  guint64 total;             /* received since it was started */
  gint64 pause;              /* microseconds between two reads of a slow line */
  gint64 next_read;          /* boot clock: not before */
} GenvidMediaStream;

void genvid_media_stream_start (GenvidMediaStream *stream,
                                GenvidHttpClient *http,
                                const GenvidMediaRequestOptions *options,
                                gint64 now);
/* Its head was read. */
void genvid_media_stream_answer (GenvidMediaStream *stream, gint64 now);
void genvid_media_stream_stop (GenvidMediaStream *stream);
void genvid_media_stream_clear (GenvidMediaStream *stream);

/* There is something to read, and its pause is over. */
gboolean genvid_media_stream_is_ready (const GenvidMediaStream *stream,
                                       gint64 now);
/* When to look again at the latest: at a delayed read, or at the end of the
 * window of US microseconds. Not for an idle stream. */
gint64 genvid_media_stream_get_moment (const GenvidMediaStream *stream,
                                       gint64 us);
/* Reads on into the block; returns how many bytes are new. */
gsize genvid_media_stream_read (GenvidMediaStream *stream);
/* The same, but after the first MiB a slow connection is read every few
 * milliseconds, not at each packet. */
gsize genvid_media_stream_read_in_pace (GenvidMediaStream *stream, gint64 now);
/* Sets when to read next, after a read of N bytes. */
void genvid_media_stream_set_pace (GenvidMediaStream *stream, gsize n,
                                   gint64 now);
/* How many bytes ahead of it another request would bring sooner than it does
 * itself: by what it receives in a round trip, and by the line that both
 * share. */
guint64 genvid_media_stream_get_distance (const GenvidMediaStream *stream,
                                          gint64 now);
/* From when on that is at most DISTANCE, if nothing more arrives. Boot clock;
 * G_MAXINT64: never. */
gint64 genvid_media_stream_get_overtaken (const GenvidMediaStream *stream,
                                          guint64 distance);
/* The held bytes were stored. */
void genvid_media_stream_advance (GenvidMediaStream *stream);
/* Fewer than BYTES arrived within US. Call it after every read. */
gboolean genvid_media_stream_is_stalled (GenvidMediaStream *stream, gint64 now,
                                         gint64 us, guint64 bytes);

G_END_DECLS
