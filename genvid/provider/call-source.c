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
#include "text.h"

#include <json-glib/json-glib.h>

#include <string.h>

/* As many are shown. */
#define MAX_PROBLEMS 20

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

/* --- The service's words for what went wrong. --- */

/* A text, or the steps to it: ["body", "images", 0]. */
static char *
join_place (JsonNode *place)
{
  g_autoptr (GString) all = NULL;
  JsonArray *array;

  if (!JSON_NODE_HOLDS_ARRAY (place))
    return genvid_json_scalar_text (place);
  all = g_string_new (NULL);
  array = json_node_get_array (place);
  for (guint i = 0; i < MIN (json_array_get_length (array), MAX_PROBLEMS);
       i++) {
    g_autofree char *step
        = genvid_json_scalar_text (json_array_get_element (array, i));

    if (step)
      g_string_append_printf (all, "%s%s", all->len > 0 ? "." : "", step);
  }
  return all->len > 0 ? g_string_free (g_steal_pointer (&all), FALSE) : NULL;
}

/* "prompt.text: too long"; owned by the caller; nullable. */
static char *
describe_problem (const GenvidCallSource *source, JsonObject *entry,
                  JsonNode *row)
{
  GenvidCallSource inner = *source;
  g_autoptr (JsonNode) place = NULL;
  g_autoptr (JsonNode) text = NULL;
  g_autofree char *words = NULL;
  g_autofree char *where = NULL;

  inner.root = row;
  text = genvid_call_source_find_first (&inner, entry, "text");
  words = genvid_json_scalar_text (text);
  if (!words)
    return NULL;
  if (json_object_has_member (entry, "at"))
    place = genvid_call_source_find (&inner,
                                     genvid_json_string (entry, "at", "$"));
  where = place ? join_place (place) : NULL;
  return where ? g_strdup_printf ("%s: %s", where, words)
               : g_steal_pointer (&words);
}

/* All that a list of problems says, and of what. */
static char *
join_problems (const GenvidCallSource *source, JsonObject *entry)
{
  g_autoptr (JsonNode) list = genvid_call_source_find (
      source, genvid_json_string (entry, "each", "$"));
  g_autoptr (GString) all = g_string_new (NULL);
  JsonArray *array = list && JSON_NODE_HOLDS_ARRAY (list)
                         ? json_node_get_array (list)
                         : NULL;
  guint n = array ? MIN (json_array_get_length (array), MAX_PROBLEMS) : 0;

  for (guint i = 0; i < n; i++) {
    g_autofree char *one
        = describe_problem (source, entry, json_array_get_element (array, i));

    if (one)
      g_string_append_printf (all, "%s%s", all->len > 0 ? "; " : "", one);
  }
  return all->len > 0 ? g_string_free (g_steal_pointer (&all), FALSE) : NULL;
}

/* What one candidate says; owned by the caller; nullable. */
static char *
find_words (const GenvidCallSource *source, JsonNode *candidate)
{
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;

  if (JSON_NODE_HOLDS_OBJECT (candidate))
    return join_problems (source, json_node_get_object (candidate));
  node = genvid_call_source_find (source, json_node_get_string (candidate));
  text = genvid_json_scalar_text (node);
  return text && *g_strchug (text) ? g_steal_pointer (&text) : NULL;
}

char *
genvid_call_source_find_message (const GenvidCallSource *source)
{
  g_autoptr (GList) candidates
      = genvid_description_list (source->spec, "message");

  for (GList *l = candidates; l; l = l->next) {
    g_autofree char *words = find_words (source, l->data);

    if (words)
      return genvid_text_clean (words, -1, source->call->key);
  }
  return NULL;
}
