/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include "soup-library.h"

G_BEGIN_DECLS

/* One HTTP request and its response in progress. Nothing here blocks: iterate
 * the thread's default context and look again. For one thread. */
typedef struct _GenvidHttpTransfer GenvidHttpTransfer;

typedef enum {
  /* On a new connection, and never re-sent by libsoup. */
  GENVID_HTTP_TRANSFER_ONCE = 1 << 0,
  /* A truncated chunked body is an error, never an end; the connection is not
   * reused after a chunked body. */
  GENVID_HTTP_TRANSFER_STRICT = 1 << 1,
} GenvidHttpTransferFlags;

/* Takes MESSAGE. ANCHORS: extra trust for this peer, nullable. SHOWN: its URL
 * as the log may show it, see genvid_http_client_show. */
GenvidHttpTransfer *genvid_http_transfer_new (SoupSession *session,
                                              SoupMessage *message,
                                              GTlsDatabase *anchors,
                                              guint flags, const char *shown);
/* Cancels what is in progress. NULL is fine. */
void genvid_http_transfer_free (GenvidHttpTransfer *transfer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidHttpTransfer, genvid_http_transfer_free)

/* NOTIFY is called from the thread's default context when it is worth looking
 * again, until the transfer is freed. */
typedef void (*GenvidHttpTransferNotify) (gpointer data);
void genvid_http_transfer_set_notify (GenvidHttpTransfer *transfer,
                                      GenvidHttpTransferNotify notify,
                                      gpointer data);
void genvid_http_transfer_start (GenvidHttpTransfer *transfer);
/* Closes the connection soon: iterate the loop until nothing is pending. */
void genvid_http_transfer_cancel (GenvidHttpTransfer *transfer);
gboolean genvid_http_transfer_is_pending (GenvidHttpTransfer *transfer);
SoupMessage *genvid_http_transfer_get_message (GenvidHttpTransfer *transfer);

/* The request may have been sent, at least in part. */
gboolean genvid_http_transfer_has_begun (GenvidHttpTransfer *transfer);
/* The response to a request that is sent only once was 421; libsoup does not
 * hand out its head and body. */
gboolean genvid_http_transfer_is_misdirected (GenvidHttpTransfer *transfer);
/* The response's head has arrived. */
gboolean genvid_http_transfer_has_head (GenvidHttpTransfer *transfer);
/* A read returns something now: bytes, the end or an error. */
gboolean genvid_http_transfer_is_ready (GenvidHttpTransfer *transfer);
/* The body was read to its end, and HTTP's framing says it is complete. */
gboolean genvid_http_transfer_has_ended (GenvidHttpTransfer *transfer);
/* Borrowed; NULL while nothing is wrong. Ends the transfer. GENVID_ERROR
 * (unsafe-url): the address or the server is not trusted. */
const GError *genvid_http_transfer_get_error (GenvidHttpTransfer *transfer);

/* Reads what has arrived, as much as fits; 0: nothing now, the end or an
 * error. */
gsize genvid_http_transfer_read (GenvidHttpTransfer *transfer, guint8 *buffer,
                                 gsize length);
/* Who stops before a read returned 0 calls this: others have their turn of the
 * loop first. */
void genvid_http_transfer_yield (GenvidHttpTransfer *transfer);

G_END_DECLS
