/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sandbox-private.h"

#include <string.h>

static const struct {
  gboolean (*route) (GenvidSandboxRequest *q);
  void (*serve) (GenvidSandbox *self, const GenvidSandboxRequest *q,
                 SandboxReply *reply);
} services[SANDBOX_N_SERVICES] = {
  { sandbox_genpro_route, sandbox_genpro_serve },
  { sandbox_aimlapi_route, sandbox_aimlapi_serve },
  { sandbox_cn8_route, sandbox_cn8_serve },
};

static void
route (GenvidSandboxRequest *q)
{
  q->service = GENVID_SANDBOX_NO_SERVICE;
  q->scope = q->cdn ? GENVID_SANDBOX_DOWNLOAD : GENVID_SANDBOX_OTHER;
  for (guint i = 0; !q->cdn && i < SANDBOX_N_SERVICES; i++)
    if (services[i].route (q))
      return;
}

static void
record (GenvidSandbox *self, GenvidSandboxRequest *q)
{
  SANDBOX_LOCK (self);
  GenvidSandboxRequest *copy = g_new (GenvidSandboxRequest, 1);

  q->number = self->requests->len + 1;
  q->time = (double)g_get_monotonic_time () / 1e6 + self->advanced;
  *copy = *q;
  copy->method = g_strdup (q->method);
  copy->path = g_strdup (q->path);
  copy->query = g_strdup (q->query);
  copy->headers = g_strdupv (q->headers);
  copy->body = q->body == NULL ? NULL : g_bytes_ref (q->body);
  g_ptr_array_add (self->requests, copy);
  g_cond_broadcast (&self->cond);
}

/* The gates of the first scopes have the same numbers. */
static gboolean
pass_scope_gate (GenvidSandbox *self, const GenvidSandboxRequest *q)
{
  if (q->scope < 0 || q->scope > GENVID_SANDBOX_LOOKUP
      || q->scope == GENVID_SANDBOX_DOWNLOAD)
    return TRUE;
  return sandbox_pass_gate (self, (GenvidSandboxGate)q->scope);
}

static void
serve_api (SandboxConn *conn, GenvidSandboxRequest *q)
{
  GenvidSandbox *self = conn->sandbox;
  g_auto (SandboxReply) reply = { 0 };

  sandbox_reply_init (&reply);
  if (genvid_sandbox_request_header (q, "Host") == NULL)
    sandbox_reply_error (&reply, q, 400, "the Host header is missing");
  else if (q->service == GENVID_SANDBOX_NO_SERVICE)
    sandbox_reply_error (&reply, q, 404, "no service has this path");
  else
    services[q->service].serve (self, q, &reply);

  if (reply.status < 300)
    sandbox_fault_spoil (self, q, &reply);
  if (!pass_scope_gate (self, q))
    return;

  g_mutex_lock (&self->lock);
  sandbox_request_set_status (self, q,
                              reply.spoil == SPOIL_NONE ? reply.status : 0);
  if (reply.status >= 400)
    sandbox_ledger_refused (self, q, reply.status, reply.body->str);
  g_mutex_unlock (&self->lock);
  sandbox_conn_reply (conn, q, &reply);
}

static gboolean
lost_before_body (SandboxConn *conn, const GenvidSandboxRequest *q)
{
  GenvidSandbox *self = conn->sandbox;

  if (conn->served > 0 && sandbox_fault (self, "reused-closed", NULL))
    return TRUE;
  return q->scope == GENVID_SANDBOX_SUBMIT
         && sandbox_fault (self, "submit-lost-before", NULL);
}

static void
serve_one (SandboxConn *conn)
{
  g_autoptr (GenvidSandboxRequest) q = g_new0 (GenvidSandboxRequest, 1);
  const char *connection;

  if (!sandbox_conn_read_head (conn, q))
    return;
  route (q);
  if (lost_before_body (conn, q)) {
    record (conn->sandbox, q);
    sandbox_conn_cut (conn);
    return;
  }
  if (!sandbox_conn_read_body (conn, q)) {
    record (conn->sandbox, q);
    conn->dead = TRUE;
    return;
  }
  record (conn->sandbox, q);
  if (q->cdn)
    sandbox_cdn_serve (conn, q);
  else
    serve_api (conn, q);
  conn->served++;
  connection = genvid_sandbox_request_header (q, "Connection");
  if (connection != NULL && g_ascii_strcasecmp (connection, "close") == 0)
    conn->dead = TRUE;
}

static GIOStream *
wrap_tls (SandboxConn *conn, GIOStream *plain)
{
  GenvidSandbox *self = conn->sandbox;
  GIOStream *tls = NULL;

  if (self->certificate == NULL)
    return plain;
  tls = g_tls_server_connection_new (plain, self->certificate, NULL);
  if (tls == NULL)
    return plain;
  g_tls_connection_set_require_close_notify (G_TLS_CONNECTION (tls), FALSE);
  if (!g_tls_connection_handshake (G_TLS_CONNECTION (tls), self->cancel, NULL))
    conn->dead = TRUE;
  g_object_unref (plain);
  return tls;
}

void
sandbox_connection_run (gpointer data, gpointer user_data)
{
  SandboxConn *conn = data;
  GenvidSandbox *self = user_data;

  if (conn->kind == PORT_API && sandbox_fault (self, "connect-closed", NULL))
    sandbox_conn_cut (conn);
  else if (conn->kind == PORT_API
           && sandbox_fault (self, "connect-hang", NULL)) {
    sandbox_pass_gate (self, GENVID_SANDBOX_GATE_HANG);
    sandbox_conn_cut (conn);
  } else
    conn->io = wrap_tls (conn, conn->io);
  while (!conn->dead)
    serve_one (conn);

  g_mutex_lock (&self->lock);
  g_hash_table_remove (self->conns, conn);
  g_mutex_unlock (&self->lock);
  sandbox_conn_free (conn);
}

static void
begin_connection (SandboxPort *port, GSocket *socket, guint64 number)
{
  GenvidSandbox *self = port->sandbox;
  SandboxConn *conn = g_new0 (SandboxConn, 1);

  conn->sandbox = self;
  conn->kind = port->kind;
  conn->socket = socket;
  conn->io
      = G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
  conn->in = g_byte_array_new ();
  conn->number = number;
  g_mutex_lock (&self->lock);
  g_hash_table_add (self->conns, conn);
  g_mutex_unlock (&self->lock);
  g_thread_pool_push (self->connections, conn, NULL);
}

static gpointer
accept_thread (gpointer data)
{
  static gint last; /* connections are numbered across all sandboxes */
  SandboxPort *port = data;

  for (;;) {
    GSocket *socket = g_socket_accept (port->socket, port->cancel, NULL);
    if (socket != NULL)
      begin_connection (port, socket, (guint64)g_atomic_int_add (&last, 1) + 1);
    else if (g_cancellable_is_cancelled (port->cancel))
      return NULL;
  }
}

gboolean
sandbox_port_open (SandboxPort *port, guint16 number, GError **error)
{
  const char *host = port->sandbox->options.host;
  g_autoptr (GSocketAddress) wanted
      = g_inet_socket_address_new_from_string (host, number);
  g_autoptr (GSocketAddress) got = NULL;
  g_autoptr (GSocket) socket = g_socket_new (
      G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);

  if (socket == NULL || !g_socket_bind (socket, wanted, TRUE, error))
    return FALSE;
  g_socket_set_listen_backlog (socket, 128);
  if (!g_socket_listen (socket, error))
    return FALSE;
  got = g_socket_get_local_address (socket, error);
  if (got == NULL)
    return FALSE;
  port->number = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (got));
  if (port->url == NULL)
    port->url = g_strdup_printf ("%s://%s:%u",
                                 port->sandbox->certificate ? "https" : "http",
                                 host, port->number);
  port->socket = g_steal_pointer (&socket);
  port->cancel = g_cancellable_new ();
  port->thread = g_thread_new ("sandbox-port", accept_thread, port);
  return TRUE;
}

void
sandbox_port_close (SandboxPort *port)
{
  if (port->thread == NULL)
    return;
  g_cancellable_cancel (port->cancel);
  g_thread_join (g_steal_pointer (&port->thread));
  g_socket_close (port->socket, NULL);
  g_clear_object (&port->socket);
  g_clear_object (&port->cancel);
}

gboolean
genvid_sandbox_set_listening (GenvidSandbox *self, gboolean listening,
                              GError **error)
{
  SandboxPort *port = &self->ports[PORT_API];

  if (listening == (port->thread != NULL))
    return TRUE;
  if (listening)
    return sandbox_port_open (port, port->number, error);
  sandbox_port_close (port);
  return TRUE;
}

void
genvid_sandbox_drop_connections (GenvidSandbox *self)
{
  SANDBOX_LOCK (self);
  GHashTableIter iter;
  gpointer conn;

  g_hash_table_iter_init (&iter, self->conns);
  while (g_hash_table_iter_next (&iter, &conn, NULL))
    g_socket_shutdown (((SandboxConn *)conn)->socket, TRUE, TRUE, NULL);
}
