/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whether a key is the one that bought a clip, told without keeping the key:
 * HMAC-SHA256 under a random salt. It is no password hash: a service's key
 * has entropy enough of its own. */

#include "key-hash.h"

#include <string.h>
#include <sys/random.h>

#define SALT_BYTES 16

static void
fill_random (guint8 *bytes, gsize length)
{
  while (length > 0) {
    ssize_t got = getrandom (bytes, length, 0);
    if (got <= 0)
      continue;
    bytes += got;
    length -= (gsize)got;
  }
}

static char *
hash_key (const char *salt, gsize length, const char *key)
{
  return g_compute_hmac_for_string (G_CHECKSUM_SHA256, (const guchar *)salt,
                                    length, key, -1);
}

char *
genvid_key_hash (const char *key)
{
  guint8 salt[SALT_BYTES];
  char text[2 * SALT_BYTES + 1];

  fill_random (salt, sizeof salt);
  for (guint i = 0; i < sizeof salt; i++)
    g_snprintf (text + 2 * (gsize)i, 3, "%02x", salt[i]);
  g_autofree char *hash = hash_key (text, strlen (text), key);
  return g_strconcat (text, ":", hash, NULL);
}

/* In a time that does not depend on where they differ. */
static gboolean
is_same (const char *a, const char *b)
{
  gsize length = strlen (a);
  guint8 difference = 0;

  if (strlen (b) != length)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    difference |= (guint8)(a[i] ^ b[i]);
  return difference == 0;
}

gboolean
genvid_key_matches (const char *key_hash, const char *key)
{
  const char *colon = key_hash != NULL ? strchr (key_hash, ':') : NULL;

  if (colon == NULL || key == NULL || colon == key_hash)
    return FALSE;
  g_autofree char *hash = hash_key (key_hash, (gsize)(colon - key_hash), key);
  return is_same (hash, colon + 1);
}
