/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one question that GLib's GnuTLS backend does not ask of a certificate:
 * its extended key usage (RFC 5280, 4.2.1.12). That it is sound, in date and
 * of the right name is judged elsewhere; here DER is walked, and what cannot
 * be walked serves nothing. */
#include "certificate.h"

#include <string.h>

#define SEQUENCE   0x30
#define OID        0x06
#define BOOLEAN    0x01
#define OCTETS     0x04
#define EXTENSIONS 0xa3

typedef struct {
  const guint8 *bytes;
  gsize length;
} Der;

/* Takes one value off the front of FROM. */
static gboolean
take (Der *from, guint8 *tag, Der *value)
{
  gsize length, used = 2;

  if (from->length < 2)
    return FALSE;
  *tag = from->bytes[0];
  length = from->bytes[1];
  if (length > 0x7f) {
    gsize n = length & 0x7f;

    if (n == 0 || n > 4 || from->length < 2 + n)
      return FALSE;
    for (length = 0; used < 2 + n; used++)
      length = length << 8 | from->bytes[used];
  }
  if (length > from->length - used)
    return FALSE;
  *value = (Der){ from->bytes + used, length };
  from->bytes += used + length;
  from->length -= used + length;
  return TRUE;
}

static gboolean
enter (Der *from, guint8 expected, Der *value)
{
  guint8 tag;

  return take (from, &tag, value) && tag == expected;
}

static gboolean
equals (const Der *value, const guint8 *bytes, gsize length)
{
  return value->length == length && memcmp (value->bytes, bytes, length) == 0;
}

/* ExtKeyUsageSyntax ::= SEQUENCE OF OID */
static gboolean
names_server (Der octets)
{
  static const guint8 server[] = { 0x2b, 6, 1, 5, 5, 7, 3, 1 };
  static const guint8 any[] = { 0x55, 0x1d, 0x25, 0 };
  Der list, oid;

  if (!enter (&octets, SEQUENCE, &list))
    return FALSE;
  while (enter (&list, OID, &oid)) {
    if (equals (&oid, server, sizeof server) || equals (&oid, any, sizeof any))
      return TRUE;
  }
  return FALSE;
}

/* Extension ::= SEQUENCE { OID, critical BOOLEAN DEFAULT FALSE, OCTETS } */
static gboolean
judge_extension (Der extension)
{
  static const guint8 usage[] = { 0x55, 0x1d, 0x25 };
  Der oid, value;
  guint8 tag;

  if (!enter (&extension, OID, &oid))
    return FALSE;
  if (!equals (&oid, usage, sizeof usage))
    return TRUE;
  if (!take (&extension, &tag, &value)
      || (tag == BOOLEAN && !take (&extension, &tag, &value)))
    return FALSE;
  return tag == OCTETS && names_server (value);
}

gboolean
genvid_certificate_serves (const guint8 *der, gsize length)
{
  Der rest = { der, length };
  Der certificate, fields, value, list, extension;
  guint8 tag;

  if (der == NULL || !enter (&rest, SEQUENCE, &certificate)
      || !enter (&certificate, SEQUENCE, &fields))
    return FALSE;
  while (fields.length > 0) {
    if (!take (&fields, &tag, &value))
      return FALSE;
    if (tag != EXTENSIONS)
      continue;
    if (!enter (&value, SEQUENCE, &list))
      return FALSE;
    while (list.length > 0) {
      if (!enter (&list, SEQUENCE, &extension) || !judge_extension (extension))
        return FALSE;
    }
  }
  return TRUE;
}
