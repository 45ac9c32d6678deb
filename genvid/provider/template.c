/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Filling a description's skeletons. One pass over the description's own
 * text; a value that was set in is never looked at again, so no prompt can
 * become a placeholder. It decides nothing: what is set, and what may be, is
 * the call's part. */
#include "template.h"

#include "condition.h"
#include "failure.h"
#include "json.h"
#include "media-type.h"

#include <json-glib/json-glib.h>

#include <string.h>

#define NAME_CHARACTERS                                                        \
  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

static const char *const instructions[]
    = { "$if", "$value", "$else", "$each", "$type", "$graph", "$fill", NULL };

typedef struct {
  char *name;   /* as it is written: one, or several with a plus between */
  char **names; /* each */
  char **filters;
} Placeholder;

static void
placeholder_clear (Placeholder *placeholder)
{
  g_clear_pointer (&placeholder->name, g_free);
  g_clear_pointer (&placeholder->names, g_strfreev);
  g_clear_pointer (&placeholder->filters, g_strfreev);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Placeholder, placeholder_clear)

static gboolean
are_names (const char *const *names)
{
  for (; *names; names++)
    if (!**names || (*names)[strspn (*names, NAME_CHARACTERS)])
      return FALSE;
  return TRUE;
}

/* TEXT points at "${"; moves it behind "}". */
static gboolean
read_placeholder (const char **text, Placeholder *placeholder, GError **error)
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

static JsonNode *
find_value (const GenvidScope *scope, const char *name)
{
  JsonNode *node = json_object_get_member (scope->values, name);

  return node && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

/* "16:9+720p"; unset where one of them is. */
static JsonNode *
join_values (const Placeholder *placeholder, const GenvidScope *scope)
{
  g_autoptr (GString) joined = g_string_new (NULL);

  for (guint i = 0; placeholder->names[i]; i++) {
    JsonNode *node = find_value (scope, placeholder->names[i]);
    g_autofree char *text = node ? genvid_json_scalar_text (node) : NULL;

    if (!text)
      return NULL;
    g_string_append_printf (joined, "%s%s", i > 0 ? "+" : "", text);
  }
  return new_text_node (joined->str);
}

static JsonNode *
take_value (const Placeholder *placeholder, const GenvidScope *scope)
{
  JsonNode *found;

  if (placeholder->names[1])
    return join_values (placeholder, scope);
  found = find_value (scope, placeholder->name);
  return found ? json_node_copy (found) : NULL;
}

/* The placeholder's value, owned; NULL without error where it is unset. */
static JsonNode *
evaluate (const Placeholder *placeholder, const GenvidScope *scope,
          GError **error)
{
  JsonNode *node = take_value (placeholder, scope);

  for (guint i = 0; placeholder->filters[i]; i++) {
    GError *problem = NULL;

    node = genvid_filter_apply (node, placeholder->filters[i],
                                placeholder->name, scope, &problem);
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
                  const Placeholder *placeholder, GError **error)
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
  if (JSON_NODE_HOLDS_OBJECT (condition))
    return genvid_condition_match (condition, scope->values);
  if (!JSON_NODE_HOLDS_ARRAY (condition))
    return find_value (scope, json_node_get_string (condition)) != NULL;
  names = json_node_get_array (condition);
  for (guint i = 0; i < json_array_get_length (names); i++)
    if (!find_value (scope, json_array_get_string_element (names, i)))
      return FALSE;
  return TRUE;
}

static JsonNode *
fill_instruction (JsonObject *object, const char *name,
                  const GenvidScope *scope, GError **error)
{
  JsonNode *skeleton = json_object_get_member (object, name);

  return skeleton ? genvid_template_fill (skeleton, scope, error) : NULL;
}

static JsonNode *
fill_members (JsonObject *object, const GenvidScope *scope, GError **error)
{
  g_autoptr (JsonObject) filled = json_object_new ();
  g_autoptr (GList) names = json_object_get_members (object);

  for (GList *l = names; l; l = l->next) {
    GError *problem = NULL;
    JsonNode *node;

    if (g_strv_contains (instructions, l->data))
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

/* The values for the nodes of one title; NULL with GENVID_ERROR. */
static JsonObject *
fill_inputs (JsonObject *inputs, const GenvidScope *scope, GError **error)
{
  g_autoptr (JsonNode) node
      = json_node_init_object (json_node_alloc (), inputs);
  GError *problem = NULL;
  g_autoptr (JsonNode) filled = genvid_template_fill (node, scope, &problem);

  if (problem) {
    g_propagate_error (error, problem);
    return NULL;
  }
  return filled ? json_node_dup_object (filled) : json_object_new ();
}

static JsonNode *
fill_graph (JsonObject *object, const GenvidScope *scope, GError **error)
{
  const char *name = genvid_json_string (object, "$graph", "");
  JsonObject *titles = genvid_json_object (object, "$fill");
  g_autoptr (GList) members = json_object_get_members (titles);
  JsonNode *given = find_value (scope, name);
  g_autoptr (JsonObject) graph = NULL;

  if (!given || !JSON_NODE_HOLDS_OBJECT (given))
    return NULL;
  graph = genvid_json_copy_object (json_node_get_object (given));
  for (GList *l = members; l; l = l->next) {
    g_autoptr (JsonObject) values
        = fill_inputs (genvid_json_object (titles, l->data), scope, error);

    if (values && genvid_graph_fill (graph, l->data, values, error))
      continue;
    g_prefix_error (error, "%s: ", name);
    return NULL;
  }
  return json_node_init_object (json_node_alloc (), graph);
}

static JsonNode *
fill_object (JsonObject *object, const GenvidScope *scope, GError **error)
{
  if (!is_wanted (object, scope))
    return fill_instruction (object, "$else", scope, error);
  if (json_object_has_member (object, "$graph"))
    return fill_graph (object, scope, error);
  if (json_object_has_member (object, "$value"))
    return fill_instruction (object, "$value", scope, error);
  return fill_members (object, scope, error);
}

/* SCOPE with one element of the list as "item". */
static JsonNode *
fill_item (JsonObject *object, JsonNode *item, JsonNode *input,
           const GenvidScope *scope, GError **error)
{
  g_autoptr (JsonObject) values = genvid_json_copy_object (scope->values);
  g_autoptr (JsonObject) inputs = genvid_json_copy_object (scope->inputs);
  const GenvidScope inner = { values, scope->tables, inputs };

  json_object_set_member (values, "item", json_node_copy (item));
  if (input)
    json_object_set_member (inputs, "item", json_node_copy (input));
  return fill_object (object, &inner, error);
}

/* Adds one object for each element of a list that is of the right type. */
static gboolean
add_each (JsonArray *filled, JsonObject *object, const GenvidScope *scope,
          GError **error)
{
  const char *name = genvid_json_string (object, "$each", "");
  const char *pattern = genvid_json_string (object, "$type", "*");
  JsonArray *items = genvid_json_array (scope->values, name);
  JsonArray *inputs = genvid_json_array (scope->inputs, name);

  for (guint i = 0; items && i < json_array_get_length (items); i++) {
    JsonNode *input = inputs ? json_array_get_element (inputs, i) : NULL;
    const char *like = input ? genvid_json_string (json_node_get_object (input),
                                                   "like", NULL)
                             : NULL;
    GError *problem = NULL;
    JsonNode *node;

    if (!genvid_media_type_match (pattern, like))
      continue;
    node = fill_item (object, json_array_get_element (items, i), input, scope,
                      &problem);
    if (problem) {
      g_propagate_error (error, problem);
      return FALSE;
    }
    if (node)
      json_array_add_element (filled, node);
  }
  return TRUE;
}

static gboolean
add_element (JsonArray *filled, JsonNode *skeleton, const GenvidScope *scope,
             GError **error)
{
  GError *problem = NULL;
  JsonNode *node;

  if (JSON_NODE_HOLDS_OBJECT (skeleton)
      && json_object_has_member (json_node_get_object (skeleton), "$each"))
    return add_each (filled, json_node_get_object (skeleton), scope, error);
  node = genvid_template_fill (skeleton, scope, &problem);
  if (problem) {
    g_propagate_error (error, problem);
    return FALSE;
  }
  if (node)
    json_array_add_element (filled, node);
  return TRUE;
}

static JsonNode *
fill_array (JsonArray *array, const GenvidScope *scope, GError **error)
{
  g_autoptr (JsonArray) filled = json_array_new ();
  guint length = json_array_get_length (array);

  for (guint i = 0; i < length; i++)
    if (!add_element (filled, json_array_get_element (array, i), scope, error))
      return NULL;
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
  gboolean in_each; /* there is an "item" */
} Check;

static gboolean
check_name (const char *name, const Check *check, const char *where,
            GError **error)
{
  if (!check->names || g_hash_table_contains (check->names, name)
      || (check->in_each && g_str_equal (name, "item")))
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
    for (guint i = 0; placeholder.names[i]; i++)
      if (!check_name (placeholder.names[i], check, where, error))
        return FALSE;
    for (guint i = 0; placeholder.filters[i]; i++)
      if (!genvid_filter_check (placeholder.filters[i], placeholder.name,
                                check->names, check->tables, where, error))
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

  if (JSON_NODE_HOLDS_OBJECT (node))
    return !check->names
           || genvid_condition_check (node, check->names, where, error);
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

/* Which belong together. */
static gboolean
check_instructions (JsonObject *object, const char *where, GError **error)
{
  guint n = 0;

  for (guint i = 0; instructions[i]; i++)
    n += json_object_has_member (object, instructions[i]);
  if (json_object_has_member (object, "$value")
      && json_object_get_size (object) > n)
    return genvid_error_refuse_at (
        error, where, "beside \"$value\" there are no other members");
  if (json_object_has_member (object, "$graph")
      && json_object_get_size (object) > n)
    return genvid_error_refuse_at (
        error, where, "beside \"$graph\" there are no other members");
  if (json_object_has_member (object, "$else")
      && !json_object_has_member (object, "$if"))
    return genvid_error_refuse_at (error, where, "\"$else\" needs an \"$if\"");
  if (json_object_has_member (object, "$type")
      && !json_object_has_member (object, "$each"))
    return genvid_error_refuse_at (error, where,
                                   "\"$type\" needs an \"$each\"");
  return TRUE;
}

static gboolean
check_each (JsonObject *object, const char *where, GError **error)
{
  if (!json_object_has_member (object, "$each"))
    return TRUE;
  if (!g_str_equal (genvid_json_string (object, "$each", ""), "references"))
    return genvid_error_refuse_at (error, where,
                                   "\"$each\" is made of \"references\"");
  if (json_object_has_member (object, "$type")
      && !genvid_json_string (object, "$type", NULL))
    return genvid_error_refuse_at (
        error, where, "\"$type\" is a MIME type such as \"image/*\"");
  return TRUE;
}

/* An object of titles, each with an object of inputs. */
static gboolean
check_graph (JsonObject *object, const char *where, GError **error)
{
  JsonObject *titles = genvid_json_object (object, "$fill");
  g_autoptr (GList) values = titles ? json_object_get_values (titles) : NULL;

  if (!json_object_has_member (object, "$graph")
      && !json_object_has_member (object, "$fill"))
    return TRUE;
  if (!genvid_json_string (object, "$graph", NULL) || !values)
    return genvid_error_refuse_at (
        error, where, "\"$graph\" names a parameter and has a \"$fill\"");
  for (GList *l = values; l; l = l->next)
    if (!JSON_NODE_HOLDS_OBJECT (l->data))
      return genvid_error_refuse_at (
          error, where, "\"$fill\" is an object of titles with their inputs");
  return TRUE;
}

static gboolean
check_member (JsonObject *object, const char *name, const Check *check,
              const char *where, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);
  g_autofree char *below = NULL;

  if (g_str_equal (name, "$if"))
    return check_condition (node, check, where, error);
  if (g_str_equal (name, "$each") || g_str_equal (name, "$type"))
    return TRUE;
  if (g_str_equal (name, "$graph"))
    return check_name (json_node_get_string (node), check, where, error);
  if (*name == '$' && !g_strv_contains (instructions, name))
    return genvid_error_refuse_at (error, where, "unknown instruction \"%s\"",
                                   name);
  below = g_strconcat (where, *where ? "." : "", name, NULL);
  return check_node (node, check, below, error);
}

static gboolean
check_object (JsonObject *object, const Check *check, const char *where,
              GError **error)
{
  g_autoptr (GList) names = json_object_get_members (object);
  Check inner = *check;

  if (!check_instructions (object, where, error)
      || !check_each (object, where, error)
      || !check_graph (object, where, error))
    return FALSE;
  inner.in_each |= json_object_has_member (object, "$each");
  for (GList *l = names; l; l = l->next)
    if (!check_member (object, l->data, &inner, where, error))
      return FALSE;
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
collect_operand (const char *filter, GHashTable *names)
{
  const char *operand = strchr (filter, ':');

  if (operand && g_ascii_isalpha (operand[1])
      && (g_str_has_prefix (filter, "times:")
          || g_str_has_prefix (filter, "plus:")))
    g_hash_table_add (names, g_strdup (operand + 1));
}

static void
collect_string (const char *text, GHashTable *names)
{
  while ((text = strstr (text, "${"))) {
    g_auto (Placeholder) placeholder = { 0 };

    if (!read_placeholder (&text, &placeholder, NULL))
      return;
    for (guint i = 0; placeholder.names[i]; i++)
      g_hash_table_add (names, g_strdup (placeholder.names[i]));
    for (guint i = 0; placeholder.filters[i]; i++)
      collect_operand (placeholder.filters[i], names);
  }
}

static void
collect_object (JsonObject *object, GHashTable *names)
{
  g_autoptr (GList) members = json_object_get_members (object);

  if (json_object_has_member (object, "$each"))
    g_hash_table_add (names,
                      g_strdup (genvid_json_string (object, "$each", "")));
  if (json_object_has_member (object, "$graph"))
    g_hash_table_add (names,
                      g_strdup (genvid_json_string (object, "$graph", "")));
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

typedef struct {
  JsonObject *facts;
  GPtrArray *types;
} Collection;

static void
collect_types (JsonArray *array, guint index, JsonNode *element, gpointer data)
{
  const Collection *collection = data;

  genvid_template_collect_types (element, collection->facts, collection->types);
}

/* A test of names is of what is set, which is not known before the inputs. */
static gboolean
is_left_out (JsonObject *object, JsonObject *facts)
{
  JsonNode *condition = json_object_get_member (object, "$if");

  return condition && JSON_NODE_HOLDS_OBJECT (condition)
         && !genvid_condition_match (condition, facts);
}

static void
collect_types_of_object (JsonObject *object, JsonObject *facts,
                         GPtrArray *types)
{
  g_autoptr (GList) members = json_object_get_members (object);
  gboolean left_out = is_left_out (object, facts);

  if (json_object_has_member (object, "$each") && !left_out)
    g_ptr_array_add (types,
                     (gpointer)genvid_json_string (object, "$type", "*"));
  for (GList *l = members; l; l = l->next)
    if (!left_out || g_str_equal (l->data, "$else"))
      genvid_template_collect_types (json_object_get_member (object, l->data),
                                     facts, types);
}

void
genvid_template_collect_types (JsonNode *skeleton, JsonObject *facts,
                               GPtrArray *types)
{
  Collection collection = { facts, types };

  if (JSON_NODE_HOLDS_OBJECT (skeleton))
    collect_types_of_object (json_node_get_object (skeleton), facts, types);
  else if (JSON_NODE_HOLDS_ARRAY (skeleton))
    json_array_foreach_element (json_node_get_array (skeleton), collect_types,
                                &collection);
}
