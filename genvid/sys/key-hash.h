/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A salted hash of a key, "SALT:HEX", and whether KEY matches one. */
char *genvid_key_hash (const char *key);
gboolean genvid_key_matches (const char *key_hash, const char *key);

G_END_DECLS
