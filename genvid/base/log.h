/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the engine says of itself, for whoever debugs it. It goes to one hook
 * (the plugin's is GStreamer's debug log), or nowhere. Any thread; the hook
 * is set once, before the first call, and must be thread-safe.
 *
 * INFO: each change of state. DEBUG: each exchange, one line. LOG: retries,
 * locks, ranges, and what only LOG may show: prompts, and words of the service,
 * which may quote them. Never, at any level: a key, the query of a URL, a
 * signature. */

typedef enum {
  GENVID_LOG_JOB,
  GENVID_LOG_HTTP,
  GENVID_LOG_STORE,
  GENVID_LOG_CLIP,
  GENVID_LOG_ENGINE,
  GENVID_LOG_N_ROOMS,
} GenvidLogRoom;

typedef enum {
  GENVID_LOG_INFO,
  GENVID_LOG_DEBUG,
  GENVID_LOG_LOG,
} GenvidLogLevel;

/* MESSAGE: one line, NULL for the question whether anyone listens to ROOM at
 * LEVEL. FALSE: nobody does. */
typedef gboolean (*GenvidLogHook) (GenvidLogRoom room, GenvidLogLevel level,
                                   const char *message);
void genvid_log_set_hook (GenvidLogHook hook);

/* Costs one call of the hook where nobody listens: the text is made only for
 * those who do. */
void genvid_log (GenvidLogRoom room, GenvidLogLevel level, const char *format,
                 ...) G_GNUC_PRINTF (3, 4);

G_END_DECLS
