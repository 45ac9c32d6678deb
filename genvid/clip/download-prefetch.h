/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "download-private.h"
#include "media-request.h"

G_BEGIN_DECLS

/* The second request, where a reader waits far ahead. Changes nothing. */

/* There is something to ask for: OPTIONS say what. */
gboolean genvid_download_prefetch_choose (const GenvidDownload *download,
                                          gint64 now,
                                          GenvidMediaRequestOptions *options);
/* When to look at it again at the latest, or to ask that again, because the
 * main request is slow. Boot clock. */
gint64 genvid_download_prefetch_get_moment (const GenvidDownload *download,
                                            gint64 now);

typedef enum {
  GENVID_PREFETCH_WAIT,    /* no response yet */
  GENVID_PREFETCH_READ,    /* its bytes are of the file */
  GENVID_PREFETCH_GOOD,    /* the same, and enough came to be worth it */
  GENVID_PREFETCH_DONE,    /* stop it */
  GENVID_PREFETCH_FAILED,  /* stop it, and count that */
  GENVID_PREFETCH_REFUSED, /* stop it, and never ask again */
} GenvidPrefetchVerdict;

/* Of its response. */
GenvidPrefetchVerdict genvid_download_prefetch_check_head (
    const GenvidDownload *download);
/* Of its bytes so far, after they were written. */
GenvidPrefetchVerdict genvid_download_prefetch_check_body (
    const GenvidDownload *download);

G_END_DECLS
