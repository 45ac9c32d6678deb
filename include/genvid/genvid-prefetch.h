/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <gst/gst.h>

#include <genvid/genvid-types.h>

G_BEGIN_DECLS

#define GENVID_TYPE_PREFETCH (genvid_prefetch_get_type ())

/**
 * GenvidPrefetch:
 *
 * Buys a clip and waits for it, without a pipeline of the application's own.
 * When it is done, every player, editor and element of the user has the clip at
 * once and at no cost. Its properties tell how far it is, with notify::, for a
 * progress bar:
 *
 * - state: #GenvidState
 * - percent: 0 to 100; never goes back
 * - elapsed, expected: seconds; expected is an estimate, 0 is unknown
 * - text: for people, such as "running, 42 s of about 75 s"
 * - cost, currency: -1 and %NULL while unknown
 * - billed: #GenvidBilled
 * - origin: #GenvidOrigin
 * - location: the path of the whole clip
 *
 * An object is used by one thread, the one whose main context runs the
 * callback.
 *
 * Since: 0.2
 */
G_DECLARE_FINAL_TYPE (GenvidPrefetch, genvid_prefetch, GENVID, PREFETCH,
                      GObject)

/**
 * genvid_prefetch_new:
 * @uri: a genvid: URI
 *
 * A URI buys only within a limit: hand one over with
 * genvid_context_for_settings(), or the user sets it in the environment.
 *
 * Returns: (transfer full): a new prefetch, which has not begun
 *
 * Since: 0.2
 */
GenvidPrefetch *genvid_prefetch_new (const char *uri);

/**
 * genvid_prefetch_new_for_source:
 * @source: (transfer floating): a genvidsrc that is in no bin
 *
 * For what a URI cannot say, such as local images.
 *
 * Returns: (transfer full): a new prefetch, which has not begun
 *
 * Since: 0.2
 */
GenvidPrefetch *genvid_prefetch_new_for_source (GstElement *source);

/**
 * genvid_prefetch_set_context:
 * @self: a prefetch
 * @context: keys or settings, as of genvid-context.h
 *
 * For the next run.
 *
 * Since: 0.2
 */
void genvid_prefetch_set_context (GenvidPrefetch *self, GstContext *context);

/**
 * genvid_prefetch_run_async:
 * @self: a prefetch that is not running
 * @cancellable: (nullable): stops the wait. The purchase is kept, and another
 *   run continues it; on-stop=cancel in the settings cancels it at the service
 * @callback: (scope async): called from the thread-default main context
 * @user_data: (closure callback): for @callback
 *
 * Buys the clip, unless it is in the store or being bought, and waits until all
 * of it is in the store. It returns at once.
 *
 * Since: 0.2
 */
void genvid_prefetch_run_async (GenvidPrefetch *self, GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);

/**
 * genvid_prefetch_run_finish:
 * @self: a prefetch
 * @result: as given to the callback
 * @error: of %GENVID_ERROR, or %G_IO_ERROR_CANCELLED, or another element's
 *
 * Returns: (transfer full) (type filename): the path of the clip; %NULL with an
 *   error
 *
 * Since: 0.2
 */
char *genvid_prefetch_run_finish (GenvidPrefetch *self, GAsyncResult *result,
                                  GError **error);

/**
 * genvid_context_for_keys:
 * @keys: (element-type utf8 utf8): from the name of a service to its key
 *
 * A context that can be set on any pipeline. It has copies, which are wiped
 * when they are freed.
 *
 * Returns: (transfer full): a context genvid.credentials
 *
 * Since: 0.2
 */
GstContext *genvid_context_for_keys (GHashTable *keys);

/**
 * genvid_context_for_settings:
 * @settings: fields as genvid-context.h lists them; its name does not matter
 *
 * A context that can be set on any pipeline.
 *
 * Returns: (transfer full): a context genvid.settings
 *
 * Since: 0.2
 */
GstContext *genvid_context_for_settings (const GstStructure *settings);

G_END_DECLS
