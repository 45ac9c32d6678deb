/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A media request from its first URL to the body. Each hop has a session of
 * its own, because a session's guard is for one host. It decides nothing
 * about the bytes. */
#include <genvid/genvid-link.h>
#include <genvid/io/genvid-clip.h>
#include <genvid/io/genvid-fetch.h>
#include <genvid/io/genvid-flight.h>
#include <genvid/io/genvid-transport-private.h>

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
  if (!next)
    return;
  g_free (fetch->link);
  fetch->link = g_steal_pointer (&next);
  launch (fetch);
}

GenvidFetchState
genvid_fetch_look (GenvidFetch *fetch)
{
  if (!fetch->error && !fetch->has_head
      && genvid_flight_has_head (fetch->flight)) {
    genvid_head_init (&fetch->head, genvid_flight_get_message (fetch->flight),
                      genvid_now ().wall);
    if (genvid_head_is_redirect (&fetch->head))
      follow (fetch);
    else
      fetch->has_head = TRUE;
  }
  if (genvid_fetch_get_error (fetch))
    return GENVID_FETCH_FAILED;
  if (!fetch->has_head)
    return GENVID_FETCH_WAITING;
  return genvid_flight_has_ended (fetch->flight) ? GENVID_FETCH_ENDED
                                                 : GENVID_FETCH_BODY;
}

gboolean
genvid_fetch_is_ready (GenvidFetch *fetch)
{
  return fetch->error || genvid_flight_is_ready (fetch->flight);
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

gsize
genvid_fetch_read (GenvidFetch *fetch, guint8 *buffer, gsize length)
{
  return genvid_flight_read (fetch->flight, buffer, length);
}

const GError *
genvid_fetch_get_error (GenvidFetch *fetch)
{
  return fetch->error ? fetch->error : genvid_flight_get_error (fetch->flight);
}
