/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writing a genvid: URI, in a fixed order, so that equal requests give equal
 * text. Only what the reader takes is written; all else has no URI. */
#include "request-uri-write.h"

#include "json.h"
#include "request-fields.h"
#include "request-uri-members.h"
#include "request-uri.h"
#include "request.h"

#include <json-glib/json-glib.h>

#include <string.h>

static void
append (GString *out, const char *name, const char *value)
{
  g_string_append_c (out, strchr (out->str, '?') ? '&' : '?');
  g_string_append_uri_escaped (out, name, NULL, FALSE);
  g_string_append_c (out, '=');
  g_string_append_uri_escaped (out, value, ":/", FALSE);
}

static char *
write_input (const GenvidInput *input)
{
  if (input->kind == GENVID_INPUT_ID)
    return g_strconcat ("id:", input->value, NULL);
  return g_strdup (input->value);
}

/* FALSE for a file, which no URI may name. */
static gboolean
append_inputs (GString *out, const GenvidRequest *request, const char *word)
{
  g_autoptr (GPtrArray) inputs = genvid_request_get_inputs (request, word);

  for (guint i = 0; i < inputs->len; i++) {
    const GenvidInput *input = g_ptr_array_index (inputs, i);
    g_autofree char *text = write_input (input);

    if (input->kind == GENVID_INPUT_FILE)
      return FALSE;
    if (i == 0) {
      append (out, word, text);
      continue;
    }
    g_string_append_c (out, ',');
    g_string_append_uri_escaped (out, text, ":/", FALSE);
  }
  return TRUE;
}

static gboolean
append_words (GString *out, const GenvidRequest *request)
{
  g_autoptr (JsonObject) values = genvid_request_to_values (request);

  for (guint i = 0; genvid_words[i]; i++) {
    JsonNode *value = json_object_get_member (values, genvid_words[i]);
    g_autofree char *text = genvid_json_scalar_text (value);

    if (genvid_request_field_is_input (genvid_words[i])) {
      if (!append_inputs (out, request, genvid_words[i]))
        return FALSE;
    } else if (text) {
      append (out, genvid_words[i], text);
    }
  }
  return TRUE;
}

/* PREFIX: always, or NULL where it is only needed by a name that a property
 * has as well. */
static gboolean
append_named (GString *out, JsonObject *object, const char *prefix)
{
  g_autoptr (GList) names = object ? json_object_get_members (object) : NULL;

  names = g_list_sort (names, (GCompareFunc)strcmp);
  for (GList *l = names; l; l = l->next) {
    JsonNode *node = json_object_get_member (object, l->data);
    g_autofree char *value = genvid_request_uri_write_value (node);
    g_autofree char *name = NULL;

    if (JSON_NODE_HOLDS_NULL (node))
      continue;
    if (!prefix && genvid_request_uri_refusal (l->data, NULL))
      return FALSE;
    if (prefix)
      name = g_strconcat (prefix, l->data, NULL);
    else
      name = g_strconcat (genvid_request_uri_is_own (l->data) ? OPTIONS : "",
                          l->data, NULL);
    append (out, name, value);
  }
  return TRUE;
}

char *
genvid_request_uri_to_text (const GenvidRequestUri *uri)
{
  const GenvidRequest *request = uri->request;
  g_autoptr (GString) out = g_string_new ("genvid://");
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  if (uri->provider)
    g_string_append (out, uri->provider);
  if (!append_words (out, request)
      || !append_named (out, request->variables, VARIABLES))
    return NULL;
  if (request->take > 9)
    return NULL;
  if (request->take > 1)
    append (out, "take", g_ascii_dtostr (number, sizeof number, request->take));
  if (uri->reuse_only)
    append (out, "reuse", "only");
  if (uri->max_cost >= 0) {
    g_autoptr (JsonNode) cost
        = json_node_init_double (json_node_alloc (), uri->max_cost);
    g_autofree char *text = genvid_json_scalar_text (cost);

    append (out, "max-cost", text);
  }
  if (!append_named (out, request->options, NULL))
    return NULL;
  return g_string_free (g_steal_pointer (&out), FALSE);
}
