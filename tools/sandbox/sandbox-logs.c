/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* AI/ML API: GET /v2/logs, where a lost submit can be found again. */
#include "sandbox-private.h"

#define CALLS_PER_MINUTE 200
#define MAX_DAYS         92

static gboolean
bad_window (GPtrArray *query)
{
  const char *period = sandbox_query_get (query, "period");
  const char *start = sandbox_query_get (query, "start");
  const char *end = sandbox_query_get (query, "end");
  g_autoptr (GDateTime) from = NULL;
  g_autoptr (GDateTime) to = NULL;

  if (period != NULL)
    return start != NULL || end != NULL
           || !g_regex_match_simple ("^[1-9][0-9]{0,2}[hd]$", period, 0, 0);
  if (start == NULL || end == NULL)
    return TRUE;
  from = g_date_time_new_from_iso8601 (start, NULL);
  to = g_date_time_new_from_iso8601 (end, NULL);
  return from == NULL || to == NULL || g_date_time_difference (to, from) < 0
         || g_date_time_difference (to, from) > MAX_DAYS * G_TIME_SPAN_DAY;
}

static gboolean
wants_model (GPtrArray *query, const char *model)
{
  gboolean any = TRUE;

  for (guint i = 0; i + 1 < query->len; i += 2) {
    if (!g_str_equal (query->pdata[i], "model"))
      continue;
    any = FALSE;
    if (g_str_has_suffix (model, query->pdata[i + 1]))
      return TRUE;
  }
  return any;
}

static void
add_row (GString *rows, const SandboxJob *job)
{
  g_autofree char *uuid = g_uuid_string_random ();
  g_autofree char *request = job->request_id == NULL
                                 ? g_strdup ("null")
                                 : sandbox_json_quote (job->request_id);
  gboolean failed = job->phase == PHASE_FAILED;
  char usd[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (usd, sizeof usd, "%.4f", failed ? 0 : job->cost);
  g_string_append_printf (
      rows,
      "%s{\"created\":\"%s\",\"status\":\"%s\",\"origin\":\"api\","
      "\"model\":\"%s\",\"cost\":{\"usd\":%s,\"credits\":%.0f},"
      "\"tokens\":{},\"request_id\":\"%s\",\"inference_id\":\"%s\","
      "\"client_request_id\":%s}",
      rows->len > 0 ? "," : "", job->accepted_at,
      failed ? "failed" : "succeeded", job->model, usd,
      failed ? 0 : job->cost * 2000000, uuid, job->id, request);
}

static gboolean
is_listed (GenvidSandbox *self, GPtrArray *query, const SandboxJob *job)
{
  const char *status = sandbox_query_get (query, "status");
  gboolean failed = job->phase == PHASE_FAILED;

  if (job->service != GENVID_SANDBOX_AIMLAPI
      || sandbox_now (self) - job->accepted < self->options.lookup_lag
      || !wants_model (query, job->model))
    return FALSE;
  return status == NULL || failed == g_str_equal (status, "failed");
}

static void
list (GenvidSandbox *self, GPtrArray *query, guint64 limit, guint64 offset,
      SandboxReply *reply)
{
  gboolean none = sandbox_fault (self, "lookup-empty", NULL);
  SANDBOX_LOCK (self);
  g_autoptr (GString) rows = g_string_new (NULL);
  guint64 seen = 0;

  for (guint i = self->jobs->len; !none && i-- > 0;) {
    const SandboxJob *job = self->jobs->pdata[i];
    if (!is_listed (self, query, job))
      continue;
    if (seen >= offset && seen - offset < limit)
      add_row (rows, job);
    seen++;
  }
  sandbox_reply_json (reply, 200,
                      "{\"data\":[%s],\"pagination\":{\"limit\":"
                      "%" G_GUINT64_FORMAT ",\"offset\":%" G_GUINT64_FORMAT
                      "}}",
                      rows->str, limit, offset);
}

static gboolean
take_number (GPtrArray *query, const char *name, guint64 min, guint64 max,
             guint64 *value)
{
  const char *text = sandbox_query_get (query, name);

  return text == NULL
         || g_ascii_string_to_unsigned (text, 10, min, max, value, NULL);
}

void
sandbox_aimlapi_logs (GenvidSandbox *self, const GenvidSandboxRequest *q,
                      SandboxReply *reply)
{
  static const char *const allowed[] = { "period", "start", "end",    "model",
                                         "status", "limit", "offset", NULL };
  static const char *const words[] = { "succeeded", "failed", NULL };
  g_autofree char *problem = NULL;
  g_autoptr (GPtrArray) query = sandbox_check_query (q, allowed, &problem);
  guint64 limit = 50, offset = 0;
  const char *status;

  if (query == NULL) {
    sandbox_aimlapi_error (reply, q, 400, problem);
    return;
  }
  status = sandbox_query_get (query, "status");
  if (bad_window (query))
    sandbox_aimlapi_error (reply, q, 400,
                           "period, or start and end, are expected");
  else if (!take_number (query, "limit", 1, 100, &limit)
           || !take_number (query, "offset", 0, G_MAXUINT32, &offset)
           || (status != NULL && !g_strv_contains (words, status)))
    sandbox_aimlapi_error (reply, q, 400, "limit, offset or status is bad");
  else if (!sandbox_within_limit (self, &self->logs_times, CALLS_PER_MINUTE))
    sandbox_aimlapi_error (reply, q, 429, "200 calls a minute");
  else if (!sandbox_fault_instead (self, q, reply))
    list (self, query, limit, offset, reply);
}
