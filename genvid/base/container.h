/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Just enough of media containers to tell media from something else, an index
 * at the start from one at the end, and a whole file from a truncated one. */

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

/* A walk over the outermost elements of a WebM up to its segment: feed it the
 * header at each offset it asks for. */
typedef struct {
  guint64 offset;   /* of the next header to look at */
  gboolean segment; /* reached, and complete by its own size */
  gboolean broken;  /* an element reaches beyond SIZE, or none begins here */
  guint n;          /* elements so far */
} GenvidElements;

void genvid_elements_init (GenvidElements *elements);
/* HEADER: up to 16 bytes from elements->offset. SIZE: of the file. TRUE:
 * offset moved on; what follows a segment is padding. FALSE: broken is set. */
gboolean genvid_elements_feed (GenvidElements *elements, const guint8 *header,
                               gsize length, guint64 size);

/* A walk over the top-level boxes of an MP4: feed it the header at each
 * offset it asks for. */
typedef struct {
  guint64 offset;      /* of the next header to look at */
  gboolean moov;       /* seen */
  gboolean mdat;       /* seen */
  gboolean index_last; /* mdat before moov */
  gboolean broken;     /* index or media reach beyond SIZE, or before both
                        * were seen no box begins here, one reaches beyond
                        * SIZE, or there are more than any clip has */
  guint n;             /* boxes so far */
} GenvidBoxes;

void genvid_boxes_init (GenvidBoxes *boxes);
/* HEADER: up to 16 bytes from boxes->offset. SIZE: of the file, G_MAXUINT64
 * unknown. TRUE: offset moved on (or the walk has ended at SIZE); FALSE: more
 * bytes are needed, or broken is set. A file is whole when the walk ends at
 * SIZE with moov and mdat seen; what follows them is padding. */
gboolean genvid_boxes_feed (GenvidBoxes *boxes, const guint8 *header,
                            gsize length, guint64 size);

/* How many seconds an MP4 plays, as its movie header says. MOOV: the first
 * LENGTH bytes of the box moov, its own header included. 0: it does not say,
 * or not within them. */
double genvid_boxes_read_duration (const guint8 *moov, gsize length);

G_END_DECLS
