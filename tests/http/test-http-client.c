/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Exchanges against the scripted server: what goes out, what may come back,
 * and above all what may have been bought. */
#include "clock.h"
#include "exchange.h"
#include "http-client.h"
#include "json-reader.h"

#include <gio/gio.h>

#include "liar-kit.h"
#include "wire-kit.h"

static void
test_reply (void)
{
  const FakeReply script[] = {
    { "POST", "/v1/jobs", 201, "X-One: a\nx-one: b\nContent-Type: text/x\n",
      "{\"id\":7}" },
  };
  g_autoptr (FakeService) service = FAKE_SERVICE (script);
  g_autoptr (GenvidHttpClient) http
      = make_transport (fake_service_get_url (service), NULL);
  g_autoptr (GenvidExchange) exchange
      = make_exchange (service, GENVID_EXCHANGE_SUBMIT, "POST",
                       "/v1/jobs?id=a%3Ab%2fc&sig=%7e%41&x");
  g_autoptr (GenvidAnswer) answer = NULL;
  const FakeRequest *request;

  genvid_exchange_add_header (exchange, "X-API-Key", "k1", TRUE);
  answer = genvid_http_client_send (http, exchange, FOR_EVER, NULL, NULL);
  g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_REPLY);
  g_assert_cmpuint (answer->status, ==, 201);
  g_assert_cmpstr (genvid_answer_get_header (answer, "X-One"), ==, "a, b");
  g_assert_cmpstr (genvid_answer_get_header (answer, "content-type"), ==,
                   "text/x");
  g_assert_false (answer->truncated);
  assert_body (answer, "{\"id\":7}");

  g_assert_cmpuint (fake_service_get_n_requests (service), ==, 1);
  request = fake_service_get_request (service, 0);
  g_assert_cmpstr (request->method, ==, "POST");
  g_assert_cmpstr (request->target, ==, "/v1/jobs?id=a%3Ab%2fc&sig=%7e%41&x");
  g_assert_cmpstr (fake_request_get_header (request, "x-api-key"), ==, "k1");
  g_assert_cmpstr (fake_request_get_header (request, "content-type"), ==,
                   "application/json");
  g_assert_cmpstr (fake_request_get_header (request, "content-length"), ==,
                   "7");
  g_assert_cmpstr (fake_request_get_header (request, "user-agent"), ==,
                   "genvidsrc/" GENVID_VERSION);
  g_assert_cmpstr (fake_request_get_header (request, "accept-encoding"), ==,
                   "identity");
  g_assert_true (g_bytes_equal (request->body, exchange->body));
}

/* Whatever libsoup would do with it by itself, it is one reply. */
static void
test_nothing_by_itself (void)
{
  const FakeReply script[] = {
    { "POST", "/302", 302, "Location: /elsewhere\n" },
    { "POST", "/307", 307, "Location: /elsewhere\n" },
    { "POST", "/401", 401, "WWW-Authenticate: Basic realm=\"x\"\n" },
    { "POST", "/407", 407, "Proxy-Authenticate: Basic realm=\"x\"\n" },
    { "POST", "/421", 421 },
    { "POST", "/503", 503, "Retry-After: 0\n" },
    { "POST", "/gzip", 200, "Content-Encoding: gzip\n", "as it came" },
  };
  const char *const paths[]
      = { "/302", "/307", "/401", "/407", "/421", "/503", "/gzip" };
  g_autoptr (FakeService) service = FAKE_SERVICE (script);
  g_autoptr (GenvidHttpClient) http
      = make_transport (fake_service_get_url (service), NULL);

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_autoptr (GenvidAnswer) answer
        = send_one (http, service, GENVID_EXCHANGE_SUBMIT, "POST", paths[i]);

    g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_REPLY);
    if (g_ascii_isdigit (paths[i][1]))
      g_assert_cmpuint (answer->status, ==, atoi (paths[i] + 1));
    else
      assert_body (answer, "as it came");
  }
  g_assert_cmpuint (fake_service_get_n_requests (service), ==,
                    G_N_ELEMENTS (paths));
  g_assert_cmpuint (fake_service_get_n_connections (service), ==,
                    G_N_ELEMENTS (paths));
}

static void
test_no_cookies (void)
{
  const FakeReply script[] = {
    { "GET", "/", 200,
      "Set-Cookie: a=b; Path=/\n"
      "Strict-Transport-Security: max-age=999\n" },
  };
  g_autoptr (FakeService) service = FAKE_SERVICE (script);
  g_autoptr (GenvidHttpClient) http
      = make_transport (fake_service_get_url (service), NULL);

  for (guint i = 0; i < 2; i++) {
    g_autoptr (GenvidAnswer) answer
        = send_one (http, service, GENVID_EXCHANGE_POLL, "GET", "/");

    g_assert_cmpuint (answer->status, ==, 200);
    g_assert_null (fake_request_get_header (
        fake_service_get_request (service, i), "cookie"));
  }
  /* Polls share a connection. */
  g_assert_cmpuint (fake_service_get_n_connections (service), ==, 1);
}

static void
test_lost (void)
{
  const FakeReply script[] = {
    { "POST", "/drop", .flags = FAKE_DROP },
    { "POST", "/reset", .flags = FAKE_DROP | FAKE_RESET },
    { "POST", "/body", .flags = FAKE_DROP_BODY },
    { "POST", "/head", .body = "text", .flags = FAKE_DROP_HEAD },
    { "POST", "/cut", .body = "text", .flags = FAKE_CUT, .cut = 2 },
    { "POST", "/chunk", .body = "text", .flags = FAKE_CUT | FAKE_CHUNKED,
      .cut = 2 },
    { "POST", "/raw", .body = "not HTTP\r\n\r\n", .flags = FAKE_RAW | FAKE_CUT,
      .cut = 12 },
  };
  const char *const methods[] = { "POST", "PUT" };
  g_autoptr (FakeService) service = FAKE_SERVICE (script);
  g_autoptr (GenvidHttpClient) http
      = make_transport (fake_service_get_url (service), NULL);

  for (guint i = 0; i < G_N_ELEMENTS (script); i++) {
    FakeReply again = script[i];

    again.method = methods[1];
    fake_service_add (service, &again);
  }
  for (guint i = 0; i < 2 * G_N_ELEMENTS (script); i++) {
    const char *path = script[i / 2].path;
    g_autoptr (GenvidAnswer) answer = send_one (
        http, service, GENVID_EXCHANGE_SUBMIT, methods[i % 2], path);

    g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_LOST);
    g_assert_nonnull (answer->error);
    g_assert_cmpuint (fake_service_count (service, methods[i % 2], path), ==,
                      1);
  }
}

/* The price of a kept connection: its other end may have gone. A poll may be
 * sent again without a word, a submit never shares one. */
static void
test_warm_connection (void)
{
  const FakeReply script[] = {
    { "GET", "/poll", 200, NULL, "one", .times = 1 },
    { "GET", "/poll", .flags = FAKE_DROP, .times = 1 },
    { "GET", "/poll", 200, NULL, "two" },
    { "PUT", "/submit", .flags = FAKE_DROP },
  };
  g_autoptr (FakeService) service = FAKE_SERVICE (script);
  g_autoptr (GenvidHttpClient) http
      = make_transport (fake_service_get_url (service), NULL);
  g_autoptr (GenvidAnswer) first
      = send_one (http, service, GENVID_EXCHANGE_POLL, "GET", "/poll");
  g_autoptr (GenvidAnswer) second
      = send_one (http, service, GENVID_EXCHANGE_POLL, "GET", "/poll");
  g_autoptr (GenvidAnswer) submit
      = send_one (http, service, GENVID_EXCHANGE_SUBMIT, "PUT", "/submit");

  assert_body (first, "one");
  assert_body (second, "two");
  g_assert_cmpuint (fake_service_count (service, "GET", "/poll"), ==, 3);
  g_assert_cmpuint (fake_service_get_request (service, 0)->connection, ==,
                    fake_service_get_request (service, 1)->connection);
  g_assert_cmpint (submit->kind, ==, GENVID_ANSWER_LOST);
  g_assert_cmpuint (fake_service_count (service, "PUT", "/submit"), ==, 1);
  g_assert_cmpuint (fake_service_get_request (service, 3)->connection, ==, 3);
}

static void
test_unsent (void)
{
  g_autoptr (FakeService) service = fake_service_new (NULL, 0);
  g_autofree char *url = g_strdup (fake_service_get_url (service));
  g_autoptr (GenvidHttpClient) http = make_transport (url, NULL);
  g_autoptr (GenvidExchange) exchange
      = make_exchange (service, GENVID_EXCHANGE_SUBMIT, "POST", "/v1/jobs");
  g_autoptr (GenvidAnswer) late = genvid_http_client_send (
      http, exchange, genvid_clock_now ().boot - 1, NULL, NULL);
  g_autoptr (GenvidAnswer) refused = NULL;

  g_assert_cmpint (late->kind, ==, GENVID_ANSWER_UNSENT);
  g_assert_cmpuint (fake_service_get_n_requests (service), ==, 0);
  g_clear_pointer (&service, fake_service_free);
  refused = genvid_http_client_send (http, exchange, FOR_EVER, NULL, NULL);
  g_assert_cmpint (refused->kind, ==, GENVID_ANSWER_UNSENT);
  g_assert_nonnull (refused->error);
}

static void
test_large_body (void)
{
  g_autofree char *text = g_strnfill (GENVID_JSON_MAX_BYTES + 100000, 'x');
  const FakeReply script[] = {
    { "GET", "/large", .body = text },
    { "GET", "/full", .body = text + 100000 },
    { "GET", "/chunked", .body = text, .flags = FAKE_CHUNKED },
  };
  g_autoptr (FakeService) service = FAKE_SERVICE (script);
  g_autoptr (GenvidHttpClient) http
      = make_transport (fake_service_get_url (service), NULL);

  for (guint i = 0; i < 3; i++) {
    g_autoptr (GenvidAnswer) answer
        = send_one (http, service, GENVID_EXCHANGE_POLL, "GET", script[i].path);

    g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_REPLY);
    g_assert_cmpuint (g_bytes_get_size (answer->body), ==,
                      GENVID_JSON_MAX_BYTES);
    g_assert_cmpint (answer->truncated, ==, i != 1);
  }
}

static void
test_key_stays_home (void)
{
  g_autoptr (FakeService) home = fake_service_new (NULL, 0);
  g_autoptr (FakeService) other = fake_service_new (NULL, 0);
  g_autoptr (GenvidHttpClient) http
      = make_transport (fake_service_get_url (home), NULL);
  g_autoptr (GenvidExchange) away
      = make_exchange (other, GENVID_EXCHANGE_POLL, "GET", "/");
  g_autoptr (GenvidExchange) broken
      = make_exchange (home, GENVID_EXCHANGE_POLL, "GET", "/");
  g_autoptr (GenvidAnswer) first = NULL;
  g_autoptr (GenvidAnswer) second = NULL;

  genvid_exchange_add_header (away, "Authorization", "Bearer k", TRUE);
  first = genvid_http_client_send (http, away, FOR_EVER, NULL, NULL);
  g_assert_cmpint (first->kind, ==, GENVID_ANSWER_UNSAFE);
  genvid_exchange_add_header (broken, "X-Note", "a\r\nX-Evil: b", FALSE);
  second = genvid_http_client_send (http, broken, FOR_EVER, NULL, NULL);
  g_assert_cmpint (second->kind, ==, GENVID_ANSWER_UNSAFE);
  g_assert_cmpuint (fake_service_get_n_connections (home), ==, 0);
  g_assert_cmpuint (fake_service_get_n_connections (other), ==, 0);
}

/* The service's other host gets the key with an upload, and with nothing else.
 */
static void
test_key_of_upload (void)
{
  static const struct {
    GenvidExchangeKind kind;
    gboolean sent;
  } rows[] = { { GENVID_EXCHANGE_GRANT, TRUE },
               { GENVID_EXCHANGE_UPLOAD, TRUE },
               { GENVID_EXCHANGE_SUBMIT, FALSE },
               { GENVID_EXCHANGE_POLL, FALSE },
               { GENVID_EXCHANGE_RESULT, FALSE } };
  const FakeReply script[] = { { "POST", "/", 200, NULL, "{}" } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (FakeService) home = fake_service_new (NULL, 0);
    g_autoptr (FakeService) other = FAKE_SERVICE (script);
    const GenvidHttpClientOptions options
        = { .base_url = fake_service_get_url (home),
            .upload_origin = fake_service_get_url (other),
            .allow_private = TRUE };
    g_autoptr (GenvidHttpClient) http = genvid_http_client_new (&options, NULL);
    g_autoptr (GenvidExchange) exchange
        = make_exchange (other, rows[i].kind, "POST", "/");
    g_autoptr (GenvidAnswer) answer = NULL;

    genvid_exchange_add_header (exchange, "Authorization", "Bearer k", TRUE);
    answer = genvid_http_client_send (http, exchange, FOR_EVER, NULL, NULL);
    g_assert_cmpint (answer->kind, ==,
                     rows[i].sent ? GENVID_ANSWER_REPLY : GENVID_ANSWER_UNSAFE);
    g_assert_cmpuint (fake_service_get_n_connections (other), ==, rows[i].sent);
  }
}

/* Where an answer sends the bytes of an upload is a stranger's address. */
static void
test_upload_address (void)
{
  static const char *const urls[]
      = { "file:///etc/passwd", "http://bucket.example.net/",
          "https://me:pw@bucket.example.net/", "ftp://bucket.example.net/" };
  const GenvidHttpClientOptions options
      = { .base_url = "https://api.example.com" };
  g_autoptr (GenvidHttpClient) http = genvid_http_client_new (&options, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++) {
    g_autoptr (GenvidExchange) exchange
        = genvid_exchange_new (GENVID_EXCHANGE_UPLOAD, "PUT", urls[i]);
    g_autoptr (GenvidAnswer) answer
        = genvid_http_client_send (http, exchange, FOR_EVER, NULL, NULL);

    g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_UNSAFE);
  }
}

static void
test_private_address (void)
{
  const FakeReply script[] = { { "GET", "/", 200, NULL, "here" } };
  g_autoptr (FakeService) service = FAKE_SERVICE (script);
  GenvidHttpClientOptions options = { .base_url = "https://example.com" };
  g_autofree char *url = g_strdup_printf ("http://localhost:%u/",
                                          fake_service_get_port (service));
  g_autoptr (GenvidExchange) exchange
      = genvid_exchange_new (GENVID_EXCHANGE_POLL, "GET", url);

  for (guint i = 0; i < 2; i++) {
    g_autoptr (GenvidHttpClient) http = NULL;
    g_autoptr (GenvidAnswer) answer = NULL;

    options.allow_private = i == 1;
    http = genvid_http_client_new (&options, NULL);
    answer = genvid_http_client_send (http, exchange, FOR_EVER, NULL, NULL);
    g_assert_cmpint (answer->kind, ==,
                     i ? GENVID_ANSWER_REPLY : GENVID_ANSWER_UNSAFE);
    g_assert_cmpuint (fake_service_get_n_connections (service), ==, i);
  }
}

/* Listeners are everywhere but on this machine and, if the user says so, in
 * the user's own network. ADDRESS: of every name. */
static GenvidAnswer *
send_plain (const char *base, const char *address, gboolean secret)
{
  const GenvidHttpClientOptions options
      = { .base_url = base, .allow_private = TRUE };
  g_autoptr (GResolver) honest = g_resolver_get_default ();
  g_autoptr (GenvidHttpClient) http = genvid_http_client_new (&options, NULL);
  g_autoptr (GenvidExchange) exchange
      = genvid_exchange_new (GENVID_EXCHANGE_SUBMIT, "POST", base);
  GenvidAnswer *answer;

  genvid_exchange_add_header (exchange, "X-API-Key", "k1", secret);
  liar_begin (address);
  answer = genvid_http_client_send (http, exchange, FOR_EVER, NULL, NULL);
  g_resolver_set_default (honest);
  return answer;
}

static void
test_plain_http (void)
{
  const FakeReply script[] = { { "POST", NULL } };
  g_autoptr (FakeService) service = FAKE_SERVICE (script);
  g_autofree char *name = g_strdup_printf ("http://gpu.example.com:%u/",
                                           fake_service_get_port (service));
  GenvidHttpClientOptions options = { .base_url = "http://10.0.0.1" };
  g_autoptr (GenvidHttpClient) http = genvid_http_client_new (&options, NULL);
  g_autoptr (GenvidExchange) exchange = genvid_exchange_new (
      GENVID_EXCHANGE_SUBMIT, "POST", "http://10.0.0.1/x");
  g_autoptr (GenvidAnswer) unallowed = NULL;

  for (guint secret = 0; secret < 2; secret++) {
    g_autoptr (GenvidAnswer) literal
        = send_plain ("http://8.8.8.8/", "127.0.0.1", secret);
    g_autoptr (GenvidAnswer) public = send_plain (name, "8.8.8.8", secret);
    g_autoptr (GenvidAnswer) private = send_plain (name, "127.0.0.1", secret);

    g_assert_cmpint (literal->kind, ==, GENVID_ANSWER_UNSAFE);
    g_assert_cmpint (public->kind, ==, GENVID_ANSWER_UNSAFE);
    g_assert_nonnull (strstr (public->error, "https"));
    g_assert_cmpint (private->kind, ==, GENVID_ANSWER_REPLY);
  }
  g_assert_cmpuint (fake_service_get_n_requests (service), ==, 2);
  genvid_exchange_add_header (exchange, "X-API-Key", "k1", TRUE);
  unallowed = genvid_http_client_send (http, exchange, FOR_EVER, NULL, NULL);
  g_assert_cmpint (unallowed->kind, ==, GENVID_ANSWER_UNSAFE);
}

/* --- Time and other threads. --- */

static void
test_deadline (void)
{
  const FakeReply script[] = { { "POST", "/", 200, .flags = FAKE_HOLD } };
  g_autoptr (FakeService) service = FAKE_SERVICE (script);
  g_autoptr (GenvidHttpClient) http
      = make_transport (fake_service_get_url (service), NULL);
  g_autoptr (GenvidExchange) exchange
      = make_exchange (service, GENVID_EXCHANGE_SUBMIT, "POST", "/");
  g_autoptr (GenvidAnswer) answer = genvid_http_client_send (
      http, exchange, genvid_clock_now ().boot + 20000, NULL, NULL);

  /* The server never replies, so it is the deadline that ended it. */
  g_assert_true (answer->kind == GENVID_ANSWER_LOST
                 || answer->kind == GENVID_ANSWER_UNSENT);
}

typedef struct {
  GenvidHttpClient *http;
  FakeService *service;
  GSocket *listener; /* or else */
} Abort;

static gpointer
abort_when_held (gpointer data)
{
  Abort *abort = data;

  if (abort->listener)
    g_socket_condition_wait (abort->listener, G_IO_IN, NULL, NULL);
  else
    fake_service_await_held (abort->service, NULL, 1);
  genvid_http_client_wake (abort->http);
  genvid_http_client_abort (abort->http);
  return NULL;
}

static void
test_abort_waiting (gconstpointer data)
{
  const guint flags = GPOINTER_TO_UINT (data);
  const FakeReply script[]
      = { { "POST", "/", 200, NULL, "text", .flags = flags, .cut = 2 } };
  g_autoptr (FakeService) service = FAKE_SERVICE (script);
  g_autoptr (GenvidHttpClient) http
      = make_transport (fake_service_get_url (service), NULL);
  Abort abort = { http, service, NULL };
  GThread *thread = g_thread_new ("abort", abort_when_held, &abort);
  g_autoptr (GenvidAnswer) answer
      = send_one (http, service, GENVID_EXCHANGE_SUBMIT, "POST", "/");
  g_autoptr (GenvidAnswer) next
      = send_one (http, service, GENVID_EXCHANGE_SUBMIT, "POST", "/");

  g_thread_join (thread);
  g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_LOST);
  g_assert_cmpint (next->kind, ==, GENVID_ANSWER_UNSENT);
  g_assert_cmpuint (fake_service_get_n_requests (service), ==, 1);
}

/* A port that takes connections and says nothing: TLS never gets anywhere. */
static void
test_abort_connecting (void)
{
  g_autoptr (GInetAddress) loopback
      = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocket) listener = g_socket_new (
      G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GSocketAddress) local = NULL;
  g_autofree char *url = NULL;
  g_autoptr (GenvidHttpClient) http = NULL;
  g_autoptr (GenvidExchange) exchange = NULL;
  g_autoptr (GenvidAnswer) answer = NULL;
  Abort abort = { .listener = listener };
  GThread *thread;

  g_assert_true (g_socket_bind (listener, any, TRUE, NULL));
  g_assert_true (g_socket_listen (listener, NULL));
  local = g_socket_get_local_address (listener, NULL);
  url = g_strdup_printf (
      "https://127.0.0.1:%u/",
      g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local)));
  http = make_transport (url, NULL);
  exchange = genvid_exchange_new (GENVID_EXCHANGE_SUBMIT, "POST", url);
  abort.http = http;
  thread = g_thread_new ("abort", abort_when_held, &abort);
  answer = genvid_http_client_send (http, exchange, FOR_EVER, NULL, NULL);
  g_thread_join (thread);
  g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_UNSENT);
}

typedef struct {
  GenvidHttpClient *http;
  FakeService *service;
} Wake;

static gpointer
wake_then_open (gpointer data)
{
  Wake *wake = data;

  fake_service_await_held (wake->service, NULL, 1);
  genvid_http_client_wake (wake->http);
  fake_service_open (wake->service, NULL);
  return NULL;
}

static void
test_wake (void)
{
  const FakeReply script[]
      = { { "POST", "/", 200, NULL, "late", .flags = FAKE_HOLD } };
  g_autoptr (FakeService) service = FAKE_SERVICE (script);
  g_autoptr (GenvidHttpClient) http
      = make_transport (fake_service_get_url (service), NULL);
  Wake wake = { http, service };
  GThread *thread = g_thread_new ("wake", wake_then_open, &wake);
  g_autoptr (GenvidAnswer) answer
      = send_one (http, service, GENVID_EXCHANGE_SUBMIT, "POST", "/");

  g_thread_join (thread);
  /* A wake does not end an exchange. */
  assert_body (answer, "late");
}

int
main (int argc, char **argv)
{
  wire_init (&argc, &argv);
  g_test_add_func ("/transport/reply", test_reply);
  g_test_add_func ("/transport/nothing-by-itself", test_nothing_by_itself);
  g_test_add_func ("/transport/no-cookies", test_no_cookies);
  g_test_add_func ("/transport/lost", test_lost);
  g_test_add_func ("/transport/warm-connection", test_warm_connection);
  g_test_add_func ("/transport/unsent", test_unsent);
  g_test_add_func ("/transport/large-body", test_large_body);
  g_test_add_func ("/transport/key-stays-home", test_key_stays_home);
  g_test_add_func ("/transport/key-of-upload", test_key_of_upload);
  g_test_add_func ("/transport/upload-address", test_upload_address);
  g_test_add_func ("/transport/private-address", test_private_address);
  g_test_add_func ("/transport/plain-http", test_plain_http);
  g_test_add_func ("/transport/deadline", test_deadline);
  g_test_add_data_func ("/transport/abort/head", GUINT_TO_POINTER (FAKE_HOLD),
                        test_abort_waiting);
  g_test_add_data_func ("/transport/abort/body",
                        GUINT_TO_POINTER (FAKE_HOLD_BODY), test_abort_waiting);
  g_test_add_func ("/transport/abort/connecting", test_abort_connecting);
  g_test_add_func ("/transport/wake", test_wake);
  return g_test_run ();
}
