/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Slips that people make, and names of any length. */
#include "name.h"

static const char *const names[]
    = { "prompt",   "model", "duration", "seed", "aspect-ratio",
        "max-cost", "reuse", "take",     NULL };

static void
test_slips (void)
{
  const struct {
    const char *slip, *meant;
  } rows[] = {
    { "max_cost", "max-cost" },
    { "MAXCOST", "max-cost" },
    { "durations", "duration" },
    { "duartion", "duration" },
    { "promt", "prompt" },
    { "Aspect_Ratios", "aspect-ratio" },
    { "mdoel", "model" },
    { "re-use", "reuse" },
    { "sede", "seed" },
    { "", "seed" },
    { "\303\251\303\251", "seed" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpstr (genvid_name_nearest (rows[i].slip, names), ==,
                     rows[i].meant);
}

static void
test_long (void)
{
  g_autofree char *slip = g_strnfill (100000, 'x');

  g_assert_nonnull (genvid_name_nearest (slip, names));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nearest/slips", test_slips);
  g_test_add_func ("/nearest/long", test_long);
  return g_test_run ();
}
