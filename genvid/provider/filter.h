/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "scope.h"

G_BEGIN_DECLS

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

/* Takes NODE (nullable: unset) over. NAME: of the variable. NULL: unset, or
 * GENVID_ERROR (settings) where the filter does not fit the value. */
JsonNode *genvid_filter_apply (JsonNode *node, const char *filter,
                               const char *name, const GenvidScope *scope,
                               GError **error);
/* A filter of a description, used on NAME. NAMES (nullable: any): the variables
 * there are. */
gboolean genvid_filter_check (const char *filter, const char *name,
                              GHashTable *names, JsonObject *tables,
                              const char *where, GError **error);

G_END_DECLS
