/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What "when" and "unless" say: an object of name → test, all of which must
 * hold, or an array of such objects, one of which must. A test is true (is
 * set), false (is unset), a value, or an array of values, one of which it is;
 * compared as text without regard to case, "*" stands for anything. */

/* NAMES: a set of the names that may be tested. */
gboolean genvid_condition_check (JsonNode *condition, GHashTable *names,
                                 const char *where, GError **error);

/* The "when" and "unless" of one object; both may be missing. VALUES: name →
 * node; a missing one is unset. OPEN: an unset one may be anything, so that a
 * test of its value holds. */
gboolean genvid_condition_holds (JsonObject *rule, JsonObject *values,
                                 gboolean open);
/* One condition by itself. */
gboolean genvid_condition_match (JsonNode *condition, JsonObject *values);

G_END_DECLS
