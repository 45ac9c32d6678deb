/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Values set into a description's skeletons. Two rules and no third: a string
 * that is exactly one placeholder keeps the value's JSON type; a member (or
 * array element) whose placeholder has no value is dropped, and so is a
 * container that this leaves empty. What is substituted is never looked at
 * again: a prompt may contain ${x} and {{x}}.
 *
 * Placeholder: ${name} or ${name|filter|filter…}. Filters (closed list):
 *   int         digit strings and whole doubles become integers
 *   str         a scalar becomes a string
 *   fmt:TEXT    %d or %s in TEXT is replaced; the result is a string
 *   map:TABLE   looked up in the description's table, exactly, then without
 *               regard to case; a miss passes the value on
 *   default:X   X where the value is unset
 *   lower upper
 *   raw         in a URL: not percent-encoded
 * "$if": "name" (or ["a","b"]: all of them) in an object drops it unless set.
 */

/* JsonObject name → value; a missing member is unset. Tables: name → object.
 */
typedef struct {
  JsonObject *values; /* borrowed */
  JsonObject *tables; /* borrowed, nullable */
} GenvidScope;

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

G_END_DECLS
