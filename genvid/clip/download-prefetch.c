/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A player that wants the index at the end of the file gets it after one round
 * trip. If this request fails, the reader waits for the main one, which never
 * stops for it. It ends when it has reached what is there, or when nobody wants
 * it any more. */
#include "download-prefetch.h"

#include "byte-ranges.h"
#include "clip.h"
#include "download-private.h"
#include "media-request.h"
#include "media-response.h"
#include "media-stream.h"
#include "part-writer.h"
#include "validator.h"

#define MAX_FAILURES 3
/* Who looks at the last bytes goes on to look at those before them: players
 * find the type so, and then the index. */
#define LAST_BYTES (4 * 1024)
#define TAIL       (64 * 1024)
/* A shorter response is a failure, unless there was no more. */
#define WORTHWHILE (16 * 1024)

static guint64
get_size (const GenvidDownload *download)
{
  return genvid_part_writer_get_validator (download->writer)->size;
}

/* It comes soon enough by the request that is under way. */
static gboolean
is_coming (const GenvidMediaStream *prefetch, guint64 wish, gint64 now)
{
  return prefetch->fetch != NULL && wish >= prefetch->offset
         && wish - prefetch->offset
                < genvid_media_stream_get_distance (prefetch, now);
}

static gboolean
is_possible (const GenvidDownload *download)
{
  return download->seekable && download->prefetch_failures < MAX_FAILURES
         && get_size (download) != GENVID_SIZE_UNKNOWN
         && !genvid_part_writer_is_empty (download->writer);
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

gboolean
genvid_download_prefetch_choose (const GenvidDownload *download, gint64 now,
                                 GenvidMediaRequestOptions *options)
{
  const GenvidByteRanges *ranges
      = genvid_part_writer_get_ranges (download->writer);
  guint64 size = get_size (download);
  guint64 wish;

  if (!is_possible (download))
    return FALSE;
  wish = genvid_clip_get_wish (
      download->clip, download->main.offset,
      genvid_media_stream_get_distance (&download->main, now));
  if (wish >= size || is_coming (&download->prefetch, wish, now))
    return FALSE;
  *options = (GenvidMediaRequestOptions){
    .link = download->link,
    .headers = download->options->headers,
    .ranged = TRUE,
    .from = choose_begin (ranges, wish, size),
    .end = genvid_byte_ranges_next_present (ranges, wish),
    .if_range = genvid_validator_get_if_range (
        genvid_part_writer_get_validator (download->writer)),
  };
  return TRUE;
}

gint64
genvid_download_prefetch_get_moment (const GenvidDownload *download, gint64 now)
{
  const GenvidMediaStream *main = &download->main;
  guint64 reach, wish;
  gint64 moment;

  if (download->prefetch.fetch != NULL)
    return genvid_media_stream_get_moment (&download->prefetch,
                                           download->retry.tuning->stall);
  if (!is_possible (download))
    return G_MAXINT64;
  wish = genvid_clip_get_wish (download->clip, main->offset,
                               GENVID_MEDIA_STREAM_NEAR + 1);
  if (wish >= get_size (download))
    return G_MAXINT64;
  reach = genvid_byte_ranges_next_gap (
      genvid_part_writer_get_ranges (download->writer), main->offset);
  moment = genvid_media_stream_get_overtaken (main, wish - reach);
  return moment > now ? moment : G_MAXINT64;
}

GenvidPrefetchVerdict
genvid_download_prefetch_check_head (const GenvidDownload *download)
{
  const GenvidMediaStream *prefetch = &download->prefetch;
  const GenvidMediaResponse *head;

  switch (genvid_media_request_look (prefetch->fetch)) {
  case GENVID_MEDIA_REQUEST_FAILED:
    return GENVID_PREFETCH_FAILED;
  case GENVID_MEDIA_REQUEST_WAITING:
    return GENVID_PREFETCH_WAIT;
  default:
    break;
  }
  if (prefetch->judged)
    return GENVID_PREFETCH_READ;
  head = genvid_media_request_get_head (prefetch->fetch);
  if (head->status >= 400)
    return GENVID_PREFETCH_REFUSED;
  return genvid_media_response_fits (
             head, genvid_part_writer_get_validator (download->writer),
             prefetch->offset)
             ? GENVID_PREFETCH_READ
             : GENVID_PREFETCH_FAILED;
}

/* The end of what it was for; what comes after was there already. */
static gboolean
has_arrived (const GenvidDownload *download)
{
  const GenvidByteRanges *ranges
      = genvid_part_writer_get_ranges (download->writer);
  guint64 offset = download->prefetch.offset;

  return genvid_byte_ranges_available (ranges, offset) > 0
         || offset >= get_size (download);
}

/* Who looked here has gone back to where the main request is, and shares a thin
 * line with bytes that nobody waits for. */
static gboolean
is_unwanted (const GenvidDownload *download)
{
  guint64 offset = download->prefetch.offset;

  return download->prefetch.total >= TAIL && download->main.fetch != NULL
         && genvid_clip_get_wish (download->clip, download->main.offset, 0)
                < offset
         && genvid_clip_get_wish (download->clip, offset, 0)
                == GENVID_SIZE_UNKNOWN;
}

GenvidPrefetchVerdict
genvid_download_prefetch_check_body (const GenvidDownload *download)
{
  const GenvidMediaStream *prefetch = &download->prefetch;
  gboolean good = prefetch->total >= WORTHWHILE;

  if (has_arrived (download) || is_unwanted (download))
    return GENVID_PREFETCH_DONE;
  if (genvid_media_request_look (prefetch->fetch) == GENVID_MEDIA_REQUEST_ENDED)
    return good ? GENVID_PREFETCH_DONE : GENVID_PREFETCH_FAILED;
  return good ? GENVID_PREFETCH_GOOD : GENVID_PREFETCH_READ;
}
