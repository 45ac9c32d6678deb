/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* watch: who makes what, on all machines that share the store. It reads what
 * they write and asks no service. */

#include <stdio.h>
#include <unistd.h>

#include <glib.h>
#include <json-glib/json-glib.h>

#include "clock.h"
#include "ledger.h"
#include "purchase.h"
#include "store-holder.h"
#include "store-users.h"
#include "store.h"
#include "tool.h"

#define DEFAULT_INTERVAL 2

/* What is being made, or what its maker left behind. */
typedef struct {
  GPtrArray *purchases; /* of Purchase, by time */
  double spent;         /* USD, of the last 24 hours; -1: not known */
  char *problem;        /* why it is not known; nullable */
  double budget;        /* -1: none */
  guint left;           /* of them, what nobody works on */
} View;

static void
view_clear (View *view)
{
  g_clear_pointer (&view->purchases, g_ptr_array_unref);
  g_clear_pointer (&view->problem, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (View, view_clear)

/* Nobody works on it, and it is not at its end. */
static gboolean
is_left (const Purchase *purchase)
{
  return !purchase->working
         && (purchase->error != NULL || purchase_is_doubtful (purchase)
             || purchase_is_unfinished (purchase));
}

static gboolean
look (GenvidStore *store, View *view, GError **error)
{
  g_auto (GStrv) held = genvid_store_list_held (store, error);
  const char *budget = g_getenv ("GENVID_BUDGET");
  g_autoptr (GError) problem = NULL;
  GenvidNow now = genvid_clock_now ();

  if (held == NULL)
    return FALSE;
  view->purchases
      = g_ptr_array_new_with_free_func ((GDestroyNotify)purchase_free);
  for (guint i = 0; held[i] != NULL; i++) {
    Purchase *purchase = purchase_load (store, held[i]);

    if (purchase == NULL)
      continue;
    view->left += is_left (purchase);
    if (purchase->working || is_left (purchase))
      g_ptr_array_add (view->purchases, purchase);
    else
      purchase_free (purchase);
  }
  g_ptr_array_sort (view->purchases, purchase_compare_times);
  view->spent = genvid_ledger_sum (store, &now, &problem);
  if (problem != NULL)
    view->problem = g_strdup (problem->message);
  view->budget = -1;
  tool_parse_amount (budget, &view->budget);
  return TRUE;
}

static gint64
count_seconds (const Purchase *purchase)
{
  gint64 age = genvid_clock_now ().wall - purchase->time;

  return purchase->time > 0 && age > 0 ? age / G_USEC_PER_SEC : 0;
}

static const char *
get_state (const Purchase *purchase)
{
  return purchase->record != NULL
             ? genvid_state_to_string (purchase->record->state)
             : "unknown";
}

static JsonObject *
describe (const Purchase *purchase)
{
  const GenvidRecord *record = purchase->record;
  JsonObject *one = json_object_new ();
  g_auto (GenvidStoreHolder) holder
      = genvid_store_entry_get_holder (purchase->entry);

  tool_set_text (one, "fingerprint", purchase_get_fingerprint (purchase));
  json_object_set_boolean_member (one, "working", purchase->working);
  tool_set_text (one, "host", holder.host);
  json_object_set_int_member (one, "process", holder.pid);
  tool_set_text (one, "state", get_state (purchase));
  json_object_set_int_member (one, "progress", holder.progress);
  json_object_set_int_member (one, "seconds", count_seconds (purchase));
  tool_set_text (one, "provider", record != NULL ? record->provider : NULL);
  tool_set_text (one, "model", record != NULL ? record->model : NULL);
  tool_set_text (one, "id", record != NULL ? record->id : NULL);
  tool_set_text (one, "prompt", record != NULL ? record->prompt : NULL);
  tool_set_text (one, "error",
                 purchase->error != NULL ? purchase->error->message : NULL);
  return one;
}

static void
print_json (const View *view, GenvidStore *store)
{
  JsonObject *object = json_object_new ();
  JsonArray *all = json_array_new ();

  for (guint i = 0; i < view->purchases->len; i++)
    json_array_add_object_element (
        all, describe (g_ptr_array_index (view->purchases, i)));
  tool_set_text (object, "store", genvid_store_get_path (store));
  if (view->spent >= 0)
    json_object_set_double_member (object, "spent", view->spent);
  else
    json_object_set_null_member (object, "spent");
  tool_set_text (object, "problem", view->problem);
  if (view->budget >= 0)
    json_object_set_double_member (object, "budget", view->budget);
  json_object_set_int_member (object, "left", view->left);
  json_object_set_array_member (object, "generations", all);
  tool_print_json_object (object);
}

static void
print_one (const Purchase *purchase)
{
  const GenvidRecord *record = purchase->record;
  g_auto (GenvidStoreHolder) holder
      = genvid_store_entry_get_holder (purchase->entry);
  g_autofree char *who
      = purchase->working
            ? g_strdup_printf ("%s %" G_GINT64_FORMAT,
                               holder.host != NULL ? holder.host : "?",
                               holder.pid)
            : g_strdup ("nobody");
  g_autofree char *done = holder.progress >= 0 && purchase->working
                              ? g_strdup_printf (" %d %%", holder.progress)
                              : g_strdup ("");
  g_autofree char *line = g_strdup_printf (
      "%.8s  %-20s  %s%s, %" G_GINT64_FORMAT " s  %s  %s",
      purchase_get_fingerprint (purchase), who, get_state (purchase), done,
      count_seconds (purchase), record != NULL ? record->provider : "",
      record != NULL && record->prompt != NULL ? record->prompt : "");
  g_autofree char *shown = tool_format_line (line, 110);

  puts (shown);
}

static void
print_text (const View *view)
{
  for (guint i = 0; i < view->purchases->len; i++)
    print_one (g_ptr_array_index (view->purchases, i));
  printf ("%u being made, %u left by their maker. ",
          view->purchases->len - view->left, view->left);
  if (view->spent < 0)
    printf ("%s\n", view->problem != NULL ? view->problem : "");
  else if (view->budget >= 0)
    printf ("$%.2f of $%.2f spent in 24 hours.\n", view->spent, view->budget);
  else
    printf ("$%.2f spent in 24 hours.\n", view->spent);
}

/* Each round opens the store again, so that it sees one that was replaced. */
static int
show (const char *folder, gboolean json, gboolean again)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidStore) store = tool_open_store (folder, TRUE, &error);
  g_auto (View) view = { 0 };

  if (store == NULL || !look (store, &view, &error))
    return tool_complain ("%s", error->message);
  if (again)
    fputs ("\033[H\033[J", stdout);
  if (json)
    print_json (&view, store);
  else
    print_text (&view);
  fflush (stdout);
  return view.left > 0 || view.spent < 0 ? TOOL_PROBLEM : TOOL_OK;
}

static int
watch (int argc, char **argv)
{
  g_autofree char *folder = NULL;
  gboolean json = FALSE;
  gboolean once = FALSE;
  int interval = DEFAULT_INTERVAL;
  GOptionEntry entries[]
      = { { "store", 0, 0, G_OPTION_ARG_FILENAME, &folder,
            "Store folder (default: $GENVID_STORE, else your own)", "DIR" },
          { "json", 0, 0, G_OPTION_ARG_NONE, &json,
            "Print one JSON object, once", NULL },
          { "once", 0, 0, G_OPTION_ARG_NONE, &once,
            "Print once (default outside a terminal)", NULL },
          { "interval", 0, 0, G_OPTION_ARG_INT, &interval,
            "Seconds between two looks (default: 2)", "N" },
          { NULL } };
  int status;

  if (!tool_parse (&tool_watch, entries, 0, &argc, &argv, &status))
    return status;
  if (interval < 1)
    return tool_misuse (&tool_watch, "--interval is at least 1.");
  if (json || once || !isatty (STDOUT_FILENO))
    return show (folder, json, FALSE);
  /* Until Ctrl-C. */
  for (;;) {
    show (folder, FALSE, TRUE);
    g_poll (NULL, 0, interval * 1000);
  }
}

const ToolVerb tool_watch = {
  "watch",
  "",
  "shows what all machines are making, and the money of the day",
  watch,
};
