/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

/* One HTTP message on the wire: the request as it goes, the answer as it
 * comes. Nothing here blocks; turn the loop of the thread's default context
 * and look again. Of one thread. */
typedef struct _GenvidHttpTransfer GenvidHttpTransfer;

typedef enum {
  /* On a connection of its own, and never sent again by libsoup. */
  GENVID_HTTP_TRANSFER_ONCE = 1 << 0,
  /* A chunked body that is cut is an error, never an end; the connection is
   * not used again after one. */
  GENVID_HTTP_TRANSFER_STRICT = 1 << 1,
} GenvidHttpTransferFlags;

/* Takes MESSAGE. ANCHORS: extra trust for this peer, nullable. SHOWN: its URL
 * as the log may show it, see genvid_http_client_show. */
GenvidHttpTransfer *genvid_http_transfer_new (SoupSession *session,
                                              SoupMessage *message,
                                              GTlsDatabase *anchors,
                                              guint flags, const char *shown);
/* Gives up what is under way. */
void genvid_http_transfer_free (GenvidHttpTransfer *transfer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidHttpTransfer, genvid_http_transfer_free)

void genvid_http_transfer_start (GenvidHttpTransfer *transfer);
/* Closes the connection soon: the loop must turn until nothing is pending. */
void genvid_http_transfer_cancel (GenvidHttpTransfer *transfer);
gboolean genvid_http_transfer_is_pending (GenvidHttpTransfer *transfer);
SoupMessage *genvid_http_transfer_get_message (GenvidHttpTransfer *transfer);

/* The request may be on the wire, in part at least. */
gboolean genvid_http_transfer_has_begun (GenvidHttpTransfer *transfer);
/* The answer to a request that is sent once only was 421, whose head and body
 * libsoup keeps to itself. */
gboolean genvid_http_transfer_is_misdirected (GenvidHttpTransfer *transfer);
/* The answer's head is there. */
gboolean genvid_http_transfer_has_head (GenvidHttpTransfer *transfer);
/* Bytes may be had now (or the end, or an error). */
gboolean genvid_http_transfer_is_ready (GenvidHttpTransfer *transfer);
/* The last byte of the body was read, and it was the last by HTTP's word. */
gboolean genvid_http_transfer_has_ended (GenvidHttpTransfer *transfer);
/* Borrowed; NULL while nothing is wrong. Ends the transfer. GENVID_ERROR
 * (unsafe-url): we do not go there, or do not believe who answers. */
const GError *genvid_http_transfer_get_error (GenvidHttpTransfer *transfer);

/* Reads what is there, as much as fits; 0: nothing now, the end, or an
 * error. */
gsize genvid_http_transfer_read (GenvidHttpTransfer *transfer, guint8 *buffer,
                                 gsize length);

G_END_DECLS
