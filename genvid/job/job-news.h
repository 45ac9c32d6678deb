/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "exchange.h"
#include "failure.h"
#include "job.h"
#include "moment.h"
#include "reply.h"

G_BEGIN_DECLS

/* What was fed to a job, and what it says. All borrowed. */
typedef struct {
  const GenvidAnswer *answer;
  const GenvidReply *reading; /* NULL: no reply, or an unreadable one */
  const GenvidNow *now;
} GenvidNews;

gboolean genvid_news_is_success (const GenvidNews *news); /* HTTP 2xx */
/* HTTP 2xx with the id of a generation. */
gboolean genvid_news_has_id (const GenvidNews *news);
/* "HTTP 422, job_limit: the service's words"; owned by the caller. */
char *genvid_news_describe (const GenvidNews *news);
/* A failure of REASON: MESSAGE, and NEWS described in brackets. */
GenvidFailure *genvid_news_fail (const GenvidNews *news, GenvidReason reason,
                                 const char *message);

/* Why it is not known whether the service accepted the submit; owned by the
 * caller. NEWS: what came of it; NULL: of an earlier run, as the record says.
 */
GenvidFailure *genvid_job_describe_doubt (const GenvidJob *job,
                                          const GenvidNews *news);

G_END_DECLS
