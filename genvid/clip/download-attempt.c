/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Beginning, and beginning again: from which byte, with what proof, after what
 * pause, and when it is enough. Three things end it, attempts that were begun
 * without a new byte since, files that were thrown away, and too few bytes in
 * too long a time, so that no server can keep it for ever. */
#include "download-attempt.h"

#include "byte-ranges.h"
#include "clip-status.h"
#include "clip.h"
#include "clock.h"
#include "download-private.h"
#include "failure.h"
#include "media-outcome.h"
#include "media-request.h"
#include "media-response.h"
#include "media-stream.h"
#include "part-writer.h"
#include "validator.h"

#define MAX_RESETS 3
/* An attempt that brought less is followed by a pause. */
#define MUCH      (64 * 1024)
#define MAX_PAUSE 15

void
genvid_download_attempt_refuse_http (GenvidDownload *download)
{
  genvid_download_end (
      download, GENVID_MEDIA_REFUSED,
      genvid_failure_new (GENVID_REASON_UNSAFE_URL,
                          "The service offers the clip over plain http, and "
                          "there is no such file over https."));
}

static void
count_request (GenvidClipStatus *snapshot, gpointer data)
{
  snapshot->connections++;
  snapshot->resumes += GPOINTER_TO_UINT (data);
}

gboolean
genvid_download_attempt_reset (GenvidDownload *download)
{
  g_autoptr (GError) error = NULL;

  genvid_media_stream_stop (&download->ahead);
  if (genvid_part_writer_is_empty (download->writer)
      && genvid_part_writer_get_validator (download->writer)->size
             == GENVID_SIZE_UNKNOWN)
    return TRUE;
  if (++download->resets > MAX_RESETS) {
    genvid_download_end (
        download, GENVID_MEDIA_BROKEN,
        genvid_failure_new (GENVID_REASON_BAD_ANSWER,
                            "The media server gives another file each time."));
    return FALSE;
  }
  download->reached = 0;
  if (genvid_part_writer_reset (download->writer, &error))
    return TRUE;
  genvid_download_end_with_error (download, error);
  return FALSE;
}

/* Up to the next stretch that is there already, if it is worth a request. */
static guint64
find_end (const GenvidByteRanges *ranges, guint64 from)
{
  guint64 next = genvid_byte_ranges_next_present (ranges, from);

  if (next == G_MAXUINT64
      || genvid_byte_ranges_available (ranges, next)
             < GENVID_MEDIA_STREAM_BLOCK)
    return GENVID_SIZE_UNKNOWN;
  return next;
}

void
genvid_download_attempt_change (GenvidDownload *download)
{
  genvid_media_stream_stop (&download->main);
  if (!genvid_download_attempt_reset (download))
    return;
  if (download->attempts > 1)
    genvid_download_attempt_cut (download, "the file changes all the time");
  else
    genvid_download_attempt_pace (download, 0);
}

/* --- With a Range, and without. --- */

/* Whatever the refusal says, it may mean the Range. One that asks to wait is
 * obeyed, and the next request goes without; but where bytes are there, a
 * server that is only busy is asked for the rest once more. */
gboolean
genvid_download_attempt_drop_range (GenvidDownload *download,
                                    const GenvidMediaResponse *head)
{
  gboolean empty = genvid_part_writer_is_empty (download->writer);

  if (head->status < 400)
    return FALSE;
  if (!download->ranged) {
    download->probing = FALSE;
    download->plain = download->unranged || empty;
    return FALSE;
  }
  if (genvid_media_response_asks_to_wait (head)) {
    download->plain = empty || download->attempts > 1;
    return FALSE;
  }
  genvid_media_stream_stop (&download->main);
  download->plain = download->probing = TRUE;
  download->attempts--;
  download->slow--;
  return TRUE;
}

void
genvid_download_attempt_keep_range (GenvidDownload *download)
{
  if (download->probing && !download->ranged)
    download->unranged = TRUE;
  download->probing = FALSE;
  download->plain = download->unranged;
}

/* --- When. --- */

void
genvid_download_attempt_progress (GenvidDownload *download, guint64 news,
                                  gint64 now)
{
  if (news == 0)
    return;
  download->attempts = 0;
  download->news += news;
  if (download->news >= MUCH)
    download->news = download->slow = 0;
  download->received += news;
  if (download->received < download->tuning->window_bytes)
    return;
  download->received = 0;
  download->since = now;
}

void
genvid_download_attempt_check_rate (GenvidDownload *download, gint64 now)
{
  const GenvidDownloadTuning *tuning = download->tuning;

  if (download->over || now - download->since < tuning->window)
    return;
  genvid_download_end (
      download, GENVID_MEDIA_BROKEN,
      genvid_failure_new (
          GENVID_REASON_UNREACHABLE,
          "The media server is too slow: it sent %" G_GUINT64_FORMAT
          " new bytes in %" G_GINT64_FORMAT " s.",
          download->received, (now - download->since) / G_USEC_PER_SEC));
}

void
genvid_download_attempt_pace (GenvidDownload *download, gint64 retry_after)
{
  gint64 backoff = download->tuning->backoff, pause = 0;

  if (download->slow > 1)
    pause = MIN (backoff << MIN (download->slow - 2, 4), MAX_PAUSE * backoff);
  download->retry_at = MIN (genvid_clock_now ().boot + MAX (pause, retry_after),
                            download->last_byte + download->tuning->patience);
}

/* What is there and cannot be proven comes again, in one piece: a server may
 * have a bound on parts. */
void
genvid_download_attempt_start (GenvidDownload *download, gint64 now)
{
  const GenvidValidator *known
      = genvid_part_writer_get_validator (download->writer);
  const GenvidByteRanges *ranges
      = genvid_part_writer_get_ranges (download->writer);
  gboolean held = !genvid_part_writer_is_empty (download->writer);
  gboolean again
      = held && (download->doubted || !genvid_validator_can_prove (known));
  GenvidMediaRequestOptions options
      = { .link = download->link, .ranged = !download->plain && !again };

  download->ranged = options.ranged;
  if (options.ranged) {
    options.from = genvid_byte_ranges_next_gap (ranges, 0);
    options.end = find_end (ranges, options.from);
    options.if_range = held ? genvid_validator_get_if_range (known) : NULL;
  }
  download->attempts++;
  download->slow++;
  download->renews = FALSE;
  genvid_clip_update (download->clip, count_request, GUINT_TO_POINTER (held));
  genvid_media_stream_start (&download->main, download->http, &options, now);
}

void
genvid_download_attempt_fail (GenvidDownload *download, GenvidFailure *failure,
                              gint64 retry_after)
{
  const GenvidDownloadTuning *tuning = download->tuning;
  guint enough = download->options->once ? 1 : tuning->attempts;
  gint64 idle = genvid_clock_now ().boot - download->last_byte;

  genvid_media_stream_stop (&download->main);
  if (download->upgraded && !download->arrived) {
    genvid_failure_free (failure);
    genvid_download_attempt_refuse_http (download);
    return;
  }
  if (download->attempts >= enough
      || (download->attempts > 0 && idle >= tuning->patience)) {
    genvid_download_end (download, GENVID_MEDIA_BROKEN, failure);
    return;
  }
  genvid_failure_free (failure);
  genvid_download_attempt_pace (download, retry_after);
}

void
genvid_download_attempt_cut (GenvidDownload *download, const char *what)
{
  GenvidFailure *failure = genvid_failure_new (
      GENVID_REASON_UNREACHABLE, "The download broke off: %s.", what);

  failure->retryable = TRUE;
  genvid_download_attempt_fail (download, failure, 0);
}
