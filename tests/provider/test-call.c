/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which call is chosen, what is refused in which sentence, what is canonical
 * and what it costs. */
#include "call-fixture.h"

#include "call-build.h"
#include "call.h"
#include "exchange.h"
#include "json.h"
#include "provider.h"
#include "request.h"

#include <json-glib/json-glib.h>

#include <string.h>

static void
check_name (const char *provider, const char *members, const char *name,
            const char *model)
{
  g_autoptr (GenvidCall) call = fixture_call (provider, members);

  g_assert_cmpstr (genvid_call_get_name (call), ==, name);
  g_assert_cmpstr (genvid_call_get_model (call), ==, model);
}

static void
test_choice (void)
{
  check_name ("genpro", FIXTURE_PLACE "prompt=p", "video_from_text", NULL);
  check_name ("genpro", FIXTURE_PLACE "prompt_var=p&model=veo_3",
              "video_from_text", "veo_3");
  check_name ("genpro", FIXTURE_PLACE "image=id:a", "video_from_image", NULL);
  check_name ("genpro", FIXTURE_PLACE "image_var=a", "video_from_image", NULL);
  check_name ("genpro", FIXTURE_PLACE "image_var=a&image_tail_var=b",
              "video_from_image", NULL);
  check_name ("genpro", FIXTURE_PLACE "prompt=p&references=id:1",
              "video_from_ingredients", NULL);
  check_name ("genpro", FIXTURE_PLACE "prompt=p&content_resource_vars=a",
              "video_from_ingredients", NULL);
  check_name ("aimlapi", "prompt=p", "pixverse-v5",
              "pixverse/v5/text-to-video");
  check_name ("aimlapi", "prompt=p&model=x", "any-model", "x");
  check_name ("cn8", "prompt=p", "media-video-from-text", "veo (Audio)");
  check_name ("cn8", "prompt=p&model=veo fast (Audio)", "media-video-from-text",
              "veo fast (Audio)");
}

static void
test_missing (void)
{
  const char *no_prompt = "needs a prompt; set prompt to what the clip should "
                          "show";
  g_autofree char *genpro
      = g_strconcat ("gen.pro's video_from_text ", no_prompt, NULL);
  g_autofree char *cn8 = g_strconcat ("CN8 Gateway ", no_prompt, NULL);

  fixture_refused ("genpro", FIXTURE_PLACE, genpro);
  fixture_refused ("cn8", "prompt=", cn8);
  fixture_refused ("genpro", "prompt=p&cell-id=1&agent-id=1",
                   "gen.pro's video_from_text needs the option sheet-id or "
                   "the variable GEN_SHEET_ID: the sheet that the generation "
                   "belongs to");
  fixture_refused (
      "genpro", FIXTURE_PLACE "image_tail_var=b",
      "gen.pro: end-image needs image: the clip goes from one to the other");
}

static void
test_both (void)
{
  const char *message = "gen.pro: image starts the clip from a picture, "
                        "references builds it from ingredients; these are two "
                        "different calls, so set only one of them";

  fixture_refused (
      "genpro", FIXTURE_PLACE "prompt=p&image=id:1&references=id:2", message);
  fixture_refused ("genpro",
                   FIXTURE_PLACE "prompt=p&image_var=a&"
                                 "content_resource_vars=b",
                   message);
  fixture_refused ("genpro",
                   FIXTURE_PLACE "prompt=p&end-image=id:1&references=id:2",
                   "gen.pro: end-image belongs to a clip that starts from a "
                   "picture, references builds it from ingredients; these are "
                   "two different calls, so set only one of them");
}

/* A word that a service does not have is never dropped in silence. */
static void
test_words_it_has_not (void)
{
  fixture_refused (
      "genpro", FIXTURE_PLACE "prompt=p&resolution=720p",
      "gen.pro does not support resolution; leave resolution unset");
  fixture_refused ("genpro", FIXTURE_PLACE "prompt=p&seed=1",
                   "gen.pro does not support seed; leave seed unset");
  fixture_refused ("genpro", FIXTURE_PLACE "prompt=p&style=anime",
                   "gen.pro does not support style; leave style unset");
  fixture_refused (
      "genpro", FIXTURE_PLACE "prompt=p&references=id:1&negative-prompt=n",
      "gen.pro's video_from_ingredients does not support negative-prompt "
      "(only video_from_image or video_from_text); leave "
      "negative-prompt unset");
  fixture_refused ("cn8", "prompt=p&negative-prompt=n",
                   "CN8 Gateway does not support negative-prompt; leave "
                   "negative-prompt unset");
  fixture_refused ("cn8", "prompt=p&seed=5",
                   "CN8 Gateway does not support seed; leave seed unset");
  fixture_refused ("cn8", "prompt=p&style=x",
                   "CN8 Gateway does not support style; leave style unset");
  fixture_refused ("cn8", "prompt=p&image=id:5",
                   "CN8 Gateway does not support image; leave image unset");
  fixture_refused (
      "aimlapi", "prompt=p&variables.a=b",
      "AI/ML API does not support variables; leave variables unset");
}

static void
test_values (void)
{
  fixture_refused ("cn8", "prompt=p&duration=5",
                   "CN8 Gateway supports duration 4 or 8, not 5");
  fixture_refused ("cn8", "prompt=p&resolution=720p",
                   "CN8 Gateway supports resolution 512p or 1080p, not 720p");
  fixture_refused ("cn8", "prompt=p&aspect-ratio=1:1",
                   "CN8 Gateway supports aspect-ratio 16:9 or 9:16, not 1:1");
  fixture_refused ("aimlapi", "prompt=p&duration=7",
                   "AI/ML API's pixverse-v5 supports duration 5 or 8, not 7");
  fixture_refused (
      "aimlapi", "prompt=p&style=noir",
      "AI/ML API's pixverse-v5 supports style anime, 3d_animation, "
      "clay, comic or cyberpunk, not noir");
  fixture_refused ("aimlapi", "prompt=p&duration=8&resolution=1080P",
                   "AI/ML API: 1080p is not available for 8 seconds; set "
                   "duration=5 or a lower resolution");
  /* Models that would make a clip without them, which is charged as well. */
  fixture_refused (
      "aimlapi",
      "prompt=p&model=runway/gen4_aleph&"
      "video=https://h.example/a.mp4&"
      "references=https://h.example/a.png",
      "AI/ML API: this model takes no references; leave references "
      "unset");
  fixture_refused ("aimlapi",
                   "prompt=p&model=an/unknown-one&"
                   "image=https://h.example/a.png&"
                   "end-image=https://h.example/b.png",
                   "AI/ML API: this model has no end-image; "
                   "leave end-image unset");
  fixture_refused (
      "genpro", FIXTURE_PLACE "prompt=p&aspect-ratio=4:3",
      "gen.pro's video_from_text supports aspect-ratio 16:9, 9:16 or "
      "1:1, not 4:3");
  fixture_refused ("genpro", FIXTURE_PLACE "prompt=p&references=id:image_res_1",
                   "references: an id of gen.pro must be a whole number, not "
                   "\"image_res_1\"");
}

static void
test_warnings (void)
{
  fixture_warned ("genpro", FIXTURE_PLACE "prompt=p&model=veo_3&duration=7",
                  NULL);
  fixture_warned ("genpro",
                  FIXTURE_PLACE "prompt=p&references=id:1&model=veo_3",
                  "model \"veo_3\" is sent as it is; the description of "
                  "gen.pro's video_from_ingredients knows pika, kling_1_6, "
                  "seedance_lite, veo_3_1 or veo_3_1_fast");
  fixture_warned ("cn8", "prompt=p&model=veo 9",
                  "model \"veo 9\" is sent as it is; the description of "
                  "CN8 Gateway knows veo (Audio) or veo fast (Audio)");
  fixture_warned ("cn8", "prompt=p&camera=left",
                  "option camera is not in the description of CN8 Gateway; it "
                  "is sent as it is");
}

/* Options. */

static void
test_option_types (void)
{
  fixture_refused (
      "genpro", "prompt=p&sheet-id=1.5",
      "option sheet-id must be a whole number of at least 1, not 1.5");
  fixture_refused ("genpro", "prompt=p&sheet-id=\"1/2\"",
                   "option sheet-id must be a whole number of at least 1, not "
                   "\"1/2\"");
  fixture_refused (
      "genpro", "prompt=p&sheet-id=0",
      "option sheet-id must be a whole number of at least 1, not 0");
  fixture_refused ("genpro", "prompt=p&sheet-id=-1294967296",
                   "option sheet-id must be a whole number of at least 1, not "
                   "-1294967296");
  fixture_refused (
      "genpro", "prompt=p&sheet-id=true",
      "option sheet-id must be a whole number of at least 1, not true");
  fixture_refused ("genpro", "prompt=p&sheet-id=99999999999999999999",
                   "option sheet-id must be a whole number of at least 1, not "
                   "\"99999999999999999999\"");
  fixture_refused ("genpro", FIXTURE_PLACE "image_var={\"a\":1}",
                   "option image_var must be a string, not {\"a\":1}");
  fixture_refused ("genpro",
                   FIXTURE_PLACE "prompt=p&content_resource_vars=a,,b",
                   "option content_resource_vars must be a list of strings, or "
                   "one string with commas, not \"a,,b\"");
}

static void
check_url (const char *members, const char *url)
{
  g_autoptr (GenvidCall) call = fixture_call ("genpro", members);
  g_autoptr (GenvidExchange) exchange = genvid_call_build_submit (call, NULL);

  g_assert_cmpstr (exchange->url, ==, url);
}

static void
test_option_spellings (void)
{
  const char *url = "https://api.gen.pro/v1/autocontentengine/3000000000/"
                    "cells/8/generate?agent_id=9007199254740993";

  check_url ("prompt=p&sheet-id=3000000000&cell-id=8&"
             "agent-id=9007199254740993",
             url);
  check_url ("prompt=p&sheet_id=\"3000000000\"&cell_id=8.0&"
             "agent_id=\"9007199254740993\"",
             url);
}

static void
test_option_places (void)
{
  fixture_refused ("genpro",
                   FIXTURE_PLACE "prompt=p&references=id:1&"
                                 "negative_prompt_var=x",
                   "gen.pro's video_from_ingredients does not use the option "
                   "negative_prompt_var");
  fixture_refused ("genpro",
                   FIXTURE_PLACE "prompt=p&image_tail_var=x&"
                                 "references=id:1",
                   "gen.pro: end-image belongs to a clip that starts from a "
                   "picture, references builds it from ingredients; these are "
                   "two different calls, so set only one of them");
  fixture_refused ("cn8", "prompt=p&options.aspect_ratio=16:9",
                   "option aspect_ratio: CN8 Gateway has it as the property "
                   "aspect-ratio; set that instead");
  fixture_refused ("cn8", "options.prompt=p&prompt=q",
                   "option prompt: CN8 Gateway has it as the property prompt; "
                   "set that instead");
}

static GenvidCall *
call_with (JsonObject *environment, const char *members, GError **error)
{
  g_autoptr (GenvidProvider) provider = fixture_provider ("genpro");
  g_autoptr (GenvidRequest) request = fixture_request (members);

  return genvid_call_new (provider, request, environment, NULL, error);
}

static void
test_environment (void)
{
  g_autoptr (JsonObject) environment = json_object_new ();
  g_autoptr (GenvidCall) call = NULL;
  g_autoptr (GenvidCall) none = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *parameters;

  genvid_json_set (environment, "sheet-id", "101");
  genvid_json_set (environment, "cell-id", "00123");
  genvid_json_set (environment, "agent-id", "7");
  call = call_with (environment, "prompt=p&agent-id=42", NULL);
  parameters
      = genvid_json_object (genvid_call_get_canonical (call), "parameters");
  g_assert_cmpint (genvid_json_int (parameters, "sheet-id", 0), ==, 101);
  g_assert_cmpint (genvid_json_int (parameters, "cell-id", 0), ==, 123);
  g_assert_cmpint (genvid_json_int (parameters, "agent-id", 0), ==, 42);
  genvid_json_set (environment, "agent-id", "x");
  none = call_with (environment, "prompt=p", &error);
  g_assert_null (none);
  g_assert_cmpstr (
      error->message, ==,
      "GEN_AGENT_ID: agent-id must be a whole number of at least 1, "
      "not \"x\"");
}

/* Canonical. */

static void
check_canonical (const char *provider, const char *members,
                 const char *expected)
{
  g_autoptr (GenvidCall) call = fixture_call (provider, members);
  g_autoptr (JsonNode) wanted = fixture_parse (expected);
  g_autoptr (JsonNode) node = json_node_init_object (
      json_node_alloc (), genvid_call_get_canonical (call));
  g_autofree char *text = genvid_json_to_text (node);

  if (!json_node_equal (node, wanted))
    g_error ("canonical is %s", text);
}

static void
test_canonical (void)
{
  check_canonical ("genpro",
                   FIXTURE_PLACE "prompt=p&duration=5&image=id:a&"
                                 "variables.x=1&camera=left",
                   "{\"prompt\":\"p\",\"duration\":5,\"image\":{\"id\":\"a\"},"
                   "\"variables\":{\"x\":1},\"parameters\":{\"sheet-id\":101,"
                   "\"cell-id\":3100,\"agent-id\":42},"
                   "\"options\":{\"camera\":\"left\"}}");
  check_canonical ("genpro",
                   FIXTURE_PLACE "prompt=p&"
                                 "references=id:1,https://x.example/y",
                   "{\"prompt\":\"p\",\"references\":[{\"id\":\"1\"},"
                   "{\"link\":\"https://x.example/y\"}],\"parameters\":{"
                   "\"sheet-id\":101,\"cell-id\":3100,\"agent-id\":42}}");
  /* A default that is sent is what is billed; one that is not may change at
   * the service. Where a key goes is no part of the request. */
  check_canonical ("aimlapi", "prompt=p&resolution=720P",
                   "{\"prompt\":\"p\",\"model\":\"pixverse/v5/text-to-video\","
                   "\"resolution\":\"720p\"}");
  check_canonical ("cn8", "prompt=p", "{\"prompt\":\"p\"}");
}

static void
test_canonical_file (void)
{
  g_autoptr (GenvidRequest) request
      = fixture_request (FIXTURE_PLACE "prompt=p");
  g_autoptr (GenvidProvider) provider = fixture_provider ("genpro");
  g_autoptr (GenvidCall) call = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *image;

  request->image = genvid_input_parse ("pictures/a.png", NULL);
  g_assert_null (genvid_call_new (provider, request, NULL, NULL, &error));
  g_assert_cmpstr (error->message, ==,
                   "image: pictures/a.png has not been read");
  request->image->sha256 = g_strdup ("00ff");
  call = fixture_call_request ("genpro", request);
  image = genvid_json_object (genvid_call_get_canonical (call), "image");
  g_assert_cmpuint (json_object_get_size (image), ==, 1);
  g_assert_cmpstr (genvid_json_string (image, "sha256", NULL), ==, "00ff");
}

static void
test_canonical_settings (void)
{
  g_autoptr (GenvidRequest) request = fixture_request ("prompt=p");
  g_autoptr (GenvidCall) call = NULL;

  request->options = json_object_new ();
  genvid_json_set (request->options, "auth-header", "X-Key");
  call = fixture_call_request ("cn8", request);
  g_assert_cmpuint (json_object_get_size (genvid_call_get_canonical (call)), ==,
                    1);
}

/* Price. */

static void
check_price (const char *provider, const char *members, double expected)
{
  g_autoptr (GenvidCall) call = fixture_call (provider, members);
  const char *currency = NULL;
  double amount = -1;
  gboolean known = genvid_call_get_price (call, &amount, &currency);

  g_assert_cmpint (known, ==, expected >= 0);
  g_assert_cmpfloat (amount, ==, expected);
  g_assert_cmpstr (currency, ==, known ? "USD" : NULL);
}

static void
test_price (void)
{
  check_price ("cn8", "prompt=p", 6);
  check_price ("cn8", "prompt=p&duration=4", 6);
  check_price ("cn8", "prompt=p&duration=8&model=veo fast (Audio)", 12);
  /* No row knows another model. */
  check_price ("genpro", FIXTURE_PLACE "prompt=p&duration=5&model=x", -1);
  check_price ("aimlapi", "prompt=p&model=x", -1);
}

static void
check_explained (const char *provider, const char *members, const char *start)
{
  g_autoptr (GenvidCall) call = fixture_call (provider, members);
  const char *text = genvid_call_get_price_advice (call);

  g_assert_true (g_str_has_prefix (text, start));
}

/* Which property gives it a price, and where the service tells its own. */
static void
test_explained_price (void)
{
  g_autoptr (GenvidCall) call = fixture_call ("aimlapi", "prompt=p");
  const char *source = genvid_call_get_price_source (call);

  g_assert_true (g_str_has_prefix (source, "2026-08-21, https://aimlapi.com/"));
  check_explained ("aimlapi", "prompt=p&model=x",
                   "A price is known for model pixverse/v5/text-to-video. "
                   "AI/ML API lists the price of a model at https://");
  check_explained ("genpro", FIXTURE_PLACE "prompt=p&model=x",
                   "A price is known for model veo_3, veo_3_1, veo_3_fast, "
                   "veo_3_1_fast or seedance_pro. gen.pro lists ");
}

static void
check_time (const char *provider, const char *members, double expected)
{
  g_autoptr (GenvidCall) call = fixture_call (provider, members);
  double seconds = -1, spread = -1;

  g_assert_cmpint (genvid_call_get_typical_time (call, &seconds, &spread), ==,
                   expected > 0);
  g_assert_cmpfloat (seconds, ==, expected);
  g_assert_cmpfloat (spread, ==, 0);
}

static void
test_time (void)
{
  check_time ("cn8", "prompt=p", 120);
  check_time ("cn8", "prompt=p&model=VEO FAST (Audio)", 60);
  check_time ("genpro", FIXTURE_PLACE "prompt=p&model=kling_2_1", 330);
  check_time ("genpro", FIXTURE_PLACE "prompt=p&model=kling_2_1&duration=10",
              750);
  check_time ("genpro", FIXTURE_PLACE "prompt=p", 0);
  check_time ("aimlapi", "prompt=p&resolution=1080p", 75);
  check_time ("aimlapi", "prompt=p&model=x", 0);
}

/* A call's own rows count instead of the root's; FALSE: the root's. */
static void
check_toy_time (gboolean own, const char *members, double expected,
                double expected_spread)
{
  const char *const rows
      = "{\"dated\":\"2026-08\",\"rows\":[{\"when\":{\"duration\":8},"
        "\"seconds\":90,\"spread\":1.5,\"source\":\"a run\"},"
        "{\"seconds\":%s,\"source\":\"a run\"}]}";
  g_autoptr (JsonObject) root = fixture_toy ();
  JsonArray *calls = json_object_get_array_member (root, "calls");
  g_autofree char *of_root = g_strdup_printf (rows, "40");
  g_autofree char *of_call = g_strdup_printf (rows, "2.5");
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), root);
  g_autoptr (GenvidRequest) request = fixture_request (members);
  g_autofree char *text = NULL;
  g_autoptr (GenvidProvider) provider = NULL;
  g_autoptr (GenvidCall) call = NULL;
  GError *error = NULL;
  double seconds, spread;

  json_object_set_member (root, "times", fixture_parse (of_root));
  if (own)
    json_object_set_member (json_array_get_object_element (calls, 0), "times",
                            fixture_parse (of_call));
  text = genvid_json_to_text (node);
  provider = genvid_provider_new ("toy.json", text, -1, &error);
  g_assert_no_error (error);
  call = genvid_call_new (provider, request, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (genvid_call_get_typical_time (call, &seconds, &spread));
  g_assert_cmpfloat (seconds, ==, expected);
  g_assert_cmpfloat (spread, ==, expected_spread);
}

static void
test_time_of_call (void)
{
  check_toy_time (FALSE, "prompt=p&room=1&duration=8", 90, 1.5);
  check_toy_time (FALSE, "prompt=p&room=1", 40, 0);
  check_toy_time (TRUE, "prompt=p&room=1&duration=4", 2.5, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/call/choice", test_choice);
  g_test_add_func ("/call/missing", test_missing);
  g_test_add_func ("/call/both", test_both);
  g_test_add_func ("/call/words-it-has-not", test_words_it_has_not);
  g_test_add_func ("/call/values", test_values);
  g_test_add_func ("/call/warnings", test_warnings);
  g_test_add_func ("/call/option-types", test_option_types);
  g_test_add_func ("/call/option-spellings", test_option_spellings);
  g_test_add_func ("/call/option-places", test_option_places);
  g_test_add_func ("/call/environment", test_environment);
  g_test_add_func ("/call/canonical", test_canonical);
  g_test_add_func ("/call/canonical-file", test_canonical_file);
  g_test_add_func ("/call/canonical-settings", test_canonical_settings);
  g_test_add_func ("/call/price", test_price);
  g_test_add_func ("/call/explained-price", test_explained_price);
  g_test_add_func ("/call/time", test_time);
  g_test_add_func ("/call/time-of-call", test_time_of_call);
  return g_test_run ();
}
