/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A content coding that a server applied although nobody asked for it,
 * recognised by the bytes: object stores and CDNs repeat whatever
 * Content-Encoding the uploader wrote. gzip and deflate are decoded, piece by
 * piece. */
typedef struct _GenvidContentCoding GenvidContentCoding;

/* This many of the first bytes are enough to decide. */
#define GENVID_CODING_BEGIN 512

/* CLAIM: the Content-Encoding; nullable. DATA: the first bytes of a body, or
 * all of it. NULL: there is nothing to decode. */
GenvidContentCoding *genvid_content_coding_new (const char *claim,
                                                const guint8 *data,
                                                gsize length);
void genvid_content_coding_free (GenvidContentCoding *coding);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidContentCoding, genvid_content_coding_free)

/* CLAIM names an HTTP content coding. "none", "base64" and "utf-8" do not. */
gboolean genvid_content_coding_is_named (const char *claim);

/* Received bytes; what was decoded is removed from the front. */
typedef struct {
  const guint8 *data;
  gsize length;
} GenvidPiece;

/* Decodes pieces, given in order. Returns the number of bytes decoded; fewer
 * than ROOM: give it the next piece. With an error the body is damaged, or
 * (GENVID_ERROR, not-media) so much longer than what was sent that it cannot
 * be media. */
gsize genvid_content_coding_decode (GenvidContentCoding *coding,
                                    GenvidPiece *piece, guint8 *buffer,
                                    gsize room, GError **error);
/* The coded data is complete. */
gboolean genvid_content_coding_has_ended (const GenvidContentCoding *coding);

/* Decodes a whole BODY, at most MAX bytes; *TRUNCATED: there are more. NULL:
 * there is nothing to decode, or it is damaged. Owned by the caller. */
GBytes *genvid_content_coding_undo (const char *claim, GBytes *body, gsize max,
                                    gboolean *truncated);

G_END_DECLS
