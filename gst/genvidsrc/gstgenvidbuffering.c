/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a play knows, as the arithmetic of buffering needs it, and its result as
 * a message. When it is posted, the reporter decides. */

#include "gstgenvidbuffering.h"

#include <gst/base/gstbasesink.h>

#include "byte-ranges.h"
#include "client.h"
#include "gstgenvidsrc.h"

#define GST_CAT_DEFAULT gst_genvid_src_debug

/* --- Who plays? --- */

static gint
is_paced (gconstpointer value, gconstpointer unused)
{
  GstElement *element = g_value_get_object (value);

  return GST_IS_BASE_SINK (element)
                 && gst_base_sink_get_sync (GST_BASE_SINK (element))
             ? 0
             : 1;
}

static gint
is_sink (gconstpointer value, gconstpointer unused)
{
  GstElement *element = g_value_get_object (value);

  return GST_OBJECT_FLAG_IS_SET (element, GST_ELEMENT_FLAG_SINK)
                 && !GST_IS_BIN (element)
             ? 0
             : 1;
}

static gboolean
has_element (GstObject *bin, GCompareFunc which)
{
  g_autoptr (GstIterator) all = gst_bin_iterate_recurse (GST_BIN (bin));
  g_auto (GValue) found = G_VALUE_INIT;

  return gst_iterator_find_custom (all, which, &found, NULL);
}

/* Who saves or converts a clip takes it as it comes. A pipeline without a sink
 * is a player that has not made it yet. */
static gboolean
has_player (GstElement *source)
{
  g_autoptr (GstObject) top = gst_object_ref (GST_OBJECT (source));
  GstObject *parent;

  while ((parent = gst_object_get_parent (top)) != NULL) {
    gst_object_unref (top);
    top = parent;
  }
  return !GST_IS_BIN (top) || has_element (top, is_paced)
         || !has_element (top, is_sink);
}

/* --- What is there? --- */

static guint64
count_before (const GenvidByteRanges *ranges, guint64 offset)
{
  guint64 count = 0;

  for (guint i = 0; i < genvid_byte_ranges_get_n (ranges); i++) {
    GenvidByteRange range = genvid_byte_ranges_get (ranges, i);

    count += MIN (range.end, offset) - MIN (range.start, offset);
  }
  return count;
}

/* FALSE: nothing of the clip comes over a line now, or nobody reads it. */
static gboolean
take_stock (GstGenvidPlay *play, GstGenvidSupply *supply)
{
  g_autoptr (GenvidClipStatus) status = NULL;
  g_autoptr (GenvidByteRanges) ranges = NULL;
  guint64 before;

  *supply = (GstGenvidSupply){ 0 };
  if (!genvid_client_is_arriving (play->client)
      || !gst_genvid_play_get_reading (play, supply))
    return FALSE;
  status = genvid_client_snapshot (play->client);
  ranges = genvid_client_get_ranges (play->client);
  if (status->size == GENVID_SIZE_UNKNOWN || status->size == 0)
    return TRUE;
  supply->size = status->size;
  supply->position = MIN (supply->position, status->size);
  supply->duration = status->duration;
  supply->present = MIN (genvid_byte_ranges_get_total (ranges), status->size);
  before = count_before (ranges, supply->position);
  supply->ready = genvid_byte_ranges_available (ranges, supply->position);
  supply->before = supply->position - before;
  supply->after
      = supply->size - supply->position
        - MIN (supply->present - before, supply->size - supply->position);
  return TRUE;
}

GstMessage *
gst_genvid_buffering_new_message (GstGenvidPlay *play, GstElement *source,
                                  int percent)
{
  GstGenvidPlaythroughStats stats = gst_genvid_play_get_stats (play);
  GstMessage *message
      = gst_message_new_buffering (GST_OBJECT (source), percent);

  gst_message_set_buffering_stats (message, GST_BUFFERING_DOWNLOAD, stats.in,
                                   stats.out, stats.wait);
  return message;
}

int
gst_genvid_buffering_look (GstGenvidPlay *play, GstElement *source,
                           gboolean *active)
{
  GstGenvidPlaythroughStats stats = { -1, -1, 0, -1 };
  GstGenvidSupply supply;
  int percent = 100;

  *active = take_stock (play, &supply);
  if (*active) {
    percent = gst_genvid_playthrough_update (&play->playthrough, &supply,
                                             g_get_monotonic_time ());
    stats = gst_genvid_playthrough_get_stats (&play->playthrough, &supply);
  }
  GST_LOG_OBJECT (source,
                  "buffering %d %%: %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                  " bytes, %d a second, reader at %" G_GUINT64_FORMAT
                  ", %" G_GUINT64_FORMAT " ready, played %.2f s of %.2f",
                  percent, supply.present, supply.size, stats.in,
                  supply.position, supply.ready, supply.played,
                  supply.duration);
  if (percent < 100 && !has_player (source))
    percent = 100;
  gst_genvid_play_set_stats (play, &stats);
  return percent;
}
