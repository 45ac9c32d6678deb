/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The checks that a description's keys are made of: each looks at one node
 * and names its place when it complains. */

typedef struct {
  JsonObject *tables;   /* nullable */
  GHashTable *words;    /* what a condition may test: words and parameters */
  GHashTable *settings; /* parameters that say where a key goes */
  GHashTable *captures; /* what replies capture */
  const char *const *extra; /* variables of the exchange looked at */
} GenvidVocabulary;

typedef gboolean (*GenvidCheck) (const GenvidVocabulary *vocabulary,
                                 JsonNode *node, const char *where,
                                 GError **error);

typedef struct {
  const char *name;
  GenvidCheck check;
  gboolean required;
} GenvidKey;

gboolean genvid_check_complain (GError **error, const char *where,
                                const char *problem, ...) G_GNUC_PRINTF (3, 4);

/* NODE is an object that has no key but KEYS (ends with an empty one), all
 * required ones, and each as its check wants it. */
gboolean genvid_check_keys (const GenvidVocabulary *vocabulary, JsonNode *node,
                            const GenvidKey *keys, const char *where,
                            GError **error);
/* NODE is a list of at least one, each as CHECK wants it. */
gboolean genvid_check_list (const GenvidVocabulary *vocabulary, JsonNode *node,
                            GenvidCheck check, const char *where,
                            GError **error);
/* NODE is an object whose members have any name and are as CHECK wants. */
gboolean genvid_check_members (const GenvidVocabulary *vocabulary,
                               JsonNode *node, GenvidCheck check,
                               const char *where, GError **error);
/* NODE is one of NAMES. */
gboolean genvid_check_choice (JsonNode *node, const char *const *names,
                              const char *where, GError **error);

gboolean genvid_check_text (const GenvidVocabulary *vocabulary, JsonNode *node,
                            const char *where, GError **error);
gboolean genvid_check_name (const GenvidVocabulary *vocabulary, JsonNode *node,
                            const char *where, GError **error);
gboolean genvid_check_boolean (const GenvidVocabulary *vocabulary,
                               JsonNode *node, const char *where,
                               GError **error);
gboolean genvid_check_integer (const GenvidVocabulary *vocabulary,
                               JsonNode *node, const char *where,
                               GError **error);
/* A whole number from 1. */
gboolean genvid_check_count (const GenvidVocabulary *vocabulary, JsonNode *node,
                             const char *where, GError **error);
/* A number that is not negative. */
gboolean genvid_check_amount (const GenvidVocabulary *vocabulary,
                              JsonNode *node, const char *where,
                              GError **error);
gboolean genvid_check_scalar (const GenvidVocabulary *vocabulary,
                              JsonNode *node, const char *where,
                              GError **error);
gboolean genvid_check_scalars (const GenvidVocabulary *vocabulary,
                               JsonNode *node, const char *where,
                               GError **error);
gboolean genvid_check_texts (const GenvidVocabulary *vocabulary, JsonNode *node,
                             const char *where, GError **error);
/* The name of an environment variable. */
gboolean genvid_check_variable (const GenvidVocabulary *vocabulary,
                                JsonNode *node, const char *where,
                                GError **error);
gboolean genvid_check_path (const GenvidVocabulary *vocabulary, JsonNode *node,
                            const char *where, GError **error);
/* One path or a list of candidates. */
gboolean genvid_check_paths (const GenvidVocabulary *vocabulary, JsonNode *node,
                             const char *where, GError **error);
gboolean genvid_check_condition (const GenvidVocabulary *vocabulary,
                                 JsonNode *node, const char *where,
                                 GError **error);

G_END_DECLS
