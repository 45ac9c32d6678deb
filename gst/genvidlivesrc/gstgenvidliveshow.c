/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Frames and fades. */

#include "gstgenvidliveshow.h"

GST_DEBUG_CATEGORY_EXTERN (gst_genvid_live_src_debug);
#define GST_CAT_DEFAULT gst_genvid_live_src_debug

/* From a decision to the first frame that shows it. */
#define LEAD (200 * GST_MSECOND)
/* How long before its time an item gets its deck. */
#define EARLY (600 * GST_MSECOND)
/* An item whose decoded frames end this far ahead of what must be decided has
 * fallen behind. */
#define MARGIN (120 * GST_MSECOND)
/* A clip may be this much shorter than its file says. */
#define SHORTFALL GST_SECOND

void
gst_genvid_live_show_init (GstGenvidLiveShow *show, GstGenvidLiveMixer *mixer,
                           void (*done) (GstGenvidLiveItem *, gpointer),
                           gpointer data)
{
  memset (show, 0, sizeof *show);
  show->mixer = mixer;
  show->finish = done;
  show->data = data;
  show->leaving = g_ptr_array_new_with_free_func (
      (GDestroyNotify)gst_genvid_live_item_free);
}

void
gst_genvid_live_show_clear (GstGenvidLiveShow *show)
{
  g_clear_pointer (&show->current, gst_genvid_live_item_free);
  g_clear_pointer (&show->leaving, g_ptr_array_unref);
}

static guint64
get_frames (GstGenvidLiveShow *show, GstClockTime time)
{
  return gst_genvid_live_grid_get_frame (&show->mixer->grid, time);
}

static GstClockTime
get_time (GstGenvidLiveShow *show, guint64 frame)
{
  return gst_genvid_live_grid_get_time (&show->mixer->grid, frame);
}

static guint64
get_position (GstGenvidLiveShow *show)
{
  return gst_genvid_live_mixer_get_position (show->mixer);
}

/* The first frame that a decision of now can be about. */
static guint64
get_soonest (GstGenvidLiveShow *show)
{
  return get_position (show) + get_frames (show, LEAD);
}

/* How many frames of the item are decoded. */
static guint64
get_length (GstGenvidLiveShow *show, GstGenvidLiveItem *item)
{
  return gst_genvid_live_grid_get_nearest (&show->mixer->grid,
                                           item->decoded.head);
}

/* --- fades --- */

/* From FROM in the frame before FIRST to TO in frame END: each frame between is
 * a step, and none is wasted on an end. Without frames between, a cut. */
static void
fade (GstGenvidLiveShow *show, GstGenvidLiveFeed *feed, guint64 first,
      guint64 end, double from, double to)
{
  GstClockTime last = get_time (show, end);
  GstClockTime begin = last - 1;

  if (first > 0 && first < end)
    begin = get_time (show, first - 1);
  gst_genvid_live_feed_fade (feed, begin, from, last, to);
}

/* A fade that has not come to its end goes on from where it is. */
static double
interrupt (GstGenvidLiveShow *show, GstGenvidLiveItem *item,
           GstGenvidLiveFeed *feed)
{
  double level;

  if (!item->skipped || get_position (show) >= item->fade)
    return 1;
  level = gst_genvid_live_feed_get_level (feed);
  gst_genvid_live_feed_set_level (feed, level);

  return level;
}

static void
fade_in (GstGenvidLiveShow *show, GstGenvidLiveItem *item, guint64 frames)
{
  GstGenvidLiveDeck *deck = item->deck;

  item->fade = item->begin + frames;
  if (frames == 0)
    return;
  gst_genvid_live_feed_set_level (&deck->video, 0);
  gst_genvid_live_feed_set_level (&deck->audio, 0);
  fade (show, &deck->video, item->begin, item->fade, 0, 1);
  fade (show, &deck->audio, item->begin, item->fade, 0, 1);
}

/* Its picture goes with its last frame even if nobody gets round to deciding
 * how. */
static void
plan_end (GstGenvidLiveShow *show, GstGenvidLiveItem *item, guint64 end)
{
  item->end = item->planned = end;
  fade (show, &item->deck->video, end, end, 1, 0);
}

static void
drop_plan (GstGenvidLiveShow *show, GstGenvidLiveItem *item)
{
  if (item->planned == GST_GENVID_LIVE_NO_FRAME)
    return;
  gst_genvid_live_feed_unfade (&item->deck->video,
                               get_time (show, item->planned) - 1,
                               get_time (show, item->planned));
  item->planned = GST_GENVID_LIVE_NO_FRAME;
}

/* The item ends at END. Its picture stays whole below that of the item that
 * covers it, else the slate would shine through both. */
static void
leave (GstGenvidLiveShow *show, GstGenvidLiveItem *item, guint64 first,
       guint64 end, gboolean covered)
{
  GstGenvidLiveDeck *deck = item->deck;

  drop_plan (show, item);
  fade (show, &deck->audio, first, end, interrupt (show, item, &deck->audio),
        0);
  if (!covered)
    fade (show, &deck->video, first, end, interrupt (show, item, &deck->video),
          0);
  gst_genvid_live_deck_limit (deck, end);
  item->end = end;
  g_ptr_array_add (show->leaving, item);
  show->current = NULL;
}

/* --- the current item --- */

static GError *
make_late_error (void)
{
  return g_error_new (GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE,
                      "its clip did not come fast enough for the programme");
}

/* It ended, and was much shorter than the file says. */
static void
check_length (GstGenvidLiveItem *item)
{
  GstClockTime shown = item->decoded.head;

  if (item->error != NULL || !GST_CLOCK_TIME_IS_VALID (item->duration)
      || shown + SHORTFALL > item->duration)
    return;
  item->error = g_error_new (GST_STREAM_ERROR, GST_STREAM_ERROR_DECODE,
                             "only %.1f of its %.1f seconds could be decoded",
                             (double)shown / GST_SECOND,
                             (double)item->duration / GST_SECOND);
}

/* The frame that the current item ends at, once it is known. One that does
 * not keep up ends with what there is of it. */
static void
watch (GstGenvidLiveShow *show, const GstGenvidLiveView *view)
{
  GstGenvidLiveItem *item = show->current;
  guint64 needed = get_frames (show, view->transition + LEAD + MARGIN);
  guint64 known;

  gst_genvid_live_item_look (item);
  known = item->begin + get_length (show, item);
  if (item->skipped || item->late)
    return;
  if (item->decoded.ended) {
    check_length (item);
    if (item->end != known)
      plan_end (show, item, known);
  } else if (get_position (show) + needed >= known) {
    item->late = TRUE;
    plan_end (show, item, known);
    if (item->error == NULL)
      item->error = make_late_error ();
  }
}

gboolean
gst_genvid_live_show_skip (GstGenvidLiveShow *show, gboolean scheduled)
{
  GstGenvidLiveItem *item = show->current;

  if (item == NULL)
    return show->leaving->len > 0;
  if (item->skipped || (!scheduled && item->begin >= get_position (show)))
    return TRUE;
  item->skipped = TRUE;
  item->held = FALSE;
  item->end = GST_GENVID_LIVE_NO_FRAME; /* advance() knows better */
  return TRUE;
}

/* --- what follows --- */

static gboolean
air (GstGenvidLiveShow *show, GstGenvidLiveItem *item, guint64 begin,
     guint64 frames)
{
  item->deck = gst_genvid_live_deck_take (show->mixer, begin);
  if (item->deck == NULL)
    return FALSE;
  item->phase = GST_GENVID_LIVE_ON_AIR;
  item->begin = begin;
  fade_in (show, item, frames);
  gst_genvid_live_decoder_start (item->decoder, item->deck);
  return TRUE;
}

/* At most half of a short clip is a transition. */
static guint64
limit (GstGenvidLiveShow *show, const GstGenvidLiveView *view,
       GstGenvidLiveItem *item)
{
  guint64 frames = get_frames (show, view->transition);

  if (item != NULL && item->decoded.ended)
    frames = MIN (frames, get_length (show, item) / 2);
  return frames;
}

static gboolean
is_early (GstGenvidLiveShow *show, guint64 begin)
{
  return begin > get_position (show) + get_frames (show, EARLY);
}

/* From the slate. */
static gboolean
enter (GstGenvidLiveShow *show, const GstGenvidLiveView *view)
{
  guint64 begin = get_soonest (show);

  for (guint i = 0; i < show->leaving->len; i++)
    begin = MAX (begin, ((GstGenvidLiveItem *)show->leaving->pdata[i])->end);
  if (GST_CLOCK_TIME_IS_VALID (view->next_begin))
    begin = MAX (begin, get_frames (show, view->next_begin));
  if (is_early (show, begin)
      || !air (show, view->next, begin, limit (show, view, view->next)))
    return FALSE;
  show->current = view->next;
  return TRUE;
}

/* When the next item begins if it follows the current one; NO_FRAME: not
 * now. */
static guint64
get_succession (GstGenvidLiveShow *show, const GstGenvidLiveView *view,
                guint64 frames)
{
  GstGenvidLiveItem *item = show->current;
  guint64 soonest = MAX (get_soonest (show), item->begin + 1);
  guint64 begin = GST_GENVID_LIVE_NO_FRAME;

  if (item->skipped || item->held)
    begin = soonest;
  else if (item->end != GST_GENVID_LIVE_NO_FRAME)
    begin = MAX (soonest, item->end > frames ? item->end - frames : 0);
  if (GST_CLOCK_TIME_IS_VALID (view->next_begin) && !item->skipped)
    begin = MAX (soonest, get_frames (show, view->next_begin));
  if (begin == GST_GENVID_LIVE_NO_FRAME || is_early (show, begin))
    return GST_GENVID_LIVE_NO_FRAME;
  if (!item->held && item->end != GST_GENVID_LIVE_NO_FRAME && begin > item->end)
    return GST_GENVID_LIVE_NO_FRAME;

  return begin;
}

/* From the current item to the next. */
static gboolean
succeed (GstGenvidLiveShow *show, const GstGenvidLiveView *view)
{
  GstGenvidLiveItem *old = show->current;
  guint64 frames
      = MIN (limit (show, view, old), limit (show, view, view->next));
  guint64 begin = get_succession (show, view, frames);

  if (begin == GST_GENVID_LIVE_NO_FRAME)
    return FALSE;
  if (!old->held && old->end != GST_GENVID_LIVE_NO_FRAME)
    frames = MIN (frames, old->end - begin);
  if (!air (show, view->next, begin, frames))
    return FALSE;
  leave (show, old, begin, begin + frames, view->next->decoded.has_video);
  show->current = view->next;
  return TRUE;
}

/* From the current item to the slate. */
static void
retreat (GstGenvidLiveShow *show, const GstGenvidLiveView *view)
{
  GstGenvidLiveItem *item = show->current;
  guint64 frames = limit (show, view, item);
  guint64 soonest = MAX (get_soonest (show), item->begin + 1);
  guint64 first = soonest;
  guint64 end;

  if (!item->skipped && !item->held) {
    if (item->end == GST_GENVID_LIVE_NO_FRAME
        || get_soonest (show) + frames < item->end)
      return;
    if (view->hold && !view->over && item->error == NULL) {
      item->held = TRUE;
      drop_plan (show, item);
      return;
    }
    first = MIN (MAX (item->end - MIN (frames, item->end), item->begin + 1),
                 item->end);
    end = item->end;
  } else if (item->held && !view->over) {
    return;
  } else {
    end = soonest + frames;
  }
  leave (show, item, first, end, FALSE);
  if (view->over)
    gst_genvid_live_mixer_end (show->mixer, end);
}

static void
sweep (GstGenvidLiveShow *show)
{
  guint64 position = get_position (show);

  for (guint i = show->leaving->len; i > 0; i--) {
    GstGenvidLiveItem *item = show->leaving->pdata[i - 1];

    /* One frame more, for the mixer of sound may be behind. */
    if (position <= item->end)
      continue;
    show->finish (item, show->data);
    g_ptr_array_remove_index (show->leaving, i - 1);
  }
}

gboolean
gst_genvid_live_show_advance (GstGenvidLiveShow *show,
                              const GstGenvidLiveView *view)
{
  sweep (show);
  if (show->current != NULL)
    watch (show, view);
  if (view->next != NULL
      && (show->current != NULL ? succeed (show, view) : enter (show, view)))
    return TRUE;
  if (show->current != NULL)
    retreat (show, view);
  else if (view->over && show->leaving->len == 0)
    gst_genvid_live_mixer_end (show->mixer, get_position (show));
  return FALSE;
}
