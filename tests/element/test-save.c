/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* save-to: the whole clip under the name that the user gave, or nothing;
 * whatever else the pipeline does, and never over another file. */

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "stage.h"

#define SOURCE                                                                 \
  "genvidsrc name=src provider=genpro prompt=\"a boat\" model=veo_3 "          \
  "duration=8 "

typedef struct {
  char *folder;
  char *path;
} Place;

static void
place_init (Place *place)
{
  place->folder = stage_make_folder ();
  place->path = g_build_filename (place->folder, "boat.mp4", NULL);
}

static void
place_clear (Place *place)
{
  g_free (place->folder);
  g_free (place->path);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Place, place_clear)

static void
launch (Stage *stage, const char *rest, const char *path)
{
  g_autofree char *line = g_strdup_printf (SOURCE "save-to=%s %s", path, rest);

  stage_launch (stage, line);
}

static gboolean
is_saved (GstMessage *message)
{
  const GstStructure *fields = gst_message_get_structure (message);

  return GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT
         && gst_structure_has_name (fields, "genvid-saved");
}

/* The file is the stored clip byte for byte, another file, and alone in its
 * folder. */
static void
assert_clip (const Place *place, const char *location)
{
  g_autofree char *saved = NULL;
  g_autofree char *stored = NULL;
  g_autoptr (GDir) folder = g_dir_open (place->folder, 0, NULL);
  gsize length, stored_length;
  GStatBuf info;

  g_assert_true (g_file_get_contents (place->path, &saved, &length, NULL));
  g_assert_true (g_file_get_contents (location, &stored, &stored_length, NULL));
  g_assert_cmpmem (saved, length, stored, stored_length);
  g_assert_cmpint (g_stat (place->path, &info), ==, 0);
  g_assert_cmpint (info.st_nlink, ==, 1);
  g_assert_cmpstr (g_dir_read_name (folder), ==, "boat.mp4");
  g_assert_null (g_dir_read_name (folder));
}

/* Plays to the end. The message is on the bus before EOS, and by then the file
 * is there. */
static void
play_and_save (Stage *stage, const Place *place)
{
  gboolean saved = FALSE;

  gst_element_set_state (stage->pipeline, GST_STATE_PLAYING);
  for (;;) {
    g_autoptr (GstMessage) message
        = stage_next (stage, GST_MESSAGE_ELEMENT | GST_MESSAGE_EOS
                                 | GST_MESSAGE_ERROR | GST_MESSAGE_WARNING);

    g_assert_cmpint (GST_MESSAGE_TYPE (message), !=, GST_MESSAGE_ERROR);
    g_assert_cmpint (GST_MESSAGE_TYPE (message), !=, GST_MESSAGE_WARNING);
    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
      break;
    if (!is_saved (message))
      continue;
    g_assert_false (saved);
    saved = TRUE;
    g_assert_cmpstr (
        gst_structure_get_string (gst_message_get_structure (message), "path"),
        ==, place->path);
    assert_clip (place, gst_structure_get_string (
                            gst_message_get_structure (message), "location"));
  }
  g_assert_true (saved);
}

static const char *const rests[] = {
  "! fakesink",
  "! decodebin ! fakesink",
};

static void
test_saves (gconstpointer data)
{
  for (guint index_last = 0; index_last < 2; index_last++) {
    GenvidSandboxOptions options
        = { .index_last = index_last == 1, .ready_after_polls = 1 };
    g_autoptr (Stage) stage = stage_new (&options);
    g_auto (Place) place = { NULL };

    place_init (&place);
    launch (stage, data, place.path);
    play_and_save (stage, &place);
    g_assert_cmpuint (stage_get_bought (stage), ==, 1);
    /* The same command again: it is there. */
    launch (stage, data, place.path);
    play_and_save (stage, &place);
    g_assert_cmpuint (stage_get_bought (stage), ==, 1);
    /* From the store. */
    g_assert_cmpint (g_unlink (place.path), ==, 0);
    launch (stage, data, place.path);
    play_and_save (stage, &place);
    g_assert_cmpuint (stage_get_bought (stage), ==, 1);
  }
}

/* The stream is ended before the clip is there, or is flushed by a seek while
 * nobody takes data: the clip is saved all the same. */
static void
await_saved (Stage *stage)
{
  for (;;) {
    g_autoptr (GstMessage) message
        = stage_next (stage, GST_MESSAGE_ELEMENT | GST_MESSAGE_ERROR);

    g_assert_cmpint (GST_MESSAGE_TYPE (message), ==, GST_MESSAGE_ELEMENT);
    if (is_saved (message)) {
      Place place = { g_path_get_dirname (gst_structure_get_string (
                          gst_message_get_structure (message), "path")),
                      g_strdup (gst_structure_get_string (
                          gst_message_get_structure (message), "path")) };

      assert_clip (
          &place, gst_structure_get_string (gst_message_get_structure (message),
                                            "location"));
      place_clear (&place);
      return;
    }
  }
}

static void
test_paused_and_seeked (void)
{
  g_autoptr (Stage) stage = stage_new (NULL);
  g_auto (Place) place = { NULL };

  place_init (&place);
  launch (stage, "! queue max-size-buffers=1 ! fakesink", place.path);
  gst_element_set_state (stage->pipeline, GST_STATE_PAUSED);
  gst_element_get_state (stage->pipeline, NULL, NULL, GST_CLOCK_TIME_NONE);
  g_assert_true (gst_element_seek_simple (
      stage_get_source (stage), GST_FORMAT_BYTES, GST_SEEK_FLAG_FLUSH, 100));
  await_saved (stage);
}

static void
test_early_end (void)
{
  g_autoptr (Stage) stage = stage_new (NULL);
  g_auto (Place) place = { NULL };

  place_init (&place);
  launch (stage, "! fakesink", place.path);
  gst_element_set_state (stage->pipeline, GST_STATE_PLAYING);
  gst_message_unref (stage_next (stage, GST_MESSAGE_PROGRESS));
  gst_element_send_event (stage->pipeline, gst_event_new_eos ());
  gst_message_unref (stage_next (stage, GST_MESSAGE_EOS));
  await_saved (stage);
}

static void
assert_refused (Stage *stage, const char *path, const char *words)
{
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  launch (stage, "! fakesink", path);
  g_assert_cmpint (gst_element_set_state (stage->pipeline, GST_STATE_PAUSED),
                   ==, GST_STATE_CHANGE_FAILURE);
  message = stage_next (stage, GST_MESSAGE_ERROR);
  gst_message_parse_error (message, &error, NULL);
  g_assert_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS);
  g_assert_nonnull (strstr (error->message, words));
  g_assert_cmpuint (stage_get_bought (stage), ==, 0);
}

/* Before anything is bought. */
static void
test_refused (void)
{
  g_autoptr (Stage) stage = stage_new (NULL);
  g_auto (Place) place = { NULL };
  g_autofree char *nowhere = NULL;
  g_autofree char *kept = NULL;

  place_init (&place);
  nowhere = g_build_filename (place.folder, "none", "boat.mp4", NULL);
  assert_refused (stage, nowhere, "is not a folder");
  assert_refused (stage, place.folder, "is not a file");
  g_assert_true (g_file_set_contents (place.path, "mine", -1, NULL));
  assert_refused (stage, place.path, "is not this clip");
  g_assert_true (g_file_get_contents (place.path, &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, "mine");
}

/* A file that came meanwhile, as long as the clip, is left alone. */
static void
test_other_file (void)
{
  g_autoptr (Stage) stage = stage_new (NULL);
  g_auto (Place) place = { NULL };
  g_autofree char *bytes = NULL;
  g_autofree char *kept = NULL;
  gsize length, kept_length;

  place_init (&place);
  launch (stage, "! fakesink", place.path);
  play_and_save (stage, &place);
  stage_stop (stage, GST_STATE_NULL);
  g_assert_true (g_file_get_contents (place.path, &bytes, &length, NULL));
  bytes[length / 2] ^= 1;
  g_assert_true (g_file_set_contents (place.path, bytes, length, NULL));
  launch (stage, "! fakesink", place.path);
  gst_element_set_state (stage->pipeline, GST_STATE_PLAYING);
  for (;;) {
    g_autoptr (GstMessage) message = stage_next (
        stage, GST_MESSAGE_ELEMENT | GST_MESSAGE_WARNING | GST_MESSAGE_EOS);
    g_autoptr (GError) error = NULL;

    g_assert_false (is_saved (message));
    g_assert_cmpint (GST_MESSAGE_TYPE (message), !=, GST_MESSAGE_EOS);
    if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_WARNING)
      continue;
    gst_message_parse_warning (message, &error, NULL);
    g_assert_nonnull (strstr (error->message, "another file"));
    break;
  }
  g_assert_true (g_file_get_contents (place.path, &kept, &kept_length, NULL));
  g_assert_cmpmem (kept, kept_length, bytes, length);
}

int
main (int argc, char **argv)
{
  stage_init (&argc, &argv);
  for (guint i = 0; i < G_N_ELEMENTS (rests); i++) {
    g_autofree char *path = g_strdup_printf ("/save/plays/%u", i);

    g_test_add_data_func (path, rests[i], test_saves);
  }
  g_test_add_func ("/save/paused-and-seeked", test_paused_and_seeked);
  g_test_add_func ("/save/early-end", test_early_end);
  g_test_add_func ("/save/refused", test_refused);
  g_test_add_func ("/save/other-file", test_other_file);
  return g_test_run ();
}
