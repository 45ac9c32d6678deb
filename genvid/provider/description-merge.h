/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* ROOT with CALL over it: exchanges, words and replies are merged member by
 * member, one level deep, the "with" of a submit at any depth. Each model of it
 * is such a call again, over this one. Owned by the caller. */
JsonObject *genvid_description_merge (JsonObject *root, JsonObject *call);

G_END_DECLS
