/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "clip-status.h"
#include "clip.h"
#include "record.h"

G_BEGIN_DECLS

/* From records to what readers of a clip see. Any thread. */

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

G_END_DECLS
