/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a file is by its first bytes, and a link by its extension. */
#include "media-type.h"

#include <glib.h>

#define HEAD(text) (const guint8 *)(text), sizeof (text) - 1

static void
test_sniff (void)
{
  const struct {
    const guint8 *head;
    gsize length;
    const char *type;
  } rows[] = {
    { HEAD ("\x89PNG\r\n\x1a\n...."), "image/png" },
    { HEAD ("\xff\xd8\xff\xe0...."), "image/jpeg" },
    { HEAD ("RIFF....WEBPVP8 "), "image/webp" },
    { HEAD ("\0\0\0\x18"
            "ftypavif"),
      "image/avif" },
    { HEAD ("\0\0\0\x18"
            "ftypavis"),
      "image/avif" },
    /* What telephones write: HEVC of 8 and of 10 bits, and without a codec. */
    { HEAD ("\0\0\0\x18"
            "ftypheic"),
      "image/heic" },
    { HEAD ("\0\0\0\x18"
            "ftypheix"),
      "image/heic" },
    { HEAD ("\0\0\0\x18"
            "ftyphevc"),
      "image/heic" },
    { HEAD ("\0\0\0\x18"
            "ftypmif1"),
      "image/heif" },
    { HEAD ("\0\0\0\x18"
            "ftypmsf1"),
      "image/heif" },
    { HEAD ("II*\0\x08\0\0\0"), "image/tiff" },
    { HEAD ("MM\0*\0\0\0\x08"), "image/tiff" },
    { HEAD ("MM\0"), GENVID_MEDIA_TYPE_UNKNOWN },
    { HEAD ("\0\0\0\x18"
            "ftypisom"),
      "video/mp4" },
    { HEAD ("\0\0\0\x18"
            "ftypqt  "),
      "video/quicktime" },
    { HEAD ("no picture"), GENVID_MEDIA_TYPE_UNKNOWN },
    { HEAD (""), GENVID_MEDIA_TYPE_UNKNOWN },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpstr (genvid_media_type_sniff (rows[i].head, rows[i].length), ==,
                     rows[i].type);
}

static void
test_link (void)
{
  const struct {
    const char *link;
    const char *type;
  } rows[] = {
    { "https://a.example/x.HEIC?size=1", "image/heic" },
    { "https://a.example/x.heif", "image/heif" },
    { "https://a.example/x.tiff", "image/tiff" },
    { "https://a.example/x.tif#1", "image/tiff" },
    { "https://a.example/x.jpeg", "image/jpeg" },
    { "https://a.example/x", NULL },
    { "https://a.example/x.unheard", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpstr (genvid_media_type_of_link (rows[i].link), ==,
                     rows[i].type);
}

static void
test_name (void)
{
  g_autofree char *heif = genvid_media_type_make_name ("image/heif");
  g_autofree char *tiff = genvid_media_type_make_name ("image/tiff");

  g_assert_cmpstr (heif, ==, "image.heif");
  g_assert_cmpstr (tiff, ==, "image.tif");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/media-type/sniff", test_sniff);
  g_test_add_func ("/media-type/link", test_link);
  g_test_add_func ("/media-type/name", test_name);
  return g_test_run ();
}
