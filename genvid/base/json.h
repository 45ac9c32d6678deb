/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Tolerant getters: the value if it is there and has the type, else the
 * fallback. OBJECT may be NULL. Nothing is logged. */
const char *genvid_json_string (JsonObject *object, const char *name,
                                const char *fallback);
gint64 genvid_json_int (JsonObject *object, const char *name, gint64 fallback);
double genvid_json_double (JsonObject *object, const char *name,
                           double fallback);
gboolean genvid_json_bool (JsonObject *object, const char *name,
                           gboolean fallback);
/* Borrowed; NULL unless it is an object (an array). */
JsonObject *genvid_json_object (JsonObject *object, const char *name);
JsonArray *genvid_json_array (JsonObject *object, const char *name);

/* Adds the member unless VALUE is NULL. */
void genvid_json_set (JsonObject *object, const char *name, const char *value);
/* The same for a file of ours: made valid UTF-8, and cut at 16 KiB. */
void genvid_json_keep (JsonObject *object, const char *name, const char *value);

/* A scalar as text: a string as it is, an integer in decimal, a double as
 * short as it round-trips, a boolean as true or false. NULL for other nodes.
 * Owned by the caller. */
char *genvid_json_scalar_text (JsonNode *node);
/* A number, or a string that is one in full; FALSE else. */
gboolean genvid_json_scalar_number (JsonNode *node, double *number);

/* The names of its members, "a, b or c"; empty where there are none. OBJECT may
 * be NULL. Owned by the caller. */
char *genvid_json_list_members (JsonObject *object);

/* Compact text of a tree; owned by the caller. The one writer of all that is
 * sent or kept: what it writes, genvid_json_reader_parse reads as the same,
 * within its bounds. */
char *genvid_json_to_text (JsonNode *node);

/* Appends NODE to OUT; SORTED: members by name, the form that is hashed. */
void genvid_json_write (GString *out, JsonNode *node, gboolean sorted);

/* A new object with the same members; nested trees may be shared. OBJECT may
 * be NULL. Owned by the caller. */
JsonObject *genvid_json_copy_object (JsonObject *object);

/* A new tree with the same contents that shares nothing with NODE, so each can
 * be used in a thread of its own: json-glib counts what trees share without
 * atomics. Owned by the caller. */
JsonNode *genvid_json_copy_whole (JsonNode *node);
JsonObject *genvid_json_copy_whole_object (JsonObject *object);

G_END_DECLS
