/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What one consumer holds: its plan, its reader, its share of the activity.
 * The order is given by the first wait, under the reader's own rules, so that
 * a run that was closed first never buys. */

#include <genvid/io/genvid-run.h>

#include <genvid/io/genvid-plan.h>
#include <genvid/io/genvid-publish.h>
#include <genvid/io/genvid-registry.h>

#include <unistd.h>

struct _GenvidRun {
  GenvidPlan *plan;
  GenvidActivity *activity;
  GenvidClip *clip; /* borrowed from the activity */
  GenvidReader *reader;
  GenvidEntry *use; /* tells other processes; until closed */
  gint closed;      /* atomic */
  gint ordered;     /* atomic */
  GenvidOrigin origin;
};

/* GENVID_ERROR (not-stored): it is gone; any other: it cannot be opened. */
static gboolean
open_stored (GenvidRun *run, GenvidEntry *entry, const GenvidRecord *record,
             GError **error)
{
  g_autofree char *location = NULL;
  int fd = genvid_entry_open_clip (entry, record, &location, error);

  if (fd < 0)
    return FALSE;
  if (genvid_activity_claim (run->activity))
    genvid_publish_stored (run->clip, record, fd, location,
                           GENVID_ORIGIN_STORED);
  else
    close (fd); /* one who shares it was faster; its worker serves the same */
  return TRUE;
}

/* What the store knows already: a finished clip is served without a worker;
 * what cannot be bought is refused now rather than at the first byte. */
static gboolean
look_into_store (GenvidRun *run, GError **error)
{
  g_autoptr (GenvidEntry) entry = NULL;
  g_autoptr (GenvidRecord) record = NULL;
  g_autoptr (GError) local = NULL;

  entry = genvid_store_get_entry (run->plan->store, run->plan->fingerprint);
  record = genvid_entry_load (entry, &local);
  if (local != NULL) {
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }
  if (record != NULL && record->state == GENVID_STATE_DONE) {
    if (open_stored (run, entry, record, &local)) {
      run->origin = GENVID_ORIGIN_STORED;
      return TRUE;
    }
    if (!g_error_matches (local, GENVID_ERROR, GENVID_REASON_NOT_STORED)) {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  }
  if (run->plan->key == NULL) {
    g_set_error_literal (error, GENVID_ERROR, GENVID_REASON_UNAUTHORIZED,
                         run->plan->keyless);
    return FALSE;
  }
  if (genvid_record_is_bought (record) || run->plan->order->adopt != NULL)
    return TRUE;
  return genvid_request_check_words (run->plan->request, error)
         && genvid_plan_may_buy (run->plan, error);
}

static void
clear_run (gpointer data)
{
  GenvidRun *run = data;

  if (run->reader != NULL)
    genvid_reader_free (run->reader);
  g_clear_pointer (&run->use, genvid_entry_free);
  g_clear_pointer (&run->activity, genvid_activity_unref);
  genvid_plan_unref (run->plan);
}

GenvidRun *
genvid_run_ref (GenvidRun *run)
{
  return g_atomic_rc_box_acquire (run);
}

void
genvid_run_unref (GenvidRun *run)
{
  if (run != NULL)
    g_atomic_rc_box_release_full (run, clear_run);
}

GenvidRun *
genvid_run_open (const GenvidOrder *order, GPtrArray **warnings, GError **error)
{
  g_autoptr (GenvidPlan) plan = genvid_plan_new (order, warnings, error);
  g_autoptr (GenvidRun) run = NULL;
  gboolean shared;

  if (plan == NULL)
    return NULL;

  run = g_atomic_rc_box_new0 (GenvidRun);
  run->plan = g_steal_pointer (&plan);
  run->use = genvid_store_get_entry (run->plan->store, run->plan->fingerprint);
  genvid_entry_use (run->use);

  run->activity = genvid_registry_join (run->plan, &shared);
  run->clip = genvid_activity_get_clip (run->activity);
  if (genvid_clip_is_whole (run->clip))
    run->origin = GENVID_ORIGIN_STORED;
  else
    run->origin = shared ? GENVID_ORIGIN_SHARED : GENVID_ORIGIN_BOUGHT;
  if (!shared && !look_into_store (run, error))
    return NULL;

  run->reader = genvid_clip_add_reader (run->clip);
  return g_steal_pointer (&run);
}

void
genvid_run_close (GenvidRun *run)
{
  gboolean cancel = run->plan->order->on_stop == GENVID_ON_STOP_CANCEL;

  if (!g_atomic_int_compare_and_exchange (&run->closed, FALSE, TRUE))
    return;
  /* First, or our own worker in another copy of this library would take this
   * user for one that stays. */
  genvid_entry_leave (run->use);
  genvid_activity_leave (run->activity, run->reader, cancel);
}

void
genvid_run_set_flushing (GenvidRun *run, gboolean flushing)
{
  genvid_reader_set_flushing (run->reader, flushing);
}

GenvidReadOutcome
genvid_run_wait (GenvidRun *run, guint64 offset, gsize length, gboolean whole,
                 guint seen, gsize *available)
{
  GenvidReadOutcome outcome = genvid_reader_check (run->reader);

  if (outcome != GENVID_READ_DATA)
    return outcome;
  if (g_atomic_int_compare_and_exchange (&run->ordered, FALSE, TRUE)
      && !genvid_clip_is_whole (run->clip))
    genvid_activity_order (run->activity, run->plan, run->reader);

  return genvid_reader_wait (run->reader, offset, length, whole, seen,
                             available);
}

gssize
genvid_run_read (GenvidRun *run, guint64 offset, guint8 *buffer, gsize length,
                 GError **error)
{
  return genvid_reader_read (run->reader, offset, buffer, length, error);
}

GenvidSnapshot *
genvid_run_snapshot (GenvidRun *run)
{
  GenvidSnapshot *snapshot = genvid_clip_snapshot (run->clip);

  /* The clip's word is about its worker; this user may only share it. */
  if (snapshot->origin == GENVID_ORIGIN_BOUGHT)
    snapshot->origin = run->origin;
  return snapshot;
}

guint64
genvid_run_get_size (GenvidRun *run)
{
  return genvid_clip_get_size (run->clip);
}

GenvidRanges *
genvid_run_get_ranges (GenvidRun *run)
{
  return genvid_clip_get_ranges (run->clip);
}

GenvidFailure *
genvid_run_get_failure (GenvidRun *run)
{
  return genvid_reader_get_failure (run->reader);
}

const char *
genvid_run_get_fingerprint (GenvidRun *run)
{
  return run->plan->fingerprint;
}

void
genvid_run_quit (void)
{
  genvid_registry_quit ();
}
