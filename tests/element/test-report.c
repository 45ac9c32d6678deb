/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the element tells: progress, its own message, properties, tags, and
 * exactly one error a failure. */

#include <gst/base/gstbasesrc.h>

#include "byte-ranges.h"
#include "clip-status.h"
#include "clock.h"
#include "failure.h"
#include "record.h"
#include "settings.h"
#include <genvid/genvid-messages.h>

#include "bench.h"
#include "fake-client.h"
#include "gstgenvidfailure.h"
#include "gstgenvidprogress.h"

static void
set_id (GenvidClipStatus *snapshot, gpointer data)
{
  snapshot->id = g_strdup ("gen-7");
  snapshot->cost = 1.5;
  snapshot->currency = g_strdup ("USD");
  snapshot->billed = GENVID_BILLED_YES;
}

/* A whole life in pull mode, up to the first bytes. */
static BenchPull *
run_to_media (Bench *bench)
{
  BenchPull *pull;

  fake_set_media (1000);
  pull = bench_start_pull (bench, 0, 10);
  fake_reach (GENVID_STATE_SUBMITTING, -1);
  fake_update (set_id, NULL);
  fake_until_waiting ();
  fake_reach (GENVID_STATE_QUEUED, 0);
  fake_reach (GENVID_STATE_RUNNING, 40);
  fake_reach (GENVID_STATE_RUNNING, 40);
  fake_reach (GENVID_STATE_DOWNLOADING, 100);

  return pull;
}

static void
test_progress (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autofree char *log = NULL;
  BenchPull *pull = run_to_media (bench);

  fake_add (0, 100);
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_OK);
  log = bench_log (bench, GST_MESSAGE_PROGRESS);
  g_assert_cmpstr (log, ==,
                   "START 0 fake model-1: submitting\n"
                   "CONTINUE 0 fake model-1: queued, 0 %\n"
                   "CONTINUE 40 fake model-1: running, 40 %\n"
                   "CONTINUE 99 fake model-1: downloading\n"
                   "COMPLETE 100 the download of the clip has started\n");
}

static void
set_uploading (GenvidClipStatus *snapshot, gpointer data)
{
  snapshot->uploading = GPOINTER_TO_INT (data);
}

/* An input on its way is waited for as well, before anything is bought. */
static void
test_uploading (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autoptr (GstStructure) stats = NULL;
  g_autofree char *log = NULL;
  BenchPull *pull;
  int percent = -1;

  fake_set_media (1000);
  pull = bench_start_pull (bench, 0, 10);
  fake_update (set_uploading, GINT_TO_POINTER (40));
  fake_until_waiting ();
  g_object_get (bench->element, "stats", &stats, NULL);
  g_assert_true (
      gst_structure_get_int (stats, GENVID_STATS_UPLOADING, &percent));
  g_assert_cmpint (percent, ==, 40);
  fake_update (set_uploading, GINT_TO_POINTER (-1));
  fake_until_waiting ();
  fake_reach (GENVID_STATE_SUBMITTING, -1);
  fake_add (0, 100);
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_OK);
  log = bench_log (bench, GST_MESSAGE_PROGRESS);
  g_assert_cmpstr (log, ==,
                   "START 0 fake model-1: uploading, 40 %\n"
                   "CONTINUE 0 fake model-1: submitting\n"
                   "COMPLETE 100 the download of the clip has started\n");
  gst_clear_structure (&stats);
  g_object_get (bench->element, "stats", &stats, NULL);
  g_assert_false (gst_structure_has_field (stats, GENVID_STATS_UPLOADING));
}

static void
test_element_message (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autofree char *log = NULL;
  BenchPull *pull = run_to_media (bench);

  fake_finish ();
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_OK);
  log = bench_log (bench, GST_MESSAGE_ELEMENT);
  g_assert_cmpstr (log, ==,
                   "state=idle\nstate=submitting\nstate=submitting\n"
                   "state=queued\nstate=running\nstate=downloading\n"
                   "state=done\n");
}

static void
test_message_fields (void)
{
  static const char *const names[]
      = { "state",   "provider", "model",  "generation-id", "progress",
          "cost",    "currency", "billed", "location",      "origin",
          "elapsed", "expected", "cancel", "queue-position" };
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autoptr (GstMessage) message = NULL;
  const GstStructure *s;
  int progress = -2;
  double cost = 0;
  double elapsed = -1;

  g_assert_cmpint (bench_pull_end (bench_pull (bench, 0, 1), NULL), ==,
                   GST_FLOW_FLUSHING);
  fake_set_media (100);
  bench_start (bench);
  fake_update (set_id, NULL);
  fake_finish ();
  g_assert_cmpint (bench_pull_end (bench_pull (bench, 0, 1), NULL), ==,
                   GST_FLOW_OK);
  message = bench_next (bench, GST_MESSAGE_ELEMENT);
  s = gst_message_get_structure (message);
  g_assert_true (gst_structure_has_name (s, GENVID_MESSAGE_GENERATION));
  g_assert_cmpint (gst_structure_n_fields (s), ==, G_N_ELEMENTS (names));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_true (gst_structure_has_field (s, names[i]));
  g_assert_true (gst_structure_get (s, GENVID_FIELD_PROGRESS, G_TYPE_INT,
                                    &progress, GENVID_FIELD_COST, G_TYPE_DOUBLE,
                                    &cost, GENVID_FIELD_ELAPSED, G_TYPE_DOUBLE,
                                    &elapsed, NULL));
  g_assert_cmpint (progress, ==, 100);
  g_assert_cmpfloat (cost, ==, 1.5);
  g_assert_cmpfloat (elapsed, ==, 0);
  g_assert_cmpstr (gst_structure_get_string (s, GENVID_FIELD_GENERATION_ID), ==,
                   "gen-7");
  g_assert_cmpstr (gst_structure_get_string (s, GENVID_FIELD_CURRENCY), ==,
                   "USD");
  g_assert_cmpstr (gst_structure_get_string (s, GENVID_FIELD_BILLED), ==,
                   GENVID_BILLED_NAME_YES);
  g_assert_cmpstr (gst_structure_get_string (s, GENVID_FIELD_ORIGIN), ==,
                   GENVID_ORIGIN_NAME_BOUGHT);
}

/* A stored clip makes nobody wait: no task, one sentence. */
static void
test_stored (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autofree char *log = NULL;

  fake_set_media (100);
  fake_set_stored (TRUE);
  bench_start (bench);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (bench_pull_end (bench_pull (bench, i, 1), NULL), ==,
                     GST_FLOW_OK);
  log = bench_log (bench, GST_MESSAGE_PROGRESS | GST_MESSAGE_INFO);
  g_assert_cmpstr (log, ==, "info: From the store.\n");
}

static void
test_canceled (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autofree char *log = NULL;
  BenchPull *pull;

  pull = bench_start_pull (bench, 0, 10);
  fake_reach (GENVID_STATE_RUNNING, 10);
  bench_stop (bench, GST_STATE_READY);
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_FLUSHING);
  log = bench_log (bench, GST_MESSAGE_PROGRESS);
  g_assert_cmpstr (log, ==,
                   "START 10 fake model-1: running, 10 %\n"
                   "CANCELED 10 stopped waiting; to get the clip without "
                   "paying again, use the same settings or run "
                   "\"genvid-store fetch 0123456789abcdef\"\n");
}

static void
until_state (Bench *bench, const char *name)
{
  gboolean there = FALSE;

  while (!there) {
    g_autoptr (GstMessage) message = bench_next (bench, GST_MESSAGE_ELEMENT);
    const GstStructure *s = gst_message_get_structure (message);

    there = g_strcmp0 (gst_structure_get_string (s, GENVID_FIELD_STATE), name)
            == 0;
  }
}

static void
set_cancelled (GenvidClipStatus *snapshot, gpointer data)
{
  snapshot->state = GENVID_STATE_CANCELLED;
  snapshot->cancel = GENVID_CANCEL_CANCELLED;
  snapshot->billed = GENVID_BILLED_NO;
}

static void
stop_with_cancel (Bench *bench)
{
  BenchPull *pull;

  g_object_set (bench->element, "on-stop", GENVID_ON_STOP_CANCEL, NULL);
  pull = bench_start_pull (bench, 0, 10);
  fake_reach (GENVID_STATE_QUEUED, -1);
  bench_stop (bench, GST_STATE_READY);
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_FLUSHING);
}

/* The outcome comes after the stop, and reaches the bus in READY. */
static void
test_cancel_outcome (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autoptr (GstMessage) message = NULL;
  g_autofree char *log = NULL;
  GenvidState state = GENVID_STATE_IDLE;

  stop_with_cancel (bench);
  log = bench_log (bench, GST_MESSAGE_PROGRESS);
  g_assert_nonnull (strstr (log, "CANCELED 0 stopped waiting; the service is "
                                 "asked to cancel"));
  g_assert_null (strstr (log, "genvid-store fetch"));
  fake_update (set_cancelled, NULL);
  g_object_get (bench->element, "generation-state", &state, NULL);
  g_assert_cmpint (state, ==, GENVID_STATE_CANCELLED);
  until_state (bench, GENVID_STATE_NAME_CANCELLED);
  message = bench_next (bench, GST_MESSAGE_INFO);
}

/* In NULL nothing is posted, but the property is true. */
static void
test_cancel_outcome_in_null (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autofree char *log = NULL;
  GenvidState state = GENVID_STATE_IDLE;

  stop_with_cancel (bench);
  bench_stop (bench, GST_STATE_NULL);
  log = bench_log (bench, GST_MESSAGE_ANY);
  g_clear_pointer (&log, g_free);
  fake_update (set_cancelled, NULL);
  g_object_get (bench->element, "generation-state", &state, NULL);
  g_assert_cmpint (state, ==, GENVID_STATE_CANCELLED);
  log = bench_log (bench, GST_MESSAGE_ANY);
  g_assert_cmpstr (log, ==, "");
}

static void
test_cancel_not_offered (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autofree char *log = NULL;

  fake_set_no_cancel ();
  stop_with_cancel (bench);
  log = bench_log (bench, GST_MESSAGE_PROGRESS);
  g_assert_nonnull (strstr (log, "the service offers no cancel"));
  g_assert_nonnull (strstr (log, "genvid-store fetch 0123456789abcdef"));
}

/* Stopped while nobody waits: in push mode, with the queues full. */
static void
test_canceled_outside (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autofree char *log = NULL;
  BenchPull *pull;

  pull = bench_start_pull (bench, 0, 10);
  fake_reach (GENVID_STATE_RUNNING, 10);
  GST_BASE_SRC_GET_CLASS (bench->element)
      ->unlock (GST_BASE_SRC (bench->element));
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_FLUSHING);
  bench_stop (bench, GST_STATE_READY);
  log = bench_log (bench, GST_MESSAGE_PROGRESS);
  g_assert_nonnull (strstr (log, "\nCANCELED 10 "));
}

/* --- what is told while nobody asks for bytes --- */

/* Prerolled, paused or blocked: nobody is in create(). */
static void
test_done_while_blocked (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autofree char *log = NULL;
  BenchPull *pull = run_to_media (bench);

  fake_add (0, 100);
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_OK);
  fake_finish ();
  until_state (bench, GENVID_STATE_NAME_DONE);
  bench_stop (bench, GST_STATE_READY);
  log = bench_log (bench, GST_MESSAGE_ANY);
  g_clear_pointer (&log, g_free);
  fake_set_state (GENVID_STATE_FAILED, 100);
  log = bench_log (bench, GST_MESSAGE_ANY);
  g_assert_cmpstr (log, ==, "");
}

static gboolean
saw_eos (Bench *bench)
{
  for (guint i = 0; i < bench->events->len; i++)
    if (GST_EVENT_TYPE (bench->events->pdata[i]) == GST_EVENT_EOS)
      return TRUE;
  return FALSE;
}

/* All bytes are there, and the record is not durable yet. */
static void
test_done_before_eos (void)
{
  g_autoptr (Bench) bench = bench_new_push ();
  g_autofree char *log = NULL;

  fake_set_media (1000);
  bench_start (bench);
  gst_element_set_state (bench->pipeline, GST_STATE_PLAYING);
  fake_until_waiting ();
  fake_reach (GENVID_STATE_DOWNLOADING, 100);
  fake_set_size (1000);
  fake_until_waiting ();
  fake_add (0, 1000);
  fake_until_waiting ();
  g_assert_cmpuint (bench->received, ==, 1000);
  g_assert_false (saw_eos (bench));
  fake_finish ();
  while (log == NULL || strstr (log, "eos") == NULL) {
    g_autoptr (GstMessage) message
        = bench_next (bench, GST_MESSAGE_ELEMENT | GST_MESSAGE_EOS);
    g_autofree char *before = g_steal_pointer (&log);

    log = g_strconcat (
        before != NULL ? before : "",
        GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS
            ? "eos"
            : gst_structure_get_string (gst_message_get_structure (message),
                                        GENVID_FIELD_STATE),
        " ", NULL);
  }
  g_assert_true (g_str_has_suffix (log, "downloading done eos "));
}

/* A demuxer that pulls ends the stream itself, after its last read. */
static void
test_done_before_last_bytes (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autofree char *log = NULL;
  BenchPull *pull = run_to_media (bench);

  fake_set_size (1000);
  fake_until_waiting ();
  fake_add (0, 1000);
  fake_until_waiting ();
  fake_finish ();
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_OK);
  log = bench_log (bench, GST_MESSAGE_ELEMENT);
  g_assert_true (g_str_has_suffix (log, "state=downloading\nstate=done\n"));
}

static void
set_expected (GenvidClipStatus *snapshot, gpointer data)
{
  snapshot->state = GENVID_STATE_RUNNING;
  snapshot->expected = 75;
  snapshot->started = 1; /* since the boot: longer than any estimate */
}

static int
next_percent (Bench *bench)
{
  g_autoptr (GstMessage) message = bench_next (bench, GST_MESSAGE_PROGRESS);
  g_autofree char *text = NULL;
  GstProgressType type;
  double expected = 0;
  int percent = -1;

  gst_message_parse_progress (message, &type, NULL, &text);
  g_assert_cmpint (type, <=, GST_PROGRESS_TYPE_CONTINUE);
  g_assert_nonnull (strstr (text, ": running, "));
  g_assert_nonnull (strstr (text, " s of about 75 s"));
  g_assert_true (gst_structure_get (
      gst_message_get_structure (message), GENVID_PROGRESS_PERCENT, G_TYPE_INT,
      &percent, GENVID_FIELD_EXPECTED, G_TYPE_DOUBLE, &expected, NULL));
  g_assert_cmpfloat (expected, ==, 75);
  return percent;
}

static void
set_queue (GenvidClipStatus *snapshot, gpointer data)
{
  snapshot->state = GENVID_STATE_QUEUED;
  snapshot->queue_position = GPOINTER_TO_INT (data);
}

/* A message whose text says WORDS has POSITION. */
static void
await_queue (Bench *bench, const char *words, int position)
{
  for (;;) {
    g_autoptr (GstMessage) message = bench_next (bench, GST_MESSAGE_PROGRESS);
    g_autofree char *text = NULL;
    int found = -1;

    gst_message_parse_progress (message, NULL, NULL, &text);
    if (strstr (text, words) == NULL)
      continue;
    g_assert_true (gst_structure_get_int (gst_message_get_structure (message),
                                          GENVID_FIELD_QUEUE_POSITION, &found));
    g_assert_cmpint (found, ==, position);
    return;
  }
}

static void
test_queue (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  BenchPull *pull;

  pull = bench_start_pull (bench, 0, 10);
  fake_update (set_queue, GINT_TO_POINTER (3));
  await_queue (bench, ": queued, 3 ahead", 3);
  fake_update (set_queue, GINT_TO_POINTER (0));
  await_queue (bench, ": queued, next", 0);
  bench_stop (bench, GST_STATE_READY);
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_FLUSHING);
}

static GenvidClipStatus *
make_status (guint polls, guint seconds, int progress)
{
  GenvidClipStatus *status = g_new0 (GenvidClipStatus, 1);

  status->state = GENVID_STATE_RUNNING;
  status->provider = g_strdup ("fake");
  status->polls = polls;
  status->uploading = status->queue_position = -1;
  status->size = GENVID_SIZE_UNKNOWN;
  status->progress = progress;
  status->started = genvid_clock_now ().boot - seconds * G_USEC_PER_SEC;
  return status;
}

/* A poll that brings no news posts nothing, though time has passed: that has
 * its own beat. */
static void
test_no_news (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  GstBaseSrc *source = GST_BASE_SRC (bench->element);
  GstGenvidProgress progress;
  g_autofree char *log = NULL;

  gst_genvid_progress_init (&progress);
  gst_genvid_progress_update (&progress, source, make_status (1, 0, -1));
  progress.shown = G_MAXINT64 / 2; /* long before time is due */
  gst_genvid_progress_update (&progress, source, make_status (2, 60, -1));
  gst_genvid_progress_update (&progress, source, make_status (3, 60, 7));
  log = bench_log (bench, GST_MESSAGE_PROGRESS);
  g_assert_cmpstr (log, ==,
                   "START 0 fake: running\n"
                   "CONTINUE 7 fake: running, 7 %, 60 s\n");
  gst_genvid_progress_clear (&progress);
}

/* Time alone moves the bar, and never to its end. */
static void
test_estimate (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  BenchPull *pull;
  int percent = 0;

  pull = bench_start_pull (bench, 0, 10);
  fake_update (set_expected, NULL);
  for (guint i = 0; i < 3; i++) {
    int next = next_percent (bench);

    g_assert_cmpint (next, >=, percent);
    g_assert_cmpint (next, <, 100);
    percent = next;
  }
  g_assert_cmpint (percent, >, 0);
  bench_stop (bench, GST_STATE_READY);
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_FLUSHING);
}

/* --- failures --- */

typedef struct {
  GenvidReason reason;
  const char *domain;
  int code;
} Meaning;

static const Meaning meanings[] = {
  { GENVID_REASON_SETTINGS, "resource", GST_RESOURCE_ERROR_SETTINGS },
  { GENVID_REASON_REJECTED, "resource", GST_RESOURCE_ERROR_SETTINGS },
  { GENVID_REASON_OVER_BUDGET, "resource", GST_RESOURCE_ERROR_SETTINGS },
  { GENVID_REASON_UNAUTHORIZED, "resource", GST_RESOURCE_ERROR_NOT_AUTHORIZED },
  { GENVID_REASON_QUOTA, "resource", GST_RESOURCE_ERROR_NOT_AUTHORIZED },
  { GENVID_REASON_NOT_FOUND, "resource", GST_RESOURCE_ERROR_NOT_FOUND },
  { GENVID_REASON_NOT_STORED, "resource", GST_RESOURCE_ERROR_NOT_FOUND },
  { GENVID_REASON_BUSY, "resource", GST_RESOURCE_ERROR_BUSY },
  { GENVID_REASON_REFUSED, "resource", GST_RESOURCE_ERROR_FAILED },
  { GENVID_REASON_FAILED, "resource", GST_RESOURCE_ERROR_FAILED },
  { GENVID_REASON_IN_DOUBT, "resource", GST_RESOURCE_ERROR_FAILED },
  { GENVID_REASON_UNREACHABLE, "resource", GST_RESOURCE_ERROR_OPEN_READ },
  { GENVID_REASON_UNSAFE_URL, "resource", GST_RESOURCE_ERROR_OPEN_READ },
  { GENVID_REASON_TIMED_OUT, "resource", GST_RESOURCE_ERROR_READ },
  { GENVID_REASON_BAD_ANSWER, "resource", GST_RESOURCE_ERROR_READ },
  { GENVID_REASON_TOO_LARGE, "resource", GST_RESOURCE_ERROR_READ },
  { GENVID_REASON_NOT_MEDIA, "stream", GST_STREAM_ERROR_WRONG_TYPE },
  { GENVID_REASON_NO_SPACE, "resource", GST_RESOURCE_ERROR_NO_SPACE_LEFT },
};

static void
check_error (Bench *bench, const Meaning *meaning)
{
  g_autoptr (GstMessage) message = bench_next (bench, GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;
  g_autofree char *debug = NULL;
  const GstStructure *details = NULL;
  guint status = 0;
  gboolean retryable = FALSE;

  gst_message_parse_error (message, &error, &debug);
  g_assert_true (error->domain
                 == (g_str_equal (meaning->domain, "stream")
                         ? GST_STREAM_ERROR
                         : GST_RESOURCE_ERROR));
  g_assert_cmpint (error->code, ==, meaning->code);
  g_assert_cmpstr (error->message, ==, "The service said: no.");
  g_assert_nonnull (strstr (debug, "Ask again."));
  gst_message_parse_error_details (message, &details);
  g_assert_true (gst_structure_has_name (details, GENVID_DETAILS_ERROR));
  g_assert_cmpint (gst_structure_n_fields (details), ==, 6);
  g_assert_cmpstr (gst_structure_get_string (details, GENVID_FIELD_REASON), ==,
                   genvid_reason_to_string (meaning->reason));
  g_assert_true (
      gst_structure_get_uint (details, GENVID_FIELD_HTTP_STATUS, &status));
  g_assert_cmpuint (status, ==, 418);
  g_assert_cmpstr (
      gst_structure_get_string (details, GENVID_FIELD_SERVICE_CODE), ==,
      "teapot");
  g_assert_cmpstr (
      gst_structure_get_string (details, GENVID_FIELD_GENERATION_ID), ==,
      "gen-7");
  g_assert_true (
      gst_structure_get_boolean (details, GENVID_FIELD_RETRYABLE, &retryable));
  g_assert_true (retryable);
  g_assert_cmpstr (gst_structure_get_string (details, GENVID_FIELD_BILLED), ==,
                   GENVID_BILLED_NAME_NO);
}

static void
fail_with (GenvidReason reason)
{
  g_autoptr (GenvidFailure) failure
      = genvid_failure_new (reason, "The service said: %s", "no.");

  failure->advice = g_strdup ("Ask again.");
  failure->http_status = 418;
  failure->service_code = g_strdup ("teapot");
  failure->generation_id = g_strdup ("gen-7");
  failure->retryable = TRUE;
  failure->billed = GENVID_BILLED_NO;
  fake_fail (failure);
}

static void
test_failure (gconstpointer data)
{
  const Meaning *meaning = data;
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autofree char *log = NULL;
  BenchPull *pull;

  pull = bench_start_pull (bench, 0, 10);
  fake_reach (GENVID_STATE_RUNNING, 50);
  fail_with (meaning->reason);
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_FLUSHING);
  check_error (bench, meaning);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (bench_pull_end (bench_pull (bench, 0, 10), NULL), ==,
                     GST_FLOW_FLUSHING);
  log = bench_log (bench, GST_MESSAGE_ERROR | GST_MESSAGE_PROGRESS);
  g_assert_cmpstr (log, ==, "ERROR 50 The service said: no.\n");
  g_assert_cmpuint (fake_get_ordered (), ==, 1);
}

/* The error comes first, the end of the task second. */
static void
test_failure_order (void)
{
  g_autoptr (Bench) bench = bench_new_push ();
  g_autofree char *log = NULL;
  gboolean over = FALSE;
  guint errors = 0;

  bench_start (bench);
  fake_until_waiting ();
  fake_reach (GENVID_STATE_RUNNING, 50);
  fail_with (GENVID_REASON_REFUSED);
  while (!over) {
    g_autoptr (GstMessage) message
        = bench_next (bench, GST_MESSAGE_ERROR | GST_MESSAGE_PROGRESS);
    GstProgressType type = GST_PROGRESS_TYPE_START;

    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
      errors++;
    else
      gst_message_parse_progress (message, &type, NULL, NULL);
    over = type == GST_PROGRESS_TYPE_ERROR;
    g_assert_true (!over || errors == 1);
  }
  bench_stop (bench, GST_STATE_READY);
  log = bench_log (bench, GST_MESSAGE_ERROR | GST_MESSAGE_PROGRESS);
  g_assert_cmpstr (log, ==, "");
}

static void
test_failure_after_media (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autofree char *log = NULL;
  BenchPull *pull = run_to_media (bench);

  fake_add (0, 100);
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_OK);
  fail_with (GENVID_REASON_UNREACHABLE);
  /* What is there is still there. */
  g_assert_cmpint (bench_pull_end (bench_pull (bench, 50, 10), NULL), ==,
                   GST_FLOW_OK);
  g_assert_cmpint (bench_pull_end (bench_pull (bench, 500, 10), NULL), ==,
                   GST_FLOW_FLUSHING);
  log = bench_log (bench, GST_MESSAGE_ERROR | GST_MESSAGE_PROGRESS);
  g_assert_nonnull (
      strstr (log, "COMPLETE 100 the download of the clip has started\nerror "
                   "unreachable: The service said: no.\n"));
  g_assert_null (strstr (log, "ERROR"));
}

static void
test_failure_of_reader (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autofree char *log = NULL;
  BenchPull *pull = run_to_media (bench);

  fake_fail (NULL);
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_FLUSHING);
  log = bench_log (bench, GST_MESSAGE_ERROR);
  g_assert_cmpstr (log, ==, "error bad-answer: Exchanged.\n");
}

static void
test_failure_of_disk (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autofree char *log = NULL;
  BenchPull *pull = run_to_media (bench);

  fake_break_reads ();
  fake_add (0, 100);
  g_assert_cmpint (bench_pull_end (pull, NULL), ==, GST_FLOW_FLUSHING);
  log = bench_log (bench, GST_MESSAGE_ERROR);
  g_assert_cmpstr (log, ==, "error bad-answer: The disk is gone.\n");
}

/* One error a try, in push mode and where a pull was tried first. */
static void
test_refused_start (void)
{
  g_autoptr (Bench) bench = bench_new_push ();

  fake_refuse (GENVID_REASON_SETTINGS, "There is no prompt. Set it.");
  for (guint i = 0; i < 4; i++) {
    g_autofree char *log = NULL;

    if (i >= 2)
      g_assert_false (
          gst_pad_activate_mode (bench->pad, GST_PAD_MODE_PULL, TRUE));
    g_assert_cmpint (gst_element_set_state (bench->pipeline, GST_STATE_PAUSED),
                     ==, GST_STATE_CHANGE_FAILURE);
    log = bench_log (bench, GST_MESSAGE_ERROR | GST_MESSAGE_PROGRESS);
    g_assert_cmpstr (log, ==, "error settings: There is no prompt. Set it.\n");
    gst_element_set_state (bench->pipeline, GST_STATE_READY);
  }
  g_assert_cmpuint (fake_get_opened (), ==, 0);
}

static void
test_warning (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  GstMessage *message;
  g_autoptr (GError) warning = NULL;

  fake_warn ("The model is not known.");
  bench_start (bench);
  message = bench_next (bench, GST_MESSAGE_WARNING);
  gst_message_parse_warning (message, &warning, NULL);
  g_assert_cmpstr (warning->message, ==, "The model is not known.");
  gst_message_unref (message);
}

int
main (int argc, char **argv)
{
  bench_init (&argc, &argv);
  g_test_add_func ("/report/progress", test_progress);
  g_test_add_func ("/report/uploading", test_uploading);
  g_test_add_func ("/report/element-message", test_element_message);
  g_test_add_func ("/report/message-fields", test_message_fields);
  g_test_add_func ("/report/stored", test_stored);
  g_test_add_func ("/report/done/blocked", test_done_while_blocked);
  g_test_add_func ("/report/done/before-eos", test_done_before_eos);
  g_test_add_func ("/report/done/before-last-bytes",
                   test_done_before_last_bytes);
  g_test_add_func ("/report/estimate", test_estimate);
  g_test_add_func ("/report/no-news", test_no_news);
  g_test_add_func ("/report/queue", test_queue);
  g_test_add_func ("/report/canceled/inside", test_canceled);
  g_test_add_func ("/report/cancel/outcome", test_cancel_outcome);
  g_test_add_func ("/report/cancel/null", test_cancel_outcome_in_null);
  g_test_add_func ("/report/cancel/not-offered", test_cancel_not_offered);
  g_test_add_func ("/report/canceled/outside", test_canceled_outside);
  for (guint i = 0; i < G_N_ELEMENTS (meanings); i++) {
    g_autofree char *path = g_strconcat (
        "/report/failure/", genvid_reason_to_string (meanings[i].reason), NULL);

    g_test_add_data_func (path, &meanings[i], test_failure);
  }
  g_test_add_func ("/report/failure-order", test_failure_order);
  g_test_add_func ("/report/failure-after-media", test_failure_after_media);
  g_test_add_func ("/report/failure-of-reader", test_failure_of_reader);
  g_test_add_func ("/report/failure-of-disk", test_failure_of_disk);
  g_test_add_func ("/report/refused-start", test_refused_start);
  g_test_add_func ("/report/warning", test_warning);
  return g_test_run ();
}
