/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One clip from its settings to the file, and its progress meanwhile. A thread
 * waits for the clip as an element would; the main thread runs a main loop for
 * the terminal and signals. Nothing here decides about money. */

#include "clip-run.h"
#include "byte-ranges.h"
#include "client.h"
#include "clip-reader.h"
#include "clip-status.h"
#include "clock.h"
#include "failure.h"
#include "record.h"
#include "settings.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <glib-unix.h>

#define TICK_MS 100

typedef struct {
  GMainLoop *loop;
  GenvidClient *client;
  gboolean terminal;
  char *shown; /* the last line; nullable */
  gboolean stopped;
  gboolean arrived; /* the wait is over: all bytes are there, or it failed */
} ClipRun;

void
clip_result_clear (ClipResult *result)
{
  g_free (result->path);
  g_free (result->note);
  g_free (result->fingerprint);
  g_free (result->id);
  g_free (result->message);
}

static double
get_elapsed (const GenvidClipStatus *snapshot)
{
  if (snapshot->started == 0)
    return 0;
  return MAX (0, genvid_clock_now ().boot - snapshot->started)
         / (double)G_USEC_PER_SEC;
}

/* Frequent changes go to a terminal only. */
static void
describe_bytes (GString *text, const GenvidClipStatus *snapshot)
{
  g_autofree char *present = tool_format_size (snapshot->present);
  g_autofree char *size = NULL;

  if (snapshot->size == GENVID_SIZE_UNKNOWN) {
    g_string_append_printf (text, ", %s", present);
    return;
  }
  size = tool_format_size (snapshot->size);
  g_string_append_printf (text, ", %s of %s", present, size);
}

static char *
describe (const ClipRun *run, const GenvidClipStatus *snapshot)
{
  GString *text = g_string_new (snapshot->provider);
  double elapsed = get_elapsed (snapshot);

  if (snapshot->model != NULL)
    g_string_append_printf (text, " %s", snapshot->model);
  g_string_append_printf (text, ": %s",
                          genvid_state_to_string (snapshot->state));
  if (snapshot->progress >= 0 && snapshot->state == GENVID_STATE_RUNNING)
    g_string_append_printf (text, ", %d %%", snapshot->progress);
  if (run->terminal && snapshot->state == GENVID_STATE_DOWNLOADING)
    describe_bytes (text, snapshot);
  else if (run->terminal && elapsed >= 1
           && snapshot->state != GENVID_STATE_DONE)
    g_string_append_printf (text, ", %.0f s", elapsed);
  if (snapshot->id != NULL)
    g_string_append_printf (text, " (%s)", snapshot->id);
  return g_string_free (text, FALSE);
}

static void
show (ClipRun *run, const GenvidClipStatus *snapshot)
{
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;

  if (snapshot->state == GENVID_STATE_IDLE
      || snapshot->origin == GENVID_ORIGIN_STORED)
    return;
  text = describe (run, snapshot);
  line = tool_format_line (text, run->terminal ? 78 : 400);
  if (g_strcmp0 (line, run->shown) == 0)
    return;
  fprintf (stderr, run->terminal ? "\r\033[K%s" : "%s\n", line);
  fflush (stderr);
  g_free (run->shown);
  run->shown = g_steal_pointer (&line);
}

static void
end_line (const ClipRun *run)
{
  if (run->terminal && run->shown != NULL)
    fputc ('\n', stderr);
}

static gboolean
is_over (const ClipRun *run, const GenvidClipStatus *snapshot)
{
  if (run->stopped || snapshot->failure != NULL)
    return TRUE;
  /* The bytes may be whole before the record that says so is, and the record
   * may be told of before the file. */
  return run->arrived && snapshot->state == GENVID_STATE_DONE
         && snapshot->location != NULL;
}

static gboolean
look (gpointer data)
{
  ClipRun *run = data;
  g_autoptr (GenvidClipStatus) snapshot = genvid_client_snapshot (run->client);

  show (run, snapshot);
  if (is_over (run, snapshot))
    g_main_loop_quit (run->loop);
  return G_SOURCE_CONTINUE;
}

static gboolean
look_once (gpointer data)
{
  look (data);
  return G_SOURCE_REMOVE;
}

static gboolean
arrive (gpointer data)
{
  ClipRun *run = data;

  run->arrived = TRUE;
  look (run);
  return G_SOURCE_REMOVE;
}

static gboolean
stop (gpointer data)
{
  ClipRun *run = data;

  run->stopped = TRUE;
  genvid_client_close (run->client);
  g_main_loop_quit (run->loop);
  return G_SOURCE_CONTINUE;
}

static gpointer
wait_for_clip (gpointer data)
{
  ClipRun *run = data;
  GenvidReadOutcome outcome = GENVID_READ_CHANGED;
  gsize available;

  while (outcome == GENVID_READ_CHANGED) {
    g_autoptr (GenvidClipStatus) snapshot
        = genvid_client_snapshot (run->client);

    g_idle_add (look_once, run);
    outcome = genvid_client_wait (run->client, 0, G_MAXSSIZE, TRUE,
                                  snapshot->serial, &available);
  }
  g_idle_add (arrive, run);
  return NULL;
}

static void
wait_until_over (ClipRun *run)
{
  GThread *thread = g_thread_new ("wait", wait_for_clip, run);
  guint sources[] = {
    g_timeout_add (TICK_MS, look, run),
    g_unix_signal_add (SIGINT, stop, run),
    g_unix_signal_add (SIGTERM, stop, run),
  };

  g_main_loop_run (run->loop);
  genvid_client_close (run->client);
  g_thread_join (thread);
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    g_source_remove (sources[i]);
  /* What the thread left behind speaks of CARRY. */
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static void
conclude (const ClipRun *run, ClipResult *result)
{
  g_autoptr (GenvidClipStatus) snapshot = genvid_client_snapshot (run->client);

  result->id = g_strdup (snapshot->id);
  if (snapshot->failure == NULL && snapshot->state == GENVID_STATE_DONE
      && snapshot->location != NULL) {
    result->outcome = CLIP_RUN_DONE;
    result->path = g_strdup (snapshot->location);
    result->note = g_strdup (snapshot->note);
    return;
  }
  result->outcome = run->stopped ? CLIP_RUN_STOPPED : CLIP_RUN_FAILED;
  if (snapshot->failure == NULL)
    return;
  result->reason = snapshot->failure->reason;
  result->message = genvid_failure_to_text (snapshot->failure);
}

static GenvidClient *
open_run (const GenvidSettings *settings, ClipResult *result)
{
  g_autoptr (GPtrArray) warnings = NULL;
  g_autoptr (GError) error = NULL;
  GenvidClient *client = genvid_client_open (settings, &warnings, &error);

  for (guint i = 0; warnings != NULL && i < warnings->len; i++)
    tool_complain ("%s", (char *)g_ptr_array_index (warnings, i));
  if (client != NULL)
    return client;
  result->outcome = CLIP_RUN_FAILED;
  if (error->domain == GENVID_ERROR)
    result->reason = (GenvidReason)error->code;
  result->message = g_strdup (error->message);
  return NULL;
}

ClipResult
clip_run (const GenvidSettings *settings)
{
  ClipResult result = { .outcome = CLIP_RUN_FAILED };
  ClipRun state = { .terminal = isatty (STDERR_FILENO) };
  g_autoptr (GenvidClient) client = open_run (settings, &result);

  if (client == NULL)
    return result;
  result.fingerprint = g_strdup (genvid_client_get_fingerprint (client));
  state.client = client;
  state.loop = g_main_loop_new (NULL, FALSE);
  wait_until_over (&state);
  end_line (&state);
  conclude (&state, &result);
  g_main_loop_unref (state.loop);
  g_free (state.shown);
  return result;
}
