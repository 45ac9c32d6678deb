/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* genvid-store list: what was bought. It only reads, and shows what is there
 * even where a part of it cannot be read. */

#include "purchase.h"

#include <stdio.h>

#include <genvid/genvid-json.h>

#define SHORT_FINGERPRINT 12
#define SHORT_PROMPT      32
#define SHORT_WORD        28

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
add_row (ToolTable *table, const Purchase *purchase)
{
  const GenvidRecord *record = purchase->record;
  char **cells = g_new0 (char *, 11);

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
  tool_table_add (table, cells);
}

static void
print_table (const GPtrArray *purchases)
{
  static const char *const titles[]
      = { "BOUGHT",      "STATE", "COST",   "SERVICE", "MODEL", "TAKE",
          "FINGERPRINT", "ID",    "PROMPT", "PATH",    NULL };
  g_autoptr (ToolTable) table = tool_table_new (titles);
  gboolean working = FALSE;

  for (guint i = 0; i < purchases->len; i++) {
    const Purchase *purchase = g_ptr_array_index (purchases, i);

    if (purchase->record == NULL)
      continue;
    add_row (table, purchase);
    working = working || purchase->working;
  }
  tool_table_print (table);
  if (working)
    puts ("* a process is at work on it");
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
                 genvid_entry_get_last_use (purchase->entry));
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
print_json (const GPtrArray *purchases)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  JsonArray *array = json_array_new ();

  json_node_take_array (node, array);
  for (guint i = 0; i < purchases->len; i++) {
    const Purchase *purchase = g_ptr_array_index (purchases, i);

    if (purchase->record != NULL)
      json_array_add_object_element (array, describe (purchase));
  }
  tool_print_json (node);
}

static int
list (GenvidStore *store, gboolean json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) purchases = purchases_load (store, &error);
  int status = TOOL_OK;

  if (purchases == NULL)
    return tool_complain ("%s", error->message);
  if (json)
    print_json (purchases);
  else if (purchases->len > 0)
    print_table (purchases);
  else
    printf ("Nothing was bought into %s yet.\n", genvid_store_get_path (store));
  for (guint i = 0; i < purchases->len; i++) {
    const Purchase *purchase = g_ptr_array_index (purchases, i);

    if (purchase->error != NULL)
      status = tool_complain ("%s: %s", purchase_get_fingerprint (purchase),
                              purchase->error->message);
  }
  return status;
}

static int
run (int argc, char **argv)
{
  g_autofree char *folder = NULL;
  gboolean json = FALSE;
  GOptionEntry entries[]
      = { { "store", 0, 0, G_OPTION_ARG_FILENAME, &folder,
            "The store (default: $GENVID_STORE, else your own)", "DIR" },
          { "json", 0, 0, G_OPTION_ARG_NONE, &json,
            "One JSON array, everything in full", NULL },
          { NULL } };
  g_autoptr (GenvidStore) store = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  if (!tool_parse (&tool_list, entries, 0, &argc, &argv, &status))
    return status;
  store = tool_open_store (folder, TRUE, &error);
  if (store == NULL)
    return tool_complain ("%s", error->message);
  return list (store, json);
}

const ToolVerb tool_list = {
  "list",
  "",
  "shows what was bought: when, state, cost, prompt, path",
  run,
};
