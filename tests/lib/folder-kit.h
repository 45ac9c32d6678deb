/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Folders of tests. */
#pragma once

#include <gio/gio.h>
#include <glib/gstdio.h>

/* PATH and all that is in it. */
static inline void
folder_remove (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);

    if (g_file_test (child, G_FILE_TEST_IS_SYMLINK))
      g_unlink (child);
    else
      folder_remove (child);
  }
  g_remove (path);
}

/* How many names it has; 0 where there is none. */
static inline guint
folder_count (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (folder != NULL && g_dir_read_name (folder) != NULL)
    n++;
  return n;
}
