/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A host that has some of its addresses only: the others are taken out of what
 * the resolver found before anything connects, so not one packet goes there.
 * The name stays, for TLS. Behind a proxy the addresses are the proxy's. */
#define GENVID_TYPE_GUARD (genvid_address_filter_get_type ())
G_DECLARE_FINAL_TYPE (GenvidAddressFilter, genvid_address_filter, GENVID,
                      ADDRESS_FILTER, GNetworkAddress)

typedef enum {
  GENVID_GUARD_PUBLIC,  /* no private address: the host is a stranger's */
  GENVID_GUARD_PRIVATE, /* no public one: what goes there is not encrypted */
} GenvidGuardKind;

/* Where no address is left, connecting ends in GENVID_ERROR (unsafe-url). */
GenvidAddressFilter *genvid_address_filter_new (const char *scheme,
                                                const char *host, guint16 port,
                                                GenvidGuardKind kind);
/* ADDRESS is one that the host may have. */
gboolean genvid_address_filter_admits (GenvidAddressFilter *filter,
                                       GInetAddress *address);

G_END_DECLS
