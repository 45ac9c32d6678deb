/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A resolver that knows every name, at one address. */

#include <gio/gio.h>

typedef struct {
  GResolver parent_instance;
  const char *address;
} Liar;
typedef GResolverClass LiarClass;

static GType liar_get_type (void);
G_DEFINE_TYPE (Liar, liar, G_TYPE_RESOLVER)

static void
lie_async (GResolver *resolver, const char *name, GCancellable *cancellable,
           GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (resolver, cancellable, callback, data);

  g_task_return_pointer (task, NULL, NULL);
}

static void
lie_with_flags_async (GResolver *resolver, const char *name,
                      GResolverNameLookupFlags flags, GCancellable *cancellable,
                      GAsyncReadyCallback callback, gpointer data)
{
  lie_async (resolver, name, cancellable, callback, data);
}

static GList *
lie_finish (GResolver *resolver, GAsyncResult *result, GError **error)
{
  Liar *liar = (Liar *)resolver;

  return g_list_append (NULL, g_inet_address_new_from_string (liar->address));
}

static void
liar_class_init (LiarClass *klass)
{
  klass->lookup_by_name_async = lie_async;
  klass->lookup_by_name_finish = lie_finish;
  klass->lookup_by_name_with_flags_async = lie_with_flags_async;
  klass->lookup_by_name_with_flags_finish = lie_finish;
}

static void
liar_init (Liar *liar)
{
}

/* Until another one is the default. ADDRESS stays. */
static inline void
liar_begin (const char *address)
{
  Liar *liar = g_object_new (liar_get_type (), NULL);

  liar->address = address;
  g_resolver_set_default (G_RESOLVER (liar));
  g_object_unref (liar);
}
