/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "failure.h"
#include "record.h"

G_BEGIN_DECLS

typedef enum {
  GENVID_ORIGIN_BOUGHT, /* this run bought it */
  GENVID_ORIGIN_SHARED, /* another element or process bought it */
  GENVID_ORIGIN_STORED, /* it was in the store */
} GenvidOrigin;
const char *genvid_origin_to_string (GenvidOrigin origin);

/* What is known of a clip at one moment. All progress that the element shows
 * is made from this. A value. */
typedef struct {
  guint serial; /* goes up when anything below changes, except for the
                 * bytes present */
  GenvidState state;
  char *provider;
  char *model; /* nullable */
  char *id;    /* nullable */
  int progress;
  int queue_position; /* at the service, 0: next; -1: none, or unknown */
  int uploading;   /* per cent of an input that is being uploaded; -1: none */
  gint64 started;  /* boot clock of the submit or resume; 0: not yet */
  double expected; /* seconds from submit to ready, an estimate; 0: none */
  double cost;
  char *currency; /* nullable */
  GenvidBilled billed;
  GenvidCancel cancel; /* what became of on-stop=cancel */
  GenvidOrigin origin;
  gint64 bought;          /* wall clock; 0: unknown */
  char *location;         /* the finished file; nullable */
  GenvidFailure *failure; /* if set, the run is over; nullable */
  JsonObject *details;    /* nullable */
  char *host;             /* which makes it, if it is another; nullable */
  char *note;             /* one sentence for the user; nullable */
  guint64 size;           /* GENVID_SIZE_UNKNOWN until known */
  guint64 present;        /* bytes there */
  gboolean whole;         /* all bytes are there and size is exact */
  gboolean index_last;    /* an MP4 whose mdat is before its moov */
  double duration; /* seconds that it plays, by its index; before that, as
                    * requested; 0: unknown */
  guint submits, polls, uploads, connections, resumes; /* for stats */
} GenvidClipStatus;

GenvidClipStatus *genvid_clip_status_copy (const GenvidClipStatus *snapshot);
void genvid_clip_status_free (GenvidClipStatus *snapshot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidClipStatus, genvid_clip_status_free)

/* Replaces the details with a copy that shares nothing, so that another thread
 * may free it. */
void genvid_clip_status_own_details (GenvidClipStatus *snapshot);
gboolean genvid_clip_status_equal (const GenvidClipStatus *a,
                                   const GenvidClipStatus *b);

/* It was submitted, or is about to be, and is not ready. */
gboolean genvid_clip_status_is_waiting (const GenvidClipStatus *status);
/* Bytes of it come over a line, or are about to. */
gboolean genvid_clip_status_is_arriving (const GenvidClipStatus *status);
/* Seconds since the submit, or since this process resumed the job. */
double genvid_clip_status_get_elapsed (const GenvidClipStatus *status);
/* "genpro kling-v2: running, 35 %, 42 s of about 75 s", in one line. Before the
 * purchase, only the upload of an input. ELAPSED: seconds since STATUS's start;
 * below 1, no time is shown. Owned by the caller. */
char *genvid_clip_status_describe (const GenvidClipStatus *status,
                                   double elapsed);

G_END_DECLS
