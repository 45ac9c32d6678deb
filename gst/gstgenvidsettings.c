/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From properties and URIs to the engine's settings. It converts values and
 * remembers which came from a URI; the engine checks them. */

#include "gstgenvidsettings.h"

#include "request-uri.h"
#include "request.h"
#include "settings.h"

#include <json-glib/json-glib.h>

#include "gstgenvidstructure.h"

void
gst_genvid_settings_init (GstGenvidSettings *settings)
{
  memset (settings, 0, sizeof *settings);
  settings->wanted = genvid_settings_new ();
  g_value_init (&settings->references, GST_TYPE_ARRAY);
}

/* Everything that a URI may set. */
static void
clear_request (GstGenvidSettings *settings)
{
  g_clear_pointer (&settings->wanted->request, genvid_request_free);
  g_clear_pointer (&settings->image, g_free);
  g_clear_pointer (&settings->end_image, g_free);
  g_clear_pointer (&settings->video, g_free);
  g_clear_pointer (&settings->audio_input, g_free);
  settings->duration = 0;
  settings->exact_duration = 0;
  g_value_reset (&settings->references);
  g_clear_pointer (&settings->variables, gst_structure_free);
  g_clear_pointer (&settings->options, gst_structure_free);
}

void
gst_genvid_settings_clear (GstGenvidSettings *settings)
{
  clear_request (settings);
  g_value_unset (&settings->references);
  g_clear_pointer (&settings->wanted, genvid_settings_free);
}

/* TRUE also if nothing is set. */
static gboolean
parse_input (const char *name, const char *text, GenvidInput **input,
             GError **error)
{
  if (text == NULL)
    return TRUE;
  *input = genvid_input_parse (text, error);
  if (*input != NULL)
    return TRUE;
  g_prefix_error (error, "%s: ", name);
  return FALSE;
}

static gboolean
parse_references (const GValue *array, GPtrArray *inputs, GError **error)
{
  g_auto (GStrv) texts = gst_genvid_array_to_strv (array, "references", error);

  if (texts == NULL)
    return FALSE;

  for (char **text = texts; *text != NULL; text++) {
    GenvidInput *input = NULL;

    if (!parse_input ("references", *text, &input, error))
      return FALSE;
    g_ptr_array_add (inputs, input);
  }
  return TRUE;
}

static gboolean
parse_structure (const GstStructure *structure, const char *name, gboolean flat,
                 JsonObject **object, GError **error)
{
  if (structure == NULL)
    return TRUE;
  *object = gst_genvid_structure_to_json (structure, name, flat, error);
  return *object != NULL;
}

static gboolean
fill_request (const GstGenvidSettings *settings, GenvidRequest *request,
              GError **error)
{
  request->duration = settings->exact_duration != 0 ? settings->exact_duration
                                                    : settings->duration;
  return parse_input ("image", settings->image, &request->image, error)
         && parse_input ("end-image", settings->end_image, &request->end_image,
                         error)
         && parse_input ("video", settings->video, &request->video, error)
         && parse_input ("audio-input", settings->audio_input,
                         &request->audio_input, error)
         && parse_references (&settings->references, request->references, error)
         && parse_structure (settings->variables, "variables", TRUE,
                             &request->variables, error)
         && parse_structure (settings->options, "options", FALSE,
                             &request->options, error);
}

GenvidSettings *
gst_genvid_settings_convert (const GstGenvidSettings *settings, GError **error)
{
  GenvidSettings *wanted = genvid_settings_copy (settings->wanted);

  if (settings->reuse_only_by_uri)
    wanted->reuse = GENVID_REUSE_ONLY;
  if (!fill_request (settings, wanted->request, error)) {
    genvid_settings_free (wanted);
    return NULL;
  }
  return wanted;
}

static char *
input_to_text (const GenvidInput *input)
{
  if (input == NULL)
    return NULL;
  if (input->kind == GENVID_INPUT_ID)
    return g_strconcat ("id:", input->value, NULL);
  return g_strdup (input->value);
}

static void
take_references (GstGenvidSettings *settings, const GPtrArray *inputs)
{
  for (guint i = 0; i < inputs->len; i++) {
    GValue item = G_VALUE_INIT;

    g_value_init (&item, G_TYPE_STRING);
    g_value_take_string (&item, input_to_text (inputs->pdata[i]));
    gst_value_array_append_and_take_value (&settings->references, &item);
  }
}

static void
take_duration (GstGenvidSettings *settings, GenvidRequest *request)
{
  if (request->duration > 0
      && request->duration == (double)(guint)request->duration)
    settings->duration = (guint)request->duration;
  else
    settings->exact_duration = request->duration;
  request->duration = 0;
}

/* Moves what this structure has fields for out of REQUEST, so that each value
 * is kept once. */
static void
take_request (GstGenvidSettings *settings, GenvidRequest *request)
{
  clear_request (settings);
  settings->wanted->request = request;
  settings->image = input_to_text (request->image);
  settings->end_image = input_to_text (request->end_image);
  settings->video = input_to_text (request->video);
  settings->audio_input = input_to_text (request->audio_input);
  take_duration (settings, request);
  take_references (settings, request->references);
  if (request->variables != NULL)
    settings->variables
        = gst_genvid_structure_from_json (request->variables, "variables");
  if (request->options != NULL)
    settings->options
        = gst_genvid_structure_from_json (request->options, "options");

  g_clear_pointer (&request->image, genvid_input_free);
  g_clear_pointer (&request->end_image, genvid_input_free);
  g_clear_pointer (&request->video, genvid_input_free);
  g_clear_pointer (&request->audio_input, genvid_input_free);
  g_ptr_array_set_size (request->references, 0);
  g_clear_pointer (&request->variables, json_object_unref);
  g_clear_pointer (&request->options, json_object_unref);
}

gboolean
gst_genvid_settings_set_uri (GstGenvidSettings *settings, const char *text,
                             GError **error)
{
  g_autoptr (GenvidRequestUri) uri = genvid_request_uri_parse (text, error);
  GenvidSettings *wanted = settings->wanted;

  if (uri == NULL)
    return FALSE;

  take_request (settings, g_steal_pointer (&uri->request));
  if (uri->provider != NULL || settings->provider_by_uri) {
    g_free (wanted->provider);
    wanted->provider = g_steal_pointer (&uri->provider);
    settings->provider_by_uri = wanted->provider != NULL;
  }
  wanted->from_uri = wanted->options_from_uri = TRUE;
  wanted->uri_max_cost = uri->max_cost;
  settings->reuse_only_by_uri = uri->reuse_only;

  return TRUE;
}

char *
gst_genvid_settings_to_uri (const GstGenvidSettings *settings)
{
  g_autoptr (GenvidRequestUri) uri = NULL;
  const GenvidSettings *wanted = settings->wanted;

  if (wanted->request->prompt == NULL || *wanted->request->prompt == '\0'
      || wanted->adopt != NULL)
    return NULL;

  uri = g_new0 (GenvidRequestUri, 1);
  uri->request = genvid_request_copy (wanted->request);
  if (!fill_request (settings, uri->request, NULL))
    return NULL;
  uri->provider = g_strdup (wanted->provider);
  uri->reuse_only = settings->reuse_only_by_uri;
  uri->max_cost = wanted->uri_max_cost;

  return genvid_request_uri_to_text (uri);
}
