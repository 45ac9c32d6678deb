/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Read-only properties, statistics and tags: the same truth as the messages,
 * at any time, and each thing once. */

#include <genvid/genvid-messages.h>
#include "clip-status.h"
#include "failure.h"
#include "record.h"

#include "bench.h"
#include "fake-client.h"
#include "gstgenvidenums.h"

static void
fill (GenvidClipStatus *snapshot, gpointer data)
{
  snapshot->id = g_strdup ("gen-7");
  snapshot->cost = 1.5;
  snapshot->currency = g_strdup ("USD");
  snapshot->polls = 3;
  snapshot->submits = 1;
  snapshot->bought = 1700000000 * (gint64)G_USEC_PER_SEC;
  snapshot->details = json_object_new ();
  json_object_set_string_member (snapshot->details, "thumbnail",
                                 "https://cdn.example/t.png?signature=abc");
  json_object_set_int_member (snapshot->details, "units", 12);
}

static int
get_state (Bench *bench)
{
  int state;

  g_object_get (bench->element, "generation-state", &state, NULL);
  return state;
}

static void
check_reports (Bench *bench)
{
  g_autofree char *id = NULL;
  g_autofree char *location = NULL;
  g_autofree char *currency = NULL;
  int progress;
  double cost;

  g_object_get (bench->element, "generation-id", &id, "location", &location,
                "progress", &progress, "cost", &cost, "cost-currency",
                &currency, NULL);
  g_assert_cmpstr (currency, ==, "USD");
  g_assert_cmpstr (id, ==, "gen-7");
  g_assert_cmpstr (location, ==, "/store/clip.mp4");
  g_assert_cmpint (progress, ==, 100);
  g_assert_cmpfloat (cost, ==, 1.5);
  g_assert_cmpint (get_state (bench), ==, GENVID_STATE_DONE);
}

/* Live while it plays, and still there when it is over. */
static void
test_properties (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autofree char *id = NULL;

  g_assert_cmpint (get_state (bench), ==, GENVID_STATE_IDLE);
  fake_set_media (1000);
  bench_start (bench);
  fake_set_state (GENVID_STATE_RUNNING, 30);
  g_assert_cmpint (get_state (bench), ==, GENVID_STATE_RUNNING);
  fake_update (fill, NULL);
  fake_finish ();
  check_reports (bench);
  bench_stop (bench, GST_STATE_READY);
  check_reports (bench);
  bench_start (bench);
  g_assert_cmpint (get_state (bench), ==, GENVID_STATE_IDLE);
  g_object_get (bench->element, "generation-id", &id, NULL);
  g_assert_null (id);
}

static void
test_stats (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autoptr (GstStructure) stats = NULL;
  g_autoptr (GstStructure) details = NULL;
  guint polls = 0;
  guint64 size = 0;
  guint64 present = 0;
  gint64 bought = 0;
  gint64 units = 0;

  g_object_get (bench->element, "stats", &stats, NULL);
  g_assert_null (stats);
  fake_set_media (1000);
  bench_start (bench);
  fake_update (fill, NULL);
  fake_add (0, 400);
  g_object_get (bench->element, "stats", &stats, NULL);
  g_assert_true (gst_structure_has_name (stats, GENVID_STATS));
  g_assert_false (gst_structure_has_field (stats, GENVID_STATS_SIZE));
  g_clear_pointer (&stats, gst_structure_free);
  fake_set_size (1000);
  g_object_get (bench->element, "stats", &stats, NULL);
  g_assert_true (gst_structure_get (
      stats, GENVID_STATS_POLLS, G_TYPE_UINT, &polls, GENVID_STATS_SIZE,
      G_TYPE_UINT64, &size, GENVID_STATS_PRESENT, G_TYPE_UINT64, &present,
      GENVID_STATS_BOUGHT, G_TYPE_INT64, &bought, GENVID_STATS_DETAILS,
      GST_TYPE_STRUCTURE, &details, NULL));
  g_assert_cmpuint (polls, ==, 3);
  g_assert_cmpuint (size, ==, 1000);
  g_assert_cmpuint (present, ==, 400);
  g_assert_cmpint (bought, ==, 1700000000);
  g_assert_true (gst_structure_get_int64 (details, "units", &units));
  g_assert_cmpint (units, ==, 12);
  /* A signed query would be in every DOT dump. */
  g_assert_null (
      strstr (gst_structure_get_string (details, "thumbnail"), "signature"));
}

static void
count (GObject *object, GParamSpec *pspec, gpointer data)
{
  guint *n = data;

  (*n)++;
}

static void
test_notify (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  guint n_states = 0;
  guint n_locations = 0;

  g_signal_connect (bench->element, "notify::generation-state",
                    G_CALLBACK (count), &n_states);
  g_signal_connect (bench->element, "notify::location", G_CALLBACK (count),
                    &n_locations);
  fake_set_media (100);
  fake_set_stored (TRUE);
  bench_start (bench);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (bench_pull_end (bench_pull (bench, i, 1), NULL), ==,
                     GST_FLOW_OK);
  g_assert_cmpuint (n_states, ==, 1);
  g_assert_cmpuint (n_locations, ==, 1);
}

static void
check_tags (GstTagList *tags, const char *tag, const char *prompt)
{
  g_autofree char *text = NULL;
  g_autofree char *encoder = NULL;
  g_autofree char *keyword = NULL;

  g_assert_true (gst_tag_list_get_string (tags, tag, &text));
  g_assert_cmpstr (text, ==, prompt);
  g_assert_true (gst_tag_list_get_string (tags, GST_TAG_ENCODER, &encoder));
  g_assert_cmpstr (encoder, ==, "fake model-1");
  g_assert_true (gst_tag_list_get_string (tags, GST_TAG_KEYWORDS, &keyword));
  g_assert_cmpstr (keyword, ==, GENVID_KEYWORD);
}

static void
test_tag_message (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autoptr (GstTagList) tags = NULL;
  g_autofree char *prompt = g_strnfill (200, 'x');
  g_autofree char *rest = NULL;
  GstMessage *message;

  g_object_set (bench->element, "prompt", prompt, NULL);
  fake_set_media (100);
  fake_set_stored (TRUE);
  bench_start (bench);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (bench_pull_end (bench_pull (bench, i, 1), NULL), ==,
                     GST_FLOW_OK);
  message = bench_next (bench, GST_MESSAGE_TAG);
  gst_message_parse_tag (message, &tags);
  check_tags (tags, GST_TAG_COMMENT, prompt);
  gst_message_unref (message);
  rest = bench_log (bench, GST_MESSAGE_TAG);
  g_assert_cmpstr (rest, ==, "");
}

/* After the segment, as serialized events come. */
static void
test_tag_event (void)
{
  g_autoptr (Bench) bench = bench_new_push ();
  guint segments = 0;
  guint n_tags = 0;

  fake_set_media (1000);
  fake_set_stored (TRUE);
  bench_start (bench);
  gst_element_set_state (bench->pipeline, GST_STATE_PLAYING);
  gst_message_unref (bench_next (bench, GST_MESSAGE_EOS));
  bench_stop (bench, GST_STATE_READY);
  for (guint i = 0; i < bench->events->len; i++) {
    GstEvent *event = bench->events->pdata[i];
    GstTagList *tags;

    segments += GST_EVENT_TYPE (event) == GST_EVENT_SEGMENT;
    if (GST_EVENT_TYPE (event) != GST_EVENT_TAG)
      continue;
    g_assert_cmpuint (segments, ==, 1);
    gst_event_parse_tag (event, &tags);
    check_tags (tags, GST_TAG_TITLE, "a beach");
    n_tags++;
  }
  g_assert_cmpuint (n_tags, ==, 1);
}

/* The header that applications get says the same words as the library. */
static void
test_words (void)
{
  static const char *const states[]
      = { GENVID_STATE_NAME_IDLE,        GENVID_STATE_NAME_SUBMITTING,
          GENVID_STATE_NAME_QUEUED,      GENVID_STATE_NAME_RUNNING,
          GENVID_STATE_NAME_DOWNLOADING, GENVID_STATE_NAME_DONE,
          GENVID_STATE_NAME_FAILED,      GENVID_STATE_NAME_CANCELLED,
          GENVID_STATE_NAME_IN_DOUBT };
  static const char *const reasons[]
      = { GENVID_REASON_NAME_SETTINGS,    GENVID_REASON_NAME_UNAUTHORIZED,
          GENVID_REASON_NAME_QUOTA,       GENVID_REASON_NAME_REJECTED,
          GENVID_REASON_NAME_REFUSED,     GENVID_REASON_NAME_FAILED,
          GENVID_REASON_NAME_NOT_FOUND,   GENVID_REASON_NAME_BUSY,
          GENVID_REASON_NAME_UNREACHABLE, GENVID_REASON_NAME_TIMED_OUT,
          GENVID_REASON_NAME_BAD_ANSWER,  GENVID_REASON_NAME_IN_DOUBT,
          GENVID_REASON_NAME_OVER_BUDGET, GENVID_REASON_NAME_NOT_STORED,
          GENVID_REASON_NAME_TOO_LARGE,   GENVID_REASON_NAME_UNSAFE_URL,
          GENVID_REASON_NAME_NOT_MEDIA,   GENVID_REASON_NAME_NO_SPACE };
  GEnumClass *klass = g_type_class_ref (GST_TYPE_GENVID_STATE);

  g_assert_cmpuint (klass->n_values, ==, G_N_ELEMENTS (states));
  for (guint i = 0; i < G_N_ELEMENTS (states); i++) {
    g_assert_cmpstr (genvid_state_to_string (i), ==, states[i]);
    g_assert_cmpstr (g_enum_get_value (klass, i)->value_nick, ==, states[i]);
  }
  g_type_class_unref (klass);
  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    g_assert_cmpstr (genvid_reason_to_string (i + 1), ==, reasons[i]);
  g_assert_cmpint (genvid_reason_from_string ("no-space"), ==,
                   G_N_ELEMENTS (reasons));
  g_assert_cmpstr (genvid_origin_to_string (GENVID_ORIGIN_BOUGHT), ==,
                   GENVID_ORIGIN_NAME_BOUGHT);
  g_assert_cmpstr (genvid_origin_to_string (GENVID_ORIGIN_SHARED), ==,
                   GENVID_ORIGIN_NAME_SHARED);
  g_assert_cmpstr (genvid_origin_to_string (GENVID_ORIGIN_STORED), ==,
                   GENVID_ORIGIN_NAME_STORED);
  g_assert_cmpstr (genvid_billed_to_string (GENVID_BILLED_UNKNOWN), ==,
                   GENVID_BILLED_NAME_UNKNOWN);
  g_assert_cmpstr (genvid_billed_to_string (GENVID_BILLED_NO), ==,
                   GENVID_BILLED_NAME_NO);
  g_assert_cmpstr (genvid_billed_to_string (GENVID_BILLED_YES), ==,
                   GENVID_BILLED_NAME_YES);
}

int
main (int argc, char **argv)
{
  bench_init (&argc, &argv);
  g_test_add_func ("/faces/properties", test_properties);
  g_test_add_func ("/faces/stats", test_stats);
  g_test_add_func ("/faces/notify", test_notify);
  g_test_add_func ("/faces/tags/message", test_tag_message);
  g_test_add_func ("/faces/tags/event", test_tag_event);
  g_test_add_func ("/faces/words", test_words);
  return g_test_run ();
}
