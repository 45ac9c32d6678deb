/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "exchange.h"
#include "http-transfer.h"
#include "trust.h"

G_BEGIN_DECLS

/* One exchange in progress. Nothing here blocks: iterate the thread's default
 * context and look again. For one thread. Submits and uploads use a new
 * connection and are never re-sent by libsoup. */
typedef struct _GenvidHttpSend GenvidHttpSend;

typedef void (*GenvidHttpProgress) (guint64 sent, guint64 total, gpointer data);

/* Where the body of a reply that is a clip goes, of an exchange that allows it
 * (media): BEGIN with its size, if known, then WRITE, in the thread that looks.
 * FALSE with error: the exchange ends as LOST, and says why. Such a body has no
 * bound of its own. */
typedef struct {
  gboolean (*begin) (gpointer data, guint64 size, GError **error);
  gboolean (*write) (gpointer data, const guint8 *bytes, gsize length,
                     GError **error);
  gpointer data;
} GenvidHttpSink;

/* All but TRUST, HOME and EXCHANGE may be NULL. They are borrowed until it is
 * freed. */
typedef struct {
  const GenvidTrust *trust;
  SoupSession **home; /* of the base origin; made when it is needed first */
  const GenvidExchange *exchange;
  const GenvidHttpSink *sink;
  gboolean apart; /* on a connection of its own, which is not kept */
  GenvidHttpProgress progress; /* bytes of an upload so far */
  gpointer data;
  GenvidHttpTransferNotify notify; /* it is worth looking */
  gpointer notify_data;
} GenvidHttpSendOptions;

/* Starts it, or refuses what must not leave this machine. Never NULL. */
GenvidHttpSend *genvid_http_send_new (const GenvidHttpSendOptions *options);
void genvid_http_send_free (GenvidHttpSend *send); /* NULL is fine */

/* Takes what has arrived. TRUE: it is over. */
gboolean genvid_http_send_look (GenvidHttpSend *send);
/* After each look: the deadline UNTIL (boot clock), or a later one. A reply
 * with a clip in it may take as long as a download, as long as it comes as fast
 * as one. */
gint64 genvid_http_send_extend (GenvidHttpSend *send, gint64 until);
/* The request may have been sent, at least in part. */
gboolean genvid_http_send_has_begun (GenvidHttpSend *send);
/* Once. WHY: it was not over, and is given up; else NULL. It is LOST, not
 * UNSENT, once the first byte of the request was written. Never NULL; owned by
 * the caller. A body beyond GENVID_JSON_MAX_BYTES is truncated and marked. */
GenvidAnswer *genvid_http_send_get_answer (GenvidHttpSend *send,
                                           const char *why);
/* Closes the connection soon: iterate until nothing is pending. */
void genvid_http_send_stop (GenvidHttpSend *send);
gboolean genvid_http_send_is_pending (GenvidHttpSend *send);

/* URL as the log may show it: without user info, query and fragment, without
 * SECRET (nullable), and without what may be a signature in its path. Owned by
 * the caller. */
char *genvid_http_send_show (const char *url, const char *secret);
/* The key that EXCHANGE carries; NULL: none. To be wiped by the caller. */
char *genvid_http_send_find_secret (const GenvidExchange *exchange);

G_END_DECLS
