/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A SoupMessage with the rules that libsoup does not have: HTTP/1.1 by ALPN,
 * TLS 1.2 at least, extra anchors beside the system's, an end of interim
 * answers, a proxy's words kept apart from the server's, and an answer to "may
 * a byte of it be out?". libsoup says "starting" before the first byte and
 * "wrote-headers" after many; so all from "starting" on counts as written. */
#include <genvid/genvid-failure.h>
#include <genvid/io/genvid-chunks.h>
#include <genvid/io/genvid-flight.h>
#include <genvid/io/genvid-guard.h>
#include <genvid/io/genvid-peer.h>
#include <genvid/io/genvid-proxy.h>

#define MAX_INTERIM 16

struct _GenvidFlight {
  int refs; /* the pending send holds one */
  SoupSession *session;
  SoupMessage *message;
  GTlsDatabase *anchors;
  GCancellable *cancel;
  GInputStream *body;
  GInputStream *raw; /* borrowed from body: below its framing; nullable */
  GenvidChunks chunks;
  GSource *source; /* waits for bytes */
  GError *verdict; /* ours, whatever libsoup makes of it */
  GError *error;
  GProxyAddress *proxy; /* of the last connection; nullable */
  SoupMessage *tunnel;  /* the CONNECT to it; nullable */
  guint interim;        /* answers before the answer */
  guint flags;
  gboolean begun;
  gboolean misdirected;
  gboolean ended;
};

static void
unref (GenvidFlight *flight)
{
  if (--flight->refs > 0)
    return;
  g_clear_object (&flight->message);
  g_clear_object (&flight->session);
  g_clear_object (&flight->anchors);
  g_clear_object (&flight->cancel);
  g_clear_object (&flight->proxy);
  g_clear_object (&flight->tunnel);
  g_clear_error (&flight->verdict);
  g_clear_error (&flight->error);
  g_free (flight);
}

static void
set_verdict (GenvidFlight *flight, GQuark domain, int code, const char *text)
{
  if (!flight->verdict)
    flight->verdict = g_error_new_literal (domain, code, text);
}

static void
refuse (GenvidFlight *flight, const char *text)
{
  set_verdict (flight, GENVID_ERROR, GENVID_REASON_UNSAFE_URL, text);
}

/* A proxy that speaks addresses only is told one that nobody has judged. */
static void
judge_destination (GenvidFlight *flight)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (
      g_proxy_address_get_destination_hostname (flight->proxy));
  g_autoptr (GSocketConnectable) guard = NULL;

  g_object_get (flight->session, "remote-connectable", &guard, NULL);
  if (!address || !guard || genvid_guard_admits (GENVID_GUARD (guard), address))
    return;
  refuse (flight, "The host is at a private address.");
  g_cancellable_cancel (flight->cancel);
}

static void
note_connection (GenvidFlight *flight, GIOStream *stream)
{
  g_autofree char *proxy = NULL;

  g_clear_object (&flight->proxy);
  flight->proxy = genvid_proxy_find (stream);
  if (!flight->proxy)
    return;
  proxy = genvid_proxy_describe (flight->proxy);
  g_debug ("%s is reached through the proxy %s",
           g_uri_get_host (soup_message_get_uri (flight->message)), proxy);
  judge_destination (flight);
}

static void
note_network (SoupMessage *message, GSocketClientEvent event, GIOStream *stream,
              GenvidFlight *flight)
{
  const char *const protocols[] = { "http/1.1", NULL };

  if (event == G_SOCKET_CLIENT_CONNECTED)
    note_connection (flight, stream);
  /* libsoup 3.2 puts no bound on the headers of HTTP/2. */
  if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING && G_IS_TLS_CONNECTION (stream))
    g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (stream),
                                               protocols);
}

/* libsoup reads on for as long as there is something to read, so it is ended
 * from within. */
static void
note_interim (SoupMessage *message, GenvidFlight *flight)
{
  if (++flight->interim <= MAX_INTERIM)
    return;
  set_verdict (flight, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
               "interim answers (1xx) came without end");
  g_cancellable_cancel (flight->cancel);
}

/* What a proxy says of CONNECT is not the server's, and its body is nobody's:
 * libsoup would copy the status and read all of it. */
static void
note_tunnel (SoupMessage *tunnel, GenvidFlight *flight)
{
  guint status = soup_message_get_status (tunnel);
  g_autofree char *proxy = NULL;
  g_autofree char *text = NULL;

  flight->interim = 0;
  if (SOUP_STATUS_IS_SUCCESSFUL (status))
    return;
  proxy = flight->proxy ? genvid_proxy_describe (flight->proxy) : NULL;
  text = g_strdup_printf ("The proxy %s refused the connection: %u %s. Nothing "
                          "was sent to the service.",
                          proxy ? proxy : "in between", status,
                          soup_status_get_phrase (status));
  set_verdict (flight, G_IO_ERROR, G_IO_ERROR_PROXY_FAILED, text);
  g_cancellable_cancel (flight->cancel);
}

static void
drop_tunnel (GenvidFlight *flight)
{
  if (flight->tunnel)
    g_signal_handlers_disconnect_by_data (flight->tunnel, flight);
  g_clear_object (&flight->tunnel);
}

static void
note_queued (SoupSession *session, SoupMessage *message, GenvidFlight *flight)
{
  if (soup_message_get_method (message) != SOUP_METHOD_CONNECT
      || g_cancellable_is_cancelled (flight->cancel))
    return;
  drop_tunnel (flight);
  flight->tunnel = g_object_ref (message);
  if (flight->proxy)
    genvid_proxy_authorize (flight->proxy, message);
  g_signal_connect (message, "got-informational", G_CALLBACK (note_interim),
                    flight);
  g_signal_connect (message, "got-headers", G_CALLBACK (note_tunnel), flight);
}

static gboolean
judge_certificate (SoupMessage *message, GTlsCertificate *certificate,
                   GTlsCertificateFlags errors, GenvidFlight *flight)
{
  if (genvid_peer_is_anchored (message, certificate, errors, flight->anchors))
    return TRUE;
  refuse (flight, "The server's certificate is not trusted.");
  return FALSE;
}

static void
note_start (SoupMessage *message, GenvidFlight *flight)
{
  const char *fault = genvid_peer_find_fault (message);

  if (fault)
    refuse (flight, fault);
  if (flight->verdict
      || ((flight->flags & GENVID_FLIGHT_ONCE) && flight->begun))
    g_cancellable_cancel (flight->cancel);
  else
    flight->begun = TRUE;
}

/* libsoup would answer a 421 by sending the request again, submits too. The
 * status is an answer, and no generation stands behind it. */
static void
note_restart (SoupMessage *message, GenvidFlight *flight)
{
  if (!(flight->flags & GENVID_FLIGHT_ONCE))
    return;
  if (soup_message_get_status (message) == SOUP_STATUS_MISDIRECTED_REQUEST)
    flight->misdirected = TRUE;
  g_cancellable_cancel (flight->cancel);
}

GenvidFlight *
genvid_flight_new (SoupSession *session, SoupMessage *message,
                   GTlsDatabase *anchors, guint flags)
{
  GenvidFlight *flight = g_new0 (GenvidFlight, 1);

  flight->refs = 1;
  flight->session = g_object_ref (session);
  flight->message = message;
  flight->anchors = anchors ? g_object_ref (anchors) : NULL;
  flight->flags = flags;
  flight->cancel = g_cancellable_new ();
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  if (flags & GENVID_FLIGHT_ONCE)
    soup_message_add_flags (message, SOUP_MESSAGE_NEW_CONNECTION);
  g_signal_connect (message, "network-event", G_CALLBACK (note_network),
                    flight);
  g_signal_connect (message, "got-informational", G_CALLBACK (note_interim),
                    flight);
  g_signal_connect (message, "accept-certificate",
                    G_CALLBACK (judge_certificate), flight);
  g_signal_connect (message, "starting", G_CALLBACK (note_start), flight);
  g_signal_connect (message, "restarted", G_CALLBACK (note_restart), flight);
  return flight;
}

static void
drop_source (GenvidFlight *flight)
{
  if (!flight->source)
    return;
  g_source_destroy (flight->source);
  g_clear_pointer (&flight->source, g_source_unref);
}

/* A stream that is closed without a cancelled cancellable would first read,
 * blocking, the rest of the body. */
static void
drop_body (GenvidFlight *flight)
{
  drop_source (flight);
  if (!flight->body)
    return;
  if (!flight->ended || flight->raw)
    g_cancellable_cancel (flight->cancel);
  g_input_stream_close (flight->body, flight->cancel, NULL);
  flight->raw = NULL;
  g_clear_object (&flight->body);
}

void
genvid_flight_cancel (GenvidFlight *flight)
{
  if (!flight->ended)
    g_cancellable_cancel (flight->cancel);
  drop_body (flight);
}

gboolean
genvid_flight_is_pending (GenvidFlight *flight)
{
  return flight->refs > 1;
}

void
genvid_flight_free (GenvidFlight *flight)
{
  if (!flight)
    return;
  genvid_flight_cancel (flight);
  unref (flight);
}

/* The stream below libsoup's own decoder, which takes a cut for an end. What
 * is read there is lost to libsoup, and the connection with it. */
static GInputStream *
find_raw (GenvidFlight *flight)
{
  SoupMessageHeaders *headers
      = soup_message_get_response_headers (flight->message);
  GInputStream *stream = flight->body;

  if (!(flight->flags & GENVID_FLIGHT_STRICT)
      || soup_message_headers_get_encoding (headers) != SOUP_ENCODING_CHUNKED)
    return NULL;
  for (guint i = 0; i < 2; i++) {
    if (!G_IS_FILTER_INPUT_STREAM (stream))
      return NULL;
    stream = g_filter_input_stream_get_base_stream (
        G_FILTER_INPUT_STREAM (stream));
  }
  return G_IS_POLLABLE_INPUT_STREAM (stream) ? stream : NULL;
}

/* SOCKS, and proxies that are reached over TLS, are GIO's: it says what went
 * wrong, but not with whom. */
static void
name_proxy (GenvidFlight *flight, GError *error)
{
  g_autofree char *proxy = NULL;

  if (!error || error->domain != G_IO_ERROR || !flight->proxy
      || error->code < G_IO_ERROR_PROXY_FAILED
      || error->code > G_IO_ERROR_PROXY_NOT_ALLOWED)
    return;
  proxy = genvid_proxy_describe (flight->proxy);
  g_prefix_error (&error, "The proxy %s refused the connection: ", proxy);
}

static void
take_head (GObject *source, GAsyncResult *result, gpointer data)
{
  GenvidFlight *flight = data;
  GError *error = NULL;

  flight->body
      = soup_session_send_finish (SOUP_SESSION (source), result, &error);
  if (error && flight->verdict)
    g_clear_error (&error);
  name_proxy (flight, error);
  flight->error = error ? error : g_steal_pointer (&flight->verdict);
  flight->raw = flight->body ? find_raw (flight) : NULL;
  if (g_cancellable_is_cancelled (flight->cancel))
    drop_body (flight);
  g_signal_handlers_disconnect_by_data (flight->message, flight);
  g_signal_handlers_disconnect_by_data (flight->session, flight);
  drop_tunnel (flight);
  unref (flight);
}

void
genvid_flight_start (GenvidFlight *flight)
{
  flight->refs++;
  g_signal_connect (flight->session, "request-queued", G_CALLBACK (note_queued),
                    flight);
  soup_session_send_async (flight->session, flight->message, G_PRIORITY_DEFAULT,
                           flight->cancel, take_head, flight);
}

SoupMessage *
genvid_flight_get_message (GenvidFlight *flight)
{
  return flight->message;
}

gboolean
genvid_flight_has_begun (GenvidFlight *flight)
{
  return flight->begun;
}

gboolean
genvid_flight_is_misdirected (GenvidFlight *flight)
{
  return flight->misdirected;
}

gboolean
genvid_flight_has_head (GenvidFlight *flight)
{
  return flight->body != NULL;
}

gboolean
genvid_flight_has_ended (GenvidFlight *flight)
{
  return flight->ended;
}

const GError *
genvid_flight_get_error (GenvidFlight *flight)
{
  return flight->error;
}

gboolean
genvid_flight_is_ready (GenvidFlight *flight)
{
  return flight->error || flight->ended || (flight->body && !flight->source);
}

static gboolean
note_bytes (GObject *stream, gpointer data)
{
  drop_source (data);
  return G_SOURCE_REMOVE;
}

static GPollableInputStream *
get_source (GenvidFlight *flight)
{
  return G_POLLABLE_INPUT_STREAM (flight->raw ? flight->raw : flight->body);
}

static void
wait_for_bytes (GenvidFlight *flight)
{
  flight->source
      = g_pollable_input_stream_create_source (get_source (flight), NULL);
  g_source_set_callback (flight->source, G_SOURCE_FUNC (note_bytes), flight,
                         NULL);
  g_source_attach (flight->source, g_main_context_get_thread_default ());
}

/* As GPollableInputStream: 0 is the end, which only HTTP's word makes. */
static gssize
read_some (GenvidFlight *flight, guint8 *buffer, gsize length, GError **error)
{
  GenvidChunks *chunks = &flight->chunks;
  gssize n;

  if (!flight->raw)
    return g_pollable_input_stream_read_nonblocking (
        get_source (flight), buffer, length, NULL, error);
  while (!chunks->ended && !chunks->broken) {
    n = g_pollable_input_stream_read_nonblocking (get_source (flight), buffer,
                                                  length, NULL, error);
    if (n < 0)
      return n;
    if (n == 0)
      break;
    n = genvid_chunks_decode (chunks, buffer, n);
    if (n > 0)
      return n;
  }
  if (chunks->ended)
    return 0;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
                       chunks->broken ? "the chunks of the body are broken"
                                      : "the connection ended too early");
  return -1;
}

gsize
genvid_flight_read (GenvidFlight *flight, guint8 *buffer, gsize length)
{
  g_autoptr (GError) error = NULL;
  gsize total = 0;
  gssize n = 1;

  if (!flight->body || flight->source || flight->ended || flight->error)
    return 0;
  while (total < length && n > 0) {
    n = read_some (flight, buffer + total, length - total, &error);
    total += MAX (n, 0);
  }
  if (n > 0)
    return total;
  if (n == 0)
    flight->ended = TRUE;
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    wait_for_bytes (flight);
  else
    flight->error = g_steal_pointer (&error);
  return total;
}
