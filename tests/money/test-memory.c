/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Processes that run out of address space, at one place after the other: GLib
 * ends them there. Whatever they leave behind, one purchase comes of all of
 * them, and the first that has enough gets its clip. */

#include "money-kit.h"

#include <string.h>

/* Beyond what the program has before it begins, in KiB: the first threads need
 * 8 MiB of stack each, and up to 64 MiB for what they allocate. */
static const guint room[]
    = { 0,     256,   2048,  8192,   8704,   16384,  20480,  32768,  49152,
        73728, 90112, 98304, 114688, 131072, 147456, 163840, 196608, 262144 };

static void
test_memory (gconstpointer data)
{
  const Service *service = data;
  guint died = 0;
  g_autofree char *output = NULL;
  Scene scene;

  open_scene (&scene, service);
  for (guint i = 0; i < G_N_ELEMENTS (room); i++) {
    g_autofree char *kib = g_strdup_printf ("%u", room[i]);
    g_autoptr (GSubprocess) child = launch (&scene, "CRASH_MEMORY", kib);
    Death end = wait_for (child);

    died += end.killed || !g_str_has_prefix (end.output, "whole ");
    g_free (end.output);
    g_assert_cmpuint (count_accepted (&scene), <=, 1);
  }
  /* Else nothing was tried. */
  g_assert_cmpuint (died, >, 0);
  /* A failure that cost nothing may be bought anew after a minute. */
  scene.clock += 120;
  output = run_once (&scene);
  g_assert_cmpuint (count_accepted (&scene), <=, 1);
  if (service->recovery == REPLAY || !strstr (output, " in-doubt "))
    g_assert_true (g_str_has_prefix (output, "whole "));
  assert_no_secrets (&scene);
  close_scene (&scene);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < N_SERVICES; i++)
    add_test (&services[i], "memory", test_memory);
  return g_test_run ();
}
