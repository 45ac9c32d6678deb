/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The keys of a description, as tables. What is not in them is refused by
 * name and place; docs/providers.md explains each. How keys hang together
 * (calls, words that nobody uses) is in description.c. */
#include "schema.h"

#include "condition.h"
#include "description.h"
#include "failure.h"
#include "json-path.h"
#include "json.h"
#include "reply.h"
#include "request-fields.h"
#include "template.h"

#include <json-glib/json-glib.h>

#include <string.h>

typedef struct {
  JsonObject *tables;   /* nullable */
  GHashTable *words;    /* what a condition may test: words and parameters */
  GHashTable *settings; /* parameters that say where a key goes */
  GHashTable *captures; /* what replies capture */
  const char *const *extra; /* variables of the exchange looked at */
} Schema;

typedef gboolean (*Check) (const Schema *schema, JsonNode *node,
                           const char *where, GError **error);

typedef struct {
  const char *name;
  Check check;
  gboolean required;
} Key;

/* Single values. */

static const Key *
find_key (const Key *keys, const char *name)
{
  for (; keys->name; keys++)
    if (g_str_equal (keys->name, name))
      return keys;
  return NULL;
}

static gboolean
check_keys (const Schema *schema, JsonNode *node, const Key *keys,
            const char *where, GError **error)
{
  JsonObject *object;
  g_autoptr (GList) names = NULL;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return genvid_error_refuse_at (error, where, "an object is expected");
  object = json_node_get_object (node);
  names = json_object_get_members (object);
  for (GList *l = names; l; l = l->next) {
    const Key *key = find_key (keys, l->data);
    g_autofree char *below
        = g_strconcat (where, *where ? "." : "", l->data, NULL);

    if (!key)
      return genvid_error_refuse_at (error, below, "unknown key");
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

static gboolean
check_list (const Schema *schema, JsonNode *node, Check check,
            const char *where, GError **error)
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

static gboolean
check_members (const Schema *schema, JsonNode *node, Check check,
               const char *where, GError **error)
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

static gboolean
check_choice (JsonNode *node, const char *const *names, const char *where,
              GError **error)
{
  g_autofree char *list = g_strjoinv (", ", (char **)names);

  if (holds (node, G_TYPE_STRING)
      && g_strv_contains (names, json_node_get_string (node)))
    return TRUE;
  return genvid_error_refuse_at (error, where, "one of %s is expected", list);
}

static gboolean
check_text (const Schema *schema, JsonNode *node, const char *where,
            GError **error)
{
  if (holds (node, G_TYPE_STRING) && *json_node_get_string (node))
    return TRUE;
  return genvid_error_refuse_at (error, where, "a string is expected");
}

static gboolean
check_name (const Schema *schema, JsonNode *node, const char *where,
            GError **error)
{
  const char *text;

  if (!check_text (schema, node, where, error))
    return FALSE;
  text = json_node_get_string (node);
  /* It becomes the host of a URI and the name of a file. */
  if (text[strspn (text, "abcdefghijklmnopqrstuvwxyz0123456789-")]
      || *text == '-' || strlen (text) > 63)
    return genvid_error_refuse_at (
        error, where, "a name has lower-case letters, digits and hyphens");
  return TRUE;
}

static gboolean
check_boolean (const Schema *schema, JsonNode *node, const char *where,
               GError **error)
{
  return holds (node, G_TYPE_BOOLEAN)
         || genvid_error_refuse_at (error, where, "true or false is expected");
}

static gboolean
check_integer (const Schema *schema, JsonNode *node, const char *where,
               GError **error)
{
  return holds (node, G_TYPE_INT64)
         || genvid_error_refuse_at (error, where, "a whole number is expected");
}

static gboolean
check_count (const Schema *schema, JsonNode *node, const char *where,
             GError **error)
{
  if (holds (node, G_TYPE_INT64) && json_node_get_int (node) >= 1
      && json_node_get_int (node) <= G_MAXINT32)
    return TRUE;
  return genvid_error_refuse_at (error, where,
                                 "a whole number of at least 1 is expected");
}

static gboolean
check_amount (const Schema *schema, JsonNode *node, const char *where,
              GError **error)
{
  if ((holds (node, G_TYPE_INT64) || holds (node, G_TYPE_DOUBLE))
      && json_node_get_double (node) >= 0)
    return TRUE;
  return genvid_error_refuse_at (error, where, "an amount is expected");
}

static gboolean
check_scalar (const Schema *schema, JsonNode *node, const char *where,
              GError **error)
{
  return JSON_NODE_HOLDS_VALUE (node)
         || genvid_error_refuse_at (error, where, "a plain value is expected");
}

static gboolean
check_scalars (const Schema *schema, JsonNode *node, const char *where,
               GError **error)
{
  return check_list (schema, node, check_scalar, where, error);
}

static gboolean
check_texts (const Schema *schema, JsonNode *node, const char *where,
             GError **error)
{
  return check_list (schema, node, check_text, where, error);
}

static gboolean
check_variable (const Schema *schema, JsonNode *node, const char *where,
                GError **error)
{
  const char *text;

  if (!check_text (schema, node, where, error))
    return FALSE;
  text = json_node_get_string (node);
  if (!g_ascii_isupper (*text)
      || text[strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")])
    return genvid_error_refuse_at (error, where,
                                   "\"%s\" is not the name of a variable, "
                                   "which has capitals, digits and underscores",
                                   text);
  return TRUE;
}

static gboolean
check_path (const Schema *schema, JsonNode *node, const char *where,
            GError **error)
{
  g_autoptr (GenvidJsonPath) path = NULL;
  g_autoptr (GError) problem = NULL;

  if (!check_text (schema, node, where, error))
    return FALSE;
  path = genvid_json_path_new (json_node_get_string (node), &problem);
  return path || genvid_error_refuse_at (error, where, "%s", problem->message);
}

static gboolean
check_paths (const Schema *schema, JsonNode *node, const char *where,
             GError **error)
{
  if (JSON_NODE_HOLDS_ARRAY (node))
    return check_list (schema, node, check_path, where, error);
  return check_path (schema, node, where, error);
}

static gboolean
check_condition (const Schema *schema, JsonNode *node, const char *where,
                 GError **error)
{
  return genvid_condition_check (node, schema->words, where, error);
}

/* Keys. */

/* A table of keys as a check of its own. */
#define DEFINE_KEYS(name, ...)                                                 \
  static gboolean name (const Schema *schema, JsonNode *node,                  \
                        const char *where, GError **error)                     \
  {                                                                            \
    static const Key keys[] = { __VA_ARGS__, { NULL } };                       \
    return check_keys (schema, node, keys, where, error);                      \
  }

/* A list (members: an object) of what CHECK wants. */
#define DEFINE_MANY(name, many, check)                                         \
  static gboolean name (const Schema *schema, JsonNode *node,                  \
                        const char *where, GError **error)                     \
  {                                                                            \
    return many (schema, node, check, where, error);                           \
  }

/* One of the words after it. */
#define DEFINE_CHOICE(name, ...)                                               \
  static gboolean name (const Schema *schema, JsonNode *node,                  \
                        const char *where, GError **error)                     \
  {                                                                            \
    static const char *const names[] = { __VA_ARGS__, NULL };                  \
    return check_choice (node, names, where, error);                           \
  }

DEFINE_CHOICE (check_type, "integer", "string", "boolean", "number", "list")
DEFINE_CHOICE (check_id_type, "string", "number")
DEFINE_CHOICE (check_file, "upload")
DEFINE_CHOICE (check_link, "upload", "url")
DEFINE_CHOICE (check_method, "GET", "POST", "PUT", "PATCH", "DELETE")
DEFINE_CHOICE (check_phase, "queued", "running", "succeeded", "failed",
               "refused", "cancelled")
DEFINE_CHOICE (check_reason, "unauthorized", "quota", "rejected", "refused",
               "not-found", "busy", "unreachable")
DEFINE_CHOICE (check_billed, "yes", "no", "unknown")
DEFINE_CHOICE (check_recovery_kind, "none", "replay", "lookup")

static gboolean
check_version (const Schema *schema, JsonNode *node, const char *where,
               GError **error)
{
  if (!check_count (schema, node, where, error))
    return FALSE;
  if (json_node_get_int (node) == GENVID_DESCRIPTION_VERSION)
    return TRUE;
  return genvid_error_refuse_at (
      error, where, "this program reads version %d, not %" G_GINT64_FORMAT,
      GENVID_DESCRIPTION_VERSION, json_node_get_int (node));
}

static gboolean
check_root_url (const Schema *schema, JsonNode *node, const char *where,
                GError **error)
{
  const char *text;
  g_autoptr (GUri) uri = NULL;

  if (!check_text (schema, node, where, error))
    return FALSE;
  text = json_node_get_string (node);
  uri = g_uri_parse (text, G_URI_FLAGS_ENCODED, NULL);
  if (!uri || !g_str_has_prefix (text, "http") || !g_uri_get_host (uri)
      || !*g_uri_get_host (uri) || g_uri_get_userinfo (uri)
      || g_uri_get_query (uri) || g_uri_get_fragment (uri)
      || g_str_has_suffix (text, "/"))
    return genvid_error_refuse_at (
        error, where, "an https URL without a slash at its end is expected");
  return TRUE;
}

DEFINE_KEYS (check_base_url, { "default", check_root_url },
             { "variable", check_variable }, { "required", check_boolean })
DEFINE_KEYS (check_key, { "variables", check_texts, TRUE })
DEFINE_KEYS (check_parameter, { "type", check_type, TRUE },
             { "min", check_integer }, { "max", check_integer },
             { "values", check_texts }, { "variable", check_variable },
             { "default", check_scalar }, { "required", check_boolean },
             { "setting", check_boolean }, { "help", check_text, TRUE })
DEFINE_MANY (check_parameters, check_members, check_parameter)
DEFINE_MANY (check_table, check_members, check_scalar)
DEFINE_MANY (check_tables, check_members, check_table)
DEFINE_KEYS (check_word, { "required", check_boolean },
             { "values", check_scalars }, { "min", check_integer },
             { "max", check_integer }, { "known", check_texts },
             { "default", check_scalar }, { "send-default", check_boolean },
             { "or-option", check_text }, { "id", check_id_type },
             { "file", check_file }, { "link", check_link })

static gboolean
check_words (const Schema *schema, JsonNode *node, const char *where,
             GError **error)
{
  g_autoptr (GList) names = NULL;

  if (!check_members (schema, node, check_word, where, error))
    return FALSE;
  names = json_object_get_members (json_node_get_object (node));
  for (GList *l = names; l; l = l->next) {
    g_autofree char *below = g_strdup_printf ("%s.%s", where, (char *)l->data);

    if (!genvid_request_field_is_known (l->data))
      return genvid_error_refuse_at (error, below, "no word has this name");
  }
  return TRUE;
}

/* Templates. */

static void
add_names (GHashTable *names, GHashTable *more)
{
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, more);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    g_hash_table_add (names, name);
}

/* What a template may use here. The key, and what says where it goes, belong
 * in header values and nowhere else. */
static GHashTable *
list_names (const Schema *schema, gboolean in_header)
{
  GHashTable *names = g_hash_table_new (g_str_hash, g_str_equal);
  const char *const *extra = schema->extra;

  add_names (names, schema->words);
  for (; extra && *extra; extra++) {
    g_hash_table_add (names, (gpointer)*extra);
    if (g_str_equal (*extra, "id"))
      add_names (names, schema->captures);
  }
  if (in_header) {
    add_names (names, schema->settings);
    g_hash_table_add (names, (gpointer) "key");
  }
  return names;
}

static gboolean
check_template (const Schema *schema, JsonNode *node, const char *where,
                GError **error)
{
  g_autoptr (GHashTable) names = list_names (schema, FALSE);

  return genvid_template_check (node, names, schema->tables, where, error);
}

static gboolean
check_text_template (const Schema *schema, JsonNode *node, const char *where,
                     GError **error)
{
  return check_text (schema, node, where, error)
         && check_template (schema, node, where, error);
}

static gboolean
check_header_value (const Schema *schema, JsonNode *node, const char *where,
                    GError **error)
{
  g_autoptr (GHashTable) names = list_names (schema, TRUE);

  return check_text (schema, node, where, error)
         && genvid_template_check (node, names, schema->tables, where, error);
}

static gboolean
check_headers (const Schema *schema, JsonNode *node, const char *where,
               GError **error)
{
  g_autoptr (GHashTable) known = list_names (schema, TRUE);
  g_autoptr (GList) names = NULL;

  if (!check_members (schema, node, check_header_value, where, error))
    return FALSE;
  /* The name of a header may come from a setting, never from the key. */
  g_hash_table_remove (known, "key");
  names = json_object_get_members (json_node_get_object (node));
  for (GList *l = names; l; l = l->next) {
    g_autoptr (JsonNode) name
        = json_node_init_string (json_node_alloc (), l->data);

    if (!genvid_template_check (name, known, schema->tables, where, error))
      return FALSE;
  }
  return TRUE;
}

DEFINE_MANY (check_query, check_members, check_text_template)

static gboolean
check_url (const Schema *schema, JsonNode *node, const char *where,
           GError **error)
{
  const char *text;

  if (!check_text_template (schema, node, where, error))
    return FALSE;
  text = json_node_get_string (node);
  if (*text != '/' && !g_str_has_prefix (text, "${"))
    return genvid_error_refuse_at (
        error, where, "a path below the base-url begins with a slash");
  if (strpbrk (text, "?# "))
    return genvid_error_refuse_at (
        error, where, "a query belongs in \"query\", and a path has no spaces");
  return TRUE;
}

static gboolean
check_place (const Schema *schema, JsonNode *node, const char *where,
             GError **error)
{
  const char *text;

  if (!check_path (schema, node, where, error))
    return FALSE;
  text = json_node_get_string (node);
  return (*text == '$' && !strchr (text, '['))
         || genvid_error_refuse_at (error, where,
                                    "an object of the body is expected, such "
                                    "as $ or $.data");
}

#define EXCHANGE_KEYS                                                          \
  { "method", check_method }, { "url", check_url }, { "query", check_query },  \
  {                                                                            \
    "headers", check_headers                                                   \
  }

DEFINE_KEYS (check_submit_keys, EXCHANGE_KEYS, { "body", check_template },
             { "extra", check_place })
DEFINE_KEYS (check_upload_keys, EXCHANGE_KEYS, { "part", check_text },
             { "id", check_paths })
DEFINE_KEYS (check_poll_keys, EXCHANGE_KEYS, { "body", check_template })
DEFINE_KEYS (check_lookup_keys, EXCHANGE_KEYS, { "body", check_template },
             { "rows", check_path }, { "match", check_path },
             { "value", check_text_template }, { "id", check_paths })
DEFINE_KEYS (check_cancel_keys, EXCHANGE_KEYS, { "body", check_template },
             { "billed", check_billed })

/* KEYS with the variables that only this exchange has. */
#define DEFINE_EXCHANGE(name, keys, ...)                                       \
  static gboolean name (const Schema *schema, JsonNode *node,                  \
                        const char *where, GError **error)                     \
  {                                                                            \
    static const char *const extra[] = { __VA_ARGS__, NULL };                  \
    Schema inner = *schema;                                                    \
    inner.extra = extra;                                                       \
    return keys (&inner, node, where, error);                                  \
  }

DEFINE_EXCHANGE (check_submit, check_submit_keys, "idempotency")
DEFINE_EXCHANGE (check_upload, check_upload_keys, "idempotency")
DEFINE_EXCHANGE (check_poll, check_poll_keys, "id")
DEFINE_EXCHANGE (check_lookup, check_lookup_keys, "idempotency")
DEFINE_EXCHANGE (check_cancel, check_cancel_keys, "id")

/* Replies. */

DEFINE_MANY (check_statuses, check_list, check_count)
DEFINE_KEYS (check_state, { "http", check_statuses }, { "path", check_path },
             { "in", check_scalars }, { "exists", check_boolean },
             { "is", check_phase, TRUE }, { "billed", check_billed })

static gboolean
check_state_rule (const Schema *schema, JsonNode *node, const char *where,
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
  tests = json_object_has_member (rule, "in")
          + json_object_has_member (rule, "exists");
  if (tests == 1 || (tests == 0 && json_object_has_member (rule, "http")))
    return TRUE;
  return genvid_error_refuse_at (
      error, where, "a rule has one of \"in\" and \"exists\", or \"http\"");
}

DEFINE_MANY (check_states, check_list, check_state_rule)
DEFINE_KEYS (check_progress, { "path", check_paths, TRUE },
             { "scale", check_amount })
DEFINE_KEYS (check_cost, { "path", check_path, TRUE },
             { "currency", check_text, TRUE })
DEFINE_MANY (check_costs, check_list, check_cost)
DEFINE_MANY (check_details, check_members, check_paths)
DEFINE_KEYS (check_reply, { "id", check_paths }, { "status", check_paths },
             { "states", check_states }, { "link", check_paths },
             { "progress", check_progress }, { "message", check_paths },
             { "code", check_paths }, { "cost", check_costs },
             { "created", check_paths }, { "completed", check_paths },
             { "captures", check_details }, { "details", check_details })

static gboolean
check_error (const Schema *schema, JsonNode *node, const char *where,
             GError **error)
{
  static const Key keys[] = { { "http", check_statuses },
                              { "code", check_scalars },
                              { "says", check_texts },
                              { "is", check_reason, TRUE },
                              { NULL } };

  if (!check_keys (schema, node, keys, where, error))
    return FALSE;
  return json_object_get_size (json_node_get_object (node)) > 1
         || genvid_error_refuse_at (
             error, where, "a rule has \"http\", \"code\" or \"says\"");
}

DEFINE_MANY (check_errors, check_list, check_error)

/* Money and the rest. */

DEFINE_KEYS (check_forbidden, { "when", check_condition, TRUE },
             { "unless", check_condition }, { "say", check_text, TRUE })
DEFINE_MANY (check_forbid, check_list, check_forbidden)
DEFINE_KEYS (check_price_row, { "when", check_condition },
             { "amount", check_amount }, { "per-second", check_amount })
DEFINE_MANY (check_price_rows, check_list, check_price_row)
DEFINE_KEYS (check_price, { "currency", check_text, TRUE },
             { "dated", check_text, TRUE }, { "longest", check_count },
             { "rows", check_price_rows, TRUE })

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
check_seconds (const Schema *schema, JsonNode *node, const char *where,
               GError **error)
{
  return check_between (node, 1, 86400, where, error);
}

/* 1 would mean that every run takes exactly as long as the others. */
static gboolean
check_spread (const Schema *schema, JsonNode *node, const char *where,
              GError **error)
{
  return check_between (node, 1.05, 5, where, error);
}

DEFINE_KEYS (check_time_row, { "when", check_condition },
             { "seconds", check_seconds, TRUE }, { "spread", check_spread },
             { "source", check_text, TRUE })

static gboolean
check_time_rows (const Schema *schema, JsonNode *node, const char *where,
                 GError **error)
{
  JsonArray *rows;

  if (!check_list (schema, node, check_time_row, where, error))
    return FALSE;
  rows = json_node_get_array (node);
  for (guint i = 0; i + 1 < json_array_get_length (rows); i++) {
    JsonObject *row = json_array_get_object_element (rows, i);
    g_autofree char *below = g_strdup_printf ("%s[%u]", where, i);

    if (!json_object_has_member (row, "when"))
      return genvid_error_refuse_at (
          error, below, "without \"when\" no row after it is ever used");
  }
  return TRUE;
}

DEFINE_KEYS (check_times, { "dated", check_text, TRUE },
             { "rows", check_time_rows, TRUE })
DEFINE_KEYS (check_credit, { "usd", check_amount, TRUE },
             { "dated", check_text, TRUE })
DEFINE_KEYS (check_limits, { "requests-per-minute", check_count },
             { "timeout", check_count }, { "patience", check_count })
DEFINE_KEYS (check_recovery, { "kind", check_recovery_kind, TRUE },
             { "window", check_count })

#define CALL_KEYS                                                              \
  { "words", check_words }, { "headers", check_headers },                      \
      { "submit", check_submit }, { "upload", check_upload },                  \
      { "poll", check_poll }, { "lookup", check_lookup },                      \
      { "cancel", check_cancel }, { "reply", check_reply },                    \
      { "errors", check_errors }, { "forbid", check_forbid },                  \
      { "price", check_price },                                                \
  {                                                                            \
    "times", check_times                                                       \
  }

DEFINE_KEYS (check_call, { "name", check_text, TRUE },
             { "when", check_condition }, { "unless", check_condition },
             { "takes", check_texts }, CALL_KEYS)
DEFINE_MANY (check_calls, check_list, check_call)
DEFINE_KEYS (check_root, { "genvid", check_version, TRUE },
             { "name", check_name, TRUE }, { "title", check_text, TRUE },
             { "semantics", check_count, TRUE },
             { "base-url", check_base_url, TRUE }, { "key", check_key, TRUE },
             { "parameters", check_parameters }, { "tables", check_tables },
             { "calls", check_calls, TRUE }, CALL_KEYS,
             { "credit", check_credit }, { "failure-billing", check_billed },
             { "limits", check_limits }, { "recovery", check_recovery },
             { "retry-503", check_boolean })

static void
collect_parameters (Schema *schema, JsonObject *root)
{
  JsonObject *parameters = genvid_json_object (root, "parameters");
  g_autoptr (GList) names
      = parameters ? json_object_get_members (parameters) : NULL;

  for (GList *l = names; l; l = l->next) {
    JsonObject *parameter = genvid_json_object (parameters, l->data);

    g_hash_table_add (genvid_json_bool (parameter, "setting", FALSE)
                          ? schema->settings
                          : schema->words,
                      l->data);
  }
}

static void
collect_captures (Schema *schema, JsonObject *owner)
{
  JsonObject *captures
      = genvid_json_object (genvid_json_object (owner, "reply"), "captures");
  g_autoptr (GList) names
      = captures ? json_object_get_members (captures) : NULL;

  for (GList *l = names; l; l = l->next)
    g_hash_table_add (schema->captures, l->data);
}

gboolean
genvid_schema_check (JsonNode *root, GError **error)
{
  g_autoptr (GHashTable) words = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) settings = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) captures = g_hash_table_new (g_str_hash, g_str_equal);
  Schema schema = { NULL, words, settings, captures, NULL };
  JsonObject *object;
  JsonArray *calls;

  if (!JSON_NODE_HOLDS_OBJECT (root))
    return genvid_error_refuse_at (error, "", "an object is expected");
  object = json_node_get_object (root);
  calls = genvid_json_array (object, "calls");
  schema.tables = genvid_json_object (object, "tables");
  for (guint i = 0; genvid_request_fields[i]; i++)
    g_hash_table_add (words, (gpointer)genvid_request_fields[i]);
  collect_parameters (&schema, object);
  collect_captures (&schema, object);
  for (guint i = 0; calls && i < json_array_get_length (calls); i++) {
    JsonNode *call = json_array_get_element (calls, i);

    if (JSON_NODE_HOLDS_OBJECT (call))
      collect_captures (&schema, json_node_get_object (call));
  }
  return check_root (&schema, root, "", error);
}
