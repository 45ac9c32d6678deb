/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "call-fixture.h"
#include "call.h"
#include "poll-schedule.h"
#include "time-estimate.h"

#include <math.h>

#define SECONDS(n) ((gint64)(1e6 * (n)))
#define MANY       4000

/* A seed of its own: these are figures to hold, not properties to search. */
static double
draw (GRand *random, double median, double sigma)
{
  double u = 1 - g_rand_double (random), v = g_rand_double (random);

  return median * exp (sigma * sqrt (-2 * log (u)) * cos (2 * G_PI * v));
}

typedef struct {
  double polls;
  double delay;
  double middle; /* of the last two looks: what is known of the end */
} Run;

static Run
run (const GenvidTimeEstimate *estimate, double seconds)
{
  gint64 now = 0, before = 0;
  Run result = { 0 };

  do {
    gint64 gap = genvid_poll_schedule_gap (estimate, now, 0, -1);

    g_assert_cmpint (gap, >=, GENVID_POLL_SCHEDULE_MIN_GAP);
    if (now >= SECONDS (1))
      g_assert_cmpint (gap, <=, GENVID_POLL_SCHEDULE_MAX_GAP);
    before = now;
    now += gap;
    result.polls++;
  } while (now < SECONDS (seconds));
  result.delay = (double)now / G_USEC_PER_SEC - seconds;
  result.middle = (double)(before + now) / 2 / G_USEC_PER_SEC;
  return result;
}

static void
test_known (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  GenvidTimeEstimate estimate = { log (74), 0.2 * 0.2, 20 };
  double polls = 0, delay = 0;

  for (guint i = 0; i < MANY; i++) {
    Run one = run (&estimate, draw (random, 74, 0.2));

    polls += one.polls / MANY;
    delay += one.delay / MANY;
  }
  g_test_message ("median 74 s, sigma 0.2: %.2f polls, %.2f s late", polls,
                  delay);
  g_assert_cmpfloat (polls, <=, 8);
  g_assert_cmpfloat (delay, <=, 2.5);
}

/* Spread 0.2, 3 % of the jobs three times slower; the third run after a prior
 * that is off by OFF (log). */
static void
check_third (double off)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (11);
  double polls = 0, delay = 0, fixed_polls = 0, fixed_delay = 0;

  for (guint i = 0; i < MANY; i++) {
    GenvidTimeEstimate estimate = { log (108) - off, 0.25 * 0.25, 0.5 };

    for (guint k = 1; k <= 3; k++) {
      double seconds = draw (random, 108, 0.2);
      double looks;
      Run one;

      if (g_rand_double (random) < 0.03)
        seconds *= 3;
      one = run (&estimate, seconds);
      estimate = genvid_time_estimate_learn (estimate, one.middle);
      if (k < 3)
        continue;
      looks = ceil (seconds / 10);
      fixed_polls += looks / MANY;
      fixed_delay += (looks * 10 - seconds) / MANY;
      polls += one.polls / MANY;
      delay += one.delay / MANY;
    }
  }
  g_test_message ("off by %.2f: %.2f polls, %.2f s late; every 10 s: %.2f, "
                  "%.2f s",
                  off, polls, delay, fixed_polls, fixed_delay);
  g_assert_cmpfloat (polls, <=, fixed_polls);
  g_assert_cmpfloat (delay, <=, fixed_delay);
}

static void
test_learned (void)
{
  check_third (log (1.5));
  check_third (-log (1.5));
  check_third (0);
}

static void
test_never_ending (void)
{
  static const double weights[] = { 0, 0.12, 0.5, 3, 20 };

  for (guint i = 0; i < G_N_ELEMENTS (weights); i++) {
    GenvidTimeEstimate estimate = { log (30), 0.01, weights[i] };
    gint64 ring[60] = { 0 };
    guint n = 0;

    for (gint64 now = 0; now < SECONDS (3600); n++) {
      now += genvid_poll_schedule_gap (&estimate, now, 0, -1);
      if (n >= 60)
        g_assert_cmpint (now - ring[n % 60], >=, SECONDS (60));
      ring[n % 60] = now;
    }
    g_assert_cmpuint (n, <=, 900);
  }
}

static void
test_unknown (void)
{
  GenvidTimeEstimate estimate = genvid_time_estimate_prior (0, 0);
  gint64 now = 0;

  g_assert_cmpfloat_with_epsilon (genvid_time_estimate_median (&estimate), 108,
                                  0.01);
  while (now < SECONDS (200)) {
    gint64 gap = genvid_poll_schedule_gap (&estimate, now, 0, -1);

    g_assert_cmpint (gap, ==, SECONDS (5));
    now += gap;
  }
  now = SECONDS (400);
  g_assert_cmpint (genvid_poll_schedule_gap (&estimate, now, 0, -1), >,
                   SECONDS (8));
}

static void
test_wishes (void)
{
  GenvidTimeEstimate estimate = genvid_time_estimate_prior (0, 0);

  g_assert_cmpint (genvid_poll_schedule_gap (&estimate, 0, SECONDS (3), -1), ==,
                   SECONDS (3));
  g_assert_cmpint (genvid_poll_schedule_gap (&estimate, 0, 5, -1), ==,
                   SECONDS (1));
  g_assert_cmpint (genvid_poll_schedule_gap (&estimate, 0, SECONDS (99), -1),
                   ==, SECONDS (99));
  g_assert_cmpint (
      genvid_poll_schedule_gap (&estimate, 0, SECONDS (3), SECONDS (7)), ==,
      SECONDS (7));
  g_assert_cmpint (genvid_poll_schedule_gap (&estimate, 0, 0, 0), ==,
                   SECONDS (1));
  g_assert_cmpint (genvid_poll_schedule_gap (&estimate, 0, 0, G_MAXINT64), ==,
                   SECONDS (60));
  g_assert_cmpint (genvid_poll_schedule_gap (&estimate, G_MININT64, 0, -1), ==,
                   SECONDS (5));
  g_assert_cmpint (genvid_poll_schedule_gap (&estimate, G_MAXINT64 / 2, 0, -1),
                   ==, SECONDS (15));
}

static void
test_broken_laws (void)
{
  const GenvidTimeEstimate estimates[] = {
    { NAN, 1, 1 },    { 1, NAN, 1 }, { 1, 1, NAN },   { INFINITY, 1, 1 },
    { 1, 0, 1 },      { 1, -1, 1 },  { 1, 1e9, 1 },   { -5, 1, 1 },
    { 1e9, 1, 1 },    { 0, 0, 0 },   { 4, 0.04, -1 }, { 4, 0.04, INFINITY },
    { 4, 1e-300, 1 },
  };
  static const double seconds[] = { 0, -1, NAN, INFINITY, 1e-300, 1e300, 74 };

  for (guint i = 0; i < G_N_ELEMENTS (estimates); i++) {
    for (guint j = 0; j < G_N_ELEMENTS (seconds); j++) {
      GenvidTimeEstimate estimate
          = genvid_time_estimate_learn (estimates[i], seconds[j]);

      g_assert_true (isfinite (estimate.mean) && isfinite (estimate.variance));
      g_assert_cmpfloat (estimate.weight, >, 0);
      g_assert_cmpfloat (estimate.weight, <=, 20);
    }
    for (gint64 now = 0; now < SECONDS (600);) {
      gint64 gap = genvid_poll_schedule_gap (&estimates[i], now, 0, -1);

      g_assert_cmpint (gap, >=, GENVID_POLL_SCHEDULE_MIN_GAP);
      g_assert_cmpint (gap, <=, 3 * GENVID_POLL_SCHEDULE_MAX_GAP);
      now += gap;
    }
  }
}

static void
test_learn (void)
{
  GenvidTimeEstimate estimate = genvid_time_estimate_prior (75, 0);
  GenvidTimeEstimate slower = estimate;

  for (guint i = 0; i < 12; i++)
    estimate = genvid_time_estimate_learn (estimate, 60);
  g_assert_cmpfloat_with_epsilon (genvid_time_estimate_median (&estimate), 60,
                                  2);
  g_assert_cmpfloat (estimate.variance, <, 0.04);
  /* One outlier is not believed, a new habit is. */
  slower = genvid_time_estimate_learn (estimate, 6000);
  g_assert_cmpfloat (genvid_time_estimate_median (&slower), <, 70);
  for (guint i = 0; i < 40; i++)
    slower = genvid_time_estimate_learn (slower, 240);
  g_assert_cmpfloat (genvid_time_estimate_median (&slower), >, 180);
}

static void
check_prior (const char *provider, const char *members, double median)
{
  g_autoptr (GenvidCall) call = fixture_call (provider, members);
  GenvidTimeEstimate estimate;
  double seconds, spread;

  genvid_call_get_typical_time (call, &seconds, &spread);
  estimate = genvid_time_estimate_prior (seconds, spread);
  g_assert_cmpfloat_with_epsilon (genvid_time_estimate_median (&estimate),
                                  median, 0.01);
}

#define GENPRO   FIXTURE_PLACE "prompt=p&model="
#define PIXVERSE "prompt=p&model=pixverse/v5/text-to-video"

static void
test_priors (void)
{
  check_prior ("genpro", GENPRO "sora_2", 74);
  check_prior ("genpro", GENPRO "veo_3_1_fast&duration=8", 90);
  check_prior ("genpro", GENPRO "veo_3_1", 128);
  check_prior ("genpro", GENPRO "seedance_pro_1_5", 216);
  check_prior ("genpro", GENPRO "seedance_pro", 58);
  check_prior ("genpro", GENPRO "kling_2_1&duration=10", 750);
  check_prior ("genpro", GENPRO "kling_2_1&duration=5", 330);
  check_prior ("aimlapi", PIXVERSE "&resolution=1080P&duration=5", 75);
  check_prior ("aimlapi", PIXVERSE "&resolution=720p&duration=5", 40);
  check_prior ("aimlapi", PIXVERSE, 40);
  check_prior ("cn8", "prompt=p&model=veo fast (Audio)", 60);
  check_prior ("cn8", "prompt=p&model=veo (Audio)&resolution=1080p&duration=8",
               120);
  /* The model that is billed where none is set. */
  check_prior ("cn8", "prompt=p", 120);
  check_prior ("genpro", FIXTURE_PLACE "prompt=p", 108);
  check_prior ("genpro", GENPRO "tomorrow", 108);
}

static void
test_spread (void)
{
  GenvidTimeEstimate plain = genvid_time_estimate_prior (60, 0);
  GenvidTimeEstimate wide = genvid_time_estimate_prior (60, 2);

  g_assert_cmpfloat_with_epsilon (plain.variance, 0.25 * 0.25, 1e-9);
  g_assert_cmpfloat_with_epsilon (wide.variance, log (2) * log (2), 1e-9);
  g_assert_cmpfloat (wide.mean, ==, plain.mean);
  g_assert_cmpfloat (wide.weight, ==, plain.weight);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/schedule/known", test_known);
  g_test_add_func ("/schedule/learned", test_learned);
  g_test_add_func ("/schedule/never-ending", test_never_ending);
  g_test_add_func ("/schedule/unknown", test_unknown);
  g_test_add_func ("/schedule/wishes", test_wishes);
  g_test_add_func ("/schedule/broken-laws", test_broken_laws);
  g_test_add_func ("/schedule/learn", test_learn);
  g_test_add_func ("/schedule/priors", test_priors);
  g_test_add_func ("/schedule/spread", test_spread);
  return g_test_run ();
}
