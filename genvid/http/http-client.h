/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "exchange.h"
#include "http-send.h"
#include "io-loop.h"
#include "trust.h"

G_BEGIN_DECLS

/* HTTP for one thread that has it to itself, as a download does: libsoup's
 * asynchronous calls on a private GMainContext, driven as straight-line code:
 * start, iterate until done, deadline or wake-up. Made, used and freed in one
 * thread; only wake and abort may be called from another. It reserves the
 * descriptors that a transfer needs. HTTP/1.1 only; no cookies, no
 * authentication manager, no redirect followed by libsoup; a body that the
 * server compressed anyway is decompressed. */
typedef struct _GenvidHttpClient GenvidHttpClient;

typedef struct {
  const char *base_url;      /* the only origin that sees a key */
  const char *upload_origin; /* but for uploads; nullable */
  const char *ca_file;       /* nullable: extra anchors for that origin */
  gboolean allow_private;
  const char *key; /* nullable: what the log must not show */
} GenvidHttpClientOptions;

/* GENVID_ERROR (settings) if ca_file cannot be read or libsoup cannot be opened
 * in this process (soup-library.h); (no-space): the process
 * does not have enough descriptors or threads left for a job. */
GenvidHttpClient *genvid_http_client_new (
    const GenvidHttpClientOptions *options, GError **error);
void genvid_http_client_free (GenvidHttpClient *http);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidHttpClient, genvid_http_client_free)
GMainContext *genvid_http_client_get_context (GenvidHttpClient *http);

/* Any thread: ends the current turn of the loop. */
void genvid_http_client_wake (GenvidHttpClient *http);
/* Any thread: stops the current exchange or download as if its deadline had
 * come, and every later one at once. For process exit. */
void genvid_http_client_abort (GenvidHttpClient *http);

/* Performs EXCHANGE as a GenvidHttpSend; gives up at UNTIL (boot clock). A wake
 * does not end it. */
GenvidAnswer *genvid_http_client_send (GenvidHttpClient *http,
                                       const GenvidExchange *exchange,
                                       gint64 until,
                                       GenvidHttpProgress progress,
                                       gpointer data);

/* Where the body of a reply that is a clip goes; NULL: nowhere. Borrowed; for
 * the exchanges until it is set to NULL. */
void genvid_http_client_set_sink (GenvidHttpClient *http,
                                  const GenvidHttpSink *sink);

/* As genvid_http_send_show, without the last key that was sent. */
char *genvid_http_client_show (GenvidHttpClient *http, const char *url);

/* What a download shares with the exchanges. Borrowed. */
GenvidIoLoop *genvid_http_client_get_loop (GenvidHttpClient *http);
const GenvidTrust *genvid_http_client_get_trust (GenvidHttpClient *http);

G_END_DECLS
