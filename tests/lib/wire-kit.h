/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Exchanges with the scripted server, for the tests of the wire. */

#include "exchange.h"
#include "http-client.h"

#include "fake-service.h"

#include <string.h>

#define FOR_EVER G_MAXINT64
#define TLS_DIR  TEST_SOURCE_ROOT "/tests/data/tls/"

/* The tests' server is on loopback, whatever proxy this machine has. */
static inline void
wire_init (int *argc, char ***argv)
{
  g_setenv ("GIO_USE_PROXY_RESOLVER", "dummy", TRUE);
  g_test_init (argc, argv, NULL);
}

static inline GenvidHttpClient *
make_transport (const char *base_url, const char *ca_file)
{
  const GenvidHttpClientOptions options
      = { .base_url = base_url, .ca_file = ca_file };
  g_autoptr (GError) error = NULL;
  GenvidHttpClient *http = genvid_http_client_new (&options, &error);

  g_assert_no_error (error);
  return http;
}

static inline GenvidExchange *
make_exchange (FakeService *service, GenvidExchangeKind kind,
               const char *method, const char *path)
{
  g_autofree char *url = fake_service_make_url (service, path);
  GenvidExchange *exchange = genvid_exchange_new (kind, method, url);

  if (!strcmp (method, "POST") || !strcmp (method, "PUT")) {
    exchange->body = g_bytes_new_static ("{\"a\":1}", 7);
    exchange->content_type = g_strdup ("application/json");
  }
  return exchange;
}

static inline GenvidAnswer *
send_one (GenvidHttpClient *http, FakeService *service, GenvidExchangeKind kind,
          const char *method, const char *path)
{
  g_autoptr (GenvidExchange) exchange
      = make_exchange (service, kind, method, path);

  return genvid_http_client_send (http, exchange, FOR_EVER, NULL, NULL);
}

static inline void
assert_body (const GenvidAnswer *answer, const char *text)
{
  gsize length;
  const char *data = g_bytes_get_data (answer->body, &length);

  g_assert_cmpmem (data, length, text, strlen (text));
}
