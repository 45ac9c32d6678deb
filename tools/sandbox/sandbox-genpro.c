/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* gen.pro: POST …/generate, GET /v1/generations/{id}, …/stop. Sheet, cell
 * and agent are any positive integers. Without a model, ratio or duration
 * the sheet's column decides; the sandbox's column says what is below. */
#include "sandbox-private.h"

#include <string.h>

#define DEFAULT_MODEL    "veo_3"
#define DEFAULT_DURATION 8
#define MAX_DURATION     60
#define REPLAY_SECONDS   (24 * 3600)

typedef struct {
  const char *type;
  const SandboxField *fields;
  double credits_per_second; /* what the documents' examples cost */
} Call;

/* What an Idempotency-Key stands for. */
typedef struct {
  SandboxJob *job;
  double time;
  guint body; /* hash */
} Replay;

static const char *const ratios[] = { "1:1", "9:16", "16:9", NULL };
static const char *const text_models[]
    = { "veo_3",        "veo_3_fast",       "veo_3_1",
        "veo_3_1_fast", "sora_2",           "kling_1_6",
        "seedance_pro", "seedance_pro_1_5", NULL };
static const char *const image_models[]
    = { "kling_2_1",    "kling_2_6",        "veo_3",
        "veo_3_1",      "sora_2",           "seedance_lite",
        "seedance_pro", "seedance_pro_1_5", NULL };
static const char *const ingredient_models[]
    = { "pika", "kling_1_6", "seedance_lite", "veo_3_1", "veo_3_1_fast", NULL };

static const SandboxField text_fields[] = {
  { "prompt", FIELD_STRING, TRUE, NULL, "prompt_var" },
  { "negative_prompt", FIELD_STRING, FALSE, NULL, NULL },
  { "model", FIELD_STRING, FALSE, text_models, NULL },
  { "aspect_ratio", FIELD_STRING, FALSE, ratios, NULL },
  { "duration", FIELD_INTEGER, FALSE, NULL, NULL },
  { "prompt_var", FIELD_STRING, FALSE, NULL, NULL },
  { "negative_prompt_var", FIELD_STRING, FALSE, NULL, NULL },
  { "variables", FIELD_OBJECT, FALSE, NULL, NULL },
  { NULL, 0, 0, NULL, NULL },
};

static const SandboxField image_fields[] = {
  { "image_resource_id", FIELD_ID, TRUE, NULL, "image_var" },
  { "image_tail_resource_id", FIELD_ID, FALSE, NULL, NULL },
  { "prompt", FIELD_STRING, FALSE, NULL, NULL },
  { "negative_prompt", FIELD_STRING, FALSE, NULL, NULL },
  { "model", FIELD_STRING, FALSE, image_models, NULL },
  { "aspect_ratio", FIELD_STRING, FALSE, ratios, NULL },
  { "duration", FIELD_INTEGER, FALSE, NULL, NULL },
  { "image_var", FIELD_STRING, FALSE, NULL, NULL },
  { "image_tail_var", FIELD_STRING, FALSE, NULL, NULL },
  { "prompt_var", FIELD_STRING, FALSE, NULL, NULL },
  { "negative_prompt_var", FIELD_STRING, FALSE, NULL, NULL },
  { "variables", FIELD_OBJECT, FALSE, NULL, NULL },
  { NULL, 0, 0, NULL, NULL },
};

static const SandboxField ingredient_fields[] = {
  { "prompt", FIELD_STRING, TRUE, NULL, "prompt_var" },
  { "asset_resource_ids", FIELD_IDS, TRUE, NULL, "content_resource_vars" },
  { "model", FIELD_STRING, FALSE, ingredient_models, NULL },
  { "aspect_ratio", FIELD_STRING, FALSE, ratios, NULL },
  { "duration", FIELD_INTEGER, FALSE, NULL, NULL },
  { "prompt_var", FIELD_STRING, FALSE, NULL, NULL },
  { "content_resource_vars", FIELD_STRINGS, FALSE, NULL, NULL },
  { "variables", FIELD_OBJECT, FALSE, NULL, NULL },
  { NULL, 0, 0, NULL, NULL },
};

static const Call calls[] = {
  { "video_from_text", text_fields, 0.5 },
  { "video_from_image", image_fields, 0.8 },
  { "video_from_ingredients", ingredient_fields, 0.7 },
};

gboolean
sandbox_genpro_route (GenvidSandboxRequest *q)
{
  if (g_str_has_prefix (q->path, "/v1/autocontentengine/"))
    q->scope = GENVID_SANDBOX_SUBMIT;
  else if (g_str_has_prefix (q->path, "/v1/generations/"))
    q->scope = g_str_has_suffix (q->path, "/stop") ? GENVID_SANDBOX_CANCEL
                                                   : GENVID_SANDBOX_POLL;
  else if (g_str_equal (q->path, "/v1/content_resources"))
    q->scope = GENVID_SANDBOX_UPLOAD;
  else
    return FALSE;
  q->service = GENVID_SANDBOX_GENPRO;
  return TRUE;
}

static gboolean
has_known_ids (GenvidSandbox *self, JsonNode *node, char **problem)
{
  g_autofree char *text = NULL;
  gboolean known;

  if (node == NULL)
    return TRUE;
  if (JSON_NODE_HOLDS_ARRAY (node)) {
    JsonArray *array = json_node_get_array (node);
    for (guint i = 0; i < json_array_get_length (array); i++)
      if (!has_known_ids (self, json_array_get_element (array, i), problem))
        return FALSE;
    return TRUE;
  }
  text = json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_dup_string (node)
             : g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  g_mutex_lock (&self->lock);
  known = g_hash_table_contains (self->resources, text);
  g_mutex_unlock (&self->lock);
  if (!known)
    *problem = g_strdup_printf ("content resource %s not found", text);
  return known;
}

static char *
check_variables (JsonObject *data)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (!json_object_has_member (data, "variables"))
    return NULL;
  json_object_iter_init (&iter,
                         json_object_get_object_member (data, "variables"));
  while (json_object_iter_next (&iter, &name, &node))
    if (!JSON_NODE_HOLDS_VALUE (node) || name[0] == '\0')
      return g_strdup_printf ("data.variables.%s: expected a value", name);
  return NULL;
}

static char *
check_data (GenvidSandbox *self, const Call *call, JsonObject *data)
{
  char *problem = sandbox_check_members (data, "data.", call->fields);
  gint64 duration;

  if (problem == NULL)
    problem = check_variables (data);
  if (problem != NULL)
    return problem;
  duration = json_object_get_int_member_with_default (data, "duration", 5);
  if (duration < 1 || duration > MAX_DURATION)
    return g_strdup_printf (
        "data.duration: %" G_GINT64_FORMAT " is out of range", duration);
  if (has_known_ids (self, json_object_get_member (data, "image_resource_id"),
                     &problem)
      && has_known_ids (self,
                        json_object_get_member (data, "image_tail_resource_id"),
                        &problem))
    has_known_ids (self, json_object_get_member (data, "asset_resource_ids"),
                   &problem);
  return problem;
}

static const Call *
check_body (GenvidSandbox *self, JsonObject *body, char **problem)
{
  static const SandboxField fields[] = {
    { "generation_type", FIELD_STRING, TRUE, NULL, NULL },
    { "data", FIELD_OBJECT, TRUE, NULL, NULL },
    { NULL, 0, 0, NULL, NULL },
  };
  const char *type;

  *problem = sandbox_check_members (body, "", fields);
  if (*problem != NULL)
    return NULL;
  type = json_object_get_string_member (body, "generation_type");
  for (guint i = 0; i < G_N_ELEMENTS (calls); i++) {
    if (!g_str_equal (calls[i].type, type))
      continue;
    *problem = check_data (self, &calls[i],
                           json_object_get_object_member (body, "data"));
    return *problem == NULL ? &calls[i] : NULL;
  }
  *problem = g_strdup_printf ("generation_type: \"%s\" is unknown", type);
  return NULL;
}

static char *
with_variables (JsonObject *data)
{
  g_autoptr (GString) prompt = g_string_new (
      json_object_get_string_member_with_default (data, "prompt", ""));
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (prompt->len == 0)
    g_string_printf (prompt, "column “%s”",
                     json_object_get_string_member_with_default (
                         data, "prompt_var", "image"));
  if (json_object_has_member (data, "variables")) {
    json_object_iter_init (&iter,
                           json_object_get_object_member (data, "variables"));
    while (json_object_iter_next (&iter, &name, &node)) {
      g_autofree char *mark = g_strdup_printf ("{{%s}}", name);
      g_autofree char *json = json_to_string (node, FALSE);
      const char *text = json_node_get_string (node);
      g_string_replace (prompt, mark, text == NULL ? json : text, 0);
    }
  }
  return g_string_free (g_steal_pointer (&prompt), FALSE);
}

static SandboxJob *
make_job (const Call *call, JsonObject *data, const char *idempotency)
{
  SandboxJob *job = sandbox_job_new (GENVID_SANDBOX_GENPRO);

  job->call = g_strdup (call->type);
  job->model = g_strdup (json_object_get_string_member_with_default (
      data, "model", DEFAULT_MODEL));
  job->prompt = with_variables (data);
  job->aspect = g_strdup (json_object_get_string_member_with_default (
      data, "aspect_ratio", "16:9"));
  job->resolution = g_strdup ("720p");
  job->seconds = (guint)json_object_get_int_member_with_default (
      data, "duration", DEFAULT_DURATION);
  job->cost = call->credits_per_second * job->seconds;
  job->note = g_strdup (idempotency);
  return job;
}

/* A key that comes back with another body is 422, as the IETF draft on the
 * header has it (409 is for a request still in flight); gen.pro's pages leave
 * this open. */
static void
replay_reply (GenvidSandbox *self, const GenvidSandboxRequest *q,
              const Replay *replay, SandboxReply *reply)
{
  if (replay->body != g_bytes_hash (q->body)) {
    sandbox_genpro_error (reply, 422, "idempotency_key_reused",
                          "Idempotency-Key was used with another request");
    return;
  }
  sandbox_ledger_add (self, GENVID_SANDBOX_REPLAYED, replay->job);
  sandbox_reply_json (reply, 201,
                      "{\"generation_id\":%s,\"status\":\"pending\"}",
                      replay->job->id);
}

/* One lock for look-up and acceptance: two requests with one key must not
 * both be new. */
static void
begin (GenvidSandbox *self, const GenvidSandboxRequest *q, SandboxJob *job,
       const char *name, SandboxReply *reply)
{
  SANDBOX_LOCK (self);
  g_autoptr (SandboxJob) fresh = job;
  Replay *replay
      = name == NULL ? NULL : g_hash_table_lookup (self->replays, name);

  if (replay != NULL && sandbox_now (self) - replay->time < REPLAY_SECONDS) {
    replay_reply (self, q, replay, reply);
    return;
  }
  fresh = NULL;
  job->id = g_strdup_printf ("%" G_GUINT64_FORMAT, self->next_id++);
  sandbox_job_accept (self, job);
  sandbox_reply_json (reply, 201,
                      "{\"generation_id\":%s,\"status\":\"pending\"}", job->id);
  if (name == NULL)
    return;
  replay = g_new0 (Replay, 1);
  replay->job = job;
  replay->time = sandbox_now (self);
  replay->body = g_bytes_hash (q->body);
  g_hash_table_replace (self->replays, g_strdup (name), replay);
}

static gboolean
check_submit_path (const GenvidSandboxRequest *q, SandboxReply *reply)
{
  static const char *const allowed[] = { "agent_id", NULL };
  g_auto (GStrv) parts = g_strsplit (q->path, "/", -1);
  g_autoptr (GPtrArray) query = NULL;
  g_autofree char *problem = NULL;

  /* "", v1, autocontentengine, {id}, cells, {cell_id}, generate */
  if (g_strv_length (parts) != 7 || !g_str_equal (parts[4], "cells")
      || !g_str_equal (parts[6], "generate"))
    sandbox_genpro_error (reply, 404, NULL, "No such path");
  else if (!g_str_equal (q->method, "POST"))
    sandbox_genpro_error (reply, 405, NULL, "POST is expected");
  else if (!sandbox_is_positive (parts[3]) || !sandbox_is_positive (parts[5]))
    sandbox_genpro_error (reply, 404, "spreadsheet_not_found",
                          "The sheet and the cell must be ids");
  else if ((query = sandbox_check_query (q, allowed, &problem)) == NULL)
    sandbox_genpro_error (reply, 422, NULL, problem);
  else if (!sandbox_is_positive (sandbox_query_get (query, "agent_id")))
    sandbox_genpro_error (reply, 422, "agent_not_found",
                          "agent_id must be an agent's id");
  else
    return TRUE;
  return FALSE;
}

static gboolean
submit_fault (GenvidSandbox *self, const GenvidSandboxRequest *q,
              SandboxReply *reply)
{
  g_autofree char *text = NULL;

  if (sandbox_fault (self, "submit-quota", NULL)) {
    sandbox_genpro_error (reply, 422, "insufficient_credits_for_job",
                          "Insufficient credits for this job");
    return TRUE;
  }
  if (!sandbox_fault (self, "submit-key-echo", NULL))
    return sandbox_fault_instead (self, q, reply);
  text = g_strdup_printf ("Bad request by key %s",
                          genvid_sandbox_request_header (q, "X-API-Key"));
  sandbox_genpro_error (reply, 400, NULL, text);
  return TRUE;
}

static void
submit (GenvidSandbox *self, const GenvidSandboxRequest *q, SandboxReply *reply)
{
  const char *key = genvid_sandbox_request_header (q, "Idempotency-Key");
  g_autoptr (JsonObject) body = NULL;
  g_autofree char *problem = NULL;
  g_autofree char *name = NULL;
  const Call *call;
  guint status = 422;

  if (!check_submit_path (q, reply))
    return;
  body = sandbox_check_body (q, &status, &problem);
  call = body == NULL ? NULL : check_body (self, body, &problem);
  if (call == NULL) {
    sandbox_genpro_error (reply, status == 415 ? 415 : 422, NULL, problem);
    return;
  }
  if (key != NULL && (key[0] == '\0' || strlen (key) > 255)) {
    sandbox_genpro_error (reply, 422, NULL, "Idempotency-Key is malformed");
    return;
  }
  if (submit_fault (self, q, reply))
    return;
  if (key != NULL)
    name = g_strdup_printf (
        "%s %s", genvid_sandbox_request_header (q, "X-API-Key"), key);
  begin (self, q,
         make_job (call, json_object_get_object_member (body, "data"), key),
         name, reply);
}

void
sandbox_genpro_serve (GenvidSandbox *self, const GenvidSandboxRequest *q,
                      SandboxReply *reply)
{
  const char *problem = sandbox_check_key (self, q, "X-API-Key", "");

  if (problem != NULL)
    sandbox_genpro_error (reply, 401, NULL, problem);
  else if (q->scope == GENVID_SANDBOX_SUBMIT)
    submit (self, q, reply);
  else if (q->scope == GENVID_SANDBOX_UPLOAD)
    sandbox_genpro_upload (self, q, reply);
  else if (q->scope == GENVID_SANDBOX_CANCEL)
    sandbox_genpro_stop (self, q, reply);
  else
    sandbox_genpro_poll (self, q, reply);
}
