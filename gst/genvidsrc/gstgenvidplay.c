/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The gate between GstBaseSrc's threads and a client. It decides who may wait,
 * who is woken and who posts the end; it reads no bytes and posts nothing. */

#include "gstgenvidplay.h"
#include "client.h"

GstGenvidPlay *
gst_genvid_play_new (GenvidClient *client, const char *prompt,
                     GstGenvidSave *save)
{
  GstGenvidPlay *play = g_atomic_rc_box_new0 (GstGenvidPlay);
  g_autoptr (GenvidClipStatus) status = genvid_client_snapshot (client);

  play->client = client;
  play->prompt = g_strdup (prompt);
  play->save = save;
  g_mutex_init (&play->gate);
  g_cond_init (&play->turn);
  gst_genvid_progress_init (&play->progress);
  g_weak_ref_init (&play->element, NULL);
  play->alarm.unref = (GDestroyNotify)gst_genvid_play_unref;
  play->alarm.owner = play;
  play->alarm.due = G_MAXINT64;
  play->whole = status->whole;
  play->percent = 100;
  play->stats = (GstGenvidPlaythroughStats){ -1, -1, 0, -1 };

  return play;
}

GstGenvidPlay *
gst_genvid_play_ref (GstGenvidPlay *play)
{
  return g_atomic_rc_box_acquire (play);
}

static void
clear_play (gpointer data)
{
  GstGenvidPlay *play = data;

  gst_genvid_progress_clear (&play->progress);
  genvid_client_unref (play->client);
  g_weak_ref_clear (&play->element);
  g_free (play->prompt);
  gst_genvid_save_free (play->save);
  g_mutex_clear (&play->gate);
  g_cond_clear (&play->turn);
}

void
gst_genvid_play_unref (GstGenvidPlay *play)
{
  if (play != NULL)
    g_atomic_rc_box_release_full (play, clear_play);
}

void
gst_genvid_play_note (gpointer play)
{
  gst_genvid_alarm_set (&((GstGenvidPlay *)play)->alarm,
                        g_get_monotonic_time ());
}

/* A reader that has begun, that was sent elsewhere, or that comes back from the
 * index to the first picture, is looked at before that is shown. */
gboolean
gst_genvid_play_enter (GstGenvidPlay *play, guint64 offset)
{
  gboolean open, moved;

  g_mutex_lock (&play->gate);
  open = !play->stopped;
  if (open)
    play->inside++;
  moved = open
          && (!play->reading || play->sought
              || (play->played == 0 && offset < play->position / 2));
  if (play->sought)
    play->jumps++;
  play->sought = FALSE;
  play->reading = TRUE;
  play->position = offset;
  g_mutex_unlock (&play->gate);
  if (moved && !play->whole)
    gst_genvid_play_note (play);

  return open;
}

/* The gate must be held. */
static void
end_flush (GstGenvidPlay *play)
{
  if (play->inside == 0 && !play->unlocked && !play->stopped)
    genvid_client_set_flushing (play->client, FALSE);
}

gboolean
gst_genvid_play_leave (GstGenvidPlay *play, guint64 offset)
{
  gboolean last;

  g_mutex_lock (&play->gate);
  play->position = offset;
  play->inside--;
  end_flush (play);
  last = play->stopped && play->inside == 0;
  g_mutex_unlock (&play->gate);

  return last;
}

void
gst_genvid_play_set_running (GstGenvidPlay *play, gboolean running)
{
  gint64 now = g_get_monotonic_time ();

  g_mutex_lock (&play->gate);
  if (play->running != 0)
    play->played += now - play->running;
  play->running = running ? now : 0;
  g_mutex_unlock (&play->gate);
}

gboolean
gst_genvid_play_get_reading (GstGenvidPlay *play, GstGenvidSupply *supply)
{
  gint64 now = g_get_monotonic_time ();
  gint64 played;
  gboolean reading;

  g_mutex_lock (&play->gate);
  reading = play->reading && !play->stopped;
  supply->position = play->position;
  supply->jumps = play->jumps;
  played = play->played + (play->running != 0 ? now - play->running : 0);
  g_mutex_unlock (&play->gate);
  supply->played = (double)played / G_USEC_PER_SEC;

  return reading;
}

void
gst_genvid_play_set_stats (GstGenvidPlay *play,
                           const GstGenvidPlaythroughStats *stats)
{
  g_mutex_lock (&play->gate);
  play->stats = *stats;
  g_mutex_unlock (&play->gate);
}

GstGenvidPlaythroughStats
gst_genvid_play_get_stats (GstGenvidPlay *play)
{
  GstGenvidPlaythroughStats stats;

  g_mutex_lock (&play->gate);
  stats = play->stats;
  g_mutex_unlock (&play->gate);

  return stats;
}

/* The gate must be held. */
static void
await_turn (GstGenvidPlay *play)
{
  play->waiting++;
  g_cond_wait (&play->turn, &play->gate);
  play->waiting--;
}

/* The gate must be held. To wake nobody is not free, where many sleep. */
static void
wake_waiting (GstGenvidPlay *play)
{
  if (play->waiting > 0)
    g_cond_broadcast (&play->turn);
}

gboolean
gst_genvid_play_begin_report (GstGenvidPlay *play, GstGenvidTurn wait)
{
  gboolean mine;

  g_mutex_lock (&play->gate);
  while (play->reporting != NULL && !play->stopped
         && wait != GST_GENVID_TURN_NOW
         && !(wait == GST_GENVID_TURN_FLUSH && play->unlocked))
    await_turn (play);
  mine = play->reporting == NULL && (!play->stopped || play->parted);
  if (mine)
    play->reporting = g_thread_self ();
  else
    play->again = TRUE;
  g_mutex_unlock (&play->gate);

  return mine;
}

void
gst_genvid_play_end_report (GstGenvidPlay *play)
{
  gint64 due = gst_genvid_progress_get_due (&play->progress);
  gboolean again;

  g_mutex_lock (&play->gate);
  play->reporting = NULL;
  again = play->again;
  play->again = FALSE;
  wake_waiting (play);
  g_mutex_unlock (&play->gate);
  gst_genvid_alarm_set (&play->alarm, again ? g_get_monotonic_time () : due);
}

/* --- The copy of the clip. --- */

typedef struct {
  GstGenvidPlay *play;
  char *location;
} Saving;

/* It may take long, and outlives a stop. */
static gpointer
save (gpointer data)
{
  Saving *saving = data;
  GstGenvidPlay *play = saving->play;

  gst_genvid_save_run (play->save, saving->location);
  g_mutex_lock (&play->gate);
  play->saved = TRUE;
  wake_waiting (play);
  g_mutex_unlock (&play->gate);
  gst_genvid_play_note (play);
  gst_genvid_play_unref (play);
  g_free (saving->location);
  g_free (saving);
  return NULL;
}

static void
start_saving (GstGenvidPlay *play, const char *location)
{
  Saving *saving = g_new (Saving, 1);
  GThread *thread;

  *saving = (Saving){ gst_genvid_play_ref (play), g_strdup (location) };
  thread = g_thread_try_new ("genvid-save", save, saving, NULL);
  if (thread != NULL)
    g_thread_unref (thread);
  else
    save (saving);
}

static void
follow_saving (GstGenvidPlay *play, GstBaseSrc *source)
{
  const GenvidClipStatus *status = play->progress.status;
  gboolean begin, tell;

  g_mutex_lock (&play->gate);
  begin = !play->saving && status->state == GENVID_STATE_DONE && status->whole
          && status->location != NULL;
  play->saving |= begin;
  tell = play->saved && !play->told;
  play->told |= tell;
  g_mutex_unlock (&play->gate);
  if (begin)
    start_saving (play, status->location);
  if (tell)
    gst_genvid_save_report (play->save, source);
}

void
gst_genvid_play_report (GstGenvidPlay *play, GstBaseSrc *source,
                        GenvidClipStatus *status)
{
  gst_genvid_progress_update (&play->progress, source, status);
  if (play->save != NULL)
    follow_saving (play, source);
}

void
gst_genvid_play_report_time (GstGenvidPlay *play, GstBaseSrc *source)
{
  gst_genvid_progress_report_time (&play->progress, source);
  if (play->save != NULL)
    follow_saving (play, source);
}

gboolean
gst_genvid_play_await_saved (GstGenvidPlay *play)
{
  gboolean over;

  g_mutex_lock (&play->gate);
  while (play->saving && !play->saved && !play->unlocked && !play->stopped)
    await_turn (play);
  over = !play->saving || play->saved;
  g_mutex_unlock (&play->gate);

  return over;
}

void
gst_genvid_play_unlock (GstGenvidPlay *play)
{
  g_mutex_lock (&play->gate);
  play->unlocked = play->sought = TRUE;
  wake_waiting (play);
  genvid_client_set_flushing (play->client, TRUE);
  g_mutex_unlock (&play->gate);
}

void
gst_genvid_play_unlock_stop (GstGenvidPlay *play)
{
  g_mutex_lock (&play->gate);
  play->unlocked = FALSE;
  end_flush (play);
  g_mutex_unlock (&play->gate);
}

/* The gate must be held. A handler of one of its messages may be what stops the
 * element. */
static void
await_report (GstGenvidPlay *play)
{
  wake_waiting (play);
  while (play->reporting != NULL && play->reporting != g_thread_self ())
    await_turn (play);
}

gboolean
gst_genvid_play_stop (GstGenvidPlay *play)
{
  gboolean empty;

  g_mutex_lock (&play->gate);
  play->stopped = TRUE;
  await_report (play);
  empty = play->inside == 0;
  g_mutex_unlock (&play->gate);
  genvid_client_close (play->client);

  return empty;
}

void
gst_genvid_play_part (GstGenvidPlay *play)
{
  g_mutex_lock (&play->gate);
  play->parted = !play->closed;
  g_mutex_unlock (&play->gate);
  gst_genvid_play_note (play);
}

void
gst_genvid_play_close (GstGenvidPlay *play)
{
  g_mutex_lock (&play->gate);
  play->closed = TRUE;
  play->parted = FALSE;
  await_report (play);
  g_mutex_unlock (&play->gate);
}
