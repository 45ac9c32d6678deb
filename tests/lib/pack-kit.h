/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Bodies as servers pack them. */

#include <gio/gio.h>

#include <string.h>

typedef enum {
  PLAIN,
  GZIP,
  ZLIB,
  RAW,
  GZIP_PADDED,  /* zeros and a page behind it */
  GZIP_MEMBERS, /* two, joined */
} Packing;

static inline void
pack_into (GByteArray *packed, const guint8 *data, gsize length,
           GZlibCompressorFormat format)
{
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GConverter) zlib = G_CONVERTER (g_zlib_compressor_new (format, 1));
  g_autoptr (GOutputStream) stream
      = g_converter_output_stream_new (memory, zlib);
  GMemoryOutputStream *made = G_MEMORY_OUTPUT_STREAM (memory);

  g_assert_true (
      g_output_stream_write_all (stream, data, length, NULL, NULL, NULL));
  g_assert_true (g_output_stream_close (stream, NULL, NULL));
  g_byte_array_append (packed, g_memory_output_stream_get_data (made),
                       g_memory_output_stream_get_data_size (made));
}

static inline GBytes *
pack (GBytes *plain, Packing packing)
{
  const GZlibCompressorFormat format
      = packing == ZLIB  ? G_ZLIB_COMPRESSOR_FORMAT_ZLIB
        : packing == RAW ? G_ZLIB_COMPRESSOR_FORMAT_RAW
                         : G_ZLIB_COMPRESSOR_FORMAT_GZIP;
  g_autoptr (GByteArray) packed = g_byte_array_new ();
  gsize length;
  const guint8 *data = g_bytes_get_data (plain, &length);
  gsize first = packing == GZIP_MEMBERS ? length / 3 : length;

  if (packing == PLAIN)
    return g_bytes_ref (plain);
  pack_into (packed, data, first, format);
  if (first < length)
    pack_into (packed, data + first, length - first, format);
  if (packing == GZIP_PADDED)
    g_byte_array_append (packed, (const guint8 *)"\0\0<p>the end", 12);
  return g_byte_array_free_to_bytes (g_steal_pointer (&packed));
}
