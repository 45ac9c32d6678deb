/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When to look next, as arithmetic. The gap ends where the density of checks
 * that is optimal for a silent event, √(hazard / 2a), has added up to one
 * check. Growing back-off was rejected: hazard rises first, so it polls where
 * nothing can happen. */
#include "poll-schedule.h"

#include "time-estimate.h"

#include <math.h>

/* Seconds of waiting that one request is worth. */
#define REQUEST_COST 0.4
#define BROAD_SHARE  0.05
#define BROAD_SIGMA  0.9
#define UNKNOWN_GAP  5.0
/* A kind that is well known is left alone before its first poll this many
 * times the longest gap. */
#define MAX_PATIENCE 3.0
#define STEP         0.25

static double
density (double log_time, double mean, double sigma)
{
  double z = (log_time - mean) / sigma;

  return exp (-z * z / 2) / (sigma * sqrt (2 * G_PI));
}

static double
survival (double log_time, double mean, double sigma)
{
  return 0.5 * erfc ((log_time - mean) / (sigma * sqrt (2)));
}

/* Chance a second that a generation which is not ready at TIME becomes so. */
static double
hazard (const GenvidTimeEstimate *estimate, double time)
{
  double l = log (time),
         sigma = sqrt (genvid_time_estimate_get_variance (estimate));
  double ends = (1 - BROAD_SHARE) * density (l, estimate->mean, sigma)
                + BROAD_SHARE * density (l, estimate->mean, BROAD_SIGMA);
  double lasts = (1 - BROAD_SHARE) * survival (l, estimate->mean, sigma)
                 + BROAD_SHARE * survival (l, estimate->mean, BROAD_SIGMA);

  return ends / (time * MAX (lasts, 1e-12));
}

static double
longest_gap (const GenvidTimeEstimate *estimate, double elapsed)
{
  double longest = (double)GENVID_POLL_SCHEDULE_MAX_GAP / G_USEC_PER_SEC;

  if (estimate->weight < GENVID_TIME_ESTIMATE_PRIOR_WEIGHT
      && elapsed < 2 * exp (estimate->mean))
    return UNKNOWN_GAP;
  if (elapsed < 1)
    return longest * CLAMP (estimate->weight, 1, MAX_PATIENCE);
  return longest;
}

gint64
genvid_poll_schedule_gap (const GenvidTimeEstimate *estimate, gint64 elapsed,
                          gint64 interval, gint64 hint)
{
  GenvidTimeEstimate sane = genvid_time_estimate_make_sane (estimate);
  double begin = (double)MAX (elapsed, 0) / G_USEC_PER_SEC;
  double longest = longest_gap (&sane, begin);
  double gap = 0, checks = 0;

  if (hint >= 0)
    return CLAMP (hint, G_USEC_PER_SEC, 60 * (gint64)G_USEC_PER_SEC);
  if (interval > 0)
    return MAX (interval, GENVID_POLL_SCHEDULE_MIN_GAP);
  while (checks < 1 && gap < longest) {
    double rate = hazard (&sane, begin + gap + STEP / 2);

    checks += STEP * sqrt (rate / (2 * REQUEST_COST));
    gap += STEP;
  }
  if (begin < 1)
    gap = MAX (gap, UNKNOWN_GAP);
  return MAX ((gint64)(gap * G_USEC_PER_SEC), GENVID_POLL_SCHEDULE_MIN_GAP);
}
