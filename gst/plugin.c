/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The plugin's entry, and the hook that lets a purchase that is being sent or
 * cancelled get its answer before the process is gone. */

#include <stdlib.h>

#include <genvid/genvid-messages.h>

#include "gstgenvidlog.h"
#include "gstgenvidsrc.h"
#include "client.h"

#define PACKAGE "genvid"

static gboolean
init (GstPlugin *plugin)
{
  gst_genvid_log_init ();
  /* GStreamer never unloads a plugin, so the hook stays callable. */
  if (atexit (genvid_client_quit) != 0)
    return FALSE;
  return gst_element_register (plugin, GENVID_ELEMENT, GST_RANK_NONE,
                               GST_TYPE_GENVID_SRC);
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, genvid,
                   "Video generations of paid services as a source", init,
                   GENVID_VERSION, "LGPL", "genvid", "Unknown package origin")
