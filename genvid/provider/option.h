/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "provider.h"

G_BEGIN_DECLS

/* A declared parameter from its description. Owned by the caller. */
GenvidOption *genvid_option_new (const char *name, JsonObject *object,
                                 GError **error);
void genvid_option_free (GenvidOption *parameter);

/* GIVEN as the parameter's own type; digit strings are integers. NULL with
 * GENVID_ERROR (settings) that says what is expected. Owned by the caller. */
JsonNode *genvid_option_convert (const GenvidOption *parameter, JsonNode *given,
                                 GError **error);

G_END_DECLS
