/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The object: its life, its clock, its gates, what it remembers. */
#include "sandbox-private.h"

#include <string.h>

double
sandbox_now (GenvidSandbox *self)
{
  return (double)g_get_monotonic_time () / 1e6 + self->advanced;
}

char *
sandbox_date (GenvidSandbox *self, double ahead)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) then = g_date_time_add_seconds (now, ahead);
  static const char *const days[]
      = { "", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
  static const char *const months[]
      = { "",    "Jan", "Feb", "Mar", "Apr", "May", "Jun",
          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

  return g_strdup_printf (
      "%s, %02d %s %04d %02d:%02d:%02d GMT",
      days[g_date_time_get_day_of_week (then)],
      g_date_time_get_day_of_month (then), months[g_date_time_get_month (then)],
      g_date_time_get_year (then), g_date_time_get_hour (then),
      g_date_time_get_minute (then), g_date_time_get_second (then));
}

gboolean
sandbox_pass_gate (GenvidSandbox *self, GenvidSandboxGate gate)
{
  SANDBOX_LOCK (self);
  guint epoch = self->gate_epoch[gate];

  if (!self->held[gate])
    return !self->stopping;
  self->at_gate[gate]++;
  g_cond_broadcast (&self->cond);
  while (!self->stopping && self->held[gate] && epoch == self->gate_epoch[gate])
    g_cond_wait (&self->cond, &self->lock);
  self->at_gate[gate]--;
  return !self->stopping;
}

gboolean
sandbox_within_limit (GenvidSandbox *self, GQueue *times, guint limit)
{
  SANDBOX_LOCK (self);
  double now = sandbox_now (self);
  double *head;

  while ((head = g_queue_peek_head (times)) != NULL && *head <= now - 60)
    g_free (g_queue_pop_head (times));
  if (g_queue_get_length (times) >= limit)
    return FALSE;
  g_queue_push_tail (times, g_memdup2 (&now, sizeof now));
  return TRUE;
}

void
genvid_sandbox_advance (GenvidSandbox *self, double seconds)
{
  SANDBOX_LOCK (self);

  self->advanced += seconds;
  g_cond_broadcast (&self->cond);
}

void
genvid_sandbox_hold (GenvidSandbox *self, GenvidSandboxGate gate)
{
  SANDBOX_LOCK (self);

  self->held[gate] = TRUE;
}

void
genvid_sandbox_hold_download (GenvidSandbox *self, guint64 offset)
{
  SANDBOX_LOCK (self);

  self->held[GENVID_SANDBOX_GATE_DOWNLOAD] = TRUE;
  self->hold_at = offset;
}

void
genvid_sandbox_release (GenvidSandbox *self, GenvidSandboxGate gate)
{
  SANDBOX_LOCK (self);

  /* Those who hang are let go; later ones hang again. */
  self->held[gate] = gate == GENVID_SANDBOX_GATE_HANG;
  self->gate_epoch[gate]++;
  g_cond_broadcast (&self->cond);
}

gboolean
genvid_sandbox_wait_held (GenvidSandbox *self, GenvidSandboxGate gate, guint n,
                          guint timeout_ms)
{
  SANDBOX_LOCK (self);
  gint64 end = g_get_monotonic_time () + (gint64)timeout_ms * 1000;

  while (self->at_gate[gate] < n)
    if (!g_cond_wait_until (&self->cond, &self->lock, end))
      return FALSE;
  return TRUE;
}

/* --- requests ---------------------------------------------------------------
 */

void
genvid_sandbox_request_free (GenvidSandboxRequest *q)
{
  g_free (q->method);
  g_free (q->path);
  g_free (q->query);
  g_strfreev (q->headers);
  g_clear_pointer (&q->body, g_bytes_unref);
  g_free (q);
}

const char *
genvid_sandbox_request_header (const GenvidSandboxRequest *q, const char *name)
{
  gsize length = strlen (name);

  for (guint i = 0; q->headers[i] != NULL; i++) {
    const char *line = q->headers[i];
    if (g_ascii_strncasecmp (line, name, length) != 0 || line[length] != ':')
      continue;
    line += length + 1;
    return line + strspn (line, " \t");
  }
  return NULL;
}

static gpointer
copy_request (gconstpointer source, gpointer unused)
{
  const GenvidSandboxRequest *q = source;
  GenvidSandboxRequest *copy = g_memdup2 (q, sizeof *q);

  copy->method = g_strdup (q->method);
  copy->path = g_strdup (q->path);
  copy->query = g_strdup (q->query);
  copy->headers = g_strdupv (q->headers);
  copy->body = q->body == NULL ? NULL : g_bytes_ref (q->body);
  return copy;
}

GPtrArray *
genvid_sandbox_requests (GenvidSandbox *self)
{
  SANDBOX_LOCK (self);
  GPtrArray *copy = g_ptr_array_copy (self->requests, copy_request, NULL);

  g_ptr_array_set_free_func (copy, (GDestroyNotify)genvid_sandbox_request_free);
  return copy;
}

void
sandbox_request_set_status (GenvidSandbox *self, const GenvidSandboxRequest *q,
                            guint status)
{
  GenvidSandboxRequest *kept = self->requests->pdata[q->number - 1];

  kept->status = status;
  kept->service = q->service;
  if (self->options.verbose)
    g_printerr ("%s %s%s%s → %u\n", q->method, q->path,
                q->query == NULL ? "" : "?", q->query == NULL ? "" : q->query,
                status);
}

static guint
count_requests (GenvidSandbox *self, GenvidSandboxService service,
                GenvidSandboxScope scope)
{
  guint n = 0;

  for (guint i = 0; i < self->requests->len; i++) {
    GenvidSandboxRequest *q = self->requests->pdata[i];
    n += (service == GENVID_SANDBOX_ANY_SERVICE || q->service == service)
         && (scope == GENVID_SANDBOX_ANY_SCOPE || q->scope == scope);
  }
  return n;
}

guint
genvid_sandbox_count_requests (GenvidSandbox *self,
                               GenvidSandboxService service,
                               GenvidSandboxScope scope)
{
  SANDBOX_LOCK (self);

  return count_requests (self, service, scope);
}

gboolean
genvid_sandbox_wait_requests (GenvidSandbox *self, GenvidSandboxScope scope,
                              guint n, guint timeout_ms)
{
  SANDBOX_LOCK (self);
  gint64 end = g_get_monotonic_time () + (gint64)timeout_ms * 1000;

  while (count_requests (self, GENVID_SANDBOX_ANY_SERVICE, scope) < n)
    if (!g_cond_wait_until (&self->cond, &self->lock, end))
      return FALSE;
  return TRUE;
}

guint
genvid_sandbox_leaks (GenvidSandbox *self)
{
  SANDBOX_LOCK (self);

  return self->leaks;
}

/* --- content
 * ------------------------------------------------------------------ */

void
genvid_sandbox_set_clip (GenvidSandbox *self, GBytes *clip)
{
  SANDBOX_LOCK (self);

  g_bytes_ref (clip);
  g_clear_pointer (&self->fixed_clip, g_bytes_unref);
  self->fixed_clip = clip;
}

void
genvid_sandbox_set_rate (GenvidSandbox *self, guint64 bytes_per_second)
{
  SANDBOX_LOCK (self);

  self->rate = bytes_per_second;
}

void
genvid_sandbox_add_resource (GenvidSandbox *self, const char *id)
{
  SANDBOX_LOCK (self);

  g_hash_table_add (self->resources, g_strdup (id));
}

const char *
genvid_sandbox_base_url (GenvidSandbox *self)
{
  return self->ports[PORT_API].url;
}

const char *
genvid_sandbox_cdn_url (GenvidSandbox *self)
{
  return self->ports[PORT_CDN].url;
}

const char *
genvid_sandbox_mirror_url (GenvidSandbox *self)
{
  return self->ports[PORT_MIRROR].url;
}
