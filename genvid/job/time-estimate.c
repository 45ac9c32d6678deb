/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long generations of a kind take: a normal-inverse-gamma posterior over
 * log-seconds reduced to three numbers; its predictive is taken as
 * log-normal. */
#include "time-estimate.h"

#include <math.h>

#define PRIOR_SIGMA 0.25
/* With PRIOR_SIGMA this gives 0.76, the spread over all models. */
#define UNKNOWN_WEIGHT 0.12
#define UNKNOWN_MEDIAN 108
/* The prior's spread is trusted as this many runs more than its mean. */
#define SPREAD_WEIGHT 1.5
/* Older runs fade, so that a service that got slower is believed. */
#define MAX_WEIGHT 20
#define OUTLIER    2.5

GenvidTimeEstimate
genvid_time_estimate_prior (double seconds, double spread)
{
  GenvidTimeEstimate estimate
      = { log (UNKNOWN_MEDIAN), PRIOR_SIGMA * PRIOR_SIGMA, UNKNOWN_WEIGHT };

  if (seconds >= 1) {
    estimate.mean = log (seconds);
    estimate.weight = GENVID_TIME_ESTIMATE_PRIOR_WEIGHT;
  }
  if (seconds >= 1 && spread > 1)
    estimate.variance = log (spread) * log (spread);
  return estimate;
}

double
genvid_time_estimate_get_variance (const GenvidTimeEstimate *estimate)
{
  return estimate->variance * (1 + 1 / estimate->weight);
}

GenvidTimeEstimate
genvid_time_estimate_make_sane (const GenvidTimeEstimate *estimate)
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
  GenvidTimeEstimate before = genvid_time_estimate_make_sane (&estimate);
  double spread = before.weight + SPREAD_WEIGHT;
  double limit = OUTLIER * sqrt (genvid_time_estimate_get_variance (&before));
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
  return exp (genvid_time_estimate_make_sane (estimate).mean);
}

int
genvid_time_estimate_percent (double elapsed, double expected)
{
  double part;

  if (!(elapsed > 0) || !(expected > 0))
    return 0;
  part = elapsed / expected;
  if (part <= 1)
    return (int)(90 * part);
  return (int)(90 + 9 * (1 - exp (1 - part)));
}
