/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Files and folders that a user names. Symbolic links are followed; what is not
 * a regular file is refused without waiting: a pipe may never start and a
 * device may never end. Any thread. */

/* Expands "~" and "~/…" to the user's home; any other text stays as it is.
 * PROPERTY is named in the error. GENVID_ERROR (settings): another user's
 * home. Owned by the caller. */
char *genvid_user_path (const char *path, const char *property, GError **error);

/* For reading; -1 with GENVID_ERROR (settings): missing, not a regular file,
 * larger than MAX bytes; (no-space): the process has no descriptors left.
 * ADVICE: a sentence that ends the error. */
int genvid_user_file_open (const char *path, gsize max, const char *advice,
                           GError **error);
/* The whole of it, with a nul behind it, in one piece of memory. The same
 * errors. Owned by the caller. */
char *genvid_user_file_read (const char *path, gsize max, const char *advice,
                             gsize *length, GError **error);

G_END_DECLS
