/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One line for each exchange and each request for a file, and nothing secret
 * in any line of any level. */
#include "exchange.h"
#include "http-client.h"
#include "log.h"

#include "fetch-kit.h"
#include "log-kit.h"
#include "wire-kit.h"

#define KEY "sk-4f2a9c81d7e6b350"

static void
assert_line (const char *base, const char *format)
{
  g_auto (GStrv) parts = g_strsplit (format, "BASE", -1);
  g_autofree char *pattern = g_strjoinv (base, parts);

  log_assert (GENVID_LOG_HTTP, GENVID_LOG_DEBUG, pattern);
}

static void
exchange_one (GenvidHttpClient *http, FakeService *service,
              GenvidExchangeKind kind, const char *method, const char *path)
{
  g_autoptr (GenvidExchange) exchange
      = make_exchange (service, kind, method, path);
  g_autoptr (GenvidAnswer) answer = NULL;

  genvid_exchange_add_header (exchange, "Authorization", "Bearer " KEY, TRUE);
  answer = genvid_http_client_send (http, exchange, FOR_EVER, NULL, NULL);
  g_assert_nonnull (answer);
}

static void
test_exchanges (void)
{
  const FakeReply script[] = {
    { "POST", "/v1/jobs", 201, NULL, "{\"id\":7}" },
    { "GET", "/v1/jobs/7", 200, NULL, "{}" },
    { "GET", "/v1/drop", .flags = FAKE_DROP },
  };
  g_autoptr (FakeService) service = FAKE_SERVICE (script);
  const char *base = fake_service_get_url (service);
  g_autoptr (GenvidHttpClient) http = make_transport (base, NULL);

  log_watch ();
  exchange_one (http, service, GENVID_EXCHANGE_SUBMIT, "POST",
                "/v1/jobs?sig=hidden");
  exchange_one (http, service, GENVID_EXCHANGE_POLL, "GET",
                "/v1/jobs/7?sig=hidden");
  exchange_one (http, service, GENVID_EXCHANGE_SUBMIT, "GET", "/v1/drop");
  assert_line (base, "POST BASE/v1/jobs: 201, 8 bytes, * ms, new connection");
  assert_line (base, "GET BASE/v1/jobs/7: 200, 2 bytes, * ms, kept connection");
  assert_line (base, "GET BASE/v1/drop: failed: *, 0 bytes, * ms, new "
                     "connection");
  g_assert_cmpuint (log_count (GENVID_LOG_HTTP, GENVID_LOG_DEBUG, "*"), ==, 3);
  log_assert_never ("hidden");
  log_assert_never (KEY);
  log_clear ();
}

/* A service that puts the key into its paths, and a request that is refused
 * here. */
static void
test_key_in_path (void)
{
  const FakeReply script[] = {
    { "GET", "/" KEY "/jobs", 200, NULL, "{}" },
    { "GET", "/" KEY "/clip.mp4", 200, NULL, "a clip" },
  };
  g_autoptr (FakeService) service = FAKE_SERVICE (script);
  const char *base = fake_service_get_url (service);
  g_autoptr (GenvidHttpClient) http = make_transport (base, NULL);
  g_autofree char *clip = fake_service_make_url (service, "/" KEY "/clip.mp4");
  g_autoptr (GenvidExchange) strange
      = genvid_exchange_new (GENVID_EXCHANGE_POLL, "GET",
                             "https://u:hidden@strange.test/" KEY "?k=hidden");
  g_autoptr (GenvidAnswer) answer = NULL;

  log_watch ();
  exchange_one (http, service, GENVID_EXCHANGE_POLL, "GET", "/" KEY "/jobs");
  g_assert_cmpint (fetch_all (http, clip), ==, GENVID_MEDIA_REQUEST_ENDED);
  genvid_exchange_add_header (strange, "X-API-Key", KEY, TRUE);
  answer = genvid_http_client_send (http, strange, FOR_EVER, NULL, NULL);
  g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_UNSAFE);
  assert_line (base, "GET BASE/***/jobs: 200, 2 bytes, *");
  assert_line (base, "GET BASE/***/clip.mp4: 200, 6 bytes, *");
  assert_line (base, "GET https://strange.test/***: The request was not sent*");
  log_assert_never ("hidden");
  log_assert_never (KEY);
  log_clear ();
}

static void
test_media (void)
{
  const FakeReply script[] = {
    { "GET", "/r", 302,
      "Location: /token=hidden~hmac=hidden/clip.mp4?s=hidden\n" },
    { "GET", "/token=hidden~hmac=hidden/clip.mp4", 200, NULL, "a clip" },
  };
  g_autoptr (FakeService) service = FAKE_SERVICE (script);
  const char *base = fake_service_get_url (service);
  g_autoptr (GenvidHttpClient) http = make_transport (base, NULL);
  g_autofree char *link = fake_service_make_url (service, "/r?s=hidden");

  log_watch ();
  g_assert_cmpint (fetch_all (http, link), ==, GENVID_MEDIA_REQUEST_ENDED);
  assert_line (base, "GET BASE/r: 302, 0 bytes, * ms, new connection");
  assert_line (base, "GET BASE/token=***/clip.mp4: 200, 6 bytes, * ms, new "
                     "connection");
  log_assert_never ("hidden");
  log_clear ();
}

static void
test_interim (void)
{
  const FakeReply script[] = {
    { "GET", "/raw",
      .body = "HTTP/1.1 103 Early Hints\r\nLink: </hidden>\r\n\r\n"
              "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
      .flags = FAKE_RAW },
  };
  g_autoptr (FakeService) service = FAKE_SERVICE (script);
  const char *base = fake_service_get_url (service);
  g_autoptr (GenvidHttpClient) http = make_transport (base, NULL);
  g_autofree char *line
      = g_strdup_printf ("GET %s/raw: interim response 103", base);

  log_watch ();
  exchange_one (http, service, GENVID_EXCHANGE_POLL, "GET", "/raw");
  log_assert (GENVID_LOG_HTTP, GENVID_LOG_LOG, line);
  assert_line (base, "GET BASE/raw: 200, 2 bytes, *");
  log_assert_never ("hidden");
  log_clear ();
}

int
main (int argc, char **argv)
{
  wire_init (&argc, &argv);
  g_test_add_func ("/http-log/exchanges", test_exchanges);
  g_test_add_func ("/http-log/key-in-path", test_key_in_path);
  g_test_add_func ("/http-log/media", test_media);
  g_test_add_func ("/http-log/interim", test_interim);
  return g_test_run ();
}
