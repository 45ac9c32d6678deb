/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The sandbox itself, driven as its services' documents show. */
#include "sandbox-fixture.h"

static void
test_faults_are_described (void)
{
  g_autofree char *text = genvid_sandbox_describe_faults ();
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  guint n;
  const GenvidSandboxFault *faults = genvid_sandbox_faults (&n);

  for (guint i = 0; i < n; i++) {
    g_assert_true (g_str_has_suffix (faults[i].help, "."));
    g_assert_true (g_hash_table_add (names, (gpointer)faults[i].name));
    g_assert_nonnull (strstr (text, faults[i].help));
  }
}

static void
test_unknown_fault (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (Fixture) f = { 0 };

  fixture_set_up (&f, NULL);
  g_assert_false (
      genvid_sandbox_add_fault (f.sandbox, "submit-nonsense=3", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

/* A free after an idle, a held and a hanging connection must not wait. */
static void
test_ends_with_open_connections (void)
{
  g_auto (Fixture) f = { 0 };
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) idle = NULL;

  fixture_set_up (&f, NULL);
  idle = g_socket_client_connect_to_uri (
      client, genvid_sandbox_base_url (f.sandbox), 80, NULL, NULL);
  g_assert_nonnull (idle);
}

static void
test_refused_connections (void)
{
  g_auto (Fixture) f = { 0 };
  g_autoptr (Answer) closed = NULL;
  g_autoptr (Answer) open = NULL;

  fixture_set_up (&f, NULL);
  g_assert_true (genvid_sandbox_set_listening (f.sandbox, FALSE, NULL));
  closed = submit (&f, GENVID_SANDBOX_CN8, cn8_text);
  g_assert_cmpuint (closed->status, ==, 0);
  g_assert_true (genvid_sandbox_set_listening (f.sandbox, TRUE, NULL));
  open = submit (&f, GENVID_SANDBOX_CN8, cn8_text);
  g_assert_cmpuint (open->status, ==, 202);
}

static void
test_requests_are_kept (void)
{
  g_auto (Fixture) f = { 0 };
  g_autoptr (Answer) answer = NULL;
  g_autoptr (GPtrArray) requests = NULL;
  GenvidSandboxRequest *q;

  fixture_set_up (&f, NULL);
  answer = submit (&f, GENVID_SANDBOX_GENPRO, genpro_text);
  requests = genvid_sandbox_requests (f.sandbox);
  g_assert_cmpuint (requests->len, ==, 1);
  q = requests->pdata[0];
  g_assert_cmpstr (q->method, ==, "POST");
  g_assert_cmpstr (q->path, ==,
                   "/v1/autocontentengine/101/cells/3100/generate");
  g_assert_cmpstr (q->query, ==, "agent_id=42");
  g_assert_cmpuint (q->status, ==, 201);
  g_assert_cmpstr (genvid_sandbox_request_header (q, "x-api-key"), ==,
                   "your-api-key");
  g_assert_cmpmem (g_bytes_get_data (q->body, NULL), g_bytes_get_size (q->body),
                   genpro_text, strlen (genpro_text));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sandbox/faults-are-described", test_faults_are_described);
  g_test_add_func ("/sandbox/unknown-fault", test_unknown_fault);
  g_test_add_func ("/sandbox/ends-with-open-connections",
                   test_ends_with_open_connections);
  g_test_add_func ("/sandbox/refused-connections", test_refused_connections);
  g_test_add_func ("/sandbox/requests-are-kept", test_requests_are_kept);
  add_submit_tests ();
  add_poll_tests ();
  add_cdn_tests ();
  add_fault_tests ();
  return g_test_run ();
}
