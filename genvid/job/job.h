/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "call.h"
#include "exchange.h"
#include "failure.h"
#include "job-step.h"
#include "media-outcome.h"
#include "moment.h"
#include "record.h"
#include "time-estimate.h"

G_BEGIN_DECLS

/* The life of one generation as a state machine without I/O: step() says
 * what to do now, feed() takes the result. No clock and no threads; not
 * thread-safe.
 *
 * Money: a SEND with "fresh" set is the only step that may buy. Its performer
 * must make intent-<n> exist on disk before one byte is sent; and whenever
 * the record's serial has changed (after new, feed, cancel, intended and step
 * itself) it must make the record durable before it performs a step. Under
 * that rule, an accepted or doubtful submit is never followed by another fresh
 * one, unless the record's state frees it or RESUBMIT says so.
 */
typedef struct _GenvidJob GenvidJob;

typedef struct {
  guint timeout;       /* seconds; 0 = the description's */
  guint poll_interval; /* seconds; 0 = adaptive */
  gboolean resubmit;   /* if-in-doubt=resubmit: once per doubt and start */
  const char *adopt;   /* nullable: poll this id, submit nothing. It enters
                        * the record with the first answer that knows it */
  double max_cost;    /* USD: a generation that the service expects to cost more
                       * is cancelled, where that is free; 0 or less: none */
  gboolean never_buy; /* reuse=only: poll and download, but never submit */
  GenvidTimeEstimate estimate; /* weight 0: the description's times */
} GenvidJobOptions;

/* Takes CALL (bound, see genvid_call_bind; its idempotency is bound by the
 * job for the purchase it comes to, as genvid_call_bind (call, NULL, NULL,
 * value), which keeps the base-url and the key) and a copy of RECORD (as
 * loaded: an intent found on disk without an id has state SUBMITTING). An
 * input whose upload id CALL already knows is not uploaded. What the record
 * forbids (a doubt that cannot be settled, a failure that does not free a new
 * purchase, or one that does but is less than 60 s old) makes the first step
 * FAIL, with the same message as before. */
GenvidJob *genvid_job_new (GenvidCall *call, const GenvidRecord *record,
                           const GenvidJobOptions *options,
                           const GenvidNow *now);
void genvid_job_free (GenvidJob *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GenvidJob, genvid_job_free)

/* After DONE or FAIL every further step is the same. A SEND is repeated, with
 * a deadline counted from now, until it is fed or withdrawn (or a cancel takes
 * it back before its intent is on disk). */
GenvidStep genvid_job_step (GenvidJob *job, const GenvidNow *now);

/* The input of the call that the next step would upload. One that is a link
 * must be a file by then (genvid_call_set_upload_file), unless its id is known
 * (genvid_call_set_upload_id): then it is not uploaded. FALSE: none. */
gboolean genvid_job_get_upload (const GenvidJob *job, guint *index);

/* The next step would send the submit, for the first time or again: what is a
 * link and has to be a file in it must be one by then. */
gboolean genvid_job_is_submitting (const GenvidJob *job);

/* The intent of a fresh submit is on disk, made at NOW. Call it between the
 * step and performing it. */
void genvid_job_intended (GenvidJob *job, const GenvidNow *now);

/* The answer to the last SEND, which counts as sent when step last returned
 * it. */
void genvid_job_feed (GenvidJob *job, const GenvidAnswer *answer,
                      const GenvidNow *now);

/* The same of a submit (media) whose answer was the clip: it is in its place,
 * as MEDIA (COMPLETE) says. */
void genvid_job_feed_clip (GenvidJob *job, const GenvidAnswer *answer,
                           const GenvidMedia *media, const GenvidNow *now);

/* What became of the last DOWNLOAD. What may work in a minute is tried again,
 * with a fresh link each time and growing gaps, until the deadline and at
 * least for the service's patience. */
void genvid_job_feed_media (GenvidJob *job, const GenvidMedia *media,
                            const GenvidNow *now);
/* The last SEND is not begun, for now: the next step decides again. */
void genvid_job_withdraw (GenvidJob *job);
/* After a wait, right before the last SEND is begun. FALSE: it was withdrawn,
 * since its time has passed meanwhile. */
gboolean genvid_job_confirm (GenvidJob *job, const GenvidNow *now);
/* The last SEND is not begun, as the request limit allowed none in time: the
 * next step is FAIL. What was bought stays bought. */
void genvid_job_feed_no_turn (GenvidJob *job, const GenvidNow *now);

/* The performer could not go on (no intent possible, no space, budget): the
 * next step is FAIL with this. The record keeps what is bought; where a
 * submit was only waiting to be sent again, it then says that nothing was
 * bought, so a process that has to end should call this and save. */
void genvid_job_abort (GenvidJob *job, const GenvidFailure *failure);
/* An intent is on disk, and whatever was fed under it surely bought nothing.
 * A performer that does not perform the current SEND must feed it as unsent
 * before it aborts. */
gboolean genvid_job_is_unbought (const GenvidJob *job);

/* The wish to cancel at the service, kept in the record. The next step sends
 * it where the service has a cancel call and the id is known, or is FAIL
 * (CANCELLED) where nothing was bought yet. A wish that the service refuses is
 * dropped, and may come again; so is one that the service has no call for, or
 * that comes when the clip is ready. */
void genvid_job_cancel (GenvidJob *job);
/* There is one that the service has not accepted. */
gboolean genvid_job_wants_cancel (const GenvidJob *job);
/* Takes it back, unless the service already knows it. */
void genvid_job_keep (GenvidJob *job);
/* It ended by the wish before anything was bought. */
gboolean genvid_job_is_dropped (const GenvidJob *job);
/* The wish may still be sent to the service in this run. */
gboolean genvid_job_owes_cancel (const GenvidJob *job);
/* A wish that came now could be sent. */
gboolean genvid_job_can_cancel (const GenvidJob *job);

/* For display and for the store; borrowed until the next call. SERIAL (out,
 * nullable) changes whenever the record's text does; 0 is the record as it
 * was given to new. */
const GenvidRecord *genvid_job_get_record (GenvidJob *job, guint *serial);
/* A sentence for whoever waits: why the service says nothing, its word for a
 * state where we do not know it, or why a ready clip is not there yet. NULL:
 * nothing unusual. Owned by the caller. */
char *genvid_job_get_note (const GenvidJob *job);
int genvid_job_get_progress (GenvidJob *job); /* 0–100 or -1; never falls */
/* The place in the service's queue, 0: next; -1: none, or unknown. */
int genvid_job_get_queue_position (const GenvidJob *job);
/* Salted and hashed by the caller; kept in the record from the intent on. */
void genvid_job_set_key_hash (GenvidJob *job, const char *key_hash);
/* TRUE once: the generation became ready, SECONDS after the submit, by the
 * service's own clock where it says so. For the learned estimate. */
gboolean genvid_job_take_duration (GenvidJob *job, double *seconds);

G_END_DECLS
