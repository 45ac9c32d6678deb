/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Two sources of one clip in one pipeline, and seven threads that use it as no
 * application would: states, seeks, properties, queries, the bus, URIs and
 * reads, all at once. Nothing hangs or warns, and one clip is bought. And a
 * thousand starts and stops, after which the process is as it was.
 *
 * HAMMER_ROUNDS: how often each thread does its part (scripts/threads). */

#include "stage.h"

#include "folder-kit.h"

#include <gst/base/gstbasesrc.h>

#include <stdlib.h>
#include <unistd.h>

#define LINE                                                                   \
  "genvidsrc name=a provider=genpro prompt=beach ! fakesink name=one "         \
  "sync=false async=false genvidsrc name=b provider=genpro prompt=beach ! "    \
  "decodebin ! fakesink sync=false async=false"
#define WARM   50
#define STARTS 1000 /* of a clip that is there */
#define ENDS   150  /* of one that is made meanwhile */
/* What a thousand starts may leave: allocators are not exact. */
#define MAX_GROWTH 2048 /* KiB */
/* Descriptors and threads of one run; fewer than there are starts. */
#define ENDING 25

/* A sanitizer needs ten times as long, and sees in a few what is wrong. */
static gboolean
is_sanitized (void)
{
  return g_getenv ("ASAN_OPTIONS") != NULL || g_getenv ("TSAN_OPTIONS") != NULL;
}

static guint
get_times (guint times)
{
  return is_sanitized () ? times / 5 : times;
}

typedef struct {
  Stage *stage;
  GstElement *sources[2];
  guint rounds;
  gint running; /* atomic */
} Anvil;

static gpointer
beat_states (gpointer data)
{
  static const GstState states[]
      = { GST_STATE_PLAYING, GST_STATE_READY,  GST_STATE_PAUSED,
          GST_STATE_NULL,    GST_STATE_PAUSED, GST_STATE_PLAYING,
          GST_STATE_READY,   GST_STATE_NULL };
  Anvil *anvil = data;

  for (guint i = 0; i < anvil->rounds; i++)
    gst_element_set_state (anvil->stage->pipeline,
                           states[i % G_N_ELEMENTS (states)]);
  return NULL;
}

static gpointer
beat_seeks (gpointer data)
{
  Anvil *anvil = data;

  while (g_atomic_int_get (&anvil->running))
    for (guint i = 0; i < 8; i++)
      gst_element_seek_simple (anvil->sources[i % 2], GST_FORMAT_BYTES,
                               i % 3 == 0 ? GST_SEEK_FLAG_FLUSH
                                          : GST_SEEK_FLAG_NONE,
                               (gint64)i * 10000);
  return NULL;
}

static gpointer
beat_properties (gpointer data)
{
  Anvil *anvil = data;

  while (g_atomic_int_get (&anvil->running))
    for (guint i = 0; i < 2; i++) {
      g_autoptr (GstStructure) stats = NULL;
      g_autofree char *id = NULL, *location = NULL;
      int state, progress;

      g_object_get (anvil->sources[i], "stats", &stats, "generation-id", &id,
                    "location", &location, "generation-state", &state,
                    "progress", &progress, NULL);
      g_assert_cmpint (progress, <=, 100);
    }
  return NULL;
}

static gpointer
beat_queries (gpointer data)
{
  Anvil *anvil = data;

  while (g_atomic_int_get (&anvil->running)) {
    GstQuery *queries[] = { gst_query_new_duration (GST_FORMAT_BYTES),
                            gst_query_new_seeking (GST_FORMAT_BYTES),
                            gst_query_new_scheduling (),
                            gst_query_new_buffering (GST_FORMAT_PERCENT),
                            gst_query_new_position (GST_FORMAT_BYTES),
                            gst_query_new_uri () };

    for (guint i = 0; i < G_N_ELEMENTS (queries); i++) {
      gst_element_query (anvil->sources[i % 2], queries[i]);
      gst_query_unref (queries[i]);
    }
  }
  return NULL;
}

static gpointer
beat_bus (gpointer data)
{
  Anvil *anvil = data;

  while (g_atomic_int_get (&anvil->running)) {
    GstMessage *message = gst_bus_timed_pop (anvil->stage->bus, GST_MSECOND);

    /* A decodebin that is stopped while it links may complain. */
    if (message != NULL && GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR
        && (GST_MESSAGE_SRC (message) == GST_OBJECT (anvil->sources[0])
            || GST_MESSAGE_SRC (message) == GST_OBJECT (anvil->sources[1]))) {
      g_autoptr (GError) error = NULL;
      g_autofree char *debug = NULL;

      gst_message_parse_error (message, &error, &debug);
      g_error ("%s: %s (%s)", GST_MESSAGE_SRC_NAME (message), error->message,
               debug);
    }
    g_clear_pointer (&message, gst_message_unref);
  }
  return NULL;
}

/* One that nobody may set, at any time. */
static gpointer
beat_uris (gpointer data)
{
  Anvil *anvil = data;

  while (g_atomic_int_get (&anvil->running)) {
    GstURIHandler *handler = GST_URI_HANDLER (anvil->sources[0]);
    g_autofree char *uri = gst_uri_handler_get_uri (handler);

    g_assert_nonnull (uri);
    g_assert_false (gst_uri_handler_set_uri (
        handler, "genvid://cn8?base-url=http://x", NULL));
  }
  return NULL;
}

/* As the base class's own callers do, from wherever they like. */
static gpointer
beat_reads (gpointer data)
{
  Anvil *anvil = data;
  g_autoptr (GstPad) pad
      = gst_element_get_static_pad (anvil->sources[1], "src");

  while (g_atomic_int_get (&anvil->running))
    for (guint i = 0; i < 4; i++) {
      GstBuffer *buffer = NULL;

      if (gst_pad_get_range (pad, i * 100, 64, &buffer) == GST_FLOW_OK)
        gst_buffer_unref (buffer);
    }
  return NULL;
}

static void
test_hammer (void)
{
  static const GThreadFunc parts[]
      = { beat_seeks, beat_properties, beat_queries,
          beat_bus,   beat_uris,       beat_reads };
  const char *rounds = g_getenv ("HAMMER_ROUNDS");
  g_autoptr (Stage) stage = stage_new (NULL);
  Anvil anvil
      = { .stage = stage,
          .rounds = rounds != NULL ? (guint)atoi (rounds) : get_times (200),
          .running = TRUE };
  GThread *threads[G_N_ELEMENTS (parts)];

  stage_launch (stage, LINE);
  anvil.sources[0] = gst_bin_get_by_name (GST_BIN (stage->pipeline), "a");
  anvil.sources[1] = gst_bin_get_by_name (GST_BIN (stage->pipeline), "b");
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    threads[i] = g_thread_new ("hammer", parts[i], &anvil);
  beat_states (&anvil);
  g_atomic_int_set (&anvil.running, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    g_thread_join (threads[i]);
  gst_element_set_state (stage->pipeline, GST_STATE_NULL);
  gst_object_unref (anvil.sources[0]);
  gst_object_unref (anvil.sources[1]);
  stage_launch (stage, "genvidsrc provider=genpro prompt=beach ! fakesink");
  stage_play (stage);
  g_assert_cmpuint (stage_get_bought (stage), ==, 1);
}

/* --- A thousand starts. --- */

static guint64
read_resident (void)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  return g_ascii_strtoull (strchr (text, ' '), NULL, 10)
         * (guint64)(getpagesize () / 1024);
}

static void
start_and_stop (Stage *stage, guint times)
{
  for (guint i = 0; i < times; i++) {
    gst_element_set_state (stage->pipeline, GST_STATE_PAUSED);
    if (i % 10 == 0)
      gst_element_get_state (stage->pipeline, NULL, NULL, GST_SECOND);
    gst_element_set_state (stage->pipeline, GST_STATE_NULL);
  }
}

static void
test_thousand (gconstpointer data)
{
  g_autoptr (Stage) stage = stage_new (NULL);
  const char *line = "genvidsrc provider=genpro prompt=beach ! fakesink";
  guint descriptors, threads;
  guint64 resident;

  stage_launch (stage, line);
  if (data != NULL)
    stage_play (stage);
  else
    genvid_sandbox_hold (stage->sandbox, GENVID_SANDBOX_GATE_GENERATION);
  gst_element_set_state (stage->pipeline, GST_STATE_NULL);
  start_and_stop (stage, WARM);
  descriptors = folder_count ("/proc/self/fd");
  threads = folder_count ("/proc/self/task");
  resident = read_resident ();
  start_and_stop (stage, get_times (data != NULL ? STARTS : ENDS));
  g_test_message ("%" G_GINT64_FORMAT " KiB more",
                  (gint64)(read_resident () - resident));
  /* A run that just ends is no leak, which would show with each start. */
  g_assert_cmpuint (folder_count ("/proc/self/fd"), <=, descriptors + ENDING);
  g_assert_cmpuint (folder_count ("/proc/self/task"), <=, threads + ENDING);
  if (!is_sanitized ())
    g_assert_cmpuint (read_resident (), <=, resident + MAX_GROWTH);
  g_assert_cmpuint (stage_get_bought (stage), <=, 1);
}

int
main (int argc, char **argv)
{
  stage_init (&argc, &argv);
  g_test_add_func ("/hammer/seven", test_hammer);
  g_test_add_data_func ("/hammer/thousand/stored", "stored", test_thousand);
  g_test_add_data_func ("/hammer/thousand/running", NULL, test_thousand);
  return g_test_run ();
}
