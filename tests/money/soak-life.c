/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The process of one life: started, frozen, thawed and killed when its plan
 * says so, and read when it is over. What its process did wrong by itself (a
 * crash, a hang, a slow way to NULL) is found here. */

#include "soak.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define SLOW_NULL 5000 /* milliseconds, on a busy machine; promised: 100 */

void
soak_result_clear (SoakResult *result)
{
  g_free (result->word);
  g_free (result->id);
  g_free (result->sum);
  g_free (result->text);
  *result = (SoakResult){ NULL };
}

static SoakResult
copy_result (const SoakResult *result)
{
  return (SoakResult){ .word = g_strdup (result->word),
                       .id = g_strdup (result->id),
                       .bytes = result->bytes,
                       .sum = g_strdup (result->sum),
                       .text = g_strdup (result->text) };
}

static GPid
get_pid (SoakLife *life)
{
  const char *text = g_subprocess_get_identifier (life->child);

  return text != NULL ? atoi (text) : 0;
}

static void
send_signal (SoakLife *life, int number)
{
  GPid pid = get_pid (life);

  if (pid > 0)
    kill (pid, number);
}

/* --- What befalls it. --- */

static gboolean
strike_down (gpointer data)
{
  SoakLife *life = data;

  life->timers[0] = 0;
  life->killed = life->killed || life->signal == SIGKILL;
  send_signal (life, life->signal);
  return G_SOURCE_REMOVE;
}

static gboolean
thaw (gpointer data)
{
  SoakLife *life = data;

  life->timers[2] = 0;
  send_signal (life, SIGCONT);
  return G_SOURCE_REMOVE;
}

static gboolean
freeze (gpointer data)
{
  SoakLife *life = data;

  life->timers[1] = 0;
  send_signal (life, SIGSTOP);
  life->timers[2] = g_timeout_add (life->stop_for, thaw, life);
  return G_SOURCE_REMOVE;
}

/* Where its threads stand; nothing where there is no gdb. */
static char *
trace (GPid pid)
{
  g_autofree char *number = g_strdup_printf ("%d", pid);
  const char *argv[] = { "gdb",    "-p",  number,
                         "-batch", "-ex", "thread apply all bt 20",
                         NULL };
  char *text = NULL;

  g_spawn_sync (NULL, (char **)argv, NULL,
                G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
                &text, NULL, NULL, NULL);
  return text != NULL ? text : g_strdup ("(no gdb here)");
}

static gboolean
give_up (gpointer data)
{
  SoakLife *life = data;
  g_autofree char *where = trace (get_pid (life));

  life->timers[3] = 0;
  life->killed = TRUE;
  soak_world_find (life->world, "life %u hangs: it did not end in %u s\n%s",
                   life->number, life->limit + life->world->bound, where);
  send_signal (life, SIGKILL);
  return G_SOURCE_REMOVE;
}

/* --- What it said. --- */

static void
read_end (SoakLife *life, guint n, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 6);
  SoakResult *result = &life->results[MIN (n, SOAK_MOST - 1)];

  if (g_strv_length (words) < 5)
    return;
  soak_result_clear (result);
  result->word = g_strdup (words[1]);
  result->id = g_str_equal (words[2], "-") ? NULL : g_strdup (words[2]);
  result->bytes = g_ascii_strtoull (words[3], NULL, 10);
  result->sum = g_strdup (words[4]);
  result->text = g_strdup (words[5] != NULL ? words[5] : "");
}

static void
read_null (SoakLife *life, const char *line)
{
  int took = atoi (line + strlen ("null "));

  if (took > SLOW_NULL && life->stop_at == 0)
    soak_world_find (life->world, "life %u: NULL took %d ms", life->number,
                     took);
}

static void
read_output (SoakLife *life)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  guint n = 0;

  if (!g_file_get_contents (life->output, &text, NULL, NULL))
    return;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    if (g_str_has_prefix (lines[i], "end "))
      read_end (life, n++, lines[i]);
    else if (g_str_has_prefix (lines[i], "null "))
      read_null (life, lines[i]);
  }
}

static void
check_exit (SoakLife *life)
{
  gboolean died = g_subprocess_get_if_signaled (life->child);
  int number = died ? g_subprocess_get_term_sig (life->child) : 0;

  /* SIGTERM may come before it is listened to. */
  if (died && !life->killed && number != SIGTERM)
    soak_world_find (life->world, "life %u died of signal %d, see %s",
                     life->number, number, life->output);
  else if (!died && g_subprocess_get_exit_status (life->child) != 0)
    soak_world_find (life->world, "life %u left with status %d, see %s",
                     life->number, g_subprocess_get_exit_status (life->child),
                     life->output);
  else if (!died && life->results[life->n_requests - 1].word == NULL)
    soak_world_find (life->world, "life %u said nothing, see %s", life->number,
                     life->output);
}

static void
ended (GObject *object, GAsyncResult *result, gpointer data)
{
  SoakLife *life = data;

  g_subprocess_wait_finish (life->child, result, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (life->timers); i++)
    g_clear_handle_id (&life->timers[i], g_source_remove);
  read_output (life);
  check_exit (life);
  if (life->answer != NULL) {
    soak_result_clear (life->answer);
    *life->answer = copy_result (&life->results[0]);
  }
  life->world->n_running--;
  g_main_loop_quit (life->world->loop);
}

/* --- Its start. --- */

static void
set_variables (SoakLife *life, GSubprocessLauncher *launcher)
{
  g_autofree char *control
      = g_build_filename (life->world->folder, "control", NULL);
  g_autofree char *stores
      = g_build_filename (life->world->folder, "stores", NULL);
  /* A sanitizer, if there is one, must stand being second. */
  const char *const variables[][2] = {
    { "ASAN_OPTIONS", "verify_asan_link_order=0:detect_leaks=0:"
                      "intercept_tls_get_addr=0" },
    { "LD_PRELOAD", SOAK_SHIM },
    { "SOAK_FAULT_CONTROL", control },
    { "SOAK_FAULT_STORE", stores },
    { "SOAK_FAULT_PLAN", life->disk },
    { "GST_REGISTRY_DISABLE", "yes" },
    { "GST_DEBUG_NO_COLOR", "1" },
    { "GST_DEBUG", life->log ? "*genvid*:7,2" : "1" },
    { "G_DEBUG", "fatal-criticals" },
    { "GEN_SHEET_ID", "101" },
    { "GEN_CELL_ID", "3100" },
    { "GEN_AGENT_ID", "42" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    g_subprocess_launcher_setenv (launcher, variables[i][0], variables[i][1],
                                  TRUE);
}

static void
add_words (SoakLife *life, SoakRequest *request, GPtrArray *words)
{
  SoakWorld *world = life->world;
  g_autofree char *store = soak_world_get_store (world, request->store);

  if (life->pull)
    g_ptr_array_add (words, g_strdup ("pull"));
  g_ptr_array_add (words,
                   g_strconcat ("provider=", request->service->name, NULL));
  g_ptr_array_add (
      words, g_strconcat ("base-url=", genvid_sandbox_base_url (world->sandbox),
                          NULL));
  g_ptr_array_add (words, g_strconcat ("api-key=", request->key, NULL));
  g_ptr_array_add (words, g_strconcat ("prompt=", request->prompt, NULL));
  g_ptr_array_add (words, g_strconcat ("store=", store, NULL));
  g_ptr_array_add (
      words, g_strdup_printf ("budget=%.2f", world->caps[request->store]));
  g_ptr_array_add (words, g_strdup ("poll-interval=1"));
  if (life->option != NULL)
    g_ptr_array_add (words, g_strdup (life->option));
}

static char **
make_command (SoakLife *life)
{
  GPtrArray *words = g_ptr_array_new ();

  g_ptr_array_add (words, g_strdup (SOAK_CHILD));
  g_ptr_array_add (words, g_strdup_printf ("%u", life->limit));
  for (guint i = 0; i < life->n_requests; i++) {
    if (i > 0)
      g_ptr_array_add (words, g_strdup ("--"));
    add_words (life, soak_world_get_request (life->world, life->requests[i]),
               words);
  }
  g_ptr_array_add (words, NULL);
  return (char **)g_ptr_array_free (words, FALSE);
}

static void
set_timers (SoakLife *life)
{
  if (life->signal != 0)
    life->timers[0] = g_timeout_add (life->signal_at, strike_down, life);
  if (life->stop_at != 0)
    life->timers[1] = g_timeout_add (life->stop_at, freeze, life);
  life->timers[3]
      = g_timeout_add_seconds (life->limit + life->world->bound, give_up, life);
}

/* A terminal that hangs up is none of its faults; nor does it outlive us. */
static void
leave_terminal (gpointer data)
{
  setsid ();
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

void
soak_life_start (SoakLife *life)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_auto (GStrv) command = make_command (life);
  g_autofree char *name = g_strdup_printf ("output/%u.txt", life->number);
  g_autoptr (GError) error = NULL;

  life->output = g_build_filename (life->world->folder, name, NULL);
  g_subprocess_launcher_set_stdout_file_path (launcher, life->output);
  g_subprocess_launcher_set_child_setup (launcher, leave_terminal, NULL, NULL);
  set_variables (life, launcher);
  life->child = g_subprocess_launcher_spawnv (
      launcher, (const char *const *)command, &error);
  if (life->child == NULL)
    g_error ("%s", error->message);
  life->world->n_running++;
  set_timers (life);
  g_subprocess_wait_async (life->child, NULL, ended, life);
}
