/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* When to look next, as arithmetic. The gap ends where the density of checks
 * that is optimal for a silent event, √(hazard / 2a), has added up to one
 * check. The estimate is a normal-inverse-gamma posterior over log-seconds
 * reduced to three numbers; its predictive is taken as log-normal. Growing
 * back-off was rejected: hazard rises first, so it polls where nothing can
 * happen. */
#include "poll-schedule.h"

#include "time-estimate.h"

#include <math.h>

/* Seconds of waiting that one request is worth. */
#define REQUEST_COST 0.4
#define BROAD_SHARE  0.05
#define BROAD_SIGMA  0.9
#define PRIOR_SIGMA  0.25
#define PRIOR_WEIGHT 0.5
/* With PRIOR_SIGMA this gives 0.76, the spread over all models. */
#define UNKNOWN_WEIGHT 0.12
#define UNKNOWN_MEDIAN 108
#define UNKNOWN_GAP    5.0
/* The prior's spread is trusted as this many runs more than its mean. */
#define SPREAD_WEIGHT 1.5
/* Older runs fade, so that a service that got slower is believed. */
#define MAX_WEIGHT 20
#define OUTLIER    2.5
/* A kind that is well known is left alone before its first poll this many
 * times the longest gap. */
#define MAX_PATIENCE 3.0
#define STEP         0.25

GenvidTimeEstimate
genvid_time_estimate_prior (double seconds, double spread)
{
  GenvidTimeEstimate estimate
      = { log (UNKNOWN_MEDIAN), PRIOR_SIGMA * PRIOR_SIGMA, UNKNOWN_WEIGHT };

  if (seconds >= 1) {
    estimate.mean = log (seconds);
    estimate.weight = PRIOR_WEIGHT;
  }
  if (seconds >= 1 && spread > 1)
    estimate.variance = log (spread) * log (spread);
  return estimate;
}

static double
predicted_variance (const GenvidTimeEstimate *estimate)
{
  return estimate->variance * (1 + 1 / estimate->weight);
}

static GenvidTimeEstimate
make_sane (const GenvidTimeEstimate *estimate)
{
  GenvidTimeEstimate sane = *estimate;

  if (!(sane.weight > 0) || !isfinite (sane.mean) || sane.mean < 0
      || sane.mean > 12 || !(sane.variance > 0) || sane.variance > 4)
    return genvid_time_estimate_prior (0, 0);
  sane.weight = CLAMP (sane.weight, UNKNOWN_WEIGHT, MAX_WEIGHT);
  return sane;
}

GenvidTimeEstimate
genvid_time_estimate_learn (GenvidTimeEstimate estimate, double seconds)
{
  GenvidTimeEstimate before = make_sane (&estimate);
  double spread = before.weight + SPREAD_WEIGHT;
  double limit = OUTLIER * sqrt (predicted_variance (&before));
  double surprise;

  if (!isfinite (seconds) || seconds <= 0)
    return before;
  surprise = CLAMP (log (MAX (seconds, 1)) - before.mean, -limit, limit);
  estimate.weight = MIN (before.weight + 1, MAX_WEIGHT);
  estimate.mean = before.mean + surprise / (before.weight + 1);
  estimate.variance
      = (spread * before.variance
         + before.weight / (before.weight + 1) * surprise * surprise)
        / (spread + 1);
  estimate.mean = MAX (estimate.mean, 0);
  estimate.variance = CLAMP (estimate.variance, 0.0025, 4);
  return estimate;
}

double
genvid_time_estimate_median (const GenvidTimeEstimate *estimate)
{
  return exp (make_sane (estimate).mean);
}

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
  double l = log (time), sigma = sqrt (predicted_variance (estimate));
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

  if (estimate->weight < PRIOR_WEIGHT && elapsed < 2 * exp (estimate->mean))
    return UNKNOWN_GAP;
  if (elapsed < 1)
    return longest * CLAMP (estimate->weight, 1, MAX_PATIENCE);
  return longest;
}

gint64
genvid_poll_schedule_gap (const GenvidTimeEstimate *estimate, gint64 elapsed,
                          gint64 interval, gint64 hint)
{
  GenvidTimeEstimate sane = make_sane (estimate);
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
