/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The download of one clip: one request from the first missing byte on, begun
 * again as often as it breaks, until all is there. Bytes and job outlive every
 * failure. The others return verdicts; here they are acted on. */
#include "download.h"

#include "byte-ranges.h"
#include "clip-status.h"
#include "clip.h"
#include "clock.h"
#include "download-prefetch.h"
#include "download-private.h"
#include "download-request.h"
#include "download-retry.h"
#include "download-verify.h"
#include "failure.h"
#include "http-client.h"
#include "io-loop.h"
#include "log.h"
#include "media-outcome.h"
#include "media-request.h"
#include "media-response.h"
#include "media-stream.h"
#include "part-writer.h"
#include "store-entry.h"
#include "url.h"
#include "validator.h"

#define MAX_RESETS 3
#define SLEEP      (10 * G_USEC_PER_SEC)

static const GenvidDownloadTuning default_tuning = {
  .stall = 30 * G_USEC_PER_SEC,
  .stall_bytes = 1024,
  .attempts = 5,
  .patience = 60 * G_USEC_PER_SEC,
  .backoff = G_USEC_PER_SEC,
  .window = 300 * G_USEC_PER_SEC,
  .window_bytes = 32 * 1024,
};

#define log_info(...) genvid_log (GENVID_LOG_CLIP, GENVID_LOG_INFO, __VA_ARGS__)
#define log_detail(...)                                                        \
  genvid_log (GENVID_LOG_CLIP, GENVID_LOG_LOG, __VA_ARGS__)

static const GenvidValidator *
get_validator (const GenvidDownload *download)
{
  return genvid_part_writer_get_validator (download->writer);
}

static const GenvidByteRanges *
get_ranges (const GenvidDownload *download)
{
  return genvid_part_writer_get_ranges (download->writer);
}

/* --- Ends. --- */

/* Takes FAILURE (nullable). */
static void
end (GenvidDownload *download, GenvidMediaOutcome outcome,
     GenvidFailure *failure)
{
  if (download->state == GENVID_DOWNLOAD_OVER) {
    genvid_failure_free (failure);
    return;
  }
  download->state = GENVID_DOWNLOAD_OVER;
  download->outcome = outcome;
  download->result->failure = failure;
}

/* The disk, or the store, says so. */
static void
end_with_error (GenvidDownload *download, const GError *error)
{
  end (download, GENVID_MEDIA_REFUSED,
       genvid_failure_new_from_error (error, GENVID_REASON_NO_SPACE));
}

static void
end_without_https (GenvidDownload *download)
{
  end (download, GENVID_MEDIA_REFUSED,
       genvid_failure_new (GENVID_REASON_UNSAFE_URL,
                           "The service links to the clip over plain http, and "
                           "the file is not available over https."));
}

/* --- The main request, again and again. --- */

static void
pause_main (GenvidDownload *download, gint64 retry_after)
{
  gint64 now = genvid_clock_now ().boot;

  genvid_media_stream_stop (&download->main);
  download->state = GENVID_DOWNLOAD_PAUSED;
  genvid_download_retry_pace (&download->retry, retry_after, now);
}

/* Takes FAILURE, which ends the download if this was the last attempt. */
static void
retry_main (GenvidDownload *download, GenvidFailure *failure,
            gint64 retry_after)
{
  gint64 now = genvid_clock_now ().boot;
  g_autoptr (GenvidFailure) why = failure;

  genvid_media_stream_stop (&download->main);
  if (download->guess) {
    end_without_https (download);
    return;
  }
  if (genvid_download_retry_is_spent (&download->retry, now)) {
    end (download, GENVID_MEDIA_BROKEN, g_steal_pointer (&why));
    return;
  }
  pause_main (download, retry_after);
  log_detail ("retry in %" G_GINT64_FORMAT " ms: %s",
              MAX (download->retry.at - now, 0) / 1000, why->message);
}

static void
cut_main (GenvidDownload *download, const char *why)
{
  GenvidFailure *failure = genvid_failure_new (
      GENVID_REASON_UNREACHABLE, "The download was interrupted: %s.", why);

  failure->retryable = TRUE;
  retry_main (download, failure, 0);
}

/* Forgets the bytes that are there, if any. FALSE: the download is over. */
static gboolean
reset (GenvidDownload *download)
{
  g_autoptr (GError) error = NULL;

  genvid_media_stream_stop (&download->prefetch);
  if (genvid_part_writer_is_empty (download->writer)
      && get_validator (download)->size == GENVID_SIZE_UNKNOWN)
    return TRUE;
  if (++download->resets > MAX_RESETS) {
    end (download, GENVID_MEDIA_BROKEN,
         genvid_failure_new (GENVID_REASON_BAD_ANSWER,
                             "The media server sends a different file each "
                             "time."));
    return FALSE;
  }
  log_detail ("reset: another file, %" G_GUINT64_FORMAT " bytes dropped",
              genvid_byte_ranges_get_total (get_ranges (download)));
  download->reached = 0;
  if (genvid_part_writer_reset (download->writer, &error))
    return TRUE;
  end_with_error (download, error);
  return FALSE;
}

static void
restart_main (GenvidDownload *download)
{
  genvid_media_stream_stop (&download->main);
  if (!reset (download))
    return;
  if (download->retry.attempts > 1)
    cut_main (download, "the file keeps changing");
  else
    pause_main (download, 0);
}

static void
count_request (GenvidClipStatus *snapshot, gpointer data)
{
  snapshot->connections++;
  snapshot->resumes += GPOINTER_TO_UINT (data);
}

static void
start_main (GenvidDownload *download, gint64 now)
{
  gboolean held = !genvid_part_writer_is_empty (download->writer);
  GenvidMediaRequestOptions options;

  genvid_download_request_choose (download, &options);
  download->state
      = options.ranged ? GENVID_DOWNLOAD_ASKED_PART : GENVID_DOWNLOAD_ASKED_ALL;
  genvid_download_retry_begin (&download->retry);
  log_detail ("attempt %u: from byte %" G_GUINT64_FORMAT ", %s",
              download->retry.attempts, options.from,
              !options.ranged            ? "without Range"
              : options.if_range != NULL ? "with Range and If-Range"
                                         : "with Range");
  genvid_clip_update (download->clip, count_request, GUINT_TO_POINTER (held));
  genvid_media_stream_start (&download->main, download->http, &options, now);
}

/* Where a request with a Range was refused, the next one, without, is due at
 * once. */
static void
drop_range (GenvidDownload *download, const GenvidMediaResponse *head)
{
  log_detail ("refused with %u: the next request has no Range", head->status);
  genvid_media_stream_stop (&download->main); /* the head goes with it */
  download->state = GENVID_DOWNLOAD_PAUSED;
  genvid_download_retry_discount (&download->retry);
}

/* --- Responses. --- */

/* COMPARE, or it is of the file from head->start on. */
static void
take_head (GenvidDownload *download, const GenvidMediaResponse *head,
           gboolean compare)
{
  download->range = genvid_download_request_accept (download->range);
  download->guess = FALSE;
  download->seekable = head->seekable && download->range != GENVID_RANGE_NEVER;
  download->main.offset = head->start;
  download->reached = MAX (download->reached, head->start);
  /* What proves this response proves nothing yet of what is there. */
  download->doubted = compare;
  if (!compare)
    genvid_part_writer_describe (download->writer, head->etag,
                                 head->last_modified, head->total);
  if (compare || !genvid_validator_can_prove (get_validator (download)))
    download->state = GENVID_DOWNLOAD_COMPARE;
  else
    download->state = GENVID_DOWNLOAD_TAKE;
  log_detail ("response %u from byte %" G_GUINT64_FORMAT "%s", head->status,
              head->start, compare ? ", compared with what is there" : "");
}

/* The bytes stay until the first of the new ones turn out to be media. */
static void
begin_to_renew (GenvidDownload *download)
{
  download->range = genvid_download_request_accept (download->range);
  download->state = GENVID_DOWNLOAD_RENEW;
  download->main.offset = 0;
}

static void
ask_again (GenvidDownload *download, GenvidVerdict verdict)
{
  gboolean in_vain = verdict == GENVID_VERDICT_NO_RANGE
                     && download->state != GENVID_DOWNLOAD_ASKED_PART;

  log_detail ("response refused: %s",
              verdict == GENVID_VERDICT_NO_RANGE ? "not the part asked for"
              : verdict == GENVID_VERDICT_DOUBT  ? "nothing proves this part"
                                                 : "another file");
  genvid_media_stream_stop (&download->main);
  if (verdict == GENVID_VERDICT_NO_RANGE
      && download->range != GENVID_RANGE_NEVER)
    download->range = GENVID_RANGE_PROBE;
  if (verdict == GENVID_VERDICT_DOUBT)
    download->doubted = TRUE;
  if (verdict == GENVID_VERDICT_RESTART && !reset (download))
    return;
  if (in_vain || download->retry.attempts > 1)
    cut_main (download, "the server's responses do not match the requests");
  else
    pause_main (download, 0);
}

/* SIZE bytes are there without a gap, and by all we know they are the file.
 * BLIND: only the end of a response says so. */
static void
complete (GenvidDownload *download, guint64 size, gboolean blind)
{
  g_autoptr (GError) error = NULL;

  if (genvid_part_writer_finish (download->writer, size,
                                 &download->result->extension, &error)) {
    download->result->size = size;
    end (download, GENVID_MEDIA_COMPLETE, NULL);
  } else if (blind
             && g_error_matches (error, GENVID_ERROR, GENVID_REASON_NOT_MEDIA))
    retry_main (download,
                genvid_failure_new_from_error (error, GENVID_REASON_NOT_MEDIA),
                0);
  else
    end_with_error (download, error);
}

/* Takes FAILURE (nullable). */
static void
act_on_head (GenvidDownload *download, const GenvidMediaResponse *head,
             GenvidVerdict verdict, GenvidFailure *failure)
{
  switch (verdict) {
  case GENVID_VERDICT_RENEW:
    begin_to_renew (download);
    break;
  case GENVID_VERDICT_TAKE:
  case GENVID_VERDICT_COMPARE:
    take_head (download, head, verdict == GENVID_VERDICT_COMPARE);
    break;
  case GENVID_VERDICT_RESTART:
  case GENVID_VERDICT_NO_RANGE:
  case GENVID_VERDICT_DOUBT:
    ask_again (download, verdict);
    break;
  case GENVID_VERDICT_WHOLE:
    download->guess = FALSE;
    complete (download, download->main.offset, TRUE);
    break;
  case GENVID_VERDICT_RETRY:
    retry_main (download, failure, head->retry_after);
    break;
  case GENVID_VERDICT_EXPIRED:
  case GENVID_VERDICT_NOT_READY:
    end (download, GENVID_MEDIA_EXPIRED, failure);
    break;
  case GENVID_VERDICT_BROKEN:
    end (download, GENVID_MEDIA_BROKEN, failure);
    break;
  case GENVID_VERDICT_REFUSE:
    end (download, GENVID_MEDIA_REFUSED, failure);
    break;
  }
}

static void
read_head (GenvidDownload *download)
{
  const GenvidMediaResponse *head
      = genvid_media_request_get_head (download->main.fetch);
  g_autoptr (GenvidFailure) failure = NULL;
  GenvidVerdict verdict
      = genvid_download_verify_head (download, head, &failure);

  genvid_media_stream_answer (&download->main, genvid_clock_now ().boot);
  download->result->retry_after = head->retry_after;
  if (verdict != GENVID_VERDICT_WHOLE && verdict != GENVID_VERDICT_NOT_READY
      && head->status >= 400)
    download->range = genvid_download_request_refuse (download, head);
  if (download->range == GENVID_RANGE_PROBE
      && download->state == GENVID_DOWNLOAD_ASKED_PART)
    drop_range (download, head);
  else if (download->guess && verdict >= GENVID_VERDICT_RETRY)
    end_without_https (download);
  else
    act_on_head (download, head, verdict, g_steal_pointer (&failure));
}

/* --- Bodies. --- */

/* What follows is on its way already: that request goes on as the main one. */
static gboolean
go_on_with_prefetch (GenvidDownload *download)
{
  guint64 gap = genvid_byte_ranges_next_gap (get_ranges (download),
                                             download->main.offset);
  GenvidMediaStream idle = download->main;

  if (download->state == GENVID_DOWNLOAD_COMPARE || !download->prefetch.judged
      || download->prefetch.fetch == NULL || download->prefetch.offset != gap)
    return FALSE;
  log_detail ("the prefetch goes on as the main request");
  download->main = download->prefetch;
  download->prefetch = idle;
  download->reached = MAX (download->reached, download->main.offset);
  return TRUE;
}

/* Takes what VERDICT holds. */
static void
act (GenvidDownload *download, GenvidDownloadVerdict verdict)
{
  switch (verdict.step) {
  case GENVID_STEP_GO_ON:
  case GENVID_STEP_WAIT:
    break;
  case GENVID_STEP_NEXT:
    if (!go_on_with_prefetch (download))
      pause_main (download, 0);
    break;
  case GENVID_STEP_CUT:
    cut_main (download, verdict.why);
    break;
  case GENVID_STEP_RETRY:
    retry_main (download, verdict.failure, 0);
    break;
  case GENVID_STEP_RESTART:
    restart_main (download);
    break;
  case GENVID_STEP_COMPLETE:
    complete (download, verdict.size, verdict.blind);
    break;
  case GENVID_STEP_END:
    end (download, verdict.outcome, verdict.failure);
    break;
  }
}

static void
count_progress (GenvidDownload *download, const GenvidMediaStream *stream,
                guint64 fresh)
{
  guint64 news = 0;

  if (stream == &download->main && stream->offset > download->reached) {
    news = stream->offset - download->reached;
    download->reached = stream->offset;
  }
  genvid_download_retry_progress (&download->retry, MAX (news, fresh));
}

/* Writes what STREAM holds. FALSE: it was for nothing, and the stream or the
 * download is over. */
static gboolean
take_block (GenvidDownload *download, GenvidMediaStream *stream)
{
  g_autoptr (GError) error = NULL;
  gsize length, fresh = 0;
  GenvidDownloadVerdict verdict
      = genvid_download_verify_block (download, stream, &length);

  act (download, verdict);
  if (verdict.step != GENVID_STEP_GO_ON)
    return FALSE;
  /* Before a map can claim them together. */
  if (stream == &download->main && download->state == GENVID_DOWNLOAD_COMPARE
      && !genvid_byte_ranges_contains (get_ranges (download), stream->offset,
                                       stream->offset + length))
    genvid_part_writer_forget_proof (download->writer);
  if (length > 0
      && !genvid_part_writer_write (download->writer, stream->offset,
                                    stream->block, length, &fresh, &error)) {
    end_with_error (download, error);
    return FALSE;
  }
  if (stream->held > 0)
    download->retry.last_byte = genvid_clock_now ().boot;
  genvid_media_stream_advance (stream);
  count_progress (download, stream, fresh);
  return TRUE;
}

/* A prefetch that was checked against what was known before is not proven. */
static void
settle (GenvidDownload *download, const GenvidMediaResponse *head)
{
  genvid_part_writer_describe_anew (download->writer, head->etag,
                                    head->last_modified, head->total);
  download->doubted = FALSE;
  if (!genvid_validator_can_prove (get_validator (download)))
    return;
  log_detail ("compared %" G_GUINT64_FORMAT " bytes: the same file",
              download->main.offset);
  download->state = GENVID_DOWNLOAD_TAKE;
  genvid_media_stream_stop (&download->prefetch);
}

static void
read_main (GenvidDownload *download)
{
  GenvidMediaStream *main = &download->main;
  const GenvidMediaResponse *head = genvid_media_request_get_head (main->fetch);
  GenvidDownloadVerdict verdict;

  genvid_media_stream_read_in_pace (main, genvid_clock_now ().boot);
  gboolean ended
      = genvid_media_request_look (main->fetch) == GENVID_MEDIA_REQUEST_ENDED;
  verdict = genvid_download_verify_begin (download, head, ended);
  act (download, verdict);
  if (verdict.step != GENVID_STEP_GO_ON)
    return;
  if (download->state == GENVID_DOWNLOAD_RENEW) {
    if (main->held == 0 || !reset (download))
      return;
    take_head (download, head, FALSE);
  }
  if (!take_block (download, main))
    return;
  if (genvid_download_verify_is_settled (download))
    settle (download, head);
  if (!ended && !genvid_download_verify_is_through (download, head))
    return;
  verdict = genvid_download_verify_end (download, head);
  genvid_media_stream_stop (main);
  act (download, verdict);
}

static void
fail_main (GenvidDownload *download)
{
  const GError *error = genvid_media_request_get_error (download->main.fetch);

  download->result->retry_after = -1;
  /* Some filters cut the line for a Range that they do not like. */
  if (genvid_part_writer_is_empty (download->writer)
      && download->range == GENVID_RANGE_ASK)
    download->range = GENVID_RANGE_SKIP;
  if (error->domain != GENVID_ERROR)
    cut_main (download, error->message);
  else if (download->guess)
    end_without_https (download);
  else
    end (download, GENVID_MEDIA_REFUSED,
         genvid_failure_new_from_error (error, GENVID_REASON_UNSAFE_URL));
}

static void
look_at_main (GenvidDownload *download)
{
  if (download->main.fetch == NULL)
    return;
  switch (genvid_media_request_look (download->main.fetch)) {
  case GENVID_MEDIA_REQUEST_WAITING:
    return;
  case GENVID_MEDIA_REQUEST_FAILED:
    fail_main (download);
    return;
  default:
    break;
  }
  if (download->state == GENVID_DOWNLOAD_ASKED_ALL
      || download->state == GENVID_DOWNLOAD_ASKED_PART)
    read_head (download);
  if (download->state == GENVID_DOWNLOAD_RENEW
      || download->state == GENVID_DOWNLOAD_COMPARE
      || download->state == GENVID_DOWNLOAD_TAKE)
    read_main (download);
}

/* --- The prefetch. --- */

static void
start_prefetch (GenvidDownload *download, gint64 now)
{
  GenvidMediaRequestOptions options;

  if (!genvid_download_prefetch_choose (download, now, &options))
    return;
  log_detail ("prefetch from byte %" G_GUINT64_FORMAT, options.from);
  genvid_media_stream_start (&download->prefetch, download->http, &options,
                             now);
}

static void
act_on_prefetch (GenvidDownload *download, GenvidPrefetchVerdict verdict)
{
  switch (verdict) {
  case GENVID_PREFETCH_WAIT:
    return;
  case GENVID_PREFETCH_READ:
    genvid_media_stream_answer (&download->prefetch, genvid_clock_now ().boot);
    download->prefetch.judged = TRUE;
    return;
  case GENVID_PREFETCH_GOOD:
    download->prefetch_failures = 0;
    return;
  case GENVID_PREFETCH_DONE:
    download->prefetch_failures = 0;
    break;
  case GENVID_PREFETCH_FAILED:
    download->prefetch_failures++;
    break;
  case GENVID_PREFETCH_REFUSED:
    download->prefetch_failures = G_MAXUINT;
    break;
  }
  log_detail ("prefetch %s: %" G_GUINT64_FORMAT " bytes",
              verdict == GENVID_PREFETCH_DONE ? "done" : "failed",
              download->prefetch.total);
  genvid_media_stream_stop (&download->prefetch);
}

static void
look_at_prefetch (GenvidDownload *download)
{
  GenvidMediaStream *prefetch = &download->prefetch;
  GenvidPrefetchVerdict verdict;

  if (prefetch->fetch == NULL)
    return;
  verdict = genvid_download_prefetch_check_head (download);
  act_on_prefetch (download, verdict);
  if (verdict != GENVID_PREFETCH_READ)
    return;
  genvid_media_stream_read_in_pace (prefetch, genvid_clock_now ().boot);
  if (take_block (download, prefetch))
    act_on_prefetch (download, genvid_download_prefetch_check_body (download));
}

/* --- The whole. --- */

static void
check_stalls (GenvidDownload *download, gint64 now)
{
  const GenvidDownloadRetry *retry = &download->retry;
  gint64 stall = retry->tuning->stall;
  guint64 bytes = retry->tuning->stall_bytes;

  if (genvid_media_stream_is_stalled (&download->main, now, stall, bytes))
    cut_main (download, "the server stopped sending");
  if (genvid_media_stream_is_stalled (&download->prefetch, now, stall, bytes))
    act_on_prefetch (download, GENVID_PREFETCH_FAILED);
  if (genvid_download_retry_is_too_slow (retry, now))
    end (download, GENVID_MEDIA_BROKEN,
         genvid_download_retry_make_too_slow (retry, now));
}

static gint64
next_moment (const GenvidDownload *download, gint64 now)
{
  const GenvidDownloadTuning *tuning = download->retry.tuning;
  gint64 moment = download->retry.at;

  if (download->main.fetch != NULL)
    moment = genvid_media_stream_get_moment (&download->main, tuning->stall);
  moment = MIN (moment, genvid_download_prefetch_get_moment (download, now));
  return MIN (moment, download->retry.since + tuning->window);
}

/* A turn that lasted that much longer than planned was a sleep of the whole
 * machine, and nobody's fault. */
static void
take_turn (GenvidDownload *download)
{
  gint64 now = genvid_clock_now ().boot;
  gint64 until = next_moment (download, now);

  genvid_io_loop_turn (download->loop, until);
  now = genvid_clock_now ().boot;
  if (now - until > SLEEP)
    genvid_download_retry_forgive (&download->retry, now);
}

static void
end_aborted (GenvidDownload *download)
{
  GenvidFailure *failure = genvid_failure_new (GENVID_REASON_UNREACHABLE,
                                               "The download was stopped.");

  failure->retryable = TRUE;
  end (download, GENVID_MEDIA_BROKEN, failure);
}

static void
run (GenvidDownload *download)
{
  while (download->state != GENVID_DOWNLOAD_OVER) {
    gint64 now = genvid_clock_now ().boot;

    if (genvid_io_loop_is_aborted (download->loop)) {
      end_aborted (download);
      break;
    }
    if (download->state == GENVID_DOWNLOAD_PAUSED && now >= download->retry.at)
      start_main (download, now);
    start_prefetch (download, now);
    if (genvid_media_stream_is_ready (&download->main, now)
        || genvid_media_stream_is_ready (&download->prefetch, now))
      genvid_io_loop_glance (download->loop);
    else
      take_turn (download);
    look_at_main (download);
    if (download->state != GENVID_DOWNLOAD_OVER)
      look_at_prefetch (download);
    if (download->state != GENVID_DOWNLOAD_OVER)
      check_stalls (download, genvid_clock_now ().boot);
  }
}

static gboolean
is_pending (gpointer data)
{
  const GenvidDownload *download = data;

  return (download->main.fetch != NULL
          && genvid_media_request_is_pending (download->main.fetch))
         || (download->prefetch.fetch != NULL
             && genvid_media_request_is_pending (download->prefetch.fetch));
}

static void
tidy_up (GenvidDownload *download)
{
  if (download->main.fetch != NULL)
    genvid_media_request_cancel (download->main.fetch);
  if (download->prefetch.fetch != NULL)
    genvid_media_request_cancel (download->prefetch.fetch);
  genvid_io_loop_settle (download->loop, is_pending, download);
  genvid_media_stream_clear (&download->main);
  genvid_media_stream_clear (&download->prefetch);
  if (download->writer != NULL && download->outcome != GENVID_MEDIA_COMPLETE)
    genvid_part_writer_leave (download->writer);
  genvid_part_writer_free (download->writer);
  g_free (download->link);
}

static void
prepare (GenvidDownload *download, GenvidStoreEntry *entry)
{
  const GenvidValidator *known;
  g_autoptr (GError) error = NULL;

  download->writer = genvid_part_writer_new (download->clip, entry, &error);
  if (download->writer == NULL) {
    end_with_error (download, error);
    return;
  }
  known = get_validator (download);
  /* Without proof it all comes again, and is compared. */
  if (genvid_part_writer_is_whole (download->writer)
      && genvid_validator_can_prove (known)) {
    complete (download, known->size, FALSE);
    return;
  }
  download->link = genvid_download_request_choose_link (
      download->options, &download->guess, &error);
  if (download->link == NULL)
    end (download, GENVID_MEDIA_REFUSED,
         genvid_failure_new_from_error (error, GENVID_REASON_UNSAFE_URL));
}

static void
log_begin (const GenvidDownload *download)
{
  g_autofree char *origin = genvid_url_origin (download->link);
  g_autofree char *held = genvid_byte_ranges_to_text (get_ranges (download));

  log_info ("download from %s begins with %" G_GUINT64_FORMAT " bytes stored",
            origin, genvid_byte_ranges_get_total (get_ranges (download)));
  if (*held != '\0')
    log_detail ("ranges stored: %s", held);
}

static void
log_end (const GenvidDownload *download)
{
  static const char *const names[] = {
    [GENVID_MEDIA_COMPLETE] = "complete",
    [GENVID_MEDIA_EXPIRED] = "ended, link expired",
    [GENVID_MEDIA_BROKEN] = "given up",
    [GENVID_MEDIA_REFUSED] = "refused",
  };
  const GenvidFailure *failure = download->result->failure;
  guint64 total = download->writer == NULL
                      ? 0
                      : genvid_byte_ranges_get_total (get_ranges (download));

  log_info ("download %s: %" G_GUINT64_FORMAT " bytes stored, %.1f s%s%s",
            names[download->outcome], total,
            (double)(genvid_clock_now ().boot - download->begun_at)
                / G_USEC_PER_SEC,
            failure != NULL ? ": " : "",
            failure != NULL ? genvid_reason_to_string (failure->reason) : "");
}

GenvidMediaOutcome
genvid_download_run_tuned (GenvidHttpClient *http,
                           const GenvidDownloadOptions *options,
                           const GenvidDownloadTuning *tuning, GenvidClip *clip,
                           GenvidStoreEntry *entry,
                           GenvidDownloadResult *result)
{
  GMainContext *context = genvid_http_client_get_context (http);
  GenvidDownload download = {
    .http = http,
    .loop = genvid_http_client_get_loop (http),
    .options = options,
    .clip = clip,
    .begun_at = genvid_clock_now ().boot,
    .result = result,
  };

  *result = (GenvidDownloadResult){ .retry_after = -1 };
  genvid_download_retry_init (&download.retry, tuning, options->once,
                              download.begun_at);
  g_main_context_push_thread_default (context);
  prepare (&download, entry);
  if (download.state != GENVID_DOWNLOAD_OVER)
    log_begin (&download);
  run (&download);
  log_end (&download);
  tidy_up (&download);
  g_main_context_pop_thread_default (context);
  return download.outcome;
}

GenvidMediaOutcome
genvid_download_run (GenvidHttpClient *http,
                     const GenvidDownloadOptions *options, GenvidClip *clip,
                     GenvidStoreEntry *entry, GenvidDownloadResult *result)
{
  return genvid_download_run_tuned (http, options, &default_tuning, clip, entry,
                                    result);
}
