/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What goes to a proxy, and what its words are taken for. */
#include "exchange.h"
#include "failure.h"
#include "http-client.h"
#include "http-hub.h"
#include "io-loop.h"
#include "proxy-resolver.h"
#include "soup-library.h"
#include "trust.h"

#include <gio/gio.h>

#include "liar-kit.h"
#include "raw-kit.h"
#include "log-kit.h"
#include "wire-kit.h"

/* wrong.pem is for this host, which no resolver knows. */
#define HOST "example.invalid"

/* The machine's own choice, as one that the tests can set. */
typedef GSimpleProxyResolver Settable;
typedef GSimpleProxyResolverClass SettableClass;

static gboolean
is_supported (GProxyResolver *resolver)
{
  return TRUE;
}

static void
settable_resolver_init (GProxyResolverInterface *iface)
{
  iface->is_supported = is_supported;
}

static GType settable_get_type (void);
G_DEFINE_TYPE_WITH_CODE (Settable, settable, G_TYPE_SIMPLE_PROXY_RESOLVER,
                         G_IMPLEMENT_INTERFACE (G_TYPE_PROXY_RESOLVER,
                                                settable_resolver_init))

static void
settable_class_init (SettableClass *klass)
{
}

static void
settable_init (Settable *settable)
{
}

static void
set_proxy (const char *uri)
{
  g_simple_proxy_resolver_set_default_proxy (
      G_SIMPLE_PROXY_RESOLVER (g_proxy_resolver_get_default ()), uri);
}

/* START: scheme, "://" and perhaps a user. */
static void
set_proxy_here (const char *start, guint port)
{
  g_autofree char *uri = g_strdup_printf ("%s127.0.0.1:%u", start, port);

  set_proxy (uri);
}

static GenvidExchange *
make_submit (const char *base_url)
{
  g_autofree char *url = g_strconcat (base_url, "/v1/jobs", NULL);
  GenvidExchange *exchange
      = genvid_exchange_new (GENVID_EXCHANGE_SUBMIT, "POST", url);

  genvid_exchange_add_header (exchange, "X-API-Key", "k1", TRUE);
  return exchange;
}

static GenvidAnswer *
submit (const char *base_url)
{
  g_autoptr (GenvidHttpClient) http
      = make_transport (base_url, TLS_DIR "ca.pem");
  g_autoptr (GenvidExchange) exchange = make_submit (base_url);

  return genvid_http_client_send (http, exchange, FOR_EVER, NULL, NULL);
}

static void
test_tunnel (void)
{
  const FakeReply script[] = { { "POST", "/v1/jobs", .body = "{}" } };
  const char *const proxies[][2] = {
    { "http://", NULL },
    { "http://us%40er:p%3Aw@",
      "\r\nProxy-Authorization: Basic dXNAZXI6cDp3\r\n" }, /* us@er:p:w */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (proxies); i++) {
    g_autoptr (FakeService) service
        = fake_service_new_tls (script, 1, TLS_DIR "wrong.pem");
    g_auto (Raw) raw = { .target = fake_service_get_port (service) };
    g_autofree char *base = g_strdup_printf ("https://" HOST ":%u", raw.target);
    g_autofree char *line
        = g_strdup_printf ("CONNECT " HOST ":%u HTTP/1.1\r\n", raw.target);
    g_autofree char *said = NULL;
    g_autoptr (GenvidAnswer) answer = NULL;

    raw_open (&raw);
    set_proxy_here (proxies[i][0], raw.port);
    said = g_strdup_printf ("POST %s/v1/jobs: 200, 2 bytes, * ms, new "
                            "connection, proxy 127.0.0.1:%u",
                            base, raw.port);
    log_watch ();
    answer = submit (base);
    log_assert (GENVID_LOG_HTTP, GENVID_LOG_DEBUG, said);
    log_clear ();
    raw_close (&raw);
    g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_REPLY);
    g_assert_cmpuint (answer->status, ==, 200);
    g_assert_cmpstr (fake_request_get_header (
                         fake_service_get_request (service, 0), "x-api-key"),
                     ==, "k1");
    g_assert_null (fake_request_get_header (
        fake_service_get_request (service, 0), "proxy-authorization"));
    g_assert_cmpuint (raw.heads->len, ==, 1);
    g_assert_true (g_str_has_prefix (raw.heads->pdata[0], line));
    g_assert_null (strstr (raw.heads->pdata[0], "k1"));
    if (proxies[i][1])
      g_assert_nonnull (strstr (raw.heads->pdata[0], proxies[i][1]));
    else
      g_assert_null (strstr (raw.heads->pdata[0], "Proxy-Authorization"));
  }
}

/* It is the proxy that said it, and only CONNECT left this machine. */
static void
test_refused (void)
{
  const char *const lines[] = {
    "302 Found",
    "400 Bad Request",
    "403 Forbidden",
    "404 Not Found",
    "407 Who are you",
    "421 Misdirected",
    "429 Too Many",
    "500 Internal",
    "502 Bad Gateway",
    "503 Busy",
    "504 Not from me in time",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++) {
    g_autofree char *start = g_strdup_printf (
        "HTTP/1.1 %s\r\nProxy-Authenticate: Basic realm=\"x\"\r\n"
        "Location: https://" HOST "/\r\nContent-Length: 09999999999\r\n\r\n",
        lines[i]);
    g_auto (Raw) raw = { .start = start, .filler = "<html>" };
    g_autofree char *said = NULL;
    g_autoptr (GenvidAnswer) answer = NULL;

    raw_open (&raw);
    set_proxy_here ("http://u:secret@", raw.port);
    answer = submit ("https://" HOST);
    raw_close (&raw);
    said = g_strdup_printf (
        "The proxy 127.0.0.1:%u refused the connection: %.3s ", raw.port,
        lines[i]);
    g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_UNSENT);
    g_assert_true (g_str_has_prefix (answer->error, said));
    g_assert_nonnull (strstr (answer->error, "Nothing was sent"));
    g_assert_null (strstr (answer->error, "secret"));
    g_assert_cmpuint (raw.heads->len, ==, 1);
    g_assert_cmpuint (raw.written, <, RAW_HELD);
  }
}

/* A proxy that says nothing of use. */
static void
test_strange (void)
{
  const char *const streams[][2] = {
    { "", NULL },
    { "no HTTP\r\n\r\n", NULL },
    { "HTTP/1.1 200 OK\r\n\r\n", NULL }, /* and no TLS behind it */
    { "HTTP/1.1 200 OK\r\n\r\n", "no TLS" },
    { "", "HTTP/1.1 100 Continue\r\n\r\n" },
    { "HTTP/1.1 200 OK\r\n", "X: 1\r\n" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (streams); i++) {
    g_auto (Raw) raw = { .start = streams[i][0], .filler = streams[i][1] };
    g_autoptr (GenvidAnswer) answer = NULL;

    raw_open (&raw);
    set_proxy_here ("http://", raw.port);
    answer = submit ("https://" HOST);
    raw_close (&raw);
    g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_UNSENT);
    g_assert_cmpuint (raw.heads->len, ==, 1);
    g_assert_cmpuint (raw.written, <, RAW_HELD);
  }
}

static void
test_unreachable (void)
{
  g_autoptr (GenvidAnswer) answer = NULL;
  Raw raw = { 0 };

  raw_open (&raw);
  raw_clear (&raw);
  set_proxy_here ("http://", raw.port);
  answer = submit ("https://" HOST);
  g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_UNSENT);
  g_assert_nonnull (strstr (answer->error, "127.0.0.1"));
}

static void
test_socks (void)
{
  g_auto (Raw) raw = { .start = "\005\377" }; /* no method will do */
  g_autofree char *said = NULL;
  g_autoptr (GenvidAnswer) answer = NULL;

  raw_open (&raw);
  set_proxy_here ("socks5://", raw.port);
  answer = submit ("https://" HOST);
  raw_close (&raw);
  said = g_strdup_printf ("The proxy 127.0.0.1:%u refused", raw.port);
  g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_UNSENT);
  g_assert_true (g_str_has_prefix (answer->error, said));
}

/* SOCKS 4 knows no names: they are looked up here, and then judged. */
static void
test_socks4 (void)
{
  g_auto (Raw) raw = { .start = "" };
  g_autoptr (GResolver) honest = g_resolver_get_default ();
  g_autoptr (GenvidHttpClient) http = make_transport ("https://" HOST, NULL);
  g_autoptr (GenvidExchange) exchange = genvid_exchange_new (
      GENVID_EXCHANGE_POLL, "GET", "https://cdn.example.com/");
  g_autoptr (GenvidAnswer) answer = NULL;

  raw_open (&raw);
  set_proxy_here ("socks4://", raw.port);
  liar_begin ("10.1.2.3");
  answer = genvid_http_client_send (http, exchange, FOR_EVER, NULL, NULL);
  g_resolver_set_default (honest);
  raw_close (&raw);
  g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_UNSAFE);
  /* A connection at most, and not one byte over it. */
  g_assert_cmpuint (raw.heads->len, <=, 1);
  if (raw.heads->len > 0)
    g_assert_cmpstr (raw.heads->pdata[0], ==, "");
}

/* With a key, and to this machine. */
static void
test_loopback_is_direct (void)
{
  const FakeReply script[] = { { "POST", "/v1/jobs", .body = "{}" } };
  g_autoptr (FakeService) plain = FAKE_SERVICE (script);
  g_autoptr (FakeService) tls
      = fake_service_new_tls (script, 1, TLS_DIR "server.pem");
  g_auto (Raw) raw = { .start = "HTTP/1.1 200 OK\r\n\r\n" };
  g_autoptr (GenvidAnswer) first = NULL;
  g_autoptr (GenvidAnswer) second = NULL;

  raw_open (&raw);
  set_proxy_here ("http://", raw.port);
  first = submit (fake_service_get_url (plain));
  second = submit (fake_service_get_url (tls));
  raw_close (&raw);
  assert_body (first, "{}");
  assert_body (second, "{}");
  g_assert_cmpuint (raw.heads->len, ==, 0);
}

static void
test_names (void)
{
  const struct {
    const char *uri;
    gboolean direct, judged; /* judged: an error, if guarded */
  } rows[] = {
    { "https://api.example.com:443", FALSE, FALSE },
    { "https://8.8.8.8:443", FALSE, FALSE },
    { "http://api.example.com:80", TRUE, FALSE },
    { "none://api.example.com:80", TRUE, FALSE },
    { "https://localhost:443", TRUE, TRUE },
    { "https://127.0.0.1:443", TRUE, TRUE },
    { "https://[::1]:443", TRUE, TRUE },
    { "https://10.1.2.3:443", TRUE, TRUE },
    { "https://[fd00::1]:443", TRUE, TRUE },
    { "https://printer:443", TRUE, TRUE },
    { "https://printer.LOCAL.:443", TRUE, TRUE },
    { "https://db.eu.internal:443", TRUE, TRUE },
    { "https://nas.lan:443", TRUE, TRUE },
    { "https://nas.home.arpa:443", TRUE, TRUE },
  };

  for (gsize i = 0; i < 2 * G_N_ELEMENTS (rows); i++) {
    gboolean guarded = i % 2;
    gboolean refused = guarded && rows[i / 2].judged;
    g_autoptr (GProxyResolver) proxies = genvid_proxy_resolver_new (guarded);
    g_autoptr (GError) error = NULL;
    g_auto (GStrv) list = NULL;

    set_proxy ("http://127.0.0.1:3128");
    list = g_proxy_resolver_lookup (proxies, rows[i / 2].uri, NULL, &error);
    if (refused)
      g_assert_error (error, GENVID_ERROR, GENVID_REASON_UNSAFE_URL);
    else
      g_assert_cmpstr (list[0], ==,
                       rows[i / 2].direct ? "direct://"
                                          : "http://127.0.0.1:3128");
    /* Without a proxy the addresses tell. */
    set_proxy (NULL);
    g_strfreev (g_steal_pointer (&list));
    list = g_proxy_resolver_lookup (proxies, rows[i / 2].uri, NULL, NULL);
    g_assert_cmpstr (list[0], ==, "direct://");
  }
}

/* A link of the service's to a name that only the proxy could resolve. */
static void
test_private_name (void)
{
  g_auto (Raw) raw = { .start = "HTTP/1.1 200 OK\r\n\r\n" };
  const char *const urls[] = { "https://localhost/", "https://metadata/",
                               "https://metadata.google.internal/" };

  raw_open (&raw);
  set_proxy_here ("http://", raw.port);
  for (gsize i = 0; i < G_N_ELEMENTS (urls); i++) {
    g_autoptr (GenvidHttpClient) http = make_transport ("https://" HOST, NULL);
    g_autoptr (GenvidExchange) exchange
        = genvid_exchange_new (GENVID_EXCHANGE_POLL, "GET", urls[i]);
    g_autoptr (GenvidAnswer) answer
        = genvid_http_client_send (http, exchange, FOR_EVER, NULL, NULL);

    g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_UNSAFE);
  }
  raw_close (&raw);
  g_assert_cmpuint (raw.heads->len, ==, 0);
}

/* --- Two at a time: each is told what became of its own way. --- */

typedef struct {
  guint16 target;
  GenvidIoLoop *loop;
  GSocketListener *listener;
  guint16 port;
  GMutex mutex;
  GCond cond;
  guint n_heads;
  gboolean open; /* the first one is answered */
} Doorman;

typedef struct {
  Doorman *doorman;
  GSocketConnection *connection;
} Visit;

static gpointer
receive (gpointer data)
{
  static const char no[]
      = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
  Visit *visit = data;
  Doorman *doorman = visit->doorman;
  GSocket *socket = g_socket_connection_get_socket (visit->connection);
  g_autofree char *head = raw_read_head (socket);
  Raw raw = { .target = doorman->target };
  gboolean first;

  g_assert_true (g_str_has_prefix (head, "CONNECT "));
  g_mutex_lock (&doorman->mutex);
  first = doorman->n_heads++ == 0;
  genvid_io_loop_wake (doorman->loop);
  while (first && !doorman->open)
    g_cond_wait (&doorman->cond, &doorman->mutex);
  g_mutex_unlock (&doorman->mutex);
  if (first)
    raw_write (&raw, socket, no, strlen (no));
  else
    raw_join (&raw, socket);
  g_object_unref (visit->connection);
  g_free (visit);
  return NULL;
}

static gpointer
keep_door (gpointer data)
{
  Doorman *doorman = data;
  GThread *threads[2];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++) {
    Visit *visit = g_new0 (Visit, 1);

    visit->doorman = doorman;
    visit->connection
        = g_socket_listener_accept (doorman->listener, NULL, NULL, NULL);
    g_assert_nonnull (visit->connection);
    threads[i] = g_thread_new ("visit", receive, visit);
  }
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  return NULL;
}

static guint
count_heads (Doorman *doorman)
{
  guint n;

  g_mutex_lock (&doorman->mutex);
  n = doorman->n_heads;
  g_mutex_unlock (&doorman->mutex);
  return n;
}

static void
let_in (Doorman *doorman)
{
  g_mutex_lock (&doorman->mutex);
  doorman->open = TRUE;
  g_cond_signal (&doorman->cond);
  g_mutex_unlock (&doorman->mutex);
}

static void
take_answer (gpointer data, GenvidAnswer *answer)
{
  *(GenvidAnswer **)data = answer;
}

static void
await_answer (GenvidHttpHub *hub, GenvidIoLoop *loop, GenvidAnswer **answer)
{
  gint64 next = genvid_http_hub_serve (hub);

  while (*answer == NULL) {
    genvid_io_loop_turn (loop, next);
    next = genvid_http_hub_serve (hub);
  }
}

static void
test_side_by_side (void)
{
  const FakeReply script[] = { { "GET", "/v1/jobs", .body = "{}" } };
  g_autoptr (FakeService) service
      = fake_service_new_tls (script, 1, TLS_DIR "wrong.pem");
  guint16 port = fake_service_get_port (service);
  g_autofree char *base = g_strdup_printf ("https://" HOST ":%u", port);
  g_autofree char *url = g_strconcat (base, "/v1/jobs", NULL);
  g_autoptr (GenvidExchange) exchange
      = genvid_exchange_new (GENVID_EXCHANGE_POLL, "GET", url);
  g_autoptr (GenvidAnswer) refused = NULL;
  g_autoptr (GenvidAnswer) admitted = NULL;
  GenvidTrust trust;
  GenvidHttpHubRequest request = { &trust, exchange, FOR_EVER, NULL };
  GenvidIoLoop *loop = genvid_io_loop_new (NULL);
  GMainContext *context = genvid_io_loop_get_context (loop);
  Doorman doorman = { .target = port, .loop = loop };
  GenvidHttpHub *hub;
  GThread *thread;

  g_assert_true (genvid_soup_library_open (NULL));
  g_assert_true (
      genvid_trust_init (&trust, base, TLS_DIR "ca.pem", FALSE, NULL));
  doorman.listener = g_socket_listener_new ();
  doorman.port
      = g_socket_listener_add_any_inet_port (doorman.listener, NULL, NULL);
  set_proxy_here ("http://", doorman.port);
  thread = g_thread_new ("door", keep_door, &doorman);
  g_main_context_push_thread_default (context);
  hub = genvid_http_hub_new (loop);
  genvid_http_hub_send (hub, &request, take_answer, &refused);
  while (count_heads (&doorman) == 0)
    genvid_io_loop_turn (loop, genvid_http_hub_serve (hub));
  genvid_http_hub_send (hub, &request, take_answer, &admitted);
  await_answer (hub, loop, &admitted);
  assert_body (admitted, "{}");
  g_assert_null (refused);
  let_in (&doorman);
  await_answer (hub, loop, &refused);
  g_assert_cmpint (refused->kind, ==, GENVID_ANSWER_UNSENT);
  g_assert_nonnull (strstr (refused->error, "refused the connection: 403"));
  genvid_http_hub_free (hub);
  g_main_context_pop_thread_default (context);
  g_thread_join (thread);
  genvid_io_loop_free (loop);
  genvid_trust_clear (&trust);
  g_object_unref (doorman.listener);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_setenv ("GIO_USE_PROXY_RESOLVER", "settable", TRUE);
  g_io_extension_point_register (G_PROXY_RESOLVER_EXTENSION_POINT_NAME);
  g_io_extension_point_implement (G_PROXY_RESOLVER_EXTENSION_POINT_NAME,
                                  settable_get_type (), "settable", 1);
  g_assert_true (G_IS_SIMPLE_PROXY_RESOLVER (g_proxy_resolver_get_default ()));
  g_test_add_func ("/proxy/tunnel", test_tunnel);
  g_test_add_func ("/proxy/refused", test_refused);
  g_test_add_func ("/proxy/strange", test_strange);
  g_test_add_func ("/proxy/unreachable", test_unreachable);
  g_test_add_func ("/proxy/socks", test_socks);
  g_test_add_func ("/proxy/socks4", test_socks4);
  g_test_add_func ("/proxy/loopback-is-direct", test_loopback_is_direct);
  g_test_add_func ("/proxy/names", test_names);
  g_test_add_func ("/proxy/private-name", test_private_name);
  g_test_add_func ("/proxy/side-by-side", test_side_by_side);
  return g_test_run ();
}
