/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The bad disk and the jumping clock of the soak, seen by common programs. */

#include "soak.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  const char *name;
  const char *plan;
  const char *command; /* of sh, $0 is the file; it must fail */
  FaultKind kind;
} Case;

static const Case cases[] = {
  { "write", "7 write=1000", "echo a text >$0", FAULT_WRITE },
  { "sync", "7 sync=1000", "sync $0", FAULT_SYNC },
  { "rename", "7 rename=1000", "mv $0 $0.new", FAULT_RENAME },
  { "open", "7 open=1000", "cat $0", FAULT_OPEN },
  { "truncate", "7 truncate=1000", "truncate -s 9 $0", FAULT_TRUNCATE },
  { "allocate", "7 allocate=1000", "fallocate -l 9 $0", FAULT_ALLOCATE },
};

static SoakWorld *world;

static char *
run (const char *plan, const char *command, const char *path)
{
  g_autofree char *control = g_build_filename (world->folder, "control", NULL);
  g_autofree char *stores = g_build_filename (world->folder, "stores", NULL);
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GSubprocess) child = NULL;
  char *output = NULL;

  g_subprocess_launcher_setenv (launcher, "LD_PRELOAD", SOAK_SHIM, TRUE);
  g_subprocess_launcher_setenv (launcher, "SOAK_FAULT_CONTROL", control, TRUE);
  g_subprocess_launcher_setenv (launcher, "SOAK_FAULT_STORE", stores, TRUE);
  g_subprocess_launcher_setenv (launcher, "SOAK_FAULT_PLAN", plan, TRUE);
  child = g_subprocess_launcher_spawn (launcher, NULL, "sh", "-c", command,
                                       path, NULL);
  g_assert_nonnull (child);
  g_assert_true (
      g_subprocess_communicate_utf8 (child, NULL, NULL, &output, NULL, NULL));
  if (!g_subprocess_get_successful (child))
    g_clear_pointer (&output, g_free);
  return output;
}

static gboolean
works (const char *plan, const char *command, const char *folder)
{
  g_autofree char *path = g_build_filename (world->folder, folder, "f", NULL);
  g_autofree char *output = NULL;

  g_assert_true (g_file_set_contents (path, "some text", -1, NULL));
  output = run (plan, command, path);
  return output != NULL;
}

/* It fails in the store by its plan, and nowhere else. */
static void
test_case (gconstpointer data)
{
  const Case *one = data;
  gint64 before = world->control->struck[one->kind];

  g_assert_true (works ("7", one->command, "stores"));
  g_assert_true (works (one->plan, one->command, "output"));
  g_assert_cmpint (world->control->struck[one->kind], ==, before);
  g_assert_false (works (one->plan, one->command, "stores"));
  g_assert_cmpint (world->control->struck[one->kind], >, before);
}

/* Not before its time, and not more than it is to. */
static void
test_from (void)
{
  g_assert_true (works ("7 from=9 write=1000", "echo a text >$0", "stores"));
  g_assert_true (
      works ("7 most=1 write=1000", "! echo 1 >$0 && echo 2 >$0", "stores"));
  g_assert_false (works ("7 from=3 write=1000",
                         "echo 1 >$0 && echo 2 >$0 && echo 3 >$0", "stores"));
}

static void
test_full (void)
{
  g_autofree char *path = g_build_filename (world->folder, "stores", "f", NULL);
  g_autofree char *text = NULL;

  world->control->room = 3;
  g_assert_true (works ("7", "echo 12345 >$0", "output"));
  g_assert_false (works ("7", "echo 12345 >$0", "stores"));
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "123");
  g_assert_false (works ("7", "fallocate -l 4 $0", "stores"));
  world->control->room = -1;
  g_assert_true (works ("7", "echo 12345 >$0", "stores"));
}

static gint64
ask_clock (void)
{
  g_autofree char *text = run ("7", "date +%s", "-");

  g_assert_nonnull (text);
  return g_ascii_strtoll (text, NULL, 10) - g_get_real_time () / G_USEC_PER_SEC;
}

static void
test_clock (void)
{
  const gint64 day = 86400;

  world->control->wall_ahead = day * 1000000000;
  g_assert_cmpint (ABS (ask_clock () - day), <, 600);
  world->control->wall_ahead = -day * 1000000000;
  g_assert_cmpint (ABS (ask_clock () + day), <, 600);
  world->control->wall_ahead = 0;
  g_assert_cmpint (ABS (ask_clock ()), <, 600);
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  world = soak_world_new (1);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/shim/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_case);
  }
  g_test_add_func ("/shim/from", test_from);
  g_test_add_func ("/shim/full", test_full);
  g_test_add_func ("/shim/clock", test_clock);
  status = g_test_run ();
  soak_world_free (world, FALSE);
  return status;
}
