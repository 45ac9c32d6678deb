/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bodies: a skeleton filled, as JSON or as a form, with the bytes of files in
 * it. No file is read here: a body says where each goes. */
#include "call-body.h"

#include "call-private.h"
#include "exchange.h"
#include "failure.h"
#include "json.h"
#include "media-type.h"
#include "request.h"
#include "template.h"

#include <json-glib/json-glib.h>

#include <string.h>

void
genvid_call_body_add_input (JsonObject *scope, const char *word, JsonNode *node)
{
  JsonArray *references = genvid_json_array (scope, "references");

  if (!g_str_equal (word, "references")) {
    json_object_set_member (scope, word, node);
    return;
  }
  if (!references) {
    references = json_array_new ();
    json_object_set_array_member (scope, "references", references);
  }
  json_array_add_element (references, node);
}

/* The object at $.a.b of the body, made where it was dropped as empty. */
static JsonObject *
open_place (JsonNode *body, const char *place)
{
  JsonObject *object = json_node_get_object (body);
  g_auto (GStrv) names = g_strsplit (place, ".", -1);

  for (guint i = 1; names[0] && names[i]; i++) {
    JsonObject *inner = genvid_json_object (object, names[i]);

    if (!inner) {
      inner = json_object_new ();
      json_object_set_object_member (object, names[i], inner);
    }
    object = inner;
  }
  return object;
}

static void
add_extras (const GenvidCallDraft *draft, JsonNode *body)
{
  const char *place = genvid_json_string (draft->spec, "extra", NULL);
  g_autoptr (GList) names = json_object_get_members (draft->call->extras);
  JsonObject *object;

  if (!place || !names)
    return;
  object = open_place (body, place);
  for (GList *l = names; l; l = l->next)
    json_object_set_member (
        object, l->data,
        json_node_copy (json_object_get_member (draft->call->extras, l->data)));
}

/* Files in bodies. Until the body is text, a mark stands for the bytes of each:
 * the hash of all that is in the scope, which nothing in it can hold. */

static char *
make_mark (const GenvidCall *call, JsonObject *scope)
{
  g_autoptr (JsonNode) values
      = json_node_init_object (json_node_alloc (), scope);
  g_autoptr (JsonNode) extras
      = json_node_init_object (json_node_alloc (), call->extras);
  g_autoptr (GString) text = g_string_new ("genvid-file-1");

  genvid_json_write (text, values, TRUE);
  genvid_json_write (text, extras, TRUE);
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text->str,
                                        text->len);
}

static char *
stand_in (const GenvidSlot *slot, const char *mark, guint index)
{
  const char *type = slot->file.type;

  if (!g_str_equal (slot->way, "data-uri"))
    return g_strdup_printf ("%s.%u.", mark, index);
  return g_strdup_printf ("data:%s;base64,%s.%u.",
                          type ? type : GENVID_MEDIA_TYPE_UNKNOWN, mark, index);
}

/* The scope again, in the order of the slots, with the marks in it. */
static void
add_marks (GenvidCall *call, const char *mark, JsonObject *scope)
{
  json_object_remove_member (scope, "references");
  for (guint i = 0; i < call->slots->len; i++) {
    const GenvidSlot *slot = g_ptr_array_index (call->slots, i);
    g_autofree char *text = slot->way ? stand_in (slot, mark, i) : NULL;

    if (text)
      genvid_call_body_add_input (
          scope, slot->word, json_node_init_string (json_node_alloc (), text));
    else if (slot->node)
      genvid_call_body_add_input (scope, slot->word,
                                  json_node_copy (slot->node));
  }
}

/* The slot whose mark *TEXT begins with; moves it behind the mark. */
static const GenvidSlot *
read_mark (const GenvidCallDraft *draft, const char **text)
{
  gsize length = strlen (draft->mark);
  char *end = NULL;
  guint64 index;

  if (strncmp (*text, draft->mark, length) != 0 || (*text)[length] != '.')
    return NULL;
  index = g_ascii_strtoull (*text + length + 1, &end, 10);
  if (*end != '.' || index >= draft->call->slots->len)
    return NULL;
  *text = end + 1;
  return g_ptr_array_index (draft->call->slots, index);
}

/* TEXT with the bytes of files in place of their marks. */
static gboolean
add_pieces (const GenvidCallDraft *draft, GenvidBodyPart *part,
            const char *text, GError **error)
{
  const char *found;

  while ((found = strstr (text, draft->mark))) {
    const GenvidSlot *slot;

    genvid_body_part_add_text (part, text, found - text);
    slot = read_mark (draft, &found);
    if (!slot || g_str_equal (slot->way, "part"))
      return genvid_error_refuse (error,
                                  "%s can only be a field of a form by itself",
                                  slot ? slot->word : "A file");
    genvid_body_part_add_file (part, &slot->file)->base64 = TRUE;
    text = found;
  }
  genvid_body_part_add_text (part, text, strlen (text));
  return TRUE;
}

/* The slot that TEXT stands for and nothing else, as a part of its own. */
static const GenvidSlot *
find_part (const GenvidCallDraft *draft, JsonNode *node)
{
  const GenvidSlot *slot = NULL;
  const char *text;

  if (JSON_NODE_HOLDS_VALUE (node)
      && json_node_get_value_type (node) == G_TYPE_STRING) {
    text = json_node_get_string (node);
    slot = read_mark (draft, &text);
    if (slot && (*text || !g_str_equal (slot->way, "part")))
      slot = NULL;
  }
  return slot;
}

void
genvid_call_body_add_file (GenvidExchange *exchange, const char *name,
                           const GenvidFile *file)
{
  GenvidBodyPart *part = genvid_exchange_add_part (exchange, name);

  part->file_name = genvid_media_type_make_name (file->type);
  part->type = g_strdup (file->type ? file->type : GENVID_MEDIA_TYPE_UNKNOWN);
  genvid_body_part_add_file (part, file);
}

static gboolean
add_field (const GenvidCallDraft *draft, GenvidExchange *exchange,
           const char *name, JsonNode *node, GError **error)
{
  const GenvidSlot *slot = find_part (draft, node);
  g_autofree char *text = genvid_json_scalar_text (node);
  GenvidBodyPart *part;

  if (slot) {
    genvid_call_body_add_file (exchange, name, &slot->file);
    return TRUE;
  }
  part = genvid_exchange_add_part (exchange, name);
  if (!text) {
    text = genvid_json_to_text (node);
    part->type = g_strdup ("application/json");
  }
  return add_pieces (draft, part, text, error);
}

/* A list of files is a field for each of them, of the same name. */
static gboolean
add_member (const GenvidCallDraft *draft, GenvidExchange *exchange,
            const char *name, JsonNode *node, GError **error)
{
  JsonArray *array
      = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  guint n = array ? json_array_get_length (array) : 0;

  if (n == 0 || !find_part (draft, json_array_get_element (array, 0)))
    return add_field (draft, exchange, name, node, error);
  for (guint i = 0; i < n; i++)
    if (!add_field (draft, exchange, name, json_array_get_element (array, i),
                    error))
      return FALSE;
  return TRUE;
}

static gboolean
add_form (const GenvidCallDraft *draft, GenvidExchange *exchange,
          JsonNode *filled, GError **error)
{
  JsonObject *form = json_node_get_object (filled);
  g_autoptr (GList) names = json_object_get_members (form);

  for (GList *l = names; l; l = l->next)
    if (!add_member (draft, exchange, l->data,
                     json_object_get_member (form, l->data), error))
      return FALSE;
  exchange->content_type = g_strdup ("multipart/form-data");
  return TRUE;
}

static gboolean
add_json (const GenvidCallDraft *draft, GenvidExchange *exchange,
          JsonNode *filled, GError **error)
{
  g_autofree char *text = genvid_json_to_text (filled);

  exchange->content_type = g_strdup ("application/json");
  if (draft->mark && strstr (text, draft->mark))
    return add_pieces (draft, genvid_exchange_add_part (exchange, NULL), text,
                       error);
  exchange->body = g_bytes_new (text, strlen (text));
  return TRUE;
}

gboolean
genvid_call_body_add (GenvidCallDraft *draft, GenvidExchange *exchange,
                      GError **error)
{
  JsonNode *form = json_object_get_member (draft->spec, "form");
  JsonNode *skeleton
      = form ? form : json_object_get_member (draft->spec, "body");
  const GenvidScope scope
      = { draft->scope, genvid_json_object (draft->call->spec, "tables"),
          draft->inputs };
  g_autofree char *mark = NULL;
  g_autoptr (JsonNode) body = NULL;
  GError *problem = NULL;

  if (!skeleton)
    return TRUE;
  draft->mark = mark = make_mark (draft->call, draft->scope);
  if (draft->kind == GENVID_EXCHANGE_SUBMIT)
    add_marks (draft->call, mark, draft->scope);
  body = genvid_template_fill (skeleton, &scope, &problem);
  if (problem) {
    g_propagate_error (error, problem);
    return FALSE;
  }
  if (!body) {
    body = json_node_new (JSON_NODE_OBJECT);
    json_node_take_object (body, json_object_new ());
  }
  if (draft->kind == GENVID_EXCHANGE_SUBMIT)
    add_extras (draft, body);
  return form ? add_form (draft, exchange, body, error)
              : add_json (draft, exchange, body, error);
}
