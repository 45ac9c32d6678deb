/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is sent: the documented examples member for member and type for type,
 * every other field of the five documents, and where the key goes. */
#include "call-fixture.h"

#include "call-build.h"
#include "call.h"
#include "exchange.h"
#include "failure.h"
#include "json.h"
#include "provider.h"
#include "request.h"

#include <json-glib/json-glib.h>

#include <string.h>

/* The request that the document's own example makes. */
static void
check_example (const char *provider, const char *name, const char *members)
{
  g_autoptr (JsonObject) document = fixture_document (name);
  JsonNode *wanted = json_object_get_member (document, "body");
  JsonObject *data = genvid_json_object (json_node_get_object (wanted), "data");
  g_autoptr (GenvidRequest) request = fixture_request (members);
  g_autoptr (GenvidCall) call = NULL;
  g_autoptr (GenvidExchange) exchange = NULL;
  g_autofree char *body = NULL;
  g_autoptr (JsonNode) sent = NULL;

  if (!data)
    data = json_node_get_object (wanted);
  request->prompt = g_strdup (genvid_json_string (data, "prompt", NULL));
  request->negative_prompt
      = g_strdup (genvid_json_string (data, "negative_prompt", NULL));
  call = fixture_call_request (provider, request);
  exchange = genvid_call_build_submit (call, NULL);
  body = fixture_body (call);
  sent = fixture_parse (body);
  g_assert_true (json_node_equal (sent, wanted));
  g_assert_cmpstr (exchange->url, ==,
                   genvid_json_string (document, "url", NULL));
  g_assert_cmpstr (exchange->method, ==, "POST");
}

static void
test_examples (void)
{
  check_example ("genpro", "genpro-text",
                 FIXTURE_PLACE "model=veo_3&aspect-ratio=16:9&duration=10");
  check_example ("genpro", "genpro-image",
                 "sheet-id=101&cell-id=3200&agent-id=42&model=kling_2_6&"
                 "aspect-ratio=9:16&duration=5&image=id:image_res_123");
  check_example ("genpro", "genpro-ingredients",
                 "sheet-id=101&cell-id=3300&agent-id=42&model=pika&"
                 "aspect-ratio=16:9&duration=5&references=id:501,id:502");
  check_example ("aimlapi", "aimlapi", "resolution=1080p&duration=5");
  check_example ("cn8", "cn8",
                 "model=veo (Audio)&resolution=1080p&duration=4&"
                 "aspect-ratio=16:9");
}

static void
check_body (const char *provider, const char *members, const char *expected)
{
  g_autoptr (GenvidCall) call = fixture_call (provider, members);
  g_autofree char *body = fixture_body (call);

  g_assert_cmpstr (body, ==, expected);
}

static void
test_unset_is_absent (void)
{
  check_body ("genpro", FIXTURE_PLACE "prompt=p",
              "{\"generation_type\":\"video_from_text\","
              "\"data\":{\"prompt\":\"p\"}}");
  check_body ("aimlapi", "prompt=p",
              "{\"model\":\"pixverse/v5/text-to-video\",\"prompt\":\"p\"}");
  check_body ("cn8", "prompt=p", "{\"prompt\":\"p\"}");
}

static void
test_genpro_fields (void)
{
  check_body ("genpro",
              FIXTURE_PLACE "prompt=p&variables.brand=Acme&variables.n=3",
              "{\"generation_type\":\"video_from_text\",\"data\":{"
              "\"prompt\":\"p\",\"variables\":{\"brand\":\"Acme\",\"n\":3}}}");
  check_body ("genpro", FIXTURE_PLACE "prompt_var=a&negative_prompt_var=b",
              "{\"generation_type\":\"video_from_text\",\"data\":{"
              "\"prompt_var\":\"a\",\"negative_prompt_var\":\"b\"}}");
  check_body ("genpro", FIXTURE_PLACE "image_var=a&image_tail_var=b&prompt=p",
              "{\"generation_type\":\"video_from_image\",\"data\":{"
              "\"prompt\":\"p\",\"image_var\":\"a\","
              "\"image_tail_var\":\"b\"}}");
  check_body ("genpro", FIXTURE_PLACE "image=id:5&end-image=id:0007",
              "{\"generation_type\":\"video_from_image\",\"data\":{"
              "\"image_resource_id\":\"5\","
              "\"image_tail_resource_id\":\"0007\"}}");
  check_body ("genpro", FIXTURE_PLACE "content_resource_vars=a,b&prompt=p",
              "{\"generation_type\":\"video_from_ingredients\",\"data\":{"
              "\"prompt\":\"p\",\"content_resource_vars\":[\"a\",\"b\"]}}");
  check_body ("genpro",
              FIXTURE_PLACE "prompt=p&generation_type=gemini_video_generation",
              "{\"generation_type\":\"gemini_video_generation\","
              "\"data\":{\"prompt\":\"p\"}}");
}

static void
test_aimlapi_fields (void)
{
  check_body ("aimlapi",
              "prompt=p&negative-prompt=n&aspect-ratio=9:16&resolution=540P&"
              "duration=8&style=ANIME&seed=0&lip_sync_tts_content=2024&"
              "lip_sync_tts_speaker=Ava",
              "{\"model\":\"pixverse/v5/text-to-video\",\"prompt\":\"p\","
              "\"negative_prompt\":\"n\",\"aspect_ratio\":\"9:16\","
              "\"resolution\":\"540p\",\"duration\":8,\"style\":\"anime\","
              "\"seed\":0,\"lip_sync_tts_content\":\"2024\","
              "\"lip_sync_tts_speaker\":\"Ava\"}");
  /* Another model has its own lists, and the service judges them. */
  check_body ("aimlapi", "prompt=p&model=other/model&duration=7&style=noir",
              "{\"model\":\"other/model\",\"prompt\":\"p\",\"duration\":7,"
              "\"style\":\"noir\"}");
}

static void
test_cn8_fields (void)
{
  check_body ("cn8",
              "prompt=p&model=veo fast (Audio)&resolution=512P&duration=8&"
              "aspect-ratio=9:16",
              "{\"prompt\":\"p\",\"model\":\"veo fast (Audio)\","
              "\"resolution\":\"512P\",\"duration\":\"8s\","
              "\"aspect_ratio\":\"9:16\"}");
}

static void
test_extras (void)
{
  check_body ("genpro", FIXTURE_PLACE "prompt=p&camera=\"left\"&steps=30",
              "{\"generation_type\":\"video_from_text\",\"data\":{"
              "\"prompt\":\"p\",\"camera\":\"left\",\"steps\":30}}");
  check_body ("cn8", "prompt=p&options.audio=true&tags=[1,\"a\"]",
              "{\"prompt\":\"p\",\"audio\":true,\"tags\":[1,\"a\"]}");
}

/* A prompt arrives as it is, whatever it looks like. */
static void
test_hostile_prompt (void)
{
  const char *const prompts[] = {
    "\"},\"model\":\"dear",     "${key} ${idempotency} ${", "{{brand}}",
    "line\nbreak\ttab \\ \x01", "emoji 🌊🏽",           "100% %s %n"
  };

  for (guint i = 0; i < G_N_ELEMENTS (prompts); i++) {
    g_autoptr (GenvidRequest) request = genvid_request_new ();
    g_autoptr (GenvidCall) call = NULL;
    g_autofree char *body = NULL;
    g_autoptr (JsonNode) sent = NULL;

    request->prompt = g_strdup (prompts[i]);
    call = fixture_call_request ("cn8", request);
    body = fixture_body (call);
    sent = fixture_parse (body);
    g_assert_cmpuint (json_object_get_size (json_node_get_object (sent)), ==,
                      1);
    g_assert_cmpstr (
        genvid_json_string (json_node_get_object (sent), "prompt", NULL), ==,
        prompts[i]);
  }
}

/* Headers and addresses. */

static void
test_headers (void)
{
  g_autoptr (GenvidCall) genpro
      = fixture_call ("genpro", FIXTURE_PLACE "prompt=p");
  g_autoptr (GenvidCall) aimlapi = fixture_call ("aimlapi", "prompt=p");
  g_autoptr (GenvidCall) cn8 = fixture_call ("cn8", "prompt=p");
  g_autoptr (GenvidExchange) a = genvid_call_build_submit (genpro, NULL);
  g_autoptr (GenvidExchange) b = genvid_call_build_submit (aimlapi, NULL);
  g_autoptr (GenvidExchange) c = genvid_call_build_submit (cn8, NULL);
  g_autoptr (GenvidExchange) d = genvid_call_build_poll (genpro, "7", NULL);

  g_assert_cmpstr (fixture_header (a, "X-API-Key"), ==, "k-secret");
  g_assert_cmpstr (fixture_header (a, "Idempotency-Key"), ==, "idem");
  g_assert_cmpstr (fixture_header (b, "Authorization"), ==, "Bearer k-secret");
  g_assert_cmpstr (fixture_header (b, "X-Client-Request-Id"), ==, "idem");
  g_assert_cmpstr (fixture_header (c, "Authorization"), ==, "Bearer k-secret");
  g_assert_null (fixture_header (d, "Idempotency-Key"));
  for (guint i = 0; i < a->headers->len; i++) {
    const GenvidHeader *header = g_ptr_array_index (a->headers, i);

    g_assert_cmpint (header->secret, ==,
                     strstr (header->value, "k-secret") != NULL);
  }
}

static void
check_auth (const char *prefix, const char *expected)
{
  g_autoptr (GenvidRequest) request = fixture_request ("prompt=p");
  g_autoptr (GenvidCall) call = NULL;
  g_autoptr (GenvidExchange) exchange = NULL;

  request->options = json_object_new ();
  genvid_json_set (request->options, "auth-header", "X-Gateway-Key");
  genvid_json_set (request->options, "auth-prefix", prefix);
  call = fixture_call_request ("cn8", request);
  exchange = genvid_call_build_submit (call, NULL);
  g_assert_cmpstr (fixture_header (exchange, "X-Gateway-Key"), ==, expected);
  g_assert_null (fixture_header (exchange, "Authorization"));
}

static void
test_auth_settings (void)
{
  check_auth (NULL, "Bearer k-secret");
  check_auth ("", "k-secret");
  check_auth ("Token", "Token k-secret");
}

static void
test_bad_headers (void)
{
  const char *const names[] = { "X Bad", "X:Bad", "X\r\nBad", "" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GenvidRequest) request = fixture_request ("prompt=p");
    g_autoptr (GenvidCall) call = NULL;
    g_autoptr (GError) error = NULL;

    request->options = json_object_new ();
    genvid_json_set (request->options, "auth-header", names[i]);
    call = fixture_call_request ("cn8", request);
    g_assert_null (genvid_call_build_submit (call, &error));
    g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
    g_assert_null (strstr (error->message, "k-secret"));
  }
}

static void
test_preview (void)
{
  g_autoptr (GenvidProvider) provider = fixture_provider ("genpro");
  g_autoptr (GenvidRequest) request
      = fixture_request (FIXTURE_PLACE "prompt=p");
  g_autoptr (GenvidCall) call
      = genvid_call_new (provider, request, NULL, NULL, NULL);
  g_autoptr (GenvidExchange) exchange = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (genvid_call_build_submit (call, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  genvid_call_bind (call, "https://x.example", NULL, NULL);
  exchange = genvid_call_build_submit (call, NULL);
  g_assert_null (fixture_header (exchange, "X-API-Key"));
  g_assert_cmpstr (fixture_header (exchange, "Accept"), ==, "application/json");
}

static void
check_url (const char *provider, const char *id, const char *poll,
           const char *cancel)
{
  g_autoptr (GenvidCall) call = fixture_call (
      provider,
      g_str_equal (provider, "genpro") ? FIXTURE_PLACE "prompt=p" : "prompt=p");
  g_autoptr (GenvidExchange) a = genvid_call_build_poll (call, id, NULL);
  g_autoptr (GenvidExchange) b = genvid_call_build_cancel (call, id, NULL);

  g_assert_cmpstr (a->url, ==, poll);
  g_assert_cmpstr (a->method, ==, "GET");
  g_assert_null (a->body);
  g_assert_cmpstr (b ? b->url : NULL, ==, cancel);
}

static void
test_urls (void)
{
  check_url ("genpro", "9020", "https://api.gen.pro/v1/generations/9020",
             "https://api.gen.pro/v1/generations/9020/stop");
  check_url ("aimlapi", "1fe4:pixverse/v5+x=",
             "https://api.aimlapi.com/v2/video/generations?generation_id="
             "1fe4%3Apixverse%2Fv5%2Bx%3D",
             NULL);
  check_url ("cn8", "a/b", "https://gateway.example/v2/jobs/a%2Fb", NULL);
}

static void
test_lookup (void)
{
  g_autoptr (GenvidCall) call = fixture_call ("aimlapi", "prompt=p");
  g_autoptr (GenvidExchange) exchange = genvid_call_build_lookup (call, NULL);

  g_assert_cmpstr (exchange->url, ==,
                   "https://api.aimlapi.com/v2/logs?period=24h&limit=100");
  g_assert_cmpstr (fixture_header (exchange, "Authorization"), ==,
                   "Bearer k-secret");
}

/* Uploads. */

static GenvidRequest *
make_pictures (void)
{
  GenvidRequest *request
      = fixture_request (FIXTURE_PLACE "end-image=https://x.example/a.png");

  request->image = genvid_input_parse ("pictures/first.png", NULL);
  request->image->sha256 = g_strnfill (64, 'a');
  return request;
}

static void
test_upload (void)
{
  g_autoptr (GenvidRequest) request = make_pictures ();
  g_autoptr (GenvidCall) call = fixture_call_request ("genpro", request);
  g_autoptr (GenvidExchange) exchange
      = genvid_call_build_upload (call, 0, NULL);
  g_autoptr (GError) error = NULL;
  const GenvidBodyPart *part;
  const GenvidFile *file;

  g_assert_cmpuint (genvid_call_get_n_uploads (call), ==, 2);
  g_assert_cmpstr (genvid_call_get_upload (call, 0)->value, ==,
                   "pictures/first.png");
  g_assert_cmpint (genvid_call_get_upload (call, 1)->kind, ==,
                   GENVID_INPUT_LINK);
  g_assert_null (genvid_call_get_upload (call, 2));
  g_assert_cmpstr (exchange->url, ==,
                   "https://api.gen.pro/v1/content_resources?agent_id=42");
  part = g_ptr_array_index (exchange->parts, 0);
  file = genvid_exchange_get_file (exchange, 0);
  g_assert_cmpuint (exchange->parts->len, ==, 1);
  g_assert_cmpstr (part->name, ==, "content_resource[file]");
  g_assert_cmpstr (file->path, ==, "pictures/first.png");
  g_assert_cmpstr (file->sha256, ==, request->image->sha256);
  g_assert_cmpstr (fixture_header (exchange, "X-API-Key"), ==, "k-secret");
  g_assert_null (exchange->body);
  /* A link is no file yet, and nothing is submitted without its ids. */
  g_assert_null (genvid_call_build_upload (call, 1, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_clear_error (&error);
  g_assert_null (genvid_call_build_submit (call, &error));
  g_assert_cmpstr (error->message, ==, "image has not been uploaded yet");
}

static void
test_upload_ids (void)
{
  g_autoptr (GenvidRequest) request = make_pictures ();
  g_autoptr (GenvidCall) call = fixture_call_request ("genpro", request);
  g_autoptr (GenvidExchange) exchange = NULL;
  g_autoptr (JsonNode) number = fixture_parse ("1800");
  char path[] = "copy-of-a.png", sha256[] = "bb";
  const GenvidFile copy = { path, sha256 };
  g_autoptr (JsonNode) text = fixture_parse ("\"res_7\"");
  g_autofree char *body = NULL;

  g_assert_true (genvid_call_set_upload_file (call, 1, &copy, NULL));
  exchange = genvid_call_build_upload (call, 1, NULL);
  g_assert_cmpstr (genvid_exchange_get_file (exchange, 0)->path, ==,
                   "copy-of-a.png");
  genvid_call_set_upload_id (call, 0, number);
  genvid_call_set_upload_id (call, 1, text);
  body = fixture_body (call);
  g_assert_cmpstr (body, ==,
                   "{\"generation_type\":\"video_from_image\",\"data\":{"
                   "\"image_resource_id\":1800,"
                   "\"image_tail_resource_id\":\"res_7\"}}");
}

static void
test_mixed_references (void)
{
  g_autoptr (GenvidRequest) request
      = fixture_request (FIXTURE_PLACE "prompt=p&references=id:501");
  g_autoptr (GenvidCall) call = NULL;
  g_autoptr (JsonNode) number = fixture_parse ("777");
  g_autofree char *body = NULL;
  GenvidInput *file = genvid_input_parse ("x.png", NULL);

  file->sha256 = g_strdup ("cc");
  g_ptr_array_insert (request->references, 0, file);
  call = fixture_call_request ("genpro", request);
  genvid_call_set_upload_id (call, 0, number);
  body = fixture_body (call);
  g_assert_nonnull (strstr (body, "\"asset_resource_ids\":[777,501]"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/call/body/examples", test_examples);
  g_test_add_func ("/call/body/unset-is-absent", test_unset_is_absent);
  g_test_add_func ("/call/body/genpro-fields", test_genpro_fields);
  g_test_add_func ("/call/body/aimlapi-fields", test_aimlapi_fields);
  g_test_add_func ("/call/body/cn8-fields", test_cn8_fields);
  g_test_add_func ("/call/body/extras", test_extras);
  g_test_add_func ("/call/body/hostile-prompt", test_hostile_prompt);
  g_test_add_func ("/call/headers", test_headers);
  g_test_add_func ("/call/auth-settings", test_auth_settings);
  g_test_add_func ("/call/bad-headers", test_bad_headers);
  g_test_add_func ("/call/preview", test_preview);
  g_test_add_func ("/call/urls", test_urls);
  g_test_add_func ("/call/lookup", test_lookup);
  g_test_add_func ("/call/upload", test_upload);
  g_test_add_func ("/call/upload-ids", test_upload_ids);
  g_test_add_func ("/call/mixed-references", test_mixed_references);
  return g_test_run ();
}
