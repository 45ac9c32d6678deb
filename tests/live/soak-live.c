/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A programme of mixed items for as long as it is told, watched frame by frame.
 * It buys from the simulated services, plays again from the store, is refused,
 * waits, skips, pauses, and is sought from downstream. One line a minute, a
 * summary at the end; exit status 1 when something is not as it must be. */

#include "live-kit.h"
#include "folder-kit.h"
#include "soak-service.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#define LONG_WAIT_MINUTES 10
#define PROGRAMME                                                              \
  "max-cost=5 "                                                                \
  "video-caps=video/x-raw,width=640,height=360,framerate=25/1 "

/* What the process has. */
typedef struct {
  guint items; /* that were shown by then */
  gsize heap;  /* bytes that are in use */
  long memory; /* MiB */
  guint threads, files;
} Usage;

/* After so many items the programme rests on its slate and is measured; and
 * at its end. */
static const guint rests[] = { 10, 100, 1000, G_MAXUINT };
#define N_RESTS G_N_ELEMENTS (rests)

typedef struct {
  LiveKit *kit;
  SoakService *service;
  GRand *random;
  gint64 end;
  gboolean over;
  guint minutes;
  guint bought; /* prompts that were not asked for before */
  guint refused;
  guint items, finished, failed, errors;
  guint last_id;
  gint64 held_until;
  gboolean long_wait_done;
  gint64 paused; /* how long, all together */
  guint rests;   /* how many there were */
  Usage usage[N_RESTS];
} Soak;

static long
get_memory (void)
{
  g_autofree char *text = NULL;
  const char *line;

  g_file_get_contents ("/proc/self/status", &text, NULL, NULL);
  line = text != NULL ? strstr (text, "VmRSS:") : NULL;
  return line != NULL ? atol (line + 6) / 1024 : 0;
}

static Usage
measure (Soak *soak)
{
  Usage usage = { .items = soak->finished + soak->failed };

  live_kit_forget (soak->kit);
  malloc_trim (0);
  usage.heap = mallinfo2 ().uordblks + mallinfo2 ().hblkhd;
  usage.memory = get_memory ();
  usage.threads = folder_count ("/proc/self/task");
  usage.files = folder_count ("/proc/self/fd");

  return usage;
}

static void
print_usage (const Usage *usage)
{
  printf ("after %u items: %.1f MiB of heap, %ld MiB, %u threads, %u files\n",
          usage->items, (double)usage->heap / (1 << 20), usage->memory,
          usage->threads, usage->files);
  fflush (stdout);
}

/* Nothing is on air, nothing waits, for two seconds: an item that was skipped
 * before its time is neither finished nor failed. */
static gboolean
is_resting (Soak *soak)
{
  for (guint i = 0; i < 10; i++) {
    guint current = 1;
    guint queued = 1;

    g_object_get (soak->kit->live, "current", &current, "queued", &queued,
                  NULL);
    if (current != 0 || queued != 0)
      return FALSE;
    live_kit_wait_frames (soak->kit, 5);
  }
  return TRUE;
}

static void
rest (Soak *soak)
{
  Usage *usage = &soak->usage[soak->rests++];

  *usage = measure (soak);
  print_usage (usage);
  soak->over = g_get_monotonic_time () > soak->end;
}

/* --- items --- */

static void
append (Soak *soak, const char *prompt)
{
  soak->last_id = live_kit_append (soak->kit, prompt);
  soak->items++;
}

static void
append_new (Soak *soak, guint kind)
{
  g_autofree char *prompt
      = g_strdup_printf ("%s %u", soak_service_get_kind (kind), soak->items);

  soak_service_serve (soak->service, kind);
  append (soak, prompt);
  soak->bought++;
}

static void
append_refused (Soak *soak)
{
  g_autofree char *prompt = g_strdup_printf ("refused %u", soak->items);

  soak_service_refuse (soak->service);
  append (soak, prompt);
  soak->bought++;
  soak->refused++;
}

static void
append_slow (Soak *soak, gint64 minutes)
{
  gint64 wait = minutes > 0 ? minutes * 60 : 20;

  soak_service_hold (soak->service);
  soak->held_until = g_get_monotonic_time () + wait * G_USEC_PER_SEC;
  append_new (soak, 0);
}

static void
append_again (Soak *soak)
{
  guint kind = g_rand_int_range (soak->random, 0, soak_service_get_n_kinds ());
  g_autofree char *prompt
      = g_strdup_printf ("%s %u", soak_service_get_kind (kind), kind);

  append (soak, prompt);
}

/* One thing after the other, so that each purchase gets its own clip. */
static void
append_any (Soak *soak)
{
  gint64 left = soak->end - g_get_monotonic_time ();
  guint dice = g_rand_int_range (soak->random, 0, 100);
  guint kinds = soak_service_get_n_kinds ();

  if (soak->items < kinds) {
    append_new (soak, soak->items);
  } else if (!soak->long_wait_done && soak->minutes >= 30
             && left < (gint64)soak->minutes * 40 * G_USEC_PER_SEC) {
    soak->long_wait_done = TRUE;
    append_slow (soak, LONG_WAIT_MINUTES);
  } else if (dice < 12) {
    append_new (soak, g_rand_int_range (soak->random, 0, kinds));
  } else if (dice < 16) {
    append_refused (soak);
  } else if (dice < 17 && left > 60 * G_USEC_PER_SEC) {
    append_slow (soak, 0);
  } else {
    append_again (soak);
  }
}

/* --- what a programme suffers --- */

static void
pause_a_while (Soak *soak)
{
  gint64 before = g_get_monotonic_time ();
  GstState state = GST_STATE_PAUSED;

  gst_element_set_state (soak->kit->pipeline, GST_STATE_PAUSED);
  gst_element_get_state (soak->kit->pipeline, &state, NULL, GST_SECOND);
  gst_bus_timed_pop_filtered (soak->kit->bus, 2 * GST_SECOND,
                              GST_MESSAGE_BUFFERING);
  gst_element_set_state (soak->kit->pipeline, GST_STATE_PLAYING);
  soak->paused += g_get_monotonic_time () - before;
}

static void
disturb (Soak *soak)
{
  g_autoptr (GstElement) sink
      = gst_bin_get_by_name (GST_BIN (soak->kit->pipeline), "video");

  switch (g_rand_int_range (soak->random, 0, 40)) {
  case 0:
    pause_a_while (soak);
    break;
  case 1:
  case 2:
    g_signal_emit_by_name (soak->kit->live, "skip");
    break;
  case 3:
    gst_element_seek_simple (sink, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, 0);
    break;
  case 4:
    gst_bin_recalculate_latency (GST_BIN (soak->kit->pipeline));
    break;
  default:
    break;
  }
}

static void
read_message (Soak *soak, GstMessage *message)
{
  const GstStructure *fields = gst_message_get_structure (message);
  g_autoptr (GError) error = NULL;
  const char *state;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error (message, &error, NULL);
    printf ("ERROR %s\n", error->message);
    soak->errors++;
  }
  if (fields == NULL || !gst_structure_has_name (fields, "genvid-live"))
    return;
  state = gst_structure_get_string (fields, "state");
  if (g_str_equal (state, "finished"))
    soak->finished++;
  if (g_str_equal (state, "failed")) {
    soak->failed++;
    printf ("failed: %s: %s\n", gst_structure_get_string (fields, "prompt"),
            gst_structure_get_string (fields, "reason"));
  }
}

static void
step (Soak *soak)
{
  g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (
      soak->kit->bus, GST_SECOND, GST_MESSAGE_ELEMENT | GST_MESSAGE_ERROR);
  guint queued = 0;

  if (message != NULL)
    read_message (soak, message);
  if (soak->held_until != 0 && g_get_monotonic_time () > soak->held_until) {
    soak->held_until = 0;
    soak_service_release (soak->service);
  }
  if (soak->finished + soak->failed >= rests[soak->rests]
      || g_get_monotonic_time () > soak->end) {
    if (is_resting (soak))
      rest (soak);
    return;
  }
  g_object_get (soak->kit->live, "queued", &queued, NULL);
  if (queued == 0 && soak->held_until == 0)
    append_any (soak);
  if (message == NULL)
    disturb (soak);
}

/* --- the report --- */

static double
get_cpu (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
         + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void
report (Soak *soak, guint minute)
{
  LiveOutput *output = &soak->kit->output;
  Usage usage = measure (soak);

  printf ("%3u min: %u frames, %u gaps, %u discont, %u caps, %u items, "
          "%u finished, %u failed, repeated %u, dropped %u, late %u, "
          "%ld MiB, %u threads, %u files, %.0f s CPU\n",
          minute, output->frames, output->gaps, output->disconts, output->caps,
          soak->items, soak->finished, soak->failed,
          live_kit_count (soak->kit, "repeated"),
          live_kit_count (soak->kit, "dropped"),
          live_kit_count (soak->kit, "late"), usage.memory, usage.threads,
          usage.files, get_cpu ());
  fflush (stdout);
}

/* What grew between the second rest, when all kinds were shown, and the last
 * one. */
static guint
count_growth (Soak *soak)
{
  const Usage *then = &soak->usage[MIN (1, soak->rests - 1)];
  const Usage *now = &soak->usage[soak->rests - 1];

  return (now->heap > then->heap + then->heap / 10)
         + (now->threads > then->threads + 2) + (now->files > then->files + 2);
}

static int
conclude (Soak *soak)
{
  LiveOutput *output = &soak->kit->output;
  gint64 played = g_get_monotonic_time () - soak->kit->began - soak->paused;
  gint64 expected = played * 25 / G_USEC_PER_SEC;
  guint charged = soak_service_count (soak->service);
  guint findings
      = output->gaps + output->disconts + soak->errors + (output->caps != 2)
        + (output->segments != 2) + (charged > soak->bought)
        + (ABS (expected - (gint64)output->frames) > 250) + count_growth (soak);

  printf ("%u frames for %" G_GINT64_FORMAT " expected, %" G_GUINT64_FORMAT
          " samples, %u items, %u charges for %u new prompts\n",
          output->frames, expected, output->samples, soak->items, charged,
          soak->bought);
  for (guint i = 0; i < soak->rests; i++)
    print_usage (&soak->usage[i]);
  printf ("%u findings\n", findings);

  return findings == 0 ? 0 : 1;
}

int
main (int argc, char **argv)
{
  guint minutes = argc > 1 ? (guint)atoi (argv[1]) : 1;
  guint seed = argc > 2 ? (guint)atoi (argv[2]) : (guint)time (NULL);
  Soak soak = { .minutes = minutes, .service = soak_service_new () };
  guint minute = 1;
  int status;

  live_init (&argc, &argv);
  printf ("seed %u\n", seed);
  soak.random = g_rand_new_with_seed (seed);
  soak.kit
      = live_kit_new_at (soak_service_get_url (soak.service), PROGRAMME, NULL);
  soak.end = g_get_monotonic_time () + (gint64)minutes * 60 * G_USEC_PER_SEC;
  live_kit_play (soak.kit);
  while (!soak.over) {
    step (&soak);
    if (g_get_monotonic_time () - soak.kit->began
        > (gint64)minute * 60 * G_USEC_PER_SEC)
      report (&soak, minute++);
  }
  status = conclude (&soak);
  live_kit_free (soak.kit);
  soak_service_free (soak.service);
  g_rand_free (soak.random);

  return status;
}
