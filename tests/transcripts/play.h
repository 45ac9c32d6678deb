/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The element itself, linked into the test so that its clock is the test's.
 */

/* How many pictures decodebin makes of genvidsrc with these properties (a
 * string each, and "options"). */
guint play_element (JsonObject *properties);
/* And of the file at PATH. */
guint play_file (const char *path);

G_END_DECLS
