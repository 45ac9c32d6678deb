/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Both forms, what people type raw, what a stranger may not say, and that
 * writing and reading are inverse. */
#include "failure.h"
#include "json.h"
#include "request-uri.h"
#include "request.h"

#include <json-glib/json-glib.h>

#include <string.h>

static GenvidRequestUri *
parse (const char *text)
{
  GError *error = NULL;
  GenvidRequestUri *uri = genvid_request_uri_parse (text, &error);

  g_assert_no_error (error);
  return uri;
}

static void
check_words (const char *text)
{
  g_autoptr (GenvidRequestUri) uri = parse (text);
  const GenvidRequest *request = uri->request;

  g_assert_cmpstr (uri->provider, ==, "genpro");
  g_assert_cmpstr (request->prompt, ==, "a cat");
  g_assert_cmpstr (request->negative_prompt, ==, "text");
  g_assert_cmpstr (request->model, ==, "veo_3");
  g_assert_cmpstr (request->style, ==, "anime");
  g_assert_cmpstr (request->aspect_ratio, ==, "16:9");
  g_assert_cmpstr (request->resolution, ==, "720p");
  g_assert_cmpfloat (request->duration, ==, 8);
  g_assert_cmpint (request->seed, ==, 0);
  g_assert_cmpuint (request->take, ==, 2);
  g_assert_true (uri->reuse_only);
  g_assert_cmpfloat (uri->max_cost, ==, 2.5);
  g_assert_cmpint (genvid_json_int (request->options, "sheet-id", 0), ==, 101);
  g_assert_cmpstr (genvid_json_string (request->variables, "brand", NULL), ==,
                   "Acme");
}

#define WORDS                                                                  \
  "prompt=a cat&negative-prompt=text&model=veo_3&style=anime&"                 \
  "aspect-ratio=16:9&resolution=720p&duration=8&seed=0&take=2&reuse=only&"     \
  "max-cost=2.5&sheet-id=101&variables.brand=Acme"

static void
test_forms (void)
{
  check_words ("genvid://genpro?" WORDS);
  check_words ("genvid://genpro/" WORDS);
  check_words ("genvid://genpro/?" WORDS);
  check_words ("GENVID://GenPro?&" WORDS "&");
}

/* Our own names, however people write them. */
static void
test_spellings (void)
{
  check_words ("genvid://genpro?PROMPT=a cat&Negative_Prompt=text&Model=veo_3&"
               "STYLE=anime&aspect_ratio=16:9&Resolution=720p&DURATION=8&"
               "Seed=0&Take=2&Reuse=only&max_cost=2.5&options.sheet-id=101&"
               "VARIABLES.brand=Acme");
}

static void
test_variable_case (void)
{
  g_autoptr (GenvidRequestUri) uri
      = parse ("genvid://x?variables.A=1&Variables.a=2&variables.b_c=3");
  JsonObject *variables = uri->request->variables;

  g_assert_cmpint (genvid_json_int (variables, "A", 0), ==, 1);
  g_assert_cmpint (genvid_json_int (variables, "a", 0), ==, 2);
  g_assert_cmpint (genvid_json_int (variables, "b_c", 0), ==, 3);
}

static void
test_empty (void)
{
  g_autoptr (GenvidRequestUri) bare = parse ("genvid://");
  g_autoptr (GenvidRequestUri) host = parse ("genvid://cn8");
  g_autoptr (GenvidRequestUri) nobody = parse ("genvid://?prompt=x");
  g_autoptr (GenvidRequestUri) path = parse ("genvid:///prompt=x");

  g_assert_null (bare->provider);
  g_assert_null (bare->request->prompt);
  g_assert_false (bare->reuse_only);
  g_assert_cmpfloat (bare->max_cost, ==, -1);
  g_assert_cmpstr (host->provider, ==, "cn8");
  g_assert_null (nobody->provider);
  g_assert_cmpstr (path->request->prompt, ==, "x");
}

static void
check_prompt (const char *value, const char *expected)
{
  g_autofree char *query = g_strconcat ("genvid://cn8?prompt=", value, NULL);
  g_autofree char *path = g_strconcat ("genvid://cn8/prompt=", value, NULL);
  g_autoptr (GenvidRequestUri) a = parse (query);
  g_autoptr (GenvidRequestUri) b = parse (path);

  g_assert_cmpstr (a->request->prompt, ==, expected);
  g_assert_cmpstr (b->request->prompt, ==, expected);
}

static void
test_escapes (void)
{
  check_prompt ("a cat, 🌊 é", "a cat, 🌊 é");
  check_prompt ("a%20cat%26dog%3d", "a cat&dog=");
  check_prompt ("100% sure", "100% sure");
  check_prompt ("50%", "50%");
  check_prompt ("5%2", "5%2");
  check_prompt ("%zz", "%zz");
  check_prompt ("1+1=2", "1+1=2");
  check_prompt ("what? #1 / two", "what? #1 / two");
  check_prompt ("%C3%A9", "é");
  check_prompt ("%2541", "%41");
  check_prompt ("${key} {{x}}", "${key} {{x}}");
}

static void
test_inputs (void)
{
  g_autoptr (GenvidRequestUri) uri
      = parse ("genvid://genpro?image=id:a%2Cb&end-image="
               "https://x.example/a%3Fb&references=id:501,id:502,"
               "https://x.example/c%2Cd");
  const GenvidInput *last = g_ptr_array_index (uri->request->references, 2);

  g_assert_cmpstr (uri->request->image->value, ==, "a,b");
  g_assert_cmpstr (uri->request->end_image->value, ==, "https://x.example/a?b");
  g_assert_cmpuint (uri->request->references->len, ==, 3);
  g_assert_cmpstr (last->value, ==, "https://x.example/c,d");
}

static void
check_option (const char *value, const char *json)
{
  g_autofree char *text = g_strconcat ("genvid://x?o=", value, NULL);
  g_autoptr (GenvidRequestUri) uri = parse (text);
  g_autofree char *again = genvid_json_to_text (
      json_object_get_member (uri->request->options, "o"));

  g_assert_cmpstr (again, ==, json);
}

static void
test_options (void)
{
  check_option ("101", "101");
  check_option ("1.5", "1.5");
  check_option ("true", "true");
  check_option ("left", "\"left\"");
  check_option ("\"101\"", "\"101\"");
  check_option ("[1,\"a\"]", "[1,\"a\"]");
  check_option ("{\"a\":1}", "{\"a\":1}");
  /* Numbers that JSON would not write so are the text that they are. */
  check_option ("007", "\"007\"");
  check_option ("1.50", "\"1.50\"");
  check_option ("null", "\"null\"");
  check_option ("", "\"\"");
  check_option ("{oops", "\"{oops\"");
}

/* Refusals. */

static void
check_refused (const char *text, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (genvid_request_uri_parse (text, &error));
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  if (!strstr (error->message, message))
    g_error ("\"%s\" does not say \"%s\"", error->message, message);
}

static void
test_strangers (void)
{
  const struct {
    const char *member, *advice;
  } rows[] = {
    { "api-key=x", "set the property api-key-file" },
    { "api-key-file=x", "set the property api-key-file" },
    { "API_KEY=x", "set the property api-key-file" },
    { "%61pi-key=x", "set the property api-key-file" },
    { "options.api-key=x", "set the property api-key-file" },
    { "options.options.auth-header=x", "set the property options" },
    { "Options.API_Key=x", "set the property api-key-file" },
    { " api-key=x", "set the property api-key-file" },
    { "ApiKey=x", "set the property api-key-file" },
    { "Base_Url=x", "set the property base-url" },
    { "Auth_Other=x", "set the property options" },
    { "CA_FILE=x", "set the property ca-file" },
    { "Allow_Private=1", "set the property allow-private" },
    { "If_In_Doubt=resubmit", "set the property if-in-doubt" },
    { "base-url=x", "set the property base-url" },
    { "base_url=x", "set the property base-url" },
    { "auth-header=x", "set the property options" },
    { "auth_prefix=x", "set the property options" },
    { "ca-file=x", "set the property ca-file" },
    { "store=x", "set the property store" },
    { "allow-private=true", "set the property allow-private" },
    { "adopt=x", "set the property adopt" },
    { "if-in-doubt=resubmit", "set the property if-in-doubt" },
    { "budget=5", "set the property budget" },
    { "on-stop=cancel", "set the property on-stop" },
    { "max-size=1", "set the property max-size" },
    { "timeout=1", "set the property timeout" },
    { "poll-interval=1", "set the property poll-interval" },
    { "provider=x", "write it as the host" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *query
        = g_strconcat ("genvid://cn8?prompt=p&", rows[i].member, NULL);
    g_autofree char *path
        = g_strconcat ("genvid://cn8/", rows[i].member, "&prompt=p", NULL);

    check_refused (query, rows[i].advice);
    check_refused (path, rows[i].advice);
  }
}

/* What a stranger wrote where a key could be is not repeated. */
static void
test_secrets (void)
{
  const char *const members[]
      = { "api-key=S3CR3T",  "api-key%3DS3CR3T",       "API_KEY:S3CR3T",
          "api-keyS3CR3T=1", "options.api-key S3CR3T", "auth_S3CR3T=x",
          "ca-file=S3CR3T",  "base_url=http://S3CR3T" };

  for (guint i = 0; i < G_N_ELEMENTS (members); i++) {
    g_autofree char *text
        = g_strconcat ("genvid://cn8?prompt=p&", members[i], NULL);
    g_autoptr (GError) error = NULL;

    g_assert_null (genvid_request_uri_parse (text, &error));
    g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
    g_assert_nonnull (strstr (error->message, "cannot be in a genvid: URI"));
    g_assert_null (strstr (error->message, "S3CR3T"));
  }
}

static void
test_bad_members (void)
{
  check_refused ("genvid://x?image=/etc/passwd", "cannot name local files");
  check_refused ("genvid://x?image=file:///etc/passwd",
                 "cannot name local files");
  check_refused ("genvid://x?references=id:1,a.png", "cannot name local files");
  check_refused ("genvid://x?end-image=", "An input is empty");
  check_refused ("genvid://x?references=id:1,", "An input is empty");
  check_refused ("genvid://x?image=http://x/a", "not \"http://x/a\"");
  check_refused ("genvid://x?prompt=a&prompt=b", "prompt is in the genvid: "
                                                 "URI twice");
  check_refused ("genvid://x?sheet-id=1&sheet_id=2", "twice");
  check_refused ("genvid://x?Prompt=a&prompt=b", "twice");
  check_refused ("genvid://x?max-cost=1&MAX_COST=2", "twice");
  check_refused ("genvid://x?sheet-id=1&options.Sheet_Id=2", "twice");
  check_refused ("genvid://x?Reuse=auto", "reuse=only and nothing else");
  check_refused ("genvid://x?TAKE=10", "from 1 to 9");
  check_refused ("genvid://x?prompt=a & b", "write %26 for &");
  check_refused ("genvid://x?=a", "is not NAME=VALUE");
  check_refused ("genvid://x?prompt=%ff", "not valid UTF-8");
  check_refused ("genvid://x?prompt=a%00b", "not valid UTF-8");
  check_refused ("genvid://x?variables=a", "variables.NAME=VALUE");
  check_refused ("genvid://x?variables.=a", "has no name");
}

static void
test_bad_values (void)
{
  check_refused ("genvid://x?take=10", "from 1 to 9, not \"10\"");
  check_refused ("genvid://x?take=0", "from 1 to 9, not \"0\"");
  check_refused ("genvid://x?duration=0", "above 0, or auto, not \"0\"");
  check_refused ("genvid://x?duration=8s", "above 0, or auto, not \"8s\"");
  check_refused ("genvid://x?duration=0.0001", "above 0");
  check_refused ("genvid://x?duration=-1", "above 0");
  check_refused ("genvid://x?duration=nan", "above 0");
  check_refused ("genvid://x?duration=99999999999", "above 0");
  check_refused ("genvid://x?audio=loud", "auto, on or off, not \"loud\"");
  check_refused ("genvid://x?fps=0", "of at least 1, not \"0\"");
  check_refused ("genvid://x?fps=29.97", "whole number");
  check_refused ("genvid://x?video=a.mp4", "cannot name local files");
  check_refused ("genvid://x?audio-input=/a.mp3", "cannot name local files");
  check_refused ("genvid://x?seed=-1", "of at least 0, not \"-1\"");
  check_refused ("genvid://x?reuse=auto", "reuse=only and nothing else");
  check_refused ("genvid://x?max-cost=-1", "max-cost");
  check_refused ("genvid://x?max-cost=", "max-cost");
  check_refused ("genvid://x?max-cost=inf", "max-cost");
  check_refused ("genvid://x?max-cost=1e999", "max-cost");
  check_refused ("genvid://x?aspect-ratio=wide", "like 16:9");
  check_refused ("genvid://x?resolution=HD", "like 720p");
  check_refused ("genvid://evil.host:80?prompt=p", "not the name of a service");
  check_refused ("genvid://u@x?prompt=p", "not the name of a service");
  check_refused ("genvid:x?prompt=p", "looks like");
  check_refused ("https://x", "looks like");
  check_refused ("", "looks like");
}

/* Writing. */

static void
check_round (const char *text, const char *expected)
{
  g_autoptr (GenvidRequestUri) uri = parse (text);
  g_autofree char *first = genvid_request_uri_to_text (uri);
  g_autoptr (GenvidRequestUri) again = parse (first);
  g_autofree char *second = genvid_request_uri_to_text (again);

  if (expected)
    g_assert_cmpstr (first, ==, expected);
  g_assert_cmpstr (first, ==, second);
  g_assert_true (g_uri_is_valid (first, G_URI_FLAGS_NONE, NULL));
}

static void
test_write (void)
{
  check_round ("genvid://", "genvid://");
  check_round ("genvid://?prompt=x", "genvid://?prompt=x");
  check_round ("genvid://cn8/duration=8&prompt=a cat%26dog 50% é+?#",
               "genvid://cn8?prompt=a%20cat%26dog%2050%25%20%C3%A9%2B%3F%23&"
               "duration=8");
  check_round ("genvid://x?audio=OFF&fps=24&duration=4.50&prompt=p&"
               "audio_input=id:1&video=https://h.example/a.mp4",
               "genvid://x?prompt=p&duration=4.5&audio=off&fps=24&"
               "video=https://h.example/a.mp4&audio-input=id:1");
  check_round ("genvid://x?prompt=p&duration=4294967295",
               "genvid://x?prompt=p&duration=4294967295");
  check_round ("genvid://x?prompt=p&audio=auto&duration=auto",
               "genvid://x?prompt=p&duration=auto");
  check_round ("genvid://genpro?" WORDS, NULL);
  check_round ("genvid://genpro?references=id:501,https://x.example/c%2Cd",
               "genvid://genpro?references=id:501,https://x.example/c%2Cd");
  check_round ("genvid://x?z=1&a=\"1\"&o=[1]&options.take=5&options.prompt=q&"
               "variables.n=7&variables.t=\"7\"",
               "genvid://x?variables.n=7&variables.t=%227%22&a=%221%22&o=%5B1"
               "%5D&options.prompt=q&options.take=5&z=1");
}

static void
test_no_uri (void)
{
  g_autoptr (GenvidRequestUri) file = parse ("genvid://x?prompt=p");
  g_autoptr (GenvidRequestUri) secret = parse ("genvid://x?prompt=p");
  g_autoptr (GenvidRequestUri) takes = parse ("genvid://x?prompt=p");
  g_autoptr (GenvidRequestUri) twins = parse ("genvid://x?prompt=p");
  g_autoptr (GenvidRequestUri) frames = parse ("genvid://x?prompt=p");
  const char *const refused[] = { "", "options.api-key", "a\xff" };

  file->request->image = genvid_input_parse ("a.png", NULL);
  g_assert_null (genvid_request_uri_to_text (file));
  secret->request->options = json_object_new ();
  genvid_json_set (secret->request->options, "auth-header", "X");
  g_assert_null (genvid_request_uri_to_text (secret));
  takes->request->take = 10;
  g_assert_null (genvid_request_uri_to_text (takes));
  twins->request->options = json_object_new ();
  json_object_set_int_member (twins->request->options, "a-c", 1);
  json_object_set_int_member (twins->request->options, "A_C", 2);
  g_assert_null (genvid_request_uri_to_text (twins));
  frames->request->fps = G_MAXUINT;
  g_assert_null (genvid_request_uri_to_text (frames));
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autoptr (GenvidRequestUri) one = parse ("genvid://x?prompt=p");

    one->request->options = json_object_new ();
    json_object_set_int_member (one->request->options, refused[i], 1);
    g_assert_null (genvid_request_uri_to_text (one));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/uri/forms", test_forms);
  g_test_add_func ("/uri/spellings", test_spellings);
  g_test_add_func ("/uri/variable-case", test_variable_case);
  g_test_add_func ("/uri/secrets", test_secrets);
  g_test_add_func ("/uri/empty", test_empty);
  g_test_add_func ("/uri/escapes", test_escapes);
  g_test_add_func ("/uri/inputs", test_inputs);
  g_test_add_func ("/uri/options", test_options);
  g_test_add_func ("/uri/strangers", test_strangers);
  g_test_add_func ("/uri/bad-members", test_bad_members);
  g_test_add_func ("/uri/bad-values", test_bad_values);
  g_test_add_func ("/uri/write", test_write);
  g_test_add_func ("/uri/no-uri", test_no_uri);
  return g_test_run ();
}
