/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One connection: TLS if wanted, requests in, replies out, and the three ways
 * in which a line can go dead. Blocking, in a thread of its own. */
#include "fake-private.h"

#include <gio/gnetworking.h>
#include <string.h>

#define BLOCK    65536
#define MAX_HEAD 131072

/* At least one more byte in the buffer. */
static gboolean
read_more (FakeConnection *connection)
{
  g_autofree guint8 *block = g_malloc (BLOCK);
  gssize n
      = g_input_stream_read (g_io_stream_get_input_stream (connection->stream),
                             block, BLOCK, connection->service->cancel, NULL);

  if (n > 0)
    g_byte_array_append (connection->buffer, block, n);
  return n > 0;
}

/* Owned by the caller; NULL: the connection ended first. */
static char *
read_head (FakeConnection *connection)
{
  GByteArray *buffer = connection->buffer;
  const guint8 *end = NULL;
  gsize length;
  char *head;

  while (!buffer->len
         || !(end = memmem (buffer->data, buffer->len, "\r\n\r\n", 4)))
    if (buffer->len > MAX_HEAD || !read_more (connection))
      return NULL;
  length = end - buffer->data;
  head = g_strndup ((const char *)buffer->data, length);
  g_byte_array_remove_range (buffer, 0, length + 4);
  return head;
}

static void
read_header (GHashTable *headers, const char *line)
{
  const char *colon = strchr (line, ':');
  g_autofree char *name = NULL;
  g_autofree char *value = NULL;
  const char *before;

  if (!colon)
    return;
  name = g_ascii_strdown (line, colon - line);
  value = g_strstrip (g_strdup (colon + 1));
  before = g_hash_table_lookup (headers, name);
  if (before) {
    char *both = g_strdup_printf ("%s, %s", before, value);

    g_free (value);
    value = both;
  }
  g_hash_table_replace (headers, g_steal_pointer (&name),
                        g_steal_pointer (&value));
}

static FakeRequest *
read_request (FakeConnection *connection)
{
  g_autofree char *head = read_head (connection);
  g_auto (GStrv) lines = head ? g_strsplit (head, "\r\n", -1) : NULL;
  g_auto (GStrv) words = lines ? g_strsplit (lines[0], " ", 3) : NULL;
  FakeRequest *request;

  if (!words || g_strv_length (words) != 3)
    return NULL;
  request = g_new0 (FakeRequest, 1);
  request->method = g_strdup (words[0]);
  request->target = g_strdup (words[1]);
  request->path = g_strndup (words[1], strcspn (words[1], "?"));
  request->connection = connection->number;
  request->headers
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 1; lines[i]; i++)
    read_header (request->headers, lines[i]);
  return request;
}

static void
read_body (FakeConnection *connection, FakeRequest *request, gboolean whole)
{
  const char *text = fake_request_get_header (request, "content-length");
  guint64 length = text ? g_ascii_strtoull (text, NULL, 10) : 0;
  GByteArray *buffer = connection->buffer;
  gsize n;

  while (whole && buffer->len < length && read_more (connection))
    continue;
  n = MIN (buffer->len, length);
  request->body = g_bytes_new (buffer->data, n);
  request->complete = n == length;
  if (n > 0)
    g_byte_array_remove_range (buffer, 0, n);
}

gboolean
fake_connection_write (FakeConnection *connection, const void *data,
                       gsize length)
{
  return g_output_stream_write_all (
      g_io_stream_get_output_stream (connection->stream), data, length, NULL,
      connection->service->cancel, NULL);
}

void
fake_connection_reset (FakeConnection *connection)
{
  GSocket *socket = g_socket_connection_get_socket (connection->socket);
  struct linger now = { .l_onoff = 1, .l_linger = 0 };

  setsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_LINGER, &now,
              sizeof now);
  g_socket_close (socket, NULL);
}

/* FALSE: the connection is over. */
static gboolean
serve_one (FakeConnection *connection)
{
  FakeRequest *request = read_request (connection);
  const FakeReply *reply;
  gboolean complete;

  if (!request)
    return FALSE;
  reply = fake_service_choose (connection->service, request);
  read_body (connection, request, !reply || !(reply->flags & FAKE_DROP_BODY));
  complete = request->complete;
  fake_service_record (connection->service, request);
  if (!reply) {
    const FakeReply none
        = { .status = 599, .body = "no entry of the script fits" };

    return complete && fake_reply_send (connection, &none, request);
  }
  if (complete && !(reply->flags & FAKE_DROP_BODY)
      && fake_reply_send (connection, reply, request))
    return TRUE;
  if (reply->flags & FAKE_RESET)
    fake_connection_reset (connection);
  return FALSE;
}

static gboolean
start_tls (FakeConnection *connection)
{
  const char *const protocols[] = { "h2", "http/1.1", NULL };
  FakeService *service = connection->service;
  g_autoptr (GIOStream) stream = g_tls_server_connection_new (
      G_IO_STREAM (connection->socket), service->certificate, NULL);
  GTlsConnection *tls = G_TLS_CONNECTION (stream);

  g_tls_connection_set_advertised_protocols (tls, protocols);
  g_tls_connection_set_require_close_notify (tls, FALSE);
  if (!g_tls_connection_handshake (tls, service->cancel, NULL))
    return FALSE;
  g_mutex_lock (&service->lock);
  if (!service->alpn)
    service->alpn = g_strdup (g_tls_connection_get_negotiated_protocol (tls));
  g_mutex_unlock (&service->lock);
  connection->stream = g_steal_pointer (&stream);
  return TRUE;
}

gpointer
fake_connection_serve (gpointer data)
{
  FakeConnection *connection = data;
  FakeService *service = connection->service;
  gboolean alive = TRUE;

  if (service->certificate)
    alive = start_tls (connection);
  else
    connection->stream = g_object_ref (G_IO_STREAM (connection->socket));
  while (alive)
    alive = serve_one (connection);
  if (connection->stream)
    g_io_stream_close (connection->stream, NULL, NULL);
  g_io_stream_close (G_IO_STREAM (connection->socket), NULL, NULL);
  g_clear_object (&connection->stream);
  g_clear_object (&connection->socket);
  g_byte_array_unref (connection->buffer);
  g_free (connection);
  g_mutex_lock (&service->lock);
  service->n_open--;
  g_cond_broadcast (&service->cond);
  g_mutex_unlock (&service->lock);
  return NULL;
}
