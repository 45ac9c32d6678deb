/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers without end: each turn of the loop has one, whatever is sent as fast
 * as it can be, and what is read of it has a bound. */
#include "fetch-kit.h"
#include "raw-kit.h"
#include "wire-kit.h"
#include "exchange.h"
#include "http-client.h"
#include "media-request.h"

#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define X100                                                                   \
  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"                         \
  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const char *const streams[][2] = {
  { "", "HTTP/1.1 100 Continue\r\n\r\n" },
  { "", "HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n" },
  { "", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n" },
  { "", "HTTP/1.1 100 Continue\r\nX: " X100 X100 X100 X100 "\r\n\r\n" },
  { "HTTP/1.1 200 OK\r\n", "X: 1\r\n" },
  { "HTTP/1.1 200 OK\r\nX: ", "x" },
  { "HTTP/1.1 ", "2" },
  { CHUNKED "5;", "x" },
  { CHUNKED "1\r\na\r\n0\r\n", X100 },
  { CHUNKED, "1;" X100 X100 X100 X100 "\r\na\r\n" },
};

static void
test_submit (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (streams); i++) {
    g_auto (Raw) raw = { .start = streams[i][0], .filler = streams[i][1] };
    g_autofree char *url = NULL;
    g_autoptr (GenvidHttpClient) http = NULL;
    g_autoptr (GenvidExchange) exchange = NULL;
    g_autoptr (GenvidAnswer) answer = NULL;

    raw_open (&raw);
    url = g_strdup_printf ("http://127.0.0.1:%u", raw.port);
    http = make_transport (url, NULL);
    exchange = genvid_exchange_new (GENVID_EXCHANGE_SUBMIT, "POST", url);
    answer = genvid_http_client_send (http, exchange, FOR_EVER, NULL, NULL);
    g_clear_pointer (&http, genvid_http_client_free);
    raw_close (&raw);
    /* It may have been taken. */
    g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_LOST);
    g_assert_cmpuint (raw.heads->len, ==, 1);
    g_assert_cmpuint (raw.written, <, RAW_HELD);
  }
}

/* libsoup takes these bodies apart by itself. */
static void
test_poll (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (streams) - 1; i++) {
    g_auto (Raw) raw = { .start = streams[i][0], .filler = streams[i][1] };
    g_autofree char *url = NULL;
    g_autoptr (GenvidHttpClient) http = NULL;
    g_autoptr (GenvidExchange) exchange = NULL;
    g_autoptr (GenvidAnswer) answer = NULL;

    raw_open (&raw);
    url = g_strdup_printf ("http://127.0.0.1:%u", raw.port);
    http = make_transport (url, NULL);
    exchange = genvid_exchange_new (GENVID_EXCHANGE_POLL, "GET", url);
    answer = genvid_http_client_send (http, exchange, FOR_EVER, NULL, NULL);
    g_clear_pointer (&http, genvid_http_client_free);
    raw_close (&raw);
    g_assert_cmpint (answer->kind, !=, GENVID_ANSWER_UNSENT);
    g_assert_cmpuint (raw.heads->len, ==, 1);
    g_assert_cmpuint (raw.written, <, RAW_HELD);
  }
}

static void
test_media (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (streams); i++) {
    g_auto (Raw) raw = { .start = streams[i][0], .filler = streams[i][1] };
    g_autofree char *url = NULL;
    g_autoptr (GenvidHttpClient) http = NULL;

    raw_open (&raw);
    url = g_strdup_printf ("http://127.0.0.1:%u/clip.mp4", raw.port);
    http = make_transport (url, NULL);
    g_assert_cmpint (fetch_all (http, url), ==, GENVID_MEDIA_REQUEST_FAILED);
    g_clear_pointer (&http, genvid_http_client_free);
    raw_close (&raw);
    g_assert_cmpuint (raw.written, <, RAW_HELD);
  }
}

/* As many as anybody has a use for are no harm. */
static void
test_some (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (FakeService) service = NULL;
  g_autoptr (GenvidHttpClient) http = NULL;
  g_autoptr (GenvidAnswer) answer = NULL;
  FakeReply reply = { NULL, "/", .flags = FAKE_RAW };

  for (guint i = 0; i < 16; i++)
    g_string_append (text, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
  g_string_append (text, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
  reply.body = text->str;
  service = fake_service_new (&reply, 1);
  http = make_transport (fake_service_get_url (service), NULL);
  answer = send_one (http, service, GENVID_EXCHANGE_SUBMIT, "POST", "/");
  g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_REPLY);
  g_assert_cmpuint (answer->status, ==, 200);
  assert_body (answer, "{}");
}

int
main (int argc, char **argv)
{
  wire_init (&argc, &argv);
  g_test_add_func ("/endless/submit", test_submit);
  g_test_add_func ("/endless/poll", test_poll);
  g_test_add_func ("/endless/media", test_media);
  g_test_add_func ("/endless/some-interim-answers", test_some);
  return g_test_run ();
}
