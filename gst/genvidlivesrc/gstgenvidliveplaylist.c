/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The playlist: entries under one lock. */

#include "gstgenvidliveplaylist.h"

#include <genvid/genvid-messages.h>

void
gst_genvid_live_entry_free (GstGenvidLiveEntry *entry)
{
  if (entry == NULL)
    return;
  gst_structure_free (entry->fields);
  g_free (entry);
}

static void
free_entries (GQueue *queue)
{
  g_queue_clear_full (queue, (GDestroyNotify)gst_genvid_live_entry_free);
}

void
gst_genvid_live_playlist_init (GstGenvidLivePlaylist *playlist)
{
  g_mutex_init (&playlist->lock);
  g_queue_init (&playlist->waiting);
  g_queue_init (&playlist->played);
  g_value_init (&playlist->prompts, GST_TYPE_ARRAY);
}

void
gst_genvid_live_playlist_clear_all (GstGenvidLivePlaylist *playlist)
{
  free_entries (&playlist->waiting);
  free_entries (&playlist->played);
  g_value_unset (&playlist->prompts);
  g_mutex_clear (&playlist->lock);
}

static GList *
find (GQueue *queue, guint id)
{
  for (GList *link = queue->head; link != NULL; link = link->next) {
    GstGenvidLiveEntry *entry = link->data;

    if (entry->id == id)
      return link;
  }
  return NULL;
}

static guint
add (GstGenvidLivePlaylist *playlist, guint before, GstStructure *fields)
{
  GstGenvidLiveEntry *entry = g_new0 (GstGenvidLiveEntry, 1);

  entry->id = ++playlist->last_id;
  entry->fields = fields;
  /* NULL is the end. */
  g_queue_insert_before (&playlist->waiting, find (&playlist->waiting, before),
                         entry);

  return entry->id;
}

guint
gst_genvid_live_playlist_add (GstGenvidLivePlaylist *playlist, guint before,
                              GstStructure *fields)
{
  guint id;

  g_mutex_lock (&playlist->lock);
  id = add (playlist, before, fields);
  g_mutex_unlock (&playlist->lock);

  return id;
}

GstStructure *
gst_genvid_live_playlist_parse (const char *text)
{
  gboolean is_uri = gst_uri_has_protocol (text, GENVID_PROTOCOL);

  return gst_structure_new ("item", is_uri ? "uri" : "prompt", G_TYPE_STRING,
                            text, NULL);
}

static void
fill (GstGenvidLivePlaylist *playlist)
{
  const GValue *prompts = &playlist->prompts;

  for (guint i = 0; i < gst_value_array_get_size (prompts); i++) {
    const GValue *value = gst_value_array_get_value (prompts, i);
    g_autofree char *text = G_VALUE_HOLDS_STRING (value)
                                ? g_value_dup_string (value)
                                : gst_value_serialize (value);

    add (playlist, 0,
         gst_genvid_live_playlist_parse (text != NULL ? text : ""));
  }
}

void
gst_genvid_live_playlist_set (GstGenvidLivePlaylist *playlist,
                              const GValue *prompts)
{
  g_mutex_lock (&playlist->lock);
  g_value_copy (prompts, &playlist->prompts);
  free_entries (&playlist->waiting);
  free_entries (&playlist->played);
  fill (playlist);
  g_mutex_unlock (&playlist->lock);
}

void
gst_genvid_live_playlist_get (GstGenvidLivePlaylist *playlist, GValue *prompts)
{
  g_mutex_lock (&playlist->lock);
  g_value_copy (&playlist->prompts, prompts);
  g_mutex_unlock (&playlist->lock);
}

static gboolean delete (GQueue *queue, guint id)
{
  GList *link = find (queue, id);

  if (link == NULL)
    return FALSE;
  gst_genvid_live_entry_free (link->data);
  g_queue_delete_link (queue, link);
  return TRUE;
}

gboolean
gst_genvid_live_playlist_remove (GstGenvidLivePlaylist *playlist, guint id)
{
  gboolean found;

  g_mutex_lock (&playlist->lock);
  found = delete (&playlist->waiting, id);
  found |= delete (&playlist->played, id);
  if (id != 0 && id == playlist->on_air) {
    playlist->skip_id = id;
    found = TRUE;
  }
  g_mutex_unlock (&playlist->lock);

  return found;
}

void
gst_genvid_live_playlist_clear (GstGenvidLivePlaylist *playlist)
{
  g_mutex_lock (&playlist->lock);
  free_entries (&playlist->waiting);
  free_entries (&playlist->played);
  g_value_reset (&playlist->prompts);
  g_mutex_unlock (&playlist->lock);
}

void
gst_genvid_live_playlist_skip (GstGenvidLivePlaylist *playlist)
{
  g_mutex_lock (&playlist->lock);
  playlist->skips++;
  g_mutex_unlock (&playlist->lock);
}

void
gst_genvid_live_playlist_end (GstGenvidLivePlaylist *playlist)
{
  g_mutex_lock (&playlist->lock);
  playlist->ended = TRUE;
  g_mutex_unlock (&playlist->lock);
}

GArray *
gst_genvid_live_playlist_peek (GstGenvidLivePlaylist *playlist)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (guint));

  g_mutex_lock (&playlist->lock);
  for (GList *link = playlist->waiting.head; link != NULL; link = link->next)
    g_array_append_val (ids, ((GstGenvidLiveEntry *)link->data)->id);
  g_mutex_unlock (&playlist->lock);

  return ids;
}

GstGenvidLiveEntry *
gst_genvid_live_playlist_find (GstGenvidLivePlaylist *playlist, guint id)
{
  GstGenvidLiveEntry *copy = NULL;
  GList *link;

  g_mutex_lock (&playlist->lock);
  link = find (&playlist->waiting, id);
  if (link != NULL) {
    copy = g_new0 (GstGenvidLiveEntry, 1);
    copy->id = id;
    copy->fields
        = gst_structure_copy (((GstGenvidLiveEntry *)link->data)->fields);
  }
  g_mutex_unlock (&playlist->lock);

  return copy;
}

void
gst_genvid_live_playlist_take (GstGenvidLivePlaylist *playlist, guint id,
                               gboolean again)
{
  GList *link;

  g_mutex_lock (&playlist->lock);
  link = find (&playlist->waiting, id);
  if (link != NULL && again) {
    g_queue_unlink (&playlist->waiting, link);
    g_queue_push_tail_link (&playlist->played, link);
  } else {
    delete (&playlist->waiting, id);
  }
  g_mutex_unlock (&playlist->lock);
}

void
gst_genvid_live_playlist_set_on_air (GstGenvidLivePlaylist *playlist, guint id)
{
  g_mutex_lock (&playlist->lock);
  playlist->on_air = id;
  g_mutex_unlock (&playlist->lock);
}

void
gst_genvid_live_playlist_rewind (GstGenvidLivePlaylist *playlist)
{
  g_mutex_lock (&playlist->lock);
  while (!g_queue_is_empty (&playlist->played))
    g_queue_push_tail_link (&playlist->waiting,
                            g_queue_pop_head_link (&playlist->played));
  g_mutex_unlock (&playlist->lock);
}

gboolean
gst_genvid_live_playlist_pop_skip (GstGenvidLivePlaylist *playlist,
                                   gboolean *removed)
{
  gboolean skip;

  g_mutex_lock (&playlist->lock);
  *removed = playlist->skip_id != 0 && playlist->skip_id == playlist->on_air;
  playlist->skip_id = 0;
  skip = *removed || playlist->skips > 0;
  if (playlist->skips > 0 && !*removed)
    playlist->skips--;
  g_mutex_unlock (&playlist->lock);

  return skip;
}

guint
gst_genvid_live_playlist_get_length (GstGenvidLivePlaylist *playlist)
{
  guint length;

  g_mutex_lock (&playlist->lock);
  length = playlist->waiting.length;
  g_mutex_unlock (&playlist->lock);

  return length;
}

gboolean
gst_genvid_live_playlist_is_ended (GstGenvidLivePlaylist *playlist)
{
  gboolean ended;

  g_mutex_lock (&playlist->lock);
  ended = playlist->ended;
  g_mutex_unlock (&playlist->lock);

  return ended;
}

void
gst_genvid_live_playlist_restart (GstGenvidLivePlaylist *playlist)
{
  g_mutex_lock (&playlist->lock);
  playlist->skips = playlist->skip_id = playlist->on_air = 0;
  playlist->ended = FALSE;
  free_entries (&playlist->played);
  if (g_queue_is_empty (&playlist->waiting))
    fill (playlist);
  g_mutex_unlock (&playlist->lock);
}
