/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The plugin of genvidlivesrc. It is one of its own because it loads the
 * libraries of raw media, which a start of genvidsrc need not wait for. */

#include "gstgenvidlivesrc.h"

#define PACKAGE "genvid"

/**
 * plugin-genvidlive:
 *
 * The element that plays AI-generated clips one after the other, live.
 *
 * Since: 0.1
 */

static gboolean
plugin_init (GstPlugin *plugin)
{
  return GST_ELEMENT_REGISTER (genvidlivesrc, plugin);
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, genvidlive,
                   "A live programme of AI-generated video", plugin_init,
                   GENVID_VERSION, "LGPL", GENVID_PACKAGE_NAME,
                   GENVID_PACKAGE_ORIGIN)
