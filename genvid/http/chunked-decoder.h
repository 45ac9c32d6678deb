/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Decodes Transfer-Encoding: chunked, block by block. A value; pure. */
typedef struct {
  int state;
  guint digits;    /* of the size line so far */
  guint64 left;    /* of the chunk */
  gboolean ended;  /* the last chunk and the trailer were read */
  gboolean broken; /* not valid chunked framing */
  guint64 framing; /* bytes of framing not yet offset by payload; bounded */
} GenvidChunkedDecoder;

/* Moves the payload to the front of DATA and returns its length. Bytes after
 * the end are dropped. Start with a zeroed value. */
gsize genvid_chunked_decoder_decode (GenvidChunkedDecoder *chunks, guint8 *data,
                                     gsize length);

G_END_DECLS
