/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What every file of the element asks of an instance. */
#include "gstgenvidsrc.h"

#include "client.h"

GST_DEBUG_CATEGORY (gst_genvid_src_debug);

GstGenvidPlay *
gst_genvid_src_get_play (GstGenvidSrc *self)
{
  GstGenvidPlay *play = NULL;

  GST_OBJECT_LOCK (self);
  if (self->play != NULL)
    play = gst_genvid_play_ref (self->play);
  GST_OBJECT_UNLOCK (self);

  return play;
}

GenvidClipStatus *
gst_genvid_src_snapshot (GstGenvidSrc *self)
{
  g_autoptr (GstGenvidPlay) play = gst_genvid_src_get_play (self);
  GenvidClipStatus *snapshot = NULL;

  if (play != NULL)
    return genvid_client_snapshot (play->client);
  GST_OBJECT_LOCK (self);
  if (self->left != NULL)
    play = gst_genvid_play_ref (self->left);
  else if (self->last != NULL)
    snapshot = genvid_clip_status_copy (self->last);
  GST_OBJECT_UNLOCK (self);

  return play != NULL ? genvid_client_snapshot (play->client) : snapshot;
}

gboolean
gst_genvid_src_is_busy (GstGenvidSrc *self)
{
  return self->play != NULL || GST_STATE (self) > GST_STATE_READY;
}
