/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What one consumer holds: its plan, its reader, its share of the generation.
 * The order is given by the first wait, under the reader's own rules, so that
 * a run that was closed first never buys. */

#include "client.h"

#include "byte-ranges.h"
#include "clip-reader.h"
#include "clip-status.h"
#include "clip.h"
#include "failure.h"
#include "generations.h"
#include "plan.h"
#include "purchase.h"
#include "record.h"
#include "request.h"
#include "settings.h"
#include "store-entry.h"
#include "store-media.h"
#include "store-recovery.h"
#include "store-users.h"

#include <unistd.h>

struct _GenvidClient {
  GenvidPlan *plan;
  GenvidGeneration *generation;
  GenvidClip *clip; /* borrowed from the generation */
  GenvidClipReader *reader;
  GenvidStoreEntry *use; /* tells other processes; until closed */
  gint closed;           /* atomic */
  gint ordered;          /* atomic */
  GenvidOrigin origin;
};

/* GENVID_ERROR (not-stored): it is gone; any other: it cannot be opened. */
static gboolean
open_stored (GenvidClient *client, GenvidStoreEntry *entry,
             const GenvidRecord *record, GError **error)
{
  g_autofree char *location = NULL;
  int fd = genvid_store_entry_open_clip (entry, record, &location, error);

  if (fd < 0)
    return FALSE;
  if (genvid_generation_claim (client->generation))
    genvid_clip_publish_stored (client->clip, record, fd, location,
                                GENVID_ORIGIN_STORED);
  else
    close (fd); /* one who shares it was faster; its worker serves the same */
  return TRUE;
}

/* What the store knows already: a finished clip is served without a worker;
 * what cannot be bought is refused now rather than at the first byte. */
static gboolean
look_into_store (GenvidClient *client, GError **error)
{
  g_autoptr (GenvidStoreEntry) entry = NULL;
  g_autoptr (GenvidRecord) record = NULL;
  g_autoptr (GError) local = NULL;

  entry
      = genvid_store_get_entry (client->plan->store, client->plan->fingerprint);
  record = genvid_store_entry_load (entry, &local);
  if (local != NULL) {
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }
  if (record != NULL && record->state == GENVID_STATE_DONE) {
    if (open_stored (client, entry, record, &local)) {
      client->origin = GENVID_ORIGIN_STORED;
      return TRUE;
    }
    if (!g_error_matches (local, GENVID_ERROR, GENVID_REASON_NOT_STORED)) {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  }
  if (client->plan->key == NULL) {
    g_set_error_literal (error, GENVID_ERROR, GENVID_REASON_UNAUTHORIZED,
                         client->plan->keyless);
    return FALSE;
  }
  if (genvid_purchase_exists (record) || client->plan->settings->adopt != NULL)
    return TRUE;
  return genvid_request_check_words (client->plan->request, error)
         && genvid_plan_may_buy (client->plan, error);
}

static void
clear_run (gpointer data)
{
  GenvidClient *client = data;

  if (client->reader != NULL)
    genvid_clip_reader_free (client->reader);
  g_clear_pointer (&client->use, genvid_store_entry_free);
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
    g_atomic_rc_box_release_full (client, clear_run);
}

GenvidClient *
genvid_client_open (const GenvidSettings *settings, GPtrArray **warnings,
                    GError **error)
{
  g_autoptr (GenvidPlan) plan = genvid_plan_new (settings, warnings, error);
  g_autoptr (GenvidClient) client = NULL;
  gboolean shared;

  if (plan == NULL)
    return NULL;

  client = g_atomic_rc_box_new0 (GenvidClient);
  client->plan = g_steal_pointer (&plan);
  client->use
      = genvid_store_get_entry (client->plan->store, client->plan->fingerprint);
  genvid_store_entry_use (client->use);

  client->generation = genvid_generations_join (client->plan, &shared);
  client->clip = genvid_generation_get_clip (client->generation);
  if (genvid_clip_is_whole (client->clip))
    client->origin = GENVID_ORIGIN_STORED;
  else
    client->origin = shared ? GENVID_ORIGIN_SHARED : GENVID_ORIGIN_BOUGHT;
  if (!shared && !look_into_store (client, error))
    return NULL;

  client->reader = genvid_clip_add_reader (client->clip);
  return g_steal_pointer (&client);
}

void
genvid_client_close (GenvidClient *client)
{
  gboolean cancel = client->plan->settings->on_stop == GENVID_ON_STOP_CANCEL;

  if (!g_atomic_int_compare_and_exchange (&client->closed, FALSE, TRUE))
    return;
  /* First, or our own worker in another copy of this library would take this
   * user for one that stays. */
  genvid_store_entry_leave (client->use);
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
  GenvidReadOutcome outcome = genvid_clip_reader_check (client->reader);

  if (outcome != GENVID_READ_DATA)
    return outcome;
  if (g_atomic_int_compare_and_exchange (&client->ordered, FALSE, TRUE)
      && !genvid_clip_is_whole (client->clip))
    genvid_generation_start (client->generation, client->plan, client->reader);

  return genvid_clip_reader_wait (client->reader, offset, length, whole, seen,
                                  available);
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

  /* The clip's word is about its worker; this user may only share it. */
  if (snapshot->origin == GENVID_ORIGIN_BOUGHT)
    snapshot->origin = client->origin;
  return snapshot;
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

const char *
genvid_client_get_fingerprint (GenvidClient *client)
{
  return client->plan->fingerprint;
}

void
genvid_client_quit (void)
{
  genvid_generations_quit ();
}
