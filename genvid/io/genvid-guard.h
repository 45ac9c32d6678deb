/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* A host whose private addresses do not exist: they are taken out of what the
 * resolver found before anything connects, so not one packet goes there. The
 * name stays, for TLS. Behind a proxy the addresses are the proxy's. */
#define GENVID_TYPE_GUARD (genvid_guard_get_type ())
G_DECLARE_FINAL_TYPE (GenvidGuard, genvid_guard, GENVID, GUARD, GNetworkAddress)

GenvidGuard *genvid_guard_new (const char *scheme, const char *host,
                               guint16 port);
/* A private address was taken out. */
gboolean genvid_guard_has_refused (GenvidGuard *guard);
