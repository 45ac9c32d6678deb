/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Property values in and out of the settings. Whatever is set is kept as it
 * was given; nothing is refused here. */

#include "gstgenvidproperties.h"

#include "settings.h"
#include "text.h"

/* NULL: not a plain string. */
static char **
get_text (GstGenvidSettings *settings, guint id)
{
  GenvidSettings *wanted = settings->wanted;

  switch (id) {
  case PROP_PROVIDER:
    return &wanted->provider;
  case PROP_API_KEY_FILE:
    return &wanted->api_key_file;
  case PROP_BASE_URL:
    return &wanted->base_url;
  case PROP_CA_FILE:
    return &wanted->ca_file;
  case PROP_PROMPT:
    return &wanted->request->prompt;
  case PROP_NEGATIVE_PROMPT:
    return &wanted->request->negative_prompt;
  case PROP_MODEL:
    return &wanted->request->model;
  case PROP_STYLE:
    return &wanted->request->style;
  case PROP_ASPECT_RATIO:
    return &wanted->request->aspect_ratio;
  case PROP_RESOLUTION:
    return &wanted->request->resolution;
  case PROP_IMAGE:
    return &settings->image;
  case PROP_END_IMAGE:
    return &settings->end_image;
  case PROP_ADOPT:
    return &wanted->adopt;
  case PROP_STORE:
    return &wanted->store;
  default:
    return NULL;
  }
}

static void
set_structure (GstStructure **slot, const GValue *value)
{
  g_clear_pointer (slot, gst_structure_free);
  *slot = g_value_dup_boxed (value);
}

static void
set_limit (GenvidSettings *wanted, guint id, const GValue *value)
{
  switch (id) {
  case PROP_ON_STOP:
    wanted->on_stop = g_value_get_enum (value);
    break;
  case PROP_IF_IN_DOUBT:
    wanted->if_in_doubt = g_value_get_enum (value);
    break;
  case PROP_MAX_COST:
    wanted->max_cost = g_value_get_double (value);
    break;
  case PROP_BUDGET:
    wanted->budget = g_value_get_double (value);
    break;
  case PROP_MAX_SIZE:
    wanted->max_size = g_value_get_uint64 (value);
    break;
  case PROP_TIMEOUT:
    wanted->timeout = g_value_get_uint (value);
    break;
  case PROP_POLL_INTERVAL:
    wanted->poll_interval = g_value_get_uint (value);
    break;
  case PROP_ALLOW_PRIVATE:
    wanted->allow_private = g_value_get_boolean (value);
    break;
  default:
    break;
  }
}

void
gst_genvid_settings_set_value (GstGenvidSettings *settings, guint id,
                               const GValue *value)
{
  GenvidSettings *wanted = settings->wanted;
  char **text = get_text (settings, id);

  if (text != NULL) {
    g_free (*text);
    *text = g_value_dup_string (value);
  }
  switch (id) {
  case PROP_PROVIDER:
    settings->provider_by_uri = FALSE;
    break;
  case PROP_API_KEY:
    genvid_text_free_secret (wanted->api_key);
    wanted->api_key = g_value_dup_string (value);
    break;
  case PROP_DURATION:
    wanted->request->duration = g_value_get_uint (value);
    break;
  case PROP_SEED:
    wanted->request->seed = g_value_get_int64 (value);
    break;
  case PROP_REFERENCES:
    g_value_copy (value, &settings->references);
    break;
  case PROP_VARIABLES:
    set_structure (&settings->variables, value);
    break;
  case PROP_OPTIONS:
    set_structure (&settings->options, value);
    wanted->options_from_uri = FALSE;
    break;
  case PROP_TAKE:
    wanted->request->take = g_value_get_uint (value);
    break;
  case PROP_REUSE:
    wanted->reuse = g_value_get_enum (value);
    settings->reuse_only_by_uri = FALSE;
    break;
  default:
    set_limit (wanted, id, value);
    break;
  }
}

static void
get_limit (const GenvidSettings *wanted, guint id, GValue *value)
{
  switch (id) {
  case PROP_ON_STOP:
    g_value_set_enum (value, wanted->on_stop);
    break;
  case PROP_IF_IN_DOUBT:
    g_value_set_enum (value, wanted->if_in_doubt);
    break;
  case PROP_MAX_COST:
    g_value_set_double (value, wanted->max_cost);
    break;
  case PROP_BUDGET:
    g_value_set_double (value, wanted->budget);
    break;
  case PROP_MAX_SIZE:
    g_value_set_uint64 (value, wanted->max_size);
    break;
  case PROP_TIMEOUT:
    g_value_set_uint (value, wanted->timeout);
    break;
  case PROP_POLL_INTERVAL:
    g_value_set_uint (value, wanted->poll_interval);
    break;
  case PROP_ALLOW_PRIVATE:
    g_value_set_boolean (value, wanted->allow_private);
    break;
  default:
    break;
  }
}

void
gst_genvid_settings_get_value (GstGenvidSettings *settings, guint id,
                               GValue *value)
{
  const GenvidSettings *wanted = settings->wanted;
  char **text = get_text (settings, id);

  if (text != NULL) {
    g_value_set_string (value, *text);
    return;
  }
  switch (id) {
  case PROP_DURATION:
    g_value_set_uint (value, wanted->request->duration);
    break;
  case PROP_SEED:
    g_value_set_int64 (value, wanted->request->seed);
    break;
  case PROP_REFERENCES:
    g_value_copy (&settings->references, value);
    break;
  case PROP_VARIABLES:
    g_value_set_boxed (value, settings->variables);
    break;
  case PROP_OPTIONS:
    g_value_set_boxed (value, settings->options);
    break;
  case PROP_TAKE:
    g_value_set_uint (value, wanted->request->take);
    break;
  case PROP_REUSE:
    g_value_set_enum (value, settings->reuse_only_by_uri ? GENVID_REUSE_ONLY
                                                         : wanted->reuse);
    break;
  default:
    get_limit (wanted, id, value);
    break;
  }
}
