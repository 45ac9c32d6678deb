/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "moment.h"
#include "request-window.h"
#include "store.h"

G_BEGIN_DECLS

/* STORE/pace/<name>: which requests a key has made at an origin, as
 * all processes that share the store have left it. While one is open, the
 * others wait. It is no matter of money and not durable: what is lost is the
 * memory of a minute. */
typedef struct _GenvidRequestLog GenvidRequestLog;

/* Any thread; may wait half a second for another process. The file's name
 * tells neither KEY nor ORIGIN. NULL: it cannot be had now (a store for
 * reading, a holder that is frozen); each process then counts for itself. */
GenvidRequestLog *genvid_request_log_open (GenvidStore *store,
                                           const char *origin, const char *key);
/* WINDOW is now as they all have left it. FALSE: nothing is known, and WINDOW
 * stays as it is. NOW: of genvid_clock_now. */
gboolean genvid_request_log_load (GenvidRequestLog *allowance,
                                  GenvidRequestWindow *window,
                                  const GenvidNow *now);
/* Leaves WINDOW for the others. A failure is no reason to bother anyone. */
void genvid_request_log_save (GenvidRequestLog *allowance,
                              const GenvidRequestWindow *window,
                              const GenvidNow *now);
void genvid_request_log_free (GenvidRequestLog *allowance); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidRequestLog, genvid_request_log_free)

G_END_DECLS
