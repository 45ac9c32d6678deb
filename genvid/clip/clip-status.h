/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "failure.h"
#include "record.h"

G_BEGIN_DECLS

typedef enum {
  GENVID_ORIGIN_BOUGHT, /* this run made the service work */
  GENVID_ORIGIN_SHARED, /* another element or process is having it made */
  GENVID_ORIGIN_STORED, /* it was in the store already */
} GenvidOrigin;
const char *genvid_origin_to_string (GenvidOrigin origin);

/* One moment of a clip, as a value. Every face of progress renders this. */
typedef struct {
  guint serial; /* differs from the last one whenever anything below does,
                 * bytes aside */
  GenvidState state;
  char *provider;
  char *model; /* nullable */
  char *id;    /* nullable */
  int progress;
  int uploading;  /* per cent of an input on its way to the service, -1 */
  gint64 started; /* boot clock of the submit or resume; 0 not yet */
  double cost;
  char *currency; /* nullable */
  GenvidBilled billed;
  GenvidOrigin origin;
  gint64 bought;          /* wall: when a stored clip was bought; 0 unknown */
  char *location;         /* the finished file; nullable */
  GenvidFailure *failure; /* set: the run is over; nullable */
  JsonObject *details;    /* nullable */
  char *note;             /* one sentence for a human; nullable */
  guint64 size;           /* GENVID_SIZE_UNKNOWN until known */
  guint64 present;        /* bytes there */
  gboolean whole;         /* all bytes are there and size is exact */
  gboolean index_last;    /* an MP4 whose mdat came before its moov */
  guint submits, polls, uploads, connections, resumes; /* for stats */
} GenvidClipStatus;

GenvidClipStatus *genvid_clip_status_copy (const GenvidClipStatus *snapshot);
void genvid_clip_status_free (GenvidClipStatus *snapshot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidClipStatus, genvid_clip_status_free)

/* Its details become a copy that shares nothing, so that another thread may
 * free it. */
void genvid_clip_status_own_details (GenvidClipStatus *snapshot);
gboolean genvid_clip_status_equal (const GenvidClipStatus *a,
                                   const GenvidClipStatus *b);

G_END_DECLS
