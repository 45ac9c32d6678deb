/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A set of ranges is the set of its bytes: checked against a plain bitmap. */
#include "byte-ranges.h"
#include "failure.h"

#include <string.h>

#define SPAN 200

static void
check_text (const GenvidByteRanges *ranges, const char *expected)
{
  g_autofree char *text = genvid_byte_ranges_to_text (ranges);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_add (void)
{
  g_autoptr (GenvidByteRanges) ranges = genvid_byte_ranges_new ();

  check_text (ranges, "");
  genvid_byte_ranges_add (ranges, 200, 300);
  genvid_byte_ranges_add (ranges, 0, 100);
  genvid_byte_ranges_add (ranges, 5, 5);
  check_text (ranges, "0-99,200-299");
  genvid_byte_ranges_add (ranges, 100, 200);
  check_text (ranges, "0-299");
  genvid_byte_ranges_add (ranges, 400, 500);
  genvid_byte_ranges_add (ranges, 600, 700);
  genvid_byte_ranges_add (ranges, 250, 650);
  check_text (ranges, "0-699");
  genvid_byte_ranges_clear (ranges);
  g_assert_cmpuint (genvid_byte_ranges_get_n (ranges), ==, 0);
}

static void
test_questions (void)
{
  g_autoptr (GenvidByteRanges) ranges = genvid_byte_ranges_new ();

  genvid_byte_ranges_add (ranges, 10, 20);
  genvid_byte_ranges_add (ranges, 30, 40);
  g_assert_cmpuint (genvid_byte_ranges_get_total (ranges), ==, 20);
  g_assert_cmpuint (genvid_byte_ranges_available (ranges, 9), ==, 0);
  g_assert_cmpuint (genvid_byte_ranges_available (ranges, 10), ==, 10);
  g_assert_cmpuint (genvid_byte_ranges_available (ranges, 19), ==, 1);
  g_assert_cmpuint (genvid_byte_ranges_available (ranges, 20), ==, 0);
  g_assert_cmpuint (genvid_byte_ranges_next_gap (ranges, 12), ==, 20);
  g_assert_cmpuint (genvid_byte_ranges_next_gap (ranges, 5), ==, 5);
  g_assert_cmpuint (genvid_byte_ranges_next_present (ranges, 0), ==, 10);
  g_assert_cmpuint (genvid_byte_ranges_next_present (ranges, 20), ==, 30);
  g_assert_cmpuint (genvid_byte_ranges_next_present (ranges, 40), ==,
                    G_MAXUINT64);
  g_assert_true (genvid_byte_ranges_contains (ranges, 10, 20));
  g_assert_false (genvid_byte_ranges_contains (ranges, 10, 21));
  g_assert_true (genvid_byte_ranges_contains (ranges, 7, 7));
  g_assert_cmpuint (genvid_byte_ranges_get (ranges, 1).start, ==, 30);
}

static void
compare (const GenvidByteRanges *ranges, const gboolean *bytes)
{
  guint64 total = 0;

  for (guint i = 0; i < SPAN; i++) {
    guint gap = i, present = i;

    while (gap < SPAN && bytes[gap])
      gap++;
    while (present < SPAN && !bytes[present])
      present++;
    total += bytes[i];
    g_assert_cmpuint (genvid_byte_ranges_next_gap (ranges, i), ==, gap);
    g_assert_cmpuint (genvid_byte_ranges_next_present (ranges, i), ==,
                      present < SPAN ? present : G_MAXUINT64);
  }
  g_assert_cmpuint (genvid_byte_ranges_get_total (ranges), ==, total);
  for (guint i = 1; i < genvid_byte_ranges_get_n (ranges); i++)
    g_assert_cmpuint (genvid_byte_ranges_get (ranges, i - 1).end, <,
                      genvid_byte_ranges_get (ranges, i).start);
}

static void
test_random (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (9110);

  for (guint round = 0; round < 200; round++) {
    g_autoptr (GenvidByteRanges) ranges = genvid_byte_ranges_new ();
    g_autoptr (GenvidByteRanges) again = NULL;
    g_autofree char *text = NULL;
    gboolean bytes[SPAN] = { FALSE };

    for (guint i = 0; i < 12; i++) {
      guint start = g_rand_int_range (rand, 0, SPAN);
      guint end = g_rand_int_range (rand, start, SPAN + 1);

      genvid_byte_ranges_add (ranges, start, MIN (end, start + 30));
      for (guint j = start; j < MIN (end, start + 30); j++)
        bytes[j] = TRUE;
    }
    compare (ranges, bytes);
    text = genvid_byte_ranges_to_text (ranges);
    again = genvid_byte_ranges_from_text (text, NULL);
    check_text (again, text);
  }
}

static void
test_copy (void)
{
  g_autoptr (GenvidByteRanges) ranges = genvid_byte_ranges_new ();
  g_autoptr (GenvidByteRanges) copy = NULL;

  genvid_byte_ranges_add (ranges, 0, 10);
  copy = genvid_byte_ranges_copy (ranges);
  genvid_byte_ranges_add (ranges, 20, 30);
  check_text (copy, "0-9");
}

static void
test_damaged (void)
{
  const char *const texts[] = { "5",
                                "5-",
                                "-5",
                                "9-5",
                                "0-9,",
                                ",0-9",
                                "0-9,,20-29",
                                "0-9 ",
                                " 0-9",
                                "+0-9",
                                "0-9,5-20",
                                "20-29,0-9",
                                "0-9,10-19",
                                "0-99999999999999999999",
                                "0-18446744073709551615",
                                "a-b",
                                "0-9;20-29" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (genvid_byte_ranges_from_text (texts[i], &error));
    g_assert_error (error, GENVID_ERROR, GENVID_REASON_BAD_ANSWER);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ranges/add", test_add);
  g_test_add_func ("/ranges/questions", test_questions);
  g_test_add_func ("/ranges/random", test_random);
  g_test_add_func ("/ranges/copy", test_copy);
  g_test_add_func ("/ranges/damaged", test_damaged);
  return g_test_run ();
}
