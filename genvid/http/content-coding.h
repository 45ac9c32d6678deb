/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a server did to a body although nobody asked for it. Told by the
 * bytes: stores and CDNs replay whatever Content-Encoding an uploader wrote.
 * gzip and deflate are undone, piece by piece. */
typedef struct _GenvidContentCoding GenvidContentCoding;

/* With so many of the first bytes it is certain. */
#define GENVID_CODING_BEGIN 512

/* CLAIM: the Content-Encoding; nullable. DATA: the first bytes of a body, or
 * all. NULL: they are what they are. */
GenvidContentCoding *genvid_content_coding_new (const char *claim,
                                                const guint8 *data,
                                                gsize length);
void genvid_content_coding_free (GenvidContentCoding *coding);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidContentCoding, genvid_content_coding_free)

/* CLAIM names a coding of HTTP's. "none", "base64" or "utf-8" are none. */
gboolean genvid_content_coding_is_named (const char *claim);

/* Bytes that came; what is done with goes off its front. */
typedef struct {
  const guint8 *data;
  gsize length;
} GenvidPiece;

/* Undoes PIECES, given in order. How many bytes came of this one; fewer than
 * ROOM: give it the next. With an error the body is damaged, or so much longer
 * than what was sent (GENVID_ERROR, not-media) that it is no media. */
gsize genvid_content_coding_decode (GenvidContentCoding *coding,
                                    GenvidPiece *piece, guint8 *buffer,
                                    gsize room, GError **error);
/* By its own word it was all. */
gboolean genvid_content_coding_has_ended (const GenvidContentCoding *coding);

/* A whole BODY undone, its first MAX bytes; *TRUNCATED: there are more. NULL:
 * it is what it is, or damaged. Owned by the caller. */
GBytes *genvid_content_coding_undo (const char *claim, GBytes *body, gsize max,
                                    gboolean *truncated);

G_END_DECLS
