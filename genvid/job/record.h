/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "failure.h"
#include "moment.h"
#include "state.h"

G_BEGIN_DECLS

/* What is known of a purchase: the part of a job that outlives the process,
 * as the store keeps it in job.json. */

#define GENVID_RECORD_VERSION 1

typedef struct {
  char *fingerprint;
  char *provider;
  char *call;
  char *model;  /* nullable */
  char *prompt; /* nullable; docs/genvid-store.md says that it is kept */
  guint n;      /* the purchase, from 1 */
  GenvidState state;
  char *id;               /* nullable */
  JsonObject *captures;   /* nullable */
  JsonArray *uploads;     /* the ids of what was uploaded, by index, so that a
                           * replay sends the same body; nullable */
  GenvidMoment intended;  /* when intent-<n> was made */
  gint64 ready;           /* wall; 0 unknown: the service said succeeded */
  gint64 ended;           /* wall; 0 unknown: done, failed or cancelled */
  GenvidFailure *failure; /* of FAILED, CANCELLED and IN_DOUBT; an in-doubt
                           * one in SUBMITTING while it is being settled, and
                           * in IDLE where N is to be bought in spite of the
                           * doubt of N - 1 and has not begun; nullable */
  gboolean frees;         /* FAILED, CANCELLED: a next purchase is allowed */
  gboolean cancel;        /* the wish to cancel */
  GenvidCancel outcome;   /* of the wish; of this run, so not in the text */
  gboolean adopted;
  double estimate;       /* USD: the service's, of a generation that was
                          * cancelled for it; -1: none */
  double cost;           /* -1 unknown */
  char *currency;        /* nullable */
  char *key_hash;        /* "SALT:HEX" of the key that bought it; nullable */
  char *media_extension; /* "mp4"; nullable until DONE */
  guint64 media_size;    /* 0 until DONE */
  JsonObject *details;   /* nullable */
  /* What was asked for and where, so that a purchase can be continued by its
   * fingerprint alone; both nullable. Whoever sets them leaves out what says
   * where a key goes, and the queries of links. */
  JsonObject *request; /* as genvid_request_to_json writes it */
  char *base_url;
} GenvidRecord;

GenvidRecord *genvid_record_new (const char *fingerprint, const char *provider);
GenvidRecord *genvid_record_copy (const GenvidRecord *record);
void genvid_record_free (GenvidRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidRecord, genvid_record_free)

/* Owned by the caller; ends with a newline; always short enough to be read
 * again (a prompt beyond 16 KiB is cut, captures beyond 128 KiB are left
 * out). URLs in the details lose their queries: a signed one never reaches the
 * disk. */
char *genvid_record_to_text (const GenvidRecord *record);
/* NULL with GENVID_ERROR (bad-answer) for a damaged text, and with
 * GENVID_ERROR (settings) for one from a future version. A member of this
 * version that is not known is ignored; one that is missing or has the wrong
 * type is damage where money depends on it. */
GenvidRecord *genvid_record_from_text (const char *text, gssize length,
                                       GError **error);

G_END_DECLS
