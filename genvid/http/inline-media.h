/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "content-coding.h"

G_BEGIN_DECLS

/* Media inside a JSON answer: a string of base64, which may be much longer than
 * an answer may be. The text is read piece by piece; of a string longer than
 * GENVID_INLINE_LONG only the beginning stays in what is kept, so all other
 * bounds of answers hold. No I/O. */
typedef struct _GenvidInlineMedia GenvidInlineMedia;

/* Bytes of a string, as it is written. */
#define GENVID_INLINE_LONG 1024

/* PATH: where the media is (json-path.h), to have it decoded; NULL: the rest of
 * the answer is wanted. */
GenvidInlineMedia *genvid_inline_media_new (const char *path);
void genvid_inline_media_free (GenvidInlineMedia *media);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidInlineMedia, genvid_inline_media_free)

/* Takes what it can of PIECE and returns the number of bytes decoded: of the
 * first string that turns out to be a clip. Fewer than ROOM: give it the next
 * piece. GENVID_ERROR (not-media): that string is no base64; (bad-answer): what
 * is kept is longer than an answer may be. */
gsize genvid_inline_media_decode (GenvidInlineMedia *media, GenvidPiece *piece,
                                  guint8 *buffer, gsize room, GError **error);
/* Keeps what it can of PIECE; FALSE: that is more than an answer may be. */
gboolean genvid_inline_media_keep (GenvidInlineMedia *media, GenvidPiece piece);
/* The answer with its long strings cut; a new array, the caller's. */
GByteArray *genvid_inline_media_take_text (GenvidInlineMedia *media);
/* After the last piece: what was decoded is what the path says. GENVID_ERROR
 * (not-media): there is no clip at it; (bad-answer): the answer is no JSON. */
gboolean genvid_inline_media_finish (GenvidInlineMedia *media, GError **error);

G_END_DECLS
