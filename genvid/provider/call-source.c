/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looking things up in an answer by a description's paths: candidates in
 * order, the first that says something. What is made of it is in
 * call-parse.c. */
#include "call-source.h"

#include "call-private.h"
#include "description.h"
#include "exchange.h"
#include "json-path.h"
#include "json.h"
#include "secret.h"
#include "text.h"

#include <json-glib/json-glib.h>

#include <string.h>

/* Longer ones are no ids. */
#define MAX_ID_BYTES 4096

/* Of a header, whose bytes may be anything: what is polled in this run and in
 * the next one, from disk, is to be the same. */
static JsonNode *
new_text_node (const char *text)
{
  g_autofree char *valid = text ? g_utf8_make_valid (text, -1) : NULL;

  return valid ? json_node_init_string (json_node_alloc (), valid) : NULL;
}

/* What one path finds; owned. */
JsonNode *
genvid_call_source_find (const GenvidCallSource *source, const char *text)
{
  g_autoptr (GenvidJsonPath) path = NULL;
  JsonNode *node;

  if (g_str_equal (text, "http"))
    return json_node_init_int (json_node_alloc (), source->answer->status);
  if (g_str_has_prefix (text, "header:"))
    return new_text_node (
        genvid_answer_get_header (source->answer, text + strlen ("header:")));
  path = source->root ? genvid_json_path_new (text, NULL) : NULL;
  node = path ? genvid_json_path_get (path, source->root) : NULL;
  return node ? json_node_copy (node) : NULL;
}

/* The first candidate that gives a plain value with something in it; owned. */
JsonNode *
genvid_call_source_find_first (const GenvidCallSource *source,
                               JsonObject *owner, const char *key)
{
  g_autoptr (GList) candidates = genvid_description_list (owner, key);

  for (GList *l = candidates; l; l = l->next) {
    g_autoptr (JsonNode) node
        = genvid_call_source_find (source, json_node_get_string (l->data));
    g_autofree char *text = genvid_json_scalar_text (node);

    if (text && *g_strchug (text))
      return g_steal_pointer (&node);
  }
  return NULL;
}

char *
genvid_call_source_find_text (const GenvidCallSource *source, const char *key)
{
  g_autoptr (JsonNode) node
      = genvid_call_source_find_first (source, source->spec, key);

  return genvid_json_scalar_text (node);
}

char *
genvid_call_source_find_shown (const GenvidCallSource *source, const char *key)
{
  g_autofree char *text = genvid_call_source_find_text (source, key);

  return genvid_text_clean (text, -1, source->call->key);
}

gboolean
genvid_call_source_list_has (GList *values, const char *text)
{
  for (GList *l = values; l; l = l->next) {
    g_autofree char *value = genvid_json_scalar_text (l->data);

    if (value && g_ascii_strcasecmp (value, text) == 0)
      return TRUE;
  }
  return FALSE;
}

gboolean
genvid_call_source_lists_status (JsonObject *rule, guint status)
{
  g_autoptr (GList) statuses = genvid_description_list (rule, "http");
  g_autofree char *text = g_strdup_printf ("%u", status);

  return !statuses || genvid_call_source_list_has (statuses, text);
}

/* A service that gives the key out as an id is broken, or wants it spread: it
 * would go into URLs, messages and the store. */
static gboolean
refuse_keyed (GenvidCallSource *source, const char *text)
{
  if (!genvid_secret_is_in (text, source->call->key))
    return FALSE;
  g_free (source->reading->message);
  source->reading->message
      = g_strdup ("the key stands in the answer where the id should be; such "
                  "an id is neither used nor kept, and a service that gives it "
                  "is broken or not to be trusted");
  return TRUE;
}

void
genvid_call_source_read_id (GenvidCallSource *source, JsonObject *owner)
{
  g_autoptr (JsonNode) node
      = genvid_call_source_find_first (source, owner, "id");
  g_autofree char *text = genvid_json_scalar_text (node);

  if (!text || strlen (text) > MAX_ID_BYTES || refuse_keyed (source, text))
    return;
  g_free (source->reading->id);
  source->reading->id = g_steal_pointer (&text);
  if (source->kind == GENVID_EXCHANGE_UPLOAD)
    json_object_set_member (source->reading->captures, "id",
                            g_steal_pointer (&node));
}
