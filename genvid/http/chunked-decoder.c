/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A chunked body is whole when its last chunk has come, and only then; libsoup
 * 3.2 takes a connection that ends between two chunks for the end of the
 * body. For a clip that would be a silent loss, so the framing is read here
 * (RFC 9112, 7.1; extensions and trailers are skipped). */
#include "chunked-decoder.h"

#include <string.h>

#define MAX_DIGITS  15
#define MAX_FRAMING 16384
/* Bytes of framing that a byte of payload may come with in the long run: else
 * a byte now and then would pay for any number. */
#define WORTH 16

enum { SIZE, EXTENSION, DATA, DATA_CR, DATA_LF, TRAILER, TRAILER_LINE };

static void
end_size_line (GenvidChunkedDecoder *chunks)
{
  chunks->broken = chunks->digits == 0;
  chunks->state = chunks->left ? DATA : TRAILER;
  chunks->digits = 0;
}

static void
take_size (GenvidChunkedDecoder *chunks, guint8 c)
{
  if (g_ascii_isxdigit (c)) {
    chunks->left = chunks->left * 16 + g_ascii_xdigit_value (c);
    chunks->broken = ++chunks->digits > MAX_DIGITS;
  } else if (c == '\n') {
    end_size_line (chunks);
  } else if (c == ';' || c == ' ' || c == '\t' || c == '\r') {
    chunks->state = EXTENSION;
  } else {
    chunks->broken = TRUE;
  }
}

static void
take_line (GenvidChunkedDecoder *chunks, guint8 c)
{
  if (c != '\n')
    return;
  if (chunks->state == EXTENSION)
    end_size_line (chunks);
  else
    chunks->state = TRAILER;
}

static void
take_frame (GenvidChunkedDecoder *chunks, guint8 c)
{
  switch (chunks->state) {
  case SIZE:
    take_size (chunks, c);
    break;
  case EXTENSION:
  case TRAILER_LINE:
    take_line (chunks, c);
    break;
  case DATA_CR:
    chunks->state = c == '\r' ? DATA_LF : SIZE;
    chunks->broken = c != '\r' && c != '\n';
    break;
  case DATA_LF:
    chunks->state = SIZE;
    chunks->broken = c != '\n';
    break;
  default: /* TRAILER: the start of a line */
    chunks->ended = c == '\n';
    if (c != '\r' && c != '\n')
      chunks->state = TRAILER_LINE;
  }
}

gsize
genvid_chunked_decoder_decode (GenvidChunkedDecoder *chunks, guint8 *data,
                               gsize length)
{
  gsize in = 0, out = 0;

  while (in < length && !chunks->ended && !chunks->broken) {
    gsize n = MIN (chunks->left, length - in);

    if (chunks->state != DATA) {
      take_frame (chunks, data[in++]);
      chunks->broken |= ++chunks->framing > MAX_FRAMING;
      continue;
    }
    chunks->framing -= MIN (chunks->framing, n * WORTH);
    memmove (data + out, data + in, n);
    in += n;
    out += n;
    chunks->left -= n;
    if (chunks->left == 0)
      chunks->state = DATA_CR;
  }
  return out;
}
