/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a new start makes of what it finds: continue, buy, buy again, or say
 * the same as last time. The only file that lets the purchase number rise,
 * and it does so for two reasons: the record says that the last purchase
 * costs nothing, or the user pays knowingly for a doubt. */
#include "job-start.h"

#include "call-build.h"
#include "call.h"
#include "failure.h"
#include "fingerprint.h"
#include "job-doubt.h"
#include "job-end.h"
#include "job-private.h"
#include "job-submit.h"
#include "job.h"
#include "moment.h"
#include "provider.h"
#include "record.h"
#include "secret.h"

#include <json-glib/json-glib.h>

#define MAX_PURCHASES    1000000
#define FALLBACK_TIMEOUT 900

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

void
genvid_job_resume (GenvidJob *job, const GenvidNow *now)
{
  if (job->record->captures != NULL && job->adopt == NULL)
    genvid_call_set_captures (job->call, job->record->captures);
  job->resumed = TRUE;
  job->started = now->boot;
  job->deadline = now->boot + genvid_job_get_timeout (job);
  genvid_job_enter (job, GENVID_STAGE_POLL, now->boot, now);
}

void
genvid_job_refuse_to_buy (GenvidJob *job, const char *message)
{
  GenvidFailure *failure
      = genvid_failure_new (GENVID_REASON_NOT_STORED, "%s", message);

  failure->advice = g_strdup ("Allow it: reuse=auto and no reuse=only in the "
                              "environment or URI.");
  genvid_job_stop (job, failure);
}

/* The ids of a former start make the body the same, byte for byte. Only those
 * of the record do: what is remembered elsewhere may have changed since. */
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

void
genvid_job_begin_purchase (GenvidJob *job, const GenvidNow *now)
{
  if (job->options.never_buy) {
    genvid_job_refuse_to_buy (
        job, "Nothing is stored for this request, and buying it is not "
             "allowed here.");
    return;
  }
  bind_purchase (job);
  genvid_job_enter_purchase (job, now);
}

void
genvid_job_renew (GenvidJob *job)
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
  record->cost = -1;
  record->media_size = 0;
  job->intended = FALSE;
  job->billed = GENVID_BILLED_UNKNOWN;
}

/* Paying for a doubt has not begun before its intent stands: until then the
 * record says both what is to be bought and what is not known, and a start
 * that comes in between finds the doubt again. */
void
genvid_job_renew_doubt (GenvidJob *job, GenvidFailure *doubt)
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

static GenvidFailure *
copy_last_failure (const GenvidRecord *record)
{
  if (record->failure != NULL)
    return genvid_failure_copy (record->failure);
  return genvid_failure_new (GENVID_REASON_FAILED,
                             "The generation ended without a clip.");
}

static void
repeat_failure (GenvidJob *job, char *advice)
{
  GenvidFailure *failure = copy_last_failure (job->record);

  g_free (failure->advice);
  failure->advice = advice;
  genvid_job_stop (job, failure);
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
  return MAX (GENVID_REST - (now->wall - record->ended), 0);
}

static void
reopen (GenvidJob *job, const GenvidNow *now)
{
  GenvidRecord *record = job->record;
  gint64 left;

  if (!record->frees && record->state == GENVID_STATE_CANCELLED
      && record->id != NULL) {
    genvid_job_resume (job, now);
    return;
  }
  if (!record->frees || record->n >= MAX_PURCHASES) {
    repeat_failure (job, g_strdup ("It may have been billed, so it is not "
                                   "bought again by itself. Another take of "
                                   "the same words is another purchase: set "
                                   "take to the next number (take=2, 3…)."));
    return;
  }
  left = was_never_bought (record) ? 0 : rest_left (record, now);
  if (left > 0) {
    repeat_failure (
        job,
        g_strdup_printf ("It cost nothing; a new purchase is possible "
                         "in %d s.",
                         (int)((left + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC)));
    return;
  }
  if (!job->options.never_buy)
    genvid_job_renew (job);
  genvid_job_begin_purchase (job, now);
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

static void
refuse_key_as_id (GenvidJob *job)
{
  GenvidFailure *failure = genvid_failure_new (
      GENVID_REASON_SETTINGS, "adopt holds the key, not a generation's id.");

  failure->advice
      = g_strdup ("Set it to the id as the service shows it; the key belongs "
                  "in api-key. Nothing was sent.");
  genvid_job_stop (job, failure);
}

static void
adopt (GenvidJob *job, const GenvidNow *now)
{
  GenvidFailure *failure;

  if (genvid_secret_is_in (job->adopt, genvid_call_get_key (job->call))) {
    refuse_key_as_id (job);
    return;
  }
  if (may_adopt (job)) {
    genvid_job_resume (job, now);
    return;
  }
  failure = genvid_failure_new (
      GENVID_REASON_SETTINGS,
      "This request already bought generation %s; adopting %s in its place "
      "would lose it.",
      job->record->id, job->adopt);
  failure->advice = g_strdup ("Unset adopt to continue with the former, or "
                              "set another take together with adopt.");
  genvid_job_stop (job, failure);
}

static void
reopen_doubt (GenvidJob *job, const GenvidNow *now)
{
  bind_purchase (job);
  if (job->record->captures != NULL)
    genvid_call_set_captures (job->call, job->record->captures);
  job->intended = job->reopened = TRUE;
  genvid_job_enter_doubt (job, NULL, now);
}

void
genvid_job_open (GenvidJob *job, const GenvidNow *now)
{
  GenvidRecord *record = job->record;
  gboolean under_way = record->state >= GENVID_STATE_QUEUED
                       && record->state <= GENVID_STATE_DOWNLOADING;

  if (record->state == GENVID_STATE_DONE) {
    job->stage = GENVID_STAGE_DONE;
    return;
  }
  if (under_way && g_strcmp0 (record->id, job->adopt) == 0)
    g_clear_pointer (&job->adopt, g_free);
  if (job->adopt != NULL) {
    adopt (job, now);
    return;
  }
  genvid_job_return_to_doubt (job);
  switch (record->state) {
  case GENVID_STATE_IDLE:
    record->cancel = FALSE;
    genvid_job_begin_purchase (job, now);
    break;
  case GENVID_STATE_FAILED:
  case GENVID_STATE_CANCELLED:
    reopen (job, now);
    break;
  case GENVID_STATE_SUBMITTING:
  case GENVID_STATE_QUEUED:
  case GENVID_STATE_RUNNING:
  case GENVID_STATE_DOWNLOADING:
  case GENVID_STATE_DONE:
  case GENVID_STATE_IN_DOUBT:
  default:
    if (record->id != NULL)
      genvid_job_resume (job, now);
    else
      reopen_doubt (job, now);
    break;
  }
}
