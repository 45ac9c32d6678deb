/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How libsoup is set up for strangers. Everything that acts by itself is taken
 * out; what a certificate or an address must be is said here and judged in
 * the guard and in the transfer. No key is known here. */
#include "session.h"

#include "address-filter.h"
#include "failure.h"
#include "ip-address.h"
#include "proxy-resolver.h"
#include "url.h"
#include "user-file.h"

#include <libsoup/soup.h>
#include <gio/gio.h>

#include <string.h>
#include <unistd.h>

#define MAX_CONNECTIONS  1024
#define IDLE_SECONDS     60
#define MAX_ANCHOR_BYTES ((gsize)16 * 1024 * 1024)

static char *
read_host (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);

  return uri ? g_ascii_strdown (g_uri_get_host (uri), -1) : NULL;
}

gboolean
genvid_session_check_anchors (const char *ca_file, GError **error)
{
  int fd = genvid_user_file_open (
      ca_file, MAX_ANCHOR_BYTES,
      "Set ca-file to a file of PEM certificates of at most 16 MiB.", error);

  if (fd < 0)
    return FALSE;
  close (fd);
  return TRUE;
}

gboolean
genvid_trust_init (GenvidTrust *trust, const char *base_url,
                   const char *ca_file, gboolean allow_private, GError **error)
{
  g_autoptr (GError) inner = NULL;
  g_autofree char *path = NULL;

  *trust = (GenvidTrust){ 0 };
  if (ca_file) {
    g_autolist (GTlsCertificate) list = NULL;

    if (!genvid_session_check_anchors (ca_file, error))
      return FALSE;
    list = g_tls_certificate_list_new_from_file (ca_file, &inner);
    path = g_canonicalize_filename (ca_file, NULL);
    if (list)
      trust->anchors = g_tls_file_database_new (path, &inner);
    if (!trust->anchors) {
      g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
                   "No certificate can be read from ca-file \"%s\"%s%s. It "
                   "must be a file of PEM certificates.",
                   ca_file, inner ? ": " : "", inner ? inner->message : "");
      return FALSE;
    }
  }
  trust->base_url = g_strdup (base_url);
  trust->base_host = base_url ? read_host (base_url) : NULL;
  trust->allow_private = allow_private;
  return TRUE;
}

void
genvid_trust_clear (GenvidTrust *trust)
{
  g_clear_pointer (&trust->base_url, g_free);
  g_clear_pointer (&trust->base_host, g_free);
  g_clear_object (&trust->anchors);
}

GTlsDatabase *
genvid_trust_get_anchors (const GenvidTrust *trust, const char *url)
{
  if (!trust->anchors || !trust->base_url)
    return NULL;
  return genvid_url_same_origin (url, trust->base_url) ? trust->anchors : NULL;
}

/* NULL where any address of URL's host will do. */
static GenvidAddressFilter *
make_guard (const GenvidTrust *trust, const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);
  GenvidGuardKind kind = GENVID_GUARD_PUBLIC;
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
    kind = GENVID_GUARD_PRIVATE;
  }
  port = g_uri_get_port (uri);
  if (port <= 0)
    port = plain ? 80 : 443;
  return genvid_address_filter_new (g_uri_get_scheme (uri), host, port, kind);
}

SoupSession *
genvid_session_new (const GenvidTrust *trust, const char *url)
{
  g_autoptr (GenvidAddressFilter) filter = make_guard (trust, url);
  g_autoptr (GProxyResolver) proxies = genvid_proxies_new (filter != NULL);
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
