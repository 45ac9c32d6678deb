/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An entry of the store, for all verbs: what is in doubt or can be removed is
 * decided here, once. */

#include "purchase.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "failure.h"
#include "json.h"
#include "ledger.h"
#include "record.h"
#include "store-entry.h"
#include "store-removal.h"
#include "store-media.h"
#include "store-recovery.h"
#include "store-users.h"
#include "store.h"

#define FINGERPRINT_LENGTH 64

static void
find_clip (Purchase *purchase)
{
  int fd;

  if (purchase->record->state != GENVID_STATE_DONE)
    return;
  fd = genvid_store_entry_open_clip (purchase->entry, purchase->record,
                                     &purchase->path, NULL);
  if (fd >= 0)
    close (fd);
}

static gint64
find_time (const GenvidRecord *record)
{
  if (record->intended.wall > 0)
    return record->intended.wall;
  return record->ready > 0 ? record->ready : record->ended;
}

Purchase *
purchase_load (GenvidStore *store, const char *fingerprint)
{
  GenvidStoreEntry *entry = genvid_store_get_entry (store, fingerprint);
  Purchase *purchase;

  if (entry == NULL)
    return NULL;
  purchase = g_new0 (Purchase, 1);
  purchase->entry = entry;
  /* Before the record: what was worked on then is at least as far now. */
  purchase->working = genvid_store_entry_is_taken (entry);
  purchase->used = genvid_store_entry_is_used (entry);
  purchase->record = genvid_store_entry_load (entry, &purchase->error);
  purchase->usage = genvid_store_entry_get_usage (entry);
  if (purchase->record != NULL) {
    find_clip (purchase);
    purchase->time = find_time (purchase->record);
  }
  /* There may be more of them than a process may have files open. */
  genvid_store_entry_rest (entry);
  return purchase;
}

void
purchase_free (Purchase *purchase)
{
  if (purchase == NULL)
    return;
  genvid_store_entry_free (purchase->entry);
  genvid_record_free (purchase->record);
  g_clear_error (&purchase->error);
  g_free (purchase->path);
  g_free (purchase);
}

gint
purchase_compare_times (gconstpointer a, gconstpointer b)
{
  const Purchase *first = *(const Purchase *const *)a;
  const Purchase *second = *(const Purchase *const *)b;

  if (first->time != second->time)
    return first->time < second->time ? -1 : 1;
  return strcmp (purchase_get_fingerprint (first),
                 purchase_get_fingerprint (second));
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

char **
purchases_list (GenvidStore *store, GError **error)
{
  char **names = genvid_store_list (store, error);

  if (names != NULL)
    qsort (names, g_strv_length (names), sizeof *names, compare_names);
  return names;
}

typedef struct {
  GenvidStore *store;
  GHashTable *seen; /* of fingerprints */
  PurchaseVisit visit;
  gpointer data;
} Visitor;

static void
visit_one (const char *name, gpointer data)
{
  const Visitor *visitor = data;
  g_autoptr (Purchase) purchase = NULL;

  if (g_hash_table_contains (visitor->seen, name))
    return;
  g_hash_table_add (visitor->seen, g_strdup (name));
  purchase = purchase_load (visitor->store, name);
  if (purchase != NULL && (purchase->record != NULL || purchase->error != NULL))
    visitor->visit (purchase, visitor->data);
}

gboolean
purchases_visit (GenvidStore *store, PurchaseVisit visit, gpointer data,
                 GError **error)
{
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Visitor visitor = { store, seen, visit, data };
  g_auto (GStrv) names = NULL;

  genvid_ledger_visit (store, visit_one, &visitor);
  names = purchases_list (store, error);
  if (names == NULL)
    return FALSE;
  for (char **name = names; *name != NULL; name++)
    visit_one (*name, &visitor);
  return TRUE;
}

GPtrArray *
purchases_load (GenvidStore *store, GError **error)
{
  g_auto (GStrv) names = genvid_store_list (store, error);
  GPtrArray *purchases;

  if (names == NULL)
    return NULL;
  purchases = g_ptr_array_new_with_free_func ((GDestroyNotify)purchase_free);
  for (char **name = names; *name != NULL; name++) {
    Purchase *purchase = purchase_load (store, *name);

    if (purchase != NULL)
      g_ptr_array_add (purchases, purchase);
  }
  g_ptr_array_sort (purchases, purchase_compare_times);
  return purchases;
}

gboolean
purchase_is_prefix (const char *text)
{
  gsize length = strlen (text);

  return length >= 1 && length <= FINGERPRINT_LENGTH
         && strspn (text, "0123456789abcdef") == length;
}

Purchase *
purchase_find (GenvidStore *store, const char *prefix, GError **error)
{
  g_auto (GStrv) names = genvid_store_list (store, error);
  const char *found = NULL;

  if (names == NULL)
    return NULL;
  for (char **name = names; *name != NULL; name++) {
    if (!g_str_has_prefix (*name, prefix))
      continue;
    if (found != NULL) {
      g_set_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS,
                   "More than one fingerprint begins with %s: %.12s… and "
                   "%.12s…. Give more digits.",
                   prefix, found, *name);
      return NULL;
    }
    found = *name;
  }
  if (found != NULL)
    return purchase_load (store, found);
  g_set_error (error, GENVID_ERROR, GENVID_REASON_NOT_STORED,
               "No fingerprint in the store %s begins with %s. "
               "\"genvid-store list\" shows all.",
               genvid_store_get_path (store), prefix);
  return NULL;
}

const char *
purchase_get_fingerprint (const Purchase *purchase)
{
  return genvid_store_entry_get_fingerprint (purchase->entry);
}

guint
purchase_get_take (const Purchase *purchase)
{
  if (purchase->record == NULL)
    return 0;
  return (guint)genvid_json_int (purchase->record->request, "take", 0);
}

gboolean
purchase_is_doubtful (const Purchase *purchase)
{
  const GenvidRecord *record = purchase->record;

  if (record == NULL || record->id != NULL)
    return FALSE;
  /* Paying for a doubt that has not begun is the doubt still. */
  if (record->state == GENVID_STATE_IDLE)
    return record->failure != NULL
           && record->failure->reason == GENVID_REASON_IN_DOUBT;
  return record->state == GENVID_STATE_SUBMITTING
         || record->state == GENVID_STATE_IN_DOUBT;
}

gboolean
purchase_is_unfinished (const Purchase *purchase)
{
  const GenvidRecord *record = purchase->record;

  if (record == NULL)
    return FALSE;
  switch (record->state) {
  case GENVID_STATE_SUBMITTING:
  case GENVID_STATE_QUEUED:
  case GENVID_STATE_RUNNING:
  case GENVID_STATE_DOWNLOADING:
  case GENVID_STATE_IN_DOUBT:
    return TRUE;
  case GENVID_STATE_DONE:
    return purchase->path == NULL;
  case GENVID_STATE_CANCELLED:
    return !record->frees && record->id != NULL;
  case GENVID_STATE_IDLE:
  case GENVID_STATE_FAILED:
  default:
    return FALSE;
  }
}

gboolean
purchase_is_over (const Purchase *purchase)
{
  const GenvidRecord *record = purchase->record;

  if (record == NULL || purchase_is_doubtful (purchase)
      || purchase_is_unfinished (purchase))
    return FALSE;
  /* What failed and may have been billed is not bought again as long as its
   * record says so. */
  return record->state == GENVID_STATE_DONE
         || record->state == GENVID_STATE_IDLE || record->frees;
}
