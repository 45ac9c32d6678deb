/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What one answer says, for the files that decide on it. */
#include "job-news.h"

#include "call.h"
#include "exchange.h"
#include "failure.h"
#include "job-state.h"
#include "provider.h"
#include "record.h"
#include "reply.h"

gboolean
genvid_news_is_success (const GenvidNews *news)
{
  return news->answer->kind == GENVID_ANSWER_REPLY
         && news->answer->status >= 200 && news->answer->status < 300;
}

gboolean
genvid_news_has_id (const GenvidNews *news)
{
  return genvid_news_is_success (news) && news->reading != NULL
         && news->reading->id != NULL && *news->reading->id != '\0';
}

/* Some services answer every poll with a code or a word such as "Success",
 * which is about the exchange: it is no reason of a failure. */
static gboolean
is_of_use (const char *word)
{
  static const char *const successes[]
      = { "0", "200", "ok", "success", "succeed", "succeeded" };

  for (guint i = 0; i < G_N_ELEMENTS (successes); i++) {
    if (word != NULL && g_ascii_strcasecmp (word, successes[i]) == 0)
      return FALSE;
  }
  return word != NULL;
}

char *
genvid_news_describe (const GenvidNews *news)
{
  const GenvidAnswer *answer = news->answer;
  const GenvidReply *reading = news->reading;
  GString *text;

  if (answer->kind != GENVID_ANSWER_REPLY)
    return g_strdup (answer->error != NULL ? answer->error : "no response");
  text = g_string_new (NULL);
  g_string_append_printf (text, "HTTP %u", answer->status);
  if (reading == NULL && answer->status / 100 == 2)
    g_string_append (text, answer->truncated ? ", response longer than 1 MiB"
                                             : ", unreadable response");
  if (reading != NULL && is_of_use (reading->code))
    g_string_append_printf (text, ", %s", reading->code);
  if (reading != NULL && is_of_use (reading->message))
    g_string_append_printf (text, ": %s", reading->message);
  return g_string_free (text, FALSE);
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

/* It was made, and is paid for; but the answer was all there was of it. */
static GenvidFailure *
describe_broken_clip (const GenvidJob *job, const GenvidNews *news)
{
  GenvidFailure *failure = genvid_news_fail (
      news, GENVID_REASON_IN_DOUBT,
      "The service answered with the clip itself, and it did not come whole");

  failure->billed = GENVID_BILLED_YES;
  failure->advice = g_strdup (
      "It was made and may have to be paid for, and this service cannot be "
      "asked for it again, so it is not bought again automatically. To buy "
      "another, set if-in-doubt=resubmit.");
  genvid_failure_hide (failure, genvid_call_get_key (job->call));
  return failure;
}

GenvidFailure *
genvid_job_describe_doubt (const GenvidJob *job, const GenvidNews *news)
{
  const char *message = "The request was sent, but it is not known whether the "
                        "service accepted it";
  GenvidFailure *failure;

  if (news != NULL && news->answer->media > 0)
    return describe_broken_clip (job, news);
  if (news != NULL)
    failure = genvid_news_fail (news, GENVID_REASON_IN_DOUBT, message);
  else if (job->record->failure != NULL
           && job->record->failure->reason == GENVID_REASON_IN_DOUBT)
    return genvid_failure_copy (job->record->failure);
  else
    failure = genvid_failure_new (
        GENVID_REASON_IN_DOUBT, "It is not known whether the service accepted "
                                "the request: the process that sent it, or "
                                "was about to, ended before it could save "
                                "the response.");
  failure->advice = g_strdup (
      "It is not bought again automatically. Check your account at the "
      "service: if the generation is there, set adopt to its id; if it is not, "
      "set if-in-doubt=resubmit to buy it again.");
  failure->retryable
      = genvid_provider_get_recovery (job->provider) != GENVID_RECOVERY_NONE;
  /* It enters the record by itself, and not with the job's end. */
  genvid_failure_hide (failure, genvid_call_get_key (job->call));
  return failure;
}
