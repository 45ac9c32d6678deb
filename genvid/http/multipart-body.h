/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The body of an upload: one multipart/form-data part, streamed from a file
 * that is opened once. The bytes are hashed as they are read; if the hash is
 * wrong, the read fails before the closing boundary, so the request is never
 * complete. */
#define GENVID_TYPE_MULTIPART_BODY (genvid_multipart_body_get_type ())
G_DECLARE_FINAL_TYPE (GenvidMultipartBody, genvid_multipart_body, GENVID,
                      MULTIPART_BODY, GInputStream)

/* SHA256: lower-case hex, or NULL for any. GENVID_ERROR (settings) if PATH is
 * not a regular file, empty, larger than GENVID_IMAGE_MAX_BYTES or cannot be
 * opened; (no-space). */
GenvidMultipartBody *genvid_multipart_body_new (const char *part,
                                                const char *path,
                                                const char *sha256,
                                                GError **error);
/* Of the whole body; exact. */
guint64 genvid_multipart_body_get_length (GenvidMultipartBody *upload);
/* "multipart/form-data; boundary=…"; borrowed. */
const char *genvid_multipart_body_get_content_type (
    GenvidMultipartBody *upload);
/* The file changed: it is not the one that was hashed. */
gboolean genvid_multipart_body_has_changed (GenvidMultipartBody *upload);

G_END_DECLS
