/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The store as a tree of files: whose they are, who else may look into them,
 * and which of them no purchase explains. It reads names and attributes, and
 * of the ledger the lines; what a record says is inspect.c's. */

#include "inspect.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger.h"
#include "store.h"

/* A file that a living process is about to rename is younger. */
#define SETTLED 60

typedef struct {
  Inspection *inspection;
  const char *folder; /* relative; "" is the store itself */
} Place;

typedef void (*Visit) (const Place *place, const char *name,
                       const struct stat *info);

static char *
join (const Place *place, const char *name)
{
  return *place->folder != '\0' ? g_build_filename (place->folder, name, NULL)
                                : g_strdup (name);
}

static void
check_attributes (const Place *place, const char *name, const struct stat *info)
{
  g_autofree char *path = join (place, name);
  const char *problem = NULL;

  if (!S_ISREG (info->st_mode) && !S_ISDIR (info->st_mode))
    problem = "is not a file or a folder";
  else if (info->st_uid != geteuid ())
    problem = "belongs to another user";
  else if (info->st_mode & (S_IWGRP | S_IWOTH))
    problem = "can be written by other users";
  else if (info->st_mode & (S_IRWXG | S_IRWXO))
    problem = "can be read by other users";
  if (problem != NULL)
    inspection_add (place->inspection, "permissions", NULL, path, problem);
}

static void
walk (const Place *place, Visit visit)
{
  g_autofree char *path
      = g_build_filename (place->inspection->root, place->folder, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) folder = g_dir_open (path, 0, &error);
  const char *name;

  if (folder == NULL) {
    if (!g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
      inspection_add (place->inspection, "unreadable", NULL, place->folder,
                      error->message);
    return;
  }
  while ((name = g_dir_read_name (folder)) != NULL) {
    g_autofree char *file = g_build_filename (path, name, NULL);
    struct stat info;

    if (lstat (file, &info) != 0)
      continue;
    check_attributes (place, name, &info);
    visit (place, name, &info);
  }
}

static void
report (const Place *place, const char *name, const char *kind,
        const char *message)
{
  g_autofree char *path = join (place, name);

  inspection_add (place->inspection, kind, NULL, path, message);
}

static gboolean
is_temporary (const char *name)
{
  return g_str_has_prefix (name, ".new-")
         || g_str_has_prefix (name, ".removed-");
}

/* Where no lock says whether somebody is writing. */
static void
report_temporary (const Place *place, const char *name, const struct stat *info)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  if (now - (gint64)info->st_mtim.tv_sec > SETTLED)
    report (place, name, "leftover",
            "was left by a process that was killed; it can be deleted");
}

static void
visit_remembered (const Place *place, const char *name, const struct stat *info)
{
  if (is_temporary (name))
    report_temporary (place, name, info);
}

static void
visit_lock (const Place *place, const char *name, const struct stat *info)
{
}

static void
visit_clip (const Place *place, const char *name, const struct stat *info)
{
  g_autofree char *folder = NULL;
  Place inner = { place->inspection, NULL };

  if (is_temporary (name)) {
    report_temporary (place, name, info);
    return;
  }
  if (!S_ISDIR (info->st_mode)) {
    report (place, name, "unknown", "is not a purchase");
    return;
  }
  folder = join (place, name);
  inner.folder = folder;
  walk (&inner, visit_lock);
}

static void
visit_root (const Place *place, const char *name, const struct stat *info)
{
  static const struct {
    const char *name;
    Visit visit; /* NULL: a file */
  } known[] = {
    { "version", NULL },
    { "ledger.jsonl", NULL },
    { "ledger.sum", NULL },
    { "locks", visit_lock },
    { "clips", visit_clip },
    { "timing", visit_remembered },
    { "uploads", visit_remembered },
    { "numbers", visit_remembered },
    { "probe", visit_remembered },
    { "pace", visit_lock },
  };
  Place inner = { place->inspection, name };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++) {
    if (strcmp (known[i].name, name) != 0)
      continue;
    if (known[i].visit != NULL)
      walk (&inner, known[i].visit);
    return;
  }
  if (is_temporary (name))
    report_temporary (place, name, info);
  else
    report (place, name, "unknown", "does not belong to the store");
}

void
inspect_tree (Inspection *inspection)
{
  Place place = { inspection, "" };
  struct stat info;

  if (stat (inspection->root, &info) == 0
      && (info.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    inspection_add (inspection, "permissions", NULL, NULL,
                    "can be read by other users");
  walk (&place, visit_root);
}

static void
report_line (guint64 line, gpointer data)
{
  g_autofree char *message
      = g_strdup_printf ("line %" G_GUINT64_FORMAT " cannot be read; until it "
                         "is corrected, deleted or a day old, nothing is "
                         "bought under a budget",
                         line);

  inspection_add (data, "ledger", NULL, "ledger.jsonl", message);
}

void
inspect_ledger (Inspection *inspection, GenvidStore *store)
{
  g_autoptr (GError) error = NULL;

  if (!genvid_ledger_check (store, report_line, inspection, &error))
    inspection_add (inspection, "unreadable", NULL, "ledger.jsonl",
                    error->message);
}
