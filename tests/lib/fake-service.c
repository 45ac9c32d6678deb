/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The service itself: script, gates, records and the accepting thread. What
 * happens on a connection is in fake-connection.c, what a reply looks like in
 * fake-reply.c. */
#include "fake-private.h"

#include <gio/gnetworking.h>
#include <string.h>

static void
free_entry (gpointer data)
{
  FakeEntry *entry = data;

  g_free ((char *)entry->reply.method);
  g_free ((char *)entry->reply.path);
  g_free ((char *)entry->reply.headers);
  g_free ((char *)entry->reply.body);
  g_free ((char *)entry->reply.gate);
  g_free ((char *)entry->reply.range);
  g_clear_pointer (&entry->reply.bytes, g_bytes_unref);
  g_free (entry);
}

static void
free_gate (gpointer data)
{
  FakeGate *gate = data;

  g_free (gate->name);
  g_free (gate);
}

static void
free_request (gpointer data)
{
  FakeRequest *request = data;

  g_free (request->method);
  g_free (request->target);
  g_free (request->path);
  g_hash_table_unref (request->headers);
  g_bytes_unref (request->body);
  g_free (request);
}

void
fake_service_add (FakeService *service, const FakeReply *reply)
{
  FakeEntry *entry = g_new0 (FakeEntry, 1);

  entry->reply = *reply;
  entry->reply.method = g_strdup (reply->method);
  entry->reply.path = g_strdup (reply->path);
  entry->reply.headers = g_strdup (reply->headers);
  entry->reply.body = g_strdup (reply->body);
  entry->reply.gate = g_strdup (reply->gate ? reply->gate : "gate");
  entry->reply.range = g_strdup (reply->range);
  if (reply->bytes)
    g_bytes_ref (reply->bytes);
  entry->left = reply->times;
  g_mutex_lock (&service->lock);
  g_ptr_array_add (service->entries, entry);
  g_mutex_unlock (&service->lock);
}

gboolean
fake_path_fits (const char *pattern, const char *path)
{
  gsize length = pattern ? strlen (pattern) : 0;

  if (!pattern)
    return TRUE;
  if (length && pattern[length - 1] == '*')
    return !strncmp (pattern, path, length - 1);
  return !strcmp (pattern, path);
}

static gboolean
fits (const char *method, const char *path, const FakeRequest *request)
{
  return (!method || !strcmp (method, request->method))
         && fake_path_fits (path, request->path);
}

/* Entries are never removed, so what is returned stays. */
const FakeReply *
fake_service_choose (FakeService *service, const FakeRequest *request)
{
  const FakeReply *found = NULL;

  g_mutex_lock (&service->lock);
  for (guint i = 0; i < service->entries->len && !found; i++) {
    FakeEntry *entry = service->entries->pdata[i];

    if (!fits (entry->reply.method, entry->reply.path, request)
        || (entry->reply.times && !entry->left)
        || ((entry->reply.flags & FAKE_IF_RANGED)
            && !fake_request_get_header (request, "range")))
      continue;
    if (entry->reply.times)
      entry->left--;
    found = &entry->reply;
  }
  g_mutex_unlock (&service->lock);
  return found;
}

void
fake_service_record (FakeService *service, FakeRequest *request)
{
  g_mutex_lock (&service->lock);
  g_ptr_array_add (service->requests, request);
  g_cond_broadcast (&service->cond);
  g_mutex_unlock (&service->lock);
}

/* Under the lock. */
static FakeGate *
get_gate (FakeService *service, const char *name)
{
  FakeGate *gate;

  if (!name)
    name = "gate";
  for (guint i = 0; i < service->gates->len; i++) {
    gate = service->gates->pdata[i];
    if (!strcmp (gate->name, name))
      return gate;
  }
  gate = g_new0 (FakeGate, 1);
  gate->name = g_strdup (name);
  g_ptr_array_add (service->gates, gate);
  return gate;
}

gboolean
fake_service_pass (FakeService *service, const char *name)
{
  FakeGate *gate;
  gboolean ending;

  g_mutex_lock (&service->lock);
  gate = get_gate (service, name);
  gate->arrived++;
  g_cond_broadcast (&service->cond);
  while (!gate->open && !service->ending)
    g_cond_wait (&service->cond, &service->lock);
  ending = service->ending;
  g_mutex_unlock (&service->lock);
  return !ending;
}

void
fake_service_open (FakeService *service, const char *name)
{
  g_mutex_lock (&service->lock);
  get_gate (service, name)->open = TRUE;
  g_cond_broadcast (&service->cond);
  g_mutex_unlock (&service->lock);
}

void
fake_service_await_held (FakeService *service, const char *name, guint n)
{
  g_mutex_lock (&service->lock);
  while (get_gate (service, name)->arrived < n)
    g_cond_wait (&service->cond, &service->lock);
  g_mutex_unlock (&service->lock);
}

void
fake_service_await_requests (FakeService *service, guint n)
{
  g_mutex_lock (&service->lock);
  while (service->requests->len < n)
    g_cond_wait (&service->cond, &service->lock);
  g_mutex_unlock (&service->lock);
}

void
fake_service_await_closed (FakeService *service)
{
  g_mutex_lock (&service->lock);
  while (service->n_open > 0)
    g_cond_wait (&service->cond, &service->lock);
  g_mutex_unlock (&service->lock);
}

static gpointer
accept_all (gpointer data)
{
  FakeService *service = data;
  GSocket *socket;

  while ((socket = g_socket_accept (service->socket, service->cancel, NULL))) {
    FakeConnection *connection = g_new0 (FakeConnection, 1);

    connection->service = service;
    connection->socket = g_socket_connection_factory_create_connection (socket);
    connection->buffer = g_byte_array_new ();
    g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
    g_object_unref (socket);
    g_mutex_lock (&service->lock);
    connection->number = ++service->n_connections;
    service->n_open++;
    g_ptr_array_add (
        service->threads,
        g_thread_new ("fake-connection", fake_connection_serve, connection));
    g_mutex_unlock (&service->lock);
  }
  return NULL;
}

static void
listen_somewhere (FakeService *service)
{
  g_autoptr (GInetAddress) loopback
      = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) local = NULL;
  g_autoptr (GError) error = NULL;

  service->socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
                                  G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_no_error (error);
  g_socket_set_listen_backlog (service->socket, 128);
  g_socket_bind (service->socket, any, TRUE, &error);
  g_assert_no_error (error);
  g_socket_listen (service->socket, &error);
  g_assert_no_error (error);
  local = g_socket_get_local_address (service->socket, &error);
  g_assert_no_error (error);
  service->port
      = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
}

FakeService *
fake_service_new_tls (const FakeReply *script, gsize n, const char *pem_file)
{
  FakeService *service = g_new0 (FakeService, 1);
  g_autoptr (GError) error = NULL;

  g_mutex_init (&service->lock);
  g_cond_init (&service->cond);
  service->cancel = g_cancellable_new ();
  service->entries = g_ptr_array_new_with_free_func (free_entry);
  service->gates = g_ptr_array_new_with_free_func (free_gate);
  service->requests = g_ptr_array_new_with_free_func (free_request);
  service->threads = g_ptr_array_new ();
  for (gsize i = 0; i < n; i++)
    fake_service_add (service, &script[i]);
  if (pem_file)
    service->certificate = g_tls_certificate_new_from_file (pem_file, &error);
  g_assert_no_error (error);
  listen_somewhere (service);
  service->url = g_strdup_printf (
      pem_file ? "https://localhost:%u" : "http://127.0.0.1:%u", service->port);
  service->thread = g_thread_new ("fake-service", accept_all, service);
  return service;
}

FakeService *
fake_service_new (const FakeReply *script, gsize n)
{
  return fake_service_new_tls (script, n, NULL);
}

void
fake_service_free (FakeService *service)
{
  g_mutex_lock (&service->lock);
  service->ending = TRUE;
  g_cond_broadcast (&service->cond);
  g_mutex_unlock (&service->lock);
  g_cancellable_cancel (service->cancel);
  g_thread_join (service->thread);
  for (guint i = 0; i < service->threads->len; i++)
    g_thread_join (service->threads->pdata[i]);
  g_ptr_array_unref (service->threads);
  g_ptr_array_unref (service->entries);
  g_ptr_array_unref (service->gates);
  g_ptr_array_unref (service->requests);
  g_object_unref (service->cancel);
  g_object_unref (service->socket);
  g_clear_object (&service->certificate);
  g_free (service->url);
  g_free (service->alpn);
  g_mutex_clear (&service->lock);
  g_cond_clear (&service->cond);
  g_free (service);
}

const char *
fake_service_get_url (FakeService *service)
{
  return service->url;
}

guint16
fake_service_get_port (FakeService *service)
{
  return service->port;
}

char *
fake_service_make_url (FakeService *service, const char *path)
{
  return g_strconcat (service->url, path, NULL);
}

guint
fake_service_get_n_requests (FakeService *service)
{
  guint n;

  g_mutex_lock (&service->lock);
  n = service->requests->len;
  g_mutex_unlock (&service->lock);
  return n;
}

const FakeRequest *
fake_service_get_request (FakeService *service, guint index)
{
  const FakeRequest *request;

  g_mutex_lock (&service->lock);
  g_assert_cmpuint (index, <, service->requests->len);
  request = service->requests->pdata[index];
  g_mutex_unlock (&service->lock);
  return request;
}

const char *
fake_request_get_header (const FakeRequest *request, const char *name)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);

  return g_hash_table_lookup (request->headers, lower);
}

guint
fake_service_count (FakeService *service, const char *method, const char *path)
{
  guint count = 0;

  g_mutex_lock (&service->lock);
  for (guint i = 0; i < service->requests->len; i++)
    count += fits (method, path, service->requests->pdata[i]);
  g_mutex_unlock (&service->lock);
  return count;
}

guint
fake_service_get_n_connections (FakeService *service)
{
  guint n;

  g_mutex_lock (&service->lock);
  n = service->n_connections;
  g_mutex_unlock (&service->lock);
  return n;
}

const char *
fake_service_get_alpn (FakeService *service)
{
  const char *alpn;

  g_mutex_lock (&service->lock);
  alpn = service->alpn;
  g_mutex_unlock (&service->lock);
  return alpn;
}
