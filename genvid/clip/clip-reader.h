/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "clip.h"
#include "failure.h"

G_BEGIN_DECLS

typedef struct _GenvidClipReader GenvidClipReader;

/* One reader of a clip: it waits for bytes and copies them. Holds a reference
 * to the clip. NULL: the clip has failed. */
GenvidClipReader *genvid_clip_add_reader (GenvidClip *clip);
/* Any thread: waits end with STOPPED, now and later. TRUE: no open reader is
 * left. The reader must still be freed. */
gboolean genvid_clip_reader_stop (GenvidClipReader *reader);
void genvid_clip_reader_free (GenvidClipReader *reader);

/* Any thread. TRUE ends every wait until FALSE is set. A wait that has ended
 * does not resume at FALSE. */
void genvid_clip_reader_set_flushing (GenvidClipReader *reader,
                                      gboolean flushing);

typedef enum {
  GENVID_READ_DATA,    /* *AVAILABLE bytes from OFFSET on are there */
  GENVID_READ_EOS,     /* OFFSET is at or beyond the size; if all bytes are
                        * there, they are a valid clip */
  GENVID_READ_CHANGED, /* the status's serial is no longer SEEN */
  GENVID_READ_FLUSHING,
  GENVID_READ_STOPPED,
  GENVID_READ_FAILED, /* genvid_clip_reader_get_failure says why */
} GenvidReadOutcome;

/* STOPPED or FLUSHING if a wait would return that at once, else DATA. */
GenvidReadOutcome genvid_clip_reader_check (GenvidClipReader *reader);
/* Waits for LENGTH bytes with WHOLE (fewer at the end of the file), else for
 * at least one. SEEN: the serial of the last status that the caller reported;
 * a change is returned before bytes. After a failure, bytes that are there are
 * still returned; with WHOLE, only if all of them are there. */
GenvidReadOutcome genvid_clip_reader_wait (GenvidClipReader *reader,
                                           guint64 offset, gsize length,
                                           gboolean whole, guint seen,
                                           gsize *available);
/* While all bytes are there and the clip is neither done nor failed: waits for
 * the next change. DATA: nothing to wait for. */
GenvidReadOutcome genvid_clip_reader_wait_finished (GenvidClipReader *reader,
                                                    guint seen);
/* WATCH is called in any thread whenever the status's serial goes up, until it
 * is NULL, under the clip's lock: it must not call the clip, nor wait. */
typedef void (*GenvidClipWatch) (gpointer data);
void genvid_clip_reader_set_watch (GenvidClipReader *reader,
                                   GenvidClipWatch watch, gpointer data);
/* Copies bytes that a wait returned, from the file. -1 with an error, also if
 * the clip was reset since. */
gssize genvid_clip_reader_read (GenvidClipReader *reader, guint64 offset,
                                guint8 *buffer, gsize length, GError **error);
/* Why a wait returned FAILED: the file changed while it was read, or else the
 * clip's failure. Owned by the caller; NULL if neither failed. */
GenvidFailure *genvid_clip_reader_get_failure (GenvidClipReader *reader);

G_END_DECLS
