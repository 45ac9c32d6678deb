/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A pad into a mixer, and the curve of its level. */

#include "gstgenvidlivefeed.h"

static gboolean
answer_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  if (GST_QUERY_TYPE (query) != GST_QUERY_LATENCY)
    return gst_pad_query_default (pad, parent, query);
  gst_query_set_latency (query, TRUE, 0, GST_CLOCK_TIME_NONE);
  return TRUE;
}

/* QoS, latency, seeks: there is nothing upstream that could act on them. */
static gboolean
swallow_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  gst_event_unref (event);
  return TRUE;
}

static void
bind_level (GstGenvidLiveFeed *feed)
{
  GstControlSource *source = gst_interpolation_control_source_new ();

  g_object_set (source, "mode", GST_INTERPOLATION_MODE_LINEAR, NULL);
  gst_object_add_control_binding (
      GST_OBJECT (feed->sink),
      gst_direct_control_binding_new_absolute (GST_OBJECT (feed->sink),
                                               feed->level, source));
  feed->curve = GST_TIMED_VALUE_CONTROL_SOURCE (source);
}

void
gst_genvid_live_feed_open (GstGenvidLiveFeed *feed, GstElement *mixer,
                           const char *level)
{
  feed->mixer = mixer;
  feed->sink = gst_element_request_pad_simple (mixer, "sink_%u");
  feed->src = gst_object_ref_sink (gst_pad_new (NULL, GST_PAD_SRC));
  feed->level = g_strdup (level);
  gst_pad_set_query_function (feed->src, answer_query);
  gst_pad_set_event_function (feed->src, swallow_event);
  gst_pad_set_active (feed->src, TRUE);
  gst_pad_link_full (feed->src, feed->sink, GST_PAD_LINK_CHECK_NOTHING);
  if (level != NULL)
    bind_level (feed);
}

void
gst_genvid_live_feed_close (GstGenvidLiveFeed *feed)
{
  if (feed->src == NULL)
    return;
  gst_pad_set_active (feed->src, FALSE);
  gst_pad_unlink (feed->src, feed->sink);
  gst_element_release_request_pad (feed->mixer, feed->sink);
  gst_clear_object (&feed->sink);
  gst_clear_object (&feed->src);
  gst_clear_object (&feed->curve);
  g_clear_pointer (&feed->level, g_free);
}

void
gst_genvid_live_feed_begin (GstGenvidLiveFeed *feed, GstCaps *caps)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (feed->src, gst_event_new_stream_start ("genvid-live"));
  gst_pad_push_event (feed->src, gst_event_new_caps (caps));
  gst_pad_push_event (feed->src, gst_event_new_segment (&segment));
}

GstFlowReturn
gst_genvid_live_feed_push (GstGenvidLiveFeed *feed, GstBuffer *buffer)
{
  return gst_pad_push (feed->src, buffer);
}

void
gst_genvid_live_feed_stop (GstGenvidLiveFeed *feed)
{
  gst_pad_push_event (feed->src, gst_event_new_flush_start ());
}

void
gst_genvid_live_feed_restart (GstGenvidLiveFeed *feed, GstCaps *caps)
{
  gst_pad_push_event (feed->src, gst_event_new_flush_stop (FALSE));
  gst_genvid_live_feed_begin (feed, caps);
}

void
gst_genvid_live_feed_set_level (GstGenvidLiveFeed *feed, double level)
{
  /* Not the property: a binding sets it only when its own value changes. */
  gst_timed_value_control_source_unset_all (feed->curve);
  gst_timed_value_control_source_set (feed->curve, 0, level);
}

void
gst_genvid_live_feed_fade (GstGenvidLiveFeed *feed, GstClockTime begin,
                           double from, GstClockTime end, double to)
{
  gst_timed_value_control_source_set (feed->curve, begin, from);
  gst_timed_value_control_source_set (feed->curve, MAX (end, begin + 1), to);
}

void
gst_genvid_live_feed_unfade (GstGenvidLiveFeed *feed, GstClockTime begin,
                             GstClockTime end)
{
  gst_timed_value_control_source_unset (feed->curve, begin);
  gst_timed_value_control_source_unset (feed->curve, MAX (end, begin + 1));
}

double
gst_genvid_live_feed_get_level (GstGenvidLiveFeed *feed)
{
  double level = 0;

  g_object_get (feed->sink, feed->level, &level, NULL);
  return level;
}

gboolean
gst_genvid_live_feed_is_even (GstGenvidLiveFeed *feed, GstClockTime begin,
                              GstClockTime end)
{
  GstControlSource *curve = GST_CONTROL_SOURCE (feed->curve);
  double first, last;

  return gst_control_source_get_value (curve, begin, &first)
         && gst_control_source_get_value (curve, end, &last) && first == last;
}
