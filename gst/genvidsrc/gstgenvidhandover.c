/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the application hands over by contexts: keys, and settings that were not
 * set as properties. A mistake in it is an error, since a limit that is not
 * understood would be no limit. */

#include "gstgenvidsrc.h"

#include <genvid/genvid-context.h>

#include "gstgenvidcontext.h"
#include "gstgenvidproperties.h"
#include "failure.h"
#include "settings.h"

typedef struct {
  GenvidSettings *wanted;
  gboolean same_service; /* as the one that the context names */
  GError *error;
} Handover;

static gboolean
is_of_service (guint id)
{
  return id == PROP_PROVIDER || id == PROP_API_KEY_FILE || id == PROP_BASE_URL
         || id == PROP_CA_FILE;
}

static const guint allowed[]
    = { PROP_PROVIDER,      PROP_API_KEY_FILE, PROP_BASE_URL, PROP_CA_FILE,
        PROP_STORE,         PROP_REUSE,        PROP_ON_STOP,  PROP_IF_IN_DOUBT,
        PROP_MAX_COST,      PROP_BUDGET,       PROP_MAX_SIZE, PROP_TIMEOUT,
        PROP_POLL_INTERVAL, PROP_ALLOW_PRIVATE };

/* PROP_0: no such field. */
static guint
find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (allowed); i++)
    if (g_str_equal (gst_genvid_src_get_param_spec (allowed[i])->name, name))
      return allowed[i];
  return PROP_0;
}

static gboolean
refuse_name (Handover *self, const char *name)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (allowed); i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                            gst_genvid_src_get_param_spec (allowed[i])->name);
  g_set_error (&self->error, GENVID_ERROR, GENVID_REASON_SETTINGS,
               "The application's context " GENVID_CONTEXT_SETTINGS
               " has a field \"%s\". It may have %s.",
               name, names->str);
  return FALSE;
}

static gboolean
refuse_value (Handover *self, const char *name)
{
  g_set_error (
      &self->error, GENVID_ERROR, GENVID_REASON_SETTINGS,
      "The field %s of the application's context " GENVID_CONTEXT_SETTINGS
      " is not a value of the property of "
      "that name.",
      name);
  return FALSE;
}

static gboolean
convert (const GValue *value, GParamSpec *spec, GValue *result)
{
  gboolean done;

  g_value_init (result, spec->value_type);
  if (g_value_type_transformable (G_VALUE_TYPE (value), spec->value_type))
    done = g_value_transform (value, result);
  else
    done = G_VALUE_HOLDS_STRING (value)
           && gst_value_deserialize (result, g_value_get_string (value));
  return done && !g_param_value_validate (spec, result);
}

/* A limit never loosens another. */
static gboolean
is_lower (guint id, const GValue *value, const GValue *current)
{
  return (id == PROP_MAX_COST || id == PROP_BUDGET)
         && g_value_get_double (value) >= 0
         && g_value_get_double (value) < g_value_get_double (current);
}

static gboolean
add (GQuark quark, const GValue *value, gpointer data)
{
  Handover *self = data;
  const char *name = g_quark_to_string (quark);
  guint id = find (name);
  GParamSpec *spec = gst_genvid_src_get_param_spec (id);
  GstGenvidSettings shell = { .wanted = self->wanted };
  g_auto (GValue) current = G_VALUE_INIT;
  g_auto (GValue) given = G_VALUE_INIT;

  if (id == PROP_0)
    return refuse_name (self, name);
  if (!convert (value, spec, &given))
    return refuse_value (self, name);
  if (is_of_service (id) && !self->same_service)
    return TRUE;
  g_value_init (&current, spec->value_type);
  gst_genvid_settings_get_value (&shell, id, &current);
  if (g_param_value_defaults (spec, &current)
      || is_lower (id, &given, &current))
    gst_genvid_settings_set_value (&shell, id, &given);
  return TRUE;
}

static gboolean
add_settings (GenvidSettings *wanted, const GstStructure *fields,
              GError **error)
{
  const char *service = gst_structure_get_string (fields, "provider");
  Handover self = { .wanted = wanted };

  if (service == NULL
      && (gst_structure_has_field (fields, "base-url")
          || gst_structure_has_field (fields, "ca-file")
          || gst_structure_has_field (fields, "api-key-file"))) {
    g_set_error_literal (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
                         "The application's context " GENVID_CONTEXT_SETTINGS
                         " has base-url, ca-file or api-key-file, but no "
                         "provider that says to which service they belong.");
    return FALSE;
  }
  self.same_service = service != NULL
                      && (wanted->provider == NULL
                          || g_str_equal (wanted->provider, service));
  gst_structure_foreach (fields, add, &self);
  if (self.error != NULL)
    g_propagate_error (error, self.error);
  return self.error == NULL;
}

static gboolean
add_keys (GenvidSettings *wanted, const GstStructure *fields, GError **error)
{
  const GValue *value = gst_structure_get_value (fields, GENVID_CONTEXT_KEYS);

  if (value == NULL || !G_VALUE_HOLDS (value, G_TYPE_HASH_TABLE)
      || g_value_get_boxed (value) == NULL) {
    g_set_error_literal (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
                         "The application's context " GENVID_CONTEXT_CREDENTIALS
                         " has no field " GENVID_CONTEXT_KEYS
                         " with a hash table.");
    return FALSE;
  }
  wanted->keys = g_value_dup_boxed (value);
  return TRUE;
}

gboolean
gst_genvid_src_hand_over (GstGenvidSrc *self, GenvidSettings *wanted,
                          GError **error)
{
  GstElement *element = GST_ELEMENT (self);
  g_autoptr (GstContext) settings
      = gst_genvid_context_get (element, GENVID_CONTEXT_SETTINGS);
  g_autoptr (GstContext) credentials = NULL;

  if (settings != NULL
      && !add_settings (wanted, gst_context_get_structure (settings), error))
    return FALSE;
  if (wanted->api_key != NULL || wanted->api_key_file != NULL)
    return TRUE;
  credentials = gst_genvid_context_get (element, GENVID_CONTEXT_CREDENTIALS);
  return credentials == NULL
         || add_keys (wanted, gst_context_get_structure (credentials), error);
}
