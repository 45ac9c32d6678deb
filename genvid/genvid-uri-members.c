/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which members a URI may have, and what their values mean. A URI may come
 * from a stranger: it says what to make, and nothing of keys, trust, files or
 * money. */
#include "genvid-uri-private.h"

#include "genvid-words-private.h"
#include <genvid/genvid-document.h>
#include <genvid/genvid-json.h>

#include <string.h>

static const struct {
  const char *name; /* with "*": anything that begins so */
  const char *advice;
} refused[] = {
  { "api-key*", "set the property api-key-file, or the service's variable" },
  { "apikey*", "set the property api-key-file, or the service's variable" },
  { "auth-*", "set the property options" },
  { "base-url", "set the property base-url, or the service's variable" },
  { "ca-file", "set the property ca-file" },
  { "store", "set the property store, or the variable GENVID_STORE" },
  { "allow-private", "set the property allow-private" },
  { "adopt", "set the property adopt" },
  { "if-in-doubt", "set the property if-in-doubt" },
  { "budget", "set the property budget, or the variable GENVID_BUDGET" },
  { "on-stop", "set the property on-stop" },
  { "max-size", "set the property max-size" },
  { "timeout", "set the property timeout" },
  { "poll-interval", "set the property poll-interval" },
  { "provider", "write it as the host: genvid://NAME?…" },
  { "options", "write each option under its own name" },
};

const char *
genvid_uri_refusal (const char *name)
{
  g_autofree char *plain = g_ascii_strdown (name, -1);

  g_strdelimit (plain, "_", '-');
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    if (g_pattern_match_simple (refused[i].name, plain))
      return refused[i].advice;
  return NULL;
}

gboolean
genvid_uri_is_own (const char *name)
{
  const char *const others[] = { "take", "reuse", "max-cost", NULL };

  return genvid_word_is_known (name) || g_strv_contains (others, name)
         || g_str_has_prefix (name, "variables.")
         || g_str_has_prefix (name, "options.");
}

JsonNode *
genvid_uri_read_value (const char *text)
{
  g_autoptr (JsonNode) node = genvid_document_parse (text, strlen (text), NULL);
  g_autofree char *again = NULL;

  if (node && !JSON_NODE_HOLDS_NULL (node)) {
    again = genvid_json_to_text (node);
    /* 1.50 or 007 would lose what was meant; a text in quotes would not. */
    if (strchr ("\"[{", *text) || g_str_equal (again, text))
      return g_steal_pointer (&node);
  }
  return json_node_init_string (json_node_alloc (), text);
}

char *
genvid_uri_write_value (JsonNode *node)
{
  g_autoptr (JsonNode) again = NULL;
  const char *text;

  if (!JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING)
    return genvid_json_to_text (node);
  text = json_node_get_string (node);
  again = genvid_uri_read_value (text);
  if (JSON_NODE_HOLDS_VALUE (again)
      && json_node_get_value_type (again) == G_TYPE_STRING
      && g_str_equal (json_node_get_string (again), text))
    return g_strdup (text);
  return genvid_json_to_text (node);
}
