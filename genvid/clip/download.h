/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "clip.h"
#include "failure.h"
#include "http-client.h"
#include "media-outcome.h"
#include "store-entry.h"

G_BEGIN_DECLS

/* Downloads a result into the store and the clip at network speed, independent
 * of the readers. */

typedef struct {
  const char *link; /* checked here, as is each redirect */
  /* See GenvidMediaRequestOptions; nullable. */
  const GPtrArray *headers;
  /* Statuses that mean "not ready yet", with a zero at their end: EXPIRED, and
   * no try without Range. Nullable. */
  const guint *pending;
  /* See GenvidMediaRequestOptions; nullable. */
  const char *inline_path;
  const char *base_url;
  guint64 max_size;
  gboolean allow_private;
  gboolean once; /* one attempt without a new byte is enough */
} GenvidDownloadOptions;

typedef struct {
  char *extension;        /* COMPLETE */
  guint64 size;           /* COMPLETE */
  GenvidFailure *failure; /* BROKEN, REFUSED, EXPIRED */
  gint64 retry_after;     /* microseconds; -1: the server did not say */
} GenvidDownloadResult;

/* Runs until the clip is complete and in its place (COMPLETE), or returns what
 * stopped it; see GenvidMediaOutcome. Resumes what the entry's clip.part and
 * clip.map hold, with proof (If-Range on a strong ETag, or Last-Modified and
 * size); without proof, all of it is downloaded again and compared. Downloads
 * that are cut, reset, or stalled (less than 1 KiB in 30 s) are continued with
 * Range; a server that refuses a Range is asked for the whole file. It gives up
 * after 5 attempts in a row (retryable), or 60 s, without a new byte, and when
 * fewer than 32 KiB arrive in 5 minutes. For a reader that waits 1 MiB or more
 * ahead, a second request prefetches. The caller owns what is in RESULT. Calls
 * genvid_clip_set_file, _set_size, _add_bytes, _reset and _finish on CLIP,
 * never _fail. A key in the headers goes to the base-url's origin only. */
GenvidMediaOutcome genvid_download_run (GenvidHttpClient *http,
                                        const GenvidDownloadOptions *options,
                                        GenvidClip *clip,
                                        GenvidStoreEntry *entry,
                                        GenvidDownloadResult *result);

G_END_DECLS
