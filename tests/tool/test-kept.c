/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the store keeps of a request, and that it is enough to come to the same
 * purchase: round trips, what is left out, and the rule that a fingerprint
 * never buys. */

#include <stdio.h>
#include <string.h>

#include "call.h"
#include "folder-kit.h"
#include "failure.h"
#include "json.h"
#include "plan-record.h"
#include "plan.h"
#include "record.h"
#include "request.h"
#include "settings.h"

#include <json-glib/json-glib.h>

#define FINGERPRINT                                                            \
  "c300000000000000000000000000000000000000000000000000000000000000"

static GenvidInput *
make_input (GenvidInputKind kind, const char *value, const char *sha256)
{
  GenvidInput *input = g_new0 (GenvidInput, 1);

  input->kind = kind;
  input->value = g_strdup (value);
  input->sha256 = g_strdup (sha256);
  return input;
}

static GenvidRequest *
make_full (void)
{
  GenvidRequest *request = genvid_request_new ();

  request->prompt = g_strdup ("a \"kite\"\n${x} {{y}} \360\237\230\200");
  request->negative_prompt = g_strdup ("rain");
  request->model = g_strdup ("veo_3");
  request->style = g_strdup ("anime");
  request->aspect_ratio = g_strdup ("16:9");
  request->resolution = g_strdup ("720p");
  request->duration = 8;
  request->seed = G_MAXINT64;
  request->image = make_input (GENVID_INPUT_FILE, "/pictures/a.png", "00ff");
  request->end_image = make_input (GENVID_INPUT_ID, "501", NULL);
  g_ptr_array_add (request->references,
                   make_input (GENVID_INPUT_LINK, "https://x.org/a?b", NULL));
  g_ptr_array_add (request->references,
                   make_input (GENVID_INPUT_ID, "7", NULL));
  request->variables = json_object_new ();
  json_object_set_int_member (request->variables, "n", 3);
  request->options = json_object_new ();
  json_object_set_double_member (request->options, "d", 0.1);
  request->take = 4;
  return request;
}

static char *
write_request (const GenvidRequest *request)
{
  g_autoptr (JsonObject) object = genvid_request_to_json (request);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_node_set_object (node, object);
  return genvid_json_to_text (node);
}

static void
test_round_trip (void)
{
  g_autoptr (GenvidRequest) full = make_full ();
  g_autoptr (GenvidRequest) empty = genvid_request_new ();
  const GenvidRequest *requests[] = { full, empty };

  for (guint i = 0; i < G_N_ELEMENTS (requests); i++) {
    g_autoptr (JsonObject) object = genvid_request_to_json (requests[i]);
    g_autoptr (GError) error = NULL;
    g_autoptr (GenvidRequest) read = genvid_request_from_json (object, &error);
    g_autofree char *before = write_request (requests[i]);
    g_autofree char *after = NULL;

    g_assert_no_error (error);
    after = write_request (read);
    g_assert_cmpstr (before, ==, after);
    g_assert_cmpint (read->seed, ==, requests[i]->seed);
    g_assert_cmpuint (read->take, ==, requests[i]->take);
    g_assert_cmpuint (read->references->len, ==, requests[i]->references->len);
  }
  g_assert_cmpstr (full->image->sha256, ==, "00ff");
}

static void
test_damaged (void)
{
  const char *const texts[] = { "{\"prompt\": 3}",
                                "{\"duration\": -1}",
                                "{\"duration\": \"8\"}",
                                "{\"take\": 0}",
                                "{\"image\": \"a\"}",
                                "{\"image\": {}}",
                                "{\"image\": {\"file\": \"\"}}",
                                "{\"image\": {\"file\": \"a\", \"sha256\": 3}}",
                                "{\"references\": {}}",
                                "{\"references\": [1]}",
                                "{\"options\": []}",
                                "{\"variables\": 1}" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (JsonNode) node = json_from_string (texts[i], NULL);
    g_autoptr (GError) error = NULL;

    g_assert_null (
        genvid_request_from_json (json_node_get_object (node), &error));
    g_assert_error (error, GENVID_ERROR, (int)GENVID_REASON_BAD_ANSWER);
  }
}

static void
test_record (void)
{
  g_autoptr (GenvidRecord) record = genvid_record_new (FINGERPRINT, "cn8");
  g_autoptr (GenvidRequest) request = make_full ();
  g_autofree char *text = NULL;
  g_autofree char *again = NULL;
  g_autoptr (GenvidRecord) read = NULL;
  g_autoptr (GenvidRecord) copy = NULL;

  record->request = genvid_request_to_json (request);
  record->base_url = g_strdup ("https://gateway.example.org");
  copy = genvid_record_copy (record);
  text = genvid_record_to_text (copy);
  read = genvid_record_from_text (text, -1, NULL);
  g_assert_nonnull (read);
  g_assert_cmpstr (read->base_url, ==, record->base_url);
  again = genvid_record_to_text (read);
  g_assert_cmpstr (text, ==, again);
}

typedef struct {
  char *store;
  GenvidSettings *settings;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  JsonObject *options = json_object_new ();

  f->store = g_dir_make_tmp ("genvid-kept-XXXXXX", &error);
  g_assert_no_error (error);
  f->settings = genvid_settings_new ();
  f->settings->provider = g_strdup ("cn8");
  f->settings->base_url = g_strdup ("https://gateway.example.org");
  f->settings->api_key = g_strdup ("a-secret-key");
  f->settings->store = g_strdup (f->store);
  f->settings->request->prompt = g_strdup ("a kite");
  f->settings->request->options = options;
  json_object_set_string_member (options, "auth_header", "X-Gate");
  json_object_set_string_member (options, "callback",
                                 "https://me.example.org/x?token=hidden");
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  folder_remove (f->store);
  genvid_settings_free (f->settings);
  g_free (f->store);
}

static GenvidRecord *
make_record (const GenvidSettings *settings, char **fingerprint)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidPlan) plan = genvid_plan_new (settings, NULL, &error);
  g_autoptr (GenvidCall) call = NULL;

  g_assert_no_error (error);
  *fingerprint = g_strdup (plan->fingerprint);
  call = genvid_plan_make_call (plan, &error);
  g_assert_no_error (error);
  return genvid_plan_make_record (plan, call, NULL);
}

/* A key, where it goes, and the signature of a link are not kept. */
static void
test_secrets (Fixture *f, gconstpointer data)
{
  g_autofree char *fingerprint = NULL;
  g_autoptr (GenvidRecord) record = make_record (f->settings, &fingerprint);
  g_autofree char *text = genvid_record_to_text (record);

  g_assert_nonnull (strstr (text, "\"callback\""));
  g_assert_nonnull (strstr (text, "a kite"));
  g_assert_null (strstr (text, "hidden"));
  g_assert_null (strstr (text, "X-Gate"));
  g_assert_null (strstr (text, "secret"));
}

/* Too much to be read back, or too deep, would be worse than nothing. */
static void
test_bounds (Fixture *f, gconstpointer data)
{
  g_autofree char *fingerprint = NULL;
  g_autoptr (GString) nested = g_string_new (NULL);
  g_autoptr (GenvidRecord) deep = NULL;
  g_autoptr (GenvidRecord) read = NULL;
  g_autoptr (GenvidRecord) large = NULL;
  g_autofree char *text = NULL;
  g_autofree char *other = NULL;

  for (guint i = 0; i < 60; i++)
    g_string_append_c (nested, '[');
  for (guint i = 0; i < 60; i++)
    g_string_append_c (nested, ']');
  json_object_set_member (f->settings->request->options, "deep",
                          json_from_string (nested->str, NULL));
  deep = make_record (f->settings, &fingerprint);
  text = genvid_record_to_text (deep);
  read = genvid_record_from_text (text, -1, NULL);
  g_assert_nonnull (read);
  g_free (f->settings->request->prompt);
  f->settings->request->prompt = g_strnfill (300 * 1024, 'a');
  large = make_record (f->settings, &other);
  g_assert_null (large->request);
}

static void
test_override (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidPlan) plan = NULL;

  f->settings->fingerprint = g_strdup (FINGERPRINT);
  g_assert_null (genvid_plan_new (f->settings, NULL, &error));
  g_assert_error (error, GENVID_ERROR, (int)GENVID_REASON_SETTINGS);
  g_clear_error (&error);
  f->settings->reuse = GENVID_REUSE_ONLY;
  f->settings->request->image
      = make_input (GENVID_INPUT_ID, "not for this service", NULL);
  g_clear_pointer (&f->settings->request->image, genvid_input_free);
  plan = genvid_plan_new (f->settings, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (plan->fingerprint, ==, FINGERPRINT);
  g_assert_false (genvid_plan_may_buy (plan, NULL));
}

/* From what is kept, with nothing cut from it, the same purchase comes. */
static void
test_rebuilt (Fixture *f, gconstpointer data)
{
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autoptr (GenvidRecord) record = NULL;
  g_autoptr (GenvidRecord) rebuilt = NULL;

  g_free (f->settings->provider);
  f->settings->provider = g_strdup ("genpro");
  json_object_unref (f->settings->request->options);
  f->settings->request->options = json_object_new ();
  json_object_set_string_member (f->settings->request->options, "sheet_id",
                                 "101");
  g_setenv ("GEN_CELL_ID", "3100", TRUE);
  g_setenv ("GEN_AGENT_ID", "42", TRUE);
  record = make_record (f->settings, &first);
  g_unsetenv ("GEN_CELL_ID");
  g_unsetenv ("GEN_AGENT_ID");
  genvid_request_free (f->settings->request);
  f->settings->request = genvid_request_from_json (record->request, NULL);
  g_assert_nonnull (f->settings->request);
  rebuilt = make_record (f->settings, &second);
  g_assert_cmpstr (first, ==, second);
}

#define ADD(name, function)                                                    \
  g_test_add ("/kept/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kept/round-trip", test_round_trip);
  g_test_add_func ("/kept/damaged", test_damaged);
  g_test_add_func ("/kept/record", test_record);
  ADD ("secrets", test_secrets);
  ADD ("bounds", test_bounds);
  ADD ("override", test_override);
  ADD ("rebuilt", test_rebuilt);
  return g_test_run ();
}
