/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TLS: whom an exchange and a download believe. */
#include "download-kit.h"

#include "certificate.h"
#include "download-private.h"
#include "exchange.h"
#include "failure.h"
#include "http-client.h"
#include "media-outcome.h"
#include "remote-input.h"

#include <gio/gio.h>

static void
test_tls (void)
{
  const struct {
    const char *pem, *ca;
    const char *refused; /* part of what is said; NULL: accepted */
  } cases[] = {
    { TLS_DIR "server.pem", TLS_DIR "ca.pem", NULL },
    { TLS_DIR "server.pem", NULL, "set ca-file" },
    { TLS_DIR "server.pem", TLS_DIR "usage-ca.pem", "nor by one in ca-file" },
    { TLS_DIR "wrong.pem", TLS_DIR "ca.pem", "for another host" },
    { TLS_DIR "wrong.pem", NULL, "for another host" },
    { TLS_DIR "expired.pem", TLS_DIR "ca.pem", "has expired" },
    { TLS_DIR "expired.pem", NULL, "has expired" },
    /* for clients only; for anything; issued by who may issue to clients */
    { TLS_DIR "client.pem", TLS_DIR "usage-ca.pem", "not valid for servers" },
    { TLS_DIR "bare.pem", TLS_DIR "usage-ca.pem", NULL },
    { TLS_DIR "below.pem", TLS_DIR "usage-ca.pem", "not valid for servers" },
  };
  const FakeReply script[] = { { "POST", "/", 200 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (FakeService) service
        = fake_service_new_tls (script, 1, cases[i].pem);
    g_autoptr (GenvidHttpClient) http
        = make_transport (fake_service_get_url (service), cases[i].ca);
    g_autoptr (GenvidAnswer) answer
        = send_one (http, service, GENVID_EXCHANGE_SUBMIT, "POST", "/");
    gboolean good = cases[i].refused == NULL;

    g_assert_cmpint (answer->kind, ==,
                     good ? GENVID_ANSWER_REPLY : GENVID_ANSWER_UNSAFE);
    if (!good)
      g_assert_nonnull (strstr (answer->error, cases[i].refused));
    g_assert_cmpuint (fake_service_get_n_requests (service), ==, good);
    if (good)
      g_assert_cmpstr (fake_service_get_alpn (service), ==, "http/1.1");
  }
}

/* Once. */
static gboolean
show_certificate (GSignalInvocationHint *hint, guint n,
                  const GValue *parameters, gpointer certificate)
{
  gboolean accepted = TRUE;

  g_signal_emit_by_name (g_value_get_object (parameters), "accept-certificate",
                         certificate, G_TLS_CERTIFICATE_UNKNOWN_CA, &accepted);
  g_assert_false (accepted);
  return FALSE;
}

/* A server may ask for another handshake at any time. What was written by then
 * may have been bought, whatever certificate it shows. */
static void
test_late_certificate (void)
{
  const FakeReply script[]
      = { { "GET", "/", .body = "yes" }, { "POST", "/", .flags = FAKE_DROP } };
  g_autoptr (FakeService) service = fake_service_new_tls (
      script, G_N_ELEMENTS (script), TLS_DIR "server.pem");
  g_autoptr (GenvidHttpClient) http
      = make_transport (fake_service_get_url (service), TLS_DIR "ca.pem");
  g_autoptr (GTlsCertificate) other
      = g_tls_certificate_new_from_file (TLS_DIR "wrong.pem", NULL);
  g_autoptr (GenvidAnswer) poll
      = send_one (http, service, GENVID_EXCHANGE_POLL, "GET", "/");
  g_autoptr (GenvidAnswer) answer = NULL;

  g_signal_add_emission_hook (
      g_signal_lookup ("wrote-body", g_type_from_name ("SoupMessage")), 0,
      show_certificate, other, NULL);
  answer = send_one (http, service, GENVID_EXCHANGE_SUBMIT, "POST", "/");
  assert_body (poll, "yes");
  g_assert_cmpuint (fake_service_count (service, "POST", "/"), ==, 1);
  g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_LOST);
}

/* Wherever it is cut, or a byte of it is another, it is read to its end and not
 * beyond. */
static void
test_usage (void)
{
  const struct {
    const char *pem;
    gboolean serves;
  } rows[] = {
    { TLS_DIR "server.pem", TRUE },
    { TLS_DIR "bare.pem", TRUE },
    { TLS_DIR "client.pem", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GTlsCertificate) certificate
        = g_tls_certificate_new_from_file (rows[i].pem, NULL);
    g_autoptr (GByteArray) der = NULL;

    g_object_get (certificate, "certificate", &der, NULL);
    g_assert_cmpint (genvid_certificate_serves (der->data, der->len), ==,
                     rows[i].serves);
    for (gsize n = 0; n < der->len; n++) {
      g_autofree guint8 *copy = g_memdup2 (der->data, n);

      g_assert_false (genvid_certificate_serves (copy, n));
      copy = (g_free (copy), g_memdup2 (der->data, der->len));
      copy[n] ^= 0xff;
      genvid_certificate_serves (copy, der->len);
    }
  }
}

/* Extra anchors are for the base origin, not for the world. */
static void
test_anchors_stay_home (void)
{
  const FakeReply script[] = { { "GET", "/", 200 } };
  g_autoptr (FakeService) service
      = fake_service_new_tls (script, 1, TLS_DIR "server.pem");
  const GenvidHttpClientOptions options = { .base_url = "https://example.com",
                                            .ca_file = TLS_DIR "ca.pem",
                                            .allow_private = TRUE };
  g_autoptr (GenvidHttpClient) http = genvid_http_client_new (&options, NULL);
  g_autoptr (GenvidAnswer) answer
      = send_one (http, service, GENVID_EXCHANGE_POLL, "GET", "/");

  g_assert_cmpint (answer->kind, ==, GENVID_ANSWER_UNSAFE);
  g_assert_cmpuint (fake_service_get_n_requests (service), ==, 0);
}

/* In a process of its own: the priority is read once. */
static void
test_old_tls_child (void)
{
  const FakeReply script[] = { { "POST", "/", 200 } };
  g_autoptr (FakeService) service = NULL;
  g_autoptr (GenvidHttpClient) http = NULL;
  g_autoptr (GenvidAnswer) answer = NULL;

  g_setenv ("G_TLS_GNUTLS_PRIORITY", "LEGACY:-VERS-ALL:+VERS-TLS1.1", TRUE);
  service = fake_service_new_tls (script, 1, TLS_DIR "server.pem");
  http = make_transport (fake_service_get_url (service), TLS_DIR "ca.pem");
  answer = send_one (http, service, GENVID_EXCHANGE_SUBMIT, "POST", "/");
  g_assert_cmpint (answer->kind, !=, GENVID_ANSWER_REPLY);
  g_assert_cmpint (answer->kind, !=, GENVID_ANSWER_LOST);
  g_assert_cmpuint (fake_service_get_n_requests (service), ==, 0);
  g_printerr ("said: %s\n", answer->error);
}

static void
test_old_tls (void)
{
  g_test_trap_subprocess ("/tls/old/subprocess", 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*said:*TLS*");
}

static void
test_bad_ca_file (void)
{
  const char *const files[] = { "/nonexistent/ca.pem", TLS_DIR };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    const GenvidHttpClientOptions options
        = { .base_url = "https://example.com", .ca_file = files[i] };
    g_autoptr (GError) error = NULL;

    g_assert_null (genvid_http_client_new (&options, &error));
    g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  }
}

/* http from an https service: the same place over https, or nothing. */
static void
test_http_from_https (void)
{
  g_auto (Bench) bench = { 0 };
  const FakeReply script[]
      = { { NULL, "/down", 302, "Location: http://localhost:1/\n" },
          { NULL, "/gone", 404, NULL, "no" } };
  const char *const paths[] = { "/gone", "/down", "/clip.mp4" };

  bench_init (&bench, NULL, 0);
  close_process (&bench);
  fake_service_free (bench.service);
  bench.service = fake_service_new_tls (script, 2, TLS_DIR "server.pem");
  serve (&bench, (FakeReply){ .flags = FAKE_RANGE });
  bench.options.base_url = fake_service_get_url (bench.service);
  open_process (&bench, TLS_DIR "ca.pem");
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_autofree char *link
        = g_strdup_printf ("http://localhost:%u%s",
                           fake_service_get_port (bench.service), paths[i]);
    GenvidMediaOutcome outcome;

    g_clear_pointer (&bench.result.failure, genvid_failure_free);
    bench.options.link = link;
    outcome
        = genvid_download_run_tuned (bench.http, &bench.options, &bench.tuning,
                                     bench.clip, bench.entry, &bench.result);
    if (i < 2)
      assert_refused (&bench, outcome, GENVID_MEDIA_REFUSED,
                      GENVID_REASON_UNSAFE_URL);
    else
      assert_complete (&bench, outcome, bench.bytes);
  }
}

static void
test_untrusted_server (void)
{
  g_auto (Bench) bench = bench_new ();

  close_process (&bench);
  fake_service_free (bench.service);
  bench.service = fake_service_new_tls (NULL, 0, TLS_DIR "expired.pem");
  bench.options.base_url = fake_service_get_url (bench.service);
  open_process (&bench, TLS_DIR "ca.pem");
  assert_no_clip (&bench, GENVID_MEDIA_REFUSED, GENVID_REASON_UNSAFE_URL);
  g_assert_cmpuint (fake_service_get_n_requests (bench.service), ==, 0);
}

/* An input's link as users write it; never on to http, even at home. */
static void
test_link_input (void)
{
  static const guint8 picture[64] = "\x89PNG\r\n\x1a\n";
  g_autoptr (GBytes) bytes = g_bytes_new_static (picture, sizeof picture);
  const FakeReply script[]
      = { { NULL, "/a.png", .bytes = bytes },
          { NULL, "/down", 302, "Location: http://localhost:1/a.png\n" } };
  g_auto (Bench) bench = bench_new ();
  g_autoptr (GenvidRemoteInput) input = NULL;
  GenvidFailure *failure = NULL;
  g_autofree char *good = NULL;
  g_autofree char *down = NULL;

  close_process (&bench);
  fake_service_free (bench.service);
  bench.service = fake_service_new_tls (script, 2, TLS_DIR "server.pem");
  bench.options.base_url = fake_service_get_url (bench.service);
  open_process (&bench, TLS_DIR "ca.pem");
  good = fake_service_make_url (bench.service, "/a.png");
  down = fake_service_make_url (bench.service, "/down");
  input
      = genvid_remote_input_fetch (bench.http, bench.entry, good, 0, &failure);
  g_assert_null (failure);
  g_assert_nonnull (input);
  g_assert_null (
      genvid_remote_input_fetch (bench.http, bench.entry, down, 0, &failure));
  g_assert_cmpint (failure->reason, ==, GENVID_REASON_UNSAFE_URL);
  genvid_failure_free (failure);
}

int
main (int argc, char **argv)
{
  wire_init (&argc, &argv);
  g_test_add_func ("/tls/certificates", test_tls);
  g_test_add_func ("/tls/late-certificate", test_late_certificate);
  g_test_add_func ("/tls/usage", test_usage);
  g_test_add_func ("/tls/anchors-stay-home", test_anchors_stay_home);
  g_test_add_func ("/tls/old", test_old_tls);
  g_test_add_func ("/tls/old/subprocess", test_old_tls_child);
  g_test_add_func ("/tls/bad-ca-file", test_bad_ca_file);
  g_test_add_func ("/download/http-from-https", test_http_from_https);
  g_test_add_func ("/download/untrusted-server", test_untrusted_server);
  g_test_add_func ("/link-input/tls", test_link_input);
  return g_test_run ();
}
