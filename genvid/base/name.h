/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A name as people compare names: in lower case, "-" for "_".
 * Owned by the caller. */
char *genvid_name_fold (const char *name);

/* The one of NAMES (NULL-terminated, not empty) that NAME is most likely a
 * typing error for: with the fewest letters added, dropped, replaced or
 * swapped; the first of several. Borrowed from NAMES. */
const char *genvid_name_nearest (const char *name, const char *const *names);

G_END_DECLS
