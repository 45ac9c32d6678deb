/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A key is found in every spelling in which it may come back, whole or cut. */
#include "secret.h"
#include "text.h"

#include <string.h>

#define KEY "sk-Proj/9aB+7xQ=zz&4"

static void
check (const char *text, const char *secret, const char *expected)
{
  g_autofree char *shown = genvid_secret_hide (text, secret);

  g_assert_cmpstr (shown, ==, expected);
}

static void
check_in (const char *spelling, const char *secret)
{
  g_autofree char *text = g_strdup_printf ("at <%s> it is", spelling);

  check (text, secret, "at <***> it is");
  g_assert_true (genvid_secret_is_in (text, secret));
  g_assert_true (genvid_secret_is_in (spelling, secret));
}

static void
test_nothing (void)
{
  check (NULL, KEY, NULL);
  check ("a text", NULL, "a text");
  check ("a text", "", "a text");
  check ("", KEY, "");
  check ("sk- is how keys begin", KEY, "sk- is how keys begin");
  g_assert_false (genvid_secret_is_in (NULL, KEY));
  g_assert_false (genvid_secret_is_in ("sk-Proj/9aB+7xQ=zz&", KEY));
  g_assert_false (genvid_secret_is_in ("text", ""));
  g_assert_false (genvid_secret_is_in ("text", NULL));
}

static void
test_plain (void)
{
  g_autofree char *lower = g_ascii_strdown (KEY, -1);
  g_autofree char *upper = g_ascii_strup (KEY, -1);

  check_in (KEY, KEY);
  check_in (lower, KEY);
  check_in (upper, KEY);
  check ("Authorization: Bearer " KEY, KEY, "Authorization: Bearer ***");
  check ("Bearer" KEY, KEY, "Bearer***");
  check (KEY KEY, KEY, "******");
}

/* TEXT with every other character than letters and digits, or with ALL each
 * one, as FORMAT has it: 0 stands for the code in decimal, X and h in hex, @
 * for the character. */
static char *
spell (const char *text, const char *format, gboolean all)
{
  GString *out = g_string_new (NULL);

  for (; *text; text++) {
    if (!all && g_ascii_isalnum (*text)) {
      g_string_append_c (out, *text);
      continue;
    }
    for (const char *p = format; *p; p++)
      if (*p == 'X')
        g_string_append_printf (out, "%02X", (guint)*text);
      else if (*p == 'h')
        g_string_append_printf (out, "%02x", (guint)*text);
      else if (*p == '0')
        g_string_append_printf (out, "%u", (guint)*text);
      else if (*p == '@')
        g_string_append_c (out, *text);
      else
        g_string_append_c (out, *p);
  }
  return g_string_free (out, FALSE);
}

static void
test_escapes (void)
{
  static const char *const formats[]
      = { "%X",     "%h",     "%25X",     "%25h",   "%2525h",
          "\\uZZh", "\\uZZX", "\\\\uZZh", "\\xh",   "&#0;",
          "&#xh;",  "&#xX;",  "&amp;#0;", "&#ZZ0;", "\\@" };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    g_autofree char *some = spell (KEY, formats[i], FALSE);
    g_autofree char *all = spell (KEY, formats[i], TRUE);

    /* A zero of the format itself. */
    if (strstr (formats[i], "ZZ")) {
      g_strdelimit (some, "Z", '0');
      g_strdelimit (all, "Z", '0');
    }
    check_in (some, KEY);
    check_in (all, KEY);
  }
  check_in ("sk-Proj\\/9aB+7xQ=zz&amp;4", KEY);
  check_in ("sk-Proj\\\\\\/9aB+7xQ=zz&amp;amp;4", KEY);
  check_in ("two+words-of-it", "two words-of-it");
  check_in ("a\\\"bcd\\/efgh", "a\"bcd/efgh");
  check_in ("100%25-of-it", "100%-of-it");
}

static void
test_hex (void)
{
  g_autofree char *lower = spell (KEY, "h", TRUE);
  g_autofree char *upper = spell (KEY, "X", TRUE);

  check_in (lower, KEY);
  check_in (upper, KEY);
}

/* What is left of the base64 of BEFORE, the key and AFTER. */
static void
check_base64 (const char *before, const char *after, gboolean url)
{
  g_autofree char *plain = g_strconcat (before, KEY, after, NULL);
  char *text = g_base64_encode ((const guchar *)plain, strlen (plain));
  g_autofree char *shown = NULL;
  g_autofree char *mark = NULL;

  if (url) {
    g_strdelimit (text, "+", '-');
    g_strdelimit (text, "/", '_');
    text[strcspn (text, "=")] = '\0';
  }
  g_assert_true (genvid_secret_is_in (text, KEY));
  shown = genvid_secret_hide (text, KEY);
  mark = strstr (shown, "***") ? g_strdup ("") : NULL;
  g_assert_nonnull (mark);
  /* All but the characters that hold bits of the neighbours. */
  g_assert_cmpuint (strlen (shown), <=,
                    strlen (text) - strlen (KEY) * 4 / 3 + 3 + 3);
  g_free (text);
}

static void
test_base64 (void)
{
  static const char *const parts[]
      = { "", "u", "me", "abc", "Bearer ", "::::" };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    for (guint j = 0; j < G_N_ELEMENTS (parts); j++) {
      check_base64 (parts[i], parts[j], FALSE);
      check_base64 (parts[i], parts[j], TRUE);
    }
}

/* Wherever a text is cut, no more than seven characters are left. */
static void
test_cut (void)
{
  for (gsize length = 8; length <= strlen (KEY); length++) {
    g_autofree char *head = g_strndup (KEY, length);
    g_autofree char *masked = g_strconcat (head, "****", NULL);
    g_autofree char *hex = spell (head, "h", TRUE);
    g_autofree char *percent = spell (head, "%h", TRUE);
    const char *tail = &KEY[strlen (KEY) - length];

    check (head, KEY, "***");
    check (masked, KEY, "*******");
    check (hex, KEY, "***");
    check (percent, KEY, "***");
    check (tail, KEY, "***");
  }
  check ("sk-Proj", KEY, "sk-Proj");
}

static void
test_cut_base64 (void)
{
  g_autofree char *text = g_base64_encode ((const guchar *)KEY, strlen (KEY));

  for (gsize length = 12; length < strlen (text); length++) {
    g_autofree char *head = g_strndup (text, length);
    g_autofree char *shown = genvid_secret_hide (head, KEY);

    g_assert_true (g_str_has_prefix (shown, "***"));
    g_assert_cmpuint (strlen (shown), <=, 5);
  }
}

/* Where our own limits cut: neither end of the key is left at the edge. */
static void
test_our_cut (void)
{
  for (guint before = 370; before < 410; before++) {
    g_autofree char *filler = g_strnfill (before, 'x');
    g_autofree char *text = g_strconcat (filler, " ", KEY, NULL);
    g_autofree char *shown = genvid_text_clean (text, -1, KEY);

    g_assert_null (strstr (shown, "sk-Proj/"));
  }
  for (guint before = 16384 - 30; before < 16384; before++) {
    g_autofree char *filler = g_strnfill (before, ' ');
    g_autofree char *text = g_strconcat (filler, KEY, NULL);
    g_autofree char *shown = genvid_text_clean (text, -1, KEY);

    g_assert_true (shown == NULL || strstr (shown, "sk-Proj/") == NULL);
  }
}

/* One that is too short for chance is hidden, but makes no id suspicious. */
static void
test_short (void)
{
  check ("key k7 in it", "k7", "key *** in it");
  g_assert_false (genvid_secret_is_in ("job-k7-1", "k7"));
  g_assert_true (genvid_secret_is_in ("k7", "k7"));
}

/* A text and a key that fit everywhere cost no more than their product. */
static void
test_long (void)
{
  g_autofree char *text = g_strnfill (16384, 'a');
  g_autofree char *key = g_strnfill (200, 'a');
  g_autofree char *shown = genvid_secret_hide (text, key);

  g_assert_null (strchr (shown, 'a'));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/secret/nothing", test_nothing);
  g_test_add_func ("/secret/plain", test_plain);
  g_test_add_func ("/secret/escapes", test_escapes);
  g_test_add_func ("/secret/hex", test_hex);
  g_test_add_func ("/secret/base64", test_base64);
  g_test_add_func ("/secret/cut", test_cut);
  g_test_add_func ("/secret/cut-base64", test_cut_base64);
  g_test_add_func ("/secret/our-cut", test_our_cut);
  g_test_add_func ("/secret/short", test_short);
  g_test_add_func ("/secret/long", test_long);
  return g_test_run ();
}
