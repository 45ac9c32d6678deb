/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "failure.h"

G_BEGIN_DECLS

/* When a download asks again, and when it gives up. A value; zeroed by its
 * init. All moments are of the boot clock, all times microseconds. */

/* How patient a download is. */
typedef struct {
  gint64 stall; /* fewer than stall_bytes within this: a cut */
  guint64 stall_bytes;
  guint attempts;  /* in a row without a new byte */
  gint64 patience; /* without a new byte */
  gint64 backoff;  /* before the third attempt; doubles, up to 15 times it */
  gint64 window;   /* fewer new bytes than window_bytes within this: the end */
  guint64 window_bytes;
} GenvidDownloadTuning;

typedef struct {
  const GenvidDownloadTuning *tuning;
  guint max_attempts;
  guint attempts;   /* begun without a new byte since */
  guint slow;       /* begun without much that is new since */
  guint64 news;     /* new bytes since that count began */
  gint64 since;     /* when enough had come last */
  guint64 received; /* new bytes since then */
  gint64 last_byte;
  gint64 at; /* of the next attempt */
} GenvidDownloadRetry;

/* ONCE: one attempt without a new byte is enough. */
void genvid_download_retry_init (GenvidDownloadRetry *retry,
                                 const GenvidDownloadTuning *tuning,
                                 gboolean once, gint64 now);
void genvid_download_retry_begin (GenvidDownloadRetry *retry);
/* The attempt that runs does not count. */
void genvid_download_retry_discount (GenvidDownloadRetry *retry);
/* N bytes came that were missing, or that were compared for the first time. */
void genvid_download_retry_progress (GenvidDownloadRetry *retry, guint64 n);
/* The machine slept: that was not the server's delay. */
void genvid_download_retry_forgive (GenvidDownloadRetry *retry, gint64 now);
/* Sets the time of the next attempt: the fewer bytes the last ones sent, the
 * later, but not before RETRY_AFTER. */
void genvid_download_retry_pace (GenvidDownloadRetry *retry, gint64 retry_after,
                                 gint64 now);
gboolean genvid_download_retry_is_spent (const GenvidDownloadRetry *retry,
                                         gint64 now);
/* Too few new bytes within the window. */
gboolean genvid_download_retry_is_too_slow (const GenvidDownloadRetry *retry,
                                            gint64 now);
/* The failure that says so; owned by the caller. */
GenvidFailure *genvid_download_retry_make_too_slow (
    const GenvidDownloadRetry *retry, gint64 now);

G_END_DECLS
