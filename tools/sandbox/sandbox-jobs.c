/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sandbox-private.h"

#define CN8_TIMEOUT 600

SandboxJob *
sandbox_job_new (GenvidSandboxService service)
{
  SandboxJob *job = g_new0 (SandboxJob, 1);
  g_autofree char *uuid = g_uuid_string_random ();

  job->service = service;
  job->seed = -1;
  job->token = g_strndup (uuid, 18);
  return job;
}

void
sandbox_job_free (SandboxJob *job)
{
  g_free (job->id);
  g_free (job->token);
  g_free (job->call);
  g_free (job->model);
  g_free (job->prompt);
  g_free (job->aspect);
  g_free (job->resolution);
  g_free (job->request_id);
  g_free (job->note);
  g_free (job->accepted_at);
  g_free (job->finished_at);
  g_free (job->reason);
  g_free (job);
}

static char *
iso_now (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  return g_date_time_format (now, "%Y-%m-%dT%H:%M:%SZ");
}

static void
charge (GenvidSandbox *self, SandboxJob *job)
{
  if (job->charged)
    return;
  job->charged = TRUE;
  sandbox_ledger_add (self, GENVID_SANDBOX_CHARGED, job);
}

void
sandbox_job_accept (GenvidSandbox *self, SandboxJob *job)
{
  job->accepted = sandbox_now (self);
  job->accepted_at = iso_now ();
  job->clip = sandbox_clip_for (self, job);
  g_ptr_array_add (self->jobs, job);
  sandbox_ledger_add (self, GENVID_SANDBOX_ACCEPTED, job);
  if (job->service != GENVID_SANDBOX_CN8)
    charge (self, job);
}

SandboxJob *
sandbox_job_find (GenvidSandbox *self, GenvidSandboxService service,
                  const char *id)
{
  for (guint i = 0; i < self->jobs->len; i++) {
    SandboxJob *job = self->jobs->pdata[i];
    if (job->service == service && g_strcmp0 (job->id, id) == 0)
      return job;
  }
  return NULL;
}

void
sandbox_job_end (GenvidSandbox *self, SandboxJob *job, SandboxPhase phase,
                 const char *reason)
{
  if (job->phase != 0)
    return;
  job->phase = phase;
  job->reason = g_strdup (reason);
  job->finished_at = iso_now ();
  if (phase == PHASE_DONE)
    charge (self, job);
  if (phase == PHASE_DONE || !job->charged)
    return;
  job->refunded = TRUE;
  sandbox_ledger_add (self, GENVID_SANDBOX_REFUNDED, job);
}

/* 0…1; 1: ripe. */
static double
ripeness (GenvidSandbox *self, SandboxJob *job)
{
  const GenvidSandboxOptions *o = &self->options;
  double age = sandbox_now (self) - job->accepted;

  if (self->held[GENVID_SANDBOX_GATE_GENERATION])
    return MIN (job->polls, 2) * 0.4;
  if (o->ready_after_polls > 0)
    return MIN (1, (job->polls - 1.0) / o->ready_after_polls);
  return o->gen_seconds <= 0 ? 1 : MIN (1, age / o->gen_seconds);
}

SandboxPhase
sandbox_job_phase (GenvidSandbox *self, SandboxJob *job, gboolean polled)
{
  double ripe;

  if (job->phase != 0)
    return (SandboxPhase)job->phase;
  job->polls += polled;
  ripe = ripeness (self, job);
  if (ripe < 0.3)
    return PHASE_QUEUED;
  /* By the clock, rendering may take its time; else a poll must not depend
   * on how fast the machine renders. */
  if (ripe < 1 || (self->options.gen_seconds > 0 && !job->clip->done))
    return PHASE_RUNNING;
  sandbox_clip_wait (self, job->clip);
  if (job->clip->bytes == NULL)
    sandbox_job_end (self, job, PHASE_FAILED, job->clip->error);
  else
    sandbox_job_end (self, job, PHASE_DONE, NULL);
  return (SandboxPhase)job->phase;
}

static gboolean
end_by_fault (GenvidSandbox *self, SandboxJob *job, const char *name,
              const char *usual)
{
  g_autofree char *arg = NULL;

  if (!sandbox_fault (self, name, &arg))
    return FALSE;
  g_mutex_lock (&self->lock);
  sandbox_job_end (self, job, PHASE_FAILED, arg[0] != '\0' ? arg : usual);
  g_mutex_unlock (&self->lock);
  return TRUE;
}

static gboolean
never_by_fault (GenvidSandbox *self, SandboxJob *job, SandboxPhase *phase)
{
  g_autoptr (GMutexLocker) locker = NULL;

  if (!sandbox_fault (self, "poll-never", NULL))
    return FALSE;
  locker = g_mutex_locker_new (&self->lock);
  if (job->service == GENVID_SANDBOX_CN8
      && sandbox_now (self) - job->accepted > CN8_TIMEOUT)
    sandbox_job_end (self, job, PHASE_FAILED,
                     "Gateway timeout: no result within 600 s");
  *phase = job->phase != 0 ? (SandboxPhase)job->phase : PHASE_RUNNING;
  return TRUE;
}

static gboolean
backwards_by_fault (GenvidSandbox *self, SandboxJob *job, SandboxPhase *phase)
{
  if (job->backwards >= 2 || !sandbox_fault (self, "poll-backwards", NULL))
    return FALSE;
  *phase = job->backwards++ == 0 ? PHASE_RUNNING : PHASE_QUEUED;
  return TRUE;
}

static gboolean
phase_by_fault (GenvidSandbox *self, SandboxJob *job, SandboxPhase *phase,
                char **word)
{
  if (sandbox_fault (self, "poll-unknown", word)) {
    *phase = PHASE_RUNNING;
    return TRUE;
  }
  if (end_by_fault (self, job, "poll-failed", "The model could not finish")
      || end_by_fault (self, job, "poll-refused",
                       "The prompt was blocked by content moderation"))
    return FALSE;
  return never_by_fault (self, job, phase)
         || backwards_by_fault (self, job, phase);
}

SandboxPhase
sandbox_job_polled (GenvidSandbox *self, SandboxJob *job, char **word)
{
  SandboxPhase phase;

  if (!phase_by_fault (self, job, &phase, word)) {
    g_mutex_lock (&self->lock);
    phase = sandbox_job_phase (self, job, TRUE);
    g_mutex_unlock (&self->lock);
  }
  if (*word == NULL && phase == PHASE_DONE)
    sandbox_fault (self, "poll-done-word", word);
  if (*word == NULL && phase == PHASE_FAILED)
    sandbox_fault (self, "poll-failed-word", word);
  return phase;
}

/* As a signer writes it. The odd one is as valid, but whoever normalises it
 * (GUri does, even with G_URI_FLAGS_ENCODED) breaks its signature. */
char *
sandbox_job_query (const SandboxJob *job, guint serial)
{
  return g_strdup_printf (
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%%2F20260427%s"
      "us-east-1&X-Amz-Date=20260427T103000Z&X-Amz-Expires=3600&X-Amz-"
      "SignedHeaders=host&response-content-disposition=inline%%3B%%20name="
      "a+b.mp4&X-Amz-Signature=%s%08x/=~&n=%u",
      job->odd ? "%2f%7E" : "%2F", job->token,
      g_str_hash (job->token) ^ (serial * 2654435761u), serial);
}

char *
sandbox_job_url (GenvidSandbox *self, SandboxJob *job)
{
  g_autofree char *query = NULL;
  const char *scheme = self->certificate != NULL ? "https" : "http";
  const char *user = "";
  const char *host = self->options.host;

  job->odd = job->odd || sandbox_fault_locked (self, "url-odd");
  query = sandbox_job_query (job, ++job->serial);
  if (sandbox_fault_locked (self, "url-file"))
    return g_strdup ("file:///etc/passwd");
  if (sandbox_fault_locked (self, "url-http"))
    scheme = "http";
  if (sandbox_fault_locked (self, "url-private"))
    host = "10.255.255.1";
  if (sandbox_fault_locked (self, "url-userinfo"))
    user = "user:secret@";
  return g_strdup_printf ("%s://%s%s:%u/outputs/%s/video.mp4?%s", scheme, user,
                          host, self->ports[PORT_CDN].number, job->token,
                          query);
}
