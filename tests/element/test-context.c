/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Keys and limits that an application hands to a source which a player makes
 * from a URI. Nothing is set on the source itself. */

#include <genvid/genvid-context.h>
#include <genvid/genvid-messages.h>

#include "stage.h"

#define CN8     "genvid://cn8?prompt=a%20beach&duration=4"
#define AIMLAPI "genvid://aimlapi?prompt=a%20beach&duration=5"
#define PLAYERS 3

static const char *const players[PLAYERS] = {
  "playbin uri=\"%s\" video-sink=\"fakesink name=video\" "
  "audio-sink=\"fakesink name=audio\"",
  "playbin3 uri=\"%s\" video-sink=\"fakesink name=video\" "
  "audio-sink=\"fakesink name=audio\"",
  "uridecodebin3 uri=\"%s\" ! fakesink name=video",
};

static Stage *
launch (const char *player, const char *uri)
{
  Stage *stage = stage_new (NULL);
  GString *line = g_string_new (player);

  stage->bare = TRUE;
  g_string_replace (line, "%s", uri, 1);
  stage_launch (stage, line->str);
  g_string_free (line, TRUE);
  return stage;
}

static GstContext *
make_settings (Stage *stage)
{
  GstContext *context = gst_context_new (GENVID_CONTEXT_SETTINGS, TRUE);

  gst_structure_set (gst_context_writable_structure (context), "provider",
                     G_TYPE_STRING, "cn8", "base-url", G_TYPE_STRING,
                     genvid_sandbox_base_url (stage->sandbox), "store",
                     G_TYPE_STRING, stage->store, "budget", G_TYPE_DOUBLE, 50.0,
                     "poll-interval", G_TYPE_INT, 1, NULL);
  return context;
}

static GstContext *
make_credentials (const char *service, const char *other)
{
  g_autoptr (GHashTable) keys
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GstContext *context = gst_context_new (GENVID_CONTEXT_CREDENTIALS, TRUE);

  g_hash_table_insert (keys, g_strdup (service), g_strdup (STAGE_KEY));
  if (other != NULL)
    g_hash_table_insert (keys, g_strdup (other), g_strdup ("of another"));
  gst_structure_set (gst_context_writable_structure (context),
                     GENVID_CONTEXT_KEYS, G_TYPE_HASH_TABLE, keys, NULL);
  return context;
}

/* Takes CONTEXT. */
static void
hand_over (Stage *stage, GstContext *context)
{
  gst_element_set_context (stage->pipeline, context);
  gst_context_unref (context);
}

static void
test_set (gconstpointer player)
{
  g_autoptr (Stage) stage = launch (player, CN8);

  hand_over (stage, make_settings (stage));
  hand_over (stage, make_credentials ("cn8", "genpro"));
  stage_play (stage);
  g_assert_cmpuint (stage_get_bought (stage), ==, 1);
}

/* As an application does that learns only now that a key is needed. */
static GstBusSyncReply
answer (GstBus *bus, GstMessage *message, gpointer data)
{
  Stage *stage = data;
  const char *type = NULL;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_NEED_CONTEXT
      || !gst_message_parse_context_type (message, &type))
    return GST_BUS_PASS;
  if (g_str_equal (type, GENVID_CONTEXT_SETTINGS))
    hand_over (stage, make_settings (stage));
  else if (g_str_equal (type, GENVID_CONTEXT_CREDENTIALS))
    hand_over (stage, make_credentials ("cn8", NULL));
  return GST_BUS_PASS;
}

static void
test_asked (gconstpointer player)
{
  g_autoptr (Stage) stage = launch (player, CN8);

  gst_bus_set_sync_handler (stage->bus, answer, stage, NULL);
  stage_play (stage);
  gst_bus_set_sync_handler (stage->bus, NULL, NULL, NULL);
  g_assert_cmpuint (stage_get_bought (stage), ==, 1);
}

/* The reason of the one error. */
static char *
fail (Stage *stage, const char *words)
{
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  const GstStructure *details = NULL;

  gst_element_set_state (stage->pipeline, GST_STATE_PLAYING);
  message = stage_next (stage, GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
  g_assert_cmpint (GST_MESSAGE_TYPE (message), ==, GST_MESSAGE_ERROR);
  gst_message_parse_error (message, &error, NULL);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, words));
  g_assert_null (strstr (error->message, STAGE_KEY));
  gst_message_parse_error_details (message, &details);
  g_assert_nonnull (details);
  g_assert_cmpuint (stage_get_bought (stage), ==, 0);
  return g_strdup (gst_structure_get_string (details, GENVID_FIELD_REASON));
}

static void
test_wrong (void)
{
  static const struct {
    const char *fields;
    const char *words;
  } cases[] = {
    { "s, max-cots=(double)1", "\"max-cots\". It may have provider, " },
    { "s, api-key=(string)x", "\"api-key\"" },
    { "s, adopt=(string)x", "\"adopt\"" },
    { "s, prompt=(string)x", "\"prompt\"" },
    { "s, max-cost=(string)cheap", "field max-cost" },
    { "s, max-cost=(double)-7", "field max-cost" },
    { "s, reuse=(string)sometimes", "field reuse" },
    { "s, base-url=(string)\"http://127.0.0.1:1\"", "no provider" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (Stage) stage = launch (players[2], CN8);
    g_autoptr (GstStructure) fields
        = gst_structure_from_string (cases[i].fields, NULL);
    GstContext *context = gst_context_new (GENVID_CONTEXT_SETTINGS, TRUE);
    GstStructure *writable = gst_context_writable_structure (context);
    const char *name = gst_structure_nth_field_name (fields, 0);
    g_autofree char *reason = NULL;

    gst_structure_set_value (writable, name,
                             gst_structure_get_value (fields, name));
    hand_over (stage, context);
    reason = fail (stage, cases[i].words);
    g_assert_cmpstr (reason, ==, GENVID_REASON_NAME_SETTINGS);
  }
}

/* Of two limits the lower one holds, wherever it comes from. */
static void
test_limits (void)
{
  static const double limits[][2]
      = { { 0.01, -1 }, { 0.01, 50 }, { 50, 0.01 } };

  for (guint i = 0; i < G_N_ELEMENTS (limits); i++) {
    g_autoptr (Stage) stage = launch (
        "genvidsrc provider=cn8 prompt=x duration=4%s ! fakesink", "");
    GstContext *context = make_settings (stage);
    g_autofree char *reason = NULL;

    gst_structure_set (gst_context_writable_structure (context), "max-cost",
                       G_TYPE_DOUBLE, limits[i][0], NULL);
    g_object_set (stage_get_source (stage), "max-cost", limits[i][1], NULL);
    hand_over (stage, context);
    hand_over (stage, make_credentials ("cn8", NULL));
    reason = fail (stage, "at most $0.01");
    g_assert_cmpstr (reason, ==, GENVID_REASON_NAME_OVER_BUDGET);
  }
}

/* A URI may name another service: it gets that one's key, and neither the host
 * nor the key of the one that the context names. */
static void
test_other_service (void)
{
  g_autoptr (Stage) stage = launch (players[2], AIMLAPI);
  GstContext *context = make_settings (stage);

  g_setenv ("AIML_BASE_URL", genvid_sandbox_base_url (stage->sandbox), TRUE);
  gst_structure_set (gst_context_writable_structure (context), "base-url",
                     G_TYPE_STRING, "http://127.0.0.1:1", NULL);
  hand_over (stage, context);
  hand_over (stage, make_credentials ("aimlapi", "cn8"));
  stage_play (stage);
  g_unsetenv ("AIML_BASE_URL");
  g_assert_cmpuint (stage_get_bought (stage), ==, 1);
}

/* The only key says which service; of several none is guessed. */
static void
test_no_service (void)
{
  for (guint i = 0; i < 2; i++) {
    g_autoptr (Stage) stage
        = launch ("genvidsrc prompt=x duration=4%s ! fakesink", "");
    g_autofree char *reason = NULL;

    g_setenv ("CN8_BASE_URL", genvid_sandbox_base_url (stage->sandbox), TRUE);
    g_object_set (stage_get_source (stage), "store", stage->store,
                  "poll-interval", 1, NULL);
    hand_over (stage, make_credentials ("cn8", i == 0 ? NULL : "genpro"));
    if (i == 0) {
      stage_play (stage);
      g_assert_cmpuint (stage_get_bought (stage), ==, 1);
      continue;
    }
    reason = fail (stage, "keys for several services");
    g_assert_cmpstr (reason, ==, GENVID_REASON_NAME_SETTINGS);
  }
  g_unsetenv ("CN8_BASE_URL");
}

/* A context without the table is an error, not a search elsewhere. */
static void
test_no_keys (void)
{
  g_autoptr (Stage) stage = launch (players[2], CN8);
  g_autofree char *reason = NULL;

  hand_over (stage, make_settings (stage));
  hand_over (stage, gst_context_new (GENVID_CONTEXT_CREDENTIALS, TRUE));
  reason = fail (stage, "no field keys");
  g_assert_cmpstr (reason, ==, GENVID_REASON_NAME_SETTINGS);
}

/* The live element's items are in pipelines of their own. */
static void
test_live (void)
{
  g_autoptr (Stage) stage = launch ("genvidlivesrc name=l prompts=\"<boat>\"%s"
                                    "  defaults=\"d,duration=(uint)4\""
                                    "  l.video ! fakesink l.audio ! fakesink",
                                    "");
  gboolean ready = FALSE;

  gst_bus_set_sync_handler (stage->bus, answer, stage, NULL);
  gst_element_set_state (stage->pipeline, GST_STATE_PLAYING);
  while (!ready) {
    g_autoptr (GstMessage) message
        = stage_next (stage, GST_MESSAGE_ELEMENT | GST_MESSAGE_WARNING);
    const char *state = gst_structure_get_string (
        gst_message_get_structure (message), GENVID_FIELD_STATE);

    g_assert_cmpint (GST_MESSAGE_TYPE (message), ==, GST_MESSAGE_ELEMENT);
    ready = g_strcmp0 (state, "ready") == 0;
  }
  gst_bus_set_sync_handler (stage->bus, NULL, NULL, NULL);
  g_assert_cmpuint (stage_get_bought (stage), ==, 1);
}

/* Whatever prints a context prints no key. */
static void
test_print (void)
{
  g_autoptr (GstContext) context = make_credentials ("cn8", NULL);
  const GstStructure *structure = gst_context_get_structure (context);
  g_autofree char *text = gst_structure_to_string (structure);
  g_autofree char *value = g_strdup_value_contents (
      gst_structure_get_value (structure, GENVID_CONTEXT_KEYS));

  g_assert_null (strstr (text, STAGE_KEY));
  g_assert_null (strstr (value, STAGE_KEY));
}

int
main (int argc, char **argv)
{
  stage_init (&argc, &argv);
  for (guint i = 0; i < PLAYERS; i++) {
    g_auto (GStrv) words = g_strsplit (players[i], " ", 2);
    g_autofree char *set = g_strconcat ("/context/set/", words[0], NULL);
    g_autofree char *asked = g_strconcat ("/context/asked/", words[0], NULL);

    g_test_add_data_func (set, players[i], test_set);
    g_test_add_data_func (asked, players[i], test_asked);
  }
  g_test_add_func ("/context/wrong", test_wrong);
  g_test_add_func ("/context/limits", test_limits);
  g_test_add_func ("/context/other-service", test_other_service);
  g_test_add_func ("/context/no-service", test_no_service);
  g_test_add_func ("/context/no-keys", test_no_keys);
  g_test_add_func ("/context/live", test_live);
  g_test_add_func ("/context/print", test_print);
  return g_test_run ();
}
