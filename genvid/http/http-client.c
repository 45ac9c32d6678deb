/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Exchanges as straight-line code: start, turn the loop until done, deadline
 * or abort. Rejected: libsoup's blocking calls, which have no deadline of
 * their own, only one a read. */
#include "http-client.h"

#include "exchange.h"
#include "http-send.h"
#include "io-loop.h"
#include "reserve.h"
#include "text.h"
#include "trust.h"

#include <gio/gio.h>

#include <string.h>

struct _GenvidHttpClient {
  GenvidIoLoop *loop;
  GenvidReserve *reserve;
  GenvidTrust trust;
  SoupSession *home; /* for the base origin; kept, so that it is reused */
  char *secret;      /* the last key that was sent; nullable */
  const GenvidHttpSink *sink; /* of a reply that is a clip; nullable */
};

GenvidHttpClient *
genvid_http_client_new (const GenvidHttpClientOptions *options, GError **error)
{
  GenvidHttpClient *http;
  GenvidTrust trust;

  if (!genvid_soup_library_open (error)
      || !genvid_trust_init (&trust, options->base_url, options->ca_file,
                             options->allow_private, error))
    return NULL;
  http = g_new0 (GenvidHttpClient, 1);
  http->trust = trust;
  http->trust.upload_origin = g_strdup (options->upload_origin);
  http->secret = g_strdup (options->key);
  http->reserve = genvid_reserve_take (GENVID_RESERVE_TRANSFER, error);
  if (http->reserve)
    http->loop = genvid_io_loop_new (error);
  if (http->loop)
    return http;
  genvid_http_client_free (http);
  return NULL;
}

static void
close_home (GenvidHttpClient *http)
{
  GMainContext *context = genvid_io_loop_get_context (http->loop);

  g_main_context_push_thread_default (context);
  if (http->home)
    soup_session_abort (http->home);
  g_clear_object (&http->home);
  g_main_context_pop_thread_default (context);
}

void
genvid_http_client_free (GenvidHttpClient *http)
{
  if (!http)
    return;
  if (http->loop)
    close_home (http);
  genvid_io_loop_free (http->loop);
  genvid_reserve_free (http->reserve);
  genvid_trust_clear (&http->trust);
  genvid_text_free_secret (http->secret);
  g_free (http);
}

GMainContext *
genvid_http_client_get_context (GenvidHttpClient *http)
{
  return genvid_io_loop_get_context (http->loop);
}

void
genvid_http_client_set_sink (GenvidHttpClient *http, const GenvidHttpSink *sink)
{
  http->sink = sink;
}

GenvidIoLoop *
genvid_http_client_get_loop (GenvidHttpClient *http)
{
  return http->loop;
}

const GenvidTrust *
genvid_http_client_get_trust (GenvidHttpClient *http)
{
  return &http->trust;
}

void
genvid_http_client_wake (GenvidHttpClient *http)
{
  genvid_io_loop_wake (http->loop);
}

void
genvid_http_client_abort (GenvidHttpClient *http)
{
  genvid_io_loop_abort (http->loop);
}

char *
genvid_http_client_show (GenvidHttpClient *http, const char *url)
{
  return genvid_http_send_show (url, http->secret);
}

static void
remember_secret (GenvidHttpClient *http, const GenvidExchange *exchange)
{
  char *secret = genvid_http_send_find_secret (exchange);

  if (!secret)
    return;
  genvid_text_free_secret (http->secret);
  http->secret = secret;
}

static gboolean
is_pending (gpointer data)
{
  return genvid_http_send_is_pending (data);
}

static GenvidAnswer *
perform (GenvidHttpClient *http, GenvidHttpSend *send, gint64 until)
{
  gboolean done = genvid_http_send_look (send), alive = TRUE;
  const char *why = NULL;
  GenvidAnswer *answer;

  while (!done && alive) {
    alive = genvid_io_loop_turn (http->loop, until);
    done = genvid_http_send_look (send);
    until = genvid_http_send_extend (send, until);
  }
  if (!done)
    why = genvid_io_loop_is_aborted (http->loop)
              ? "stopped because the process is exiting"
              : "no complete response in time";
  answer = genvid_http_send_get_answer (send, why);
  genvid_http_send_stop (send);
  genvid_io_loop_settle (http->loop, is_pending, send);
  return answer;
}

GenvidAnswer *
genvid_http_client_send (GenvidHttpClient *http, const GenvidExchange *exchange,
                         gint64 until, GenvidHttpProgress progress,
                         gpointer data)
{
  GMainContext *context = genvid_http_client_get_context (http);
  GenvidHttpSendOptions options = { .trust = &http->trust,
                                    .home = &http->home,
                                    .exchange = exchange,
                                    .sink = http->sink,
                                    .progress = progress,
                                    .data = data };
  GenvidHttpSend *send;
  GenvidAnswer *answer;

  if (genvid_io_loop_is_aborted (http->loop))
    return genvid_answer_new (GENVID_ANSWER_UNSENT,
                              "not sent because the process is exiting");
  g_main_context_push_thread_default (context);
  remember_secret (http, exchange);
  send = genvid_http_send_new (&options);
  answer = perform (http, send, until);
  genvid_http_send_free (send);
  g_main_context_pop_thread_default (context);
  return answer;
}
