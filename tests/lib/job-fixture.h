/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "exchange.h"
#include "failure.h"
#include "job.h"
#include "moment.h"
#include "provider.h"
#include "record.h"

/* A made-up service, a disk and two clocks around one job: the performer that
 * the job's header asks for, in memory. */

#define BASE_URL    "https://api.example.com"
#define WALL_START  (1700000000 * (gint64)G_USEC_PER_SEC)
#define SECONDS(n)  ((gint64)(n)*G_USEC_PER_SEC)
#define FINGERPRINT "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf"

typedef struct {
  GenvidRecovery recovery;
  gboolean cancel;     /* has a cancel call */
  gboolean upload;     /* the request has a picture to upload */
  gboolean retry_503;  /* by its description's word */
  gboolean captured;   /* the poll's URL comes from the answer */
  const char *billing; /* of failures; NULL: unknown */
  guint patience;      /* 0: 180 */
  const char *members; /* of the description, over those that the above make:
                        * a JSON object, whose own objects are merged one level
                        * deep, and in them null takes away; nullable */
} Service;

typedef struct {
  Service service;
  GenvidProvider *provider;
  GenvidJobOptions options;
  GenvidNow now;
  GenvidRecord *disk; /* what a restart would find */
  gint64 recalled;    /* an upload's id, known before the job; 0: none */
  guint saves;
  GenvidJob *job;
  guint serial;
  GenvidStep step; /* the last one */
  guint fresh;     /* submits that could buy, all starts together */
  guint submits;   /* fresh or not */
  char *value;     /* idempotency of the last submit */
} World;

World *world_new (Service service);
void world_free (World *world);
/* Another life of the same service: nothing bought, nothing stored. */
void world_reset (World *world);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

/* Makes a new job from what is on disk, as another process would. */
void world_start (World *world);
/* The process ends now; what is not on disk is lost. */
void world_crash (World *world);
/* Steps, and writes the record if it changed. */
GenvidStep *world_step (World *world);
void world_save (World *world);
/* The last step was a submit: its idempotency value is kept. */
void world_note_value (World *world);
void world_advance (World *world, gint64 microseconds);

/* The next step is a SEND of this kind; a fresh one gets its intent. */
void world_send (World *world, GenvidExchangeKind kind, gboolean fresh);
/* The next step is a WAIT of MINIMUM to MAXIMUM seconds; time passes. */
void world_wait (World *world, double minimum, double maximum);
/* Waits, if it has to, until there is something to send. */
void world_until_send (World *world, GenvidExchangeKind kind);
/* All further steps are this FAIL. */
const GenvidFailure *world_fail (World *world, GenvidReason reason);

void world_reply (World *world, guint status, const char *body);
/* Takes ANSWER. */
void world_feed (World *world, GenvidAnswer *answer);
void world_reply_later (World *world, guint status, const char *retry_after);
void world_answer (World *world, GenvidAnswerKind kind);

/* Starts, and the first step is a fresh submit. */
void world_submit (World *world);
/* Waits until it polls, and answers with BODY. */
void world_poll (World *world, const char *body);
/* The wish to cancel; the next step tells the service. */
void world_cancel (World *world);
/* Submits and gets id 7. */
void world_accept (World *world);
/* Accepts, polls, and gets a link. */
void world_ready (World *world);
