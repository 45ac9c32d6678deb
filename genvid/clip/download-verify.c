/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "download-verify.h"

#include "byte-ranges.h"
#include "container.h"
#include "download-private.h"
#include "failure.h"
#include "media-outcome.h"
#include "media-request.h"
#include "media-response.h"
#include "media-stream.h"
#include "part-writer.h"

#define MAX_SNIFF 4096
/* No clip is as short as this; a connection that ended here was cut. */
#define MIN_CLIP 12

static const GenvidDownloadVerdict go_on = { .step = GENVID_STEP_GO_ON };
static const GenvidDownloadVerdict wait = { .step = GENVID_STEP_WAIT };
static const GenvidDownloadVerdict restart = { .step = GENVID_STEP_RESTART };

static GenvidDownloadVerdict
cut (const char *why)
{
  return (GenvidDownloadVerdict){ .step = GENVID_STEP_CUT, .why = why };
}

static GenvidDownloadVerdict
end (GenvidMediaOutcome outcome, GenvidFailure *failure)
{
  return (GenvidDownloadVerdict){ .step = GENVID_STEP_END,
                                  .outcome = outcome,
                                  .failure = failure };
}

static GenvidDownloadVerdict
complete (guint64 size, gboolean blind)
{
  return (GenvidDownloadVerdict){ .step = GENVID_STEP_COMPLETE,
                                  .size = size,
                                  .blind = blind };
}

static const GenvidByteRanges *
get_ranges (const GenvidDownload *download)
{
  return genvid_part_writer_get_ranges (download->writer);
}

static guint64
get_size (const GenvidDownload *download)
{
  return genvid_part_writer_get_validator (download->writer)->size;
}

/* --- Is it there? --- */

static gboolean
is_not_ready (const GenvidDownload *download, guint status)
{
  const guint *pending = download->options->pending;

  while (pending != NULL && *pending != 0 && *pending != status)
    pending++;
  return pending != NULL && *pending != 0;
}

/* A 403 may also come from a media server that never saw the key. */
static GenvidVerdict
judge_key (const GenvidMediaResponse *head, GenvidFailure **failure)
{
  *failure = genvid_failure_new (
      GENVID_REASON_UNAUTHORIZED,
      "The clip is ready, but the service does not accept the API key for it "
      "(HTTP %u).",
      head->status);
  (*failure)->http_status = head->status;
  (*failure)->advice
      = g_strdup ("Set a key that the service accepts. The generation is "
                  "bought and kept. Running the same request again continues "
                  "with it and buys nothing.");
  return GENVID_VERDICT_EXPIRED;
}

GenvidVerdict
genvid_download_verify_head (const GenvidDownload *download,
                             const GenvidMediaResponse *head,
                             GenvidFailure **failure)
{
  if (head->status == 401 && download->options->headers != NULL)
    return judge_key (head, failure);
  if (!is_not_ready (download, head->status))
    return genvid_media_response_classify (
        head, genvid_part_writer_get_validator (download->writer),
        download->main.offset, genvid_part_writer_get_end (download->writer),
        download->options->max_size, failure);
  *failure = genvid_failure_new (
      GENVID_REASON_BUSY,
      "The generation is complete, but the service does not deliver the clip "
      "yet (HTTP %u).",
      head->status);
  (*failure)->http_status = head->status;
  (*failure)->retryable = TRUE;
  return GENVID_VERDICT_NOT_READY;
}

/* --- Is it media? --- */

static gboolean
is_media (GenvidContainer kind, const GenvidMediaResponse *head)
{
  return kind == GENVID_CONTAINER_MP4 || kind == GENVID_CONTAINER_WEBM
         || (kind == GENVID_CONTAINER_OTHER
             && !genvid_media_response_is_text (head));
}

/* Bytes of no known kind do not replace a clip; one clip may replace another.
 */
static gboolean
may_follow_held (const GenvidDownload *download, GenvidContainer kind)
{
  guint8 begin[MAX_SNIFF];
  gsize n = genvid_part_writer_peek (download->writer, begin, sizeof begin);
  GenvidContainer held = genvid_container_sniff (begin, n, FALSE);

  return kind != GENVID_CONTAINER_OTHER
         || (held != GENVID_CONTAINER_MP4 && held != GENVID_CONTAINER_WEBM);
}

static GenvidFailure *
make_not_media (GenvidContainer kind)
{
  GenvidFailure *failure = genvid_failure_new (
      GENVID_REASON_NOT_MEDIA, "The media server sent %s instead of a clip.",
      kind == GENVID_CONTAINER_EMPTY ? "nothing" : "text");

  failure->retryable = TRUE;
  return failure;
}

/* A page instead of a clip: the link is not valid yet, or not any more. What
 * was there before is kept. */
static GenvidDownloadVerdict
sniff (const GenvidDownload *download, const GenvidMediaResponse *head,
       gboolean all)
{
  const GenvidMediaStream *main = &download->main;
  GenvidContainer kind;

  if (main->offset > 0)
    return go_on;
  all = all || main->held >= MAX_SNIFF;
  kind = genvid_container_sniff (main->block, main->held, all);
  if (kind == GENVID_CONTAINER_UNDECIDED && !all)
    return wait;
  if (is_media (kind, head) && may_follow_held (download, kind))
    return go_on;
  return end (GENVID_MEDIA_EXPIRED, make_not_media (kind));
}

/* The end of a connection in the first bytes is a cut, not a short clip. */
GenvidDownloadVerdict
genvid_download_verify_begin (const GenvidDownload *download,
                              const GenvidMediaResponse *head, gboolean ended)
{
  const GenvidMediaStream *main = &download->main;

  if (main->held == 0 && !ended)
    return go_on;
  if (ended && main->offset == 0 && main->held < MIN_CLIP) {
    if (head->total != GENVID_SIZE_UNKNOWN && main->held < head->total)
      return cut ("the connection closed after the first bytes");
    if (head->blind)
      return (GenvidDownloadVerdict){
        .step = GENVID_STEP_RETRY,
        .failure = make_not_media (GENVID_CONTAINER_EMPTY),
      };
  }
  return sniff (download, head, ended);
}

/* --- Is it the same file? --- */

static GenvidDownloadVerdict
compare (const GenvidDownload *download, gsize length)
{
  const GenvidMediaStream *main = &download->main;
  g_autoptr (GError) error = NULL;
  gboolean same;

  if (!genvid_part_writer_compare (download->writer, main->offset, main->block,
                                   length, &same, &error))
    return end (GENVID_MEDIA_REFUSED,
                genvid_failure_new_from_error (error, GENVID_REASON_NO_SPACE));
  return same ? go_on : restart;
}

/* It continues beyond the size that another response gave. */
static gboolean
is_too_long (const GenvidDownload *download, const GenvidMediaStream *stream)
{
  guint64 size = get_size (download);

  return stream == &download->main && size != GENVID_SIZE_UNKNOWN
         && stream->offset + stream->held > size
         && genvid_media_request_get_head (stream->fetch)->total
                == GENVID_SIZE_UNKNOWN;
}

GenvidDownloadVerdict
genvid_download_verify_block (const GenvidDownload *download,
                              const GenvidMediaStream *stream, gsize *length)
{
  guint64 size = get_size (download);

  *length = stream->held;
  if (is_too_long (download, stream))
    return restart;
  if (size != GENVID_SIZE_UNKNOWN)
    *length = MIN (*length, size - MIN (size, stream->offset));
  if (stream->offset + *length > download->options->max_size)
    return end (GENVID_MEDIA_REFUSED,
                genvid_failure_new (GENVID_REASON_TOO_LARGE,
                                    "The clip is larger than max-size "
                                    "allows."));
  if (stream == &download->main && download->state == GENVID_DOWNLOAD_COMPARE)
    return compare (download, *length);
  return go_on;
}

gboolean
genvid_download_verify_is_settled (const GenvidDownload *download)
{
  return download->state == GENVID_DOWNLOAD_COMPARE
         && download->main.offset
                >= genvid_part_writer_get_end (download->writer);
}

/* --- Is it all? --- */

/* All is there; where it had to be compared, it was. */
static gboolean
is_done (const GenvidDownload *download)
{
  return genvid_part_writer_is_whole (download->writer)
         && (download->state != GENVID_DOWNLOAD_COMPARE
             || download->main.offset >= get_size (download));
}

/* One that did not say how long the file is has to come to its end. */
gboolean
genvid_download_verify_is_through (const GenvidDownload *download,
                                   const GenvidMediaResponse *head)
{
  guint64 offset = download->main.offset;

  if (head->status == SOUP_STATUS_PARTIAL_CONTENT
      && download->state != GENVID_DOWNLOAD_COMPARE
      && genvid_byte_ranges_available (get_ranges (download), offset)
             >= GENVID_MEDIA_STREAM_BLOCK)
    return TRUE;
  return head->total != GENVID_SIZE_UNKNOWN
         && (is_done (download) || offset >= get_size (download));
}

/* Of a response that did not say how long the file is. The end of a part is no
 * end of the file, and the end of a connection none of a file that is known to
 * be longer. */
static gboolean
is_end_of_file (const GenvidDownload *download, const GenvidMediaResponse *head)
{
  guint64 size = get_size (download), offset = download->main.offset;
  guint64 held = genvid_part_writer_get_end (download->writer);
  gboolean shorter = size != GENVID_SIZE_UNKNOWN && offset < size;

  if (head->status == SOUP_STATUS_PARTIAL_CONTENT || offset == 0
      || (head->blind && shorter))
    return FALSE;
  return offset >= held
         || (!head->blind && download->state == GENVID_DOWNLOAD_COMPARE);
}

GenvidDownloadVerdict
genvid_download_verify_end (const GenvidDownload *download,
                            const GenvidMediaResponse *head)
{
  guint64 size = get_size (download), offset = download->main.offset;

  if (is_done (download))
    return complete (size, FALSE);
  if (head->total == GENVID_SIZE_UNKNOWN && is_end_of_file (download, head))
    return offset < genvid_part_writer_get_end (download->writer)
               ? restart
               : complete (offset, head->blind || size != GENVID_SIZE_UNKNOWN);
  if (download->retry.attempts > 0 || offset == 0)
    return cut ("the server sent nothing new");
  return (GenvidDownloadVerdict){ .step = GENVID_STEP_NEXT };
}
