/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "failure.h"

G_BEGIN_DECLS

/* A response of a service in our words: what a description's paths and rules
 * found in it. */

typedef enum {
  GENVID_PHASE_UNKNOWN, /* no word, or one the description does not know:
                         * it goes on */
  GENVID_PHASE_MISSING, /* the service does not know the generation, or not
                         * yet */
  GENVID_PHASE_QUEUED,
  GENVID_PHASE_RUNNING,
  GENVID_PHASE_SUCCEEDED,
  GENVID_PHASE_FAILED,
  GENVID_PHASE_REFUSED, /* moderation */
  GENVID_PHASE_CANCELLED,
} GenvidPhase;

typedef struct {
  GenvidPhase phase;
  char *word;        /* the service's own word for it; nullable */
  char *id;          /* nullable */
  int progress;      /* 0 to 100, -1 unknown */
  int queue;         /* the place in the service's queue, 0: next; -1 unknown */
  gint64 poll_after; /* microseconds: when to ask again; -1 unknown */
  gboolean unbought; /* of a 2xx to a submit: the description proves that it
                      * took nothing; the refusal says why */
  gboolean duplicate; /* the submit was refused because its idempotency value
                       * has been used */
  double estimate;    /* USD: what the service expects it to cost; -1 unknown */
  char *link;         /* where the media is; absolute; nullable */
  char *message;      /* the service's words, cut and valid; nullable */
  char *code;         /* its code; nullable */
  double cost;        /* -1 unknown */
  char *currency;     /* "USD", "credits"; nullable */
  char *main_currency; /* the first that the description names; nullable */
  GenvidBilled billed;
  GenvidReason refusal; /* for an HTTP error: what the description or HTTP
                         * itself makes of it; else NONE */
  gint64 created_us;    /* the service's own clock; 0 unknown */
  gint64 completed_us;
  JsonObject *captures; /* name → node, for later templates; never NULL */
  JsonObject *details;  /* name → scalar, shown to the application
                         * (thumbnail-url, user-job-type…); never NULL */
} GenvidReply;

GenvidReply *genvid_reply_new (void);
void genvid_reply_free (GenvidReply *reply);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidReply, genvid_reply_free)

const char *genvid_phase_to_string (GenvidPhase phase);
/* GENVID_PHASE_UNKNOWN for an unknown name or NULL. */
GenvidPhase genvid_phase_from_string (const char *name);

G_END_DECLS
