/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The soak as a program: worlds one after the other until its time is over.
 * World I of seed S is world 0 of seed S + I, so a finding is made again
 * from the seed that its line names. */

#include "soak.h"

#include <stdio.h>
#include <stdlib.h>

#define LIVES 100 /* of a world */

typedef struct {
  guint lives;
  guint charges;
  guint findings;
} Sums;

static gint64
read_number (const char *text, const char *what)
{
  gint64 number;

  if (!g_ascii_string_to_signed (text, 10, 0, G_MAXINT64, &number, NULL)) {
    fprintf (stderr, "soak: %s is no %s; see scripts/soak --help\n", text,
             what);
    exit (2);
  }
  return number;
}

/* Pipelines that ended so; NULL: that were killed. */
static guint
count_ends (SoakWorld *world, const char *word)
{
  guint n = 0;

  for (guint i = 0; i < world->lives->len; i++) {
    SoakLife *life = g_ptr_array_index (world->lives, i);

    for (guint k = 0; k < life->n_requests && !life->last; k++)
      n += g_strcmp0 (life->results[k].word, word) == 0;
  }
  return n;
}

static guint
count_doubts (SoakWorld *world)
{
  guint n = 0;

  for (guint i = 0; i < world->requests->len; i++) {
    SoakRequest *request = g_ptr_array_index (world->requests, i);

    n += request->last.text != NULL
         && g_str_has_prefix (request->last.text, "in-doubt ");
  }
  return n;
}

static void
report (SoakWorld *world)
{
  printf ("world %" G_GUINT64_FORMAT " in %s: %u lives (%u whole, %u failed, "
          "%u closed, %u killed), %u charges, %u in doubt, "
          "%" G_GINT64_FORMAT " disk faults, %u findings\n",
          world->seed, world->folder, world->lives->len,
          count_ends (world, "whole"), count_ends (world, "failed"),
          count_ends (world, "closed"), count_ends (world, NULL),
          soak_world_count_charges (world), count_doubts (world),
          soak_world_get_struck (world), world->findings->len);
  for (guint i = 0; i < world->findings->len; i++)
    printf ("FINDING, --seed %" G_GUINT64_FORMAT ": %s\n", world->seed,
            (char *)world->findings->pdata[i]);
  if (world->findings->len > 0)
    printf ("its stores and what was printed: %s\n", world->folder);
  fflush (stdout);
}

static void
run_world (guint64 seed, gint64 until, Sums *sums)
{
  SoakWorld *world = soak_world_new (seed);

  soak_world_run (world, LIVES, until);
  soak_check (world);
  report (world);
  sums->lives += world->lives->len;
  sums->charges += soak_world_count_charges (world);
  sums->findings += world->findings->len;
  soak_world_free (world,
                   world->findings->len > 0 || g_getenv ("SOAK_KEEP") != NULL);
}

int
main (int argc, char *argv[])
{
  guint64 seed = g_random_int ();
  Sums sums = { 0 };
  gint64 until;

  if (argc != 2 && (argc != 4 || !g_str_equal (argv[2], "--seed"))) {
    fprintf (stderr, "usage: soak MINUTES [--seed N]\n");
    return 2;
  }
  until = g_get_monotonic_time ()
          + read_number (argv[1], "number of minutes") * 60 * G_USEC_PER_SEC;
  if (argc == 4)
    seed = (guint64)read_number (argv[3], "seed");
  printf ("seed %" G_GUINT64_FORMAT "\n", seed);
  fflush (stdout);
  /* The first world is whole, however short the time. */
  run_world (seed++, G_MAXINT64, &sums);
  while (g_get_monotonic_time () < until)
    run_world (seed++, until, &sums);
  printf ("%u lives, %u charges, %u findings\n", sums.lives, sums.charges,
          sums.findings);
  return sums.findings > 0 ? 1 : 0;
}
