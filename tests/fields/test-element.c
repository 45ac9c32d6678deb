/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The same through the element, as an application sets and sees it: the five
 * documented examples as properties, options and variables as structures, and
 * what a service said in stats. */

#include <json-glib/json-glib.h>
#include <string.h>

#include "stage.h"

static JsonNode *
read_document (const char *name)
{
  g_autofree char *path = g_strdup_printf (
      TEST_SOURCE_ROOT "/tests/data/documents/%s.json", name);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return json_parser_steal_root (parser);
}

/* The submit's body. */
static JsonNode *
read_body (Stage *stage)
{
  g_autoptr (GPtrArray) requests = genvid_sandbox_requests (stage->sandbox);
  g_autoptr (GError) error = NULL;
  JsonNode *node;

  for (guint i = 0; i < requests->len; i++) {
    const GenvidSandboxRequest *request = g_ptr_array_index (requests, i);
    g_autofree char *text = NULL;

    if (request->scope != GENVID_SANDBOX_SUBMIT)
      continue;
    text = g_strndup (g_bytes_get_data (request->body, NULL),
                      g_bytes_get_size (request->body));
    g_test_message ("%s", text);
    node = json_from_string (text, &error);
    g_assert_no_error (error);
    return node;
  }
  g_assert_not_reached ();
}

static void
set_references (GObject *source, JsonArray *ids)
{
  GValue array = G_VALUE_INIT;

  g_value_init (&array, GST_TYPE_ARRAY);
  for (guint i = 0; i < json_array_get_length (ids); i++) {
    GValue item = G_VALUE_INIT;

    g_value_init (&item, G_TYPE_STRING);
    g_value_take_string (&item,
                         g_strdup_printf ("id:%" G_GINT64_FORMAT,
                                          json_array_get_int_element (ids, i)));
    gst_value_array_append_and_take_value (&array, &item);
  }
  g_object_set_property (source, "references", &array);
  g_value_unset (&array);
}

/* A field of a document as a property of ours. */
static void
set_field (GObject *source, const char *name, JsonNode *node)
{
  g_autofree char *property = g_strdelimit (g_strdup (name), "_", '-');
  g_autofree char *text = NULL;

  if (JSON_NODE_HOLDS_ARRAY (node)) {
    set_references (source, json_node_get_array (node));
    return;
  }
  if (json_node_get_value_type (node) == G_TYPE_INT64)
    text = g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  else
    text = json_node_dup_string (node);
  if (g_str_equal (name, "duration")) {
    g_object_set (source, "duration", (guint)atoi (text), NULL);
    return;
  }
  if (g_str_equal (name, "image_resource_id")) {
    g_autofree char *image = g_strconcat ("id:", text, NULL);

    g_object_set (source, "image", image, NULL);
    return;
  }
  if (g_str_equal (name, "resolution")) {
    g_autofree char *lower = g_ascii_strdown (text, -1);

    g_object_set (source, property, lower, NULL);
    return;
  }
  g_object_set (source, property, text, NULL);
}

static void
set_fields (GObject *source, JsonObject *body)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, body);
  while (json_object_iter_next (&iter, &name, &node))
    if (!g_str_equal (name, "generation_type"))
      set_field (source, name, node);
}

static Stage *
open_stage (const char *provider)
{
  Stage *stage = stage_new (NULL);
  g_autofree char *line
      = g_strdup_printf ("genvidsrc provider=%s ! fakesink", provider);

  if (!g_str_equal (provider, "genpro"))
    g_clear_pointer (&stage->options, g_free);
  stage_launch (stage, line);
  return stage;
}

typedef struct {
  const char *document;
  const char *provider;
} Example;

static const Example examples[] = {
  { "genpro-text", "genpro" },
  { "genpro-image", "genpro" },
  { "genpro-ingredients", "genpro" },
  { "aimlapi", "aimlapi" },
  { "cn8", "cn8" },
};

/* Member for member and type for type. */
static void
test_document (gconstpointer data)
{
  const Example *example = data;
  g_autoptr (JsonNode) document = read_document (example->document);
  JsonNode *body
      = json_object_get_member (json_node_get_object (document), "body");
  JsonObject *fields = json_node_get_object (body);
  g_autoptr (Stage) stage = open_stage (example->provider);
  g_autoptr (JsonNode) sent = NULL;

  if (json_object_has_member (fields, "data"))
    fields = json_object_get_object_member (fields, "data");
  set_fields (G_OBJECT (stage_get_source (stage)), fields);
  stage_play (stage);
  sent = read_body (stage);
  g_assert_true (json_node_equal (sent, body));
}

static void
set_structure (Stage *stage, const char *property, const char *text)
{
  g_autoptr (GstStructure) structure = gst_structure_from_string (text, NULL);

  g_assert_nonnull (structure);
  g_object_set (stage_get_source (stage), property, structure, NULL);
}

static void
assert_sent (Stage *stage, const char *expected)
{
  g_autoptr (JsonNode) sent = read_body (stage);
  g_autofree char *text = json_to_string (sent, FALSE);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_structures (void)
{
  g_autoptr (Stage) stage = open_stage ("genpro");

  g_object_set (stage_get_source (stage), "prompt", "{{brand}} at {{hour}}",
                NULL);
  set_structure (stage, "variables",
                 "v, brand=(string)\"Acme & sons\", hour=(int)7");
  set_structure (stage, "options",
                 "genpro, sheet-id=(gint64)101, cell_id=(string)3100,"
                 "agent-id=(int)42, negative_prompt_var=(string)avoid");
  stage_play (stage);
  assert_sent (stage, "{\"generation_type\":\"video_from_text\",\"data\":{"
                      "\"prompt\":\"{{brand}} at {{hour}}\","
                      "\"variables\":{\"brand\":\"Acme & sons\",\"hour\":7},"
                      "\"negative_prompt_var\":\"avoid\"}}");
}

static void
test_lists (void)
{
  g_autoptr (Stage) stage = open_stage ("genpro");

  g_object_set (stage_get_source (stage), "prompt", "p", NULL);
  set_structure (stage, "options",
                 "genpro, sheet-id=101, cell-id=3100, agent-id=42,"
                 "content_resource_vars=(string)<hero, logo>");
  stage_play (stage);
  assert_sent (stage,
               "{\"generation_type\":\"video_from_ingredients\",\"data\":{"
               "\"prompt\":\"p\","
               "\"content_resource_vars\":[\"hero\",\"logo\"]}}");
}

/* A URI says it too, lists included. */
static void
test_uri (void)
{
  g_autoptr (Stage) stage = stage_new (NULL);
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&stage->options, g_free);
  stage->capped = TRUE;
  stage_launch (stage, "genvidsrc ! fakesink");
  gst_uri_handler_set_uri (
      GST_URI_HANDLER (stage_get_source (stage)),
      "genvid://genpro?prompt=p&content_resource_vars=[\"hero\",\"logo\"]&"
      "model=veo_3_1_fast&duration=8&"
      "sheet-id=101&cell-id=3100&agent-id=42",
      &error);
  g_assert_no_error (error);
  stage_play (stage);
  assert_sent (stage,
               "{\"generation_type\":\"video_from_ingredients\",\"data\":{"
               "\"prompt\":\"p\",\"model\":\"veo_3_1_fast\",\"duration\":8,"
               "\"content_resource_vars\":[\"hero\",\"logo\"]}}");
}

static void
test_styled (void)
{
  g_autoptr (Stage) stage = open_stage ("aimlapi");

  g_object_set (stage_get_source (stage), "prompt", "p", "negative-prompt", "n",
                "style", "clay", "seed", G_GINT64_CONSTANT (9007199254740993),
                NULL);
  set_structure (stage, "options",
                 "aimlapi, lip_sync_tts_content=(string)\"Hello, you\","
                 "lip-sync-tts-speaker=(string)Harper");
  stage_play (stage);
  assert_sent (stage, "{\"model\":\"pixverse/v5/text-to-video\","
                      "\"prompt\":\"p\",\"negative_prompt\":\"n\","
                      "\"style\":\"clay\",\"seed\":9007199254740993,"
                      "\"lip_sync_tts_content\":\"Hello, you\","
                      "\"lip_sync_tts_speaker\":\"Harper\"}");
}

/* What the service said of the result, where applications look for it. */
static void
test_shown (void)
{
  g_autoptr (Stage) stage = open_stage ("cn8");
  GstElement *source = stage_get_source (stage);
  g_autoptr (GstStructure) stats = NULL;
  g_autoptr (GstStructure) details = NULL;
  g_autofree char *id = NULL;
  double cost = 0, seconds = 0;

  g_object_set (source, "prompt", "p", "duration", 8, "resolution", "512p",
                NULL);
  stage_play (stage);
  g_object_get (source, "stats", &stats, "cost", &cost, "generation-id", &id,
                NULL);
  g_assert_cmpfloat (cost, ==, 12.0);
  g_assert_nonnull (id);
  g_assert_true (
      gst_structure_get (stats, "details", GST_TYPE_STRUCTURE, &details, NULL));
  g_assert_cmpstr (gst_structure_get_string (details, "resolution"), ==,
                   "512P");
  g_assert_cmpstr (gst_structure_get_string (details, "submit-status"), ==,
                   "queued");
  g_assert_true (
      gst_structure_get_double (details, "units-consumed", &seconds));
  g_assert_cmpfloat (seconds, ==, 8.0);
}

int
main (int argc, char *argv[])
{
  stage_init (&argc, &argv);
  for (guint i = 0; i < G_N_ELEMENTS (examples); i++) {
    g_autofree char *path
        = g_strconcat ("/element/document/", examples[i].document, NULL);

    g_test_add_data_func (path, &examples[i], test_document);
  }
  g_test_add_func ("/element/structures", test_structures);
  g_test_add_func ("/element/lists", test_lists);
  g_test_add_func ("/element/uri", test_uri);
  g_test_add_func ("/element/styled", test_styled);
  g_test_add_func ("/element/shown", test_shown);
  return g_test_run ();
}
