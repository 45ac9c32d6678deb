/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* genvid-store list: what was bought. It only reads, and shows what is there
 * even where a part of it cannot be read. A store may have many purchases: each
 * is shown as soon as it is read. */

#include "purchase.h"
#include "rows.h"

#include <stdio.h>
#include <string.h>

#include "failure.h"
#include "record.h"
#include "store-users.h"
#include "store.h"

#include <json-glib/json-glib.h>

#define SHORT_FINGERPRINT 12
#define SHORT_PROMPT      32
#define SHORT_WORD        28

/* What a list does with one purchase. */
typedef struct {
  void (*add) (const Purchase *purchase, gpointer data);
  gpointer data;
  guint found;      /* out */
  gboolean working; /* out: a process is at work on one of them */
  int status;       /* out */
} Lister;

static char *
format_state (const Purchase *purchase)
{
  const char *state = genvid_state_to_string (purchase->record->state);
  gboolean lost
      = purchase->record->state == GENVID_STATE_DONE && purchase->path == NULL;

  return g_strconcat (lost ? "lost" : state, purchase->working ? " *" : "",
                      NULL);
}

static char *
format_take (const Purchase *purchase)
{
  guint take = purchase_get_take (purchase);

  return take > 0 ? g_strdup_printf ("%u", take) : g_strdup ("-");
}

static void
add_row (const Purchase *purchase, gpointer data)
{
  const GenvidRecord *record = purchase->record;
  g_auto (GStrv) cells = g_new0 (char *, 11);

  cells[0] = tool_format_time (purchase->time);
  cells[1] = format_state (purchase);
  cells[2] = tool_format_cost (record->cost, record->currency);
  cells[3] = tool_format_line (record->provider, SHORT_WORD);
  cells[4] = tool_format_line (record->model, SHORT_WORD);
  cells[5] = format_take (purchase);
  cells[6] = g_strndup (record->fingerprint, SHORT_FINGERPRINT);
  cells[7] = tool_format_line (record->id, SHORT_WORD);
  cells[8] = tool_format_line (record->prompt, SHORT_PROMPT);
  cells[9] = g_strdup (purchase->path != NULL ? purchase->path : "-");
  tool_table_add (data, purchase->time, cells);
}

static void
set_failure (JsonObject *object, const GenvidFailure *failure)
{
  JsonObject *member;

  if (failure == NULL) {
    json_object_set_null_member (object, "failure");
    return;
  }
  member = json_object_new ();
  tool_set_text (member, "reason", genvid_reason_to_string (failure->reason));
  tool_set_text (member, "message", failure->message);
  tool_set_text (member, "advice", failure->advice);
  tool_set_text (member, "billed", genvid_billed_to_string (failure->billed));
  json_object_set_object_member (object, "failure", member);
}

static void
set_numbers (JsonObject *object, const Purchase *purchase)
{
  const GenvidRecord *record = purchase->record;
  guint take = purchase_get_take (purchase);

  if (take > 0)
    json_object_set_int_member (object, "take", take);
  else
    json_object_set_null_member (object, "take");
  json_object_set_int_member (object, "purchase", record->n);
  if (record->cost >= 0)
    json_object_set_double_member (object, "cost", record->cost);
  else
    json_object_set_null_member (object, "cost");
  tool_set_text (object, "currency", record->currency);
  json_object_set_int_member (object, "size", (gint64)record->media_size);
  json_object_set_int_member (object, "usage", (gint64)purchase->usage);
}

static JsonObject *
describe (const Purchase *purchase)
{
  const GenvidRecord *record = purchase->record;
  JsonObject *object = json_object_new ();

  tool_set_text (object, "fingerprint", record->fingerprint);
  tool_set_text (object, "state", genvid_state_to_string (record->state));
  json_object_set_boolean_member (object, "working", purchase->working);
  json_object_set_boolean_member (object, "used", purchase->used);
  tool_set_text (object, "provider", record->provider);
  tool_set_text (object, "call", record->call);
  tool_set_text (object, "model", record->model);
  tool_set_text (object, "prompt", record->prompt);
  tool_set_text (object, "id", record->id);
  json_object_set_boolean_member (object, "adopted", record->adopted);
  tool_set_time (object, "bought", record->intended.wall);
  tool_set_time (object, "ended", record->ended);
  tool_set_time (object, "used-last",
                 genvid_store_entry_get_last_use (purchase->entry));
  set_numbers (object, purchase);
  tool_set_text (object, "path", purchase->path);
  tool_set_text (object, "base-url", record->base_url);
  if (record->request != NULL)
    json_object_set_object_member (object, "request",
                                   json_object_ref (record->request));
  else
    json_object_set_null_member (object, "request");
  set_failure (object, record->failure);
  return object;
}

static void
add_text (const Purchase *purchase, gpointer data)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, describe (purchase));
  g_autofree char *text = tool_json_to_text (node, 1);
  rows_add (data, purchase->time, text, strlen (text));
}

static void
print_text (const char *text, gsize length, gpointer data)
{
  gboolean *begun = data;

  fputs (*begun ? ",\n  " : "\n  ", stdout);
  fwrite (text, 1, length, stdout);
  *begun = TRUE;
}

static void
list_one (const Purchase *purchase, gpointer data)
{
  Lister *lister = data;

  lister->found++;
  if (purchase->error != NULL)
    lister->status
        = tool_complain ("%s: %s", purchase_get_fingerprint (purchase),
                         purchase->error->message);
  if (purchase->record == NULL)
    return;
  lister->working = lister->working || purchase->working;
  lister->add (purchase, lister->data);
}

static void
list_all (Lister *lister, GenvidStore *store)
{
  g_autoptr (GError) error = NULL;

  if (!purchases_visit (store, list_one, lister, &error))
    lister->status = tool_complain ("%s", error->message);
}

static int
list_json (GenvidStore *store)
{
  gboolean begun = FALSE;
  g_autoptr (Rows) rows = rows_new (print_text, &begun);
  Lister lister = { .add = add_text, .data = rows };

  putchar ('[');
  list_all (&lister, store);
  rows_end (rows);
  puts (begun ? "\n]" : "]");
  return lister.status;
}

static int
list_table (GenvidStore *store)
{
  static const char *const titles[]
      = { "BOUGHT",      "STATE", "COST",   "SERVICE", "MODEL", "TAKE",
          "FINGERPRINT", "ID",    "PROMPT", "PATH",    NULL };
  g_autoptr (ToolTable) table = tool_table_new (titles);
  Lister lister = { .add = add_row, .data = table };

  list_all (&lister, store);
  if (lister.found > 0)
    tool_table_end (table);
  else if (lister.status == TOOL_OK)
    printf ("The store %s has no purchases yet.\n",
            genvid_store_get_path (store));
  if (lister.working)
    puts ("* a process is working on it");
  return lister.status;
}

static int
client (int argc, char **argv)
{
  g_autofree char *folder = NULL;
  gboolean json = FALSE;
  GOptionEntry entries[]
      = { { "store", 0, 0, G_OPTION_ARG_FILENAME, &folder,
            "Store folder (default: $GENVID_STORE, else your own)", "DIR" },
          { "json", 0, 0, G_OPTION_ARG_NONE, &json,
            "Print one JSON array with all details", NULL },
          { NULL } };
  g_autoptr (GenvidStore) store = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  if (!tool_parse (&tool_list, entries, 0, &argc, &argv, &status))
    return status;
  store = tool_open_store (folder, TRUE, &error);
  if (store == NULL)
    return tool_complain ("%s", error->message);
  return json ? list_json (store) : list_table (store);
}

const ToolVerb tool_list = {
  "list",
  "",
  "lists purchases: time, state, cost, prompt, path",
  client,
};
