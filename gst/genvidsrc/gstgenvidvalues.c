/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Property values in and out of the settings, by a table that says where each
 * one lies. A value is kept as it was given; nothing is checked here. */

#include "gstgenvidproperties.h"

#include "request.h"
#include "settings.h"
#include "text.h"

typedef enum { OURS, SETTINGS, REQUEST } Owner;

#define AT(owner, type, member)                                                \
  {                                                                            \
    owner, G_STRUCT_OFFSET (type, member)                                      \
  }
#define OF_OURS(member)     AT (OURS, GstGenvidSettings, member)
#define OF_SETTINGS(member) AT (SETTINGS, GenvidSettings, member)
#define OF_REQUEST(member)  AT (REQUEST, GenvidRequest, member)

static const struct {
  Owner owner;
  gsize offset;
} places[PROP_REPORTS] = {
  [PROP_PROVIDER] = OF_SETTINGS (provider),
  [PROP_API_KEY] = OF_SETTINGS (api_key),
  [PROP_API_KEY_FILE] = OF_SETTINGS (api_key_file),
  [PROP_BASE_URL] = OF_SETTINGS (base_url),
  [PROP_CA_FILE] = OF_SETTINGS (ca_file),
  [PROP_PROMPT] = OF_REQUEST (prompt),
  [PROP_NEGATIVE_PROMPT] = OF_REQUEST (negative_prompt),
  [PROP_MODEL] = OF_REQUEST (model),
  [PROP_STYLE] = OF_REQUEST (style),
  [PROP_ASPECT_RATIO] = OF_REQUEST (aspect_ratio),
  [PROP_RESOLUTION] = OF_REQUEST (resolution),
  [PROP_DURATION] = OF_OURS (duration),
  [PROP_EXACT_DURATION] = OF_OURS (exact_duration),
  [PROP_SEED] = OF_REQUEST (seed),
  [PROP_IMAGE] = OF_OURS (image),
  [PROP_END_IMAGE] = OF_OURS (end_image),
  [PROP_VIDEO] = OF_OURS (video),
  [PROP_AUDIO_INPUT] = OF_OURS (audio_input),
  [PROP_AUDIO] = OF_REQUEST (audio),
  [PROP_FPS] = OF_REQUEST (fps),
  [PROP_REFERENCES] = OF_OURS (references),
  [PROP_VARIABLES] = OF_OURS (variables),
  [PROP_OPTIONS] = OF_OURS (options),
  [PROP_TAKE] = OF_REQUEST (take),
  [PROP_ADOPT] = OF_SETTINGS (adopt),
  [PROP_SAVE_TO] = OF_SETTINGS (save_to),
  [PROP_STORE] = OF_SETTINGS (store),
  [PROP_REUSE] = OF_SETTINGS (reuse),
  [PROP_ON_STOP] = OF_SETTINGS (on_stop),
  [PROP_IF_IN_DOUBT] = OF_SETTINGS (if_in_doubt),
  [PROP_MAX_COST] = OF_SETTINGS (max_cost),
  [PROP_BUDGET] = OF_SETTINGS (budget),
  [PROP_MAX_SIZE] = OF_SETTINGS (max_size),
  [PROP_TIMEOUT] = OF_SETTINGS (timeout),
  [PROP_POLL_INTERVAL] = OF_SETTINGS (poll_interval),
  [PROP_ALLOW_PRIVATE] = OF_SETTINGS (allow_private),
};

static gpointer
locate (const GstGenvidSettings *settings, guint id)
{
  gconstpointer owners[] = {
    [OURS] = settings,
    [SETTINGS] = settings->wanted,
    [REQUEST] = settings->wanted->request,
  };

  return G_STRUCT_MEMBER_P (owners[places[id].owner], places[id].offset);
}

/* Any text may be the key, so each is wiped. */
static void
store_string (char **field, const GValue *value)
{
  genvid_text_free_secret (*field);
  *field = g_value_dup_string (value);
}

static void
store_structure (GstStructure **field, const GValue *value)
{
  g_clear_pointer (field, gst_structure_free);
  *field = g_value_dup_boxed (value);
}

/* What the user sets no longer comes from a URI. */
static void
forget_uri (GstGenvidSettings *settings, guint id)
{
  if (id == PROP_PROVIDER)
    settings->provider_by_uri = FALSE;
  else if (id == PROP_OPTIONS)
    settings->wanted->options_from_uri = FALSE;
  else if (id == PROP_REUSE)
    settings->reuse_only_by_uri = FALSE;
}

void
gst_genvid_settings_set_value (GstGenvidSettings *settings, guint id,
                               const GValue *value)
{
  gpointer field = locate (settings, id);

  if (G_VALUE_HOLDS_STRING (value))
    store_string (field, value);
  else if (G_VALUE_HOLDS_UINT (value))
    *(guint *)field = g_value_get_uint (value);
  else if (G_VALUE_HOLDS_INT64 (value))
    *(gint64 *)field = g_value_get_int64 (value);
  else if (G_VALUE_HOLDS_UINT64 (value))
    *(guint64 *)field = g_value_get_uint64 (value);
  else if (G_VALUE_HOLDS_DOUBLE (value))
    *(double *)field = g_value_get_double (value);
  else if (G_VALUE_HOLDS_BOOLEAN (value))
    *(gboolean *)field = g_value_get_boolean (value);
  else if (G_VALUE_HOLDS_ENUM (value))
    *(gint *)field = g_value_get_enum (value);
  else if (G_VALUE_HOLDS (value, GST_TYPE_STRUCTURE))
    store_structure (field, value);
  else
    g_value_copy (value, field);
  forget_uri (settings, id);
}

void
gst_genvid_settings_get_value (const GstGenvidSettings *settings, guint id,
                               GValue *value)
{
  gconstpointer field = locate (settings, id);

  if (G_VALUE_HOLDS_STRING (value))
    g_value_set_string (value, *(char *const *)field);
  else if (G_VALUE_HOLDS_UINT (value))
    g_value_set_uint (value, *(const guint *)field);
  else if (G_VALUE_HOLDS_INT64 (value))
    g_value_set_int64 (value, *(const gint64 *)field);
  else if (G_VALUE_HOLDS_UINT64 (value))
    g_value_set_uint64 (value, *(const guint64 *)field);
  else if (G_VALUE_HOLDS_DOUBLE (value))
    g_value_set_double (value, *(const double *)field);
  else if (G_VALUE_HOLDS_BOOLEAN (value))
    g_value_set_boolean (value, *(const gboolean *)field);
  else if (id == PROP_REUSE && settings->reuse_only_by_uri)
    g_value_set_enum (value, GENVID_REUSE_ONLY);
  else if (G_VALUE_HOLDS_ENUM (value))
    g_value_set_enum (value, *(const gint *)field);
  else if (G_VALUE_HOLDS (value, GST_TYPE_STRUCTURE))
    g_value_set_boxed (value, *(GstStructure *const *)field);
  else
    g_value_copy (field, value);
}
