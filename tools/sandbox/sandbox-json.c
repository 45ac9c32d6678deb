/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* RFC 8259, to the letter: json-glib forgives too much to judge a client. */
#include "sandbox-private.h"

#include <string.h>

#define MAX_DEPTH 64

typedef struct {
  const char *at;
  const char *end;
  const char *problem;
  guint depth;
} Lexer;

static gboolean lex_value (Lexer *lexer);

static gboolean
fail (Lexer *lexer, const char *problem)
{
  if (lexer->problem == NULL)
    lexer->problem = problem;
  return FALSE;
}

static void
skip_space (Lexer *lexer)
{
  while (lexer->at < lexer->end && strchr (" \t\r\n", *lexer->at) != NULL
         && *lexer->at != '\0')
    lexer->at++;
}

static gboolean
take (Lexer *lexer, char c)
{
  if (lexer->at >= lexer->end || *lexer->at != c)
    return FALSE;
  lexer->at++;
  return TRUE;
}

static int
lex_hex (Lexer *lexer)
{
  int value = 0;

  for (guint i = 0; i < 4; i++) {
    if (lexer->at >= lexer->end || !g_ascii_isxdigit (*lexer->at))
      return -1;
    value = value * 16 + g_ascii_xdigit_value (*lexer->at++);
  }
  return value;
}

static gboolean
lex_escape (Lexer *lexer)
{
  int high, low;

  if (lexer->at >= lexer->end)
    return fail (lexer, "the text ends in an escape");
  if (*lexer->at != 'u') {
    if (*lexer->at == '\0' || strchr ("\"\\/bfnrt", *lexer->at) == NULL)
      return fail (lexer, "unknown escape");
    lexer->at++;
    return TRUE;
  }
  lexer->at++;
  high = lex_hex (lexer);
  if (high <= 0)
    return fail (lexer, "bad \\u escape");
  if (high < 0xd800 || high > 0xdfff)
    return TRUE;
  if (high > 0xdbff || !take (lexer, '\\') || !take (lexer, 'u'))
    return fail (lexer, "lone surrogate");
  low = lex_hex (lexer);
  return (low >= 0xdc00 && low <= 0xdfff) || fail (lexer, "lone surrogate");
}

static gboolean
lex_string (Lexer *lexer)
{
  if (!take (lexer, '"'))
    return fail (lexer, "a string is expected");
  while (lexer->at < lexer->end) {
    guchar c = (guchar)*lexer->at++;
    if (c == '"')
      return TRUE;
    if (c < 0x20)
      return fail (lexer, "raw control character in a string");
    if (c == '\\' && !lex_escape (lexer))
      return FALSE;
  }
  return fail (lexer, "a string does not end");
}

static guint
lex_digits (Lexer *lexer)
{
  guint n = 0;

  for (; lexer->at < lexer->end && g_ascii_isdigit (*lexer->at); lexer->at++)
    n++;
  return n;
}

static gboolean
lex_number (Lexer *lexer)
{
  gboolean zero;
  guint n;

  take (lexer, '-');
  zero = lexer->at < lexer->end && *lexer->at == '0';
  n = lex_digits (lexer);
  if (n == 0 || (zero && n > 1))
    return fail (lexer, "bad number");
  if (take (lexer, '.') && lex_digits (lexer) == 0)
    return fail (lexer, "bad number");
  if (!take (lexer, 'e') && !take (lexer, 'E'))
    return TRUE;
  if (!take (lexer, '+'))
    take (lexer, '-');
  return lex_digits (lexer) > 0 || fail (lexer, "bad number");
}

static gboolean
lex_word (Lexer *lexer, const char *word)
{
  gsize length = strlen (word);

  if ((gsize)(lexer->end - lexer->at) < length
      || strncmp (lexer->at, word, length) != 0)
    return fail (lexer, "a value is expected");
  lexer->at += length;
  return TRUE;
}

static gboolean
lex_array (Lexer *lexer)
{
  skip_space (lexer);
  if (take (lexer, ']'))
    return TRUE;
  do {
    if (!lex_value (lexer))
      return FALSE;
  } while (take (lexer, ','));
  return take (lexer, ']') || fail (lexer, "\",\" or \"]\" is expected");
}

static gboolean
lex_object (Lexer *lexer)
{
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  skip_space (lexer);
  if (take (lexer, '}'))
    return TRUE;
  do {
    const char *start;
    skip_space (lexer);
    start = lexer->at;
    if (!lex_string (lexer))
      return FALSE;
    if (!g_hash_table_add (seen, g_strndup (start, (gsize)(lexer->at - start))))
      return fail (lexer, "a duplicate member");
    skip_space (lexer);
    if (!take (lexer, ':'))
      return fail (lexer, "\":\" is expected");
    if (!lex_value (lexer))
      return FALSE;
  } while (take (lexer, ','));
  return take (lexer, '}') || fail (lexer, "\",\" or \"}\" is expected");
}

static gboolean
lex_nested (Lexer *lexer)
{
  gboolean object = *lexer->at++ == '{';
  gboolean good;

  if (++lexer->depth > MAX_DEPTH)
    return fail (lexer, "nested too deeply");
  good = object ? lex_object (lexer) : lex_array (lexer);
  lexer->depth--;
  return good;
}

static gboolean
lex_value (Lexer *lexer)
{
  gboolean good;

  skip_space (lexer);
  if (lexer->at >= lexer->end)
    return fail (lexer, "a value is expected");
  switch (*lexer->at) {
  case '{':
  case '[':
    good = lex_nested (lexer);
    break;
  case '"':
    good = lex_string (lexer);
    break;
  case 't':
    good = lex_word (lexer, "true");
    break;
  case 'f':
    good = lex_word (lexer, "false");
    break;
  case 'n':
    good = lex_word (lexer, "null");
    break;
  default:
    good = lex_number (lexer);
    break;
  }
  skip_space (lexer);
  return good;
}

char *
sandbox_json_check (const char *text, gsize size)
{
  Lexer lexer = { text, text + size, NULL, 0 };
  const char *bad = NULL;

  if (!g_utf8_validate_len (text, size, &bad))
    return g_strdup_printf ("byte %d is not UTF-8", (int)(bad - text));
  if (lex_value (&lexer) && lexer.at < lexer.end)
    fail (&lexer, "text after the value");
  if (lexer.problem == NULL)
    return NULL;
  return g_strdup_printf ("JSON, byte %d: %s", (int)(lexer.at - text),
                          lexer.problem);
}

char *
sandbox_json_quote (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *out = g_string_new ("\"");

  for (const char *c = valid; *c != '\0'; c++) {
    if (*c == '"' || *c == '\\')
      g_string_append_printf (out, "\\%c", *c);
    else if ((guchar)*c < 0x20)
      g_string_append_printf (out, "\\u%04x", (guint)(guchar)*c);
    else
      g_string_append_c (out, *c);
  }
  g_string_append_c (out, '"');
  return g_string_free (out, FALSE);
}
