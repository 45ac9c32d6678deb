/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* genvid-sandbox: the simulated services, alone or around a command. */
#include <errno.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "sandbox/genvid-sandbox.h"

#define KEY "sandbox-key-that-is-worth-nothing"

typedef struct {
  int port;
  int cdn_port;
  double gen_seconds;
  int polls;
  char **faults;
  gboolean list_faults;
  char *clip;
  gboolean index_last;
  gboolean chunked;
  int rate;
  char *ledger;
  char *provider;
  char *store;
  char *budget;
  gboolean verbose;
  char **command;
  char **environment; /* as it was */
} Arguments;

static GOptionContext *
make_context (Arguments *a)
{
  GOptionEntry entries[] = {
    { "port", 0, 0, G_OPTION_ARG_INT, &a->port,
      "Port of the API (default: a free one)", "N" },
    { "cdn-port", 0, 0, G_OPTION_ARG_INT, &a->cdn_port,
      "Port that serves the clips (default: a free one)", "N" },
    { "gen-seconds", 0, 0, G_OPTION_ARG_DOUBLE, &a->gen_seconds,
      "How long a generation takes (default: 3)", "S" },
    { "ready-after-polls", 0, 0, G_OPTION_ARG_INT, &a->polls,
      "Ready after this many polls, whatever --gen-seconds says", "N" },
    { "fault", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a->faults,
      "Inject a fault; may be repeated", "NAME[=ARG][@TIMES][+SKIP]" },
    { "list-faults", 0, 0, G_OPTION_ARG_NONE, &a->list_faults,
      "Print the table of faults", NULL },
    { "clip", 0, 0, G_OPTION_ARG_FILENAME, &a->clip,
      "Serve this file instead of rendering", "FILE" },
    { "index-last", 0, 0, G_OPTION_ARG_NONE, &a->index_last,
      "Render clips with the index at the end", NULL },
    { "chunked", 0, 0, G_OPTION_ARG_NONE, &a->chunked,
      "Serve clips without Content-Length", NULL },
    { "rate", 0, 0, G_OPTION_ARG_INT, &a->rate, "Limit each download",
      "BYTES/S" },
    { "ledger", 0, 0, G_OPTION_ARG_FILENAME, &a->ledger,
      "Write the payment ledger as JSON lines at exit", "FILE" },
    { "provider", 0, 0, G_OPTION_ARG_STRING, &a->provider,
      "GENVID_PROVIDER of the command: genpro (default), aimlapi, cn8",
      "NAME" },
    { "store", 0, 0, G_OPTION_ARG_FILENAME, &a->store,
      "GENVID_STORE of the command (default: a fresh folder, removed at the "
      "end)",
      "DIR" },
    { "budget", 0, 0, G_OPTION_ARG_STRING, &a->budget,
      "GENVID_BUDGET of the command in USD (default: 100)", "USD" },
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &a->verbose, "Print each request",
      NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &a->command, NULL,
      "[-- COMMAND…]" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  GOptionContext *context
      = g_option_context_new ("– gen.pro, AI/ML API and CN8, simulated");

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_strict_posix (context, TRUE);
  g_option_context_set_description (
      context, "With a COMMAND, its environment sends every request here; no "
               "account is needed\nand nothing is paid. The exit status is "
               "the command's.\n");
  return context;
}

static void
clear_arguments (Arguments *a)
{
  g_strfreev (a->faults);
  g_strfreev (a->command);
  g_strfreev (a->environment);
  g_free (a->clip);
  g_free (a->ledger);
  g_free (a->provider);
  g_free (a->store);
  g_free (a->budget);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Arguments, clear_arguments)

static GenvidSandbox *
start (const Arguments *a, GError **error)
{
  GenvidSandboxOptions options = {
    .host = "127.0.0.1",
    .api_port = (guint)a->port,
    .cdn_port = (guint)a->cdn_port,
    .gen_seconds = a->gen_seconds,
    .ready_after_polls = (guint)a->polls,
    .clip_path = a->clip,
    .index_last = a->index_last,
    .chunked = a->chunked,
    .rate = (guint64)a->rate,
    .verbose = a->verbose,
  };
  g_autoptr (GenvidSandbox) sandbox = genvid_sandbox_new (&options, error);

  for (guint i = 0; sandbox != NULL && a->faults && a->faults[i]; i++)
    if (!genvid_sandbox_add_fault (sandbox, a->faults[i], error))
      return NULL;
  return g_steal_pointer (&sandbox);
}

/* --- without a command
 * -------------------------------------------------------- */

static gboolean
quit (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_CONTINUE;
}

static int
run_alone (GenvidSandbox *sandbox)
{
  const char *base = genvid_sandbox_base_url (sandbox);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  g_print ("%s\n\n"
           "Use it from another shell (Ctrl-C here ends it):\n\n"
           "  export GENVID_PROVIDER=genpro GENVID_BASE_URL=%s\n"
           "  export GEN_API_KEY=%s GEN_SHEET_ID=101 GEN_CELL_ID=3100 "
           "GEN_AGENT_ID=42\n"
           "  gst-launch-1.0 genvidsrc prompt=\"a drone shot\" ! decodebin ! "
           "autovideosink\n\n"
           "  (aimlapi: AIML_API_KEY; cn8: CN8_API_KEY; any key will do)\n\n",
           base, base, KEY);
  fflush (stdout);
  g_unix_signal_add (SIGINT, quit, loop);
  g_unix_signal_add (SIGTERM, quit, loop);
  g_main_loop_run (loop);
  return 0;
}

/* --- around a command
 * ----------------------------------------------------------- */

static volatile sig_atomic_t child;

/* A signal from the terminal has reached the command already; one that a
 * process sent to us alone has not. */
static void
forward (int number, siginfo_t *info, void *context)
{
  if (child > 0 && info->si_code <= 0)
    kill ((pid_t)child, number);
}

static void
catch_signals (void)
{
  const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
  struct sigaction action = { 0 };

  action.sa_sigaction = forward;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    sigaction (numbers[i], &action, NULL);
}

/* All three services lead here, so that a provider named on the command's
 * own line cannot reach a real account either. */
static char **
make_environment (GenvidSandbox *sandbox, const Arguments *a, const char *store)
{
  const char *base = genvid_sandbox_base_url (sandbox);
  const char *const pairs[][2] = {
    { "GENVID_PROVIDER", a->provider ? a->provider : "genpro" },
    { "GENVID_BASE_URL", base },
    { "GEN_BASE_URL", base },
    { "AIML_BASE_URL", base },
    { "CN8_BASE_URL", base },
    { "GEN_API_KEY", KEY },
    { "AIML_API_KEY", KEY },
    { "CN8_API_KEY", KEY },
    { "GEN_SHEET_ID", "101" },
    { "GEN_CELL_ID", "3100" },
    { "GEN_AGENT_ID", "42" },
    { "GENVID_BUDGET", a->budget ? a->budget : "100" },
    { "GENVID_STORE", store },
  };
  char **environment = g_strdupv (a->environment);

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    environment
        = g_environ_setenv (environment, pairs[i][0], pairs[i][1], TRUE);
  return g_environ_unsetenv (environment, "AIMLAPI_API_KEY");
}

static int
wait_for (pid_t pid)
{
  int status = 0;

  while (waitpid (pid, &status, 0) < 0)
    if (errno != EINTR)
      return 1;
  if (WIFSIGNALED (status))
    return 128 + WTERMSIG (status);
  return WEXITSTATUS (status);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    dir = g_dir_open (path, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *inner = g_build_filename (path, name, NULL);
    remove_tree (inner);
  }
  g_remove (path);
}

static int
run_command (GenvidSandbox *sandbox, const Arguments *a)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *fresh = NULL;
  g_auto (GStrv) environment = NULL;
  GPid pid = 0;
  int status = 127;

  if (a->store == NULL)
    fresh = g_dir_make_tmp ("genvid-sandbox-XXXXXX", &error);
  if (a->store == NULL && fresh == NULL) {
    g_printerr ("genvid-sandbox: %s\n", error->message);
    return 1;
  }
  environment = make_environment (sandbox, a, a->store ? a->store : fresh);
  catch_signals ();
  if (g_spawn_async (NULL, a->command, environment,
                     G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH
                         | G_SPAWN_CHILD_INHERITS_STDIN,
                     NULL, NULL, &pid, &error)) {
    child = pid;
    status = wait_for (pid);
    child = 0;
  } else
    g_printerr ("genvid-sandbox: %s\n", error->message);
  if (fresh != NULL)
    remove_tree (fresh);
  return status;
}

static void
print_ledger (GenvidSandbox *sandbox, const char *path)
{
  g_autofree char *table = genvid_sandbox_ledger_table (sandbox);
  g_autofree char *lines = genvid_sandbox_ledger_json (sandbox);
  g_autoptr (GError) error = NULL;
  guint leaks = genvid_sandbox_leaks (sandbox);

  /* stdout belongs to the command. */
  g_printerr ("\nPayment ledger of the sandbox\n%s", table);
  if (leaks > 0)
    g_printerr ("A key was sent to the wrong host %u times!\n", leaks);
  if (path != NULL && !g_file_set_contents (path, lines, -1, &error))
    g_printerr ("genvid-sandbox: %s\n", error->message);
}

/* The command's debug output must not be mixed with that of the sandbox's own
 * rendering, nor its file be written twice. */
static void
keep_environment (Arguments *a)
{
  a->environment = g_get_environ ();
  g_unsetenv ("GST_DEBUG");
  g_unsetenv ("GST_DEBUG_FILE");
  g_unsetenv ("GST_DEBUG_DUMP_DOT_DIR");
}

int
main (int argc, char **argv)
{
  g_auto (Arguments) arguments = { .gen_seconds = 3 };
  g_autoptr (GOptionContext) context = make_context (&arguments);
  g_autoptr (GenvidSandbox) sandbox = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  setlocale (LC_ALL, "");
  keep_environment (&arguments);
  if (!g_option_context_parse (context, &argc, &argv, &error)) {
    g_printerr ("genvid-sandbox: %s\n", error->message);
    return 2;
  }
  if (arguments.list_faults) {
    g_autofree char *table = genvid_sandbox_describe_faults ();
    g_print ("%s", table);
    return 0;
  }
  sandbox = start (&arguments, &error);
  if (sandbox == NULL) {
    g_printerr ("genvid-sandbox: %s\n", error->message);
    return 2;
  }
  status = arguments.command == NULL ? run_alone (sandbox)
                                     : run_command (sandbox, &arguments);
  print_ledger (sandbox, arguments.ledger);
  return status;
}
