/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Boxes and elements: each walk goes forward, ends, and never beyond the file;
 * what is text or empty has no extension of media; a clip plays no time that is
 * less than none, or without end. */
#include "container.h"
#include "fuzz.h"

#include <math.h>
#include <string.h>

#define MANY 100000

static gsize
cut (const uint8_t *data, size_t size, guint64 offset, const uint8_t **header)
{
  gsize left = offset < size ? size - (gsize)offset : 0;

  *header = left > 0 ? data + offset : data;
  return MIN (left, 16);
}

static void
walk_boxes (const uint8_t *data, size_t size, guint64 claimed)
{
  GenvidBoxes boxes;
  guint64 before;

  genvid_boxes_init (&boxes);
  for (guint i = 0; i < MANY && boxes.offset < size; i++) {
    const uint8_t *header;
    gsize length = cut (data, size, boxes.offset, &header);

    before = boxes.offset;
    if (!genvid_boxes_feed (&boxes, header, length, claimed))
      break;
    g_assert_cmpuint (boxes.offset, >, before);
    g_assert_cmpuint (boxes.offset, <=, claimed);
    g_assert_cmpuint (i, <, MANY - 1);
  }
}

static void
walk_elements (const uint8_t *data, size_t size)
{
  GenvidElements elements;

  genvid_elements_init (&elements);
  for (guint i = 0; elements.offset < size && !elements.segment; i++) {
    const uint8_t *header;
    guint64 before = elements.offset;
    gsize length = cut (data, size, before, &header);

    if (!genvid_elements_feed (&elements, header, length, size))
      break;
    g_assert_cmpuint (elements.offset, >, before);
    g_assert_cmpuint (elements.offset, <=, size);
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  GenvidContainer kind = genvid_container_sniff (data, size, TRUE);
  const char *extension;
  double duration;

  g_assert_cmpint (kind, !=, GENVID_CONTAINER_UNDECIDED);
  g_assert_cmpint (genvid_container_sniff (data, size, FALSE), >=, 0);
  extension = genvid_container_extension (kind, data, size);
  g_assert_nonnull (extension);
  g_assert_null (strpbrk (extension, "/."));
  walk_boxes (data, size, size);
  walk_boxes (data, size, G_MAXUINT64);
  walk_elements (data, size);
  duration = genvid_boxes_read_duration (data, size);
  g_assert_true (isfinite (duration) && duration >= 0);
  return 0;
}
