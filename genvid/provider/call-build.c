/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Exchanges from a description's templates. The key is set into header values
 * only, and into none that would leave the base-url's origin. */
#include "call-build.h"

#include "call-body.h"
#include "call-private.h"
#include "call.h"
#include "description.h"
#include "exchange.h"
#include "failure.h"
#include "json.h"
#include "media-type.h"
#include "provider.h"
#include "reply.h"
#include "request.h"
#include "template.h"
#include "text.h"
#include "url.h"

#include <json-glib/json-glib.h>

#include <string.h>

static void
replace (char **place, const char *text)
{
  if (!text)
    return;
  g_free (*place);
  *place = g_strdup (text);
}

void
genvid_call_bind (GenvidCall *call, const char *base_url, const char *key,
                  const char *idempotency)
{
  replace (&call->base_url, base_url);
  replace (&call->idempotency, idempotency);
  if (!key)
    return;
  genvid_text_free_secret (call->key);
  call->key = g_strdup (key);
}

static void
add_inputs (GenvidCall *call, JsonObject *scope)
{
  for (guint i = 0; i < call->slots->len; i++) {
    const GenvidSlot *slot = g_ptr_array_index (call->slots, i);

    if (slot->node)
      genvid_call_body_add_input (scope, slot->word,
                                  json_node_copy (slot->node));
  }
}

/* What each input of the scope is, as a scope has it. */
static JsonNode *
describe_slot (const GenvidSlot *slot)
{
  static const char *const forms[] = { [GENVID_INPUT_ID] = "id",
                                       [GENVID_INPUT_FILE] = "file",
                                       [GENVID_INPUT_LINK] = "link" };
  static const char *const usual[] = { "image/", "video/", "audio/" };
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_init_object (json_node_alloc (), object);
  const char *type = genvid_slot_get_type (slot);
  /* What was a link is a file once its bytes are in the request. */
  gboolean is_file = slot->way != NULL || slot->upload;

  genvid_json_set (object, "is",
                   forms[is_file ? GENVID_INPUT_FILE : slot->input->kind]);
  genvid_json_set (object, "type", type);
  for (guint i = 0; i < G_N_ELEMENTS (usual); i++) {
    g_autofree char *pattern = g_strconcat (usual[i], "*", NULL);

    if (genvid_slot_match (slot, pattern))
      genvid_json_set (object, "like", type ? type : usual[i]);
  }
  json_object_unref (object);
  return node;
}

static JsonObject *
describe_inputs (GenvidCall *call)
{
  JsonObject *inputs = json_object_new ();

  for (guint i = 0; i < call->slots->len; i++) {
    const GenvidSlot *slot = g_ptr_array_index (call->slots, i);

    genvid_call_body_add_input (inputs, slot->word, describe_slot (slot));
  }
  return inputs;
}

JsonObject *
genvid_call_make_scope (GenvidCall *call, const char *id)
{
  JsonObject *scope = genvid_json_copy_object (call->values);
  g_autoptr (GList) names = json_object_get_members (call->captures);

  for (GList *l = names; l; l = l->next)
    json_object_set_member (
        scope, l->data,
        json_node_copy (json_object_get_member (call->captures, l->data)));
  add_inputs (call, scope);
  genvid_json_set (scope, "id", id);
  genvid_json_set (scope, "idempotency", call->idempotency);
  genvid_json_set (scope, "nonce", call->nonce);
  return scope;
}

static char *
fill_text (const GenvidCallDraft *draft, const char *text, gboolean in_url,
           GError **error)
{
  const GenvidScope scope
      = { draft->scope, genvid_json_object (draft->call->spec, "tables"),
          draft->inputs };

  return genvid_template_text (text, &scope, in_url, error);
}

/* "?a=b&c=d", or nothing; a member whose value is unset is left out. */
static gboolean
append_query (const GenvidCallDraft *draft, GString *url, GError **error)
{
  JsonObject *query = genvid_json_object (draft->spec, "query");
  g_autoptr (GList) names = query ? json_object_get_members (query) : NULL;
  char separator = '?';

  for (GList *l = names; l; l = l->next) {
    GError *problem = NULL;
    g_autofree char *value = fill_text (
        draft, genvid_json_string (query, l->data, ""), FALSE, &problem);

    if (problem) {
      g_propagate_error (error, problem);
      return FALSE;
    }
    if (!value)
      continue;
    g_string_append_c (url, separator);
    g_string_append_uri_escaped (url, l->data, NULL, FALSE);
    g_string_append_c (url, '=');
    g_string_append_uri_escaped (url, value, NULL, FALSE);
    separator = '&';
  }
  return TRUE;
}

/* The first of the exchange's URLs whose values are all known; a query comes
 * later. */
static char *
fill_url (const GenvidCallDraft *draft, GError **error)
{
  g_autoptr (GList) texts = genvid_description_list (draft->spec, "url");
  GError *problem = NULL;

  for (GList *l = texts; l; l = l->next) {
    char *path
        = fill_text (draft, json_node_get_string (l->data), TRUE, &problem);

    if (path)
      return path;
    if (!problem)
      continue;
    g_propagate_error (error, problem);
    return NULL;
  }
  genvid_error_refuse (
      error, "The URL %s cannot be built: a value in it is not known yet",
      texts ? json_node_get_string (texts->data) : "of the exchange");
  return NULL;
}

/* The root that an exchange goes to, and may take the key to. */
static const char *
get_base (const GenvidCallDraft *draft)
{
  const GenvidCall *call = draft->call;
  const char *other
      = draft->kind == GENVID_EXCHANGE_GRANT
                || draft->kind == GENVID_EXCHANGE_UPLOAD
            ? genvid_provider_get_upload_origin (call->provider, call->base_url)
            : NULL;

  return other ? other : call->base_url;
}

static char *
make_url (const GenvidCallDraft *draft, GError **error)
{
  const char *base = get_base (draft);
  g_autofree char *path = NULL;
  g_autoptr (GString) url = NULL;

  if (!base) {
    genvid_error_refuse (error, "The URL cannot be built: there is no "
                                "base-url");
    return NULL;
  }
  path = fill_url (draft, error);
  if (!path)
    return NULL;
  url = g_string_new (strstr (path, "://") ? "" : base);
  g_string_append (url, path);
  if (!append_query (draft, url, error))
    return NULL;
  return g_string_free (g_steal_pointer (&url), FALSE);
}

/* Headers. */

static gboolean
is_token (const char *name)
{
  for (const char *p = name; *p; p++)
    if (!g_ascii_isalnum (*p) && !strchr ("!#$%&'*+-.^_`|~", *p))
      return FALSE;
  return *name != '\0';
}

static gboolean
is_field_value (const char *value)
{
  for (const char *p = value; *p; p++)
    if ((*p < 0x20 && *p != '\t') || *p == 0x7f)
      return FALSE;
  return TRUE;
}

static gboolean
has_key (const char *text)
{
  g_autoptr (GHashTable) names
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (JsonNode) node = json_node_init_string (json_node_alloc (), text);

  genvid_template_collect (node, names);
  return g_hash_table_contains (names, "key");
}

static gboolean
add_header (const GenvidCallDraft *draft, GenvidExchange *exchange,
            const char *name, const char *text, GError **error)
{
  GError *problem = NULL;
  g_autofree char *field = fill_text (draft, name, FALSE, &problem);
  char *value = problem ? NULL : fill_text (draft, text, FALSE, &problem);
  gboolean secret = has_key (text);
  gboolean good;

  if (problem)
    g_propagate_error (error, problem);
  if (!value || !field) {
    genvid_text_free_secret (value);
    return problem == NULL;
  }
  good = is_token (field) && is_field_value (value);
  if (!good)
    genvid_error_refuse (error, "\"%s\" cannot be sent as a header", field);
  else if (secret
           && !genvid_url_may_carry_key (exchange->url, get_base (draft)))
    good = genvid_error_refuse (
        error, "A response points to another host, which must not get the key");
  else
    genvid_exchange_add_header (exchange, field, g_strstrip (value), secret);
  genvid_text_free_secret (value);
  return good;
}

static gboolean
has_header (JsonObject *headers, const char *name)
{
  g_autoptr (GList) names = headers ? json_object_get_members (headers) : NULL;

  for (GList *l = names; l; l = l->next)
    if (g_ascii_strcasecmp (l->data, name) == 0)
      return TRUE;
  return FALSE;
}

/* An exchange's own header replaces the description's. */
static gboolean
add_headers (const GenvidCallDraft *draft, GenvidExchange *exchange,
             JsonObject *owner, GError **error)
{
  JsonObject *headers = genvid_json_object (owner, "headers");
  JsonObject *own = genvid_json_object (draft->spec, "headers");
  g_autoptr (GList) names = headers ? json_object_get_members (headers) : NULL;

  for (GList *l = names; l; l = l->next) {
    if (owner != draft->spec && has_header (own, l->data))
      continue;
    if (!add_header (draft, exchange, l->data,
                     genvid_json_string (headers, l->data, ""), error))
      return FALSE;
  }
  return TRUE;
}

/* The only place where the key is in a scope. */
static gboolean
add_all_headers (GenvidCallDraft *draft, GenvidExchange *exchange,
                 GError **error)
{
  gboolean good;

  genvid_json_set (draft->scope, "key", draft->call->key);
  good = add_headers (draft, exchange, draft->call->spec, error)
         && add_headers (draft, exchange, draft->spec, error);
  if (draft->call->key)
    json_object_remove_member (draft->scope, "key");
  return good;
}

/* What an upload may say of its file. */
static void
add_file_words (JsonObject *scope, const GenvidFile *file)
{
  g_autofree char *name = genvid_media_type_make_name (file->type);

  genvid_json_set (scope, "file-name", name);
  genvid_json_set (scope, "file-type",
                   file->type ? file->type : GENVID_MEDIA_TYPE_UNKNOWN);
  genvid_json_set (scope, "file-hash", file->sha256);
  json_object_set_int_member (scope, "file-size", (gint64)file->size);
}

/* Its reply may have the clip in it, which the download then asks for again. */
static gboolean
may_have_media (const GenvidCall *call, GenvidExchangeKind kind)
{
  return (kind == GENVID_EXCHANGE_POLL || kind == GENVID_EXCHANGE_RESULT)
         && genvid_json_string (genvid_json_object (call->spec, "download"),
                                "base64", NULL);
}

/* FILE: of an upload; nullable. */
static GenvidExchange *
build (GenvidCall *call, GenvidExchangeKind kind, const char *name,
       const char *id, const GenvidFile *file, GError **error)
{
  static const char *const methods[] = {
    [GENVID_EXCHANGE_SUBMIT] = "POST", [GENVID_EXCHANGE_GRANT] = "POST",
    [GENVID_EXCHANGE_UPLOAD] = "POST", [GENVID_EXCHANGE_POLL] = "GET",
    [GENVID_EXCHANGE_LOOKUP] = "GET",  [GENVID_EXCHANGE_CANCEL] = "POST",
    [GENVID_EXCHANGE_RESULT] = "GET",  [GENVID_EXCHANGE_MEDIA] = "GET",
  };
  g_autoptr (JsonObject) scope = genvid_call_make_scope (call, id);
  g_autoptr (JsonObject) inputs = describe_inputs (call);
  GenvidCallDraft draft
      = { call, kind, genvid_json_object (call->spec, name), scope, inputs };
  g_autoptr (GenvidExchange) exchange = NULL;
  g_autofree char *url = NULL;

  if (id)
    replace (&call->id, id);
  if (file)
    add_file_words (scope, file);
  if (!draft.spec) {
    genvid_error_refuse (error, "%s has no %s",
                         genvid_provider_get_title (call->provider), name);
    return NULL;
  }
  url = make_url (&draft, error);
  if (!url)
    return NULL;
  exchange = genvid_exchange_new (
      kind, genvid_json_string (draft.spec, "method", methods[kind]), url);
  exchange->cut = may_have_media (call, kind);
  exchange->media = genvid_json_bool (draft.spec, "media", FALSE);
  if (!add_all_headers (&draft, exchange, error)
      || !genvid_call_body_add (&draft, exchange, error))
    return NULL;
  return g_steal_pointer (&exchange);
}

/* The fields that the service wants back, each as it was given. */
static void
add_granted_fields (GenvidExchange *exchange, JsonObject *fields)
{
  g_autoptr (GList) names = fields ? json_object_get_members (fields) : NULL;

  for (GList *l = names; l; l = l->next) {
    g_autofree char *text
        = genvid_json_scalar_text (json_object_get_member (fields, l->data));

    if (text)
      genvid_body_part_add_text (genvid_exchange_add_part (exchange, l->data),
                                 text, strlen (text));
  }
}

/* The bytes as a field, the last one; without a name they are the body. */
static void
add_bytes (GenvidExchange *exchange, const char *part, const GenvidFile *file)
{
  g_free (exchange->content_type);
  if (part) {
    genvid_call_body_add_file (exchange, part, file);
    exchange->content_type = g_strdup ("multipart/form-data");
    return;
  }
  genvid_body_part_add_file (genvid_exchange_add_part (exchange, NULL), file);
  exchange->content_type
      = g_strdup (file->type ? file->type : GENVID_MEDIA_TYPE_UNKNOWN);
}

/* Of the description's headers it has none, and no key: the address is
 * wherever the service said. */
static GenvidExchange *
build_granted (GenvidCall *call, JsonObject *then, const GenvidFile *file,
               GError **error)
{
  g_autoptr (JsonObject) scope = genvid_call_make_scope (call, NULL);
  GenvidCallDraft draft = { call, GENVID_EXCHANGE_UPLOAD, then, scope };
  const char *part = genvid_json_string (then, "part", NULL);
  g_autoptr (GenvidExchange) exchange = genvid_exchange_new (
      GENVID_EXCHANGE_UPLOAD,
      genvid_json_string (then, "method", part ? "POST" : "PUT"),
      genvid_json_string (call->grant, "url", ""));

  add_file_words (scope, file);
  if (!add_headers (&draft, exchange, then, error))
    return NULL;
  if (part)
    add_granted_fields (exchange, genvid_json_object (call->grant, "fields"));
  add_bytes (exchange, part, file);
  return g_steal_pointer (&exchange);
}

GenvidExchange *
genvid_call_build_upload (GenvidCall *call, guint index, GError **error)
{
  const GenvidSlot *slot = genvid_call_get_slot (call, TRUE, index);
  JsonObject *upload = genvid_json_object (call->spec, "upload");
  JsonObject *then = genvid_json_object (upload, "then");
  GenvidExchange *exchange;

  if (!slot || !slot->file.path || !slot->file.sha256) {
    genvid_error_refuse (error, "%s has no local file to upload yet",
                         slot ? slot->word : "An input");
    return NULL;
  }
  if (then && call->grant)
    return build_granted (call, then, &slot->file, error);
  exchange = build (call, then ? GENVID_EXCHANGE_GRANT : GENVID_EXCHANGE_UPLOAD,
                    "upload", NULL, &slot->file, error);
  if (exchange && !then)
    add_bytes (exchange, genvid_json_string (upload, "part", "file"),
               &slot->file);
  return exchange;
}

char *
genvid_call_name_upload (GenvidCall *call, guint index)
{
  const GenvidSlot *slot = genvid_call_get_slot (call, TRUE, index);
  g_autoptr (JsonObject) scope = genvid_call_make_scope (call, NULL);
  GenvidCallDraft draft = { call, GENVID_EXCHANGE_UPLOAD,
                            genvid_json_object (call->spec, "upload"), scope };
  g_autofree char *url = NULL;

  if (!slot || !slot->file.sha256 || !draft.spec)
    return NULL;
  add_file_words (scope, &slot->file);
  url = make_url (&draft, NULL);
  return url ? g_strdup_printf ("%s\n%s", url, slot->file.sha256) : NULL;
}

guint
genvid_call_get_upload_life (const GenvidCall *call)
{
  return (guint)genvid_json_int (genvid_json_object (call->spec, "upload"),
                                 "lasts", 0);
}

void
genvid_call_set_grant (GenvidCall *call, JsonObject *grant)
{
  g_clear_pointer (&call->grant, json_object_unref);
  call->grant = grant ? genvid_json_copy_object (grant) : NULL;
}

gboolean
genvid_call_has_grant (const GenvidCall *call)
{
  return call->grant != NULL;
}

GenvidExchange *
genvid_call_build_submit (GenvidCall *call, GError **error)
{
  if (call->bought) {
    genvid_error_refuse (error,
                         "%s does not take this request any more, so it is not "
                         "sent again",
                         genvid_provider_get_title (call->provider));
    return NULL;
  }
  for (guint i = 0; i < call->slots->len; i++) {
    const GenvidSlot *slot = g_ptr_array_index (call->slots, i);

    if (slot->node || (slot->way && slot->file.path && slot->file.sha256))
      continue;
    genvid_error_refuse (error, "%s has not been %s yet", slot->word,
                         slot->way ? "fetched" : "uploaded");
    return NULL;
  }
  return build (call, GENVID_EXCHANGE_SUBMIT, "submit", NULL, NULL, error);
}

gboolean
genvid_call_rehearse (GenvidCall *call, GError **error)
{
  g_autoptr (JsonObject) scope = genvid_call_make_scope (call, NULL);
  g_autoptr (JsonObject) inputs = describe_inputs (call);
  g_autoptr (GenvidExchange) exchange
      = genvid_exchange_new (GENVID_EXCHANGE_SUBMIT, "POST", "");
  GenvidCallDraft draft
      = { call, GENVID_EXCHANGE_SUBMIT,
          genvid_json_object (call->spec, "submit"), scope, inputs };
  g_autoptr (GString) query = g_string_new (NULL);
  GError *problem = NULL;
  g_autofree char *path = NULL;

  for (guint i = 0; i < call->slots->len; i++) {
    const GenvidSlot *slot = g_ptr_array_index (call->slots, i);

    if (!slot->node && !slot->way)
      genvid_call_body_add_input (
          scope, slot->word, json_node_init_string (json_node_alloc (), "id"));
  }
  path = fill_text (&draft, genvid_json_string (draft.spec, "url", ""), TRUE,
                    &problem);
  if (problem) {
    g_propagate_error (error, problem);
    return FALSE;
  }
  return append_query (&draft, query, error)
         && genvid_call_body_add (&draft, exchange, error);
}

GenvidExchange *
genvid_call_build_poll (GenvidCall *call, const char *id, GError **error)
{
  return build (call, GENVID_EXCHANGE_POLL, "poll", id, NULL, error);
}

GenvidExchange *
genvid_call_build_lookup (GenvidCall *call, GError **error)
{
  return build (call, GENVID_EXCHANGE_LOOKUP, "lookup", NULL, NULL, error);
}

GenvidExchange *
genvid_call_build_cancel (GenvidCall *call, const char *id, GError **error)
{
  return build (call, GENVID_EXCHANGE_CANCEL, "cancel", id, NULL, error);
}

GenvidExchange *
genvid_call_build_result (GenvidCall *call, const char *id, GError **error)
{
  return build (call, GENVID_EXCHANGE_RESULT, "result", id, NULL, error);
}

gboolean
genvid_call_is_cancel_free (const GenvidCall *call)
{
  JsonObject *cancel = genvid_json_object (call->spec, "cancel");

  return genvid_billed_from_string (genvid_json_string (cancel, "billed", NULL))
         == GENVID_BILLED_NO;
}

gboolean
genvid_call_may_cancel (const GenvidCall *call, GenvidPhase phase)
{
  JsonArray *phases
      = genvid_json_array (genvid_json_object (call->spec, "cancel"), "while");

  if (phases == NULL)
    return TRUE;
  for (guint i = 0; i < json_array_get_length (phases); i++) {
    const char *name = json_array_get_string_element (phases, i);

    if (genvid_phase_from_string (name) == phase)
      return TRUE;
  }
  return FALSE;
}

gboolean
genvid_call_has_result (const GenvidCall *call)
{
  return genvid_json_object (call->spec, "result") != NULL;
}

/* Statuses of "not ready yet", with a zero at their end. */
static guint *
list_pending (JsonObject *spec)
{
  g_autoptr (GList) statuses = genvid_description_list (spec, "pending");
  guint *list = g_new0 (guint, g_list_length (statuses) + 1);
  guint n = 0;

  for (GList *l = statuses; l; l = l->next)
    list[n++] = json_node_get_int (l->data);
  return list;
}

GenvidExchange *
genvid_call_build_media (GenvidCall *call, const char *id, const char *link,
                         GError **error)
{
  g_autoptr (JsonObject) scope = genvid_call_make_scope (call, id);
  GenvidCallDraft draft
      = { call, GENVID_EXCHANGE_MEDIA,
          genvid_json_object (call->spec, "download"), scope };
  g_autofree char *url = link ? g_strdup (link) : make_url (&draft, error);
  g_autoptr (GenvidExchange) exchange = NULL;

  if (!url)
    return NULL;
  exchange = genvid_exchange_new (GENVID_EXCHANGE_MEDIA, "GET", url);
  exchange->pending = list_pending (draft.spec);
  if (!link)
    exchange->inline_path
        = g_strdup (genvid_json_string (draft.spec, "base64", NULL));
  if (genvid_json_bool (draft.spec, "key", FALSE)
      && genvid_url_may_carry_key (url, call->base_url)
      && !add_all_headers (&draft, exchange, error))
    return NULL;
  return g_steal_pointer (&exchange);
}

JsonObject *
genvid_call_get_captures (GenvidCall *call)
{
  return call->captures;
}

void
genvid_call_set_captures (GenvidCall *call, JsonObject *captures)
{
  json_object_unref (call->captures);
  call->captures = genvid_json_copy_object (captures);
}
