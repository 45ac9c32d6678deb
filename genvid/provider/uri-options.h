/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "provider.h"
#include "request.h"

G_BEGIN_DECLS

/* The options of REQUEST are a URI's: each takes the spelling of PROVIDER's
 * declared parameter. FALSE with GENVID_ERROR (settings) for one that is not
 * declared, which names the nearest known member, and for a setting. */
gboolean genvid_uri_options_resolve (GenvidRequest *request,
                                     const GenvidProvider *provider,
                                     GError **error);

G_END_DECLS
