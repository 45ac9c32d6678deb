/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A strict RFC 8259 reader with bounds, which builds the tree itself: no
 * parser with opinions of its own ever sees a stranger's bytes. It repairs
 * nothing but what would lose an id: half an emoji, a NUL, a long integer.
 * Paths into the tree are in json-path.c. */
#include "json-reader.h"

#include "failure.h"
#include "json.h"

#include <json-glib/json-glib.h>

#include <errno.h>
#include <math.h>
#include <string.h>

/* A table of strings whose hashes collide costs the square of its size. */
#define MAX_MEMBERS 8192

#define REPLACEMENT 0xfffd

typedef struct {
  const char *start;
  const char *p;
  const char *end;
  guint depth;
  gboolean is_written; /* by a person: a name must not come twice */
  GString *text;       /* the last string that was read */
  const char *problem; /* the first one found */
} Reader;

static JsonNode *read_value (Reader *reader);

static gpointer
complain (Reader *reader, const char *problem)
{
  if (!reader->problem)
    reader->problem = problem;
  return NULL;
}

static char
peek (const Reader *reader)
{
  return reader->p < reader->end ? *reader->p : '\0';
}

static void
skip_blanks (Reader *reader)
{
  while (reader->p < reader->end
         && (*reader->p == ' ' || *reader->p == '\n' || *reader->p == '\r'
             || *reader->p == '\t'))
    reader->p++;
}

static gboolean
take (Reader *reader, char expected)
{
  if (reader->p >= reader->end || *reader->p != expected)
    return FALSE;
  reader->p++;
  return TRUE;
}

static gboolean
take_hex (Reader *reader, gunichar *unit)
{
  *unit = 0;
  for (guint i = 0; i < 4; i++, reader->p++) {
    int digit = g_ascii_xdigit_value (peek (reader));

    if (digit < 0)
      return FALSE;
    *unit = *unit << 4 | (gunichar)digit;
  }
  return TRUE;
}

/* After "\u". Two halves make one character; half a one, or a NUL, which no
 * C string can hold, makes U+FFFD. */
static gboolean
read_unicode (Reader *reader)
{
  gunichar unit, second;
  const char *mark;

  if (!take_hex (reader, &unit))
    return FALSE;
  mark = reader->p;
  if (unit >= 0xd800 && unit <= 0xdbff && take (reader, '\\')
      && take (reader, 'u') && take_hex (reader, &second) && second >= 0xdc00
      && second <= 0xdfff) {
    unit = 0x10000 + ((unit - 0xd800) << 10) + (second - 0xdc00);
  } else {
    reader->p = mark;
    if (unit == 0 || (unit >= 0xd800 && unit <= 0xdfff))
      unit = REPLACEMENT;
  }
  g_string_append_unichar (reader->text, unit);
  return TRUE;
}

static gboolean
read_escape (Reader *reader)
{
  static const char names[] = "\"\\/bfnrt";
  static const char values[] = "\"\\/\b\f\n\r\t";
  char c = peek (reader);
  const char *found = c ? strchr (names, c) : NULL;

  if (take (reader, 'u'))
    return read_unicode (reader);
  if (!found)
    return FALSE;
  reader->p++;
  g_string_append_c (reader->text, values[found - names]);
  return TRUE;
}

/* Into the reader's text, which the next string overwrites. */
static const char *
read_string (Reader *reader)
{
  g_string_truncate (reader->text, 0);
  if (!take (reader, '"'))
    return complain (reader, "a name in quotes is expected");
  while (reader->p < reader->end && *reader->p != '"') {
    const char *run = reader->p;

    while (reader->p < reader->end && (guchar)*reader->p >= 0x20
           && *reader->p != '"' && *reader->p != '\\')
      reader->p++;
    g_string_append_len (reader->text, run, reader->p - run);
    if (reader->p < reader->end && (guchar)*reader->p < 0x20)
      return complain (reader, "a control character in a string");
    if (take (reader, '\\') && !read_escape (reader))
      return complain (reader, "an unknown escape in a string");
  }
  if (!take (reader, '"'))
    return complain (reader, "an unterminated string");
  return reader->text->str;
}

static gboolean
skip_digits (Reader *reader)
{
  const char *first = reader->p;

  while (g_ascii_isdigit (peek (reader)))
    reader->p++;
  return reader->p > first;
}

/* Past a number as RFC 8259 writes it. */
static gboolean
skip_number (Reader *reader, gboolean *whole)
{
  *whole = TRUE;
  take (reader, '-');
  if (!take (reader, '0') && !skip_digits (reader))
    return FALSE;
  if (g_ascii_isdigit (peek (reader)))
    return FALSE; /* a leading zero */
  if (take (reader, '.')) {
    *whole = FALSE;
    if (!skip_digits (reader))
      return FALSE;
  }
  if (take (reader, 'e') || take (reader, 'E')) {
    *whole = FALSE;
    if (!take (reader, '+'))
      take (reader, '-');
    if (!skip_digits (reader))
      return FALSE;
  }
  return TRUE;
}

/* What no C number can hold stays the text that it was. */
static JsonNode *
read_number (Reader *reader)
{
  const char *first = reader->p;
  g_autofree char *text = NULL;
  JsonNode *node = json_node_new (JSON_NODE_VALUE);
  gboolean whole;
  gint64 integer;
  double number;

  if (!skip_number (reader, &whole)) {
    json_node_unref (node);
    return complain (reader, "an invalid number");
  }
  text = g_strndup (first, reader->p - first);
  errno = 0;
  integer = whole ? g_ascii_strtoll (text, NULL, 10) : 0;
  /* Other errors are of what GLib does on its first call, in many threads. */
  if (whole && errno != ERANGE) {
    json_node_set_int (node, integer);
    return node;
  }
  number = whole ? INFINITY : g_ascii_strtod (text, NULL);
  if (isfinite (number))
    json_node_set_double (node, number);
  else
    json_node_set_string (node, text);
  return node;
}

static JsonNode *
read_word (Reader *reader)
{
  gsize left = reader->end - reader->p;
  JsonNode *node = NULL;

  if (left >= 4 && memcmp (reader->p, "null", 4) == 0)
    node = json_node_new (JSON_NODE_NULL);
  else if (left >= 4 && memcmp (reader->p, "true", 4) == 0)
    node = json_node_init_boolean (json_node_alloc (), TRUE);
  else if (left >= 5 && memcmp (reader->p, "false", 5) == 0)
    node = json_node_init_boolean (json_node_alloc (), FALSE);
  if (!node)
    return complain (reader, "a value is expected");
  reader->p += *reader->p == 'f' ? 5 : 4;
  return node;
}

static gboolean
read_member (Reader *reader, JsonObject *object)
{
  g_autofree char *name = NULL;
  JsonNode *value;

  skip_blanks (reader);
  name = g_strdup (read_string (reader));
  if (!name)
    return FALSE;
  if (reader->is_written && json_object_has_member (object, name))
    return complain (reader, "this name is in the object twice") != NULL;
  skip_blanks (reader);
  if (!take (reader, ':'))
    return complain (reader, "a colon is expected") != NULL;
  value = read_value (reader);
  if (!value)
    return FALSE;
  json_object_set_member (object, name, value);
  return TRUE;
}

static JsonNode *
read_object (Reader *reader)
{
  g_autoptr (JsonObject) object = json_object_new ();

  skip_blanks (reader);
  if (!take (reader, '}')) {
    do {
      if (!read_member (reader, object))
        return NULL;
      if (json_object_get_size (object) > MAX_MEMBERS)
        return complain (reader, "an object with too many members");
      skip_blanks (reader);
    } while (take (reader, ','));
    if (!take (reader, '}'))
      return complain (reader, "a comma or } is expected");
  }
  return json_node_init_object (json_node_alloc (), object);
}

static JsonNode *
read_array (Reader *reader)
{
  g_autoptr (JsonArray) array = json_array_new ();

  skip_blanks (reader);
  if (!take (reader, ']')) {
    do {
      JsonNode *value = read_value (reader);

      if (!value)
        return NULL;
      json_array_add_element (array, value);
      skip_blanks (reader);
    } while (take (reader, ','));
    if (!take (reader, ']'))
      return complain (reader, "a comma or ] is expected");
  }
  return json_node_init_array (json_node_alloc (), array);
}

static JsonNode *
read_container (Reader *reader)
{
  gboolean is_object = *reader->p++ == '{';
  JsonNode *node;

  if (++reader->depth > GENVID_JSON_MAX_DEPTH)
    return complain (reader, "it is nested too deeply");
  node = is_object ? read_object (reader) : read_array (reader);
  reader->depth--;
  return node;
}

static JsonNode *
read_value (Reader *reader)
{
  const char *text;
  char c;

  skip_blanks (reader);
  c = peek (reader);
  if (c == '{' || c == '[')
    return read_container (reader);
  if (c == '-' || g_ascii_isdigit (c))
    return read_number (reader);
  if (c != '"')
    return read_word (reader);
  text = read_string (reader);
  return text ? json_node_init_string (json_node_alloc (), text) : NULL;
}

/* Before a byte is looked at: what can be said of the whole. */
static void
check_whole (Reader *reader)
{
  gsize length = reader->end - reader->start;
  const char *bad = NULL;

  if (length > GENVID_JSON_MAX_BYTES) {
    complain (reader, "it is too large");
  } else if (length > 0 && !g_utf8_validate (reader->start, length, &bad)) {
    reader->p = bad;
    complain (reader, *bad ? "it is not UTF-8" : "a NUL byte");
  }
}

/* The whole of it; a byte order mark before is let pass. */
static JsonNode *
read_document (Reader *reader)
{
  JsonNode *root;

  if (reader->end - reader->p >= 3
      && memcmp (reader->p, "\xef\xbb\xbf", 3) == 0)
    reader->p += 3;
  skip_blanks (reader);
  if (reader->p == reader->end)
    return complain (reader, "it is empty");
  root = read_value (reader);
  if (!root)
    return NULL;
  skip_blanks (reader);
  if (reader->p < reader->end)
    complain (reader, "there is text after its end");
  return root;
}

static JsonNode *
parse (Reader *reader)
{
  g_autoptr (GString) string = g_string_new (NULL);
  g_autoptr (JsonNode) root = NULL;

  reader->text = string;
  check_whole (reader);
  if (!reader->problem)
    root = read_document (reader);
  return reader->problem ? NULL : g_steal_pointer (&root);
}

JsonNode *
genvid_json_reader_parse (const char *data, gsize length, GError **error)
{
  /* Of no bytes, GBytes gives NULL. */
  const char *text = length > 0 ? data : "";
  Reader reader = { .start = text, .p = text, .end = text + length };
  JsonNode *root = parse (&reader);

  if (!root)
    g_set_error (error, GENVID_ERROR, GENVID_REASON_BAD_ANSWER,
                 "Not valid JSON: %s (byte %" G_GSIZE_FORMAT ")",
                 reader.problem, (gsize)(reader.p - reader.start));
  return root;
}

JsonNode *
genvid_json_reader_parse_written (const char *data, gsize length,
                                  GError **error)
{
  const char *text = length > 0 ? data : "", *line = text;
  Reader reader
      = { .start = text, .p = text, .end = text + length, .is_written = TRUE };
  JsonNode *root = parse (&reader);
  guint lines = 1;

  if (root)
    return root;
  for (const char *p = text; p < reader.p; p++)
    if (*p == '\n') {
      line = p + 1;
      lines++;
    }
  genvid_error_refuse (error, "Not valid JSON: %s (line %u, byte %u)",
                       reader.problem, lines, (guint)(reader.p - line) + 1);
  return NULL;
}

JsonNode *
genvid_json_reader_parse_answer (const char *data, gsize length, GError **error)
{
  g_autofree char *valid = NULL;

  if (length == 0 || length > GENVID_JSON_MAX_BYTES
      || g_utf8_validate (data, (gssize)length, NULL))
    return genvid_json_reader_parse (data, length, error);
  valid = g_utf8_make_valid (data, (gssize)length);
  return genvid_json_reader_parse (valid, strlen (valid), error);
}

static gboolean
is_readable (const char *text)
{
  g_autoptr (JsonNode) node
      = genvid_json_reader_parse (text, strlen (text), NULL);

  return node != NULL;
}

char *
genvid_json_reader_write (JsonObject *root, const char *const *optional)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  char *text;

  json_node_set_object (node, root);
  text = genvid_json_to_text (node);
  for (; !is_readable (text) && *optional; optional++) {
    json_object_remove_member (root, *optional);
    g_free (text);
    text = genvid_json_to_text (node);
  }
  return text;
}
