/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "download-private.h"
#include "download.h"
#include "media-request.h"
#include "media-response.h"

G_BEGIN_DECLS

/* What the main request asks for: where, from which byte, with what proof, and
 * whether for a part. Changes nothing. */

/* Owned by the caller; NULL with GENVID_ERROR (unsafe-url). GUESS: a result
 * over http from an https service; this is the same place over https, and
 * nothing else is tried. */
char *genvid_download_request_choose_link (const GenvidDownloadOptions *options,
                                           gboolean *guess, GError **error);
/* OPTIONS borrow from DOWNLOAD. */
void genvid_download_request_choose (const GenvidDownload *download,
                                     GenvidMediaRequestOptions *options);

/* Whether to ask for a part after the response HEAD, of 400 or above. PROBE
 * where that response was to a part: ask at once, without. */
GenvidRangeUse genvid_download_request_refuse (const GenvidDownload *download,
                                               const GenvidMediaResponse *head);
/* The same after a response with a file. */
GenvidRangeUse genvid_download_request_accept (GenvidRangeUse range);

G_END_DECLS
