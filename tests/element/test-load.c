/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What comes with genvidsrc when it is loaded: a start waits for it. */

#include <dlfcn.h>

#include <gst/gst.h>

/* As the registry's scan does. */
static void
test_libraries (void)
{
  static const char *const others[]
      = { "libsoup-2.4.so.1", "libsoup-3.0.so.0", "libgstaudio-1.0.so.0",
          "libgstvideo-1.0.so.0", "libgstcontroller-1.0.so.0" };
  g_autoptr (GstElement) element = gst_element_factory_make ("genvidsrc", NULL);

  g_assert_nonnull (element);
  gst_object_ref_sink (element);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    g_assert_null (dlopen (others[i], RTLD_LAZY | RTLD_NOLOAD));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/load/libraries", test_libraries);
  return g_test_run ();
}
