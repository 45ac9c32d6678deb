/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include "byte-ranges.h"
#include "clip-status.h"
#include "clip.h"
#include "container.h"

G_BEGIN_DECLS

/* What a clip's two sides share. */

/* A file that reads may still use when the clip has another already. */
typedef struct {
  gatomicrefcount references;
  int fd;
  dev_t device; /* which file it is */
  ino_t inode;
} GenvidClipFile;

/* One wait that sleeps; on the sleeper's stack. */
typedef struct {
  guint64 offset;
  gsize length;
} GenvidClipWait;

struct _GenvidClip {
  gatomicrefcount references;
  GMutex mutex; /* guards all below but the writer's own */
  GCond cond;
  GenvidClipStatus *now;
  GenvidByteRanges *ranges;
  GenvidClipFile *file; /* nullable */
  guint resets;
  guint64 head;   /* where the last bytes that came end */
  GQueue waits;   /* of GenvidClipWait, the first to wait first */
  GList *readers; /* of GenvidClipReader, borrowed */
  guint n_open;
  GenvidClipWake wake; /* nullable */
  gpointer wake_data;
  guint wakes_running;

  /* The writer's own: no lock. */
  GenvidByteRanges *written;
  GenvidBoxes boxes;
};

struct _GenvidClipReader {
  GenvidClip *clip;
  gboolean stopped;
  gboolean flushing;
  guint epoch;   /* of flushes */
  gboolean took; /* was told of bytes since the last reset */
  gboolean lost; /* and then came a reset */
};

GenvidClipFile *genvid_clip_file_ref (GenvidClipFile *file);
void genvid_clip_file_unref (GenvidClipFile *file);
/* Under the mutex, which it leaves for the call. */
void genvid_clip_call_wake (GenvidClip *clip);
/* Under the mutex: bytes from OFFSET on without a gap, up to the size. */
guint64 genvid_clip_available (GenvidClip *clip, guint64 offset);

G_END_DECLS
