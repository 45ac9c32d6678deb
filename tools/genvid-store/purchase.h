/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "tool.h"
#include "record.h"
#include "store-entry.h"
#include "store.h"

/* One entry of the store as it stands now: its record and what is around it.
 * A value; nothing is locked by it. */
typedef struct {
  GenvidStoreEntry *entry;
  GenvidRecord *record; /* NULL: nothing is known, or ERROR */
  GError *error;        /* why it cannot be read; nullable */
  gboolean working;     /* a process has its lock */
  gboolean used;        /* somebody plays or waits for it */
  char *path;           /* of the whole clip; nullable */
  guint64 usage;        /* bytes on disk */
  gint64 time;          /* when it was bought, else ended; wall, 0 unknown */
} Purchase;

Purchase *purchase_load (GenvidStore *store, const char *fingerprint);
void purchase_free (Purchase *purchase);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Purchase, purchase_free)
/* By time; for the sort of a GPtrArray. */
gint purchase_compare_times (gconstpointer a, gconstpointer b);

/* All fingerprints, sorted; free with g_strfreev(). */
char **purchases_list (GenvidStore *store, GError **error);
/* Calls VISIT with each purchase while the store is being read: in the order of
 * the ledger, and then, by name, those that the ledger does not speak of. FALSE
 * with error: not all were found. */
typedef void (*PurchaseVisit) (const Purchase *purchase, gpointer data);
gboolean purchases_visit (GenvidStore *store, PurchaseVisit visit,
                          gpointer data, GError **error);
/* All of type Purchase, by time. */
GPtrArray *purchases_load (GenvidStore *store, GError **error);

/* The one whose fingerprint begins with PREFIX. NULL with GENVID_ERROR
 * (not-stored, settings) for none, or more than one. */
Purchase *purchase_find (GenvidStore *store, const char *prefix,
                         GError **error);
/* "4f1c…": hexadecimal digits, and not too many. */
gboolean purchase_is_prefix (const char *text);

const char *purchase_get_fingerprint (const Purchase *purchase);
/* 0: unknown. */
guint purchase_get_take (const Purchase *purchase);
/* Nobody knows whether it was bought, nor its id. */
gboolean purchase_is_doubtful (const Purchase *purchase);
/* The clip may still be available at the service. */
gboolean purchase_is_unfinished (const Purchase *purchase);
/* Done, cancelled or failed without a doubt left: nothing that was paid for
 * is lost with its record, but the clip itself. */
gboolean purchase_is_over (const Purchase *purchase);
