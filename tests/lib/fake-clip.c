/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file that passes for an MP4 as far as its top-level boxes go, and whose
 * every word is another, so that a spliced copy cannot pass for a whole one. */
#include "fake-service.h"

#include <string.h>

#define FTYP_SIZE 24
#define MOOV_SIZE 512

static void
write_word (guint8 *at, guint32 word)
{
  word = GUINT32_TO_BE (word);
  memcpy (at, &word, sizeof word);
}

static guint8 *
write_box (guint8 *at, const char *type, guint32 size, guint32 seed)
{
  write_word (at, size);
  memcpy (at + 4, type, 4);
  for (guint32 i = 8; i + 4 <= size; i += 4)
    write_word (at + i, seed + i * 2654435761u);
  return at + size;
}

GBytes *
fake_clip_new (gsize size, gboolean index_last, guint32 seed)
{
  guint8 *data = g_malloc0 (size);
  guint32 rest;
  guint8 *at = data;

  g_assert_cmpuint (size, >=, 1024);
  g_assert_cmpuint (size, <, G_MAXINT32);
  rest = (guint32)size - FTYP_SIZE - MOOV_SIZE;
  write_word (at, FTYP_SIZE);
  memcpy (at + 4, "ftypisom\0\0\2\0isomiso2", 20);
  at += FTYP_SIZE;
  if (index_last) {
    at = write_box (at, "mdat", rest, seed);
    write_box (at, "moov", MOOV_SIZE, seed);
  } else {
    at = write_box (at, "moov", MOOV_SIZE, seed);
    write_box (at, "mdat", rest, seed);
  }
  return g_bytes_new_take (data, size);
}
