/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which members a URI may have, and what their values mean. A URI may come
 * from a stranger: it says what to make, and nothing of keys, trust, files or
 * money. */
#include "request-uri-members.h"

#include "json-reader.h"
#include "json.h"
#include "nearest.h"
#include "request-fields.h"
#include "request-uri.h"
#include "text.h"

#include <json-glib/json-glib.h>

#include <string.h>

#define MAX_SHOWN 60 /* characters */

#define SET_KEY     "set the property api-key-file, or the service's variable"
#define SET_OPTIONS "set the property options"

/* The first that fits is named. */
static const struct {
  const char *name; /* with "*": anything that begins so */
  const char *advice;
} refused[] = {
  { "api-key", SET_KEY },
  { "api-key-file", SET_KEY },
  { "api-key*", SET_KEY },
  { "apikey*", SET_KEY },
  { "auth-header", SET_OPTIONS },
  { "auth-prefix", SET_OPTIONS },
  { "auth-*", SET_OPTIONS },
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

static const char *const limits[] = { "take", "reuse", "max-cost", NULL };

const char *
genvid_request_uri_refusal (const char *name, const char **pattern)
{
  g_autofree char *plain = g_strstrip (genvid_name_fold (name));

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    if (!g_pattern_match_simple (refused[i].name, plain))
      continue;
    if (pattern)
      *pattern = refused[i].name;
    return refused[i].advice;
  }
  return NULL;
}

/* FOLDED, that is. */
static gboolean
is_own (const char *folded)
{
  return genvid_request_field_is_known (folded)
         || g_strv_contains (limits, folded);
}

gboolean
genvid_request_uri_is_own (const char *name)
{
  g_autofree char *folded = genvid_name_fold (name);

  return is_own (folded) || g_str_has_prefix (folded, VARIABLES)
         || g_str_has_prefix (folded, OPTIONS);
}

char *
genvid_request_uri_name (const char *name)
{
  g_autofree char *folded = genvid_name_fold (name);

  if (is_own (folded))
    return g_steal_pointer (&folded);
  if (g_str_has_prefix (folded, VARIABLES))
    return g_strconcat (VARIABLES, name + strlen (VARIABLES), NULL);
  if (g_str_has_prefix (folded, OPTIONS))
    return g_strconcat (OPTIONS, name + strlen (OPTIONS), NULL);
  return g_strdup (name);
}

void
genvid_request_uri_list_names (GPtrArray *names)
{
  for (guint i = 0; genvid_words[i]; i++)
    g_ptr_array_add (names, (gpointer)genvid_words[i]);
  for (guint i = 0; limits[i]; i++)
    g_ptr_array_add (names, (gpointer)limits[i]);
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    if (!strchr (refused[i].name, '*'))
      g_ptr_array_add (names, (gpointer)refused[i].name);
}

JsonNode *
genvid_request_uri_read_value (const char *text)
{
  g_autoptr (JsonNode) node
      = genvid_json_reader_parse (text, strlen (text), NULL);
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
genvid_request_uri_write_value (JsonNode *node)
{
  g_autoptr (JsonNode) again = NULL;
  const char *text;

  if (!JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING)
    return genvid_json_to_text (node);
  text = json_node_get_string (node);
  again = genvid_request_uri_read_value (text);
  if (JSON_NODE_HOLDS_VALUE (again)
      && json_node_get_value_type (again) == G_TYPE_STRING
      && g_str_equal (json_node_get_string (again), text))
    return g_strdup (text);
  return genvid_json_to_text (node);
}

char *
genvid_request_uri_show (const char *text)
{
  g_autofree char *clean = genvid_text_clean (text, -1, NULL);

  if (!clean)
    return g_strdup ("");
  return g_utf8_substring (clean, 0,
                           MIN (g_utf8_strlen (clean, -1), MAX_SHOWN));
}
