/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Content codings by their bytes. A header is believed in one thing only: that
 * a body which no signature tells may be deflate. zlib does the work, through
 * GIO; brotli and zstd would each be a library more. */
#include "content-coding.h"

#include "container.h"
#include "failure.h"

#include <gio/gio.h>

#include <string.h>

/* Media hardly shrinks; zlib itself ends at 1 to 1032. */
#define MAX_RATIO  100
#define FREE_BYTES (G_GUINT64_CONSTANT (64) << 20)
#define TRIAL      4096

struct _GenvidContentCoding {
  GConverter *zlib;
  gboolean gzip;  /* members may follow each other */
  gboolean ended; /* a member did, and no other has begun */
  gboolean padded;
  gboolean fresh; /* this member has brought nothing yet */
  guint members;
  guint64 taken;
  guint64 made;
};

/* --- Which one? --- */

static gboolean
has_token (const char *claim, const char *const *names)
{
  g_auto (GStrv) tokens = g_strsplit (claim ? claim : "", ",", -1);

  for (guint i = 0; tokens[i]; i++) {
    g_autofree char *token = g_ascii_strdown (g_strstrip (tokens[i]), -1);

    if (g_strv_contains (names, token))
      return TRUE;
  }
  return FALSE;
}

gboolean
genvid_content_coding_is_named (const char *claim)
{
  static const char *const names[]
      = { "gzip", "x-gzip",   "deflate",    "br",  "zstd",
          "dcb",  "compress", "x-compress", "dcz", NULL };

  return has_token (claim, names);
}

/* Something that is plainly what it is. */
static gboolean
is_known (const guint8 *data, gsize length)
{
  GenvidContainer kind = genvid_container_sniff (data, length, TRUE);

  if (kind == GENVID_CONTAINER_OTHER)
    return strcmp (genvid_container_extension (kind, data, length), "bin") != 0;
  return kind != GENVID_CONTAINER_EMPTY && kind != GENVID_CONTAINER_UNDECIDED;
}

static GConverter *
make_zlib (GZlibCompressorFormat format)
{
  return G_CONVERTER (g_zlib_decompressor_new (format));
}

/* Deflate has no signature: it is what can be undone and is known then. */
static GConverter *
try_deflate (const guint8 *data, gsize length)
{
  const GZlibCompressorFormat formats[]
      = { G_ZLIB_COMPRESSOR_FORMAT_ZLIB, G_ZLIB_COMPRESSOR_FORMAT_RAW };
  guint8 trial[TRIAL];
  gsize taken, made;

  for (guint i = 0; length > 0 && i < G_N_ELEMENTS (formats); i++) {
    g_autoptr (GConverter) zlib = make_zlib (formats[i]);

    if (g_converter_convert (zlib, data, length, trial, sizeof trial,
                             G_CONVERTER_NO_FLAGS, &taken, &made, NULL)
            != G_CONVERTER_ERROR
        && is_known (trial, made)) {
      g_converter_reset (zlib);
      return g_steal_pointer (&zlib);
    }
  }
  return NULL;
}

GenvidContentCoding *
genvid_content_coding_new (const char *claim, const guint8 *data, gsize length)
{
  static const char *const deflate[] = { "deflate", NULL };
  gboolean gzip = length >= 3 && !memcmp (data, "\x1f\x8b\x08", 3);
  GConverter *zlib = NULL;
  GenvidContentCoding *coding;

  if (gzip)
    zlib = make_zlib (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
  else if (has_token (claim, deflate) && !is_known (data, length))
    zlib = try_deflate (data, length);
  if (!zlib)
    return NULL;
  coding = g_new0 (GenvidContentCoding, 1);
  coding->zlib = zlib;
  coding->gzip = gzip;
  coding->fresh = TRUE;
  return coding;
}

void
genvid_content_coding_free (GenvidContentCoding *coding)
{
  if (!coding)
    return;
  g_clear_object (&coding->zlib);
  g_free (coding);
}

/* --- Undoing it. --- */

/* gzip files may be joined; anything else behind one is padding. */
static gboolean
begin_member (GenvidContentCoding *coding, const GenvidPiece *piece)
{
  if (!coding->ended)
    return TRUE;
  if (piece->length > 0 && (!coding->gzip || piece->data[0] != 0x1f))
    coding->padded = TRUE;
  if (coding->padded || piece->length == 0)
    return FALSE;
  g_converter_reset (coding->zlib);
  coding->members++;
  coding->ended = FALSE;
  coding->fresh = TRUE;
  return TRUE;
}

/* What was no member after all is padding; what waits for more is no error. */
static void
judge_error (GenvidContentCoding *coding, GError *problem, GError **error)
{
  if (g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT)
      || g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_NO_SPACE))
    g_error_free (problem);
  else if (coding->members > 0 && coding->fresh) {
    coding->ended = coding->padded = TRUE;
    g_error_free (problem);
  } else
    g_propagate_error (error, problem);
}

static gboolean
is_bomb (const GenvidContentCoding *coding)
{
  return coding->made > FREE_BYTES && coding->made / MAX_RATIO > coding->taken;
}

static void
move_on (GenvidContentCoding *coding, GenvidPiece *piece, gsize n)
{
  piece->data += n;
  piece->length -= n;
  coding->taken += n;
}

gsize
genvid_content_coding_decode (GenvidContentCoding *coding, GenvidPiece *piece,
                              guint8 *buffer, gsize room, GError **error)
{
  GError *problem = NULL;
  gsize total = 0, used = 0, made = 0;

  while (total < room && begin_member (coding, piece)) {
    GConverterResult result = g_converter_convert (
        coding->zlib, piece->data, piece->length, buffer + total, room - total,
        G_CONVERTER_NO_FLAGS, &used, &made, &problem);

    if (result == G_CONVERTER_ERROR) {
      judge_error (coding, problem, error);
      break;
    }
    move_on (coding, piece, used);
    total += made;
    coding->fresh = coding->fresh && made == 0;
    coding->ended = result == G_CONVERTER_FINISHED;
  }
  if (coding->padded)
    move_on (coding, piece, piece->length);
  coding->made += total;
  if (is_bomb (coding) && error && !*error)
    g_set_error (error, GENVID_ERROR, GENVID_REASON_NOT_MEDIA,
                 "The response decompresses to more than %d times its size, "
                 "which no clip does.",
                 MAX_RATIO);
  return total;
}

gboolean
genvid_content_coding_has_ended (const GenvidContentCoding *coding)
{
  return coding->ended;
}

GBytes *
genvid_content_coding_undo (const char *claim, GBytes *body, gsize max,
                            gboolean *truncated)
{
  gsize length, made;
  const guint8 *data = g_bytes_get_data (body, &length);
  GenvidPiece piece = { data, length };
  g_autoptr (GenvidContentCoding) coding
      = genvid_content_coding_new (claim, data, length);
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *plain = NULL;

  if (!coding)
    return NULL;
  plain = g_malloc (max + 1);
  made = genvid_content_coding_decode (coding, &piece, plain, max + 1, &error);
  *truncated = made > max;
  if (error || (!*truncated && !coding->ended))
    return NULL;
  return g_bytes_new (plain, MIN (made, max));
}
