/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The action signals, from any thread, and what follows the last item. */

#include "live-kit.h"

#define CUT "max-cost=5 transition=cut "

static void
serve (LiveKit *kit, int frames)
{
  live_kit_serve (kit, live_clip_make (&(LiveClip){ .frames = frames,
                                                    .sound = frames / 25. }));
}

static guint64
get_running_time (GstMessage *message)
{
  guint64 time = 0;

  g_assert_true (gst_structure_get_uint64 (gst_message_get_structure (message),
                                           "running-time", &time));
  return time;
}

static guint64
wait_running_time (LiveKit *kit, const char *state, guint id)
{
  g_autoptr (GstMessage) message = live_kit_wait (kit, state, id);

  return get_running_time (message);
}

/* Insert comes before, remove is never seen. */
static void
test_order (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT, NULL);
  gboolean found = FALSE;
  guint id = 0;
  guint first, second, gone;

  serve (kit, 10);
  first = live_kit_append (kit, "first");
  gone = live_kit_append (kit, "gone");
  second = live_kit_append (kit, "second");
  g_signal_emit_by_name (kit->live, "insert", first, "before", &id);
  g_signal_emit_by_name (kit->live, "remove", gone, &found);
  g_assert_true (found);
  g_signal_emit_by_name (kit->live, "remove", gone, &found);
  g_assert_false (found);
  live_kit_play (kit);
  live_kit_see (kit, "finished", id);
  live_kit_see (kit, "finished", first);
  live_kit_see (kit, "finished", second);
  g_assert_cmpuint (live_kit_get_bought (kit), ==, 3);
  live_kit_check (kit);
}

/* The next item comes at once, on the grid, and without the slate. */
static void
test_skip (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT "prefetch=2", NULL);
  guint64 before;

  serve (kit, 200);
  live_kit_append (kit, "long");
  live_kit_append (kit, "next");
  live_kit_play (kit);
  live_kit_see (kit, "on-air", 1);
  live_kit_wait_frames (kit, 25);
  before = kit->output.frames * 40 * GST_MSECOND;
  g_signal_emit_by_name (kit->live, "skip");
  live_kit_see (kit, "finished", 1);
  g_assert_cmpuint (wait_running_time (kit, "on-air", 2), <,
                    before + 600 * GST_MSECOND);
  g_signal_emit_by_name (kit->live, "skip");
  live_kit_see (kit, "finished", 2);
  live_kit_wait_frames (kit, 3);
  live_kit_check (kit);
}

static gpointer
append_many (gpointer data)
{
  for (guint i = 0; i < 20; i++) {
    guint id = live_kit_append (data, "from another thread");
    gboolean found = FALSE;

    g_signal_emit_by_name (((LiveKit *)data)->live, "remove", id, &found);
    g_assert_true (found);
  }
  live_kit_append (data, "from another thread");
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT, NULL);
  GThread *threads[4];

  serve (kit, 10);
  genvid_sandbox_hold (kit->sandbox, GENVID_SANDBOX_GATE_GENERATION);
  live_kit_append (kit, "the first");
  live_kit_play (kit);
  live_kit_see (kit, "generating", 1);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("append", append_many, kit);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  genvid_sandbox_release (kit->sandbox, GENVID_SANDBOX_GATE_GENERATION);
  for (guint i = 0; i < 5; i++)
    live_kit_see (kit, "finished", 0);
  live_kit_check (kit);
  g_assert_cmpuint (live_kit_get_bought (kit), ==, 2);
}

/* What is asked for plays out; then exactly one EOS, and no frame after the
 * last one of the item. */
static void
test_end (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT, NULL);
  guint64 end;

  serve (kit, 40);
  live_kit_append (kit, "the only one");
  live_kit_play (kit);
  live_kit_see (kit, "on-air", 1);
  g_signal_emit_by_name (kit->live, "end");
  end = wait_running_time (kit, "finished", 1);
  live_kit_wait_end (kit);
  g_assert_true (kit->output.ended[0] && kit->output.ended[1]);
  g_assert_cmpuint (kit->output.frames * 40 * GST_MSECOND, ==, end);
  live_kit_check_numbers (kit, 0, 39);
  live_kit_check (kit);
}

static void
test_end_of_nothing (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT, NULL);

  live_kit_play (kit);
  live_kit_wait_frames (kit, 5);
  g_signal_emit_by_name (kit->live, "end");
  live_kit_wait_end (kit);
  live_kit_check (kit);
}

static void
test_eos_event (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT, NULL);

  serve (kit, 100);
  live_kit_append (kit, "cut short");
  live_kit_play (kit);
  live_kit_see (kit, "on-air", 1);
  g_assert_true (gst_element_send_event (kit->pipeline, gst_event_new_eos ()));
  live_kit_wait_end (kit);
  live_kit_check (kit);
}

/* The playlist again and again, for one purchase each. */
static void
test_loop (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT "when-empty=loop", NULL);

  serve (kit, 10);
  live_kit_append (kit, "one");
  live_kit_append (kit, "two");
  live_kit_play (kit);
  for (guint i = 0; i < 4; i++) {
    live_kit_see (kit, "finished", 1);
    live_kit_see (kit, "finished", 2);
  }
  g_signal_emit_by_name (kit->live, "end");
  live_kit_wait_end (kit);
  live_kit_check (kit);
  g_assert_cmpuint (live_kit_get_bought (kit), ==, 2);
}

/* The last picture stands until there is another. */
static void
test_hold (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT "when-empty=hold", NULL);
  guint last;

  serve (kit, 30);
  live_kit_append (kit, "one");
  live_kit_play (kit);
  live_kit_see (kit, "on-air", 1);
  live_kit_wait_frames (kit, 60);
  last = kit->output.numbers->len - 1;
  g_assert_cmpint (g_array_index (kit->output.numbers, int, last), ==, 29);
  live_kit_append (kit, "two");
  live_kit_see (kit, "finished", 1);
  live_kit_see (kit, "on-air", 2);
  live_kit_check (kit);
  g_assert_cmpuint (live_kit_count (kit, "repeated"), ==, 0);
}

/* At a running time of the pipeline, a part of the clip. */
static void
test_start_in_out (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT, NULL);
  g_autoptr (GstStructure) item = gst_structure_new (
      "item", "prompt", G_TYPE_STRING, "a part", "start", G_TYPE_UINT64,
      5 * GST_SECOND, "in", G_TYPE_UINT64, GST_SECOND, "out", G_TYPE_UINT64,
      2 * GST_SECOND, NULL);
  guint id = 0;

  serve (kit, 100);
  g_signal_emit_by_name (kit->live, "append-item", item, &id);
  live_kit_play (kit);
  g_assert_cmpuint (wait_running_time (kit, "on-air", id), ==, 5 * GST_SECOND);
  g_assert_cmpuint (wait_running_time (kit, "finished", id), ==,
                    6 * GST_SECOND);
  live_kit_wait_frames (kit, 2);
  live_kit_check_numbers (kit, 25, 49);
  g_assert_cmpint (g_array_index (kit->output.numbers, int, 125), ==, 25);
  live_kit_check (kit);
}

static void
count_state (GObject *live, GParamSpec *pspec, gpointer data)
{
  g_atomic_int_inc ((gint *)data);
}

static void
test_properties (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT, NULL);
  gint changes = 0;
  guint current = 0;
  guint queued = 0;
  int state = -1;

  g_signal_connect (kit->live, "notify::state", G_CALLBACK (count_state),
                    &changes);
  serve (kit, 100);
  live_kit_append (kit, "one");
  live_kit_append (kit, "two");
  g_object_get (kit->live, "queued", &queued, "state", &state, NULL);
  g_assert_cmpuint (queued, ==, 2);
  g_assert_cmpint (state, ==, 0);
  live_kit_play (kit);
  live_kit_see (kit, "on-air", 1);
  live_kit_wait_frames (kit, 5);
  g_object_get (kit->live, "queued", &queued, "state", &state, "current",
                &current, NULL);
  g_assert_cmpuint (queued, ==, 1);
  g_assert_cmpint (state, ==, 1);
  g_assert_cmpuint (current, ==, 1);
  g_signal_emit_by_name (kit->live, "clear");
  live_kit_see (kit, "finished", 1);
  live_kit_wait_frames (kit, 5);
  g_object_get (kit->live, "state", &state, "current", &current, NULL);
  g_assert_cmpint (state, ==, 0);
  g_assert_cmpuint (current, ==, 0);
  g_assert_cmpint (g_atomic_int_get (&changes), ==, 2);
}

int
main (int argc, char **argv)
{
  live_init (&argc, &argv);
  g_test_add_func ("/actions/order", test_order);
  g_test_add_func ("/actions/skip", test_skip);
  g_test_add_func ("/actions/threads", test_threads);
  g_test_add_func ("/actions/end", test_end);
  g_test_add_func ("/actions/end-of-nothing", test_end_of_nothing);
  g_test_add_func ("/actions/eos-event", test_eos_event);
  g_test_add_func ("/actions/loop", test_loop);
  g_test_add_func ("/actions/hold", test_hold);
  g_test_add_func ("/actions/start-in-out", test_start_in_out);
  g_test_add_func ("/actions/properties", test_properties);
  return g_test_run ();
}
