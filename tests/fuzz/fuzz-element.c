/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The real element: the first line is a URI for its handler, each further one
 * "property=value" for a property that holds words or a structure. A URI that
 * it took is told again as one that it takes; none sets what a stranger may
 * not. */
#include "fuzz.h"

#include <gst/gst.h>

#include <string.h>

GST_PLUGIN_STATIC_DECLARE (genvid);

static const char *const properties[]
    = { "prompt",       "negative-prompt", "model",     "style",
        "aspect-ratio", "resolution",      "duration",  "seed",
        "image",        "references",      "variables", "options",
        "take",         "max-cost",        "end-image", "provider" };

/* GStreamer's own parser warns of another name, before we see anything. */
static gboolean
has_name (const char *text)
{
  gsize length
      = strspn (text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                      "0123456789/-_.:+");

  return g_ascii_isalpha (*text) && strchr (",;", text[length]) != NULL;
}

static void
set_line (GstElement *element, const char *line)
{
  const char *equals = strchr (line, '=');
  g_autofree char *name
      = g_strndup (line, equals != NULL ? (gsize)(equals - line) : 0);
  g_auto (GValue) value = G_VALUE_INIT;
  GParamSpec *spec;

  for (guint i = 0; i < G_N_ELEMENTS (properties); i++) {
    if (strcmp (name, properties[i]) != 0)
      continue;
    spec = g_object_class_find_property (G_OBJECT_GET_CLASS (element), name);
    if (spec->value_type == GST_TYPE_STRUCTURE && !has_name (equals + 1))
      continue;
    g_value_init (&value, spec->value_type);
    if (gst_value_deserialize (&value, equals + 1)
        && !g_param_value_validate (spec, &value))
      g_object_set_property (G_OBJECT (element), name, &value);
  }
}

/* Those of a stranger's reach must be as they were. */
static void
check_untouched (GstElement *element)
{
  g_autofree char *base = NULL, *file = NULL, *store = NULL, *ca = NULL;
  gboolean private;

  g_object_get (element, "base-url", &base, "api-key-file", &file, "store",
                &store, "ca-file", &ca, "allow-private", &private, NULL);
  g_assert_null (base);
  g_assert_null (file);
  g_assert_null (store);
  g_assert_null (ca);
  g_assert_false (private);
}

static void
check_uri (GstElement *element)
{
  g_autofree char *first = gst_uri_handler_get_uri (GST_URI_HANDLER (element));
  g_autofree char *second = NULL;

  if (first == NULL)
    return;
  g_assert_true (gst_uri_is_valid (first));
  g_assert_true (g_str_is_ascii (first));
  g_assert_true (
      gst_uri_handler_set_uri (GST_URI_HANDLER (element), first, NULL));
  second = gst_uri_handler_get_uri (GST_URI_HANDLER (element));
  g_assert_cmpstr (first, ==, second);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", 12);
  g_autoptr (GstElement) element = NULL;
  g_autoptr (GError) error = NULL;

  if (!gst_is_initialized ()) {
    g_setenv ("GST_REGISTRY_DISABLE", "yes", TRUE);
    gst_init (NULL, NULL);
    GST_PLUGIN_STATIC_REGISTER (genvid);
  }
  if (lines[0] == NULL)
    return 0;
  element = gst_object_ref_sink (gst_element_factory_make ("genvidsrc", NULL));
  if (gst_uri_handler_set_uri (GST_URI_HANDLER (element), lines[0], &error))
    check_uri (element);
  else
    g_assert_nonnull (error);
  check_untouched (element);
  for (guint i = 1; lines[i] != NULL; i++)
    set_line (element, lines[i]);
  check_uri (element);
  check_untouched (element);
  return 0;
}
