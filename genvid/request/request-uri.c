/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* genvid: URIs, read and written. Two forms, since some programs reject a
 * question mark and decode escapes themselves. No URI parser is used: raw
 * blanks, raw UTF-8 and a stray % are what people write, and it is decided
 * here what they mean. */
#include "request-uri.h"

#include "failure.h"
#include "json-reader.h"
#include "json.h"
#include "name.h"
#include "request-fields.h"
#include "request.h"
#include "text.h"

#include <json-glib/json-glib.h>

#include <math.h>
#include <string.h>

#define SCHEME    "genvid:"
#define MAX_TAKE  9
#define MAX_SHOWN 60 /* characters */

/* Prefixes of variables, and of options that are named like a property. */
#define VARIABLES "variables."
#define OPTIONS   "options."

/* Which members a URI may have, and what their values mean. A URI may come
 * from a stranger: it says what to make, and nothing about keys, trust, files
 * or money. */

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
  { "workflow", SET_OPTIONS },
  { "base-url", "set the property base-url, or the service's variable" },
  { "ca-file", "set the property ca-file" },
  { "store", "set the property store, or $GENVID_STORE" },
  { "allow-private", "set the property allow-private" },
  { "adopt", "set the property adopt" },
  { "if-in-doubt", "set the property if-in-doubt" },
  { "budget", "set the property budget, or $GENVID_BUDGET" },
  { "on-stop", "set the property on-stop" },
  { "save-to", "set the property save-to" },
  { "max-size", "set the property max-size" },
  { "timeout", "set the property timeout" },
  { "poll-interval", "set the property poll-interval" },
  { "provider", "write it as the host: genvid://NAME?…" },
  { "options", "write each option under its own name" },
};

static const char *const other_members[]
    = { "take", "reuse", "max-cost", NULL };

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
         || g_strv_contains (other_members, folded);
}

static gboolean
is_own_member (const char *name)
{
  g_autofree char *folded = genvid_name_fold (name);

  return is_own (folded) || g_str_has_prefix (folded, VARIABLES)
         || g_str_has_prefix (folded, OPTIONS);
}

static char *
respell (const char *name)
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
  for (guint i = 0; genvid_request_fields[i]; i++)
    g_ptr_array_add (names, (gpointer)genvid_request_fields[i]);
  for (guint i = 0; other_members[i]; i++)
    g_ptr_array_add (names, (gpointer)other_members[i]);
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    if (!strchr (refused[i].name, '*'))
      g_ptr_array_add (names, (gpointer)refused[i].name);
}

static JsonNode *
read_value (const char *text)
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

static char *
write_value (JsonNode *node)
{
  g_autoptr (JsonNode) again = NULL;
  const char *text;

  if (!JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING)
    return genvid_json_to_text (node);
  text = json_node_get_string (node);
  again = read_value (text);
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

/* Reading. */

/* %XX is a byte, any other % is itself. */
static char *
decode (const char *text, gsize length)
{
  GString *out = g_string_sized_new (length);

  for (gsize i = 0; i < length; i++) {
    int high = i + 2 < length ? g_ascii_xdigit_value (text[i + 1]) : -1;
    int low = high >= 0 ? g_ascii_xdigit_value (text[i + 2]) : -1;

    if (text[i] != '%' || low < 0) {
      g_string_append_c (out, text[i]);
    } else {
      g_string_append_c (out, (char)(high << 4 | low));
      i += 2;
    }
  }
  /* A NUL would hide what follows it. */
  if (strlen (out->str) != out->len || !g_utf8_validate (out->str, -1, NULL)) {
    g_string_free (out, TRUE);
    return NULL;
  }
  return g_string_free (out, FALSE);
}

static gboolean
read_whole (const char *name, const char *text, gint64 limits[2],
            gint64 *number, GError **error)
{
  if (g_ascii_string_to_signed (text, 10, limits[0], limits[1], number, NULL))
    return TRUE;
  if (limits[1] == G_MAXINT64 || limits[1] == G_MAXINT32)
    return genvid_error_refuse (
        error,
        "%s in a genvid: URI must be a whole number of at "
        "least %" G_GINT64_FORMAT ", not \"%s\"",
        name, limits[0], text);
  return genvid_error_refuse (error,
                              "%s in a genvid: URI must be a whole number from "
                              "%" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
                              ", not \"%s\"",
                              name, limits[0], limits[1], text);
}

static gboolean
set_number (GenvidRequestUri *uri, const char *name, const char *text,
            GError **error)
{
  gboolean is_seed = g_str_equal (name, "seed");
  gboolean is_take = g_str_equal (name, "take");
  gint64 limits[2] = { is_seed ? 0 : 1, is_seed   ? G_MAXINT64
                                        : is_take ? MAX_TAKE
                                                  : G_MAXINT32 };
  gint64 number = 0;

  if (!read_whole (name, text, limits, &number, error))
    return FALSE;
  if (is_seed)
    uri->request->seed = number;
  else if (is_take)
    uri->request->take = number;
  else
    uri->request->fps = number;
  return TRUE;
}

static gboolean
set_duration (GenvidRequestUri *uri, const char *text, GError **error)
{
  return genvid_duration_parse (text, &uri->request->duration)
         || genvid_error_refuse (
             error,
             "duration in a genvid: URI must be a number of seconds above "
             "0, or auto, not \"%s\"",
             text);
}

static gboolean
set_audio (GenvidRequestUri *uri, const char *text, GError **error)
{
  return genvid_audio_parse (text, &uri->request->audio)
         || genvid_error_refuse (
             error,
             "audio in a genvid: URI must be auto, on or off, not \"%s\"",
             text);
}

static gboolean
set_limit (GenvidRequestUri *uri, const char *name, const char *text,
           GError **error)
{
  char *end = NULL;

  if (g_str_equal (name, "reuse")) {
    uri->reuse_only = g_str_equal (text, "only");
    return uri->reuse_only
           || genvid_error_refuse (error,
                                   "a genvid: URI may set reuse=only and "
                                   "nothing else; set the property reuse");
  }
  uri->max_cost = g_ascii_strtod (text, &end);
  if (!*text || *end || text[strspn (text, "0123456789.eE+-")]
      || !isfinite (uri->max_cost) || uri->max_cost < 0)
    return genvid_error_refuse (
        error, "max-cost in a genvid: URI must be an amount, not \"%s\"", text);
  return TRUE;
}

static GenvidInput *
read_input (const char *name, const char *text, gsize length, GError **error)
{
  g_autofree char *plain = decode (text, length);
  g_autoptr (GenvidInput) input
      = genvid_input_parse (plain ? plain : "", error);

  if (!input || input->kind != GENVID_INPUT_FILE)
    return g_steal_pointer (&input);
  genvid_error_refuse (error,
                       "%s: a genvid: URI cannot name local files; set the "
                       "property %s",
                       name, name);
  return NULL;
}

/* Commas part the references before anything is decoded, so that a link may
 * have one as %2C. */
static gboolean
set_input (GenvidRequestUri *uri, const char *name, const char *raw,
           GError **error)
{
  g_auto (GStrv) parts = NULL;
  GenvidInput **place = genvid_request_find_input (uri->request, name);

  if (place) {
    *place = read_input (name, raw, strlen (raw), error);
    return *place != NULL;
  }
  parts = g_strsplit (raw, ",", -1);
  for (guint i = 0; parts[i]; i++) {
    GenvidInput *input = read_input (name, parts[i], strlen (parts[i]), error);

    if (!input)
      return FALSE;
    g_ptr_array_add (uri->request->references, input);
  }
  return TRUE;
}

static gboolean
add_named (JsonObject **object, const char *name, const char *text,
           GError **error)
{
  if (!*name)
    return genvid_error_refuse (error, "a member of a genvid: URI has no name");
  if (!*object)
    *object = json_object_new ();
  json_object_set_member (*object, name, read_value (text));
  return TRUE;
}

static gboolean
check_name (const char *name, GError **error)
{
  const char *pattern;
  const char *advice;

  while (g_ascii_strncasecmp (name, OPTIONS, strlen (OPTIONS)) == 0)
    name += strlen (OPTIONS);
  advice = genvid_request_uri_refusal (name, &pattern);
  if (!advice)
    return TRUE;
  return genvid_error_refuse (
      error,
      "%s cannot be in a genvid: URI, which may come from a "
      "stranger; %s",
      pattern, advice);
}

static gboolean
set_member (GenvidRequestUri *uri, const char *name, const char *raw,
            GError **error)
{
  const char *const numbers[] = { "fps", "seed", "take", NULL };
  const char *const limits[] = { "reuse", "max-cost", NULL };
  GenvidRequest *request = uri->request;
  char **place = genvid_request_find_text (request, name);
  g_autofree char *text = NULL;

  if (genvid_request_field_is_input (name))
    return set_input (uri, name, raw, error);
  text = decode (raw, strlen (raw));
  if (!text)
    return genvid_error_refuse (error, "%s in a genvid: URI is not valid UTF-8",
                                name);
  if (g_strv_contains (numbers, name))
    return set_number (uri, name, text, error);
  if (g_strv_contains (limits, name))
    return set_limit (uri, name, text, error);
  if (g_str_has_prefix (name, VARIABLES))
    return add_named (&request->variables, name + strlen (VARIABLES), text,
                      error);
  if (g_str_equal (name, "variables"))
    return genvid_error_refuse (error,
                                "write each variable as variables.NAME=VALUE");
  if (g_str_equal (name, "duration"))
    return set_duration (uri, text, error);
  if (g_str_equal (name, "audio"))
    return set_audio (uri, text, error);
  if (place) {
    *place = g_steal_pointer (&text);
    return TRUE;
  }
  if (g_str_has_prefix (name, OPTIONS))
    name += strlen (OPTIONS);
  return add_named (&request->options, name, text, error);
}

static gboolean
refuse_member (const char *text, GError **error)
{
  g_autofree char *shown = genvid_request_uri_show (text);

  return genvid_error_refuse (
      error,
      "\"%s\" in a genvid: URI is not NAME=VALUE; inside a value "
      "write %%26 for &",
      shown);
}

/* What counts as the same member twice. Variables are the user's own. */
static char *
make_identity (const char *name)
{
  if (g_str_has_prefix (name, VARIABLES))
    return g_strdup (name);
  if (g_str_has_prefix (name, OPTIONS)
      && !is_own_member (name + strlen (OPTIONS)))
    name += strlen (OPTIONS);
  return genvid_name_fold (name);
}

/* A name is judged before it is shown: what lacks its "=" may have a key in
 * it. */
static gboolean
read_member (GenvidRequestUri *uri, const char *text, GHashTable *seen,
             GError **error)
{
  const char *equals = strchr (text, '=');
  g_autofree char *said
      = decode (text, equals ? (gsize)(equals - text) : strlen (text));
  g_autofree char *name = said ? respell (said) : NULL;

  if (name && !check_name (name, error))
    return FALSE;
  if (!name || !*name || !equals)
    return refuse_member (text, error);
  if (!g_hash_table_add (seen, make_identity (name))) {
    g_autofree char *shown = genvid_request_uri_show (name);

    return genvid_error_refuse (error, "%s is in the genvid: URI twice", shown);
  }
  return set_member (uri, name, equals + 1, error);
}

static gboolean
read_members (GenvidRequestUri *uri, const char *text, GError **error)
{
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (GStrv) members = g_strsplit (text, "&", -1);

  for (guint i = 0; members[i]; i++)
    if (*members[i] && !read_member (uri, members[i], seen, error))
      return FALSE;
  return TRUE;
}

/* In lower case, as a host's is. */
static gboolean
is_host (const char *text)
{
  return !text[strspn (text, "abcdefghijklmnopqrstuvwxyz0123456789-")];
}

/* The host, and what is behind it: "?", "/" or "/?" begin the members. */
static gboolean
read_host (GenvidRequestUri *uri, const char **text, GError **error)
{
  gsize length = strcspn (*text, "/?");
  g_autofree char *host = g_ascii_strdown (*text, length);

  if (!is_host (host))
    return genvid_error_refuse (
        error, "\"%s\" in a genvid: URI is not the name of a service", host);
  if (*host)
    uri->provider = g_steal_pointer (&host);
  *text += length;
  if (**text == '/')
    (*text)++;
  if (**text == '?')
    (*text)++;
  return TRUE;
}

GenvidRequestUri *
genvid_request_uri_parse (const char *text, GError **error)
{
  g_autoptr (GenvidRequestUri) uri = g_new0 (GenvidRequestUri, 1);

  uri->request = genvid_request_new ();
  uri->max_cost = -1;
  if (g_ascii_strncasecmp (text, SCHEME "//", strlen (SCHEME "//")) != 0) {
    genvid_error_refuse (error,
                         "A genvid: URI looks like genvid://SERVICE?prompt=…");
    return NULL;
  }
  text += strlen (SCHEME "//");
  if (!read_host (uri, &text, error) || !read_members (uri, text, error)
      || !genvid_request_check (uri->request, error))
    return NULL;
  return g_steal_pointer (&uri);
}

void
genvid_request_uri_free (GenvidRequestUri *uri)
{
  if (!uri)
    return;
  g_free (uri->provider);
  genvid_request_free (uri->request);
  g_free (uri);
}

/* Writing, in a fixed order, so that equal requests give equal text. Only what
 * the reader accepts is written; everything else has no URI. */

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

  for (guint i = 0; genvid_request_fields[i]; i++) {
    JsonNode *value = json_object_get_member (values, genvid_request_fields[i]);
    g_autofree char *text = genvid_json_scalar_text (value);

    if (genvid_request_field_is_input (genvid_request_fields[i])) {
      if (!append_inputs (out, request, genvid_request_fields[i]))
        return FALSE;
    } else if (text) {
      append (out, genvid_request_fields[i], text);
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
    g_autofree char *value = write_value (node);
    g_autofree char *name = NULL;

    if (JSON_NODE_HOLDS_NULL (node))
      continue;
    if (!prefix && genvid_request_uri_refusal (l->data, NULL))
      return FALSE;
    if (prefix)
      name = g_strconcat (prefix, l->data, NULL);
    else
      name
          = g_strconcat (is_own_member (l->data) ? OPTIONS : "", l->data, NULL);
    append (out, name, value);
  }
  return TRUE;
}

char *
genvid_request_uri_to_text (const GenvidRequestUri *uri)
{
  const GenvidRequest *request = uri->request;
  g_autoptr (GString) out = g_string_new ("genvid://");
  g_autoptr (GenvidRequestUri) back = NULL;
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  if ((uri->provider && !is_host (uri->provider))
      || !genvid_request_check (request, NULL))
    return NULL;
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
  /* The reader knows best what it refuses: an option without a name, two that
   * differ by what a URI takes for one, more frames than it counts. */
  back = genvid_request_uri_parse (out->str, NULL);
  if (back == NULL)
    return NULL;
  return g_string_free (g_steal_pointer (&out), FALSE);
}
