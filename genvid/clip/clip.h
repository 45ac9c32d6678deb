/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "byte-ranges.h"
#include "clip-status.h"
#include "failure.h"
#include "record.h"

G_BEGIN_DECLS

/* The growing file, and the status of the generation that it comes from. One
 * worker writes it; any number of readers read it, at any offset and in any
 * thread. One mutex, one condition; it is never held while code of others
 * runs, but for a GenvidClipChange. Reference-counted. */
typedef struct _GenvidClip GenvidClip;

GenvidClip *genvid_clip_new (const char *provider, const char *model);
GenvidClip *genvid_clip_ref (GenvidClip *clip);
void genvid_clip_unref (GenvidClip *clip);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidClip, genvid_clip_unref)

GenvidClipStatus *genvid_clip_snapshot (GenvidClip *clip);
/* The same of its snapshot, without one. */
guint genvid_clip_get_serial (GenvidClip *clip);
gboolean genvid_clip_is_arriving (GenvidClip *clip);
guint64 genvid_clip_get_size (GenvidClip *clip);
gboolean genvid_clip_is_whole (GenvidClip *clip);
GenvidByteRanges *genvid_clip_get_ranges (GenvidClip *clip);

/* --- The worker's side. Each call wakes the readers if anything changed. ---
 */

/* Applies CHANGE to the clip's status under the lock. CHANGE must not call the
 * clip, and may set any field but serial, size, present and whole. The serial
 * goes up if anything differs afterwards. */
typedef void (*GenvidClipChange) (GenvidClipStatus *snapshot, gpointer data);
void genvid_clip_update (GenvidClip *clip, GenvidClipChange change,
                         gpointer data);
/* Copies RECORD into the clip's status. PROGRESS: per cent, -1: unknown.
 * STARTED: when it was submitted or resumed, by the boot clock; 0: unchanged.
 */
void genvid_clip_publish_record (GenvidClip *clip, const GenvidRecord *record,
                                 int progress, GenvidOrigin origin,
                                 gint64 started);

/* A finished clip, complete for every reader from now on. Takes FD. */
void genvid_clip_publish_stored (GenvidClip *clip, const GenvidRecord *record,
                                 int fd, const char *location,
                                 GenvidOrigin origin);

/* Adds one to a count of the status. */
typedef enum {
  GENVID_COUNT_SUBMITS,
  GENVID_COUNT_POLLS,
  GENVID_COUNT_UPLOADS,
} GenvidCount;
void genvid_clip_publish_count (GenvidClip *clip, GenvidCount count);

/* How much of an input is uploaded, per cent; -1: no upload is running. */
void genvid_clip_publish_upload (GenvidClip *clip, int percent);

/* One sentence for the user; NULL removes it. */
/* The machine that makes it, with GENVID_ORIGIN_SHARED; NULL: this one. A
 * record of another origin removes it. */
void genvid_clip_publish_host (GenvidClip *clip, const char *host);
/* The place in the service's queue; -1: none. */
void genvid_clip_publish_queue (GenvidClip *clip, int position);
void genvid_clip_publish_note (GenvidClip *clip, const char *note);

/* The file that holds the bytes. Takes FD, and closes it when the last read of
 * it has ended. RANGES: the bytes it has already; nullable. If it is another
 * file than before, or lacks bytes that were there, this is a reset: no reader
 * gets bytes of two files. */
void genvid_clip_set_file (GenvidClip *clip, int fd,
                           const GenvidByteRanges *ranges);
void genvid_clip_set_size (GenvidClip *clip, guint64 size);
/* The bytes [start, end) are in the file. Wakes the readers at most once. Only
 * one thread at a time may add bytes or reset. */
void genvid_clip_add_bytes (GenvidClip *clip, guint64 start, guint64 end);
/* Starts again without bytes, because the service sends another file. Readers
 * that got bytes of the first one fail. */
void genvid_clip_reset (GenvidClip *clip);
/* All bytes are there, at LOCATION (nullable). The state stays: the worker
 * sets it when the record is durable. */
void genvid_clip_finish (GenvidClip *clip, guint64 size, const char *location);
/* The run ended without a complete clip; FAILURE is copied. IF_UNREAD: only
 * where no reader is open. FALSE: one is, and nothing was changed. */
gboolean genvid_clip_fail (GenvidClip *clip, const GenvidFailure *failure,
                           gboolean if_unread);

/* What to prefetch: the first offset that a reader waits for and that is FAR
 * bytes or more beyond the bytes that are there without a gap from FROM on.
 * GENVID_SIZE_UNKNOWN: nothing. */
guint64 genvid_clip_get_wish (GenvidClip *clip, guint64 from, guint64 far);
/* WAKE wakes the worker. It is called from any thread, without a lock, when a
 * reader begins to wait for bytes that are not the next ones to arrive, and
 * when the last reader leaves. Set it once. NULL removes it: when that returns,
 * no call is running and none will follow, so WAKE itself must not do it. */
typedef void (*GenvidClipWake) (gpointer data);
void genvid_clip_set_wake (GenvidClip *clip, GenvidClipWake wake,
                           gpointer data);
guint genvid_clip_get_n_readers (GenvidClip *clip); /* open ones */

G_END_DECLS
