/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a job comes to its end, and in which words. One place, so that the
 * record and the failure that the application sees never disagree, and so
 * that every failure carries the id and the service's own words. */
#include "job-end.h"

#include "call.h"
#include "exchange.h"
#include "failure.h"
#include "job-private.h"
#include "job.h"
#include "moment.h"
#include "record.h"
#include "reply.h"
#include "secret.h"

gboolean
genvid_news_is_success (const GenvidNews *news)
{
  return news->answer->kind == GENVID_ANSWER_REPLY
         && news->answer->status >= 200 && news->answer->status < 300;
}

char *
genvid_news_describe (const GenvidNews *news)
{
  const GenvidAnswer *answer = news->answer;
  const GenvidReply *reading = news->reading;
  GString *text;

  if (answer->kind != GENVID_ANSWER_REPLY)
    return g_strdup (answer->error != NULL ? answer->error : "no answer");
  text = g_string_new (NULL);
  g_string_append_printf (text, "HTTP %u", answer->status);
  if (reading == NULL && answer->status / 100 == 2)
    g_string_append (text, answer->truncated
                               ? ", an answer longer than 1 MiB"
                               : ", an answer that cannot be read");
  if (reading != NULL && reading->code != NULL)
    g_string_append_printf (text, ", %s", reading->code);
  if (reading != NULL && reading->message != NULL)
    g_string_append_printf (text, ": %s", reading->message);
  return g_string_free (text, FALSE);
}

void
genvid_job_hear (GenvidJob *job, const GenvidReply *reading)
{
  g_free (job->odd_word);
  job->odd_word = reading->phase == GENVID_PHASE_UNKNOWN
                      ? g_strdup (reading->word)
                      : NULL;
}

char *
genvid_job_get_note (const GenvidJob *job)
{
  const char *key = genvid_call_get_key (job->call);
  g_autofree char *odd = NULL;

  if (job->refused != NULL)
    return genvid_secret_hide (job->refused, key);
  if (job->odd_word == NULL)
    return job->note != NULL ? genvid_secret_hide (job->note, key) : NULL;
  odd = g_strdup_printf ("The service says \"%s\", a word for a state that "
                         "this version does not know; it is asked on until "
                         "the timeout.",
                         job->odd_word);
  return genvid_secret_hide (odd, key);
}

GenvidFailure *
genvid_news_fail (const GenvidNews *news, GenvidReason reason,
                  const char *message)
{
  g_autofree char *words = genvid_news_describe (news);
  GenvidFailure *failure
      = genvid_failure_new (reason, "%s (%s).", message, words);

  if (news->answer->kind == GENVID_ANSWER_REPLY)
    failure->http_status = news->answer->status;
  if (news->reading != NULL)
    failure->service_code = g_strdup (news->reading->code);
  return failure;
}

void
genvid_job_stop (GenvidJob *job, GenvidFailure *failure)
{
  if (job->stage >= GENVID_STAGE_DONE) {
    genvid_failure_free (failure);
    return;
  }
  if (failure->advice == NULL)
    failure->advice = g_strdup (genvid_reason_get_advice (failure->reason));
  if (failure->generation_id == NULL)
    failure->generation_id = g_strdup (genvid_job_get_id (job));
  if (failure->billed == GENVID_BILLED_UNKNOWN)
    failure->billed = job->billed;
  genvid_failure_hide (failure, genvid_call_get_key (job->call));
  g_clear_pointer (&job->exchange, genvid_exchange_free);
  genvid_failure_free (job->failure);
  job->failure = failure;
  job->stage = GENVID_STAGE_FAIL;
}

void
genvid_job_end (GenvidJob *job, GenvidState state, GenvidFailure *failure,
                gboolean frees, const GenvidNow *now)
{
  GenvidRecord *record = job->record;

  genvid_job_stop (job, failure);
  genvid_failure_free (record->failure);
  record->failure = genvid_failure_copy (job->failure);
  record->state = state;
  record->frees = frees;
  if (state != GENVID_STATE_IN_DOUBT) {
    record->cancel = FALSE;
    record->ended = now->wall;
  }
  genvid_job_note (job);
}
