/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the first bytes of a download are, and whether an MP4 or a WebM is
 * whole. It looks at signatures and at the outermost lengths only: a verdict
 * for a store and for a progress display, never a demuxer. */

#include "container.h"

#include <string.h>

/* An MPEG transport stream shows its second sync byte within this. */
#define ENOUGH       192
#define EBML_HEADER  0x1a45dfa3
#define EBML_SEGMENT 0x18538067
/* Before the segment: what is void, a checksum. */
#define MAX_ELEMENTS 64
/* Two for each frame of more than an hour. Each is a read; a gigabyte of empty
 * ones would be a hundred million. */
#define MAX_BOXES (1 << 18)
/* Less is no media, whatever it looks like. */
#define LEAST 12
/* Of a box whose size takes 64 bits. */
#define LARGE_HEADER 16

typedef struct {
  guint offset;
  const char *bytes;
  guint length;
  const char *extension;
} Signature;

/* The extension NULL: an archive or a compressed answer, no media. */
static const Signature signatures[] = {
  { 0, "OggS", 4, "ogg" },
  { 8, "AVI ", 4, "avi" },
  { 8, "WAVE", 4, "wav" },
  { 8, "WEBP", 4, "webp" },
  { 0, "FLV\x01", 4, "flv" },
  { 0, "GIF8", 4, "gif" },
  { 0, "\x89PNG", 4, "png" },
  { 0, "\xff\xd8\xff", 3, "jpg" },
  { 0, "\x00\x00\x01\xba", 4, "mpg" },
  { 0, "\x00\x00\x01\xb3", 4, "mpg" },
  { 0, "\x30\x26\xb2\x75", 4, "asf" },
  { 0, "fLaC", 4, "flac" },
  { 0, "ID3", 3, "mp3" },
  { 0, "\x1f\x8b", 2, NULL },
  { 0, "PK\x03\x04", 4, NULL },
  { 0, "\xff\xfe", 2, NULL },
  { 0, "\xfe\xff", 2, NULL },
};

static const Signature *
find_signature (const guint8 *data, gsize length)
{
  for (guint i = 0; i < G_N_ELEMENTS (signatures); i++) {
    const Signature *one = &signatures[i];
    if (length >= one->offset + one->length
        && memcmp (data + one->offset, one->bytes, one->length) == 0
        && (one->offset == 0 || memcmp (data, "RIFF", 4) == 0))
      return one;
  }
  return NULL;
}

static guint32
read_be32 (const guint8 *data)
{
  guint32 value;
  memcpy (&value, data, sizeof value);
  return GUINT32_FROM_BE (value);
}

static guint64
read_be64 (const guint8 *data)
{
  guint64 value;
  memcpy (&value, data, sizeof value);
  return GUINT64_FROM_BE (value);
}

static gboolean
is_mp4 (const guint8 *data, gsize length)
{
  static const char *const types[]
      = { "ftyp", "styp", "moov", "mdat", "moof", "sidx",
          "wide", "free", "skip", "pnot", "uuid" };

  if (length < 8)
    return FALSE;
  guint32 size = read_be32 (data);
  if (size > 1 && size < 8)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (memcmp (data + 4, types[i], 4) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_ebml (const guint8 *data, gsize length)
{
  return length >= 4 && read_be32 (data) == EBML_HEADER;
}

static gboolean
is_transport_stream (const guint8 *data, gsize length)
{
  return length > 188 && data[0] == 0x47 && data[188] == 0x47;
}

static gboolean
is_zero (const guint8 *data, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (data[i] != 0)
      return FALSE;
  return TRUE;
}

/* Every byte could stand in a text; a character cut at the end is none of its
 * faults. */
static gboolean
is_text (const guint8 *data, gsize length)
{
  for (gsize i = 0; i < length; i++) {
    guint8 c = data[i];
    if ((c < 0x20 && !(c >= '\t' && c <= '\r') && c != 0x1b) || c == 0x7f)
      return FALSE;
  }
  const char *end = NULL;
  return g_utf8_validate ((const char *)data, (gssize)length, &end)
         || (const guint8 *)end + 4 > data + length;
}

GenvidContainer
genvid_container_sniff (const guint8 *data, gsize length, gboolean end)
{
  gboolean enough = end || length >= ENOUGH;

  if (length < LEAST && !end)
    return GENVID_CONTAINER_UNDECIDED;
  if (is_mp4 (data, length))
    return GENVID_CONTAINER_MP4;
  if (is_ebml (data, length))
    return GENVID_CONTAINER_WEBM;

  const Signature *known = find_signature (data, length);
  if (known != NULL)
    return known->extension != NULL ? GENVID_CONTAINER_OTHER
                                    : GENVID_CONTAINER_TEXT;
  if (is_zero (data, length))
    return enough ? GENVID_CONTAINER_EMPTY : GENVID_CONTAINER_UNDECIDED;
  /* Text may also be a transport stream that begins with a 'G'. */
  if (is_text (data, MIN (length, ENOUGH)) && (enough || data[0] != 0x47))
    return length >= 16 || end ? GENVID_CONTAINER_TEXT
                               : GENVID_CONTAINER_UNDECIDED;
  if (length < LEAST)
    return GENVID_CONTAINER_EMPTY;
  return enough ? GENVID_CONTAINER_OTHER : GENVID_CONTAINER_UNDECIDED;
}

const char *
genvid_container_extension (GenvidContainer container, const guint8 *data,
                            gsize length)
{
  const Signature *known = find_signature (data, length);

  switch (container) {
  case GENVID_CONTAINER_MP4:
    return length >= 12 && memcmp (data + 4, "ftypqt  ", 8) == 0 ? "mov"
                                                                 : "mp4";
  case GENVID_CONTAINER_WEBM:
    return memmem (data, MIN (length, 64), "matroska", 8) != NULL ? "mkv"
                                                                  : "webm";
  case GENVID_CONTAINER_OTHER:
    if (known != NULL && known->extension != NULL)
      return known->extension;
    return is_transport_stream (data, length) ? "ts" : "bin";
  default:
    return "bin";
  }
}

/* An EBML length at DATA[*AT], which moves behind it. G_MAXUINT64: the length
 * is not known; FALSE: cut. */
static gboolean
read_ebml_length (const guint8 *data, gsize length, gsize *at, guint64 *value)
{
  if (*at >= length || data[*at] == 0)
    return FALSE;
  guint width = 1;
  while (!(data[*at] & (0x80 >> (width - 1))))
    width++;
  if (width > length - *at)
    return FALSE;

  guint64 mask = (G_GUINT64_CONSTANT (1) << (7 * width)) - 1;
  *value = 0;
  for (guint i = 0; i < width; i++)
    *value = *value << 8 | data[*at + i];
  *value &= mask;
  if (*value == mask)
    *value = G_MAXUINT64;
  *at += width;
  return TRUE;
}

void
genvid_elements_init (GenvidElements *elements)
{
  *elements = (GenvidElements){ 0 };
}

/* An element's name at DATA, its width; 0: none. */
static guint
read_ebml_name (const guint8 *data, gsize length, guint32 *name)
{
  guint width = 1;

  if (length < 1 || data[0] < 0x10)
    return 0;
  while (!(data[0] & (0x80 >> (width - 1))))
    width++;
  *name = 0;
  for (guint i = 0; i < width && width <= length; i++)
    *name = *name << 8 | data[i];
  return width <= length ? width : 0;
}

gboolean
genvid_elements_feed (GenvidElements *elements, const guint8 *header,
                      gsize length, guint64 size)
{
  guint32 name = 0;
  guint64 content = 0;
  gsize at = read_ebml_name (header, length, &name);

  elements->broken = elements->broken || at == 0 || ++elements->n > MAX_ELEMENTS
                     || (elements->offset == 0) != (name == EBML_HEADER)
                     || !read_ebml_length (header, length, &at, &content)
                     || elements->offset > size || size - elements->offset < at;
  if (elements->broken)
    return FALSE;
  elements->offset += at;
  elements->segment = name == EBML_SEGMENT;
  if (content == G_MAXUINT64 && elements->segment && size > elements->offset)
    content = size - elements->offset;
  elements->broken = content > size - elements->offset;
  if (!elements->broken)
    elements->offset += content;
  return !elements->broken;
}

void
genvid_boxes_init (GenvidBoxes *boxes)
{
  *boxes = (GenvidBoxes){ 0 };
}

static gboolean
is_box_type (const guint8 *type)
{
  for (guint i = 0; i < 4; i++)
    if ((type[i] < 0x20 || type[i] > 0x7e) && type[i] != 0xa9)
      return FALSE;
  return TRUE;
}

/* What follows a whole file is padding that no player minds; the same within
 * one is damage. */
static gboolean
end_walk (GenvidBoxes *boxes, guint64 size)
{
  if (boxes->moov && boxes->mdat) {
    boxes->offset = size;
    return TRUE;
  }
  boxes->broken = TRUE;
  return FALSE;
}

static gboolean
is_type (const guint8 *type, const char *name)
{
  return memcmp (type, name, 4) == 0;
}

/* Index and media. One that is cut is damage wherever it stands; any other is
 * of no use behind them, or is no box at all. */
static gboolean
is_vital (const guint8 *type)
{
  return is_type (type, "moov") || is_type (type, "moof")
         || is_type (type, "mdat");
}

static void
note_type (GenvidBoxes *boxes, const guint8 *type)
{
  if (is_type (type, "moov"))
    boxes->moov = TRUE;
  if (!is_type (type, "mdat"))
    return;
  if (!boxes->moov)
    boxes->index_last = TRUE;
  boxes->mdat = TRUE;
}

/* The size that HEADER tells, 0 if there is none such; one that is cut itself
 * tells no less than what it is. */
static guint64
read_box_size (const guint8 *header, guint64 left)
{
  guint64 size = read_be32 (header);
  guint64 least = 8;

  if (size == 0)
    return left;
  if (size == 1) {
    least = LARGE_HEADER;
    size = left < least ? least : read_be64 (header + 8);
  }
  return size < least ? 0 : size;
}

gboolean
genvid_boxes_feed (GenvidBoxes *boxes, const guint8 *header, gsize length,
                   guint64 size)
{
  guint64 left, box;

  if (boxes->broken)
    return FALSE;
  if (boxes->offset >= size)
    return TRUE;
  left = size - boxes->offset;
  if (left < 8)
    return end_walk (boxes, size);
  if (length < 8
      || (read_be32 (header) == 1 && length < LARGE_HEADER
          && left >= LARGE_HEADER))
    return FALSE;
  box = read_box_size (header, left);
  if (!is_box_type (header + 4) || box == 0)
    return end_walk (boxes, size);
  if (box > left && is_vital (header + 4)) {
    note_type (boxes, header + 4);
    boxes->broken = TRUE;
    return FALSE;
  }
  if (box > left || ++boxes->n > MAX_BOXES)
    return end_walk (boxes, size);
  note_type (boxes, header + 4);
  boxes->offset += box;
  return TRUE;
}

/* CONTENT: of the box mvhd. */
static double
read_movie_header (const guint8 *content, gsize length)
{
  gboolean wide = length > 0 && content[0] == 1;
  gsize at = wide ? 20 : 12;
  guint64 scale, duration;

  if (length < at + (wide ? 12 : 8))
    return 0;
  scale = read_be32 (content + at);
  duration = wide ? read_be64 (content + at + 4) : read_be32 (content + at + 4);
  /* All bits set: it is not known. */
  if (scale == 0 || duration == (wide ? G_MAXUINT64 : G_MAXUINT32))
    return 0;
  return (double)duration / (double)scale;
}

double
genvid_boxes_read_duration (const guint8 *moov, gsize length)
{
  gsize at = length >= 8 && read_be32 (moov) == 1 ? LARGE_HEADER : 8;

  while (at < length && length - at >= 8) {
    gsize left = length - at;
    guint64 box = read_box_size (moov + at, left);

    if (box == 0 || box > left)
      return 0;
    if (is_type (moov + at + 4, "mvhd")) {
      gsize header = read_be32 (moov + at) == 1 ? LARGE_HEADER : 8;
      return read_movie_header (moov + at + header, (gsize)box - header);
    }
    at += (gsize)box;
  }
  return 0;
}
