/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A call laid over what all calls have in common, and the models of a call over
 * the call. */
#include "description-merge.h"

#include "json.h"

#include <json-glib/json-glib.h>

/* BASE with OVER's members in place of its own. */
static JsonObject *
merge (JsonObject *base, JsonObject *over)
{
  JsonObject *merged = genvid_json_copy_object (base);
  g_autoptr (GList) names = json_object_get_members (over);

  for (GList *l = names; l; l = l->next)
    json_object_set_member (
        merged, l->data,
        json_node_copy (json_object_get_member (over, l->data)));
  return merged;
}

/* OVER laid over BASE at any depth; null takes a member away. */
static JsonObject *
lay_over (JsonObject *base, JsonObject *over)
{
  JsonObject *merged = genvid_json_copy_object (base);
  g_autoptr (GList) names = json_object_get_members (over);

  for (GList *l = names; l; l = l->next) {
    JsonNode *node = json_object_get_member (over, l->data);
    JsonObject *below = genvid_json_object (base, l->data);

    if (JSON_NODE_HOLDS_NULL (node))
      json_object_remove_member (merged, l->data);
    else if (below && JSON_NODE_HOLDS_OBJECT (node))
      json_object_set_object_member (
          merged, l->data, lay_over (below, json_node_get_object (node)));
    else
      json_object_set_member (merged, l->data, json_node_copy (node));
  }
  return merged;
}

/* The "with" of a submit is part of its body from here on. */
static void
complete_body (JsonObject *call)
{
  JsonObject *submit = genvid_json_object (call, "submit");
  JsonObject *with = genvid_json_object (submit, "with");
  const char *name
      = submit && json_object_has_member (submit, "form") ? "form" : "body";
  JsonObject *body = genvid_json_object (submit, name);
  g_autoptr (JsonObject) filled = NULL;

  if (!with || !body)
    return;
  filled = genvid_json_copy_object (submit);
  json_object_set_object_member (filled, name, lay_over (body, with));
  json_object_remove_member (filled, "with");
  json_object_set_object_member (call, "submit", g_steal_pointer (&filled));
}

/* The reply to "result" is read as every other, but for what it says itself;
 * the states of a poll are none of a result. */
static void
complete_result (JsonObject *call)
{
  JsonObject *result = genvid_json_object (call, "result");
  JsonObject *reply = genvid_json_object (call, "reply");
  JsonObject *own = genvid_json_object (result, "reply");
  g_autoptr (JsonObject) filled = NULL;
  JsonObject *merged;

  if (!result || !reply)
    return;
  filled = genvid_json_copy_object (result);
  merged = own ? merge (reply, own) : genvid_json_copy_object (reply);
  if (!own || !json_object_has_member (own, "states"))
    json_object_remove_member (merged, "states");
  json_object_set_object_member (filled, "reply", merged);
  json_object_set_object_member (call, "result", g_steal_pointer (&filled));
}

static void complete_models (JsonObject *call);

JsonObject *
genvid_description_merge (JsonObject *root, JsonObject *call)
{
  JsonObject *merged = genvid_json_copy_object (root);
  g_autoptr (GList) names = json_object_get_members (call);

  json_object_remove_member (merged, "calls");
  for (GList *l = names; l; l = l->next) {
    JsonObject *base = genvid_json_object (root, l->data);
    JsonObject *over = genvid_json_object (call, l->data);

    if (base && over && !g_str_equal (l->data, "when")
        && !g_str_equal (l->data, "unless"))
      json_object_set_object_member (merged, l->data, merge (base, over));
    else
      json_object_set_member (
          merged, l->data,
          json_node_copy (json_object_get_member (call, l->data)));
  }
  complete_result (merged);
  complete_body (merged);
  complete_models (merged);
  return merged;
}

/* Each model's own members become a whole call, which keeps the call's name. */
static void
complete_models (JsonObject *call)
{
  JsonObject *models = genvid_json_object (call, "models");
  g_autoptr (GList) names = models ? json_object_get_members (models) : NULL;
  g_autoptr (JsonObject) base = NULL;
  g_autoptr (JsonObject) whole = NULL;

  if (!models)
    return;
  base = genvid_json_copy_object (call);
  whole = json_object_new ();
  json_object_remove_member (base, "models");
  for (GList *l = names; l; l = l->next)
    json_object_set_object_member (
        whole, l->data,
        genvid_description_merge (base, genvid_json_object (models, l->data)));
  json_object_set_object_member (call, "models", g_steal_pointer (&whole));
}
