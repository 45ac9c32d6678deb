/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstbasesrc.h>
#include "clip-status.h"
#include "failure.h"

G_BEGIN_DECLS

/* What a run has told so far. One snapshot has three faces: PROGRESS
 * messages, the element message "genvid-generation", and properties; all are
 * rendered here. Used by one thread at a time (see gstgenvidplay.h); every
 * function below may post messages, so no lock may be held. */
typedef struct {
  guint serial;           /* of the last snapshot that was told */
  gboolean open;          /* the task "generate" has begun and not ended */
  gboolean begun;         /* it has begun, once a run */
  gboolean arrived;       /* the first bytes are there */
  guint64 size;           /* the last one told; GENVID_SIZE_UNKNOWN */
  char *text;             /* of the last CONTINUE */
  GstStructure *fields;   /* of the last element message */
  GenvidClipStatus *told; /* the last snapshot; NULL before the first */
} GstGenvidProgress;

void gst_genvid_progress_init (GstGenvidProgress *progress);
void gst_genvid_progress_clear (GstGenvidProgress *progress);

/* Takes SNAPSHOT and tells what is new in it. */
void gst_genvid_progress_tell (GstGenvidProgress *progress, GstBaseSrc *source,
                               GenvidClipStatus *snapshot);
/* The first bytes are about to be returned. PROMPT nullable. */
void gst_genvid_progress_arrive (GstGenvidProgress *progress,
                                 GstBaseSrc *source, const char *prompt);
/* SIZE is exact, or GENVID_SIZE_UNKNOWN. Repairs the segment each time, which
 * the base class overwrites with what it knew before. */
void gst_genvid_progress_size (GstGenvidProgress *progress, GstBaseSrc *source,
                               guint64 size);
/* Posts the one error of this run, and after it the end of the task. */
void gst_genvid_progress_fail (GstGenvidProgress *progress, GstBaseSrc *source,
                               const GenvidFailure *failure);
/* The run was stopped. FINGERPRINT names what goes on without us. */
void gst_genvid_progress_cancel (GstGenvidProgress *progress,
                                 GstBaseSrc *source, const char *fingerprint);

G_END_DECLS
