/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "clip.h"
#include "failure.h"

G_BEGIN_DECLS

/* --- A reader's side. --- */

typedef struct _GenvidClipReader GenvidClipReader;

/* A place to wait, one an element's run. Holds the clip. */
GenvidClipReader *genvid_clip_add_reader (GenvidClip *clip);
/* Any thread: the reader is over; a wait that runs or comes ends with
 * STOPPED. Returns TRUE if no open reader is left. Then still to be freed. */
gboolean genvid_clip_reader_stop (GenvidClipReader *reader);
void genvid_clip_reader_free (GenvidClipReader *reader);

/* Any thread. TRUE ends the waits that run and those that come until FALSE;
 * FALSE never puts an ended wait back to sleep (an epoch counts). */
void genvid_clip_reader_set_flushing (GenvidClipReader *reader,
                                      gboolean flushing);

typedef enum {
  GENVID_READ_DATA,    /* *AVAILABLE bytes from OFFSET are there */
  GENVID_READ_EOS,     /* OFFSET is at or beyond the size; where all bytes are
                        * there, they are a clip */
  GENVID_READ_CHANGED, /* the snapshot's serial is not SEEN any more */
  GENVID_READ_FLUSHING,
  GENVID_READ_STOPPED,
  GENVID_READ_FAILED, /* genvid_clip_reader_get_failure says why */
} GenvidReadOutcome;

/* What a wait would say at once of the reader itself: STOPPED, FLUSHING, or
 * DATA when it may wait. */
GenvidReadOutcome genvid_clip_reader_check (GenvidClipReader *reader);
/* Waits for bytes. LENGTH: with WHOLE all of them (or up to the exact end),
 * else at least one. SEEN: serial of the last snapshot the caller reported;
 * a change is returned before bytes. Bytes that are there are returned even
 * after a failure; with WHOLE, if all that was asked for is there. */
GenvidReadOutcome genvid_clip_reader_wait (GenvidClipReader *reader,
                                           guint64 offset, gsize length,
                                           gboolean whole, guint seen,
                                           gsize *available);
/* Copies bytes that a wait announced, straight from the file; -1 with a
 * GError (also when the clip was reset since: never bytes of two files). */
gssize genvid_clip_reader_read (GenvidClipReader *reader, guint64 offset,
                                guint8 *buffer, gsize length, GError **error);
/* Why a wait said FAILED: the reader's own failure (the file changed under
 * it), else the clip's. Owned by the caller; NULL if neither failed. */
GenvidFailure *genvid_clip_reader_get_failure (GenvidClipReader *reader);

G_END_DECLS
