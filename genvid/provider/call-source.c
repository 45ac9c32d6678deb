/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looking things up by a description's paths and testing its rules. Of
 * candidates the first that says something counts; a rule holds when all of it
 * does. What follows from that is in call-parse.c. */
#include "call-source.h"

#include "call-private.h"
#include "description.h"
#include "exchange.h"
#include "json-path.h"
#include "json.h"
#include "request-fields.h"

#include <json-glib/json-glib.h>

#include <string.h>

gboolean
genvid_call_source_is_success (const GenvidCallSource *source)
{
  return source->answer->status >= 200 && source->answer->status <= 299;
}

/* Of a header, whose bytes may be anything: what is polled in this run and in
 * the next one, from disk, is to be the same. */
static JsonNode *
new_text_node (const char *text)
{
  g_autofree char *valid = text ? g_utf8_make_valid (text, -1) : NULL;

  return valid ? json_node_init_string (json_node_alloc (), valid) : NULL;
}

JsonNode *
genvid_call_source_find (const GenvidCallSource *source, const char *text)
{
  g_autoptr (GenvidJsonPath) path = NULL;
  JsonNode *node;

  if (g_str_equal (text, "http"))
    return json_node_init_int (json_node_alloc (), source->answer->status);
  if (g_str_has_prefix (text, "header:"))
    return new_text_node (
        genvid_answer_get_header (source->answer, text + strlen ("header:")));
  path = source->root ? genvid_json_path_new (text, NULL) : NULL;
  if (path)
    genvid_json_path_bind_id (path, source->call->id);
  node = path ? genvid_json_path_get (path, source->root) : NULL;
  return node ? json_node_copy (node) : NULL;
}

JsonNode *
genvid_call_source_find_first (const GenvidCallSource *source,
                               JsonObject *owner, const char *key)
{
  g_autoptr (GList) candidates = genvid_description_list (owner, key);

  for (GList *l = candidates; l; l = l->next) {
    g_autoptr (JsonNode) node
        = genvid_call_source_find (source, json_node_get_string (l->data));
    g_autofree char *text = genvid_json_scalar_text (node);

    if (text && *g_strchug (text))
      return g_steal_pointer (&node);
  }
  return NULL;
}

char *
genvid_call_source_find_text (const GenvidCallSource *source, const char *key)
{
  g_autoptr (JsonNode) node
      = genvid_call_source_find_first (source, source->spec, key);

  return genvid_json_scalar_text (node);
}

/* Rules. */

static gboolean
match (const char *value, const char *text)
{
  return strchr (value, '*') ? genvid_request_field_match (value, text)
                             : g_ascii_strcasecmp (value, text) == 0;
}

gboolean
genvid_call_source_lists (JsonObject *rule, const char *key, const char *text)
{
  g_autoptr (GList) values = genvid_description_list (rule, key);

  for (GList *l = values; text && l; l = l->next) {
    g_autofree char *value = genvid_json_scalar_text (l->data);

    if (value && match (value, text))
      return TRUE;
  }
  return FALSE;
}

gboolean
genvid_call_source_lists_status (const GenvidCallSource *source,
                                 JsonObject *rule)
{
  g_autofree char *text = g_strdup_printf ("%u", source->answer->status);

  return !json_object_has_member (rule, "http")
         || genvid_call_source_lists (rule, "http", text);
}

/* One path against a list, or whether it is there. */
static gboolean
test_holds (const GenvidCallSource *source, JsonObject *test,
            const char *status, char **word)
{
  const char *path = genvid_json_string (test, "path", NULL);
  g_autoptr (JsonNode) node
      = path ? genvid_call_source_find (source, path) : NULL;
  g_autofree char *text
      = path ? genvid_json_scalar_text (node) : g_strdup (status);

  if (json_object_has_member (test, "exists")
      && genvid_json_bool (test, "exists", TRUE)
             != (node != NULL || (!path && status != NULL)))
    return FALSE;
  if (json_object_has_member (test, "in")
      && !genvid_call_source_lists (test, "in", text))
    return FALSE;
  if (json_object_has_member (test, "not-in")
      && (!text || genvid_call_source_lists (test, "not-in", text)))
    return FALSE;
  if (!json_object_has_member (test, "exists") && text) {
    g_free (*word);
    *word = g_steal_pointer (&text);
  }
  return TRUE;
}

gboolean
genvid_call_source_holds (const GenvidCallSource *source, JsonObject *rule,
                          const char *status, char **word)
{
  g_autoptr (GList) tests = genvid_description_list (rule, "all");
  g_autofree char *said = NULL;

  if (!genvid_call_source_lists_status (source, rule)
      || !test_holds (source, rule, status, &said))
    return FALSE;
  for (GList *l = tests; l; l = l->next)
    if (!test_holds (source, json_node_get_object (l->data), status, &said))
      return FALSE;
  if (said) {
    g_free (*word);
    *word = g_steal_pointer (&said);
  }
  return TRUE;
}
