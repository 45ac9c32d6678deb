/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Exchanges as straight-line code: start, turn the loop until done, deadline
 * or abort. It knows nothing of services, jobs or retries; what an answer
 * means is decided by the job. Rejected: libsoup's blocking calls, which have
 * no deadline of their own, only one a read. */
#include "http-client.h"

#include "byte-ranges.h"
#include "clock.h"
#include "content-coding.h"
#include "exchange.h"
#include "failure.h"
#include "http-transfer.h"
#include "inline-media.h"
#include "io-loop.h"
#include "json-reader.h"
#include "log.h"
#include "media-type.h"
#include "reserve.h"
#include "secret.h"
#include "session.h"
#include "soup-library.h"
#include "streamed-body.h"
#include "trust.h"
#include "url.h"

#include <gio/gio.h>

#include <string.h>

#define BLOCK 16384

/* A reply with a clip in it that brings so much more is waited for so long. */
#define ENOUGH    (G_GUINT64_CONSTANT (256) * 1024)
#define EXTENSION (10 * G_USEC_PER_SEC)
/* No such reply is longer. */
#define MAX_REPLY (G_GUINT64_CONSTANT (4) << 30)

struct _GenvidHttpClient {
  GenvidIoLoop *loop;
  GenvidReserve *reserve;
  GenvidTrust trust;
  SoupSession *home; /* for the base origin; kept, so that polls reuse it */
  char *secret;      /* the last key that was sent; nullable */
  const GenvidHttpSink *sink; /* of a reply that is a clip; nullable */
  char *upload_origin;        /* may see a key in an upload; nullable */
};

static gboolean
make_loop (gpointer data, GError **error)
{
  GenvidHttpClient *http = data;

  if (!genvid_reserve_check_threads (error))
    return FALSE;
  http->loop = genvid_io_loop_new (error);
  return http->loop != NULL;
}

gboolean
genvid_http_client_make_room (GenvidHttpClient *http, GError **error)
{
  return genvid_reserve_hold (http->reserve, GENVID_RESERVE_ALL, error)
         && genvid_reserve_hold (http->reserve, 0, NULL);
}

GenvidHttpClient *
genvid_http_client_new (const GenvidHttpClientOptions *options, GError **error)
{
  GenvidHttpClient *http;
  GenvidTrust trust;

  if (!genvid_soup_library_open (error)
      || !genvid_trust_init (&trust, options->base_url, options->ca_file,
                             options->allow_private, error))
    return NULL;
  http = g_new0 (GenvidHttpClient, 1);
  http->trust = trust;
  http->upload_origin = g_strdup (options->upload_origin);
  http->reserve = genvid_reserve_new ();
  if (genvid_reserve_make (http->reserve, make_loop, http, error)
      && genvid_http_client_make_room (http, error))
    return http;
  genvid_http_client_free (http);
  return NULL;
}

static void
close_home (GenvidHttpClient *http)
{
  GMainContext *context = genvid_io_loop_get_context (http->loop);

  g_main_context_push_thread_default (context);
  if (http->home)
    soup_session_abort (http->home);
  g_clear_object (&http->home);
  g_main_context_pop_thread_default (context);
}

static void
clear_secret (GenvidHttpClient *http)
{
  if (http->secret != NULL)
    explicit_bzero (http->secret, strlen (http->secret));
  g_clear_pointer (&http->secret, g_free);
}

void
genvid_http_client_free (GenvidHttpClient *http)
{
  if (!http)
    return;
  if (http->loop)
    close_home (http);
  genvid_io_loop_free (http->loop);
  genvid_reserve_free (http->reserve);
  genvid_trust_clear (&http->trust);
  clear_secret (http);
  g_free (http->upload_origin);
  g_free (http);
}

GMainContext *
genvid_http_client_get_context (GenvidHttpClient *http)
{
  return genvid_io_loop_get_context (http->loop);
}

void
genvid_http_client_set_sink (GenvidHttpClient *http, const GenvidHttpSink *sink)
{
  http->sink = sink;
}

GenvidIoLoop *
genvid_http_client_get_loop (GenvidHttpClient *http)
{
  return http->loop;
}

const GenvidTrust *
genvid_http_client_get_trust (GenvidHttpClient *http)
{
  return &http->trust;
}

void
genvid_http_client_wake (GenvidHttpClient *http)
{
  genvid_io_loop_wake (http->loop);
}

void
genvid_http_client_abort (GenvidHttpClient *http)
{
  genvid_io_loop_abort (http->loop);
}

/* What was given up may only end in here, and libsoup asserts that its
 * context is the thread's default. */
void
genvid_http_client_wait (GenvidHttpClient *http, gint64 until)
{
  GMainContext *context = genvid_http_client_get_context (http);

  g_main_context_push_thread_default (context);
  genvid_reserve_hold (http->reserve, GENVID_RESERVE_ALL, NULL);
  while (!genvid_io_loop_take_wake (http->loop)
         && genvid_io_loop_turn (http->loop, until))
    continue;
  genvid_reserve_hold (http->reserve, 0, NULL);
  g_main_context_pop_thread_default (context);
}

/* Some servers sign in the path: /token=SIGNATURE/clip.mp4. */
static void
cut_values (GString *url)
{
  char *value = strchr (url->str, '=');

  while (value != NULL) {
    gssize start = value + 1 - url->str;

    g_string_erase (url, start, (gssize)strcspn (value + 1, "/"));
    g_string_insert (url, start, "***");
    value = strchr (url->str + start, '=');
  }
}

char *
genvid_http_client_show (GenvidHttpClient *http, const char *url)
{
  g_autofree char *public = genvid_url_display (url);
  g_autofree char *hidden = genvid_secret_hide (public, http->secret);
  GString *shown = g_string_new (hidden);

  cut_values (shown);
  return g_string_free (shown, FALSE);
}

/* --- One exchange. --- */

typedef struct {
  GenvidHttpClient *http;
  const GenvidExchange *exchange;
  GenvidStreamedBody *files; /* a body with files; nullable */
  GenvidHttpTransfer *transfer;
  GByteArray *body;
  GenvidInlineMedia *media;   /* a reply whose long strings are cut; nullable */
  const GenvidHttpSink *sink; /* the body goes there; nullable */
  GError *sink_error;
  gboolean judged; /* the head was looked at */
  gboolean truncated;
  GenvidHttpClientProgress progress;
  gpointer data;
  guint64 sent;
  guint64 received;
  guint64 extended; /* received when the deadline was last put off */
} Send;

static gboolean
is_pending (gpointer data)
{
  return genvid_http_transfer_is_pending (data);
}

static void
send_clear (Send *send)
{
  if (send->transfer) {
    g_signal_handlers_disconnect_by_data (
        genvid_http_transfer_get_message (send->transfer), send);
    genvid_http_transfer_cancel (send->transfer);
    genvid_io_loop_settle (send->http->loop, is_pending, send->transfer);
  }
  g_clear_pointer (&send->transfer, genvid_http_transfer_free);
  g_clear_object (&send->files);
  g_clear_pointer (&send->body, g_byte_array_unref);
  g_clear_pointer (&send->media, genvid_inline_media_free);
  g_clear_error (&send->sink_error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Send, send_clear)

static gboolean
is_header (const char *name, const char *value)
{
  if (!name || !*name || !value)
    return FALSE;
  for (const char *c = name; *c; c++)
    if (!g_ascii_isgraph (*c) || strchr ("()<>@,;:\\\"/[]?={}", *c))
      return FALSE;
  for (const char *c = value; *c; c++)
    if (g_ascii_iscntrl (*c) && *c != '\t')
      return FALSE;
  return TRUE;
}

/* Where the bytes of an upload go may be the word of an answer. */
static gboolean
check_address (const GenvidTrust *trust, const GenvidExchange *exchange,
               GError **error)
{
  g_autofree char *checked = NULL;

  if (exchange->kind != GENVID_EXCHANGE_UPLOAD || !trust->base_url)
    return TRUE;
  checked = genvid_url_check_result (exchange->url, NULL, trust->base_url,
                                     trust->allow_private, error);
  return checked != NULL;
}

/* It goes where a key may go. */
static gboolean
is_home (const GenvidHttpClient *http, const GenvidExchange *exchange)
{
  gboolean upload = exchange->kind == GENVID_EXCHANGE_GRANT
                    || exchange->kind == GENVID_EXCHANGE_UPLOAD;

  if (upload && http->upload_origin != NULL
      && genvid_url_may_carry_key (exchange->url, http->upload_origin))
    return TRUE;
  return http->trust.base_url != NULL
         && genvid_url_may_carry_key (exchange->url, http->trust.base_url);
}

/* NULL, or why EXCHANGE must not leave this machine. */
static const char *
find_fault (const GenvidHttpClient *http, const GenvidExchange *exchange)
{
  const GenvidTrust *trust = &http->trust;
  gboolean home = is_home (http, exchange);

  for (guint i = 0; i < exchange->headers->len; i++) {
    const GenvidHeader *header = exchange->headers->pdata[i];

    if (header->secret && !home)
      return "the key is sent only to the base URL's origin";
    if (header->secret
        && !genvid_url_may_be_plain (exchange->url, trust->allow_private))
      return "the key would travel over plain http; use https";
    if (!is_header (header->name, header->value))
      return "a header is not valid HTTP";
  }
  return NULL;
}

static SoupMessage *
make_message (Send *send)
{
  const GenvidExchange *exchange = send->exchange;
  SoupMessage *message
      = genvid_session_make_message (exchange->method, exchange->url);
  SoupMessageHeaders *headers;

  if (!message)
    return NULL;
  headers = soup_message_get_request_headers (message);
  for (guint i = 0; i < exchange->headers->len; i++) {
    const GenvidHeader *header = exchange->headers->pdata[i];

    soup_message_headers_append (headers, header->name, header->value);
  }
  if (!soup_message_headers_get_one (headers, "Accept-Encoding"))
    soup_message_headers_append (headers, "Accept-Encoding", "identity");
  if (send->files)
    soup_message_set_request_body (
        message, genvid_streamed_body_get_content_type (send->files),
        G_INPUT_STREAM (send->files),
        genvid_streamed_body_get_length (send->files));
  else if (exchange->body)
    soup_message_set_request_body_from_bytes (message, exchange->content_type,
                                              exchange->body);
  return message;
}

static SoupSession *
get_session (Send *send)
{
  GenvidHttpClient *http = send->http;
  const GenvidTrust *trust = &http->trust;
  const char *url = send->exchange->url;

  if (!trust->base_url || !genvid_url_same_origin (url, trust->base_url))
    return genvid_session_new (trust, url);
  if (!http->home)
    http->home = genvid_session_new (trust, url);
  return g_object_ref (http->home);
}

static void
note_sent (SoupMessage *message, guint size, Send *send)
{
  send->sent += size;
  if (send->progress)
    send->progress (send->sent, genvid_streamed_body_get_length (send->files),
                    send->data);
}

/* Without the scheme that may stand before it ("Bearer"). */
static void
remember_secret (GenvidHttpClient *http, const GenvidExchange *exchange)
{
  for (guint i = 0; i < exchange->headers->len; i++) {
    const GenvidHeader *header = exchange->headers->pdata[i];
    const char *space
        = header->value != NULL ? strrchr (header->value, ' ') : NULL;

    if (!header->secret)
      continue;
    clear_secret (http);
    http->secret = g_strdup (space != NULL ? space + 1 : header->value);
  }
}

/* FALSE: nothing may be written; ERROR says why. */
static gboolean
take_off (Send *send, GError **error)
{
  const GenvidExchange *exchange = send->exchange;
  const GenvidTrust *trust = &send->http->trust;
  const char *fault = find_fault (send->http, exchange);
  gboolean once = exchange->kind == GENVID_EXCHANGE_SUBMIT
                  || exchange->kind == GENVID_EXCHANGE_UPLOAD;
  guint flags
      = once ? GENVID_HTTP_TRANSFER_ONCE | GENVID_HTTP_TRANSFER_STRICT : 0;
  g_autoptr (SoupSession) session = NULL;
  g_autofree char *shown = genvid_http_client_show (send->http, exchange->url);
  SoupMessage *message;

  if (!fault && !check_address (trust, exchange, error))
    return FALSE;
  if (!fault && exchange->parts) {
    send->files = genvid_streamed_body_new (exchange, error);
    if (!send->files)
      return FALSE;
  }
  message = fault ? NULL : make_message (send);
  if (!message) {
    g_set_error (error, GENVID_ERROR, GENVID_REASON_UNSAFE_URL,
                 "The request was not sent: %s.",
                 fault ? fault : "its URL is not a valid HTTP URL");
    return FALSE;
  }
  if (send->files)
    g_signal_connect (message, "wrote-body-data", G_CALLBACK (note_sent), send);
  session = get_session (send);
  send->transfer = genvid_http_transfer_new (
      session, message, genvid_trust_get_anchors (trust, exchange->url), flags,
      shown);
  genvid_http_transfer_start (send->transfer);
  return TRUE;
}

/* By the type that the server says, since its first bytes would have to be held
 * back to know more. */
static gboolean
is_clip (SoupMessage *message)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  const char *type = soup_message_headers_get_content_type (headers, NULL);

  return SOUP_STATUS_IS_SUCCESSFUL (soup_message_get_status (message))
         && type != NULL
         && (g_ascii_strncasecmp (type, "video/", 6) == 0
             || g_ascii_strcasecmp (type, "application/mp4") == 0
             || g_ascii_strcasecmp (type, GENVID_MEDIA_TYPE_UNKNOWN) == 0)
         && soup_message_headers_get_one (headers, "Content-Encoding") == NULL;
}

/* FALSE: the clip has no place to go. */
static gboolean
judge_head (Send *send)
{
  SoupMessage *message = genvid_http_transfer_get_message (send->transfer);
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  guint64 size = GENVID_SIZE_UNKNOWN;

  send->judged = TRUE;
  if (!send->exchange->media || send->http->sink == NULL || !is_clip (message))
    return TRUE;
  send->sink = send->http->sink;
  if (soup_message_headers_get_encoding (headers)
      == SOUP_ENCODING_CONTENT_LENGTH)
    size = (guint64)soup_message_headers_get_content_length (headers);
  return send->sink->begin (send->sink->data, size, &send->sink_error);
}

/* FALSE: it is more than a reply may be. */
static gboolean
keep (Send *send, const guint8 *block, gsize n)
{
  gsize room = GENVID_JSON_MAX_BYTES - send->body->len;

  if (send->sink != NULL)
    return send->sink->write (send->sink->data, block, n, &send->sink_error);

  if (send->media != NULL)
    return send->received < MAX_REPLY
           && genvid_inline_media_keep (send->media, (GenvidPiece){ block, n });
  g_byte_array_append (send->body, block, MIN (n, room));
  return n <= room;
}

/* TRUE when there is nothing more to come that we want. */
static gboolean
take_bytes (Send *send)
{
  guint8 block[BLOCK];
  gsize n;

  if (!send->judged && genvid_http_transfer_has_head (send->transfer)
      && !judge_head (send))
    return TRUE;
  while ((n = genvid_http_transfer_read (send->transfer, block, sizeof block))
         > 0) {
    send->truncated = !keep (send, block, n);
    send->received += n;
    if (send->truncated)
      return TRUE;
  }
  return genvid_http_transfer_has_ended (send->transfer)
         || genvid_http_transfer_get_error (send->transfer);
}

static void
take_headers (GHashTable *into, SoupMessageHeaders *headers)
{
  SoupMessageHeadersIter iter;
  const char *name, *value;

  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value)) {
    char *lower = g_ascii_strdown (name, -1);
    const char *before = g_hash_table_lookup (into, lower);

    g_hash_table_replace (into, lower,
                          before ? g_strdup_printf ("%s, %s", before, value)
                                 : g_strdup (value));
  }
}

/* Some servers pack whatever was asked. */
static void
unpack (GenvidAnswer *answer)
{
  const char *claim = genvid_answer_get_header (answer, "content-encoding");
  gboolean truncated = FALSE;
  GBytes *plain = genvid_content_coding_undo (
      claim, answer->body, GENVID_JSON_MAX_BYTES, &truncated);

  if (!plain)
    return;
  g_bytes_unref (answer->body);
  answer->body = plain;
  answer->truncated = truncated;
}

static GenvidAnswer *
make_reply (Send *send)
{
  SoupMessage *message = genvid_http_transfer_get_message (send->transfer);
  GenvidAnswer *answer = genvid_answer_new (GENVID_ANSWER_REPLY, NULL);

  answer->status = soup_message_get_status (message);
  take_headers (answer->headers, soup_message_get_response_headers (message));
  g_bytes_unref (answer->body);
  if (send->media != NULL) {
    g_byte_array_unref (send->body);
    send->body = genvid_inline_media_take_text (send->media);
  }
  answer->body = g_byte_array_free_to_bytes (g_steal_pointer (&send->body));
  answer->truncated = send->truncated;
  if (!answer->truncated)
    unpack (answer);
  return answer;
}

/* What came of a submit's first bytes is the service's to say, even though it
 * never had all of them. */
static GenvidAnswer *
fail_changed (Send *send)
{
  gboolean submit = send->exchange->kind == GENVID_EXCHANGE_SUBMIT;

  return genvid_answer_new (
      submit && genvid_http_transfer_has_begun (send->transfer)
          ? GENVID_ANSWER_LOST
          : GENVID_ANSWER_UNSAFE,
      submit ? "a file changed while it was sent, so the request was stopped"
             : "the file changed during the upload, so the upload was stopped");
}

static GenvidAnswer *
make_failure (Send *send)
{
  const GError *error = genvid_http_transfer_get_error (send->transfer);
  const char *said = error ? error->message : NULL;
  GenvidAnswerKind kind = GENVID_ANSWER_UNSENT;

  if (send->sink_error != NULL)
    return genvid_answer_new (GENVID_ANSWER_LOST, send->sink_error->message);

  if (!said)
    said = genvid_io_loop_is_aborted (send->http->loop)
               ? "stopped because the process is exiting"
               : "no complete response in time";
  if (send->files && genvid_streamed_body_has_changed (send->files))
    return fail_changed (send);
  if (g_error_matches (error, GENVID_ERROR, GENVID_REASON_UNSAFE_URL))
    kind = GENVID_ANSWER_UNSAFE;
  else if (genvid_http_transfer_has_begun (send->transfer))
    kind = GENVID_ANSWER_LOST;
  return genvid_answer_new (kind, said);
}

/* A reply with a clip in it may take as long as a download, as long as it comes
 * as fast as one. */
static gint64
extend (Send *send, gint64 until)
{
  if ((send->media == NULL && send->sink == NULL)
      || send->received < send->extended + ENOUGH)
    return until;
  send->extended = send->received;
  return MAX (until, genvid_clock_now ().boot + EXTENSION);
}

static GenvidAnswer *
perform (Send *send, gint64 until)
{
  g_autoptr (GError) error = NULL;
  gboolean done = FALSE, alive = TRUE;
  GenvidAnswer *answer;

  if (genvid_io_loop_is_aborted (send->http->loop))
    return genvid_answer_new (GENVID_ANSWER_UNSENT,
                              "not sent because the process is exiting");
  if (!take_off (send, &error))
    return genvid_answer_new (GENVID_ANSWER_UNSAFE, error->message);
  while (!done && alive) {
    alive = genvid_io_loop_turn (send->http->loop, until);
    done = take_bytes (send);
    until = extend (send, until);
  }
  if (done && !genvid_http_transfer_get_error (send->transfer)
      && send->sink_error == NULL)
    return make_reply (send);
  if (!genvid_http_transfer_is_misdirected (send->transfer))
    return make_failure (send);
  answer = genvid_answer_new (GENVID_ANSWER_REPLY, NULL);
  answer->status = SOUP_STATUS_MISDIRECTED_REQUEST;
  return answer;
}

/* The line of an exchange that made no request. */
static void
log_unsent (GenvidHttpClient *http, const GenvidExchange *exchange,
            const GenvidAnswer *answer)
{
  g_autofree char *shown = genvid_http_client_show (http, exchange->url);

  genvid_log (GENVID_LOG_HTTP, GENVID_LOG_DEBUG, "%s %s: %s", exchange->method,
              shown, answer->error);
}

GenvidAnswer *
genvid_http_client_send (GenvidHttpClient *http, const GenvidExchange *exchange,
                         gint64 until, GenvidHttpClientProgress progress,
                         gpointer data)
{
  g_auto (Send) send = {
    .http = http, .exchange = exchange, .progress = progress, .data = data
  };
  GMainContext *context = genvid_http_client_get_context (http);
  GenvidAnswer *answer;
  g_autoptr (GError) error = NULL;

  if (!genvid_reserve_hold (http->reserve, GENVID_RESERVE_ALL, &error))
    return genvid_answer_new (GENVID_ANSWER_UNSENT, error->message);
  genvid_reserve_hold (http->reserve, GENVID_RESERVE_JOURNAL, NULL);
  send.body = g_byte_array_new ();
  if (exchange->cut)
    send.media = genvid_inline_media_new (NULL);
  g_main_context_push_thread_default (context);
  remember_secret (http, exchange);
  answer = perform (&send, until);
  answer->media = send.sink != NULL ? send.received : 0;
  if (send.transfer == NULL)
    log_unsent (http, exchange, answer);
  send_clear (&send);
  genvid_reserve_hold (http->reserve, 0, NULL);
  g_main_context_pop_thread_default (context);
  return answer;
}
