/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One clip from its settings to the file, and its progress meanwhile. A thread
 * waits for the clip as an element would; the main thread runs a main loop for
 * the terminal and signals. Nothing here decides about money. */

#include "carry.h"
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
} Carry;

void
carried_clear (Carried *carried)
{
  g_free (carried->path);
  g_free (carried->note);
  g_free (carried->fingerprint);
  g_free (carried->id);
  g_free (carried->message);
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
describe (const Carry *carry, const GenvidClipStatus *snapshot)
{
  GString *text = g_string_new (snapshot->provider);
  double elapsed = get_elapsed (snapshot);

  if (snapshot->model != NULL)
    g_string_append_printf (text, " %s", snapshot->model);
  g_string_append_printf (text, ": %s",
                          genvid_state_to_string (snapshot->state));
  if (snapshot->progress >= 0 && snapshot->state == GENVID_STATE_RUNNING)
    g_string_append_printf (text, ", %d %%", snapshot->progress);
  if (carry->terminal && snapshot->state == GENVID_STATE_DOWNLOADING)
    describe_bytes (text, snapshot);
  else if (carry->terminal && elapsed >= 1
           && snapshot->state != GENVID_STATE_DONE)
    g_string_append_printf (text, ", %.0f s", elapsed);
  if (snapshot->id != NULL)
    g_string_append_printf (text, " (%s)", snapshot->id);
  return g_string_free (text, FALSE);
}

static void
show (Carry *carry, const GenvidClipStatus *snapshot)
{
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;

  if (snapshot->state == GENVID_STATE_IDLE
      || snapshot->origin == GENVID_ORIGIN_STORED)
    return;
  text = describe (carry, snapshot);
  line = tool_format_line (text, carry->terminal ? 78 : 400);
  if (g_strcmp0 (line, carry->shown) == 0)
    return;
  fprintf (stderr, carry->terminal ? "\r\033[K%s" : "%s\n", line);
  fflush (stderr);
  g_free (carry->shown);
  carry->shown = g_steal_pointer (&line);
}

static void
end_line (const Carry *carry)
{
  if (carry->terminal && carry->shown != NULL)
    fputc ('\n', stderr);
}

static gboolean
is_over (const Carry *carry, const GenvidClipStatus *snapshot)
{
  if (carry->stopped || snapshot->failure != NULL)
    return TRUE;
  /* The bytes may be whole before the record that says so is, and the record
   * may be told of before the file. */
  return carry->arrived && snapshot->state == GENVID_STATE_DONE
         && snapshot->location != NULL;
}

static gboolean
look (gpointer data)
{
  Carry *carry = data;
  g_autoptr (GenvidClipStatus) snapshot
      = genvid_client_snapshot (carry->client);

  show (carry, snapshot);
  if (is_over (carry, snapshot))
    g_main_loop_quit (carry->loop);
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
  Carry *carry = data;

  carry->arrived = TRUE;
  look (carry);
  return G_SOURCE_REMOVE;
}

static gboolean
stop (gpointer data)
{
  Carry *carry = data;

  carry->stopped = TRUE;
  genvid_client_close (carry->client);
  g_main_loop_quit (carry->loop);
  return G_SOURCE_CONTINUE;
}

static gpointer
wait_for_clip (gpointer data)
{
  Carry *carry = data;
  GenvidReadOutcome outcome = GENVID_READ_CHANGED;
  gsize available;

  while (outcome == GENVID_READ_CHANGED) {
    g_autoptr (GenvidClipStatus) snapshot
        = genvid_client_snapshot (carry->client);

    g_idle_add (look_once, carry);
    outcome = genvid_client_wait (carry->client, 0, G_MAXSSIZE, TRUE,
                                  snapshot->serial, &available);
  }
  g_idle_add (arrive, carry);
  return NULL;
}

static void
turn (Carry *carry)
{
  GThread *thread = g_thread_new ("wait", wait_for_clip, carry);
  guint sources[] = {
    g_timeout_add (TICK_MS, look, carry),
    g_unix_signal_add (SIGINT, stop, carry),
    g_unix_signal_add (SIGTERM, stop, carry),
  };

  g_main_loop_run (carry->loop);
  genvid_client_close (carry->client);
  g_thread_join (thread);
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    g_source_remove (sources[i]);
  /* What the thread left behind speaks of CARRY. */
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static void
conclude (const Carry *carry, Carried *carried)
{
  g_autoptr (GenvidClipStatus) snapshot
      = genvid_client_snapshot (carry->client);

  carried->id = g_strdup (snapshot->id);
  if (snapshot->failure == NULL && snapshot->state == GENVID_STATE_DONE
      && snapshot->location != NULL) {
    carried->outcome = CARRY_DONE;
    carried->path = g_strdup (snapshot->location);
    carried->note = g_strdup (snapshot->note);
    return;
  }
  carried->outcome = carry->stopped ? CARRY_STOPPED : CARRY_FAILED;
  if (snapshot->failure == NULL)
    return;
  carried->reason = snapshot->failure->reason;
  carried->message = genvid_failure_to_text (snapshot->failure);
}

static GenvidClient *
open_run (const GenvidSettings *settings, Carried *carried)
{
  g_autoptr (GPtrArray) warnings = NULL;
  g_autoptr (GError) error = NULL;
  GenvidClient *client = genvid_client_open (settings, &warnings, &error);

  for (guint i = 0; warnings != NULL && i < warnings->len; i++)
    tool_complain ("%s", (char *)g_ptr_array_index (warnings, i));
  if (client != NULL)
    return client;
  carried->outcome = CARRY_FAILED;
  if (error->domain == GENVID_ERROR)
    carried->reason = (GenvidReason)error->code;
  carried->message = g_strdup (error->message);
  return NULL;
}

Carried
carry (const GenvidSettings *settings)
{
  Carried carried = { .outcome = CARRY_FAILED };
  Carry state = { .terminal = isatty (STDERR_FILENO) };
  g_autoptr (GenvidClient) client = open_run (settings, &carried);

  if (client == NULL)
    return carried;
  carried.fingerprint = g_strdup (genvid_client_get_fingerprint (client));
  state.client = client;
  state.loop = g_main_loop_new (NULL, FALSE);
  turn (&state);
  end_line (&state);
  conclude (&state, &carried);
  g_main_loop_unref (state.loop);
  g_free (state.shown);
  return carried;
}
