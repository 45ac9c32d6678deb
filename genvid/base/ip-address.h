/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Loopback, link-local, private, CGNAT, unique-local, multicast, unspecified,
 * reserved, and IPv4 inside IPv6 in all its forms (mapped, compatible, 6to4,
 * NAT64, Teredo). LENGTH 4 or 16, network order; TRUE for any other length.
 */
gboolean genvid_ip_address_is_private (const guint8 *bytes, gsize length);
/* The host is a literal address (also [::1], 127.1 and other legacy forms, a
 * trailing dot) or "localhost" and private. */
gboolean genvid_ip_address_host_is_private (const char *host);
/* The same, or a name that no public resolver answers: of one part, or below
 * "local", "internal", "lan", "localdomain" or "home.arpa". */
gboolean genvid_ip_address_host_is_internal (const char *host);
gboolean genvid_ip_address_host_is_loopback (const char *host);

G_END_DECLS
