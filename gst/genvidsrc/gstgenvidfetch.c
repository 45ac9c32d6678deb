/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What create() returns: the bytes that were asked for, when they are there,
 * and on the way what there is to be told. */

#include "gstgenvidsrc.h"
#include "byte-ranges.h"
#include "client.h"
#include "clip-reader.h"
#include "clip-status.h"
#include "failure.h"
#include "record.h"

#define GST_CAT_DEFAULT gst_genvid_src_debug

/* Enough bytes to see whether the media comes before its index. */
#define FIRST_LOOK (64 * 1024)
/* More than any clip: until the exact end. */
#define TO_THE_END (G_MAXSIZE / 2)

static void
tell (GstGenvidSrc *self, GstGenvidPlay *play)
{
  GenvidClipStatus *snapshot = genvid_client_snapshot (play->client);

  GST_DEBUG_OBJECT (self, "%s, %d %%, %" G_GUINT64_FORMAT " bytes",
                    genvid_state_to_string (snapshot->state),
                    snapshot->progress, snapshot->present);
  gst_genvid_progress_tell (&play->progress, GST_BASE_SRC (self), snapshot);
}

static gboolean
is_pulled (GstGenvidSrc *self)
{
  return GST_PAD_MODE (GST_BASE_SRC_PAD (self)) == GST_PAD_MODE_PULL;
}

/* Pushing, the base class sends an EOS after an error, without which others
 * would wait for ever. Whoever pulls would only add an error of his own. */
static GstFlowReturn
get_failed (GstGenvidSrc *self)
{
  return is_pulled (self) ? GST_FLOW_FLUSHING : GST_FLOW_ERROR;
}

static GstFlowReturn
fail (GstGenvidSrc *self, GstGenvidPlay *play, const GenvidFailure *failure)
{
  play->failed = TRUE;
  gst_genvid_progress_fail (&play->progress, GST_BASE_SRC (self), failure);
  return get_failed (self);
}

/* Nothing is bought for nobody. */
static GstFlowReturn
fail_unlinked (GstGenvidSrc *self, GstGenvidPlay *play)
{
  g_autoptr (GenvidFailure) failure = genvid_failure_new (
      GENVID_REASON_SETTINGS,
      "Nothing is linked to this source, so no clip was asked for. Link it "
      "before it starts; with gst-launch-1.0, put a ! behind it.");

  failure->billed = GENVID_BILLED_NO;
  return fail (self, play, failure);
}

static GstFlowReturn
fail_run (GstGenvidSrc *self, GstGenvidPlay *play)
{
  g_autoptr (GenvidFailure) failure = genvid_client_get_failure (play->client);

  tell (self, play);
  if (failure == NULL)
    failure = genvid_failure_new (GENVID_REASON_BAD_ANSWER,
                                  "The clip ended for no known reason.");
  return fail (self, play, failure);
}

/* The reader itself knows more than an error can carry. */
static GstFlowReturn
fail_read (GstGenvidSrc *self, GstGenvidPlay *play, const GError *error)
{
  g_autoptr (GenvidFailure) failure = NULL;

  if (error->domain == GENVID_ERROR)
    failure = genvid_client_get_failure (play->client);
  if (failure == NULL)
    failure = genvid_failure_new_from_error (error, GENVID_REASON_BAD_ANSWER);
  return fail (self, play, failure);
}

static GstFlowReturn
deliver (GstGenvidSrc *self, GstGenvidPlay *play, guint64 offset, gsize length,
         GstBuffer **buffer)
{
  GstBaseSrc *base = GST_BASE_SRC (self);
  g_autoptr (GstBuffer) mine = NULL;
  g_autoptr (GError) error = NULL;
  GstMapInfo map;
  gssize got;

  if (*buffer == NULL)
    mine = gst_buffer_new_allocate (NULL, length, NULL);
  if (!gst_buffer_map (mine != NULL ? mine : *buffer, &map, GST_MAP_WRITE))
    return GST_FLOW_ERROR;
  got = genvid_client_read (play->client, offset, map.data,
                            MIN (length, map.size), &error);
  gst_buffer_unmap (mine != NULL ? mine : *buffer, &map);
  if (got < 0)
    return fail_read (self, play, error);

  if (mine != NULL)
    *buffer = g_steal_pointer (&mine);
  gst_buffer_set_size (*buffer, got);
  GST_BUFFER_OFFSET (*buffer) = offset;
  GST_BUFFER_OFFSET_END (*buffer) = offset + got;
  gst_genvid_progress_size (&play->progress, base,
                            genvid_client_get_size (play->client));
  gst_genvid_progress_arrive (&play->progress, base, play->prompt);

  return GST_FLOW_OK;
}

typedef struct {
  guint64 offset;
  gsize length;
  gboolean whole;
} Want;

/* Whether other bytes have to be there first. A demuxer that is pushed an MP4
 * of unknown size cannot seek to an index at its end, so it gets nothing
 * before the clip is whole; then the size is known, and it can. */
static gboolean
look_first (GstGenvidSrc *self, GstGenvidPlay *play, Want *want)
{
  const GenvidClipStatus *told = play->progress.told;

  if (play->looked || is_pulled (self)
      || genvid_client_get_size (play->client) != GENVID_SIZE_UNKNOWN
      || told->whole)
    return FALSE;

  *want = (Want){ 0, told->index_last ? TO_THE_END : FIRST_LOOK, TRUE };
  return TRUE;
}

/* Nothing is ordered for nothing. Pushed backwards, it is the begin of the
 * file; the base class does not see that by itself, because the end of this
 * one may be known late. */
static GstFlowReturn
fetch_nothing (GstGenvidSrc *self, GstGenvidPlay *play, guint64 offset,
               GstBuffer **buffer)
{
  if (!is_pulled (self) || offset >= genvid_client_get_size (play->client))
    return GST_FLOW_EOS;
  if (*buffer == NULL)
    *buffer = gst_buffer_new ();
  return GST_FLOW_OK;
}

/* Whether bytes that are pushed have a way to go, seen through the pads of
 * bins. What is blocked is about to be linked. */
static gboolean
is_linked (GstGenvidSrc *self)
{
  g_autoptr (GstPad) pad = gst_object_ref (GST_BASE_SRC_PAD (self));

  while (!gst_pad_is_blocked (pad)) {
    g_autoptr (GstPad) peer = gst_pad_get_peer (pad);
    GstProxyPad *next = NULL;

    if (peer == NULL)
      return FALSE;
    if (GST_IS_PROXY_PAD (peer))
      next = gst_proxy_pad_get_internal (GST_PROXY_PAD (peer));
    if (next == NULL)
      return TRUE;
    gst_object_unref (pad);
    pad = GST_PAD (next);
  }
  return TRUE;
}

/* In pull mode a short buffer means the end, and backwards the next one ends
 * where this one was to begin; so all that was asked for is waited for. Pushed
 * forwards, every byte is welcome. */
GstFlowReturn
gst_genvid_src_fetch (GstGenvidSrc *self, GstGenvidPlay *play, guint64 offset,
                      guint length, GstBuffer **buffer)
{
  gboolean whole = is_pulled (self) || GST_BASE_SRC (self)->segment.rate < 0;

  if (play->failed)
    return get_failed (self);
  if (play->progress.told == NULL) {
    if (!is_pulled (self) && !is_linked (self))
      return fail_unlinked (self, play);
    tell (self, play);
  }
  if (length == 0)
    return fetch_nothing (self, play, offset, buffer);
  for (;;) {
    Want want = { offset, length, whole };
    gboolean looking = look_first (self, play, &want);
    gsize available = 0;

    switch (genvid_client_wait (play->client, want.offset, want.length,
                                want.whole, play->progress.serial,
                                &available)) {
    case GENVID_READ_CHANGED:
      tell (self, play);
      break;
    case GENVID_READ_DATA:
      if (!looking)
        return deliver (self, play, offset, MIN (available, length), buffer);
      tell (self, play);
      play->looked
          = !play->progress.told->index_last || want.length == TO_THE_END;
      break;
    case GENVID_READ_EOS:
      gst_genvid_progress_size (&play->progress, GST_BASE_SRC (self),
                                genvid_client_get_size (play->client));
      return GST_FLOW_EOS;
    case GENVID_READ_FAILED:
      return fail_run (self, play);
    case GENVID_READ_FLUSHING:
    case GENVID_READ_STOPPED:
      return GST_FLOW_FLUSHING;
    }
  }
}
