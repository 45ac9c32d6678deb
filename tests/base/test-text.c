/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a service says is fit to be shown; what a user pastes is fit to be a
 * key, or is refused without being shown. */
#include "failure.h"
#include "text.h"

#include <string.h>

static void
check (const char *text, const char *secret, const char *expected)
{
  g_autofree char *clean = genvid_text_clean (text, -1, secret);

  g_assert_cmpstr (clean, ==, expected);
}

static void
test_controls (void)
{
  check (NULL, NULL, NULL);
  check ("", NULL, NULL);
  check (" \n\t ", NULL, NULL);
  check ("a\r\n  b\tc ", NULL, "a b c");
  check ("\x1b[31mred\x1b[0m", NULL, "[31mred[0m");
  check ("left\u202eright", NULL, "leftright");
  check ("bad \xff byte", NULL, "bad � byte");
  check ("emoji 🌊 stays", NULL, "emoji 🌊 stays");
}

static void
test_length (void)
{
  g_autofree char *head = genvid_text_clean ("abcdef", 3, NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *cut = NULL;

  g_assert_cmpstr (head, ==, "abc");
  for (guint i = 0; i < 1000; i++)
    g_string_append (text, "é");
  cut = genvid_text_clean (text->str, -1, NULL);
  g_assert_cmpint (g_utf8_strlen (cut, -1), ==, 400);
  g_assert_true (g_str_has_suffix (cut, "…"));
}

static void
test_secret (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *cut = NULL;

  check ("key sk-123 and sk-123", "sk-123", "key *** and ***");
  check ("sk-\x01"
         "123",
         "sk-123", "***");
  check ("a sk 123 b", "sk 123", "a *** b");
  check ("token=a%2Fb%2Bc%3D!", "a/b+c=", "token=***!");
  check ("nothing", "", "nothing");
  /* Hidden before the cut, so that no half of it is left at the edge. */
  for (guint i = 0; i < 396; i++)
    g_string_append_c (text, 'x');
  g_string_append (text, "sk-123456");
  cut = genvid_text_clean (text->str, -1, "sk-123456");
  g_assert_null (strstr (cut, "sk-"));
}

static void
test_urls (void)
{
  check ("at https://x.y/a.mp4?sig=abc#f now", NULL,
         "at https://x.y/a.mp4 now");
  check ("(https://x.y/a?b=c)d", NULL, "(https://x.y/a");
  check ("\"https://u:p@x.y/a\"", NULL, "\"https://x.y/a\"");
  check ("GET /v1/file?X-Sig=abc", NULL, "GET /v1/file");
  check ("really? yes", NULL, "really? yes");
  check ("mail a@b.c", NULL, "mail a@b.c");
}

static void
check_key (const char *text, const char *expected, const char *message)
{
  g_autoptr (GError) error = NULL;
  char *key = genvid_text_key (text, "GEN_API_KEY", &error);

  g_assert_cmpstr (key, ==, expected);
  if (message) {
    g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
    g_assert_nonnull (strstr (error->message, message));
    g_assert_null (strstr (error->message, "hush"));
  }
  genvid_text_free_secret (key);
}

static void
test_key (void)
{
  check_key (" sk-1 \r\n", "sk-1", NULL);
  check_key ("two words", "two words", NULL);
  check_key ("", NULL, "GEN_API_KEY is empty");
  check_key (NULL, NULL, "GEN_API_KEY is empty");
  check_key (" \n", NULL, "GEN_API_KEY is empty");
  check_key ("hush\nhush", NULL, "line break");
  check_key ("hushé", NULL, "ASCII");
  check_key ("hush\x7f", NULL, "control");
  genvid_text_free_secret (NULL);
}

static void
check_list (const char *const *items, const char *expected)
{
  g_autofree char *text = genvid_text_list (items);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_list (void)
{
  check_list ((const char *const[]){ NULL }, "");
  check_list ((const char *const[]){ "a", NULL }, "a");
  check_list ((const char *const[]){ "a", "b", NULL }, "a or b");
  check_list ((const char *const[]){ "a", "b", "c", NULL }, "a, b or c");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/controls", test_controls);
  g_test_add_func ("/text/length", test_length);
  g_test_add_func ("/text/secret", test_secret);
  g_test_add_func ("/text/urls", test_urls);
  g_test_add_func ("/text/key", test_key);
  g_test_add_func ("/text/list", test_list);
  return g_test_run ();
}
