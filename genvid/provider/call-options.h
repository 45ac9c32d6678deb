/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "call.h"

G_BEGIN_DECLS

/* Splits OPTIONS into parameters and extras; the rest of the parameters come
 * from ENVIRONMENT and from their defaults. Before a call is chosen. */
gboolean genvid_call_take_options (GenvidCall *call, JsonObject *options,
                                   JsonObject *environment, GError **error);
/* After a call is chosen: what it needs, and what it has no use for. */
gboolean genvid_call_check_options (GenvidCall *call, GPtrArray *warnings,
                                    GError **error);

G_END_DECLS
