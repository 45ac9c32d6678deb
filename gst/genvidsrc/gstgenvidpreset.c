/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which properties a preset keeps: those that can be set and read, so never a
 * key. GStreamer does the rest. */

#include "gstgenvidsrc.h"

/* GStreamer writes every value as text, and cannot write a structure that is
 * NULL. */
static gboolean
is_kept (GObject *object, GParamSpec *pspec)
{
  g_autoptr (GstStructure) structure = NULL;

  if (pspec->owner_type != G_OBJECT_TYPE (object)
      || (pspec->flags & G_PARAM_READWRITE) != G_PARAM_READWRITE)
    return FALSE;
  if (pspec->value_type != GST_TYPE_STRUCTURE)
    return TRUE;
  g_object_get (object, pspec->name, &structure, NULL);

  return structure != NULL;
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

void
gst_genvid_src_init_preset (gpointer iface, gpointer data)
{
  GstPresetInterface *preset = iface;

  preset->get_property_names = gst_genvid_src_get_property_names;
}
