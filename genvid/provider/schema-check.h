/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Checks of single keys of a description, for the tables in schema.c and
 * schema-check.c and for nobody else. Each says what is wrong and where:
 * GENVID_ERROR (settings), "submit.url: a string is expected". */

typedef struct {
  JsonObject *tables;   /* nullable */
  GHashTable *words;    /* what a condition may test: words and parameters */
  GHashTable *settings; /* parameters that say where a key goes */
  GHashTable *captures; /* what replies capture */
  const char *const *extra; /* variables of the exchange looked at */
} GenvidSchema;

typedef gboolean (*GenvidSchemaCheck) (const GenvidSchema *schema,
                                       JsonNode *node, const char *where,
                                       GError **error);

typedef struct {
  const char *name;
  GenvidSchemaCheck check;
  gboolean required;
} GenvidSchemaKey;

gboolean genvid_schema_check_keys (const GenvidSchema *schema, JsonNode *node,
                                   const GenvidSchemaKey *keys,
                                   const char *where, GError **error);
gboolean genvid_schema_check_list (const GenvidSchema *schema, JsonNode *node,
                                   GenvidSchemaCheck check, const char *where,
                                   GError **error);
gboolean genvid_schema_check_members (const GenvidSchema *schema,
                                      JsonNode *node, GenvidSchemaCheck check,
                                      const char *where, GError **error);
gboolean genvid_schema_check_choice (JsonNode *node, const char *const *names,
                                     const char *where, GError **error);
gboolean genvid_schema_check_text (const GenvidSchema *schema, JsonNode *node,
                                   const char *where, GError **error);
gboolean genvid_schema_check_boolean (const GenvidSchema *schema,
                                      JsonNode *node, const char *where,
                                      GError **error);
gboolean genvid_schema_check_integer (const GenvidSchema *schema,
                                      JsonNode *node, const char *where,
                                      GError **error);
gboolean genvid_schema_check_count (const GenvidSchema *schema, JsonNode *node,
                                    const char *where, GError **error);
gboolean genvid_schema_check_amount (const GenvidSchema *schema, JsonNode *node,
                                     const char *where, GError **error);
gboolean genvid_schema_check_scalar (const GenvidSchema *schema, JsonNode *node,
                                     const char *where, GError **error);
gboolean genvid_schema_check_scalars (const GenvidSchema *schema,
                                      JsonNode *node, const char *where,
                                      GError **error);
gboolean genvid_schema_check_texts (const GenvidSchema *schema, JsonNode *node,
                                    const char *where, GError **error);
gboolean genvid_schema_check_path (const GenvidSchema *schema, JsonNode *node,
                                   const char *where, GError **error);
gboolean genvid_schema_check_paths (const GenvidSchema *schema, JsonNode *node,
                                    const char *where, GError **error);
gboolean genvid_schema_check_condition (const GenvidSchema *schema,
                                        JsonNode *node, const char *where,
                                        GError **error);

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

/* A table of keys as a check of its own. */
#define DEFINE_KEYS(name, ...) static DEFINE_KEYS_PUBLIC (name, __VA_ARGS__)
#define DEFINE_KEYS_PUBLIC(name, ...)                                          \
  gboolean name (const GenvidSchema *schema, JsonNode *node,                   \
                 const char *where, GError **error)                            \
  {                                                                            \
    static const GenvidSchemaKey keys[] = { __VA_ARGS__, { NULL } };           \
    return genvid_schema_check_keys (schema, node, keys, where, error);        \
  }

/* A list (members: an object) of what CHECK wants. */
#define DEFINE_MANY(name, many, check)                                         \
  static DEFINE_MANY_PUBLIC (name, many, check)
#define DEFINE_MANY_PUBLIC(name, many, check)                                  \
  gboolean name (const GenvidSchema *schema, JsonNode *node,                   \
                 const char *where, GError **error)                            \
  {                                                                            \
    return many (schema, node, check, where, error);                           \
  }

/* One of the words after it. */
#define DEFINE_CHOICE(name, ...) static DEFINE_CHOICE_PUBLIC (name, __VA_ARGS__)
#define DEFINE_CHOICE_PUBLIC(name, ...)                                        \
  gboolean name (const GenvidSchema *schema, JsonNode *node,                   \
                 const char *where, GError **error)                            \
  {                                                                            \
    static const char *const names[] = { __VA_ARGS__, NULL };                  \
    return genvid_schema_check_choice (node, names, where, error);             \
  }

G_END_DECLS
