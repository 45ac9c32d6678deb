/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Property values in and out of the settings. Whatever is set is kept as it
 * was given; nothing is refused here. */

#include "gstgenvidproperties.h"

#include <genvid/genvid-text.h>

/* NULL: not a plain string. */
static char **
get_text (GstGenvidSettings *settings, guint id)
{
  GenvidOrder *order = settings->order;

  switch (id) {
  case PROP_PROVIDER:
    return &order->provider;
  case PROP_API_KEY_FILE:
    return &order->api_key_file;
  case PROP_BASE_URL:
    return &order->base_url;
  case PROP_CA_FILE:
    return &order->ca_file;
  case PROP_PROMPT:
    return &order->request->prompt;
  case PROP_NEGATIVE_PROMPT:
    return &order->request->negative_prompt;
  case PROP_MODEL:
    return &order->request->model;
  case PROP_STYLE:
    return &order->request->style;
  case PROP_ASPECT_RATIO:
    return &order->request->aspect_ratio;
  case PROP_RESOLUTION:
    return &order->request->resolution;
  case PROP_IMAGE:
    return &settings->image;
  case PROP_END_IMAGE:
    return &settings->end_image;
  case PROP_ADOPT:
    return &order->adopt;
  case PROP_STORE:
    return &order->store;
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
set_limit (GenvidOrder *order, guint id, const GValue *value)
{
  switch (id) {
  case PROP_ON_STOP:
    order->on_stop = g_value_get_enum (value);
    break;
  case PROP_IF_IN_DOUBT:
    order->if_in_doubt = g_value_get_enum (value);
    break;
  case PROP_MAX_COST:
    order->max_cost = g_value_get_double (value);
    break;
  case PROP_BUDGET:
    order->budget = g_value_get_double (value);
    break;
  case PROP_MAX_SIZE:
    order->max_size = g_value_get_uint64 (value);
    break;
  case PROP_TIMEOUT:
    order->timeout = g_value_get_uint (value);
    break;
  case PROP_POLL_INTERVAL:
    order->poll_interval = g_value_get_uint (value);
    break;
  case PROP_ALLOW_PRIVATE:
    order->allow_private = g_value_get_boolean (value);
    break;
  default:
    break;
  }
}

void
gst_genvid_settings_set_value (GstGenvidSettings *settings, guint id,
                               const GValue *value)
{
  GenvidOrder *order = settings->order;
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
    genvid_text_free_secret (order->api_key);
    order->api_key = g_value_dup_string (value);
    break;
  case PROP_DURATION:
    order->request->duration = g_value_get_uint (value);
    break;
  case PROP_SEED:
    order->request->seed = g_value_get_int64 (value);
    break;
  case PROP_REFERENCES:
    g_value_copy (value, &settings->references);
    break;
  case PROP_VARIABLES:
    set_structure (&settings->variables, value);
    break;
  case PROP_OPTIONS:
    set_structure (&settings->options, value);
    order->options_from_uri = FALSE;
    break;
  case PROP_TAKE:
    order->request->take = g_value_get_uint (value);
    break;
  case PROP_REUSE:
    order->reuse = g_value_get_enum (value);
    settings->reuse_only_by_uri = FALSE;
    break;
  default:
    set_limit (order, id, value);
    break;
  }
}

static void
get_limit (const GenvidOrder *order, guint id, GValue *value)
{
  switch (id) {
  case PROP_ON_STOP:
    g_value_set_enum (value, order->on_stop);
    break;
  case PROP_IF_IN_DOUBT:
    g_value_set_enum (value, order->if_in_doubt);
    break;
  case PROP_MAX_COST:
    g_value_set_double (value, order->max_cost);
    break;
  case PROP_BUDGET:
    g_value_set_double (value, order->budget);
    break;
  case PROP_MAX_SIZE:
    g_value_set_uint64 (value, order->max_size);
    break;
  case PROP_TIMEOUT:
    g_value_set_uint (value, order->timeout);
    break;
  case PROP_POLL_INTERVAL:
    g_value_set_uint (value, order->poll_interval);
    break;
  case PROP_ALLOW_PRIVATE:
    g_value_set_boolean (value, order->allow_private);
    break;
  default:
    break;
  }
}

void
gst_genvid_settings_get_value (GstGenvidSettings *settings, guint id,
                               GValue *value)
{
  const GenvidOrder *order = settings->order;
  char **text = get_text (settings, id);

  if (text != NULL) {
    g_value_set_string (value, *text);
    return;
  }
  switch (id) {
  case PROP_DURATION:
    g_value_set_uint (value, order->request->duration);
    break;
  case PROP_SEED:
    g_value_set_int64 (value, order->request->seed);
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
    g_value_set_uint (value, order->request->take);
    break;
  case PROP_REUSE:
    g_value_set_enum (value, settings->reuse_only_by_uri ? GENVID_REUSE_ONLY
                                                         : order->reuse);
    break;
  default:
    get_limit (order, id, value);
    break;
  }
}
