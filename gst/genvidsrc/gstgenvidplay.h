/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gstgenvidprogress.h"
#include "client.h"

G_BEGIN_DECLS

/* One play of the element, from start() to stop(): a run of the layer below,
 * what was told of it, and the gate before it. Counted.
 *
 * The gate answers what GstBaseSrc leaves open. Nothing keeps unlock(),
 * unlock_stop() and stop() from all running while create() is on its way to
 * its wait (or posts a message between two waits), so a wake-up has to last
 * until the call that it is meant for has left: unlock() makes the run flush,
 * and only the last create() to leave after unlock_stop() ends that. */
typedef struct {
  gatomicrefcount count;
  GenvidClient *client;
  char *prompt; /* nullable */

  /* Between enter and leave; when nobody is inside, whoever stops. */
  GstGenvidProgress progress;
  gboolean looked; /* the order of index and media is known */
  gboolean failed; /* the one error was posted */
  gboolean warned; /* of an early end */
  gint ended;      /* atomic: the application sent an EOS */

  GMutex gate; /* no lock but the clip's is taken under it */
  guint inside;
  gboolean unlocked;
  gboolean stopped;
} GstGenvidPlay;

/* Takes RUN. */
GstGenvidPlay *gst_genvid_play_new (GenvidClient *client, const char *prompt);
GstGenvidPlay *gst_genvid_play_ref (GstGenvidPlay *play);
void gst_genvid_play_unref (GstGenvidPlay *play);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstGenvidPlay, gst_genvid_play_unref)

/* FALSE: the play is over, buy nothing. TRUE: leave must follow. */
gboolean gst_genvid_play_enter (GstGenvidPlay *play);
/* TRUE: stop came meanwhile, and the caller says the last word of it. */
gboolean gst_genvid_play_leave (GstGenvidPlay *play);

/* Any thread; neither waits. */
void gst_genvid_play_unlock (GstGenvidPlay *play);
void gst_genvid_play_unlock_stop (GstGenvidPlay *play);
/* TRUE: nobody is inside, and the caller says the last word. */
gboolean gst_genvid_play_stop (GstGenvidPlay *play);

G_END_DECLS
