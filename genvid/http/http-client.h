/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "exchange.h"
#include "io-loop.h"
#include "session.h"

G_BEGIN_DECLS

/* HTTP for one worker: libsoup's asynchronous calls on a private
 * GMainContext, driven as straight-line code: start, iterate until done,
 * deadline or wake-up. Made, used and freed in one thread; only wake may be
 * called from another. HTTP/1.1 only; no cookies, no authentication manager,
 * no redirect followed by libsoup; a body that was packed all the same is
 * unpacked, by its bytes. */
typedef struct _GenvidHttpClient GenvidHttpClient;

typedef struct {
  const char *base_url; /* the only origin that sees a key */
  const char *ca_file;  /* nullable: extra anchors for that origin */
  gboolean allow_private;
} GenvidHttpClientOptions;

/* GENVID_ERROR (settings) if ca_file cannot be read; (no-space): the process
 * has no descriptors or threads left for a whole job. */
GenvidHttpClient *genvid_http_client_new (
    const GenvidHttpClientOptions *options, GError **error);
void genvid_http_client_free (GenvidHttpClient *http);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidHttpClient, genvid_http_client_free)
GMainContext *genvid_http_client_get_context (GenvidHttpClient *http);

/* Any thread: the wait that runs, or else the next, ends early. */
void genvid_http_client_wake (GenvidHttpClient *http);
/* Any thread: the exchange or download that runs is given up as if its
 * deadline had come, and every later one at once. For process exit. */
void genvid_http_client_abort (GenvidHttpClient *http);

/* The descriptors that a job needs are there, and free for what comes next.
 * GENVID_ERROR (no-space). */
gboolean genvid_http_client_make_room (GenvidHttpClient *http, GError **error);

/* Sleeps until UNTIL (boot clock, microseconds) or a wake. */
void genvid_http_client_wait (GenvidHttpClient *http, gint64 until);

/* Performs EXCHANGE; gives up at UNTIL (boot clock). Submits and uploads go
 * on a new connection, are never re-sent by libsoup, and tell UNSENT from
 * LOST by the moment the first byte of the request was written. A wake does
 * not end it. Never NULL; owned by the caller. A body beyond
 * GENVID_JSON_MAX_BYTES is cut and marked. PROGRESS (nullable): bytes of
 * an upload so far. */
typedef void (*GenvidHttpClientProgress) (guint64 sent, guint64 total,
                                          gpointer data);
GenvidAnswer *genvid_http_client_send (GenvidHttpClient *http,
                                       const GenvidExchange *exchange,
                                       gint64 until,
                                       GenvidHttpClientProgress progress,
                                       gpointer data);

/* URL as the log may show it: without user info, query and fragment, without
 * the last key that was sent, and without what may be a signature in its path.
 * Owned by the caller. */
char *genvid_http_client_show (GenvidHttpClient *http, const char *url);

/* What a download shares with the exchanges. Borrowed. */
GenvidIoLoop *genvid_http_client_get_loop (GenvidHttpClient *http);
const GenvidTrust *genvid_http_client_get_trust (GenvidHttpClient *http);

G_END_DECLS
