/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* genvid: URIs on the element: what they set, what they may not, and what an
 * application may do before and after. */

#include "json.h"
#include "request.h"
#include "settings.h"

#include "bench.h"
#include "fake-client.h"

static void
set_uri (Bench *bench, const char *uri)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (
      gst_uri_handler_set_uri (GST_URI_HANDLER (bench->element), uri, &error));
  g_assert_no_error (error);
}

/* Both forms, with what people write. */
static const char *const same[] = {
  "genvid://genpro?prompt=a%20red%20boat&model=kling&duration=8"
  "&sheet-id=101&aspect-ratio=16:9",
  "genvid://genpro/prompt=a red boat&model=kling&duration=8"
  "&sheet-id=101&aspect-ratio=16:9",
};

static void
test_accepted (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (same); i++) {
    g_autoptr (Bench) bench = bench_new_pull ();
    g_autoptr (GstStructure) options = NULL;
    g_autofree char *uri = NULL;
    g_autofree char *sheet = NULL;
    const GenvidSettings *settings;
    const GenvidRequest *request;

    set_uri (bench, same[i]);
    g_object_get (bench->element, "options", &options, NULL);
    g_assert_true (gst_structure_has_field (options, "sheet-id"));
    uri = gst_uri_handler_get_uri (GST_URI_HANDLER (bench->element));
    g_assert_true (gst_uri_is_valid (uri));
    bench_start (bench);
    settings = fake_get_order ();
    request = settings->request;
    g_assert_true (settings->from_uri);
    g_assert_cmpstr (settings->provider, ==, "genpro");
    g_assert_cmpstr (request->prompt, ==, "a red boat");
    g_assert_cmpstr (request->model, ==, "kling");
    g_assert_cmpfloat (request->duration, ==, 8);
    g_assert_cmpstr (request->aspect_ratio, ==, "16:9");
    sheet = genvid_json_scalar_text (
        json_object_get_member (request->options, "sheet-id"));
    g_assert_cmpstr (sheet, ==, "101");
  }
}

/* Options are the URI's until the application sets some of its own. */
static void
test_whose_options (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autoptr (GstStructure) options
      = gst_structure_new ("o", "extra", G_TYPE_INT, 1, NULL);

  set_uri (bench, "genvid://genpro?prompt=x&sheet-id=101");
  bench_start (bench);
  g_assert_true (fake_get_order ()->options_from_uri);
  bench_stop (bench, GST_STATE_READY);
  g_object_set (bench->element, "options", options, NULL);
  bench_start (bench);
  g_assert_true (fake_get_order ()->from_uri);
  g_assert_false (fake_get_order ()->options_from_uri);
  bench_stop (bench, GST_STATE_READY);
  set_uri (bench, "genvid://genpro?prompt=x&sheet-id=101");
  bench_start (bench);
  g_assert_true (fake_get_order ()->options_from_uri);
}

/* What get_uri says makes the same order. */
static void
test_round_trip (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autoptr (Bench) other = bench_new_pull ();
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  set_uri (bench, "genvid://aimlapi?prompt=\xf0\x9f\x8f\x96 50% %26 more"
                  "&references=id:5&seed=7&max-cost=2&reuse=only&take=2");
  first = gst_uri_handler_get_uri (GST_URI_HANDLER (bench->element));
  g_assert_true (gst_uri_is_valid (first));
  set_uri (other, first);
  second = gst_uri_handler_get_uri (GST_URI_HANDLER (other->element));
  g_assert_cmpstr (first, ==, second);
}

typedef struct {
  const char *member;
  const char *value;
} Member;

static const Member refused[] = {
  { "api-key", "k" },
  { "api-key-file", "/k" },
  { "base-url", "https://evil.example" },
  { "ca-file", "/ca" },
  { "store", "/tmp" },
  { "allow-private", "1" },
  { "adopt", "5" },
  { "if-in-doubt", "resubmit" },
  { "budget", "100" },
  { "auth-header", "X" },
  { "auth-prefix", "X" },
  { "on-stop", "cancel" },
  { "image", "/etc/passwd" },
  { "image", "file:///etc/passwd" },
  { "references", "/etc/passwd" },
  { "take", "10" },
  { "reuse", "auto" },
};

static void
test_refused (void)
{
  static const char *const forms[]
      = { "genvid://genpro?prompt=x&%s=%s", "genvid://genpro/prompt=x&%s=%s" };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (refused); i++) {
    g_autoptr (Bench) bench = bench_new_pull ();
    const Member *member = &refused[i / 2];
    g_autofree char *prompt = NULL;
    g_autofree char *uri = NULL;
    g_autoptr (GError) error = NULL;
    GString *text = g_string_new (forms[i % 2]);

    g_string_replace (text, "%s", member->member, 1);
    g_string_replace (text, "%s", member->value, 1);
    uri = g_string_free (text, FALSE);
    g_test_message ("%s", uri);
    g_assert_false (gst_uri_handler_set_uri (GST_URI_HANDLER (bench->element),
                                             uri, &error));
    g_assert_error (error, GST_URI_ERROR, GST_URI_ERROR_BAD_URI);
    g_test_message ("%s", error->message);
    g_assert_nonnull (strstr (error->message, member->member));
    g_object_get (bench->element, "prompt", &prompt, NULL);
    g_assert_cmpstr (prompt, ==, "a beach"); /* nothing changed */
  }
}

static void
test_running (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  g_autoptr (GError) error = NULL;

  bench_start (bench);
  g_assert_false (gst_uri_handler_set_uri (GST_URI_HANDLER (bench->element),
                                           same[0], &error));
  g_assert_error (error, GST_URI_ERROR, GST_URI_ERROR_BAD_STATE);
}

/* The application's word comes last, but a URI's cap only tightens. */
static void
test_overrides (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  const GenvidSettings *settings;

  set_uri (bench, "genvid://genpro?prompt=x&max-cost=1&reuse=only&style=y");
  g_object_set (bench->element, "prompt", "z", "provider", "cn8", "max-cost",
                5.0, NULL);
  bench_start (bench);
  settings = fake_get_order ();
  g_assert_cmpstr (settings->request->prompt, ==, "z");
  g_assert_cmpstr (settings->request->style, ==, "y");
  g_assert_cmpstr (settings->provider, ==, "cn8");
  g_assert_cmpfloat (settings->max_cost, ==, 5);
  g_assert_cmpfloat (settings->uri_max_cost, ==, 1);
  g_assert_cmpint (settings->reuse, ==, GENVID_REUSE_ONLY);
  bench_stop (bench, GST_STATE_READY);

  gst_util_set_object_arg (G_OBJECT (bench->element), "reuse", "auto");
  bench_start (bench);
  g_assert_cmpint (fake_get_order ()->reuse, ==, GENVID_REUSE_AUTO);
  g_assert_true (fake_get_order ()->from_uri);
}

/* A URI replaces the request of the one before, and nothing else. */
static void
test_replaces (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  const GenvidSettings *settings;

  g_object_set (bench->element, "api-key", "k-1", "budget", 3.0, "style", "s",
                NULL);
  set_uri (bench, "genvid://genpro?prompt=x&model=m&sheet-id=1&reuse=only");
  set_uri (bench, "genvid:///prompt=y");
  bench_start (bench);
  settings = fake_get_order ();
  g_assert_cmpstr (settings->request->prompt, ==, "y");
  g_assert_null (settings->request->model);
  g_assert_null (settings->request->style);
  g_assert_null (settings->request->options);
  g_assert_null (settings->provider);
  g_assert_cmpint (settings->reuse, ==, GENVID_REUSE_AUTO);
  g_assert_cmpstr (settings->api_key, ==, "k-1");
  g_assert_cmpfloat (settings->budget, ==, 3);
}

/* A host that is left out leaves the application's choice. */
static void
test_keeps_provider (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();

  g_object_set (bench->element, "provider", "cn8", NULL);
  set_uri (bench, "genvid:///prompt=y");
  bench_start (bench);
  g_assert_cmpstr (fake_get_order ()->provider, ==, "cn8");
}

static void
check_query (Bench *bench, gboolean answered)
{
  g_autoptr (GstQuery) query = gst_query_new_uri ();
  g_autofree char *uri = NULL;

  g_assert_cmpint (gst_pad_query (bench->pad, query), ==, answered);
  gst_query_parse_uri (query, &uri);
  g_assert_cmpint (uri != NULL, ==, answered);
}

/* Valid, or none: a secret or a local file is never in one. */
static void
test_get (void)
{
  g_autoptr (Bench) bench = bench_new_pull ();
  GstURIHandler *handler = GST_URI_HANDLER (bench->element);
  g_autofree char *uri = NULL;
  g_autofree char *local = NULL;
  g_autofree char *empty = NULL;

  g_object_set (bench->element, "api-key", "s3cr3t", "base-url",
                "https://private.example", "prompt", "\"a\" <b>?#%\n", NULL);
  uri = gst_uri_handler_get_uri (handler);
  g_assert_true (gst_uri_is_valid (uri));
  g_assert_null (strstr (uri, "s3cr3t"));
  g_assert_null (strstr (uri, "private"));
  check_query (bench, TRUE);

  g_object_set (bench->element, "image", "/home/me/face.png", NULL);
  local = gst_uri_handler_get_uri (handler);
  g_assert_null (local);
  check_query (bench, FALSE);

  g_object_set (bench->element, "image", NULL, "prompt", NULL, NULL);
  empty = gst_uri_handler_get_uri (handler);
  g_assert_null (empty);
}

static void
test_handler (void)
{
  g_autoptr (GError) error = NULL;
  GstElement *element = gst_element_make_from_uri (
      GST_URI_SRC, "genvid://genpro?prompt=x", NULL, &error);

  g_assert_no_error (error);
  gst_object_ref_sink (element);
  g_assert_cmpstr (G_OBJECT_TYPE_NAME (element), ==, "GstGenvidSrc");
  gst_object_unref (element);
  element = gst_element_make_from_uri (
      GST_URI_SRC, "genvid://genpro?prompt=x&api-key=k", NULL, &error);
  g_assert_null (element);
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  bench_init (&argc, &argv);
  g_test_add_func ("/uri/accepted", test_accepted);
  g_test_add_func ("/uri/whose-options", test_whose_options);
  g_test_add_func ("/uri/round-trip", test_round_trip);
  g_test_add_func ("/uri/refused", test_refused);
  g_test_add_func ("/uri/running", test_running);
  g_test_add_func ("/uri/overrides", test_overrides);
  g_test_add_func ("/uri/replaces", test_replaces);
  g_test_add_func ("/uri/keeps-provider", test_keeps_provider);
  g_test_add_func ("/uri/get", test_get);
  g_test_add_func ("/uri/handler", test_handler);
  return g_test_run ();
}
