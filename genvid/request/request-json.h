/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "request.h"

G_BEGIN_DECLS

/* The request as JSON in our words, nothing left out and nothing hidden; what
 * is unset is absent. An input is {"id" | "file" | "link": VALUE, "sha256":
 * HEX}; a path that is not UTF-8 is made so. Owned by the caller. */
JsonObject *genvid_request_to_json (const GenvidRequest *request);
/* NULL with GENVID_ERROR (bad-answer) that names the damaged member; an
 * unknown one is passed over. Owned by the caller. */
GenvidRequest *genvid_request_from_json (JsonObject *object, GError **error);

G_END_DECLS
