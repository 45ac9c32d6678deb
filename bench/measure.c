/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs the commands of a plan in turns and writes what each run cost, one line
 * a run: NAME ROUND WALL USER SYSTEM (seconds) PEAK (KiB) PRINTED, the last
 * being the number that the command printed, or its wall time. It judges
 * nothing; table.awk does.
 *
 * A plan has one command a line: NAME, a tab, what /bin/sh is to run. The one
 * named "settle" runs before each of the others and is not measured. */

#include <glib.h>
#include <glib/gstdio.h>

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define WARM_BYTES (G_GUINT64_CONSTANT (1) << 30)

typedef struct {
  char **names;
  char **commands;
  guint n;
  char *settle; /* nullable */
} Plan;

typedef struct {
  double wall, user, system, printed;
  long peak;
  int status;
} Cost;

static double
seconds (const struct timeval *time)
{
  return (double)time->tv_sec + (double)time->tv_usec / G_USEC_PER_SEC;
}

static gboolean
load (Plan *plan, const char *path, GError **error)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, error))
    return FALSE;
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  plan->names = g_new0 (char *, g_strv_length (lines));
  plan->commands = g_new0 (char *, g_strv_length (lines));
  for (char **line = lines; *line != NULL; line++) {
    g_auto (GStrv) parts = g_strsplit (*line, "\t", 2);

    if (g_strv_length (parts) != 2)
      continue;
    if (g_str_equal (parts[0], "settle")) {
      plan->settle = g_strdup (parts[1]);
      continue;
    }
    plan->names[plan->n] = g_strdup (parts[0]);
    plan->commands[plan->n++] = g_strdup (parts[1]);
  }
  return TRUE;
}

/* Each run has an empty folder, $RUN, that nobody used before. */
static char *
make_folder (const char *scratch)
{
  char *folder = g_build_filename (scratch, "run-XXXXXX", NULL);

  if (g_mkdtemp (folder) == NULL)
    g_error ("%s: no folder can be made there", scratch);
  g_setenv ("RUN", folder, TRUE);
  return folder;
}

static void
remove_folder (const char *folder)
{
  const char *const argv[] = { "rm", "-rf", folder, NULL };

  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
                NULL, NULL, NULL, NULL);
}

static double
read_number (int fd)
{
  char text[256] = "";
  gsize length = 0;
  ssize_t got;

  while (length < sizeof text - 1
         && (got = read (fd, text + length, sizeof text - 1 - length)) > 0)
    length += (gsize)got;
  return length > 0 ? g_ascii_strtod (text, NULL) : -1;
}

/* A virtual machine gives memory that is free back to its host, and pays for
 * each page when it is used again: with the first run after a pause, several
 * times the cost of the run itself. */
static void
warm_memory (void)
{
  guint64 free_bytes
      = (guint64)sysconf (_SC_AVPHYS_PAGES) * (guint64)sysconf (_SC_PAGESIZE);
  gsize length = (gsize)MIN (WARM_BYTES, free_bytes / 2);
  void *memory = mmap (NULL, length, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

  if (memory != MAP_FAILED)
    munmap (memory, length);
}

/* What a former run left to write is not this one's cost. */
static void
settle (const Plan *plan)
{
  const char *const argv[] = { "/bin/sh", "-c", plan->settle, NULL };

  sync ();
  if (plan->settle != NULL)
    g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL,
                  NULL, NULL, NULL);
  warm_memory ();
}

static gboolean
run (const char *command, Cost *cost)
{
  const char *const argv[] = { "/bin/sh", "-c", command, NULL };
  struct rusage usage;
  gint64 start;
  GPid child;
  int out;

  start = g_get_monotonic_time ();
  if (!g_spawn_async_with_pipes (NULL, (char **)argv, NULL,
                                 G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &child,
                                 NULL, &out, NULL, NULL))
    return FALSE;
  cost->printed = read_number (out);
  if (wait4 (child, &cost->status, 0, &usage) != child)
    return FALSE;
  cost->wall
      = (double)(g_get_monotonic_time () - start) / (double)G_USEC_PER_SEC;
  close (out);
  cost->user = seconds (&usage.ru_utime);
  cost->system = seconds (&usage.ru_stime);
  cost->peak = usage.ru_maxrss;
  return cost->status == 0;
}

static gboolean
measure (const Plan *plan, guint index, guint round, const char *scratch)
{
  g_autofree char *folder = make_folder (scratch);
  Cost cost = { 0 };
  gboolean good;

  settle (plan);
  good = run (plan->commands[index], &cost);
  remove_folder (folder);
  if (!good) {
    g_printerr ("%s failed: %s\n", plan->names[index], plan->commands[index]);
    return FALSE;
  }
  g_print ("%s %u %.6f %.6f %.6f %ld %.6f\n", plan->names[index], round,
           cost.wall, cost.user, cost.system, cost.peak,
           cost.printed >= 0 ? cost.printed : cost.wall);
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  Plan plan = { 0 };
  guint rounds;

  if (argc != 4 || (rounds = (guint)atoi (argv[1])) == 0) {
    g_printerr ("usage: %s ROUNDS SCRATCH PLAN\n", argv[0]);
    return EXIT_FAILURE;
  }
  if (!load (&plan, argv[3], &error)) {
    g_printerr ("%s\n", error->message);
    return EXIT_FAILURE;
  }
  /* There and back, so that nobody always comes after the same neighbour. */
  for (guint round = 0; round < rounds; round++)
    for (guint i = 0; i < plan.n; i++)
      if (!measure (&plan, round % 2 ? plan.n - 1 - i : i, round, argv[2]))
        return EXIT_FAILURE;
  return EXIT_SUCCESS;
}
