/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the files of a world must and must not hold: the clips of the stores
 * are those that the service made, and no key and no signature is in a store
 * or in what a process printed. */

#include "soak.h"

#include <string.h>

typedef void (*Visit) (SoakWorld *world, const char *path, const char *data,
                       gsize length);

static void
visit_tree (SoakWorld *world, const char *path, Visit visit)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  g_autofree char *data = NULL;
  const char *name;
  gsize length;

  if (dir == NULL && g_file_get_contents (path, &data, &length, NULL))
    visit (world, path, data, length);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);

    visit_tree (world, child, visit);
  }
}

static gboolean
holds (const char *data, gsize length, const char *text)
{
  return memmem (data, length, text, strlen (text)) != NULL;
}

/* --- Secrets. --- */

static void
check_secrets (SoakWorld *world, const char *path, const char *data,
               gsize length)
{
  /* The beginning of a key: as it is, in base64, in hex; and a signature. */
  static const char *const secrets[]
      = { SOAK_KEY, "c2stc29h", "736b2d736f616b", "X-Amz-Signature" };

  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++)
    if (holds (data, length, secrets[i]))
      soak_world_find (world, "secret: “%s” is in %s", secrets[i], path);
}

/* --- Clips. --- */

static gboolean
was_made (SoakWorld *world, const char *data, gsize length)
{
  for (guint i = 0; i < world->ledger->len; i++) {
    GenvidSandboxEntry *entry = g_ptr_array_index (world->ledger, i);
    g_autoptr (GBytes) clip = NULL;

    if (entry->event != GENVID_SANDBOX_ACCEPTED)
      continue;
    clip = genvid_sandbox_clip (world->sandbox, entry->id);
    if (clip != NULL && g_bytes_get_size (clip) == length
        && memcmp (g_bytes_get_data (clip, NULL), data, length) == 0)
      return TRUE;
  }
  return FALSE;
}

static void
check_clip (SoakWorld *world, const char *path, const char *data, gsize length)
{
  if (g_str_has_suffix (path, ".mp4") && !was_made (world, data, length))
    soak_world_find (world, "byte: %s is no clip that the service made", path);
}

static void
check_file (SoakWorld *world, const char *path, const char *data, gsize length)
{
  check_secrets (world, path, data, length);
  check_clip (world, path, data, length);
}

void
soak_check_files (SoakWorld *world)
{
  g_autofree char *stores = g_build_filename (world->folder, "stores", NULL);
  g_autofree char *output = g_build_filename (world->folder, "output", NULL);

  visit_tree (world, stores, check_file);
  visit_tree (world, output, check_secrets);
  if (genvid_sandbox_leaks (world->sandbox) > 0)
    soak_world_find (world, "secret: a key went to where clips lie");
}

/* --- Ids. --- */

static gboolean
tree_holds (const char *path, const char *text)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  g_autofree char *data = NULL;
  gboolean found = FALSE;
  const char *name;
  gsize length;

  if (dir == NULL)
    return g_str_has_suffix (path, ".json") || g_str_has_suffix (path, ".jsonl")
               ? g_file_get_contents (path, &data, &length, NULL)
                     && holds (data, length, text)
               : FALSE;
  while (!found && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);

    found = tree_holds (child, text);
  }
  return found;
}

gboolean
soak_store_holds (SoakWorld *world, guint store, const char *text)
{
  g_autofree char *path = soak_world_get_store (world, store);

  return tree_holds (path, text);
}
