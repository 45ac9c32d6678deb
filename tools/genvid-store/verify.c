/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* genvid-store verify: is everything there that was paid for, and nothing else?
 * It changes nothing; it names the command that repairs a problem. */

#include "inspect.h"
#include "store-entry.h"
#include "store.h"

#include <json-glib/json-glib.h>

#include <stdio.h>

static int
inspect (Inspection *inspection, GenvidStore *store)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) purchases = purchases_load (store, &error);

  inspect_tree (inspection);
  inspect_ledger (inspection, store);
  if (purchases == NULL)
    return tool_complain ("%s", error->message);
  for (guint i = 0; i < purchases->len; i++) {
    const Purchase *purchase = g_ptr_array_index (purchases, i);

    inspect_purchase (inspection, purchase);
    genvid_store_entry_rest (purchase->entry);
  }
  return inspection->findings->len > 0 ? TOOL_PROBLEM : TOOL_OK;
}

static void
print_text (const Inspection *inspection)
{
  for (guint i = 0; i < inspection->findings->len; i++) {
    const Finding *finding = g_ptr_array_index (inspection->findings, i);

    printf ("%s: %s: %s\n", finding->kind, finding->path, finding->message);
  }
  printf ("File system: %s %s (%s)\n", inspection->system.type,
          inspection->system.source,
          inspection->locks != NULL ? inspection->locks : "its locks hold");
  printf ("%u complete clips, %u unfinished, %u problems.\n", inspection->clips,
          inspection->unfinished, inspection->findings->len);
  if (inspection->unfinished > 0)
    puts ("\"genvid-store fetch --all\" continues the unfinished ones.");
}

static void
print_json (const Inspection *inspection)
{
  JsonObject *object = json_object_new ();
  JsonArray *findings = json_array_new ();

  for (guint i = 0; i < inspection->findings->len; i++) {
    const Finding *finding = g_ptr_array_index (inspection->findings, i);
    JsonObject *one = json_object_new ();

    tool_set_text (one, "kind", finding->kind);
    tool_set_text (one, "fingerprint", finding->fingerprint);
    tool_set_text (one, "path", finding->path);
    tool_set_text (one, "message", finding->message);
    json_array_add_object_element (findings, one);
  }
  tool_set_text (object, "store", inspection->root);
  tool_set_text (object, "file-system", inspection->system.type);
  tool_set_text (object, "mounted", inspection->system.source);
  json_object_set_int_member (object, "clips", inspection->clips);
  json_object_set_int_member (object, "unfinished", inspection->unfinished);
  json_object_set_array_member (object, "findings", findings);
  tool_print_json_object (object);
}

static int
client (int argc, char **argv)
{
  g_autofree char *folder = NULL;
  gboolean json = FALSE;
  GOptionEntry entries[]
      = { { "store", 0, 0, G_OPTION_ARG_FILENAME, &folder,
            "Store folder (default: $GENVID_STORE, else your own)", "DIR" },
          { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print one JSON object",
            NULL },
          { NULL } };
  g_autoptr (GenvidStore) store = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) findings
      = g_ptr_array_new_with_free_func ((GDestroyNotify)finding_free);
  Inspection inspection = { .findings = findings };
  int status;

  if (!tool_parse (&tool_verify, entries, 0, &argc, &argv, &status))
    return status;
  store = tool_open_store (folder, TRUE, &error);
  if (store == NULL)
    return tool_complain ("%s", error->message);
  inspection.root = genvid_store_get_path (store);
  genvid_store_find_file_system (store, &inspection.system);
  inspection.locks = genvid_file_system_explain_locks (&inspection.system);
  status = inspect (&inspection, store);
  if (json)
    print_json (&inspection);
  else
    print_text (&inspection);
  genvid_file_system_clear (&inspection.system);
  return status;
}

const ToolVerb tool_verify = {
  "verify",
  "",
  "checks clips, records, leftover files and permissions",
  client,
};
