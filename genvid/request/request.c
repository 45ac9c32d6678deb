/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The request as a value, and the little that holds for every service. What
 * one service has is its description's part; no file is read here. */
#include "request.h"

#include "failure.h"
#include "json.h"

#include <json-glib/json-glib.h>

#include <string.h>

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

static GenvidInput *
new_input (GenvidInputKind kind, char *value)
{
  GenvidInput *input = g_new0 (GenvidInput, 1);

  input->kind = kind;
  input->value = value;
  return input;
}

static gboolean
has_scheme (const char *text, const char *scheme)
{
  return g_ascii_strncasecmp (text, scheme, strlen (scheme)) == 0;
}

static GenvidInput *
parse_link (const char *text, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_ENCODED, NULL);

  if (uri && g_uri_get_host (uri) && *g_uri_get_host (uri)
      && !g_uri_get_userinfo (uri))
    return new_input (GENVID_INPUT_LINK, g_strdup (text));
  refuse (error, "An input's https link needs a host, and no user name: "
                 "write https://HOST/PATH");
  return NULL;
}

static GenvidInput *
parse_file_uri (const char *text, GError **error)
{
  g_autofree char *host = NULL;
  g_autofree char *path = g_filename_from_uri (text, &host, NULL);

  if (path && (!host || g_str_equal (host, "localhost")))
    return new_input (GENVID_INPUT_FILE, g_steal_pointer (&path));
  refuse (error, "\"%.60s\" is no URI of a file on this machine", text);
  return NULL;
}

GenvidInput *
genvid_input_parse (const char *text, GError **error)
{
  if (!text || !*text || g_str_equal (text, "id:")) {
    refuse (error, "An input is empty: write id:VALUE, an https link or the "
                   "path of a file");
    return NULL;
  }
  if (!g_utf8_validate (text, -1, NULL)) {
    refuse (error, "An input is not valid UTF-8");
    return NULL;
  }
  if (g_str_has_prefix (text, "id:"))
    return new_input (GENVID_INPUT_ID, g_strdup (text + strlen ("id:")));
  if (has_scheme (text, "https://"))
    return parse_link (text, error);
  if (has_scheme (text, "file:"))
    return parse_file_uri (text, error);
  if (!has_scheme (text, "data:") && !strstr (text, "://"))
    return new_input (GENVID_INPUT_FILE, g_strdup (text));
  refuse (error,
          "An input is id:VALUE, an https link or the path of a file, "
          "not \"%.60s\"",
          text);
  return NULL;
}

GenvidInput *
genvid_input_copy (const GenvidInput *input)
{
  GenvidInput *copy;

  if (!input)
    return NULL;
  copy = new_input (input->kind, g_strdup (input->value));
  copy->sha256 = g_strdup (input->sha256);
  return copy;
}

void
genvid_input_free (GenvidInput *input)
{
  if (!input)
    return;
  g_free (input->value);
  g_free (input->sha256);
  g_free (input);
}

GenvidRequest *
genvid_request_new (void)
{
  GenvidRequest *request = g_new0 (GenvidRequest, 1);

  request->seed = -1;
  request->take = 1;
  request->references
      = g_ptr_array_new_with_free_func ((GDestroyNotify)genvid_input_free);
  return request;
}

static JsonObject *
copy_object (JsonObject *object)
{
  return object ? genvid_json_copy_object (object) : NULL;
}

GenvidRequest *
genvid_request_copy (const GenvidRequest *request)
{
  GenvidRequest *copy = genvid_request_new ();

  copy->prompt = g_strdup (request->prompt);
  copy->negative_prompt = g_strdup (request->negative_prompt);
  copy->model = g_strdup (request->model);
  copy->style = g_strdup (request->style);
  copy->aspect_ratio = g_strdup (request->aspect_ratio);
  copy->resolution = g_strdup (request->resolution);
  copy->duration = request->duration;
  copy->seed = request->seed;
  copy->image = genvid_input_copy (request->image);
  copy->end_image = genvid_input_copy (request->end_image);
  for (guint i = 0; i < request->references->len; i++)
    g_ptr_array_add (copy->references, genvid_input_copy (g_ptr_array_index (
                                           request->references, i)));
  copy->variables = copy_object (request->variables);
  copy->options = copy_object (request->options);
  copy->take = request->take;
  return copy;
}

void
genvid_request_free (GenvidRequest *request)
{
  if (!request)
    return;
  g_free (request->prompt);
  g_free (request->negative_prompt);
  g_free (request->model);
  g_free (request->style);
  g_free (request->aspect_ratio);
  g_free (request->resolution);
  genvid_input_free (request->image);
  genvid_input_free (request->end_image);
  g_ptr_array_unref (request->references);
  g_clear_pointer (&request->variables, json_object_unref);
  g_clear_pointer (&request->options, json_object_unref);
  g_free (request);
}

static gboolean
check_texts (const GenvidRequest *request, GError **error)
{
  const struct {
    const char *name;
    const char *text;
  } texts[] = {
    { "prompt", request->prompt },
    { "negative-prompt", request->negative_prompt },
    { "model", request->model },
    { "style", request->style },
    { "aspect-ratio", request->aspect_ratio },
    { "resolution", request->resolution },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (texts[i].text && !g_utf8_validate (texts[i].text, -1, NULL))
      return refuse (error, "%s is not valid UTF-8", texts[i].name);
  return TRUE;
}

static gboolean
is_ratio (const char *text)
{
  gsize width = strspn (text, "0123456789");
  gsize height;

  if (width < 1 || width > 5 || text[width] != ':' || *text == '0')
    return FALSE;
  height = strspn (text + width + 1, "0123456789");
  return height >= 1 && height <= 5 && text[width + 1] != '0'
         && !text[width + 1 + height];
}

static gboolean
is_resolution (const char *text)
{
  gsize digits = strspn (text, "0123456789");

  return digits >= 1 && digits <= 5 && *text != '0' && text[digits]
         && strchr ("pPkK", text[digits]) && !text[digits + 1];
}

static gboolean
check_variables (JsonObject *variables, GError **error)
{
  g_autoptr (GList) names
      = variables ? json_object_get_members (variables) : NULL;

  for (GList *l = names; l; l = l->next)
    if (!JSON_NODE_HOLDS_VALUE (json_object_get_member (variables, l->data)))
      return refuse (error,
                     "variables: %s is to be a text, a number or a "
                     "boolean",
                     (char *)l->data);
  return TRUE;
}

static gboolean
check_length (const char *name, const char *text, GError **error)
{
  if (text == NULL || strlen (text) <= GENVID_NAME_MAX)
    return TRUE;
  return refuse (error,
                 "%s is longer than %d bytes, and so no name that a service "
                 "knows: set it as the service writes it",
                 name, GENVID_NAME_MAX);
}

static gboolean
check_input (const char *name, const GenvidInput *input, GError **error)
{
  return input == NULL || input->kind != GENVID_INPUT_ID
         || check_length (name, input->value, error);
}

gboolean
genvid_request_check_lengths (const GenvidRequest *request, GError **error)
{
  if (!check_length ("model", request->model, error)
      || !check_length ("style", request->style, error)
      || !check_input ("image", request->image, error)
      || !check_input ("end-image", request->end_image, error))
    return FALSE;
  for (guint i = 0; i < request->references->len; i++)
    if (!check_input ("references", g_ptr_array_index (request->references, i),
                      error))
      return FALSE;
  return TRUE;
}

gboolean
genvid_request_check (const GenvidRequest *request, GError **error)
{
  const char *ratio = request->aspect_ratio;
  const char *resolution = request->resolution;

  if (!check_texts (request, error)
      || !check_variables (request->variables, error))
    return FALSE;
  if (ratio && *ratio && !is_ratio (ratio))
    return refuse (error, "aspect-ratio is written like 16:9, not \"%s\"",
                   ratio);
  if (resolution && *resolution && !is_resolution (resolution))
    return refuse (error, "resolution is written like 720p, not \"%s\"",
                   resolution);
  if (request->seed < -1)
    return refuse (error, "seed is a number from 0, or -1 for none");
  if (request->take < 1)
    return refuse (error, "take counts from 1");
  return TRUE;
}
