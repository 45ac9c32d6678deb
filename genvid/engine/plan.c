/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From settings and the environment to a plan. Everything that can be refused
 * without network is refused here, in the caller's thread, before anything is
 * bought. The environment never overrides a property; its ceilings only lower
 * the limits. */

#include "plan.h"

#include "api-key.h"
#include "call-build.h"
#include "call-options.h"
#include "call.h"
#include "failure.h"
#include "file-hash.h"
#include "fingerprint.h"
#include "json-reader.h"
#include "json.h"
#include "provider-catalog.h"
#include "provider.h"
#include "record.h"
#include "request-fields.h"
#include "request.h"
#include "settings.h"
#include "store-entry.h"
#include "store-recovery.h"
#include "store.h"
#include "text.h"
#include "trust.h"
#include "url.h"
#include "user-file.h"

#include <errno.h>
#include <math.h>

/* Services may give long ids, and adopt must take every one of them. */
#define MAX_ADOPTED 8192
/* It is kept with the clip, whose record has room for it. */
#define MAX_OBJECT_BYTES (192 * 1024)

static gboolean
refuse (GError **error, const char *text)
{
  g_set_error_literal (error, GENVID_ERROR, GENVID_REASON_SETTINGS, text);
  return FALSE;
}

static const char *
read_variable (const char *name)
{
  const char *value = g_getenv (name);

  return value != NULL && value[0] != '\0' ? value : NULL;
}

static gboolean
read_cap (const char *name, double *cap, GError **error)
{
  const char *value = read_variable (name);
  char *end = NULL;

  *cap = -1;
  if (value == NULL)
    return TRUE;
  errno = 0;
  *cap = g_ascii_strtod (value, &end);
  if (errno != ERANGE && end != value && *end == '\0' && isfinite (*cap)
      && *cap >= 0)
    return TRUE;

  g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
               "$%s is not an amount in US dollars. Set it to a number such "
               "as 12.50, or unset it.",
               name);
  return FALSE;
}

/* The lower of two limits; -1 is no limit. */
static double
tighter (double a, double b)
{
  if (a < 0)
    return b;
  return b < 0 ? a : MIN (a, b);
}

/* The one service for which the application has a key. */
static gboolean
find_only_key (GHashTable *keys, const char **name, GError **error)
{
  GHashTableIter iter;
  gpointer service;

  if (keys == NULL || g_hash_table_size (keys) == 0)
    return TRUE;
  if (g_hash_table_size (keys) > 1)
    return refuse (error, "The application has keys for several services, and "
                          "genvidsrc does not guess which one to use. Set "
                          "provider, or $GENVID_PROVIDER, or name the service "
                          "in the URI.");
  g_hash_table_iter_init (&iter, keys);
  if (g_hash_table_iter_next (&iter, &service, NULL))
    *name = service;
  return TRUE;
}

static gboolean
resolve_provider (GenvidPlan *plan, GError **error)
{
  const char *name = plan->settings->provider;

  if (name == NULL)
    name = read_variable ("GENVID_PROVIDER");
  if (name == NULL && !find_only_key (plan->settings->keys, &name, error))
    return FALSE;
  if (name != NULL)
    plan->provider = genvid_provider_catalog_find (name, error);
  else
    plan->provider = genvid_provider_catalog_find_by_key (error);

  return plan->provider != NULL;
}

static gboolean
resolve_base_url (GenvidPlan *plan, GError **error)
{
  const char *name = genvid_provider_get_name (plan->provider);
  const char *variable = genvid_provider_get_base_url_variable (plan->provider);
  const char *url = plan->settings->base_url;

  if (url == NULL && g_strcmp0 (read_variable ("GENVID_PROVIDER"), name) == 0)
    url = read_variable ("GENVID_BASE_URL");
  if (url == NULL && variable != NULL)
    url = read_variable (variable);
  if (url == NULL)
    url = genvid_provider_get_base_url (plan->provider);
  if (url == NULL) {
    g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
                 "The host of %s is not public, so it has no default. Set "
                 "base-url%s%s to the root that the service gave you.",
                 genvid_provider_get_title (plan->provider),
                 variable != NULL ? " or $" : "",
                 variable != NULL ? variable : "");
    return FALSE;
  }

  plan->base_url
      = genvid_url_check_base (url, plan->settings->allow_private, error);
  return plan->base_url != NULL;
}

/* What the application itself set may be undeclared, and may say where a key
 * goes. */
static gboolean
resolve_uri_options (GenvidPlan *plan, GError **error)
{
  return !plan->settings->options_from_uri
         || genvid_uri_options_resolve (plan->request, plan->provider, error);
}

static void
resolve_parameters (GenvidPlan *plan)
{
  plan->parameters = json_object_new ();
  for (guint i = 0; i < genvid_provider_get_n_parameters (plan->provider);
       i++) {
    const GenvidOption *parameter
        = genvid_provider_get_parameter (plan->provider, i);
    const char *value = NULL;

    /* What a stored request did not set stays unset. */
    if (plan->settings->fingerprint != NULL && !parameter->setting)
      continue;
    if (parameter->variable != NULL)
      value = read_variable (parameter->variable);
    if (value != NULL)
      json_object_set_string_member (plan->parameters, parameter->name, value);
  }
}

/* TEXT is an object of JSON, or the path of a file of one. */
static JsonNode *
read_object (const char *text, const char *option, GError **error)
{
  g_autofree char *path = NULL;
  g_autofree char *read = NULL;
  gsize length;

  if (text[strspn (text, " \t\r\n")] == '{')
    return genvid_json_reader_parse (text, strlen (text), error);
  path = genvid_user_path (text, option, error);
  if (path == NULL)
    return NULL;
  read = genvid_user_file_read (path, MAX_OBJECT_BYTES,
                                "It must hold an object of JSON.", &length,
                                error);
  return read != NULL ? genvid_json_reader_parse (read, length, error) : NULL;
}

/* Options that are objects may be named by a file, which counts by what is in
 * it. */
static gboolean
resolve_objects (GenvidPlan *plan, GError **error)
{
  JsonObject *options = plan->request->options;
  g_autoptr (GList) names
      = options != NULL ? json_object_get_members (options) : NULL;

  for (GList *l = names; l != NULL; l = l->next) {
    const GenvidOption *parameter
        = genvid_provider_find_parameter (plan->provider, l->data);
    const char *text = genvid_json_string (options, l->data, NULL);
    g_autoptr (GError) local = NULL;
    JsonNode *object;

    if (parameter == NULL || parameter->type != GENVID_OPTION_JSON
        || text == NULL)
      continue;
    object = read_object (text, l->data, &local);
    if (object == NULL) {
      g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS, "option %s: %s",
                   (char *)l->data, local->message);
      return FALSE;
    }
    json_object_set_member (options, l->data, object);
  }
  return TRUE;
}

/* For each local file among the inputs. */
typedef gboolean (*EachFile) (GenvidInput *input, const char *property,
                              gboolean kept, GError **error);

/* Of what was bought, the file need not be there any more. */
static gboolean
look_at_file (GenvidInput *input, const char *property, gboolean kept,
              GError **error)
{
  char *path = genvid_user_path (input->value, property, error);

  if (path == NULL)
    return FALSE;
  g_free (input->value);
  input->value = path;
  kept = kept && input->sha256 != NULL;
  return genvid_image_look (path, property, &input->size, &input->type,
                            kept ? NULL : error)
         || kept;
}

static gboolean
hash_file (GenvidInput *input, const char *property, gboolean kept,
           GError **error)
{
  if (kept && input->sha256 != NULL)
    return TRUE;
  g_free (input->sha256);
  input->sha256 = genvid_file_hash (input->value, property, error);
  return input->sha256 != NULL;
}

static gboolean
for_each_file (GenvidPlan *plan, EachFile each, GError **error)
{
  gboolean kept = plan->settings->fingerprint != NULL;

  for (guint i = 0; genvid_request_fields[i] != NULL; i++) {
    const char *name = genvid_request_fields[i];
    g_autoptr (GPtrArray) inputs
        = genvid_request_get_inputs (plan->request, name);

    for (guint j = 0; j < inputs->len; j++) {
      GenvidInput *input = g_ptr_array_index (inputs, j);

      if (input->kind == GENVID_INPUT_FILE && !each (input, name, kept, error))
        return FALSE;
    }
  }
  return TRUE;
}

static gboolean
has_file (const GenvidPlan *plan)
{
  for (guint i = 0; genvid_request_fields[i] != NULL; i++) {
    g_autoptr (GPtrArray) inputs
        = genvid_request_get_inputs (plan->request, genvid_request_fields[i]);

    for (guint j = 0; j < inputs->len; j++)
      if (((GenvidInput *)g_ptr_array_index (inputs, j))->kind
          == GENVID_INPUT_FILE)
        return TRUE;
  }
  return FALSE;
}

/* What the service would not take is refused before all of it is read. */
static gboolean
resolve_inputs (GenvidPlan *plan, GError **error)
{
  return !has_file (plan)
         || (for_each_file (plan, look_at_file, error)
             && genvid_call_check (plan->provider, plan->request,
                                   plan->parameters, error)
             && for_each_file (plan, hash_file, error));
}

static gboolean
resolve_anchors (GenvidPlan *plan, GError **error)
{
  GenvidSettings *settings = plan->settings;
  g_autofree char *path = NULL;

  if (settings->ca_file == NULL)
    return TRUE;
  path = genvid_user_path (settings->ca_file, "ca-file", error);
  if (path == NULL || !genvid_trust_check_file (path, error))
    return FALSE;
  g_free (settings->ca_file);
  settings->ca_file = g_steal_pointer (&path);
  return TRUE;
}

static gboolean
resolve_caps (GenvidPlan *plan, GError **error)
{
  double cost_ceiling;
  double budget_ceiling;

  if (!read_cap ("GENVID_MAX_COST", &cost_ceiling, error)
      || !read_cap ("GENVID_BUDGET", &budget_ceiling, error))
    return FALSE;

  plan->max_cost = tighter (plan->settings->max_cost, cost_ceiling);
  plan->budget = tighter (plan->settings->budget, budget_ceiling);
  return TRUE;
}

static gboolean
resolve_reuse (GenvidPlan *plan, GError **error)
{
  const char *ceiling = read_variable ("GENVID_REUSE");
  const char *reason = NULL;

  if (ceiling != NULL && strcmp (ceiling, "only") != 0
      && strcmp (ceiling, "auto") != 0)
    return refuse (error, "$GENVID_REUSE is neither auto nor only. Set it to "
                          "only to forbid every purchase, or unset it.");
  if (ceiling != NULL && strcmp (ceiling, "only") == 0)
    reason
        = "$GENVID_REUSE=only forbids buying it; unset the variable to allow "
          "it.";
  else if (plan->settings->reuse == GENVID_REUSE_ONLY)
    reason = "reuse=only forbids buying it; set reuse=auto to allow it.";
  else if (plan->settings->from_uri && plan->max_cost < 0 && plan->budget < 0)
    reason = "A genvid: URI buys only within a limit that you set. Set the "
             "property max-cost or budget, $GENVID_MAX_COST or "
             "$GENVID_BUDGET (US dollars) to allow it.";

  plan->never_buy = reason != NULL;
  plan->never_buy_reason = g_strdup (reason);
  plan->max_cost = tighter (plan->max_cost, plan->settings->uri_max_cost);
  return TRUE;
}

/* A purchase that was made is continued, even if its request is refused by
 * now. */
static GenvidCall *
make_first_call (GenvidPlan *plan, GPtrArray **warnings, GError **error)
{
  g_autoptr (GError) refusal = NULL;
  GenvidCall *call = genvid_call_new (plan->provider, plan->request,
                                      plan->parameters, warnings, &refusal);

  if (call != NULL)
    return call;
  call = genvid_call_new_bought (plan->provider, plan->request,
                                 plan->parameters, NULL);
  if (call == NULL)
    g_propagate_error (error, g_steal_pointer (&refusal));
  else
    plan->refused = g_strdup (refusal->message);
  return call;
}

static char *
name_purchase (const GenvidPlan *plan, const GenvidCall *call,
               JsonObject *canonical)
{
  g_autofree char *origin = genvid_url_origin (plan->base_url);

  return genvid_fingerprint (genvid_provider_get_name (plan->provider), origin,
                             genvid_call_get_name (call),
                             genvid_provider_get_semantics (plan->provider),
                             plan->request->take, canonical);
}

static gboolean
resolve_fingerprint (GenvidPlan *plan, GPtrArray **warnings, GError **error)
{
  g_autoptr (GenvidCall) call = NULL;

  call = make_first_call (plan, warnings, error);
  if (call == NULL)
    return FALSE;

  plan->model = g_strdup (genvid_call_get_model (call));
  genvid_call_get_typical_time (call, &plan->typical, &plan->spread);
  if (genvid_call_get_price (call, &plan->price, &plan->currency)) {
    plan->price_note = g_strdup (genvid_call_get_price_source (call));
  } else {
    plan->price = -1;
    plan->price_note = g_strdup (genvid_call_get_price_advice (call));
  }
  if (plan->settings->fingerprint != NULL) {
    plan->fingerprint = g_strdup (plan->settings->fingerprint);
    return TRUE;
  }
  plan->fingerprint
      = name_purchase (plan, call, genvid_call_get_canonical (call));
  if (genvid_call_get_former (call) != NULL)
    plan->former = name_purchase (plan, call, genvid_call_get_former (call));
  return TRUE;
}

static GenvidRecord *
load_record (GenvidStore *store, const char *fingerprint, GError **error)
{
  g_autoptr (GenvidStoreEntry) entry
      = genvid_store_get_entry (store, fingerprint);

  return genvid_store_entry_load (entry, error);
}

/* Something may have been paid for. */
static gboolean
counts (const GenvidRecord *record)
{
  return record != NULL && !record->frees
         && (record->state != GENVID_STATE_IDLE || record->failure != NULL);
}

gboolean
genvid_plan_find_purchase (GenvidPlan *plan, GenvidStore *store,
                           gboolean *found, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (GenvidRecord) record
      = load_record (store, plan->fingerprint, &problem);
  g_autoptr (GenvidRecord) former = NULL;

  if (problem == NULL && plan->former != NULL && !counts (record))
    former = load_record (store, plan->former, &problem);
  if (problem != NULL) {
    g_propagate_error (error, g_steal_pointer (&problem));
    return FALSE;
  }
  *found = record != NULL || former != NULL;
  if (counts (former)) {
    g_free (plan->fingerprint);
    plan->fingerprint = g_steal_pointer (&plan->former);
  }
  return TRUE;
}

/* No folder is made for a request that is refused. */
static gboolean
check_bought (GenvidPlan *plan, const char *path, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (GenvidStore) store = genvid_store_open (path, TRUE, &problem);
  gboolean found = FALSE;

  if (store == NULL
      && g_error_matches (problem, GENVID_ERROR, GENVID_REASON_NOT_STORED))
    return refuse (error, plan->refused);
  if (store == NULL) {
    g_propagate_error (error, g_steal_pointer (&problem));
    return FALSE;
  }
  return genvid_plan_find_purchase (plan, store, &found, error)
         && (found || refuse (error, plan->refused));
}

/* Under reuse=only no folder is made; but one that exists is locked, and a
 * download goes into it. */
static gboolean
resolve_store (GenvidPlan *plan, GError **error)
{
  const char *path = plan->settings->store;
  gboolean found;

  if (path == NULL)
    path = read_variable ("GENVID_STORE");
  if (plan->refused != NULL && plan->settings->fingerprint == NULL
      && !check_bought (plan, path, error))
    return FALSE;
  plan->store = genvid_store_open (path, FALSE, error);

  return plan->store != NULL
         && (plan->former == NULL
             || genvid_plan_find_purchase (plan, plan->store, &found, error));
}

/* Nothing may be bought under a fingerprint that is not the request's own. */
static gboolean
check_continuation (const GenvidPlan *plan, GError **error)
{
  const char *fingerprint = plan->settings->fingerprint;

  if (fingerprint == NULL)
    return TRUE;
  if (fingerprint[strspn (fingerprint, "0123456789abcdef")] != '\0'
      || strlen (fingerprint) != 64)
    return refuse (error,
                   "fingerprint must be 64 lower-case hexadecimal digits.");
  if (plan->settings->reuse == GENVID_REUSE_ONLY)
    return TRUE;
  return refuse (error, "A fingerprint can only continue a purchase, not make "
                        "one. Set reuse=only.");
}

/* A purchase that an earlier version made with a longer text is continued. */
static gboolean
check_lengths (const GenvidPlan *plan, GError **error)
{
  return plan->settings->fingerprint != NULL
         || genvid_request_check_lengths (plan->request, error);
}

static gboolean
check_adopt (const GenvidPlan *plan, GError **error)
{
  const char *id = plan->settings->adopt;

  if (id == NULL)
    return TRUE;
  if (id[0] == '\0' || strlen (id) > MAX_ADOPTED
      || !g_utf8_validate (id, -1, NULL))
    return refuse (error, "adopt is not the id of a generation. Set it to the "
                          "id that the service shows.");
  for (const char *c = id; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      return refuse (error, "adopt contains control characters. Set it to the "
                            "id that the service shows.");
  return TRUE;
}

/* Descriptions need a prompt, and the store a name of its own for each
 * generation. This one is never submitted. */
static void
name_adopted (GenvidPlan *plan)
{
  const char *id = plan->settings->adopt;

  if (id != NULL && plan->request->prompt == NULL)
    plan->request->prompt = g_strdup_printf ("(adopted: %s)", id);
}

/* All but the store. */
static GenvidPlan *
resolve (const GenvidSettings *settings, GPtrArray **warnings, GError **error)
{
  g_autoptr (GenvidPlan) plan = g_atomic_rc_box_new0 (GenvidPlan);

  plan->settings = genvid_settings_copy (settings);
  plan->request = genvid_request_copy (settings->request);
  plan->price = -1;
  if (!genvid_request_check (plan->request, error)
      || !check_lengths (plan, error) || !check_adopt (plan, error)
      || !check_continuation (plan, error))
    return NULL;
  name_adopted (plan);
  if (!resolve_provider (plan, error) || !resolve_uri_options (plan, error)
      || !resolve_base_url (plan, error)
      || !genvid_api_key_find (settings, plan->provider, &plan->key,
                               &plan->keyless, error)
      || !resolve_anchors (plan, error) || !resolve_caps (plan, error)
      || !resolve_reuse (plan, error))
    return NULL;
  resolve_parameters (plan);
  if (!resolve_objects (plan, error) || !resolve_inputs (plan, error)
      || !resolve_fingerprint (plan, warnings, error))
    return NULL;

  /* Most of what a plan would take, for as long as its clip is waited for. */
  genvid_provider_drop_description (plan->provider);
  genvid_text_free_secret (g_steal_pointer (&plan->settings->api_key));
  g_clear_pointer (&plan->settings->keys, g_hash_table_unref);
  return g_steal_pointer (&plan);
}

GenvidPlan *
genvid_plan_new (const GenvidSettings *settings, GPtrArray **warnings,
                 GError **error)
{
  g_autoptr (GenvidPlan) plan = resolve (settings, warnings, error);

  if (plan == NULL || !resolve_store (plan, error))
    return NULL;
  return g_steal_pointer (&plan);
}

GenvidPlan *
genvid_plan_new_quote (const GenvidSettings *settings, GPtrArray **warnings,
                       GError **error)
{
  g_autoptr (GenvidPlan) plan = resolve (settings, warnings, error);

  if (plan == NULL || !genvid_plan_check_request (plan, error))
    return NULL;
  return g_steal_pointer (&plan);
}

GenvidPlan *
genvid_plan_ref (GenvidPlan *plan)
{
  return g_atomic_rc_box_acquire (plan);
}

static void
clear_plan (gpointer data)
{
  GenvidPlan *plan = data;

  genvid_settings_free (plan->settings);
  g_clear_pointer (&plan->provider, genvid_provider_unref);
  genvid_request_free (plan->request);
  g_clear_pointer (&plan->parameters, json_object_unref);
  g_free (plan->base_url);
  genvid_text_free_secret (plan->key);
  g_free (plan->keyless);
  g_clear_pointer (&plan->store, genvid_store_unref);
  g_free (plan->refused);
  g_free (plan->fingerprint);
  g_free (plan->former);
  g_free (plan->model);
  g_free (plan->never_buy_reason);
  g_free (plan->price_note);
}

void
genvid_plan_unref (GenvidPlan *plan)
{
  if (plan != NULL)
    g_atomic_rc_box_release_full (plan, clear_plan);
}

GenvidCall *
genvid_plan_make_call (const GenvidPlan *plan, GError **error)
{
  g_autoptr (GenvidProvider) provider
      = genvid_provider_load_again (plan->provider, error);
  GenvidCall *call = NULL;

  if (provider != NULL)
    call = plan->refused != NULL
               ? genvid_call_new_bought (provider, plan->request,
                                         plan->parameters, error)
               : genvid_call_new (provider, plan->request, plan->parameters,
                                  NULL, error);
  if (call == NULL)
    return NULL;
  genvid_provider_drop_description (provider);
  genvid_call_bind (call, plan->base_url, plan->key, NULL);
  return call;
}

double
genvid_plan_to_usd (const GenvidPlan *plan, double amount, const char *currency)
{
  if (amount < 0 || currency == NULL)
    return -1;
  return genvid_provider_to_usd (plan->provider, amount, currency);
}

static gboolean
check_price (const GenvidPlan *plan, GError **error)
{
  double usd = genvid_plan_to_usd (plan, plan->price, plan->currency);
  const char *title = genvid_provider_get_title (plan->provider);

  if (plan->max_cost < 0 && plan->budget < 0)
    return TRUE;
  if (usd < 0) {
    const char *note = plan->price < 0 ? plan->price_note : "";

    g_set_error (error, GENVID_ERROR, GENVID_REASON_OVER_BUDGET,
                 "The price of this clip at %s is not known, so no limit can "
                 "be checked. Nothing was bought. %s%sUnset max-cost, "
                 "budget, $GENVID_MAX_COST and $GENVID_BUDGET to buy it "
                 "without a limit.",
                 title, note, *note != '\0' ? " " : "");
    return FALSE;
  }
  if (plan->max_cost >= 0 && usd > plan->max_cost) {
    g_set_error (error, GENVID_ERROR, GENVID_REASON_OVER_BUDGET,
                 "This clip costs $%.2f at %s; at most $%.2f is allowed. "
                 "Nothing was bought. Raise max-cost (and $GENVID_MAX_COST), "
                 "or ask for a shorter clip.",
                 usd, title, plan->max_cost);
    return FALSE;
  }
  if (plan->budget >= 0 && usd > plan->budget) {
    g_set_error (error, GENVID_ERROR, GENVID_REASON_OVER_BUDGET,
                 "This clip costs $%.2f at %s, more than the whole budget of "
                 "$%.2f for 24 hours. Nothing was bought. Raise budget (and "
                 "$GENVID_BUDGET), or ask for a shorter clip.",
                 usd, title, plan->budget);
    return FALSE;
  }
  return TRUE;
}

gboolean
genvid_plan_check_request (const GenvidPlan *plan, GError **error)
{
  return plan->refused == NULL || refuse (error, plan->refused);
}

gboolean
genvid_plan_may_buy (const GenvidPlan *plan, GError **error)
{
  if (!genvid_plan_check_request (plan, error))
    return FALSE;
  if (plan->never_buy) {
    g_set_error (error, GENVID_ERROR, GENVID_REASON_NOT_STORED,
                 "This clip is not in the store \"%s\". %s",
                 genvid_store_get_path (plan->store), plan->never_buy_reason);
    return FALSE;
  }
  if (plan->keyless != NULL) {
    g_set_error_literal (error, GENVID_ERROR, GENVID_REASON_UNAUTHORIZED,
                         plan->keyless);
    return FALSE;
  }
  return check_price (plan, error);
}
