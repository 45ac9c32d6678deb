/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* genvid: URIs, read and written. Two forms, since some programs reject a
 * question mark and decode escapes themselves. No URI parser is used: raw
 * blanks, raw UTF-8 and a stray % are what people write, and it is decided
 * here what they mean. */
#include "request-uri.h"

#include "failure.h"
#include "nearest.h"
#include "request-fields.h"
#include "request-uri-members.h"
#include "request.h"

#include <json-glib/json-glib.h>

#include <math.h>
#include <string.h>

#define SCHEME   "genvid:"
#define MAX_TAKE 9

static gboolean G_GNUC_PRINTF (2, 3)
    refuse (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_propagate_error (error,
                     g_error_new_valist (GENVID_ERROR, GENVID_REASON_SETTINGS,
                                         format, arguments));
  va_end (arguments);
  return FALSE;
}

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
  /* A NUL would hide what stands behind it. */
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
    return refuse (error,
                   "%s in a genvid: URI is a whole number from "
                   "%" G_GINT64_FORMAT ", not \"%s\"",
                   name, limits[0], text);
  return refuse (error,
                 "%s in a genvid: URI is a whole number from "
                 "%" G_GINT64_FORMAT " to %" G_GINT64_FORMAT ", not \"%s\"",
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
    uri->request->duration = number;
  return TRUE;
}

static gboolean
set_limit (GenvidRequestUri *uri, const char *name, const char *text,
           GError **error)
{
  char *end = NULL;

  if (g_str_equal (name, "reuse")) {
    uri->reuse_only = g_str_equal (text, "only");
    return uri->reuse_only
           || refuse (error, "a genvid: URI may say reuse=only and nothing "
                             "else of reuse; set the property reuse");
  }
  uri->max_cost = g_ascii_strtod (text, &end);
  if (!*text || *end || text[strspn (text, "0123456789.eE+-")]
      || !isfinite (uri->max_cost) || uri->max_cost < 0)
    return refuse (error, "max-cost in a genvid: URI is an amount, not \"%s\"",
                   text);
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
  refuse (error,
          "%s: a genvid: URI cannot name files of this machine; set the "
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
  GenvidInput **place = g_str_equal (name, "image") ? &uri->request->image
                                                    : &uri->request->end_image;

  if (!g_str_equal (name, "references")) {
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

static void
set_text (GenvidRequestUri *uri, const char *name, const char *text)
{
  GenvidRequest *request = uri->request;
  const struct {
    const char *name;
    char **place;
  } texts[] = {
    { "prompt", &request->prompt },
    { "negative-prompt", &request->negative_prompt },
    { "model", &request->model },
    { "style", &request->style },
    { "aspect-ratio", &request->aspect_ratio },
    { "resolution", &request->resolution },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (g_str_equal (texts[i].name, name))
      *texts[i].place = g_strdup (text);
}

static gboolean
add_named (JsonObject **object, const char *name, const char *text,
           GError **error)
{
  if (!*name)
    return refuse (error, "a member of a genvid: URI has no name");
  if (!*object)
    *object = json_object_new ();
  json_object_set_member (*object, name, genvid_request_uri_read_value (text));
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
  return refuse (error,
                 "%s cannot be in a genvid: URI, which may come from a "
                 "stranger; %s",
                 pattern, advice);
}

static gboolean
set_member (GenvidRequestUri *uri, const char *name, const char *raw,
            GError **error)
{
  const char *const numbers[] = { "duration", "seed", "take", NULL };
  const char *const limits[] = { "reuse", "max-cost", NULL };
  GenvidRequest *request = uri->request;
  g_autofree char *text = NULL;

  if (genvid_request_field_is_input (name))
    return set_input (uri, name, raw, error);
  text = decode (raw, strlen (raw));
  if (!text)
    return refuse (error, "%s in a genvid: URI is not valid UTF-8", name);
  if (g_strv_contains (numbers, name))
    return set_number (uri, name, text, error);
  if (g_strv_contains (limits, name))
    return set_limit (uri, name, text, error);
  if (g_str_has_prefix (name, VARIABLES))
    return add_named (&request->variables, name + strlen (VARIABLES), text,
                      error);
  if (g_str_equal (name, "variables"))
    return refuse (error, "write each variable as variables.NAME=VALUE");
  if (genvid_request_field_is_known (name)) {
    set_text (uri, name, text);
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

  return refuse (error,
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
      && !genvid_request_uri_is_own (name + strlen (OPTIONS)))
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
  g_autofree char *name = said ? genvid_request_uri_name (said) : NULL;

  if (name && !check_name (name, error))
    return FALSE;
  if (!name || !*name || !equals)
    return refuse_member (text, error);
  if (!g_hash_table_add (seen, make_identity (name))) {
    g_autofree char *shown = genvid_request_uri_show (name);

    return refuse (error, "%s is in the genvid: URI twice", shown);
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

/* The host, and what is behind it: "?", "/" or "/?" begin the members. */
static gboolean
read_host (GenvidRequestUri *uri, const char **text, GError **error)
{
  gsize length = strcspn (*text, "/?");
  g_autofree char *host = g_ascii_strdown (*text, length);

  if (host[strspn (host, "abcdefghijklmnopqrstuvwxyz0123456789-")])
    return refuse (error, "\"%s\" in a genvid: URI is no name of a service",
                   host);
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
    refuse (error, "A genvid: URI looks like genvid://SERVICE?prompt=…");
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
