/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "schema.h"

G_BEGIN_DECLS

gboolean genvid_schema_check_complain (GError **error, const char *where,
                                       const char *problem, ...)
    G_GNUC_PRINTF (3, 4);

/* NODE is an object that has no key but KEYS (ends with an empty one), all
 * required ones, and each as its check wants it. */
gboolean genvid_schema_check_keys (const GenvidSchema *schema, JsonNode *node,
                                   const GenvidKey *keys, const char *where,
                                   GError **error);
/* NODE is a list of at least one, each as CHECK wants it. */
gboolean genvid_schema_check_list (const GenvidSchema *schema, JsonNode *node,
                                   GenvidCheck check, const char *where,
                                   GError **error);
/* NODE is an object whose members have any name and are as CHECK wants. */
gboolean genvid_schema_check_members (const GenvidSchema *schema,
                                      JsonNode *node, GenvidCheck check,
                                      const char *where, GError **error);
/* NODE is one of NAMES. */
gboolean genvid_schema_check_choice (JsonNode *node, const char *const *names,
                                     const char *where, GError **error);

gboolean genvid_schema_check_text (const GenvidSchema *schema, JsonNode *node,
                                   const char *where, GError **error);
gboolean genvid_schema_check_name (const GenvidSchema *schema, JsonNode *node,
                                   const char *where, GError **error);
gboolean genvid_schema_check_boolean (const GenvidSchema *schema,
                                      JsonNode *node, const char *where,
                                      GError **error);
gboolean genvid_schema_check_integer (const GenvidSchema *schema,
                                      JsonNode *node, const char *where,
                                      GError **error);
/* A whole number from 1. */
gboolean genvid_schema_check_count (const GenvidSchema *schema, JsonNode *node,
                                    const char *where, GError **error);
/* A number that is not negative. */
gboolean genvid_schema_check_amount (const GenvidSchema *schema, JsonNode *node,
                                     const char *where, GError **error);
gboolean genvid_schema_check_scalar (const GenvidSchema *schema, JsonNode *node,
                                     const char *where, GError **error);
gboolean genvid_schema_check_scalars (const GenvidSchema *schema,
                                      JsonNode *node, const char *where,
                                      GError **error);
gboolean genvid_schema_check_texts (const GenvidSchema *schema, JsonNode *node,
                                    const char *where, GError **error);
/* The name of an environment variable. */
gboolean genvid_schema_check_variable (const GenvidSchema *schema,
                                       JsonNode *node, const char *where,
                                       GError **error);
gboolean genvid_schema_check_path (const GenvidSchema *schema, JsonNode *node,
                                   const char *where, GError **error);
/* One path or a list of candidates. */
gboolean genvid_schema_check_paths (const GenvidSchema *schema, JsonNode *node,
                                    const char *where, GError **error);
gboolean genvid_schema_check_condition (const GenvidSchema *schema,
                                        JsonNode *node, const char *where,
                                        GError **error);

G_END_DECLS
