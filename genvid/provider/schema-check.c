/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the tables of keys are made of: what is not in one is refused by name
 * and place. After it the tables that say what a reply means, what a generation
 * costs and how long it takes; those of requests are in schema.c. How keys hang
 * together is in description.c. */
#include "schema-check.h"

#include "condition.h"
#include "failure.h"
#include "json-path.h"
#include "json.h"
#include "name.h"
#include "reply.h"

#include <json-glib/json-glib.h>

static const GenvidSchemaKey *
find_key (const GenvidSchemaKey *keys, const char *name)
{
  for (; keys->name; keys++)
    if (g_str_equal (keys->name, name))
      return keys;
  return NULL;
}

static gboolean
refuse_key (const GenvidSchemaKey *keys, const char *name, const char *where,
            GError **error)
{
  g_autoptr (GPtrArray) known = g_ptr_array_new ();

  for (; keys->name; keys++)
    g_ptr_array_add (known, (char *)keys->name);
  g_ptr_array_add (known, NULL);
  return genvid_error_refuse_at (
      error, where, "unknown key; the nearest is \"%s\"",
      genvid_name_nearest (name, (const char *const *)known->pdata));
}

gboolean
genvid_schema_check_keys (const GenvidSchema *schema, JsonNode *node,
                          const GenvidSchemaKey *keys, const char *where,
                          GError **error)
{
  JsonObject *object;
  g_autoptr (GList) names = NULL;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return genvid_error_refuse_at (error, where, "an object is expected");
  object = json_node_get_object (node);
  names = json_object_get_members (object);
  for (GList *l = names; l; l = l->next) {
    const GenvidSchemaKey *key = find_key (keys, l->data);
    g_autofree char *below
        = g_strconcat (where, *where ? "." : "", l->data, NULL);

    if (!key)
      return refuse_key (keys, l->data, below, error);
    if (!key->check (schema, json_object_get_member (object, l->data), below,
                     error))
      return FALSE;
  }
  for (; keys->name; keys++)
    if (keys->required && !json_object_has_member (object, keys->name))
      return genvid_error_refuse_at (error, where, "\"%s\" is missing",
                                     keys->name);
  return TRUE;
}

gboolean
genvid_schema_check_list (const GenvidSchema *schema, JsonNode *node,
                          GenvidSchemaCheck check, const char *where,
                          GError **error)
{
  JsonArray *array;

  if (!JSON_NODE_HOLDS_ARRAY (node))
    return genvid_error_refuse_at (error, where, "a list is expected");
  array = json_node_get_array (node);
  if (json_array_get_length (array) == 0)
    return genvid_error_refuse_at (error, where, "the list is empty");
  for (guint i = 0; i < json_array_get_length (array); i++) {
    g_autofree char *below = g_strdup_printf ("%s[%u]", where, i);

    if (!check (schema, json_array_get_element (array, i), below, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
genvid_schema_check_members (const GenvidSchema *schema, JsonNode *node,
                             GenvidSchemaCheck check, const char *where,
                             GError **error)
{
  JsonObject *object;
  g_autoptr (GList) names = NULL;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return genvid_error_refuse_at (error, where, "an object is expected");
  object = json_node_get_object (node);
  names = json_object_get_members (object);
  for (GList *l = names; l; l = l->next) {
    g_autofree char *below = g_strconcat (where, ".", l->data, NULL);

    if (!check (schema, json_object_get_member (object, l->data), below, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
holds (JsonNode *node, GType type)
{
  return JSON_NODE_HOLDS_VALUE (node)
         && json_node_get_value_type (node) == type;
}

gboolean
genvid_schema_check_choice (JsonNode *node, const char *const *names,
                            const char *where, GError **error)
{
  g_autofree char *list = g_strjoinv (", ", (char **)names);

  if (holds (node, G_TYPE_STRING)
      && g_strv_contains (names, json_node_get_string (node)))
    return TRUE;
  return genvid_error_refuse_at (error, where, "one of %s is expected", list);
}

gboolean
genvid_schema_check_text (const GenvidSchema *schema, JsonNode *node,
                          const char *where, GError **error)
{
  if (holds (node, G_TYPE_STRING) && *json_node_get_string (node))
    return TRUE;
  return genvid_error_refuse_at (error, where, "a string is expected");
}

gboolean
genvid_schema_check_boolean (const GenvidSchema *schema, JsonNode *node,
                             const char *where, GError **error)
{
  return holds (node, G_TYPE_BOOLEAN)
         || genvid_error_refuse_at (error, where, "true or false is expected");
}

gboolean
genvid_schema_check_integer (const GenvidSchema *schema, JsonNode *node,
                             const char *where, GError **error)
{
  return holds (node, G_TYPE_INT64)
         || genvid_error_refuse_at (error, where, "a whole number is expected");
}

gboolean
genvid_schema_check_count (const GenvidSchema *schema, JsonNode *node,
                           const char *where, GError **error)
{
  if (holds (node, G_TYPE_INT64) && json_node_get_int (node) >= 1
      && json_node_get_int (node) <= G_MAXINT32)
    return TRUE;
  return genvid_error_refuse_at (error, where,
                                 "a whole number of at least 1 is expected");
}

gboolean
genvid_schema_check_amount (const GenvidSchema *schema, JsonNode *node,
                            const char *where, GError **error)
{
  if ((holds (node, G_TYPE_INT64) || holds (node, G_TYPE_DOUBLE))
      && json_node_get_double (node) >= 0)
    return TRUE;
  return genvid_error_refuse_at (error, where, "an amount is expected");
}

gboolean
genvid_schema_check_scalar (const GenvidSchema *schema, JsonNode *node,
                            const char *where, GError **error)
{
  return JSON_NODE_HOLDS_VALUE (node)
         || genvid_error_refuse_at (error, where, "a plain value is expected");
}

gboolean
genvid_schema_check_scalars (const GenvidSchema *schema, JsonNode *node,
                             const char *where, GError **error)
{
  return genvid_schema_check_list (schema, node, genvid_schema_check_scalar,
                                   where, error);
}

gboolean
genvid_schema_check_texts (const GenvidSchema *schema, JsonNode *node,
                           const char *where, GError **error)
{
  return genvid_schema_check_list (schema, node, genvid_schema_check_text,
                                   where, error);
}

gboolean
genvid_schema_check_path (const GenvidSchema *schema, JsonNode *node,
                          const char *where, GError **error)
{
  g_autoptr (GenvidJsonPath) path = NULL;
  g_autoptr (GError) problem = NULL;

  if (!genvid_schema_check_text (schema, node, where, error))
    return FALSE;
  path = genvid_json_path_new (json_node_get_string (node), &problem);
  return path || genvid_error_refuse_at (error, where, "%s", problem->message);
}

gboolean
genvid_schema_check_paths (const GenvidSchema *schema, JsonNode *node,
                           const char *where, GError **error)
{
  if (JSON_NODE_HOLDS_ARRAY (node))
    return genvid_schema_check_list (schema, node, genvid_schema_check_path,
                                     where, error);
  return genvid_schema_check_path (schema, node, where, error);
}

gboolean
genvid_schema_check_condition (const GenvidSchema *schema, JsonNode *node,
                               const char *where, GError **error)
{
  return genvid_condition_check (node, schema->words, where, error);
}

/* --- What a reply means. --- */

DEFINE_CHOICE (check_phase, "missing", "queued", "running", "succeeded",
               "failed", "refused", "cancelled")
DEFINE_CHOICE (check_reason, "unauthorized", "quota", "rejected", "refused",
               "not-found", "busy", "unreachable")
DEFINE_CHOICE_PUBLIC (genvid_schema_check_billed, "yes", "no", "unknown")
/* Others could not be held against a limit in US dollars. */
DEFINE_CHOICE (check_currency, "USD", "credits")
DEFINE_CHOICE (check_recovery_kind, "none", "replay", "lookup")

DEFINE_MANY_PUBLIC (genvid_schema_check_statuses, genvid_schema_check_list,
                    genvid_schema_check_count)
#define TEST_KEYS                                                              \
  { "path", genvid_schema_check_path }, { "in", genvid_schema_check_scalars }, \
      { "not-in", genvid_schema_check_scalars },                               \
  {                                                                            \
    "exists", genvid_schema_check_boolean                                      \
  }

DEFINE_KEYS (check_test_keys, TEST_KEYS)

static guint
count_tests (JsonObject *test)
{
  return json_object_has_member (test, "in")
         + json_object_has_member (test, "not-in")
         + json_object_has_member (test, "exists");
}

static gboolean
check_test (const GenvidSchema *schema, JsonNode *node, const char *where,
            GError **error)
{
  return check_test_keys (schema, node, where, error)
         && (count_tests (json_node_get_object (node)) == 1
             || genvid_error_refuse_at (
                 error, where,
                 "a test has one of \"in\", \"not-in\" and \"exists\""));
}

DEFINE_MANY (check_tests, genvid_schema_check_list, check_test)
DEFINE_KEYS (check_state, { "http", genvid_schema_check_statuses }, TEST_KEYS,
             { "all", check_tests }, { "is", check_phase, TRUE },
             { "billed", genvid_schema_check_billed })

/* Between us and the service, others may answer so in its place. */
static gboolean
may_be_of_others (JsonObject *rule)
{
  JsonArray *statuses = genvid_json_array (rule, "http");
  guint n = statuses ? json_array_get_length (statuses) : 0;

  for (guint i = 0; i < n; i++) {
    gint64 status = json_array_get_int_element (statuses, i);

    if (status == 401 || status == 403 || status == 404 || status == 408
        || status == 429 || status >= 500)
      return TRUE;
  }
  return FALSE;
}

/* It holds only where something is in the answer. */
static gboolean
needs_a_value (JsonObject *rule)
{
  JsonArray *tests = genvid_json_array (rule, "all");
  guint n = tests ? json_array_get_length (tests) : 0;

  if (json_object_has_member (rule, "in")
      || json_object_has_member (rule, "not-in")
      || genvid_json_bool (rule, "exists", FALSE))
    return TRUE;
  for (guint i = 0; i < n; i++)
    if (needs_a_value (json_array_get_object_element (tests, i)))
      return TRUE;
  return FALSE;
}

static gboolean
check_state_rule (const GenvidSchema *schema, JsonNode *node, const char *where,
                  GError **error)
{
  JsonObject *rule;
  GenvidPhase phase;
  guint tests;

  if (!check_state (schema, node, where, error))
    return FALSE;
  rule = json_node_get_object (node);
  phase = genvid_phase_from_string (genvid_json_string (rule, "is", NULL));
  if (json_object_has_member (rule, "billed") && phase < GENVID_PHASE_FAILED)
    return genvid_error_refuse_at (
        error, where,
        "\"billed\" belongs to \"failed\", \"refused\" or \"cancelled\"");
  tests = count_tests (rule);
  if (tests > 1
      || (tests == 0 && !json_object_has_member (rule, "http")
          && !json_object_has_member (rule, "all")))
    return genvid_error_refuse_at (error, where,
                                   "a rule has one of \"in\", \"not-in\" and "
                                   "\"exists\", or \"http\", or \"all\"");
  return phase < GENVID_PHASE_FAILED || !may_be_of_others (rule)
         || needs_a_value (rule)
         || genvid_error_refuse_at (
             error, where,
             "a gateway may answer with this status, too, so a rule that ends "
             "a generation must also test the answer");
}

DEFINE_MANY (check_states, genvid_schema_check_list, check_state_rule)
DEFINE_KEYS (check_progress, { "path", genvid_schema_check_paths, TRUE },
             { "scale", genvid_schema_check_amount })
DEFINE_KEYS (check_cost, { "path", genvid_schema_check_path, TRUE },
             { "currency", check_currency, TRUE },
             { "scale", genvid_schema_check_amount },
             { "price", genvid_schema_check_amount })
DEFINE_CHOICE (check_unit, "s", "ms")
DEFINE_KEYS (check_poll_after, { "path", genvid_schema_check_paths, TRUE },
             { "unit", check_unit })
DEFINE_KEYS (check_problems, { "each", genvid_schema_check_path, TRUE },
             { "text", genvid_schema_check_paths, TRUE },
             { "at", genvid_schema_check_path })

static gboolean
check_message (const GenvidSchema *schema, JsonNode *node, const char *where,
               GError **error)
{
  return JSON_NODE_HOLDS_OBJECT (node)
             ? check_problems (schema, node, where, error)
             : genvid_schema_check_path (schema, node, where, error);
}

static gboolean
check_messages (const GenvidSchema *schema, JsonNode *node, const char *where,
                GError **error)
{
  if (JSON_NODE_HOLDS_ARRAY (node))
    return genvid_schema_check_list (schema, node, check_message, where, error);
  return check_message (schema, node, where, error);
}

DEFINE_MANY (check_costs, genvid_schema_check_list, check_cost)
DEFINE_MANY (check_details, genvid_schema_check_members,
             genvid_schema_check_paths)
DEFINE_KEYS_PUBLIC (
    genvid_schema_check_reply, { "id", genvid_schema_check_paths },
    { "status", genvid_schema_check_paths }, { "states", check_states },
    { "link", genvid_schema_check_paths }, { "progress", check_progress },
    { "message", check_messages }, { "code", genvid_schema_check_paths },
    { "cost", check_costs }, { "estimate", check_costs },
    { "queue", genvid_schema_check_paths }, { "poll-after", check_poll_after },
    { "created", genvid_schema_check_paths },
    { "completed", genvid_schema_check_paths }, { "captures", check_details },
    { "details", check_details })

#define ERROR_KEYS                                                             \
  { "http", genvid_schema_check_statuses },                                    \
      { "code", genvid_schema_check_scalars },                                 \
  {                                                                            \
    "says", genvid_schema_check_texts                                          \
  }

DEFINE_KEYS (check_error_keys, ERROR_KEYS, { "is", check_reason, TRUE },
             { "billed", genvid_schema_check_billed })

static gboolean
check_error (const GenvidSchema *schema, JsonNode *node, const char *where,
             GError **error)
{
  JsonObject *rule;

  if (!check_error_keys (schema, node, where, error))
    return FALSE;
  rule = json_node_get_object (node);
  return json_object_has_member (rule, "http")
         || json_object_has_member (rule, "code")
         || json_object_has_member (rule, "says")
         || genvid_error_refuse_at (
             error, where, "a rule has \"http\", \"code\" or \"says\"");
}

DEFINE_MANY_PUBLIC (genvid_schema_check_errors, genvid_schema_check_list,
                    check_error)

/* What proves that a submit took nothing. A list of what may be proven only: a
 * code that no document names proves nothing. */
DEFINE_KEYS (check_proof_keys, { "path", genvid_schema_check_path, TRUE },
             { "in", genvid_schema_check_scalars, TRUE },
             { "all", check_tests }, { "is", check_reason })
DEFINE_MANY_PUBLIC (genvid_schema_check_refused, genvid_schema_check_list,
                    check_proof_keys)

/* Money and the rest. */

DEFINE_CHOICE (check_outcome, "failed", "refused")
DEFINE_KEYS (check_billing_row, { "when", genvid_schema_check_condition },
             { "outcome", check_outcome },
             { "billed", genvid_schema_check_billed, TRUE })

gboolean
genvid_schema_check_billing (const GenvidSchema *schema, JsonNode *node,
                             const char *where, GError **error)
{
  if (JSON_NODE_HOLDS_ARRAY (node))
    return genvid_schema_check_list (schema, node, check_billing_row, where,
                                     error);
  return genvid_schema_check_billed (schema, node, where, error);
}

DEFINE_KEYS (check_forbidden, { "when", genvid_schema_check_condition, TRUE },
             { "unless", genvid_schema_check_condition },
             { "say", genvid_schema_check_text, TRUE })
DEFINE_MANY_PUBLIC (genvid_schema_check_forbid, genvid_schema_check_list,
                    check_forbidden)
/* Of rows, the first that holds counts. */
static gboolean
check_reached (JsonNode *node, const char *where, GError **error)
{
  JsonArray *rows = json_node_get_array (node);

  for (guint i = 0; i + 1 < json_array_get_length (rows); i++) {
    JsonObject *row = json_array_get_object_element (rows, i);
    g_autofree char *below = g_strdup_printf ("%s[%u]", where, i);

    if (!json_object_has_member (row, "when"))
      return genvid_error_refuse_at (
          error, below, "without \"when\" no row after it is ever used");
  }
  return TRUE;
}

DEFINE_KEYS (check_price_row, { "when", genvid_schema_check_condition },
             { "amount", genvid_schema_check_amount },
             { "per-second", genvid_schema_check_amount })

static gboolean
check_price_rows (const GenvidSchema *schema, JsonNode *node, const char *where,
                  GError **error)
{
  return genvid_schema_check_list (schema, node, check_price_row, where, error)
         && check_reached (node, where, error);
}

DEFINE_KEYS (check_price_keys, { "currency", check_currency },
             { "dated", genvid_schema_check_text, TRUE },
             { "source", genvid_schema_check_text },
             { "say", genvid_schema_check_text },
             { "longest", genvid_schema_check_count },
             { "rows", check_price_rows })

/* Without rows it says where to look. */
gboolean
genvid_schema_check_price (const GenvidSchema *schema, JsonNode *node,
                           const char *where, GError **error)
{
  JsonObject *price;

  if (!check_price_keys (schema, node, where, error))
    return FALSE;
  price = json_node_get_object (node);
  if (json_object_has_member (price, "rows")
          ? json_object_has_member (price, "currency")
          : json_object_has_member (price, "say"))
    return TRUE;
  return genvid_error_refuse_at (
      error, where, "\"currency\" and \"rows\" are missing, or \"say\"");
}

static gboolean
check_between (JsonNode *node, double least, double most, const char *where,
               GError **error)
{
  double value = 0;

  /* A text that is a number is no number here. */
  if (JSON_NODE_HOLDS_VALUE (node)
      && json_node_get_value_type (node) != G_TYPE_STRING
      && genvid_json_scalar_number (node, &value) && value >= least
      && value <= most)
    return TRUE;
  return genvid_error_refuse_at (
      error, where, "a number from %g to %g is expected", least, most);
}

static gboolean
check_seconds (const GenvidSchema *schema, JsonNode *node, const char *where,
               GError **error)
{
  return check_between (node, 1, 86400, where, error);
}

/* 1 would mean that every run takes exactly as long as the others. */
static gboolean
check_spread (const GenvidSchema *schema, JsonNode *node, const char *where,
              GError **error)
{
  return check_between (node, 1.05, 5, where, error);
}

DEFINE_KEYS (check_time_row, { "when", genvid_schema_check_condition },
             { "seconds", check_seconds, TRUE }, { "spread", check_spread },
             { "source", genvid_schema_check_text, TRUE })

static gboolean
check_time_rows (const GenvidSchema *schema, JsonNode *node, const char *where,
                 GError **error)
{
  return genvid_schema_check_list (schema, node, check_time_row, where, error)
         && check_reached (node, where, error);
}

DEFINE_KEYS_PUBLIC (genvid_schema_check_times,
                    { "dated", genvid_schema_check_text, TRUE },
                    { "rows", check_time_rows, TRUE })
DEFINE_KEYS_PUBLIC (genvid_schema_check_credit,
                    { "usd", genvid_schema_check_amount, TRUE },
                    { "dated", genvid_schema_check_text, TRUE },
                    { "source", genvid_schema_check_text })
DEFINE_KEYS_PUBLIC (genvid_schema_check_limits,
                    { "requests-per-minute", genvid_schema_check_count },
                    { "timeout", genvid_schema_check_count },
                    { "patience", genvid_schema_check_count })
DEFINE_KEYS (check_duplicate, { "http", genvid_schema_check_statuses, TRUE },
             { "code", genvid_schema_check_scalars, TRUE })
DEFINE_KEYS_PUBLIC (genvid_schema_check_recovery,
                    { "duplicate", check_duplicate },
                    { "kind", check_recovery_kind, TRUE },
                    { "window", genvid_schema_check_count })
