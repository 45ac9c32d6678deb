/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Options: the declared ones become typed parameters, all others members of
 * the body. A member that the description writes itself can not be set from
 * here, else one option could make another clip than the one asked for. */
#include "call-options.h"

#include "call-private.h"
#include "call.h"
#include "description.h"
#include "failure.h"
#include "json-path.h"
#include "json.h"
#include "name.h"
#include "option.h"
#include "provider.h"
#include "request-fields.h"
#include "request-uri.h"
#include "request.h"
#include "template.h"

#include <json-glib/json-glib.h>

#include <string.h>

/* A word that is newer than the description sets the parameter of its name. A
 * switch is on or off here, and may be true or false there. */
static gboolean
take_word (GenvidCall *call, const GenvidOption *parameter, GError **error)
{
  const char *name = parameter->name;
  const char *text = genvid_json_string (call->values, name, NULL);
  g_autoptr (JsonNode) value = NULL;
  JsonNode *converted;

  if (genvid_request_field_is_input (name) && !strstr (text, "://"))
    return genvid_error_refuse (error, "%s takes %s as an https link",
                                genvid_provider_get_title (call->provider),
                                name);
  if (parameter->type == GENVID_OPTION_BOOLEAN && text)
    value
        = json_node_init_boolean (json_node_alloc (), g_str_equal (text, "on"));
  else
    value = json_node_copy (json_object_get_member (call->values, name));
  converted = genvid_option_convert (parameter, value, error);
  if (!converted) {
    g_prefix_error (error, "option ");
    return FALSE;
  }
  json_object_set_member (call->given, name, json_node_copy (converted));
  json_object_set_member (call->values, name, converted);
  return TRUE;
}

static gboolean
take_words (GenvidCall *call, GError **error)
{
  guint n = genvid_provider_get_n_parameters (call->provider);

  for (guint i = 0; i < n; i++) {
    const GenvidOption *parameter
        = genvid_provider_get_parameter (call->provider, i);

    if (json_object_has_member (call->values, parameter->name)
        && !take_word (call, parameter, error))
      return FALSE;
  }
  return TRUE;
}

/* A stored request has what a word set among its options, too. */
static gboolean
is_repeated (GenvidCall *call, const char *name, JsonNode *converted)
{
  return genvid_request_field_is_later (name)
         && json_node_equal (json_object_get_member (call->given, name),
                             converted);
}

static gboolean
take_option (GenvidCall *call, const char *name, JsonNode *value,
             GError **error)
{
  const GenvidOption *parameter
      = genvid_provider_find_parameter (call->provider, name);
  JsonNode *converted;

  if (!parameter) {
    json_object_set_member (call->extras, name, json_node_copy (value));
    return TRUE;
  }
  converted = genvid_option_convert (parameter, value, error);
  if (!converted) {
    g_prefix_error (error, "option ");
    return FALSE;
  }
  if (json_object_has_member (call->given, parameter->name)
      && !is_repeated (call, parameter->name, converted)) {
    json_node_unref (converted);
    return genvid_error_refuse (error, "option %s is given twice",
                                parameter->name);
  }
  json_object_set_member (call->given, parameter->name, converted);
  json_object_set_member (call->values, parameter->name,
                          json_node_copy (converted));
  return TRUE;
}

/* What no option set: from the environment, else the declared default. */
static gboolean
take_fallback (GenvidCall *call, const GenvidOption *parameter,
               JsonObject *environment, GError **error)
{
  const char *text = genvid_json_string (environment, parameter->name, NULL);
  JsonNode *node = environment
                       ? json_object_get_member (environment, parameter->name)
                       : NULL;
  JsonNode *converted;

  if (!node || JSON_NODE_HOLDS_NULL (node) || (text && !*text))
    node = parameter->fallback;
  if (!node)
    return TRUE;
  converted = genvid_option_convert (parameter, node, error);
  if (!converted) {
    g_prefix_error (error, "%s: ",
                    parameter->variable ? parameter->variable : "environment");
    return FALSE;
  }
  json_object_set_member (call->values, parameter->name, converted);
  return TRUE;
}

gboolean
genvid_call_take_options (GenvidCall *call, JsonObject *options,
                          JsonObject *environment, GError **error)
{
  g_autoptr (GList) names = options ? json_object_get_members (options) : NULL;
  guint n = genvid_provider_get_n_parameters (call->provider);

  if (!take_words (call, error))
    return FALSE;
  for (GList *l = names; l; l = l->next) {
    JsonNode *value = json_object_get_member (options, l->data);

    if (!JSON_NODE_HOLDS_NULL (value)
        && !take_option (call, l->data, value, error))
      return FALSE;
  }
  for (guint i = 0; i < n; i++) {
    const GenvidOption *parameter
        = genvid_provider_get_parameter (call->provider, i);

    if (!json_object_has_member (call->given, parameter->name)
        && !take_fallback (call, parameter, environment, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
check_parameter (GenvidCall *call, const GenvidOption *parameter,
                 GHashTable *used, GError **error)
{
  const char *name = parameter->name;
  g_autofree char *whose = genvid_call_describe (call);
  g_autofree char * or = NULL;

  if (!g_hash_table_contains (used, name)) {
    if (genvid_provider_only_chooses (call->provider, name))
      return TRUE;
    if (json_object_has_member (call->given, name))
      return genvid_error_refuse (error, "%s does not use the option %s", whose,
                                  name);
    /* From the environment it may belong to another call. */
    json_object_remove_member (call->values, name);
    return TRUE;
  }
  if (!parameter->required || json_object_has_member (call->values, name))
    return TRUE;
  if (parameter->variable)
    or = g_strdup_printf (" or the variable %s", parameter->variable);
  return genvid_error_refuse (error, "%s needs the option %s%s: %s", whose,
                              name, or ? or : "", parameter->help);
}

/* The skeleton's object that takes the extras. */
static JsonObject *
find_place (const GenvidCall *call)
{
  JsonObject *submit = genvid_json_object (call->spec, "submit");
  const char *place = genvid_json_string (submit, "extra", NULL);
  g_autoptr (GenvidJsonPath) path
      = place ? genvid_json_path_new (place, NULL) : NULL;

  return path ? json_node_get_object (genvid_json_path_get (
             path, genvid_description_get_body (call->spec)))
              : NULL;
}

/* The property that fills a member, to name it in the refusal. */
static const char *
find_property (JsonNode *member)
{
  g_autoptr (GHashTable) names
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  genvid_template_collect (member, names);
  for (guint i = 0; genvid_request_fields[i]; i++)
    if (g_hash_table_contains (names, genvid_request_fields[i]))
      return genvid_request_fields[i];
  return NULL;
}

static gboolean
check_extra (GenvidCall *call, JsonObject *place, const char *name,
             GPtrArray *warnings, GError **error)
{
  JsonNode *member = json_object_get_member (place, name);
  const char *title = genvid_provider_get_title (call->provider);
  const char *property = member ? find_property (member) : NULL;

  /* A word that is younger than the option leaves it as it was. */
  if (property && genvid_request_field_is_later (property)
      && !json_object_has_member (call->values, property))
    property = NULL, member = NULL;
  if (property)
    return genvid_error_refuse (
        error, "option %s: %s has it as the property %s; set that instead",
        name, title, property);
  if (member || *name == '$')
    return genvid_error_refuse (
        error, "option %s: the description of %s writes this member itself",
        name, title);
  g_ptr_array_add (
      warnings, g_strdup_printf ("option %s is not in the description of %s; "
                                 "it is sent as it is",
                                 name, title));
  return TRUE;
}

static gboolean
check_extras (GenvidCall *call, GPtrArray *warnings, GError **error)
{
  JsonObject *place = find_place (call);
  g_autoptr (GList) names = json_object_get_members (call->extras);

  if (names && !place)
    return genvid_error_refuse (
        error, "option %s: %s takes only the options in its description",
        (char *)names->data, genvid_provider_get_title (call->provider));
  for (GList *l = names; l; l = l->next)
    if (!check_extra (call, place, l->data, warnings, error))
      return FALSE;
  return TRUE;
}

gboolean
genvid_call_check_options (GenvidCall *call, GPtrArray *warnings,
                           GError **error)
{
  g_autoptr (GHashTable) used = genvid_description_collect (call->spec);
  guint n = genvid_provider_get_n_parameters (call->provider);

  for (guint i = 0; i < n; i++)
    if (!check_parameter (call,
                          genvid_provider_get_parameter (call->provider, i),
                          used, error)
        && !genvid_call_forgive (call, error))
      return FALSE;
  return check_extras (call, warnings, error)
         || genvid_call_forgive (call, error);
}

/* The members of a URI that are not ours. An unknown one is a typing error, and
 * would buy another clip than the one that was meant. */

static const GenvidOption *
find_parameter (const GenvidProvider *provider, const char *name)
{
  g_autofree char *wanted = genvid_name_fold (name);

  for (guint i = 0; i < genvid_provider_get_n_parameters (provider); i++) {
    const GenvidOption *parameter = genvid_provider_get_parameter (provider, i);
    g_autofree char *known = genvid_name_fold (parameter->name);

    if (g_str_equal (known, wanted))
      return parameter;
  }
  return NULL;
}

static GPtrArray *
list_known (const GenvidProvider *provider)
{
  GPtrArray *names = g_ptr_array_new ();

  genvid_request_uri_list_names (names);
  for (guint i = 0; i < genvid_provider_get_n_parameters (provider); i++) {
    const GenvidOption *parameter = genvid_provider_get_parameter (provider, i);

    if (!parameter->setting && parameter->type != GENVID_OPTION_JSON)
      g_ptr_array_add (names, parameter->name);
  }
  g_ptr_array_add (names, NULL);
  return names;
}

static gboolean
refuse_unknown (const GenvidProvider *provider, const char *name,
                GError **error)
{
  g_autoptr (GPtrArray) names = list_known (provider);
  const char *nearest
      = genvid_name_nearest (name, (const char *const *)names->pdata);
  const char *advice = genvid_request_uri_refusal (nearest, NULL);
  g_autofree char *shown = genvid_request_uri_show (name);

  return genvid_error_refuse (
      error,
      "\"%s\" is not a member of a genvid: URI for %s; the nearest is "
      "%s%s%s. Nothing was bought. A member that the description does not "
      "declare can only be set with the property options; inside a "
      "value write %%26 for &",
      shown, genvid_provider_get_title (provider), nearest,
      advice ? ", which no URI may set: " : "", advice ? advice : "");
}

static gboolean
add (JsonObject *known, const GenvidProvider *provider, const char *name,
     JsonNode *value, GError **error)
{
  const GenvidOption *parameter = find_parameter (provider, name);

  if (!parameter)
    return refuse_unknown (provider, name, error);
  if (parameter->type == GENVID_OPTION_JSON)
    return genvid_error_refuse (
        error,
        "A genvid: URI may not set %s, which is a file of yours. "
        "Set the property options instead of the URI.",
        parameter->name);
  if (!parameter->setting) {
    json_object_set_member (known, parameter->name, json_node_copy (value));
    return TRUE;
  }
  return genvid_error_refuse (
      error,
      "A genvid: URI may not set %s, which says where a key goes. "
      "Set the property options instead of the URI.",
      parameter->name);
}

gboolean
genvid_uri_options_resolve (GenvidRequest *request,
                            const GenvidProvider *provider, GError **error)
{
  g_autoptr (JsonObject) known = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (!request->options)
    return TRUE;
  json_object_iter_init (&iter, request->options);
  while (json_object_iter_next (&iter, &name, &value))
    if (!add (known, provider, name, value, error))
      return FALSE;
  json_object_unref (request->options);
  request->options = g_steal_pointer (&known);
  return TRUE;
}
