/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What gst-launch makes of what people write: it is kept, or refused by name;
 * never damaged in silence. */

#include <math.h>

#include "failure.h"
#include "json.h"
#include "request.h"

#include <json-glib/json-glib.h>

#include "bench.h"
#include "fake-client.h"
#include "gstgenvidstructure.h"

typedef struct {
  const char *text;  /* as on a command line */
  const char *json;  /* NULL: refused */
  const char *error; /* part of it */
} Case;

static const Case cases[] = {
  { "genpro,sheet-id=(int)101", "{\"sheet-id\":101}", NULL },
  { "genpro,sheet-id=101", "{\"sheet-id\":101}", NULL },
  { "anything,sheet-id=(string)101", "{\"sheet-id\":\"101\"}", NULL },
  { "o,a=(string)\"00123\"", "{\"a\":\"00123\"}", NULL },
  { "o,a=(gint64)3000000000", "{\"a\":3000000000}", NULL },
  { "o,a=(guint64)18446744073709551615", NULL, "options: a is too large" },
  { "o,a=(double)4", "{\"a\":4}", NULL },
  { "o,a=2.5", "{\"a\":2.5}", NULL },
  { "o,a=(double)-3", "{\"a\":-3}", NULL },
  { "o,a=(double)9007199254740991", "{\"a\":9007199254740991}", NULL },
  { "o,a=(double)9007199254740993", NULL, "a=(string)DIGITS" },
  { "o,a=16/9", "{\"a\":\"16/9\"}", NULL },
  { "o,a=true", "{\"a\":true}", NULL },
  { "o,a=\"x y\"", "{\"a\":\"x y\"}", NULL },
  { "o,a=(string)\"16:9\"", "{\"a\":\"16:9\"}", NULL },
  { "o,a=16:9", NULL, "a=(string)\"VALUE\"" },
  { "o,a=[1,5]", NULL, "GstIntRange" },
  { "o,a=(bitmask)0x10", NULL, "GstBitmask" },
  { "o,a=(structure)[n,b=1,c=(structure)[m,d=x]]",
    "{\"a\":{\"b\":1,\"c\":{\"d\":\"x\"}}}", NULL },
  { "o,a=<1,2,x>", "{\"a\":[1,2,\"x\"]}", NULL },
  { "o,a={1,2}", "{\"a\":[1,2]}", NULL },
  { "o,a=<(structure)[n,b=16:9]>", NULL, "options: a[0].b was read" },
  { "o,a=(GstDateTime)2024-01-01", NULL, "GstDateTime" },
  { "o,a=(GstCaps)\"video/x-raw\"", NULL, "GstCaps" },
  { "o", "{}", NULL },
};

static void
test_to_json (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GstStructure) structure
        = gst_structure_from_string (cases[i].text, NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) object = NULL;
    g_autoptr (JsonNode) node = json_node_alloc ();
    g_autofree char *json = NULL;

    g_test_message ("%s", cases[i].text);
    g_assert_nonnull (structure);
    object = gst_genvid_structure_to_json (structure, "options", FALSE, &error);
    if (cases[i].json == NULL) {
      g_assert_null (object);
      g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, cases[i].error));
      continue;
    }
    g_assert_no_error (error);
    json_node_init_object (node, object);
    json = genvid_json_to_text (node);
    g_assert_cmpstr (json, ==, cases[i].json);
  }
}

static void
test_values (void)
{
  g_autoptr (GstStructure) structure = gst_structure_new_empty ("o");
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (GError) error = NULL;

  gst_structure_set (structure, "none", G_TYPE_STRING, NULL, NULL);
  object = gst_genvid_structure_to_json (structure, "options", FALSE, &error);
  g_assert_null (object);
  g_assert_nonnull (strstr (error->message, "none has no value"));

  g_clear_error (&error);
  gst_structure_remove_field (structure, "none");
  gst_structure_set (structure, "part", GST_TYPE_STRUCTURE, structure, NULL);
  object = gst_genvid_structure_to_json (structure, "variables", TRUE, &error);
  g_assert_null (object);
  g_assert_nonnull (strstr (error->message, "variables: part is not a single"));

  g_clear_error (&error);
  gst_structure_set (structure, "part", G_TYPE_DOUBLE, (double)INFINITY, NULL);
  object = gst_genvid_structure_to_json (structure, "options", FALSE, &error);
  g_assert_null (object);
  g_assert_nonnull (strstr (error->message, "finite"));
}

static void
test_depth (void)
{
  g_autoptr (GstStructure) structure = gst_structure_new_empty ("o");
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 40; i++) {
    GstStructure *outer = gst_structure_new_empty ("o");

    gst_structure_set (outer, "a", GST_TYPE_STRUCTURE, structure, NULL);
    gst_structure_free (structure);
    structure = outer;
  }
  object = gst_genvid_structure_to_json (structure, "options", FALSE, &error);
  g_assert_null (object);
  g_assert_nonnull (strstr (error->message, "nested too deeply"));
}

/* JSON → structure → JSON is the same again, as far as it has scalars. */
static void
test_from_json (void)
{
  const char *all = "{\"a\":1,\"b\":\"00123\",\"c\":2.5,\"d\":true,"
                    "\"h\":9007199254740993,\"e\":{\"f\":1,\"g\":{}},"
                    "\"j\":[\"1\",\"2\"],\"k\":[[1,2],[]],\"l\":[],"
                    "\"m\":[{\"k\":\"x y\"},{}],\"n\":[1,2.5],"
                    "\"o\":[\"4, >\\\"NULL\",0,true,\"NULL\",\"(int)7\"],"
                    "\"p\":[\"é;<1>\",9007199254740993]}";
  g_autoptr (JsonNode) node = json_from_string (all, NULL);
  g_autoptr (JsonNode) back = json_node_alloc ();
  g_autoptr (GstStructure) structure = NULL;
  g_autoptr (JsonObject) object = NULL;

  structure
      = gst_genvid_structure_from_json (json_node_get_object (node), "options");
  g_assert_true (gst_structure_has_name (structure, "options"));
  object = gst_genvid_structure_to_json (structure, "options", FALSE, NULL);
  g_assert_nonnull (object);
  json_node_init_object (back, object);
  g_assert_true (json_node_equal (node, back));
}

/* Never left out in silence. */
static void
test_from_null (void)
{
  const char *const texts[]
      = { "{\"i\":null}", "{\"i\":[1,null]}", "{\"i\":[null,\"2\"]}",
          "{\"i\":[1,[0,\"2\"]]}", "{\"i\":[1,{\"j\":2}]}" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (JsonNode) node = json_from_string (texts[i], NULL);
    g_autoptr (GstStructure) structure
        = gst_genvid_structure_from_json (json_node_get_object (node), "o");
    g_autoptr (GError) error = NULL;

    g_assert_null (
        gst_genvid_structure_to_json (structure, "o", FALSE, &error));
    g_assert_nonnull (strstr (error->message, "i"));
  }
}

typedef struct {
  const char *text;
  const char *inputs; /* NULL: refused at start */
} References;

static const References references[] = {
  { "<\"id:501\",\"id:502\">", "id:501 id:502" },
  { "<501,502>", "id:501 id:502" },
  { "<\"/tmp/a.png\">", "/tmp/a.png" },
  { "<3000000000>", NULL }, /* has wrapped to a negative one */
  { "<2.5>", NULL },
  { "<>", "" },
};

static char *
list_inputs (const GPtrArray *inputs)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < inputs->len; i++) {
    const GenvidInput *input = inputs->pdata[i];

    g_string_append_printf (text, "%s%s%s", i > 0 ? " " : "",
                            input->kind == GENVID_INPUT_ID ? "id:" : "",
                            input->value);
  }
  return g_string_free (text, FALSE);
}

/* A mistake is kept until start, and named there, once. */
static void
test_references (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (references); i++) {
    g_autoptr (Bench) bench = bench_new_push ();
    g_autofree char *log = NULL;
    g_autofree char *inputs = NULL;

    g_test_message ("%s", references[i].text);
    gst_util_set_object_arg (G_OBJECT (bench->element), "references",
                             references[i].text);
    if (references[i].inputs != NULL) {
      bench_start (bench);
      inputs = list_inputs (fake_get_order ()->request->references);
      g_assert_cmpstr (inputs, ==, references[i].inputs);
      continue;
    }
    g_assert_cmpint (gst_element_set_state (bench->pipeline, GST_STATE_PAUSED),
                     ==, GST_STATE_CHANGE_FAILURE);
    log = bench_log (bench, GST_MESSAGE_ERROR);
    g_assert_true (g_str_has_prefix (log, "error settings: references: [0] "));
    g_assert_cmpuint (fake_get_opened (), ==, 0);
  }
}

static void
test_mistake_is_kept (void)
{
  g_autoptr (Bench) bench = bench_new_push ();
  g_autofree char *log = NULL;

  gst_util_set_object_arg (G_OBJECT (bench->element), "options",
                           "aimlapi,ratio=16:9");
  g_assert_cmpint (gst_element_set_state (bench->pipeline, GST_STATE_PAUSED),
                   ==, GST_STATE_CHANGE_FAILURE);
  log = bench_log (bench, GST_MESSAGE_ERROR);
  g_assert_true (g_str_has_prefix (
      log, "error settings: options: ratio was read as a GstFlagSet"));
  g_assert_cmpuint (fake_get_opened (), ==, 0);

  gst_util_set_object_arg (G_OBJECT (bench->element), "options",
                           "aimlapi,ratio=(string)16:9");
  bench_start (bench);
  g_assert_cmpstr (
      genvid_json_string (fake_get_order ()->request->options, "ratio", NULL),
      ==, "16:9");
}

int
main (int argc, char **argv)
{
  bench_init (&argc, &argv);
  g_test_add_func ("/structure/to-json", test_to_json);
  g_test_add_func ("/structure/values", test_values);
  g_test_add_func ("/structure/depth", test_depth);
  g_test_add_func ("/structure/from-json", test_from_json);
  g_test_add_func ("/structure/from-null", test_from_null);
  g_test_add_func ("/structure/references", test_references);
  g_test_add_func ("/structure/mistake-is-kept", test_mistake_is_kept);
  return g_test_run ();
}
