/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define GENVID_DESCRIPTION_VERSION 1

/* A description that passed every check: only keys we know, each of the right
 * form, every template, path and condition valid, and nothing in it without
 * effect. Immutable. */
typedef struct {
  JsonObject *root;
  GPtrArray *calls; /* of JsonObject: root's members with the call's over
                     * them, in the order in which they are tried */
} GenvidDescription;

/* NULL with GENVID_ERROR (settings), "submit.body.data: …" */
GenvidDescription *genvid_description_new (JsonNode *root, GError **error);
void genvid_description_free (GenvidDescription *description);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidDescription, genvid_description_free)

/* Does this (merged) call have a place for that word of a request? */
gboolean genvid_description_takes (JsonObject *call, const char *word);
/* Is this call chosen by that word, among others? */
gboolean genvid_description_tests (JsonObject *call, const char *word);
/* Is the word's place taken by a parameter of its name, as in descriptions that
 * are older than the word? */
gboolean genvid_description_has_parameter (JsonObject *call, const char *word);
/* CALL as it is for MODEL (nullable): the first of its "models" whose name, in
 * which "*" stands for anything, fits. Borrowed. */
JsonObject *genvid_description_get_model (JsonObject *call, const char *model);
/* No exchange sends that parameter, but some call depends on it. */
gboolean genvid_description_only_chooses (const GenvidDescription *description,
                                          const char *parameter);
/* The submit's skeleton, be it a body or a form; NULL: there is none. */
JsonNode *genvid_description_get_body (JsonObject *call);
/* The names of all variables that the exchanges of a call use; a new set. */
GHashTable *genvid_description_collect (JsonObject *call);

/* The nodes below KEY as a list: a single value is a list of one. Owned by
 * the caller (container only). */
GList *genvid_description_list (JsonObject *object, const char *key);

G_END_DECLS
