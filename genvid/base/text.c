/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text on its way to a human, and keys on their way into a header. Whatever a
 * service says passes here before it is logged, posted or stored. It judges
 * no address: that is the link's part. */
#include "text.h"

#include "failure.h"
#include "secret.h"

#include <string.h>

#define MAX_CHARACTERS 400
#define MAX_READ       16384 /* bytes; nobody's sentence is longer */
/* A word ends where no URL goes on; quotes and angles are never part of one,
 * but brackets, commas and apostrophes may be. */
#define WORD_ENDS " \"<>`"

/* Blanks of all kinds become one space; what a terminal or a label would act
 * on (controls, direction overrides) goes away. */
static char *
strip_controls (const char *text)
{
  GString *out = g_string_new (NULL);

  for (const char *p = text; *p; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);

    if (g_unichar_isspace (c)) {
      if (out->len > 0 && out->str[out->len - 1] != ' ')
        g_string_append_c (out, ' ');
    } else if (!g_unichar_iscntrl (c) && !(c >= 0x202a && c <= 0x202e)
               && !(c >= 0x2066 && c <= 0x2069) && c != 0x200e && c != 0x200f
               && c != 0xfeff) {
      g_string_append_unichar (out, c);
    }
  }
  if (out->len > 0 && out->str[out->len - 1] == ' ')
    g_string_truncate (out, out->len - 1);
  return g_string_free (out, FALSE);
}

/* WORD without user info and query, if it looks like a URL or a path with a
 * query; LENGTH is that of the word. */
static void
append_word (GString *out, const char *word, gsize length)
{
  const char *end = word + length;
  const char *scheme = g_strstr_len (word, length, "://");
  const char *host = scheme ? scheme + 3 : word;
  const char *query = memchr (host, '?', end - host);
  const char *fragment = scheme ? memchr (host, '#', end - host) : NULL;
  const char *slash, *at;

  if (query && (scheme || memchr (query, '=', end - query)))
    end = query;
  if (fragment && fragment < end)
    end = fragment;
  slash = memchr (host, '/', end - host);
  at = scheme ? g_strrstr_len (host, (slash ? slash : end) - host, "@") : NULL;
  if (!at) {
    g_string_append_len (out, word, end - word);
    return;
  }
  g_string_append_len (out, word, host - word);
  g_string_append_len (out, at + 1, end - at - 1);
}

static char *
cut_queries (const char *text)
{
  GString *out = g_string_new (NULL);

  while (*text) {
    gsize blanks = strspn (text, WORD_ENDS);
    gsize length = strcspn (text + blanks, WORD_ENDS);

    g_string_append_len (out, text, blanks);
    append_word (out, text + blanks, length);
    text += blanks + length;
  }
  return g_string_free (out, FALSE);
}

static char *
cut_length (const char *text)
{
  g_autofree char *head = NULL;

  if (g_utf8_strlen (text, -1) <= MAX_CHARACTERS)
    return g_strdup (text);
  head = g_utf8_substring (text, 0, MAX_CHARACTERS - 1);
  return g_strconcat (head, "…", NULL);
}

char *
genvid_text_clean (const char *text, gssize length, const char *secret)
{
  g_autofree char *valid = NULL;
  g_autofree char *hidden = NULL;
  g_autofree char *plain = NULL;
  g_autofree char *safe = NULL;
  g_autofree char *shown = NULL;

  if (!text)
    return NULL;
  /* Hidden on both sides of the clean-up: blanks inside a secret would not be
   * found after it, controls strewn into one not before. */
  valid = g_utf8_make_valid (
      text, (gssize)strnlen (text, length < 0 ? MAX_READ
                                              : MIN ((gsize)length, MAX_READ)));
  hidden = genvid_secret_hide (valid, secret);
  plain = strip_controls (hidden);
  safe = genvid_secret_hide (plain, secret);
  shown = cut_queries (safe);
  if (!*shown)
    return NULL;
  return cut_length (shown);
}

char *
genvid_text_key (const char *text, const char *where, GError **error)
{
  char *key = g_strstrip (g_strdup (text ? text : ""));

  if (!*key) {
    genvid_error_refuse (
        error, "%s is empty; it must hold the key of the service", where);
    genvid_text_free_secret (key);
    return NULL;
  }
  for (const char *p = key; *p; p++) {
    if (*p >= 0x20 && *p <= 0x7e)
      continue;
    genvid_error_refuse (
        error,
        "%s has a character that no key can have (a line break, a control "
        "character or a non-ASCII letter); check what was pasted",
        where);
    genvid_text_free_secret (key);
    return NULL;
  }
  return key;
}

void
genvid_text_free_secret (char *text)
{
  if (!text)
    return;
  explicit_bzero (text, strlen (text));
  g_free (text);
}

char *
genvid_text_list (const char *const *items)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; items && items[i]; i++) {
    if (i > 0)
      g_string_append (out, items[i + 1] ? ", " : " or ");
    g_string_append (out, items[i]);
  }
  return g_string_free (out, FALSE);
}
