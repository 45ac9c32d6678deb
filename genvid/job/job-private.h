/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "call.h"
#include "exchange.h"
#include "failure.h"
#include "job.h"
#include "moment.h"
#include "provider.h"
#include "record.h"
#include "reply.h"

G_BEGIN_DECLS

/* The parts of one job know each other by this header and nobody else does:
 * job.c steps and feeds, -start judges what a new start finds,
 * -submit buys, -doubt settles what is not known, -wait polls, -refusal takes
 * what polls bring instead of news, -turn waits for leave to ask, -cancel and
 * -media do what they say, -end writes the last word. */

#define GENVID_LOOKUP_PATIENCE (20 * (gint64)G_USEC_PER_SEC) /* a run */
/* Between purchases: players restart a failing source in loops. */
#define GENVID_REST (60 * (gint64)G_USEC_PER_SEC)

typedef enum {
  GENVID_STAGE_UPLOAD,
  GENVID_STAGE_SUBMIT,
  GENVID_STAGE_REPLAY, /* a doubt, settled by the same submit again */
  GENVID_STAGE_LOOKUP, /* a doubt, settled by asking */
  GENVID_STAGE_POLL,
  GENVID_STAGE_MEDIA,
  GENVID_STAGE_DONE,
  GENVID_STAGE_FAIL,
} GenvidStage;

struct _GenvidJob {
  GenvidCall *call;
  GenvidProvider *provider; /* the call's */
  GenvidRecord *record;
  char *noted; /* the record's text at this serial */
  guint serial;
  GenvidJobOptions options;
  char *adopt; /* an id that no answer has confirmed yet */
  GenvidFailure *failure;
  char *link;
  char *odd_word; /* the service's last one for a state; NULL: it is known */
  int progress;
  GenvidBilled billed; /* the service's last word on it */

  GenvidStage stage;
  GenvidExchange *exchange; /* sent and not yet fed */
  gint64 built;             /* boot: when it was first told */
  gint64 asking;            /* boot: when it was last told */
  gint64 asked;             /* boot: when the last one fed was sent; 0 never */
  gint64 not_before;        /* boot */

  gboolean intended; /* intent-<n> stands */
  gboolean reopened; /* the doubt of a former start */
  gboolean resubmitted;
  guint n_uploaded;
  guint tries, busy; /* of this stage */
  gint64 since;      /* boot: when this stage began */

  gboolean resumed;
  gint64 started; /* boot: accepted or resumed */
  gint64 deadline;
  gint64 pending; /* boot: when a poll last said not yet; 0 never */
  guint strikes, misses, unsafe, linkless;
  guint denied, rejected, oversized; /* in a row */
  gint64 rejected_since;             /* boot */
  char *refused; /* why the last polls told nothing; NULL: they did */

  /* Ready, and not to be had. */
  GenvidFailure *trouble; /* the last one of the media server */
  char *note;
  gint64 waiting;  /* boot: since when; 0 not */
  gint64 unlinked; /* boot: since when the service does not say where */
  gint64 pages;    /* boot: since when a page is in its place; 0 not */
  guint vain;      /* downloads that brought nothing since */
  guint gone;      /* the last of them, by its own word for ever */
  guint links;     /* that brought much, and then no more */
  guint64 held;    /* bytes, when one did last */

  gboolean cancel_heard; /* no need to send it again in this run */
  guint cancel_tries;
  gint64 cancel_at; /* boot */

  gboolean timed; /* SECONDS waits to be taken */
  double seconds;
};

/* What was fed, and what it says. */
typedef struct {
  const GenvidAnswer *answer;
  const GenvidReply *reading; /* NULL: no reply, or an unreadable one */
  const GenvidNow *now;
} GenvidNews;

/* job.c */
void genvid_job_note (GenvidJob *job);
void genvid_job_enter (GenvidJob *job, GenvidStage stage, gint64 not_before,
                       const GenvidNow *now);
const char *genvid_job_get_id (const GenvidJob *job);

G_END_DECLS
