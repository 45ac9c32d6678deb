/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From the element's properties and an item's fields to a genvidsrc. */

#include "gstgenvidlivesettings.h"

#include <genvid/genvid-live-messages.h>

#include "settings.h"

#define DEFAULT_WIDTH  1280
#define DEFAULT_HEIGHT 720
#define DEFAULT_FPS    25
#define DEFAULT_RATE   48000

void
gst_genvid_live_settings_init (GstGenvidLiveSettings *settings)
{
  memset (settings, 0, sizeof *settings);
  settings->max_cost = settings->budget = -1;
  settings->reuse = GENVID_REUSE_AUTO;
  settings->slate_text = TRUE;
  settings->transition = GST_GENVID_LIVE_TRANSITION_CROSSFADE;
  settings->transition_duration = 500 * GST_MSECOND;
  settings->prefetch = 1;
  settings->video_caps = gst_caps_new_simple (
      "video/x-raw", "format", G_TYPE_STRING, "I420", "width", G_TYPE_INT,
      DEFAULT_WIDTH, "height", G_TYPE_INT, DEFAULT_HEIGHT, "framerate",
      GST_TYPE_FRACTION, DEFAULT_FPS, 1, NULL);
  settings->audio_caps = gst_caps_new_simple (
      "audio/x-raw", "format", G_TYPE_STRING, GST_AUDIO_NE (F32), "rate",
      G_TYPE_INT, DEFAULT_RATE, "channels", G_TYPE_INT, 2, "layout",
      G_TYPE_STRING, "interleaved", NULL);
}

void
gst_genvid_live_settings_clear (GstGenvidLiveSettings *settings)
{
  g_clear_pointer (&settings->defaults, gst_structure_free);
  g_clear_pointer (&settings->api_key_file, g_free);
  g_clear_pointer (&settings->store, g_free);
  g_clear_pointer (&settings->slate, g_free);
  gst_clear_caps (&settings->video_caps);
  gst_clear_caps (&settings->audio_caps);
  g_list_free_full (g_steal_pointer (&settings->contexts),
                    (GDestroyNotify)gst_context_unref);
}

void
gst_genvid_live_settings_copy (const GstGenvidLiveSettings *settings,
                               GstGenvidLiveSettings *copy)
{
  *copy = *settings;
  if (settings->defaults != NULL)
    copy->defaults = gst_structure_copy (settings->defaults);
  copy->api_key_file = g_strdup (settings->api_key_file);
  copy->store = g_strdup (settings->store);
  copy->slate = g_strdup (settings->slate);
  copy->video_caps = gst_caps_ref (settings->video_caps);
  copy->audio_caps = gst_caps_ref (settings->audio_caps);
}

/* --- caps --- */

static GstCaps *
fixate (GstCaps *caps, GstCaps *preferred)
{
  GstCaps *fixed
      = gst_caps_intersect_full (preferred, caps, GST_CAPS_INTERSECT_FIRST);

  if (gst_caps_is_empty (fixed)) {
    gst_caps_unref (fixed);
    fixed = gst_caps_copy (caps);
  }
  gst_caps_unref (preferred);
  fixed = gst_caps_truncate (fixed);

  return fixed;
}

GstCaps *
gst_genvid_live_settings_fix_video (GstCaps *caps)
{
  g_autoptr (GstCaps) fixed = NULL;
  GstStructure *structure;
  GstVideoInfo info;

  if (caps == NULL || gst_caps_is_any (caps) || gst_caps_is_empty (caps))
    return NULL;
  fixed = gst_caps_make_writable (
      fixate (caps, gst_caps_new_empty_simple ("video/x-raw")));
  structure = gst_caps_get_structure (fixed, 0);
  if (!gst_structure_has_name (structure, "video/x-raw"))
    return NULL;
  if (!gst_structure_has_field (structure, "format"))
    gst_structure_set (structure, "format", G_TYPE_STRING, "I420", NULL);
  if (!gst_structure_has_field (structure, "width"))
    gst_structure_set (structure, "width", G_TYPE_INT, DEFAULT_WIDTH, NULL);
  if (!gst_structure_has_field (structure, "height"))
    gst_structure_set (structure, "height", G_TYPE_INT, DEFAULT_HEIGHT, NULL);
  if (!gst_structure_has_field (structure, "framerate"))
    gst_structure_set (structure, "framerate", GST_TYPE_FRACTION, DEFAULT_FPS,
                       1, NULL);
  gst_structure_fixate_field_string (structure, "format", "I420");
  gst_structure_fixate_field_nearest_int (structure, "width", DEFAULT_WIDTH);
  gst_structure_fixate_field_nearest_int (structure, "height", DEFAULT_HEIGHT);
  gst_structure_fixate_field_nearest_fraction (structure, "framerate",
                                               DEFAULT_FPS, 1);
  fixed = gst_caps_fixate (g_steal_pointer (&fixed));
  if (!gst_video_info_from_caps (&info, fixed) || info.fps_n <= 0
      || GST_VIDEO_INFO_IS_INTERLACED (&info))
    return NULL;

  return gst_video_info_to_caps (&info);
}

GstCaps *
gst_genvid_live_settings_fix_audio (GstCaps *caps)
{
  g_autoptr (GstCaps) fixed = NULL;
  GstStructure *structure;
  GstAudioInfo info;

  if (caps == NULL || gst_caps_is_any (caps) || gst_caps_is_empty (caps))
    return NULL;
  fixed = gst_caps_make_writable (
      fixate (caps, gst_caps_new_simple ("audio/x-raw", "layout", G_TYPE_STRING,
                                         "interleaved", NULL)));
  structure = gst_caps_get_structure (fixed, 0);
  if (!gst_structure_has_name (structure, "audio/x-raw"))
    return NULL;
  if (!gst_structure_has_field (structure, "format"))
    gst_structure_set (structure, "format", G_TYPE_STRING, GST_AUDIO_NE (F32),
                       NULL);
  if (!gst_structure_has_field (structure, "rate"))
    gst_structure_set (structure, "rate", G_TYPE_INT, DEFAULT_RATE, NULL);
  if (!gst_structure_has_field (structure, "channels"))
    gst_structure_set (structure, "channels", G_TYPE_INT, 2, NULL);
  gst_structure_fixate_field_string (structure, "format", GST_AUDIO_NE (F32));
  gst_structure_fixate_field_nearest_int (structure, "rate", DEFAULT_RATE);
  gst_structure_fixate_field_nearest_int (structure, "channels", 2);
  fixed = gst_caps_fixate (g_steal_pointer (&fixed));
  if (!gst_audio_info_from_caps (&info, fixed)
      || GST_AUDIO_INFO_LAYOUT (&info) != GST_AUDIO_LAYOUT_INTERLEAVED)
    return NULL;

  return gst_audio_info_to_caps (&info);
}

/* --- the source --- */

/* Takes TEXT. */
static gboolean
refuse (GError **error, char *text)
{
  g_set_error_literal (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
                       text);
  g_free (text);
  return FALSE;
}

/* Is NAME of the item itself and not of its genvidsrc? */
static gboolean
is_own (const char *name)
{
  static const char *const own[]
      = { "uri", "prompt", "start", "in", "out", NULL };

  return g_strv_contains (own, name);
}

/* Keys would be readable here, and the limits are the application's. */
static gboolean
is_of_element (const char *name)
{
  static const char *const theirs[]
      = { "api-key",  "api-key-file", "store", "reuse",
          "max-cost", "budget",       NULL };

  return g_strv_contains (theirs, name);
}

static gboolean
convert (const GValue *value, GValue *converted)
{
  if (G_VALUE_HOLDS_STRING (value) && !G_VALUE_HOLDS_STRING (converted)) {
    const char *text = g_value_get_string (value);

    return text != NULL && gst_value_deserialize (converted, text);
  }
  if (G_VALUE_HOLDS_INT (value) && g_value_get_int (value) < 0
      && (G_VALUE_HOLDS_UINT (converted) || G_VALUE_HOLDS_UINT64 (converted)))
    return FALSE;
  return g_value_transform (value, converted);
}

static gboolean
apply (GstElement *source, const char *name, const GValue *value,
       GError **error)
{
  GParamSpec *pspec
      = g_object_class_find_property (G_OBJECT_GET_CLASS (source), name);
  g_auto (GValue) converted = G_VALUE_INIT;

  if (is_of_element (name))
    return refuse (
        error, g_strdup_printf ("Set %s as a property of genvidlivesrc, not in "
                                "the settings of an item.",
                                name));
  if (pspec == NULL || (pspec->flags & G_PARAM_WRITABLE) == 0)
    return refuse (error, g_strdup_printf (
                              "genvidsrc has no property %s that could be "
                              "set. \"gst-inspect-1.0 genvidsrc\" lists them.",
                              name));
  g_value_init (&converted, pspec->value_type);
  if (!convert (value, &converted)
      || g_param_value_validate (pspec, &converted))
    return refuse (error, g_strdup_printf (
                              "The value of %s in the settings of an item has "
                              "the wrong type or is out of range.",
                              name));
  g_object_set_property (G_OBJECT (source), pspec->name, &converted);

  return TRUE;
}

static gboolean
apply_all (GstElement *source, const GstStructure *fields, GError **error)
{
  for (int i = 0; fields != NULL && i < gst_structure_n_fields (fields); i++) {
    const char *name = gst_structure_nth_field_name (fields, i);

    if (!is_own (name)
        && !apply (source, name, gst_structure_get_value (fields, name), error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
configure (GstElement *source, const GstGenvidLiveSettings *settings,
           const GstStructure *item, GError **error)
{
  const char *uri = gst_structure_get_string (item, "uri");
  const char *prompt = gst_structure_get_string (item, "prompt");

  if (!apply_all (source, settings->defaults, error))
    return FALSE;
  if (uri != NULL
      && !gst_uri_handler_set_uri (GST_URI_HANDLER (source), uri, error))
    return FALSE;
  if (prompt != NULL)
    g_object_set (source, "prompt", prompt, NULL);

  return apply_all (source, item, error);
}

GstElement *
gst_genvid_live_settings_make_source (const GstGenvidLiveSettings *settings,
                                      const GstStructure *item, gboolean only,
                                      GError **error)
{
  GstElement *source = gst_element_factory_make (GENVID_ELEMENT, NULL);

  if (source == NULL) {
    refuse (error, g_strdup ("There is no element " GENVID_ELEMENT "."));
    return NULL;
  }
  g_object_set (source, "api-key-file", settings->api_key_file, "store",
                settings->store, "max-cost", settings->max_cost, "budget",
                settings->budget, "reuse",
                only ? (int)GENVID_REUSE_ONLY : settings->reuse, NULL);
  for (const GList *l = settings->contexts; l != NULL; l = l->next)
    gst_element_set_context (source, l->data);
  if (!configure (source, settings, item, error)) {
    gst_object_unref (gst_object_ref_sink (source));
    return NULL;
  }

  return source;
}
