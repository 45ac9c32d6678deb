/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "byte-ranges.h"
#include "clip-status.h"
#include "failure.h"
#include "record.h"

G_BEGIN_DECLS

/* The growing file, plus what is known of it and of the generation behind it.
 * One mutex, one cond. Written by one worker, read at any offset by any
 * number of readers in any threads. Counted. No call leaves it under its
 * lock. */
typedef struct _GenvidClip GenvidClip;

GenvidClip *genvid_clip_new (const char *provider, const char *model);
GenvidClip *genvid_clip_ref (GenvidClip *clip);
void genvid_clip_unref (GenvidClip *clip);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidClip, genvid_clip_unref)

GenvidClipStatus *genvid_clip_snapshot (GenvidClip *clip);
guint64 genvid_clip_get_size (GenvidClip *clip);
gboolean genvid_clip_is_whole (GenvidClip *clip);
GenvidByteRanges *genvid_clip_get_ranges (GenvidClip *clip);

/* --- The worker's side. Each wakes the readers if something changed. --- */

/* Applies CHANGE to the clip's snapshot under the lock (it must not call back
 * into the clip; it may set any field but serial, size, present, whole). The
 * serial moves on if anything is different then. */
typedef void (*GenvidClipChange) (GenvidClipStatus *snapshot, gpointer data);
void genvid_clip_update (GenvidClip *clip, GenvidClipChange change,
                         gpointer data);
/* Copies what RECORD knows into the clip's snapshot. PROGRESS -1 unknown.
 * STARTED: boot clock of the submit or resume, 0 leaves it. */
void genvid_clip_publish_record (GenvidClip *clip, const GenvidRecord *record,
                                 int progress, GenvidOrigin origin,
                                 gint64 started);

/* A finished clip: takes FD. Every reader finds all of it. */
void genvid_clip_publish_stored (GenvidClip *clip, const GenvidRecord *record,
                                 int fd, const char *location,
                                 GenvidOrigin origin);

/* Adds to the snapshot's counts. */
typedef enum {
  GENVID_COUNT_SUBMITS,
  GENVID_COUNT_POLLS,
  GENVID_COUNT_UPLOADS,
} GenvidCount;
void genvid_clip_publish_count (GenvidClip *clip, GenvidCount count);

/* How much of an input is at the service, per cent; -1: none is on its way. */
void genvid_clip_publish_upload (GenvidClip *clip, int percent);

/* One sentence for a human; NULL takes it back. */
void genvid_clip_publish_note (GenvidClip *clip, const char *note);

/* The file that the bytes are in; takes FD (closed when its last read ends).
 * RANGES: what is there already; nullable. Where it is another file than
 * before, or lacks what was there, it counts as reset: no reader gets a mix. */
void genvid_clip_set_file (GenvidClip *clip, int fd,
                           const GenvidByteRanges *ranges);
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
guint genvid_clip_get_n_readers (GenvidClip *clip); /* open ones */

G_END_DECLS
