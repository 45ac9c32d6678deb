/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libsoup/soup.h>

/* One HTTP message on the wire: the request as it goes, the answer as it
 * comes. Nothing here blocks; turn the loop of the thread's default context
 * and look again. Of one thread. */
typedef struct _GenvidFlight GenvidFlight;

typedef enum {
  /* On a connection of its own, and never sent again by libsoup. */
  GENVID_FLIGHT_ONCE = 1 << 0,
  /* A chunked body that is cut is an error, never an end; the connection is
   * not used again after one. */
  GENVID_FLIGHT_STRICT = 1 << 1,
} GenvidFlightFlags;

/* Takes MESSAGE. ANCHORS: extra trust for this peer, nullable. */
GenvidFlight *genvid_flight_new (SoupSession *session, SoupMessage *message,
                                 GTlsDatabase *anchors, guint flags);
/* Gives up what is under way. */
void genvid_flight_free (GenvidFlight *flight);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidFlight, genvid_flight_free)

void genvid_flight_start (GenvidFlight *flight);
/* Closes the connection soon: the loop must turn until nothing is pending. */
void genvid_flight_cancel (GenvidFlight *flight);
gboolean genvid_flight_is_pending (GenvidFlight *flight);
SoupMessage *genvid_flight_get_message (GenvidFlight *flight);

/* The request may be on the wire, in part at least. */
gboolean genvid_flight_has_begun (GenvidFlight *flight);
/* The answer to a request that is sent once only was 421, whose head and body
 * libsoup keeps to itself. */
gboolean genvid_flight_is_misdirected (GenvidFlight *flight);
/* The answer's head is there. */
gboolean genvid_flight_has_head (GenvidFlight *flight);
/* Bytes may be had now (or the end, or an error). */
gboolean genvid_flight_is_ready (GenvidFlight *flight);
/* The last byte of the body was read, and it was the last by HTTP's word. */
gboolean genvid_flight_has_ended (GenvidFlight *flight);
/* Borrowed; NULL while nothing is wrong. Ends the flight. GENVID_ERROR
 * (unsafe-url): we do not go there, or do not believe who answers. */
const GError *genvid_flight_get_error (GenvidFlight *flight);

/* Reads what is there, as much as fits; 0: nothing now, the end, or an
 * error. */
gsize genvid_flight_read (GenvidFlight *flight, guint8 *buffer, gsize length);
