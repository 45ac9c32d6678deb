/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* genvid-store prune: makes room. It removes finished clips, the one that was
 * used longest ago first, and records of what ended without a cost; never what
 * is in use, under way, in doubt, or failed and perhaps billed. The ledger
 * stays, so a budget sees what was spent. */

#include "purchase.h"
#include "clock.h"
#include "record.h"
#include "store-entry.h"
#include "store-removal.h"
#include "store-users.h"
#include "store.h"

#include <stdio.h>

/* A record that ended just now keeps a player that restarts in a loop from
 * buying in that loop. */
#define REST (60 * (gint64)G_USEC_PER_SEC)

typedef struct {
  GenvidStore *store;
  gboolean dry_run;
  guint64 keep; /* G_MAXUINT64: no matter */
  gint64 older; /* -1: no matter */
  gint64 now;
  guint64 usage; /* of all, with what is left */
  guint removed;
  guint64 freed;
  int status;
} Prune;

static gint64
get_last_use (const Purchase *purchase)
{
  gint64 used = genvid_store_entry_get_last_use (purchase->entry);

  return MAX (used, MAX (purchase->record->ended, purchase->time));
}

static gint
compare_uses (gconstpointer a, gconstpointer b)
{
  gint64 first = get_last_use (*(const Purchase *const *)a);
  gint64 second = get_last_use (*(const Purchase *const *)b);

  return first < second ? -1 : first > second;
}

static gboolean
may_go (const Prune *prune, const Purchase *purchase)
{
  if (purchase->working || purchase->used || !purchase_is_over (purchase))
    return FALSE;
  return purchase->record->state == GENVID_STATE_DONE
         || prune->now - purchase->record->ended >= REST;
}

static gboolean
is_wanted_away (const Prune *prune, const Purchase *purchase)
{
  if (prune->older >= 0)
    return prune->now - get_last_use (purchase) >= prune->older;
  return prune->usage > prune->keep;
}

/* What was seen before the lock was ours may have changed; FALSE: it stays. */
static gboolean
remove_entry (Prune *prune, const Purchase *purchase)
{
  const char *fingerprint = purchase_get_fingerprint (purchase);
  g_autoptr (GError) error = NULL;
  g_autoptr (Purchase) again = NULL;

  if (!genvid_store_entry_try_lock (purchase->entry, &error)) {
    if (error != NULL)
      prune->status = tool_complain ("%s", error->message);
    return FALSE;
  }
  again = purchase_load (prune->store, fingerprint);
  again->working = FALSE; /* that is us */
  if (!may_go (prune, again))
    return FALSE;
  if (genvid_store_entry_remove (purchase->entry, &error))
    return TRUE;
  prune->status = tool_complain ("%s", error->message);
  return FALSE;
}

static void
tell (const Prune *prune, const Purchase *purchase)
{
  g_autofree char *size = tool_format_size (purchase->usage);
  g_autofree char *prompt = tool_format_line (purchase->record->prompt, 40);

  printf ("%s %.12s  %s  %s  %s\n", prune->dry_run ? "would remove" : "removed",
          purchase_get_fingerprint (purchase),
          genvid_state_to_string (purchase->record->state), size, prompt);
}

static void
consider (Prune *prune, const Purchase *purchase)
{
  if (!may_go (prune, purchase) || !is_wanted_away (prune, purchase)
      || (!prune->dry_run && !remove_entry (prune, purchase)))
    return;
  prune->usage -= MIN (purchase->usage, prune->usage);
  prune->freed += purchase->usage;
  prune->removed++;
  tell (prune, purchase);
}

static GPtrArray *
find_known (GPtrArray *purchases, guint64 *usage)
{
  GPtrArray *known = g_ptr_array_new ();

  for (guint i = 0; i < purchases->len; i++) {
    Purchase *purchase = g_ptr_array_index (purchases, i);

    *usage += purchase->usage;
    if (purchase->record != NULL)
      g_ptr_array_add (known, purchase);
  }
  g_ptr_array_sort (known, compare_uses);
  return known;
}

static int
prune_store (Prune *prune)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) purchases = purchases_load (prune->store, &error);
  g_autoptr (GPtrArray) known = NULL;
  g_autofree char *freed = NULL;
  g_autofree char *left = NULL;

  if (purchases == NULL)
    return tool_complain ("%s", error->message);
  known = find_known (purchases, &prune->usage);
  for (guint i = 0; i < known->len; i++) {
    const Purchase *purchase = g_ptr_array_index (known, i);

    consider (prune, purchase);
    genvid_store_entry_unlock (purchase->entry);
    genvid_store_entry_rest (purchase->entry);
  }
  if (!prune->dry_run && !genvid_store_sweep (prune->store, &error))
    prune->status = tool_complain ("%s", error->message);
  freed = tool_format_size (prune->freed);
  left = tool_format_size (prune->usage);
  printf ("%u %s, %s; %s %s.\n", prune->removed,
          prune->dry_run ? "would be removed" : "removed", freed, left,
          prune->dry_run ? "would be left" : "left");
  if (prune->keep != G_MAXUINT64 && prune->usage > prune->keep)
    fprintf (stderr, "Clips in use, unfinished, in doubt or possibly billed "
                     "stay, so the store is larger than requested.\n");
  return prune->status;
}

static int
client (int argc, char **argv)
{
  g_autofree char *folder = NULL;
  g_autofree char *keep = NULL;
  g_autofree char *older = NULL;
  Prune prune = { .keep = G_MAXUINT64,
                  .older = -1,
                  .now = genvid_clock_now ().wall,
                  .status = TOOL_OK };
  GOptionEntry entries[]
      = { { "store", 0, 0, G_OPTION_ARG_FILENAME, &folder,
            "Store folder (default: $GENVID_STORE, else your own)", "DIR" },
          { "keep", 0, 0, G_OPTION_ARG_STRING, &keep,
            "Keep at most this much, such as 500M or 20G", "SIZE" },
          { "older", 0, 0, G_OPTION_ARG_STRING, &older,
            "Remove clips unused for this long, such as 12h, 30d or 8w",
            "AGE" },
          { "dry-run", 0, 0, G_OPTION_ARG_NONE, &prune.dry_run,
            "Only print what would be removed", NULL },
          { NULL } };
  g_autoptr (GenvidStore) store = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  if (!tool_parse (&tool_prune, entries, 0, &argc, &argv, &status))
    return status;
  if ((keep == NULL) == (older == NULL))
    return tool_misuse (&tool_prune, "give --keep or --older.");
  if (keep != NULL && !tool_parse_size (keep, &prune.keep))
    return tool_misuse (&tool_prune,
                        "--keep must be a size such as 500M or 20G.");
  if (older != NULL && !tool_parse_age (older, &prune.older))
    return tool_misuse (&tool_prune,
                        "--older must be an age such as 12h or 30d.");
  /* A store that is not there is not made to be pruned. */
  store = tool_open_store (folder, TRUE, &error);
  if (store != NULL && !prune.dry_run) {
    g_clear_pointer (&store, genvid_store_unref);
    store = tool_open_store (folder, FALSE, &error);
  }
  if (store == NULL)
    return tool_complain ("%s", error->message);
  prune.store = store;
  return prune_store (&prune);
}

const ToolVerb tool_prune = {
  "prune",
  "--keep SIZE|--older AGE",
  "removes finished clips that are not in use; keeps the ledger",
  client,
};
