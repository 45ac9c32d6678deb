/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The only "if" of a description. It can ask what is set and what it is, and
 * nothing else: a service that needs more needs code, under a name. */
#include "condition.h"

#include "failure.h"
#include "json.h"
#include "request-fields.h"

#include <json-glib/json-glib.h>

static gboolean
check_test (JsonNode *test, const char *where, GError **error)
{
  JsonArray *array;

  if (JSON_NODE_HOLDS_VALUE (test))
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (test))
    return genvid_error_refuse_at (error, where,
                                   "a value or a list of values is expected");
  array = json_node_get_array (test);
  if (json_array_get_length (array) == 0)
    return genvid_error_refuse_at (error, where, "the list is empty");
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!JSON_NODE_HOLDS_VALUE (json_array_get_element (array, i)))
      return genvid_error_refuse_at (error, where,
                                     "only plain values can be compared");
  return TRUE;
}

static gboolean
check_all (JsonNode *node, GHashTable *names, const char *where, GError **error)
{
  JsonObject *object;
  g_autoptr (GList) tests = NULL;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return genvid_error_refuse_at (error, where,
                                   "an object of tests is expected");
  object = json_node_get_object (node);
  tests = json_object_get_members (object);
  if (!tests)
    return genvid_error_refuse_at (error, where, "it tests nothing");
  for (GList *l = tests; l; l = l->next) {
    g_autofree char *below = g_strdup_printf ("%s.%s", where, (char *)l->data);

    if (!g_hash_table_contains (names, l->data))
      return genvid_error_refuse_at (error, below,
                                     "no word or parameter has this name");
    if (!check_test (json_object_get_member (object, l->data), below, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
genvid_condition_check (JsonNode *condition, GHashTable *names,
                        const char *where, GError **error)
{
  JsonArray *array;

  if (!JSON_NODE_HOLDS_ARRAY (condition))
    return check_all (condition, names, where, error);
  array = json_node_get_array (condition);
  if (json_array_get_length (array) == 0)
    return genvid_error_refuse_at (error, where, "it tests nothing");
  for (guint i = 0; i < json_array_get_length (array); i++) {
    g_autofree char *below = g_strdup_printf ("%s[%u]", where, i);

    if (!check_all (json_array_get_element (array, i), names, below, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
match_value (JsonNode *wanted, JsonNode *value)
{
  g_autofree char *pattern = genvid_json_scalar_text (wanted);
  g_autofree char *text = genvid_json_scalar_text (value);

  return pattern && text && genvid_request_field_match (pattern, text);
}

static gboolean
match_test (JsonNode *test, JsonNode *value, gboolean open)
{
  JsonArray *array;

  if (JSON_NODE_HOLDS_VALUE (test)
      && json_node_get_value_type (test) == G_TYPE_BOOLEAN)
    return json_node_get_boolean (test) == (value != NULL);
  if (!value)
    return open;
  if (!JSON_NODE_HOLDS_ARRAY (test))
    return match_value (test, value);
  array = json_node_get_array (test);
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (match_value (json_array_get_element (array, i), value))
      return TRUE;
  return FALSE;
}

static gboolean
match_all (JsonObject *tests, JsonObject *values, gboolean open)
{
  g_autoptr (GList) names = json_object_get_members (tests);

  for (GList *l = names; l; l = l->next)
    if (!match_test (json_object_get_member (tests, l->data),
                     json_object_get_member (values, l->data), open))
      return FALSE;
  return TRUE;
}

static gboolean
match_any (JsonNode *condition, JsonObject *values, gboolean open)
{
  JsonArray *array;

  if (JSON_NODE_HOLDS_OBJECT (condition))
    return match_all (json_node_get_object (condition), values, open);
  array = json_node_get_array (condition);
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (match_all (json_array_get_object_element (array, i), values, open))
      return TRUE;
  return FALSE;
}

gboolean
genvid_condition_holds (JsonObject *rule, JsonObject *values, gboolean open)
{
  JsonNode *when = json_object_get_member (rule, "when");
  JsonNode *unless = json_object_get_member (rule, "unless");

  if (when && !match_any (when, values, open))
    return FALSE;
  return !unless || !match_any (unless, values, FALSE);
}

gboolean
genvid_condition_match (JsonNode *condition, JsonObject *values)
{
  return match_any (condition, values, FALSE);
}
