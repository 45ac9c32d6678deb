/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Where a member belongs that no URI may have, as "set …"; NULL for a member
 * that it may have. *PATTERN (nullable): which it is, without a word of the
 * stranger's. */
const char *genvid_request_uri_refusal (const char *name, const char **pattern);
/* A member that is a property of its own and no option of a service. */
gboolean genvid_request_uri_is_own (const char *name);
/* NAME with our own part of it in our spelling. Owned by the caller. */
char *genvid_request_uri_name (const char *name);
/* Appends, borrowed, all that could be meant: what a URI may have, and what it
 * may not. */
void genvid_request_uri_list_names (GPtrArray *names);
/* TEXT as an error may show it: clean and short. Owned by the caller. */
char *genvid_request_uri_show (const char *text);

/* A value of an option: JSON where the text is exactly what JSON would write
 * for it, else a string. Owned by the caller; the inverse pair. */
JsonNode *genvid_request_uri_read_value (const char *text);
char *genvid_request_uri_write_value (JsonNode *node);

G_END_DECLS
