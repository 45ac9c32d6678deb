/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "download-private.h"
#include "failure.h"
#include "media-response.h"

G_BEGIN_DECLS

/* download-attempt.c: the main request, again and again. */

void genvid_download_attempt_start (GenvidDownload *download, gint64 now);
/* Sets the time of the next one: the less the last ones brought, the later. */
void genvid_download_attempt_pace (GenvidDownload *download,
                                   gint64 retry_after);
/* So many bytes came that nobody had, or that were compared for the first
 * time. */
void genvid_download_attempt_progress (GenvidDownload *download, guint64 news,
                                       gint64 now);
/* Ends the download that is too slow to come to an end. */
void genvid_download_attempt_check_rate (GenvidDownload *download, gint64 now);
/* The main request is answered with HEAD: what that says of Range. TRUE: it is
 * refused, and asked once more at once, without. */
gboolean genvid_download_attempt_drop_range (GenvidDownload *download,
                                             const GenvidMediaResponse *head);
/* The main request's answer brings a file. */
void genvid_download_attempt_keep_range (GenvidDownload *download);
/* It failed: stops it, and sets the time of the next one, or ends the
 * download. Takes FAILURE, what it will have been if it was the last. */
void genvid_download_attempt_fail (GenvidDownload *download,
                                   GenvidFailure *failure, gint64 retry_after);
/* The same, for a line that broke. */
void genvid_download_attempt_cut (GenvidDownload *download, const char *what);
/* Forgets the bytes that are there, if any. FALSE: the download is over. */
gboolean genvid_download_attempt_reset (GenvidDownload *download);
/* What came is no part of the file that the bytes there are of: forgets them
 * and begins again. */
void genvid_download_attempt_change (GenvidDownload *download);
/* Ends the download of an http link that has no https form. */
void genvid_download_attempt_refuse_http (GenvidDownload *download);

G_END_DECLS
