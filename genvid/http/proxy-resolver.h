/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

/* The machine's own choice of proxies, for one session, with two rules before
 * it: plain http goes to no proxy, and what is private goes to none. GUARDED:
 * a private name that only a proxy would resolve is an error, GENVID_ERROR
 * (unsafe-url), and not a detour. */
GProxyResolver *genvid_proxies_new (gboolean guarded);

/* The proxy at the other end of STREAM; NULL: there is none. Owned by the
 * caller. */
GProxyAddress *genvid_proxy_resolver_find (GIOStream *stream);
/* "host:port", without the password; owned by the caller. */
char *genvid_proxy_resolver_describe (GProxyAddress *proxy);
/* Adds what PROXY's URL says of a user to CONNECT, a request to it. */
void genvid_proxy_resolver_authorize (GProxyAddress *proxy,
                                      SoupMessage *connect);

G_END_DECLS
