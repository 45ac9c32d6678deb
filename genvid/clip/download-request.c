/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "download-request.h"

#include "byte-ranges.h"
#include "download-private.h"
#include "media-request.h"
#include "media-response.h"
#include "media-stream.h"
#include "part-writer.h"
#include "url.h"
#include "validator.h"

#include <string.h>

char *
genvid_download_request_choose_link (const GenvidDownloadOptions *options,
                                     gboolean *guess, GError **error)
{
  const char *link = options->link;
  g_autoptr (GString) text = NULL;

  *guess = FALSE;
  if (link != NULL && g_ascii_strncasecmp (link, "http://", 7) == 0
      && options->base_url != NULL
      && g_ascii_strncasecmp (options->base_url, "https:", 6) == 0) {
    gsize host = 7 + strcspn (link + 7, "/?#");

    text = g_string_new (link);
    if (host > 10 && strncmp (link + host - 3, ":80", 3) == 0)
      g_string_erase (text, host - 3, 3);
    g_string_insert_c (text, 4, 's');
    link = text->str;
    *guess = TRUE;
  }
  return genvid_url_check_result (link, options->base_url, options->base_url,
                                  options->allow_private, error);
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

/* What is there and cannot be proven comes again, in one piece: a server may
 * have a bound on parts. */
void
genvid_download_request_choose (const GenvidDownload *download,
                                GenvidMediaRequestOptions *options)
{
  const GenvidValidator *known
      = genvid_part_writer_get_validator (download->writer);
  const GenvidByteRanges *ranges
      = genvid_part_writer_get_ranges (download->writer);
  gboolean held = !genvid_part_writer_is_empty (download->writer);
  gboolean again
      = held && (download->doubted || !genvid_validator_can_prove (known));

  *options = (GenvidMediaRequestOptions){
    .link = download->link,
    .headers = download->options->headers,
    .ranged = download->range == GENVID_RANGE_ASK && !again
              && download->options->inline_path == NULL,
    .inline_path = download->options->inline_path,
  };
  if (!options->ranged)
    return;
  options->from = genvid_byte_ranges_next_gap (ranges, 0);
  options->end = find_end (ranges, options->from);
  options->if_range = held ? genvid_validator_get_if_range (known) : NULL;
}

/* Whatever a refusal says, it may mean the Range. One that asks to wait is
 * obeyed, and the next request goes without; but where bytes are there, a
 * server that is only busy is asked for the rest once more. */
GenvidRangeUse
genvid_download_request_refuse (const GenvidDownload *download,
                                const GenvidMediaResponse *head)
{
  gboolean empty = genvid_part_writer_is_empty (download->writer);
  gboolean part = download->state == GENVID_DOWNLOAD_ASKED_PART;
  gboolean skip = empty || (part && download->retry.attempts > 1);

  if (download->range == GENVID_RANGE_NEVER)
    return GENVID_RANGE_NEVER;
  if (part && !genvid_media_response_asks_to_wait (head))
    return GENVID_RANGE_PROBE;
  return skip ? GENVID_RANGE_SKIP : GENVID_RANGE_ASK;
}

GenvidRangeUse
genvid_download_request_accept (GenvidRangeUse range)
{
  if (range == GENVID_RANGE_PROBE || range == GENVID_RANGE_NEVER)
    return GENVID_RANGE_NEVER;
  return GENVID_RANGE_ASK;
}
