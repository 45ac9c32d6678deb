/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Filling a description's skeletons. One pass over the description's own
 * text; a value that was set in is never looked at again, so no prompt can
 * become a placeholder. It decides nothing: what is set, and what may be, is
 * the call's part. */
#include "template.h"

#include "failure.h"
#include "json.h"

#include <json-glib/json-glib.h>

#include <math.h>
#include <string.h>

#define NAME_CHARACTERS                                                        \
  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

typedef struct {
  char *name;
  char **filters;
} Placeholder;

static void
placeholder_clear (Placeholder *placeholder)
{
  g_clear_pointer (&placeholder->name, g_free);
  g_clear_pointer (&placeholder->filters, g_strfreev);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Placeholder, placeholder_clear)

/* TEXT points at "${"; moves it behind "}". */
static gboolean
read_placeholder (const char **text, Placeholder *placeholder, GError **error)
{
  const char *end = strchr (*text, '}');
  g_autofree char *inside = NULL;
  g_auto (GStrv) words = NULL;

  if (!end)
    return genvid_error_refuse (error, "\"%s\" has no closing brace", *text);
  inside = g_strndup (*text + 2, end - *text - 2);
  words = g_strsplit (inside, "|", -1);
  if (!words[0] || !*words[0] || words[0][strspn (words[0], NAME_CHARACTERS)])
    return genvid_error_refuse (error, "\"${%s}\" names no variable", inside);
  placeholder->name = g_strdup (words[0]);
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

static JsonNode *
apply_table (JsonNode *node, JsonObject *table)
{
  g_autofree char *text = genvid_json_scalar_text (node);
  JsonNode *found = text && table ? json_object_get_member (table, text) : NULL;
  g_autoptr (GList) names
      = table && text && !found ? json_object_get_members (table) : NULL;

  for (GList *l = names; l && !found; l = l->next)
    if (g_ascii_strcasecmp (l->data, text) == 0)
      found = json_object_get_member (table, l->data);
  if (!found)
    return node;
  json_node_unref (node);
  return json_node_copy (found);
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
  return new_text_node (changed ? changed : text);
}

static JsonNode *
apply (JsonNode *node, const char *filter, const GenvidScope *scope,
       GError **error)
{
  if (g_str_has_prefix (filter, "default:"))
    return node ? node : new_text_node (filter + strlen ("default:"));
  if (!node || g_str_equal (filter, "raw"))
    return node;
  if (g_str_equal (filter, "int"))
    return apply_int (node, error);
  if (g_str_has_prefix (filter, "fmt:"))
    return apply_format (node, filter + strlen ("fmt:"), error);
  if (g_str_has_prefix (filter, "map:"))
    return apply_table (
        node, genvid_json_object (scope->tables, filter + strlen ("map:")));
  return apply_text (node, filter, error);
}

static JsonNode *
find_value (const GenvidScope *scope, const char *name)
{
  JsonNode *node = json_object_get_member (scope->values, name);

  return node && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

/* The placeholder's value, owned; NULL without error where it is unset. */
static JsonNode *
evaluate (const Placeholder *placeholder, const GenvidScope *scope,
          GError **error)
{
  JsonNode *found = find_value (scope, placeholder->name);
  JsonNode *node = found ? json_node_copy (found) : NULL;

  for (guint i = 0; placeholder->filters[i]; i++) {
    GError *problem = NULL;

    node = apply (node, placeholder->filters[i], scope, &problem);
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
append_component (GString *out, const char *text,
                  const Placeholder *placeholder, GError **error)
{
  if (!*text || g_str_equal (text, ".") || g_str_equal (text, ".."))
    return genvid_error_refuse (error, "%s cannot be part of a URL as it is",
                                placeholder->name);
  if (g_strv_contains ((const char *const *)placeholder->filters, "raw"))
    g_string_append (out, text);
  else
    g_string_append_uri_escaped (out, text, NULL, FALSE);
  return TRUE;
}

/* UNSET: the placeholder has no value. */
static gboolean
append_placeholder (GString *out, const char **text, const GenvidScope *scope,
                    gboolean in_url, gboolean *unset, GError **error)
{
  g_auto (Placeholder) placeholder = { 0 };
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *value = NULL;
  GError *problem = NULL;

  if (!read_placeholder (text, &placeholder, error))
    return FALSE;
  node = evaluate (&placeholder, scope, &problem);
  if (problem) {
    g_propagate_error (error, problem);
    return FALSE;
  }
  *unset = !node;
  if (!node)
    return TRUE;
  value = genvid_json_scalar_text (node);
  if (!value)
    return genvid_error_refuse (error, "%s is not a plain value",
                                placeholder.name);
  if (in_url)
    return append_component (out, value, &placeholder, error);
  g_string_append (out, value);
  return TRUE;
}

char *
genvid_template_text (const char *text, const GenvidScope *scope,
                      gboolean in_url, GError **error)
{
  g_autoptr (GString) out = g_string_new (NULL);

  while (*text) {
    const char *mark = strstr (text, "${");
    gsize length = mark ? (gsize)(mark - text) : strlen (text);
    gboolean unset = FALSE;

    g_string_append_len (out, text, length);
    text += length;
    if (mark
        && (!append_placeholder (out, &text, scope, in_url, &unset, error)
            || unset))
      return NULL;
  }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static JsonNode *
fill_string (const char *text, const GenvidScope *scope, GError **error)
{
  g_autofree char *filled = NULL;
  const char *rest = text;

  if (g_str_has_prefix (text, "${")) {
    g_auto (Placeholder) placeholder = { 0 };

    if (!read_placeholder (&rest, &placeholder, error))
      return NULL;
    if (!*rest)
      return evaluate (&placeholder, scope, error);
  }
  filled = genvid_template_text (text, scope, FALSE, error);
  return filled ? new_text_node (filled) : NULL;
}

static gboolean
is_wanted (JsonObject *object, const GenvidScope *scope)
{
  JsonNode *condition = json_object_get_member (object, "$if");
  JsonArray *names;

  if (!condition)
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (condition))
    return find_value (scope, json_node_get_string (condition)) != NULL;
  names = json_node_get_array (condition);
  for (guint i = 0; i < json_array_get_length (names); i++)
    if (!find_value (scope, json_array_get_string_element (names, i)))
      return FALSE;
  return TRUE;
}

static JsonNode *
fill_object (JsonObject *object, const GenvidScope *scope, GError **error)
{
  g_autoptr (JsonObject) filled = json_object_new ();
  g_autoptr (GList) names = json_object_get_members (object);

  if (!is_wanted (object, scope))
    return NULL;
  for (GList *l = names; l; l = l->next) {
    GError *problem = NULL;
    JsonNode *node;

    if (g_str_equal (l->data, "$if"))
      continue;
    node = genvid_template_fill (json_object_get_member (object, l->data),
                                 scope, &problem);
    if (problem) {
      g_propagate_error (error, problem);
      return NULL;
    }
    if (node)
      json_object_set_member (filled, l->data, node);
  }
  if (names && json_object_get_size (filled) == 0)
    return NULL;
  return json_node_init_object (json_node_alloc (), filled);
}

static JsonNode *
fill_array (JsonArray *array, const GenvidScope *scope, GError **error)
{
  g_autoptr (JsonArray) filled = json_array_new ();
  guint length = json_array_get_length (array);

  for (guint i = 0; i < length; i++) {
    GError *problem = NULL;
    JsonNode *node = genvid_template_fill (json_array_get_element (array, i),
                                           scope, &problem);

    if (problem) {
      g_propagate_error (error, problem);
      return NULL;
    }
    if (node)
      json_array_add_element (filled, node);
  }
  if (length > 0 && json_array_get_length (filled) == 0)
    return NULL;
  return json_node_init_array (json_node_alloc (), filled);
}

JsonNode *
genvid_template_fill (JsonNode *skeleton, const GenvidScope *scope,
                      GError **error)
{
  if (JSON_NODE_HOLDS_OBJECT (skeleton))
    return fill_object (json_node_get_object (skeleton), scope, error);
  if (JSON_NODE_HOLDS_ARRAY (skeleton))
    return fill_array (json_node_get_array (skeleton), scope, error);
  if (JSON_NODE_HOLDS_VALUE (skeleton)
      && json_node_get_value_type (skeleton) == G_TYPE_STRING)
    return fill_string (json_node_get_string (skeleton), scope, error);
  return json_node_copy (skeleton);
}

/* Checking when a description is loaded, so that a typing error is found by
 * name and place before anybody pays. */

typedef struct {
  GHashTable *names; /* nullable: any */
  JsonObject *tables;
} Check;

static gboolean
is_format (const char *text)
{
  const char *mark = strchr (text, '%');

  return mark && (mark[1] == 'd' || mark[1] == 's') && !strchr (mark + 1, '%');
}

static gboolean
check_filter (const char *filter, const Check *check, const char *where,
              GError **error)
{
  const char *const plain[] = { "int", "str", "lower", "upper", "raw", NULL };

  if (g_strv_contains (plain, filter) || g_str_has_prefix (filter, "default:"))
    return TRUE;
  if (g_str_has_prefix (filter, "fmt:"))
    return is_format (filter + 4)
           || genvid_error_refuse_at (
               error, where, "a single %%d or %%s is expected in \"%s\"",
               filter);
  if (g_str_has_prefix (filter, "map:"))
    return genvid_json_object (check->tables, filter + 4)
           || genvid_error_refuse_at (error, where, "unknown table \"%s\"",
                                      filter + 4);
  return genvid_error_refuse_at (error, where, "unknown filter \"%s\"", filter);
}

static gboolean
check_name (const char *name, const Check *check, const char *where,
            GError **error)
{
  if (!check->names || g_hash_table_contains (check->names, name))
    return TRUE;
  if (g_str_equal (name, "key"))
    return genvid_error_refuse_at (
        error, where, "only the value of a header may hold the \"key\"");
  return genvid_error_refuse_at (error, where, "unknown variable \"%s\"", name);
}

static gboolean
check_string (const char *text, const Check *check, const char *where,
              GError **error)
{
  while ((text = strstr (text, "${"))) {
    g_auto (Placeholder) placeholder = { 0 };
    GError *problem = NULL;

    if (!read_placeholder (&text, &placeholder, &problem)) {
      g_propagate_prefixed_error (error, problem, "%s%s", where,
                                  *where ? ": " : "");
      return FALSE;
    }
    if (!check_name (placeholder.name, check, where, error))
      return FALSE;
    for (guint i = 0; placeholder.filters[i]; i++)
      if (!check_filter (placeholder.filters[i], check, where, error))
        return FALSE;
  }
  return TRUE;
}

static gboolean check_node (JsonNode *node, const Check *check,
                            const char *where, GError **error);

static gboolean
check_condition (JsonNode *node, const Check *check, const char *where,
                 GError **error)
{
  g_autoptr (JsonArray) single = json_array_new ();
  JsonArray *names = single;

  if (JSON_NODE_HOLDS_ARRAY (node))
    names = json_node_get_array (node);
  else
    json_array_add_element (single, json_node_copy (node));
  for (guint i = 0; i < json_array_get_length (names); i++) {
    JsonNode *name = json_array_get_element (names, i);

    if (!JSON_NODE_HOLDS_VALUE (name)
        || json_node_get_value_type (name) != G_TYPE_STRING)
      return genvid_error_refuse_at (error, where,
                                     "names are expected in \"$if\"");
    if (!check_name (json_node_get_string (name), check, where, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
check_object (JsonObject *object, const Check *check, const char *where,
              GError **error)
{
  g_autoptr (GList) names = json_object_get_members (object);

  for (GList *l = names; l; l = l->next) {
    const char *name = l->data;
    JsonNode *node = json_object_get_member (object, name);
    g_autofree char *below = NULL;

    if (g_str_equal (name, "$if")) {
      if (!check_condition (node, check, where, error))
        return FALSE;
      continue;
    }
    if (*name == '$')
      return genvid_error_refuse_at (error, where, "unknown instruction \"%s\"",
                                     name);
    below = g_strconcat (where, *where ? "." : "", name, NULL);
    if (!check_node (node, check, below, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
check_array (JsonArray *array, const Check *check, const char *where,
             GError **error)
{
  for (guint i = 0; i < json_array_get_length (array); i++) {
    g_autofree char *below = g_strdup_printf ("%s[%u]", where, i);

    if (!check_node (json_array_get_element (array, i), check, below, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
check_node (JsonNode *node, const Check *check, const char *where,
            GError **error)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    return check_object (json_node_get_object (node), check, where, error);
  if (JSON_NODE_HOLDS_ARRAY (node))
    return check_array (json_node_get_array (node), check, where, error);
  if (JSON_NODE_HOLDS_VALUE (node)
      && json_node_get_value_type (node) == G_TYPE_STRING)
    return check_string (json_node_get_string (node), check, where, error);
  return TRUE;
}

gboolean
genvid_template_check (JsonNode *skeleton, GHashTable *names,
                       JsonObject *tables, const char *where, GError **error)
{
  const Check check = { names, tables };

  return check_node (skeleton, &check, where, error);
}

static void
collect_string (const char *text, GHashTable *names)
{
  while ((text = strstr (text, "${"))) {
    g_auto (Placeholder) placeholder = { 0 };

    if (!read_placeholder (&text, &placeholder, NULL))
      return;
    g_hash_table_add (names, g_steal_pointer (&placeholder.name));
  }
}

static void
collect_object (JsonObject *object, GHashTable *names)
{
  g_autoptr (GList) members = json_object_get_members (object);

  for (GList *l = members; l; l = l->next)
    genvid_template_collect (json_object_get_member (object, l->data), names);
}

void
genvid_template_collect (JsonNode *skeleton, GHashTable *names)
{
  if (JSON_NODE_HOLDS_OBJECT (skeleton)) {
    collect_object (json_node_get_object (skeleton), names);
  } else if (JSON_NODE_HOLDS_ARRAY (skeleton)) {
    JsonArray *array = json_node_get_array (skeleton);

    for (guint i = 0; i < json_array_get_length (array); i++)
      genvid_template_collect (json_array_get_element (array, i), names);
  } else if (JSON_NODE_HOLDS_VALUE (skeleton)
             && json_node_get_value_type (skeleton) == G_TYPE_STRING) {
    collect_string (json_node_get_string (skeleton), names);
  }
}
