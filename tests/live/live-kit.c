/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Waits are for frames and messages; their limits only keep a broken build
 * from hanging. */

#include "live-kit.h"

#include "folder-kit.h"

#include <stdlib.h>

#include <glib/gstdio.h>
#include <gst/audio/audio.h>
#include <gst/video/video.h>

#define PATIENCE (60 * GST_SECOND)
#define LIMIT    (200 * G_TIME_SPAN_MILLISECOND)
#define DEFAULTS                                                               \
  "genvid,provider=(string)genpro,poll-interval=1,base-url=(string)\"%s\","    \
  "options=(structure)[genpro,sheet-id=(string)101,cell-id=(string)3100,"      \
  "agent-id=(string)42]"
#define SINKS                                                                  \
  "l.video ! fakesink name=video sync=false l.audio ! fakesink name=audio "    \
  "sync=false"

static char *root;

static void
remove_root (void)
{
  folder_remove (root);
  g_clear_pointer (&root, g_free);
}

void
live_init (int *argc, char ***argv)
{
  static const char *const ours[] = {
    "GENVID_PROVIDER", "GENVID_BASE_URL", "GENVID_STORE",
    "GENVID_REUSE",    "GENVID_MAX_COST", "GENVID_BUDGET",
    "http_proxy",      "https_proxy",     "all_proxy",
  };

  for (guint i = 0; i < G_N_ELEMENTS (ours); i++)
    g_unsetenv (ours[i]);
  g_setenv ("GEN_API_KEY", "s3cr3t-key-of-the-programme", TRUE);
  root = g_dir_make_tmp ("genvid-live-XXXXXX", NULL);
  g_assert_nonnull (root);
  g_assert_cmpint (atexit (remove_root), ==, 0);
  g_test_init (argc, argv, NULL);
  gst_init (argc, argv);
}

/* --- the output --- */

static void
note_frame (LiveKit *kit, GstBuffer *buffer, GstPad *pad)
{
  LiveOutput *output = &kit->output;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  GstVideoFrame frame;
  GstVideoInfo info;
  GstClockTime expected;
  int number;

  gst_video_info_from_caps (&info, caps);
  expected = gst_util_uint64_scale (output->frames, GST_SECOND * info.fps_d,
                                    info.fps_n);
  if (GST_BUFFER_PTS (buffer) != expected
      || GST_BUFFER_PTS (buffer) + GST_BUFFER_DURATION (buffer)
             != gst_util_uint64_scale (output->frames + 1,
                                       GST_SECOND * info.fps_d, info.fps_n)) {
    g_test_message ("frame %u is at %" GST_TIME_FORMAT, output->frames,
                    GST_TIME_ARGS (GST_BUFFER_PTS (buffer)));
    output->gaps++;
  }
  if (output->frames++ == 0)
    output->first = g_get_monotonic_time ();
  else if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT))
    output->disconts++;
  if (!gst_video_frame_map (&frame, &info, buffer, GST_MAP_READ))
    return;
  number = live_clip_read (GST_VIDEO_FRAME_PLANE_DATA (&frame, 0),
                           GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0));
  g_array_append_val (output->numbers, number);
  g_array_append_vals (output->lumas, GST_VIDEO_FRAME_PLANE_DATA (&frame, 0),
                       1);
  gst_video_frame_unmap (&frame);
}

/* A click is loud, and alone for a fifth of a second. */
static void
find_clicks (LiveOutput *output, GstBuffer *buffer)
{
  GArray *clicks = output->clicks;
  GstMapInfo map;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return;
  for (gsize i = 0; i < map.size / 8; i++) {
    gint64 at = (gint64)(output->samples + i);

    if (((float *)map.data)[2 * i] > 0.2
        && (clicks->len == 0
            || at > g_array_index (clicks, gint64, clicks->len - 1) + 9600))
      g_array_append_val (clicks, at);
  }
  gst_buffer_unmap (buffer, &map);
}

static void
note_sound (LiveKit *kit, GstBuffer *buffer, GstPad *pad)
{
  LiveOutput *output = &kit->output;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  GstAudioInfo info;

  gst_audio_info_from_caps (&info, caps);
  if (GST_BUFFER_PTS (buffer)
      != gst_util_uint64_scale (output->samples, GST_SECOND, info.rate)) {
    g_test_message ("sample %" G_GUINT64_FORMAT " is at %" GST_TIME_FORMAT
                    ", %" G_GSIZE_FORMAT " bytes",
                    output->samples, GST_TIME_ARGS (GST_BUFFER_PTS (buffer)),
                    gst_buffer_get_size (buffer));
    output->gaps++;
  }
  if (output->samples == 0)
    output->first_sound = g_get_monotonic_time ();
  else if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT))
    output->disconts++;
  if (info.bpf == 8)
    find_clicks (output, buffer);
  output->samples += gst_buffer_get_size (buffer) / info.bpf;
}

static void
note_event (LiveKit *kit, GstEvent *event, gboolean video)
{
  switch (GST_EVENT_TYPE (event)) {
  case GST_EVENT_CAPS:
    kit->output.caps++;
    break;
  case GST_EVENT_SEGMENT:
    kit->output.segments++;
    break;
  case GST_EVENT_EOS:
    kit->output.ended[video] = TRUE;
    break;
  default:
    break;
  }
}

static GstPadProbeReturn
note (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  LiveKit *kit = data;
  gboolean video = g_str_equal (GST_OBJECT_NAME (pad), "video");

  g_mutex_lock (&kit->lock);
  if (info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM)
    note_event (kit, GST_PAD_PROBE_INFO_EVENT (info), video);
  else if (video)
    note_frame (kit, GST_PAD_PROBE_INFO_BUFFER (info), pad);
  else
    note_sound (kit, GST_PAD_PROBE_INFO_BUFFER (info), pad);
  g_cond_broadcast (&kit->cond);
  g_mutex_unlock (&kit->lock);

  return GST_PAD_PROBE_OK;
}

static void
watch (LiveKit *kit, const char *name)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (kit->live, name);

  gst_pad_add_probe (
      pad, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      note, kit, NULL);
}

/* --- its life --- */

LiveKit *
live_kit_new_at (const char *url, const char *properties, const char *sinks)
{
  LiveKit *kit = g_new0 (LiveKit, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstStructure) structure = NULL;
  g_autofree char *line = NULL;
  g_autofree char *text = NULL;

  g_mutex_init (&kit->lock);
  g_cond_init (&kit->cond);
  kit->output.numbers = g_array_new (FALSE, FALSE, sizeof (int));
  kit->output.lumas = g_array_new (FALSE, FALSE, 1);
  kit->output.clicks = g_array_new (FALSE, FALSE, sizeof (gint64));
  kit->store = g_build_filename (root, "store-XXXXXX", NULL);
  g_assert_nonnull (g_mkdtemp (kit->store));
  line = g_strdup_printf (
      "genvidlivesrc name=l store=%s "
      "video-caps=video/x-raw,width=160,height=96,framerate=25/1 %s %s",
      kit->store, properties, sinks != NULL ? sinks : SINKS);
  kit->pipeline = gst_parse_launch (line, &error);
  g_assert_no_error (error);
  kit->live = gst_bin_get_by_name (GST_BIN (kit->pipeline), "l");
  text = g_strdup_printf (DEFAULTS, url);
  structure = gst_structure_from_string (text, NULL);
  g_assert_nonnull (structure);
  g_object_set (kit->live, "defaults", structure, NULL);
  kit->bus = gst_element_get_bus (kit->pipeline);
  watch (kit, "video");
  watch (kit, "audio");

  return kit;
}

LiveKit *
live_kit_new (const GenvidSandboxOptions *options, const char *properties,
              const char *sinks)
{
  GenvidSandboxOptions defaults = { .ready_after_polls = 1 };
  g_autoptr (GError) error = NULL;
  GenvidSandbox *sandbox
      = genvid_sandbox_new (options != NULL ? options : &defaults, &error);
  LiveKit *kit;

  g_assert_no_error (error);
  kit = live_kit_new_at (genvid_sandbox_base_url (sandbox), properties, sinks);
  kit->sandbox = sandbox;

  return kit;
}

void
live_kit_free (LiveKit *kit)
{
  gst_element_set_state (kit->pipeline, GST_STATE_NULL);
  gst_object_unref (kit->bus);
  gst_object_unref (kit->live);
  gst_object_unref (kit->pipeline);
  genvid_sandbox_free (kit->sandbox);
  g_array_unref (kit->output.numbers);
  g_array_unref (kit->output.lumas);
  g_array_unref (kit->output.clicks);
  g_cond_clear (&kit->cond);
  g_mutex_clear (&kit->lock);
  g_free (kit->store);
  g_free (kit);
}

void
live_kit_serve (LiveKit *kit, GBytes *clip)
{
  g_assert_nonnull (clip);
  genvid_sandbox_set_clip (kit->sandbox, clip);
  g_bytes_unref (clip);
}

void
live_kit_play (LiveKit *kit)
{
  kit->began = g_get_monotonic_time ();
  g_assert_cmpint (gst_element_set_state (kit->pipeline, GST_STATE_PLAYING), !=,
                   GST_STATE_CHANGE_FAILURE);
}

void
live_kit_wait_frames (LiveKit *kit, guint count)
{
  gint64 limit = g_get_monotonic_time () + PATIENCE / GST_USECOND;
  guint wanted;

  g_mutex_lock (&kit->lock);
  wanted = kit->output.frames + count;
  while (kit->output.frames < wanted)
    g_assert_true (g_cond_wait_until (&kit->cond, &kit->lock, limit));
  g_mutex_unlock (&kit->lock);
}

GstMessage *
live_kit_wait (LiveKit *kit, const char *state, guint id)
{
  for (;;) {
    GstMessage *message = gst_bus_timed_pop_filtered (
        kit->bus, PATIENCE,
        GST_MESSAGE_ELEMENT | GST_MESSAGE_ERROR | GST_MESSAGE_EOS
            | GST_MESSAGE_BUFFERING);
    const GstStructure *fields;
    guint found = 0;

    g_assert_nonnull (message);
    g_assert_cmpint (GST_MESSAGE_TYPE (message), !=, GST_MESSAGE_ERROR);
    /* An item on a slow line is no reason to pause the programme. */
    g_assert_cmpint (GST_MESSAGE_TYPE (message), !=, GST_MESSAGE_BUFFERING);
    /* It may be there before the last item's `finished`. */
    kit->ended = kit->ended || GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS;
    fields = gst_message_get_structure (message);
    if (fields != NULL && gst_structure_has_name (fields, "genvid-live")) {
      gst_structure_get_uint (fields, "id", &found);
      g_test_message ("item %u: %s", found,
                      gst_structure_get_string (fields, "state"));
      if (g_str_equal (gst_structure_get_string (fields, "state"), state)
          && (id == 0 || id == found))
        return message;
    }
    gst_message_unref (message);
  }
}

void
live_kit_see (LiveKit *kit, const char *state, guint id)
{
  gst_message_unref (live_kit_wait (kit, state, id));
}

void
live_kit_wait_end (LiveKit *kit)
{
  g_autoptr (GstMessage) message = NULL;

  if (kit->ended)
    return;
  message = gst_bus_timed_pop_filtered (kit->bus, PATIENCE,
                                        GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  g_assert_nonnull (message);
  g_assert_cmpint (GST_MESSAGE_TYPE (message), ==, GST_MESSAGE_EOS);
}

void
live_kit_stop (LiveKit *kit, GstState state)
{
  gint64 before = g_get_monotonic_time ();

  g_assert_cmpint (gst_element_set_state (kit->pipeline, state), ==,
                   GST_STATE_CHANGE_SUCCESS);
  g_assert_cmpint (g_get_monotonic_time () - before, <, LIMIT);
}

guint
live_kit_append (LiveKit *kit, const char *text)
{
  guint id = 0;

  g_signal_emit_by_name (kit->live, "append", text, &id);
  g_assert_cmpuint (id, >, 0);

  return id;
}

guint
live_kit_get_bought (LiveKit *kit)
{
  return genvid_sandbox_count (kit->sandbox, GENVID_SANDBOX_ANY_SERVICE,
                               GENVID_SANDBOX_ACCEPTED);
}

guint
live_kit_count (LiveKit *kit, const char *name)
{
  g_autoptr (GstStructure) stats = NULL;
  guint count = 0;

  g_object_get (kit->live, "stats", &stats, NULL);
  g_assert_true (gst_structure_get_uint (stats, name, &count));

  return count;
}

void
live_kit_check (LiveKit *kit)
{
  LiveOutput *output = &kit->output;

  g_mutex_lock (&kit->lock);
  g_assert_cmpuint (output->frames, >, 0);
  g_assert_cmpuint (output->samples, >, 0);
  g_assert_cmpuint (output->gaps, ==, 0);
  g_assert_cmpuint (output->disconts, ==, 0);
  g_assert_cmpuint (output->caps, ==, 2);
  g_assert_cmpuint (output->segments, ==, 2);
  g_mutex_unlock (&kit->lock);
}

void
live_kit_check_numbers (LiveKit *kit, int first, int last)
{
  int next = first;

  g_mutex_lock (&kit->lock);
  for (guint i = 0; i < kit->output.numbers->len; i++) {
    int number = g_array_index (kit->output.numbers, int, i);

    if (number >= 0 && next <= last)
      g_assert_cmpint (number, ==, next++);
  }
  g_mutex_unlock (&kit->lock);
  g_assert_cmpint (next, ==, last + 1);
}

void
live_kit_forget (LiveKit *kit)
{
  g_mutex_lock (&kit->lock);
  g_array_set_size (kit->output.numbers, 0);
  g_array_set_size (kit->output.lumas, 0);
  g_array_set_size (kit->output.clicks, 0);
  g_mutex_unlock (&kit->lock);
}
