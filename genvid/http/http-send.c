/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One exchange from its request to its answer. It knows nothing of services,
 * jobs or retries; what an answer means is decided by the job. */
#include "http-send.h"

#include "byte-ranges.h"
#include "clock.h"
#include "content-coding.h"
#include "exchange.h"
#include "failure.h"
#include "http-transfer.h"
#include "inline-media.h"
#include "json-reader.h"
#include "log.h"
#include "media-type.h"
#include "secret.h"
#include "session.h"
#include "soup-library.h"
#include "streamed-body.h"
#include "text.h"
#include "trust.h"
#include "url.h"

#include <gio/gio.h>

#include <string.h>

#define BLOCK 16384
/* What is taken at a time, so that a fast one delays no other. */
#define MAX_BLOCKS 64

/* A reply with a clip in it that brings so much more is waited for so long. */
#define ENOUGH    (G_GUINT64_CONSTANT (256) * 1024)
#define EXTENSION (10 * G_USEC_PER_SEC)
/* No such reply is longer. */
#define MAX_REPLY (G_GUINT64_CONSTANT (4) << 30)

struct _GenvidHttpSend {
  GenvidHttpSendOptions options;
  GenvidStreamedBody *files;    /* a body with files; nullable */
  GenvidHttpTransfer *transfer; /* NULL: it was refused */
  char *refusal;
  char *shown;
  GByteArray *body;
  GenvidInlineMedia *media;   /* a reply whose long strings are cut; nullable */
  const GenvidHttpSink *sink; /* the body goes there; nullable */
  GError *sink_error;
  gboolean judged; /* the head was looked at */
  gboolean truncated;
  guint64 sent;
  guint64 received;
  guint64 extended; /* received when the deadline was last put off */
};

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
genvid_http_send_show (const char *url, const char *secret)
{
  g_autofree char *public = genvid_url_display (url);
  g_autofree char *hidden = genvid_secret_hide (public, secret);
  GString *shown = g_string_new (hidden);

  cut_values (shown);
  return g_string_free (shown, FALSE);
}

/* Without the scheme that may stand before it ("Bearer"). */
char *
genvid_http_send_find_secret (const GenvidExchange *exchange)
{
  const char *secret = NULL;

  for (guint i = 0; i < exchange->headers->len; i++) {
    const GenvidHeader *header = exchange->headers->pdata[i];
    const char *space
        = header->value != NULL ? strrchr (header->value, ' ') : NULL;

    if (header->secret)
      secret = space != NULL ? space + 1 : header->value;
  }
  return g_strdup (secret);
}

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
is_home (const GenvidTrust *trust, const GenvidExchange *exchange)
{
  gboolean upload = exchange->kind == GENVID_EXCHANGE_GRANT
                    || exchange->kind == GENVID_EXCHANGE_UPLOAD;

  if (upload && trust->upload_origin != NULL
      && genvid_url_may_carry_key (exchange->url, trust->upload_origin))
    return TRUE;
  return trust->base_url != NULL
         && genvid_url_may_carry_key (exchange->url, trust->base_url);
}

/* NULL, or why EXCHANGE must not leave this machine. */
static const char *
find_fault (const GenvidTrust *trust, const GenvidExchange *exchange)
{
  gboolean home = is_home (trust, exchange);

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
make_message (GenvidHttpSend *send)
{
  const GenvidExchange *exchange = send->options.exchange;
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

/* On a new connection. */
static gboolean
is_once (const GenvidExchange *exchange)
{
  return exchange->kind == GENVID_EXCHANGE_SUBMIT
         || exchange->kind == GENVID_EXCHANGE_UPLOAD;
}

static SoupSession *
get_session (GenvidHttpSend *send)
{
  const GenvidTrust *trust = send->options.trust;
  const char *url = send->options.exchange->url;
  SoupSession **home = send->options.home;

  if (send->options.apart || !trust->base_url
      || !genvid_url_same_origin (url, trust->base_url))
    return genvid_session_new (trust, url);
  if (!*home)
    *home = genvid_session_new (trust, url);
  return g_object_ref (*home);
}

static void
note_sent (SoupMessage *message, guint size, GenvidHttpSend *send)
{
  send->sent += size;
  if (send->options.progress)
    send->options.progress (send->sent,
                            genvid_streamed_body_get_length (send->files),
                            send->options.data);
}

static void
start (GenvidHttpSend *send, SoupMessage *message)
{
  const GenvidTrust *trust = send->options.trust;
  const GenvidExchange *exchange = send->options.exchange;
  guint flags = is_once (exchange)
                    ? GENVID_HTTP_TRANSFER_ONCE | GENVID_HTTP_TRANSFER_STRICT
                    : 0;
  g_autoptr (SoupSession) session = get_session (send);

  if (send->files)
    g_signal_connect (message, "wrote-body-data", G_CALLBACK (note_sent), send);
  send->transfer = genvid_http_transfer_new (
      session, message, genvid_trust_get_anchors (trust, exchange->url), flags,
      send->shown);
  genvid_http_transfer_set_notify (send->transfer, send->options.notify,
                                   send->options.notify_data);
  genvid_http_transfer_start (send->transfer);
}

/* FALSE: nothing may be written; ERROR says why. */
static gboolean
take_off (GenvidHttpSend *send, GError **error)
{
  const GenvidExchange *exchange = send->options.exchange;
  const char *fault = find_fault (send->options.trust, exchange);
  SoupMessage *message;

  if (!fault && !check_address (send->options.trust, exchange, error))
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
  start (send, message);
  return TRUE;
}

GenvidHttpSend *
genvid_http_send_new (const GenvidHttpSendOptions *options)
{
  GenvidHttpSend *send = g_new0 (GenvidHttpSend, 1);
  const GenvidExchange *exchange = options->exchange;
  g_autoptr (GError) error = NULL;
  char *secret = genvid_http_send_find_secret (exchange);

  send->options = *options;
  send->body = g_byte_array_new ();
  if (exchange->cut)
    send->media = genvid_inline_media_new (NULL);
  send->shown = genvid_http_send_show (exchange->url, secret);
  genvid_text_free_secret (secret);
  if (take_off (send, &error))
    return send;
  send->refusal = g_strdup (error->message);
  genvid_log (GENVID_LOG_HTTP, GENVID_LOG_DEBUG, "%s %s: %s", exchange->method,
              send->shown, send->refusal);
  return send;
}

void
genvid_http_send_stop (GenvidHttpSend *send)
{
  if (!send->transfer)
    return;
  genvid_http_transfer_set_notify (send->transfer, NULL, NULL);
  g_signal_handlers_disconnect_by_data (
      genvid_http_transfer_get_message (send->transfer), send);
  genvid_http_transfer_cancel (send->transfer);
}

gboolean
genvid_http_send_is_pending (GenvidHttpSend *send)
{
  return send->transfer && genvid_http_transfer_is_pending (send->transfer);
}

void
genvid_http_send_free (GenvidHttpSend *send)
{
  if (!send)
    return;
  genvid_http_send_stop (send);
  g_clear_pointer (&send->transfer, genvid_http_transfer_free);
  g_clear_object (&send->files);
  g_clear_pointer (&send->body, g_byte_array_unref);
  g_clear_pointer (&send->media, genvid_inline_media_free);
  g_clear_error (&send->sink_error);
  g_free (send->refusal);
  g_free (send->shown);
  g_free (send);
}

gboolean
genvid_http_send_has_begun (GenvidHttpSend *send)
{
  return send->transfer && genvid_http_transfer_has_begun (send->transfer);
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
judge_head (GenvidHttpSend *send)
{
  SoupMessage *message = genvid_http_transfer_get_message (send->transfer);
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  guint64 size = GENVID_SIZE_UNKNOWN;

  send->judged = TRUE;
  if (!send->options.exchange->media || send->options.sink == NULL
      || !is_clip (message))
    return TRUE;
  send->sink = send->options.sink;
  if (soup_message_headers_get_encoding (headers)
      == SOUP_ENCODING_CONTENT_LENGTH)
    size = (guint64)soup_message_headers_get_content_length (headers);
  return send->sink->begin (send->sink->data, size, &send->sink_error);
}

/* FALSE: it is more than a reply may be. */
static gboolean
keep (GenvidHttpSend *send, const guint8 *block, gsize n)
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
take_bytes (GenvidHttpSend *send)
{
  guint8 block[BLOCK];
  gsize n;

  if (!send->judged && genvid_http_transfer_has_head (send->transfer)
      && !judge_head (send))
    return TRUE;
  for (guint i = 0; i < MAX_BLOCKS; i++) {
    n = genvid_http_transfer_read (send->transfer, block, sizeof block);
    if (n == 0)
      break;
    send->truncated = !keep (send, block, n);
    send->received += n;
    if (send->truncated)
      return TRUE;
  }
  genvid_http_transfer_yield (send->transfer);
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
make_reply (GenvidHttpSend *send)
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

gboolean
genvid_http_send_look (GenvidHttpSend *send)
{
  return !send->transfer || take_bytes (send);
}

gint64
genvid_http_send_extend (GenvidHttpSend *send, gint64 until)
{
  if ((send->media == NULL && send->sink == NULL)
      || send->received < send->extended + ENOUGH)
    return until;
  send->extended = send->received;
  return MAX (until, genvid_clock_now ().boot + EXTENSION);
}

/* What came of a submit's first bytes is the service's to say, even though it
 * never had all of them, and whatever ended it. */
static gboolean
is_doubtful (GenvidHttpSend *send)
{
  return send->options.exchange->kind == GENVID_EXCHANGE_SUBMIT
         && genvid_http_transfer_has_begun (send->transfer);
}

static GenvidAnswer *
fail_changed (GenvidHttpSend *send)
{
  gboolean submit = send->options.exchange->kind == GENVID_EXCHANGE_SUBMIT;

  return genvid_answer_new (
      is_doubtful (send) ? GENVID_ANSWER_LOST : GENVID_ANSWER_UNSAFE,
      submit ? "a file changed while it was sent, so the request was stopped"
             : "the file changed during the upload, so the upload was stopped");
}

static GenvidAnswer *
make_failure (GenvidHttpSend *send, const char *why)
{
  const GError *error = genvid_http_transfer_get_error (send->transfer);
  GenvidAnswerKind kind = GENVID_ANSWER_UNSENT;

  if (send->sink_error != NULL)
    return genvid_answer_new (GENVID_ANSWER_LOST, send->sink_error->message);
  if (send->files && genvid_streamed_body_has_changed (send->files))
    return fail_changed (send);
  if (!is_doubtful (send)
      && g_error_matches (error, GENVID_ERROR, GENVID_REASON_UNSAFE_URL))
    kind = GENVID_ANSWER_UNSAFE;
  else if (genvid_http_transfer_has_begun (send->transfer))
    kind = GENVID_ANSWER_LOST;
  return genvid_answer_new (kind, error ? error->message : why);
}

static GenvidAnswer *
make_answer (GenvidHttpSend *send, const char *why)
{
  GenvidAnswer *answer;

  if (!send->transfer)
    return genvid_answer_new (GENVID_ANSWER_UNSAFE, send->refusal);
  if (!why && !genvid_http_transfer_get_error (send->transfer)
      && send->sink_error == NULL)
    return make_reply (send);
  if (!genvid_http_transfer_is_misdirected (send->transfer))
    return make_failure (send, why);
  answer = genvid_answer_new (GENVID_ANSWER_REPLY, NULL);
  answer->status = SOUP_STATUS_MISDIRECTED_REQUEST;
  return answer;
}

GenvidAnswer *
genvid_http_send_get_answer (GenvidHttpSend *send, const char *why)
{
  GenvidAnswer *answer = make_answer (send, why);

  answer->media = send->sink != NULL ? send->received : 0;
  return answer;
}
