/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Beginning, and beginning again: from which byte, with what proof, after what
 * pause, and when it is enough. Two counts end it, attempts that were begun
 * without a new byte since and files that were thrown away, so that no server
 * can keep it for ever. */
#include <genvid/io/genvid-download-private.h>

#define MAX_RESETS 3

void
genvid_attempt_refuse_http (GenvidDownload *download)
{
  genvid_download_end (
      download, GENVID_MEDIA_REFUSED,
      genvid_failure_new (GENVID_REASON_UNSAFE_URL,
                          "The service offers the clip over plain http, and "
                          "there is no such file over https."));
}

static void
count_request (GenvidSnapshot *snapshot, gpointer data)
{
  snapshot->connections++;
  snapshot->resumes += GPOINTER_TO_UINT (data);
}

gboolean
genvid_attempt_reset (GenvidDownload *download)
{
  g_autoptr (GError) error = NULL;

  genvid_strand_stop (&download->ahead);
  if (genvid_intake_is_empty (download->intake)
      && genvid_intake_get_validator (download->intake)->size
             == GENVID_SIZE_UNKNOWN)
    return TRUE;
  if (++download->resets > MAX_RESETS) {
    genvid_download_end (
        download, GENVID_MEDIA_BROKEN,
        genvid_failure_new (GENVID_REASON_BAD_ANSWER,
                            "The media server gives another file each time."));
    return FALSE;
  }
  if (genvid_intake_reset (download->intake, &error))
    return TRUE;
  genvid_download_end_with_error (download, error);
  return FALSE;
}

/* Up to the next stretch that is there already, if it is worth a request. */
static guint64
find_end (const GenvidRanges *ranges, guint64 from)
{
  guint64 next = genvid_ranges_next_present (ranges, from);

  if (next == G_MAXUINT64
      || genvid_ranges_available (ranges, next) < GENVID_STRAND_BLOCK)
    return GENVID_SIZE_UNKNOWN;
  return next;
}

void
genvid_attempt_change (GenvidDownload *download)
{
  genvid_strand_stop (&download->main);
  if (genvid_attempt_reset (download) && download->attempts > 1)
    genvid_attempt_cut (download, "the file changes all the time");
}

/* What is there and cannot be proven comes again, in one piece: a server may
 * have a bound on parts. */
void
genvid_attempt_start (GenvidDownload *download, gint64 now)
{
  const GenvidValidator *known = genvid_intake_get_validator (download->intake);
  const GenvidRanges *ranges = genvid_intake_get_ranges (download->intake);
  gboolean held = !genvid_intake_is_empty (download->intake);
  gboolean again
      = held && (download->doubted || !genvid_validator_can_prove (known));
  GenvidFetchOptions options
      = { .link = download->link, .ranged = !download->plain && !again };

  if (options.ranged) {
    options.from = genvid_ranges_next_gap (ranges, 0);
    options.end = find_end (ranges, options.from);
    options.if_range = held ? genvid_validator_get_if_range (known) : NULL;
  }
  download->attempts++;
  download->renews = FALSE;
  genvid_clip_update (download->clip, count_request, GUINT_TO_POINTER (held));
  genvid_strand_start (&download->main, download->transport, &options, now);
}

void
genvid_attempt_fail (GenvidDownload *download, GenvidFailure *failure,
                     gint64 retry_after)
{
  const GenvidDownloadTuning *tuning = download->tuning;
  gint64 now = genvid_now ().boot;
  gint64 pause = 0;

  genvid_strand_stop (&download->main);
  if (download->upgraded && !download->arrived) {
    genvid_failure_free (failure);
    genvid_attempt_refuse_http (download);
    return;
  }
  if (download->attempts >= tuning->attempts
      || (download->attempts > 0
          && now - download->last_byte >= tuning->patience)) {
    genvid_download_end (download, GENVID_MEDIA_BROKEN, failure);
    return;
  }
  genvid_failure_free (failure);
  if (download->attempts > 1)
    pause = tuning->backoff << (download->attempts - 2);
  download->retry_at = MIN (now + MAX (pause, retry_after),
                            download->last_byte + tuning->patience);
}

void
genvid_attempt_cut (GenvidDownload *download, const char *what)
{
  GenvidFailure *failure = genvid_failure_new (
      GENVID_REASON_UNREACHABLE, "The download broke off: %s.", what);

  failure->retryable = TRUE;
  genvid_attempt_fail (download, failure, 0);
}
