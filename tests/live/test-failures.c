/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What goes wrong with an item is a warning and a message; the programme goes
 * on. */

#include "live-kit.h"

#define CUT "max-cost=5 transition=cut "

/* The reason of the failure of item ID; owned by the caller. */
static char *
wait_for_reason (LiveKit *kit, guint id)
{
  g_autoptr (GstMessage) message = live_kit_wait (kit, "failed", id);
  const GstStructure *fields = gst_message_get_structure (message);

  g_assert_true (gst_structure_has_field (fields, "billed"));
  g_assert_true (gst_structure_has_field (fields, "retryable"));

  return g_strdup (gst_structure_get_string (fields, "reason"));
}

static void
check_next (LiveKit *kit)
{
  guint id;

  genvid_sandbox_clear_faults (kit->sandbox);
  live_kit_serve (kit, live_clip_make (&(LiveClip){ .frames = 30 }));
  live_kit_forget (kit);
  id = live_kit_append (kit, "the next one");
  live_kit_see (kit, "finished", id);
  live_kit_wait_frames (kit, 5);
  live_kit_check (kit);
  live_kit_check_numbers (kit, 0, 29);
}

static void
test_refused (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT, NULL);
  g_autofree char *reason = NULL;

  genvid_sandbox_add_fault (kit->sandbox, "poll-refused@1", NULL);
  live_kit_append (kit, "what must not be");
  live_kit_play (kit);
  reason = wait_for_reason (kit, 1);
  g_assert_cmpstr (reason, ==, "refused");
  check_next (kit);
  g_assert_cmpuint (live_kit_count (kit, "failed"), ==, 1);
  g_assert_cmpuint (live_kit_count (kit, "made"), ==, 1);
}

/* The warning that comes with it has the details, and nobody posts an
 * error. */
static void
test_warning (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT, NULL);
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  const GstStructure *details = NULL;

  genvid_sandbox_add_fault (kit->sandbox, "submit-400=no@1", NULL);
  live_kit_append (kit, "a boat");
  live_kit_play (kit);
  message = gst_bus_timed_pop_filtered (
      kit->bus, 60 * GST_SECOND, GST_MESSAGE_WARNING | GST_MESSAGE_ERROR);
  g_assert_cmpint (GST_MESSAGE_TYPE (message), ==, GST_MESSAGE_WARNING);
  g_assert_true (GST_MESSAGE_SRC (message) == GST_OBJECT (kit->live));
  gst_message_parse_warning (message, &error, NULL);
  gst_message_parse_warning_details (message, &details);
  g_assert_nonnull (details);
  g_assert_true (gst_structure_has_name (details, "genvid-error"));
  g_assert_cmpstr (gst_structure_get_string (details, "reason"), ==,
                   "rejected");
  g_assert_nonnull (strstr (error->message, "a boat"));
}

static guint
append_item (LiveKit *kit, const char *text)
{
  g_autoptr (GstStructure) fields = gst_structure_from_string (text, NULL);
  guint id = 0;

  g_assert_nonnull (fields);
  g_signal_emit_by_name (kit->live, "append-item", fields, &id);
  g_assert_cmpuint (id, >, 0);

  return id;
}

/* Nothing of this reaches a service. */
static void
test_settings (void)
{
  static const char *const wrong[] = {
    "i,prompt=(string)boat,modle=(string)veo",
    "i,prompt=(string)boat,api-key=(string)secret",
    "i,prompt=(string)boat,max-cost=(double)100",
    "i,prompt=(string)boat,store=(string)elsewhere",
    "i,prompt=(string)boat,duration=(int)-5",
    "i,prompt=(string)boat,duration=(string)long",
    "i,uri=(string)\"genvid://genpro?prmpt=x\"",
    "i,provider=(string)genpro",
  };
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT, NULL);

  live_kit_play (kit);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    guint id = append_item (kit, wrong[i]);
    g_autofree char *reason = wait_for_reason (kit, id);

    g_test_message ("%s", wrong[i]);
    g_assert_cmpstr (reason, ==, "settings");
  }
  g_assert_cmpuint (genvid_sandbox_count_requests (kit->sandbox,
                                                   GENVID_SANDBOX_ANY_SERVICE,
                                                   GENVID_SANDBOX_ANY_SCOPE),
                    ==, 0);
  check_next (kit);
}

/* A URI may come from a stranger: it buys only under a limit. */
static void
test_uri_without_limit (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, "transition=cut", NULL);
  g_autofree char *reason = NULL;

  live_kit_append (kit,
                   "genvid://genpro?prompt=a boat&sheet-id=101&cell-id=3100"
                   "&agent-id=42");
  live_kit_play (kit);
  reason = wait_for_reason (kit, 1);
  g_assert_cmpstr (reason, ==, "not-stored");
  g_assert_cmpuint (live_kit_get_bought (kit), ==, 0);
}

static void
test_over_budget (void)
{
  g_autoptr (LiveKit) kit
      = live_kit_new (NULL, "max-cost=0.0001 transition=cut", NULL);
  g_autofree char *reason = NULL;

  live_kit_append (kit, "a boat");
  live_kit_play (kit);
  reason = wait_for_reason (kit, 1);
  g_assert_cmpstr (reason, ==, "over-budget");
  g_assert_cmpuint (live_kit_get_bought (kit), ==, 0);
}

/* An MP4 as far as its boxes go, and nothing that can be decoded. */
static void
test_no_media (void)
{
  static const guint8 file[] = "\0\0\0\x18"
                               "ftypisom\0\0\2\0isommp41"
                               "\0\0\0\x10"
                               "mdat12345678"
                               "\0\0\0\x08"
                               "moov";
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT, NULL);
  g_autofree char *reason = NULL;

  live_kit_serve (kit, g_bytes_new_static (file, sizeof file - 1));
  live_kit_append (kit, "nothing");
  live_kit_play (kit);
  reason = wait_for_reason (kit, 1);
  g_assert_cmpstr (reason, ==, "not-media");
  check_next (kit);
}

/* A clip that is damaged half-way goes on air as far as it goes. */
static void
test_damaged (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT, NULL);
  g_autoptr (GBytes) whole
      = live_clip_make (&(LiveClip){ .frames = 100, .sound = 4 });

  live_kit_serve (kit, live_clip_damage (whole));
  live_kit_append (kit, "damaged");
  live_kit_play (kit);
  live_kit_see (kit, "on-air", 1);
  live_kit_see (kit, "finished", 1);
  live_kit_wait_frames (kit, 3);
  check_next (kit);
}

/* The index promises more than the file has: it is shown as far as it goes,
 * and that is a failure. */
static void
test_cut_off (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT, NULL);
  g_autoptr (GBytes) whole = live_clip_make (
      &(LiveClip){ .frames = 100,
                   .sound = 4,
                   .muxer = "mp4mux faststart=true",
                   .voice = "audioconvert ! avenc_aac ! aacparse !" });
  g_autofree char *reason = NULL;

  live_kit_serve (kit, live_clip_cut (whole));
  live_kit_append (kit, "cut off");
  live_kit_play (kit);
  live_kit_see (kit, "on-air", 1);
  reason = wait_for_reason (kit, 1);
  g_assert_cmpstr (reason, ==, "not-media");
  live_kit_wait_frames (kit, 3);
  live_kit_check_numbers (kit, 0, 30);
  check_next (kit);
}

/* On air while it is being downloaded, and the download stops: the programme
 * goes back to the slate before the picture freezes. Raw pictures, for a file
 * that is larger than what is read ahead. */
static void
test_stalled_on_air (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT "start=early", NULL);
  g_autoptr (GBytes) clip = live_clip_make (
      &(LiveClip){ .frames = 250,
                   .encoder = "videoconvert ! video/x-raw,format=UYVY",
                   .muxer = "qtmux faststart=true" });
  g_autofree char *reason = NULL;

  genvid_sandbox_hold_download (kit->sandbox, g_bytes_get_size (clip) / 2);
  live_kit_serve (kit, g_bytes_ref (clip));
  live_kit_append (kit, "half");
  live_kit_play (kit);
  live_kit_see (kit, "on-air", 1);
  reason = wait_for_reason (kit, 1);
  g_assert_cmpstr (reason, ==, "late");
  g_assert_cmpuint (live_kit_count (kit, "repeated"), ==, 0);
  g_assert_cmpuint (live_kit_get_bought (kit), ==, 1);
  genvid_sandbox_release (kit->sandbox, GENVID_SANDBOX_GATE_DOWNLOAD);
  check_next (kit);
}

/* While one is generated the slate is there, and the next can be called. */
static void
test_slow (void)
{
  g_autoptr (LiveKit) kit = live_kit_new (NULL, CUT, NULL);

  genvid_sandbox_hold (kit->sandbox, GENVID_SANDBOX_GATE_GENERATION);
  live_kit_append (kit, "slow");
  live_kit_play (kit);
  live_kit_see (kit, "generating", 1);
  live_kit_wait_frames (kit, 25);
  live_kit_check (kit);
  g_signal_emit_by_name (kit->live, "skip");
  genvid_sandbox_release (kit->sandbox, GENVID_SANDBOX_GATE_GENERATION);
  check_next (kit);
  g_assert_cmpuint (live_kit_get_bought (kit), ==, 2);
}

int
main (int argc, char **argv)
{
  live_init (&argc, &argv);
  g_test_add_func ("/failures/refused", test_refused);
  g_test_add_func ("/failures/warning", test_warning);
  g_test_add_func ("/failures/settings", test_settings);
  g_test_add_func ("/failures/uri-without-limit", test_uri_without_limit);
  g_test_add_func ("/failures/over-budget", test_over_budget);
  g_test_add_func ("/failures/no-media", test_no_media);
  g_test_add_func ("/failures/damaged", test_damaged);
  g_test_add_func ("/failures/cut-off", test_cut_off);
  g_test_add_func ("/failures/stalled-on-air", test_stalled_on_air);
  g_test_add_func ("/failures/slow", test_slow);
  return g_test_run ();
}
