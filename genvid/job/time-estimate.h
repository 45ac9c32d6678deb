/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is known of past generations of this kind, in log-seconds. */
typedef struct {
  double mean;     /* mean of log seconds */
  double variance; /* of log seconds */
  double weight;   /* runs behind it; 0 = nothing known */
} GenvidTimeEstimate;

/* The weight of a shipped prior; less is a model that we do not know. */
#define GENVID_TIME_ESTIMATE_PRIOR_WEIGHT 0.5

/* What to expect before a generation of this kind has been seen: about SECONDS
 * (0: nothing is known, so anything), and two thirds of the runs within a
 * factor of SPREAD (0: the usual 1.28). See genvid_call_get_typical_time. */
GenvidTimeEstimate genvid_time_estimate_prior (double seconds, double spread);
/* ESTIMATE with one more generation of SECONDS. A run far beyond what the
 * estimate expects counts as one just beyond; old runs fade. */
GenvidTimeEstimate genvid_time_estimate_learn (GenvidTimeEstimate estimate,
                                               double seconds);
double genvid_time_estimate_median (const GenvidTimeEstimate *estimate);

/* How far a generation is that has run for ELAPSED seconds of about EXPECTED:
 * 0–99 per cent, which slows down as the estimate proves too short; 0 if either
 * is unknown (0). */
int genvid_time_estimate_percent (double elapsed, double expected);

/* ESTIMATE, or the broad prior where it cannot be one (read from a file). */
GenvidTimeEstimate genvid_time_estimate_make_sane (
    const GenvidTimeEstimate *estimate);
/* Of the log-seconds of the next generation. */
double genvid_time_estimate_get_variance (const GenvidTimeEstimate *estimate);

G_END_DECLS
