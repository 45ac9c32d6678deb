/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* AI/ML API: POST and GET /v2/video/generations, for one model. */
#include "sandbox-private.h"

#include <string.h>

#define PATH  "/v2/video/generations"
#define MODEL "pixverse/v5/text-to-video"

/* About what the vendor's examples show. */
#define CREDITS_PER_USD 2000000

static const char *const models[] = { MODEL, NULL };
static const char *const ratios[]
    = { "16:9", "4:3", "1:1", "3:4", "9:16", NULL };
static const char *const resolutions[]
    = { "360p", "540p", "720p", "1080p", NULL };
static const char *const durations[] = { "5", "8", NULL };
static const char *const styles[]
    = { "anime", "3d_animation", "clay", "comic", "cyberpunk", NULL };

/* The names of the speakers are not in the document: any will do. */
static const SandboxField fields[] = {
  { "model", FIELD_STRING, TRUE, models, NULL },
  { "prompt", FIELD_STRING, TRUE, NULL, NULL },
  { "aspect_ratio", FIELD_STRING, FALSE, ratios, NULL },
  { "resolution", FIELD_STRING, FALSE, resolutions, NULL },
  { "duration", FIELD_INTEGER, FALSE, durations, NULL },
  { "negative_prompt", FIELD_STRING, FALSE, NULL, NULL },
  { "style", FIELD_STRING, FALSE, styles, NULL },
  { "seed", FIELD_INTEGER, FALSE, NULL, NULL },
  { "lip_sync_tts_content", FIELD_STRING, FALSE, NULL, NULL },
  { "lip_sync_tts_speaker", FIELD_STRING, FALSE, NULL, NULL },
  { NULL, 0, 0, NULL, NULL },
};

gboolean
sandbox_aimlapi_route (GenvidSandboxRequest *q)
{
  if (g_str_equal (q->path, PATH))
    q->scope = g_str_equal (q->method, "POST") ? GENVID_SANDBOX_SUBMIT
                                               : GENVID_SANDBOX_POLL;
  else if (g_str_equal (q->path, "/v2/logs"))
    q->scope = GENVID_SANDBOX_LOOKUP;
  else
    return FALSE;
  q->service = GENVID_SANDBOX_AIMLAPI;
  return TRUE;
}

static const char *
text_of (JsonObject *body, const char *name, const char *otherwise)
{
  return json_object_get_string_member_with_default (body, name, otherwise);
}

static double
price (const SandboxJob *job)
{
  double second = g_str_equal (job->resolution, "1080p")  ? 0.16
                  : g_str_equal (job->resolution, "720p") ? 0.08
                                                          : 0.06;
  return second * job->seconds;
}

/* 1–128 of A-Z a-z 0-9 . _ : -, else dropped without a word. */
static char *
client_request_id (const GenvidSandboxRequest *q)
{
  const char *id = genvid_sandbox_request_header (q, "X-Client-Request-Id");
  gsize length = id == NULL ? 0 : strlen (id);

  if (length < 1 || length > 128
      || strspn (id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                     "0123456789._:-")
             != length)
    return NULL;
  return g_strdup (id);
}

static SandboxJob *
make_job (const GenvidSandboxRequest *q, JsonObject *body)
{
  SandboxJob *job = sandbox_job_new (GENVID_SANDBOX_AIMLAPI);
  g_autofree char *uuid = g_uuid_string_random ();

  job->id = g_strdup_printf ("%s:%s", uuid, MODEL);
  job->call = g_strdup ("text-to-video");
  job->model = g_strdup (MODEL);
  job->prompt = g_strdup (text_of (body, "prompt", ""));
  job->aspect = g_strdup (text_of (body, "aspect_ratio", "16:9"));
  job->resolution = g_strdup (text_of (body, "resolution", "720p"));
  job->seconds
      = (guint)json_object_get_int_member_with_default (body, "duration", 5);
  job->seed = json_object_get_int_member_with_default (body, "seed", -1);
  job->cost = price (job);
  job->request_id = client_request_id (q);
  job->note = g_strdup (job->request_id);
  return job;
}

static void
describe (GenvidSandbox *self, SandboxJob *job, SandboxPhase phase,
          const char *word, SandboxReply *reply)
{
  static const char *const words[]
      = { "queued", "generating", "completed", "error", "error" };
  gboolean done = phase == PHASE_DONE;
  gboolean swapped = sandbox_fault (self, "poll-swapped", NULL);
  gboolean no_url = done && sandbox_fault (self, "poll-no-url", NULL);
  gboolean twice = done && sandbox_fault (self, "poll-double", NULL);
  gboolean detail = sandbox_fault (self, "poll-failed-detail", NULL);
  const char *mark = swapped ? "\"" : "";
  char usd[G_ASCII_DTOSTR_BUF_SIZE];
  SANDBOX_LOCK (self);
  g_autofree char *video = NULL;
  g_autofree char *reason = NULL;
  g_autofree char *error = NULL;

  if (done && !no_url && !twice) {
    g_autofree char *url = sandbox_job_url (self, job);
    video = g_strdup_printf ("{\"url\":\"%s\",\"content_type\":\"video/mp4\","
                             "\"file_name\":\"%s.mp4\","
                             "\"file_size\":%" G_GSIZE_FORMAT "}",
                             url, job->token,
                             g_bytes_get_size (job->clip->bytes));
  }
  if (job->reason != NULL || twice) {
    reason = sandbox_json_quote (twice ? "Encoding failed" : job->reason);
    error = g_strdup_printf (detail ? "{\"detail\":[{\"msg\":%s}]}"
                                    : "{\"name\":\"GenerationError\","
                                      "\"message\":%s}",
                             reason);
  }
  g_ascii_formatd (usd, sizeof usd, "%.4f", job->refunded ? 0 : job->cost);
  sandbox_reply_json (
      reply, 200,
      "{\"id\":\"%s\",\"status\":\"%s\",\"video\":%s,\"error\":%s,"
      "\"meta\":{\"usage\":{\"credits_used\":%s%.0f%s,"
      "\"usd_spent\":%s%s%s}}}",
      job->id, word != NULL ? word : words[phase],
      video == NULL ? "null" : video, error == NULL ? "null" : error, mark,
      job->refunded ? 0 : job->cost * CREDITS_PER_USD, mark, mark, usd, mark);
}

static gboolean
submit_fault (GenvidSandbox *self, const GenvidSandboxRequest *q,
              SandboxReply *reply)
{
  g_autofree char *text = NULL;

  if (sandbox_fault (self, "submit-quota", NULL)) {
    sandbox_aimlapi_error (reply, q, 403,
                           "You have run out of credits. Please top up");
    return TRUE;
  }
  if (!sandbox_fault (self, "submit-key-echo", NULL))
    return sandbox_fault_instead (self, q, reply);
  text = g_strdup_printf ("Bad request by %s",
                          genvid_sandbox_request_header (q, "Authorization"));
  sandbox_aimlapi_error (reply, q, 400, text);
  return TRUE;
}

static char *
check (const GenvidSandboxRequest *q, JsonObject *body)
{
  if (q->query != NULL)
    return g_strdup ("a submit has no query");
  if (json_object_get_int_member_with_default (body, "duration", 5) == 8
      && g_str_equal (text_of (body, "resolution", "720p"), "1080p"))
    return g_strdup ("duration: 8 is not supported with 1080p");
  return NULL;
}

static void
submit (GenvidSandbox *self, const GenvidSandboxRequest *q, SandboxReply *reply)
{
  g_autoptr (JsonObject) body = NULL;
  g_autofree char *problem = NULL;
  SandboxJob *job;
  guint status;

  body = sandbox_check_body (q, &status, &problem);
  if (body != NULL)
    problem = sandbox_check_members (body, "", fields);
  if (body != NULL && problem == NULL)
    problem = check (q, body);
  if (problem != NULL) {
    sandbox_aimlapi_error (reply, q, status, problem);
    return;
  }
  if (submit_fault (self, q, reply))
    return;
  job = make_job (q, body);
  g_mutex_lock (&self->lock);
  sandbox_job_accept (self, job);
  g_mutex_unlock (&self->lock);
  describe (self, job, PHASE_QUEUED, NULL, reply);
  sandbox_reply_header (reply, "x-inference-id", job->id);
  if (job->request_id != NULL)
    sandbox_reply_header (reply, "x-client-request-id", job->request_id);
}

static void
poll (GenvidSandbox *self, const GenvidSandboxRequest *q, SandboxReply *reply)
{
  static const char *const allowed[] = { "generation_id", NULL };
  g_autofree char *problem = NULL;
  g_autofree char *word = NULL;
  g_autoptr (GPtrArray) query = sandbox_check_query (q, allowed, &problem);
  SandboxJob *job = NULL;
  SandboxPhase phase;

  if (query == NULL) {
    sandbox_aimlapi_error (reply, q, 400, problem);
    return;
  }
  g_mutex_lock (&self->lock);
  if (sandbox_query_get (query, "generation_id") != NULL)
    job = sandbox_job_find (self, GENVID_SANDBOX_AIMLAPI,
                            sandbox_query_get (query, "generation_id"));
  g_mutex_unlock (&self->lock);
  if (job == NULL) {
    sandbox_aimlapi_error (reply, q, 404, "Generation not found");
    return;
  }
  if (sandbox_fault_instead (self, q, reply))
    return;
  phase = sandbox_job_polled (self, job, &word);
  describe (self, job, phase, word, reply);
}

void
sandbox_aimlapi_serve (GenvidSandbox *self, const GenvidSandboxRequest *q,
                       SandboxReply *reply)
{
  const char *problem = sandbox_check_key (self, q, "Authorization", "Bearer ");

  if (problem != NULL)
    sandbox_aimlapi_error (reply, q, 401, problem);
  else if (q->scope == GENVID_SANDBOX_SUBMIT)
    submit (self, q, reply);
  else if (!g_str_equal (q->method, "GET"))
    sandbox_aimlapi_error (reply, q, 405, "GET is expected");
  else if (q->scope == GENVID_SANDBOX_LOOKUP)
    sandbox_aimlapi_logs (self, q, reply);
  else
    poll (self, q, reply);
}
