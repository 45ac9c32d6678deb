/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "failure.h"

G_BEGIN_DECLS

typedef enum {
  GENVID_MEDIA_COMPLETE, /* the clip is whole, durable and in its place */
  GENVID_MEDIA_EXPIRED,  /* not there yet, no longer there, or a web page: a
                          * fresh link is needed */
  GENVID_MEDIA_BROKEN,   /* gave up; bytes and job kept. With a retryable
                          * FAILURE it may work in a minute */
  GENVID_MEDIA_REFUSED,  /* unsafe, not media, too large, no space; job kept */
} GenvidMediaOutcome;

typedef struct {
  GenvidMediaOutcome outcome;
  const GenvidFailure *failure; /* all but COMPLETE; nullable */
  const char *extension;        /* COMPLETE */
  guint64 size;                 /* of the clip; else the bytes so far: a link
                                 * that delivered many is not counted against
                                 * the patience */
  gint64 retry_after;           /* microseconds; 0 or less: none */
} GenvidMedia;

G_END_DECLS
