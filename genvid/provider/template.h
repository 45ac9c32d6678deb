/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "scope.h"

G_BEGIN_DECLS

/* Values set into a description's skeletons. Two rules and no third: a string
 * that is exactly one placeholder keeps the value's JSON type; a member (or
 * array element) whose placeholder has no value is dropped, and so is a
 * container that this leaves empty. What is substituted is never looked at
 * again: a prompt may contain ${x} and {{x}}.
 *
 * Placeholder: ${name} or ${name|filter|filter…}, see filter.h; ${a+b} is the
 * text of both with a plus between. In an object:
 *   "$if": CONDITION   the object is dropped unless it holds: a name (or a list
 *                      of names: all of them) that is set, or an object as in
 *                      "when"
 *   "$value": X        X in place of the object
 *   "$else": X         X in its place where "$if" does not hold
 *   "$each": "references"  in a list: one such object for each, with "item"
 *   "$type": TYPE          only for those of that MIME type; it may end in "*"
 */

/* The filled tree, owned by the caller; NULL without error if all of it was
 * dropped; NULL with GENVID_ERROR (settings) if a filter does not fit its
 * value. */
JsonNode *genvid_template_fill (JsonNode *skeleton, const GenvidScope *scope,
                                GError **error);

/* A string template. In a URL every value is percent-encoded as one
 * component unless raw. NULL without error if a placeholder has no value.
 * Owned by the caller. */
char *genvid_template_text (const char *text, const GenvidScope *scope,
                            gboolean in_url, GError **error);

/* Checks every placeholder and filter of a skeleton against NAMES (a set of
 * known variable names; NULL: any) and TABLES. The error names the place
 * below WHERE: "submit.body.data.duration: unknown filter "itn"". */
gboolean genvid_template_check (JsonNode *skeleton, GHashTable *names,
                                JsonObject *tables, const char *where,
                                GError **error);

/* Adds the names of all variables in a (checked) skeleton to NAMES, a set of
 * owned strings. */
void genvid_template_collect (JsonNode *skeleton, GHashTable *names);

/* Adds the "$type" of each "$each" in it ("*" where it has none) to TYPES;
 * borrowed. */
void genvid_template_collect_types (JsonNode *skeleton, GPtrArray *types);

G_END_DECLS
