/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A preset keeps the properties that can be set and read, so never a key.
 * GStreamer saves them, but reads texts back otherwise than it wrote them: "a
 * boat" becomes "a\ boat", and structures are lost. So each text is kept once
 * more, as the preset's meta data, which it leaves alone. */

#include "gstgenvidsrc.h"

#define SAVING "genvid-saving-preset"
#define META   "genvid-"

static GstPresetInterface parent;

static gboolean
is_text (const GParamSpec *pspec)
{
  return pspec->value_type == G_TYPE_STRING
         || pspec->value_type == GST_TYPE_STRUCTURE
         || pspec->value_type == GST_TYPE_ARRAY;
}

/* GStreamer cannot write a structure that is NULL. */
static gboolean
is_kept (GObject *object, const GParamSpec *pspec)
{
  if (pspec->owner_type != G_OBJECT_TYPE (object)
      || (pspec->flags & G_PARAM_READWRITE) != G_PARAM_READWRITE)
    return FALSE;
  return pspec->value_type != GST_TYPE_STRUCTURE
         || g_object_get_data (object, SAVING) == NULL;
}

static gchar **
gst_genvid_src_get_property_names (GstPreset *preset)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_autofree GParamSpec **pspecs = NULL;
  guint n;

  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (preset), &n);
  for (guint i = 0; i < n; i++)
    if (is_kept (G_OBJECT (preset), pspecs[i]))
      g_strv_builder_add (names, pspecs[i]->name);

  return g_strv_builder_end (names);
}

/* NULL: nothing is set. Owned by the caller. */
static char *
write_text (GObject *object, const GParamSpec *pspec)
{
  g_auto (GValue) value = G_VALUE_INIT;
  g_autofree char *text = NULL;

  g_value_init (&value, pspec->value_type);
  g_object_get_property (object, pspec->name, &value);
  if (!GST_VALUE_HOLDS_ARRAY (&value) && g_value_peek_pointer (&value) == NULL)
    return NULL;
  text = gst_value_serialize (&value);
  return text != NULL ? g_strescape (text, NULL) : NULL;
}

static gboolean
read_text (GObject *object, const GParamSpec *pspec, const char *escaped)
{
  g_auto (GValue) value = G_VALUE_INIT;
  g_autofree char *text = g_strcompress (escaped);

  g_value_init (&value, pspec->value_type);
  if (!gst_value_deserialize (&value, text))
    return FALSE;
  g_object_set_property (object, pspec->name, &value);
  return TRUE;
}

static gboolean
save_texts (GstPreset *preset, const gchar *name)
{
  g_autofree GParamSpec **pspecs = NULL;
  guint n;

  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (preset), &n);
  for (guint i = 0; i < n; i++) {
    g_autofree char *tag = g_strconcat (META, pspecs[i]->name, NULL);
    g_autofree char *text = NULL;

    if (!is_text (pspecs[i]) || !is_kept (G_OBJECT (preset), pspecs[i]))
      continue;
    text = write_text (G_OBJECT (preset), pspecs[i]);
    if (!parent.set_meta (preset, name, tag, text))
      return FALSE;
  }
  return TRUE;
}

static gboolean
gst_genvid_src_save_preset (GstPreset *preset, const gchar *name)
{
  gboolean saved;

  g_object_set_data (G_OBJECT (preset), SAVING, preset);
  saved = parent.save_preset (preset, name);
  g_object_set_data (G_OBJECT (preset), SAVING, NULL);
  return saved && save_texts (preset, name);
}

static gboolean
gst_genvid_src_load_preset (GstPreset *preset, const gchar *name)
{
  g_autofree GParamSpec **pspecs = NULL;
  guint n;

  if (!parent.load_preset (preset, name))
    return FALSE;
  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (preset), &n);
  for (guint i = 0; i < n; i++) {
    g_autofree char *tag = g_strconcat (META, pspecs[i]->name, NULL);
    g_autofree char *text = NULL;

    if (is_text (pspecs[i]) && is_kept (G_OBJECT (preset), pspecs[i])
        && parent.get_meta (preset, name, tag, &text) && text != NULL
        && !read_text (G_OBJECT (preset), pspecs[i], text))
      return FALSE;
  }
  return TRUE;
}

void
gst_genvid_src_init_preset (gpointer iface, gpointer data)
{
  GstPresetInterface *preset = iface;

  parent = *preset;
  preset->get_property_names = gst_genvid_src_get_property_names;
  preset->save_preset = gst_genvid_src_save_preset;
  preset->load_preset = gst_genvid_src_load_preset;
}
