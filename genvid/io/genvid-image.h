/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Local pictures and other assets that a request names. */

#define GENVID_IMAGE_MAX_BYTES (G_GUINT64_CONSTANT (64) * 1024 * 1024)

/* Lower-case hex SHA-256 of a local file's bytes, read in blocks. PROPERTY is
 * named in the error. GENVID_ERROR (settings): not there, not a regular file,
 * empty, larger than GENVID_IMAGE_MAX_BYTES. Owned by the caller. */
char *genvid_image_hash (const char *path, const char *property,
                         GError **error);

G_END_DECLS
