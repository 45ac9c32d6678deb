/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What one consumer holds: its plan, its reader, its share of the generation.
 * The first wait starts the generation, and only if the reader is not stopped,
 * so that a client that was closed first never buys. */

#include "client.h"

#include "byte-ranges.h"
#include "clip-reader.h"
#include "clip-status.h"
#include "clip.h"
#include "failure.h"
#include "generation.h"
#include "learned-timing.h"
#include "log.h"
#include "plan.h"
#include "provider.h"
#include "purchase.h"
#include "record.h"
#include "request.h"
#include "reserve.h"
#include "settings.h"
#include "store-entry.h"
#include "store-media.h"
#include "store-recovery.h"

#include <unistd.h>

struct _GenvidClient {
  GenvidPlan *plan;
  GenvidGeneration *generation;
  GenvidClip *clip; /* borrowed from the generation */
  GenvidClipReader *reader;
  gint uses;    /* atomic: seen by other processes; until closed */
  gint closed;  /* atomic */
  gint started; /* atomic */
  GenvidOrigin origin;
  double expected; /* seconds in all, as a guess; 0: none */
};

/* A forked child has its parent's clients and clips, but none of the threads,
 * neither ours nor GLib's; and any of the mutexes may be held for good. */
static gboolean
is_forked (void)
{
  static gint process; /* atomic: the first that opened a client; 0: none */
  gint mine = getpid ();

  return !g_atomic_int_compare_and_exchange (&process, 0, mine)
         && g_atomic_int_get (&process) != mine;
}

/* GENVID_ERROR (not-stored): it is missing; any other: it cannot be opened. */
static gboolean
publish_stored (GenvidClient *client, GenvidStoreEntry *entry,
                const GenvidRecord *record, GError **error)
{
  g_autofree char *location = NULL;
  int fd = genvid_store_entry_open_clip (entry, record, &location, error);

  if (fd < 0)
    return FALSE;
  if (genvid_generation_become_writer (client->generation))
    genvid_clip_publish_stored (client->clip, record, fd, location,
                                GENVID_ORIGIN_STORED);
  else
    close (fd); /* another client was first; its worker publishes the same */
  return TRUE;
}

/* What the store has already: a finished clip needs no worker, and what cannot
 * be bought is refused now rather than at the first byte. */
static gboolean
check_store (GenvidClient *client, GError **error)
{
  g_autoptr (GenvidStoreEntry) entry = NULL;
  g_autoptr (GenvidRecord) record = NULL;
  g_autoptr (GError) local = NULL;
  gboolean exists;

  entry
      = genvid_store_get_entry (client->plan->store, client->plan->fingerprint);
  record = genvid_store_entry_load (entry, &local);
  if (local != NULL) {
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }
  if (record != NULL && record->state == GENVID_STATE_DONE) {
    if (publish_stored (client, entry, record, &local)) {
      client->origin = GENVID_ORIGIN_STORED;
      return TRUE;
    }
    if (!g_error_matches (local, GENVID_ERROR, GENVID_REASON_NOT_STORED)) {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  }
  exists = genvid_purchase_exists (record);
  if (!exists && !genvid_plan_check_request (client->plan, error))
    return FALSE;
  if (client->plan->keyless != NULL) {
    g_set_error_literal (error, GENVID_ERROR, GENVID_REASON_UNAUTHORIZED,
                         client->plan->keyless);
    return FALSE;
  }
  if (exists || client->plan->settings->adopt != NULL)
    return TRUE;
  return genvid_request_check_words (client->plan->request, error)
         && genvid_plan_may_buy (client->plan, error);
}

static void
end_use (GenvidClient *client)
{
  if (g_atomic_int_compare_and_exchange (&client->uses, TRUE, FALSE))
    genvid_generation_end_use (client->generation);
}

static void
clear_client (gpointer data)
{
  GenvidClient *client = data;

  if (is_forked ())
    return;
  if (client->reader != NULL)
    genvid_clip_reader_free (client->reader);
  end_use (client);
  g_clear_pointer (&client->generation, genvid_generation_unref);
  genvid_plan_unref (client->plan);
}

GenvidClient *
genvid_client_ref (GenvidClient *client)
{
  return g_atomic_rc_box_acquire (client);
}

void
genvid_client_unref (GenvidClient *client)
{
  if (client != NULL)
    g_atomic_rc_box_release_full (client, clear_client);
}

static char *
format_usd (double amount, const char *unset)
{
  return amount >= 0 ? g_strdup_printf ("%.4f USD", amount) : g_strdup (unset);
}

static void
log_plan (const GenvidPlan *plan)
{
  g_autofree char *price = format_usd (
      genvid_plan_to_usd (plan, plan->price, plan->currency), "unknown");
  g_autofree char *max_cost = format_usd (plan->max_cost, "unlimited");
  g_autofree char *budget = format_usd (plan->budget, "unlimited");

  genvid_log (GENVID_LOG_ENGINE, GENVID_LOG_DEBUG,
              "%.8s: plan: price %s, max-cost %s, budget %s, reuse=%s, "
              "if-in-doubt=%s, store %s",
              plan->fingerprint, price, max_cost, budget,
              plan->never_buy ? "only" : "auto",
              plan->settings->if_in_doubt == GENVID_IF_IN_DOUBT_RESUBMIT
                  ? "resubmit"
                  : "fail",
              genvid_store_get_path (plan->store));
}

static void
log_open (const GenvidClient *client)
{
  const GenvidPlan *plan = client->plan;
  g_autofree char *prompt = g_strdup (plan->request->prompt);
  static const char *const origins[] = {
    [GENVID_ORIGIN_BOUGHT] = "not stored",
    [GENVID_ORIGIN_STORED] = "stored",
    [GENVID_ORIGIN_SHARED] = "shared",
  };

  genvid_log (
      GENVID_LOG_ENGINE, GENVID_LOG_INFO,
      "%.8s: client opened: clip %s of %s, model %s: %s", plan->fingerprint,
      plan->fingerprint, genvid_provider_get_name (plan->provider),
      plan->model != NULL ? plan->model : "not set", origins[client->origin]);
  log_plan (plan);
  if (prompt != NULL)
    genvid_log (GENVID_LOG_ENGINE, GENVID_LOG_LOG, "%.8s: prompt: %s",
                plan->fingerprint, g_strdelimit (prompt, "\r\n", ' '));
}

/* First of all: whoever asks from here on whether the clip is wanted finds a
 * reader of it, or the mark of its use. A generation that nobody wanted until
 * now may have ended since it was found; the next one is another. */
static gboolean
join (GenvidClient *client)
{
  gboolean shared;

  do {
    g_clear_pointer (&client->generation, genvid_generation_unref);
    client->generation = genvid_generation_join (client->plan, &shared);
    client->clip = genvid_generation_get_clip (client->generation);
    client->reader = genvid_clip_add_reader (client->clip);
  } while (client->reader == NULL);
  genvid_generation_begin_use (client->generation);
  g_atomic_int_set (&client->uses, TRUE);
  return shared;
}

static GenvidClient *
open_client (const GenvidSettings *settings, GPtrArray **warnings,
             GError **error)
{
  g_autoptr (GenvidPlan) plan = NULL;
  g_autoptr (GenvidClient) client = NULL;
  gboolean shared;

  if (is_forked ()) {
    g_set_error_literal (
        error, GENVID_ERROR, GENVID_REASON_SETTINGS,
        "This process was forked from one that has used genvidsrc, and lacks "
        "its threads. Nothing was bought. Use genvidsrc in the parent, fork "
        "before its first use, or execute a program after the fork.");
    return NULL;
  }
  plan = genvid_plan_new (settings, warnings, error);
  if (plan == NULL)
    return NULL;

  client = g_atomic_rc_box_new0 (GenvidClient);
  client->plan = g_steal_pointer (&plan);
  shared = join (client);
  if (genvid_clip_is_whole (client->clip))
    client->origin = GENVID_ORIGIN_STORED;
  else
    client->origin = shared ? GENVID_ORIGIN_SHARED : GENVID_ORIGIN_BOUGHT;
  if (!shared && !check_store (client, error))
    return NULL;

  if (client->origin != GENVID_ORIGIN_STORED)
    client->expected = genvid_learned_timing_guess (client->plan);
  log_open (client);
  return g_steal_pointer (&client);
}

GenvidClient *
genvid_client_open (const GenvidSettings *settings, GPtrArray **warnings,
                    GError **error)
{
  /* What is opened here and closed again is not taken from a running job. */
  GenvidReserve *reserve = genvid_reserve_take_record ();
  GenvidClient *client = open_client (settings, warnings, error);

  genvid_reserve_free (reserve);
  return client;
}

void
genvid_client_close (GenvidClient *client)
{
  gboolean cancel = client->plan->settings->on_stop == GENVID_ON_STOP_CANCEL;

  if (!g_atomic_int_compare_and_exchange (&client->closed, FALSE, TRUE)
      || is_forked ())
    return;
  genvid_log (GENVID_LOG_ENGINE, GENVID_LOG_INFO,
              "%.8s: client closed, on-stop=%s", client->plan->fingerprint,
              cancel ? "cancel" : "keep");
  /* First, or a worker of another copy of this library in this process would
   * count this client as one that stays. */
  end_use (client);
  genvid_generation_leave (client->generation, client->reader, cancel);
}

void
genvid_client_set_flushing (GenvidClient *client, gboolean flushing)
{
  genvid_clip_reader_set_flushing (client->reader, flushing);
}

GenvidReadOutcome
genvid_client_wait (GenvidClient *client, guint64 offset, gsize length,
                    gboolean whole, guint seen, gsize *available)
{
  GenvidReadOutcome outcome;

  if (is_forked ())
    return GENVID_READ_STOPPED;
  outcome = genvid_clip_reader_check (client->reader);
  if (outcome != GENVID_READ_DATA)
    return outcome;
  if (g_atomic_int_compare_and_exchange (&client->started, FALSE, TRUE)
      && !genvid_clip_is_whole (client->clip))
    genvid_generation_start (client->generation, client->plan, client->reader);

  return genvid_clip_reader_wait (client->reader, offset, length, whole, seen,
                                  available);
}

GenvidReadOutcome
genvid_client_wait_finished (GenvidClient *client, guint seen)
{
  return genvid_clip_reader_wait_finished (client->reader, seen);
}

void
genvid_client_watch (GenvidClient *client, GenvidClipWatch watch, gpointer data)
{
  genvid_clip_reader_set_watch (client->reader, watch, data);
}

gssize
genvid_client_read (GenvidClient *client, guint64 offset, guint8 *buffer,
                    gsize length, GError **error)
{
  return genvid_clip_reader_read (client->reader, offset, buffer, length,
                                  error);
}

GenvidClipStatus *
genvid_client_snapshot (GenvidClient *client)
{
  GenvidClipStatus *snapshot = genvid_clip_snapshot (client->clip);

  /* The clip's origin is its worker's; this client may only share it. */
  if (snapshot->origin == GENVID_ORIGIN_BOUGHT)
    snapshot->origin = client->origin;
  snapshot->expected = client->expected;
  if (snapshot->duration == 0 && client->plan->request->duration > 0)
    snapshot->duration = client->plan->request->duration;
  return snapshot;
}

guint
genvid_client_get_serial (GenvidClient *client)
{
  return genvid_clip_get_serial (client->clip);
}

gboolean
genvid_client_is_arriving (GenvidClient *client)
{
  return genvid_clip_is_arriving (client->clip);
}

guint64
genvid_client_get_size (GenvidClient *client)
{
  return genvid_clip_get_size (client->clip);
}

GenvidByteRanges *
genvid_client_get_ranges (GenvidClient *client)
{
  return genvid_clip_get_ranges (client->clip);
}

GenvidFailure *
genvid_client_get_failure (GenvidClient *client)
{
  return genvid_clip_reader_get_failure (client->reader);
}

gboolean
genvid_client_can_cancel (GenvidClient *client)
{
  return genvid_provider_can_cancel (client->plan->provider);
}

const char *
genvid_client_get_fingerprint (GenvidClient *client)
{
  return client->plan->fingerprint;
}

void
genvid_client_quit (void)
{
  genvid_generation_quit_all ();
}
