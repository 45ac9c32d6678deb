/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Money by day, as a picture. */
typedef struct _Days Days;

Days *days_new (void);
void days_free (Days *days);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Days, days_free)

/* USD on the local day of WALL (microseconds; 0: no day, counted in the sum
 * only). */
void days_add (Days *days, gint64 wall, double usd);
double days_get_sum (const Days *days);
/* An svg element, at most the last 60 days on which something was bought; NULL:
 * nothing was. Owned by the caller. */
char *days_draw (const Days *days);
