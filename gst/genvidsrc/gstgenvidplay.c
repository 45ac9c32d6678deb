/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The gate between GstBaseSrc's threads and a client. It decides who may wait,
 * who is woken and who posts the end; it reads no bytes and posts nothing. */

#include "gstgenvidplay.h"
#include "client.h"

GstGenvidPlay *
gst_genvid_play_new (GenvidClient *client, const char *prompt)
{
  GstGenvidPlay *play = g_new0 (GstGenvidPlay, 1);

  g_atomic_ref_count_init (&play->count);
  play->client = client;
  play->prompt = g_strdup (prompt);
  g_mutex_init (&play->gate);
  gst_genvid_progress_init (&play->progress);

  return play;
}

GstGenvidPlay *
gst_genvid_play_ref (GstGenvidPlay *play)
{
  g_atomic_ref_count_inc (&play->count);
  return play;
}

void
gst_genvid_play_unref (GstGenvidPlay *play)
{
  if (play == NULL || !g_atomic_ref_count_dec (&play->count))
    return;

  gst_genvid_progress_clear (&play->progress);
  genvid_client_unref (play->client);
  g_free (play->prompt);
  g_mutex_clear (&play->gate);
  g_free (play);
}

gboolean
gst_genvid_play_enter (GstGenvidPlay *play)
{
  gboolean open;

  g_mutex_lock (&play->gate);
  open = !play->stopped;
  if (open)
    play->inside++;
  g_mutex_unlock (&play->gate);

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
gst_genvid_play_leave (GstGenvidPlay *play)
{
  gboolean last;

  g_mutex_lock (&play->gate);
  play->inside--;
  end_flush (play);
  last = play->stopped && play->inside == 0;
  g_mutex_unlock (&play->gate);

  return last;
}

void
gst_genvid_play_unlock (GstGenvidPlay *play)
{
  g_mutex_lock (&play->gate);
  play->unlocked = TRUE;
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

gboolean
gst_genvid_play_stop (GstGenvidPlay *play)
{
  gboolean empty;

  g_mutex_lock (&play->gate);
  play->stopped = TRUE;
  empty = play->inside == 0;
  g_mutex_unlock (&play->gate);
  genvid_client_close (play->client);

  return empty;
}
