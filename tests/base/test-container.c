/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a download is, from its first bytes, and whether it is whole. */

#include "container.h"

#include <string.h>

static void
add_box (GByteArray *bytes, const char *type, guint32 content)
{
  guint32 size = GUINT32_TO_BE (content + 8);
  gsize before = bytes->len;

  g_byte_array_append (bytes, (const guint8 *)&size, 4);
  g_byte_array_append (bytes, (const guint8 *)type, 4);
  g_byte_array_set_size (bytes, bytes->len + content);
  memset (bytes->data + before + 8, 0x5a, content);
}

static void
add_large_box (GByteArray *bytes, const char *type, guint32 content)
{
  guint32 one = GUINT32_TO_BE (1);
  guint64 size = GUINT64_TO_BE ((guint64)content + 16);
  gsize before = bytes->len;

  g_byte_array_append (bytes, (const guint8 *)&one, 4);
  g_byte_array_append (bytes, (const guint8 *)type, 4);
  g_byte_array_append (bytes, (const guint8 *)&size, 8);
  g_byte_array_set_size (bytes, bytes->len + content);
  memset (bytes->data + before + 16, 0x5a, content);
}

static GenvidBoxes
walk (const guint8 *data, gsize length, guint64 size)
{
  GenvidBoxes boxes;

  genvid_boxes_init (&boxes);
  while (boxes.offset < size && boxes.offset < length) {
    gsize left = length - (gsize)boxes.offset;
    if (!genvid_boxes_feed (&boxes, data + boxes.offset, MIN (left, 16), size))
      break;
  }
  return boxes;
}

static gboolean
is_whole (GByteArray *bytes, guint64 size)
{
  GenvidBoxes boxes = walk (bytes->data, bytes->len, size);

  return !boxes.broken && boxes.offset == size && boxes.moov && boxes.mdat;
}

static GByteArray *
make_mp4 (gboolean index_last)
{
  GByteArray *bytes = g_byte_array_new ();

  add_box (bytes, "ftyp", 16);
  add_box (bytes, index_last ? "mdat" : "moov", 40);
  add_box (bytes, index_last ? "moov" : "mdat", 40);
  return bytes;
}

static void
test_sniff (void)
{
  static const struct {
    const char *bytes;
    gsize length;
    GenvidContainer container;
    const char *extension;
  } rows[] = {
    { "\0\0\0\x18"
      "ftypisom",
      12, GENVID_CONTAINER_MP4, "mp4" },
    { "\0\0\0\x14"
      "ftypqt  ",
      12, GENVID_CONTAINER_MP4, "mov" },
    { "\x3c\0\0\x08"
      "mdat!!!!",
      12, GENVID_CONTAINER_MP4, "mp4" },
    { "\0\0\0\x01"
      "mdat\0\0\0\0",
      12, GENVID_CONTAINER_MP4, "mp4" },
    { "\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm", 12, GENVID_CONTAINER_WEBM,
      "webm" },
    { "\x1a\x45\xdf\xa3\xa3\x42\x82\x88matroska", 16, GENVID_CONTAINER_WEBM,
      "mkv" },
    { "OggS\0\2\0\0\0\0\0\0", 12, GENVID_CONTAINER_OTHER, "ogg" },
    { "RIFF\1\2\3\4AVI LIST", 16, GENVID_CONTAINER_OTHER, "avi" },
    { "FLV\1\5\0\0\0\x09\0\0\0", 12, GENVID_CONTAINER_OTHER, "flv" },
    { "GIF89a\1\0\1\0\0\0", 12, GENVID_CONTAINER_OTHER, "gif" },
    { "\1\2\3\4\5\6\7\x0e\x0f\x10\x11\x12", 12, GENVID_CONTAINER_OTHER, "bin" },
    { "<!DOCTYPE html><html>", 21, GENVID_CONTAINER_TEXT, "bin" },
    { "{\"error\":\"expired\"}", 19, GENVID_CONTAINER_TEXT, "bin" },
    { "\xef\xbb\xbf<?xml version", 16, GENVID_CONTAINER_TEXT, "bin" },
    { "#EXTM3U\n#EXT-X-VER", 18, GENVID_CONTAINER_TEXT, "bin" },
    { "Gone. Nothing here.", 19, GENVID_CONTAINER_TEXT, "bin" },
    { "no", 2, GENVID_CONTAINER_TEXT, "bin" },
    { "\x1f\x8b\x08\0\0\0\0\0\0\3\1\2", 12, GENVID_CONTAINER_TEXT, "bin" },
    { "\0\0\0\0\0\0\0\0\0\0\0\0", 12, GENVID_CONTAINER_EMPTY, "bin" },
    { "", 0, GENVID_CONTAINER_EMPTY, "bin" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const guint8 *data = (const guint8 *)rows[i].bytes;
    GenvidContainer found = genvid_container_sniff (data, rows[i].length, TRUE);
    g_assert_cmpint (found, ==, rows[i].container);
    g_assert_cmpstr (genvid_container_extension (found, data, rows[i].length),
                     ==, rows[i].extension);
  }
}

static void
test_sniff_early (void)
{
  g_autoptr (GByteArray) stream = g_byte_array_new ();

  g_assert_cmpint (genvid_container_sniff ((const guint8 *)"", 0, FALSE), ==,
                   GENVID_CONTAINER_UNDECIDED);
  g_assert_cmpint (genvid_container_sniff ((const guint8 *)"\0\0\0\x18"
                                                           "ft",
                                           6, FALSE),
                   ==, GENVID_CONTAINER_UNDECIDED);
  g_assert_cmpint (genvid_container_sniff (
                       (const guint8 *)"\0\0\0\0\0\0\0\0\0\0\0\0", 12, FALSE),
                   ==, GENVID_CONTAINER_UNDECIDED);
  g_assert_cmpint (
      genvid_container_sniff ((const guint8 *)"<!DOCTYPE html>\n", 16, FALSE),
      ==, GENVID_CONTAINER_TEXT);

  /* A transport stream whose first packet happens to be printable. */
  g_byte_array_set_size (stream, 376);
  memset (stream->data, 'x', stream->len);
  stream->data[0] = stream->data[188] = 0x47;
  g_assert_cmpint (genvid_container_sniff (stream->data, 100, FALSE), ==,
                   GENVID_CONTAINER_UNDECIDED);
  stream->data[4] = 0xff;
  g_assert_cmpint (genvid_container_sniff (stream->data, 376, TRUE), ==,
                   GENVID_CONTAINER_OTHER);
  g_assert_cmpstr (
      genvid_container_extension (GENVID_CONTAINER_OTHER, stream->data, 376),
      ==, "ts");
}

static void
test_index (void)
{
  g_autoptr (GByteArray) first = make_mp4 (FALSE);
  g_autoptr (GByteArray) last = make_mp4 (TRUE);

  g_assert_true (is_whole (first, first->len));
  g_assert_true (is_whole (last, last->len));
  g_assert_false (walk (first->data, first->len, first->len).index_last);
  g_assert_true (walk (last->data, last->len, last->len).index_last);
  /* The head is enough to tell. */
  g_assert_true (walk (last->data, 40, G_MAXUINT64).index_last);
}

static void
test_cut (void)
{
  g_autoptr (GByteArray) whole = make_mp4 (TRUE);

  for (guint length = 0; length < whole->len; length++) {
    g_autoptr (GByteArray) cut = g_byte_array_new ();
    g_byte_array_append (cut, whole->data, length);
    if (length > 0)
      g_assert_false (is_whole (cut, length));
  }
}

static void
test_odd_boxes (void)
{
  g_autoptr (GByteArray) large = g_byte_array_new ();
  g_autoptr (GByteArray) open = make_mp4 (FALSE);
  g_autoptr (GByteArray) padded = make_mp4 (FALSE);
  g_autoptr (GByteArray) zeros = g_byte_array_new ();

  add_box (large, "ftyp", 16);
  add_box (large, "moov", 8);
  add_large_box (large, "mdat", 100);
  g_assert_true (is_whole (large, large->len));

  /* Size 0: to the end of the file. */
  memset (open->data + 24 + 48, 0, 4);
  g_assert_true (is_whole (open, open->len));

  g_byte_array_set_size (padded, padded->len + 100);
  memset (padded->data + padded->len - 100, 0, 100);
  g_assert_true (is_whole (padded, padded->len));

  /* What a power cut leaves: the length is right, the end is not. */
  add_box (zeros, "ftyp", 16);
  g_byte_array_set_size (zeros, 4096);
  memset (zeros->data + 24, 0, 4096 - 24);
  g_assert_false (is_whole (zeros, zeros->len));
  g_assert_true (walk (zeros->data, zeros->len, zeros->len).broken);
}

static void
test_hostile_boxes (void)
{
  static const guint8 huge[16]
      = { 0,    0,    0,    1,    'm',  'd',  'a',  't',
          0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
  static const guint8 tiny[8] = { 0, 0, 0, 7, 'm', 'o', 'o', 'v' };
  GenvidBoxes boxes;

  genvid_boxes_init (&boxes);
  g_assert_false (genvid_boxes_feed (&boxes, huge, 8, 1000));
  g_assert_false (boxes.broken);
  boxes.offset = 500;
  g_assert_false (genvid_boxes_feed (&boxes, huge, 16, 1000));
  g_assert_true (boxes.broken);
  g_assert_cmpuint (boxes.offset, ==, 500);

  genvid_boxes_init (&boxes);
  g_assert_false (genvid_boxes_feed (&boxes, tiny, 8, G_MAXUINT64));
  g_assert_true (boxes.broken);
  /* Broken stays broken. */
  g_assert_false (genvid_boxes_feed (&boxes, huge, 16, G_MAXUINT64));
}

static void
test_trailers (void)
{
  static const struct {
    const char *bytes;
    gsize length;
  } rows[] = {
    { "{\"ok\":true,\"id\":7}", 18 },
    { "<?xml version=\"1.0\"?><a/>", 25 },
    { "<!DOCTYPE html><p>Bye", 21 },
    { "\r\n--boundary--\r\n", 16 },
    { "ID3\x03\0\0\0\0\0\x0a", 10 },
    { "TAGa title of thirty letters", 28 },
    { "MotionPhoto_Data\0\0\0\x18", 20 },
    { "\0\0\0\0SEFHk\0\0\0SEFT", 16 },
    { "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16 },
    { "\0\0\0\x01udta\0\0\0\0\0\0\1\0", 16 },
    { "\0\0\0\x01udta\0\0\0\0\0\0\0\x02", 16 },
    { "\0\0\0\x01uuid", 8 },
    { "\0\0\1\0udta....", 12 },
    { "\0\0\1\0meta\0\0\0\0", 12 },
    { "\0\0\1\0free", 8 },
    { "\0\0\1\0uuid0123456789abcdef", 24 },
    { "\0\0\0\x08skip\0\0\1\0udta", 16 },
    { "\x7f\xff\xff\xff\xa9xyz", 8 },
    { "\n", 1 },
  };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (rows); i++) {
    g_autoptr (GByteArray) bytes = make_mp4 (i % 2);

    g_byte_array_append (bytes, (const guint8 *)rows[i / 2].bytes,
                         rows[i / 2].length);
    g_assert_true (is_whole (bytes, bytes->len));
  }
}

/* Index and media are never padding. */
static void
test_cut_behind_the_whole (void)
{
  static const char *const vital[] = { "moov", "moof", "mdat" };

  for (guint i = 0; i < G_N_ELEMENTS (vital); i++) {
    g_autoptr (GByteArray) bytes = make_mp4 (FALSE);
    guint whole;

    if (i > 0)
      add_box (bytes, "moof", 24);
    whole = bytes->len;
    add_large_box (bytes, vital[i], 40);
    g_assert_true (is_whole (bytes, bytes->len));
    for (guint length = whole + 8; length < bytes->len; length++)
      g_assert_false (is_whole (bytes, length));
  }
}

static void
test_trailer_of_boxes (void)
{
  g_autoptr (GByteArray) bytes = make_mp4 (FALSE);
  guint whole = bytes->len;

  add_box (bytes, "free", 0);
  g_byte_array_set_size (bytes, whole + (3 << 20));
  for (guint at = whole + 8; at < bytes->len; at += 8)
    memcpy (bytes->data + at, bytes->data + whole, 8);
  g_assert_true (is_whole (bytes, bytes->len));
}

static void
test_quicktime (void)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  add_box (bytes, "wide", 0);
  add_box (bytes, "free", 30);
  add_large_box (bytes, "mdat", 100);
  add_box (bytes, "moov", 50);
  g_assert_true (is_whole (bytes, bytes->len));
  g_assert_false (is_whole (bytes, bytes->len - 1));
  g_byte_array_append (bytes, (const guint8 *)"<html>gone</html>", 17);
  g_assert_true (is_whole (bytes, bytes->len));
}

static gboolean
is_whole_webm (const guint8 *data, gsize length, guint64 size)
{
  GenvidElements elements;

  genvid_elements_init (&elements);
  while (!elements.segment && elements.offset < length)
    if (!genvid_elements_feed (&elements, data + elements.offset,
                               MIN (length - elements.offset, 16), size))
      break;
  return elements.segment && !elements.broken;
}

static void
test_webm (void)
{
  /* EBML header of 4 bytes, a segment of 16 bytes. */
  static const guint8 head[]
      = { 0x1a, 0x45, 0xdf, 0xa3, 0x84, 1,   2,   3,   4,
          0x18, 0x53, 0x80, 0x67, 0x90, 'a', 'b', 'c', 'd' };
  guint8 open[sizeof head];

  g_assert_true (is_whole_webm (head, sizeof head, 30));
  g_assert_true (is_whole_webm (head, sizeof head, 31));
  g_assert_false (is_whole_webm (head, sizeof head, 29));
  for (gsize length = 0; length < 14; length++)
    g_assert_false (is_whole_webm (head, length, 30));

  memcpy (open, head, sizeof open);
  open[13] = 0xff; /* of unknown length */
  g_assert_true (is_whole_webm (open, sizeof open, 29));
  g_assert_false (is_whole_webm (open, 14, 14));
  open[4] = 0x00;
  g_assert_false (is_whole_webm (open, sizeof open, 29));
}

/* A checksum, and a void that is longer than any first read. */
static void
test_webm_with_a_void (void)
{
  static const guint8 begin[]
      = { 0x1a, 0x45, 0xdf, 0xa3, 0x80, 0xbf, 0x84, 1, 2, 3, 4 };
  static const guint8 segment[] = { 0x18, 0x53, 0x80, 0x67, 0x84, 1, 2, 3, 4 };
  static const guint8 voids[] = { 0xec, 0x50, 0x00 };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  g_byte_array_append (bytes, begin, sizeof begin);
  g_byte_array_append (bytes, voids, sizeof voids);
  g_byte_array_set_size (bytes, bytes->len + 0x1000);
  memset (bytes->data + bytes->len - 0x1000, 0, 0x1000);
  g_assert_false (is_whole_webm (bytes->data, bytes->len, bytes->len));
  g_byte_array_append (bytes, segment, sizeof segment);
  g_assert_true (is_whole_webm (bytes->data, bytes->len, bytes->len));
  g_assert_false (is_whole_webm (bytes->data, bytes->len, bytes->len - 1));
  g_byte_array_append (bytes, (const guint8 *)"{}", 2);
  g_assert_true (is_whole_webm (bytes->data, bytes->len, bytes->len));
}

static void
test_too_many_boxes (void)
{
  static const guint8 empty[16] = "\0\0\0\x08"
                                  "free";
  GenvidBoxes boxes;
  guint64 size = G_GUINT64_CONSTANT (1) << 30;
  guint n = 0;

  genvid_boxes_init (&boxes);
  while (genvid_boxes_feed (&boxes, empty, sizeof empty, size)
         && boxes.offset < size)
    n++;
  g_assert_true (boxes.broken);
  g_assert_cmpuint (n, <, 1000000);
  g_assert_cmpuint (n, >, 200000);
}

/* A moov of one mvhd of VERSION with TIMESCALE and DURATION, as bytes. */
static GByteArray *
make_index (guint8 version, guint32 timescale, guint64 duration)
{
  GByteArray *moov = g_byte_array_new ();
  guint32 content = version == 1 ? 32 : 20;
  guint32 sizes[2]
      = { GUINT32_TO_BE (16 + content), GUINT32_TO_BE (8 + content) };
  guint32 scale = GUINT32_TO_BE (timescale);
  guint64 wide = GUINT64_TO_BE (duration);
  guint32 narrow = GUINT32_TO_BE ((guint32)duration);

  g_byte_array_append (moov, (guint8 *)&sizes[0], 4);
  g_byte_array_append (moov, (guint8 *)"moov", 4);
  g_byte_array_append (moov, (guint8 *)&sizes[1], 4);
  g_byte_array_append (moov, (guint8 *)"mvhd", 4);
  g_byte_array_append (moov, &version, 1);
  g_byte_array_set_size (moov, 16 + (version == 1 ? 20 : 12));
  memset (moov->data + 17, 0, moov->len - 17);
  g_byte_array_append (moov, (guint8 *)&scale, 4);
  g_byte_array_append (moov, version == 1 ? (guint8 *)&wide : (guint8 *)&narrow,
                       version == 1 ? 8 : 4);
  return moov;
}

static double
read_index (guint8 version, guint32 timescale, guint64 duration)
{
  g_autoptr (GByteArray) moov = make_index (version, timescale, duration);

  return genvid_boxes_read_duration (moov->data, moov->len);
}

static void
test_duration (void)
{
  g_assert_cmpfloat (read_index (0, 600, 3600), ==, 6);
  g_assert_cmpfloat (read_index (1, 1000, 90500), ==, 90.5);
  g_assert_cmpfloat (read_index (0, 0, 3600), ==, 0);
  g_assert_cmpfloat (read_index (0, 600, 0), ==, 0);
  g_assert_cmpfloat (read_index (0, 600, G_MAXUINT32), ==, 0);
  g_assert_cmpfloat (read_index (1, 600, G_MAXUINT64), ==, 0);
}

/* Boxes that claim more than is there, and each length that is less. */
static void
test_false_duration (void)
{
  g_autoptr (GByteArray) moov = make_index (1, 1000, 6000);

  for (gsize length = 0; length < moov->len; length++) {
    g_autofree guint8 *cut = g_memdup2 (moov->data, length);

    g_assert_cmpfloat (genvid_boxes_read_duration (cut, length), ==, 0);
  }
  memset (moov->data + 8, 0xff, 4); /* the mvhd's size */
  g_assert_cmpfloat (genvid_boxes_read_duration (moov->data, moov->len), ==, 0);
  moov->data[8] = moov->data[9] = moov->data[10] = 0;
  moov->data[11] = 1; /* a size of 64 bits, which is not there */
  g_assert_cmpfloat (genvid_boxes_read_duration (moov->data, moov->len), ==, 0);
  moov->data[11] = 8; /* no content */
  g_assert_cmpfloat (genvid_boxes_read_duration (moov->data, moov->len), ==, 0);
}

static void
test_too_short (void)
{
  static const guint8 bytes[11] = "\x01\x02\xff\xfe\x05";

  g_assert_cmpint (genvid_container_sniff (bytes, 5, FALSE), ==,
                   GENVID_CONTAINER_UNDECIDED);
  g_assert_cmpint (genvid_container_sniff (bytes, 5, TRUE), ==,
                   GENVID_CONTAINER_EMPTY);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/container/sniff", test_sniff);
  g_test_add_func ("/container/sniff-early", test_sniff_early);
  g_test_add_func ("/container/index", test_index);
  g_test_add_func ("/container/cut", test_cut);
  g_test_add_func ("/container/odd-boxes", test_odd_boxes);
  g_test_add_func ("/container/hostile-boxes", test_hostile_boxes);
  g_test_add_func ("/container/trailers", test_trailers);
  g_test_add_func ("/container/cut-behind-the-whole",
                   test_cut_behind_the_whole);
  g_test_add_func ("/container/trailer-of-boxes", test_trailer_of_boxes);
  g_test_add_func ("/container/quicktime", test_quicktime);
  g_test_add_func ("/container/webm", test_webm);
  g_test_add_func ("/container/webm-with-a-void", test_webm_with_a_void);
  g_test_add_func ("/container/too-many-boxes", test_too_many_boxes);
  g_test_add_func ("/container/duration", test_duration);
  g_test_add_func ("/container/false-duration", test_false_duration);
  g_test_add_func ("/container/too-short", test_too_short);
  return g_test_run ();
}
