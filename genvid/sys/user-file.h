/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Files and folders that a user names. The user's own links are followed; what
 * is no regular file is refused without waiting for it: a pipe never begins
 * and a device never ends. Any thread. */

/* "~" and what begins with "~/" in the user's home, any other text as it is.
 * PROPERTY is named in the error. GENVID_ERROR (settings): another user's
 * home. Owned by the caller. */
char *genvid_user_path (const char *path, const char *property, GError **error);

/* For reading; -1 with GENVID_ERROR (settings): missing, no regular file,
 * larger than MAX bytes; (no-space): the process may open no more. ADVICE: a
 * sentence that ends the error. */
int genvid_user_file_open (const char *path, gsize max, const char *advice,
                           GError **error);
/* The whole of it, with a nul behind it, in one piece of memory. The same
 * errors. Owned by the caller. */
char *genvid_user_file_read (const char *path, gsize max, const char *advice,
                             gsize *length, GError **error);

G_END_DECLS
