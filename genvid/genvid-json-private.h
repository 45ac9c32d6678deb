/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <genvid/genvid-json.h>

G_BEGIN_DECLS

/* Appends NODE to OUT; SORTED: members by name, the form that is hashed. */
void genvid_json_write (GString *out, JsonNode *node, gboolean sorted);

/* A new object with the same members; nested trees may be shared. OBJECT may
 * be NULL. Owned by the caller. */
JsonObject *genvid_json_copy_object (JsonObject *object);

G_END_DECLS
