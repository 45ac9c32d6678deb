/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include "soup-library.h"

G_BEGIN_DECLS

/* The system's choice of proxies, for one session, after two rules: plain http
 * uses no proxy, and neither does a private host. GUARDED: a private name for
 * which the system would use a proxy is GENVID_ERROR (unsafe-url). */
GProxyResolver *genvid_proxy_resolver_new (gboolean guarded);

/* The proxy that STREAM is connected to; NULL: none. Owned by the caller. */
GProxyAddress *genvid_proxy_resolver_find (GIOStream *stream);
/* "host:port", without the password; owned by the caller. */
char *genvid_proxy_resolver_describe (GProxyAddress *proxy);
/* Adds the user and password of PROXY's URL to CONNECT, a request to it. */
void genvid_proxy_resolver_authorize (GProxyAddress *proxy,
                                      SoupMessage *connect);

G_END_DECLS
