/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The body of create(): waits for the requested bytes, and reports each change
 * of the clip meanwhile. */

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

/* The turn to report is this thread's. */
static void
report (GstGenvidSrc *self, GstGenvidPlay *play)
{
  const GenvidClipStatus *old = play->progress.status;
  GenvidClipStatus *status = genvid_client_snapshot (play->client);

  play->seen = status->serial;
  play->index_last = status->index_last;
  play->whole = status->whole;
  if (old == NULL || old->state != status->state)
    GST_INFO_OBJECT (self, "state %s", genvid_state_to_string (status->state));
  GST_DEBUG_OBJECT (self, "%s, %d %%, %" G_GUINT64_FORMAT " bytes",
                    genvid_state_to_string (status->state), status->progress,
                    status->present);
  gst_genvid_play_report (play, GST_BASE_SRC (self), status);
}

/* FALSE: flushing. TRUE: all that is known is on the bus. */
static gboolean
update (GstGenvidSrc *self, GstGenvidPlay *play)
{
  if (!gst_genvid_play_begin_report (play, GST_GENVID_TURN_FLUSH))
    return FALSE;
  report (self, play);
  gst_genvid_play_end_report (play);
  return TRUE;
}

static gboolean
is_pulled (GstGenvidSrc *self)
{
  return GST_PAD_MODE (GST_BASE_SRC_PAD (self)) == GST_PAD_MODE_PULL;
}

/* In push mode the base class sends EOS after an error, without which others
 * would wait forever. An element that pulls would only add its own error. */
static GstFlowReturn
get_failed (GstGenvidSrc *self)
{
  return is_pulled (self) ? GST_FLOW_FLUSHING : GST_FLOW_ERROR;
}

static GstFlowReturn
fail (GstGenvidSrc *self, GstGenvidPlay *play, const GenvidFailure *failure)
{
  if (!gst_genvid_play_begin_report (play, GST_GENVID_TURN_FLUSH))
    return GST_FLOW_FLUSHING;
  play->failed = TRUE;
  gst_genvid_progress_fail (&play->progress, GST_BASE_SRC (self), failure);
  gst_genvid_play_end_report (play);
  return get_failed (self);
}

/* Nothing is bought that nobody would receive. */
static GstFlowReturn
fail_unlinked (GstGenvidSrc *self, GstGenvidPlay *play)
{
  g_autoptr (GenvidFailure) failure = genvid_failure_new (
      GENVID_REASON_SETTINGS,
      "Nothing is linked to this source, so no clip was requested. Link it "
      "before it starts; with gst-launch-1.0, put a ! after it.");

  failure->billed = GENVID_BILLED_NO;
  return fail (self, play, failure);
}

static GstFlowReturn
fail_run (GstGenvidSrc *self, GstGenvidPlay *play)
{
  g_autoptr (GenvidFailure) failure = genvid_client_get_failure (play->client);

  if (!update (self, play))
    return GST_FLOW_FLUSHING;
  if (failure == NULL)
    failure = genvid_failure_new (GENVID_REASON_BAD_ANSWER,
                                  "The clip failed for an unknown reason.");
  return fail (self, play, failure);
}

/* The client's failure has more fields than the error. */
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

/* FALSE: flushing. */
static gboolean
arrive (GstGenvidSrc *self, GstGenvidPlay *play)
{
  GstBaseSrc *base = GST_BASE_SRC (self);

  if (!gst_genvid_play_begin_report (play, GST_GENVID_TURN_FLUSH))
    return FALSE;
  gst_genvid_progress_size (&play->progress, base,
                            genvid_client_get_size (play->client));
  gst_genvid_progress_arrive (&play->progress, base, play->prompt);
  gst_genvid_play_end_report (play);
  return TRUE;
}

static GstFlowReturn
deliver (GstGenvidSrc *self, GstGenvidPlay *play, guint64 offset, gsize length,
         GstBuffer **buffer)
{
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
  if (!arrive (self, play))
    return GST_FLOW_FLUSHING;

  if (mine != NULL)
    *buffer = g_steal_pointer (&mine);
  gst_buffer_set_size (*buffer, got);
  GST_BUFFER_OFFSET (*buffer) = offset;
  GST_BUFFER_OFFSET_END (*buffer) = offset + got;
  return GST_FLOW_OK;
}

typedef struct {
  guint64 offset;
  gsize length;
  gboolean whole;
} Want;

/* Whether other bytes must be there first. A demuxer cannot seek to the index
 * at the end of a pushed MP4 of unknown size, so it gets nothing before the
 * clip is complete; then the size is known. */
static gboolean
look_first (GstGenvidSrc *self, GstGenvidPlay *play, Want *want)
{
  if (play->looked || is_pulled (self)
      || genvid_client_get_size (play->client) != GENVID_SIZE_UNKNOWN
      || play->whole)
    return FALSE;

  *want = (Want){ 0, play->index_last ? TO_THE_END : FIRST_LOOK, TRUE };
  return TRUE;
}

/* A request for no bytes buys nothing. Pushed backwards, it means the start of
 * the file; the base class cannot see that, as the size may be known late. */
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

/* Whether pushed bytes have a receiver, also outside the bins around us. A
 * blocked pad is about to be linked. */
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

/* TRUE: also if the clip is not to be saved, or is not there. */
static gboolean
is_saved (GstGenvidSrc *self, GstGenvidPlay *play)
{
  return play->save == NULL
         || (gst_genvid_play_await_saved (play) && update (self, play));
}

/* Whoever gets the last bytes may end the stream at once, so they wait until
 * the clip is in the store and that is told. A demuxer that pulls may end with
 * any of them; one that is pushed to gets an EOS. */
static GenvidReadOutcome
await_bytes (GstGenvidSrc *self, GstGenvidPlay *play, const Want *want,
             gsize *available)
{
  GenvidReadOutcome outcome
      = genvid_client_wait (play->client, want->offset, want->length,
                            want->whole, play->seen, available);
  GenvidReadOutcome end;

  if (outcome != GENVID_READ_EOS
      && !(outcome == GENVID_READ_DATA && is_pulled (self)))
    return outcome;
  end = genvid_client_wait_finished (play->client, play->seen);
  if (end != GENVID_READ_DATA)
    return end;
  return is_saved (self, play) ? outcome : GENVID_READ_FLUSHING;
}

/* In pull mode a short buffer means the end, and backwards the next buffer ends
 * where this one should begin; so both wait for all bytes. Pushed forwards, any
 * bytes will do. */
GstFlowReturn
gst_genvid_src_fetch (GstGenvidSrc *self, GstGenvidPlay *play, guint64 offset,
                      guint length, GstBuffer **buffer)
{
  gboolean whole = is_pulled (self) || GST_BASE_SRC (self)->segment.rate < 0;

  if (play->failed)
    return get_failed (self);
  if (play->seen == 0) {
    if (!is_pulled (self) && !is_linked (self))
      return fail_unlinked (self, play);
    if (!update (self, play))
      return GST_FLOW_FLUSHING;
  }
  if (length == 0)
    return fetch_nothing (self, play, offset, buffer);
  for (;;) {
    Want want = { offset, length, whole };
    gboolean looking = look_first (self, play, &want);
    gsize available = 0;

    switch (await_bytes (self, play, &want, &available)) {
    case GENVID_READ_CHANGED:
      if (!update (self, play))
        return GST_FLOW_FLUSHING;
      break;
    case GENVID_READ_DATA:
      if (!looking)
        return deliver (self, play, offset, MIN (available, length), buffer);
      if (!update (self, play))
        return GST_FLOW_FLUSHING;
      play->looked = !play->index_last || want.length == TO_THE_END;
      break;
    case GENVID_READ_EOS:
      return update (self, play) ? GST_FLOW_EOS : GST_FLOW_FLUSHING;
    case GENVID_READ_FAILED:
      return fail_run (self, play);
    case GENVID_READ_FLUSHING:
    case GENVID_READ_STOPPED:
      return GST_FLOW_FLUSHING;
    }
  }
}
