/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The debug log, and the exit handler that waits for the response to a submit
 * or a cancel before the process ends. */

#include "gstgenvidelement.h"

#include <stdlib.h>

#include "client.h"
#include "gstgenvidlog.h"

gboolean
gst_genvid_element_init (void)
{
  static gsize result = 0; /* 1: ready, 2: failed */

  if (g_once_init_enter (&result)) {
    gst_genvid_log_init ();
    /* GStreamer never unloads a plugin, so the handler stays callable. */
    g_once_init_leave (&result, atexit (genvid_client_quit) == 0 ? 1 : 2);
  }
  return result == 1;
}
