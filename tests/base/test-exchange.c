/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Exchanges own what they hold; Retry-After is understood in all its forms
 * and nothing else is. */
#include "exchange.h"

/* 6 November 1994, 08:49:37 UTC, the date of RFC 9110's examples. */
#define EXAMPLE (G_GINT64_CONSTANT (784111777) * G_USEC_PER_SEC)

static void
test_exchange (void)
{
  g_autoptr (GenvidExchange) exchange
      = genvid_exchange_new (GENVID_EXCHANGE_POLL, "GET", "https://x/y");
  const GenvidHeader *header;

  genvid_exchange_add_header (exchange, "X-API-Key", "k", TRUE);
  header = g_ptr_array_index (exchange->headers, 0);
  g_assert_cmpstr (exchange->method, ==, "GET");
  g_assert_cmpstr (exchange->url, ==, "https://x/y");
  g_assert_cmpstr (header->name, ==, "X-API-Key");
  g_assert_true (header->secret);
  g_assert_null (exchange->body);
}

static void
test_answer (void)
{
  g_autoptr (GenvidAnswer) answer = genvid_answer_new_reply (202, "{}");
  g_autoptr (GenvidAnswer) lost
      = genvid_answer_new (GENVID_ANSWER_LOST, "reset");

  g_hash_table_insert (answer->headers, g_strdup ("x-a"), g_strdup ("b"));
  g_assert_cmpuint (answer->status, ==, 202);
  g_assert_cmpuint (g_bytes_get_size (answer->body), ==, 2);
  g_assert_cmpstr (genvid_answer_get_header (answer, "X-A"), ==, "b");
  g_assert_cmpint (lost->kind, ==, GENVID_ANSWER_LOST);
  g_assert_cmpuint (g_bytes_get_size (lost->body), ==, 0);
  g_assert_null (genvid_answer_get_header (lost, "X-A"));
}

static void
check (const char *name, const char *value, gint64 expected)
{
  g_autoptr (GenvidAnswer) answer = genvid_answer_new_reply (429, "");

  g_hash_table_insert (answer->headers, g_strdup (name), g_strdup (value));
  g_assert_cmpint (genvid_answer_get_retry_after (answer, EXAMPLE), ==,
                   expected);
}

static void
test_retry_delay (void)
{
  g_autoptr (GenvidAnswer) none = genvid_answer_new_reply (429, "");

  g_assert_cmpint (genvid_answer_get_retry_after (none, EXAMPLE), ==, -1);
  check ("retry-after", "7", 7 * G_USEC_PER_SEC);
  check ("retry-after", "0", 0);
  check ("retry-after", "1.5", G_USEC_PER_SEC * 3 / 2);
  check ("retry-after", "7 ", 7 * G_USEC_PER_SEC);
  check ("retry-after", "-7", -1);
  check ("retry-after", "soon", -1);
  check ("retry-after", "7 apples", -1);
  check ("retry-after", "", -1);
  check ("retry-after", "99999999999999999999",
         G_GINT64_CONSTANT (366) * 24 * 3600 * G_USEC_PER_SEC);
  check ("retry-after-ms", "250", 250000);
}

static void
test_retry_date (void)
{
  gint64 ten = 10 * G_USEC_PER_SEC;

  check ("retry-after", "Sun, 06 Nov 1994 08:49:47 GMT", ten);
  check ("retry-after", "Sunday, 06-Nov-94 08:49:47 GMT", ten);
  check ("retry-after", "Sun Nov  6 08:49:47 1994", ten);
  check ("retry-after", "Sun, 06 Nov 1994 08:49:00 GMT", 0);
  check ("retry-after", "Sun, 06 Xyz 1994 08:49:47 GMT", -1);
  check ("retry-after", "Sun, 41 Nov 1994 08:49:47 GMT", -1);
  check ("retry-after", "Sun, 06 Nov", -1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/exchange/exchange", test_exchange);
  g_test_add_func ("/exchange/answer", test_answer);
  g_test_add_func ("/exchange/retry-delay", test_retry_delay);
  g_test_add_func ("/exchange/retry-date", test_retry_date);
  return g_test_run ();
}
