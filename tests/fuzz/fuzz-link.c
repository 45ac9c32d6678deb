/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is let through is https or at home, on no private address, and no text
 * of a refusal shows a query. */
#include "ip-address.h"
#include "url.h"

#include <stdint.h>

#define BASE "https://api.example.com"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_passed (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_ENCODED, NULL);

  g_assert_nonnull (uri);
  g_assert_cmpstr (g_uri_get_scheme (uri), ==, "https");
  g_assert_null (g_uri_get_userinfo (uri));
  g_assert_false (genvid_ip_address_host_is_private (g_uri_get_host (uri)));
  g_assert_true (g_str_is_ascii (url));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *url = g_strndup ((const char *)data, size);
  g_autofree char *origin = genvid_url_origin (url);
  g_autofree char *again = origin ? genvid_url_origin (origin) : NULL;
  g_autofree char *shown = genvid_url_display (url);
  g_autofree char *base = genvid_url_check_base (url, FALSE, NULL);
  g_autofree char *result = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (origin, ==, again);
  g_assert_null (strpbrk (shown, "?#"));
  if (base != NULL)
    g_assert_true (genvid_url_same_origin (base, url));
  result = genvid_url_check_result (url, BASE "/v1/x", BASE, FALSE, &error);
  g_assert_true ((result == NULL) == (error != NULL));
  if (result != NULL)
    check_passed (result);
  else
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
  if (origin != NULL && strcmp (origin, BASE) != 0)
    g_assert_false (genvid_url_may_carry_key (url, BASE));
  return 0;
}
