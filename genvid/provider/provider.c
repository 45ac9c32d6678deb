/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A loaded description and its plain facts. What it makes of a request is in
 * call.c; where the file comes from is not known here. */
#include "provider.h"

#include "condition.h"
#include "description.h"
#include "failure.h"
#include "json-reader.h"
#include "json.h"
#include "option.h"
#include "request-fields.h"
#include "url.h"

#include <json-glib/json-glib.h>

#include <string.h>

/* A day is what services remember a key; some of it is our margin. */
#define DEFAULT_WINDOW  (20 * 3600)
#define DEFAULT_TIMEOUT 900
/* What makes a clip known to all servers of a CDN takes minutes. */
#define DEFAULT_PATIENCE 180

struct _GenvidProvider {
  int references;
  char *file;
  GBytes *text;
  GenvidDescription *description; /* NULL once it was let go */
  JsonObject *facts;              /* a copy of what is asked for after that */
  guint n_calls;
  gboolean chosen_by_model; /* a call tests it */
  GPtrArray *parameters;    /* of GenvidOption */
  char **key_variables;
};

static gboolean
load_parameters (GenvidProvider *provider, GError **error)
{
  JsonObject *objects
      = genvid_json_object (provider->description->root, "parameters");
  g_autoptr (GList) names = objects ? json_object_get_members (objects) : NULL;

  for (GList *l = names; l; l = l->next) {
    GenvidOption *parameter = genvid_option_new (
        l->data, genvid_json_object (objects, l->data), error);

    if (!parameter) {
      g_prefix_error (error, "parameters: default: ");
      return FALSE;
    }
    g_ptr_array_add (provider->parameters, parameter);
    if (parameter->minimum <= parameter->maximum)
      continue;
    return genvid_error_refuse (
        error, "parameters.%s: \"min\" is above \"max\"", parameter->name);
  }
  return TRUE;
}

static void
load_key (GenvidProvider *provider)
{
  JsonObject *key = genvid_json_object (provider->description->root, "key");
  g_autoptr (GList) names = genvid_description_list (key, "variables");
  GStrvBuilder *builder = g_strv_builder_new ();

  for (GList *l = names; l; l = l->next)
    g_strv_builder_add (builder, json_node_get_string (l->data));
  provider->key_variables = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);
}

static void
load_facts (GenvidProvider *provider)
{
  static const char *const names[]
      = { "name",   "title",           "semantics", "key",
          "upload", "base-url",        "limits",    "recovery",
          "cancel", "failure-billing", "retry-503", "credit" };
  JsonObject *root = provider->description->root;

  provider->facts = json_object_new ();
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (json_object_has_member (root, names[i]))
      json_object_set_member (
          provider->facts, names[i],
          genvid_json_copy_whole (json_object_get_member (root, names[i])));
}

static gboolean
load (GenvidProvider *provider, GError **error)
{
  gsize length;
  const char *text = g_bytes_get_data (provider->text, &length);
  g_autoptr (JsonNode) root
      = genvid_json_reader_parse_written (text, length, error);

  if (!root)
    return FALSE;
  provider->description = genvid_description_new (root, error);
  if (!provider->description || !load_parameters (provider, error))
    return FALSE;
  provider->n_calls = provider->description->calls->len;
  for (guint i = 0; i < provider->n_calls; i++)
    provider->chosen_by_model |= genvid_description_tests (
        genvid_provider_get_call (provider, i), "model");
  load_facts (provider);
  load_key (provider);
  return TRUE;
}

GenvidProvider *
genvid_provider_new_from_bytes (const char *file, GBytes *text, GError **error)
{
  g_autoptr (GenvidProvider) provider = g_new0 (GenvidProvider, 1);
  GError *problem = NULL;

  provider->references = 1;
  provider->file = g_strdup (file);
  provider->text = g_bytes_ref (text);
  provider->parameters
      = g_ptr_array_new_with_free_func ((GDestroyNotify)genvid_option_free);
  if (load (provider, &problem))
    return g_steal_pointer (&provider);
  genvid_error_refuse (error, "%s: %s", file, problem->message);
  g_error_free (problem);
  return NULL;
}

GenvidProvider *
genvid_provider_new (const char *file, const char *text, gssize length,
                     GError **error)
{
  g_autoptr (GBytes) bytes
      = g_bytes_new (text, length < 0 ? strlen (text) : (gsize)length);

  return genvid_provider_new_from_bytes (file, bytes, error);
}

GenvidProvider *
genvid_provider_load_again (const GenvidProvider *provider, GError **error)
{
  return genvid_provider_new_from_bytes (provider->file, provider->text, error);
}

void
genvid_provider_drop_description (GenvidProvider *provider)
{
  g_clear_pointer (&provider->description, genvid_description_free);
}

GenvidProvider *
genvid_provider_ref (GenvidProvider *provider)
{
  g_atomic_int_inc (&provider->references);
  return provider;
}

void
genvid_provider_unref (GenvidProvider *provider)
{
  if (!provider || !g_atomic_int_dec_and_test (&provider->references))
    return;
  genvid_description_free (provider->description);
  g_clear_pointer (&provider->facts, json_object_unref);
  g_bytes_unref (provider->text);
  g_free (provider->file);
  g_ptr_array_unref (provider->parameters);
  g_strfreev (provider->key_variables);
  g_free (provider);
}

JsonObject *
genvid_provider_get_root (const GenvidProvider *provider)
{
  return provider->description != NULL ? provider->description->root : NULL;
}

guint
genvid_provider_get_n_calls (const GenvidProvider *provider)
{
  return provider->n_calls;
}

JsonObject *
genvid_provider_get_call (const GenvidProvider *provider, guint index)
{
  return g_ptr_array_index (provider->description->calls, index);
}

const char *
genvid_provider_get_name (const GenvidProvider *provider)
{
  return genvid_json_string (provider->facts, "name", "");
}

const char *
genvid_provider_get_title (const GenvidProvider *provider)
{
  return genvid_json_string (provider->facts, "title", "");
}

gint64
genvid_provider_get_semantics (const GenvidProvider *provider)
{
  return genvid_json_int (provider->facts, "semantics", 1);
}

gboolean
genvid_provider_only_chooses (const GenvidProvider *provider,
                              const char *parameter)
{
  return genvid_description_only_chooses (provider->description, parameter);
}

gboolean
genvid_provider_lists_origins (const GenvidProvider *provider)
{
  JsonObject *key = genvid_json_object (provider->facts, "key");

  return genvid_json_array (key, "origins") != NULL;
}

const char *const *
genvid_provider_get_key_variables (const GenvidProvider *provider)
{
  return (const char *const *)provider->key_variables;
}

static JsonObject *
get_section (const GenvidProvider *provider, const char *name)
{
  return genvid_json_object (provider->facts, name);
}

gboolean
genvid_provider_is_keyless (const GenvidProvider *provider)
{
  return genvid_json_bool (get_section (provider, "key"), "optional", FALSE);
}

const char *
genvid_provider_get_base_url (const GenvidProvider *provider)
{
  return genvid_json_string (get_section (provider, "base-url"), "default",
                             NULL);
}

const char *
genvid_provider_get_upload_origin (const GenvidProvider *provider,
                                   const char *base_url)
{
  const char *own = genvid_provider_get_base_url (provider);

  return own && base_url && genvid_url_same_origin (own, base_url)
             ? genvid_json_string (get_section (provider, "upload"), "origin",
                                   NULL)
             : NULL;
}

const char *
genvid_provider_get_base_url_variable (const GenvidProvider *provider)
{
  return genvid_json_string (get_section (provider, "base-url"), "variable",
                             NULL);
}

guint
genvid_provider_get_n_parameters (const GenvidProvider *provider)
{
  return provider->parameters->len;
}

const GenvidOption *
genvid_provider_get_parameter (const GenvidProvider *provider, guint index)
{
  return g_ptr_array_index (provider->parameters, index);
}

const GenvidOption *
genvid_provider_find_parameter (const GenvidProvider *provider,
                                const char *name)
{
  for (guint i = 0; i < provider->parameters->len; i++) {
    const GenvidOption *parameter = g_ptr_array_index (provider->parameters, i);

    if (genvid_request_field_name_equal (parameter->name, name))
      return parameter;
  }
  return NULL;
}

guint
genvid_provider_get_timeout (const GenvidProvider *provider)
{
  return genvid_json_int (get_section (provider, "limits"), "timeout",
                          DEFAULT_TIMEOUT);
}

guint
genvid_provider_get_patience (const GenvidProvider *provider)
{
  return genvid_json_int (get_section (provider, "limits"), "patience",
                          DEFAULT_PATIENCE);
}

guint
genvid_provider_get_requests_per_minute (const GenvidProvider *provider)
{
  return genvid_json_int (get_section (provider, "limits"),
                          "requests-per-minute", 0);
}

GenvidRecovery
genvid_provider_get_recovery (const GenvidProvider *provider)
{
  const char *kind
      = genvid_json_string (get_section (provider, "recovery"), "kind", "none");

  if (g_str_equal (kind, "replay"))
    return GENVID_RECOVERY_REPLAY;
  if (g_str_equal (kind, "lookup"))
    return GENVID_RECOVERY_LOOKUP;
  return GENVID_RECOVERY_NONE;
}

gint64
genvid_provider_get_replay_window (const GenvidProvider *provider)
{
  return genvid_json_int (get_section (provider, "recovery"), "window",
                          DEFAULT_WINDOW)
         * G_USEC_PER_SEC;
}

gboolean
genvid_provider_can_cancel (const GenvidProvider *provider)
{
  return get_section (provider, "cancel") != NULL;
}

GenvidBilled
genvid_provider_get_failure_billing (const GenvidProvider *provider)
{
  return genvid_billed_from_string (
      genvid_json_string (provider->facts, "failure-billing", "unknown"));
}

gboolean
genvid_provider_retries_503 (const GenvidProvider *provider)
{
  return genvid_json_bool (provider->facts, "retry-503", FALSE);
}

double
genvid_provider_to_usd (const GenvidProvider *provider, double amount,
                        const char *currency)
{
  double rate = -1;

  if (g_str_equal (currency, "USD"))
    rate = 1;
  else if (g_str_equal (currency, "credits"))
    rate = genvid_json_double (get_section (provider, "credit"), "usd", -1);

  return amount >= 0 && rate >= 0 ? amount * rate : -1;
}

double
genvid_provider_convert (const GenvidProvider *provider, double amount,
                         const char *from, const char *to)
{
  double usd, unit;

  if (from == NULL || to == NULL)
    return -1;
  if (g_str_equal (from, to))
    return amount;
  usd = genvid_provider_to_usd (provider, amount, from);
  unit = genvid_provider_to_usd (provider, 1, to);
  return usd >= 0 && unit > 0 ? usd / unit : -1;
}

JsonObject *
genvid_provider_find_call (const GenvidProvider *provider, JsonObject *facts)
{
  for (guint i = 0; i < genvid_provider_get_n_calls (provider); i++) {
    JsonObject *call = genvid_provider_get_call (provider, i);

    if (genvid_condition_holds (call, facts, FALSE))
      return call;
  }
  return NULL;
}

/* Every word of FACTS has a place in CALL, no required one is missing, and
 * nothing in them is forbidden. */
static gboolean
fits (JsonObject *call, JsonObject *facts)
{
  JsonObject *words = genvid_json_object (call, "words");
  g_autoptr (GList) rules = genvid_description_list (call, "forbid");

  for (guint i = 0; genvid_request_fields[i]; i++) {
    const char *name = genvid_request_fields[i];
    gboolean taken = genvid_description_takes (call, name);
    JsonObject *word = genvid_json_object (words, name);

    if (json_object_has_member (facts, name)
            ? !taken
            : taken && genvid_json_bool (word, "required", FALSE))
      return FALSE;
  }
  for (GList *l = rules; l; l = l->next)
    if (genvid_condition_holds (json_node_get_object (l->data), facts, FALSE))
      return FALSE;
  return TRUE;
}

/* Those that it names one by one, no patterns; borrowed strings. */
static GPtrArray *
list_models (const GenvidProvider *provider)
{
  GPtrArray *models = g_ptr_array_new ();

  for (guint i = 0; i < genvid_provider_get_n_calls (provider); i++) {
    JsonObject *call = genvid_provider_get_call (provider, i);
    JsonObject *table = genvid_json_object (call, "models");
    g_autoptr (GList) known = genvid_description_list (
        genvid_json_object (genvid_json_object (call, "words"), "model"),
        "known");
    g_autoptr (GList) names = table ? json_object_get_members (table) : NULL;

    for (GList *l = known; l; l = l->next)
      g_ptr_array_add (models, (gpointer)json_node_get_string (l->data));
    for (GList *l = names; l; l = l->next)
      if (!strchr (l->data, '*'))
        g_ptr_array_add (models, l->data);
  }
  return models;
}

/* How many parts both names begin with: of "a/b-c" and "a/b-d" it is two. */
static guint
count_shared_parts (const char *a, const char *b)
{
  guint n = 0;

  for (; *a != '\0' && *a == *b; a++, b++)
    n += strchr ("/-.", *a) != NULL;
  return n;
}

const char *
genvid_provider_find_model (const GenvidProvider *provider, JsonObject *facts,
                            const char *like)
{
  g_autoptr (GPtrArray) models = list_models (provider);
  g_autoptr (JsonObject) tried = genvid_json_copy_object (facts);
  const char *best = NULL;
  guint most = 0;

  for (guint i = 0; i < models->len; i++) {
    const char *model = g_ptr_array_index (models, i);
    guint shared = like ? count_shared_parts (like, model) : 0;
    JsonObject *call;

    if (best && shared <= most)
      continue;
    json_object_set_string_member (tried, "model", model);
    call = genvid_provider_find_call (provider, tried);
    if (!call || !fits (genvid_description_get_model (call, model), tried))
      continue;
    best = model;
    most = shared;
  }
  return best;
}

gboolean
genvid_provider_is_chosen_by_model (const GenvidProvider *provider)
{
  return provider->chosen_by_model;
}

gboolean
genvid_provider_names_model (JsonObject *call, const char *model)
{
  g_autofree char *folded = g_strdelimit (g_strdup (model), "/_.", '-');

  return g_str_has_prefix (folded, genvid_json_string (call, "name", ""));
}

gboolean
genvid_provider_takes (const GenvidProvider *provider, JsonObject *call,
                       const char *word)
{
  const char *own = genvid_json_string (call, "name", "");

  for (guint i = 0; i < genvid_provider_get_n_calls (provider); i++) {
    JsonObject *spec = genvid_provider_get_call (provider, i);

    if (g_str_equal (genvid_json_string (spec, "name", ""), own)
        && genvid_description_takes (spec, word))
      return TRUE;
  }
  return FALSE;
}
