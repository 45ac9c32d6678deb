/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the store keeps of a plan, so that a purchase can be found and continued
 * by its fingerprint alone: enough to poll and to download. What is secret or
 * says where a key goes is not kept, so nothing can be bought with it. */

#include "plan-record.h"

#include "call.h"
#include "json.h"
#include "plan.h"
#include "provider.h"
#include "record.h"
#include "request-fields.h"
#include "request.h"
#include "url.h"

#include <json-glib/json-glib.h>

/* A record that is too large to be read back is worse than one without its
 * request. */
#define MAX_BYTES (256 * 1024)
#define MAX_DEPTH 32

static JsonNode *clean (JsonNode *node, guint depth);

static JsonNode *
clean_object (JsonObject *object, guint depth)
{
  JsonNode *copy = json_node_new (JSON_NODE_OBJECT);
  JsonObject *cleaned = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;

  json_node_take_object (copy, cleaned);
  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, &member)) {
    g_autofree char *valid = g_utf8_make_valid (name, -1);

    json_object_set_member (cleaned, valid, clean (member, depth + 1));
  }
  return copy;
}

static JsonNode *
clean_array (JsonArray *array, guint depth)
{
  JsonNode *copy = json_node_new (JSON_NODE_ARRAY);
  JsonArray *cleaned = json_array_new ();

  json_node_take_array (copy, cleaned);
  for (guint i = 0; i < json_array_get_length (array); i++)
    json_array_add_element (
        cleaned, clean (json_array_get_element (array, i), depth + 1));
  return copy;
}

/* The query of a link may be its signature. */
static JsonNode *
clean_text (const char *text)
{
  g_autofree char *shown
      = strstr (text, "://") != NULL ? genvid_url_display (text) : NULL;
  g_autofree char *valid = g_utf8_make_valid (shown != NULL ? shown : text, -1);

  return json_node_init_string (json_node_alloc (), valid);
}

static JsonNode *
clean (JsonNode *node, guint depth)
{
  if (depth > MAX_DEPTH)
    return json_node_new (JSON_NODE_NULL);
  if (JSON_NODE_HOLDS_OBJECT (node))
    return clean_object (json_node_get_object (node), depth);
  if (JSON_NODE_HOLDS_ARRAY (node))
    return clean_array (json_node_get_array (node), depth);
  if (JSON_NODE_HOLDS_VALUE (node)
      && json_node_get_value_type (node) == G_TYPE_STRING)
    return clean_text (json_node_get_string (node));
  return json_node_copy (node);
}

static void
clean_member (JsonObject *object, const char *name)
{
  JsonNode *member = json_object_get_member (object, name);

  if (member != NULL)
    json_object_set_member (object, name, clean (member, 0));
}

static void
drop_settings (const GenvidPlan *plan, JsonObject *options)
{
  g_autoptr (GList) names = json_object_get_members (options);

  for (GList *l = names; l != NULL; l = l->next) {
    const GenvidOption *parameter
        = genvid_provider_find_parameter (plan->provider, l->data);

    if (parameter != NULL && parameter->setting)
      json_object_remove_member (options, l->data);
  }
}

static gboolean
has_option (const GenvidPlan *plan, JsonObject *options, const char *name)
{
  g_autoptr (GList) names = json_object_get_members (options);

  for (GList *l = names; l != NULL; l = l->next) {
    const GenvidOption *parameter
        = genvid_provider_find_parameter (plan->provider, l->data);

    if (parameter != NULL && strcmp (parameter->name, name) == 0)
      return TRUE;
  }
  return FALSE;
}

/* Those from the environment, which may differ next time. */
static void
add_parameters (const GenvidPlan *plan, const GenvidCall *call,
                JsonObject *options)
{
  JsonObject *parameters
      = genvid_json_object (genvid_call_get_canonical (call), "parameters");
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (parameters == NULL)
    return;
  json_object_iter_init (&iter, parameters);
  while (json_object_iter_next (&iter, &name, &value))
    if (!has_option (plan, options, name))
      json_object_set_member (options, name, json_node_copy (value));
}

/* NULL if it is too large to keep. */
static JsonObject *
make_request (const GenvidPlan *plan, const GenvidCall *call)
{
  g_autoptr (JsonObject) request = genvid_request_to_json (plan->request);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;
  JsonObject *options = genvid_json_object (request, "options");

  if (options == NULL) {
    options = json_object_new ();
    json_object_set_object_member (request, "options", options);
  }
  drop_settings (plan, options);
  add_parameters (plan, call, options);
  if (json_object_get_size (options) == 0)
    json_object_remove_member (request, "options");
  clean_member (request, "options");
  clean_member (request, "variables");
  for (guint i = 0; genvid_request_fields[i] != NULL; i++)
    if (genvid_request_field_is_input (genvid_request_fields[i]))
      clean_member (request, genvid_request_fields[i]);
  json_node_set_object (node, request);
  text = genvid_json_to_text (node);
  return strlen (text) <= MAX_BYTES ? g_steal_pointer (&request) : NULL;
}

GenvidRecord *
genvid_plan_make_record (const GenvidPlan *plan, const GenvidCall *call,
                         const GenvidRecord *record)
{
  GenvidRecord *kept;

  if (record != NULL) {
    kept = genvid_record_copy (record);
  } else {
    kept = genvid_record_new (plan->fingerprint,
                              genvid_provider_get_name (plan->provider));
    kept->call = g_strdup (genvid_call_get_name (call));
    kept->model = g_strdup (plan->model);
    kept->prompt = g_strdup (plan->request->prompt);
  }
  /* The record was damaged. */
  if (kept->provider == NULL || kept->provider[0] == '\0') {
    g_free (kept->provider);
    kept->provider = g_strdup (genvid_provider_get_name (plan->provider));
  }
  if (kept->request == NULL)
    kept->request = make_request (plan, call);
  if (kept->base_url == NULL)
    kept->base_url = g_strdup (plan->base_url);
  return kept;
}
