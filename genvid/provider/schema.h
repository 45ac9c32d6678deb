/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Checks ROOT, a description, against the vocabulary: known keys, each of the
 * right form. GENVID_ERROR (settings) names the place. What keys mean together
 * is checked by genvid_description_new. */
gboolean genvid_schema_check (JsonNode *root, GError **error);

G_END_DECLS
