/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A salted hash of a key, "SALT:HEX", and whether KEY matches one. A JSON Web
 * Token matches that of another one that says the same but for its times
 * (exp, nbf, iat). Its own id (jti) counts: it may be all that tells two
 * accounts apart. */
char *genvid_key_hash (const char *key);
gboolean genvid_key_matches (const char *key_hash, const char *key);

G_END_DECLS
