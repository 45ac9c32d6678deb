/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What the two halves of the child share. */

gint64 child_get_number (const char *variable, gint64 otherwise);
/* "clock SECONDS": how far its time was skipped, as a line of its own. */
void child_print_clock (void);
