/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a placeholder does to its value. A filter that cannot say something true
 * refuses; none drops a value in silence but those that ask what an input is.
 */
#include "template.h"

#include "failure.h"
#include "json.h"
#include "request-fields.h"
#include "text.h"

#include <json-glib/json-glib.h>

#include <math.h>
#include <string.h>

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

/* Nullable: of none. */
static char *
list_members (JsonObject *object)
{
  g_autoptr (GList) members = object ? json_object_get_members (object) : NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (GList *l = members; l; l = l->next)
    g_ptr_array_add (names, l->data);
  g_ptr_array_add (names, NULL);
  return genvid_text_list ((const char *const *)names->pdata);
}

static gboolean
refuse_entry (JsonObject *table, const char *text, GError **error)
{
  g_autofree char *list = list_members (table);

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

static JsonNode *
apply_with_argument (JsonNode *node, const char *filter,
                     const GenvidScope *scope, GError **error)
{
  const char *argument = strchr (filter, ':') + 1;

  if (g_str_has_prefix (filter, "fmt:"))
    return apply_format (node, argument, error);
  if (g_str_has_prefix (filter, "map:") || g_str_has_prefix (filter, "in:"))
    return apply_table (node, genvid_json_object (scope->tables, argument),
                        *filter == 'i', error);
  return calculate (node, argument, *filter == 't', scope, error);
}

JsonNode *
genvid_filter_apply (JsonNode *node, const char *filter, const char *name,
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
  if (g_str_has_prefix (filter, "map:") || g_str_has_prefix (filter, "in:"))
    return genvid_json_object (tables, argument)
           || genvid_error_refuse_at (error, where, "unknown table \"%s\"",
                                      argument);
  if (g_str_has_prefix (filter, "times:") || g_str_has_prefix (filter, "plus:"))
    return check_operand (argument, names, where, error);
  return genvid_error_refuse_at (error, where, "unknown filter \"%s\"", filter);
}

gboolean
genvid_filter_check (const char *filter, const char *name, GHashTable *names,
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
          || g_str_has_prefix (filter, "map:")))
    return genvid_error_refuse_at (
        error, where, "an input cannot have the filter \"%s\"", filter);
  if (g_strv_contains (plain, filter))
    return TRUE;
  if (strchr (filter, ':'))
    return check_argument (filter, names, tables, where, error);
  return genvid_error_refuse_at (error, where, "unknown filter \"%s\"", filter);
}

/* Graphs: a tree of the user's own, whose nodes say by their titles what goes
 * into them. */

static gboolean
is_titled (JsonObject *node, const char *title)
{
  const char *own
      = genvid_json_string (genvid_json_object (node, "_meta"), "title", NULL);

  return own && g_ascii_strcasecmp (own, title) == 0;
}

static gboolean
refuse_title (const char *title, JsonObject *values, GError **error)
{
  g_autofree char *list = list_members (values);

  return genvid_error_refuse (
      error,
      "it has no node with the title \"%s\" and the input %s; give a node "
      "this title in the graph's editor and export it for the API",
      title, list);
}

/* TRUE: the node NAME has one of the inputs. */
static gboolean
fill_node (JsonObject *graph, const char *name, JsonObject *values)
{
  g_autoptr (JsonObject) node
      = genvid_json_copy_object (genvid_json_object (graph, name));
  g_autoptr (JsonObject) inputs
      = genvid_json_copy_object (genvid_json_object (node, "inputs"));
  g_autoptr (GList) wanted = json_object_get_members (values);
  gboolean taken = FALSE;

  for (GList *l = wanted; l; l = l->next) {
    if (!json_object_has_member (inputs, l->data))
      continue;
    json_object_set_member (
        inputs, l->data,
        json_node_copy (json_object_get_member (values, l->data)));
    taken = TRUE;
  }
  json_object_set_object_member (node, "inputs", g_steal_pointer (&inputs));
  json_object_set_object_member (graph, name, g_steal_pointer (&node));
  return taken;
}

gboolean
genvid_graph_fill (JsonObject *graph, const char *title, JsonObject *values,
                   GError **error)
{
  g_autoptr (GList) names = json_object_get_members (graph);
  gboolean taken = json_object_get_size (values) == 0;

  for (GList *l = names; l; l = l->next) {
    JsonObject *node = genvid_json_object (graph, l->data);

    if (is_titled (node, title) && genvid_json_object (node, "inputs"))
      taken |= fill_node (graph, l->data, values);
  }
  return taken || refuse_title (title, values, error);
}
