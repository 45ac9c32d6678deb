/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "exchange.h"
#include "io-loop.h"
#include "trust.h"

G_BEGIN_DECLS

/* HTTP for one worker: libsoup's asynchronous calls on a private
 * GMainContext, driven as straight-line code: start, iterate until done,
 * deadline or wake-up. Made, used and freed in one thread; only wake may be
 * called from another. HTTP/1.1 only; no cookies, no authentication manager,
 * no redirect followed by libsoup; a body that the server compressed anyway
 * is decompressed. */
typedef struct _GenvidHttpClient GenvidHttpClient;

typedef struct {
  const char *base_url;      /* the only origin that sees a key */
  const char *upload_origin; /* but for uploads; nullable */
  const char *ca_file;       /* nullable: extra anchors for that origin */
  gboolean allow_private;
} GenvidHttpClientOptions;

/* GENVID_ERROR (settings) if ca_file cannot be read or libsoup cannot be opened
 * in this process (soup-library.h); (no-space): the process
 * does not have enough descriptors or threads left for a job. */
GenvidHttpClient *genvid_http_client_new (
    const GenvidHttpClientOptions *options, GError **error);
void genvid_http_client_free (GenvidHttpClient *http);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidHttpClient, genvid_http_client_free)
GMainContext *genvid_http_client_get_context (GenvidHttpClient *http);

/* Any thread: ends the current wait early, or else the next one. */
void genvid_http_client_wake (GenvidHttpClient *http);
/* Any thread: stops the current exchange or download as if its deadline had
 * come, and every later one at once. For process exit. */
void genvid_http_client_abort (GenvidHttpClient *http);

/* Checks that a job's descriptors are available, and frees them for the next
 * step. GENVID_ERROR (no-space). */
gboolean genvid_http_client_make_room (GenvidHttpClient *http, GError **error);

/* Sleeps until UNTIL (boot clock, microseconds) or a wake. */
void genvid_http_client_wait (GenvidHttpClient *http, gint64 until);

/* Performs EXCHANGE; gives up at UNTIL (boot clock). Submits and uploads use a
 * new connection and are never re-sent by libsoup; they are LOST, not UNSENT,
 * once the first byte of the request was written. A wake does not end it.
 * Never NULL; owned by the caller. A body beyond GENVID_JSON_MAX_BYTES is
 * truncated and marked. PROGRESS (nullable): bytes of an upload so far. */
typedef void (*GenvidHttpClientProgress) (guint64 sent, guint64 total,
                                          gpointer data);
GenvidAnswer *genvid_http_client_send (GenvidHttpClient *http,
                                       const GenvidExchange *exchange,
                                       gint64 until,
                                       GenvidHttpClientProgress progress,
                                       gpointer data);

/* Where the body of a reply that is a clip goes, of an exchange that allows it
 * (media): BEGIN with its size, if known, then WRITE, in the thread that sends.
 * FALSE with error: the exchange ends as LOST, and says why. Such a body has no
 * bound of its own. Borrowed; for the exchanges until it is set to NULL. */
typedef struct {
  gboolean (*begin) (gpointer data, guint64 size, GError **error);
  gboolean (*write) (gpointer data, const guint8 *bytes, gsize length,
                     GError **error);
  gpointer data;
} GenvidHttpSink;
void genvid_http_client_set_sink (GenvidHttpClient *http,
                                  const GenvidHttpSink *sink);

/* URL as the log may show it: without user info, query and fragment, without
 * the last key that was sent, and without what may be a signature in its path.
 * Owned by the caller. */
char *genvid_http_client_show (GenvidHttpClient *http, const char *url);

/* What a download shares with the exchanges. Borrowed. */
GenvidIoLoop *genvid_http_client_get_loop (GenvidHttpClient *http);
const GenvidTrust *genvid_http_client_get_trust (GenvidHttpClient *http);

G_END_DECLS
