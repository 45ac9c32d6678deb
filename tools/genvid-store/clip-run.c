/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Clips from their settings to the files, and their progress meanwhile. A
 * thread for each waits as an element would; the main thread runs a main loop
 * for the terminal and signals. Nothing here decides about money. */

#include "clip-run.h"
#include "byte-ranges.h"
#include "client.h"
#include "clip-reader.h"
#include "clip-status.h"
#include "failure.h"
#include "record.h"
#include "settings.h"

#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <glib-unix.h>

#define TICK_MS      100
#define AT_ONCE      8
#define NUMBER_WIDTH 10

typedef struct _ClipSet ClipSet;

typedef struct {
  ClipSet *set;
  const GenvidSettings *settings;
  ClipResult *result;
  GenvidClient *client; /* NULL: it could not be opened, or is over */
  GThread *thread;      /* of one that was begun */
  gboolean arrived; /* the wait is over: all bytes are there, or it failed */
  char *shown;      /* the last line; nullable */
} ClipRun;

struct _ClipSet {
  GMainLoop *loop;
  ClipRun *runs;
  guint n;
  guint begun; /* the first of them */
  guint active;
  guint failed;
  gboolean stopped;
  gboolean terminal;
  guint width;
  guint rows; /* that the last picture took of the terminal */
};

void
clip_result_clear (ClipResult *result)
{
  g_free (result->path);
  g_free (result->note);
  g_free (result->fingerprint);
  g_free (result->id);
  g_free (result->message);
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
describe (const ClipSet *set, const GenvidClipStatus *snapshot)
{
  double elapsed
      = set->terminal ? genvid_clip_status_get_elapsed (snapshot) : 0;
  g_autofree char *state = genvid_clip_status_describe (snapshot, elapsed);
  GString *text = g_string_new (state);

  if (set->terminal && snapshot->state == GENVID_STATE_DOWNLOADING)
    describe_bytes (text, snapshot);
  if (snapshot->id != NULL)
    g_string_append_printf (text, " (%s)", snapshot->id);
  return g_string_free (text, FALSE);
}

static void
add_number (GString *text, const ClipRun *run)
{
  if (run->set->n > 1)
    g_string_append_printf (text, "[%u/%u] ", (guint)(run - run->set->runs) + 1,
                            run->set->n);
}

/* A row for each clip that is being made, then one for all. */
static void
draw (ClipSet *set)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint rows = 0;

  if (set->rows > 0)
    g_string_append_printf (text, "\033[%uA", set->rows);
  g_string_append (text, "\r\033[J");
  for (guint i = 0; i < set->begun; i++) {
    const ClipRun *run = &set->runs[i];
    if (run->shown == NULL || (run->client == NULL && set->n > 1))
      continue;
    add_number (text, run);
    g_string_append_printf (text, "%s\n", run->shown);
    rows++;
  }
  if (set->n > 1) {
    g_string_append_printf (text, "%u of %u clips ready",
                            set->begun - set->active - set->failed, set->n);
    g_string_append_printf (text, set->failed > 0 ? ", %u failed\n" : "\n",
                            set->failed);
    rows++;
  }
  set->rows = rows;
  fputs (text->str, stderr);
}

static void
print (const ClipRun *run)
{
  g_autoptr (GString) text = g_string_new (NULL);

  add_number (text, run);
  fprintf (stderr, "%s%s\n", text->str, run->shown);
}

static void
show (ClipRun *run, const GenvidClipStatus *snapshot)
{
  ClipSet *set = run->set;
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;

  if (snapshot->state == GENVID_STATE_IDLE
      || snapshot->origin == GENVID_ORIGIN_STORED)
    return;
  text = describe (set, snapshot);
  line = tool_format_line (text, set->terminal ? set->width : 400);
  if (g_strcmp0 (line, run->shown) == 0)
    return;
  g_free (run->shown);
  run->shown = g_steal_pointer (&line);
  if (set->terminal)
    draw (set);
  else
    print (run);
}

static gboolean
is_over (const ClipRun *run, const GenvidClipStatus *snapshot)
{
  if (run->set->stopped || snapshot->failure != NULL)
    return TRUE;
  /* The bytes may be whole before the record that says so is, and the record
   * may be told of before the file. */
  return run->arrived && snapshot->state == GENVID_STATE_DONE
         && snapshot->location != NULL;
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
  result->outcome = run->set->stopped ? CLIP_RUN_STOPPED : CLIP_RUN_FAILED;
  if (snapshot->failure == NULL)
    return;
  result->reason = snapshot->failure->reason;
  result->message = genvid_failure_to_text (snapshot->failure);
}

static void
end (ClipRun *run)
{
  genvid_client_close (run->client);
  g_thread_join (run->thread);
  conclude (run, run->result);
  g_clear_pointer (&run->client, genvid_client_unref);
  run->set->active--;
  run->set->failed += run->result->outcome == CLIP_RUN_FAILED;
}

static void begin_more (ClipSet *set);

static void
look (ClipSet *set)
{
  for (guint i = 0; i < set->begun; i++) {
    ClipRun *run = &set->runs[i];
    g_autoptr (GenvidClipStatus) snapshot = NULL;

    if (run->client == NULL)
      continue;
    snapshot = genvid_client_snapshot (run->client);
    show (run, snapshot);
    if (is_over (run, snapshot))
      end (run);
  }
  begin_more (set);
  if (set->active == 0)
    g_main_loop_quit (set->loop);
}

static gboolean
look_again (gpointer set)
{
  look (set);
  return G_SOURCE_CONTINUE;
}

static gboolean
look_once (gpointer set)
{
  look (set);
  return G_SOURCE_REMOVE;
}

static gboolean
arrive (gpointer data)
{
  ClipRun *run = data;

  run->arrived = TRUE;
  look (run->set);
  return G_SOURCE_REMOVE;
}

static gboolean
stop (gpointer data)
{
  ClipSet *set = data;

  set->stopped = TRUE;
  look (set);
  g_main_loop_quit (set->loop);
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

    g_idle_add (look_once, run->set);
    outcome = genvid_client_wait (run->client, 0, G_MAXSSIZE, TRUE,
                                  snapshot->serial, &available);
  }
  g_idle_add (arrive, run);
  return NULL;
}

/* Buys nothing. */
static void
open_client (ClipRun *run)
{
  g_autoptr (GPtrArray) warnings = NULL;
  g_autoptr (GError) error = NULL;
  ClipResult *result = run->result;

  run->client = genvid_client_open (run->settings, &warnings, &error);
  for (guint i = 0; warnings != NULL && i < warnings->len; i++)
    tool_complain ("%s", (char *)g_ptr_array_index (warnings, i));
  if (run->client != NULL) {
    result->fingerprint
        = g_strdup (genvid_client_get_fingerprint (run->client));
    return;
  }
  result->outcome = CLIP_RUN_FAILED;
  if (error->domain == GENVID_ERROR)
    result->reason = (GenvidReason)error->code;
  result->message = g_strdup (error->message);
  run->set->failed++;
}

static void
begin_more (ClipSet *set)
{
  while (!set->stopped && set->begun < set->n && set->active < AT_ONCE) {
    ClipRun *run = &set->runs[set->begun++];
    if (run->client == NULL)
      continue;
    set->active++;
    run->thread = g_thread_new ("wait", wait_for_clip, run);
  }
}

static guint
get_width (void)
{
  struct winsize size = { .ws_col = 0 };

  if (ioctl (STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 20)
    return 78;
  return size.ws_col - 1;
}

static void
run_all (ClipSet *set)
{
  guint sources[] = {
    g_timeout_add (TICK_MS, look_again, set),
    g_unix_signal_add (SIGINT, stop, set),
    g_unix_signal_add (SIGTERM, stop, set),
  };

  begin_more (set);
  if (set->active > 0)
    g_main_loop_run (set->loop);
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    g_source_remove (sources[i]);
  /* What the threads left behind speaks of SET. */
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  if (set->terminal && set->rows > 0)
    draw (set);
}

void
clip_run (GenvidSettings *const *settings, ClipResult *results, guint n,
          gboolean together)
{
  g_autofree ClipRun *runs = g_new0 (ClipRun, n);
  ClipSet set = {
    .loop = g_main_loop_new (NULL, FALSE),
    .runs = runs,
    .n = n,
    .terminal = isatty (STDERR_FILENO),
    .width = get_width () - (n > 1 ? NUMBER_WIDTH : 0),
  };

  for (guint i = 0; i < n; i++) {
    results[i].outcome = CLIP_RUN_NOT_BEGUN;
    runs[i].set = &set;
    runs[i].settings = settings[i];
    runs[i].result = &results[i];
    open_client (&runs[i]);
  }
  if (set.failed == 0 || !together)
    run_all (&set);
  for (guint i = 0; i < n; i++) {
    g_clear_pointer (&runs[i].client, genvid_client_unref);
    g_free (runs[i].shown);
  }
  g_main_loop_unref (set.loop);
}
