/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The arithmetic of buffering: lines and players of all kinds, with a clock
 * that the test moves. */

#include "gstgenvidplaythrough.h"

#define SIZE     1600000
#define DURATION 6.0
#define STEP     (200 * G_TIME_SPAN_MILLISECOND)

typedef struct {
  GstGenvidPlaythrough self;
  GstGenvidSupply supply;
  gint64 now;
  guint64 shown; /* where the picture is that is shown, in bytes */
  gboolean paused;
  guint messages; /* changes of the percentage */
  guint pauses;
  guint starved; /* steps in which there was nothing to show */
  int percent;
} World;

static World
new_world (void)
{
  return (World){
    .supply = { .size = SIZE, .duration = DURATION },
    .now = G_TIME_SPAN_HOUR,
    .paused = TRUE,
    .percent = 100,
  };
}

/* One step of a line of RATE times the clip's own; the player reads all that
 * is there and shows it in its time, unless it is told to wait. */
static void
step (World *world, double rate)
{
  double bytes = rate * SIZE / DURATION * STEP / G_USEC_PER_SEC;
  guint64 show = (guint64)(SIZE / DURATION * STEP / G_USEC_PER_SEC);
  int before = world->percent;

  world->now += STEP;
  world->supply.present = MIN (world->supply.present + (guint64)bytes, SIZE);
  world->supply.position = world->supply.present;
  world->supply.after = SIZE - world->supply.present;
  if (!world->paused) {
    world->supply.played += (double)STEP / G_USEC_PER_SEC;
    if (MIN (world->shown + show, SIZE) > world->supply.present)
      world->starved++;
    world->shown = MIN (world->shown + show, world->supply.present);
  }
  world->percent = gst_genvid_playthrough_update (&world->self, &world->supply,
                                                  world->now);
  g_assert_cmpint (world->percent, >=, 0);
  g_assert_cmpint (world->percent, <=, 100);
  if (world->percent < 100 && before < 100)
    g_assert_cmpint (world->percent, >=, before);
  world->messages += world->percent != before;
  world->pauses += before == 100 && world->percent < 100;
}

/* The first picture is there after 1 s; then it plays when it may. */
static void
play (World *world, double rate)
{
  gint64 begin = world->now;

  while (world->shown < SIZE) {
    step (world, rate);
    world->paused = world->percent < 100 || world->now - begin < G_USEC_PER_SEC;
    g_assert_cmpint (world->now - begin, <, 2 * G_TIME_SPAN_MINUTE);
  }
  g_assert_cmpint (world->percent, ==, 100);
}

static void
test_slow (void)
{
  const double rates[] = { 0.1, 0.3, 0.6, 0.8, 0.9 };

  for (guint i = 0; i < G_N_ELEMENTS (rates); i++) {
    World world = new_world ();

    play (&world, rates[i]);
    g_test_message (
        "%.1f: %u messages, started late by %.1f s", rates[i], world.messages,
        (double)(world.now - G_TIME_SPAN_HOUR) / G_USEC_PER_SEC - DURATION);
    /* The second before the first picture is enough for the last. */
    g_assert_cmpuint (world.pauses, ==, rates[i] < 0.85);
    g_assert_cmpuint (world.starved, ==, 0);
  }
}

static void
test_fast (void)
{
  const double rates[] = { 1.1, 1.5, 2, 100 };

  for (guint i = 0; i < G_N_ELEMENTS (rates); i++) {
    World world = new_world ();

    play (&world, rates[i]);
    g_assert_cmpuint (world.messages, ==, 0);
  }
}

/* Uneven, but fast enough. */
static void
test_jitter (void)
{
  World world = new_world ();

  for (guint i = 0; world.shown < SIZE; i++) {
    step (&world, i % 3 == 0 ? 3.0 : 0.6);
    world.paused = i < 5;
  }
  g_assert_cmpuint (world.messages, ==, 0);
}

/* The line stands still in the middle and goes on: one pause, and it ends. */
static void
test_stall (void)
{
  World world = new_world ();

  world.paused = FALSE;
  for (guint i = 0; i < 10; i++)
    step (&world, 1.2);
  g_assert_cmpuint (world.messages, ==, 0);
  for (guint i = 0; i < 25; i++) {
    step (&world, 0);
    world.paused = world.percent < 100;
  }
  g_assert_cmpint (world.percent, <, 100);
  play (&world, 1.2);
  g_assert_cmpuint (world.pauses, ==, 1);
}

/* Nothing comes from the beginning on, or after one block. */
static void
test_dead (void)
{
  World world = new_world ();

  for (guint i = 0; i < 10; i++)
    step (&world, 0);
  g_assert_cmpint (world.percent, ==, 100); /* nobody plays yet */
  world.supply.present = 1000;
  for (guint i = 0; i < 3; i++)
    step (&world, 0);
  g_assert_cmpint (world.percent, ==, 0);
  world.supply.present = SIZE;
  step (&world, 0);
  g_assert_cmpint (world.percent, ==, 100);
}

/* What nobody knows says nothing. */
static void
test_unknown (void)
{
  World world = new_world ();

  world.supply.duration = 0;
  play (&world, 0.5);
  g_assert_cmpuint (world.messages, ==, 0);
  world = new_world ();
  world.supply = (GstGenvidSupply){ .present = 1000, .duration = 6 };
  for (guint i = 0; i < 10; i++) {
    world.now += STEP;
    g_assert_cmpint (
        gst_genvid_playthrough_update (&world.self, &world.supply, world.now),
        ==, 100);
  }
}

/* Who reads the index at the end first is not at the end. */
static void
test_index_last (void)
{
  World world = new_world ();
  GstGenvidSupply *supply = &world.supply;

  for (guint i = 0; i < 8; i++) {
    world.now += STEP;
    supply->present += SIZE / 150; /* 0.2 of the clip's rate */
    supply->position = SIZE - 10000;
    supply->before = SIZE - 10000 - supply->present;
    supply->after = 10000;
    world.percent
        = gst_genvid_playthrough_update (&world.self, supply, world.now);
  }
  g_assert_cmpint (world.percent, ==, 100);
  supply->before = 0;
  play (&world, 0.6);
  g_assert_cmpuint (world.pauses, ==, 1);
  g_assert_cmpuint (world.starved, ==, 0);
}

/* A seek ahead of what is there: two requests share the line, and less is left
 * to play. Back again, all of it is. */
static void
test_seek (void)
{
  World world = new_world ();
  GstGenvidSupply *supply = &world.supply;
  guint waits = 0;

  world.paused = FALSE;
  for (guint i = 0; i < 5; i++)
    step (&world, 1.2);
  g_assert_cmpuint (world.messages, ==, 0);
  supply->jumps++;
  supply->position = SIZE / 2;
  supply->ready = 0;
  for (; supply->after > 0; waits++) {
    guint64 each = SIZE / 6 * 1.2 * 0.1;

    world.now += STEP;
    supply->before = SIZE / 2 - MIN (supply->present, SIZE / 2);
    supply->after = waits == 0 ? SIZE / 2 : supply->after;
    supply->after -= MIN (each, supply->after);
    supply->present += 2 * each;
    world.percent
        = gst_genvid_playthrough_update (&world.self, supply, world.now);
    world.pauses += world.percent < 100;
  }
  g_assert_cmpuint (world.pauses, >, 0);
  world.now += STEP;
  g_assert_cmpint (
      gst_genvid_playthrough_update (&world.self, supply, world.now), ==, 100);
}

/* The service sends another file. */
static void
test_reset (void)
{
  World world = new_world ();

  for (guint i = 0; i < 10; i++)
    step (&world, 0.4);
  g_assert_cmpint (world.percent, <, 100);
  world.supply.present = 0;
  world.supply.size = 0;
  world.now += STEP;
  g_assert_cmpint (
      gst_genvid_playthrough_update (&world.self, &world.supply, world.now), ==,
      100);
}

static void
test_stats (void)
{
  World world = new_world ();
  GstGenvidPlaythroughStats stats;

  for (guint i = 0; i < 10; i++)
    step (&world, 0.5);
  stats = gst_genvid_playthrough_get_stats (&world.self, &world.supply);
  g_assert_cmpint (ABS (stats.in - SIZE / 12), <, 1000);
  g_assert_cmpint (ABS (stats.out - SIZE / 6), <, 1000);
  g_assert_cmpint (stats.wait, >, 3000);
  g_assert_cmpint (stats.wait, <, 6000);
  g_assert_cmpint (ABS (stats.whole - 10000), <, 300);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/playthrough/slow", test_slow);
  g_test_add_func ("/playthrough/fast", test_fast);
  g_test_add_func ("/playthrough/jitter", test_jitter);
  g_test_add_func ("/playthrough/stall", test_stall);
  g_test_add_func ("/playthrough/dead", test_dead);
  g_test_add_func ("/playthrough/unknown", test_unknown);
  g_test_add_func ("/playthrough/index-last", test_index_last);
  g_test_add_func ("/playthrough/seek", test_seek);
  g_test_add_func ("/playthrough/reset", test_reset);
  g_test_add_func ("/playthrough/stats", test_stats);
  return g_test_run ();
}
