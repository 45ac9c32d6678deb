/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Checks ROOT, a description, against the vocabulary: known keys, each of the
 * right form. GENVID_ERROR (settings) names the place. What keys mean together
 * is checked by genvid_description_new. */
gboolean genvid_schema_check (JsonNode *root, GError **error);

typedef struct {
  JsonObject *tables;   /* nullable */
  GHashTable *words;    /* what a condition may test: words and parameters */
  GHashTable *settings; /* parameters that say where a key goes */
  GHashTable *captures; /* what replies capture */
  const char *const *extra; /* variables of the exchange looked at */
} GenvidSchema;

typedef gboolean (*GenvidCheck) (const GenvidSchema *schema, JsonNode *node,
                                 const char *where, GError **error);

typedef struct {
  const char *name;
  GenvidCheck check;
  gboolean required;
} GenvidKey;

G_END_DECLS
