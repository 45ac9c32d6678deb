/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "call.h"
#include "exchange.h"
#include "failure.h"
#include "job.h"
#include "log.h"
#include "moment.h"
#include "provider.h"
#include "record.h"
#include "reply.h"

G_BEGIN_DECLS

/* Private to the files of the job. job.c drives: it hands each answer to the
 * file of its stage (job-purchase, job-poll, job-media, job-cancel), which
 * changes what it knows and returns a transition, and job.c alone applies it.
 * Calls go one way: job.c → these files → job-state.c → job-news.c. */

/* Of a doubt, in one run. */
#define GENVID_JOB_LOOKUP_PATIENCE (20 * (gint64)G_USEC_PER_SEC)

typedef enum {
  GENVID_STAGE_UPLOAD,
  GENVID_STAGE_SUBMIT,
  GENVID_STAGE_REPLAY, /* settles a doubt by the same submit again */
  GENVID_STAGE_LOOKUP, /* settles a doubt by asking the service */
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
  GenvidExchange *media; /* how to get the clip; NULL: not ready */
  char *odd_word; /* the service's last word for a state; NULL: we know it */
  int progress;
  int queue;           /* the last place in the queue; -1 unknown */
  gboolean overpriced; /* cancelled because of the service's estimate */
  GenvidBilled billed; /* what the service last said */

  GenvidStage stage;
  GenvidExchange *exchange; /* sent and not yet fed */
  gint64 built;             /* boot: when it was first returned by step */
  guint n_built;            /* exchanges, in this run */
  gint64 asking;            /* boot: when it was last returned by step */
  gint64 asked;             /* boot: when the last one fed was sent; 0 never */
  gint64 not_before;        /* boot */

  gboolean intended; /* intent-<n> stands */
  gboolean reopened; /* the doubt of an earlier start */
  gboolean resubmitted;
  guint n_uploaded;
  guint tries, busy; /* of this stage */
  gint64 since;      /* boot: when this stage began */

  gboolean resumed;
  gint64 started; /* boot: accepted or resumed */
  gint64 deadline;
  gint64 pending;     /* boot: when a poll last said not yet; 0 never */
  GenvidPhase phase;  /* what it said then */
  gboolean resulting; /* ready, and the result is asked for */
  guint strikes, misses, unsafe, linkless;
  guint denied, rejected, oversized; /* in a row */
  gint64 rejected_since;             /* boot */
  char *refused; /* why the last polls said nothing; NULL: they did */

  /* Ready, but the clip cannot be fetched. */
  GenvidFailure *trouble; /* the last one of the media server */
  char *note;
  gint64 waiting;  /* boot: since when; 0 not */
  gint64 unlinked; /* boot: since when the service gives no link */
  gint64 pages;    /* boot: since when a page is in its place; 0 not */
  guint vain;      /* downloads that brought nothing since */
  guint gone;      /* the last of them that said 410 or 451, in a row */
  guint links;     /* that brought much, and then no more */
  guint64 held;    /* bytes, when one last brought much */

  gboolean cancel_heard; /* no need to send it again in this run */
  gboolean cancel_asked; /* a poll went out early, to see if it is allowed */
  gboolean cancel_shut;  /* not now: the last poll does not allow it */
  gboolean dropped;      /* by the wish, before anything was bought */
  guint cancel_tries;
  gint64 cancel_at; /* boot */

  GenvidState logged; /* the record's state when it was last logged */
  gboolean timed;     /* SECONDS waits to be taken */
  double seconds;
};

typedef enum {
  GENVID_MOVE_STAY,  /* in this stage: again at NOT_BEFORE */
  GENVID_MOVE_ENTER, /* STAGE, from NOT_BEFORE */
  GENVID_MOVE_STOP,  /* this run fails; the record stays as it is */
  GENVID_MOVE_END,   /* this run fails, and the record says STATE */
} GenvidMove;

/* What a stage decided. Whoever receives one applies it, once. */
typedef struct {
  GenvidMove move;
  gint64 not_before;      /* boot; STAY, ENTER */
  GenvidStage stage;      /* ENTER */
  GenvidFailure *failure; /* owned; STOP, END */
  GenvidState state;      /* END */
  gboolean frees;         /* END: a next purchase is allowed */
} GenvidTransition;

GenvidTransition genvid_transition_stay (gint64 not_before);
GenvidTransition genvid_transition_enter (GenvidStage stage, gint64 not_before);
/* These two take FAILURE. */
GenvidTransition genvid_transition_stop (GenvidFailure *failure);
GenvidTransition genvid_transition_end (GenvidState state,
                                        GenvidFailure *failure, gboolean frees);

/* One line to the log, with the generation's name in front; no key. */
void genvid_job_log (const GenvidJob *job, GenvidLogLevel level,
                     const char *format, ...) G_GNUC_PRINTF (3, 4);
/* The record may have changed: a new serial if it has. */
void genvid_job_note (GenvidJob *job);
/* The generation's, or the one to be adopted; nullable. */
const char *genvid_job_get_id (const GenvidJob *job);
gint64 genvid_job_get_timeout (const GenvidJob *job);
/* How long a clip that is ready may stay out of reach. */
gint64 genvid_job_get_patience (const GenvidJob *job);
/* Since the submit where that is known, else since this run began. */
gint64 genvid_job_get_elapsed (const GenvidJob *job, const GenvidNow *now);
/* Adds the details of READING to the record's; earlier ones stay. */
void genvid_job_take_details (GenvidJob *job, const GenvidReply *reading);

G_END_DECLS
