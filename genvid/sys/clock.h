/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "moment.h"

G_BEGIN_DECLS

GenvidNow genvid_clock_now (void); /* the clocks of this machine */

/* A wall time as ISO 8601 in UTC, to the millisecond; owned by the caller. */
char *genvid_clock_format_time (gint64 wall);
/* 0 for a text that is not a time. */
gint64 genvid_clock_parse_time (const char *text);

G_END_DECLS
