/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Creates the debug categories genvid-job, genvid-http, genvid-store,
 * genvid-clip and genvid-engine, and routes the engine's messages to them.
 * Once. */
void gst_genvid_log_init (void);

G_END_DECLS
