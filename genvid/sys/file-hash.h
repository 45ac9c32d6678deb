/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Local pictures and other assets that a request names. */

#define GENVID_IMAGE_MAX_BYTES (G_GUINT64_CONSTANT (64) * 1024 * 1024)

/* Opens one for reading. PROPERTY is named in the error. -1 with GENVID_ERROR
 * (settings): not there, not a regular file, empty, larger than
 * GENVID_IMAGE_MAX_BYTES; (no-space). */
int genvid_image_open (const char *path, const char *property, guint64 *size,
                       GError **error);
/* Its size, and its MIME type (static) by its first bytes. The same errors. */
gboolean genvid_image_look (const char *path, const char *property,
                            guint64 *size, const char **type, GError **error);
/* Lower-case hex SHA-256 of a local file's bytes, read in blocks. The same
 * errors. Owned by the caller. */
char *genvid_file_hash (const char *path, const char *property, GError **error);

G_END_DECLS
