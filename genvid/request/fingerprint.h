/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The name of a purchase: SHA-256, lower-case hex, over our own canonical,
 * versioned form of the resolved request. It has no key and no rendered body in
 * it, so that an upgrade does not buy again. Golden values are pinned in tests.
 */

/* ORIGIN like "https://api.gen.pro". CANONICAL from
 * genvid_call_get_canonical; strings, integers, doubles, booleans, arrays and
 * objects; members are sorted by name. Owned by the caller. */
char *genvid_fingerprint (const char *provider, const char *origin,
                          const char *call, gint64 semantics, guint take,
                          JsonObject *canonical);

/* The idempotency value of purchase N of a fingerprint: 64 hex digits. */
char *genvid_fingerprint_idempotency (const char *fingerprint, guint n);

G_END_DECLS
