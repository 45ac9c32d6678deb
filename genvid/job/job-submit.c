/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Buying: the uploads before it, the submit, and what its answer means. An
 * answer either proves that nothing was bought (then the purchase ends and
 * is free), or that it was (then there is an id), or neither: a doubt, which
 * is never met by a fresh submit. */
#include "job-submit.h"

#include "call-build.h"
#include "exchange.h"
#include "failure.h"
#include "job-doubt.h"
#include "job-end.h"
#include "job-poll.h"
#include "job-private.h"
#include "job-start.h"
#include "job.h"
#include "moment.h"
#include "provider.h"
#include "record.h"
#include "reply.h"

#include <json-glib/json-glib.h>

#define SECONDS(n)    ((gint64)(n)*G_USEC_PER_SEC)
#define MAX_TRIES     4
#define MAX_BUSY      5
#define BUSY_PATIENCE SECONDS (240)

static void
end_free (GenvidJob *job, const GenvidNews *news, GenvidReason reason,
          const char *message, const char *advice)
{
  GenvidFailure *failure = genvid_news_fail (news, reason, message);

  failure->advice = g_strdup (advice);
  failure->billed = GENVID_BILLED_NO;
  failure->retryable
      = reason == GENVID_REASON_BUSY || reason == GENVID_REASON_UNREACHABLE;
  genvid_job_end (job, GENVID_STATE_FAILED, failure, TRUE, news->now);
}

/* The same exchange again, of the same intent; FALSE when patience is out. */
static gboolean
send_again (GenvidJob *job, const GenvidNews *news)
{
  gint64 gap = SECONDS (1) << job->tries;

  if (++job->tries >= MAX_TRIES)
    return FALSE;
  job->not_before = news->now->boot + gap;
  return TRUE;
}

static gboolean
wait_while_busy (GenvidJob *job, const GenvidNews *news)
{
  gint64 gap = genvid_answer_get_retry_after (news->answer, news->now->wall);

  if (gap < 0)
    gap = SECONDS (2) << job->busy;
  gap = CLAMP (gap, SECONDS (1), SECONDS (60));
  if (++job->busy >= MAX_BUSY
      || news->now->boot + gap - job->since > BUSY_PATIENCE)
    return FALSE;
  job->not_before = news->now->boot + gap;
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

/* What is known already, from this run or another one, is not uploaded; but
 * it is written down before the intent, as a replay needs it. */
void
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
  genvid_job_enter (
      job, job->n_uploaded < n ? GENVID_STAGE_UPLOAD : GENVID_STAGE_SUBMIT,
      now->boot, now);
}

static gboolean
keep_upload (GenvidJob *job, const GenvidNews *news)
{
  g_autoptr (JsonNode) id = find_upload_id (news->reading);

  if (id == NULL)
    return FALSE;
  genvid_call_set_upload_id (job->call, job->n_uploaded, id);
  genvid_job_enter_purchase (job, news->now);
  return TRUE;
}

/* An upload is no purchase: whatever became of it, the record stays free. */
void
genvid_job_feed_upload (GenvidJob *job, const GenvidNews *news)
{
  const GenvidAnswer *answer = news->answer;
  GenvidReason reason = GENVID_REASON_REJECTED;
  GenvidFailure *failure;

  if (genvid_news_is_success (news) && news->reading != NULL
      && keep_upload (job, news))
    return;
  if (answer->kind == GENVID_ANSWER_REPLY
      && (answer->status == 429 || answer->status == 503)
      && wait_while_busy (job, news))
    return;
  if ((answer->kind == GENVID_ANSWER_UNSENT
       || answer->kind == GENVID_ANSWER_LOST || answer->status == 408
       || answer->status >= 500 || genvid_news_is_success (news))
      && send_again (job, news))
    return;
  if (answer->kind != GENVID_ANSWER_REPLY)
    reason = GENVID_REASON_UNREACHABLE;
  else if (genvid_news_is_success (news))
    reason = GENVID_REASON_BAD_ANSWER;
  else if (answer->status == 429 || answer->status >= 500)
    reason = GENVID_REASON_BUSY;
  else if (news->reading != NULL && news->reading->refusal != 0)
    reason = news->reading->refusal;
  failure = genvid_news_fail (news, reason,
                              "An input could not be uploaded; nothing was "
                              "bought");
  failure->billed = GENVID_BILLED_NO;
  failure->retryable
      = reason == GENVID_REASON_BUSY || reason == GENVID_REASON_UNREACHABLE;
  genvid_job_stop (job, failure);
}

typedef enum {
  VERDICT_TAKEN,
  VERDICT_UNSENT,
  VERDICT_UNSAFE,
  VERDICT_BUSY,
  VERDICT_REFUSED, /* nothing was bought */
  VERDICT_DOUBT,
} Verdict;

static Verdict
judge_status (const GenvidJob *job, guint status)
{
  if (status == 429
      || (status == 503 && genvid_provider_retries_503 (job->provider)))
    return VERDICT_BUSY;
  /* 303: done, and the result is elsewhere. */
  if (status < 300 || status == 303 || status >= 500 || status == 408)
    return VERDICT_DOUBT;
  /* The same value is being worked on: whose, a replay will tell. */
  if (status == 409
      && genvid_provider_get_recovery (job->provider) == GENVID_RECOVERY_REPLAY)
    return VERDICT_DOUBT;
  return VERDICT_REFUSED;
}

static Verdict
judge (const GenvidJob *job, const GenvidNews *news)
{
  switch (news->answer->kind) {
  case GENVID_ANSWER_UNSENT:
    return VERDICT_UNSENT;
  case GENVID_ANSWER_UNSAFE:
    return VERDICT_UNSAFE;
  case GENVID_ANSWER_REPLY:
    if (genvid_news_is_success (news) && news->reading != NULL
        && news->reading->id != NULL && *news->reading->id != '\0')
      return VERDICT_TAKEN;
    return judge_status (job, news->answer->status);
  case GENVID_ANSWER_LOST:
  default:
    return VERDICT_DOUBT;
  }
}

static void
refuse (GenvidJob *job, const GenvidNews *news)
{
  GenvidReason reason = GENVID_REASON_REJECTED;

  if (news->reading != NULL && news->reading->refusal != GENVID_REASON_NONE)
    reason = news->reading->refusal;
  if (news->reading != NULL)
    genvid_job_take_details (job, news->reading);
  end_free (job, news, reason,
            "The service did not take the request; nothing was bought", NULL);
}

void
genvid_job_accept (GenvidJob *job, const GenvidNews *news, gboolean read_phase)
{
  GenvidRecord *record = job->record;

  g_free (record->id);
  record->id = g_strdup (news->reading->id);
  record->state = GENVID_STATE_QUEUED;
  record->frees = FALSE;
  g_clear_pointer (&record->failure, genvid_failure_free);
  job->started = news->now->boot;
  job->deadline = news->now->boot + genvid_job_get_timeout (job);
  genvid_job_enter (job, GENVID_STAGE_POLL, news->now->boot, news->now);
  if (!read_phase)
    return;
  genvid_job_take_reading (job, news);
  if (job->stage == GENVID_STAGE_POLL)
    genvid_job_plan_next (job, news);
}

void
genvid_job_feed_submit (GenvidJob *job, const GenvidNews *news)
{
  switch (judge (job, news)) {
  case VERDICT_TAKEN:
    genvid_job_accept (job, news, TRUE);
    break;
  case VERDICT_UNSENT:
    if (!send_again (job, news))
      end_free (job, news, GENVID_REASON_UNREACHABLE,
                "The service cannot be reached; nothing was bought",
                "Check the network and the base-url, then run it again.");
    break;
  case VERDICT_UNSAFE:
    end_free (job, news, GENVID_REASON_UNREACHABLE,
              "The request was not sent; nothing was bought", NULL);
    break;
  case VERDICT_BUSY:
    if (!wait_while_busy (job, news))
      end_free (job, news, GENVID_REASON_BUSY,
                "The service is busy; nothing was bought",
                "Run it again later.");
    break;
  case VERDICT_REFUSED:
    refuse (job, news);
    break;
  case VERDICT_DOUBT:
  default:
    genvid_job_enter_doubt (job, news, news->now);
    break;
  }
}

/* Only an id ends it. A refusal proves nothing: credit that is gone may have
 * gone for this very purchase, what stands before the service may answer in its
 * place, and a service refuses a value that comes back with another body (of
 * another version of this program). */
void
genvid_job_feed_replay (GenvidJob *job, const GenvidNews *news)
{
  gint64 gap = SECONDS (2) << MIN (job->tries, 4);
  gint64 wish = genvid_answer_get_retry_after (news->answer, news->now->wall);
  Verdict verdict = judge (job, news);

  if (verdict == VERDICT_TAKEN) {
    genvid_job_accept (job, news, TRUE);
    return;
  }
  if (verdict == VERDICT_REFUSED || verdict == VERDICT_UNSAFE
      || ++job->tries > MAX_TRIES) {
    genvid_job_keep_doubt (job, news, news->now);
    return;
  }
  job->not_before = news->now->boot + CLAMP (wish, gap, SECONDS (60));
}
