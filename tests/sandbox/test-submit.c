/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the services accept, what they refuse, and what it costs. */
#include "sandbox-fixture.h"

#define GENPRO  GENVID_SANDBOX_GENPRO
#define AIMLAPI GENVID_SANDBOX_AIMLAPI
#define CN8     GENVID_SANDBOX_CN8

static void
assert_money (Fixture *f, GenvidSandboxService service, guint accepted,
              double spent)
{
  g_assert_cmpuint (
      genvid_sandbox_count (f->sandbox, service, GENVID_SANDBOX_ACCEPTED), ==,
      accepted);
  g_assert_cmpfloat_with_epsilon (genvid_sandbox_spent (f->sandbox, service),
                                  spent, 1e-9);
}

static void
test_documents (void)
{
  static const struct {
    GenvidSandboxService service;
    const char *const *body;
    guint status;
    double cost;
  } table[] = {
    { GENPRO, &genpro_text, 201, 5.0 },
    { GENPRO, &genpro_image, 201, 4.0 },
    { GENPRO, &genpro_ingredients, 201, 3.5 },
    { AIMLAPI, &aimlapi_text, 200, 0.8 },
    { CN8, &cn8_text, 202, 6.0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++) {
    g_auto (Fixture) f = { 0 };
    g_autoptr (Answer) answer = NULL;

    fixture_set_up (&f, NULL);
    answer = submit (&f, table[i].service, *table[i].body);
    g_assert_cmpuint (answer->status, ==, table[i].status);
    assert_money (&f, table[i].service, 1, table[i].cost);
    g_assert_cmpuint (genvid_sandbox_count (f.sandbox,
                                            GENVID_SANDBOX_ANY_SERVICE,
                                            GENVID_SANDBOX_REFUSED),
                      ==, 0);
  }
}

#define TEXT(data) "{\"generation_type\":\"video_from_text\",\"data\":" data "}"
#define IMAGE(data)                                                            \
  "{\"generation_type\":\"video_from_image\",\"data\":" data "}"
#define ASSETS(data)                                                           \
  "{\"generation_type\":\"video_from_ingredients\",\"data\":" data "}"
#define PIX(rest)                                                              \
  "{\"model\":\"pixverse/v5/text-to-video\",\"prompt\":\"p\"" rest "}"

static const struct {
  GenvidSandboxService service;
  guint status;
  const char *body;
  const char *words; /* in the error, "" when accepted */
} bodies[] = {
  { GENPRO, 201, TEXT ("{\"prompt\":\"p\"}"), "" },
  { GENPRO, 201, TEXT ("{\"prompt_var\":\"scene\"}"), "" },
  { GENPRO, 201, TEXT ("{\"prompt\":\"{{a}}\",\"variables\":{\"a\":\"b\"}}"),
    "" },
  { GENPRO, 201, IMAGE ("{\"image_var\":\"picture\"}"), "" },
  { GENPRO, 201,
    ASSETS ("{\"prompt\":\"p\",\"content_resource_vars\":[\"logo\"]}"), "" },
  { GENPRO, 422, TEXT ("{}"), "data.prompt: required" },
  { GENPRO, 422, TEXT ("{\"prompt\":\"\"}"), "data.prompt" },
  { GENPRO, 422, TEXT ("{\"prompt\":\"p\",\"seed\":1}"), "unknown member" },
  { GENPRO, 422, TEXT ("{\"prompt\":\"p\",\"duration\":\"5\"}"),
    "expected integer, received string" },
  { GENPRO, 422, TEXT ("{\"prompt\":\"p\",\"duration\":5.0}"),
    "expected integer, received fraction" },
  { GENPRO, 422, TEXT ("{\"prompt\":\"p\",\"model\":null}"),
    "expected string, received null" },
  { GENPRO, 422, TEXT ("{\"prompt\":\"p\",\"model\":\"\"}"), "data.model" },
  { GENPRO, 422, TEXT ("{\"prompt\":\"p\",\"model\":\"kling_2_6\"}"),
    "data.model" },
  { GENPRO, 422, TEXT ("{\"prompt\":\"p\",\"aspect_ratio\":\"4:3\"}"),
    "data.aspect_ratio" },
  { GENPRO, 422, TEXT ("{\"prompt\":\"p\",\"duration\":0}"), "duration" },
  { GENPRO, 422, TEXT ("{\"prompt\":\"a\",\"prompt\":\"b\"}"), "duplicate" },
  { GENPRO, 422, TEXT ("{\"prompt\":\"a\"},}"), "JSON" },
  { GENPRO, 422, TEXT ("{\"prompt\":\"\\ud83d\"}"), "lone surrogate" },
  { GENPRO, 422, TEXT ("{\"prompt\":\"a\nb\"}"), "control character" },
  { GENPRO, 422, "", "JSON" },
  { GENPRO, 422, "[]", "expected object" },
  { GENPRO, 422, "{\"generation_type\":\"text_to_video\",\"data\":{}}",
    "unknown" },
  { GENPRO, 422, IMAGE ("{\"prompt\":\"p\"}"), "image_resource_id" },
  { GENPRO, 422, IMAGE ("{\"image_resource_id\":\"nobody\"}"), "nobody" },
  { GENPRO, 422, ASSETS ("{\"prompt\":\"p\",\"asset_resource_ids\":[501,777]}"),
    "777" },
  { GENPRO, 422, ASSETS ("{\"prompt\":\"p\",\"asset_resource_ids\":[]}"),
    "not empty" },
  { GENPRO, 422,
    ASSETS ("{\"prompt\":\"p\",\"asset_resource_ids\":[501],"
            "\"negative_prompt\":\"n\"}"),
    "unknown member" },
  { AIMLAPI, 200, PIX (""), "" },
  { AIMLAPI, 200,
    PIX (",\"seed\":7,\"style\":\"clay\",\"lip_sync_tts_content\":\"hi\","
         "\"lip_sync_tts_speaker\":\"Auto\",\"resolution\":\"720p\","
         "\"duration\":8"),
    "" },
  { AIMLAPI, 400, PIX (",\"duration\":8,\"resolution\":\"1080p\""), "1080p" },
  { AIMLAPI, 400, PIX (",\"duration\":\"5\""), "expected integer" },
  { AIMLAPI, 400, PIX (",\"duration\":6"), "duration" },
  { AIMLAPI, 400, PIX (",\"resolution\":\"1080P\""), "resolution" },
  { AIMLAPI, 400, PIX (",\"style\":\"noir\""), "style" },
  { AIMLAPI, 400, PIX (",\"size\":1"), "unknown member" },
  { AIMLAPI, 400, "{\"prompt\":\"p\"}", "model: required" },
  { AIMLAPI, 400, "{\"prompt\":\"p\",\"model\":\"pixverse/v6\"}", "model" },
  { CN8, 202, "{\"prompt\":\"p\"}", "" },
  { CN8, 400, "{\"prompt\":\"p\",\"duration\":4}", "expected string" },
  { CN8, 400, "{\"prompt\":\"p\",\"duration\":\"4\"}", "duration" },
  { CN8, 400, "{\"prompt\":\"p\",\"model\":\"veo\"}", "model" },
  { CN8, 400, "{\"prompt\":\"p\",\"resolution\":\"1080p\"}", "resolution" },
  { CN8, 400, "{\"prompt\":\"p\",\"aspect_ratio\":\"1:1\"}", "aspect_ratio" },
  { CN8, 400, "{\"prompt\":\"p\",\"seed\":1}", "unknown member" },
  { CN8, 400, "{}", "prompt: required" },
};

static void
test_bodies (void)
{
  static const char *const error_paths[] = { "error", "message", "detail" };
  GenvidSandboxOptions options = { .cn8_requests_per_minute = 1000 };
  g_auto (Fixture) f = { 0 };
  guint accepted = 0;

  fixture_set_up (&f, &options);
  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++) {
    g_autoptr (Answer) answer = submit (&f, bodies[i].service, bodies[i].body);
    g_autofree char *text = member (answer, error_paths[bodies[i].service]);

    g_test_message ("%s", bodies[i].body);
    g_assert_cmpuint (answer->status, ==, bodies[i].status);
    g_assert_nonnull (strstr (text, bodies[i].words));
    accepted += answer->status < 300;
  }
  g_assert_cmpuint (genvid_sandbox_count (f.sandbox, GENVID_SANDBOX_ANY_SERVICE,
                                          GENVID_SANDBOX_ACCEPTED),
                    ==, accepted);
  g_assert_cmpuint (genvid_sandbox_count (f.sandbox, GENVID_SANDBOX_ANY_SERVICE,
                                          GENVID_SANDBOX_REFUSED),
                    ==, G_N_ELEMENTS (bodies) - accepted);
}

static void
test_heads (void)
{
  static const struct {
    const char *path;
    const char *headers;
    const char *type;
    guint status;
    const char *code;
  } table[] = {
    { GENPRO_SUBMIT, NULL, "application/json", 401, "\"unauthorized\"" },
    { GENPRO_SUBMIT, "Authorization: Bearer k", "application/json", 401,
      "\"unauthorized\"" },
    { GENPRO_SUBMIT, "X-API-Key: k", "text/plain", 415,
      "\"validation_error\"" },
    { "/v1/autocontentengine/0/cells/3100/generate?agent_id=42", "X-API-Key: k",
      "application/json", 404, "\"spreadsheet_not_found\"" },
    { "/v1/autocontentengine/101/cells/3100/generate", "X-API-Key: k",
      "application/json", 422, "\"agent_not_found\"" },
    { "/v1/autocontentengine/101/cells/3100/generate?agent_id=x",
      "X-API-Key: k", "application/json", 422, "\"agent_not_found\"" },
    { GENPRO_SUBMIT "&model=veo_3", "X-API-Key: k", "application/json", 422,
      "\"validation_error\"" },
    { "/v1/autocontentengine/101/cells/3100/make?agent_id=42", "X-API-Key: k",
      "application/json", 404, "\"not_found\"" },
  };
  g_auto (Fixture) f = { 0 };

  fixture_set_up (&f, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autoptr (Answer) answer
        = ask (&f, "POST", table[i].path, table[i].headers, table[i].type,
               genpro_text);
    g_assert_cmpuint (answer->status, ==, table[i].status);
    assert_member (answer, "error_code", table[i].code);
  }
  assert_money (&f, GENPRO, 0, 0);
}

static void
test_exact_key (void)
{
  GenvidSandboxOptions options
      = { .key = "the-one", .cn8_header = "X-Gateway-Key" };
  g_auto (Fixture) f = { 0 };
  g_autoptr (Answer) wrong = NULL;
  g_autoptr (Answer) right = NULL;

  fixture_set_up (&f, &options);
  wrong = ask (&f, "POST", CN8_SUBMIT, "Authorization: Bearer the-one",
               "application/json", cn8_text);
  g_assert_cmpuint (wrong->status, ==, 401);
  right = ask (&f, "POST", CN8_SUBMIT, "X-Gateway-Key: the-one",
               "application/json", cn8_text);
  g_assert_cmpuint (right->status, ==, 202);
}

static Answer *
with_key (Fixture *f, const char *body, const char *value)
{
  g_autofree char *headers
      = g_strdup_printf ("X-API-Key: k\nIdempotency-Key: %s", value);

  return ask (f, "POST", GENPRO_SUBMIT, headers, "application/json", body);
}

static void
test_replay (void)
{
  g_auto (Fixture) f = { 0 };
  g_autoptr (Answer) first = NULL;
  g_autoptr (Answer) again = NULL;
  g_autoptr (Answer) other_body = NULL;
  g_autoptr (Answer) other_key = NULL;
  g_autoptr (Answer) next_day = NULL;

  fixture_set_up (&f, NULL);
  first = with_key (&f, genpro_text, "a");
  again = with_key (&f, genpro_text, "a");
  g_assert_cmpuint (again->status, ==, 201);
  g_assert_true (g_bytes_equal (first->body, again->body));
  assert_money (&f, GENPRO, 1, 5);
  g_assert_cmpuint (
      genvid_sandbox_count (f.sandbox, GENPRO, GENVID_SANDBOX_REPLAYED), ==, 1);
  other_body = with_key (&f, genpro_image, "a");
  g_assert_cmpuint (other_body->status, ==, 422);
  assert_money (&f, GENPRO, 1, 5);
  other_key = with_key (&f, genpro_text, "b");
  g_assert_false (g_bytes_equal (first->body, other_key->body));
  assert_money (&f, GENPRO, 2, 10);
  genvid_sandbox_advance (f.sandbox, 24 * 3600 + 1);
  next_day = with_key (&f, genpro_text, "a");
  g_assert_false (g_bytes_equal (first->body, next_day->body));
  assert_money (&f, GENPRO, 3, 15);
}

#define PART_HEAD                                                              \
  "--xyz\r\nContent-Disposition: form-data; name=\"content_resource[file]\"; " \
  "filename=\"image.png\"\r\nContent-Type: image/png\r\n\r\n"

static void
test_upload (void)
{
  g_auto (Fixture) f = { 0 };
  g_autoptr (Answer) answer = NULL;
  g_autoptr (Answer) used = NULL;
  g_autoptr (GPtrArray) uploads = NULL;
  g_autofree char *id = NULL;
  g_autofree char *body = NULL;
  GenvidSandboxUpload *upload;

  fixture_set_up (&f, NULL);
  answer = ask (&f, "POST", "/v1/content_resources?agent_id=42", "X-API-Key: k",
                "multipart/form-data; boundary=\"xyz\"",
                PART_HEAD "pixels\r\n\r\n\r\n--xyz--\r\n");
  g_assert_cmpuint (answer->status, ==, 201);
  assert_member (answer, "content_resource.file_name", "\"image.png\"");
  id = member (answer, "content_resource.id");
  uploads = genvid_sandbox_uploads (f.sandbox);
  upload = uploads->pdata[0];
  g_assert_cmpmem (g_bytes_get_data (upload->bytes, NULL),
                   g_bytes_get_size (upload->bytes), "pixels\r\n\r\n", 10);
  g_assert_cmpstr (upload->agent, ==, "42");
  g_assert_cmpuint (strlen (upload->sha256), ==, 64);

  body = g_strdup_printf (ASSETS ("{\"prompt\":\"p\","
                                  "\"asset_resource_ids\":[%s,502]}"),
                          id);
  used = submit (&f, GENPRO, body);
  g_assert_cmpuint (used->status, ==, 201);
}

static void
test_bad_uploads (void)
{
  static const struct {
    const char *type;
    const char *body;
  } table[] = {
    { "application/json", "{}" },
    { "multipart/form-data", PART_HEAD "p\r\n--xyz--\r\n" },
    { "multipart/form-data; boundary=abc", PART_HEAD "p\r\n--xyz--\r\n" },
    { "multipart/form-data; boundary=xyz", PART_HEAD "p\r\n--xyz\r\n" },
    { "multipart/form-data; boundary=xyz", PART_HEAD "\r\n--xyz--\r\n" },
    { "multipart/form-data; boundary=xyz",
      "--xyz\r\nContent-Disposition: form-data; name=\"file\"; "
      "filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\np\r\n--xyz--" },
  };
  g_auto (Fixture) f = { 0 };

  fixture_set_up (&f, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (table); i++) {
    g_autoptr (Answer) answer
        = ask (&f, "POST", "/v1/content_resources?agent_id=42", "X-API-Key: k",
               table[i].type, table[i].body);
    g_assert_cmpuint (answer->status, ==, 422);
  }
}

static void
test_cn8_limit (void)
{
  g_auto (Fixture) f = { 0 };
  g_autoptr (Answer) last = NULL;

  fixture_set_up (&f, NULL);
  for (guint i = 0; i < 62; i++) {
    g_autoptr (Answer) answer = poll_job (&f, CN8, "none");
    g_assert_cmpuint (answer->status, ==, i < 60 ? 404 : 429);
    if (i == 60)
      genvid_sandbox_advance (f.sandbox, 30);
  }
  genvid_sandbox_advance (f.sandbox, 31);
  last = submit (&f, CN8, cn8_text);
  g_assert_cmpuint (last->status, ==, 202);
}

void
add_submit_tests (void)
{
  g_test_add_func ("/sandbox/submit/documents", test_documents);
  g_test_add_func ("/sandbox/submit/bodies", test_bodies);
  g_test_add_func ("/sandbox/submit/heads", test_heads);
  g_test_add_func ("/sandbox/submit/exact-key", test_exact_key);
  g_test_add_func ("/sandbox/submit/replay", test_replay);
  g_test_add_func ("/sandbox/submit/upload", test_upload);
  g_test_add_func ("/sandbox/submit/bad-uploads", test_bad_uploads);
  g_test_add_func ("/sandbox/submit/cn8-limit", test_cn8_limit);
}
