/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The plugins as a program has them that links them statically. */

#include <gst/gst.h>

GST_PLUGIN_STATIC_DECLARE (genvid);
GST_PLUGIN_STATIC_DECLARE (genvidlive);

static void
check_registered (const char *name, const char *element)
{
  g_autoptr (GstPlugin) plugin
      = gst_registry_find_plugin (gst_registry_get (), name);
  g_autoptr (GstElement) made = NULL;

  g_assert_nonnull (plugin);
  g_assert_null (gst_plugin_get_filename (plugin));
  g_assert_cmpstr (gst_plugin_get_package (plugin), !=, "");
  g_assert_null (strstr (gst_plugin_get_origin (plugin), "Unknown"));

  made = gst_object_ref_sink (gst_element_factory_make (element, NULL));
  g_assert_nonnull (made);
}

static void
test_register (void)
{
  GST_PLUGIN_STATIC_REGISTER (genvid);
  GST_PLUGIN_STATIC_REGISTER (genvidlive);
  check_registered ("genvid", "genvidsrc");
  check_registered ("genvidlive", "genvidlivesrc");
}

/* As far as a start gets without a prompt: the engine and its descriptions of
 * the services are in the archive, too. */
static void
test_start (void)
{
  g_autoptr (GstElement) pipeline = gst_parse_launch (
      "genvidsrc provider=genpro prompt=x duration=99999 ! fakesink", NULL);
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  g_setenv ("GEN_API_KEY", "key", TRUE);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, GST_SECOND, GST_MESSAGE_ERROR);
  g_assert_nonnull (message);
  gst_message_parse_error (message, &error, NULL);
  g_assert_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS);
  g_assert_nonnull (strstr (error->message, "gen.pro"));
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

int
main (int argc, char **argv)
{
  /* Only what is linked: no plugin from the environment beside it. */
  g_unsetenv ("GST_PLUGIN_PATH");
  g_unsetenv ("GST_PLUGIN_PATH_1_0");
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);

  g_test_add_func ("/static/register", test_register);
  g_test_add_func ("/static/start", test_start);

  return g_test_run ();
}
