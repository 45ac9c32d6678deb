/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "call.h"
#include "provider.h"
#include "request.h"

G_BEGIN_DECLS

/* Splits OPTIONS into parameters and extras; the rest of the parameters come
 * from ENVIRONMENT and from their defaults. Before a call is chosen. */
gboolean genvid_call_take_options (GenvidCall *call, JsonObject *options,
                                   JsonObject *environment, GError **error);
/* After a call is chosen: what it needs, and what it has no use for. */
gboolean genvid_call_check_options (GenvidCall *call, GPtrArray *warnings,
                                    GError **error);

/* The options of REQUEST are a URI's: each takes the spelling of PROVIDER's
 * declared parameter. FALSE with GENVID_ERROR (settings) for one that is not
 * declared, which names the nearest known member, and for a setting. */
gboolean genvid_uri_options_resolve (GenvidRequest *request,
                                     const GenvidProvider *provider,
                                     GError **error);

G_END_DECLS
