/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The download of one clip: one request from the first missing byte on, begun
 * again with proof as often as it breaks, until all is there. Bytes and job
 * outlive every failure. What an answer means is said in genvid-head.c, where
 * bytes go in genvid-intake.c, when it is tried again in genvid-attempt.c. */
#include <genvid/genvid-container.h>
#include <genvid/genvid-link.h>
#include <genvid/io/genvid-download-private.h>

#include <string.h>

#define MAX_SNIFF 4096

static const GenvidDownloadTuning default_tuning = {
  .stall = 30 * G_USEC_PER_SEC,
  .stall_bytes = 1024,
  .attempts = 5,
  .patience = 60 * G_USEC_PER_SEC,
  .backoff = G_USEC_PER_SEC / 2,
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

/* --- Bytes. --- */

gboolean
genvid_download_take (GenvidDownload *download, GenvidStrand *strand)
{
  guint64 size = genvid_intake_get_validator (download->intake)->size;
  g_autoptr (GError) error = NULL;
  gsize length = strand->held, fresh = 0;

  if (size != GENVID_SIZE_UNKNOWN)
    length = MIN (length, size - MIN (size, strand->offset));
  if (strand->offset + length > download->options->max_size) {
    genvid_download_end (
        download, GENVID_MEDIA_REFUSED,
        genvid_failure_new (GENVID_REASON_TOO_LARGE,
                            "The clip is larger than max-size allows."));
    return FALSE;
  }
  if (length > 0
      && !genvid_intake_write (download->intake, strand->offset, strand->block,
                               length, &fresh, &error)) {
    genvid_download_end_with_error (download, error);
    return FALSE;
  }
  if (strand->held > 0)
    download->last_byte = genvid_now ().boot;
  if (fresh > 0)
    download->attempts = 0;
  genvid_strand_advance (strand);
  return TRUE;
}

/* FALSE: the block waits for more, or the download is over. */
static gboolean
sniff (GenvidDownload *download, const GenvidHead *head, gboolean end)
{
  const GenvidStrand *main = &download->main;
  GenvidContainer kind;

  if (main->offset > 0)
    return TRUE;
  end = end || main->held >= MAX_SNIFF;
  kind = genvid_container_sniff (main->block, main->held, end);
  if (kind == GENVID_CONTAINER_UNDECIDED && !end)
    return FALSE;
  if (kind == GENVID_CONTAINER_MP4 || kind == GENVID_CONTAINER_WEBM
      || (kind == GENVID_CONTAINER_OTHER && !genvid_head_is_text (head)))
    return TRUE;
  genvid_download_end (
      download, GENVID_MEDIA_REFUSED,
      genvid_failure_new (
          GENVID_REASON_NOT_MEDIA, "The media server sent %s, not a clip.",
          kind == GENVID_CONTAINER_EMPTY ? "nothing" : "a text"));
  return FALSE;
}

/* SIZE bytes are there without a gap, and by all we know they are the file.
 * BLIND: we know it from the end of the connection only. */
static void
complete (GenvidDownload *download, guint64 size, gboolean blind)
{
  g_autoptr (GError) error = NULL;

  if (genvid_intake_finish (download->intake, size,
                            &download->result->extension, &error)) {
    download->result->size = size;
    genvid_download_end (download, GENVID_MEDIA_COMPLETE, NULL);
    return;
  }
  if (!g_error_matches (error, GENVID_ERROR, GENVID_REASON_NOT_MEDIA))
    genvid_download_end_with_error (download, error);
  else if (blind)
    genvid_attempt_fail (
        download,
        genvid_failure_new_from_error (error, GENVID_REASON_NOT_MEDIA), 0);
  else if (!download->arrived)
    genvid_attempt_reset (
        download); /* what a former run left is no clip; fetch it anew */
  else
    genvid_download_end_with_error (download, error);
}

/* The body is over, or what follows is there already. */
static void
end_main (GenvidDownload *download)
{
  guint64 size = genvid_intake_get_validator (download->intake)->size;
  gboolean blind = genvid_fetch_get_head (download->main.fetch)->blind;
  guint64 offset = download->main.offset;
  const GenvidRanges *ranges = genvid_intake_get_ranges (download->intake);

  genvid_strand_stop (&download->main);
  if (genvid_intake_is_whole (download->intake))
    complete (download, size, FALSE);
  else if (size == GENVID_SIZE_UNKNOWN && offset > 0)
    complete (download, offset, blind);
  else if (download->attempts > 0 || offset == 0)
    genvid_attempt_cut (download, "the server sent nothing new");
  else if (download->ahead.judged && download->ahead.fetch
           && download->ahead.offset
                  == genvid_ranges_next_gap (ranges, offset)) {
    GenvidStrand idle = download->main;

    download->main = download->ahead;
    download->ahead = idle;
  }
}

static void
read_main (GenvidDownload *download)
{
  const GenvidRanges *ranges = genvid_intake_get_ranges (download->intake);
  GenvidStrand *main = &download->main;
  const GenvidHead *head = genvid_fetch_get_head (main->fetch);
  gboolean ended;

  genvid_strand_read_in_pace (main, genvid_now ().boot);
  ended = genvid_fetch_look (main->fetch) == GENVID_FETCH_ENDED;
  if ((main->held > 0 || ended) && !sniff (download, head, ended))
    return;
  if (!genvid_download_take (download, main))
    return;
  if (ended || genvid_intake_is_whole (download->intake)
      || main->offset >= genvid_intake_get_validator (download->intake)->size
      || (head->status == SOUP_STATUS_PARTIAL_CONTENT
          && genvid_ranges_available (ranges, main->offset)
                 >= GENVID_STRAND_BLOCK))
    end_main (download);
}

/* --- Heads. --- */

static void
take_head (GenvidDownload *download, const GenvidHead *head)
{
  download->arrived = TRUE;
  download->seekable = head->seekable && !download->plain;
  download->main.offset = head->start;
  download->main.judged = TRUE;
  genvid_intake_describe (download->intake, head->etag, head->last_modified,
                          head->total);
}

static void
ask_again (GenvidDownload *download, gboolean plain)
{
  gboolean asked_plain = download->plain;

  genvid_strand_stop (&download->main);
  download->plain = download->plain || plain;
  if (genvid_attempt_reset (download) && plain && asked_plain)
    genvid_attempt_cut (download, "the server's ranges make no sense");
}

static void
judge_main (GenvidDownload *download)
{
  const GenvidHead *head = genvid_fetch_get_head (download->main.fetch);
  GenvidFailure *failure = NULL;
  guint64 from = download->main.offset;
  GenvidVerdict verdict
      = genvid_head_judge (head, genvid_intake_get_validator (download->intake),
                           from, !genvid_intake_is_empty (download->intake),
                           download->options->max_size, &failure);

  if (download->upgraded && !download->arrived
      && verdict >= GENVID_VERDICT_RETRY) {
    genvid_failure_free (failure);
    genvid_attempt_refuse_http (download);
    return;
  }
  switch (verdict) {
  case GENVID_VERDICT_RENEW:
    if (!genvid_attempt_reset (download))
      break;
    take_head (download, head);
    break;
  case GENVID_VERDICT_TAKE:
    take_head (download, head);
    break;
  case GENVID_VERDICT_RESTART:
  case GENVID_VERDICT_NO_RANGE:
    ask_again (download, verdict == GENVID_VERDICT_NO_RANGE);
    break;
  case GENVID_VERDICT_WHOLE:
    download->arrived = TRUE;
    complete (download, from, FALSE);
    break;
  case GENVID_VERDICT_RETRY:
    genvid_attempt_fail (download, failure, head->retry_after);
    break;
  case GENVID_VERDICT_EXPIRED:
    genvid_download_end (download, GENVID_MEDIA_EXPIRED, NULL);
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
  GenvidStrand *main = &download->main;
  const GError *error;

  if (!main->fetch)
    return;
  switch (genvid_fetch_look (main->fetch)) {
  case GENVID_FETCH_WAITING:
    return;
  case GENVID_FETCH_FAILED:
    error = genvid_fetch_get_error (main->fetch);
    if (error->domain != GENVID_ERROR)
      genvid_attempt_cut (download, error->message);
    else if (download->upgraded && !download->arrived)
      genvid_attempt_refuse_http (download);
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
    read_main (download);
}

/* --- The whole. --- */

static void
check_stalls (GenvidDownload *download, gint64 now)
{
  const GenvidDownloadTuning *tuning = download->tuning;

  if (genvid_strand_is_stalled (&download->main, now, tuning->stall,
                                tuning->stall_bytes))
    genvid_attempt_cut (download, "the server sends nothing any more");
  if (genvid_strand_is_stalled (&download->ahead, now, tuning->stall,
                                tuning->stall_bytes)) {
    download->ahead_failures++;
    genvid_strand_stop (&download->ahead);
  }
}

static gint64
next_moment (const GenvidDownload *download)
{
  gint64 moment = download->retry_at;
  gint64 stall = download->tuning->stall;

  if (download->main.fetch)
    moment = genvid_strand_get_moment (&download->main, stall);
  if (download->ahead.fetch)
    moment = MIN (moment, genvid_strand_get_moment (&download->ahead, stall));
  return moment;
}

static void
bring (GenvidDownload *download)
{
  while (!download->over) {
    gint64 now = genvid_now ().boot;

    if (genvid_loop_is_aborted (download->loop)) {
      GenvidFailure *failure = genvid_failure_new (
          GENVID_REASON_UNREACHABLE, "The download was broken off here.");

      failure->retryable = TRUE;
      genvid_download_end (download, GENVID_MEDIA_BROKEN, failure);
      break;
    }
    if (!download->main.fetch && now >= download->retry_at)
      genvid_attempt_start (download, now);
    if (download->over)
      break;
    genvid_ahead_tend (download, now);
    if (genvid_strand_is_ready (&download->main, now)
        || genvid_strand_is_ready (&download->ahead, now))
      genvid_loop_glance (download->loop);
    else
      genvid_loop_turn (download->loop, next_moment (download));
    serve_main (download);
    if (!download->over)
      genvid_ahead_serve (download);
    if (!download->over)
      check_stalls (download, genvid_now ().boot);
  }
}

static gboolean
is_pending (gpointer data)
{
  const GenvidDownload *download = data;

  return (download->main.fetch
          && genvid_fetch_is_pending (download->main.fetch))
         || (download->ahead.fetch
             && genvid_fetch_is_pending (download->ahead.fetch));
}

static void
tidy_up (GenvidDownload *download)
{
  if (download->main.fetch)
    genvid_fetch_cancel (download->main.fetch);
  if (download->ahead.fetch)
    genvid_fetch_cancel (download->ahead.fetch);
  genvid_loop_settle (download->loop, is_pending, download);
  genvid_strand_clear (&download->main);
  genvid_strand_clear (&download->ahead);
  if (download->intake && download->outcome != GENVID_MEDIA_COMPLETE)
    genvid_intake_save (download->intake, NULL);
  genvid_intake_free (download->intake);
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
  return genvid_link_check_result (link, options->base_url, options->base_url,
                                   options->allow_private, error);
}

static void
prepare (GenvidDownload *download, GenvidEntry *entry)
{
  g_autoptr (GError) error = NULL;

  download->intake = genvid_intake_new (download->clip, entry, &error);
  if (!download->intake) {
    genvid_download_end_with_error (download, error);
    return;
  }
  if (genvid_intake_is_whole (download->intake)) {
    complete (download, genvid_intake_get_validator (download->intake)->size,
              FALSE);
    if (download->over)
      return;
  }
  download->link = choose_link (download, &error);
  if (!download->link)
    genvid_download_end (
        download, GENVID_MEDIA_REFUSED,
        genvid_failure_new_from_error (error, GENVID_REASON_UNSAFE_URL));
}

GenvidMediaOutcome
genvid_download_run_tuned (GenvidTransport *transport,
                           const GenvidDownloadOptions *options,
                           const GenvidDownloadTuning *tuning, GenvidClip *clip,
                           GenvidEntry *entry, GenvidDownloadResult *result)
{
  GMainContext *context = genvid_transport_get_context (transport);
  GenvidDownload download = {
    .transport = transport,
    .loop = genvid_transport_get_loop (transport),
    .options = options,
    .tuning = tuning,
    .clip = clip,
    .result = result,
    .last_byte = genvid_now ().boot,
  };

  *result = (GenvidDownloadResult){ 0 };
  g_main_context_push_thread_default (context);
  prepare (&download, entry);
  bring (&download);
  tidy_up (&download);
  g_main_context_pop_thread_default (context);
  return download.outcome;
}

GenvidMediaOutcome
genvid_download_run (GenvidTransport *transport,
                     const GenvidDownloadOptions *options, GenvidClip *clip,
                     GenvidEntry *entry, GenvidDownloadResult *result)
{
  return genvid_download_run_tuned (transport, options, &default_tuning, clip,
                                    entry, result);
}
