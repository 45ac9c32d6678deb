/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Single keys: what is not in a table is refused by name and place. Which keys
 * there are is in the tables, how they hang together in description.c. */
#include "schema-check.h"

#include "condition.h"
#include "failure.h"
#include "json-path.h"

#include <json-glib/json-glib.h>

static const GenvidSchemaKey *
find_key (const GenvidSchemaKey *keys, const char *name)
{
  for (; keys->name; keys++)
    if (g_str_equal (keys->name, name))
      return keys;
  return NULL;
}

gboolean
genvid_schema_check_keys (const GenvidSchema *schema, JsonNode *node,
                          const GenvidSchemaKey *keys, const char *where,
                          GError **error)
{
  JsonObject *object;
  g_autoptr (GList) names = NULL;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return genvid_error_refuse_at (error, where, "an object is expected");
  object = json_node_get_object (node);
  names = json_object_get_members (object);
  for (GList *l = names; l; l = l->next) {
    const GenvidSchemaKey *key = find_key (keys, l->data);
    g_autofree char *below
        = g_strconcat (where, *where ? "." : "", l->data, NULL);

    if (!key)
      return genvid_error_refuse_at (error, below, "unknown key");
    if (!key->check (schema, json_object_get_member (object, l->data), below,
                     error))
      return FALSE;
  }
  for (; keys->name; keys++)
    if (keys->required && !json_object_has_member (object, keys->name))
      return genvid_error_refuse_at (error, where, "\"%s\" is missing",
                                     keys->name);
  return TRUE;
}

gboolean
genvid_schema_check_list (const GenvidSchema *schema, JsonNode *node,
                          GenvidSchemaCheck check, const char *where,
                          GError **error)
{
  JsonArray *array;

  if (!JSON_NODE_HOLDS_ARRAY (node))
    return genvid_error_refuse_at (error, where, "a list is expected");
  array = json_node_get_array (node);
  if (json_array_get_length (array) == 0)
    return genvid_error_refuse_at (error, where, "the list is empty");
  for (guint i = 0; i < json_array_get_length (array); i++) {
    g_autofree char *below = g_strdup_printf ("%s[%u]", where, i);

    if (!check (schema, json_array_get_element (array, i), below, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
genvid_schema_check_members (const GenvidSchema *schema, JsonNode *node,
                             GenvidSchemaCheck check, const char *where,
                             GError **error)
{
  JsonObject *object;
  g_autoptr (GList) names = NULL;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return genvid_error_refuse_at (error, where, "an object is expected");
  object = json_node_get_object (node);
  names = json_object_get_members (object);
  for (GList *l = names; l; l = l->next) {
    g_autofree char *below = g_strconcat (where, ".", l->data, NULL);

    if (!check (schema, json_object_get_member (object, l->data), below, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
genvid_schema_holds (JsonNode *node, GType type)
{
  return JSON_NODE_HOLDS_VALUE (node)
         && json_node_get_value_type (node) == type;
}

gboolean
genvid_schema_check_choice (JsonNode *node, const char *const *names,
                            const char *where, GError **error)
{
  g_autofree char *list = g_strjoinv (", ", (char **)names);

  if (genvid_schema_holds (node, G_TYPE_STRING)
      && g_strv_contains (names, json_node_get_string (node)))
    return TRUE;
  return genvid_error_refuse_at (error, where, "one of %s is expected", list);
}

gboolean
genvid_schema_check_text (const GenvidSchema *schema, JsonNode *node,
                          const char *where, GError **error)
{
  if (genvid_schema_holds (node, G_TYPE_STRING) && *json_node_get_string (node))
    return TRUE;
  return genvid_error_refuse_at (error, where, "a string is expected");
}

gboolean
genvid_schema_check_boolean (const GenvidSchema *schema, JsonNode *node,
                             const char *where, GError **error)
{
  return genvid_schema_holds (node, G_TYPE_BOOLEAN)
         || genvid_error_refuse_at (error, where, "true or false is expected");
}

gboolean
genvid_schema_check_integer (const GenvidSchema *schema, JsonNode *node,
                             const char *where, GError **error)
{
  return genvid_schema_holds (node, G_TYPE_INT64)
         || genvid_error_refuse_at (error, where, "a whole number is expected");
}

gboolean
genvid_schema_check_count (const GenvidSchema *schema, JsonNode *node,
                           const char *where, GError **error)
{
  if (genvid_schema_holds (node, G_TYPE_INT64) && json_node_get_int (node) >= 1
      && json_node_get_int (node) <= G_MAXINT32)
    return TRUE;
  return genvid_error_refuse_at (error, where,
                                 "a whole number of at least 1 is expected");
}

gboolean
genvid_schema_check_amount (const GenvidSchema *schema, JsonNode *node,
                            const char *where, GError **error)
{
  if ((genvid_schema_holds (node, G_TYPE_INT64)
       || genvid_schema_holds (node, G_TYPE_DOUBLE))
      && json_node_get_double (node) >= 0)
    return TRUE;
  return genvid_error_refuse_at (error, where, "an amount is expected");
}

gboolean
genvid_schema_check_scalar (const GenvidSchema *schema, JsonNode *node,
                            const char *where, GError **error)
{
  return JSON_NODE_HOLDS_VALUE (node)
         || genvid_error_refuse_at (error, where, "a plain value is expected");
}

gboolean
genvid_schema_check_scalars (const GenvidSchema *schema, JsonNode *node,
                             const char *where, GError **error)
{
  return genvid_schema_check_list (schema, node, genvid_schema_check_scalar,
                                   where, error);
}

gboolean
genvid_schema_check_texts (const GenvidSchema *schema, JsonNode *node,
                           const char *where, GError **error)
{
  return genvid_schema_check_list (schema, node, genvid_schema_check_text,
                                   where, error);
}

gboolean
genvid_schema_check_path (const GenvidSchema *schema, JsonNode *node,
                          const char *where, GError **error)
{
  g_autoptr (GenvidJsonPath) path = NULL;
  g_autoptr (GError) problem = NULL;

  if (!genvid_schema_check_text (schema, node, where, error))
    return FALSE;
  path = genvid_json_path_new (json_node_get_string (node), &problem);
  return path || genvid_error_refuse_at (error, where, "%s", problem->message);
}

gboolean
genvid_schema_check_paths (const GenvidSchema *schema, JsonNode *node,
                           const char *where, GError **error)
{
  if (JSON_NODE_HOLDS_ARRAY (node))
    return genvid_schema_check_list (schema, node, genvid_schema_check_path,
                                     where, error);
  return genvid_schema_check_path (schema, node, where, error);
}

gboolean
genvid_schema_check_condition (const GenvidSchema *schema, JsonNode *node,
                               const char *where, GError **error)
{
  return genvid_condition_check (node, schema->words, where, error);
}
