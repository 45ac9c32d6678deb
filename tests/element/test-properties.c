/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The public face, name by name: types, defaults, flags, and what becomes of
 * a value. */

#include <glib/gstdio.h>

#include "json.h"
#include "request.h"
#include "settings.h"

#include <gio/gio.h>

#include "bench.h"
#include "fake-client.h"
#include "gstgenvidenums.h"

#define GIB (G_GUINT64_CONSTANT (1024) * 1024 * 1024)

typedef enum { INPUT, SECRET, REPORT } Kind;

typedef struct {
  const char *name;
  const char *type;
  const char *value; /* the default, as gst_value_serialize writes it */
  Kind kind;
} Face;

static const Face faces[] = {
  { "provider", "gchararray", NULL, INPUT },
  { "api-key", "gchararray", NULL, SECRET },
  { "api-key-file", "gchararray", NULL, INPUT },
  { "base-url", "gchararray", NULL, INPUT },
  { "ca-file", "gchararray", NULL, INPUT },
  { "prompt", "gchararray", NULL, INPUT },
  { "negative-prompt", "gchararray", NULL, INPUT },
  { "model", "gchararray", NULL, INPUT },
  { "style", "gchararray", NULL, INPUT },
  { "aspect-ratio", "gchararray", NULL, INPUT },
  { "resolution", "gchararray", NULL, INPUT },
  { "duration", "guint", "0", INPUT },
  { "exact-duration", "gdouble", "0", INPUT },
  { "audio", "GstGenvidAudio", "auto", INPUT },
  { "fps", "guint", "0", INPUT },
  { "seed", "gint64", "-1", INPUT },
  { "image", "gchararray", NULL, INPUT },
  { "end-image", "gchararray", NULL, INPUT },
  { "video", "gchararray", NULL, INPUT },
  { "audio-input", "gchararray", NULL, INPUT },
  { "references", "GstValueArray", NULL, INPUT },
  { "variables", "GstStructure", NULL, INPUT },
  { "options", "GstStructure", NULL, INPUT },
  { "take", "guint", "1", INPUT },
  { "adopt", "gchararray", NULL, INPUT },
  { "save-to", "gchararray", NULL, INPUT },
  { "store", "gchararray", NULL, INPUT },
  { "reuse", "GstGenvidReuse", "auto", INPUT },
  { "on-stop", "GstGenvidOnStop", "keep", INPUT },
  { "if-in-doubt", "GstGenvidIfInDoubt", "fail", INPUT },
  { "max-cost", "gdouble", "-1", INPUT },
  { "budget", "gdouble", "-1", INPUT },
  { "max-size", "guint64", "2147483648", INPUT },
  { "timeout", "guint", "0", INPUT },
  { "poll-interval", "guint", "0", INPUT },
  { "allow-private", "gboolean", "false", INPUT },
  { "generation-state", "GstGenvidState", "idle", REPORT },
  { "generation-id", "gchararray", NULL, REPORT },
  { "progress", "gint", "-1", REPORT },
  { "cost", "gdouble", "-1", REPORT },
  { "cost-currency", "gchararray", NULL, REPORT },
  { "location", "gchararray", NULL, REPORT },
  { "stats", "GstStructure", NULL, REPORT },
};

static void
check_default (GObject *object, GParamSpec *pspec, const Face *face)
{
  g_auto (GValue) value = G_VALUE_INIT;
  g_autofree char *text = NULL;

  g_value_init (&value, pspec->value_type);
  g_object_get_property (object, pspec->name, &value);
  if (face->value == NULL) {
    if (G_VALUE_HOLDS_STRING (&value))
      g_assert_null (g_value_get_string (&value));
    else if (GST_VALUE_HOLDS_ARRAY (&value))
      g_assert_cmpuint (gst_value_array_get_size (&value), ==, 0);
    else
      g_assert_null (g_value_get_boxed (&value));
    return;
  }
  text = gst_value_serialize (&value);
  g_assert_cmpstr (text, ==, face->value);
  g_assert_true (g_param_value_defaults (pspec, &value));
}

static void
test_table (void)
{
  static const guint flags[] = {
    [INPUT] = G_PARAM_READWRITE | GST_PARAM_MUTABLE_READY,
    [SECRET] = G_PARAM_WRITABLE | GST_PARAM_MUTABLE_READY,
    [REPORT] = G_PARAM_READABLE,
  };
  const guint mask = G_PARAM_READWRITE | GST_PARAM_MUTABLE_READY
                     | GST_PARAM_MUTABLE_PAUSED | GST_PARAM_MUTABLE_PLAYING
                     | GST_PARAM_CONTROLLABLE;
  g_autoptr (Bench) bench = bench_new_pull ();
  GObjectClass *klass = G_OBJECT_GET_CLASS (bench->element);

  g_object_set (bench->element, "prompt", NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (faces); i++) {
    GParamSpec *pspec = g_object_class_find_property (klass, faces[i].name);
    const char *blurb;

    g_test_message ("%s", faces[i].name);
    g_assert_nonnull (pspec);
    g_assert_cmpstr (g_type_name (pspec->value_type), ==, faces[i].type);
    g_assert_cmpuint (pspec->flags & mask, ==, flags[faces[i].kind]);
    blurb = g_param_spec_get_blurb (pspec);
    g_assert_true (g_ascii_isupper (blurb[0]));
    g_assert_true (g_str_has_suffix (blurb, "."));
    if (faces[i].kind != SECRET)
      check_default (G_OBJECT (bench->element), pspec, &faces[i]);
  }
}

/* The table is all there is. */
static void
test_no_others (void)
{
  g_autoptr (GstElementFactory) factory
      = gst_element_factory_find ("genvidsrc");
  GType type = gst_element_factory_get_element_type (factory);
  g_autofree GParamSpec **pspecs = NULL;
  guint n, ours = 0;
  GObjectClass *klass = g_type_class_ref (type);

  pspecs = g_object_class_list_properties (klass, &n);
  for (guint i = 0; i < n; i++)
    ours += pspecs[i]->owner_type == type;
  g_assert_cmpuint (ours, ==, G_N_ELEMENTS (faces));
  g_type_class_unref (klass);
}

static void
test_class (void)
{
  g_autoptr (GstElementFactory) factory
      = gst_element_factory_find ("genvidsrc");
  g_autoptr (Bench) bench = bench_new_pull ();
  guint blocksize;

  g_assert_cmpstr (
      gst_element_factory_get_metadata (factory, GST_ELEMENT_METADATA_KLASS),
      ==, "Source/Network");
  g_assert_cmpuint (gst_plugin_feature_get_rank (GST_PLUGIN_FEATURE (factory)),
                    ==, GST_RANK_NONE);
  g_object_get (bench->element, "blocksize", &blocksize, NULL);
  g_assert_cmpuint (blocksize, ==, 256 * 1024);
}

/* Each value reaches the order that the layer below gets. */
static void
test_order (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  const GenvidSettings *settings;

  g_object_set (bench->element, "provider", "genpro", "api-key", "k-1",
                "api-key-file", "/k", "base-url", "https://x", "ca-file", "/ca",
                "adopt", "9", "store", "/s", "max-cost", 2.5, "budget", 10.0,
                "max-size", G_GUINT64_CONSTANT (77), "timeout", 300,
                "poll-interval", 4, "allow-private", TRUE, NULL);
  gst_util_set_object_arg (G_OBJECT (bench->element), "reuse", "only");
  gst_util_set_object_arg (G_OBJECT (bench->element), "on-stop", "cancel");
  gst_util_set_object_arg (G_OBJECT (bench->element), "if-in-doubt",
                           "resubmit");
  bench_start (bench);
  settings = fake_get_order ();
  g_assert_cmpstr (settings->provider, ==, "genpro");
  g_assert_cmpstr (settings->api_key, ==, "k-1");
  g_assert_cmpstr (settings->api_key_file, ==, "/k");
  g_assert_cmpstr (settings->base_url, ==, "https://x");
  g_assert_cmpstr (settings->ca_file, ==, "/ca");
  g_assert_cmpstr (settings->adopt, ==, "9");
  g_assert_cmpstr (settings->store, ==, "/s");
  g_assert_cmpfloat (settings->max_cost, ==, 2.5);
  g_assert_cmpfloat (settings->budget, ==, 10);
  g_assert_cmpuint (settings->max_size, ==, 77);
  g_assert_cmpuint (settings->timeout, ==, 300);
  g_assert_cmpuint (settings->poll_interval, ==, 4);
  g_assert_true (settings->allow_private);
  g_assert_cmpint (settings->reuse, ==, GENVID_REUSE_ONLY);
  g_assert_cmpint (settings->on_stop, ==, GENVID_ON_STOP_CANCEL);
  g_assert_cmpint (settings->if_in_doubt, ==, GENVID_IF_IN_DOUBT_RESUBMIT);
  g_assert_false (settings->from_uri);
}

static void
test_request (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  const GenvidRequest *request;

  g_object_set (bench->element, "negative-prompt", "rain", "model", "m",
                "style", "anime", "aspect-ratio", "16:9", "resolution", "720p",
                "duration", 8, "seed", G_GINT64_CONSTANT (1) << 40, "image",
                "id:5", "end-image", "https://x/y.png", "take", 3, "audio",
                GENVID_AUDIO_OFF, "fps", 24, "video", "https://x/y.mp4",
                "audio-input", "id:6", NULL);
  gst_util_set_object_arg (G_OBJECT (bench->element), "variables",
                           "v,place=beach,n=(int)3");
  gst_util_set_object_arg (G_OBJECT (bench->element), "options",
                           "genpro,sheet-id=(string)101");
  bench_start (bench);
  request = fake_get_order ()->request;
  g_assert_cmpstr (request->prompt, ==, "a beach");
  g_assert_cmpstr (request->negative_prompt, ==, "rain");
  g_assert_cmpstr (request->model, ==, "m");
  g_assert_cmpstr (request->style, ==, "anime");
  g_assert_cmpstr (request->aspect_ratio, ==, "16:9");
  g_assert_cmpstr (request->resolution, ==, "720p");
  g_assert_cmpfloat (request->duration, ==, 8);
  g_assert_cmpint (request->seed, ==, G_GINT64_CONSTANT (1) << 40);
  g_assert_cmpint (request->image->kind, ==, GENVID_INPUT_ID);
  g_assert_cmpint (request->end_image->kind, ==, GENVID_INPUT_LINK);
  g_assert_cmpuint (request->take, ==, 3);
  g_assert_cmpint (request->audio, ==, GENVID_AUDIO_OFF);
  g_assert_cmpuint (request->fps, ==, 24);
  g_assert_cmpint (request->video->kind, ==, GENVID_INPUT_LINK);
  g_assert_cmpint (request->audio_input->kind, ==, GENVID_INPUT_ID);
  g_assert_cmpstr (genvid_json_string (request->variables, "place", NULL), ==,
                   "beach");
  g_assert_cmpint (genvid_json_int (request->variables, "n", 0), ==, 3);
  g_assert_cmpstr (genvid_json_string (request->options, "sheet-id", NULL), ==,
                   "101");
}

static void
check_uri (GstElement *element, const char *uri)
{
  g_autofree char *text = gst_uri_handler_get_uri (GST_URI_HANDLER (element));

  g_assert_cmpstr (text, ==, uri);
}

/* A fraction counts before whole seconds, in whichever order they are set, as
 * a preset sets them. */
static void
test_exact_duration (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  GstElement *element = bench->element;
  double exact = -2;
  guint whole = 9;

  g_object_set (element, "provider", "x", "exact-duration", 4.5, "duration", 8,
                NULL);
  check_uri (element, "genvid://x?prompt=a%20beach&duration=4.5");
  g_object_set (element, "exact-duration", -1.0, NULL);
  check_uri (element, "genvid://x?prompt=a%20beach&duration=auto");
  g_object_set (element, "exact-duration", 0.0, NULL);
  check_uri (element, "genvid://x?prompt=a%20beach&duration=8");
  gst_util_set_object_arg (G_OBJECT (element), "audio", "off");
  check_uri (element, "genvid://x?prompt=a%20beach&duration=8&audio=off");
  g_assert_true (gst_uri_handler_set_uri (
      GST_URI_HANDLER (element), "genvid://x?prompt=p&duration=auto", NULL));
  g_object_get (element, "exact-duration", &exact, "duration", &whole, NULL);
  g_assert_cmpfloat (exact, ==, -1);
  g_assert_cmpuint (whole, ==, 0);
  check_uri (element, "genvid://x?prompt=p&duration=auto");
  /* What a start refuses is no URI, least of all one for another length. */
  g_object_set (element, "exact-duration", 0.0001, NULL);
  check_uri (element, NULL);
  g_object_set (element, "exact-duration", 0.0, "resolution", "big", NULL);
  check_uri (element, NULL);
  g_object_set (element, "resolution", "720p", "aspect-ratio", "wide", NULL);
  check_uri (element, NULL);
}

/* While it plays nothing changes, and somebody is told. */
static void
test_refused_while_playing (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autofree char *prompt = NULL;

  bench_start (bench);
  g_test_expect_message ("genvid", G_LOG_LEVEL_WARNING,
                         "*property prompt of genvidsrc while it plays*");
  g_object_set (bench->element, "prompt", "a mountain", NULL);
  g_test_assert_expected_messages ();
  g_object_get (bench->element, "prompt", &prompt, NULL);
  g_assert_cmpstr (prompt, ==, "a beach");
  bench_stop (bench, GST_STATE_READY);
  g_object_set (bench->element, "prompt", "a mountain", NULL);
  g_free (prompt);
  g_object_get (bench->element, "prompt", &prompt, NULL);
  g_assert_cmpstr (prompt, ==, "a mountain");
}

/* The file and the folders that it alone was in. */
static void
remove_upwards (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  if (g_remove (path) == 0 && !g_str_equal (path, g_get_user_data_dir ()))
    remove_upwards (folder);
}

static void
assert_structure (Bench *bench, const char *name, const GstStructure *expected)
{
  g_autoptr (GstStructure) found = NULL;

  g_object_get (bench->element, name, &found, NULL);
  g_assert_nonnull (found);
  g_assert_true (gst_structure_is_equal (found, expected));
}

/* A preset keeps what can be read; a key cannot. */
static void
test_preset (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autofree char *presets
      = g_build_filename (g_get_user_data_dir (), "gstreamer-1.0", "presets",
                          "GstGenvidSrc.prs", NULL);
  g_autofree char *text = NULL;
  g_autofree char *model = NULL;
  g_autofree char *prompt = NULL;
  g_autoptr (GstStructure) options = NULL;
  g_autoptr (GstStructure) variables = NULL;
  guint duration = 0;

  g_object_set (bench->element, "api-key", "s3cr3t-key", "model", "m-9",
                "duration", 8, "prompt", "a \"beach\";\n\\ ümit", NULL);
  gst_util_set_object_arg (G_OBJECT (bench->element), "variables",
                           "v,place=\"a beach; with\\ 3 \\\"huts\\\"\"");
  gst_util_set_object_arg (G_OBJECT (bench->element), "options",
                           "genpro,sheet-id=(string)00101,deep=[1,5]");
  g_assert_true (gst_preset_save_preset (GST_PRESET (bench->element), "p"));
  g_assert_true (g_file_get_contents (presets, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "m-9"));
  g_assert_null (strstr (text, "s3cr3t"));
  g_object_get (bench->element, "options", &options, "variables", &variables,
                NULL);
  g_object_set (bench->element, "prompt", NULL, "model", NULL, "duration", 0,
                "options", NULL, "variables", NULL, NULL);
  g_assert_true (gst_preset_load_preset (GST_PRESET (bench->element), "p"));
  g_object_get (bench->element, "model", &model, "duration", &duration, NULL);
  g_assert_cmpstr (model, ==, "m-9");
  g_assert_cmpuint (duration, ==, 8);
  g_object_get (bench->element, "prompt", &prompt, NULL);
  g_assert_cmpstr (prompt, ==, "a \"beach\";\n\\ ümit");
  assert_structure (bench, "options", options);
  assert_structure (bench, "variables", variables);
  remove_upwards (presets);
}

int
main (int argc, char **argv)
{
  bench_init (&argc, &argv);
  g_test_add_func ("/properties/table", test_table);
  g_test_add_func ("/properties/no-others", test_no_others);
  g_test_add_func ("/properties/class", test_class);
  g_test_add_func ("/properties/order", test_order);
  g_test_add_func ("/properties/request", test_request);
  g_test_add_func ("/properties/exact-duration", test_exact_duration);
  g_test_add_func ("/properties/refused-while-playing",
                   test_refused_while_playing);
  g_test_add_func ("/properties/preset", test_preset);
  return g_test_run ();
}
