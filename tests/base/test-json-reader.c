/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The guard: what is no JSON is refused with its place, what would lose an id
 * is repaired, and nothing that a stranger sends can hurt. */
#include "failure.h"
#include "json-path.h"
#include "json-reader.h"
#include "json.h"

#include <json-glib/json-glib.h>

#include <string.h>

static void
check_refused (const char *text, gssize length, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = genvid_json_reader_parse (
      text, length < 0 ? strlen (text) : (gsize)length, &error);

  g_assert_null (node);
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_BAD_ANSWER);
  g_assert_cmpstr (error->message, ==, message);
}

static void
check (const char *text, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node
      = genvid_json_reader_parse (text, strlen (text), &error);
  g_autofree char *again = NULL;

  g_assert_no_error (error);
  again = genvid_json_to_text (node);
  g_assert_cmpstr (again, ==, expected);
}

static void
test_refused (void)
{
  check_refused ("", -1, "Not valid JSON: it is empty (byte 0)");
  check_refused (NULL, 0, "Not valid JSON: it is empty (byte 0)");
  check_refused (" \n", -1, "Not valid JSON: it is empty (byte 2)");
  check_refused ("var x = 1", -1,
                 "Not valid JSON: a value is expected (byte 0)");
  check_refused ("{} x", -1,
                 "Not valid JSON: there is text after its end (byte 3)");
  check_refused ("{}{}", -1,
                 "Not valid JSON: there is text after its end (byte 2)");
  check_refused ("{\"a\" 1}", -1,
                 "Not valid JSON: a colon is expected (byte 5)");
  check_refused ("{a:1}", -1,
                 "Not valid JSON: a name in quotes is expected (byte 1)");
  check_refused ("{\"a\":1,}", -1,
                 "Not valid JSON: a name in quotes is expected (byte 7)");
  check_refused ("[1,]", -1, "Not valid JSON: a value is expected (byte 3)");
  check_refused ("[1 2]", -1,
                 "Not valid JSON: a comma or ] is expected (byte 3)");
  check_refused ("{\"a\":1", -1,
                 "Not valid JSON: a comma or } is expected (byte 6)");
  check_refused ("nul", -1, "Not valid JSON: a value is expected (byte 0)");
  check_refused ("// x", -1, "Not valid JSON: a value is expected (byte 0)");
  check_refused ("'x'", -1, "Not valid JSON: a value is expected (byte 0)");
}

static void
check_written (const char *text, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node
      = genvid_json_reader_parse_written (text, strlen (text), &error);

  g_assert_null (node);
  g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_written (void)
{
  check_written ("", "Not valid JSON: it is empty (line 1, byte 1)");
  check_written ("{\n  \"a\": 1\n  \"b\": 2 }",
                 "Not valid JSON: a comma or } is expected (line 3, byte 3)");
  check_written ("{\"a\": [{\"b\": 1, \"b\": 1}]}",
                 "Not valid JSON: this name is in the object twice "
                 "(line 1, byte 20)");
  check ("{\"a\":1,\"a\":2}", "{\"a\":2}");
}

static void
test_refused_strings (void)
{
  check_refused ("\"abc", -1,
                 "Not valid JSON: an unterminated string (byte 4)");
  check_refused ("\"a\nb\"", -1,
                 "Not valid JSON: a control character in a string (byte 2)");
  check_refused ("\"\\x\"", -1,
                 "Not valid JSON: an unknown escape in a string (byte 2)");
  check_refused ("\"\\u12g4\"", -1,
                 "Not valid JSON: an unknown escape in a string (byte 5)");
  check_refused ("\"\xff\"", -1, "Not valid JSON: it is not UTF-8 (byte 1)");
  check_refused ("\"\xc3\"", -1, "Not valid JSON: it is not UTF-8 (byte 1)");
  check_refused ("\"a\0b\"", 5, "Not valid JSON: a NUL byte (byte 2)");
}

/* A service that cuts an echoed prompt by bytes cuts letters too. */
static void
test_answer (void)
{
  static const char half[] = "{\"p\":\"caf\xc3\",\"z\":\"\0\",\"id\":7}";
  g_autoptr (JsonNode) root
      = genvid_json_reader_parse_answer (half, sizeof half - 1, NULL);
  g_autofree char *text = NULL;

  g_assert_nonnull (root);
  text = genvid_json_to_text (root);
  g_assert_cmpstr (text, ==,
                   "{\"p\":\"caf\xef\xbf\xbd\",\"z\":\"\xef\xbf\xbd\","
                   "\"id\":7}");
  g_assert_null (genvid_json_reader_parse (half, sizeof half - 1, NULL));
  g_assert_null (genvid_json_reader_parse_answer (NULL, 0, NULL));
  g_assert_null (genvid_json_reader_parse_answer ("\xc3", 1, NULL));
}

static void
test_numbers (void)
{
  const char *const bad[] = { "01",   "-",   "+1",  ".5",  "1.",       "1e",
                              "0x10", "-01", "1e+", "NaN", "Infinity", "--1" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (genvid_json_reader_parse (bad[i], strlen (bad[i]), &error));
    g_assert_error (error, GENVID_ERROR, GENVID_REASON_BAD_ANSWER);
  }
  check ("[0,-0,7,-7,1.5,1e2,1E-2]", "[0,0,7,-7,1.5,100.0,0.01]");
  check ("9223372036854775807", "9223372036854775807");
  check ("-9223372036854775808", "-9223372036854775808");
  check ("9223372036854775808", "\"9223372036854775808\"");
  check ("12345678901234567890123", "\"12345678901234567890123\"");
  check ("1e999", "\"1e999\"");
}

static void
test_strings (void)
{
  check ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
         "\"\\\"\\\\/\\u0008\\u000c\\n\\r\\t\"");
  check ("\"\\u00e9\\ud83c\\udf0a\"", "\"é🌊\"");
  check ("\"a\\ud800b\"", "\"a�b\"");
  check ("\"a\\udc00b\"", "\"a�b\"");
  check ("\"\\ud800\\ud83c\\udf0a\"", "\"�🌊\"");
  check ("\"\\ud83c\\n\"", "\"�\\n\"");
  check ("\"\\ud83c\\u0041\"", "\"�A\"");
  check ("\"a\\u0000b\"", "\"a�b\"");
}

static void
test_shape (void)
{
  check ("\xef\xbb\xbf {\"a\" : [ 1 , null ] } \r\n", "{\"a\":[1,null]}");
  check ("{\"a\":1,\"a\":2}", "{\"a\":2}");
  check ("{\"\":{}}", "{\"\":{}}");
  check ("\"x\"", "\"x\"");
}

static char *
repeat (const char *text, guint n)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append (out, text);
  return g_string_free (out, FALSE);
}

static void
check_depth (guint depth, gboolean good)
{
  g_autofree char *open = repeat ("[", depth);
  g_autofree char *close = repeat ("]", depth);
  g_autofree char *text = g_strconcat (open, close, NULL);
  g_autoptr (JsonNode) node
      = genvid_json_reader_parse (text, strlen (text), NULL);

  g_assert_cmpint (node != NULL, ==, good);
}

static void
test_depth (void)
{
  g_autofree char *open = repeat ("[", 80 * 1024);

  check_depth (GENVID_JSON_MAX_DEPTH, TRUE);
  check_depth (GENVID_JSON_MAX_DEPTH + 1, FALSE);
  check_refused (open, -1, "Not valid JSON: it is nested too deeply (byte 65)");
}

static void
test_size (void)
{
  g_autofree char *blanks = repeat (" ", GENVID_JSON_MAX_BYTES);
  g_autofree char *text = g_strconcat ("1", blanks, NULL);
  g_autoptr (JsonNode) node
      = genvid_json_reader_parse (text, GENVID_JSON_MAX_BYTES, NULL);

  g_assert_nonnull (node);
  check_refused (text, -1, "Not valid JSON: it is too large (byte 0)");
}

static void
test_members (void)
{
  g_autoptr (GString) text = g_string_new ("{");

  for (guint i = 0; i < 10000; i++)
    g_string_append_printf (text, "%s\"m%u\":0", i ? "," : "", i);
  g_string_append (text, "}");
  g_assert_null (genvid_json_reader_parse (text->str, text->len, NULL));
}

/* Paths. */

static void
check_path (const char *path, const char *expected)
{
  const char *json
      = "{\"a\":{\"b\":[{\"c\":1},{\"c\":2}]},\"n\":null,\"list\":["
        "{\"kind\":\"Image\",\"url\":\"i\"},{\"kind\":\"VIDEO\","
        "\"url\":\"v\"},{\"kind\":7,\"url\":\"s\"},3,"
        "{\"kind\":\"clip\"},{\"kind\":\"clip\",\"url\":null},"
        "{\"kind\":\"clip\",\"url\":\" \"},{\"kind\":\"clip\",\"url\":\"c\"},"
        "{\"kind\":\"none\",\"url\":\"\"},{\"kind\":\"none\"},"
        "{\"kind\":\"deep\",\"in\":[{\"a\":1}]},"
        "{\"kind\":\"deep\",\"in\":[{\"a\":1},{\"a\":1,\"b\":2}]}]}";
  g_autoptr (JsonNode) root
      = genvid_json_reader_parse (json, strlen (json), NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GenvidJsonPath) compiled = genvid_json_path_new (path, &error);
  JsonNode *node;
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (genvid_json_path_get_text (compiled), ==, path);
  node = genvid_json_path_get (compiled, root);
  text = node ? genvid_json_to_text (node) : NULL;
  g_assert_cmpstr (text, ==, expected);
}

static void
test_path (void)
{
  check_path ("$.a.b[0].c", "1");
  check_path ("$.a.b[-1].c", "2");
  check_path ("$.a.b[-3]", NULL);
  check_path ("$.a.b[2]", NULL);
  check_path ("$.n", NULL);
  check_path ("$.a.b.c", NULL);
  check_path ("$.a[0]", NULL);
  check_path ("$.missing.deeper", NULL);
  check_path ("$.list[?kind==\"video\"].url", "\"v\"");
  check_path ("$.list[?kind==\"7\"].url", "\"s\"");
  check_path ("$.list[?kind==\"audio\"].url", NULL);
  check_path ("$.list[?kind==\"image\"]", "{\"kind\":\"Image\",\"url\":\"i\"}");
  check_path ("$.list[?kind==\"clip\"].url", "\"c\"");
  check_path ("$.list[?kind==\"none\"].url", "\"\"");
  check_path ("$.list[?kind==\"deep\"].in[?a==\"1\"].b", "2");
  check_path ("header:x-id", NULL);
  check_path ("http", NULL);
}

static void
test_bad_path (void)
{
  const char *const bad[]
      = { "",         "a",          "$a",         "$.",           "$..a",
          "$.a.",     "$.a[",       "$.a[]",      "$.a[x]",       "$.a[1",
          "$.a[--1]", "$.a[?b]",    "$.a[?b==c]", "$.a[?b==\"c]", "$.a b",
          "header:",  "header:a b", "https",      "$[9999999]" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (genvid_json_path_new (bad[i], &error));
    g_assert_error (error, GENVID_ERROR, GENVID_REASON_SETTINGS);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/document/refused", test_refused);
  g_test_add_func ("/document/written", test_written);
  g_test_add_func ("/document/refused-strings", test_refused_strings);
  g_test_add_func ("/document/answer", test_answer);
  g_test_add_func ("/document/numbers", test_numbers);
  g_test_add_func ("/document/strings", test_strings);
  g_test_add_func ("/document/shape", test_shape);
  g_test_add_func ("/document/depth", test_depth);
  g_test_add_func ("/document/size", test_size);
  g_test_add_func ("/document/members", test_members);
  g_test_add_func ("/document/path", test_path);
  g_test_add_func ("/document/bad-path", test_bad_path);
  return g_test_run ();
}
