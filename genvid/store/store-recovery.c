/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is known of a purchase, from all that a crash may have left of it:
 * job.json, the intents and the clip itself. The rule is that nothing which
 * may have been paid for ever comes out as nothing. */

#include "store-recovery.h"

#include "durable-file.h"
#include "failure.h"
#include "json-reader.h"
#include "json.h"
#include "ledger.h"
#include "log.h"
#include "record.h"
#include "store-entry.h"
#include "store-media.h"
#include "store-private.h"

#include <json-glib/json-glib.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECORD_MAX_BYTES (8 * 1024 * 1024)
#define INTENT_MAX_BYTES GENVID_JSON_MAX_BYTES
#define ASIDE_NAME       GENVID_STORE_RECORD_NAME ".damaged"

/* NULL: torn, or not there. */
static JsonNode *
read_intent (int folder, guint n)
{
  g_autofree char *name = g_strdup_printf (GENVID_STORE_INTENT_PREFIX "%u", n);
  gsize length = 0;
  g_autofree char *text = genvid_durable_file_read (
      folder, name, INTENT_MAX_BYTES, &length, NULL);

  if (text == NULL)
    return NULL;
  g_autoptr (JsonNode) node = genvid_json_reader_parse (text, length, NULL);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return NULL;
  return g_steal_pointer (&node);
}

/* A word of the intent, else of the record before it: what was asked for is
 * the same in every purchase of a fingerprint. */
static char *
choose (JsonObject *intent, const char *name, const char *before)
{
  return g_strdup (genvid_json_string (intent, name, before));
}

static void
set_intended (GenvidRecord *record, JsonObject *intent)
{
  if (intent == NULL)
    return;
  record->intended.wall = genvid_json_int (intent, "wall", 0);
  record->intended.boot = genvid_json_int (intent, "boot", 0);
  record->intended.boot_id
      = g_strdup (genvid_json_string (intent, "boot-id", NULL));
}

/* A record that knows no more than that N was intended. */
static GenvidRecord *
make_from_intent (GenvidStoreEntry *entry, guint n, const GenvidRecord *before)
{
  const GenvidRecord none = { .provider = (char *)"" };
  const GenvidRecord *old = before != NULL ? before : &none;
  g_autoptr (JsonNode) node = read_intent (entry->folder, n);
  JsonObject *intent = node != NULL ? json_node_get_object (node) : NULL;
  JsonObject *request = genvid_json_object (intent, "request");
  GenvidRecord *record = genvid_record_new (
      entry->fingerprint,
      genvid_json_string (intent, "provider", old->provider));

  record->n = n;
  record->state = GENVID_STATE_SUBMITTING;
  record->call = choose (intent, "call", old->call);
  record->model = choose (intent, "model", old->model);
  record->prompt = choose (intent, "prompt", old->prompt);
  record->base_url = choose (intent, "base-url", old->base_url);
  /* Not of the record before: that may have been bought with another key. */
  record->key_hash = choose (intent, "key-hash", NULL);
  if (request == NULL)
    request = old->request;
  if (request != NULL)
    record->request = json_object_ref (request);
  set_intended (record, intent);
  return record;
}

/* The intent is durable, the record that should say so is not. */
static GenvidRecord *
apply_intent (GenvidStoreEntry *entry, GenvidRecord *record, guint intent)
{
  gboolean newer = record == NULL || intent > record->n;
  gboolean unsaid = record != NULL && intent == record->n
                    && record->state == GENVID_STATE_IDLE;

  if (intent == 0 || !(newer || unsaid))
    return record;
  GenvidRecord *merged = make_from_intent (entry, intent, record);
  if (unsaid) {
    merged->cancel = record->cancel;
    if (merged->key_hash == NULL)
      merged->key_hash = g_strdup (record->key_hash);
    if (record->uploads != NULL)
      merged->uploads = json_array_ref (record->uploads);
  }
  if (record != NULL)
    genvid_record_free (record);
  return merged;
}

static GenvidRecord *
make_done (GenvidStoreEntry *entry, const GenvidRecord *before,
           const char *clip, const struct stat *info)
{
  GenvidRecord *record = before != NULL
                             ? genvid_record_copy (before)
                             : genvid_record_new (entry->fingerprint, "");

  record->state = GENVID_STATE_DONE;
  record->ended = (gint64)info->st_mtim.tv_sec * G_USEC_PER_SEC;
  g_free (record->media_extension);
  record->media_extension = g_strdup (clip + strlen (GENVID_STORE_CLIP_PREFIX));
  record->media_size = (guint64)info->st_size;
  return record;
}

/* A clip gets its name only when it is whole and durable, so it outweighs a
 * record that was not written after it; but as no record tells its length,
 * its boxes must. */
static GenvidRecord *
apply_clip (GenvidStoreEntry *entry, GenvidRecord *record, const char *clip,
            gboolean lost)
{
  struct stat info;
  gboolean under_way = record != NULL
                       && record->state >= GENVID_STATE_SUBMITTING
                       && record->state <= GENVID_STATE_DOWNLOADING;

  if (clip == NULL || !(lost || under_way)
      || fstatat (entry->folder, clip, &info, AT_SYMLINK_NOFOLLOW) != 0
      || !S_ISREG (info.st_mode))
    return record;
  g_autoptr (GenvidRecord) done = make_done (entry, record, clip, &info);
  if (!genvid_store_entry_check_clip (entry, done, NULL))
    return record;
  if (record != NULL)
    genvid_record_free (record);
  return g_steal_pointer (&done);
}

/* NULL with TORN set: a text is there and tells nothing. */
static GenvidRecord *
read_record (GenvidStoreEntry *entry, gboolean *torn, GError **error)
{
  g_autoptr (GError) problem = NULL;
  GenvidSeen seen = { .looked = TRUE };
  gsize length = 0;

  if (genvid_store_entry_is_locked (entry)) {
    genvid_durable_file_refresh (entry->folder, "");
    genvid_durable_file_refresh (entry->folder, GENVID_STORE_RECORD_NAME);
  }
  g_autofree char *text = genvid_durable_file_read_known (
      entry->folder, GENVID_STORE_RECORD_NAME, RECORD_MAX_BYTES, &length,
      &seen.file, &problem);
  g_autoptr (GenvidRecord) record = NULL;

  seen.there = text != NULL;
  genvid_store_entry_see (entry, problem == NULL ? &seen : NULL);
  if (text != NULL)
    record = genvid_record_from_text (text, (gssize)length, &problem);
  *torn = text != NULL && record == NULL
          && !g_error_matches (problem, GENVID_ERROR, GENVID_REASON_SETTINGS);
  if (*torn)
    return NULL;
  if (problem != NULL) {
    g_propagate_error (error, g_steal_pointer (&problem));
    return NULL;
  }
  if (record == NULL)
    return NULL;
  /* A copy of another purchase's file tells nothing of this one. */
  *torn = g_strcmp0 (record->fingerprint, entry->fingerprint) != 0;
  return *torn ? NULL : g_steal_pointer (&record);
}

/* Kept for a human who may find an id in it. */
static void
keep_aside (GenvidStoreEntry *entry)
{
  const GenvidSeen gone = { .looked = TRUE };

  if (!genvid_store_entry_is_locked (entry)
      || renameat (entry->folder, GENVID_STORE_RECORD_NAME, entry->folder,
                   ASIDE_NAME)
             != 0)
    return;
  genvid_store_entry_log (entry, GENVID_LOG_INFO,
                          "damaged record kept as " ASIDE_NAME);
  genvid_store_entry_see (entry, &gone);
}

/* An id that the record has lost stands in the ledger. Who does not hold the
 * lock asks it for a damaged record only: that of a submit on its way is
 * looked at four times a second. */
static GenvidRecord *
apply_ledger (GenvidStoreEntry *entry, GenvidRecord *record, gboolean damaged)
{
  GenvidLedgerTrace trace = { 0 };
  gboolean idless = record == NULL
                    || (record->id == NULL
                        && (record->state == GENVID_STATE_SUBMITTING
                            || record->state == GENVID_STATE_IN_DOUBT));

  if (!idless
      || !(damaged || (record != NULL && genvid_store_entry_is_locked (entry)))
      || !genvid_ledger_find (entry->store, entry->fingerprint,
                              record != NULL ? record->n : 0, &trace))
    return record;
  if (record == NULL)
    record = genvid_record_new (entry->fingerprint, trace.provider);
  record->n = trace.n;
  record->id = g_steal_pointer (&trace.id);
  record->state = GENVID_STATE_RUNNING;
  record->adopted = trace.adopted;
  record->ready = trace.ready;
  g_clear_pointer (&record->failure, genvid_failure_free);
  if (record->provider == NULL || *record->provider == '\0') {
    g_free (record->provider);
    record->provider = g_strdup (trace.provider != NULL ? trace.provider : "");
  }
  if (record->model == NULL)
    record->model = g_steal_pointer (&trace.model);
  genvid_ledger_trace_clear (&trace);
  return record;
}

/* Of a record that is damaged, and of which no other file tells the end. */
static GenvidRecord *
explain_damage (GenvidStoreEntry *entry, GenvidRecord *record)
{
  if (record == NULL) {
    /* Nothing was intended, but something may have been adopted. */
    record = genvid_record_new (entry->fingerprint, "");
    record->state = GENVID_STATE_IN_DOUBT;
  }
  if (record->id != NULL || record->state == GENVID_STATE_DONE)
    return record;
  record->failure = genvid_failure_new (
      GENVID_REASON_IN_DOUBT,
      "The record of this purchase is damaged (what is left of it "
      "is " ASIDE_NAME "), so it is not known whether anything was bought.");
  record->failure->advice = g_strdup (
      "Check your account at the service: if the generation is there, set "
      "adopt to its id; if it is not, set if-in-doubt=resubmit to buy it.");
  return record;
}

static void
log_recovery (GenvidStoreEntry *entry, const GenvidRecord *record)
{
  if (record != NULL)
    genvid_store_entry_log (entry, GENVID_LOG_INFO,
                            "purchase %u recovered without its record: %s",
                            record->n, genvid_state_to_string (record->state));
}

static GenvidRecord *
merge (GenvidStoreEntry *entry, const GenvidStoreNames *names,
       GenvidRecord *record, gboolean torn)
{
  gboolean lost = record == NULL;
  /* Once it is kept aside there is no job.json at all: still torn. */
  gboolean damaged
      = torn
        || (lost && genvid_durable_file_exists (entry->folder, ASIDE_NAME));

  record = apply_intent (entry, record, names->intent);
  record = apply_ledger (entry, record, damaged);
  record = apply_clip (entry, record, names->clip, lost);
  if (lost && damaged)
    record = explain_damage (entry, record);
  if (torn)
    keep_aside (entry);
  if (damaged && genvid_store_entry_is_locked (entry))
    log_recovery (entry, record);
  return record;
}

/* While another machine replaces the record, a network file system can hide it
 * for a moment. NAMES are read last: what a listing tells of a name may be
 * older than what the name itself does. */
static GenvidRecord *
find_record (GenvidStoreEntry *entry, GenvidStoreNames *names, gboolean *torn,
             GError **error)
{
  gint64 until = g_get_monotonic_time () + GENVID_DURABLE_MOMENT;
  g_autoptr (GError) problem = NULL;

  for (gboolean listed = FALSE;; listed = TRUE) {
    GenvidRecord *record = read_record (entry, torn, &problem);

    if (!listed && problem == NULL)
      genvid_store_entry_read_names (entry->folder, names, &problem);
    if (problem == NULL && (record != NULL || *torn || !names->record))
      return record;
    if (problem == NULL && !genvid_durable_file_nap (until))
      genvid_durable_file_set_error (&problem, ESTALE, entry->folder,
                                     GENVID_STORE_RECORD_NAME);
    g_clear_pointer (&record, genvid_record_free);
    if (problem != NULL) {
      g_propagate_error (error, g_steal_pointer (&problem));
      return NULL;
    }
  }
}

GenvidRecord *
genvid_store_entry_load (GenvidStoreEntry *entry, GError **error)
{
  g_autoptr (GError) problem = NULL;
  GenvidStoreNames names = { 0 };
  gboolean torn = FALSE;
  GenvidRecord *record = NULL;

  if (genvid_store_entry_get_folder (entry, FALSE, &problem) >= 0)
    record = find_record (entry, &names, &torn, &problem);
  else if (problem == NULL)
    return NULL;
  if (problem == NULL)
    record = merge (entry, &names, record, torn);
  else
    g_propagate_error (error, g_steal_pointer (&problem));
  g_free (names.clip);
  if (record != NULL)
    genvid_store_entry_describe (entry, record);
  return record;
}
