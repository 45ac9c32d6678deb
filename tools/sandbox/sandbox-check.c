/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "sandbox-private.h"

#include <string.h>

static const char *
type_word (JsonNode *node)
{
  switch (JSON_NODE_TYPE (node)) {
  case JSON_NODE_OBJECT:
    return "object";
  case JSON_NODE_ARRAY:
    return "array";
  case JSON_NODE_NULL:
    return "null";
  default:
    break;
  }
  switch (json_node_get_value_type (node)) {
  case G_TYPE_STRING:
    return "string";
  case G_TYPE_INT64:
    return "integer";
  case G_TYPE_DOUBLE:
    return "fraction";
  default:
    return "boolean";
  }
}

static gboolean
is (JsonNode *node, const char *word)
{
  return g_str_equal (type_word (node), word);
}

static gboolean
elements_are (JsonNode *node, gboolean integers_too)
{
  JsonArray *array;

  if (!is (node, "array"))
    return FALSE;
  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonNode *element = json_array_get_element (array, i);
    if (!is (element, "string") && !(integers_too && is (element, "integer")))
      return FALSE;
  }
  return json_array_get_length (array) > 0;
}

static const char *
expected (JsonNode *node, SandboxFieldType type)
{
  switch (type) {
  case FIELD_STRING:
    return is (node, "string") ? NULL : "string";
  case FIELD_INTEGER:
    return is (node, "integer") ? NULL : "integer";
  case FIELD_ID:
    return is (node, "string") || is (node, "integer") ? NULL
                                                       : "string or integer";
  case FIELD_IDS:
    return elements_are (node, TRUE) ? NULL : "array of ids, not empty";
  case FIELD_STRINGS:
    return elements_are (node, FALSE) ? NULL : "array of strings, not empty";
  default:
    return is (node, "object") ? NULL : "object";
  }
}

static char *
as_text (JsonNode *node)
{
  if (is (node, "integer"))
    return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  return is (node, "string") ? g_strdup (json_node_get_string (node)) : NULL;
}

static char *
check_value (JsonNode *node, const char *path, const SandboxField *field)
{
  const char *type = expected (node, field->type);
  g_autofree char *text = NULL;
  g_autofree char *allowed = NULL;

  if (type != NULL)
    return g_strdup_printf ("%s%s: expected %s, received %s", path, field->name,
                            type, type_word (node));
  text = as_text (node);
  if (text != NULL && text[strspn (text, " \t\r\n")] == '\0')
    return g_strdup_printf ("%s%s: expected a value, received \"\"", path,
                            field->name);
  if (field->values == NULL || g_strv_contains (field->values, text))
    return NULL;
  allowed = g_strjoinv ("\" | \"", (char **)field->values);
  return g_strdup_printf ("%s%s: expected \"%s\", received \"%s\"", path,
                          field->name, allowed, text);
}

static const SandboxField *
field_named (const SandboxField *fields, const char *name)
{
  for (; fields->name != NULL; fields++)
    if (g_str_equal (fields->name, name))
      return fields;
  return NULL;
}

char *
sandbox_check_members (JsonObject *object, const char *path,
                       const SandboxField *fields)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, &node)) {
    const SandboxField *field = field_named (fields, name);
    char *problem;
    if (field == NULL)
      return g_strdup_printf ("%s%s: unknown member", path, name);
    problem = check_value (node, path, field);
    if (problem != NULL)
      return problem;
  }
  for (; fields->name != NULL; fields++) {
    if (!fields->required || json_object_has_member (object, fields->name))
      continue;
    if (fields->instead != NULL
        && json_object_has_member (object, fields->instead))
      continue;
    return g_strdup_printf ("%s%s: required, missing", path, fields->name);
  }
  return NULL;
}

static gboolean
is_json_type (const char *type)
{
  g_auto (GStrv) parts = g_strsplit (type == NULL ? "" : type, ";", 2);

  if (parts[0] == NULL
      || g_ascii_strcasecmp (g_strstrip (parts[0]), "application/json") != 0)
    return FALSE;
  return parts[1] == NULL
         || g_ascii_strcasecmp (g_strstrip (parts[1]), "charset=utf-8") == 0;
}

JsonObject *
sandbox_check_body (const GenvidSandboxRequest *q, guint *status,
                    char **problem)
{
  const char *type = genvid_sandbox_request_header (q, "Content-Type");
  g_autoptr (JsonParser) parser = json_parser_new ();
  const char *text;
  JsonNode *root;
  gsize size = 0;

  *status = 400;
  if (!is_json_type (type)) {
    *status = 415;
    *problem = g_strdup_printf ("Content-Type must be application/json, "
                                "received %s",
                                type == NULL ? "none" : type);
    return NULL;
  }
  text = q->body == NULL ? "" : g_bytes_get_data (q->body, &size);
  *problem = sandbox_json_check (size == 0 ? "" : text, size);
  if (*problem != NULL)
    return NULL;
  if (!json_parser_load_from_data (parser, text, (gssize)size, NULL)) {
    *problem = g_strdup ("JSON cannot be read");
    return NULL;
  }
  root = json_parser_get_root (parser);
  if (!JSON_NODE_HOLDS_OBJECT (root)) {
    *problem = g_strdup ("expected object");
    return NULL;
  }
  return json_object_ref (json_node_get_object (root));
}

const char *
sandbox_check_key (GenvidSandbox *self, const GenvidSandboxRequest *q,
                   const char *header, const char *prefix)
{
  const char *value = genvid_sandbox_request_header (q, header);
  const char *key;

  if (value == NULL)
    return "the key is missing";
  if (!g_str_has_prefix (value, prefix))
    return "the key does not have the expected form";
  key = value + strlen (prefix);
  if (key[0] == '\0' || strpbrk (key, " \t\"'") != NULL)
    return "the key is malformed";
  if (self->options.key != NULL && !g_str_equal (key, self->options.key))
    return "the key is unknown";
  return NULL;
}

GPtrArray *
sandbox_check_query (const GenvidSandboxRequest *q, const char *const *allowed,
                     char **problem)
{
  g_autoptr (GPtrArray) query = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) pairs = g_strsplit (q->query == NULL ? "" : q->query, "&", -1);

  for (guint i = 0; pairs[i] != NULL && pairs[i][0] != '\0'; i++) {
    char *value = strchr (pairs[i], '=');
    if (value == NULL || strpbrk (value + 1, ":/+ ") != NULL) {
      *problem = g_strdup_printf ("query \"%s\" is not encoded", pairs[i]);
      return NULL;
    }
    *value++ = '\0';
    g_ptr_array_add (query, g_uri_unescape_string (pairs[i], NULL));
    g_ptr_array_add (query, g_uri_unescape_string (value, NULL));
    if (query->pdata[2 * i] == NULL || query->pdata[2 * i + 1] == NULL
        || !g_strv_contains (allowed, query->pdata[2 * i])) {
      *problem = g_strdup_printf ("query parameter \"%s\" is unknown or not "
                                  "encoded",
                                  pairs[i]);
      return NULL;
    }
  }
  return g_steal_pointer (&query);
}

const char *
sandbox_query_get (GPtrArray *query, const char *name)
{
  for (guint i = 0; i + 1 < query->len; i += 2)
    if (g_str_equal (query->pdata[i], name))
      return query->pdata[i + 1];
  return NULL;
}

gboolean
sandbox_is_positive (const char *text)
{
  return text != NULL
         && g_ascii_string_to_unsigned (text, 10, 1, G_MAXINT64, NULL, NULL);
}
