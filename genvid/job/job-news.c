/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What one answer says, for the files that decide on it. */
#include "job-news.h"

#include "exchange.h"
#include "failure.h"
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
  if (reading != NULL && reading->code != NULL)
    g_string_append_printf (text, ", %s", reading->code);
  if (reading != NULL && reading->message != NULL)
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
