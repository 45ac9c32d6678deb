/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The control thread. Every few frames, and whenever something has changed, it
 * looks at everything once and does what is due; so the order in which things
 * happen does not matter. */

#include "gstgenvidliveprogramme.h"

#include <genvid/genvid-live-messages.h>

#include "gstgenvidlivemessages.h"
#include "gstgenvidliveshow.h"

GST_DEBUG_CATEGORY_EXTERN (gst_genvid_live_src_debug);
#define GST_CAT_DEFAULT gst_genvid_live_src_debug

struct _GstGenvidLiveProgramme {
  GstGenvidLiveSetting setting;
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  gint pending; /* atomic: a tick is under way */

  GMutex lock; /* for what follows */
  GstGenvidLiveResults results;
  GstClockTime shift;

  /* The control thread's. */
  GstGenvidLiveSettings settings; /* as of this tick */
  GstGenvidLiveSlate *slate;
  GPtrArray *items; /* that are not on air yet */
  GstGenvidLiveShow show;
  guint announced; /* the highest id that was */
  guint current;   /* as the element was told */
};

/* --- helpers --- */

static GstClockTime
get_running_time (GstGenvidLiveProgramme *programme, guint64 frame)
{
  GstClockTime shift;

  g_mutex_lock (&programme->lock);
  shift = programme->shift;
  g_mutex_unlock (&programme->lock);

  return shift
         + gst_genvid_live_grid_get_time (&programme->setting.mixer->grid,
                                          frame);
}

static guint64
get_position (GstGenvidLiveProgramme *programme)
{
  return gst_genvid_live_mixer_get_position (programme->setting.mixer);
}

static void
post (GstGenvidLiveProgramme *programme, GstGenvidLiveItem *item,
      const char *state, guint64 frame)
{
  GST_INFO_OBJECT (programme->setting.element, "item %u: %s", item->id, state);
  gst_genvid_live_message_post (programme->setting.element, item, state,
                                get_running_time (programme, frame));
}

static void
post_failure (GstGenvidLiveProgramme *programme, GstGenvidLiveItem *item)
{
  GST_INFO_OBJECT (programme->setting.element, "item %u: failed: %s", item->id,
                   item->error->message);
  g_mutex_lock (&programme->lock);
  programme->results.failed++;
  g_mutex_unlock (&programme->lock);
  gst_genvid_live_message_post_failure (
      programme->setting.element, item,
      get_running_time (programme, get_position (programme)));
}

static GstGenvidLiveItem *
find_item (GstGenvidLiveProgramme *programme, guint id)
{
  for (guint i = 0; i < programme->items->len; i++) {
    GstGenvidLiveItem *item = programme->items->pdata[i];

    if (item->id == id)
      return item;
  }
  return NULL;
}

static void
changed (gpointer data)
{
  gst_genvid_live_programme_wake (data);
}

/* --- what waits --- */

static void
announce (GstGenvidLiveProgramme *programme, GArray *ids)
{
  guint64 position = get_position (programme);
  guint last = programme->announced;

  for (guint i = 0; i < ids->len; i++) {
    guint id = g_array_index (ids, guint, i);
    g_autoptr (GstGenvidLiveEntry) entry = NULL;

    if (id <= programme->announced)
      continue;
    entry = gst_genvid_live_playlist_find (programme->setting.playlist, id);
    if (entry != NULL)
      gst_genvid_live_message_post_queued (
          programme->setting.element, entry,
          get_running_time (programme, position));
    last = MAX (last, id);
  }
  programme->announced = last;
}

static gboolean
contains (GArray *ids, guint id)
{
  for (guint i = 0; i < ids->len; i++)
    if (g_array_index (ids, guint, i) == id)
      return TRUE;
  return FALSE;
}

/* Items that were taken off the playlist. What was begun to be bought is
 * kept in the store. */
static void
forget (GstGenvidLiveProgramme *programme, GArray *ids)
{
  for (guint i = programme->items->len; i > 0; i--) {
    GstGenvidLiveItem *item = programme->items->pdata[i - 1];

    if (!contains (ids, item->id))
      g_ptr_array_remove_index (programme->items, i - 1);
  }
}

static GstGenvidLiveItem *
get_item (GstGenvidLiveProgramme *programme, guint id)
{
  GstGenvidLiveItem *item = find_item (programme, id);
  GstGenvidLiveEntry *entry;

  if (item != NULL)
    return item;
  entry = gst_genvid_live_playlist_find (programme->setting.playlist, id);
  if (entry == NULL)
    return NULL;
  item = gst_genvid_live_item_new (entry, programme->context, changed,
                                   programme);
  g_ptr_array_add (programme->items, item);

  return item;
}

/* It was bought, or found; once for each item. */
static void
tell_ready (GstGenvidLiveProgramme *programme, GstGenvidLiveItem *item)
{
  g_mutex_lock (&programme->lock);
  programme->results.made++;
  if (item->cost > 0
      && g_strcmp0 (item->origin, GENVID_ORIGIN_NAME_BOUGHT) == 0)
    programme->results.spent += item->cost;
  g_mutex_unlock (&programme->lock);
  post (programme, item, GENVID_LIVE_NAME_READY, get_position (programme));
}

static void
follow (GstGenvidLiveProgramme *programme, GstGenvidLiveItem *item)
{
  gboolean generated = item->told_generating;

  gst_genvid_live_item_look (item);
  if (item->generating && !generated) {
    item->told_generating = TRUE;
    post (programme, item, GENVID_LIVE_NAME_GENERATING,
          get_position (programme));
  }
  if (!item->told_ready && item->error == NULL
      && (item->whole || item->phase == GST_GENVID_LIVE_READY)) {
    item->told_ready = TRUE;
    tell_ready (programme, item);
  }
}

/* TRUE: it is no item any more. */
static gboolean
give_up (GstGenvidLiveProgramme *programme, GstGenvidLiveItem *item)
{
  if (item->error == NULL || item->phase == GST_GENVID_LIVE_READY)
    return FALSE;
  post_failure (programme, item);
  gst_genvid_live_playlist_take (programme->setting.playlist, item->id, FALSE);
  g_ptr_array_remove (programme->items, item);
  return TRUE;
}

static void
prepare (GstGenvidLiveProgramme *programme, GstGenvidLiveItem *item,
         gboolean first)
{
  gboolean early = programme->settings.start == GST_GENVID_LIVE_START_EARLY;

  if (item->phase == GST_GENVID_LIVE_WAITING && !(first && early))
    gst_genvid_live_item_buy (item, &programme->settings);
  if (first
      && (item->phase == GST_GENVID_LIVE_BOUGHT
          || (early && item->phase <= GST_GENVID_LIVE_BUYING)))
    gst_genvid_live_item_decode (item, &programme->settings,
                                 programme->setting.mixer);
}

/* The next items are bought; the very next one is decoded, too. */
static void
prepare_items (GstGenvidLiveProgramme *programme, GArray *ids)
{
  guint limit = programme->settings.prefetch;
  guint count = 0;

  if (programme->show.current == NULL)
    limit = MAX (limit, 1);
  for (guint i = 0; i < ids->len && count < limit; i++) {
    GstGenvidLiveItem *item
        = get_item (programme, g_array_index (ids, guint, i));

    if (item == NULL)
      continue;
    prepare (programme, item, count == 0);
    follow (programme, item);
    if (!give_up (programme, item))
      count++;
  }
}

/* --- on air --- */

/* TRUE: the item is on air. */
static gboolean
tell_item (GstGenvidLiveProgramme *programme, GstGenvidLiveItem *item)
{
  if (item->begin >= get_position (programme))
    return FALSE;
  if (!item->told)
    post (programme, item, GENVID_LIVE_NAME_ON_AIR, item->begin);
  item->told = TRUE;
  return !item->held;
}

static void
finish (GstGenvidLiveItem *item, gpointer data)
{
  GstGenvidLiveProgramme *programme = data;

  tell_item (programme, item);
  if (item->error != NULL)
    post_failure (programme, item);
  else
    post (programme, item, GENVID_LIVE_NAME_FINISHED, item->end);
}

static GstGenvidLiveItem *
get_next (GstGenvidLiveProgramme *programme, GArray *ids)
{
  GstGenvidLiveItem *item = NULL;

  if (ids->len > 0)
    item = find_item (programme, g_array_index (ids, guint, 0));
  if (item == NULL || item->phase != GST_GENVID_LIVE_READY)
    return NULL;
  return item;
}

static GstGenvidLiveView
get_view (GstGenvidLiveProgramme *programme, GArray *ids)
{
  const GstGenvidLiveSettings *settings = &programme->settings;
  GstGenvidLivePlaylist *playlist = programme->setting.playlist;
  GstGenvidLiveView view = {
    .transition = settings->transition == GST_GENVID_LIVE_TRANSITION_CUT
                      ? 0
                      : settings->transition_duration,
    .next = get_next (programme, ids),
    .hold
    = settings->when_empty == GST_GENVID_LIVE_WHEN_EMPTY_HOLD && ids->len == 0,
    .over = gst_genvid_live_playlist_is_ended (playlist) && ids->len == 0,
  };

  view.next_begin = GST_CLOCK_TIME_NONE;
  if (view.next != NULL)
    view.next_begin = gst_genvid_live_item_get_time (view.next, "start");
  g_mutex_lock (&programme->lock);
  if (GST_CLOCK_TIME_IS_VALID (view.next_begin))
    view.next_begin = view.next_begin > programme->shift
                          ? view.next_begin - programme->shift
                          : 0;
  g_mutex_unlock (&programme->lock);

  return view;
}

/* Nothing is on air that could be skipped: skip what is waited for. */
static void
skip (GstGenvidLiveProgramme *programme, GArray *ids)
{
  gboolean again
      = programme->settings.when_empty == GST_GENVID_LIVE_WHEN_EMPTY_LOOP;

  gboolean removed;

  while (gst_genvid_live_playlist_pop_skip (programme->setting.playlist,
                                            &removed)) {
    if (gst_genvid_live_show_skip (&programme->show, removed))
      continue;
    if (ids->len == 0)
      return;
    gst_genvid_live_playlist_take (programme->setting.playlist,
                                   g_array_index (ids, guint, 0), again);
    g_array_remove_index (ids, 0);
    forget (programme, ids);
  }
}

static void
direct (GstGenvidLiveProgramme *programme, GArray *ids)
{
  GstGenvidLiveView view = get_view (programme, ids);
  gboolean again
      = programme->settings.when_empty == GST_GENVID_LIVE_WHEN_EMPTY_LOOP;
  guint index = 0;

  if (!gst_genvid_live_show_advance (&programme->show, &view))
    return;
  /* The next item has been taken. */
  gst_genvid_live_playlist_take (programme->setting.playlist, view.next->id,
                                 again);
  g_ptr_array_find (programme->items, view.next, &index);
  g_ptr_array_steal_index (programme->items, index);
  gst_genvid_live_programme_wake (programme);
}

static void
tell (GstGenvidLiveProgramme *programme)
{
  GstGenvidLiveShow *show = &programme->show;
  guint current = 0;

  for (guint i = 0; i < show->leaving->len; i++)
    if (tell_item (programme, show->leaving->pdata[i]))
      current = ((GstGenvidLiveItem *)show->leaving->pdata[i])->id;
  if (show->current != NULL && tell_item (programme, show->current))
    current = show->current->id;
  gst_genvid_live_playlist_set_on_air (programme->setting.playlist,
                                       show->current != NULL ? show->current->id
                                                             : current);
  if (current == programme->current)
    return;
  programme->current = current;
  programme->setting.changed (programme->setting.element, current);
}

static void
write_slate (GstGenvidLiveProgramme *programme, GArray *ids)
{
  GstGenvidLiveItem *item = NULL;

  if (ids->len > 0)
    item = find_item (programme, g_array_index (ids, guint, 0));
  if (item != NULL)
    gst_genvid_live_slate_set_text (
        programme->slate, gst_genvid_live_item_get_prompt (item), item->status);
  else
    gst_genvid_live_slate_set_text (programme->slate, NULL, NULL);
  gst_genvid_live_slate_tick (programme->slate);
}

/* --- the thread --- */

static void
look (GstGenvidLiveProgramme *programme)
{
  GstGenvidLiveSetting *setting = &programme->setting;
  g_autoptr (GArray) ids = gst_genvid_live_playlist_peek (setting->playlist);

  if (ids->len == 0
      && programme->settings.when_empty == GST_GENVID_LIVE_WHEN_EMPTY_LOOP
      && !gst_genvid_live_playlist_is_ended (setting->playlist)) {
    gst_genvid_live_playlist_rewind (setting->playlist);
    g_array_unref (ids);
    ids = gst_genvid_live_playlist_peek (setting->playlist);
  }
  announce (programme, ids);
  forget (programme, ids);
  skip (programme, ids);
  prepare_items (programme, ids);
  direct (programme, ids);
  tell (programme);
  write_slate (programme, ids);
}

static gboolean
tick (gpointer data)
{
  GstGenvidLiveProgramme *programme = data;

  g_atomic_int_set (&programme->pending, FALSE);
  gst_genvid_live_settings_clear (&programme->settings);
  programme->setting.get_settings (programme->setting.element,
                                   &programme->settings);
  look (programme);

  return G_SOURCE_REMOVE;
}

void
gst_genvid_live_programme_wake (GstGenvidLiveProgramme *programme)
{
  GSource *source;

  if (!g_atomic_int_compare_and_exchange (&programme->pending, FALSE, TRUE))
    return;
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, tick, programme, NULL);
  g_source_attach (source, programme->context);
  g_source_unref (source);
}

static void
slate_failed (const char *text, gpointer data)
{
  GstGenvidLiveProgramme *programme = data;

  gst_element_message_full (programme->setting.element, GST_MESSAGE_WARNING,
                            GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ,
                            g_strdup (text), NULL, "gstgenvidliveprogramme.c",
                            GST_FUNCTION, __LINE__);
}

static gpointer
run (gpointer data)
{
  GstGenvidLiveProgramme *programme = data;
  GstGenvidLiveSlateUser user = { .context = programme->context,
                                  .changed = changed,
                                  .failed = slate_failed,
                                  .data = programme };

  g_main_context_push_thread_default (programme->context);
  programme->setting.get_settings (programme->setting.element,
                                   &programme->settings);
  programme->slate = gst_genvid_live_slate_new (programme->setting.mixer,
                                                &programme->settings, &user);
  gst_genvid_live_programme_wake (programme);
  g_main_loop_run (programme->loop);

  g_ptr_array_set_size (programme->items, 0);
  gst_genvid_live_show_clear (&programme->show);
  gst_genvid_live_slate_free (programme->slate);
  gst_genvid_live_settings_clear (&programme->settings);
  g_main_context_pop_thread_default (programme->context);

  return NULL;
}

static void
mixer_ticked (gpointer mixer, gpointer data)
{
  gst_genvid_live_programme_wake (data);
}

GstGenvidLiveProgramme *
gst_genvid_live_programme_start (const GstGenvidLiveSetting *setting)
{
  GstGenvidLiveProgramme *programme = g_new0 (GstGenvidLiveProgramme, 1);

  programme->setting = *setting;
  programme->context = g_main_context_new ();
  programme->loop = g_main_loop_new (programme->context, FALSE);
  programme->items = g_ptr_array_new_with_free_func (
      (GDestroyNotify)gst_genvid_live_item_free);
  gst_genvid_live_show_init (&programme->show, setting->mixer, finish,
                             programme);
  g_mutex_init (&programme->lock);
  setting->mixer->tick = mixer_ticked;
  setting->mixer->tick_data = programme;
  programme->thread = g_thread_new ("genvid-live", run, programme);

  return programme;
}

void
gst_genvid_live_programme_stop (GstGenvidLiveProgramme *programme)
{
  g_main_loop_quit (programme->loop);
  g_thread_join (programme->thread);
  g_ptr_array_unref (programme->items);
  g_main_loop_unref (programme->loop);
  g_main_context_unref (programme->context);
  g_mutex_clear (&programme->lock);
  g_free (programme);
}

void
gst_genvid_live_programme_count (GstGenvidLiveProgramme *programme,
                                 GstGenvidLiveResults *results)
{
  g_mutex_lock (&programme->lock);
  *results = programme->results;
  g_mutex_unlock (&programme->lock);
}

void
gst_genvid_live_programme_set_shift (GstGenvidLiveProgramme *programme,
                                     GstClockTime shift)
{
  g_mutex_lock (&programme->lock);
  programme->shift = shift;
  g_mutex_unlock (&programme->lock);
}
