/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a consumer asks for, as a value. */

#include "settings.h"

#include "request.h"
#include "text.h"

GenvidSettings *
genvid_settings_new (void)
{
  GenvidSettings *settings = g_new0 (GenvidSettings, 1);

  settings->request = genvid_request_new ();
  settings->max_cost = -1;
  settings->budget = -1;
  settings->uri_max_cost = -1;
  settings->max_size = G_GUINT64_CONSTANT (2) * 1024 * 1024 * 1024;

  return settings;
}

GenvidSettings *
genvid_settings_copy (const GenvidSettings *settings)
{
  GenvidSettings *copy = g_memdup2 (settings, sizeof *settings);

  copy->request = genvid_request_copy (settings->request);
  copy->provider = g_strdup (settings->provider);
  copy->api_key = g_strdup (settings->api_key);
  if (settings->keys != NULL)
    g_hash_table_ref (settings->keys);
  copy->api_key_file = g_strdup (settings->api_key_file);
  copy->base_url = g_strdup (settings->base_url);
  copy->ca_file = g_strdup (settings->ca_file);
  copy->adopt = g_strdup (settings->adopt);
  copy->save_to = g_strdup (settings->save_to);
  copy->store = g_strdup (settings->store);
  copy->fingerprint = g_strdup (settings->fingerprint);

  return copy;
}

void
genvid_settings_free (GenvidSettings *settings)
{
  if (settings == NULL)
    return;

  genvid_request_free (settings->request);
  g_free (settings->provider);
  genvid_text_free_secret (settings->api_key);
  g_clear_pointer (&settings->keys, g_hash_table_unref);
  g_free (settings->api_key_file);
  g_free (settings->base_url);
  g_free (settings->ca_file);
  g_free (settings->adopt);
  g_free (settings->save_to);
  g_free (settings->store);
  g_free (settings->fingerprint);
  g_free (settings);
}
