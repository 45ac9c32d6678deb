/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One purchase, compared with the files in its folder. An entry changes while a
 * process works on it, so only what is wrong at any moment is reported. */

#include "inspect.h"

#include <string.h>

#include "record.h"
#include "store-media.h"

#include <gio/gio.h>

#define RECORD  "job.json"
#define PART    "clip.part"
#define MAP     "clip.map"
#define DAMAGED ".damaged"

/* What the names in the folder tell. */
typedef struct {
  gboolean part;
  gboolean map;
  gboolean record;
  guint temporary;
  GPtrArray *aside;   /* of char * */
  GPtrArray *strange; /* of char * */
} Files;

void
finding_free (Finding *finding)
{
  g_free (finding->path);
  g_free (finding->fingerprint);
  g_free (finding->message);
  g_free (finding);
}

void
inspection_add (Inspection *inspection, const char *kind,
                const char *fingerprint, const char *name, const char *message)
{
  Finding *finding = g_new0 (Finding, 1);

  finding->kind = kind;
  finding->fingerprint = g_strdup (fingerprint);
  finding->path = name != NULL ? g_build_filename (inspection->root, name, NULL)
                               : g_strdup (inspection->root);
  finding->message = g_strdup (message);
  g_ptr_array_add (inspection->findings, finding);
}

/* NAME (nullable) is in the purchase's folder. */
static void
add (Inspection *inspection, const Purchase *purchase, const char *kind,
     const char *name, const char *message)
{
  const char *fingerprint = purchase_get_fingerprint (purchase);
  g_autofree char *path = g_build_filename ("clips", fingerprint, name, NULL);

  inspection_add (inspection, kind, fingerprint, path, message);
}

static void
note_file (Files *files, const char *name)
{
  if (strcmp (name, RECORD) == 0)
    files->record = TRUE;
  else if (strcmp (name, PART) == 0)
    files->part = TRUE;
  else if (strcmp (name, MAP) == 0)
    files->map = TRUE;
  else if (g_str_has_prefix (name, ".new-"))
    files->temporary++;
  else if (g_str_has_suffix (name, DAMAGED))
    g_ptr_array_add (files->aside, g_strdup (name));
  else if (!g_str_has_prefix (name, "clip.")
           && !g_str_has_prefix (name, "intent-"))
    g_ptr_array_add (files->strange, g_strdup (name));
}

static Files
read_files (const Inspection *inspection, const char *fingerprint)
{
  g_autofree char *path
      = g_build_filename (inspection->root, "clips", fingerprint, NULL);
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  Files files = { .aside = g_ptr_array_new_with_free_func (g_free),
                  .strange = g_ptr_array_new_with_free_func (g_free) };
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    note_file (&files, name);
  return files;
}

static void
clear_files (Files *files)
{
  g_ptr_array_unref (files->aside);
  g_ptr_array_unref (files->strange);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Files, clear_files)

/* What load has put right in its answer, so that it cannot be seen there. */
static void
check_record (Inspection *inspection, const Purchase *purchase,
              const Files *files)
{
  const char *fingerprint = purchase_get_fingerprint (purchase);
  g_autofree char *path
      = g_build_filename (inspection->root, "clips", fingerprint, RECORD, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GenvidRecord) record = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  if (!files->record) {
    add (inspection, purchase, "torn", RECORD, "is missing");
    return;
  }
  if (!g_file_get_contents (path, &text, &length, &error)) {
    add (inspection, purchase, "unreadable", RECORD, error->message);
    return;
  }
  record = genvid_record_from_text (text, (gssize)length, &error);
  if (record == NULL)
    add (inspection, purchase, "torn", RECORD, error->message);
  else if (strcmp (record->fingerprint, fingerprint) != 0)
    add (inspection, purchase, "torn", RECORD, "belongs to another purchase");
}

static void
check_clip (Inspection *inspection, const Purchase *purchase)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *message = NULL;

  if (genvid_store_entry_check_clip (purchase->entry, purchase->record,
                                     &error)) {
    inspection->clips++;
    return;
  }
  message
      = g_strdup_printf ("%s \"genvid-store fetch %.12s\" downloads it again.",
                         error->message, purchase_get_fingerprint (purchase));
  add (inspection, purchase, "clip", NULL, message);
}

static void
check_state (Inspection *inspection, const Purchase *purchase)
{
  g_autofree char *message = NULL;

  if (purchase->error != NULL) {
    add (inspection, purchase, "unreadable", NULL, purchase->error->message);
    return;
  }
  if (purchase->record == NULL)
    return;
  if (purchase->record->state == GENVID_STATE_DONE) {
    check_clip (inspection, purchase);
    return;
  }
  if (!purchase_is_doubtful (purchase)) {
    inspection->unfinished += purchase_is_unfinished (purchase);
    return;
  }
  message = g_strdup_printf (
      "Purchase %u may have been billed, and its id is unknown. "
      "\"genvid-store fetch %.12s --adopt ID\" resolves the doubt.",
      purchase->record->n, purchase_get_fingerprint (purchase));
  add (inspection, purchase, "doubt", NULL, message);
}

static gboolean
has_use_for_part (const Purchase *purchase)
{
  return purchase->record != NULL
         && purchase->record->state >= GENVID_STATE_QUEUED
         && purchase->record->state <= GENVID_STATE_DOWNLOADING;
}

static void
check_leftovers (Inspection *inspection, const Purchase *purchase,
                 const Files *files)
{
  if (files->temporary > 0)
    add (inspection, purchase, "leftover", NULL,
         "has temporary files of a process that was killed; the next process "
         "that works on it deletes them");
  if (files->part && !has_use_for_part (purchase))
    add (inspection, purchase, "leftover", PART,
         "is part of a clip that no job downloads");
  if (files->map && !files->part)
    add (inspection, purchase, "leftover", MAP,
         "describes a part that is missing");
  for (guint i = 0; i < files->aside->len; i++)
    add (inspection, purchase, "torn", g_ptr_array_index (files->aside, i),
         "is damaged and is kept for inspection");
  for (guint i = 0; i < files->strange->len; i++)
    add (inspection, purchase, "unknown", g_ptr_array_index (files->strange, i),
         "does not belong to the store");
}

void
inspect_purchase (Inspection *inspection, const Purchase *purchase)
{
  g_auto (Files) files
      = read_files (inspection, purchase_get_fingerprint (purchase));

  if (purchase->working)
    return;
  check_record (inspection, purchase, &files);
  check_state (inspection, purchase);
  check_leftovers (inspection, purchase, &files);
}
