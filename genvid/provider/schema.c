/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The keys of a description, as tables. What is not in them is refused by
 * name and place; docs/providers.md explains each. How keys hang together
 * (calls, words that nobody uses) is in description.c. */
#include "schema.h"

#include "condition.h"
#include "description.h"
#include "failure.h"
#include "json.h"
#include "request-fields.h"
#include "schema-check.h"
#include "template.h"

#include <json-glib/json-glib.h>

#include <string.h>

static gboolean
check_name (const GenvidSchema *schema, JsonNode *node, const char *where,
            GError **error)
{
  const char *text;

  if (!genvid_schema_check_text (schema, node, where, error))
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
check_variable (const GenvidSchema *schema, JsonNode *node, const char *where,
                GError **error)
{
  const char *text;

  if (!genvid_schema_check_text (schema, node, where, error))
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

DEFINE_CHOICE (check_type, "integer", "string", "boolean", "number", "list",
               "json")
DEFINE_CHOICE (check_id_type, "string", "number")
DEFINE_CHOICE (check_file, "upload", "data-uri", "base64", "part")
DEFINE_CHOICE (check_link, "upload", "url", "data-uri", "base64", "part")
DEFINE_CHOICE (check_method, "GET", "POST", "PUT", "PATCH", "DELETE")

static gboolean
check_version (const GenvidSchema *schema, JsonNode *node, const char *where,
               GError **error)
{
  if (!genvid_schema_check_count (schema, node, where, error))
    return FALSE;
  if (json_node_get_int (node) == GENVID_DESCRIPTION_VERSION)
    return TRUE;
  return genvid_error_refuse_at (
      error, where, "this program reads version %d, not %" G_GINT64_FORMAT,
      GENVID_DESCRIPTION_VERSION, json_node_get_int (node));
}

static gboolean
check_root_url (const GenvidSchema *schema, JsonNode *node, const char *where,
                GError **error)
{
  const char *text;
  g_autoptr (GUri) uri = NULL;

  if (!genvid_schema_check_text (schema, node, where, error))
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

DEFINE_MANY (check_origins, genvid_schema_check_list, check_root_url)
DEFINE_KEYS (check_base_url, { "default", check_root_url },
             { "variable", check_variable },
             { "required", genvid_schema_check_boolean })
DEFINE_KEYS (check_key, { "variables", genvid_schema_check_texts, TRUE },
             { "optional", genvid_schema_check_boolean },
             { "page", check_root_url }, { "origins", check_origins })
DEFINE_KEYS (check_parameter_keys, { "type", check_type, TRUE },
             { "min", genvid_schema_check_integer },
             { "max", genvid_schema_check_integer },
             { "values", genvid_schema_check_texts },
             { "variable", check_variable },
             { "default", genvid_schema_check_scalar },
             { "required", genvid_schema_check_boolean },
             { "setting", genvid_schema_check_boolean },
             { "help", genvid_schema_check_text, TRUE })

static gboolean
is_secret (const char *variable)
{
  static const char *const ends[]
      = { "KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIALS", NULL };

  for (guint i = 0; ends[i]; i++)
    if (g_str_has_suffix (variable, ends[i]))
      return TRUE;
  return FALSE;
}

/* What a parameter is set to is kept with the clip, but for a setting. */
static gboolean
check_parameter (const GenvidSchema *schema, JsonNode *node, const char *where,
                 GError **error)
{
  JsonObject *parameter;
  const char *variable;

  if (!check_parameter_keys (schema, node, where, error))
    return FALSE;
  parameter = json_node_get_object (node);
  variable = genvid_json_string (parameter, "variable", "");
  return !is_secret (variable) || genvid_json_bool (parameter, "setting", FALSE)
         || genvid_error_refuse_at (
             error, where,
             "%s is named like a key, and a parameter is kept with the clip; "
             "only one with \"setting\": true may read it",
             variable);
}

DEFINE_MANY (check_parameters, genvid_schema_check_members, check_parameter)
DEFINE_MANY (check_table, genvid_schema_check_members,
             genvid_schema_check_scalar)
DEFINE_MANY (check_tables, genvid_schema_check_members, check_table)
DEFINE_KEYS (check_word, { "required", genvid_schema_check_boolean },
             { "values", genvid_schema_check_scalars },
             { "min", genvid_schema_check_integer },
             { "max", genvid_schema_check_integer },
             { "step", genvid_schema_check_amount },
             { "auto", genvid_schema_check_boolean },
             { "known", genvid_schema_check_texts },
             { "default", genvid_schema_check_scalar },
             { "send-default", genvid_schema_check_boolean },
             { "or-option", genvid_schema_check_text }, { "id", check_id_type },
             { "file", check_file }, { "link", check_link },
             { "max-bytes", genvid_schema_check_count },
             { "inline-bytes", genvid_schema_check_count },
             { "types", genvid_schema_check_texts })

static gboolean
check_words (const GenvidSchema *schema, JsonNode *node, const char *where,
             GError **error)
{
  g_autoptr (GList) names = NULL;

  if (!genvid_schema_check_members (schema, node, check_word, where, error))
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
list_names (const GenvidSchema *schema, gboolean in_header)
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
    g_hash_table_add (names, (gpointer) "nonce");
  }
  return names;
}

static gboolean
check_template (const GenvidSchema *schema, JsonNode *node, const char *where,
                GError **error)
{
  g_autoptr (GHashTable) names = list_names (schema, FALSE);

  return genvid_template_check (node, names, schema->tables, where, error);
}

static gboolean
check_text_template (const GenvidSchema *schema, JsonNode *node,
                     const char *where, GError **error)
{
  return genvid_schema_check_text (schema, node, where, error)
         && check_template (schema, node, where, error);
}

static gboolean
check_header_value (const GenvidSchema *schema, JsonNode *node,
                    const char *where, GError **error)
{
  g_autoptr (GHashTable) names = list_names (schema, TRUE);

  return genvid_schema_check_text (schema, node, where, error)
         && genvid_template_check (node, names, schema->tables, where, error);
}

static gboolean
check_headers (const GenvidSchema *schema, JsonNode *node, const char *where,
               GError **error)
{
  g_autoptr (GHashTable) known = list_names (schema, TRUE);
  g_autoptr (GList) names = NULL;

  if (!genvid_schema_check_members (schema, node, check_header_value, where,
                                    error))
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

DEFINE_MANY (check_query, genvid_schema_check_members, check_text_template)

static gboolean
check_url (const GenvidSchema *schema, JsonNode *node, const char *where,
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

/* One, or several of which the first counts whose values are all known. */
static gboolean
check_urls (const GenvidSchema *schema, JsonNode *node, const char *where,
            GError **error)
{
  if (JSON_NODE_HOLDS_ARRAY (node))
    return genvid_schema_check_list (schema, node, check_url, where, error);
  return check_url (schema, node, where, error);
}

static gboolean
check_place (const GenvidSchema *schema, JsonNode *node, const char *where,
             GError **error)
{
  const char *text;

  if (!genvid_schema_check_path (schema, node, where, error))
    return FALSE;
  text = json_node_get_string (node);
  return (*text == '$' && !strchr (text, '['))
         || genvid_error_refuse_at (error, where,
                                    "an object of the body is expected, such "
                                    "as $ or $.data");
}

/* Of the body of an answer. */
static gboolean
check_media_path (const GenvidSchema *schema, JsonNode *node, const char *where,
                  GError **error)
{
  return genvid_schema_check_path (schema, node, where, error)
         && (*json_node_get_string (node) == '$'
             || genvid_error_refuse_at (error, where,
                                        "a path such as $.data is expected"));
}

/* A form's fields are its members. */
static gboolean
check_form (const GenvidSchema *schema, JsonNode *node, const char *where,
            GError **error)
{
  if (!JSON_NODE_HOLDS_OBJECT (node)
      || json_object_has_member (json_node_get_object (node), "$value"))
    return genvid_error_refuse_at (error, where,
                                   "an object of fields is expected");
  return check_template (schema, node, where, error);
}

/* Null takes a member away. */
static gboolean
check_with (const GenvidSchema *schema, JsonNode *node, const char *where,
            GError **error)
{
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return genvid_error_refuse_at (error, where, "an object is expected");
  return check_template (schema, node, where, error);
}

#define EXCHANGE_KEYS                                                          \
  { "method", check_method }, { "url", check_urls }, { "query", check_query }, \
  {                                                                            \
    "headers", check_headers                                                   \
  }

DEFINE_KEYS (check_submit_keys, EXCHANGE_KEYS,
             { "refused", genvid_schema_check_refused },
             { "body", check_template }, { "form", check_form },
             { "with", check_with }, { "extra", check_place },
             { "media", genvid_schema_check_boolean })
DEFINE_KEYS (check_then_keys, { "method", check_method },
             { "url", genvid_schema_check_paths, TRUE },
             { "headers", check_query }, { "fields", check_media_path },
             { "part", genvid_schema_check_text },
             { "id", genvid_schema_check_paths })

/* The address is a stranger's, so its headers have no key: they are checked as
 * a query is. */
static gboolean
check_then (const GenvidSchema *schema, JsonNode *node, const char *where,
            GError **error)
{
  JsonObject *then;

  if (!check_then_keys (schema, node, where, error))
    return FALSE;
  then = json_node_get_object (node);
  return !json_object_has_member (then, "fields")
         || json_object_has_member (then, "part")
         || genvid_error_refuse_at (
             error, where, "\"fields\" belong to a form, which has a \"part\"");
}

DEFINE_KEYS (check_upload_keys, EXCHANGE_KEYS, { "origin", check_root_url },
             { "body", check_template }, { "form", check_form },
             { "part", genvid_schema_check_text }, { "then", check_then },
             { "id", genvid_schema_check_paths },
             { "lasts", genvid_schema_check_count })
DEFINE_KEYS (check_poll_keys, EXCHANGE_KEYS, { "body", check_template })
DEFINE_KEYS (check_lookup_keys, EXCHANGE_KEYS, { "body", check_template },
             { "rows", genvid_schema_check_path },
             { "match", genvid_schema_check_path },
             { "value", check_text_template },
             { "id", genvid_schema_check_paths })
DEFINE_CHOICE (check_cancel_phase, "queued", "running")
DEFINE_MANY (check_cancel_phases, genvid_schema_check_list, check_cancel_phase)
DEFINE_KEYS (check_cancel_keys, EXCHANGE_KEYS, { "body", check_template },
             { "billed", genvid_schema_check_billed },
             { "while", check_cancel_phases })
DEFINE_KEYS (check_result_keys, EXCHANGE_KEYS, { "body", check_template },
             { "reply", genvid_schema_check_reply })
DEFINE_KEYS (check_download_keys, { "url", check_urls },
             { "query", check_query }, { "key", genvid_schema_check_boolean },
             { "pending", genvid_schema_check_statuses },
             { "base64", check_media_path })

/* KEYS with the variables that only this exchange has. */
#define DEFINE_EXCHANGE(name, keys, ...)                                       \
  static gboolean name (const GenvidSchema *schema, JsonNode *node,            \
                        const char *where, GError **error)                     \
  {                                                                            \
    static const char *const extra[] = { __VA_ARGS__, NULL };                  \
    GenvidSchema inner = *schema;                                              \
    inner.extra = extra;                                                       \
    return keys (&inner, node, where, error);                                  \
  }

DEFINE_EXCHANGE (check_submit, check_submit_keys, "idempotency")
DEFINE_EXCHANGE (check_upload, check_upload_keys, "idempotency", "file-name",
                 "file-type", "file-size", "file-hash")
DEFINE_EXCHANGE (check_poll, check_poll_keys, "id")
DEFINE_EXCHANGE (check_lookup, check_lookup_keys, "idempotency")
DEFINE_EXCHANGE (check_cancel, check_cancel_keys, "id")
DEFINE_EXCHANGE (check_result, check_result_keys, "id")
DEFINE_EXCHANGE (check_download, check_download_keys, "id")

/* What a model has of its own, over the call's. */
DEFINE_KEYS (check_model, { "words", check_words },
             { "takes", genvid_schema_check_texts }, { "submit", check_submit },
             { "forbid", genvid_schema_check_forbid },
             { "price", genvid_schema_check_price },
             { "times", genvid_schema_check_times })
DEFINE_MANY (check_models, genvid_schema_check_members, check_model)
#define CALL_KEYS                                                              \
  { "words", check_words }, { "headers", check_headers },                      \
      { "submit", check_submit }, { "upload", check_upload },                  \
      { "poll", check_poll }, { "lookup", check_lookup },                      \
      { "cancel", check_cancel }, { "result", check_result },                  \
      { "download", check_download }, { "reply", genvid_schema_check_reply },  \
      { "errors", genvid_schema_check_errors },                                \
      { "forbid", genvid_schema_check_forbid }, { "models", check_models },    \
      { "price", genvid_schema_check_price },                                  \
  {                                                                            \
    "times", genvid_schema_check_times                                         \
  }

DEFINE_KEYS (check_call, { "name", genvid_schema_check_text, TRUE },
             { "when", genvid_schema_check_condition },
             { "unless", genvid_schema_check_condition },
             { "takes", genvid_schema_check_texts }, CALL_KEYS)
DEFINE_MANY (check_calls, genvid_schema_check_list, check_call)
DEFINE_KEYS (check_root, { "genvid", check_version, TRUE },
             { "name", check_name, TRUE },
             { "title", genvid_schema_check_text, TRUE },
             { "semantics", genvid_schema_check_count, TRUE },
             { "base-url", check_base_url, TRUE }, { "key", check_key, TRUE },
             { "parameters", check_parameters }, { "tables", check_tables },
             { "calls", check_calls, TRUE }, CALL_KEYS,
             { "credit", genvid_schema_check_credit },
             { "failure-billing", genvid_schema_check_billing },
             { "limits", genvid_schema_check_limits },
             { "recovery", genvid_schema_check_recovery },
             { "retry-503", genvid_schema_check_boolean })

static void
collect_parameters (GenvidSchema *schema, JsonObject *root)
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
collect_captures (GenvidSchema *schema, JsonObject *owner)
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
  GenvidSchema schema = { NULL, words, settings, captures, NULL };
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
