/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a consumer asks for, as a value. */

#include <genvid/io/genvid-run.h>

#include <genvid/genvid-text.h>

GenvidOrder *
genvid_order_new (void)
{
  GenvidOrder *order = g_new0 (GenvidOrder, 1);

  order->request = genvid_request_new ();
  order->max_cost = -1;
  order->budget = -1;
  order->uri_max_cost = -1;
  order->max_size = G_GUINT64_CONSTANT (2) * 1024 * 1024 * 1024;

  return order;
}

GenvidOrder *
genvid_order_copy (const GenvidOrder *order)
{
  GenvidOrder *copy = g_memdup2 (order, sizeof *order);

  copy->request = genvid_request_copy (order->request);
  copy->provider = g_strdup (order->provider);
  copy->api_key = g_strdup (order->api_key);
  copy->api_key_file = g_strdup (order->api_key_file);
  copy->base_url = g_strdup (order->base_url);
  copy->ca_file = g_strdup (order->ca_file);
  copy->adopt = g_strdup (order->adopt);
  copy->store = g_strdup (order->store);
  copy->fingerprint = g_strdup (order->fingerprint);

  return copy;
}

void
genvid_order_free (GenvidOrder *order)
{
  if (order == NULL)
    return;

  genvid_request_free (order->request);
  g_free (order->provider);
  genvid_text_free_secret (order->api_key);
  g_free (order->api_key_file);
  g_free (order->base_url);
  g_free (order->ca_file);
  g_free (order->adopt);
  g_free (order->store);
  g_free (order->fingerprint);
  g_free (order);
}
