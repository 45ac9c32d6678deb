/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A SoupMessage with rules that libsoup does not have: HTTP/1.1 by ALPN, at
 * least TLS 1.2, extra anchors beside the system's, a limit on interim
 * responses, a proxy's response kept apart from the server's, and an answer to
 * "may a byte have been sent?". libsoup says "starting" before the first byte
 * and "wrote-headers" after many; so all from "starting" on counts as written.
 */
#include "http-transfer.h"

#include "address-filter.h"
#include "chunked-decoder.h"
#include "failure.h"
#include "log.h"
#include "proxy-resolver.h"
#include "soup-library.h"
#include "tls-peer.h"

#include <gio/gio.h>

#include <string.h>

#define MAX_INTERIM 16

struct _GenvidHttpTransfer {
  int refs; /* the pending send holds one */
  SoupSession *session;
  SoupMessage *message;
  GTlsDatabase *anchors;
  GCancellable *cancel;
  GInputStream *body;
  GInputStream *raw; /* borrowed from body: below its framing; nullable */
  GenvidChunkedDecoder chunks;
  GSource *source; /* waits for bytes */
  GError *verdict; /* ours, whatever libsoup makes of it */
  GError *error;
  GProxyAddress *proxy;            /* of the last connection; nullable */
  SoupMessage *tunnel;             /* the CONNECT to it; nullable */
  GenvidHttpTransferNotify notify; /* nullable */
  gpointer notify_data;
  guint interim; /* answers before the answer */
  guint flags;
  char *name;         /* what the log may show: method and URL */
  gint64 begin;       /* monotonic clock; 0: not started, or logged already */
  guint64 bytes;      /* of the body, read so far */
  gboolean connected; /* on a connection of its own */
  gboolean begun;
  gboolean misdirected;
  gboolean ended;
};

static void
unref (GenvidHttpTransfer *transfer)
{
  if (--transfer->refs > 0)
    return;
  g_clear_object (&transfer->message);
  g_clear_object (&transfer->session);
  g_clear_object (&transfer->anchors);
  g_clear_object (&transfer->cancel);
  g_clear_object (&transfer->proxy);
  g_clear_object (&transfer->tunnel);
  g_clear_error (&transfer->verdict);
  g_clear_error (&transfer->error);
  g_free (transfer->name);
  g_free (transfer);
}

static void
tell (GenvidHttpTransfer *transfer)
{
  if (transfer->notify != NULL)
    transfer->notify (transfer->notify_data);
}

static char *
describe_end (GenvidHttpTransfer *transfer)
{
  guint status = soup_message_get_status (transfer->message);

  if (transfer->misdirected)
    status = SOUP_STATUS_MISDIRECTED_REQUEST;
  if (transfer->error != NULL && !transfer->misdirected)
    return g_strdup_printf ("failed: %s", transfer->error->message);
  if (status == SOUP_STATUS_NONE)
    return g_strdup ("stopped before a response");
  /* The body of a redirect is not read. */
  if (transfer->ended || transfer->misdirected
      || SOUP_STATUS_IS_REDIRECTION (status))
    return g_strdup_printf ("%u", status);
  return g_strdup_printf ("%u, stopped", status);
}

/* The one line of this exchange, when it ends. */
static void
log_end (GenvidHttpTransfer *transfer)
{
  g_autofree char *end = NULL, *proxy = NULL;
  gint64 begin = transfer->begin;

  transfer->begin = 0;
  if (begin == 0)
    return;
  end = describe_end (transfer);
  if (transfer->proxy != NULL)
    proxy = genvid_proxy_resolver_describe (transfer->proxy);
  genvid_log (GENVID_LOG_HTTP, GENVID_LOG_DEBUG,
              "%s: %s, %" G_GUINT64_FORMAT " bytes, %" G_GINT64_FORMAT
              " ms, %s connection%s%s",
              transfer->name, end, transfer->bytes,
              (g_get_monotonic_time () - begin) / 1000,
              transfer->connected ? "new" : "kept",
              proxy != NULL ? ", proxy " : "", proxy != NULL ? proxy : "");
}

static void
set_verdict (GenvidHttpTransfer *transfer, GQuark domain, int code,
             const char *text)
{
  if (!transfer->verdict)
    transfer->verdict = g_error_new_literal (domain, code, text);
}

static void
refuse (GenvidHttpTransfer *transfer, const char *text)
{
  set_verdict (transfer, GENVID_ERROR, GENVID_REASON_UNSAFE_URL, text);
}

/* A proxy that takes only addresses would get one that nobody has checked. */
static void
judge_destination (GenvidHttpTransfer *transfer)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (
      g_proxy_address_get_destination_hostname (transfer->proxy));
  g_autoptr (GSocketConnectable) filter = NULL;

  g_object_get (transfer->session, "remote-connectable", &filter, NULL);
  if (!address || !filter
      || genvid_address_filter_admits (GENVID_ADDRESS_FILTER (filter), address))
    return;
  refuse (transfer, "The host has a private address.");
  g_cancellable_cancel (transfer->cancel);
}

static void
note_connection (GenvidHttpTransfer *transfer, GIOStream *stream)
{
  transfer->connected = TRUE;
  g_clear_object (&transfer->proxy);
  transfer->proxy = genvid_proxy_resolver_find (stream);
  if (transfer->proxy != NULL)
    judge_destination (transfer);
}

static void
note_network (SoupMessage *message, GSocketClientEvent event, GIOStream *stream,
              GenvidHttpTransfer *transfer)
{
  const char *const protocols[] = { "http/1.1", NULL };

  if (event == G_SOCKET_CLIENT_CONNECTED)
    note_connection (transfer, stream);
  /* libsoup 3.2 puts no bound on the headers of HTTP/2. */
  if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING && G_IS_TLS_CONNECTION (stream))
    g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (stream),
                                               protocols);
}

/* libsoup reads on for as long as there is something to read, so it is ended
 * from within. */
static void
note_interim (SoupMessage *message, GenvidHttpTransfer *transfer)
{
  genvid_log (GENVID_LOG_HTTP, GENVID_LOG_LOG, "%s: interim response %u",
              transfer->name, soup_message_get_status (message));
  if (++transfer->interim <= MAX_INTERIM)
    return;
  set_verdict (transfer, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
               "the server sent too many interim responses (1xx)");
  g_cancellable_cancel (transfer->cancel);
}

/* libsoup reads it modulo 2^64 and hands GObject what is no length: a warning,
 * which ends a process under G_DEBUG=fatal-warnings. The status is set between
 * the headers and that. */
static void
judge_length (SoupMessage *message, GParamSpec *spec,
              GenvidHttpTransfer *transfer)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);

  if (soup_message_headers_get_encoding (headers)
          != SOUP_ENCODING_CONTENT_LENGTH
      || soup_message_headers_get_content_length (headers) >= 0)
    return;
  set_verdict (transfer, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
               "the server's Content-Length is beyond any length");
  soup_message_headers_replace (headers, "Transfer-Encoding", "refused");
}

/* A proxy's response to CONNECT is not the server's, and its body is not
 * wanted: libsoup would copy the status and read all of it. */
static void
note_tunnel (SoupMessage *tunnel, GenvidHttpTransfer *transfer)
{
  guint status = soup_message_get_status (tunnel);
  g_autofree char *proxy = NULL;
  g_autofree char *text = NULL;

  transfer->interim = 0;
  if (SOUP_STATUS_IS_SUCCESSFUL (status))
    return;
  proxy = transfer->proxy ? genvid_proxy_resolver_describe (transfer->proxy)
                          : NULL;
  text = g_strdup_printf ("The proxy %s refused the connection: %u %s. Nothing "
                          "was sent to the service.",
                          proxy ? proxy : "in between", status,
                          soup_status_get_phrase (status));
  set_verdict (transfer, G_IO_ERROR, G_IO_ERROR_PROXY_FAILED, text);
  g_cancellable_cancel (transfer->cancel);
}

static void
drop_tunnel (GenvidHttpTransfer *transfer)
{
  if (transfer->tunnel)
    g_signal_handlers_disconnect_by_data (transfer->tunnel, transfer);
  g_clear_object (&transfer->tunnel);
}

static void
note_queued (SoupSession *session, SoupMessage *message,
             GenvidHttpTransfer *transfer)
{
  if (strcmp (soup_message_get_method (message), "CONNECT") != 0
      || g_cancellable_is_cancelled (transfer->cancel))
    return;
  drop_tunnel (transfer);
  transfer->tunnel = g_object_ref (message);
  if (transfer->proxy)
    genvid_proxy_resolver_authorize (transfer->proxy, message);
  g_signal_connect (message, "got-informational", G_CALLBACK (note_interim),
                    transfer);
  g_signal_connect (message, "notify::status-code", G_CALLBACK (judge_length),
                    transfer);
  g_signal_connect (message, "got-headers", G_CALLBACK (note_tunnel), transfer);
}

static gboolean
judge_certificate (SoupMessage *message, GTlsCertificate *certificate,
                   GTlsCertificateFlags errors, GenvidHttpTransfer *transfer)
{
  const char *distrust = genvid_tls_peer_find_distrust (
      message, certificate, errors, transfer->anchors);

  if (distrust != NULL)
    refuse (transfer, distrust);
  return distrust == NULL;
}

static void
note_start (SoupMessage *message, GenvidHttpTransfer *transfer)
{
  const char *fault = genvid_tls_peer_find_fault (message);

  if (fault)
    refuse (transfer, fault);
  if (transfer->verdict
      || ((transfer->flags & GENVID_HTTP_TRANSFER_ONCE) && transfer->begun))
    g_cancellable_cancel (transfer->cancel);
  else
    transfer->begun = TRUE;
  tell (transfer);
}

/* libsoup would answer a 421 by sending the request again, submits too. The
 * status is an answer, and no generation stands behind it. */
static void
note_restart (SoupMessage *message, GenvidHttpTransfer *transfer)
{
  if (!(transfer->flags & GENVID_HTTP_TRANSFER_ONCE)) {
    genvid_log (GENVID_LOG_HTTP, GENVID_LOG_LOG, "%s: sent again by libsoup",
                transfer->name);
    return;
  }
  if (soup_message_get_status (message) == SOUP_STATUS_MISDIRECTED_REQUEST)
    transfer->misdirected = TRUE;
  g_cancellable_cancel (transfer->cancel);
}

GenvidHttpTransfer *
genvid_http_transfer_new (SoupSession *session, SoupMessage *message,
                          GTlsDatabase *anchors, guint flags, const char *shown)
{
  GenvidHttpTransfer *transfer = g_new0 (GenvidHttpTransfer, 1);

  transfer->refs = 1;
  transfer->session = g_object_ref (session);
  transfer->message = message;
  transfer->anchors = anchors ? g_object_ref (anchors) : NULL;
  transfer->flags = flags;
  transfer->name
      = g_strdup_printf ("%s %s", soup_message_get_method (message), shown);
  transfer->cancel = g_cancellable_new ();
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  if (flags & GENVID_HTTP_TRANSFER_ONCE)
    soup_message_add_flags (message, SOUP_MESSAGE_NEW_CONNECTION);
  g_signal_connect (message, "network-event", G_CALLBACK (note_network),
                    transfer);
  g_signal_connect (message, "got-informational", G_CALLBACK (note_interim),
                    transfer);
  g_signal_connect (message, "notify::status-code", G_CALLBACK (judge_length),
                    transfer);
  g_signal_connect (message, "accept-certificate",
                    G_CALLBACK (judge_certificate), transfer);
  g_signal_connect (message, "starting", G_CALLBACK (note_start), transfer);
  g_signal_connect (message, "restarted", G_CALLBACK (note_restart), transfer);
  return transfer;
}

static void
drop_source (GenvidHttpTransfer *transfer)
{
  if (!transfer->source)
    return;
  g_source_destroy (transfer->source);
  g_clear_pointer (&transfer->source, g_source_unref);
}

/* A stream that is closed without a cancelled cancellable would first read,
 * blocking, the rest of the body. */
static void
drop_body (GenvidHttpTransfer *transfer)
{
  drop_source (transfer);
  if (!transfer->body)
    return;
  if (!transfer->ended || transfer->raw)
    g_cancellable_cancel (transfer->cancel);
  g_input_stream_close (transfer->body, transfer->cancel, NULL);
  transfer->raw = NULL;
  g_clear_object (&transfer->body);
}

void
genvid_http_transfer_cancel (GenvidHttpTransfer *transfer)
{
  log_end (transfer);
  if (!transfer->ended)
    g_cancellable_cancel (transfer->cancel);
  drop_body (transfer);
}

gboolean
genvid_http_transfer_is_pending (GenvidHttpTransfer *transfer)
{
  return transfer->refs > 1;
}

void
genvid_http_transfer_free (GenvidHttpTransfer *transfer)
{
  if (!transfer)
    return;
  transfer->notify = NULL;
  genvid_http_transfer_cancel (transfer);
  unref (transfer);
}

/* The stream below libsoup's own decoder, which takes a cut for an end. What
 * is read there is lost to libsoup, and the connection with it. */
static GInputStream *
find_raw (GenvidHttpTransfer *transfer)
{
  SoupMessageHeaders *headers
      = soup_message_get_response_headers (transfer->message);
  GInputStream *stream = transfer->body;

  if (!(transfer->flags & GENVID_HTTP_TRANSFER_STRICT)
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
name_proxy (GenvidHttpTransfer *transfer, GError *error)
{
  g_autofree char *proxy = NULL;

  if (!error || error->domain != G_IO_ERROR || !transfer->proxy
      || error->code < G_IO_ERROR_PROXY_FAILED
      || error->code > G_IO_ERROR_PROXY_NOT_ALLOWED)
    return;
  proxy = genvid_proxy_resolver_describe (transfer->proxy);
  g_prefix_error (&error, "The proxy %s refused the connection: ", proxy);
}

static void
take_head (GObject *source, GAsyncResult *result, gpointer data)
{
  GenvidHttpTransfer *transfer = data;
  GError *error = NULL;

  transfer->body
      = soup_session_send_finish ((SoupSession *)source, result, &error);
  if (error && transfer->verdict)
    g_clear_error (&error);
  name_proxy (transfer, error);
  transfer->error = error ? error : g_steal_pointer (&transfer->verdict);
  transfer->raw = transfer->body ? find_raw (transfer) : NULL;
  if (g_cancellable_is_cancelled (transfer->cancel))
    drop_body (transfer);
  g_signal_handlers_disconnect_by_data (transfer->message, transfer);
  g_signal_handlers_disconnect_by_data (transfer->session, transfer);
  drop_tunnel (transfer);
  if (transfer->error != NULL)
    log_end (transfer);
  tell (transfer);
  unref (transfer);
}

void
genvid_http_transfer_set_notify (GenvidHttpTransfer *transfer,
                                 GenvidHttpTransferNotify notify, gpointer data)
{
  transfer->notify = notify;
  transfer->notify_data = data;
}

void
genvid_http_transfer_start (GenvidHttpTransfer *transfer)
{
  transfer->refs++;
  transfer->begin = g_get_monotonic_time ();
  g_signal_connect (transfer->session, "request-queued",
                    G_CALLBACK (note_queued), transfer);
  soup_session_send_async (transfer->session, transfer->message,
                           G_PRIORITY_DEFAULT, transfer->cancel, take_head,
                           transfer);
}

SoupMessage *
genvid_http_transfer_get_message (GenvidHttpTransfer *transfer)
{
  return transfer->message;
}

gboolean
genvid_http_transfer_has_begun (GenvidHttpTransfer *transfer)
{
  return transfer->begun;
}

gboolean
genvid_http_transfer_is_misdirected (GenvidHttpTransfer *transfer)
{
  return transfer->misdirected;
}

gboolean
genvid_http_transfer_has_head (GenvidHttpTransfer *transfer)
{
  return transfer->body != NULL;
}

gboolean
genvid_http_transfer_has_ended (GenvidHttpTransfer *transfer)
{
  return transfer->ended;
}

const GError *
genvid_http_transfer_get_error (GenvidHttpTransfer *transfer)
{
  return transfer->error;
}

gboolean
genvid_http_transfer_is_ready (GenvidHttpTransfer *transfer)
{
  return transfer->error || transfer->ended
         || (transfer->body && !transfer->source);
}

static gboolean
note_bytes (GObject *stream, gpointer data)
{
  GenvidHttpTransfer *transfer = data;

  drop_source (transfer);
  tell (transfer);
  return G_SOURCE_REMOVE;
}

static GPollableInputStream *
get_source (GenvidHttpTransfer *transfer)
{
  return G_POLLABLE_INPUT_STREAM (transfer->raw ? transfer->raw
                                                : transfer->body);
}

static void
wait_for_bytes (GenvidHttpTransfer *transfer)
{
  transfer->source
      = g_pollable_input_stream_create_source (get_source (transfer), NULL);
  g_source_set_callback (transfer->source, G_SOURCE_FUNC (note_bytes), transfer,
                         NULL);
  g_source_attach (transfer->source, g_main_context_get_thread_default ());
}

/* As GPollableInputStream: 0 is the end, which only HTTP's word makes. */
static gssize
read_some (GenvidHttpTransfer *transfer, guint8 *buffer, gsize length,
           GError **error)
{
  GenvidChunkedDecoder *chunks = &transfer->chunks;
  gssize n;

  if (!transfer->raw)
    return g_pollable_input_stream_read_nonblocking (
        get_source (transfer), buffer, length, NULL, error);
  while (!chunks->ended && !chunks->broken) {
    n = g_pollable_input_stream_read_nonblocking (get_source (transfer), buffer,
                                                  length, NULL, error);
    if (n < 0)
      return n;
    if (n == 0)
      break;
    n = genvid_chunked_decoder_decode (chunks, buffer, n);
    if (n > 0)
      return n;
  }
  if (chunks->ended)
    return 0;
  g_set_error_literal (
      error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
      chunks->broken ? "the chunked body is malformed"
                     : "the connection closed before the end of the body");
  return -1;
}

gsize
genvid_http_transfer_read (GenvidHttpTransfer *transfer, guint8 *buffer,
                           gsize length)
{
  g_autoptr (GError) error = NULL;
  gsize total = 0;
  gssize n = 1;

  if (!transfer->body || transfer->source || transfer->ended || transfer->error)
    return 0;
  while (total < length && n > 0) {
    n = read_some (transfer, buffer + total, length - total, &error);
    total += MAX (n, 0);
  }
  transfer->bytes += total;
  if (n > 0)
    return total;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
    wait_for_bytes (transfer);
    return total;
  }
  transfer->ended = n == 0;
  transfer->error = g_steal_pointer (&error);
  log_end (transfer);
  return total;
}

static gboolean
note_turn (gpointer data)
{
  return note_bytes (NULL, data);
}

void
genvid_http_transfer_yield (GenvidHttpTransfer *transfer)
{
  if (!transfer->body || transfer->source || transfer->ended || transfer->error)
    return;
  transfer->source = g_idle_source_new ();
  g_source_set_priority (transfer->source, G_PRIORITY_DEFAULT);
  g_source_set_callback (transfer->source, note_turn, transfer, NULL);
  g_source_attach (transfer->source, g_main_context_get_thread_default ());
}
