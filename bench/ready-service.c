/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The least job service that a bench needs, in the bench's own process, so
 * that "ready" and what follows are read from one clock. It checks nothing;
 * genvid-sandbox does. */

#include "ready-service.h"

#include <string.h>

#define MAX_HEAD 65536
/* As many ask at once; whoever is turned away by the kernel comes again after a
 * second, which would be measured as ours. */
#define MAX_ASKING 512

struct _ReadyService {
  GSocketService *listener;
  guint16 port;
  char *result;
  GMutex mutex; /* guards moment */
  gint64 moment;
  gint n_jobs; /* atomic */
};

/* The head, and as much of the body as Content-Length says. */
static char *
read_request (GInputStream *stream)
{
  g_autoptr (GDataInputStream) input = g_data_input_stream_new (stream);
  g_autoptr (GString) head = g_string_new (NULL);
  gsize body = 0;

  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (input),
                                               FALSE);
  g_data_input_stream_set_newline_type (input, G_DATA_STREAM_NEWLINE_TYPE_LF);
  while (head->len < MAX_HEAD) {
    g_autofree char *line
        = g_data_input_stream_read_line (input, NULL, NULL, NULL);

    if (line == NULL)
      return NULL;
    if (line[0] == '\0' || line[0] == '\r')
      break;
    if (g_ascii_strncasecmp (line, "content-length:", 15) == 0)
      body = (gsize)g_ascii_strtoull (line + 15, NULL, 10);
    g_string_append_printf (head, "%s\n", line);
  }
  if (g_input_stream_skip (G_INPUT_STREAM (input), body, NULL, NULL)
      < (gssize)body)
    return NULL;
  return g_string_free (g_steal_pointer (&head), FALSE);
}

/* Of "GET /v2/video/generations?generation_id=ID HTTP/1.1". */
static char *
find_id (const char *request)
{
  const char *id = strchr (request, '=');

  return id != NULL ? g_strndup (id + 1, strcspn (id + 1, " &\n")) : NULL;
}

static char *
answer (ReadyService *service, const char *request)
{
  g_autofree char *id = NULL;

  if (g_str_has_prefix (request, "POST ")) {
    int n = g_atomic_int_add (&service->n_jobs, 1);

    return g_strdup_printf ("{\"id\":\"clip-%d\",\"status\":\"queued\"}", n);
  }
  id = find_id (request);
  g_mutex_lock (&service->mutex);
  if (service->moment == 0)
    service->moment = g_get_monotonic_time ();
  g_mutex_unlock (&service->mutex);
  return g_strdup_printf ("{\"id\":\"%s\",\"status\":\"completed\","
                          "\"video\":{\"url\":\"%s\"}}",
                          id, service->result);
}

static gboolean
serve (GThreadedSocketService *listener, GSocketConnection *connection,
       GObject *source, gpointer data)
{
  ReadyService *service = data;
  GIOStream *stream = G_IO_STREAM (connection);
  g_autofree char *request
      = read_request (g_io_stream_get_input_stream (stream));
  g_autofree char *body = NULL;
  g_autofree char *reply = NULL;

  if (request == NULL)
    return TRUE;
  body = answer (service, request);
  /* The shortest wait a server may ask for. */
  reply = g_strdup_printf ("HTTP/1.1 200 OK\r\n"
                           "Content-Type: application/json\r\n"
                           "Content-Length: %" G_GSIZE_FORMAT "\r\n"
                           "Retry-After: 1\r\nConnection: close\r\n\r\n%s",
                           strlen (body), body);
  g_output_stream_write_all (g_io_stream_get_output_stream (stream), reply,
                             strlen (reply), NULL, NULL, NULL);
  g_io_stream_close (stream, NULL, NULL);
  return TRUE;
}

ReadyService *
ready_service_new (const char *result, guint16 port, GError **error)
{
  g_autoptr (ReadyService) service = g_new0 (ReadyService, 1);
  g_autoptr (GInetAddress) loopback
      = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) wish = g_inet_socket_address_new (loopback, port);
  g_autoptr (GSocketAddress) got = NULL;

  g_mutex_init (&service->mutex);
  service->result = g_strdup (result);
  service->listener = g_threaded_socket_service_new (16);
  g_socket_listener_set_backlog (G_SOCKET_LISTENER (service->listener),
                                 MAX_ASKING);
  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (service->listener),
                                      wish, G_SOCKET_TYPE_STREAM,
                                      G_SOCKET_PROTOCOL_TCP, NULL, &got, error))
    return NULL;
  service->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (got));
  g_signal_connect (service->listener, "run", G_CALLBACK (serve), service);
  g_socket_service_start (service->listener);
  return g_steal_pointer (&service);
}

void
ready_service_free (ReadyService *service)
{
  if (service == NULL)
    return;
  g_socket_service_stop (service->listener);
  g_socket_listener_close (G_SOCKET_LISTENER (service->listener));
  g_object_unref (service->listener);
  g_mutex_clear (&service->mutex);
  g_free (service->result);
  g_free (service);
}

char *
ready_service_get_url (ReadyService *service)
{
  return g_strdup_printf ("http://127.0.0.1:%u", service->port);
}

gint64
ready_service_get_moment (ReadyService *service)
{
  gint64 moment;

  g_mutex_lock (&service->mutex);
  moment = service->moment;
  g_mutex_unlock (&service->mutex);
  return moment;
}

char *
ready_service_expand (ReadyService *service, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "{base}", -1);
  g_autofree char *url
      = service != NULL ? ready_service_get_url (service) : g_strdup ("");

  return g_strjoinv (url, parts);
}
