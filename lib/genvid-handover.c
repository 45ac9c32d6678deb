/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The contexts of genvid-context.h, for languages that cannot make a GValue
 * with a hash table. */

#include <genvid/genvid-context.h>
#include <genvid/genvid-prefetch.h>
#include <string.h>

G_DEFINE_QUARK (genvid - error - quark, genvid_error)

static void
wipe (gpointer data)
{
  explicit_bzero (data, strlen (data));
  g_free (data);
}

GstContext *
genvid_context_for_keys (GHashTable *keys)
{
  g_autoptr (GHashTable) copies
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, wipe);
  GstContext *context = gst_context_new (GENVID_CONTEXT_CREDENTIALS, TRUE);
  GHashTableIter iter;
  gpointer service;
  gpointer key;

  g_hash_table_iter_init (&iter, keys);
  while (g_hash_table_iter_next (&iter, &service, &key))
    g_hash_table_insert (copies, g_strdup (service), g_strdup (key));
  gst_structure_set (gst_context_writable_structure (context),
                     GENVID_CONTEXT_KEYS, G_TYPE_HASH_TABLE, copies, NULL);
  return context;
}

static gboolean
copy_field (GQuark field, const GValue *value, gpointer data)
{
  gst_structure_id_set_value (data, field, value);
  return TRUE;
}

GstContext *
genvid_context_for_settings (const GstStructure *settings)
{
  GstContext *context = gst_context_new (GENVID_CONTEXT_SETTINGS, TRUE);

  gst_structure_foreach (settings, copy_field,
                         gst_context_writable_structure (context));
  return context;
}
