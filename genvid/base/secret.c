/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finding a key in whatever spelling it comes back. One comparison takes a
 * character in all the ways it may be escaped; what a spelling makes of the
 * whole key (hex, base64) is one more needle for the same comparison. */
#include "secret.h"

#include <string.h>

#define CHARACTERS  8 /* of a key that are no accident */
#define MAX_NEEDLES 5 /* plain, hex, base64 at three alignments */

typedef struct {
  char *text;
  gsize length;
  gsize least; /* how much of it, from its start or to its end, counts */
} Needle;

typedef struct {
  Needle needles[MAX_NEEDLES];
  guint n;
} Needles;

static void
clear_needles (Needles *needles)
{
  for (guint i = 0; i < needles->n; i++) {
    explicit_bzero (needles->needles[i].text, needles->needles[i].length);
    g_free (needles->needles[i].text);
  }
}

/* Takes TEXT. */
static void
add_needle (Needles *needles, char *text, gsize least)
{
  gsize length = strlen (text);

  needles->needles[needles->n++]
      = (Needle){ text, length, MIN (length, least) };
}

static char *
make_hex (const char *secret)
{
  GString *text = g_string_new (NULL);

  for (; *secret; secret++)
    g_string_append_printf (text, "%02x", (guchar)*secret);
  return g_string_free (text, FALSE);
}

/* The characters that depend on nothing but the secret, SHIFT bytes after a
 * multiple of three. */
static char *
make_base64 (const char *secret, gsize shift)
{
  static const gsize mixed[] = { 0, 2, 3 };
  gsize length = strlen (secret);
  g_autofree guchar *bytes = g_malloc0 (shift + length);
  char *text;

  memcpy (bytes + shift, secret, length);
  text = g_base64_encode (bytes, shift + length);
  explicit_bzero (bytes, shift + length);
  memmove (text, text + mixed[shift], strlen (text + mixed[shift]) + 1);
  if ((shift + length) % 3 != 0)
    text[strcspn (text, "=") - 1] = '\0';
  return text;
}

static void
make_needles (Needles *needles, const char *secret)
{
  gsize length = strlen (secret);

  add_needle (needles, g_strdup (secret), CHARACTERS);
  if (length < CHARACTERS / 2)
    return;
  add_needle (needles, make_hex (secret), (gsize)2 * CHARACTERS);
  for (gsize shift = 0; length >= CHARACTERS && shift < 3; shift++)
    add_needle (needles, make_base64 (secret, shift), CHARACTERS * 4 / 3 - 1);
}

static char
fold (char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

/* The alphabet of URLs is the other one of base64. */
static gboolean
is_same (char c, char wanted)
{
  return fold (c) == fold (wanted) || (wanted == '+' && c == '-')
         || (wanted == '/' && c == '_') || (wanted == ' ' && c == '+');
}

static gboolean
is_hex (const char *p, guint digits, char wanted)
{
  guint value = 0;

  for (guint i = 0; i < digits; i++) {
    int digit = g_ascii_xdigit_value (p[i]);

    if (digit < 0)
      return FALSE;
    value = value << 4 | (guint)digit;
  }
  return value <= 0x7f && is_same ((char)value, wanted);
}

/* Each of these: how many bytes at P are WANTED in one spelling; 0: none. */

static gsize
take_percent (const char *p, char wanted)
{
  const char *q = p + 1;

  for (; *p == '%'; q += 2) {
    if (is_hex (q, 2, wanted))
      return (gsize)(q + 2 - p);
    if (!g_str_has_prefix (q, "25"))
      break;
  }
  return 0;
}

static gsize
take_backslash (const char *p, char wanted)
{
  const char *q = p + strspn (p, "\\");

  if (q == p)
    return 0;
  if (*q == 'u' && is_hex (q + 1, 4, wanted))
    return (gsize)(q + 5 - p);
  if (*q == 'x' && is_hex (q + 1, 2, wanted))
    return (gsize)(q + 3 - p);
  return is_same (*q, wanted) ? (gsize)(q + 1 - p) : 0;
}

static gsize
take_number (const char *p, char wanted)
{
  gboolean hex = *p == 'x' || *p == 'X';
  char *end;
  guint64 value;

  p += hex;
  if (!g_ascii_isxdigit (*p))
    return 0;
  value = g_ascii_strtoull (p, &end, hex ? 16 : 10);
  if (*end != ';' || value > 0x7f || !is_same ((char)value, wanted))
    return 0;
  return (gsize)(end + 1 - p) + (gsize)hex;
}

static gsize
take_entity (const char *p, char wanted)
{
  static const struct {
    const char *name;
    char c;
  } entities[] = { { "lt;", '<' },
                   { "gt;", '>' },
                   { "quot;", '"' },
                   { "apos;", '\'' },
                   { "sol;", '/' } };
  const char *q = p + 1;
  gsize number;

  if (*p != '&')
    return 0;
  /* As often as it was encoded. */
  while (g_str_has_prefix (q, "amp;"))
    q += strlen ("amp;");
  number = *q == '#' ? take_number (q + 1, wanted) : 0;
  if (number > 0)
    return (gsize)(q + 1 - p) + number;
  if (wanted == '&' && q > p + 1)
    return (gsize)(q - p);
  for (guint i = 0; i < G_N_ELEMENTS (entities); i++)
    if (wanted == entities[i].c && g_str_has_prefix (q, entities[i].name))
      return (gsize)(q - p) + strlen (entities[i].name);
  return 0;
}

static gsize
take (const char *p, char wanted)
{
  gsize length = 0;

  if (*p == '%')
    length = take_percent (p, wanted);
  else if (*p == '\\')
    length = take_backslash (p, wanted);
  else if (*p == '&')
    length = take_entity (p, wanted);
  if (length == 0 && is_same (*p, wanted))
    length = 1;
  return length;
}

/* From FROM on; COUNT (out): how many characters of the needle they are. */
static gsize
take_run (const char *p, const Needle *needle, gsize from, gsize *count)
{
  const char *start = p;
  gsize i = from, length;

  while (i < needle->length && (length = take (p, needle->text[i])) > 0) {
    p += length;
    i++;
  }
  *count = i - from;
  return (gsize)(p - start);
}

/* Bytes at P that are the needle, its first or its last part. */
static gsize
find_part (const char *p, const Needle *needle)
{
  gboolean escape = *p == '%' || *p == '\\' || *p == '&';
  gsize longest = 0;

  for (gsize from = 0; from + needle->least <= needle->length; from++) {
    gsize count, length;

    if (!escape && !is_same (*p, needle->text[from]))
      continue;
    length = take_run (p, needle, from, &count);
    if (count >= needle->least && (from == 0 || from + count == needle->length))
      longest = MAX (longest, length);
  }
  return longest;
}

char *
genvid_secret_hide (const char *text, const char *secret)
{
  Needles needles = { .n = 0 };
  GString *out;

  if (!text || !secret || !*secret)
    return g_strdup (text);
  make_needles (&needles, secret);
  out = g_string_sized_new (strlen (text));
  while (*text) {
    gsize hidden = 0;

    for (guint i = 0; i < needles.n; i++)
      hidden = MAX (hidden, find_part (text, &needles.needles[i]));
    if (hidden > 0)
      g_string_append (out, "***");
    else
      g_string_append_c (out, *text);
    text += MAX (hidden, 1);
  }
  clear_needles (&needles);
  return g_string_free (out, FALSE);
}

gboolean
genvid_secret_is_in (const char *text, const char *secret)
{
  Needles needles = { .n = 0 };
  gboolean found = FALSE;

  if (!text || !secret || !*secret)
    return FALSE;
  if (strlen (secret) < CHARACTERS)
    return g_str_equal (text, secret);
  make_needles (&needles, secret);
  for (; *text && !found; text++)
    for (guint i = 0; i < needles.n; i++) {
      gsize count;

      take_run (text, &needles.needles[i], 0, &count);
      found = found || count == needles.needles[i].length;
    }
  clear_needles (&needles);
  return found;
}
