/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* However a chunked body arrives, it is the same payload and the same end. The
 * first byte says how it is cut. */
#include "chunked-decoder.h"
#include "fuzz.h"

#include <glib.h>

static GByteArray *
decode (const uint8_t *data, size_t size, size_t step,
        GenvidChunkedDecoder *chunks)
{
  GByteArray *payload = g_byte_array_new ();

  *chunks = (GenvidChunkedDecoder){ 0 };
  for (size_t at = 0; at < size && !chunks->ended && !chunks->broken;
       at += step) {
    gsize length = MIN (step, size - at);
    g_autofree guint8 *block = g_memdup2 (data + at, length);
    gsize n = genvid_chunked_decoder_decode (chunks, block, length);

    g_assert_cmpuint (n, <=, length);
    g_byte_array_append (payload, block, (guint)n);
  }
  return payload;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  GenvidChunkedDecoder one, other;
  g_autoptr (GByteArray) whole = NULL;
  g_autoptr (GByteArray) cut = NULL;

  if (size < 2)
    return 0;
  whole = decode (data + 1, size - 1, size - 1, &one);
  cut = decode (data + 1, size - 1, 1 + data[0] % 9, &other);
  g_assert_cmpmem (whole->data, whole->len, cut->data, cut->len);
  g_assert_cmpint (one.ended, ==, other.ended);
  g_assert_cmpint (one.broken, ==, other.broken);
  g_assert_false (one.ended && one.broken);
  return 0;
}
