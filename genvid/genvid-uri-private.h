/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Where a member belongs that no URI may have, as "set …"; NULL for a member
 * that it may have. */
const char *genvid_uri_refusal (const char *name);
/* A member that is a property of its own and no option of a service. */
gboolean genvid_uri_is_own (const char *name);

/* A value of an option: JSON where the text is exactly what JSON would write
 * for it, else a string. Owned by the caller; the inverse pair. */
JsonNode *genvid_uri_read_value (const char *text);
char *genvid_uri_write_value (JsonNode *node);

G_END_DECLS
