/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <genvid/genvid-ranges.h>
#include <genvid/genvid-record.h>

G_BEGIN_DECLS

/* The growing file, plus what is known of it and of the generation behind it.
 * One mutex, one cond. Written by one worker, read at any offset by any
 * number of readers in any threads. Counted. No call leaves it under its
 * lock. */
typedef struct _GenvidClip GenvidClip;

#define GENVID_SIZE_UNKNOWN G_MAXUINT64

typedef enum {
  GENVID_ORIGIN_BOUGHT, /* this run made the service work */
  GENVID_ORIGIN_SHARED, /* another element or process is having it made */
  GENVID_ORIGIN_STORED, /* it was in the store already */
} GenvidOrigin;
const char *genvid_origin_to_string (GenvidOrigin origin);

/* One moment of a clip, as a value. Every face of progress renders this. */
typedef struct {
  guint serial; /* differs from the last one whenever anything below does,
                 * bytes aside */
  GenvidState state;
  char *provider;
  char *model; /* nullable */
  char *id;    /* nullable */
  int progress;
  int uploading;  /* per cent of an input on its way to the service, -1 */
  gint64 started; /* boot clock of the submit or resume; 0 not yet */
  double cost;
  char *currency; /* nullable */
  GenvidBilled billed;
  GenvidOrigin origin;
  gint64 bought;          /* wall: when a stored clip was bought; 0 unknown */
  char *location;         /* the finished file; nullable */
  GenvidFailure *failure; /* set: the run is over; nullable */
  JsonObject *details;    /* nullable */
  char *note;             /* one sentence for a human; nullable */
  guint64 size;           /* GENVID_SIZE_UNKNOWN until known */
  guint64 present;        /* bytes there */
  gboolean whole;         /* all bytes are there and size is exact */
  gboolean index_last;    /* an MP4 whose mdat came before its moov */
  guint submits, polls, uploads, connections, resumes; /* for stats */
} GenvidSnapshot;

GenvidSnapshot *genvid_snapshot_copy (const GenvidSnapshot *snapshot);
void genvid_snapshot_free (GenvidSnapshot *snapshot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidSnapshot, genvid_snapshot_free)

GenvidClip *genvid_clip_new (const char *provider, const char *model);
GenvidClip *genvid_clip_ref (GenvidClip *clip);
void genvid_clip_unref (GenvidClip *clip);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidClip, genvid_clip_unref)

GenvidSnapshot *genvid_clip_snapshot (GenvidClip *clip);
guint64 genvid_clip_get_size (GenvidClip *clip);
gboolean genvid_clip_is_whole (GenvidClip *clip);
GenvidRanges *genvid_clip_get_ranges (GenvidClip *clip);

/* --- The worker's side. Each wakes the readers if something changed. --- */

/* Applies CHANGE to the clip's snapshot under the lock (it must not call back
 * into the clip; it may set any field but serial, size, present, whole). The
 * serial moves on if anything is different then. */
typedef void (*GenvidClipChange) (GenvidSnapshot *snapshot, gpointer data);
void genvid_clip_update (GenvidClip *clip, GenvidClipChange change,
                         gpointer data);
/* The file that the bytes are in; takes FD (closed when its last read ends).
 * RANGES: what is there already; nullable. Where it is another file than
 * before, or lacks what was there, it counts as reset: no reader gets a mix. */
void genvid_clip_set_file (GenvidClip *clip, int fd,
                           const GenvidRanges *ranges);
void genvid_clip_set_size (GenvidClip *clip, guint64 size);
/* The bytes [start, end) are in the file. Wakes at most once. The calls that
 * add and reset are one thread's at a time. */
void genvid_clip_add_bytes (GenvidClip *clip, guint64 start, guint64 end);
/* Starts again from nothing: another file of the service. Readers that took
 * bytes already are told by a failure of theirs, never by a mix. */
void genvid_clip_reset (GenvidClip *clip);
/* All bytes are there, at LOCATION (nullable). The state is the worker's to
 * set, when the record is durable. */
void genvid_clip_finish (GenvidClip *clip, guint64 size, const char *location);
/* The run is over without a whole clip. Takes FAILURE. */
void genvid_clip_fail (GenvidClip *clip, GenvidFailure *failure);

/* The first offset that a reader waits for and that lies FAR bytes or more
 * beyond what is there without a gap from FROM on, or GENVID_SIZE_UNKNOWN. */
guint64 genvid_clip_get_wish (GenvidClip *clip, guint64 from, guint64 far);
/* Called (under no lock, any thread) when a reader begins to wait for bytes
 * that are not the next ones to come, or the last reader leaves: wakes the
 * worker. Set once; NULL ends it, and no call of it runs or comes after that
 * returned (so it must not be called from WAKE itself). */
typedef void (*GenvidClipWake) (gpointer data);
void genvid_clip_set_wake (GenvidClip *clip, GenvidClipWake wake,
                           gpointer data);

/* --- A reader's side. --- */

typedef struct _GenvidReader GenvidReader;

/* A place to wait, one an element's run. Holds the clip. */
GenvidReader *genvid_clip_add_reader (GenvidClip *clip);
/* Any thread: the reader is over; a wait that runs or comes ends with
 * STOPPED. Returns TRUE if no open reader is left. Then still to be freed. */
gboolean genvid_reader_stop (GenvidReader *reader);
void genvid_reader_free (GenvidReader *reader);
guint genvid_clip_get_n_readers (GenvidClip *clip); /* open ones */

/* Any thread. TRUE ends the waits that run and those that come until FALSE;
 * FALSE never puts an ended wait back to sleep (an epoch counts). */
void genvid_reader_set_flushing (GenvidReader *reader, gboolean flushing);

typedef enum {
  GENVID_READ_DATA,    /* *AVAILABLE bytes from OFFSET are there */
  GENVID_READ_EOS,     /* OFFSET is at or beyond the size; where all bytes are
                        * there, they are a clip */
  GENVID_READ_CHANGED, /* the snapshot's serial is not SEEN any more */
  GENVID_READ_FLUSHING,
  GENVID_READ_STOPPED,
  GENVID_READ_FAILED, /* genvid_reader_get_failure says why */
} GenvidReadOutcome;

/* What a wait would say at once of the reader itself: STOPPED, FLUSHING, or
 * DATA when it may wait. */
GenvidReadOutcome genvid_reader_check (GenvidReader *reader);
/* Waits for bytes. LENGTH: with WHOLE all of them (or up to the exact end),
 * else at least one. SEEN: serial of the last snapshot the caller reported;
 * a change is returned before bytes. Bytes that are there are returned even
 * after a failure; with WHOLE, if all that was asked for is there. */
GenvidReadOutcome genvid_reader_wait (GenvidReader *reader, guint64 offset,
                                      gsize length, gboolean whole, guint seen,
                                      gsize *available);
/* Copies bytes that a wait announced, straight from the file; -1 with a
 * GError (also when the clip was reset since: never bytes of two files). */
gssize genvid_reader_read (GenvidReader *reader, guint64 offset, guint8 *buffer,
                           gsize length, GError **error);
/* Why a wait said FAILED: the reader's own failure (the file changed under
 * it), else the clip's. Owned by the caller; NULL if neither failed. */
GenvidFailure *genvid_reader_get_failure (GenvidReader *reader);

G_END_DECLS
