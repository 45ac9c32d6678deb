/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whether a key is the one that bought a clip, told without keeping the key:
 * HMAC-SHA256 under a random salt. It is no password hash: a service's key
 * has entropy enough of its own. A key that is a JSON Web Token is made anew
 * before it expires, often after minutes, and stays its issuer's: it is known
 * by what it says but for its times. */

#include "key-hash.h"

#include "json-reader.h"

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

/* PART is base64url. NULL: it is no JSON object. */
static JsonNode *
read_claims (const char *part, gsize length)
{
  g_autofree char *text = g_strndup (part, length);
  g_autofree char *padded = NULL;
  g_autofree guchar *bytes = NULL;
  JsonNode *claims;
  gsize size = 0;

  padded = g_strconcat (g_strdelimit (g_strdelimit (text, "-", '+'), "_", '/'),
                        &"==="[3 - (4 - length % 4) % 4], NULL);
  bytes = g_base64_decode (padded, &size);
  claims = genvid_json_reader_parse ((const char *)bytes, size, NULL);
  if (claims != NULL && JSON_NODE_HOLDS_OBJECT (claims))
    return claims;
  g_clear_pointer (&claims, json_node_unref);
  return NULL;
}

/* What stays of a token when it is made anew. NULL: KEY is no token, or says
 * nothing but times. */
static char *
read_lasting_claims (const char *key)
{
  static const char *const times[] = { "exp", "nbf", "iat" };
  const char *body = strchr (key, '.');
  const char *end = body != NULL ? strchr (body + 1, '.') : NULL;
  g_autoptr (JsonNode) head = NULL;
  g_autoptr (JsonNode) claims = NULL;
  JsonObject *object;

  if (end == NULL || strchr (end + 1, '.') != NULL)
    return NULL;
  head = read_claims (key, (gsize)(body - key));
  claims = read_claims (body + 1, (gsize)(end - body - 1));
  if (head == NULL || claims == NULL
      || !json_object_has_member (json_node_get_object (head), "alg"))
    return NULL;
  object = json_node_get_object (claims);
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    json_object_remove_member (object, times[i]);
  return json_object_get_size (object) > 0 ? json_to_string (claims, FALSE)
                                           : NULL;
}

char *
genvid_key_hash (const char *key)
{
  g_autofree char *lasting = read_lasting_claims (key);
  guint8 salt[SALT_BYTES];
  char text[2 * SALT_BYTES + 1];

  fill_random (salt, sizeof salt);
  for (guint i = 0; i < sizeof salt; i++)
    g_snprintf (text + 2 * (gsize)i, 3, "%02x", salt[i]);
  g_autofree char *hash
      = hash_key (text, strlen (text), lasting != NULL ? lasting : key);
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
  g_autofree char *lasting = NULL;
  g_autofree char *hash = NULL;

  if (colon == NULL || key == NULL || colon == key_hash)
    return FALSE;
  hash = hash_key (key_hash, (gsize)(colon - key_hash), key);
  if (is_same (hash, colon + 1))
    return TRUE;
  lasting = read_lasting_claims (key);
  if (lasting == NULL)
    return FALSE;
  g_free (hash);
  hash = hash_key (key_hash, (gsize)(colon - key_hash), lasting);
  return is_same (hash, colon + 1);
}
