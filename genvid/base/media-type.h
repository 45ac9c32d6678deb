/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* MIME types of pictures, clips and sounds, by their first bytes or by the
 * name that a link ends with. All texts are static. */

/* As many bytes are enough to tell. */
#define GENVID_MEDIA_TYPE_HEAD    16
#define GENVID_MEDIA_TYPE_UNKNOWN "application/octet-stream"

/* GENVID_MEDIA_TYPE_UNKNOWN where the bytes are of no known format. */
const char *genvid_media_type_sniff (const guint8 *head, gsize length);
/* By the extension of a URL's path; NULL where it says nothing. */
const char *genvid_media_type_of_link (const char *url);

/* A neutral name for a file of this TYPE (nullable), since a path may tell more
 * than its owner wants: "image.png", "video.mp4", "file.bin". Owned by the
 * caller. */
char *genvid_media_type_make_name (const char *type);

/* "10 MiB", or "1500 bytes" where it is not whole. Owned by the caller. */
char *genvid_media_type_format_size (guint64 size);

/* PATTERN is a type, or ends with "*" after its slash. TYPE is nullable:
 * nothing is known, and nothing matches but "*". */
gboolean genvid_media_type_match (const char *pattern, const char *type);

G_END_DECLS
