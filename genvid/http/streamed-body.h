/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "exchange.h"

G_BEGIN_DECLS

/* The body of an exchange that has files in it, as a stream in constant
 * memory: the parts of a multipart/form-data form, or one part as it is. Files
 * are opened one at a time and hashed as they are read; where a hash is wrong,
 * the read fails before the file's last bytes, so the request is never
 * complete. */
#define GENVID_TYPE_STREAMED_BODY (genvid_streamed_body_get_type ())
G_DECLARE_FINAL_TYPE (GenvidStreamedBody, genvid_streamed_body, GENVID,
                      STREAMED_BODY, GInputStream)

/* GENVID_ERROR (settings) if a file of EXCHANGE is not a regular one, empty,
 * larger than GENVID_IMAGE_MAX_BYTES or cannot be opened, and for a submit if
 * its hash is wrong already; (no-space). */
GenvidStreamedBody *genvid_streamed_body_new (const GenvidExchange *exchange,
                                              GError **error);
/* Of the whole body; exact. */
guint64 genvid_streamed_body_get_length (GenvidStreamedBody *body);
/* The exchange's own, with the boundary of a form; borrowed. */
const char *genvid_streamed_body_get_content_type (GenvidStreamedBody *body);
/* A file changed: it is not the one that was hashed. */
gboolean genvid_streamed_body_has_changed (GenvidStreamedBody *body);

G_END_DECLS
