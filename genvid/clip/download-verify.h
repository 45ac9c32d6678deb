/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "download-private.h"
#include "failure.h"
#include "media-outcome.h"
#include "media-response.h"
#include "media-stream.h"

G_BEGIN_DECLS

/* What the bytes of a response are good for, as a verdict: whether they are a
 * clip at all, whether they are of the file that other bytes are there of, and
 * whether they are all of it. Changes nothing. */

typedef enum {
  GENVID_STEP_GO_ON,
  GENVID_STEP_WAIT,     /* for more bytes of this response */
  GENVID_STEP_NEXT,     /* it has no more to give: ask for what is missing */
  GENVID_STEP_CUT,      /* it ended too early: WHY */
  GENVID_STEP_RETRY,    /* it was worth nothing: FAILURE, if it was the last */
  GENVID_STEP_RESTART,  /* it is of another file: forget the bytes */
  GENVID_STEP_COMPLETE, /* SIZE bytes are the file; BLIND: only the end of a
                         * response says so */
  GENVID_STEP_END,      /* the download is over: OUTCOME, FAILURE */
} GenvidDownloadStep;

typedef struct {
  GenvidDownloadStep step;
  const char *why;
  GenvidFailure *failure; /* the caller's */
  GenvidMediaOutcome outcome;
  guint64 size;
  gboolean blind;
} GenvidDownloadVerdict;

/* The head of the main response. See genvid_media_response_classify. */
GenvidVerdict genvid_download_verify_head (const GenvidDownload *download,
                                           const GenvidMediaResponse *head,
                                           GenvidFailure **failure);
/* The first bytes of the main response. ENDED: no more will come. */
GenvidDownloadVerdict genvid_download_verify_begin (
    const GenvidDownload *download, const GenvidMediaResponse *head,
    gboolean ended);
/* What STREAM holds. LENGTH: how much of it belongs to the file. */
GenvidDownloadVerdict genvid_download_verify_block (
    const GenvidDownload *download, const GenvidMediaStream *stream,
    gsize *length);
/* All that was there was compared, and was equal: what proves the main
 * response proves all of it. */
gboolean genvid_download_verify_is_settled (const GenvidDownload *download);
/* The main response has no more to give: the file is all there, or the next
 * bytes are, and proven. */
gboolean genvid_download_verify_is_through (const GenvidDownload *download,
                                            const GenvidMediaResponse *head);
/* The main response ended, or has no more to give. */
GenvidDownloadVerdict genvid_download_verify_end (
    const GenvidDownload *download, const GenvidMediaResponse *head);

G_END_DECLS
