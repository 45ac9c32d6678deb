/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the bytes of an answer are good for: whether they are a clip at all,
 * whether they are the clip that others of its bytes are there of, and whether
 * they are all of it. */
#include "download-verify.h"

#include "byte-ranges.h"
#include "clock.h"
#include "container.h"
#include "download-attempt.h"
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
may_follow_held (GenvidDownload *download, GenvidContainer kind)
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
      GENVID_REASON_NOT_MEDIA, "The media server sent %s, not a clip.",
      kind == GENVID_CONTAINER_EMPTY ? "nothing" : "a text");

  failure->retryable = TRUE;
  return failure;
}

/* Of the first bytes. FALSE: the block waits for more, or the download is
 * over. */
static gboolean
sniff (GenvidDownload *download, const GenvidMediaResponse *head, gboolean end)
{
  const GenvidMediaStream *main = &download->main;
  GenvidContainer kind;

  if (main->offset > 0)
    return TRUE;
  end = end || main->held >= MAX_SNIFF;
  kind = genvid_container_sniff (main->block, main->held, end);
  if (kind == GENVID_CONTAINER_UNDECIDED && !end)
    return FALSE;
  if (is_media (kind, head) && may_follow_held (download, kind))
    return TRUE;
  /* A page in the place of a clip: the link is worth nothing yet, or not any
   * more; what was there before is kept. */
  genvid_download_end (download, GENVID_MEDIA_EXPIRED, make_not_media (kind));
  return FALSE;
}

/* The end of a connection in the first bytes is a cut, not a short clip. */
static gboolean
is_cut_at_begin (GenvidDownload *download, const GenvidMediaResponse *head)
{
  const GenvidMediaStream *main = &download->main;
  guint64 size = head->total;

  if (main->offset > 0 || main->held >= MIN_CLIP)
    return FALSE;
  if (size != GENVID_SIZE_UNKNOWN && main->held < size)
    genvid_download_attempt_cut (download, "it ended in its first bytes");
  else if (head->blind)
    genvid_download_attempt_fail (download,
                                  make_not_media (GENVID_CONTAINER_EMPTY), 0);
  else
    return FALSE;
  return TRUE;
}

/* --- Is it the same file? --- */

/* FALSE: another file, or the disk does not say; the stream is over. */
static gboolean
compare (GenvidDownload *download, gsize length)
{
  const GenvidMediaStream *main = &download->main;
  g_autoptr (GError) error = NULL;
  gboolean same;

  if (!genvid_part_writer_compare (download->writer, main->offset, main->block,
                                   length, &same, &error)) {
    genvid_download_end_with_error (download, error);
    return FALSE;
  }
  if (!same) {
    genvid_download_attempt_change (download);
    return FALSE;
  }
  /* Before a map can claim them together. */
  if (!genvid_byte_ranges_contains (get_ranges (download), main->offset,
                                    main->offset + length))
    genvid_part_writer_forget_proof (download->writer);
  return TRUE;
}

/* All that was there is equal to what this answer brought: it is this answer's
 * file, and what proves the one proves the other. A second request that was
 * judged by what was known before is not. */
static void
settle (GenvidDownload *download, const GenvidMediaResponse *head)
{
  if (!download->compares
      || download->main.offset < genvid_part_writer_get_end (download->writer))
    return;
  genvid_part_writer_describe_anew (download->writer, head->etag,
                                    head->last_modified, head->total);
  download->doubted = FALSE;
  download->compares = !genvid_validator_can_prove (
      genvid_part_writer_get_validator (download->writer));
  if (!download->compares)
    genvid_media_stream_stop (&download->ahead);
}

/* It goes on behind the end that another answer told. */
static gboolean
is_too_long (const GenvidDownload *download, const GenvidMediaStream *stream)
{
  guint64 size = get_size (download);

  return stream == &download->main && size != GENVID_SIZE_UNKNOWN
         && stream->offset + stream->held > size
         && genvid_media_request_get_head (stream->fetch)->total
                == GENVID_SIZE_UNKNOWN;
}

gboolean
genvid_download_verify_take (GenvidDownload *download,
                             GenvidMediaStream *stream)
{
  guint64 size = get_size (download), news = 0;
  g_autoptr (GError) error = NULL;
  gsize length = stream->held, fresh = 0;

  if (is_too_long (download, stream)) {
    genvid_download_attempt_change (download);
    return FALSE;
  }
  if (size != GENVID_SIZE_UNKNOWN)
    length = MIN (length, size - MIN (size, stream->offset));
  if (stream->offset + length > download->options->max_size) {
    genvid_download_end (
        download, GENVID_MEDIA_REFUSED,
        genvid_failure_new (GENVID_REASON_TOO_LARGE,
                            "The clip is larger than max-size allows."));
    return FALSE;
  }
  if (stream == &download->main && download->compares
      && !compare (download, length))
    return FALSE;
  if (length > 0
      && !genvid_part_writer_write (download->writer, stream->offset,
                                    stream->block, length, &fresh, &error)) {
    genvid_download_end_with_error (download, error);
    return FALSE;
  }
  if (stream->held > 0)
    download->last_byte = genvid_clock_now ().boot;
  genvid_media_stream_advance (stream);
  if (stream == &download->main && stream->offset > download->reached) {
    news = stream->offset - download->reached;
    download->reached = stream->offset;
  }
  genvid_download_attempt_progress (download, MAX (news, fresh),
                                    download->last_byte);
  return TRUE;
}

/* --- Is it all? --- */

void
genvid_download_verify_complete (GenvidDownload *download, guint64 size,
                                 gboolean blind)
{
  g_autoptr (GError) error = NULL;

  if (genvid_part_writer_finish (download->writer, size,
                                 &download->result->extension, &error)) {
    download->result->size = size;
    genvid_download_end (download, GENVID_MEDIA_COMPLETE, NULL);
    return;
  }
  if (blind && g_error_matches (error, GENVID_ERROR, GENVID_REASON_NOT_MEDIA))
    genvid_download_attempt_fail (
        download,
        genvid_failure_new_from_error (error, GENVID_REASON_NOT_MEDIA), 0);
  else
    genvid_download_end_with_error (download, error);
}

/* All is there; where it had to be compared, it was. */
static gboolean
is_done (const GenvidDownload *download)
{
  return genvid_part_writer_is_whole (download->writer)
         && (!download->compares
             || download->main.offset >= get_size (download));
}

/* An answer ended that did not say how long the file is. The end of a part is
 * no end of the file, and the end of a connection none of a file that is known
 * to be longer. FALSE: ask on. */
static gboolean
end_unsized (GenvidDownload *download, gboolean partial, gboolean blind)
{
  guint64 size = get_size (download), offset = download->main.offset;
  guint64 held = genvid_part_writer_get_end (download->writer);
  gboolean sized = size != GENVID_SIZE_UNKNOWN;

  if (partial || offset == 0 || (blind && sized && offset < size)
      || (offset < held && (blind || !download->compares)))
    return FALSE;
  if (offset < held)
    genvid_download_attempt_change (download);
  else
    genvid_download_verify_complete (download, offset, blind || sized);
  return TRUE;
}

/* What follows is on its way already: that request goes on as the main one. */
static gboolean
go_on_with_ahead (GenvidDownload *download)
{
  guint64 gap = genvid_byte_ranges_next_gap (get_ranges (download),
                                             download->main.offset);
  GenvidMediaStream idle = download->main;

  if (download->compares || !download->ahead.judged || !download->ahead.fetch
      || download->ahead.offset != gap)
    return FALSE;
  download->main = download->ahead;
  download->ahead = idle;
  download->ranged = TRUE;
  download->reached = MAX (download->reached, download->main.offset);
  return TRUE;
}

/* The body is over, or what follows is there already. */
static void
end_main (GenvidDownload *download, const GenvidMediaResponse *head)
{
  gboolean partial = head->status == SOUP_STATUS_PARTIAL_CONTENT;
  gboolean unsized = head->total == GENVID_SIZE_UNKNOWN;
  gboolean blind = head->blind;

  genvid_media_stream_stop (&download->main);
  if (is_done (download))
    genvid_download_verify_complete (download, get_size (download), FALSE);
  else if (unsized && end_unsized (download, partial, blind))
    return;
  else if (download->attempts > 0 || download->main.offset == 0)
    genvid_download_attempt_cut (download, "the server sent nothing new");
  else if (!go_on_with_ahead (download))
    genvid_download_attempt_pace (download, 0);
}

/* There is nothing more to be had from this answer: the file is all there, or
 * the next bytes are, and proven. One that did not say how long the file is
 * has to come to its end. */
static gboolean
is_through (const GenvidDownload *download, const GenvidMediaResponse *head)
{
  guint64 offset = download->main.offset;

  if (head->status == SOUP_STATUS_PARTIAL_CONTENT && !download->compares
      && genvid_byte_ranges_available (get_ranges (download), offset)
             >= GENVID_MEDIA_STREAM_BLOCK)
    return TRUE;
  return head->total != GENVID_SIZE_UNKNOWN
         && (is_done (download) || offset >= get_size (download));
}

/* FALSE: the download is over. */
static gboolean
renew (GenvidDownload *download, const GenvidMediaResponse *head)
{
  download->renews = FALSE;
  if (!genvid_download_attempt_reset (download))
    return FALSE;
  genvid_download_take_head (download, head, FALSE);
  return TRUE;
}

void
genvid_download_verify_read (GenvidDownload *download)
{
  GenvidMediaStream *main = &download->main;
  const GenvidMediaResponse *head = genvid_media_request_get_head (main->fetch);
  gboolean ended;

  genvid_media_stream_read_in_pace (main, genvid_clock_now ().boot);
  ended = genvid_media_request_look (main->fetch) == GENVID_MEDIA_REQUEST_ENDED;
  if (ended && is_cut_at_begin (download, head))
    return;
  if ((main->held > 0 || ended) && !sniff (download, head, ended))
    return;
  if (download->renews && (main->held == 0 || !renew (download, head)))
    return;
  if (!genvid_download_verify_take (download, main))
    return;
  settle (download, head);
  if (ended || is_through (download, head))
    end_main (download, head);
}
