/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading members of a tree without surprise, and writing one out. The writer
 * is our own: json-glib prints 0.1 with seventeen digits, and a fingerprint
 * needs members in order. Parsing is the document's part. */
#include "json.h"

#include "text.h"

#include <json-glib/json-glib.h>

#include <math.h>
#include <string.h>

#define MAX_KEPT 16384 /* bytes */

static JsonNode *
find_typed (JsonObject *object, const char *name, GType type)
{
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;

  if (!node || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != type)
    return NULL;
  return node;
}

const char *
genvid_json_string (JsonObject *object, const char *name, const char *fallback)
{
  JsonNode *node = find_typed (object, name, G_TYPE_STRING);

  return node ? json_node_get_string (node) : fallback;
}

gint64
genvid_json_int (JsonObject *object, const char *name, gint64 fallback)
{
  JsonNode *node = find_typed (object, name, G_TYPE_INT64);

  return node ? json_node_get_int (node) : fallback;
}

double
genvid_json_double (JsonObject *object, const char *name, double fallback)
{
  JsonNode *node = find_typed (object, name, G_TYPE_DOUBLE);

  if (!node)
    node = find_typed (object, name, G_TYPE_INT64);
  return node ? json_node_get_double (node) : fallback;
}

gboolean
genvid_json_bool (JsonObject *object, const char *name, gboolean fallback)
{
  JsonNode *node = find_typed (object, name, G_TYPE_BOOLEAN);

  return node ? json_node_get_boolean (node) : fallback;
}

JsonObject *
genvid_json_object (JsonObject *object, const char *name)
{
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;

  return node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node)
                                               : NULL;
}

JsonArray *
genvid_json_array (JsonObject *object, const char *name)
{
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;

  return node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node)
                                              : NULL;
}

void
genvid_json_set (JsonObject *object, const char *name, const char *value)
{
  if (value)
    json_object_set_string_member (object, name, value);
}

void
genvid_json_keep (JsonObject *object, const char *name, const char *value)
{
  g_autofree char *valid = value ? g_utf8_make_valid (value, -1) : NULL;

  if (valid && strlen (valid) > MAX_KEPT)
    *g_utf8_find_prev_char (valid, valid + MAX_KEPT + 1) = '\0';
  genvid_json_set (object, name, valid);
}

/* The fewest digits that read back as the same number. */
static char *
format_double (double number)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];
  const char *const formats[] = { "%.15g", "%.16g", "%.17g" };

  if (!isfinite (number))
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    g_ascii_formatd (buffer, sizeof buffer, formats[i], number);
    if (g_ascii_strtod (buffer, NULL) == number)
      break;
  }
  return g_strdup (buffer);
}

char *
genvid_json_scalar_text (JsonNode *node)
{
  if (!node || !JSON_NODE_HOLDS_VALUE (node))
    return NULL;
  switch (json_node_get_value_type (node)) {
  case G_TYPE_STRING:
    return g_strdup (json_node_get_string (node));
  case G_TYPE_INT64:
    return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  case G_TYPE_DOUBLE:
    return format_double (json_node_get_double (node));
  case G_TYPE_BOOLEAN:
    return g_strdup (json_node_get_boolean (node) ? "true" : "false");
  default:
    return NULL;
  }
}

gboolean
genvid_json_scalar_number (JsonNode *node, double *number)
{
  const char *text;
  char *end = NULL;
  double value;

  if (!node || !JSON_NODE_HOLDS_VALUE (node))
    return FALSE;
  if (json_node_get_value_type (node) == G_TYPE_INT64
      || json_node_get_value_type (node) == G_TYPE_DOUBLE) {
    *number = json_node_get_double (node);
    return isfinite (*number);
  }
  if (json_node_get_value_type (node) != G_TYPE_STRING)
    return FALSE;
  text = json_node_get_string (node);
  /* strtod also takes "inf", "nan", hexadecimal and leading blanks. */
  if (!*text || text[strspn (text, "0123456789+-.eE")])
    return FALSE;
  value = g_ascii_strtod (text, &end);
  if (end == text || *end || !isfinite (value))
    return FALSE;
  *number = value;
  return TRUE;
}

char *
genvid_json_list_members (JsonObject *object)
{
  g_autoptr (GList) members = object ? json_object_get_members (object) : NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (GList *l = members; l; l = l->next)
    g_ptr_array_add (names, l->data);
  g_ptr_array_add (names, NULL);
  return genvid_text_list ((const char *const *)names->pdata);
}

static void
write_string (GString *out, const char *text)
{
  g_autofree char *valid = NULL;

  if (!g_utf8_validate (text, -1, NULL))
    text = valid = g_utf8_make_valid (text, -1);
  g_string_append_c (out, '"');
  for (const char *p = text; *p; p++) {
    if (*p == '"' || *p == '\\')
      g_string_append_printf (out, "\\%c", *p);
    else if (*p == '\n')
      g_string_append (out, "\\n");
    else if (*p == '\t')
      g_string_append (out, "\\t");
    else if (*p == '\r')
      g_string_append (out, "\\r");
    else if ((guchar)*p < 0x20)
      g_string_append_printf (out, "\\u%04x", (guint)*p);
    else
      g_string_append_c (out, *p);
  }
  g_string_append_c (out, '"');
}

static void
write_scalar (GString *out, JsonNode *node)
{
  g_autofree char *text = genvid_json_scalar_text (node);

  if (!text) {
    g_string_append (out, "null");
  } else if (json_node_get_value_type (node) == G_TYPE_STRING) {
    write_string (out, text);
  } else {
    g_string_append (out, text);
    /* 4.0 stays a double for whoever reads it. */
    if (json_node_get_value_type (node) == G_TYPE_DOUBLE
        && !text[strcspn (text, ".e")])
      g_string_append (out, ".0");
  }
}

static void
write_object (GString *out, JsonObject *object, gboolean sorted)
{
  g_autoptr (GList) names = json_object_get_members (object);

  if (sorted)
    names = g_list_sort (names, (GCompareFunc)strcmp);
  g_string_append_c (out, '{');
  for (GList *l = names; l; l = l->next) {
    if (l != names)
      g_string_append_c (out, ',');
    write_string (out, l->data);
    g_string_append_c (out, ':');
    genvid_json_write (out, json_object_get_member (object, l->data), sorted);
  }
  g_string_append_c (out, '}');
}

static void
write_array (GString *out, JsonArray *array, gboolean sorted)
{
  g_string_append_c (out, '[');
  for (guint i = 0; i < json_array_get_length (array); i++) {
    if (i > 0)
      g_string_append_c (out, ',');
    genvid_json_write (out, json_array_get_element (array, i), sorted);
  }
  g_string_append_c (out, ']');
}

void
genvid_json_write (GString *out, JsonNode *node, gboolean sorted)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    write_object (out, json_node_get_object (node), sorted);
  else if (JSON_NODE_HOLDS_ARRAY (node))
    write_array (out, json_node_get_array (node), sorted);
  else if (JSON_NODE_HOLDS_VALUE (node))
    write_scalar (out, node);
  else
    g_string_append (out, "null");
}

char *
genvid_json_to_text (JsonNode *node)
{
  GString *out = g_string_new (NULL);

  genvid_json_write (out, node, FALSE);
  return g_string_free (out, FALSE);
}

JsonObject *
genvid_json_copy_object (JsonObject *object)
{
  JsonObject *copy = json_object_new ();
  g_autoptr (GList) names = object ? json_object_get_members (object) : NULL;

  for (GList *l = names; l; l = l->next)
    json_object_set_member (
        copy, l->data,
        json_node_copy (json_object_get_member (object, l->data)));
  return copy;
}

JsonObject *
genvid_json_copy_whole_object (JsonObject *object)
{
  JsonObject *copy = json_object_new ();
  g_autoptr (GList) names = json_object_get_members (object);

  for (GList *l = names; l; l = l->next)
    json_object_set_member (
        copy, l->data,
        genvid_json_copy_whole (json_object_get_member (object, l->data)));
  return copy;
}

static JsonArray *
copy_whole_array (JsonArray *array)
{
  guint n = json_array_get_length (array);
  JsonArray *copy = json_array_sized_new (n);

  for (guint i = 0; i < n; i++)
    json_array_add_element (
        copy, genvid_json_copy_whole (json_array_get_element (array, i)));
  return copy;
}

JsonNode *
genvid_json_copy_whole (JsonNode *node)
{
  g_auto (GValue) value = G_VALUE_INIT;
  JsonNode *copy = json_node_new (json_node_get_node_type (node));

  if (JSON_NODE_HOLDS_OBJECT (node)) {
    json_node_take_object (
        copy, genvid_json_copy_whole_object (json_node_get_object (node)));
  } else if (JSON_NODE_HOLDS_ARRAY (node)) {
    json_node_take_array (copy, copy_whole_array (json_node_get_array (node)));
  } else if (JSON_NODE_HOLDS_VALUE (node)) {
    json_node_get_value (node, &value);
    json_node_set_value (copy, &value);
  }
  return copy;
}
