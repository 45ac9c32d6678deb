/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/* The body of an upload: one multipart/form-data part, streamed from a file
 * that is opened once. The bytes read are hashed as they pass; if they turn
 * out not to be the expected ones the read fails before the closing boundary,
 * so that the request is never complete. */
#define GENVID_TYPE_UPLOAD (genvid_upload_get_type ())
G_DECLARE_FINAL_TYPE (GenvidUpload, genvid_upload, GENVID, UPLOAD, GInputStream)

/* SHA256: lower-case hex, or NULL for any. GENVID_ERROR (settings) if PATH is
 * no regular file, empty, larger than GENVID_IMAGE_MAX_BYTES or cannot be
 * opened; (no-space). */
GenvidUpload *genvid_upload_new (const char *part, const char *path,
                                 const char *sha256, GError **error);
/* Of the whole body; exact. */
guint64 genvid_upload_get_length (GenvidUpload *upload);
/* "multipart/form-data; boundary=…"; borrowed. */
const char *genvid_upload_get_content_type (GenvidUpload *upload);
/* The file was not what it should be. */
gboolean genvid_upload_has_changed (GenvidUpload *upload);
