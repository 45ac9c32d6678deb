/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Transfer-Encoding: chunked, taken apart block by block. A value; pure. */
typedef struct {
  int state;
  guint digits;    /* of the size line so far */
  guint64 left;    /* of the chunk */
  gboolean ended;  /* the last chunk and the trailer are through */
  gboolean broken; /* this is not chunked */
  guint64 framing; /* bytes of it that no payload has made up for; bounded */
} GenvidChunkedDecoder;

/* Moves what is payload to the front of DATA and returns how much that is.
 * Bytes after the end are dropped. Starts from a zeroed value. */
gsize genvid_chunked_decoder_decode (GenvidChunkedDecoder *chunks, guint8 *data,
                                     gsize length);

G_END_DECLS
