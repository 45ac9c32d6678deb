/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "clip.h"
#include "failure.h"
#include "http-client.h"
#include "media-outcome.h"
#include "store-entry.h"

G_BEGIN_DECLS

/* Brings a result into the store and the clip at network speed, whatever its
 * readers do. */

typedef struct {
  const char *link; /* judged here, each redirect too */
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

/* Runs until the clip is whole and in its place (COMPLETE), or says what
 * stopped it; see GenvidMediaOutcome. Resumes what the entry's clip.part and
 * clip.map hold, with proof (If-Range on a strong ETag, or Last-Modified and
 * size); without, all of it comes again and is compared. Cut, stalled (less
 * than 1 KiB in 30 s) and reset downloads go on by Range; a server that
 * refuses a part is asked for the whole. It gives up after 5 attempts in a row
 * (retryable), or 60 s, without a new byte, and where fewer than 32 KiB came
 * in 5 minutes. A reader's wish 1 MiB or more ahead opens a second, ranged
 * request. What is in RESULT is the caller's. Calls genvid_clip_set_file,
 * _set_size, _add_bytes, _reset and _finish on CLIP, never _fail. No key ever
 * travels. */
GenvidMediaOutcome genvid_download_run (GenvidHttpClient *http,
                                        const GenvidDownloadOptions *options,
                                        GenvidClip *clip,
                                        GenvidStoreEntry *entry,
                                        GenvidDownloadResult *result);

G_END_DECLS
