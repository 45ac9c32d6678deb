/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The download of one clip: one request from the first missing byte on, begun
 * again as often as it breaks, until all is there. Bytes and job outlive every
 * failure. What an answer means is said in media-response.c, what its bytes are
 * good for in download-verify.c, where they go in part-writer.c, when it is
 * tried again in download-attempt.c. */
#include "download.h"

#include "clip.h"
#include "clock.h"
#include "download-attempt.h"
#include "download-prefetch.h"
#include "download-private.h"
#include "download-verify.h"
#include "failure.h"
#include "http-client.h"
#include "io-loop.h"
#include "media-outcome.h"
#include "media-request.h"
#include "media-response.h"
#include "media-stream.h"
#include "part-writer.h"
#include "store-entry.h"
#include "url.h"
#include "validator.h"

#include <string.h>

#define SLEEP (10 * G_USEC_PER_SEC)

static const GenvidDownloadTuning default_tuning = {
  .stall = 30 * G_USEC_PER_SEC,
  .stall_bytes = 1024,
  .attempts = 5,
  .patience = 60 * G_USEC_PER_SEC,
  .backoff = G_USEC_PER_SEC,
  .window = 300 * G_USEC_PER_SEC,
  .window_bytes = 32 * 1024,
};

/* --- Ends. --- */

void
genvid_download_end (GenvidDownload *download, GenvidMediaOutcome outcome,
                     GenvidFailure *failure)
{
  if (download->over) {
    genvid_failure_free (failure);
    return;
  }
  download->over = TRUE;
  download->outcome = outcome;
  download->result->failure = failure;
}

void
genvid_download_end_with_error (GenvidDownload *download, const GError *error)
{
  genvid_download_end (
      download, GENVID_MEDIA_REFUSED,
      genvid_failure_new_from_error (error, GENVID_REASON_NO_SPACE));
}

/* --- Heads. --- */

void
genvid_download_take_head (GenvidDownload *download,
                           const GenvidMediaResponse *head, gboolean compare)
{
  genvid_download_attempt_keep_range (download);
  download->arrived = TRUE;
  download->seekable = head->seekable && !download->unranged;
  download->main.offset = head->start;
  download->main.judged = TRUE;
  download->reached = MAX (download->reached, head->start);
  /* What proves this answer proves nothing yet of what is there. */
  download->doubted = compare;
  if (!compare)
    genvid_part_writer_describe (download->writer, head->etag,
                                 head->last_modified, head->total);
  download->compares = compare
                       || !genvid_validator_can_prove (
                           genvid_part_writer_get_validator (download->writer));
}

/* The bytes stay until the first of the new ones turn out to be media. */
static void
begin_to_renew (GenvidDownload *download)
{
  genvid_download_attempt_keep_range (download);
  download->renews = TRUE;
  download->main.offset = 0;
  download->main.judged = TRUE;
}

static void
ask_again (GenvidDownload *download, GenvidVerdict verdict)
{
  gboolean in_vain = verdict == GENVID_VERDICT_NO_RANGE && !download->ranged;

  genvid_media_stream_stop (&download->main);
  if (verdict == GENVID_VERDICT_NO_RANGE)
    download->plain = download->probing = TRUE;
  if (verdict == GENVID_VERDICT_DOUBT)
    download->doubted = TRUE;
  if (verdict == GENVID_VERDICT_RESTART
      && !genvid_download_attempt_reset (download))
    return;
  if (in_vain || download->attempts > 1)
    genvid_download_attempt_cut (download,
                                 "the server's answers do not fit what was "
                                 "asked");
  else
    genvid_download_attempt_pace (download, 0);
}

static void
judge_main (GenvidDownload *download)
{
  const GenvidMediaResponse *head
      = genvid_media_request_get_head (download->main.fetch);
  GenvidFailure *failure = NULL;
  guint64 from = download->main.offset;
  GenvidVerdict verdict = genvid_media_response_classify (
      head, genvid_part_writer_get_validator (download->writer), from,
      genvid_part_writer_get_end (download->writer),
      download->options->max_size, &failure);

  download->result->retry_after = head->retry_after;
  if (verdict != GENVID_VERDICT_WHOLE
      && genvid_download_attempt_drop_range (download, head)) {
    genvid_failure_free (failure);
    return;
  }
  if (download->upgraded && !download->arrived
      && verdict >= GENVID_VERDICT_RETRY) {
    genvid_failure_free (failure);
    genvid_download_attempt_refuse_http (download);
    return;
  }
  switch (verdict) {
  case GENVID_VERDICT_RENEW:
    begin_to_renew (download);
    break;
  case GENVID_VERDICT_TAKE:
  case GENVID_VERDICT_COMPARE:
    genvid_download_take_head (download, head,
                               verdict == GENVID_VERDICT_COMPARE);
    break;
  case GENVID_VERDICT_RESTART:
  case GENVID_VERDICT_NO_RANGE:
  case GENVID_VERDICT_DOUBT:
    ask_again (download, verdict);
    break;
  case GENVID_VERDICT_WHOLE:
    download->arrived = TRUE;
    genvid_download_verify_complete (download, from, TRUE);
    break;
  case GENVID_VERDICT_RETRY:
    genvid_download_attempt_fail (download, failure, head->retry_after);
    break;
  case GENVID_VERDICT_EXPIRED:
    genvid_download_end (download, GENVID_MEDIA_EXPIRED, failure);
    break;
  case GENVID_VERDICT_BROKEN:
    genvid_download_end (download, GENVID_MEDIA_BROKEN, failure);
    break;
  case GENVID_VERDICT_REFUSE:
    genvid_download_end (download, GENVID_MEDIA_REFUSED, failure);
    break;
  }
}

static void
serve_main (GenvidDownload *download)
{
  GenvidMediaStream *main = &download->main;
  const GError *error;

  if (!main->fetch)
    return;
  switch (genvid_media_request_look (main->fetch)) {
  case GENVID_MEDIA_REQUEST_WAITING:
    return;
  case GENVID_MEDIA_REQUEST_FAILED:
    error = genvid_media_request_get_error (main->fetch);
    download->result->retry_after = -1;
    /* Some filters cut the line for a Range that they do not like. */
    if (genvid_part_writer_is_empty (download->writer))
      download->plain = TRUE;
    if (error->domain != GENVID_ERROR)
      genvid_download_attempt_cut (download, error->message);
    else if (download->upgraded && !download->arrived)
      genvid_download_attempt_refuse_http (download);
    else
      genvid_download_end (
          download, GENVID_MEDIA_REFUSED,
          genvid_failure_new_from_error (error, GENVID_REASON_UNSAFE_URL));
    return;
  default:
    break;
  }
  if (!main->judged)
    judge_main (download);
  if (!download->over && main->fetch && main->judged)
    genvid_download_verify_read (download);
}

/* --- The whole. --- */

static void
check_stalls (GenvidDownload *download, gint64 now)
{
  const GenvidDownloadTuning *tuning = download->tuning;

  if (genvid_media_stream_is_stalled (&download->main, now, tuning->stall,
                                      tuning->stall_bytes))
    genvid_download_attempt_cut (download, "the server sends nothing any more");
  if (genvid_media_stream_is_stalled (&download->ahead, now, tuning->stall,
                                      tuning->stall_bytes))
    genvid_download_prefetch_fail (download);
  genvid_download_attempt_check_rate (download, now);
}

static gint64
next_moment (const GenvidDownload *download)
{
  gint64 moment = download->retry_at;
  gint64 stall = download->tuning->stall;

  if (download->main.fetch)
    moment = genvid_media_stream_get_moment (&download->main, stall);
  if (download->ahead.fetch)
    moment = MIN (moment,
                  genvid_media_stream_get_moment (&download->ahead, stall));
  return MIN (moment, download->since + download->tuning->window);
}

/* A turn that lasted that much longer than it was to was a sleep of the whole
 * machine, and nobody's fault. */
static void
take_turn (GenvidDownload *download)
{
  gint64 until = next_moment (download);

  genvid_io_loop_turn (download->loop, until);
  if (genvid_clock_now ().boot - until > SLEEP)
    download->last_byte = download->since = genvid_clock_now ().boot;
}

static void
bring (GenvidDownload *download)
{
  while (!download->over) {
    gint64 now = genvid_clock_now ().boot;

    if (genvid_io_loop_is_aborted (download->loop)) {
      GenvidFailure *failure = genvid_failure_new (
          GENVID_REASON_UNREACHABLE, "The download was broken off here.");

      failure->retryable = TRUE;
      genvid_download_end (download, GENVID_MEDIA_BROKEN, failure);
      break;
    }
    if (!download->main.fetch && now >= download->retry_at)
      genvid_download_attempt_start (download, now);
    genvid_download_prefetch_tend (download, now);
    if (genvid_media_stream_is_ready (&download->main, now)
        || genvid_media_stream_is_ready (&download->ahead, now))
      genvid_io_loop_glance (download->loop);
    else
      take_turn (download);
    serve_main (download);
    if (!download->over)
      genvid_download_prefetch_serve (download);
    if (!download->over)
      check_stalls (download, genvid_clock_now ().boot);
  }
}

static gboolean
is_pending (gpointer data)
{
  const GenvidDownload *download = data;

  return (download->main.fetch
          && genvid_media_request_is_pending (download->main.fetch))
         || (download->ahead.fetch
             && genvid_media_request_is_pending (download->ahead.fetch));
}

static void
tidy_up (GenvidDownload *download)
{
  if (download->main.fetch)
    genvid_media_request_cancel (download->main.fetch);
  if (download->ahead.fetch)
    genvid_media_request_cancel (download->ahead.fetch);
  genvid_io_loop_settle (download->loop, is_pending, download);
  genvid_media_stream_clear (&download->main);
  genvid_media_stream_clear (&download->ahead);
  if (download->writer && download->outcome != GENVID_MEDIA_COMPLETE)
    genvid_part_writer_leave (download->writer);
  genvid_part_writer_free (download->writer);
  g_free (download->link);
}

/* A result over http from an https service: the same place over https is
 * tried, and nothing else. NULL with GENVID_ERROR (unsafe-url). */
static char *
choose_link (GenvidDownload *download, GError **error)
{
  const GenvidDownloadOptions *options = download->options;
  const char *link = options->link;
  g_autoptr (GString) text = NULL;

  if (link && !g_ascii_strncasecmp (link, "http://", 7) && options->base_url
      && !g_ascii_strncasecmp (options->base_url, "https:", 6)) {
    gsize host = 7 + strcspn (link + 7, "/?#");

    text = g_string_new (link);
    if (host > 10 && !strncmp (link + host - 3, ":80", 3))
      g_string_erase (text, host - 3, 3);
    g_string_insert_c (text, 4, 's');
    link = text->str;
    download->upgraded = TRUE;
  }
  return genvid_url_check_result (link, options->base_url, options->base_url,
                                  options->allow_private, error);
}

static void
prepare (GenvidDownload *download, GenvidStoreEntry *entry)
{
  const GenvidValidator *known;
  g_autoptr (GError) error = NULL;

  if (!genvid_http_client_make_room (download->http, &error)) {
    genvid_download_end_with_error (download, error);
    return;
  }
  download->writer = genvid_part_writer_new (download->clip, entry, &error);
  if (!download->writer) {
    genvid_download_end_with_error (download, error);
    return;
  }
  known = genvid_part_writer_get_validator (download->writer);
  /* Without proof it all comes again, and is compared. */
  if (genvid_part_writer_is_whole (download->writer)
      && genvid_validator_can_prove (known)) {
    genvid_download_verify_complete (download, known->size, FALSE);
    return;
  }
  download->link = choose_link (download, &error);
  if (!download->link)
    genvid_download_end (
        download, GENVID_MEDIA_REFUSED,
        genvid_failure_new_from_error (error, GENVID_REASON_UNSAFE_URL));
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
    .tuning = tuning,
    .clip = clip,
    .result = result,
    .last_byte = genvid_clock_now ().boot,
    .since = genvid_clock_now ().boot,
  };

  *result = (GenvidDownloadResult){ .retry_after = -1 };
  g_main_context_push_thread_default (context);
  prepare (&download, entry);
  bring (&download);
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
