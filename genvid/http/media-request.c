/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A media request from its first URL to the body. Each hop has a session of
 * its own, because a session's address filter is for one host. It decides
 * nothing about the bytes, but hands them on as they were before a server
 * packed them. */
#include "media-request.h"

#include "byte-ranges.h"
#include "clock.h"
#include "container.h"
#include "content-coding.h"
#include "exchange.h"
#include "failure.h"
#include "http-client.h"
#include "http-transfer.h"
#include "inline-media.h"
#include "log.h"
#include "media-response.h"
#include "session.h"
#include "soup-library.h"
#include "trust.h"
#include "url.h"

#include <gio/gio.h>

#include <string.h>

#define INPUT_BYTES (16 * 1024)

struct _GenvidMediaRequest {
  GenvidHttpClient *http;
  char *link;
  char *range; /* nullable */
  char *if_range;
  const GPtrArray *headers; /* nullable; borrowed */
  guint hops;
  GenvidHttpTransfer *transfer; /* NULL: it never came to that */
  GenvidMediaResponse head;
  gboolean has_head;
  GError *error; /* ours; the transfer has its own */
  /* Where the head names a coding: what came and was not handed on. */
  guint8 *input;
  gsize used, filled;
  GenvidContentCoding *coding; /* NULL: the bytes are what they are */
  const char *inline_path;     /* nullable */
  GenvidInlineMedia *media;    /* in a JSON answer; nullable */
  gboolean more;               /* it may have some without any input */
};

static char *
make_range (const GenvidMediaRequestOptions *options)
{
  if (!options->ranged)
    return NULL;
  if (options->end == GENVID_SIZE_UNKNOWN)
    return g_strdup_printf ("bytes=%" G_GUINT64_FORMAT "-", options->from);
  return g_strdup_printf ("bytes=%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT,
                          options->from, options->end - 1);
}

/* Another host may point back to us, with a path of its own choice: whoever
 * was elsewhere once gets no key any more. */
static void
add_headers (GenvidMediaRequest *fetch, SoupMessageHeaders *headers)
{
  const GenvidTrust *trust = genvid_http_client_get_trust (fetch->http);

  if (fetch->headers != NULL
      && (!genvid_url_may_carry_key (fetch->link, trust->base_url)
          || !genvid_url_may_be_plain (fetch->link, trust->allow_private)))
    fetch->headers = NULL;
  for (guint i = 0; fetch->headers != NULL && i < fetch->headers->len; i++) {
    const GenvidHeader *header = g_ptr_array_index (fetch->headers, i);

    soup_message_headers_replace (headers, header->name, header->value);
  }
}

static void
launch (GenvidMediaRequest *fetch)
{
  const GenvidTrust *trust = genvid_http_client_get_trust (fetch->http);
  SoupMessage *message = genvid_session_make_message ("GET", fetch->link);
  g_autoptr (SoupSession) session = NULL;
  g_autofree char *shown = genvid_http_client_show (fetch->http, fetch->link);
  SoupMessageHeaders *headers;

  g_clear_pointer (&fetch->transfer, genvid_http_transfer_free);
  if (!message) {
    g_set_error_literal (&fetch->error, GENVID_ERROR, GENVID_REASON_UNSAFE_URL,
                         "The result's URL is not a valid HTTP URL.");
    return;
  }
  headers = soup_message_get_request_headers (message);
  add_headers (fetch, headers);
  soup_message_headers_replace (headers, "Accept", "*/*");
  soup_message_headers_replace (headers, "Accept-Encoding", "identity");
  if (fetch->range != NULL) {
    soup_message_headers_append (headers, "Range", fetch->range);
    genvid_log (GENVID_LOG_HTTP, GENVID_LOG_LOG, "GET %s: %s", shown,
                fetch->range);
  }
  if (fetch->if_range)
    soup_message_headers_append (headers, "If-Range", fetch->if_range);
  session = genvid_session_new (trust, fetch->link);
  fetch->transfer = genvid_http_transfer_new (
      session, message, genvid_trust_get_anchors (trust, fetch->link),
      GENVID_HTTP_TRANSFER_STRICT, shown);
  genvid_http_transfer_start (fetch->transfer);
}

GenvidMediaRequest *
genvid_media_request_new (GenvidHttpClient *http,
                          const GenvidMediaRequestOptions *options)
{
  GenvidMediaRequest *fetch = g_new0 (GenvidMediaRequest, 1);

  fetch->http = http;
  fetch->link = g_strdup (options->link);
  fetch->headers = options->headers;
  fetch->inline_path = options->inline_path;
  fetch->range = make_range (options);
  fetch->if_range = fetch->range ? g_strdup (options->if_range) : NULL;
  launch (fetch);
  return fetch;
}

void
genvid_media_request_free (GenvidMediaRequest *fetch)
{
  if (!fetch)
    return;
  genvid_http_transfer_free (fetch->transfer);
  genvid_media_response_clear (&fetch->head);
  g_clear_error (&fetch->error);
  genvid_content_coding_free (fetch->coding);
  genvid_inline_media_free (fetch->media);
  g_free (fetch->input);
  g_free (fetch->link);
  g_free (fetch->range);
  g_free (fetch->if_range);
  g_free (fetch);
}

static void
follow (GenvidMediaRequest *fetch)
{
  const GenvidTrust *trust = genvid_http_client_get_trust (fetch->http);
  g_autofree char *next = genvid_url_check_redirect (
      fetch->head.location, fetch->link, trust->base_url, ++fetch->hops,
      trust->allow_private, &fetch->error);

  genvid_media_response_clear (&fetch->head);
  fetch->head = (GenvidMediaResponse){ 0 };
  if (!next)
    return;
  g_free (fetch->link);
  fetch->link = g_steal_pointer (&next);
  launch (fetch);
}

static void
fill (GenvidMediaRequest *fetch)
{
  if (fetch->used == fetch->filled)
    fetch->used = fetch->filled = 0;
  fetch->filled += genvid_http_transfer_read (fetch->transfer,
                                              fetch->input + fetch->filled,
                                              INPUT_BYTES - fetch->filled);
}

/* In a coding that we do not know; what is plainly media is in none. */
static gboolean
is_packed (const GenvidMediaRequest *fetch)
{
  GenvidContainer kind
      = genvid_container_sniff (fetch->input, fetch->filled, TRUE);

  return genvid_content_coding_is_named (fetch->head.coding)
         && kind == GENVID_CONTAINER_OTHER
         && !strcmp (
             genvid_container_extension (kind, fetch->input, fetch->filled),
             "bin");
}

/* A head that names a coding waits for the first bytes, which tell. A part
 * from the middle is of a file whose first bytes have told. FALSE: it still
 * waits. */
static gboolean
settle_coding (GenvidMediaRequest *fetch)
{
  GenvidMediaResponse *head = &fetch->head;

  if (!head->coding || head->start > 0
      || (head->status != 200 && head->status != 203 && head->status != 206))
    return TRUE;
  if (!fetch->input)
    fetch->input = g_malloc (INPUT_BYTES);
  fill (fetch);
  if (fetch->filled < GENVID_CODING_BEGIN
      && !genvid_http_transfer_has_ended (fetch->transfer))
    return FALSE;
  fetch->coding
      = genvid_content_coding_new (head->coding, fetch->input, fetch->filled);
  if (fetch->coding)
    genvid_media_response_unpack (head);
  else
    head->packed = is_packed (fetch);
  return TRUE;
}

/* The answer's own size and type are not the clip's. */
static void
open_inline (GenvidMediaRequest *fetch)
{
  GenvidMediaResponse *head = &fetch->head;

  if (fetch->inline_path == NULL || head->status != 200)
    return;
  head->packed = fetch->coding != NULL || head->packed;
  fetch->media = genvid_inline_media_new (fetch->inline_path);
  if (fetch->input == NULL)
    fetch->input = g_malloc (INPUT_BYTES);
  genvid_media_response_unpack (head);
  g_clear_pointer (&head->type, g_free);
}

static void
take_head (GenvidMediaRequest *fetch)
{
  if (!fetch->head.status)
    genvid_media_response_init (
        &fetch->head, genvid_http_transfer_get_message (fetch->transfer),
        genvid_clock_now ().wall);
  if (genvid_media_response_is_redirect (&fetch->head))
    follow (fetch);
  else
    fetch->has_head = settle_coding (fetch);
  if (fetch->has_head)
    open_inline (fetch);
}

static gboolean
has_ended (GenvidMediaRequest *fetch)
{
  return !fetch->more && fetch->used == fetch->filled
         && genvid_http_transfer_has_ended (fetch->transfer);
}

/* What is decoded says itself whether it is whole. */
static void
check_end (GenvidMediaRequest *fetch)
{
  if (fetch->error != NULL || !has_ended (fetch)
      || (fetch->media == NULL && fetch->coding == NULL))
    return;
  if (fetch->media != NULL) {
    g_autoptr (GError) problem = NULL;

    /* The next answer may have it. */
    if (!genvid_inline_media_finish (fetch->media, &problem))
      g_set_error_literal (&fetch->error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
                           problem->message);
  } else if (!genvid_content_coding_has_ended (fetch->coding))
    g_set_error_literal (&fetch->error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
                         "the compressed body is truncated");
}

GenvidMediaRequestState
genvid_media_request_look (GenvidMediaRequest *fetch)
{
  if (!fetch->error && !fetch->has_head
      && genvid_http_transfer_has_head (fetch->transfer))
    take_head (fetch);
  if (fetch->has_head)
    check_end (fetch);
  if (genvid_media_request_get_error (fetch))
    return GENVID_MEDIA_REQUEST_FAILED;
  if (!fetch->has_head)
    return GENVID_MEDIA_REQUEST_WAITING;
  return has_ended (fetch) ? GENVID_MEDIA_REQUEST_ENDED
                           : GENVID_MEDIA_REQUEST_BODY;
}

gboolean
genvid_media_request_is_ready (GenvidMediaRequest *fetch)
{
  gboolean held = fetch->more || fetch->used < fetch->filled;

  return fetch->error || (fetch->has_head && held)
         || genvid_http_transfer_is_ready (fetch->transfer);
}

gboolean
genvid_media_request_is_pending (GenvidMediaRequest *fetch)
{
  return fetch->transfer && genvid_http_transfer_is_pending (fetch->transfer);
}

void
genvid_media_request_cancel (GenvidMediaRequest *fetch)
{
  if (fetch->transfer)
    genvid_http_transfer_cancel (fetch->transfer);
}

const GenvidMediaResponse *
genvid_media_request_get_head (GenvidMediaRequest *fetch)
{
  return &fetch->head;
}

static gsize
read_plain (GenvidMediaRequest *fetch, guint8 *buffer, gsize length)
{
  gsize n = MIN (length, fetch->filled - fetch->used);

  if (n > 0)
    memcpy (buffer, fetch->input + fetch->used, n);
  fetch->used += n;
  return n
         + genvid_http_transfer_read (fetch->transfer, buffer + n, length - n);
}

static gsize
decode (GenvidMediaRequest *fetch, GenvidPiece *piece, guint8 *buffer,
        gsize room)
{
  return fetch->media != NULL
             ? genvid_inline_media_decode (fetch->media, piece, buffer, room,
                                           &fetch->error)
             : genvid_content_coding_decode (fetch->coding, piece, buffer, room,
                                             &fetch->error);
}

static gsize
read_coded (GenvidMediaRequest *fetch, guint8 *buffer, gsize length)
{
  gsize total = 0, n;
  gboolean moved;

  do {
    GenvidPiece piece;

    if (fetch->used == fetch->filled)
      fill (fetch);
    piece = (GenvidPiece){ fetch->input + fetch->used,
                           fetch->filled - fetch->used };
    n = decode (fetch, &piece, buffer + total, length - total);
    moved = n > 0 || piece.length < fetch->filled - fetch->used;
    fetch->used = fetch->filled - piece.length;
    total += n;
  } while (total < length && !fetch->error && moved);
  fetch->more = total == length;
  check_end (fetch);
  return total;
}

gsize
genvid_media_request_read (GenvidMediaRequest *fetch, guint8 *buffer,
                           gsize length)
{
  if (fetch->error)
    return 0;
  return fetch->coding || fetch->media ? read_coded (fetch, buffer, length)
                                       : read_plain (fetch, buffer, length);
}

const GError *
genvid_media_request_get_error (GenvidMediaRequest *fetch)
{
  return fetch->error ? fetch->error
                      : genvid_http_transfer_get_error (fetch->transfer);
}
