/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a clip.map says is there: sorted, apart, and written as it was read. */
#include "byte-ranges.h"
#include "fuzz.h"

static void
check (const GenvidByteRanges *ranges)
{
  guint64 total = 0, end = 0;

  for (guint i = 0; i < genvid_byte_ranges_get_n (ranges); i++) {
    GenvidByteRange range = genvid_byte_ranges_get (ranges, i);

    g_assert_cmpuint (range.start, <, range.end);
    g_assert_true (i == 0 || range.start > end);
    g_assert_true (
        genvid_byte_ranges_contains (ranges, range.start, range.end));
    g_assert_cmpuint (genvid_byte_ranges_next_gap (ranges, range.start), ==,
                      range.end);
    end = range.end;
    total += range.end - range.start;
  }
  g_assert_cmpuint (genvid_byte_ranges_get_end (ranges), ==, end);
  g_assert_cmpuint (genvid_byte_ranges_get_total (ranges), ==, total);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_autoptr (GenvidByteRanges) ranges
      = genvid_byte_ranges_from_text (text, NULL);
  g_autoptr (GenvidByteRanges) again = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  if (ranges == NULL)
    return 0;
  check (ranges);
  first = genvid_byte_ranges_to_text (ranges);
  again = genvid_byte_ranges_from_text (first, NULL);
  g_assert_nonnull (again);
  second = genvid_byte_ranges_to_text (again);
  g_assert_cmpstr (first, ==, second);
  return 0;
}
