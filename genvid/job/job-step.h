/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "exchange.h"
#include "failure.h"

G_BEGIN_DECLS

typedef enum {
  GENVID_STEP_SEND,
  GENVID_STEP_WAIT,
  GENVID_STEP_DOWNLOAD,
  GENVID_STEP_DONE,
  GENVID_STEP_FAIL,
} GenvidStepKind;

/* What a job wants done. Borrowed from it until the next step, feed,
 * feed_media or abort: after an abort nothing of it may be performed. */
typedef struct {
  GenvidStepKind kind;
  GenvidExchange *exchange;    /* SEND */
  gboolean fresh;              /* SEND of a submit: a new intent-<n> first */
  gint64 until;                /* WAIT; SEND: the deadline, if it is sent now */
  const GenvidExchange *media; /* DOWNLOAD */
  gboolean again;              /* DOWNLOAD: the last one got nothing, so this
                                * one need try only once */
  const GenvidFailure *failure; /* FAIL */
  /* SEND, where the service allows only so many requests a minute: */
  gint64 since;   /* who has waited longer goes first */
  gint64 due;     /* from then on it is the last chance */
  gint64 turn_by; /* the end of its patience: genvid_job_feed_no_turn */
} GenvidStep;

/* The request limit allows no request before ROOM. Returns when to look again
 * for STEP, a SEND; 0: there is no room in time. */
gint64 genvid_step_look_again (const GenvidStep *step, gint64 room,
                               gint64 boot);

G_END_DECLS
