/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was read and can be written is read again as the same text. */
#include "fuzz.h"

#include "request-uri.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_autoptr (GenvidRequestUri) uri = genvid_request_uri_parse (text, NULL);
  g_autoptr (GenvidRequestUri) again = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  if (uri)
    first = genvid_request_uri_to_text (uri);
  if (!first)
    return 0;
  again = genvid_request_uri_parse (first, NULL);
  g_assert_nonnull (again);
  second = genvid_request_uri_to_text (again);
  g_assert_cmpstr (first, ==, second);
  return 0;
}
