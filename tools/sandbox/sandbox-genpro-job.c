/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* gen.pro after the submit: poll and stop. */
#include "sandbox-private.h"

#include <string.h>

static char *
outputs (GenvidSandbox *self, SandboxJob *job, gboolean image_first)
{
  g_autofree char *url = sandbox_job_url (self, job);
  g_autofree char *thumbnail = g_strdup_printf (
      "%s/thumbnails/%s.jpg", genvid_sandbox_cdn_url (self), job->token);
  g_autofree char *image
      = g_strdup_printf ("{\"id\":%s8,\"url\":\"%s\",\"thumbnail_url\":null,"
                         "\"object_type\":\"Image\",\"type\":\"output\"},",
                         job->id, thumbnail);

  return g_strdup_printf (
      "%s{\"id\":%s9,\"url\":\"%s\",\"thumbnail_url\":\"%s\","
      "\"object_type\":\"%s\",\"type\":\"output\"}",
      image_first ? image : "", job->id, url, thumbnail,
      image_first ? "Video" : "video");
}

static void
describe (GenvidSandbox *self, SandboxJob *job, SandboxPhase phase,
          const char *word, SandboxReply *reply)
{
  static const char *const words[]
      = { "pending", "processing", "completed", "failed", "stopped" };
  gboolean swapped = sandbox_fault (self, "poll-swapped", NULL);
  gboolean no_url
      = phase == PHASE_DONE && sandbox_fault (self, "poll-no-url", NULL);
  gboolean twice
      = phase == PHASE_DONE && sandbox_fault (self, "poll-double", NULL);
  gboolean image = sandbox_fault (self, "poll-image-first", NULL);
  const char *mark = swapped ? "\"" : "";
  char cost[G_ASCII_DTOSTR_BUF_SIZE];
  SANDBOX_LOCK (self);
  g_autofree char *output = NULL;
  g_autofree char *reason = twice ? g_strdup ("\"Encoding failed\"")
                            : job->reason != NULL
                                ? sandbox_json_quote (job->reason)
                                : g_strdup ("null");

  if (phase == PHASE_DONE && !no_url && !twice)
    output = outputs (self, job, image);
  g_ascii_formatd (cost, sizeof cost, "%.1f", job->refunded ? 0 : job->cost);
  sandbox_reply_json (
      reply, 200,
      "{\"id\":%s%s%s,\"status\":\"%s\","
      "\"user_job_type\":\"video_generation\",\"result\":null,"
      "\"failed_reason\":%s,\"output_resources\":[%s],"
      "\"execution_cost\":%s%s%s}",
      mark, job->id, mark, word != NULL ? word : words[phase], reason,
      output == NULL ? "" : output, phase >= PHASE_DONE ? mark : "",
      phase >= PHASE_DONE ? cost : "null", phase >= PHASE_DONE ? mark : "");
}

static SandboxJob *
job_of_path (GenvidSandbox *self, const char *id)
{
  SANDBOX_LOCK (self);

  return sandbox_job_find (self, GENVID_SANDBOX_GENPRO, id);
}

void
sandbox_genpro_poll (GenvidSandbox *self, const GenvidSandboxRequest *q,
                     SandboxReply *reply)
{
  SandboxJob *job = job_of_path (self, q->path + strlen ("/v1/generations/"));
  g_autofree char *word = NULL;
  SandboxPhase phase;

  if (!g_str_equal (q->method, "GET")) {
    sandbox_genpro_error (reply, 405, NULL, "GET is expected");
    return;
  }
  if (job == NULL || q->query != NULL) {
    sandbox_genpro_error (reply, 404, NULL, "Generation not found");
    return;
  }
  if (sandbox_fault_instead (self, q, reply))
    return;
  phase = sandbox_job_polled (self, job, &word);
  describe (self, job, phase, word, reply);
}

void
sandbox_genpro_stop (GenvidSandbox *self, const GenvidSandboxRequest *q,
                     SandboxReply *reply)
{
  g_auto (GStrv) parts = g_strsplit (q->path, "/", -1);
  SandboxJob *job
      = g_strv_length (parts) == 5 ? job_of_path (self, parts[3]) : NULL;
  gboolean ignored;
  SandboxPhase phase;

  if (!g_str_equal (q->method, "POST")) {
    sandbox_genpro_error (reply, 405, NULL, "POST is expected");
    return;
  }
  if (job == NULL) {
    sandbox_genpro_error (reply, 404, NULL, "Generation not found");
    return;
  }
  if (sandbox_fault_instead (self, q, reply))
    return;
  ignored = sandbox_fault (self, "cancel-ignored", NULL);
  g_mutex_lock (&self->lock);
  phase = sandbox_job_phase (self, job, FALSE);
  g_mutex_unlock (&self->lock);
  if (phase >= PHASE_DONE || sandbox_fault (self, "cancel-422", NULL)) {
    sandbox_genpro_error (reply, 422, "job_cannot_be_stopped",
                          "This job cannot be stopped");
    return;
  }
  g_mutex_lock (&self->lock);
  if (!ignored)
    sandbox_job_end (self, job, PHASE_STOPPED, NULL);
  g_mutex_unlock (&self->lock);
  describe (self, job, ignored ? phase : PHASE_STOPPED, NULL, reply);
}
