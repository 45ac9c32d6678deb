/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One memory of the store for each kind of generation: service, model,
 * resolution, duration, and whether it starts from pictures. */

#include "learned-timing.h"

#include "call.h"
#include "plan.h"
#include "poll-schedule.h"
#include "provider.h"
#include "request.h"
#include "store.h"
#include "time-estimate.h"

#include <math.h>

static char *
name_timing (const GenvidPlan *plan)
{
  const GenvidRequest *request = plan->request;
  char duration[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (duration, sizeof duration, "%.10g", request->duration);
  return g_strdup_printf (
      "%s\n%s\n%s\n%s\n%d", genvid_provider_get_name (plan->provider),
      plan->model != NULL ? plan->model : "",
      request->resolution != NULL ? request->resolution : "", duration,
      request->image != NULL || request->video != NULL
          || request->references->len > 0);
}

GenvidTimeEstimate
genvid_learned_timing_recall (const GenvidPlan *plan)
{
  g_autofree char *name = name_timing (plan);
  g_autofree char *text = genvid_store_recall (plan->store, "timing", name);
  GenvidTimeEstimate estimate = { 0 };
  char *end;

  if (text != NULL) {
    estimate.mean = g_ascii_strtod (text, &end);
    estimate.variance = g_ascii_strtod (end, &end);
    estimate.weight = g_ascii_strtod (end, &end);
  }
  if (estimate.weight > 0 && isfinite (estimate.mean)
      && isfinite (estimate.variance) && isfinite (estimate.weight)
      && estimate.variance > 0)
    return estimate;
  return (GenvidTimeEstimate){ 0 };
}

double
genvid_learned_timing_guess (const GenvidPlan *plan)
{
  GenvidTimeEstimate estimate = genvid_learned_timing_recall (plan);

  if (!(estimate.weight > 0))
    estimate = genvid_time_estimate_prior (plan->typical, plan->spread);
  return genvid_time_estimate_median (&estimate);
}

void
genvid_learned_timing_learn (const GenvidPlan *plan, const GenvidCall *call,
                             double seconds)
{
  g_autofree char *name = name_timing (plan);
  g_autofree char *text = NULL;
  char mean[G_ASCII_DTOSTR_BUF_SIZE];
  char variance[G_ASCII_DTOSTR_BUF_SIZE];
  char weight[G_ASCII_DTOSTR_BUF_SIZE];
  GenvidTimeEstimate estimate = genvid_learned_timing_recall (plan);
  double typical, spread;

  if (!(estimate.weight > 0)) {
    genvid_call_get_typical_time (call, &typical, &spread);
    estimate = genvid_time_estimate_prior (typical, spread);
  }
  estimate = genvid_time_estimate_learn (estimate, seconds);
  text = g_strdup_printf (
      "%s %s %s\n", g_ascii_dtostr (mean, sizeof mean, estimate.mean),
      g_ascii_dtostr (variance, sizeof variance, estimate.variance),
      g_ascii_dtostr (weight, sizeof weight, estimate.weight));
  /* Polls are only less well timed if this fails. */
  genvid_store_remember (plan->store, "timing", name, text, NULL);
}
