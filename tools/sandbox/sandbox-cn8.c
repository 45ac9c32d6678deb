/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* CN8: POST /v1/proxy/media-video-from-text, GET /v2/jobs/{id}. */
#include "sandbox-private.h"

#include <string.h>

#define PATH           "/v1/proxy/media-video-from-text"
#define JOBS           "/v2/jobs/"
#define USD_PER_SECOND 1.5

static const char *const models[] = { "veo (Audio)", "veo fast (Audio)", NULL };
static const char *const resolutions[] = { "512P", "1080P", NULL };
static const char *const durations[] = { "4s", "8s", NULL };
static const char *const ratios[] = { "16:9", "9:16", NULL };

static const SandboxField fields[] = {
  { "prompt", FIELD_STRING, TRUE, NULL, NULL },
  { "model", FIELD_STRING, FALSE, models, NULL },
  { "resolution", FIELD_STRING, FALSE, resolutions, NULL },
  { "duration", FIELD_STRING, FALSE, durations, NULL },
  { "aspect_ratio", FIELD_STRING, FALSE, ratios, NULL },
  { NULL, 0, 0, NULL, NULL },
};

gboolean
sandbox_cn8_route (GenvidSandboxRequest *q)
{
  if (g_str_has_prefix (q->path, "/v1/proxy/"))
    q->scope = GENVID_SANDBOX_SUBMIT;
  else if (g_str_has_prefix (q->path, JOBS))
    q->scope = GENVID_SANDBOX_POLL;
  else
    return FALSE;
  q->service = GENVID_SANDBOX_CN8;
  return TRUE;
}

static const char *
text_of (JsonObject *body, const char *name, const char *otherwise)
{
  return json_object_get_string_member_with_default (body, name, otherwise);
}

static SandboxJob *
make_job (JsonObject *body)
{
  SandboxJob *job = sandbox_job_new (GENVID_SANDBOX_CN8);

  job->id = g_uuid_string_random ();
  job->call = g_strdup ("media-video-from-text");
  job->model = g_strdup (text_of (body, "model", "veo (Audio)"));
  job->prompt = g_strdup (text_of (body, "prompt", ""));
  job->aspect = g_strdup (text_of (body, "aspect_ratio", "16:9"));
  job->resolution = g_strdup (text_of (body, "resolution", "1080P"));
  job->seconds
      = (guint)g_ascii_strtoull (text_of (body, "duration", "4s"), NULL, 10);
  job->cost = USD_PER_SECOND * job->seconds;
  return job;
}

static gboolean
submit_fault (GenvidSandbox *self, const GenvidSandboxRequest *q,
              SandboxReply *reply)
{
  const char *key = genvid_sandbox_request_header (q, self->options.cn8_header);
  g_autofree char *text = NULL;

  if (sandbox_fault (self, "submit-quota", NULL)) {
    sandbox_reply_error (reply, q, 402, "Insufficient balance");
    return TRUE;
  }
  if (!sandbox_fault (self, "submit-key-echo", NULL))
    return sandbox_fault_instead (self, q, reply);
  text = g_strdup_printf ("Bad request by %s", key);
  sandbox_reply_error (reply, q, 400, text);
  return TRUE;
}

static void
submit (GenvidSandbox *self, const GenvidSandboxRequest *q, SandboxReply *reply)
{
  g_autoptr (JsonObject) body = NULL;
  g_autofree char *problem = NULL;
  SandboxJob *job;
  guint status;

  if (!g_str_equal (q->path, PATH) || q->query != NULL) {
    sandbox_reply_error (reply, q, 404, "Not Found");
    return;
  }
  if (!g_str_equal (q->method, "POST")) {
    sandbox_reply_error (reply, q, 405, "Method Not Allowed");
    return;
  }
  body = sandbox_check_body (q, &status, &problem);
  if (body != NULL)
    problem = sandbox_check_members (body, "", fields);
  if (problem != NULL) {
    sandbox_reply_error (reply, q, status, problem);
    return;
  }
  if (submit_fault (self, q, reply))
    return;
  job = make_job (body);
  g_mutex_lock (&self->lock);
  sandbox_job_accept (self, job);
  sandbox_reply_json (reply, 202,
                      "{\"status\":\"accepted\","
                      "\"message\":\"Job queued for processing\","
                      "\"job\":{\"id\":\"%s\",\"status\":\"queued\","
                      "\"service\":\"media-video-from-text\","
                      "\"created_at\":\"%s\"}}",
                      job->id, job->accepted_at);
  g_mutex_unlock (&self->lock);
}

/* --- poll
 * ----------------------------------------------------------------------- */

static void
add_result (GenvidSandbox *self, SandboxJob *job, gboolean with_url,
            gboolean swapped, GString *out)
{
  g_autofree char *url = with_url ? sandbox_job_url (self, job) : NULL;
  const char *mark = swapped ? "\"" : "";
  char cost[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (cost, sizeof cost, "%.1f", job->cost);
  g_string_append (out, ",\"result_data\":{\"status\":\"success\"");
  if (url != NULL)
    g_string_append_printf (out, ",\"video_url\":\"%s\"", url);
  g_string_append_printf (out,
                          ",\"duration_seconds\":%s%u.0%s,\"model\":\"%s\","
                          "\"resolution\":\"%s\",\"aspect_ratio\":\"%s\"},"
                          "\"units_consumed\":%s%u.0%s,\"token_cost\":%s%s%s",
                          mark, job->seconds, mark, job->model, job->resolution,
                          job->aspect, mark, job->seconds, mark, mark, cost,
                          mark);
}

/* The name of the reason's member is not documented. */
static void
add_failure (const char *reason, GString *out)
{
  g_autofree char *quoted = sandbox_json_quote (reason);

  g_string_append_printf (
      out, ",\"result_data\":{\"status\":\"error\",\"message\":%s}", quoted);
}

static void
describe (GenvidSandbox *self, SandboxJob *job, SandboxPhase phase,
          const char *word, SandboxReply *reply)
{
  static const char *const words[]
      = { "queued", "processing", "completed", "FAILED", "FAILED" };
  gboolean done = phase == PHASE_DONE;
  gboolean swapped = sandbox_fault (self, "poll-swapped", NULL);
  gboolean no_url = done && sandbox_fault (self, "poll-no-url", NULL);
  gboolean twice = done && sandbox_fault (self, "poll-double", NULL);
  SANDBOX_LOCK (self);
  g_autoptr (GString) out = g_string_new (NULL);

  g_string_printf (out,
                   "{\"id\":\"%s\",\"status\":\"%s\",\"service_name\":"
                   "\"media-video-from-text\",\"created_at\":\"%s\"",
                   job->id, word != NULL ? word : words[phase],
                   job->accepted_at);
  if (job->finished_at != NULL && phase >= PHASE_DONE)
    g_string_append_printf (out, ",\"completed_at\":\"%s\"", job->finished_at);
  if (twice)
    add_failure ("Encoding failed", out);
  else if (done)
    add_result (self, job, !no_url, swapped, out);
  else if (phase == PHASE_FAILED)
    add_failure (job->reason, out);
  g_string_append_c (out, '}');
  sandbox_reply_set (reply, 200, "application/json", out->str);
}

static void
poll (GenvidSandbox *self, const GenvidSandboxRequest *q, SandboxReply *reply)
{
  g_autofree char *word = NULL;
  SandboxPhase phase;
  SandboxJob *job;

  if (!g_str_equal (q->method, "GET")) {
    sandbox_reply_error (reply, q, 405, "Method Not Allowed");
    return;
  }
  g_mutex_lock (&self->lock);
  job = q->query != NULL ? NULL
                         : sandbox_job_find (self, GENVID_SANDBOX_CN8,
                                             q->path + strlen (JOBS));
  g_mutex_unlock (&self->lock);
  if (job == NULL) {
    sandbox_reply_error (reply, q, 404, "Job not found");
    return;
  }
  if (sandbox_fault_instead (self, q, reply))
    return;
  phase = sandbox_job_polled (self, job, &word);
  describe (self, job, phase, word, reply);
}

void
sandbox_cn8_serve (GenvidSandbox *self, const GenvidSandboxRequest *q,
                   SandboxReply *reply)
{
  const GenvidSandboxOptions *o = &self->options;
  const char *problem
      = sandbox_check_key (self, q, o->cn8_header, o->cn8_prefix);

  /* Polls are requests, as the text reads; it promises no Retry-After. */
  if (problem != NULL)
    sandbox_reply_error (reply, q, 401, problem);
  else if (!sandbox_within_limit (self, &self->cn8_times,
                                  o->cn8_requests_per_minute))
    sandbox_reply_error (reply, q, 429, "Rate limit: 60 requests a minute");
  else if (q->scope == GENVID_SANDBOX_SUBMIT)
    submit (self, q, reply);
  else
    poll (self, q, reply);
}
