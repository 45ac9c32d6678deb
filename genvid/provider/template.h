/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What a template may use. All borrowed. VALUES: name → node; a missing member
 * is unset. TABLES (nullable): name → object. INPUTS (nullable): the name of an
 * input → {"is": "file" | "link" | "id", "type": MIME, "like": MIME}, of
 * "references" a list of them; "type" only where it is known, "like" what it
 * counts as. */
typedef struct {
  JsonObject *values;
  JsonObject *tables;
  JsonObject *inputs;
} GenvidScope;

/* Borrowed; NULL where it is unset. */
JsonNode *genvid_scope_find (const GenvidScope *scope, const char *name);

/* Values set into a description's skeletons. Two rules and no third: a string
 * that is exactly one placeholder keeps the value's JSON type; a member (or
 * array element) whose placeholder has no value is dropped, and so is a
 * container that this leaves empty. What is substituted is never looked at
 * again: a prompt may contain ${x} and {{x}}.
 *
 * Placeholder: ${name} or ${name|filter|filter…}, see below; ${a+b} is the
 * text of both with a plus between. In an object:
 *   "$if": CONDITION   the object is dropped unless it holds: a name (or a list
 *                      of names: all of them) that is set, or an object as in
 *                      "when"
 *   "$value": X        X in place of the object
 *   "$else": X         X in its place where "$if" does not hold
 *   "$each": "references"  in a list: one such object for each, with "item",
 * and with its place among them, from 1, as "item-number"
 *   "$type": TYPE          only for those of that MIME type; it may end in "*"
 *   "$graph": "name"   the object that this parameter is, whose members are
 *                      nodes: {"inputs": {…}, "_meta": {"title": …}}
 *   "$fill": {TITLE: {INPUT: X}}  what its nodes of that title get, where they
 *                      have the input; a value that none takes is refused.
 *                      With an "$each" among the inputs the title has a
 *                      ${item-number}: each reference goes to a node of its own
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
 * borrowed. Not of those whose "$if" tests a value that FACTS have not. */
void genvid_template_collect_types (JsonNode *skeleton, JsonObject *facts,
                                    GPtrArray *types);

/* The filters of a placeholder, a closed list:
 *   int         digit strings and whole doubles become integers
 *   str         a scalar becomes a string
 *   fmt:TEXT    %d or %s in TEXT is replaced; the result is a string
 *   map:TABLE   looked up in the description's table, exactly, then without
 *               regard to case; a miss passes the value on
 *   in:TABLE    the same, and a miss is refused
 *   times:X     a number times the number X, or the one of that name
 *   plus:X      likewise
 *   default:X   X where the value is unset
 *   lower upper
 *   uuid        32 and more hexadecimal digits in the form of a UUID
 *   type        of an input: its MIME type; unset where it is not known
 *   only:FORM   of an input: itself if it is a file, a link or an id
 *   raw path    in a URL: not percent-encoded; each segment by itself */

/* One ${name|filter}, taken apart. */
typedef struct {
  char *name;   /* as it is written: one, or several with a plus between */
  char **names; /* each */
  char **filters;
} GenvidPlaceholder;

/* TEXT points at "${"; moves it behind "}". GENVID_ERROR (settings) where it
 * does not end, or names no variable. */
gboolean genvid_placeholder_read (const char **text,
                                  GenvidPlaceholder *placeholder,
                                  GError **error);
void genvid_placeholder_clear (GenvidPlaceholder *placeholder);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GenvidPlaceholder, genvid_placeholder_clear)

/* Its value with its filters, owned by the caller; NULL without error where it
 * is unset; NULL with GENVID_ERROR (settings) where a filter does not fit. */
JsonNode *genvid_placeholder_evaluate (const GenvidPlaceholder *placeholder,
                                       const GenvidScope *scope,
                                       GError **error);
/* Its value as text behind OUT; in a URL percent-encoded as its filters say.
 * FALSE with an error as above, or without one where it is unset. */
gboolean genvid_placeholder_append (GString *out,
                                    const GenvidPlaceholder *placeholder,
                                    const GenvidScope *scope, gboolean in_url,
                                    GError **error);
/* Its filters, as in genvid_template_check. */
gboolean genvid_placeholder_check (const GenvidPlaceholder *placeholder,
                                   GHashTable *names, JsonObject *tables,
                                   const char *where, GError **error);

G_END_DECLS
