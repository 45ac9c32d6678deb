/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs a fuzz target over the files of a folder, whole and cut at several
 * lengths, in every build and without libFuzzer. A warning is a fault, as in
 * the other tests, where g_test_init() makes it one. */
#include "fuzz.h"

#include <glib.h>

static void
run_file (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *text = NULL;
  gsize length = 0;

  if (!g_file_get_contents (path, &text, &length, NULL))
    g_error ("%s cannot be read", path);
  for (gsize cut = 0; cut < length; cut += 1 + length / 64) {
    /* A copy of the very size, so that a read beyond it is seen. */
    g_autofree uint8_t *data = g_memdup2 (text, MAX (cut, 1));

    LLVMFuzzerTestOneInput (data, cut);
  }
  LLVMFuzzerTestOneInput ((const uint8_t *)text, length);
}

int
main (int argc, char **argv)
{
  g_autoptr (GDir) dir = argc == 2 ? g_dir_open (argv[1], 0, NULL) : NULL;
  const char *name;
  guint n = 0;

  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL
                          | G_LOG_LEVEL_WARNING);
  if (!dir)
    g_error ("one folder with inputs is expected");
  while ((name = g_dir_read_name (dir))) {
    run_file (argv[1], name);
    n++;
  }
  if (n == 0)
    g_error ("%s is empty", argv[1]);
  g_print ("%u inputs\n", n);
  return 0;
}
