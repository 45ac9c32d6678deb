/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The way out for what the engine says of itself. It knows no GStreamer and
 * no file; the hook does. */
#include "log.h"

static GenvidLogHook the_hook; /* atomic; set once */

void
genvid_log_set_hook (GenvidLogHook hook)
{
  g_atomic_pointer_set (&the_hook, hook);
}

void
genvid_log (GenvidLogRoom room, GenvidLogLevel level, const char *format, ...)
{
  GenvidLogHook hook = g_atomic_pointer_get (&the_hook);
  g_autofree char *message = NULL;
  va_list arguments;

  if (hook == NULL || !hook (room, level, NULL))
    return;
  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  hook (room, level, message);
}
