/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The plugin of genvidsrc. */

#include "gstgenvidsrc.h"

#define PACKAGE "genvid"

/**
 * plugin-genvid:
 *
 * The element that buys AI-generated video from paid services.
 *
 * Since: 0.1
 */

static gboolean
plugin_init (GstPlugin *plugin)
{
  return GST_ELEMENT_REGISTER (genvidsrc, plugin);
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, genvid,
                   "AI-generated video from paid services", plugin_init,
                   GENVID_VERSION, "LGPL", GENVID_PACKAGE_NAME,
                   GENVID_PACKAGE_ORIGIN)
