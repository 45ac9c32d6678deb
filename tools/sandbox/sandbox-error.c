/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Errors, in the shape of each service. */
#include "sandbox-private.h"

void
sandbox_genpro_error (SandboxReply *reply, guint status, const char *code,
                      const char *text)
{
  g_autofree char *quoted = sandbox_json_quote (text);

  if (code == NULL)
    code = status == 401   ? "unauthorized"
           : status == 403 ? "permission_denied"
           : status == 404 ? "not_found"
           : status == 429 ? "rate_limited"
           : status >= 500 ? "internal_error"
                           : "validation_error";
  sandbox_reply_json (reply, status, "{\"error\":%s,\"error_code\":\"%s\"}",
                      quoted, code);
}

void
sandbox_aimlapi_error (SandboxReply *reply, const GenvidSandboxRequest *q,
                       guint status, const char *text)
{
  g_autofree char *message = sandbox_json_quote (text);
  g_autofree char *path = sandbox_json_quote (q->path);
  g_autofree char *id = g_uuid_string_random ();

  sandbox_reply_json (reply, status,
                      "{\"message\":%s,\"path\":%s,\"requestId\":\"%s\","
                      "\"statusCode\":%u,\"timestamp\":%" G_GINT64_FORMAT "}",
                      message, path, id, status,
                      g_get_real_time () / G_TIME_SPAN_MILLISECOND);
}

void
sandbox_reply_error (SandboxReply *reply, const GenvidSandboxRequest *q,
                     guint status, const char *text)
{
  g_autofree char *quoted = sandbox_json_quote (text);

  switch (q->service) {
  case GENVID_SANDBOX_GENPRO:
    sandbox_genpro_error (reply, status, NULL, text);
    break;
  case GENVID_SANDBOX_AIMLAPI:
    sandbox_aimlapi_error (reply, q, status, text);
    break;
  default:
    /* CN8's shape is not documented; its "Pydantic" hints at this one. */
    sandbox_reply_json (reply, status, "{\"detail\":%s}", quoted);
    break;
  }
}
