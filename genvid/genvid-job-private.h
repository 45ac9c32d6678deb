/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <genvid/genvid-job.h>

G_BEGIN_DECLS

/* The parts of one job know each other by this header and nobody else does:
 * genvid-job.c steps and feeds, -start judges what a new start finds,
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
  const GenvidReading *reading; /* NULL: no reply, or an unreadable one */
  const GenvidNow *now;
} GenvidNews;

gboolean genvid_news_is_success (const GenvidNews *news);
/* "HTTP 422, job_limit: the service's words"; owned by the caller. */
char *genvid_news_describe (const GenvidNews *news);
/* A failure of REASON with what NEWS says of it. */
GenvidFailure *genvid_news_fail (const GenvidNews *news, GenvidReason reason,
                                 const char *message);

/* genvid-job.c */
void genvid_job_note (GenvidJob *job);
void genvid_job_enter (GenvidJob *job, GenvidStage stage, gint64 not_before,
                       const GenvidNow *now);
const char *genvid_job_get_id (const GenvidJob *job);

/* genvid-job-start.c */
void genvid_job_open (GenvidJob *job, const GenvidNow *now);
void genvid_job_resume (GenvidJob *job, const GenvidNow *now);
void genvid_job_begin_purchase (GenvidJob *job, const GenvidNow *now);
void genvid_job_refuse_to_buy (GenvidJob *job, const char *message);
/* The next purchase of the same request; nothing of the last one stays. */
void genvid_job_renew (GenvidJob *job);
/* The next purchase in spite of a doubt, which it takes. */
void genvid_job_renew_doubt (GenvidJob *job, GenvidFailure *doubt);
/* TRUE if that purchase had not begun: the record is as before it. */
gboolean genvid_job_return_to_doubt (GenvidJob *job);

/* genvid-job-submit.c */
/* The next upload, or the submit. */
void genvid_job_enter_purchase (GenvidJob *job, const GenvidNow *now);
void genvid_job_feed_upload (GenvidJob *job, const GenvidNews *news);
void genvid_job_feed_submit (GenvidJob *job, const GenvidNews *news);
void genvid_job_accept (GenvidJob *job, const GenvidNews *news,
                        gboolean read_phase);

/* genvid-job-doubt.c */
gboolean genvid_job_may_replay (const GenvidJob *job, const GenvidNow *now);
/* NEWS nullable: a former process left the doubt behind. */
void genvid_job_enter_doubt (GenvidJob *job, const GenvidNews *news,
                             const GenvidNow *now);
void genvid_job_keep_doubt (GenvidJob *job, const GenvidNews *news,
                            const GenvidNow *now);
void genvid_job_feed_replay (GenvidJob *job, const GenvidNews *news);
void genvid_job_feed_lookup (GenvidJob *job, const GenvidNews *news);

/* genvid-job-wait.c */
void genvid_job_take_details (GenvidJob *job, const GenvidReading *reading);
void genvid_job_take_reading (GenvidJob *job, const GenvidNews *news);
void genvid_job_feed_poll (GenvidJob *job, const GenvidNews *news);
/* When to poll next, after NEWS. */
void genvid_job_plan_next (GenvidJob *job, const GenvidNews *news);
gint64 genvid_job_get_elapsed (const GenvidJob *job, const GenvidNow *now);
gint64 genvid_job_get_timeout (const GenvidJob *job);
/* FAIL for now, in the service's words: the record stays, and the next run
 * goes on. */
void genvid_job_stop_unfinished (GenvidJob *job, const GenvidNews *news,
                                 GenvidReason reason, const char *message);

/* genvid-job-refusal.c */
/* A poll that brought no news of the generation. */
void genvid_job_feed_refusal (GenvidJob *job, const GenvidNews *news);
void genvid_job_forget_refusals (GenvidJob *job);

/* genvid-job-turn.c: the times of a SEND. */
void genvid_job_tell_turn (const GenvidJob *job, GenvidStep *step);

/* genvid-job-media.c */
/* What is ready cannot be had, for the first time or still: the deadline is
 * no sooner than the patience asks for. */
void genvid_job_be_patient (GenvidJob *job, const GenvidNow *now);
gint64 genvid_job_get_patience (const GenvidJob *job);
/* The deadline has come. FALSE: it was not the media server. */
gboolean genvid_job_give_up_media (GenvidJob *job);

/* genvid-job-cancel.c */
void genvid_job_heed_cancel (GenvidJob *job, const GenvidNow *now);
gboolean genvid_job_cancel_is_due (const GenvidJob *job, gint64 boot);
void genvid_job_feed_cancel (GenvidJob *job, const GenvidNews *news);

/* genvid-job-end.c */
/* Keeps the service's word for a state if it is one we do not know. */
void genvid_job_hear (GenvidJob *job, const GenvidReading *reading);
/* These two take FAILURE. */
/* FAIL; the record stays as it is. */
void genvid_job_stop (GenvidJob *job, GenvidFailure *failure);
/* FAIL, and the record says so. */
void genvid_job_end (GenvidJob *job, GenvidState state, GenvidFailure *failure,
                     gboolean frees, const GenvidNow *now);

G_END_DECLS
