/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How libsoup is set up for untrusted servers. Everything that acts on its own
 * is removed; the address filter checks addresses, and the transfer checks
 * certificates. No key is known here. */
#include "session.h"

#include "address-filter.h"
#include "ip-address.h"
#include "proxy-resolver.h"
#include "soup-library.h"
#include "trust.h"

#include <gio/gio.h>

#include <string.h>

#define MAX_CONNECTIONS 1024
#define IDLE_SECONDS    60

/* NULL where any address of URL's host will do. */
static GenvidAddressFilter *
make_filter (const GenvidTrust *trust, const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);
  GenvidAddressFilterKind kind = GENVID_ADDRESS_FILTER_PUBLIC;
  const char *host = uri ? g_uri_get_host (uri) : NULL;
  gboolean plain;
  int port;

  if (!host)
    return NULL;
  plain = !strcmp (g_uri_get_scheme (uri), "http");
  if (trust->allow_private
      || (trust->base_host && !g_ascii_strcasecmp (host, trust->base_host))) {
    if (!plain || genvid_ip_address_host_is_private (host))
      return NULL;
    kind = GENVID_ADDRESS_FILTER_PRIVATE;
  }
  port = g_uri_get_port (uri);
  if (port <= 0)
    port = plain ? 80 : 443;
  return genvid_address_filter_new (g_uri_get_scheme (uri), host, port, kind);
}

SoupSession *
genvid_session_new (const GenvidTrust *trust, const char *url)
{
  g_autoptr (GenvidAddressFilter) filter = make_filter (trust, url);
  g_autoptr (GProxyResolver) proxies
      = genvid_proxy_resolver_new (filter != NULL);
  SoupSession *session = soup_session_new_with_options (
      "user-agent", "genvidsrc/" GENVID_VERSION, "timeout", 0, "idle-timeout",
      IDLE_SECONDS, "max-conns", MAX_CONNECTIONS, "max-conns-per-host",
      MAX_CONNECTIONS, "remote-connectable", filter, "proxy-resolver", proxies,
      NULL);
  const GType unwanted[] = {
    SOUP_TYPE_AUTH_MANAGER,    SOUP_TYPE_CONTENT_DECODER,
    SOUP_TYPE_CONTENT_SNIFFER, SOUP_TYPE_COOKIE_JAR,
    SOUP_TYPE_HSTS_ENFORCER,   SOUP_TYPE_CACHE,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (unwanted); i++)
    soup_session_remove_feature_by_type (session, unwanted[i]);
  return session;
}

/* GLib's parser rewrites percent-escapes ("%7e" becomes "~"), which breaks
 * signatures made over the text. So it finds the host, and path and query are
 * cut out of the text as they are. */
SoupMessage *
genvid_session_make_message (const char *method, const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (GUri) exact = NULL;
  g_autofree char *path = NULL;
  const char *rest, *query;

  if (!uri || !g_uri_get_host (uri) || !*g_uri_get_host (uri))
    return NULL;
  if (strcmp (g_uri_get_scheme (uri), "http")
      && strcmp (g_uri_get_scheme (uri), "https"))
    return NULL;
  for (const char *c = url; *c; c++)
    if ((guchar)*c <= ' ' || *c == 0x7f)
      return NULL;
  rest = strstr (url, "//") + 2;
  rest += strcspn (rest, "/?#");
  path = g_strndup (rest, strcspn (rest, "#"));
  query = strchr (path, '?');
  if (query)
    path[query++ - path] = '\0';
  exact = g_uri_build (SOUP_HTTP_URI_FLAGS, g_uri_get_scheme (uri), NULL,
                       g_uri_get_host (uri), g_uri_get_port (uri),
                       *path ? path : "/", query, NULL);
  return soup_message_new_from_uri (method, exact);
}
