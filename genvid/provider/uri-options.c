/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The members of a URI that are not ours, checked against the description of a
 * service. An unknown member is a typing error, and would buy another clip than
 * the one that was meant. */
#include "uri-options.h"

#include "failure.h"
#include "name.h"
#include "provider.h"
#include "request-uri.h"
#include "request.h"

#include <json-glib/json-glib.h>

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

    if (!parameter->setting)
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
