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

static const char *const instructions[]
    = { "$if", "$value", "$else", "$each", "$type", "$graph", "$fill", NULL };

static JsonNode *
new_text_node (const char *text)
{
  return json_node_init_string (json_node_alloc (), text);
}

char *
genvid_template_text (const char *text, const GenvidScope *scope,
                      gboolean in_url, GError **error)
{
  g_autoptr (GString) out = g_string_new (NULL);

  while (*text) {
    const char *mark = strstr (text, "${");
    gsize length = mark ? (gsize)(mark - text) : strlen (text);
    g_auto (GenvidPlaceholder) placeholder = { 0 };

    g_string_append_len (out, text, length);
    text += length;
    if (mark
        && (!genvid_placeholder_read (&text, &placeholder, error)
            || !genvid_placeholder_append (out, &placeholder, scope, in_url,
                                           error)))
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
    g_auto (GenvidPlaceholder) placeholder = { 0 };

    if (!genvid_placeholder_read (&rest, &placeholder, error))
      return NULL;
    if (!*rest)
      return genvid_placeholder_evaluate (&placeholder, scope, error);
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
    return genvid_scope_find (scope, json_node_get_string (condition)) != NULL;
  names = json_node_get_array (condition);
  for (guint i = 0; i < json_array_get_length (names); i++)
    if (!genvid_scope_find (scope, json_array_get_string_element (names, i)))
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
  g_autofree char *list = genvid_json_list_members (values);

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

static gboolean
fill_nodes (JsonObject *graph, const char *title, JsonObject *values,
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

/* What is done with OBJECT for each element of its list: SCOPE has that as
 * "item", and its place among those of this "$each", from 1, as "item-number".
 */
typedef struct {
  JsonObject *object;
  gboolean (*func) (JsonObject *object, const GenvidScope *scope, gpointer data,
                    GError **error);
  gpointer data;
} Each;

static gboolean
call_item (const Each *each, JsonNode *item, JsonNode *input, guint number,
           const GenvidScope *scope, GError **error)
{
  g_autoptr (JsonObject) values = genvid_json_copy_object (scope->values);
  g_autoptr (JsonObject) inputs = genvid_json_copy_object (scope->inputs);
  const GenvidScope inner = { values, scope->tables, inputs };

  json_object_set_member (values, "item", json_node_copy (item));
  json_object_set_int_member (values, "item-number", number);
  if (input)
    json_object_set_member (inputs, "item", json_node_copy (input));
  return each->func (each->object, &inner, each->data, error);
}

/* Of the elements, those of the right type. */
static gboolean
call_items (const Each *each, const GenvidScope *scope, GError **error)
{
  const char *name = genvid_json_string (each->object, "$each", "");
  const char *pattern = genvid_json_string (each->object, "$type", "*");
  JsonArray *items = genvid_json_array (scope->values, name);
  JsonArray *inputs = genvid_json_array (scope->inputs, name);
  guint number = 0;

  for (guint i = 0; items && i < json_array_get_length (items); i++) {
    JsonNode *input = inputs ? json_array_get_element (inputs, i) : NULL;
    const char *like = input ? genvid_json_string (json_node_get_object (input),
                                                   "like", NULL)
                             : NULL;

    if (genvid_media_type_match (pattern, like)
        && !call_item (each, json_array_get_element (items, i), input, ++number,
                       scope, error))
      return FALSE;
  }
  return TRUE;
}

typedef struct {
  JsonObject *graph;
  const char *title; /* a template */
} Titled;

static gboolean
fill_titled (JsonObject *inputs, const GenvidScope *scope, gpointer data,
             GError **error)
{
  const Titled *titled = data;
  g_autoptr (JsonObject) values = fill_inputs (inputs, scope, error);
  g_autofree char *title
      = values ? genvid_template_text (titled->title, scope, FALSE, error)
               : NULL;

  return title && fill_nodes (titled->graph, title, values, error);
}

static JsonNode *
fill_graph (JsonObject *object, const GenvidScope *scope, GError **error)
{
  const char *name = genvid_json_string (object, "$graph", "");
  JsonObject *titles = genvid_json_object (object, "$fill");
  g_autoptr (GList) members = json_object_get_members (titles);
  JsonNode *given = genvid_scope_find (scope, name);
  g_autoptr (JsonObject) graph = NULL;

  if (!given || !JSON_NODE_HOLDS_OBJECT (given))
    return NULL;
  graph = genvid_json_copy_object (json_node_get_object (given));
  for (GList *l = members; l; l = l->next) {
    JsonObject *inputs = genvid_json_object (titles, l->data);
    Titled titled = { graph, l->data };
    const Each each = { inputs, fill_titled, &titled };

    if (json_object_has_member (inputs, "$each")
            ? call_items (&each, scope, error)
            : fill_titled (inputs, scope, &titled, error))
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

static gboolean
add_item (JsonObject *object, const GenvidScope *scope, gpointer data,
          GError **error)
{
  GError *problem = NULL;
  JsonNode *node = fill_object (object, scope, &problem);

  if (node)
    json_array_add_element (data, node);
  if (!problem)
    return TRUE;
  g_propagate_error (error, problem);
  return FALSE;
}

static gboolean
add_element (JsonArray *filled, JsonNode *skeleton, const GenvidScope *scope,
             GError **error)
{
  const Each each
      = { JSON_NODE_HOLDS_OBJECT (skeleton) ? json_node_get_object (skeleton)
                                            : NULL,
          add_item, filled };
  GError *problem = NULL;
  JsonNode *node;

  if (each.object && json_object_has_member (each.object, "$each"))
    return call_items (&each, scope, error);
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
  gboolean in_each; /* there is an "item" and its number */
} Check;

static gboolean
check_name (const char *name, const Check *check, const char *where,
            GError **error)
{
  if (!check->names || g_hash_table_contains (check->names, name)
      || (check->in_each
          && (g_str_equal (name, "item") || g_str_equal (name, "item-number"))))
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
    g_auto (GenvidPlaceholder) placeholder = { 0 };
    GError *problem = NULL;

    if (!genvid_placeholder_read (&text, &placeholder, &problem)) {
      g_propagate_prefixed_error (error, problem, "%s%s", where,
                                  *where ? ": " : "");
      return FALSE;
    }
    for (guint i = 0; placeholder.names[i]; i++)
      if (!check_name (placeholder.names[i], check, where, error))
        return FALSE;
    if (!genvid_placeholder_check (&placeholder, check->names, check->tables,
                                   where, error))
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

/* A title of a list of nodes numbers them. */
static gboolean
check_title (JsonObject *titles, const char *title, const char *where,
             GError **error)
{
  JsonObject *inputs = genvid_json_object (titles, title);
  gboolean numbered = strstr (title, "${item-number}") != NULL;
  g_autoptr (GHashTable) none = g_hash_table_new (g_str_hash, g_str_equal);
  const Check check = { none, NULL, TRUE };

  if (!inputs)
    return genvid_error_refuse_at (
        error, where, "\"$fill\" is an object of titles with their inputs");
  if (numbered == json_object_has_member (inputs, "$each"))
    return check_string (title, &check, where, error);
  return genvid_error_refuse_at (
      error, where,
      "a title has \"${item-number}\" where its inputs have an \"$each\", and "
      "only there");
}

static gboolean
check_graph (JsonObject *object, const char *where, GError **error)
{
  JsonObject *titles = genvid_json_object (object, "$fill");
  g_autoptr (GList) members = titles ? json_object_get_members (titles) : NULL;

  if (!json_object_has_member (object, "$graph")
      && !json_object_has_member (object, "$fill"))
    return TRUE;
  if (!genvid_json_string (object, "$graph", NULL) || !members)
    return genvid_error_refuse_at (
        error, where, "\"$graph\" names a parameter and has a \"$fill\"");
  for (GList *l = members; l; l = l->next)
    if (!check_title (titles, l->data, where, error))
      return FALSE;
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
    g_auto (GenvidPlaceholder) placeholder = { 0 };

    if (!genvid_placeholder_read (&text, &placeholder, NULL))
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
