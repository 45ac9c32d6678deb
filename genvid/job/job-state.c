/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What every file of the job needs to know of it, and the transitions they
 * return. Nothing here decides. */
#include "job-state.h"

#include "failure.h"
#include "job.h"
#include "json.h"
#include "log.h"
#include "moment.h"
#include "provider.h"
#include "record.h"
#include "reply.h"
#include "secret.h"

#include <json-glib/json-glib.h>

#define FALLBACK_TIMEOUT 900

GenvidTransition
genvid_transition_stay (gint64 not_before)
{
  return (GenvidTransition){ .move = GENVID_MOVE_STAY,
                             .not_before = not_before };
}

GenvidTransition
genvid_transition_enter (GenvidStage stage, gint64 not_before)
{
  return (GenvidTransition){ .move = GENVID_MOVE_ENTER,
                             .stage = stage,
                             .not_before = not_before };
}

GenvidTransition
genvid_transition_stop (GenvidFailure *failure)
{
  return (GenvidTransition){ .move = GENVID_MOVE_STOP, .failure = failure };
}

GenvidTransition
genvid_transition_end (GenvidState state, GenvidFailure *failure,
                       gboolean frees)
{
  return (GenvidTransition){
    .move = GENVID_MOVE_END, .failure = failure, .state = state, .frees = frees
  };
}

void
genvid_job_log (const GenvidJob *job, GenvidLogLevel level, const char *format,
                ...)
{
  const char *id = genvid_job_get_id (job);
  g_autofree char *message = NULL;
  g_autofree char *line = NULL;
  g_autofree char *shown = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  line = id != NULL
             ? g_strdup_printf ("generation %s: %s", id, message)
             : g_strdup_printf ("purchase %u of %.8s: %s", job->record->n,
                                job->record->fingerprint, message);
  shown = genvid_secret_hide (line, genvid_call_get_key (job->call));
  genvid_log (GENVID_LOG_JOB, level, "%s", shown);
}

void
genvid_job_note (GenvidJob *job)
{
  char *text = genvid_record_to_text (job->record);

  if (g_strcmp0 (text, job->noted) == 0) {
    g_free (text);
    return;
  }
  g_free (job->noted);
  job->noted = text;
  job->serial++;
}

const char *
genvid_job_get_id (const GenvidJob *job)
{
  return job->adopt != NULL ? job->adopt : job->record->id;
}

gint64
genvid_job_get_timeout (const GenvidJob *job)
{
  gint64 seconds = job->options.timeout;

  if (seconds == 0)
    seconds = genvid_provider_get_timeout (job->provider);
  if (seconds == 0)
    seconds = FALLBACK_TIMEOUT;
  return seconds * G_USEC_PER_SEC;
}

gint64
genvid_job_get_patience (const GenvidJob *job)
{
  return genvid_provider_get_patience (job->provider) * (gint64)G_USEC_PER_SEC;
}

gint64
genvid_job_get_elapsed (const GenvidJob *job, const GenvidNow *now)
{
  const GenvidMoment *then = &job->record->intended;

  if (job->record->adopted || then->boot_id == NULL || job->adopt != NULL)
    return now->boot - job->started;
  if (g_strcmp0 (then->boot_id, now->boot_id) == 0)
    return MAX (now->boot - then->boot, 0);
  return MAX (now->wall - then->wall, 0);
}

void
genvid_job_take_details (GenvidJob *job, const GenvidReply *reading)
{
  GenvidRecord *record = job->record;
  JsonObject *merged;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (json_object_get_size (reading->details) == 0)
    return;
  merged = record->details != NULL ? genvid_json_copy_object (record->details)
                                   : json_object_new ();
  json_object_iter_init (&iter, reading->details);
  while (json_object_iter_next (&iter, &name, &node))
    json_object_set_member (merged, name, json_node_copy (node));
  g_clear_pointer (&record->details, json_object_unref);
  record->details = merged;
}
