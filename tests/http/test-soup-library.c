/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* libsoup is opened while another thread loads a plugin, which holds GModule's
 * lock and then wants the loader's. */

#include "soup-library.h"

#include <dlfcn.h>
#include <gmodule.h>

/* ThreadSanitizer reads all that is mapped at each of them. */
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#define LOOKS (__has_feature (thread_sanitizer) ? 500 : 50000)

static GThread *opener;
static gint begun; /* atomic */

static gpointer
open_soup (gpointer data)
{
  g_autoptr (GError) error = NULL;

  g_atomic_int_set (&begun, TRUE);
  g_assert_true (genvid_soup_library_open (&error));
  g_assert_no_error (error);
  return NULL;
}

void soup_order_hold (void);

/* Often enough for the other thread to be in the middle of it. */
G_MODULE_EXPORT void
soup_order_hold (void)
{
  opener = g_thread_new ("opener", open_soup, NULL);
  while (!g_atomic_int_get (&begun))
    g_thread_yield ();
  for (guint i = 0; i < LOOKS; i++) {
    void *library = dlopen ("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);

    g_assert_nonnull (library);
    dlclose (library);
  }
}

static void
test_beside_a_plugin (void)
{
  GModule *module = g_module_open (SOUP_ORDER_MODULE, G_MODULE_BIND_LOCAL);

  g_assert_nonnull (module);
  g_thread_join (opener);
  g_module_close (module);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/soup-library/beside-a-plugin", test_beside_a_plugin);
  return g_test_run ();
}
