/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What all tests of the element need around it. Nothing here sleeps: every
 * wait is for a message or for a thread. */

#include "bench.h"

#include <unistd.h>

#include <genvid/genvid-messages.h>

#include "fake-client.h"
#include "gstgenvidsrc.h"

/* A stop that waited for the run, which only the test moves on, would not end.
 */
#define LIMIT (2 * G_TIME_SPAN_SECOND)

void
bench_init (int *argc, char ***argv)
{
  g_autofree char *data
      = g_strdup_printf ("%s/genvid-bench-%d", g_get_tmp_dir (), getpid ());

  /* The element is linked; the plugin must not be loaded beside it. */
  g_unsetenv ("GST_PLUGIN_PATH");
  g_unsetenv ("GST_PLUGIN_PATH_1_0");
  g_setenv ("XDG_DATA_HOME", data, TRUE);
  g_test_init (argc, argv, NULL);
  gst_init (argc, argv);
  g_assert_true (GST_ELEMENT_REGISTER (genvidsrc, NULL));
}

static void
check_buffer (Bench *bench, GstBuffer *buffer)
{
  GstMapInfo map;

  if (GST_BUFFER_OFFSET_END (buffer)
      != GST_BUFFER_OFFSET (buffer) + gst_buffer_get_size (buffer))
    bench->damaged = TRUE;
  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_READ));
  for (gsize i = 0; i < map.size; i++)
    if (map.data[i] != fake_get_byte (GST_BUFFER_OFFSET (buffer) + i))
      bench->damaged = TRUE;
  bench->received += map.size;
  gst_buffer_unmap (buffer, &map);
}

static GstPadProbeReturn
probe (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Bench *bench = data;

  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER)
    check_buffer (bench, GST_PAD_PROBE_INFO_BUFFER (info));
  else
    g_ptr_array_add (bench->events,
                     gst_event_ref (GST_PAD_PROBE_INFO_EVENT (info)));
  return GST_PAD_PROBE_OK;
}

static Bench *
new_bench (void)
{
  Bench *bench = g_new0 (Bench, 1);

  fake_reset ();
  bench->element = gst_element_factory_make (GENVID_ELEMENT, NULL);
  g_object_set (bench->element, "prompt", "a beach", NULL);
  bench->pad = gst_element_get_static_pad (bench->element, "src");
  bench->events
      = g_ptr_array_new_with_free_func ((GDestroyNotify)gst_event_unref);

  return bench;
}

Bench *
bench_new_push (void)
{
  Bench *bench = new_bench ();
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);

  g_object_set (sink, "sync", FALSE, NULL);
  bench->pipeline = gst_pipeline_new (NULL);
  bench->bus = gst_element_get_bus (bench->pipeline);
  gst_bin_add_many (GST_BIN (bench->pipeline), gst_object_ref (bench->element),
                    sink, NULL);
  g_assert_true (gst_element_link (bench->element, sink));
  gst_pad_add_probe (bench->pad,
                     GST_PAD_PROBE_TYPE_BUFFER
                         | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
                     probe, bench, NULL);
  gst_element_set_state (bench->pipeline, GST_STATE_READY);

  return bench;
}

Bench *
bench_new_pull (void)
{
  Bench *bench = new_bench ();

  gst_object_ref_sink (bench->element);
  bench->bus = gst_bus_new ();
  gst_element_set_bus (bench->element, bench->bus);
  gst_element_set_state (bench->element, GST_STATE_READY);

  return bench;
}

void
bench_free (Bench *bench)
{
  GstElement *top = bench->pipeline != NULL ? bench->pipeline : bench->element;

  gst_element_set_state (top, GST_STATE_NULL);
  if (bench->pipeline == NULL)
    gst_element_set_bus (bench->element, NULL);
  gst_object_unref (bench->pad);
  gst_object_unref (bench->element);
  g_clear_pointer (&bench->pipeline, gst_object_unref);
  gst_object_unref (bench->bus);
  g_ptr_array_unref (bench->events);
  g_free (bench);
  fake_reset ();
}

void
bench_start (Bench *bench)
{
  if (bench->pipeline != NULL) {
    g_assert_cmpint (gst_element_set_state (bench->pipeline, GST_STATE_PAUSED),
                     !=, GST_STATE_CHANGE_FAILURE);
    return;
  }
  g_assert_true (gst_pad_activate_mode (bench->pad, GST_PAD_MODE_PULL, TRUE));
  g_assert_cmpint (gst_element_set_state (bench->element, GST_STATE_PAUSED), ==,
                   GST_STATE_CHANGE_SUCCESS);
}

void
bench_stop (Bench *bench, GstState state)
{
  GstElement *top = bench->pipeline != NULL ? bench->pipeline : bench->element;
  gint64 before = g_get_monotonic_time ();

  g_assert_cmpint (gst_element_set_state (top, state), ==,
                   GST_STATE_CHANGE_SUCCESS);
  g_assert_cmpint (g_get_monotonic_time () - before, <, LIMIT);
}

struct _BenchPull {
  GThread *thread;
  GstPad *pad;
  guint64 offset;
  guint length;
  GstBuffer *buffer;
  GstFlowReturn result;
};

static gpointer
pull_range (gpointer data)
{
  BenchPull *pull = data;

  pull->result = gst_pad_get_range (pull->pad, pull->offset, pull->length,
                                    &pull->buffer);
  return NULL;
}

BenchPull *
bench_pull (Bench *bench, guint64 offset, guint length)
{
  BenchPull *pull = g_new0 (BenchPull, 1);

  pull->pad = bench->pad;
  pull->offset = offset;
  pull->length = length;
  pull->thread = g_thread_new ("pull", pull_range, pull);

  return pull;
}

BenchPull *
bench_start_pull (Bench *bench, guint64 offset, guint length)
{
  BenchPull *pull;

  bench_start (bench);
  pull = bench_pull (bench, offset, length);
  fake_until_waiting ();

  return pull;
}

GstFlowReturn
bench_pull_end (BenchPull *pull, GstBuffer **buffer)
{
  GstFlowReturn result;

  g_thread_join (pull->thread);
  result = pull->result;
  if (buffer != NULL)
    *buffer = g_steal_pointer (&pull->buffer);
  gst_clear_buffer (&pull->buffer);
  g_free (pull);

  return result;
}

GstMessage *
bench_next (Bench *bench, GstMessageType types)
{
  GstMessage *message
      = gst_bus_timed_pop_filtered (bench->bus, GST_CLOCK_TIME_NONE, types);

  g_assert_nonnull (message);
  return message;
}

static void
log_progress (GString *log, GstMessage *message)
{
  static const char *const names[]
      = { "START", "CONTINUE", "COMPLETE", "CANCELED", "ERROR" };
  g_autofree char *code = NULL;
  g_autofree char *text = NULL;
  GstProgressType type;
  int percent = -1;

  gst_message_parse_progress (message, &type, &code, &text);
  g_assert_cmpstr (code, ==, GENVID_PROGRESS_CODE);
  gst_structure_get_int (gst_message_get_structure (message),
                         GENVID_PROGRESS_PERCENT, &percent);
  g_string_append_printf (log, "%s %d %s\n", names[type], percent, text);
}

static void
log_error (GString *log, GstMessage *message)
{
  g_autoptr (GError) error = NULL;
  const GstStructure *details = NULL;

  gst_message_parse_error (message, &error, NULL);
  gst_message_parse_error_details (message, &details);
  g_string_append_printf (
      log, "error %s: %s\n",
      details != NULL ? gst_structure_get_string (details, GENVID_FIELD_REASON)
                      : "(no details)",
      error->message);
}

static void
log_info (GString *log, GstMessage *message)
{
  g_autoptr (GError) info = NULL;

  gst_message_parse_info (message, &info, NULL);
  g_string_append_printf (log, "info: %s\n", info->message);
}

static void
log_message (GString *log, GstMessage *message)
{
  const GstStructure *structure = gst_message_get_structure (message);

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_PROGRESS)
    log_progress (log, message);
  else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    log_error (log, message);
  else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_INFO)
    log_info (log, message);
  else if (gst_message_has_name (message, GENVID_MESSAGE_GENERATION))
    g_string_append_printf (
        log, "state=%s\n",
        gst_structure_get_string (structure, GENVID_FIELD_STATE));
  else
    g_string_append_printf (log, "%s\n", GST_MESSAGE_TYPE_NAME (message));
}

char *
bench_log (Bench *bench, GstMessageType types)
{
  GString *log = g_string_new (NULL);
  GstMessage *message;

  while ((message = gst_bus_pop_filtered (bench->bus, types)) != NULL) {
    log_message (log, message);
    gst_message_unref (message);
  }
  return g_string_free (log, FALSE);
}
