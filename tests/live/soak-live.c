/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A programme of mixed items for as long as it is told, watched frame by frame.
 * It buys from the simulated services, plays again from the store, is refused,
 * waits, skips, pauses, and is sought from downstream. One line a minute, a
 * summary at the end; exit status 1 when something is not as it must be. */

#include "live-kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#define LONG_WAIT_MINUTES 10
#define PROGRAMME                                                              \
  "max-cost=5 "                                                                \
  "video-caps=video/x-raw,width=640,height=360,framerate=25/1 "

typedef struct {
  const char *name;
  LiveClip clip;
  gboolean damaged;
} Kind;

#define VP9       "vp9enc deadline=1 cpu-used=8 ! vp9parse"
#define HEVC      "x265enc speed-preset=ultrafast ! h265parse"
#define AV1       "av1enc cpu-used=8 ! av1parse"
#define FRAGMENTS "mp4mux fragment-duration=400"
#define AAC       "audioconvert ! avenc_aac ! aacparse !"

static const Kind kinds[] = {
  { "wide",
    { .width = 640,
      .height = 360,
      .frames = 100,
      .sound = 4,
      .muxer = "mp4mux",
      .voice = AAC } },
  { "tall", { .width = 360, .height = 640, .frames = 75 } },
  { "24",
    { .width = 640, .height = 360, .rate_n = 24, .frames = 96, .sound = 4 } },
  { "30",
    { .width = 640,
      .height = 360,
      .rate_n = 30,
      .frames = 90,
      .sound = 3,
      .muxer = "mp4mux",
      .voice = AAC } },
  { "29.97",
    { .width = 480,
      .height = 480,
      .rate_n = 30000,
      .rate_d = 1001,
      .frames = 90,
      .sound = 3 } },
  { "variable",
    { .width = 640,
      .height = 360,
      .frames = 90,
      .sound = 3.6,
      .variable = TRUE } },
  { "short", { .width = 640, .height = 360, .frames = 15, .sound = 0.6 } },
  { "vp9",
    { .width = 320,
      .height = 180,
      .frames = 75,
      .sound = 3,
      .encoder = VP9,
      .muxer = "mp4mux",
      .voice = AAC } },
  { "hevc",
    { .width = 320,
      .height = 180,
      .frames = 75,
      .sound = 3,
      .encoder = HEVC } },
  { "av1",
    { .width = 160,
      .height = 96,
      .frames = 50,
      .encoder = AV1,
      .muxer = "mp4mux" } },
  { "fragments",
    { .width = 640,
      .height = 360,
      .frames = 100,
      .sound = 4,
      .muxer = FRAGMENTS,
      .voice = AAC } },
  { "damaged",
    { .width = 640, .height = 360, .frames = 100, .sound = 4 },
    TRUE },
  { "sound", { .sound = 3 } },
  { "long-sound", { .width = 640, .height = 360, .frames = 40, .sound = 4 } },
};

typedef struct {
  LiveKit *kit;
  GBytes *clips[G_N_ELEMENTS (kinds)];
  GRand *random;
  gint64 end;
  guint minutes;
  guint bought; /* prompts that were not asked for before */
  guint refused;
  guint items, finished, failed, errors;
  guint last_id;
  gint64 held_until;
  gboolean long_wait_done;
  gint64 paused;  /* how long, all together */
  long memory[2]; /* after the first items, and now */
  guint threads[2], files[2];
} Soak;

static guint
count_folder (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  guint count = 0;

  while (folder != NULL && g_dir_read_name (folder) != NULL)
    count++;
  return count;
}

static long
get_memory (void)
{
  g_autofree char *text = NULL;
  const char *line;

  g_file_get_contents ("/proc/self/status", &text, NULL, NULL);
  line = text != NULL ? strstr (text, "VmRSS:") : NULL;
  return line != NULL ? atol (line + 6) / 1024 : 0;
}

static void
measure (Soak *soak, guint when)
{
  soak->memory[when] = get_memory ();
  soak->threads[when] = count_folder ("/proc/self/task");
  soak->files[when] = count_folder ("/proc/self/fd");
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
      = g_strdup_printf ("%s %u", kinds[kind].name, soak->items);

  genvid_sandbox_set_clip (soak->kit->sandbox, soak->clips[kind]);
  append (soak, prompt);
  soak->bought++;
}

static void
append_refused (Soak *soak)
{
  g_autofree char *prompt = g_strdup_printf ("refused %u", soak->items);

  genvid_sandbox_add_fault (soak->kit->sandbox, "poll-refused@1", NULL);
  append (soak, prompt);
  soak->bought++;
  soak->refused++;
}

static void
append_slow (Soak *soak, gint64 minutes)
{
  gint64 wait = minutes > 0 ? minutes * 60 : 20;

  genvid_sandbox_hold (soak->kit->sandbox, GENVID_SANDBOX_GATE_GENERATION);
  soak->held_until = g_get_monotonic_time () + wait * G_USEC_PER_SEC;
  append_new (soak, 0);
}

static void
append_again (Soak *soak)
{
  guint kind = g_rand_int_range (soak->random, 0, G_N_ELEMENTS (kinds));
  g_autofree char *prompt = g_strdup_printf ("%s %u", kinds[kind].name, kind);

  if (soak->clips[kind] != NULL)
    append (soak, prompt);
}

/* One thing after the other, so that each purchase gets its own clip. */
static void
append_any (Soak *soak)
{
  gint64 left = soak->end - g_get_monotonic_time ();
  guint dice = g_rand_int_range (soak->random, 0, 100);

  if (soak->items < G_N_ELEMENTS (kinds)) {
    append_new (soak, soak->items);
  } else if (!soak->long_wait_done && soak->minutes >= 30
             && left < (gint64)soak->minutes * 40 * G_USEC_PER_SEC) {
    soak->long_wait_done = TRUE;
    append_slow (soak, LONG_WAIT_MINUTES);
  } else if (dice < 12) {
    append_new (soak, g_rand_int_range (soak->random, 0, G_N_ELEMENTS (kinds)));
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
  if (soak->finished + soak->failed == 20 && soak->memory[0] == 0)
    measure (soak, 0);
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
    genvid_sandbox_release (soak->kit->sandbox, GENVID_SANDBOX_GATE_GENERATION);
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

  live_kit_forget (soak->kit);
  measure (soak, 1);
  printf ("%3u min: %u frames, %u gaps, %u discont, %u caps, %u items, "
          "%u finished, %u failed, repeated %u, dropped %u, late %u, "
          "%ld MiB, %u threads, %u files, %.0f s CPU\n",
          minute, output->frames, output->gaps, output->disconts, output->caps,
          soak->items, soak->finished, soak->failed,
          live_kit_count (soak->kit, "repeated"),
          live_kit_count (soak->kit, "dropped"),
          live_kit_count (soak->kit, "late"), soak->memory[1], soak->threads[1],
          soak->files[1], get_cpu ());
  fflush (stdout);
}

static int
conclude (Soak *soak)
{
  LiveOutput *output = &soak->kit->output;
  gint64 played = g_get_monotonic_time () - soak->kit->began - soak->paused;
  gint64 expected = played * 25 / G_USEC_PER_SEC;
  guint charged = live_kit_get_bought (soak->kit);
  guint findings = output->gaps + output->disconts + soak->errors
                   + (output->caps != 2) + (output->segments != 2)
                   + (charged > soak->bought)
                   + (ABS (expected - (gint64)output->frames) > 250)
                   + (soak->threads[1] > soak->threads[0] + 8)
                   + (soak->files[1] > soak->files[0] + 16);

  printf ("%u frames for %" G_GINT64_FORMAT " expected, %" G_GUINT64_FORMAT
          " samples, %u items, %u charges for %u new prompts\n",
          output->frames, expected, output->samples, soak->items, charged,
          soak->bought);
  printf ("after 20 items: %ld MiB, %u threads, %u files; at the end: %ld MiB, "
          "%u threads, %u files\n",
          soak->memory[0], soak->threads[0], soak->files[0], soak->memory[1],
          soak->threads[1], soak->files[1]);
  printf ("%u findings\n", findings);

  return findings == 0 ? 0 : 1;
}

static void
make_clips (Soak *soak)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    soak->clips[i] = live_clip_make (&kinds[i].clip);
    if (soak->clips[i] == NULL) {
      printf ("no clips of the kind %s: an element is missing\n",
              kinds[i].name);
      soak->clips[i] = g_bytes_ref (soak->clips[0]);
    } else if (kinds[i].damaged) {
      g_autoptr (GBytes) whole = soak->clips[i];

      soak->clips[i] = live_clip_damage (whole);
    }
  }
}

int
main (int argc, char **argv)
{
  GenvidSandboxOptions options = { .gen_seconds = 2 };
  guint minutes = argc > 1 ? (guint)atoi (argv[1]) : 1;
  guint seed = argc > 2 ? (guint)atoi (argv[2]) : (guint)time (NULL);
  Soak soak = { .minutes = minutes };
  int status;

  live_init (&argc, &argv);
  printf ("seed %u\n", seed);
  soak.random = g_rand_new_with_seed (seed);
  make_clips (&soak);
  soak.kit = live_kit_new (&options, PROGRAMME, NULL);
  soak.end = g_get_monotonic_time () + (gint64)minutes * 60 * G_USEC_PER_SEC;
  live_kit_play (soak.kit);
  for (guint minute = 1; g_get_monotonic_time () < soak.end;) {
    step (&soak);
    if (g_get_monotonic_time () - soak.kit->began
        < (gint64)minute * 60 * G_USEC_PER_SEC)
      continue;
    report (&soak, minute++);
  }
  measure (&soak, 1);
  status = conclude (&soak);
  genvid_sandbox_release (soak.kit->sandbox, GENVID_SANDBOX_GATE_GENERATION);
  live_kit_free (soak.kit);
  g_rand_free (soak.random);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    g_bytes_unref (soak.clips[i]);

  return status;
}
