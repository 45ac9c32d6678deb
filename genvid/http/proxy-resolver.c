/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which requests a proxy may see, and what may be said of one. The choice is
 * GLib's default resolver's (environment, desktop, PAC); nothing of it is
 * read here, and nothing global is changed. */
#include "proxy-resolver.h"

#include "failure.h"
#include "ip-address.h"
#include "soup-library.h"

#include <gio/gio.h>

#include <string.h>

#define GENVID_TYPE_PROXY_RESOLVER (genvid_proxy_resolver_get_type ())
G_DECLARE_FINAL_TYPE (GenvidProxyResolver, genvid_proxy_resolver, GENVID,
                      PROXY_RESOLVER, GSimpleProxyResolver)

struct _GenvidProxyResolver {
  GSimpleProxyResolver parent_instance;
  gboolean guarded;
};

static void proxy_resolver_iface_init (GProxyResolverInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (
    GenvidProxyResolver, genvid_proxy_resolver, G_TYPE_SIMPLE_PROXY_RESOLVER,
    G_IMPLEMENT_INTERFACE (G_TYPE_PROXY_RESOLVER, proxy_resolver_iface_init))

typedef enum { SYSTEM, DIRECT, DIRECT_ONLY } Choice;

static Choice
choose (GenvidProxyResolver *proxies, const char *uri, char **host)
{
  g_autofree char *scheme = NULL;

  if (!g_uri_split (uri, G_URI_FLAGS_NONE, &scheme, NULL, host, NULL, NULL,
                    NULL, NULL, NULL)
      || strcmp (scheme, "https"))
    return DIRECT;
  if (!genvid_ip_address_host_is_internal (*host))
    return SYSTEM;
  return proxies->guarded ? DIRECT_ONLY : DIRECT;
}

static char **
go_direct (void)
{
  const char *const direct[] = { "direct://", NULL };

  return g_strdupv ((char **)direct);
}

/* Takes FOUND (nullable). */
static char **
judge (char **found, Choice choice, const char *host, GError **error)
{
  g_auto (GStrv) list = found;

  for (guint i = 0; choice == DIRECT_ONLY && list && list[i]; i++)
    if (!g_str_has_prefix (list[i], "direct:")) {
      g_set_error (error, GENVID_ERROR, GENVID_REASON_UNSAFE_URL,
                   "\"%s\" is a name in a private network, which is never sent "
                   "to a proxy; set allow-private to connect to it directly.",
                   host);
      return NULL;
    }
  return g_steal_pointer (&list);
}

static gboolean
is_supported (GProxyResolver *resolver)
{
  return TRUE;
}

static char **
lookup (GProxyResolver *resolver, const char *uri, GCancellable *cancellable,
        GError **error)
{
  g_autofree char *host = NULL;
  Choice choice = choose (GENVID_PROXY_RESOLVER (resolver), uri, &host);

  if (choice == DIRECT)
    return go_direct ();
  return judge (g_proxy_resolver_lookup (g_proxy_resolver_get_default (), uri,
                                         cancellable, error),
                choice, host, error);
}

static void
take_found (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  const char *uri = g_task_get_task_data (task);
  g_autofree char *host = NULL;
  Choice choice = choose (g_task_get_source_object (task), uri, &host);
  GError *error = NULL;
  char **found = g_proxy_resolver_lookup_finish (G_PROXY_RESOLVER (source),
                                                 result, &error);

  found = judge (found, choice, host, &error);
  if (error)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, found, (GDestroyNotify)g_strfreev);
}

static void
lookup_async (GProxyResolver *resolver, const char *uri,
              GCancellable *cancellable, GAsyncReadyCallback callback,
              gpointer data)
{
  g_autoptr (GTask) task = g_task_new (resolver, cancellable, callback, data);
  g_autofree char *host = NULL;

  if (choose (GENVID_PROXY_RESOLVER (resolver), uri, &host) == DIRECT) {
    g_task_return_pointer (task, go_direct (), (GDestroyNotify)g_strfreev);
    return;
  }
  g_task_set_task_data (task, g_strdup (uri), g_free);
  g_proxy_resolver_lookup_async (g_proxy_resolver_get_default (), uri,
                                 cancellable, take_found,
                                 g_steal_pointer (&task));
}

static char **
lookup_finish (GProxyResolver *resolver, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
proxy_resolver_iface_init (GProxyResolverInterface *iface)
{
  iface->is_supported = is_supported;
  iface->lookup = lookup;
  iface->lookup_async = lookup_async;
  iface->lookup_finish = lookup_finish;
}

static void
genvid_proxy_resolver_class_init (GenvidProxyResolverClass *klass)
{
}

static void
genvid_proxy_resolver_init (GenvidProxyResolver *proxies)
{
}

GProxyResolver *
genvid_proxy_resolver_new (gboolean guarded)
{
  GenvidProxyResolver *proxies
      = g_object_new (GENVID_TYPE_PROXY_RESOLVER, NULL);

  proxies->guarded = guarded;
  return G_PROXY_RESOLVER (proxies);
}

GProxyAddress *
genvid_proxy_resolver_find (GIOStream *stream)
{
  g_autoptr (GSocketAddress) peer = NULL;

  if (!G_IS_SOCKET_CONNECTION (stream))
    return NULL;
  peer = g_socket_connection_get_remote_address (G_SOCKET_CONNECTION (stream),
                                                 NULL);
  return G_IS_PROXY_ADDRESS (peer) ? G_PROXY_ADDRESS (g_steal_pointer (&peer))
                                   : NULL;
}

char *
genvid_proxy_resolver_describe (GProxyAddress *proxy)
{
  g_autofree char *host = NULL;
  guint16 port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (proxy));
  gboolean v6;

  if (!g_uri_split (g_proxy_address_get_uri (proxy), G_URI_FLAGS_NONE, NULL,
                    NULL, &host, NULL, NULL, NULL, NULL, NULL))
    host = g_strdup ("?");
  v6 = strchr (host, ':') != NULL;
  return g_strdup_printf ("%s%s%s:%u", v6 ? "[" : "", host, v6 ? "]" : "",
                          port);
}

void
genvid_proxy_resolver_authorize (GProxyAddress *proxy, SoupMessage *connect)
{
  const char *user = g_proxy_address_get_username (proxy);
  const char *password = g_proxy_address_get_password (proxy);
  g_autofree char *both = NULL, *coded = NULL, *value = NULL;

  if (!user)
    return;
  both = g_strdup_printf ("%s:%s", user, password ? password : "");
  coded = g_base64_encode ((const guchar *)both, strlen (both));
  value = g_strdup_printf ("Basic %s", coded);
  soup_message_headers_replace (soup_message_get_request_headers (connect),
                                "Proxy-Authorization", value);
}
