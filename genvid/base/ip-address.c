/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which addresses an untrusted URL must not reach. Pure arithmetic
 * on bytes and on the spelling of hosts; names are not resolved here, so a
 * name that resolves to a private address is the transport's to catch. When
 * in doubt an address is private. */
#include "ip-address.h"

#include <arpa/inet.h>
#include <string.h>

typedef struct {
  guint8 bytes[16];
  guint bits;
} Prefix;

static const Prefix private_v4[] = {
  { { 0 }, 8 },             /* this network */
  { { 10 }, 8 },            /* private */
  { { 100, 64 }, 10 },      /* carrier-grade NAT */
  { { 127 }, 8 },           /* loopback */
  { { 169, 254 }, 16 },     /* link-local, cloud metadata */
  { { 172, 16 }, 12 },      /* private */
  { { 192, 0, 0 }, 24 },    /* protocol assignments */
  { { 192, 0, 2 }, 24 },    /* documentation */
  { { 192, 88, 99 }, 24 },  /* 6to4 relays */
  { { 192, 168 }, 16 },     /* private */
  { { 198, 18 }, 15 },      /* benchmarks */
  { { 198, 51, 100 }, 24 }, /* documentation */
  { { 203, 0, 113 }, 24 },  /* documentation */
  { { 224 }, 3 },           /* multicast, reserved, broadcast */
};

/* Within 2000::/3; everything outside of it is private anyway. */
static const Prefix private_v6[] = {
  { { 0x20, 0x01 }, 23 },             /* protocol assignments, Teredo */
  { { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation */
  { { 0x3f, 0xff }, 20 },             /* documentation */
};

/* An IPv4 address travels inside; WHERE it starts. */
static const struct {
  Prefix prefix;
  guint where;
} embedding[] = {
  { { { 0 }, 96 }, 12 },                                  /* ::a.b */
  { { { [10] = 0xff, [11] = 0xff }, 96 }, 12 },           /* mapped */
  { { { [8] = 0xff, [9] = 0xff }, 96 }, 12 },             /* SIIT */
  { { { [1] = 0x64, [2] = 0xff, [3] = 0x9b }, 96 }, 12 }, /* NAT64 */
  { { { 0x20, 0x02 }, 16 }, 2 },                          /* 6to4 */
};

static gboolean
matches (const guint8 *bytes, const Prefix *prefix)
{
  guint whole = prefix->bits / 8;
  guint rest = prefix->bits % 8;
  guint8 mask = (guint8)(0xff << (8 - rest));

  if (memcmp (bytes, prefix->bytes, whole) != 0)
    return FALSE;
  return rest == 0 || (bytes[whole] & mask) == (prefix->bytes[whole] & mask);
}

static gboolean
is_private_v4 (const guint8 *bytes)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (private_v4); i++) {
    if (matches (bytes, &private_v4[i]))
      return TRUE;
  }
  return FALSE;
}

/* ISATAP hides an IPv4 address in the interface part of any prefix. */
static gboolean
is_isatap (const guint8 *bytes)
{
  return (bytes[8] & 0xfd) == 0 && bytes[9] == 0 && bytes[10] == 0x5e
         && bytes[11] == 0xfe;
}

static gboolean
is_private_v6 (const guint8 *bytes)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (embedding); i++) {
    if (matches (bytes, &embedding[i].prefix))
      return is_private_v4 (bytes + embedding[i].where);
  }
  if ((bytes[0] & 0xe0) != 0x20)
    return TRUE;
  for (i = 0; i < G_N_ELEMENTS (private_v6); i++) {
    if (matches (bytes, &private_v6[i]))
      return TRUE;
  }
  return is_isatap (bytes) && is_private_v4 (bytes + 12);
}

gboolean
genvid_ip_address_is_private (const guint8 *bytes, gsize length)
{
  if (bytes != NULL && length == 4)
    return is_private_v4 (bytes);
  if (bytes != NULL && length == 16)
    return is_private_v6 (bytes);
  return TRUE;
}

/* One part of an IPv4 address as old resolvers read it: 127, 0177, 0x7f. */
static gboolean
read_part (const char *text, guint64 *value)
{
  const char *digits = text;
  int base = 10;

  if (digits[0] == '0' && g_ascii_tolower (digits[1]) == 'x') {
    base = 16;
    digits += 2;
  } else if (digits[0] == '0' && digits[1] != '\0') {
    base = 8;
    digits += 1;
  }
  *value = 0;
  if (*digits == '\0')
    return base == 16;
  for (; *digits != '\0'; digits++) {
    int digit = g_ascii_xdigit_value (*digits);

    if (digit < 0 || digit >= base || *value > G_MAXUINT32)
      return FALSE;
    *value = *value * (guint64)base + (guint64)digit;
  }
  return TRUE;
}

typedef enum { HOST_NAME, HOST_V4, HOST_V6, HOST_STRANGE } HostKind;

/* A host whose last part is a number is an address or nothing. */
static HostKind
read_v4 (const char *host, guint8 *bytes)
{
  g_auto (GStrv) parts = g_strsplit (host, ".", -1);
  guint n = g_strv_length (parts);
  guint64 value = 0, part = 0;
  gboolean numeric;
  guint i;

  if (n == 0 || *parts[n - 1] == '\0')
    return HOST_STRANGE;
  numeric = read_part (parts[n - 1], &part)
            || strspn (parts[n - 1], "0123456789") == strlen (parts[n - 1]);
  if (!numeric)
    return HOST_NAME;
  if (n > 4)
    return HOST_STRANGE;
  for (i = 0; i < n; i++) {
    guint bits = i + 1 < n ? 8 : 8 * (5 - n);

    if (*parts[i] == '\0' || !read_part (parts[i], &part) || part >> bits != 0)
      return HOST_STRANGE;
    value |= part << (i + 1 < n ? 24 - 8 * i : 0);
  }
  for (i = 0; i < 4; i++)
    bytes[i] = (guint8)(value >> (24 - 8 * i));
  return HOST_V4;
}

static HostKind
read_host (const char *host, guint8 *bytes, char **name)
{
  g_autofree char *bare = g_ascii_strdown (host, -1);
  gsize length = strlen (bare);

  if (length > 2 && bare[0] == '[' && bare[length - 1] == ']') {
    bare[length - 1] = '\0';
    memmove (bare, bare + 1, length - 1);
  }
  if (strchr (bare, ':') != NULL) {
    bare[strcspn (bare, "%")] = '\0';
    return inet_pton (AF_INET6, bare, bytes) == 1 ? HOST_V6 : HOST_STRANGE;
  }
  length = strlen (bare);
  if (length > 0 && bare[length - 1] == '.')
    bare[length - 1] = '\0';
  if (*bare == '\0' || strchr (bare, '%') != NULL)
    return HOST_STRANGE;
  *name = g_steal_pointer (&bare);
  return read_v4 (*name, bytes);
}

static gboolean
is_localhost (const char *name)
{
  return strcmp (name, "localhost") == 0
         || g_str_has_suffix (name, ".localhost");
}

gboolean
genvid_ip_address_host_is_private (const char *host)
{
  g_autofree char *name = NULL;
  guint8 bytes[16] = { 0 };

  if (host == NULL)
    return TRUE;
  switch (read_host (host, bytes, &name)) {
  case HOST_NAME:
    return is_localhost (name);
  case HOST_V4:
    return is_private_v4 (bytes);
  case HOST_V6:
    return is_private_v6 (bytes);
  case HOST_STRANGE:
  default:
    return TRUE;
  }
}

gboolean
genvid_ip_address_host_is_internal (const char *host)
{
  static const char *const zones[]
      = { ".local", ".internal", ".lan", ".localdomain", ".home.arpa" };
  g_autofree char *name = NULL;
  guint8 bytes[16] = { 0 };
  guint i;

  if (genvid_ip_address_host_is_private (host))
    return TRUE;
  if (read_host (host, bytes, &name) != HOST_NAME)
    return FALSE;
  for (i = 0; i < G_N_ELEMENTS (zones); i++) {
    if (g_str_has_suffix (name, zones[i]))
      return TRUE;
  }
  return strchr (name, '.') == NULL;
}

gboolean
genvid_ip_address_host_is_loopback (const char *host)
{
  static const Prefix mapped = { { [10] = 0xff, [11] = 0xff }, 96 };
  static const Prefix loopback = { { [15] = 1 }, 128 };
  g_autofree char *name = NULL;
  guint8 bytes[16] = { 0 };

  if (host == NULL)
    return FALSE;
  switch (read_host (host, bytes, &name)) {
  case HOST_NAME:
    return is_localhost (name);
  case HOST_V4:
    return bytes[0] == 127;
  case HOST_V6:
    return matches (bytes, &loopback)
           || (matches (bytes, &mapped) && bytes[12] == 127);
  case HOST_STRANGE:
  default:
    return FALSE;
  }
}
