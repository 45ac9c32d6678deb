/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gstgenvidalarm.h"
#include "gstgenvidplaythrough.h"
#include "gstgenvidprogress.h"
#include "client.h"
#include "gstgenvidsave.h"

G_BEGIN_DECLS

/* One play of the element, from start() to stop(): a client of the engine,
 * what was reported about it, and the gate in front of it. Reference-counted.
 *
 * The gate covers what GstBaseSrc leaves open: unlock(), unlock_stop() and
 * stop() may all run while create() is between its entry and its wait, or
 * posts a message between two waits. So a wake-up must last until the
 * create() that it is meant for has left: unlock() makes the client flush, and
 * only the last create() to leave after unlock_stop() ends the flush. */
typedef enum {
  GST_GENVID_TURN_NOW,   /* or not at all */
  GST_GENVID_TURN_FLUSH, /* waits until a flush or a stop */
  GST_GENVID_TURN_STOP,  /* waits until a stop */
} GstGenvidTurn;

typedef struct {
  GenvidClient *client;
  char *prompt;        /* nullable */
  GstGenvidSave *save; /* nullable */

  /* Used by the thread whose turn it is to report; after the last leave, by
   * stop(). */
  GstGenvidProgress progress;

  /* The reporter's own. */
  GstGenvidAlarm alarm; /* there is something to report */
  GstBaseSrc *source;   /* borrowed; valid during a report */
  GWeakRef element;     /* the same, for what is not a report */
  int percent;          /* of the last BUFFERING; 100: none, or it can play */
  gboolean quiet;       /* none may follow, but for 100 */
  gboolean lingers;     /* removed, but that one was not posted yet */
  GstGenvidPlaythrough playthrough;

  /* create()'s own. */
  guint seen;          /* the last status that it reported */
  gboolean index_last; /* in that status */
  gboolean whole;
  gboolean looked;  /* the order of index and media is known */
  gboolean cancels; /* set by stop(): on-stop=cancel, and it is running */
  gboolean failed;  /* the error was posted */
  gboolean warned;  /* about an early end of the stream */
  gint ended;       /* atomic: the application sent EOS */

  GMutex gate;        /* no lock but the clip's is taken under it */
  GCond turn;         /* the report has ended, or nobody may wait for it */
  guint waiting;      /* for it */
  GThread *reporting; /* whose turn it is; NULL: nobody's */
  gboolean closed;
  gboolean parted; /* stopped, but its cancel is still reported */
  gboolean again;  /* something changed that it may have missed */
  guint inside;
  gboolean saving; /* a thread has SAVE */
  gboolean saved;  /* it has ended */
  gboolean told;   /* and that was reported */
  gboolean unlocked;
  gboolean stopped;
  gboolean reading; /* create() was called */
  gboolean sought;  /* a flush came, so the next position is a new one */
  guint jumps;      /* such positions */
  guint64 position; /* where the reader goes on */
  gint64 running;   /* monotonic: PLAYING since then; 0: it is not */
  gint64 played;    /* microseconds that it was PLAYING before that */
  GstGenvidPlaythroughStats stats;
} GstGenvidPlay;

/* Takes CLIENT and SAVE (nullable). */
GstGenvidPlay *gst_genvid_play_new (GenvidClient *client, const char *prompt,
                                    GstGenvidSave *save);
GstGenvidPlay *gst_genvid_play_ref (GstGenvidPlay *play);
void gst_genvid_play_unref (GstGenvidPlay *play);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstGenvidPlay, gst_genvid_play_unref)

/* Before a read at OFFSET. FALSE: stopped, buy nothing. TRUE: leave must
 * follow. */
gboolean gst_genvid_play_enter (GstGenvidPlay *play, guint64 offset);
/* The reader goes on at OFFSET. TRUE: stop() came meanwhile, and the caller
 * must post the end of the task. */
gboolean gst_genvid_play_leave (GstGenvidPlay *play, guint64 offset);

/* The element is PLAYING, or no longer. */
void gst_genvid_play_set_running (GstGenvidPlay *play, gboolean running);
/* Sets position, played and jumps of SUPPLY. FALSE: nothing was read yet. */
gboolean gst_genvid_play_get_reading (GstGenvidPlay *play,
                                      GstGenvidSupply *supply);
/* What queries are told of the line. */
void gst_genvid_play_set_stats (GstGenvidPlay *play,
                                const GstGenvidPlaythroughStats *stats);
GstGenvidPlaythroughStats gst_genvid_play_get_stats (GstGenvidPlay *play);

/* Reports are made by one thread at a time, with no lock held. FALSE: it is not
 * this thread's turn, and it must not report. TRUE: end_report must follow. */
gboolean gst_genvid_play_begin_report (GstGenvidPlay *play, GstGenvidTurn wait);
/* What others wanted to report meanwhile, and the time that passes, is the
 * alarm's. */
void gst_genvid_play_end_report (GstGenvidPlay *play);
/* Any thread, under any lock: PLAY (a GstGenvidPlay) has changed. */
void gst_genvid_play_note (gpointer play);

/* Within a report: takes STATUS and posts what is new. */
void gst_genvid_play_report (GstGenvidPlay *play, GstBaseSrc *source,
                             GenvidClipStatus *status);
/* The same, of the status of the last report. */
void gst_genvid_play_report_time (GstGenvidPlay *play, GstBaseSrc *source);
/* After a report of a finished clip: waits until it is saved, if save-to is
 * set. FALSE: a flush or a stop came first. */
gboolean gst_genvid_play_await_saved (GstGenvidPlay *play);

/* Any thread; they do not wait. */
void gst_genvid_play_unlock (GstGenvidPlay *play);
void gst_genvid_play_unlock_stop (GstGenvidPlay *play);
/* Waits for a report that runs; then none follows. TRUE: nobody is inside, and
 * the caller must post the end of the task. */
gboolean gst_genvid_play_stop (GstGenvidPlay *play);

/* After the end of the task: what becomes of the cancel is reported until
 * close. */
void gst_genvid_play_part (GstGenvidPlay *play);
/* Waits for a report that runs; then none follows. */
void gst_genvid_play_close (GstGenvidPlay *play);

G_END_DECLS
