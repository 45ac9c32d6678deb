/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How fast a worker may ask: what the store has learned about generations of
 * this kind, and the allowance that all jobs of one key share. */

#include "worker-timing.h"

#include "call.h"
#include "clock.h"
#include "exchange.h"
#include "failure.h"
#include "http-client.h"
#include "job.h"
#include "moment.h"
#include "plan.h"
#include "poll-schedule.h"
#include "provider.h"
#include "rate-limiter.h"
#include "request.h"
#include "store.h"
#include "time-estimate.h"
#include "worker-cancel.h"
#include "worker-private.h"
#include "worker-purchase.h"
#include "worker.h"

#include <math.h>

static char *
name_timing (const GenvidPlan *plan)
{
  const GenvidRequest *request = plan->request;

  return g_strdup_printf (
      "%s\n%s\n%s\n%u\n%d", genvid_provider_get_name (plan->provider),
      plan->model != NULL ? plan->model : "",
      request->resolution != NULL ? request->resolution : "", request->duration,
      request->image != NULL || request->references->len > 0);
}

GenvidTimeEstimate
genvid_worker_recall_law (const GenvidPlan *plan)
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

void
genvid_worker_learn (GenvidWorker *worker)
{
  const GenvidPlan *plan = worker->plan;
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;
  char mean[G_ASCII_DTOSTR_BUF_SIZE];
  char variance[G_ASCII_DTOSTR_BUF_SIZE];
  char weight[G_ASCII_DTOSTR_BUF_SIZE];
  GenvidTimeEstimate estimate;
  double seconds, typical, spread;

  if (!genvid_job_take_duration (worker->job, &seconds))
    return;
  estimate = genvid_worker_recall_law (plan);
  if (estimate.weight == 0) {
    genvid_call_get_typical_time (worker->call, &typical, &spread);
    estimate = genvid_time_estimate_prior (typical, spread);
  }
  estimate = genvid_time_estimate_learn (estimate, seconds);
  name = name_timing (plan);
  text = g_strdup_printf (
      "%s %s %s\n", g_ascii_dtostr (mean, sizeof mean, estimate.mean),
      g_ascii_dtostr (variance, sizeof variance, estimate.variance),
      g_ascii_dtostr (weight, sizeof weight, estimate.weight));
  /* A schedule that could not be learned is no reason to bother anyone. */
  genvid_store_remember (plan->store, "timing", name, text, NULL);
}

/* TRUE: the job knows. */
static gboolean
is_called_away (GenvidWorker *worker, const GenvidStep *step)
{
  gboolean away
      = g_atomic_int_get (&worker->quit) || genvid_worker_has_wish (worker);

  if (away) {
    genvid_job_withdraw (worker->job);
  } else if (step->fresh && genvid_worker_is_unwanted (worker)) {
    g_autoptr (GenvidFailure) failure = genvid_worker_refuse_unwanted ();

    genvid_job_abort (worker->job, failure);
    return TRUE;
  }
  return away;
}

gboolean
genvid_worker_await_turn (GenvidWorker *worker, const GenvidStep *step)
{
  GenvidTurn *turn = worker->turn;
  GenvidNow now = genvid_clock_now ();
  gint64 room, again;

  /* It gives money back, and does not wait. */
  if (step->exchange->kind == GENVID_EXCHANGE_CANCEL) {
    genvid_turn_force (turn, &now);
    return TRUE;
  }
  while ((room = genvid_turn_take (turn, step->since, step->due, &now))
         > now.boot) {
    again = genvid_step_look_again (step, room, now.boot);
    if (again == 0) {
      genvid_turn_leave (turn);
      genvid_job_feed_no_turn (worker->job, &now);
      return FALSE;
    }
    if (is_called_away (worker, step)) {
      genvid_turn_leave (turn);
      return FALSE;
    }
    genvid_http_client_wait (worker->http, again);
    now = genvid_clock_now ();
  }
  return TRUE;
}
