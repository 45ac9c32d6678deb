/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstbasesrc.h>
#include "clip-status.h"
#include "failure.h"

G_BEGIN_DECLS

/* What was reported of a play so far. Each status of the clip appears as
 * PROGRESS messages, as the element message "genvid-generation" and as notified
 * properties. Used by one thread at a time (see gstgenvidplay.h). Every
 * function below may post messages, so no lock may be held. */
typedef struct {
  gboolean open;            /* the task "generate" has started, not ended */
  gboolean begun;           /* it has started, once a play */
  gboolean arrived;         /* the first bytes are there */
  guint64 size;             /* the last one posted, or GENVID_SIZE_UNKNOWN */
  int percent;              /* of the last one; never falls */
  char *text;               /* of the last START or CONTINUE */
  double elapsed;           /* the seconds in it */
  gint64 shown;             /* monotonic: when it was posted */
  GstStructure *fields;     /* of the last element message */
  GenvidClipStatus *status; /* the last one; NULL before the first */
} GstGenvidProgress;

void gst_genvid_progress_init (GstGenvidProgress *progress);
void gst_genvid_progress_clear (GstGenvidProgress *progress);

/* Takes STATUS and reports what is new in it, and the time that has passed. */
void gst_genvid_progress_update (GstGenvidProgress *progress,
                                 GstBaseSrc *source, GenvidClipStatus *status);
/* Reports that time has passed, if nothing else has. */
void gst_genvid_progress_report_time (GstGenvidProgress *progress,
                                      GstBaseSrc *source);
/* Monotonic: when time must be shown next; G_MAXINT64: no task is open. */
gint64 gst_genvid_progress_get_due (const GstGenvidProgress *progress);
/* The first bytes are about to be returned. PROMPT nullable. */
void gst_genvid_progress_arrive (GstGenvidProgress *progress,
                                 GstBaseSrc *source, const char *prompt);
/* SIZE is exact, or GENVID_SIZE_UNKNOWN. Sets the segment's duration each time,
 * because the base class overwrites it with an older value. */
void gst_genvid_progress_size (GstGenvidProgress *progress, GstBaseSrc *source,
                               guint64 size);
/* Posts the error of this play, then the end of the task. */
void gst_genvid_progress_fail (GstGenvidProgress *progress, GstBaseSrc *source,
                               const GenvidFailure *failure);
/* What a stop does to the generation. */
typedef enum {
  GST_GENVID_LEAVING_KEEPS,
  GST_GENVID_LEAVING_CANCELS,
  GST_GENVID_LEAVING_CANNOT_CANCEL, /* the service has no cancel */
} GstGenvidLeaving;
/* The play was stopped. FINGERPRINT names the purchase that continues. */
void gst_genvid_progress_cancel (GstGenvidProgress *progress,
                                 GstBaseSrc *source, GstGenvidLeaving leaving,
                                 const char *fingerprint);

G_END_DECLS
