/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The window counts as a service does, and gives out all that is allowed. */
#include "request-window.h"

#define SECONDS(n) ((gint64)((double)(n)*G_USEC_PER_SEC))
#define START      SECONDS (1000)
#define MAX_TIMES  2000

typedef struct {
  GenvidRequestWindow window;
  gint64 times[MAX_TIMES];
  guint n;
} Log;

static void
note (Log *log, gint64 now)
{
  g_assert_cmpuint (log->n, <, MAX_TIMES);
  log->times[log->n++] = now;
  genvid_request_window_add (&log->window, now, 1);
}

/* The most requests of any 60 seconds, both ends counted. */
static guint
find_most (const Log *log)
{
  guint most = 0;

  for (guint first = 0, last = 0; last < log->n; last++) {
    while (log->times[last] - log->times[first] > SECONDS (60))
      first++;
    most = MAX (most, last - first + 1);
  }
  return most;
}

/* Who always wants more gets all that is allowed and no more. */
static void
test_greedy (void)
{
  static const guint limits[] = { 1, 2, 7, 60, 100 };

  for (guint i = 0; i < G_N_ELEMENTS (limits); i++) {
    g_autofree Log *log = g_new0 (Log, 1);
    gint64 now = START;

    while (now < START + SECONDS (600)) {
      gint64 room
          = genvid_request_window_find_room (&log->window, limits[i], 1, now);

      if (room <= now)
        note (log, now);
      now = MAX (room, now + SECONDS (0.01));
    }
    g_assert_cmpuint (find_most (log), <=, limits[i]);
    g_assert_cmpuint (log->n, >=, limits[i] * 9);
  }
}

/* Bursts and pauses of any length. */
static void
test_random (void)
{
  g_autofree Log *log = g_new0 (Log, 1);
  g_autoptr (GRand) dice = g_rand_new_with_seed (60);
  gint64 now = START;

  while (log->n < MAX_TIMES) {
    guint burst = (guint)g_rand_int_range (dice, 1, 40);

    for (guint i = 0; i < burst && log->n < MAX_TIMES; i++) {
      now = genvid_request_window_find_room (&log->window, 60, 1, now);
      note (log, now);
    }
    now += (gint64)(g_rand_double (dice) * (double)SECONDS (20));
  }
  g_assert_cmpuint (find_most (log), <=, 60);
}

static void
test_room (void)
{
  GenvidRequestWindow window = { 0 };
  gint64 first, second;

  g_assert_cmpint (genvid_request_window_find_room (&window, 3, 3, START), ==,
                   START);
  g_assert_cmpint (genvid_request_window_find_room (&window, 3, 4, START), >=,
                   START + SECONDS (60));
  genvid_request_window_add (&window, START, 2);
  genvid_request_window_add (&window, START + SECONDS (10), 1);
  g_assert_cmpuint (genvid_request_window_count (&window, START + SECONDS (10)),
                    ==, 3);
  first = genvid_request_window_find_room (&window, 3, 1, START + SECONDS (10));
  second
      = genvid_request_window_find_room (&window, 3, 2, START + SECONDS (10));
  g_assert_cmpint (first, ==, second);
  g_assert_cmpint (first, >, START + SECONDS (60));
  g_assert_cmpint (first, <, START + SECONDS (60.5));
  second
      = genvid_request_window_find_room (&window, 3, 3, START + SECONDS (10));
  g_assert_cmpint (second, >, START + SECONDS (70));
  g_assert_cmpint (second, <, START + SECONDS (70.5));
  g_assert_cmpuint (genvid_request_window_count (&window, first), ==, 1);
  g_assert_cmpuint (genvid_request_window_count (&window, second), ==, 0);
}

/* What did not wait makes others wait, however much it was. */
static void
test_beyond (void)
{
  GenvidRequestWindow window = { 0 };

  genvid_request_window_add (&window, START, 50);
  genvid_request_window_add (&window, START + SECONDS (5), 30);
  g_assert_cmpint (
      genvid_request_window_find_room (&window, 60, 1, START + SECONDS (6)), >,
      START + SECONDS (60));
  g_assert_cmpint (
      genvid_request_window_find_room (&window, 60, 31, START + SECONDS (6)), >,
      START + SECONDS (65));
}

static void
test_remove (void)
{
  GenvidRequestWindow window = { 0 };
  GenvidRequestWindow other = { 0 };

  genvid_request_window_add (&window, START, 1);
  genvid_request_window_remove (&window, START + SECONDS (1));
  g_assert_cmpuint (genvid_request_window_count (&window, START), ==, 1);
  genvid_request_window_remove (&window, START);
  genvid_request_window_remove (&window, START);
  g_assert_cmpuint (genvid_request_window_count (&window, START), ==, 0);
  genvid_request_window_add (&window, START, 2);
  genvid_request_window_add (&other, START, 3);
  genvid_request_window_add (&other, START + SECONDS (3), 4);
  genvid_request_window_add_all (&window, &other);
  g_assert_cmpuint (genvid_request_window_count (&window, START + SECONDS (3)),
                    ==, 9);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/window/greedy", test_greedy);
  g_test_add_func ("/window/random", test_random);
  g_test_add_func ("/window/room", test_room);
  g_test_add_func ("/window/beyond", test_beyond);
  g_test_add_func ("/window/remove", test_remove);
  return g_test_run ();
}
