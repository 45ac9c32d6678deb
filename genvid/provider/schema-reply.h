/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "schema-check.h"

G_BEGIN_DECLS

/* The values of the keys of these names. */
gboolean genvid_schema_check_statuses (const GenvidSchema *schema,
                                       JsonNode *node, const char *where,
                                       GError **error);
gboolean genvid_schema_check_billing (const GenvidSchema *schema,
                                      JsonNode *node, const char *where,
                                      GError **error);
gboolean genvid_schema_check_refused (const GenvidSchema *schema,
                                      JsonNode *node, const char *where,
                                      GError **error);
gboolean genvid_schema_check_billed (const GenvidSchema *schema, JsonNode *node,
                                     const char *where, GError **error);
gboolean genvid_schema_check_reply (const GenvidSchema *schema, JsonNode *node,
                                    const char *where, GError **error);
gboolean genvid_schema_check_errors (const GenvidSchema *schema, JsonNode *node,
                                     const char *where, GError **error);
gboolean genvid_schema_check_forbid (const GenvidSchema *schema, JsonNode *node,
                                     const char *where, GError **error);
gboolean genvid_schema_check_price (const GenvidSchema *schema, JsonNode *node,
                                    const char *where, GError **error);
gboolean genvid_schema_check_times (const GenvidSchema *schema, JsonNode *node,
                                    const char *where, GError **error);
gboolean genvid_schema_check_credit (const GenvidSchema *schema, JsonNode *node,
                                     const char *where, GError **error);
gboolean genvid_schema_check_limits (const GenvidSchema *schema, JsonNode *node,
                                     const char *where, GError **error);
gboolean genvid_schema_check_recovery (const GenvidSchema *schema,
                                       JsonNode *node, const char *where,
                                       GError **error);

G_END_DECLS
