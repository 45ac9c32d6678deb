/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A GNetworkAddress with a filter on its enumeration, to be a session's
 * remote-connectable. It is not the only check: a literal private host is
 * refused with its URL. Rejected: looking at the address when it connects
 * (the first packet is out by then), and GResolver's default (it is global to
 * the process). */
#include "address-filter.h"

#include "failure.h"
#include "ip-address.h"

#include <gio/gio.h>

struct _GenvidAddressFilter {
  GNetworkAddress parent_instance;
  GenvidAddressFilterKind kind;
};

#define GENVID_TYPE_SIEVE (genvid_sieve_get_type ())
G_DECLARE_FINAL_TYPE (GenvidSieve, genvid_sieve, GENVID, SIEVE,
                      GSocketAddressEnumerator)

struct _GenvidSieve {
  GSocketAddressEnumerator parent_instance;
  GenvidAddressFilter *filter;
  GSocketAddressEnumerator *source;
  gboolean passed;  /* one address at least was good */
  gboolean refused; /* one at least was not */
};

static void connectable_iface_init (GSocketConnectableIface *iface);

G_DEFINE_FINAL_TYPE (GenvidSieve, genvid_sieve,
                     G_TYPE_SOCKET_ADDRESS_ENUMERATOR)
G_DEFINE_FINAL_TYPE_WITH_CODE (GenvidAddressFilter, genvid_address_filter,
                               G_TYPE_NETWORK_ADDRESS,
                               G_IMPLEMENT_INTERFACE (G_TYPE_SOCKET_CONNECTABLE,
                                                      connectable_iface_init))

gboolean
genvid_address_filter_admits (GenvidAddressFilter *filter,
                              GInetAddress *address)
{
  gboolean private
      = genvid_ip_address_is_private (g_inet_address_to_bytes (address),
                                      g_inet_address_get_native_size (address));

  return private == (filter->kind == GENVID_ADDRESS_FILTER_PRIVATE);
}

static gboolean
admits (GenvidAddressFilter *filter, GSocketAddress *address)
{
  return G_IS_INET_SOCKET_ADDRESS (address)
         && genvid_address_filter_admits (filter,
                                          g_inet_socket_address_get_address (
                                              G_INET_SOCKET_ADDRESS (address)));
}

/* TRUE if ADDRESS may be handed out; else it is dropped. */
static gboolean
sift (GenvidSieve *sieve, GSocketAddress *address)
{
  if (!admits (sieve->filter, address)) {
    sieve->refused = TRUE;
    g_object_unref (address);
    return FALSE;
  }
  sieve->passed = TRUE;
  return TRUE;
}

/* At the end: an error if nothing but wrong addresses was found. */
static void
judge_end (GenvidSieve *sieve, GError **error)
{
  if (!sieve->passed && sieve->refused)
    g_set_error (
        error, GENVID_ERROR, GENVID_REASON_UNSAFE_URL,
        sieve->filter->kind == GENVID_ADDRESS_FILTER_PUBLIC
            ? "\"%s\" has a private address."
            : "\"%s\" has a public address, and a key is never sent there over "
              "plain http; use https.",
        g_network_address_get_hostname (G_NETWORK_ADDRESS (sieve->filter)));
}

static GSocketAddress *
sieve_next (GSocketAddressEnumerator *enumerator, GCancellable *cancellable,
            GError **error)
{
  GenvidSieve *sieve = GENVID_SIEVE (enumerator);
  GError *inner = NULL;

  for (;;) {
    GSocketAddress *address
        = g_socket_address_enumerator_next (sieve->source, cancellable, &inner);

    if (inner)
      g_propagate_error (error, inner);
    else if (!address)
      judge_end (sieve, error);
    if (!address || sift (sieve, address))
      return address;
  }
}

static void
take_next (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GenvidSieve *sieve = g_task_get_source_object (task);
  GError *error = NULL;
  GSocketAddress *address
      = g_socket_address_enumerator_next_finish (sieve->source, result, &error);

  if (address && !sift (sieve, address)) {
    g_socket_address_enumerator_next_async (sieve->source,
                                            g_task_get_cancellable (task),
                                            take_next, g_object_ref (task));
    return;
  }
  if (!address && !error)
    judge_end (sieve, &error);
  if (error)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, address, g_object_unref);
}

static void
sieve_next_async (GSocketAddressEnumerator *enumerator,
                  GCancellable *cancellable, GAsyncReadyCallback callback,
                  gpointer data)
{
  GenvidSieve *sieve = GENVID_SIEVE (enumerator);
  GTask *task = g_task_new (sieve, cancellable, callback, data);

  g_socket_address_enumerator_next_async (sieve->source, cancellable, take_next,
                                          task);
}

static GSocketAddress *
sieve_next_finish (GSocketAddressEnumerator *enumerator, GAsyncResult *result,
                   GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
genvid_sieve_finalize (GObject *object)
{
  GenvidSieve *sieve = GENVID_SIEVE (object);

  g_clear_object (&sieve->source);
  g_clear_object (&sieve->filter);
  G_OBJECT_CLASS (genvid_sieve_parent_class)->finalize (object);
}

static void
genvid_sieve_class_init (GenvidSieveClass *klass)
{
  GSocketAddressEnumeratorClass *enumerator
      = G_SOCKET_ADDRESS_ENUMERATOR_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = genvid_sieve_finalize;
  enumerator->next = sieve_next;
  enumerator->next_async = sieve_next_async;
  enumerator->next_finish = sieve_next_finish;
}

static void
genvid_sieve_init (GenvidSieve *sieve)
{
}

static GSocketAddressEnumerator *
enumerate (GSocketConnectable *connectable)
{
  GSocketConnectableIface *parent = g_type_interface_peek_parent (
      G_SOCKET_CONNECTABLE_GET_IFACE (connectable));
  GenvidSieve *sieve = g_object_new (GENVID_TYPE_SIEVE, NULL);

  sieve->filter = g_object_ref (GENVID_ADDRESS_FILTER (connectable));
  sieve->source = parent->enumerate (connectable);
  return G_SOCKET_ADDRESS_ENUMERATOR (sieve);
}

static void
connectable_iface_init (GSocketConnectableIface *iface)
{
  iface->enumerate = enumerate;
}

static void
genvid_address_filter_class_init (GenvidAddressFilterClass *klass)
{
}

static void
genvid_address_filter_init (GenvidAddressFilter *filter)
{
}

GenvidAddressFilter *
genvid_address_filter_new (const char *scheme, const char *host, guint16 port,
                           GenvidAddressFilterKind kind)
{
  GenvidAddressFilter *filter
      = g_object_new (GENVID_TYPE_ADDRESS_FILTER, "scheme", scheme, "hostname",
                      host, "port", (guint)port, NULL);

  filter->kind = kind;
  return filter;
}
