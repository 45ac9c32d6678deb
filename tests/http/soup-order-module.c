/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What GModule opens: it calls back while GModule's lock is held, as in a
 * plugin that GStreamer loads. */

#include <gmodule.h>

void soup_order_hold (void);
const char *g_module_check_init (GModule *module);

G_MODULE_EXPORT const char *
g_module_check_init (GModule *module)
{
  soup_order_hold ();
  return NULL;
}
