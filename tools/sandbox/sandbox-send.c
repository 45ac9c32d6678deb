/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sandbox-send.h"

#include <string.h>

#define BLOCK (64 * 1024)

void
sandbox_send_clear (SandboxSend *send)
{
  g_clear_pointer (&send->bytes, g_bytes_unref);
  g_clear_pointer (&send->etag, g_free);
}

static char *
head (SandboxConn *conn, const SandboxSend *send)
{
  g_autofree char *date = sandbox_date (conn->sandbox, 0);
  g_autoptr (GString) out = g_string_new (NULL);
  gint64 length = (gint64)(send->end - send->first) + send->lie;

  g_string_printf (
      out, "HTTP/1.1 %s\r\nDate: %s\r\nContent-Type: video/mp4\r\n",
      send->status == 206 ? "206 Partial Content" : "200 OK", date);
  if (send->ranges)
    g_string_append (out, "Accept-Ranges: bytes\r\n");
  if (send->etag != NULL)
    g_string_append_printf (out, "ETag: %s\r\n", send->etag);
  if (send->modified != NULL)
    g_string_append_printf (out, "Last-Modified: %s\r\n", send->modified);
  if (send->gzip)
    g_string_append (out, "Content-Encoding: gzip\r\n");
  if (send->status == 206) {
    g_string_append_printf (out,
                            "Content-Range: bytes %" G_GUINT64_FORMAT
                            "-%" G_GUINT64_FORMAT "/",
                            send->first, send->end - 1);
    if (send->chunked || send->close)
      g_string_append (out, "*\r\n");
    else
      g_string_append_printf (out, "%" G_GSIZE_FORMAT "\r\n",
                              g_bytes_get_size (send->bytes));
  }
  if (send->close)
    g_string_append (out, "Connection: close\r\n");
  else if (send->chunked)
    g_string_append (out, "Transfer-Encoding: chunked\r\n");
  else
    g_string_append_printf (out, "Content-Length: %" G_GINT64_FORMAT "\r\n",
                            MAX (length, 0));
  g_string_append (out, "\r\n");
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* How much may go out from `at` now. */
static guint64
next_block (SandboxConn *conn, const SandboxSend *send, guint64 at,
            guint64 *rate)
{
  GenvidSandbox *self = conn->sandbox;
  guint64 end = send->end;
  guint64 half = send->first + (send->end - send->first) / 2;
  SANDBOX_LOCK (self);

  *rate = self->rate;
  if (self->held[GENVID_SANDBOX_GATE_DOWNLOAD] && send->first < self->hold_at)
    end = MIN (end, self->hold_at);
  if (send->stall && at < half)
    end = MIN (end, half);
  if (send->cut < send->end - send->first)
    end = MIN (end, send->first + send->cut);
  return MIN (end - at, *rate > 0 ? MAX (*rate / 20, 1) : BLOCK);
}

/* So that the whole takes as long as the rate says. */
static void
pace (GenvidSandbox *self, gint64 start, guint64 sent, guint64 rate)
{
  g_autoptr (GMutexLocker) locker = NULL;
  gint64 due;

  if (rate == 0)
    return;
  due = start + (gint64)((double)sent / (double)rate * (double)G_USEC_PER_SEC);
  locker = g_mutex_locker_new (&self->lock);
  while (!self->stopping && self->rate == rate)
    if (!g_cond_wait_until (&self->cond, &self->lock, due))
      return;
}

static gboolean
write_block (SandboxConn *conn, const SandboxSend *send, guint64 at, gsize n)
{
  const guint8 *data = g_bytes_get_data (send->bytes, NULL);
  g_autofree char *size = NULL;

  if (!send->chunked)
    return sandbox_conn_write (conn, data + at, n);
  size = g_strdup_printf ("%" G_GSIZE_MODIFIER "x\r\n", n);
  return sandbox_conn_write (conn, size, strlen (size))
         && sandbox_conn_write (conn, data + at, n)
         && sandbox_conn_write (conn, "\r\n", 2);
}

/* At a place where no byte may follow for now. FALSE: none ever will. */
static gboolean
wait_or_cut (SandboxConn *conn, const SandboxSend *send, guint64 at)
{
  GenvidSandbox *self = conn->sandbox;

  if (at - send->first >= send->cut) {
    sandbox_conn_cut (conn);
    return FALSE;
  }
  return sandbox_pass_gate (self, GENVID_SANDBOX_GATE_DOWNLOAD);
}

static void
note_sent (GenvidSandbox *self, const GenvidSandboxRequest *q, gsize n)
{
  SANDBOX_LOCK (self);
  GenvidSandboxRequest *kept = self->requests->pdata[q->number - 1];

  kept->sent += n;
}

static void
send_body (SandboxConn *conn, const GenvidSandboxRequest *q,
           const SandboxSend *send)
{
  GenvidSandbox *self = conn->sandbox;
  guint64 half = send->first + (send->end - send->first) / 2;
  guint64 at = send->first;
  gint64 start = g_get_monotonic_time ();

  while (at < send->end) {
    guint64 rate = 0;
    gsize n = (gsize)next_block (conn, send, at, &rate);
    if (n == 0 && !wait_or_cut (conn, send, at))
      return;
    if (n > 0 && !write_block (conn, send, at, n))
      return;
    at += n;
    note_sent (self, q, n);
    pace (self, start, at - send->first, rate);
    if (!send->stall || at != half)
      continue;
    sandbox_pass_gate (self, GENVID_SANDBOX_GATE_HANG);
    sandbox_conn_cut (conn);
    return;
  }
  if (send->chunked && !send->close)
    sandbox_conn_write (conn, "0\r\n\r\n", 5);
}

void
sandbox_send (SandboxConn *conn, const GenvidSandboxRequest *q,
              const SandboxSend *send)
{
  SandboxSend own = *send;
  g_autofree char *text = NULL;

  own.chunked = send->chunked && !send->close;
  text = head (conn, send);
  if (send->hang) {
    sandbox_pass_gate (conn->sandbox, GENVID_SANDBOX_GATE_HANG);
    sandbox_conn_cut (conn);
    return;
  }
  if (!sandbox_conn_write (conn, text, strlen (text)) || send->head_only)
    return;
  send_body (conn, q, &own);
  if (send->close || send->lie != 0)
    sandbox_conn_cut (conn);
}
