/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A sorted array of ranges that never touch. A clip has few of them, one per
 * seek, and almost every add extends the last: no tree is needed. It knows
 * nothing of files; whether its bytes are durable is the caller's word. */
#include "byte-ranges.h"

#include "failure.h"

struct _GenvidByteRanges {
  GArray *items; /* of GenvidByteRange */
};

GenvidByteRanges *
genvid_byte_ranges_new (void)
{
  GenvidByteRanges *ranges = g_new0 (GenvidByteRanges, 1);

  ranges->items = g_array_new (FALSE, FALSE, sizeof (GenvidByteRange));
  return ranges;
}

GenvidByteRanges *
genvid_byte_ranges_copy (const GenvidByteRanges *ranges)
{
  GenvidByteRanges *copy = genvid_byte_ranges_new ();

  g_array_append_vals (copy->items, ranges->items->data, ranges->items->len);
  return copy;
}

void
genvid_byte_ranges_free (GenvidByteRanges *ranges)
{
  if (!ranges)
    return;
  g_array_unref (ranges->items);
  g_free (ranges);
}

static GenvidByteRange *
peek (const GenvidByteRanges *ranges, guint index)
{
  return &g_array_index (ranges->items, GenvidByteRange, index);
}

/* The first range that ends at or after OFFSET; the number of ranges if none
 * does. */
static guint
find_ending (const GenvidByteRanges *ranges, guint64 offset)
{
  guint low = 0, high = ranges->items->len;

  while (low < high) {
    guint middle = low + (high - low) / 2;

    if (peek (ranges, middle)->end < offset)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* The first range that contains a byte at or after OFFSET. */
static guint
find_after (const GenvidByteRanges *ranges, guint64 offset)
{
  guint index = find_ending (ranges, offset);

  if (index < ranges->items->len && peek (ranges, index)->end == offset)
    index++;
  return index;
}

void
genvid_byte_ranges_add (GenvidByteRanges *ranges, guint64 start, guint64 end)
{
  GenvidByteRange added = { start, end };
  guint first, last;

  if (start >= end)
    return;
  first = find_ending (ranges, start);
  for (last = first; last < ranges->items->len; last++) {
    const GenvidByteRange *old = peek (ranges, last);

    if (old->start > end)
      break;
    added.start = MIN (added.start, old->start);
    added.end = MAX (added.end, old->end);
  }
  if (last == first) {
    g_array_insert_val (ranges->items, first, added);
    return;
  }
  *peek (ranges, first) = added;
  if (last > first + 1)
    g_array_remove_range (ranges->items, first + 1, last - first - 1);
}

void
genvid_byte_ranges_clear (GenvidByteRanges *ranges)
{
  g_array_set_size (ranges->items, 0);
}

guint
genvid_byte_ranges_get_n (const GenvidByteRanges *ranges)
{
  return ranges->items->len;
}

GenvidByteRange
genvid_byte_ranges_get (const GenvidByteRanges *ranges, guint index)
{
  g_return_val_if_fail (index < ranges->items->len, (GenvidByteRange){ 0 });
  return *peek (ranges, index);
}

guint64
genvid_byte_ranges_get_end (const GenvidByteRanges *ranges)
{
  guint n = ranges->items->len;

  return n > 0 ? peek (ranges, n - 1)->end : 0;
}

guint64
genvid_byte_ranges_get_total (const GenvidByteRanges *ranges)
{
  guint64 total = 0;

  for (guint i = 0; i < ranges->items->len; i++)
    total += peek (ranges, i)->end - peek (ranges, i)->start;
  return total;
}

guint64
genvid_byte_ranges_available (const GenvidByteRanges *ranges, guint64 offset)
{
  return genvid_byte_ranges_next_gap (ranges, offset) - offset;
}

guint64
genvid_byte_ranges_next_gap (const GenvidByteRanges *ranges, guint64 offset)
{
  guint index = find_after (ranges, offset);

  if (index == ranges->items->len || peek (ranges, index)->start > offset)
    return offset;
  return peek (ranges, index)->end;
}

guint64
genvid_byte_ranges_next_present (const GenvidByteRanges *ranges, guint64 offset)
{
  guint index = find_after (ranges, offset);

  if (index == ranges->items->len)
    return G_MAXUINT64;
  return MAX (offset, peek (ranges, index)->start);
}

gboolean
genvid_byte_ranges_contains (const GenvidByteRanges *ranges, guint64 start,
                             guint64 end)
{
  return start >= end || genvid_byte_ranges_next_gap (ranges, start) >= end;
}

char *
genvid_byte_ranges_to_text (const GenvidByteRanges *ranges)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < ranges->items->len; i++)
    g_string_append_printf (text, "%s%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT,
                            i > 0 ? "," : "", peek (ranges, i)->start,
                            peek (ranges, i)->end - 1);
  return g_string_free (text, FALSE);
}

/* Digits only: strtoull alone would take a sign and blanks. */
static gboolean
read_number (const char **text, guint64 *number)
{
  const char *p = *text;
  guint64 value = 0;

  for (; g_ascii_isdigit (*p); p++) {
    guint64 digit = g_ascii_digit_value (*p);

    if (value > (G_MAXUINT64 - digit) / 10)
      return FALSE;
    value = value * 10 + digit;
  }
  if (p == *text)
    return FALSE;
  *text = p;
  *number = value;
  return TRUE;
}

/* One "first-last" whose end fits, and which lies behind all before it. */
static gboolean
read_range (const char **text, const GenvidByteRanges *before,
            GenvidByteRange *range)
{
  guint n = genvid_byte_ranges_get_n (before);
  guint64 last;

  if (!read_number (text, &range->start) || *(*text)++ != '-'
      || !read_number (text, &last))
    return FALSE;
  range->end = last + 1;
  return last >= range->start && last < G_MAXUINT64
         && (n == 0 || peek (before, n - 1)->end < range->start);
}

GenvidByteRanges *
genvid_byte_ranges_from_text (const char *text, GError **error)
{
  g_autoptr (GenvidByteRanges) ranges = genvid_byte_ranges_new ();
  const char *p = text;

  while (*p) {
    GenvidByteRange range;
    gboolean good = read_range (&p, ranges, &range);

    /* A comma is followed by another range, never by the end. */
    if (!good || (*p && (*p++ != ',' || !*p))) {
      g_set_error (error, GENVID_ERROR, GENVID_REASON_BAD_ANSWER,
                   "A list of byte ranges is damaged at byte %u",
                   (guint)(p - text));
      return NULL;
    }
    genvid_byte_ranges_add (ranges, range.start, range.end);
  }
  return g_steal_pointer (&ranges);
}
