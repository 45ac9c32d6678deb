/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A request in a service's words: which of its calls, with which values, for
 * how much. Every refusal happens here, before any network; nothing that was
 * set is ever dropped in silence. */
#include "call.h"

#include "call-build.h"
#include "call-fields.h"
#include "call-options.h"
#include "call-private.h"
#include "condition.h"
#include "description.h"
#include "failure.h"
#include "json.h"
#include "provider.h"
#include "request-fields.h"
#include "request.h"
#include "text.h"

#include <json-glib/json-glib.h>

static gboolean
check_forbidden (GenvidCall *call, JsonObject *owner, JsonObject *facts,
                 GError **error)
{
  g_autoptr (GList) rules = genvid_description_list (owner, "forbid");

  for (GList *l = rules; l; l = l->next) {
    JsonObject *rule = json_node_get_object (l->data);

    if (genvid_condition_holds (rule, facts, FALSE))
      return genvid_error_refuse (error, "%s: %s",
                                  genvid_provider_get_title (call->provider),
                                  genvid_json_string (rule, "say", ""));
  }
  return TRUE;
}

/* By its whole name; a pattern only says what such models are like. */
static gboolean
lists_model (JsonObject *spec, const char *model)
{
  JsonObject *models = genvid_json_object (spec, "models");

  return model && models && json_object_has_member (models, model);
}

static gboolean
choose (GenvidCall *call, GError **error)
{
  JsonObject *root = genvid_provider_get_root (call->provider);
  JsonObject *words = genvid_json_object (root, "words");
  g_autoptr (JsonObject) facts = NULL;
  JsonObject *spec;
  const char *model;

  genvid_call_fill_defaults (call, words);
  facts = genvid_call_get_facts (call, words);
  if (!check_forbidden (call, root, facts, error)
      && !genvid_call_forgive (call, error))
    return FALSE;
  spec = genvid_provider_find_call (call->provider, facts);
  if (spec == NULL)
    return genvid_error_refuse (
        error, "%s has no call for this combination of settings",
        genvid_provider_get_title (call->provider));
  model = genvid_call_find_model (call, spec);
  call->spec = genvid_description_get_model (spec, model);
  call->of_model = call->spec != spec;
  call->listed = lists_model (spec, model);
  return TRUE;
}

/* An input is its contents, never its place on this machine. */
static JsonNode *
make_canonical_input (const GenvidSlot *slot)
{
  static const char *const names[] = { [GENVID_INPUT_ID] = "id",
                                       [GENVID_INPUT_FILE] = "sha256",
                                       [GENVID_INPUT_LINK] = "link" };
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_init_object (json_node_alloc (), object);

  json_object_set_string_member (object, names[slot->input->kind],
                                 slot->input->kind == GENVID_INPUT_FILE
                                     ? slot->input->sha256
                                     : slot->input->value);
  json_object_unref (object);
  return node;
}

static void
add_canonical_inputs (GenvidCall *call)
{
  g_autoptr (JsonArray) references = json_array_new ();

  for (guint i = 0; i < call->slots->len; i++) {
    const GenvidSlot *slot = g_ptr_array_index (call->slots, i);
    JsonNode *node = make_canonical_input (slot);

    if (g_str_equal (slot->word, "references"))
      json_array_add_element (references, node);
    else
      json_object_set_member (call->canonical, slot->word, node);
  }
  if (json_array_get_length (references) > 0)
    json_object_set_array_member (call->canonical, "references",
                                  g_steal_pointer (&references));
}

/* An earlier description's call may have sent it. */
static gboolean
was_bought_with (const GenvidCall *call, const char *name)
{
  return call->bought && json_object_has_member (call->given, name)
         && !genvid_provider_only_chooses (call->provider, name);
}

/* Parameters that this call sends; where a key goes is no part of it. */
static void
add_canonical_parameters (GenvidCall *call)
{
  g_autoptr (JsonObject) parameters = json_object_new ();
  g_autoptr (GHashTable) used = genvid_description_collect (call->spec);
  guint n = genvid_provider_get_n_parameters (call->provider);

  for (guint i = 0; i < n; i++) {
    const GenvidOption *parameter
        = genvid_provider_get_parameter (call->provider, i);
    JsonNode *value = json_object_get_member (call->values, parameter->name);

    if (value && !parameter->setting
        && (g_hash_table_contains (used, parameter->name)
            || was_bought_with (call, parameter->name)))
      json_object_set_member (parameters, parameter->name,
                              json_node_copy (value));
  }
  if (json_object_get_size (parameters) > 0)
    json_object_set_object_member (call->canonical, "parameters",
                                   g_steal_pointer (&parameters));
}

static void
make_canonical (GenvidCall *call)
{
  for (guint i = 0; genvid_request_fields[i]; i++) {
    JsonNode *value
        = json_object_get_member (call->values, genvid_request_fields[i]);

    if (value
        && !genvid_description_has_parameter (call->spec,
                                              genvid_request_fields[i]))
      json_object_set_member (call->canonical, genvid_request_fields[i],
                              json_node_copy (value));
  }
  add_canonical_inputs (call);
  add_canonical_parameters (call);
  if (json_object_get_size (call->extras) > 0)
    json_object_set_object_member (call->canonical, "options",
                                   json_object_ref (call->extras));
}

/* As it was while these values were not listed. */
static void
make_former (GenvidCall *call)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (json_object_get_size (call->spelled) == 0)
    return;
  call->former = genvid_json_copy_object (call->canonical);
  json_object_iter_init (&iter, call->spelled);
  while (json_object_iter_next (&iter, &name, &value))
    json_object_set_member (call->former, name, json_node_copy (value));
}

/* What is not set is at its documented default. Inputs are among the values no
 * more, but a price may depend on there being one. */
JsonObject *
genvid_call_make_priced (const GenvidCall *call)
{
  JsonObject *words = genvid_json_object (call->spec, "words");
  JsonObject *values = genvid_json_copy_object (call->values);

  for (guint i = 0; i < call->slots->len; i++) {
    const GenvidSlot *slot = g_ptr_array_index (call->slots, i);

    json_object_set_boolean_member (values, slot->word, TRUE);
  }
  for (guint i = 0; genvid_request_fields[i]; i++) {
    JsonObject *word = genvid_json_object (words, genvid_request_fields[i]);
    JsonNode *fallback = word ? json_object_get_member (word, "default") : NULL;

    if (fallback && !json_object_has_member (values, genvid_request_fields[i]))
      json_object_set_member (values, genvid_request_fields[i],
                              json_node_copy (fallback));
  }
  return values;
}

/* The dearest length that this call has. */
static double
find_longest (const GenvidCall *call)
{
  JsonObject *word = genvid_json_object (
      genvid_json_object (call->spec, "words"), "duration");
  g_autoptr (GList) values = genvid_description_list (word, "values");
  double longest
      = genvid_json_double (genvid_json_object (call->spec, "price"), "longest",
                            genvid_json_double (word, "max", 0));

  for (GList *l = values; l; l = l->next) {
    double seconds = 0;

    if (genvid_json_scalar_number (l->data, &seconds))
      longest = MAX (longest, seconds);
  }
  return longest;
}

/* FALSE where it depends on a length that nobody knows. */
static gboolean
price_row (const GenvidCall *call, JsonObject *row, JsonObject *priced,
           double *amount)
{
  double per_second = genvid_json_double (row, "per-second", 0);
  /* It is no number where the service chooses. */
  double seconds = genvid_json_double (priced, "duration", find_longest (call));

  *amount = genvid_json_double (row, "amount", 0) + per_second * seconds;
  return per_second == 0 || seconds > 0;
}

static gboolean
find_price (const GenvidCall *call, double *amount, const char **currency)
{
  JsonObject *price = genvid_json_object (call->spec, "price");
  g_autoptr (JsonObject) priced = genvid_call_make_priced (call);
  g_autoptr (GList) rows = genvid_description_list (price, "rows");
  gboolean found = FALSE, certain = FALSE;
  double dearest = 0;

  for (GList *l = rows; l && !certain; l = l->next) {
    JsonObject *row = json_node_get_object (l->data);
    double one = 0;

    /* A row may hold because something is unset: then a later one may hold
     * as well, and the dearest of them is what it could cost. */
    if (!genvid_condition_holds (row, priced, TRUE))
      continue;
    if (!price_row (call, row, priced, &one))
      return FALSE;
    dearest = MAX (dearest, one);
    certain = genvid_condition_holds (row, priced, FALSE);
    found = TRUE;
  }
  /* Nobody knows what a member of the user's own does to the price. */
  if (!found || json_object_get_size (call->extras) > 0)
    return FALSE;
  *amount = dearest;
  *currency = g_intern_string (genvid_json_string (price, "currency", "USD"));
  return TRUE;
}

/* The only name whose test in ROW fails, what is unset being free; NULL where
 * none or more than one does. */
static const char *
find_obstacle (JsonObject *row, JsonObject *priced)
{
  JsonObject *when = genvid_json_object (row, "when");
  g_autoptr (GList) names = when ? json_object_get_members (when) : NULL;
  const char *obstacle = NULL;

  for (GList *l = names; l; l = l->next) {
    g_autoptr (JsonObject) test = json_object_new ();
    JsonObject *alone = json_object_new ();

    json_object_set_member (
        alone, l->data,
        json_node_copy (json_object_get_member (when, l->data)));
    json_object_set_object_member (test, "when", alone);
    if (genvid_condition_holds (test, priced, TRUE))
      continue;
    if (obstacle)
      return NULL;
    obstacle = l->data;
  }
  return obstacle;
}

/* What ROW wants of NAME is one more of VALUES, a set. */
static void
add_wanted (GPtrArray *values, JsonObject *row, const char *name)
{
  g_autoptr (GList) wanted
      = genvid_description_list (genvid_json_object (row, "when"), name);

  for (GList *l = wanted; l; l = l->next) {
    g_autofree char *text = genvid_json_scalar_text (l->data);

    if (text && json_node_get_value_type (l->data) != G_TYPE_BOOLEAN
        && !g_ptr_array_find_with_equal_func (values, text, g_str_equal, NULL))
      g_ptr_array_add (values, g_steal_pointer (&text));
  }
}

static char *
advise_extras (const GenvidCall *call)
{
  g_autoptr (GList) names = json_object_get_members (call->extras);

  return g_strdup_printf (
      "It is not known how the option %s changes the price.",
      (const char *)names->data);
}

/* "Set duration.", "Set model to a or b."; NULL: no one property helps. */
static char *
find_priced (const GenvidCall *call)
{
  g_autoptr (JsonObject) priced = genvid_call_make_priced (call);
  g_autoptr (GList) rows = genvid_description_list (
      genvid_json_object (call->spec, "price"), "rows");
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *list = NULL;
  const char *name = NULL;

  for (GList *l = rows; l; l = l->next) {
    JsonObject *row = json_node_get_object (l->data);
    const char *obstacle = find_obstacle (row, priced);

    if (genvid_condition_holds (row, priced, TRUE))
      return g_strdup ("Set duration, on which its price depends.");
    /* Another model is the last thing to change. */
    if (g_strcmp0 (name, "model") == 0 && obstacle
        && !g_str_equal (obstacle, "model")) {
      g_ptr_array_set_size (values, 0);
      name = NULL;
    }
    if (!obstacle || (name && !g_str_equal (name, obstacle)))
      continue;
    name = obstacle;
    add_wanted (values, row, name);
  }
  if (values->len == 0)
    return NULL;
  g_ptr_array_add (values, NULL);
  list = genvid_text_list ((const char *const *)values->pdata);
  return g_strdup_printf ("A price is known for %s %s.", name, list);
}

static char *
name_source (const GenvidCall *call)
{
  JsonObject *price = genvid_json_object (call->spec, "price");
  const char *source = genvid_json_string (price, "source", NULL);
  const char *dated = genvid_json_string (price, "dated", NULL);

  return dated ? g_strconcat (dated, source ? ", " : NULL, source, NULL) : NULL;
}

static char *
advise_price (const GenvidCall *call)
{
  JsonObject *price = genvid_json_object (call->spec, "price");
  const char *say = genvid_json_string (price, "say", NULL);
  const char *source = genvid_json_string (price, "source", NULL);
  g_autofree char *set = json_object_get_size (call->extras) > 0
                             ? advise_extras (call)
                             : find_priced (call);
  g_autofree char *page
      = source ? g_strdup_printf ("The prices are from %s.", source) : NULL;
  const char *const sentences[] = { set ? set : "",
                                    say    ? say
                                    : page ? page
                                           : "",
                                    NULL };
  char *text = g_strjoinv (" ", (char **)sentences);

  return g_strstrip (text);
}

static void
find_typical_time (GenvidCall *call)
{
  JsonObject *times = genvid_json_object (call->spec, "times");
  g_autoptr (JsonObject) values = genvid_call_make_priced (call);
  g_autoptr (GList) rows = genvid_description_list (times, "rows");

  for (GList *l = rows; l != NULL; l = l->next) {
    JsonObject *row = json_node_get_object (l->data);

    if (!genvid_condition_holds (row, values, FALSE))
      continue;
    call->typical = genvid_json_double (row, "seconds", 0);
    call->spread = genvid_json_double (row, "spread", 0);
    return;
  }
}

/* From here on the call is its own, and the description can go. */
static void
keep (GenvidCall *call)
{
  static const char *const done[]
      = { "calls",  "models", "parameters", "when", "unless",
          "forbid", "price",  "times",      NULL };
  JsonObject *kept = json_object_new ();
  g_autoptr (GList) names = json_object_get_members (call->spec);
  JsonObject *words;

  for (GList *l = names; l != NULL; l = l->next)
    if (!g_strv_contains (done, l->data))
      json_object_set_member (kept, l->data,
                              genvid_json_copy_whole (json_object_get_member (
                                  call->spec, l->data)));
  call->spec = kept;
  call->made = TRUE;
  words = genvid_json_object (kept, "words");
  for (guint i = 0; i < call->slots->len; i++) {
    GenvidSlot *slot = g_ptr_array_index (call->slots, i);

    slot->spec = genvid_json_object (words, slot->word);
  }
}

static void
finish (GenvidCall *call)
{
  find_typical_time (call);
  call->price_source = name_source (call);
  if (find_price (call, &call->price, &call->currency)) {
    call->price_advice = g_strdup ("");
  } else {
    call->price = -1;
    call->price_advice = advise_price (call);
  }
  keep (call);
}

static gboolean
resolve (GenvidCall *call, const GenvidRequest *request,
         JsonObject *environment, GPtrArray *warnings, GError **error)
{
  g_autoptr (JsonObject) facts = NULL;
  JsonObject *words;

  if (!genvid_request_check (request, error)
      || !genvid_call_take_options (call, request->options, environment, error)
      || !choose (call, error))
    return FALSE;
  words = genvid_json_object (call->spec, "words");
  genvid_call_fill_defaults (call, words);
  if (!genvid_call_check_words (call, warnings, error)
      || !genvid_call_check_options (call, warnings, error))
    return FALSE;
  facts = genvid_call_get_facts (call, words);
  if (!check_forbidden (call, call->spec, facts, error)
      && !genvid_call_forgive (call, error))
    return FALSE;
  if (!genvid_call_take_inputs (call, request, error))
    return FALSE;
  if (!call->bought && !genvid_call_rehearse (call, error))
    return FALSE;
  /* The documented default counts as the model that is billed. */
  call->model = g_strdup (genvid_call_find_model (call, call->spec));
  make_canonical (call);
  make_former (call);
  return TRUE;
}

static GenvidCall *
make (GenvidProvider *provider, const GenvidRequest *request)
{
  GenvidCall *call = g_new0 (GenvidCall, 1);

  call->provider = genvid_provider_ref (provider);
  call->values = genvid_request_to_values (request);
  call->spelled = json_object_new ();
  call->given = json_object_new ();
  call->extras = json_object_new ();
  call->canonical = json_object_new ();
  call->captures = json_object_new ();
  call->slots
      = g_ptr_array_new_with_free_func ((GDestroyNotify)genvid_slot_free);
  return call;
}

gboolean
genvid_call_check (GenvidProvider *provider, const GenvidRequest *request,
                   JsonObject *parameters, GError **error)
{
  g_autoptr (GenvidCall) call = make (provider, request);
  g_autoptr (GPtrArray) heard = g_ptr_array_new_with_free_func (g_free);

  call->rough = TRUE;
  return resolve (call, request, parameters, heard, error);
}

static GenvidCall *
make_whole (GenvidProvider *provider, const GenvidRequest *request,
            gboolean bought, JsonObject *parameters, GPtrArray **warnings,
            GError **error)
{
  g_autoptr (GenvidCall) call = make (provider, request);
  g_autoptr (GPtrArray) heard = g_ptr_array_new_with_free_func (g_free);

  call->bought = bought;
  if (!resolve (call, request, parameters, heard, error))
    return NULL;
  finish (call);
  if (warnings)
    *warnings = g_steal_pointer (&heard);
  return g_steal_pointer (&call);
}

void
genvid_call_free (GenvidCall *call)
{
  if (!call)
    return;
  if (call->made)
    json_object_unref (call->spec);
  genvid_provider_unref (call->provider);
  json_object_unref (call->values);
  json_object_unref (call->spelled);
  json_object_unref (call->given);
  json_object_unref (call->extras);
  json_object_unref (call->canonical);
  g_clear_pointer (&call->former, json_object_unref);
  json_object_unref (call->captures);
  genvid_call_set_grant (call, NULL);
  g_ptr_array_unref (call->slots);
  g_free (call->model);
  g_free (call->price_source);
  g_free (call->price_advice);
  g_free (call->base_url);
  genvid_text_free_secret (call->key);
  g_free (call->idempotency);
  g_free (call->nonce);
  g_free (call->id);
  g_free (call);
}

GenvidProvider *
genvid_call_get_provider (GenvidCall *call)
{
  return call->provider;
}

const char *
genvid_call_get_name (const GenvidCall *call)
{
  return genvid_json_string (call->spec, "name", "");
}

const char *
genvid_call_get_model (const GenvidCall *call)
{
  return call->model;
}

JsonObject *
genvid_call_get_canonical (const GenvidCall *call)
{
  return call->canonical;
}

JsonObject *
genvid_call_get_former (const GenvidCall *call)
{
  return call->former;
}

gboolean
genvid_call_get_price (const GenvidCall *call, double *amount,
                       const char **currency)
{
  if (call->price < 0)
    return FALSE;
  *amount = call->price;
  *currency = call->currency;
  return TRUE;
}

const char *
genvid_call_get_price_source (const GenvidCall *call)
{
  return call->price_source;
}

const char *
genvid_call_get_price_advice (const GenvidCall *call)
{
  return call->price_advice;
}

gboolean
genvid_call_get_typical_time (const GenvidCall *call, double *seconds,
                              double *spread)
{
  *seconds = call->typical;
  *spread = call->spread;
  return call->typical > 0;
}

const char *
genvid_call_get_key (const GenvidCall *call)
{
  return call->key;
}

void
genvid_call_set_nonce (GenvidCall *call, const char *nonce)
{
  g_free (call->nonce);
  call->nonce = g_strdup (nonce);
}

GenvidCall *
genvid_call_new (GenvidProvider *provider, const GenvidRequest *request,
                 JsonObject *parameters, GPtrArray **warnings, GError **error)
{
  return make_whole (provider, request, FALSE, parameters, warnings, error);
}

GenvidCall *
genvid_call_new_bought (GenvidProvider *provider, const GenvidRequest *request,
                        JsonObject *parameters, GError **error)
{
  return make_whole (provider, request, TRUE, parameters, NULL, error);
}
