/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Five queries are answered from the clip. The base class must not get them: it
 * would start and stop the element for one, overwrite the new size with an old
 * one for another, and claim that all bytes are there. None waits. */

#include "gstgenvidsrc.h"
#include "byte-ranges.h"
#include "client.h"

static gboolean
answer_scheduling (GstQuery *query)
{
  gst_query_set_scheduling (query, GST_SCHEDULING_FLAG_SEEKABLE, 1, -1, 0);
  gst_query_add_scheduling_mode (query, GST_PAD_MODE_PULL);
  gst_query_add_scheduling_mode (query, GST_PAD_MODE_PUSH);
  return TRUE;
}

/* -1 for unknown, also while stopped: only the next start decides which clip
 * it is. */
static gint64
get_size (GstGenvidSrc *self)
{
  g_autoptr (GstGenvidPlay) play = gst_genvid_src_get_play (self);
  guint64 size = GENVID_SIZE_UNKNOWN;

  if (play != NULL)
    size = genvid_client_get_size (play->client);
  return size == GENVID_SIZE_UNKNOWN ? -1 : (gint64)size;
}

static gboolean
answer_duration (GstGenvidSrc *self, GstQuery *query)
{
  GstFormat format;

  gst_query_parse_duration (query, &format, NULL);
  if (format == GST_FORMAT_PERCENT)
    gst_query_set_duration (query, format, GST_FORMAT_PERCENT_MAX);
  else if (format == GST_FORMAT_BYTES)
    gst_query_set_duration (query, format, get_size (self));
  else
    return FALSE;
  return TRUE;
}

static gboolean
answer_seeking (GstGenvidSrc *self, GstQuery *query)
{
  GstFormat format;

  gst_query_parse_seeking (query, &format, NULL, NULL, NULL);
  if (format != GST_FORMAT_BYTES)
    return FALSE;
  gst_query_set_seeking (query, format, TRUE, 0, get_size (self));
  return TRUE;
}

static gint64
scale (guint64 position, gint64 size, GstFormat format)
{
  if (format == GST_FORMAT_BYTES)
    return position;
  return gst_util_uint64_scale (GST_FORMAT_PERCENT_MAX, position, size);
}

static void
add_ranges (GstQuery *query, const GenvidByteRanges *ranges, GstFormat format,
            gint64 size)
{
  guint n = genvid_byte_ranges_get_n (ranges);

  for (guint i = 0; i < n; i++) {
    GenvidByteRange range = genvid_byte_ranges_get (ranges, i);

    gst_query_add_buffering_range (query, scale (range.start, size, format),
                                   scale (range.end, size, format));
  }
}

static int
get_percent (const GenvidByteRanges *ranges, gint64 size)
{
  if (size <= 0)
    return 0;
  return gst_util_uint64_scale (100, genvid_byte_ranges_get_total (ranges),
                                size);
}

/* The range's stop is the end of the bytes from the start, as with other
 * download buffers; the list has every range. */
static gboolean
answer_buffering (GstGenvidSrc *self, GstQuery *query)
{
  g_autoptr (GstGenvidPlay) play = gst_genvid_src_get_play (self);
  g_autoptr (GenvidByteRanges) ranges = NULL;
  GstFormat format;
  gint64 size = get_size (self);
  GstGenvidPlaythroughStats line = { -1, -1, -1, -1 };
  gint64 stop = 0;
  int percent;

  gst_query_parse_buffering_range (query, &format, NULL, NULL, NULL);
  if (format != GST_FORMAT_BYTES && format != GST_FORMAT_PERCENT)
    return FALSE;
  ranges = play != NULL ? genvid_client_get_ranges (play->client)
                        : genvid_byte_ranges_new ();
  percent = get_percent (ranges, size);
  if (play != NULL && percent < 100)
    line = gst_genvid_play_get_stats (play);
  gst_query_set_buffering_percent (query, play != NULL && percent < 100,
                                   percent);
  gst_query_set_buffering_stats (query, GST_BUFFERING_DOWNLOAD, line.in,
                                 line.out, percent == 100 ? 0 : line.wait);
  if (format == GST_FORMAT_BYTES || size > 0) {
    stop = scale (genvid_byte_ranges_available (ranges, 0), size, format);
    add_ranges (query, ranges, format, size);
  }
  gst_query_set_buffering_range (query, format, 0, stop,
                                 percent == 100 ? 0 : line.whole);
  return TRUE;
}

/* What elements make stream ids from: while it plays, it names the service and
 * is the same for the same clip, also where a request has no URI. The path says
 * what the clip is, so that a type finder tries MP4 first: others read the
 * middle and the end of a file that has only begun to come. Only a get_uri must
 * be one that can be played. */
static char *
identify (GstGenvidSrc *self)
{
  g_autoptr (GstGenvidPlay) play = gst_genvid_src_get_play (self);
  g_autoptr (GenvidClipStatus) status = NULL;
  g_autofree char *uri = gst_genvid_src_get_uri (self);
  const char *query;

  if (play == NULL)
    return g_steal_pointer (&uri);
  status = genvid_client_snapshot (play->client);
  if (uri == NULL)
    return g_strdup_printf ("genvid://%s/clip.mp4?clip=%s", status->provider,
                            genvid_client_get_fingerprint (play->client));
  query = strchr (uri, '?');
  return g_strconcat ("genvid://", status->provider, "/clip.mp4", query, NULL);
}

static gboolean
answer_uri (GstGenvidSrc *self, GstQuery *query)
{
  g_autofree char *uri = identify (self);

  if (uri != NULL)
    gst_query_set_uri (query, uri);
  return uri != NULL;
}

gboolean
gst_genvid_src_answer (GstGenvidSrc *self, GstQuery *query, gboolean *answered)
{
  switch (GST_QUERY_TYPE (query)) {
  case GST_QUERY_SCHEDULING:
    *answered = answer_scheduling (query);
    return TRUE;
  case GST_QUERY_DURATION:
    *answered = answer_duration (self, query);
    return TRUE;
  case GST_QUERY_SEEKING:
    *answered = answer_seeking (self, query);
    return TRUE;
  case GST_QUERY_BUFFERING:
    *answered = answer_buffering (self, query);
    return TRUE;
  case GST_QUERY_URI:
    *answered = answer_uri (self, query);
    return TRUE;
  default:
    return FALSE;
  }
}
