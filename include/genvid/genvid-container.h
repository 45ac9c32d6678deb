/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Just enough of media containers to tell media from something else, an index
 * first from an index last, and a whole file from a cut one. Pure: bytes in,
 * verdict out. */

typedef enum {
  GENVID_CONTAINER_UNDECIDED, /* too few bytes to tell */
  GENVID_CONTAINER_MP4,       /* ISO base media, QuickTime */
  GENVID_CONTAINER_WEBM,      /* EBML: WebM, Matroska */
  GENVID_CONTAINER_OTHER,     /* other media: Ogg, MPEG-TS, AVI, FLV, GIF… */
  GENVID_CONTAINER_TEXT,      /* HTML, JSON, XML, plain text, or an archive
                               * of such: no media */
  GENVID_CONTAINER_EMPTY,     /* nothing, zeros: no media */
} GenvidContainer;

/* From the first bytes; END: there are no more. */
GenvidContainer genvid_container_sniff (const guint8 *data, gsize length,
                                        gboolean end);
/* "mp4", "webm", "bin"…; a constant. */
const char *genvid_container_extension (GenvidContainer container,
                                        const guint8 *data, gsize length);
/* DATA: the first bytes (4 KiB are plenty) of a WebM file of SIZE bytes.
 * TRUE: its segment announces more than there is, or there is none. */
gboolean genvid_container_webm_is_cut (const guint8 *data, gsize length,
                                       guint64 size);

/* A walk over the top-level boxes of an MP4: feed it the header at each
 * offset it asks for. */
typedef struct {
  guint64 offset;      /* of the next header to look at */
  gboolean moov;       /* seen */
  gboolean mdat;       /* seen */
  gboolean index_last; /* mdat before moov */
  gboolean broken;     /* a box reaches beyond SIZE, or none begins here, or
                        * there are more than any clip has */
  guint n;             /* boxes so far */
} GenvidBoxes;

void genvid_boxes_init (GenvidBoxes *boxes);
/* HEADER: up to 16 bytes from boxes->offset. SIZE: of the file, G_MAXUINT64
 * unknown. TRUE: offset moved on (or the walk has ended at SIZE); FALSE: more
 * bytes are needed, or broken is set. A file is whole when the walk ends at
 * SIZE with moov and mdat seen; padding behind them is tolerated. */
gboolean genvid_boxes_feed (GenvidBoxes *boxes, const guint8 *header,
                            gsize length, guint64 size);

G_END_DECLS
