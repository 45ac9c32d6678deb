/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The CDN and the mirror: what a GET or HEAD of a clip is answered. */
#include "sandbox-private.h"
#include "sandbox-send.h"

#include <stdlib.h>
#include <string.h>

/* Where a redirect leads to on the same origin. */
#define MOVED "/moved"

/* Any fixed date: it only has to be the same for the same clip. */
#define LAST_MODIFIED "Mon, 27 Apr 2026 10:30:00 GMT"

static void
finish (SandboxConn *conn, GenvidSandboxRequest *q, SandboxReply *reply)
{
  GenvidSandbox *self = conn->sandbox;

  g_mutex_lock (&self->lock);
  sandbox_request_set_status (self, q, reply->status);
  g_mutex_unlock (&self->lock);
  sandbox_conn_reply (conn, q, reply);
}

static void
refuse (SandboxConn *conn, GenvidSandboxRequest *q, guint status,
        const char *text)
{
  g_auto (SandboxReply) reply = { 0 };
  g_autofree char *xml = g_strdup_printf (
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<Error><Code>%u</Code><Message>%s</Message></Error>\n",
      status, text);

  sandbox_reply_init (&reply);
  sandbox_reply_set (&reply, status, "application/xml", xml);
  finish (conn, q, &reply);
}

static gboolean
has_key (GenvidSandbox *self, const GenvidSandboxRequest *q)
{
  const char *const names[]
      = { "X-API-Key", "Authorization", "Proxy-Authorization",
          self->options.cn8_header };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (genvid_sandbox_request_header (q, names[i]) != NULL)
      return TRUE;
  return FALSE;
}

/* /outputs/TOKEN/video.mp4?QUERY, byte for byte; the job's service and the
 * URL's serial with it. */
static SandboxJob *
find_job (GenvidSandbox *self, GenvidSandboxRequest *q, guint *serial)
{
  for (guint i = 0; i < self->jobs->len; i++) {
    SandboxJob *job = self->jobs->pdata[i];
    g_autofree char *file
        = g_strdup_printf ("/outputs/%s/video.mp4", job->token);
    const char *path = q->path;
    if (g_str_has_prefix (path, MOVED))
      path += strlen (MOVED);
    if (!g_str_equal (path, file))
      continue;
    for (*serial = job->serial; *serial > 0; --*serial) {
      g_autofree char *query = sandbox_job_query (job, *serial);
      if (g_strcmp0 (q->query, query) == 0)
        return job;
    }
  }
  return NULL;
}

static gboolean
is_expired (GenvidSandbox *self, SandboxJob *job, guint serial)
{
  gboolean now = sandbox_fault (self, "download-expired-forever", NULL);
  g_autoptr (GMutexLocker) locker = NULL;

  if (now)
    return TRUE;
  locker = g_mutex_locker_new (&self->lock);
  if (serial <= job->expired)
    return TRUE;
  g_mutex_unlock (&self->lock);
  now = sandbox_fault (self, "download-expired", NULL);
  g_mutex_lock (&self->lock);
  if (now)
    job->expired = serial;
  return now;
}

/* --- redirects
 * ------------------------------------------------------------------- */

static char *
redirect_to (SandboxConn *conn, const GenvidSandboxRequest *q)
{
  static const struct {
    const char *fault;
    const char *base; /* NULL: see below */
  } table[] = {
    { "download-redirect", NULL },
    { "download-redirect-origin", NULL },
    { "download-redirect-loop", "" },
    { "download-redirect-http", NULL },
    { "download-redirect-private", "http://10.255.255.1" },
    { "download-redirect-file", "file:///etc/passwd#" },
  };
  GenvidSandbox *self = conn->sandbox;
  const char *base = NULL;
  guint i;

  /* Where a redirect leads to, no other one begins. */
  if (conn->kind == PORT_MIRROR || g_str_has_prefix (q->path, MOVED))
    return NULL;
  for (i = 0; i < G_N_ELEMENTS (table); i++)
    if (sandbox_fault (self, table[i].fault, NULL))
      break;
  if (i == G_N_ELEMENTS (table))
    return NULL;
  base = table[i].base;
  if (i == 0)
    base = MOVED;
  else if (i == 1)
    base = genvid_sandbox_mirror_url (self);
  if (i == 3)
    return g_strdup_printf ("http://%s:%u%s?%s", self->options.host,
                            self->ports[PORT_CDN].number, q->path, q->query);
  return g_strdup_printf ("%s%s?%s", base, q->path, q->query);
}

/* --- faults that answer at once ----------------------------------------------
 */

static gboolean
answer_status (SandboxConn *conn, GenvidSandboxRequest *q)
{
  static const struct {
    const char *fault;
    guint status;
  } table[] = {
    { "download-404", 404 }, { "download-410", 410 }, { "download-500", 500 },
    { "download-503", 503 }, { "download-416", 416 },
  };
  GenvidSandbox *self = conn->sandbox;

  for (guint i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autofree char *arg = NULL;
    g_auto (SandboxReply) reply = { 0 };
    if (!sandbox_fault (self, table[i].fault, &arg))
      continue;
    sandbox_reply_init (&reply);
    sandbox_reply_set (&reply, table[i].status, "application/xml",
                       "<Error/>\n");
    if (table[i].status == 503)
      sandbox_retry_after (self, &reply, "seconds", arg);
    finish (conn, q, &reply);
    return TRUE;
  }
  return FALSE;
}

static gboolean
answer_other_body (SandboxConn *conn, GenvidSandboxRequest *q)
{
  static const struct {
    const char *fault;
    const char *type;
    const char *body;
  } table[] = {
    { "download-html", "text/html; charset=utf-8",
      "<!DOCTYPE html>\n<html><body>Please sign in</body></html>\n" },
    { "download-html-as-mp4", "video/mp4",
      "<!DOCTYPE html>\n<html><body>Please sign in</body></html>\n" },
    { "download-json", "application/json",
      "{\"error\":\"The file is being prepared\"}\n" },
    { "download-empty", "video/mp4", "" },
  };
  g_auto (SandboxReply) reply = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++) {
    if (!sandbox_fault (conn->sandbox, table[i].fault, NULL))
      continue;
    sandbox_reply_init (&reply);
    sandbox_reply_set (&reply, 200, table[i].type, table[i].body);
    finish (conn, q, &reply);
    return TRUE;
  }
  return FALSE;
}

/* --- ranges
 * -------------------------------------------------------------------------- */

/* FALSE: to be ignored. Else first and end of what is asked, which may lie
 * outside. */
static gboolean
parse_range (const char *text, guint64 size, guint64 *first, guint64 *end)
{
  g_auto (GStrv) halves = NULL;
  guint64 last = size == 0 ? 0 : size - 1;

  if (text == NULL || !g_str_has_prefix (text, "bytes=")
      || strchr (text, ',') != NULL)
    return FALSE;
  halves = g_strsplit (text + strlen ("bytes="), "-", -1);
  if (g_strv_length (halves) != 2)
    return FALSE;
  if (halves[0][0] == '\0') {
    if (!g_ascii_string_to_unsigned (halves[1], 10, 0, G_MAXINT64, &last, NULL))
      return FALSE;
    *first = last >= size ? 0 : size - last;
    *end = last == 0 ? 0 : size;
    return TRUE;
  }
  if (!g_ascii_string_to_unsigned (halves[0], 10, 0, G_MAXINT64, first, NULL))
    return FALSE;
  if (halves[1][0] != '\0'
      && (!g_ascii_string_to_unsigned (halves[1], 10, 0, G_MAXINT64, &last,
                                       NULL)
          || last < *first))
    return FALSE;
  *end = MIN (last + 1, size);
  return TRUE;
}

static gboolean
if_range_holds (const GenvidSandboxRequest *q, const SandboxSend *send)
{
  const char *value = genvid_sandbox_request_header (q, "If-Range");

  if (value == NULL)
    return TRUE;
  if (send->etag != NULL && send->etag[0] == '"'
      && g_str_equal (value, send->etag))
    return TRUE;
  return send->modified != NULL && g_str_equal (value, send->modified);
}

static void
choose_validators (GenvidSandbox *self, SandboxJob *job, SandboxSend *send)
{
  gboolean none = sandbox_fault (self, "download-no-validator", NULL);

  if (sandbox_fault (self, "download-etag-change", NULL)) {
    g_mutex_lock (&self->lock);
    job->clip_version++;
    g_mutex_unlock (&self->lock);
  }
  send->modified = none ? NULL : LAST_MODIFIED;
  if (none || sandbox_fault (self, "download-no-etag", NULL))
    return;
  g_mutex_lock (&self->lock);
  send->etag = g_strdup_printf (
      "%s\"%s-%u\"",
      sandbox_fault_pending (self, "download-weak-etag") ? "W/" : "",
      job->clip->etag, job->clip_version);
  g_mutex_unlock (&self->lock);
}

static gboolean
choose_range (GenvidSandbox *self, const GenvidSandboxRequest *q,
              SandboxSend *send)
{
  guint64 size = g_bytes_get_size (send->bytes);
  guint64 first = 0, end = size;
  const char *range = genvid_sandbox_request_header (q, "Range");

  send->status = 200;
  send->first = 0;
  send->end = size;
  send->ranges = !sandbox_fault (self, "download-no-range", NULL);
  if (!send->ranges || !parse_range (range, size, &first, &end)
      || !if_range_holds (q, send))
    return TRUE;
  if (first >= size || end == 0)
    return FALSE;
  if (sandbox_fault (self, "download-wrong-range", NULL))
    first = MIN (first + 7, end - 1);
  send->status = 206;
  send->first = first;
  send->end = end;
  return TRUE;
}

static void
choose_damage (GenvidSandbox *self, SandboxSend *send)
{
  g_autofree char *at = NULL;

  send->chunked
      = self->options.chunked || sandbox_fault (self, "download-chunked", NULL);
  send->close = sandbox_fault (self, "download-close", NULL);
  send->gzip = sandbox_fault (self, "download-gzip", NULL);
  send->hang = sandbox_fault (self, "download-hang", NULL);
  send->stall = sandbox_fault (self, "download-stall", NULL);
  if (sandbox_fault (self, "download-short", NULL))
    send->lie = -1000;
  else if (sandbox_fault (self, "download-long", NULL))
    send->lie = 1000;
  send->cut = G_MAXUINT64;
  if (sandbox_fault (self, "download-cut", NULL))
    send->cut = (send->end - send->first) / 2;
  else if (sandbox_fault (self, "download-cut-at", &at))
    send->cut = g_ascii_strtoull (at, NULL, 10);
}

static void
serve_clip (SandboxConn *conn, GenvidSandboxRequest *q, SandboxJob *job)
{
  GenvidSandbox *self = conn->sandbox;
  g_auto (SandboxSend) send = { 0 };

  g_mutex_lock (&self->lock);
  sandbox_clip_wait (self, job->clip);
  if (job->clip->bytes != NULL)
    send.bytes = g_bytes_ref (job->clip->bytes);
  g_mutex_unlock (&self->lock);
  if (send.bytes == NULL) {
    refuse (conn, q, 404, "There is no clip");
    return;
  }
  choose_validators (self, job, &send);
  if (!choose_range (self, q, &send)) {
    g_auto (SandboxReply) reply = { 0 };
    g_autofree char *total = g_strdup_printf ("bytes */%" G_GSIZE_FORMAT,
                                              g_bytes_get_size (send.bytes));
    sandbox_reply_init (&reply);
    sandbox_reply_set (&reply, 416, "application/xml", "<Error/>\n");
    sandbox_reply_header (&reply, "Content-Range", total);
    finish (conn, q, &reply);
    return;
  }
  send.head_only = g_str_equal (q->method, "HEAD");
  if (!send.head_only)
    choose_damage (self, &send);
  g_mutex_lock (&self->lock);
  sandbox_request_set_status (self, q, send.status);
  g_mutex_unlock (&self->lock);
  sandbox_send (conn, q, &send);
}

static gboolean
redirected (SandboxConn *conn, GenvidSandboxRequest *q)
{
  g_autofree char *location = redirect_to (conn, q);
  g_auto (SandboxReply) reply = { 0 };

  if (location == NULL)
    return FALSE;
  sandbox_reply_init (&reply);
  sandbox_reply_set (&reply, 302, "text/plain", "");
  sandbox_reply_header (&reply, "Location", location);
  finish (conn, q, &reply);
  return TRUE;
}

void
sandbox_cdn_serve (SandboxConn *conn, GenvidSandboxRequest *q)
{
  GenvidSandbox *self = conn->sandbox;
  gboolean get = g_str_equal (q->method, "GET");
  SandboxJob *job;
  guint serial;

  if (has_key (self, q)) {
    g_mutex_lock (&self->lock);
    self->leaks++;
    g_mutex_unlock (&self->lock);
    refuse (conn, q, 403, "A key was sent to the wrong host");
    return;
  }
  g_mutex_lock (&self->lock);
  job = find_job (self, q, &serial);
  if (job != NULL)
    q->service = job->service;
  g_mutex_unlock (&self->lock);
  if (!get && !g_str_equal (q->method, "HEAD"))
    refuse (conn, q, 405, "GET or HEAD is expected");
  else if (job == NULL)
    refuse (conn, q, 403, "The signature does not match");
  else if (get && is_expired (self, job, serial))
    refuse (conn, q, 403, "Request has expired");
  else if (!get
           || (!redirected (conn, q) && !answer_status (conn, q)
               && !answer_other_body (conn, q)))
    serve_clip (conn, q, job);
}
