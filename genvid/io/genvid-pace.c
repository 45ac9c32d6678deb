/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How fast a worker may ask: what the store has learned about generations of
 * this kind, and the allowance that all jobs of one key share. */

#include <genvid/io/genvid-worker-private.h>

#include <math.h>

#include <genvid/io/genvid-rate-limiter.h>

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

GenvidLaw
genvid_worker_recall_law (const GenvidPlan *plan)
{
  g_autofree char *name = name_timing (plan);
  g_autofree char *text = genvid_store_recall (plan->store, "timing", name);
  GenvidLaw law = { 0 };
  char *end;

  if (text != NULL) {
    law.mean = g_ascii_strtod (text, &end);
    law.variance = g_ascii_strtod (end, &end);
    law.weight = g_ascii_strtod (end, &end);
  }
  if (law.weight > 0 && isfinite (law.mean) && isfinite (law.variance)
      && isfinite (law.weight) && law.variance > 0)
    return law;
  return genvid_law_prior (genvid_provider_get_name (plan->provider),
                           plan->model, plan->request->resolution,
                           plan->request->duration);
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
  GenvidLaw law;
  double seconds;

  if (!genvid_job_take_duration (worker->job, &seconds))
    return;
  law = genvid_law_learn (genvid_worker_recall_law (plan), seconds);
  name = name_timing (plan);
  text = g_strdup_printf (
      "%s %s %s\n", g_ascii_dtostr (mean, sizeof mean, law.mean),
      g_ascii_dtostr (variance, sizeof variance, law.variance),
      g_ascii_dtostr (weight, sizeof weight, law.weight));
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
  GenvidNow now = genvid_now ();
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
    genvid_transport_wait (worker->transport, again);
    now = genvid_now ();
  }
  return TRUE;
}
