/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two bounds, so that no server can hold a download without end: attempts in
 * a row without a new byte, and too few bytes in too long a time. */
#include "download-retry.h"

#include "failure.h"

/* An attempt with fewer new bytes is followed by a pause. */
#define MUCH      (64 * 1024)
#define MAX_PAUSE 15

void
genvid_download_retry_init (GenvidDownloadRetry *retry,
                            const GenvidDownloadTuning *tuning, gboolean once,
                            gint64 now)
{
  *retry = (GenvidDownloadRetry){
    .tuning = tuning,
    .max_attempts = once ? 1 : tuning->attempts,
    .since = now,
    .last_byte = now,
  };
}

void
genvid_download_retry_begin (GenvidDownloadRetry *retry)
{
  retry->attempts++;
  retry->slow++;
}

void
genvid_download_retry_discount (GenvidDownloadRetry *retry)
{
  retry->attempts--;
  retry->slow--;
}

void
genvid_download_retry_progress (GenvidDownloadRetry *retry, guint64 n)
{
  if (n == 0)
    return;
  retry->attempts = 0;
  retry->news += n;
  if (retry->news >= MUCH)
    retry->news = retry->slow = 0;
  retry->received += n;
  if (retry->received < retry->tuning->window_bytes)
    return;
  retry->received = 0;
  retry->since = retry->last_byte;
}

void
genvid_download_retry_forgive (GenvidDownloadRetry *retry, gint64 now)
{
  retry->last_byte = retry->since = now;
}

void
genvid_download_retry_pace (GenvidDownloadRetry *retry, gint64 retry_after,
                            gint64 now)
{
  gint64 backoff = retry->tuning->backoff, pause = 0;

  if (retry->slow > 1)
    pause = MIN (backoff << MIN (retry->slow - 2, 4), MAX_PAUSE * backoff);
  retry->at = MIN (now + MAX (pause, retry_after),
                   retry->last_byte + retry->tuning->patience);
}

gboolean
genvid_download_retry_is_spent (const GenvidDownloadRetry *retry, gint64 now)
{
  return retry->attempts >= retry->max_attempts
         || (retry->attempts > 0
             && now - retry->last_byte >= retry->tuning->patience);
}

gboolean
genvid_download_retry_is_too_slow (const GenvidDownloadRetry *retry, gint64 now)
{
  return now - retry->since >= retry->tuning->window;
}

GenvidFailure *
genvid_download_retry_make_too_slow (const GenvidDownloadRetry *retry,
                                     gint64 now)
{
  return genvid_failure_new (
      GENVID_REASON_UNREACHABLE,
      "The media server is too slow: it sent %" G_GUINT64_FORMAT
      " new bytes in %" G_GINT64_FORMAT " s.",
      retry->received, (now - retry->since) / G_USEC_PER_SEC);
}
