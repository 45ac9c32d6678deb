/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* What is to be shown, in order. Any thread. It knows what was asked for;
 * the control thread follows. */

/* What was asked for: a value. FIELDS has "prompt" or "uri", and perhaps
 * "start", "in", "out" and properties of genvidsrc. */
typedef struct {
  guint id;
  GstStructure *fields;
} GstGenvidLiveEntry;

void gst_genvid_live_entry_free (GstGenvidLiveEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstGenvidLiveEntry, gst_genvid_live_entry_free)

typedef struct {
  GMutex lock;
  GQueue waiting; /* of GstGenvidLiveEntry */
  GQueue played;  /* to be played again */
  guint last_id;
  guint skips;    /* not yet acted upon */
  guint skip_id;  /* remove() of the item that is on air; 0: none */
  guint on_air;   /* the id of the item on air; 0: none */
  gboolean ended; /* no more items; then EOS */
  GValue prompts; /* GST_TYPE_ARRAY, as set */
} GstGenvidLivePlaylist;

void gst_genvid_live_playlist_init (GstGenvidLivePlaylist *playlist);
void gst_genvid_live_playlist_clear_all (GstGenvidLivePlaylist *playlist);

/* Takes FIELDS. BEFORE: the id of the item that it comes before; 0, or one that
 * does not wait: at the end. The id of the new item. */
guint gst_genvid_live_playlist_add (GstGenvidLivePlaylist *playlist,
                                    guint before, GstStructure *fields);
/* The fields of a prompt or a genvid: URI. Owned by the caller. */
GstStructure *gst_genvid_live_playlist_parse (const char *text);
/* PROMPTS, an array of strings, instead of what waits. */
void gst_genvid_live_playlist_set (GstGenvidLivePlaylist *playlist,
                                   const GValue *prompts);

/* As it was set; PROMPTS is of GST_TYPE_ARRAY. */
void gst_genvid_live_playlist_get (GstGenvidLivePlaylist *playlist,
                                   GValue *prompts);

/* FALSE: there is no such item. */
gboolean gst_genvid_live_playlist_remove (GstGenvidLivePlaylist *playlist,
                                          guint id);
void gst_genvid_live_playlist_clear (GstGenvidLivePlaylist *playlist);
void gst_genvid_live_playlist_skip (GstGenvidLivePlaylist *playlist);
void gst_genvid_live_playlist_end (GstGenvidLivePlaylist *playlist);

/* For the control thread. The ids of what waits, in order; owned by the
 * caller. */
GArray *gst_genvid_live_playlist_peek (GstGenvidLivePlaylist *playlist);
/* A copy; NULL: there is no such item any more. Owned by the caller. */
GstGenvidLiveEntry *gst_genvid_live_playlist_find (
    GstGenvidLivePlaylist *playlist, guint id);
/* The item ID waits no longer; AGAIN: it may be played again. */
void gst_genvid_live_playlist_take (GstGenvidLivePlaylist *playlist, guint id,
                                    gboolean again);
/* ID 0: none. */
void gst_genvid_live_playlist_set_on_air (GstGenvidLivePlaylist *playlist,
                                          guint id);
/* What was played waits again. */
void gst_genvid_live_playlist_rewind (GstGenvidLivePlaylist *playlist);
/* TRUE once for each skip(), and for a remove() of the item on air. */
gboolean gst_genvid_live_playlist_pop_skip (GstGenvidLivePlaylist *playlist,
                                            gboolean *removed);
guint gst_genvid_live_playlist_get_length (GstGenvidLivePlaylist *playlist);
gboolean gst_genvid_live_playlist_is_ended (GstGenvidLivePlaylist *playlist);
/* Before a new start: if nothing waits, the prompts wait again. */
void gst_genvid_live_playlist_restart (GstGenvidLivePlaylist *playlist);

G_END_DECLS
