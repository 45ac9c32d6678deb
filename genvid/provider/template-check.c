/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looking at skeletons when a description is loaded, so that a typing error
 * is found by name and place and not while somebody pays. */
#include "template-check.h"

#include "failure.h"
#include "json.h"
#include "template.h"

#include <json-glib/json-glib.h>

#include <string.h>

typedef struct {
  GHashTable *names; /* nullable: any */
  JsonObject *tables;
} Check;

static gboolean
complain (GError **error, const char *where, const char *problem,
          const char *what)
{
  g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS, "%s%s%s \"%s\"",
               where, *where ? ": " : "", problem, what);
  return FALSE;
}

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
           || complain (error, where, "no single %d or %s in", filter);
  if (g_str_has_prefix (filter, "map:"))
    return genvid_json_object (check->tables, filter + 4)
           || complain (error, where, "unknown table", filter + 4);
  return complain (error, where, "unknown filter", filter);
}

static gboolean
check_name (const char *name, const Check *check, const char *where,
            GError **error)
{
  if (!check->names || g_hash_table_contains (check->names, name))
    return TRUE;
  return complain (error, where,
                   g_str_equal (name, "key")
                       ? "only the value of a header may hold the"
                       : "unknown variable",
                   name);
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
      return complain (error, where, "names are expected in", "$if");
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
      return complain (error, where, "unknown instruction", name);
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
    g_auto (GenvidPlaceholder) placeholder = { 0 };

    if (!genvid_placeholder_read (&text, &placeholder, NULL))
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
