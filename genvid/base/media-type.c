/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an input is. Services want its MIME type beside its bytes, and refuse
 * some; nothing is decoded here. Rejected: GIO's content types, which need a
 * database that may not be installed. */
#include "media-type.h"

#include <glib.h>

#include <string.h>

typedef struct {
  const char *magic;
  gsize length;
  gsize offset;
  const char *extension;
  const char *type;
} Kind;

/* The first that fits counts. */
static const Kind kinds[] = {
  { "\x89PNG\r\n\x1a\n", 8, 0, "png", "image/png" },
  { "\xff\xd8\xff", 3, 0, "jpg", "image/jpeg" },
  { "GIF8", 4, 0, "gif", "image/gif" },
  { "WEBP", 4, 8, "webp", "image/webp" },
  { "ftypavif", 8, 4, "avif", "image/avif" },
  { "ftypavis", 8, 4, "avif", "image/avif" },
  { "ftypheic", 8, 4, "heic", "image/heic" },
  { "ftypheix", 8, 4, "heic", "image/heic" },
  { "ftypheim", 8, 4, "heic", "image/heic" },
  { "ftypheis", 8, 4, "heic", "image/heic" },
  { "ftyphevc", 8, 4, "heic", "image/heic" },
  { "ftyphevx", 8, 4, "heic", "image/heic" },
  { "ftypmif1", 8, 4, "heif", "image/heif" },
  { "ftypmsf1", 8, 4, "heif", "image/heif" },
  { "BM", 2, 0, "bmp", "image/bmp" },
  { "II*\0", 4, 0, "tif", "image/tiff" },
  { "MM\0*", 4, 0, "tif", "image/tiff" },
  { "ftypM4A", 7, 4, "m4a", "audio/mp4" },
  { "ftypqt", 6, 4, "mov", "video/quicktime" },
  { "ftyp", 4, 4, "mp4", "video/mp4" },
  { "\x1a\x45\xdf\xa3", 4, 0, "webm", "video/webm" },
  { "WAVE", 4, 8, "wav", "audio/wav" },
  { "ID3", 3, 0, "mp3", "audio/mpeg" },
  { "\xff\xfb", 2, 0, "mp3", "audio/mpeg" },
  { "fLaC", 4, 0, "flac", "audio/flac" },
  { "OggS", 4, 0, "ogg", "audio/ogg" },
};

/* Other spellings of extensions. */
static const char *const aliases[][2] = {
  { "jpeg", "jpg" },
  { "tiff", "tif" },
  { "m4v", "mp4" },
  { "oga", "ogg" },
};

const char *
genvid_media_type_sniff (const guint8 *head, gsize length)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++) {
    const Kind *kind = &kinds[i];

    if (kind->offset + kind->length <= length
        && memcmp (head + kind->offset, kind->magic, kind->length) == 0)
      return kind->type;
  }
  return GENVID_MEDIA_TYPE_UNKNOWN;
}

static const Kind *
find_by_extension (const char *extension)
{
  for (gsize i = 0; i < G_N_ELEMENTS (aliases); i++)
    if (g_ascii_strcasecmp (aliases[i][0], extension) == 0)
      extension = aliases[i][1];
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_ascii_strcasecmp (kinds[i].extension, extension) == 0)
      return &kinds[i];
  return NULL;
}

const char *
genvid_media_type_of_link (const char *url)
{
  g_autofree char *path = g_strndup (url, strcspn (url, "?#"));
  const char *dot = strrchr (path, '.');
  const Kind *kind;

  if (dot == NULL || strchr (dot, '/') != NULL)
    return NULL;
  kind = find_by_extension (dot + 1);
  return kind != NULL ? kind->type : NULL;
}

char *
genvid_media_type_make_name (const char *type)
{
  for (gsize i = 0; type != NULL && i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kinds[i].type, type))
      return g_strdup_printf ("%.5s.%s", type, kinds[i].extension);
  return g_strdup ("file.bin");
}

char *
genvid_media_type_format_size (guint64 size)
{
  const guint64 mebibyte = 1024 * 1024;

  if (size > 0 && size % mebibyte == 0)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " MiB", size / mebibyte);
  return g_strdup_printf ("%" G_GUINT64_FORMAT " bytes", size);
}

gboolean
genvid_media_type_match (const char *pattern, const char *type)
{
  gsize length = strlen (pattern);

  if (length == 0 || pattern[length - 1] != '*')
    return type != NULL && g_ascii_strcasecmp (pattern, type) == 0;
  return length == 1
         || (type != NULL
             && g_ascii_strncasecmp (pattern, type, length - 1) == 0);
}
