/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A media request from its first URL to the body. Each hop has a session of
 * its own, because a session's guard is for one host. It decides nothing
 * about the bytes, but hands them on as they were before a server packed
 * them. */
#include <genvid/genvid-container.h>
#include <genvid/genvid-link.h>
#include <genvid/io/genvid-clip.h>
#include <genvid/io/genvid-coding.h>
#include <genvid/io/genvid-fetch.h>
#include <genvid/io/genvid-flight.h>
#include <genvid/io/genvid-transport-private.h>

#include <string.h>

#define INPUT_BYTES (16 * 1024)

struct _GenvidFetch {
  GenvidTransport *transport;
  char *link;
  char *range; /* nullable */
  char *if_range;
  guint hops;
  GenvidFlight *flight; /* NULL: it never came to that */
  GenvidHead head;
  gboolean has_head;
  GError *error; /* ours; the flight has its own */
  /* Where the head names a coding: what came and was not handed on. */
  guint8 *input;
  gsize used, filled;
  GenvidCoding *coding; /* NULL: the bytes are what they are */
  gboolean more;        /* it may have some without any input */
};

static char *
make_range (const GenvidFetchOptions *options)
{
  if (!options->ranged)
    return NULL;
  if (options->end == GENVID_SIZE_UNKNOWN)
    return g_strdup_printf ("bytes=%" G_GUINT64_FORMAT "-", options->from);
  return g_strdup_printf ("bytes=%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT,
                          options->from, options->end - 1);
}

static void
launch (GenvidFetch *fetch)
{
  const GenvidTrust *trust = genvid_transport_get_trust (fetch->transport);
  SoupMessage *message = genvid_session_make_message ("GET", fetch->link);
  g_autoptr (SoupSession) session = NULL;
  SoupMessageHeaders *headers;

  g_clear_pointer (&fetch->flight, genvid_flight_free);
  if (!message) {
    g_set_error_literal (&fetch->error, GENVID_ERROR, GENVID_REASON_UNSAFE_URL,
                         "The result's URL cannot be written as HTTP.");
    return;
  }
  headers = soup_message_get_request_headers (message);
  soup_message_headers_append (headers, "Accept", "*/*");
  soup_message_headers_append (headers, "Accept-Encoding", "identity");
  if (fetch->range)
    soup_message_headers_append (headers, "Range", fetch->range);
  if (fetch->if_range)
    soup_message_headers_append (headers, "If-Range", fetch->if_range);
  session = genvid_session_new (trust, fetch->link);
  fetch->flight = genvid_flight_new (
      session, message, genvid_trust_get_anchors (trust, fetch->link),
      GENVID_FLIGHT_STRICT);
  genvid_flight_start (fetch->flight);
}

GenvidFetch *
genvid_fetch_new (GenvidTransport *transport, const GenvidFetchOptions *options)
{
  GenvidFetch *fetch = g_new0 (GenvidFetch, 1);

  fetch->transport = transport;
  fetch->link = g_strdup (options->link);
  fetch->range = make_range (options);
  fetch->if_range = fetch->range ? g_strdup (options->if_range) : NULL;
  launch (fetch);
  return fetch;
}

void
genvid_fetch_free (GenvidFetch *fetch)
{
  if (!fetch)
    return;
  genvid_flight_free (fetch->flight);
  genvid_head_clear (&fetch->head);
  g_clear_error (&fetch->error);
  genvid_coding_free (fetch->coding);
  g_free (fetch->input);
  g_free (fetch->link);
  g_free (fetch->range);
  g_free (fetch->if_range);
  g_free (fetch);
}

static void
follow (GenvidFetch *fetch)
{
  const GenvidTrust *trust = genvid_transport_get_trust (fetch->transport);
  g_autofree char *next = genvid_link_check_redirect (
      fetch->head.location, fetch->link, trust->base_url, ++fetch->hops,
      trust->allow_private, &fetch->error);

  genvid_head_clear (&fetch->head);
  fetch->head = (GenvidHead){ 0 };
  if (!next)
    return;
  g_free (fetch->link);
  fetch->link = g_steal_pointer (&next);
  launch (fetch);
}

static void
fill (GenvidFetch *fetch)
{
  if (fetch->used == fetch->filled)
    fetch->used = fetch->filled = 0;
  fetch->filled += genvid_flight_read (
      fetch->flight, fetch->input + fetch->filled, INPUT_BYTES - fetch->filled);
}

/* In a coding that we do not know; what is plainly media is in none. */
static gboolean
is_packed (const GenvidFetch *fetch)
{
  GenvidContainer kind
      = genvid_container_sniff (fetch->input, fetch->filled, TRUE);

  return genvid_coding_is_named (fetch->head.coding)
         && kind == GENVID_CONTAINER_OTHER
         && !strcmp (
             genvid_container_extension (kind, fetch->input, fetch->filled),
             "bin");
}

/* A head that names a coding waits for the first bytes, which tell. A part
 * from the middle is of a file whose first bytes have told. FALSE: it still
 * waits. */
static gboolean
settle_coding (GenvidFetch *fetch)
{
  GenvidHead *head = &fetch->head;

  if (!head->coding || head->start > 0
      || (head->status != 200 && head->status != 203 && head->status != 206))
    return TRUE;
  if (!fetch->input)
    fetch->input = g_malloc (INPUT_BYTES);
  fill (fetch);
  if (fetch->filled < GENVID_CODING_BEGIN
      && !genvid_flight_has_ended (fetch->flight))
    return FALSE;
  fetch->coding = genvid_coding_new (head->coding, fetch->input, fetch->filled);
  if (fetch->coding)
    genvid_head_unpack (head);
  else
    head->packed = is_packed (fetch);
  return TRUE;
}

static void
take_head (GenvidFetch *fetch)
{
  if (!fetch->head.status)
    genvid_head_init (&fetch->head, genvid_flight_get_message (fetch->flight),
                      genvid_now ().wall);
  if (genvid_head_is_redirect (&fetch->head))
    follow (fetch);
  else
    fetch->has_head = settle_coding (fetch);
}

static gboolean
has_ended (GenvidFetch *fetch)
{
  return !fetch->more && fetch->used == fetch->filled
         && genvid_flight_has_ended (fetch->flight);
}

GenvidFetchState
genvid_fetch_look (GenvidFetch *fetch)
{
  if (!fetch->error && !fetch->has_head
      && genvid_flight_has_head (fetch->flight))
    take_head (fetch);
  if (genvid_fetch_get_error (fetch))
    return GENVID_FETCH_FAILED;
  if (!fetch->has_head)
    return GENVID_FETCH_WAITING;
  return has_ended (fetch) ? GENVID_FETCH_ENDED : GENVID_FETCH_BODY;
}

gboolean
genvid_fetch_is_ready (GenvidFetch *fetch)
{
  gboolean held = fetch->more || fetch->used < fetch->filled;

  return fetch->error || (fetch->has_head && held)
         || genvid_flight_is_ready (fetch->flight);
}

gboolean
genvid_fetch_is_pending (GenvidFetch *fetch)
{
  return fetch->flight && genvid_flight_is_pending (fetch->flight);
}

void
genvid_fetch_cancel (GenvidFetch *fetch)
{
  if (fetch->flight)
    genvid_flight_cancel (fetch->flight);
}

const GenvidHead *
genvid_fetch_get_head (GenvidFetch *fetch)
{
  return &fetch->head;
}

static gsize
read_plain (GenvidFetch *fetch, guint8 *buffer, gsize length)
{
  gsize n = MIN (length, fetch->filled - fetch->used);

  if (n > 0)
    memcpy (buffer, fetch->input + fetch->used, n);
  fetch->used += n;
  return n + genvid_flight_read (fetch->flight, buffer + n, length - n);
}

static gsize
read_coded (GenvidFetch *fetch, guint8 *buffer, gsize length)
{
  gsize total = 0, n;
  gboolean moved;

  do {
    GenvidPiece piece;

    if (fetch->used == fetch->filled)
      fill (fetch);
    piece = (GenvidPiece){ fetch->input + fetch->used,
                           fetch->filled - fetch->used };
    n = genvid_coding_decode (fetch->coding, &piece, buffer + total,
                              length - total, &fetch->error);
    moved = n > 0 || piece.length < fetch->filled - fetch->used;
    fetch->used = fetch->filled - piece.length;
    total += n;
  } while (total < length && !fetch->error && moved);
  fetch->more = total == length;
  if (!fetch->error && has_ended (fetch)
      && !genvid_coding_has_ended (fetch->coding))
    g_set_error_literal (&fetch->error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
                         "the compressed body is cut");
  return total;
}

gsize
genvid_fetch_read (GenvidFetch *fetch, guint8 *buffer, gsize length)
{
  if (fetch->error)
    return 0;
  return fetch->coding ? read_coded (fetch, buffer, length)
                       : read_plain (fetch, buffer, length);
}

const GError *
genvid_fetch_get_error (GenvidFetch *fetch)
{
  return fetch->error ? fetch->error : genvid_flight_get_error (fetch->flight);
}
