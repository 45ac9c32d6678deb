/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What happens before GstBaseSrc gets an event. */

#include "gstgenvidsrc.h"
#include "byte-ranges.h"
#include "client.h"

#define GST_CAT_DEFAULT gst_genvid_src_debug

/* Without a size there is no offset from the end and no end to play backwards
 * from, and the base class would play from somewhere else. PLAY nullable. */
static gboolean
is_from_unknown_end (GstGenvidPlay *play, GstEvent *event)
{
  GstSeekType start_type, stop_type;
  gint64 stop;
  double rate;

  if (play != NULL
      && genvid_client_get_size (play->client) != GENVID_SIZE_UNKNOWN)
    return FALSE;
  gst_event_parse_seek (event, &rate, NULL, NULL, &start_type, NULL, &stop_type,
                        &stop);
  return start_type == GST_SEEK_TYPE_END || stop_type == GST_SEEK_TYPE_END
         || (rate < 0 && (stop_type != GST_SEEK_TYPE_SET || stop < 0));
}

/* A seek that does not flush waits for create() before it calls unlock(), and
 * create() may wait for minutes. In another format than bytes the base class
 * may reject the seek before it restarts the task. */
static gboolean
waits_for_us (GstGenvidSrc *self, GstEvent *event)
{
  GstSeekFlags flags;
  GstFormat format;

  gst_event_parse_seek (event, NULL, &format, &flags, NULL, NULL, NULL, NULL);
  return !(flags & GST_SEEK_FLAG_FLUSH) && format == GST_FORMAT_BYTES
         && GST_PAD_MODE (GST_BASE_SRC_PAD (self)) == GST_PAD_MODE_PUSH;
}

/* PLAY nullable. */
static gboolean
admit_seek (GstGenvidSrc *self, GstGenvidPlay *play, GstEvent *event)
{
  if (is_from_unknown_end (play, event)) {
    GST_WARNING_OBJECT (self, "cannot seek from the end: the size is unknown");
    return FALSE;
  }
  if (play == NULL)
    return TRUE;
  g_atomic_int_set (&play->ended, FALSE);
  if (waits_for_us (self, event))
    gst_genvid_play_unlock (play);
  return TRUE;
}

gboolean
gst_genvid_src_admit (GstGenvidSrc *self, GstEvent *event)
{
  g_autoptr (GstGenvidPlay) play = gst_genvid_src_get_play (self);

  switch (GST_EVENT_TYPE (event)) {
  case GST_EVENT_EOS:
    if (play != NULL)
      g_atomic_int_set (&play->ended, TRUE);
    return TRUE;
  case GST_EVENT_SEEK:
    return admit_seek (self, play, event);
  case GST_EVENT_RECONFIGURE:
    /* There are no caps to negotiate, and the allocation query of the base
     * class would block forever behind a queue whose sink prerolls. */
    gst_pad_check_reconfigure (GST_BASE_SRC_PAD (self));
    return TRUE;
  default:
    return TRUE;
  }
}
