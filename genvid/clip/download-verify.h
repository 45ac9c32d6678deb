/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "download-private.h"
#include "media-stream.h"

G_BEGIN_DECLS

/* download-verify.c: what came in. */

/* Reads on from the main request, whose head is good. */
void genvid_download_verify_read (GenvidDownload *download);
/* Writes what STREAM holds. FALSE: it was for nothing, and the stream or the
 * download is over. */
gboolean genvid_download_verify_take (GenvidDownload *download,
                                      GenvidMediaStream *stream);
/* SIZE bytes are there without a gap, and by all we know they are the file.
 * BLIND: we know it from the end of an answer only. */
void genvid_download_verify_complete (GenvidDownload *download, guint64 size,
                                      gboolean blind);

G_END_DECLS
