/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The request ahead of the download: a player that wants the index at the end
 * of the file gets it after one round trip. It may fail as it likes; then the
 * reader waits for the main request, which never stops for it. */
#include <genvid/io/genvid-download-private.h>

#define FAR          (G_GUINT64_CONSTANT (1) << 20)
#define MAX_FAILURES 3
/* Who looks at the last bytes goes on to look at those before them: players
 * find the type so, and then the index. */
#define LAST_BYTES (4 * 1024)
#define TAIL       (64 * 1024)
/* A request that brings less is a failure, unless there was no more. */
#define WORTHWHILE (16 * 1024)

void
genvid_ahead_fail (GenvidDownload *download)
{
  download->ahead_failures++;
  genvid_strand_stop (&download->ahead);
}

/* It comes soon enough by the request that is under way. */
static gboolean
is_coming (const GenvidStrand *ahead, guint64 wish)
{
  return ahead->fetch && wish >= ahead->offset && wish - ahead->offset < FAR;
}

static guint64
choose_begin (const GenvidRanges *ranges, guint64 wish, guint64 size)
{
  guint64 begin = size - MIN (size, TAIL);

  if (size - wish > LAST_BYTES)
    return wish;
  for (guint i = 0; i < genvid_ranges_get_n (ranges); i++) {
    guint64 end = genvid_ranges_get (ranges, i).end;

    if (end <= wish)
      begin = MAX (begin, end);
  }
  return begin;
}

void
genvid_ahead_tend (GenvidDownload *download, gint64 now)
{
  const GenvidRanges *ranges = genvid_intake_get_ranges (download->intake);
  const GenvidValidator *known = genvid_intake_get_validator (download->intake);
  GenvidFetchOptions options = { .link = download->link, .ranged = TRUE };
  guint64 wish;

  if (!download->seekable || download->ahead_failures >= MAX_FAILURES
      || known->size == GENVID_SIZE_UNKNOWN
      || genvid_intake_is_empty (download->intake))
    return;
  wish = genvid_clip_get_wish (download->clip, download->main.offset, FAR);
  if (wish >= known->size || is_coming (&download->ahead, wish))
    return;
  options.from = choose_begin (ranges, wish, known->size);
  options.end = genvid_ranges_next_present (ranges, wish);
  options.if_range = genvid_validator_get_if_range (known);
  genvid_strand_start (&download->ahead, download->transport, &options, now);
}

static void
judge (GenvidDownload *download)
{
  GenvidStrand *ahead = &download->ahead;
  const GenvidHead *head = genvid_fetch_get_head (ahead->fetch);

  /* Who refuses parts is not asked for them again. */
  if (head->status >= 400)
    download->ahead_failures = MAX_FAILURES;
  if (!genvid_head_fits (head, genvid_intake_get_validator (download->intake),
                         ahead->offset)) {
    genvid_ahead_fail (download);
    return;
  }
  ahead->judged = TRUE;
}

/* Where it was to end; what comes after is not its own. */
static gboolean
has_arrived (const GenvidDownload *download)
{
  guint64 offset = download->ahead.offset;

  return genvid_ranges_available (genvid_intake_get_ranges (download->intake),
                                  offset)
             > 0
         || offset >= genvid_intake_get_validator (download->intake)->size;
}

void
genvid_ahead_serve (GenvidDownload *download)
{
  GenvidStrand *ahead = &download->ahead;
  GenvidFetchState state;

  if (!ahead->fetch)
    return;
  state = genvid_fetch_look (ahead->fetch);
  if (state == GENVID_FETCH_FAILED)
    genvid_ahead_fail (download);
  else if (state != GENVID_FETCH_WAITING && !ahead->judged)
    judge (download);
  if (!ahead->fetch || !ahead->judged)
    return;
  genvid_strand_read_in_pace (ahead, genvid_now ().boot);
  if (!genvid_body_take (download, ahead))
    return;
  if (has_arrived (download) || ahead->total >= WORTHWHILE)
    download->ahead_failures = 0;
  if (has_arrived (download))
    genvid_strand_stop (ahead);
  else if (genvid_fetch_look (ahead->fetch) != GENVID_FETCH_ENDED)
    return;
  else if (ahead->total < WORTHWHILE)
    genvid_ahead_fail (download);
  else
    genvid_strand_stop (ahead);
}
