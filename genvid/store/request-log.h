/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "moment.h"
#include "request-window.h"
#include "store.h"

G_BEGIN_DECLS

/* STORE/pace/<name>: which requests a key has made at an origin, as
 * all processes that share the store have left it. While one has it open, the
 * others wait. It does not concern money and is not durable: at worst a minute
 * of history is lost. */
typedef struct _GenvidRequestLog GenvidRequestLog;

/* Any thread; may wait half a second for another process. The file's name
 * reveals neither KEY nor ORIGIN. NULL: it is not available now (a read-only
 * store, a suspended holder); each process then counts for itself. */
GenvidRequestLog *genvid_request_log_open (GenvidStore *store,
                                           const char *origin, const char *key);
/* Sets WINDOW to what all have left. FALSE: nothing is known, and WINDOW stays
 * as it is. NOW: of genvid_clock_now. */
gboolean genvid_request_log_load (GenvidRequestLog *allowance,
                                  GenvidRequestWindow *window,
                                  const GenvidNow *now);
/* Saves WINDOW for the others. A failure is only logged. */
void genvid_request_log_save (GenvidRequestLog *allowance,
                              const GenvidRequestWindow *window,
                              const GenvidNow *now);
void genvid_request_log_free (GenvidRequestLog *allowance); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidRequestLog, genvid_request_log_free)

G_END_DECLS
