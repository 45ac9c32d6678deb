/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the keys of a description mean together: calls laid over the root, and
 * everything refused that would silently do nothing (a word that no exchange
 * sends, a parameter that nobody reads, a call that is never chosen). */
#include "description.h"

#include "description-merge.h"
#include "failure.h"
#include "json-path.h"
#include "json.h"
#include "request-fields.h"
#include "request.h"
#include "schema.h"
#include "template.h"

#include <json-glib/json-glib.h>

#include <string.h>

static const char *const exchanges[]
    = { "submit", "upload", "poll",     "lookup",
        "cancel", "result", "download", NULL };

GList *
genvid_description_list (JsonObject *object, const char *key)
{
  JsonNode *node = object ? json_object_get_member (object, key) : NULL;

  if (!node)
    return NULL;
  if (JSON_NODE_HOLDS_ARRAY (node))
    return json_array_get_elements (json_node_get_array (node));
  return g_list_append (NULL, node);
}

void
genvid_description_free (GenvidDescription *description)
{
  if (!description)
    return;
  g_clear_pointer (&description->calls, g_ptr_array_unref);
  g_clear_pointer (&description->root, json_object_unref);
  g_free (description);
}

JsonObject *
genvid_description_get_model (JsonObject *call, const char *model)
{
  JsonObject *models = genvid_json_object (call, "models");
  g_autoptr (GList) names = models ? json_object_get_members (models) : NULL;

  for (GList *l = names; model && l; l = l->next)
    if (genvid_request_field_match (l->data, model))
      return genvid_json_object (models, l->data);
  return call;
}

gboolean
genvid_description_takes (JsonObject *call, const char *word)
{
  g_autoptr (GList) taken = genvid_description_list (call, "takes");

  if (!json_object_has_member (call, "takes"))
    return genvid_json_object (genvid_json_object (call, "words"), word)
           != NULL;
  for (GList *l = taken; l; l = l->next)
    if (g_str_equal (json_node_get_string (l->data), word))
      return TRUE;
  return FALSE;
}

gboolean
genvid_description_has_parameter (JsonObject *call, const char *word)
{
  return genvid_json_object (genvid_json_object (call, "parameters"), word)
         != NULL;
}

static GHashTable *
new_names (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

static void
collect_headers (JsonObject *owner, GHashTable *names)
{
  JsonObject *headers = genvid_json_object (owner, "headers");
  g_autoptr (GList) members
      = headers ? json_object_get_members (headers) : NULL;

  for (GList *l = members; l; l = l->next) {
    g_autoptr (JsonNode) name
        = json_node_init_string (json_node_alloc (), l->data);

    genvid_template_collect (name, names);
    genvid_template_collect (json_object_get_member (headers, l->data), names);
  }
}

static void
collect_exchange (JsonObject *call, const char *exchange, GHashTable *names)
{
  JsonNode *node = json_object_get_member (call, exchange);

  if (!node)
    return;
  genvid_template_collect (node, names);
  collect_headers (json_node_get_object (node), names);
}

static void
collect_call (JsonObject *call, GHashTable *names)
{
  for (guint i = 0; exchanges[i]; i++)
    collect_exchange (call, exchanges[i], names);
  collect_headers (call, names);
}

/* Of all that a call may be, by its models. */
static void
collect_models (JsonObject *call, GHashTable *names)
{
  JsonObject *models = genvid_json_object (call, "models");
  g_autoptr (GList) members = models ? json_object_get_members (models) : NULL;

  collect_call (call, names);
  for (GList *l = members; l; l = l->next)
    collect_call (genvid_json_object (models, l->data), names);
}

/* What the object of tests NODE says of NAME; nullable. */
static JsonNode *
get_test (JsonNode *node, const char *name)
{
  return json_object_get_member (json_node_get_object (node), name);
}

static gboolean
tests_name (JsonObject *owner, const char *key, const char *name)
{
  g_autoptr (GList) any = genvid_description_list (owner, key);

  for (GList *l = any; l; l = l->next)
    if (get_test (l->data, name))
      return TRUE;
  return FALSE;
}

gboolean
genvid_description_tests (JsonObject *call, const char *word)
{
  return tests_name (call, "when", word);
}

/* The only value that TEST holds for; nullable, owned by the caller. */
static char *
get_only_value (JsonNode *test)
{
  g_autofree char *text = NULL;

  if (test && JSON_NODE_HOLDS_ARRAY (test)
      && json_array_get_length (json_node_get_array (test)) == 1)
    test = json_array_get_element (json_node_get_array (test), 0);
  if (!test || !JSON_NODE_HOLDS_VALUE (test)
      || json_node_get_value_type (test) == G_TYPE_BOOLEAN)
    return NULL;
  text = genvid_json_scalar_text (test);
  return strchr (text, '*') ? NULL : g_ascii_strdown (text, -1);
}

/* The call is there for that one value of the word, and so need not send it.
 * Of several values nobody would learn which was meant. */
static gboolean
is_chosen_by (JsonObject *call, const char *word)
{
  g_autoptr (GList) any = genvid_description_list (call, "when");
  g_autofree char *only
      = any ? get_only_value (get_test (any->data, word)) : NULL;

  for (GList *l = any; l && only; l = l->next) {
    g_autofree char *value = get_only_value (get_test (l->data, word));

    if (!value || !g_str_equal (value, only))
      return FALSE;
  }
  return only != NULL;
}

gboolean
genvid_description_only_chooses (const GenvidDescription *description,
                                 const char *parameter)
{
  g_autoptr (GHashTable) sent = new_names ();
  gboolean chooses = FALSE;

  for (guint i = 0; i < description->calls->len; i++) {
    JsonObject *call = g_ptr_array_index (description->calls, i);

    collect_models (call, sent);
    chooses |= tests_name (call, "when", parameter)
               || tests_name (call, "unless", parameter);
  }
  return chooses && !g_hash_table_contains (sent, parameter);
}

GHashTable *
genvid_description_collect (JsonObject *call)
{
  GHashTable *names = new_names ();

  collect_call (call, names);
  return names;
}

/* What the whole says of itself. */

static gboolean
check_base (JsonObject *root, GError **error)
{
  JsonObject *base = genvid_json_object (root, "base-url");
  gboolean required = genvid_json_bool (base, "required", FALSE);

  if (required != json_object_has_member (base, "default"))
    return TRUE;
  return genvid_error_refuse_at (
      error, "base-url",
      "one of \"default\" and \"required\": true is expected");
}

static gboolean
check_parameter_names (JsonObject *root, GError **error)
{
  static const char *const reserved[]
      = { "key",         "id",        "idempotency", "item",
          "item-number", "nonce",     "file-name",   "file-type",
          "file-size",   "file-hash", NULL };
  JsonObject *parameters = genvid_json_object (root, "parameters");
  g_autoptr (GList) names
      = parameters ? json_object_get_members (parameters) : NULL;

  for (GList *l = names; l; l = l->next) {
    g_autofree char *where = g_strdup_printf ("parameters.%s", (char *)l->data);

    for (guint i = 0; genvid_request_fields[i]; i++)
      if (genvid_request_field_name_equal (genvid_request_fields[i], l->data)
          && !genvid_request_field_is_later (l->data))
        return genvid_error_refuse_at (error, where,
                                       "a word of the request has this name");
    if (g_strv_contains (reserved, l->data))
      return genvid_error_refuse_at (error, where, "this name is reserved");
    for (GList *other = l->next; other; other = other->next)
      if (genvid_request_field_name_equal (other->data, l->data))
        return genvid_error_refuse_at (error, where,
                                       "another parameter has this name");
  }
  return TRUE;
}

static gboolean
check_recovery (JsonObject *root, GError **error)
{
  JsonObject *recovery = genvid_json_object (root, "recovery");
  const char *kind = genvid_json_string (recovery, "kind", "none");

  gboolean duplicate
      = recovery && json_object_has_member (recovery, "duplicate");

  if (duplicate && !g_str_equal (kind, "replay"))
    return genvid_error_refuse_at (error, "recovery.duplicate",
                                   "only a replay is refused as one");
  if (json_object_has_member (root, "lookup")
      != (g_str_equal (kind, "lookup") || duplicate))
    return genvid_error_refuse_at (
        error, "recovery",
        "\"kind\": \"lookup\" and a \"lookup\" belong together");
  if (recovery && json_object_has_member (recovery, "window")
      && !g_str_equal (kind, "replay"))
    return genvid_error_refuse_at (error, "recovery.window",
                                   "only a replay has one");
  return TRUE;
}

/* What one call says. WHERE is the call's own place. */

static gboolean
check_has (JsonObject *call, const char *owner, const char *const *keys,
           const char *where, GError **error)
{
  JsonObject *object = genvid_json_object (call, owner);

  if (!object)
    return genvid_error_refuse_at (error, where, "\"%s\" is missing", owner);
  for (; *keys; keys++)
    if (!json_object_has_member (object, *keys))
      return genvid_error_refuse_at (error, where, "%s has no \"%s\"", owner,
                                     *keys);
  return TRUE;
}

static gboolean
needs_upload (JsonObject *call)
{
  JsonObject *words = genvid_json_object (call, "words");

  for (guint i = 0; genvid_request_fields[i]; i++) {
    JsonObject *word = genvid_json_object (words, genvid_request_fields[i]);

    if (genvid_description_takes (call, genvid_request_fields[i])
        && (g_str_equal (genvid_json_string (word, "file", ""), "upload")
            || g_str_equal (genvid_json_string (word, "link", ""), "upload")
            || (word && json_object_has_member (word, "inline-bytes"))))
      return TRUE;
  }
  return FALSE;
}

/* Something says where the media is. */
static gboolean
check_link (JsonObject *call, const char *where, GError **error)
{
  JsonObject *result = genvid_json_object (call, "result");
  JsonObject *own = genvid_json_object (result, "reply");
  JsonObject *download = genvid_json_object (call, "download");

  if (download && json_object_has_member (download, "base64")
      && !json_object_has_member (download, "url"))
    return genvid_error_refuse_at (
        error, where, "download.base64 needs the \"url\" of that answer");
  if ((own && json_object_has_member (own, "link"))
      || (download && json_object_has_member (download, "url")))
    return TRUE;
  return check_has (call, "reply", (const char *const[]){ "link", NULL }, where,
                    error);
}

/* The key goes to where the description says that it belongs. */
static gboolean
check_origin (JsonObject *call, const char *where, GError **error)
{
  JsonObject *upload = genvid_json_object (call, "upload");
  const char *origin = genvid_json_string (upload, "origin", NULL);
  g_autoptr (GList) origins
      = genvid_description_list (genvid_json_object (call, "key"), "origins");

  for (GList *l = origins; l && origin; l = l->next)
    if (g_str_equal (json_node_get_string (l->data), origin))
      return TRUE;
  return !origin
         || genvid_error_refuse_at (
             error, where, "upload.origin: key.origins does not list %s",
             origin);
}

/* The file goes with the exchange, as a field of its form, or after it, to
 * where the answer says. */
static gboolean
check_upload (JsonObject *call, const char *where, GError **error)
{
  JsonObject *upload = genvid_json_object (call, "upload");
  JsonObject *then = genvid_json_object (upload, "then");
  const char *first = then ? "form" : "body";

  if (!check_has (call, "upload", (const char *const[]){ "url", NULL }, where,
                  error))
    return FALSE;
  if (!then == !json_object_has_member (upload, "part"))
    return genvid_error_refuse_at (error, where,
                                   "upload has one of \"part\" and \"then\"");
  if (json_object_has_member (upload, first))
    return genvid_error_refuse_at (
        error, where,
        "upload.%s: a form is sent with the file, a body before "
        "it",
        first);
  if (!check_origin (call, where, error))
    return FALSE;
  return (then && json_object_has_member (then, "id"))
         || check_has (call, "upload", (const char *const[]){ "id", NULL },
                       where, error);
}

/* One that names no generation would take another one's clip for it. */
static gboolean
check_poll (JsonObject *call, const char *where, GError **error)
{
  JsonObject *reply = genvid_json_object (call, "reply");
  JsonObject *captures = genvid_json_object (reply, "captures");
  g_autoptr (GHashTable) names = new_names ();
  g_autoptr (GList) list = NULL;

  collect_exchange (call, "poll", names);
  list = g_hash_table_get_keys (names);
  for (GList *l = list; l; l = l->next)
    if (g_str_equal (l->data, "id")
        || (captures && json_object_has_member (captures, l->data)))
      return TRUE;
  return genvid_error_refuse_at (
      error, where,
      "poll has neither ${id} nor a capture: it asks for no "
      "particular generation");
}

static gboolean
check_complete (JsonObject *call, const char *where, GError **error)
{
  static const char *const plain[] = { "url", NULL };
  static const char *const lookup[]
      = { "url", "rows", "match", "value", "id", NULL };
  static const char *const reply[] = { "id", "states", NULL };

  return check_has (call, "submit", plain, where, error)
         && check_has (call, "poll", plain, where, error)
         && check_poll (call, where, error)
         && check_has (call, "reply", reply, where, error)
         && (!needs_upload (call) || check_upload (call, where, error))
         && (!json_object_has_member (call, "lookup")
             || check_has (call, "lookup", lookup, where, error))
         && (!json_object_has_member (call, "cancel")
             || check_has (call, "cancel", plain, where, error))
         && (!json_object_has_member (call, "result")
             || check_has (call, "result", plain, where, error))
         && check_link (call, where, error);
}

static gboolean
check_states (JsonObject *call, const char *where, GError **error)
{
  JsonObject *reply = genvid_json_object (call, "reply");
  g_autoptr (GList) rules = genvid_description_list (reply, "states");

  if (json_object_has_member (reply, "status"))
    return TRUE;
  for (GList *l = rules; l; l = l->next) {
    JsonObject *rule = json_node_get_object (l->data);

    if (!json_object_has_member (rule, "path")
        && !json_object_has_member (rule, "http"))
      return genvid_error_refuse_at (
          error, where, "reply has a rule without \"path\" and no \"status\"");
  }
  return TRUE;
}

static gboolean
has_any (JsonObject *object, const char *const *keys)
{
  for (; *keys; keys++)
    if (json_object_has_member (object, *keys))
      return TRUE;
  return FALSE;
}

/* Nobody can ask for a value that every request refuses. */
static gboolean
check_values (const char *name, JsonObject *word, const char *where,
              GError **error)
{
  g_autoptr (GList) values = genvid_description_list (word, "values");
  JsonNode *value = json_object_get_member (word, "default");
  g_autofree char *wanted = value ? genvid_json_scalar_text (value) : NULL;
  gboolean is_duration = g_str_equal (name, "duration");
  gboolean is_listed = !value || !values;

  for (GList *l = values; l; l = l->next) {
    g_autofree char *text = genvid_json_scalar_text (l->data);

    if (is_duration && json_node_get_value_type (l->data) == G_TYPE_STRING)
      return genvid_error_refuse_at (
          error, where,
          "values: a duration is a number of seconds, not \"%s\"; how it is "
          "sent is said in submit, as in ${duration|fmt:%%ds}",
          text);
    is_listed = is_listed || g_ascii_strcasecmp (text, wanted) == 0;
    if (genvid_request_check_size (name, text, error))
      continue;
    g_prefix_error (error, "%s.values: ", where);
    return FALSE;
  }
  if (json_object_has_member (word, "min")
      && json_object_has_member (word, "max")
      && json_object_get_int_member (word, "min")
             > json_object_get_int_member (word, "max"))
    return genvid_error_refuse_at (error, where, "\"min\" is above \"max\"");
  return is_listed
         || genvid_error_refuse_at (error, where,
                                    "\"default\" is not one of \"values\"");
}

/* WHERE is the word's. */
static gboolean
check_word (JsonObject *call, const char *name, JsonObject *word,
            const char *where, GError **error)
{
  static const char *const of_input[] = { "id", "file", "link", NULL };
  static const char *const of_files[]
      = { "max-bytes", "inline-bytes", "types", NULL };
  static const char *const of_others[]
      = { "values", "known", "default", "send-default", NULL };
  static const char *const of_numbers[] = { "min", "max", NULL };
  static const char *const of_durations[] = { "step", "auto", NULL };
  const char *option = genvid_json_string (word, "or-option", NULL);
  gboolean is_input = genvid_request_field_is_input (name);
  gboolean is_duration = g_str_equal (name, "duration");
  gboolean is_number = is_duration || g_str_equal (name, "seed")
                       || g_str_equal (name, "fps")
                       || g_str_equal (name, "references");

  if (is_input && !has_any (word, of_input))
    return genvid_error_refuse_at (error, where,
                                   "one of id, file and link is expected");
  if (is_input && has_any (word, of_others))
    return genvid_error_refuse_at (error, where,
                                   "an input has no list of values");
  if (!is_input && (has_any (word, of_input) || has_any (word, of_files)))
    return genvid_error_refuse_at (error, where,
                                   "only an input has id, file and link");
  if (json_object_has_member (word, "inline-bytes")
      && (!json_object_has_member (word, "file")
          || g_str_equal (genvid_json_string (word, "file", ""), "upload")))
    return genvid_error_refuse_at (
        error, where, "\"inline-bytes\" is of a file that is in the submit");
  if (!is_number && has_any (word, of_numbers))
    return genvid_error_refuse_at (
        error, where, "only duration, seed, fps and references have a range");
  if (!is_duration && has_any (word, of_durations))
    return genvid_error_refuse_at (error, where,
                                   "only a duration has \"step\" and \"auto\"");
  if (g_str_equal (name, "variables") && has_any (word, of_others))
    return genvid_error_refuse_at (error, where,
                                   "variables have no list of values");
  if (json_object_has_member (word, "known") && !g_str_equal (name, "model"))
    return genvid_error_refuse_at (error, where, "only a model is \"known\"");
  if (json_object_has_member (word, "send-default")
      && !json_object_has_member (word, "default"))
    return genvid_error_refuse_at (error, where,
                                   "there is no \"default\" to send");
  if (option && !genvid_description_has_parameter (call, option))
    return genvid_error_refuse_at (error, where, "\"%s\" is not a parameter",
                                   option);
  return check_values (name, word, where, error);
}

/* Every word taken is sent, and every word sent is taken. */
static gboolean
check_words (JsonObject *call, const char *where, GError **error)
{
  g_autoptr (GHashTable) used = new_names ();
  JsonObject *words = genvid_json_object (call, "words");

  collect_exchange (call, "submit", used);
  for (guint i = 0; genvid_request_fields[i]; i++) {
    const char *name = genvid_request_fields[i];
    JsonObject *word = genvid_json_object (words, name);
    gboolean taken = genvid_description_takes (call, name);
    g_autofree char *below = g_strdup_printf ("%s.words.%s", where, name);

    if (genvid_description_has_parameter (call, name)) {
      if (word || taken)
        return genvid_error_refuse_at (error, below,
                                       "a parameter has this name");
      continue;
    }
    if (taken && !word)
      return genvid_error_refuse_at (error, below,
                                     "it is taken but not described");
    if (word && !check_word (call, name, word, below, error))
      return FALSE;
    if (taken && !g_hash_table_contains (used, name)
        && (genvid_request_field_is_input (name) || !is_chosen_by (call, name)))
      return genvid_error_refuse_at (error, below, "submit does not send it");
    if (!taken && g_hash_table_contains (used, name))
      return genvid_error_refuse_at (error, below,
                                     "submit sends it but it is not taken");
  }
  return TRUE;
}

/* The bytes of a file by themselves are a field of a form. */
static gboolean
check_parts (JsonObject *call, const char *where, GError **error)
{
  JsonObject *submit = genvid_json_object (call, "submit");
  JsonObject *words = genvid_json_object (call, "words");
  gboolean form = json_object_has_member (submit, "form");

  if (form && json_object_has_member (submit, "body"))
    return genvid_error_refuse_at (error, where,
                                   "submit has a \"body\" or a \"form\"");
  for (guint i = 0; genvid_request_fields[i]; i++) {
    JsonObject *word = genvid_json_object (words, genvid_request_fields[i]);

    if (!form && genvid_description_takes (call, genvid_request_fields[i])
        && (g_str_equal (genvid_json_string (word, "file", ""), "part")
            || g_str_equal (genvid_json_string (word, "link", ""), "part")))
      return genvid_error_refuse_at (
          error, where, "words.%s: a \"part\" needs a \"form\" of submit",
          genvid_request_fields[i]);
  }
  return TRUE;
}

JsonNode *
genvid_description_get_body (JsonObject *call)
{
  JsonObject *submit = genvid_json_object (call, "submit");
  JsonNode *form = json_object_get_member (submit, "form");

  return form ? form : json_object_get_member (submit, "body");
}

/* The members of options go into an object of the body. */
static gboolean
check_extra (JsonObject *call, const char *where, GError **error)
{
  JsonObject *submit = genvid_json_object (call, "submit");
  const char *place = genvid_json_string (submit, "extra", NULL);
  JsonNode *body = genvid_description_get_body (call);
  g_autoptr (GenvidJsonPath) path = NULL;
  JsonNode *node;

  if (!place)
    return TRUE;
  path = genvid_json_path_new (place, error);
  node = path && body ? genvid_json_path_get (path, body) : NULL;
  return (node && JSON_NODE_HOLDS_OBJECT (node))
         || genvid_error_refuse_at (
             error, where, "submit.extra: %s is not an object in the body",
             place);
}

static gboolean
check_takes (JsonObject *call, const char *where, GError **error)
{
  g_autoptr (GList) taken = genvid_description_list (call, "takes");

  for (GList *l = taken; l; l = l->next)
    if (!genvid_request_field_is_known (json_node_get_string (l->data)))
      return genvid_error_refuse_at (error, where,
                                     "takes: no word is named \"%s\"",
                                     json_node_get_string (l->data));
  return TRUE;
}

static gboolean
check_idempotency (JsonObject *call, const char *where, GError **error)
{
  g_autoptr (GHashTable) used = new_names ();
  JsonObject *recovery = genvid_json_object (call, "recovery");

  collect_exchange (call, "submit", used);
  if (g_str_equal (genvid_json_string (recovery, "kind", "none"), "none")
      || g_hash_table_contains (used, "idempotency"))
    return TRUE;
  return genvid_error_refuse_at (
      error, where, "recovery needs ${idempotency} in what submit sends");
}

/* What has not become a part of a body would do nothing. */
static gboolean
check_with (JsonObject *call, const char *where, GError **error)
{
  return !json_object_has_member (genvid_json_object (call, "submit"), "with")
         || genvid_error_refuse_at (
             error, where, "submit.with: there is no object to lay it over");
}

static gboolean
check_call (JsonObject *call, const char *where, GError **error)
{
  return check_complete (call, where, error)
         && check_states (call, where, error)
         && check_takes (call, where, error) && check_words (call, where, error)
         && check_with (call, where, error) && check_parts (call, where, error)
         && check_extra (call, where, error)
         && check_idempotency (call, where, error);
}

/* A call without a condition ends the search, so one after it is a mistake, and
 * so is a second call of the same name. */
static gboolean
check_order (GPtrArray *calls, guint index, const char *where, GError **error)
{
  JsonObject *call = g_ptr_array_index (calls, index);
  const char *name = genvid_json_string (call, "name", NULL);

  if (index + 1 < calls->len && !json_object_has_member (call, "when")
      && !json_object_has_member (call, "unless"))
    return genvid_error_refuse_at (
        error, where, "without \"when\" no call after it is ever chosen");
  for (guint i = 0; i < index; i++)
    if (g_str_equal (name, genvid_json_string (g_ptr_array_index (calls, i),
                                               "name", NULL)))
      return genvid_error_refuse_at (error, where,
                                     "another call is named \"%s\"", name);
  return TRUE;
}

/* One that only chooses has values that do: another would do nothing. */
static gboolean
check_parameter_used (const GenvidDescription *description, const char *name,
                      GHashTable *used, GError **error)
{
  JsonObject *parameters = genvid_json_object (description->root, "parameters");

  if (g_hash_table_contains (used, name))
    return TRUE;
  if (!genvid_description_only_chooses (description, name))
    return genvid_error_refuse_at (
        error, "parameters",
        "no exchange sends \"%s\", and no call depends on it", name);
  return genvid_json_array (genvid_json_object (parameters, name), "values")
         || genvid_error_refuse_at (
             error, "parameters",
             "\"%s\" only chooses a call, so it needs \"values\"", name);
}

static gboolean
check_parameters_used (const GenvidDescription *description, GError **error)
{
  g_autoptr (GHashTable) used = new_names ();
  JsonObject *parameters = genvid_json_object (description->root, "parameters");
  g_autoptr (GList) names
      = parameters ? json_object_get_members (parameters) : NULL;

  for (guint i = 0; i < description->calls->len; i++)
    collect_models (g_ptr_array_index (description->calls, i), used);
  for (GList *l = names; l; l = l->next)
    if (!check_parameter_used (description, l->data, used, error))
      return FALSE;
  return TRUE;
}

static gboolean
check_models (JsonObject *call, const char *where, GError **error)
{
  JsonObject *models = genvid_json_object (call, "models");
  g_autoptr (GList) names = models ? json_object_get_members (models) : NULL;

  for (GList *l = names; l; l = l->next) {
    g_autofree char *below
        = g_strdup_printf ("%s.models.%s", where, (char *)l->data);

    if (!check_call (genvid_json_object (models, l->data), below, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
merge_calls (GenvidDescription *description, GError **error)
{
  JsonArray *calls = genvid_json_array (description->root, "calls");
  guint n = json_array_get_length (calls);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (
        description->calls,
        genvid_description_merge (description->root,
                                  json_array_get_object_element (calls, i)));
  for (guint i = 0; i < n; i++) {
    g_autofree char *where = g_strdup_printf ("calls[%u]", i);

    if (!check_order (description->calls, i, where, error)
        || !check_call (g_ptr_array_index (description->calls, i), where, error)
        || !check_models (g_ptr_array_index (description->calls, i), where,
                          error))
      return FALSE;
  }
  return TRUE;
}

GenvidDescription *
genvid_description_new (JsonNode *root, GError **error)
{
  g_autoptr (GenvidDescription) description = g_new0 (GenvidDescription, 1);

  if (!genvid_schema_check (root, error))
    return NULL;
  description->root = json_node_dup_object (root);
  description->calls
      = g_ptr_array_new_with_free_func ((GDestroyNotify)json_object_unref);
  if (!check_base (description->root, error)
      || !check_parameter_names (description->root, error)
      || !check_recovery (description->root, error)
      || !merge_calls (description, error)
      || !check_parameters_used (description, error))
    return NULL;
  return g_steal_pointer (&description);
}
