/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a request for a file may be led. */
#include "fetch-kit.h"
#include "http-client.h"
#include "media-request.h"

/* Three ports of this machine: the service's own, another one of its host, and
 * one that goes by another name, which is another host. */
static void
test_other_port (void)
{
  const FakeReply last[] = { { "GET", "/clip.mp4", .body = "a clip" } };
  g_autoptr (FakeService) base = fake_service_new (NULL, 0);
  g_autoptr (FakeService) foreign = fake_service_new (NULL, 0);
  g_autoptr (FakeService) files = FAKE_SERVICE (last);
  const GenvidHttpClientOptions options
      = { .base_url = fake_service_get_url (base), .allow_private = TRUE };
  g_autoptr (GenvidHttpClient) http = genvid_http_client_new (&options, NULL);
  g_autofree char *clip = fake_service_make_url (files, "/clip.mp4");
  g_autofree char *header = g_strdup_printf ("Location: %s\n", clip);
  const FakeReply reply = { "GET", "/r", 302, header };
  g_autofree char *own = fake_service_make_url (base, "/r");
  g_autofree char *strange = g_strdup_printf ("http://localhost:%u/r",
                                              fake_service_get_port (foreign));

  fake_service_add (base, &reply);
  fake_service_add (foreign, &reply);
  g_assert_cmpint (fetch_all (http, clip), ==, GENVID_MEDIA_REQUEST_ENDED);
  g_assert_cmpint (fetch_all (http, own), ==, GENVID_MEDIA_REQUEST_ENDED);
  g_assert_cmpuint (fake_service_get_n_connections (files), ==, 2);
  g_assert_cmpint (fetch_all (http, strange), ==, GENVID_MEDIA_REQUEST_FAILED);
  g_assert_cmpuint (fake_service_get_n_requests (foreign), ==, 1);
  g_assert_cmpuint (fake_service_get_n_connections (files), ==, 2);
}

int
main (int argc, char **argv)
{
  wire_init (&argc, &argv);
  g_test_add_func ("/fetch/other-port", test_other_port);
  return g_test_run ();
}
