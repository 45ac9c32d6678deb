/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One ${name|filter} of a template: taken apart, its value, and what its
 * filters do to it. A filter that cannot say something true refuses; none drops
 * a value in silence but those that ask what an input is. */
#include "template.h"

#include "failure.h"
#include "json.h"
#include "request-fields.h"

#include <json-glib/json-glib.h>

#include <math.h>
#include <string.h>

#define NAME_CHARACTERS                                                        \
  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

void
genvid_placeholder_clear (GenvidPlaceholder *placeholder)
{
  g_clear_pointer (&placeholder->name, g_free);
  g_clear_pointer (&placeholder->names, g_strfreev);
  g_clear_pointer (&placeholder->filters, g_strfreev);
}

static gboolean
are_names (const char *const *names)
{
  for (; *names; names++)
    if (!**names || (*names)[strspn (*names, NAME_CHARACTERS)])
      return FALSE;
  return TRUE;
}

gboolean
genvid_placeholder_read (const char **text, GenvidPlaceholder *placeholder,
                         GError **error)
{
  const char *end = strchr (*text, '}');
  g_autofree char *inside = NULL;
  g_auto (GStrv) words = NULL;
  g_auto (GStrv) names = NULL;

  if (!end)
    return genvid_error_refuse (error, "\"%s\" has no closing brace", *text);
  inside = g_strndup (*text + 2, end - *text - 2);
  words = g_strsplit (inside, "|", -1);
  names = g_strsplit (words[0] ? words[0] : "", "+", -1);
  if (!names[0] || !are_names ((const char *const *)names))
    return genvid_error_refuse (error, "\"${%s}\" names no variable", inside);
  placeholder->name = g_strdup (words[0]);
  placeholder->names = g_steal_pointer (&names);
  placeholder->filters = g_strdupv (words + 1);
  *text = end + 1;
  return TRUE;
}

static JsonNode *
new_text_node (const char *text)
{
  return json_node_init_string (json_node_alloc (), text);
}

/* Filters. Each takes the node over and gives another; NULL with an error. */

static JsonNode *
apply_int (JsonNode *taken, GError **error)
{
  g_autoptr (JsonNode) node = taken;
  g_autofree char *text = genvid_json_scalar_text (node);
  gint64 integer = 0;
  double number;

  if (JSON_NODE_HOLDS_VALUE (node)
      && json_node_get_value_type (node) == G_TYPE_DOUBLE) {
    number = json_node_get_double (node);
    if (number == floor (number) && fabs (number) < 9007199254740992.0)
      return json_node_init_int (json_node_alloc (), (gint64)number);
  } else if (text
             && g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64,
                                          &integer, NULL)) {
    return json_node_init_int (json_node_alloc (), integer);
  }
  genvid_error_refuse (error, "\"%s\" is not a whole number",
                       text ? text : "a structure");
  return NULL;
}

static JsonNode *
apply_format (JsonNode *node, const char *format, GError **error)
{
  g_autoptr (JsonNode) taken = NULL;
  g_autofree char *text = NULL;
  g_autofree char *result = NULL;
  const char *mark = strchr (format, '%');

  taken = mark[1] == 'd' ? apply_int (node, error) : node;
  if (!taken)
    return NULL;
  text = genvid_json_scalar_text (taken);
  if (!text) {
    genvid_error_refuse (error, "%s needs a plain value", format);
    return NULL;
  }
  result = g_strdup_printf ("%.*s%s%s", (int)(mark - format), format, text,
                            mark + 2);
  return new_text_node (result);
}

static gboolean
refuse_entry (JsonObject *table, const char *text, GError **error)
{
  g_autofree char *list = genvid_json_list_members (table);

  return genvid_error_refuse (error, "only %s can be set, not %s", list,
                              text ? text : "a structure");
}

static JsonNode *
apply_table (JsonNode *taken, JsonObject *table, gboolean must, GError **error)
{
  g_autoptr (JsonNode) node = taken;
  g_autofree char *text = genvid_json_scalar_text (node);
  JsonNode *found = text && table ? json_object_get_member (table, text) : NULL;
  g_autoptr (GList) names
      = table && text && !found ? json_object_get_members (table) : NULL;

  for (GList *l = names; l && !found; l = l->next)
    if (g_ascii_strcasecmp (l->data, text) == 0)
      found = json_object_get_member (table, l->data);
  if (found)
    return json_node_copy (found);
  if (!must)
    return g_steal_pointer (&node);
  refuse_entry (table, text, error);
  return NULL;
}

/* Two numbers, or unset where one of them is. Whole ones stay whole. */
static JsonNode *
calculate (JsonNode *taken, const char *operand, gboolean times,
           const GenvidScope *scope, GError **error)
{
  g_autoptr (JsonNode) node = taken;
  g_autoptr (JsonNode) literal
      = json_node_init_string (json_node_alloc (), operand);
  JsonNode *other = g_ascii_isalpha (*operand)
                        ? json_object_get_member (scope->values, operand)
                        : literal;
  double a, b, result;

  if (!other)
    return NULL;
  if (!genvid_json_scalar_number (node, &a)
      || !genvid_json_scalar_number (other, &b)) {
    genvid_error_refuse (error, "numbers are expected");
    return NULL;
  }
  result = times ? a * b : a + b;
  if (result == floor (result) && fabs (result) < 9007199254740992.0)
    return json_node_init_int (json_node_alloc (), (gint64)result);
  return json_node_init_double (json_node_alloc (), result);
}

/* 8-4-4-4-12, marked as version 8, whose digits are the program's own (RFC
 * 9562). */
static char *
make_uuid (const char *text)
{
  if (strspn (text, "0123456789abcdefABCDEF") < 32)
    return NULL;
  return g_strdup_printf ("%.8s-%.4s-8%.3s-a%.3s-%.12s", text, text + 8,
                          text + 13, text + 17, text + 20);
}

static JsonNode *
apply_text (JsonNode *taken, const char *filter, GError **error)
{
  g_autoptr (JsonNode) node = taken;
  g_autofree char *text = genvid_json_scalar_text (node);
  g_autofree char *changed = NULL;

  if (!text) {
    genvid_error_refuse (error, "%s needs a plain value", filter);
    return NULL;
  }
  if (g_str_equal (filter, "upper"))
    changed = g_ascii_strup (text, -1);
  else if (g_str_equal (filter, "lower"))
    changed = g_ascii_strdown (text, -1);
  else if (g_str_equal (filter, "uuid"))
    changed = make_uuid (text);
  if (!changed && g_str_equal (filter, "uuid")) {
    genvid_error_refuse (error, "it has less than 32 hexadecimal digits");
    return NULL;
  }
  return new_text_node (changed ? changed : text);
}

/* Of an input: what it is, or itself if it is of that form. */
static JsonNode *
ask_input (JsonNode *taken, const char *filter, const char *name,
           const GenvidScope *scope)
{
  g_autoptr (JsonNode) node = taken;
  JsonObject *input = genvid_json_object (scope->inputs, name);
  const char *type = genvid_json_string (input, "type", NULL);

  if (g_str_equal (filter, "type"))
    return type ? new_text_node (type) : NULL;
  if (g_str_equal (genvid_json_string (input, "is", ""),
                   filter + strlen ("only:")))
    return g_steal_pointer (&node);
  return NULL;
}

/* Of "owner/app/one/two" the first segments, as many as COUNT says. */
static JsonNode *
apply_head (JsonNode *taken, const char *count, GError **error)
{
  g_autoptr (JsonNode) node = taken;
  g_autofree char *text = genvid_json_scalar_text (node);
  char *end = NULL;

  if (!text) {
    genvid_error_refuse (error, "head needs a plain value");
    return NULL;
  }
  for (int left = g_ascii_digit_value (*count); left > 0; left--) {
    end = strchr (end ? end + 1 : text, '/');
    if (!end)
      break;
  }
  if (end)
    *end = '\0';
  return new_text_node (text);
}

static JsonNode *
apply_with_argument (JsonNode *node, const char *filter,
                     const GenvidScope *scope, GError **error)
{
  const char *argument = strchr (filter, ':') + 1;

  if (g_str_has_prefix (filter, "fmt:"))
    return apply_format (node, argument, error);
  if (g_str_has_prefix (filter, "head:"))
    return apply_head (node, argument, error);
  if (g_str_has_prefix (filter, "map:") || g_str_has_prefix (filter, "in:"))
    return apply_table (node, genvid_json_object (scope->tables, argument),
                        *filter == 'i', error);
  return calculate (node, argument, *filter == 't', scope, error);
}

static JsonNode *
apply_filter (JsonNode *node, const char *filter, const char *name,
              const GenvidScope *scope, GError **error)
{
  if (g_str_has_prefix (filter, "default:"))
    return node ? node : new_text_node (filter + strlen ("default:"));
  if (!node || g_str_equal (filter, "raw") || g_str_equal (filter, "path"))
    return node;
  if (g_str_equal (filter, "int"))
    return apply_int (node, error);
  if (g_str_equal (filter, "type") || g_str_has_prefix (filter, "only:"))
    return ask_input (node, filter, name, scope);
  if (strchr (filter, ':'))
    return apply_with_argument (node, filter, scope, error);
  return apply_text (node, filter, error);
}

JsonNode *
genvid_scope_find (const GenvidScope *scope, const char *name)
{
  JsonNode *node = json_object_get_member (scope->values, name);

  return node && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

/* "16:9+720p"; unset where one of them is. */
static JsonNode *
join_values (const GenvidPlaceholder *placeholder, const GenvidScope *scope)
{
  g_autoptr (GString) joined = g_string_new (NULL);

  for (guint i = 0; placeholder->names[i]; i++) {
    JsonNode *node = genvid_scope_find (scope, placeholder->names[i]);
    g_autofree char *text = node ? genvid_json_scalar_text (node) : NULL;

    if (!text)
      return NULL;
    g_string_append_printf (joined, "%s%s", i > 0 ? "+" : "", text);
  }
  return new_text_node (joined->str);
}

static JsonNode *
take_value (const GenvidPlaceholder *placeholder, const GenvidScope *scope)
{
  JsonNode *found;

  if (placeholder->names[1])
    return join_values (placeholder, scope);
  found = genvid_scope_find (scope, placeholder->name);
  return found ? json_node_copy (found) : NULL;
}

JsonNode *
genvid_placeholder_evaluate (const GenvidPlaceholder *placeholder,
                             const GenvidScope *scope, GError **error)
{
  JsonNode *node = take_value (placeholder, scope);

  for (guint i = 0; placeholder->filters[i]; i++) {
    GError *problem = NULL;

    node = apply_filter (node, placeholder->filters[i], placeholder->name,
                         scope, &problem);
    if (!problem)
      continue;
    g_propagate_prefixed_error (error, problem, "%s: ", placeholder->name);
    return NULL;
  }
  return node;
}

/* A dot segment would be taken away on the way, and an empty one changes
 * what is asked for. */
static gboolean
append_segment (GString *out, const char *text, const char *name,
                GError **error)
{
  if (!*text || g_str_equal (text, ".") || g_str_equal (text, ".."))
    return genvid_error_refuse (error, "%s cannot be part of a URL as it is",
                                name);
  g_string_append_uri_escaped (out, text, NULL, FALSE);
  return TRUE;
}

static gboolean
append_segments (GString *out, const char *text, const char *name,
                 GError **error)
{
  g_auto (GStrv) segments = g_strsplit (text, "/", -1);

  if (!segments[0])
    return append_segment (out, text, name, error);
  for (guint i = 0; segments[i]; i++) {
    if (i > 0)
      g_string_append_c (out, '/');
    if (!append_segment (out, segments[i], name, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
append_component (GString *out, const char *text,
                  const GenvidPlaceholder *placeholder, GError **error)
{
  const char *const *filters = (const char *const *)placeholder->filters;

  if (g_strv_contains (filters, "path"))
    return append_segments (out, text, placeholder->name, error);
  if (!g_strv_contains (filters, "raw") || !*text || g_str_equal (text, ".")
      || g_str_equal (text, ".."))
    return append_segment (out, text, placeholder->name, error);
  g_string_append (out, text);
  return TRUE;
}

gboolean
genvid_placeholder_append (GString *out, const GenvidPlaceholder *placeholder,
                           const GenvidScope *scope, gboolean in_url,
                           GError **error)
{
  g_autoptr (JsonNode) node
      = genvid_placeholder_evaluate (placeholder, scope, error);
  g_autofree char *value = node ? genvid_json_scalar_text (node) : NULL;

  if (!node)
    return FALSE;
  if (!value)
    return genvid_error_refuse (error, "%s is not a plain value",
                                placeholder->name);
  if (in_url)
    return append_component (out, value, placeholder, error);
  g_string_append (out, value);
  return TRUE;
}

/* When a description is loaded. */

static gboolean
is_format (const char *text)
{
  const char *mark = strchr (text, '%');

  return mark && (mark[1] == 'd' || mark[1] == 's') && !strchr (mark + 1, '%');
}

static gboolean
check_operand (const char *text, GHashTable *names, const char *where,
               GError **error)
{
  char *end = NULL;

  if (g_ascii_isalpha (*text))
    return !names || g_hash_table_contains (names, text)
           || genvid_error_refuse_at (error, where, "unknown variable \"%s\"",
                                      text);
  g_ascii_strtod (text, &end);
  return (*text && !*end)
         || genvid_error_refuse_at (
             error, where, "\"%s\" is neither a number nor a variable", text);
}

static gboolean
check_argument (const char *filter, GHashTable *names, JsonObject *tables,
                const char *where, GError **error)
{
  const char *argument = strchr (filter, ':') + 1;

  if (g_str_has_prefix (filter, "default:"))
    return TRUE;
  if (g_str_has_prefix (filter, "fmt:"))
    return is_format (argument)
           || genvid_error_refuse_at (
               error, where, "a single %%d or %%s is expected in \"%s\"",
               filter);
  if (g_str_has_prefix (filter, "head:"))
    return (argument[0] >= '1' && argument[0] <= '9' && !argument[1])
           || genvid_error_refuse_at (
               error, where, "a digit from 1 is expected in \"%s\"", filter);
  if (g_str_has_prefix (filter, "map:") || g_str_has_prefix (filter, "in:"))
    return genvid_json_object (tables, argument)
           || genvid_error_refuse_at (error, where, "unknown table \"%s\"",
                                      argument);
  if (g_str_has_prefix (filter, "times:") || g_str_has_prefix (filter, "plus:"))
    return check_operand (argument, names, where, error);
  return genvid_error_refuse_at (error, where, "unknown filter \"%s\"", filter);
}

static gboolean
check_filter (const char *filter, const char *name, GHashTable *names,
              JsonObject *tables, const char *where, GError **error)
{
  static const char *const plain[]
      = { "int", "str", "lower", "upper", "raw", "path", "uuid", NULL };
  static const char *const of_input[]
      = { "type", "only:file", "only:link", "only:id", NULL };
  /* They would change what stands for the bytes of a file. */
  static const char *const of_others[] = { "lower", "upper", "uuid", NULL };
  gboolean is_input
      = g_str_equal (name, "item") || genvid_request_field_is_input (name);

  if (is_input && g_strv_contains (of_input, filter))
    return TRUE;
  if (g_strv_contains (of_input, filter))
    return genvid_error_refuse_at (
        error, where, "\"%s\" can only be asked of an input", filter);
  if (is_input
      && (g_strv_contains (of_others, filter)
          || g_str_has_prefix (filter, "map:")
          || g_str_has_prefix (filter, "head:")))
    return genvid_error_refuse_at (
        error, where, "an input cannot have the filter \"%s\"", filter);
  if (g_strv_contains (plain, filter))
    return TRUE;
  if (strchr (filter, ':'))
    return check_argument (filter, names, tables, where, error);
  return genvid_error_refuse_at (error, where, "unknown filter \"%s\"", filter);
}

gboolean
genvid_placeholder_check (const GenvidPlaceholder *placeholder,
                          GHashTable *names, JsonObject *tables,
                          const char *where, GError **error)
{
  for (guint i = 0; placeholder->filters[i]; i++)
    if (!check_filter (placeholder->filters[i], placeholder->name, names,
                       tables, where, error))
      return FALSE;
  return TRUE;
}
