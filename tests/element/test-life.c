/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Starting and stopping in every phase of a real job, and queries meanwhile:
 * instant, and paid once. */

#include "stage.h"

#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE 20000 /* ms */

typedef struct {
  const char *name;
  GenvidSandboxGate gate;
  const char *fault;
} Phase;

/* Where the job is held up. HANG is a server that never answers. */
static const Phase phases[] = {
  { "submitting", GENVID_SANDBOX_GATE_SUBMIT, NULL },
  { "waiting", GENVID_SANDBOX_GATE_POLL, NULL },
  { "downloading", GENVID_SANDBOX_GATE_DOWNLOAD, NULL },
  { "no-answer", GENVID_SANDBOX_GATE_HANG, "submit-hang" },
  { "no-connection", GENVID_SANDBOX_GATE_HANG, "connect-hang" },
};

static Stage *
hold (const Phase *phase)
{
  Stage *stage = stage_new (NULL);

  if (phase->fault != NULL)
    stage_fault (stage, phase->fault);
  else if (phase->gate == GENVID_SANDBOX_GATE_DOWNLOAD)
    genvid_sandbox_hold_download (stage->sandbox, 100);
  else
    genvid_sandbox_hold (stage->sandbox, phase->gate);
  return stage;
}

static void
start (Stage *stage, const Phase *phase, const char *line)
{
  stage_launch (stage, line);
  gst_element_set_state (stage->pipeline, GST_STATE_PAUSED);
  g_assert_true (
      genvid_sandbox_wait_held (stage->sandbox, phase->gate, 1, PATIENCE));
}

static void
test_null (gconstpointer data)
{
  static const char *const lines[]
      = { "genvidsrc provider=genpro prompt=beach ! fakesink",
          "genvidsrc provider=genpro prompt=beach ! decodebin ! fakesink" };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++) {
    g_autoptr (Stage) stage = hold (data);

    start (stage, data, lines[i]);
    stage_stop (stage, GST_STATE_NULL);
  }
}

/* What was being bought when it was stopped is what the next start gets. */
static void
test_again (gconstpointer data)
{
  const Phase *phase = data;
  const char *line = "genvidsrc provider=genpro prompt=beach ! fakesink";
  g_autoptr (Stage) stage = hold (phase);

  start (stage, phase, line);
  stage_stop (stage, GST_STATE_READY);
  genvid_sandbox_release (stage->sandbox, phase->gate);
  stage_play (stage);
  g_assert_cmpuint (stage_get_bought (stage), ==, 1);
}

/* Plays to the end what was submitted once. */
static void
play_bought (Stage *stage)
{
  stage_play (stage);
  g_assert_cmpuint (stage_get_bought (stage), ==, 1);
  g_assert_cmpuint (genvid_sandbox_count_requests (stage->sandbox,
                                                   GENVID_SANDBOX_ANY_SERVICE,
                                                   GENVID_SANDBOX_SUBMIT),
                    ==, 1);
}

static void
test_cycles (gconstpointer data)
{
  const char *line = data;
  g_autoptr (Stage) stage = stage_new (NULL);

  genvid_sandbox_hold (stage->sandbox, GENVID_SANDBOX_GATE_GENERATION);
  stage_launch (stage, line);
  for (guint i = 0; i < 20; i++) {
    gst_element_set_state (stage->pipeline, GST_STATE_PAUSED);
    if (i % 5 == 4)
      g_assert_true (genvid_sandbox_wait_requests (
          stage->sandbox, GENVID_SANDBOX_SUBMIT, 1, PATIENCE));
    stage_stop (stage, GST_STATE_READY);
  }
  genvid_sandbox_release (stage->sandbox, GENVID_SANDBOX_GATE_GENERATION);
  play_bought (stage);
}

typedef struct {
  GstPad *pad;
  gint64 slowest; /* microseconds */
  guint unanswered;
} Asker;

static gpointer
ask (gpointer data)
{
  Asker *asker = data;

  for (guint i = 0; i < 500; i++) {
    GstQuery *queries[] = { gst_query_new_duration (GST_FORMAT_BYTES),
                            gst_query_new_seeking (GST_FORMAT_BYTES),
                            gst_query_new_scheduling (),
                            gst_query_new_buffering (GST_FORMAT_PERCENT),
                            gst_query_new_latency () };
    gint64 before = g_get_monotonic_time ();

    for (guint j = 0; j < G_N_ELEMENTS (queries); j++) {
      asker->unanswered += !gst_pad_query (asker->pad, queries[j]);
      gst_query_unref (queries[j]);
    }
    asker->slowest = MAX (asker->slowest, g_get_monotonic_time () - before);
  }
  return NULL;
}

static void
test_queries (gconstpointer data)
{
  g_autoptr (Stage) stage = hold (data);
  g_autoptr (GstPad) pad = NULL;
  Asker askers[4] = { 0 };
  GThread *threads[4];

  start (stage, data, "genvidsrc provider=genpro prompt=beach ! fakesink");
  pad = gst_element_get_static_pad (stage_get_source (stage), "src");
  for (guint i = 0; i < G_N_ELEMENTS (askers); i++) {
    askers[i].pad = pad;
    threads[i] = g_thread_new ("ask", ask, &askers[i]);
  }
  for (guint i = 0; i < G_N_ELEMENTS (askers); i++) {
    g_thread_join (threads[i]);
    g_assert_cmpuint (askers[i].unanswered, ==, 0);
    g_assert_cmpint (askers[i].slowest, <, G_USEC_PER_SEC);
  }
  stage_stop (stage, GST_STATE_NULL);
}

/* The size and the first byte are there although the last is not. */
static void
test_streams_before_end (void)
{
  g_autoptr (Stage) stage = stage_new (NULL);
  g_autoptr (GBytes) clip = stage_render (FALSE);
  g_autoptr (GstMessage) message = NULL;
  gint64 size = 0;

  genvid_sandbox_hold_download (stage->sandbox, 1000);
  stage_launch (stage, "genvidsrc provider=genpro prompt=beach ! fakesink");
  gst_element_set_state (stage->pipeline, GST_STATE_PAUSED);
  message = stage_next (stage, GST_MESSAGE_ASYNC_DONE | GST_MESSAGE_ERROR);
  g_assert_cmpint (GST_MESSAGE_TYPE (message), ==, GST_MESSAGE_ASYNC_DONE);
  g_assert_true (gst_element_query_duration (stage_get_source (stage),
                                             GST_FORMAT_BYTES, &size));
  g_assert_cmpint (size, ==, g_bytes_get_size (clip));
  genvid_sandbox_release (stage->sandbox, GENVID_SANDBOX_GATE_DOWNLOAD);
  stage_play (stage);
}

static void
add (const char *path, const Phase *phase, GTestDataFunc test)
{
  g_autofree char *name = g_strconcat (path, phase->name, NULL);

  g_test_add_data_func (name, phase, test);
}

/* Plays "adopt=ID" of a store that knows nothing else; no prompt. */
static char *
play_adopted (Stage *stage, const char *id)
{
  g_autofree char *line
      = g_strdup_printf ("genvidsrc provider=genpro adopt=%s ! fakesink", id);
  char *location = NULL;

  stage_launch (stage, line);
  stage_play (stage);
  g_object_get (stage_get_source (stage), "location", &location, NULL);
  stage_stop (stage, GST_STATE_NULL);
  return location;
}

/* An id is enough, and two ids are two clips. */
static void
test_adopt_without_prompt (void)
{
  g_autoptr (Stage) stage = stage_new (NULL);
  char *ids[2] = { NULL };
  char *locations[3] = { NULL };

  for (guint i = 0; i < 2; i++) {
    g_autofree char *line = g_strdup_printf (
        "genvidsrc provider=genpro prompt=boat take=%u ! fakesink", i + 1);

    stage_launch (stage, line);
    stage_play (stage);
    g_object_get (stage_get_source (stage), "generation-id", &ids[i], NULL);
    stage_stop (stage, GST_STATE_NULL);
  }
  g_free (stage->store);
  stage->store = stage_make_folder ();
  for (guint i = 0; i < 3; i++)
    locations[i] = play_adopted (stage, ids[i % 2]);
  g_assert_cmpstr (locations[0], !=, locations[1]);
  g_assert_cmpstr (locations[0], ==, locations[2]);
  g_assert_cmpuint (stage_get_bought (stage), ==, 2);
  for (guint i = 0; i < 3; i++)
    g_free (locations[i]);
  g_free (ids[0]);
  g_free (ids[1]);
}

/* What another element says in a forked child; owned by the caller, NULL: it
 * was no error. Neither the child's pipeline nor its stage can be stopped: the
 * threads that would have to end are the parent's. */
static char *
start_in_child (Stage *stage)
{
  GstElement *element = gst_element_factory_make ("genvidsrc", NULL);
  GstElement *first = stage_get_source (stage);
  GstBus *bus = gst_bus_new ();
  g_autofree char *url = NULL;
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  GstStateChangeReturn result;

  g_object_get (first, "base-url", &url, NULL);
  g_object_set (element, "provider", "genpro", "prompt", "beach", "base-url",
                url, "api-key", STAGE_KEY, "store", stage->store, NULL);
  gst_util_set_object_arg (G_OBJECT (element), "options", stage->options);
  gst_element_set_bus (element, bus);
  result = gst_element_set_state (element, GST_STATE_PAUSED);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  if (result != GST_STATE_CHANGE_FAILURE || message == NULL)
    return NULL;
  gst_message_parse_error (message, &error, NULL);
  return g_strdup (error->message);
}

/* What the child's end was, as waitpid() says it. */
static int
fork_and_start (Stage *stage)
{
  int status = 0;
  pid_t pid = fork ();

  if (pid == 0) {
    g_autofree char *said = NULL;

    alarm (10);
    said = start_in_child (stage);
    _exit (said != NULL && strstr (said, "forked") != NULL ? 0 : 1);
  }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  return status;
}

/* It neither waits for a clip that nobody brings there nor buys a second one,
 * and what the parent buys is the parent's, whatever the child does at its
 * end. A child that hangs may have got a lock of GObject's that another thread
 * held at the fork, which nobody lets go there; one that waits for a clip hangs
 * each time. */
static void
test_fork (gconstpointer data)
{
  const Phase *phase = data;
  g_autoptr (Stage) stage = hold (phase);
  int status;
  guint tries = 0;

  start (stage, phase, "genvidsrc provider=genpro prompt=beach ! fakesink");
  do
    status = fork_and_start (stage);
  while (WIFSIGNALED (status) && WTERMSIG (status) == SIGALRM && ++tries < 4);
  g_assert_cmpint (status, ==, 0);
  genvid_sandbox_release (stage->sandbox, phase->gate);
  play_bought (stage);
}

int
main (int argc, char **argv)
{
  stage_init (&argc, &argv);
  for (guint i = 0; i < G_N_ELEMENTS (phases); i++) {
    add ("/life/null/", &phases[i], test_null);
    add ("/life/queries/", &phases[i], test_queries);
    if (phases[i].fault == NULL) {
      add ("/life/again/", &phases[i], test_again);
      add ("/life/fork/", &phases[i], test_fork);
    }
  }
  g_test_add_data_func ("/life/cycles/push",
                        "genvidsrc provider=genpro prompt=beach ! fakesink",
                        test_cycles);
  g_test_add_data_func (
      "/life/cycles/pull",
      "genvidsrc provider=genpro prompt=beach ! decodebin ! fakesink",
      test_cycles);
  g_test_add_func ("/life/streams-before-end", test_streams_before_end);
  g_test_add_func ("/life/adopt-without-prompt", test_adopt_without_prompt);
  return g_test_run ();
}
