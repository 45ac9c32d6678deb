/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a service does wrong, seen from the bus: exactly one error, with the
 * right domain and code, the service's own words, and what to do next. */

#include "stage.h"

typedef struct {
  const char *name;
  const char *fault; /* of the sandbox; NULL: none */
  const char *set;   /* property=value; NULL: none */
  gboolean stream;   /* GST_STREAM_ERROR */
  int code;
  const char *reason;
  const char *text; /* part of the message; NULL: any */
  guint bought;
} Case;

static const Case cases[] = {
  { "unauthorized", "submit-401", NULL, FALSE,
    GST_RESOURCE_ERROR_NOT_AUTHORIZED, "unauthorized", NULL, 0 },
  { "quota", "submit-quota", NULL, FALSE, GST_RESOURCE_ERROR_NOT_AUTHORIZED,
    "quota", NULL, 0 },
  { "rejected", "submit-400=the moon is missing", NULL, FALSE,
    GST_RESOURCE_ERROR_SETTINGS, "rejected", "the moon is missing", 0 },
  { "refused", "poll-refused", NULL, FALSE, GST_RESOURCE_ERROR_FAILED,
    "refused", NULL, 1 },
  { "failed", "poll-failed=the lamp broke", NULL, FALSE,
    GST_RESOURCE_ERROR_FAILED, "failed", "the lamp broke", 1 },
  { "html", "download-html@0", NULL, TRUE, GST_STREAM_ERROR_WRONG_TYPE,
    "not-media", NULL, 1 },
  { "html-as-mp4", "download-html-as-mp4@0", NULL, TRUE,
    GST_STREAM_ERROR_WRONG_TYPE, "not-media", NULL, 1 },
  { "unsafe-url", "url-file", NULL, FALSE, GST_RESOURCE_ERROR_OPEN_READ,
    "unsafe-url", NULL, 1 },
  { "too-large", NULL, "max-size=1000", FALSE, GST_RESOURCE_ERROR_READ,
    "too-large", NULL, 1 },
  { "no-prompt", NULL, "prompt=", FALSE, GST_RESOURCE_ERROR_SETTINGS,
    "settings", "prompt", 0 },
  { "unknown-provider", NULL, "provider=nobody", FALSE,
    GST_RESOURCE_ERROR_SETTINGS, "settings", "nobody", 0 },
  { "no-sheet", NULL, "options=genpro", FALSE, GST_RESOURCE_ERROR_SETTINGS,
    "settings", "sheet-id", 0 },
  { "damaged-option", NULL, "options=genpro,sheet-id=16:9", FALSE,
    GST_RESOURCE_ERROR_SETTINGS, "settings", "sheet-id=(string)", 0 },
  { "never-spend", NULL, "reuse=only", FALSE, GST_RESOURCE_ERROR_NOT_FOUND,
    "not-stored", NULL, 0 },
};

static void
set_property (GstElement *element, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "=", 2);

  if (parts[1][0] == '\0')
    g_object_set (element, parts[0], NULL, NULL);
  else
    gst_util_set_object_arg (G_OBJECT (element), parts[0], parts[1]);
}

static void
check (const Case *expected, GstMessage *message)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *debug = NULL;
  const GstStructure *details = NULL;

  gst_message_parse_error (message, &error, &debug);
  g_test_message ("%s", error->message);
  g_test_message ("%s", debug);
  g_assert_true (g_error_matches (
      error, expected->stream ? GST_STREAM_ERROR : GST_RESOURCE_ERROR,
      expected->code));
  if (expected->text != NULL)
    g_assert_nonnull (strstr (error->message, expected->text));
  gst_message_parse_error_details (message, &details);
  g_assert_true (gst_structure_has_name (details, "genvid-error"));
  g_assert_cmpstr (gst_structure_get_string (details, "reason"), ==,
                   expected->reason);
}

/* The error or the end. TOLD: a message said before that it asks again. */
static GstMessage *
await_end (Stage *stage, gboolean *told)
{
  GstMessage *message = stage_next (stage, GST_MESSAGE_ERROR | GST_MESSAGE_EOS
                                               | GST_MESSAGE_INFO);

  *told = FALSE;
  while (GST_MESSAGE_TYPE (message) == GST_MESSAGE_INFO) {
    g_autoptr (GError) info = NULL;

    gst_message_parse_info (message, &info, NULL);
    *told = *told || strstr (info->message, "Trying again") != NULL;
    gst_message_unref (message);
    message = stage_next (stage, GST_MESSAGE_ERROR | GST_MESSAGE_EOS
                                     | GST_MESSAGE_INFO);
  }
  return message;
}

static void
run (const Case *expected, const char *line)
{
  g_autoptr (Stage) stage = stage_new (NULL);
  g_autoptr (GstMessage) message = NULL;
  GstMessage *second;
  gboolean told;

  if (expected->fault != NULL)
    stage_fault (stage, expected->fault);
  stage_launch (stage, line);
  if (expected->set != NULL)
    set_property (stage_get_source (stage), expected->set);
  gst_element_set_state (stage->pipeline, GST_STATE_PLAYING);
  message = await_end (stage, &told);
  g_assert_cmpint (GST_MESSAGE_TYPE (message), ==, GST_MESSAGE_ERROR);
  g_assert_cmpint (told, ==, g_str_equal (expected->reason, "not-media"));
  check (expected, message);
  stage_stop (stage, GST_STATE_READY);
  second
      = gst_bus_pop_filtered (stage->bus, GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
  g_assert_null (second);
  g_assert_cmpuint (stage_get_bought (stage), ==, expected->bought);
}

static void
test_fault (gconstpointer data)
{
  run (data, "genvidsrc provider=genpro prompt=beach ! fakesink");
  run (data, "genvidsrc provider=genpro prompt=beach ! decodebin ! fakesink");
}

/* A service whose clips are there at once, or never. Only a built-in may name
 * variables of its own. */
static void
lose_patience (void)
{
  g_autofree char *folder = stage_make_folder ();
  g_autofree char *path = g_build_filename (folder, "genpro.json", NULL);
  g_autofree char *text = NULL;
  g_autofree char *plain = NULL;
  g_autoptr (GRegex) variables = NULL;
  g_autoptr (GString) changed = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (TEST_SOURCE_ROOT "/providers/genpro.json", &text, NULL,
                       &error);
  g_assert_no_error (error);
  variables = g_regex_new (",\\s*\"variable\": \"[A-Z_]+\"", 0, 0, &error);
  g_assert_no_error (error);
  plain = g_regex_replace_literal (variables, text, -1, 0, "", 0, &error);
  g_assert_no_error (error);
  changed = g_string_new (plain);
  g_assert_cmpuint (g_string_replace (changed, "\"timeout\": 900",
                                      "\"timeout\": 900, \"patience\": 2", 0),
                    ==, 1);
  g_file_set_contents (path, changed->str, -1, &error);
  g_assert_no_error (error);
  g_setenv ("GENVID_PROVIDER_PATH", folder, TRUE);
}

int
main (int argc, char **argv)
{
  stage_init (&argc, &argv);
  lose_patience ();
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/faults/", cases[i].name, NULL);

    g_test_add_data_func (path, &cases[i], test_fault);
  }
  return g_test_run ();
}
