/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/**
 * SECTION:genvid-context
 * @title: Contexts
 * @short_description: names of the contexts that hand over keys and limits
 *
 * A player makes its source from a URI, and a genvid: URI may not say keys or
 * limits. The application hands them over as a #GstContext, on the pipeline or
 * in reply to a message NEED_CONTEXT, in a sync handler of the bus. Every
 * genvidsrc and genvidlivesrc that is or will be in the pipeline gets it.
 *
 * |[
 * GHashTable *keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
 *                                           g_free);
 * GstContext *context = gst_context_new (GENVID_CONTEXT_CREDENTIALS, TRUE);
 *
 * g_hash_table_insert (keys, g_strdup ("genpro"), g_strdup (key));
 * gst_structure_set (gst_context_writable_structure (context),
 *                    GENVID_CONTEXT_KEYS, G_TYPE_HASH_TABLE, keys, NULL);
 * g_hash_table_unref (keys);
 * gst_element_set_context (pipeline, context);
 * gst_context_unref (context);
 * ]|
 *
 * A context counts from the next start of an element (READY to PAUSED).
 * Properties of the element go before it, and the environment comes after it;
 * of two limits the lower one holds.
 *
 * Since: 0.2
 */

/**
 * GENVID_CONTEXT_CREDENTIALS:
 *
 * The type of the context with the keys. It is asked for when neither api-key
 * nor api-key-file is set.
 *
 * Since: 0.2
 */
#define GENVID_CONTEXT_CREDENTIALS "genvid.credentials"

/**
 * GENVID_CONTEXT_KEYS:
 *
 * A field of GENVID_CONTEXT_CREDENTIALS: a #GHashTable from the name of a
 * service (string) to its key (string), which must not change any more.
 * GStreamer cannot print a hash table, so no log and no dump shows it. With one
 * key in it, provider need not be set.
 *
 * Since: 0.2
 */
#define GENVID_CONTEXT_KEYS "keys"

/**
 * GENVID_CONTEXT_SETTINGS:
 *
 * The type of the context with all else that a URI may not say. Its fields are
 * named, and have types, as properties of genvidsrc: max-cost, budget, store,
 * reuse, on-stop, if-in-doubt, max-size, timeout, poll-interval,
 * allow-private, provider, and base-url, ca-file and api-key-file, which belong
 * to the service that provider names, and to no other. Another field is an
 * error. Values are not secret: a log shows them.
 *
 * Since: 0.2
 */
#define GENVID_CONTEXT_SETTINGS "genvid.settings"
