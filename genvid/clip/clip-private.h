/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include "byte-ranges.h"
#include "clip-reader.h"
#include "clip-status.h"
#include "clip.h"
#include "container.h"

G_BEGIN_DECLS

/* What clip.c and clip-reader.c share. */

/* A read may still use one when the clip already has another. */
typedef struct {
  gatomicrefcount references;
  int fd;
  dev_t device; /* which file it is */
  ino_t inode;
} GenvidClipFile;

/* A reader that sleeps; on its own stack. */
typedef struct {
  guint64 offset;
  gsize length;
} GenvidClipWait;

struct _GenvidClip {
  gatomicrefcount references;
  GMutex mutex; /* guards all below but the worker's own */
  GCond cond;
  GenvidClipStatus *now;
  GenvidByteRanges *ranges;
  GenvidClipFile *file; /* nullable */
  guint resets;
  guint64 head;   /* the end of the last bytes that arrived */
  GQueue waits;   /* of GenvidClipWait, the oldest first */
  GList *readers; /* of GenvidClipReader, borrowed */
  guint n_open;
  GenvidClipWake wake; /* nullable */
  gpointer wake_data;
  guint wakes_running;

  /* The worker's own: no lock. */
  GenvidByteRanges *written;
  GenvidBoxes boxes;
  guint64 index;   /* where the moov begins, when BOXES has seen it */
  double duration; /* what it says */
  gboolean timed;  /* it says no more */
};

struct _GenvidClipReader {
  GenvidClip *clip;
  gboolean stopped;
  gboolean flushing;
  guint epoch;           /* of flushes */
  gboolean took;         /* got bytes since the last reset */
  gboolean lost;         /* and then the clip was reset */
  GenvidClipWatch watch; /* nullable */
  gpointer watch_data;
};

GenvidClipFile *genvid_clip_file_ref (GenvidClipFile *file);
void genvid_clip_file_unref (GenvidClipFile *file);
/* Under the mutex; releases it during the call. */
void genvid_clip_call_wake (GenvidClip *clip);
/* Under the mutex: bytes from OFFSET on without a gap, up to the size. */
guint64 genvid_clip_available (GenvidClip *clip, guint64 offset);

G_END_DECLS
