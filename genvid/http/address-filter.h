/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A host with only some of its addresses: the others are removed from what the
 * resolver found before anything connects, so that no packet is sent to them.
 * TLS still sees the name. With a proxy, the addresses are the proxy's. */
#define GENVID_TYPE_ADDRESS_FILTER (genvid_address_filter_get_type ())
G_DECLARE_FINAL_TYPE (GenvidAddressFilter, genvid_address_filter, GENVID,
                      ADDRESS_FILTER, GNetworkAddress)

typedef enum {
  GENVID_ADDRESS_FILTER_PUBLIC,  /* no private address: an untrusted host
                                  */
  GENVID_ADDRESS_FILTER_PRIVATE, /* no public one: what goes there is not
                                    encrypted */
} GenvidAddressFilterKind;

/* If no address is left, connecting fails with GENVID_ERROR (unsafe-url). */
GenvidAddressFilter *genvid_address_filter_new (const char *scheme,
                                                const char *host, guint16 port,
                                                GenvidAddressFilterKind kind);
/* The filter lets ADDRESS pass. */
gboolean genvid_address_filter_admits (GenvidAddressFilter *filter,
                                       GInetAddress *address);

G_END_DECLS
