/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whole pipelines against the simulated services: what arrives is the
 * service's file, byte for byte and frame for frame, and is paid once. */

#include "stage.h"

#define SOURCE "genvidsrc provider=genpro prompt=beach "

/* How many frames a file has, by the same decoders. */
static int
count_frames (GBytes *clip)
{
  g_autofree char *path = NULL;
  g_autofree char *line = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (Stage) stage = stage_new (NULL);

  path = g_build_filename (stage->store, "reference.mp4", NULL);
  g_assert_true (g_file_set_contents (path, g_bytes_get_data (clip, NULL),
                                      g_bytes_get_size (clip), &error));
  line = g_strdup_printf ("filesrc location=%s ! decodebin ! video/x-raw ! "
                          "fakesink name=video",
                          path);
  stage_launch (stage, line);
  stage_play (stage);

  return g_atomic_int_get (&stage->frames);
}

static void
check_frames (Stage *stage, const char *rest, int frames)
{
  g_autoptr (GstPad) pad = NULL;
  g_autofree char *line = g_strconcat (SOURCE, rest, NULL);

  g_test_message ("%s", line);
  stage_launch (stage, line);
  stage_play (stage);
  pad = gst_element_get_static_pad (stage_get_source (stage), "src");
  g_assert_cmpint (GST_PAD_MODE (pad), ==,
                   strstr (rest, "name=pushed") != NULL ? GST_PAD_MODE_PUSH
                                                        : GST_PAD_MODE_PULL);
  g_assert_cmpint (g_atomic_int_get (&stage->frames), ==, frames);
  g_assert_cmpuint (stage_get_bought (stage), ==, 1);
}

static void
test_frames (gconstpointer data)
{
  GenvidSandboxOptions options
      = { .index_last = GPOINTER_TO_INT (data), .ready_after_polls = 1 };
  g_autoptr (GBytes) clip = stage_render (options.index_last);
  int frames = count_frames (clip);
  g_autoptr (Stage) stage = NULL;

  g_assert_cmpint (frames, >, 10);
  stage = stage_new (&options);
  check_frames (stage, "! decodebin ! video/x-raw ! fakesink name=video",
                frames);
  g_clear_pointer (&stage, stage_free);
  stage = stage_new (&options);
  check_frames (stage, "! qtdemux name=d d.video_0 ! fakesink name=video",
                frames);
  /* Pushed, and again from the store. */
  g_clear_pointer (&stage, stage_free);
  stage = stage_new (&options);
  check_frames (stage,
                "name=pushed ! qtdemux name=d d.video_0 ! fakesink name=video",
                frames);
  check_frames (stage,
                "name=pushed ! qtdemux name=d d.video_0 ! fakesink name=video",
                frames);
}

/* Byte by byte, for boxes lie anywhere. */
static guint32
read_length (const guint8 *box)
{
  return (guint32)box[0] << 24 | box[1] << 16 | box[2] << 8 | box[3];
}

static void
write_length (guint8 *box, guint32 length)
{
  for (int i = 0; i < 4; i++)
    box[i] = length >> (24 - 8 * i);
}

/* A clip of more than 10 MB with its index last and no length: qtdemux gives
 * up on those when it is pushed them and cannot seek. The media box grows by
 * bytes that nothing refers to. */
static GBytes *
grow (GBytes *clip, guint32 extra)
{
  const guint8 *data = g_bytes_get_data (clip, NULL);
  gsize size = g_bytes_get_size (clip);
  GByteArray *grown = g_byte_array_new ();
  g_autofree guint8 *zeros = g_malloc0 (extra);
  gboolean found = FALSE;

  for (gsize offset = 0; offset + 8 <= size;) {
    guint32 length = read_length (data + offset);
    gboolean media = memcmp (data + offset + 4, "mdat", 4) == 0;
    guint8 header[8];

    g_assert_cmpuint (length, >=, 8);
    memcpy (header, data + offset, 8);
    if (media)
      write_length (header, length + extra);
    g_byte_array_append (grown, header, 8);
    g_byte_array_append (grown, data + offset + 8, length - 8);
    if (media)
      g_byte_array_append (grown, zeros, extra);
    found |= media;
    offset += length;
  }
  g_assert_true (found);

  return g_byte_array_free_to_bytes (grown);
}

static void
test_large_index_last (gconstpointer data)
{
  GenvidSandboxOptions options = { .index_last = TRUE,
                                   .chunked = GPOINTER_TO_INT (data),
                                   .ready_after_polls = 1 };
  g_autoptr (GBytes) clip = stage_render (TRUE);
  g_autoptr (GBytes) large = grow (clip, 12 * 1024 * 1024);
  int frames = count_frames (clip);
  g_autoptr (Stage) stage = stage_new (&options);

  genvid_sandbox_set_clip (stage->sandbox, large);
  check_frames (stage,
                "name=pushed ! qtdemux name=d d.video_0 ! fakesink name=video",
                frames);
  g_clear_pointer (&stage, stage_free);
  stage = stage_new (&options);
  genvid_sandbox_set_clip (stage->sandbox, large);
  check_frames (stage, "! decodebin ! video/x-raw ! fakesink name=video",
                frames);
}

static void
test_bytes (gconstpointer data)
{
  const char *fault = data;
  g_autoptr (Stage) stage = stage_new (NULL);
  g_autoptr (GBytes) clip = stage_render (FALSE);
  g_autofree char *path = g_build_filename (stage->store, "out.mp4", NULL);
  g_autofree char *line
      = g_strdup_printf (SOURCE "! filesink location=%s", path);
  g_autofree char *bytes = NULL;
  gsize length = 0;

  if (fault != NULL)
    stage_fault (stage, fault);
  stage_launch (stage, line);
  stage_play (stage);
  stage_stop (stage, GST_STATE_NULL);
  g_assert_true (g_file_get_contents (path, &bytes, &length, NULL));
  g_assert_cmpmem (bytes, length, g_bytes_get_data (clip, NULL),
                   g_bytes_get_size (clip));
  g_assert_cmpuint (stage_get_bought (stage), ==, 1);
  g_assert_cmpuint (genvid_sandbox_leaks (stage->sandbox), ==, 0);
}

static char *
get_origin (Stage *stage)
{
  char *origin = NULL;

  gst_element_set_state (stage->pipeline, GST_STATE_PLAYING);
  for (;;) {
    g_autoptr (GstMessage) message = stage_next (
        stage, GST_MESSAGE_ELEMENT | GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

    g_assert_cmpint (GST_MESSAGE_TYPE (message), !=, GST_MESSAGE_ERROR);
    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
      return origin;
    if (!gst_message_has_name (message, "genvid-generation"))
      continue;
    g_free (origin);
    origin = g_strdup (gst_structure_get_string (
        gst_message_get_structure (message), "origin"));
  }
}

/* The last byte is played before the clip is safe on the disk; the element
 * says when it is, for as long as it plays. */
static void
wait_until_stored (Stage *stage)
{
  g_autofree char *location = NULL;

  while (location == NULL) {
    g_thread_yield ();
    g_object_get (stage_get_source (stage), "location", &location, NULL);
  }
}

/* The second play is from the store, makes nobody wait, and says so. */
static void
test_twice (void)
{
  g_autoptr (Stage) stage = stage_new (NULL);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autoptr (GstMessage) progress = NULL;

  stage_launch (stage, SOURCE "! fakesink");
  first = get_origin (stage);
  g_assert_cmpstr (first, ==, "bought");
  wait_until_stored (stage);
  stage_launch (stage, SOURCE "! fakesink");
  second = get_origin (stage);
  g_assert_cmpstr (second, !=, "bought");
  g_assert_cmpuint (stage_get_bought (stage), ==, 1);
  stage_launch (stage, SOURCE "! fakesink");
  gst_element_set_state (stage->pipeline, GST_STATE_PLAYING);
  progress = stage_next (stage, GST_MESSAGE_PROGRESS | GST_MESSAGE_EOS);
  g_assert_cmpint (GST_MESSAGE_TYPE (progress), ==, GST_MESSAGE_EOS);
}

static void
test_two_at_once (void)
{
  g_autoptr (Stage) stage = stage_new (NULL);

  stage_launch (stage, SOURCE "! fakesink " SOURCE "! fakesink " SOURCE
                              "take=2 ! fakesink");
  stage_play (stage);
  g_assert_cmpuint (stage_get_bought (stage), ==, 2);
}

int
main (int argc, char **argv)
{
  stage_init (&argc, &argv);
  g_test_add_data_func ("/pipeline/frames/index-first", GINT_TO_POINTER (0),
                        test_frames);
  g_test_add_data_func ("/pipeline/frames/index-last", GINT_TO_POINTER (1),
                        test_frames);
  g_test_add_data_func ("/pipeline/large-index-last/length",
                        GINT_TO_POINTER (0), test_large_index_last);
  g_test_add_data_func ("/pipeline/large-index-last/chunked",
                        GINT_TO_POINTER (1), test_large_index_last);
  g_test_add_data_func ("/pipeline/bytes/plain", NULL, test_bytes);
  g_test_add_data_func ("/pipeline/bytes/cut", "download-cut", test_bytes);
  g_test_add_data_func ("/pipeline/bytes/no-range", "download-no-range",
                        test_bytes);
  g_test_add_data_func ("/pipeline/bytes/chunked", "download-chunked",
                        test_bytes);
  g_test_add_data_func ("/pipeline/bytes/expired", "download-expired",
                        test_bytes);
  g_test_add_func ("/pipeline/twice", test_twice);
  g_test_add_func ("/pipeline/two-at-once", test_two_at_once);
  return g_test_run ();
}
