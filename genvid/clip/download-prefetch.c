/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The request ahead of the download: a player that wants the index at the end
 * of the file gets it after one round trip. It may fail as it likes; then the
 * reader waits for the main request, which never stops for it. */
#include "download-prefetch.h"

#include "byte-ranges.h"
#include "clip.h"
#include "clock.h"
#include "download-private.h"
#include "download-verify.h"
#include "media-request.h"
#include "media-response.h"
#include "media-stream.h"
#include "part-writer.h"
#include "validator.h"

#define FAR          (G_GUINT64_CONSTANT (1) << 20)
#define MAX_FAILURES 3
/* Who looks at the last bytes goes on to look at those before them: players
 * find the type so, and then the index. */
#define LAST_BYTES (4 * 1024)
#define TAIL       (64 * 1024)
/* A request that brings less is a failure, unless there was no more. */
#define WORTHWHILE (16 * 1024)

void
genvid_download_prefetch_fail (GenvidDownload *download)
{
  download->ahead_failures++;
  genvid_media_stream_stop (&download->ahead);
}

/* It comes soon enough by the request that is under way. */
static gboolean
is_coming (const GenvidMediaStream *ahead, guint64 wish)
{
  return ahead->fetch && wish >= ahead->offset && wish - ahead->offset < FAR;
}

static guint64
choose_begin (const GenvidByteRanges *ranges, guint64 wish, guint64 size)
{
  guint64 begin = size - MIN (size, TAIL);

  if (size - wish > LAST_BYTES)
    return wish;
  for (guint i = 0; i < genvid_byte_ranges_get_n (ranges); i++) {
    guint64 end = genvid_byte_ranges_get (ranges, i).end;

    if (end <= wish)
      begin = MAX (begin, end);
  }
  return begin;
}

void
genvid_download_prefetch_tend (GenvidDownload *download, gint64 now)
{
  const GenvidByteRanges *ranges
      = genvid_part_writer_get_ranges (download->writer);
  const GenvidValidator *known
      = genvid_part_writer_get_validator (download->writer);
  GenvidMediaRequestOptions options
      = { .link = download->link, .ranged = TRUE };
  guint64 wish;

  if (!download->seekable || download->ahead_failures >= MAX_FAILURES
      || known->size == GENVID_SIZE_UNKNOWN
      || genvid_part_writer_is_empty (download->writer))
    return;
  wish = genvid_clip_get_wish (download->clip, download->main.offset, FAR);
  if (wish >= known->size || is_coming (&download->ahead, wish))
    return;
  options.from = choose_begin (ranges, wish, known->size);
  options.end = genvid_byte_ranges_next_present (ranges, wish);
  options.if_range = genvid_validator_get_if_range (known);
  genvid_media_stream_start (&download->ahead, download->http, &options, now);
}

static void
judge (GenvidDownload *download)
{
  GenvidMediaStream *ahead = &download->ahead;
  const GenvidMediaResponse *head
      = genvid_media_request_get_head (ahead->fetch);

  /* Who refuses parts is not asked for them again. */
  if (head->status >= 400)
    download->ahead_failures = MAX_FAILURES;
  if (!genvid_media_response_fits (
          head, genvid_part_writer_get_validator (download->writer),
          ahead->offset)) {
    genvid_download_prefetch_fail (download);
    return;
  }
  ahead->judged = TRUE;
}

/* Where it was to end; what comes after is not its own. */
static gboolean
has_arrived (const GenvidDownload *download)
{
  guint64 offset = download->ahead.offset;

  return genvid_byte_ranges_available (
             genvid_part_writer_get_ranges (download->writer), offset)
             > 0
         || offset >= genvid_part_writer_get_validator (download->writer)->size;
}

void
genvid_download_prefetch_serve (GenvidDownload *download)
{
  GenvidMediaStream *ahead = &download->ahead;
  GenvidMediaRequestState state;

  if (!ahead->fetch)
    return;
  state = genvid_media_request_look (ahead->fetch);
  if (state == GENVID_MEDIA_REQUEST_FAILED)
    genvid_download_prefetch_fail (download);
  else if (state != GENVID_MEDIA_REQUEST_WAITING && !ahead->judged)
    judge (download);
  if (!ahead->fetch || !ahead->judged)
    return;
  genvid_media_stream_read_in_pace (ahead, genvid_clock_now ().boot);
  if (!genvid_download_verify_take (download, ahead))
    return;
  if (has_arrived (download) || ahead->total >= WORTHWHILE)
    download->ahead_failures = 0;
  if (has_arrived (download))
    genvid_media_stream_stop (ahead);
  else if (genvid_media_request_look (ahead->fetch)
           != GENVID_MEDIA_REQUEST_ENDED)
    return;
  else if (ahead->total < WORTHWHILE)
    genvid_download_prefetch_fail (download);
  else
    genvid_media_stream_stop (ahead);
}
