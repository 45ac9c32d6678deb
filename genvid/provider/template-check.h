/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Checks every placeholder and filter of a skeleton against NAMES (a set of
 * known variable names; NULL: any) and TABLES. The error names the place
 * below WHERE: "submit.body.data.duration: unknown filter "itn"". */
gboolean genvid_template_check (JsonNode *skeleton, GHashTable *names,
                                JsonObject *tables, const char *where,
                                GError **error);

/* Adds the names of all variables in a (checked) skeleton to NAMES, a set of
 * owned strings. */
void genvid_template_collect (JsonNode *skeleton, GHashTable *names);

G_END_DECLS
