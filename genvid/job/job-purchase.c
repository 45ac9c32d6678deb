/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Buying, and what a new start makes of what it finds: continue, buy, buy
 * again, or say the same as last time. An answer to a submit either proves
 * that nothing was bought (then the purchase ends and is free), or that it
 * was (then there is an id), or neither: a doubt. A doubt never meets a fresh
 * submit; it is settled by the means that the service has: the same submit
 * under the same idempotency value, a look-up by our own request id, or
 * nothing. What is not settled stays in the record and is said again at each
 * start; only the user may pay for it. The only file that lets the purchase
 * number rise, for two reasons: the record says that the last purchase costs
 * nothing, or the user pays knowingly for a doubt. */
#include "job-purchase.h"

#include "call-build.h"
#include "call.h"
#include "exchange.h"
#include "failure.h"
#include "fingerprint.h"
#include "job-news.h"
#include "job-state.h"
#include "job.h"
#include "moment.h"
#include "provider.h"
#include "record.h"
#include "reply.h"
#include "secret.h"

#include <json-glib/json-glib.h>

#define SECONDS(n) ((gint64)(n)*G_USEC_PER_SEC)
/* The message names the cause: a certificate, an address, a file that changed.
 */
#define UNSAFE_ADVICE "Put that right, then run it again."
#define MAX_PURCHASES 1000000
#define MAX_TRIES     4
#define MAX_BUSY      5
#define BUSY_PATIENCE SECONDS (240)
/* Between purchases: players restart a failing source in loops. */
#define REST SECONDS (60)

/* --- Beginning one. --- */

/* The upload ids of an earlier start make the body the same, byte for byte.
 * Only those of the record do: others may have changed since. */
static void
restore_uploads (GenvidJob *job)
{
  JsonArray *uploads = job->record->uploads;
  guint n = genvid_call_get_n_uploads (job->call);
  guint i;

  if (uploads != NULL)
    n = MIN (n, json_array_get_length (uploads));
  for (i = 0; uploads != NULL && i < n; i++)
    genvid_call_set_upload_id (job->call, i,
                               json_array_get_element (uploads, i));
  job->n_uploaded = i;
}

static void
bind_purchase (GenvidJob *job)
{
  g_autofree char *idempotency = genvid_fingerprint_idempotency (
      job->record->fingerprint, job->record->n);

  genvid_call_bind (job->call, NULL, NULL, idempotency);
  restore_uploads (job);
}

/* An input whose id is known, from this run or another, is not uploaded; but
 * the id enters the record before the intent, as a replay needs it. */
GenvidTransition
genvid_job_enter_purchase (GenvidJob *job, const GenvidNow *now)
{
  GenvidRecord *record = job->record;
  guint n = genvid_call_get_n_uploads (job->call);
  JsonNode *id;

  while (job->n_uploaded < n
         && (id = genvid_call_get_upload_id (job->call, job->n_uploaded))
                != NULL) {
    if (record->uploads == NULL)
      record->uploads = json_array_new ();
    json_array_add_element (record->uploads, json_node_copy (id));
    job->n_uploaded++;
  }
  return genvid_transition_enter (job->n_uploaded < n ? GENVID_STAGE_UPLOAD
                                                      : GENVID_STAGE_SUBMIT,
                                  now->boot);
}

static GenvidTransition
refuse_to_buy (const char *message)
{
  GenvidFailure *failure
      = genvid_failure_new (GENVID_REASON_NOT_STORED, "%s", message);

  failure->advice = g_strdup ("To allow it, set reuse=auto, and remove "
                              "reuse=only from the environment and the URI.");
  return genvid_transition_stop (failure);
}

static GenvidTransition
begin_purchase (GenvidJob *job, const GenvidNow *now)
{
  if (job->options.never_buy)
    return refuse_to_buy (
        "Nothing is stored for this request, and buying is not allowed here.");
  bind_purchase (job);
  return genvid_job_enter_purchase (job, now);
}

/* The next purchase of the same request; nothing of the last one stays. */
static void
renew (GenvidJob *job)
{
  GenvidRecord *record = job->record;

  record->n++;
  record->state = GENVID_STATE_IDLE;
  g_clear_pointer (&record->id, g_free);
  g_clear_pointer (&record->captures, json_object_unref);
  g_clear_pointer (&record->uploads, json_array_unref);
  g_clear_pointer (&record->details, json_object_unref);
  g_clear_pointer (&record->failure, genvid_failure_free);
  g_clear_pointer (&record->currency, g_free);
  g_clear_pointer (&record->intended.boot_id, g_free);
  g_clear_pointer (&record->media_extension, g_free);
  record->intended = (GenvidMoment){ 0 };
  record->ready = record->ended = 0;
  record->frees = record->cancel = record->adopted = FALSE;
  record->cost = record->estimate = -1;
  record->media_size = 0;
  job->intended = FALSE;
  job->billed = GENVID_BILLED_UNKNOWN;
}

/* Paying for a doubt has not begun before its intent stands: until then the
 * record says both what is to be bought and what is not known, and a start
 * that comes in between finds the doubt again. */
static void
renew_doubt (GenvidJob *job, GenvidFailure *doubt)
{
  GenvidRecord *record = job->record;

  record->n++;
  record->state = GENVID_STATE_IDLE;
  genvid_failure_free (record->failure);
  record->failure = doubt;
  job->intended = FALSE;
}

gboolean
genvid_job_return_to_doubt (GenvidJob *job)
{
  GenvidRecord *record = job->record;

  if (record->state != GENVID_STATE_IDLE || record->failure == NULL
      || record->failure->reason != GENVID_REASON_IN_DOUBT || record->n < 2)
    return FALSE;
  record->n--;
  record->state = GENVID_STATE_IN_DOUBT;
  return TRUE;
}

/* --- A doubt. --- */

static gboolean
is_within (gint64 now, gint64 then, gint64 window)
{
  return then >= 0 && now >= then && now - then < window;
}

static gboolean
is_same_boot (const GenvidMoment *then, const GenvidNow *now)
{
  return g_strcmp0 (then->boot_id, now->boot_id) == 0;
}

gboolean
genvid_job_may_replay (const GenvidJob *job, const GenvidNow *now)
{
  const GenvidMoment *then = &job->record->intended;
  gint64 window = genvid_provider_get_replay_window (job->provider);

  if (then->boot_id == NULL)
    return FALSE;
  if (job->n_uploaded < genvid_call_get_n_uploads (job->call))
    return FALSE;
  if (is_same_boot (then, now))
    return is_within (now->wall, then->wall, window)
           && is_within (now->boot, then->boot, window);
  return is_within (now->wall + GENVID_CLOCK_SKEW, then->wall, window);
}

static GenvidTransition
refuse_to_settle (void)
{
  return refuse_to_buy (
      "It is not known whether this request was bought. Finding out could buy "
      "it, and buying is not allowed here.");
}

/* A player restarts a failing source in loops, and each loop is a start: what
 * was bought again and lost again is not bought a third time at once. */
static gboolean
must_rest (const GenvidJob *job, const GenvidNow *now)
{
  const GenvidMoment *then = &job->record->intended;

  if (!job->reopened || job->record->n < 2 || then->boot_id == NULL)
    return FALSE;
  if (is_same_boot (then, now))
    return is_within (now->boot, then->boot, REST);
  return ABS (now->wall - then->wall) < REST + GENVID_CLOCK_SKEW;
}

GenvidTransition
genvid_job_keep_doubt (GenvidJob *job, const GenvidNews *news,
                       const GenvidNow *now)
{
  if (!job->options.resubmit || job->resubmitted || must_rest (job, now))
    return genvid_transition_end (GENVID_STATE_IN_DOUBT,
                                  genvid_job_describe_doubt (job, news), FALSE);
  if (job->options.never_buy)
    return refuse_to_settle ();
  job->resubmitted = TRUE;
  renew_doubt (job, genvid_job_describe_doubt (job, news));
  return begin_purchase (job, now);
}

static GenvidTransition
enter_replay (GenvidJob *job, const GenvidNews *news, const GenvidNow *now)
{
  gint64 pause = news != NULL ? SECONDS (1) : 0;

  if (!genvid_job_may_replay (job, now))
    return genvid_job_keep_doubt (job, news, now);
  if (job->options.never_buy)
    return refuse_to_settle ();
  return genvid_transition_enter (GENVID_STAGE_REPLAY, now->boot + pause);
}

static void
log_doubt (const GenvidJob *job, const GenvidNews *news)
{
  g_autofree char *words = genvid_news_describe (news);

  genvid_job_log (job, GENVID_LOG_LOG, "not known whether accepted (%s)",
                  words);
}

/* NEWS nullable: an earlier process left the doubt behind. */
static GenvidTransition
enter_doubt (GenvidJob *job, const GenvidNews *news, const GenvidNow *now)
{
  /* Kept at once: what is said now is what a restart says. */
  if (news != NULL) {
    genvid_failure_free (job->record->failure);
    job->record->failure = genvid_job_describe_doubt (job, news);
    log_doubt (job, news);
  }
  switch (genvid_provider_get_recovery (job->provider)) {
  case GENVID_RECOVERY_REPLAY:
    return enter_replay (job, news, now);
  case GENVID_RECOVERY_LOOKUP:
    return genvid_transition_enter (GENVID_STAGE_LOOKUP, now->boot);
  case GENVID_RECOVERY_NONE:
  default:
    return genvid_job_keep_doubt (job, news, now);
  }
}

/* --- Uploads. --- */

static GenvidFailure *
fail_unbought (const GenvidNews *news, GenvidReason reason, const char *message)
{
  GenvidFailure *failure = genvid_news_fail (news, reason, message);
  char *text = g_strconcat (failure->message, " Nothing was bought.", NULL);

  g_free (failure->message);
  failure->message = text;
  failure->billed = GENVID_BILLED_NO;
  failure->retryable
      = reason == GENVID_REASON_BUSY || reason == GENVID_REASON_UNREACHABLE;
  return failure;
}

static GenvidTransition
end_free (const GenvidNews *news, GenvidReason reason, const char *message,
          const char *advice)
{
  GenvidFailure *failure = fail_unbought (news, reason, message);

  failure->advice = g_strdup (advice);
  return genvid_transition_end (GENVID_STATE_FAILED, failure, TRUE);
}

static void
log_retry (const GenvidJob *job, const GenvidNews *news, gint64 gap)
{
  g_autofree char *words = genvid_news_describe (news);

  genvid_job_log (job, GENVID_LOG_LOG, "sent again in %.1f s (%s)",
                  (double)gap / G_USEC_PER_SEC, words);
}

/* The same exchange again, of the same intent, as NEXT says; FALSE when
 * patience is out. */
static gboolean
send_again (GenvidJob *job, const GenvidNews *news, GenvidTransition *next)
{
  gint64 gap = SECONDS (1) << job->tries;

  if (++job->tries >= MAX_TRIES)
    return FALSE;
  log_retry (job, news, gap);
  *next = genvid_transition_stay (news->now->boot + gap);
  return TRUE;
}

static gboolean
wait_while_busy (GenvidJob *job, const GenvidNews *news, GenvidTransition *next)
{
  gint64 gap = genvid_answer_get_retry_after (news->answer, news->now->wall);

  if (gap < 0)
    gap = SECONDS (2) << job->busy;
  gap = CLAMP (gap, SECONDS (1), SECONDS (60));
  if (++job->busy >= MAX_BUSY
      || news->now->boot + gap - job->since > BUSY_PATIENCE)
    return FALSE;
  log_retry (job, news, gap);
  *next = genvid_transition_stay (news->now->boot + gap);
  return TRUE;
}

/* The id as the service typed it where it was captured, else as text. */
static JsonNode *
find_upload_id (const GenvidReply *reading)
{
  JsonNode *node = json_object_get_member (reading->captures, "id");

  if (node != NULL)
    return json_node_copy (node);
  if (reading->id == NULL)
    return NULL;
  node = json_node_new (JSON_NODE_VALUE);
  json_node_set_string (node, reading->id);
  return node;
}

static gboolean
keep_upload (GenvidJob *job, const GenvidNews *news)
{
  g_autoptr (JsonNode) id = find_upload_id (news->reading);

  if (id == NULL)
    return FALSE;
  genvid_call_set_upload_id (job->call, job->n_uploaded, id);
  return TRUE;
}

/* Waiting does not fill an empty account, whose refusal some send as a 429. */
static gboolean
is_out_of_credit (const GenvidNews *news)
{
  return news->answer->status == 429 && news->reading != NULL
         && news->reading->refusal == GENVID_REASON_QUOTA;
}

static gboolean
upload_again (GenvidJob *job, const GenvidNews *news, GenvidTransition *next)
{
  const GenvidAnswer *answer = news->answer;

  if (answer->kind == GENVID_ANSWER_REPLY
      && (answer->status == 429 || answer->status == 503)
      && !is_out_of_credit (news) && wait_while_busy (job, news, next))
    return TRUE;
  return (answer->kind == GENVID_ANSWER_UNSENT
          || answer->kind == GENVID_ANSWER_LOST || answer->status == 408
          || answer->status >= 500 || genvid_news_is_success (news))
         && send_again (job, news, next);
}

/* GRANTED: no word of the service's own, but of where it keeps files. */
static GenvidReason
get_upload_reason (const GenvidNews *news, gboolean granted)
{
  const GenvidAnswer *answer = news->answer;

  if (answer->kind != GENVID_ANSWER_REPLY)
    return GENVID_REASON_UNREACHABLE;
  if (genvid_news_is_success (news))
    return GENVID_REASON_BAD_ANSWER;
  if (is_out_of_credit (news))
    return GENVID_REASON_QUOTA;
  if (answer->status == 429 || answer->status >= 500)
    return GENVID_REASON_BUSY;
  if (!granted && news->reading != NULL
      && news->reading->refusal != GENVID_REASON_NONE)
    return news->reading->refusal;
  return GENVID_REASON_REJECTED;
}

/* An upload is no purchase: whatever became of it, the record stays free. What
 * went wrong with the second of two exchanges begins again with the first, as
 * an address may be good for one use only. */
static GenvidTransition
miss_upload (GenvidJob *job, const GenvidNews *news)
{
  gboolean granted = genvid_call_has_grant (job->call);
  GenvidTransition next;
  GenvidFailure *failure;

  genvid_call_set_grant (job->call, NULL);
  if (upload_again (job, news, &next))
    return next;
  failure = fail_unbought (news, get_upload_reason (news, granted),
                           "An input could not be uploaded");
  if (news->answer->kind == GENVID_ANSWER_UNSAFE)
    failure->advice = g_strdup (UNSAFE_ADVICE);
  return genvid_transition_stop (failure);
}

GenvidTransition
genvid_job_feed_grant (GenvidJob *job, const GenvidNews *news)
{
  JsonObject *grant = genvid_news_is_success (news) && news->reading != NULL
                          ? news->reading->captures
                          : NULL;

  if (grant == NULL || !json_object_has_member (grant, "url"))
    return miss_upload (job, news);
  genvid_call_set_grant (job->call, grant);
  return genvid_transition_stay (news->now->boot);
}

GenvidTransition
genvid_job_feed_upload (GenvidJob *job, const GenvidNews *news)
{
  if (!genvid_news_is_success (news) || news->reading == NULL
      || !keep_upload (job, news))
    return miss_upload (job, news);
  genvid_call_set_grant (job->call, NULL);
  return genvid_job_enter_purchase (job, news->now);
}

/* --- The submit. --- */

typedef enum {
  SUBMIT_ACCEPTED,
  SUBMIT_UNSENT,
  SUBMIT_UNSAFE,
  SUBMIT_BUSY,
  SUBMIT_REFUSED, /* nothing was bought */
  SUBMIT_DOUBT,
} SubmitResult;

static SubmitResult
classify_status (const GenvidJob *job, guint status)
{
  if (status == 429
      || (status == 503 && genvid_provider_retries_503 (job->provider)))
    return SUBMIT_BUSY;
  /* 303: done, and the result is elsewhere. */
  if (status < 300 || status == 303 || status >= 500 || status == 408)
    return SUBMIT_DOUBT;
  /* The service works on the same value; a replay finds out whose it is. */
  if (status == 409
      && genvid_provider_get_recovery (job->provider) == GENVID_RECOVERY_REPLAY)
    return SUBMIT_DOUBT;
  return SUBMIT_REFUSED;
}

static SubmitResult
classify (const GenvidJob *job, const GenvidNews *news)
{
  switch (news->answer->kind) {
  case GENVID_ANSWER_UNSENT:
    return SUBMIT_UNSENT;
  case GENVID_ANSWER_UNSAFE:
    return SUBMIT_UNSAFE;
  case GENVID_ANSWER_REPLY:
    if (genvid_news_has_id (news))
      return SUBMIT_ACCEPTED;
    if (news->reading != NULL && news->reading->duplicate)
      return SUBMIT_DOUBT;
    if (news->reading != NULL && news->reading->unbought)
      return news->reading->refusal == GENVID_REASON_BUSY ? SUBMIT_BUSY
                                                          : SUBMIT_REFUSED;
    if (is_out_of_credit (news))
      return SUBMIT_REFUSED;
    return classify_status (job, news->answer->status);
  case GENVID_ANSWER_LOST:
  default:
    return SUBMIT_DOUBT;
  }
}

static GenvidTransition
refuse (GenvidJob *job, const GenvidNews *news)
{
  GenvidReason reason = GENVID_REASON_REJECTED;

  if (news->reading != NULL && news->reading->refusal != GENVID_REASON_NONE)
    reason = news->reading->refusal;
  if (news->reading != NULL)
    genvid_job_take_details (job, news->reading);
  return end_free (news, reason, "The service rejected the request", NULL);
}

/* It has an id, and all is well. */
static GenvidTransition
accept_id (GenvidJob *job, const GenvidNews *news)
{
  GenvidRecord *record = job->record;

  g_free (record->id);
  record->id = g_strdup (news->reading->id);
  record->state = GENVID_STATE_QUEUED;
  record->frees = FALSE;
  g_clear_pointer (&record->failure, genvid_failure_free);
  job->started = news->now->boot;
  job->deadline = news->now->boot + genvid_job_get_timeout (job);
  return genvid_transition_enter (GENVID_STAGE_POLL, news->now->boot);
}

GenvidTransition
genvid_job_feed_submit (GenvidJob *job, const GenvidNews *news)
{
  GenvidTransition next;

  switch (classify (job, news)) {
  case SUBMIT_ACCEPTED:
    return accept_id (job, news);
  case SUBMIT_UNSENT:
    if (send_again (job, news, &next))
      return next;
    return end_free (news, GENVID_REASON_UNREACHABLE,
                     "The service cannot be reached",
                     "Check the network and base-url, then try again.");
  case SUBMIT_UNSAFE:
    return end_free (news, GENVID_REASON_UNREACHABLE,
                     "The request was not sent", UNSAFE_ADVICE);
  case SUBMIT_BUSY:
    if (wait_while_busy (job, news, &next))
      return next;
    return end_free (news, GENVID_REASON_BUSY, "The service is busy",
                     "Try again later.");
  case SUBMIT_REFUSED:
    return refuse (job, news);
  case SUBMIT_DOUBT:
  default:
    return enter_doubt (job, news, news->now);
  }
}

/* Only an id ends it. A refusal proves nothing: credit that is gone may have
 * gone for this very purchase, what stands before the service may answer in its
 * place, and a service refuses a value that comes back with another body (of
 * another version of this program). */
GenvidTransition
genvid_job_feed_replay (GenvidJob *job, const GenvidNews *news)
{
  gint64 gap = SECONDS (2) << MIN (job->tries, 4);
  gint64 wish = genvid_answer_get_retry_after (news->answer, news->now->wall);
  SubmitResult result = classify (job, news);

  if (result == SUBMIT_ACCEPTED)
    return accept_id (job, news);
  /* It is there, and the service does not say which one it is. */
  if (news->reading != NULL && news->reading->duplicate)
    return genvid_transition_enter (GENVID_STAGE_LOOKUP, news->now->boot);
  if (result == SUBMIT_REFUSED || result == SUBMIT_UNSAFE
      || ++job->tries > MAX_TRIES)
    return genvid_job_keep_doubt (job, news, news->now);
  gap = CLAMP (wish, gap, SECONDS (60));
  log_retry (job, news, gap);
  return genvid_transition_stay (news->now->boot + gap);
}

GenvidTransition
genvid_job_feed_lookup (GenvidJob *job, const GenvidNews *news)
{
  gint64 next = news->now->boot + SECONDS (2) * ++job->tries;
  guint status = news->answer->status;

  if (genvid_news_has_id (news))
    return accept_id (job, news);
  if (status == 401 || status == 403
      || next > job->since + GENVID_JOB_LOOKUP_PATIENCE)
    return genvid_job_keep_doubt (job, NULL, news->now);
  log_retry (job, news, next - news->now->boot);
  return genvid_transition_stay (next);
}

/* --- A new start. --- */

static GenvidTransition
resume (GenvidJob *job, const GenvidNow *now)
{
  if (job->record->captures != NULL && job->adopt == NULL)
    genvid_call_set_captures (job->call, job->record->captures);
  job->resumed = TRUE;
  job->overpriced = job->record->cancel && job->options.max_cost > 0
                    && job->record->estimate > job->options.max_cost;
  job->started = now->boot;
  job->deadline = now->boot + genvid_job_get_timeout (job);
  return genvid_transition_enter (GENVID_STAGE_POLL, now->boot);
}

static GenvidFailure *
copy_last_failure (const GenvidRecord *record)
{
  if (record->failure != NULL)
    return genvid_failure_copy (record->failure);
  return genvid_failure_new (GENVID_REASON_FAILED,
                             "The generation ended without a clip.");
}

static GenvidTransition
repeat_failure (const GenvidJob *job, char *advice)
{
  GenvidFailure *failure = copy_last_failure (job->record);

  g_free (failure->advice);
  failure->advice = advice;
  return genvid_transition_stop (failure);
}

/* Without an id it ended at or before the submit: nothing to wait for, but
 * after a moderation, which is asked again as seldom as a generation. */
static gboolean
was_never_bought (const GenvidRecord *record)
{
  if (record->id != NULL || !record->frees)
    return FALSE;
  return record->failure == NULL
         || record->failure->reason != GENVID_REASON_REFUSED;
}

/* Microseconds until a new purchase is allowed. An end in the future is a
 * clock that went back: counted from now, else it could be years. */
static gint64
rest_left (GenvidRecord *record, const GenvidNow *now)
{
  if (record->ended <= 0 || record->ended > now->wall)
    record->ended = now->wall;
  return MAX (REST - (now->wall - record->ended), 0);
}

static GenvidTransition
reopen (GenvidJob *job, const GenvidNow *now)
{
  GenvidRecord *record = job->record;
  gint64 left;

  if (!record->frees && record->state == GENVID_STATE_CANCELLED
      && record->id != NULL)
    return resume (job, now);
  if (!record->frees || record->n >= MAX_PURCHASES)
    return repeat_failure (
        job, g_strdup ("It may have been billed, so it is not bought again "
                       "automatically. To buy another generation of the same "
                       "request, set take to the next number (take=2, 3…)."));
  if (record->failure != NULL && record->id != NULL
      && record->failure->reason == GENVID_REASON_OVER_BUDGET
      && job->options.max_cost > 0 && record->estimate > job->options.max_cost)
    return repeat_failure (job, g_strdup (record->failure->advice));
  left = was_never_bought (record) ? 0 : rest_left (record, now);
  if (left > 0)
    return repeat_failure (
        job,
        g_strdup_printf ("It cost nothing. It can be bought again in %d s.",
                         (int)((left + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC)));
  if (!job->options.never_buy)
    renew (job);
  return begin_purchase (job, now);
}

/* An id of the user's may stand in for this purchase unless that would lose
 * another one. */
static gboolean
may_adopt (const GenvidJob *job)
{
  const GenvidRecord *record = job->record;

  if (record->id == NULL || record->adopted
      || g_strcmp0 (record->id, job->adopt) == 0)
    return TRUE;
  return record->frees
         && (record->state == GENVID_STATE_FAILED
             || record->state == GENVID_STATE_CANCELLED);
}

static GenvidTransition
refuse_key_as_id (void)
{
  GenvidFailure *failure = genvid_failure_new (
      GENVID_REASON_SETTINGS,
      "adopt is set to the API key, not to the id of a generation.");

  failure->advice = g_strdup ("Set adopt to the id that the service shows, and "
                              "api-key to the key. Nothing was sent.");
  return genvid_transition_stop (failure);
}

static GenvidTransition
adopt (GenvidJob *job, const GenvidNow *now)
{
  GenvidFailure *failure;

  if (genvid_secret_is_in (job->adopt, genvid_call_get_key (job->call)))
    return refuse_key_as_id ();
  if (may_adopt (job))
    return resume (job, now);
  failure
      = genvid_failure_new (GENVID_REASON_SETTINGS,
                            "This request already bought generation %s, which "
                            "would be lost if %s were adopted instead.",
                            job->record->id, job->adopt);
  failure->advice = g_strdup ("Unset adopt to continue with the generation "
                              "that was bought, or set another take as well.");
  return genvid_transition_stop (failure);
}

static GenvidTransition
reopen_doubt (GenvidJob *job, const GenvidNow *now)
{
  bind_purchase (job);
  if (job->record->captures != NULL)
    genvid_call_set_captures (job->call, job->record->captures);
  job->intended = job->reopened = TRUE;
  return enter_doubt (job, NULL, now);
}

GenvidTransition
genvid_job_open (GenvidJob *job, const GenvidNow *now)
{
  GenvidRecord *record = job->record;
  gboolean under_way = record->state >= GENVID_STATE_QUEUED
                       && record->state <= GENVID_STATE_DOWNLOADING;

  if (record->state == GENVID_STATE_DONE)
    return genvid_transition_enter (GENVID_STAGE_DONE, now->boot);
  if (under_way && g_strcmp0 (record->id, job->adopt) == 0)
    g_clear_pointer (&job->adopt, g_free);
  if (job->adopt != NULL)
    return adopt (job, now);
  genvid_job_return_to_doubt (job);
  switch (record->state) {
  case GENVID_STATE_IDLE:
    record->cancel = FALSE;
    return begin_purchase (job, now);
  case GENVID_STATE_FAILED:
  case GENVID_STATE_CANCELLED:
    return reopen (job, now);
  case GENVID_STATE_SUBMITTING:
  case GENVID_STATE_QUEUED:
  case GENVID_STATE_RUNNING:
  case GENVID_STATE_DOWNLOADING:
  case GENVID_STATE_DONE:
  case GENVID_STATE_IN_DOUBT:
  default:
    if (record->id != NULL)
      return resume (job, now);
    return reopen_doubt (job, now);
  }
}
