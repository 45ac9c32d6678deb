/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Members are read only as what they are, and written without surprise. */
#include <genvid/genvid-document.h>
#include <genvid/genvid-json.h>

#include <string.h>

static JsonNode *
parse (const char *text)
{
  GError *error = NULL;
  JsonNode *node = genvid_document_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  return node;
}

static void
test_getters (void)
{
  g_autoptr (JsonNode) root
      = parse ("{\"s\":\"x\",\"i\":7,\"d\":1.5,\"b\":true,\"o\":{},\"a\":[],"
               "\"n\":null}");
  JsonObject *object = json_node_get_object (root);

  g_assert_cmpstr (genvid_json_string (object, "s", "f"), ==, "x");
  g_assert_cmpstr (genvid_json_string (object, "i", "f"), ==, "f");
  g_assert_cmpstr (genvid_json_string (object, "n", "f"), ==, "f");
  g_assert_cmpstr (genvid_json_string (NULL, "s", "f"), ==, "f");
  g_assert_cmpint (genvid_json_int (object, "i", -1), ==, 7);
  g_assert_cmpint (genvid_json_int (object, "d", -1), ==, -1);
  g_assert_cmpfloat (genvid_json_double (object, "d", -1), ==, 1.5);
  g_assert_cmpfloat (genvid_json_double (object, "i", -1), ==, 7);
  g_assert_cmpfloat (genvid_json_double (object, "s", -1), ==, -1);
  g_assert_true (genvid_json_bool (object, "b", FALSE));
  g_assert_false (genvid_json_bool (object, "i", FALSE));
  g_assert_nonnull (genvid_json_object (object, "o"));
  g_assert_null (genvid_json_object (object, "a"));
  g_assert_nonnull (genvid_json_array (object, "a"));
  g_assert_null (genvid_json_array (object, "missing"));
}

static void
test_set (void)
{
  g_autoptr (JsonObject) object = json_object_new ();

  genvid_json_set (object, "a", "x");
  genvid_json_set (object, "b", NULL);
  g_assert_cmpuint (json_object_get_size (object), ==, 1);
}

static void
check_text (const char *json, const char *expected)
{
  g_autoptr (JsonNode) node = parse (json);
  g_autofree char *text = genvid_json_scalar_text (node);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_scalar_text (void)
{
  check_text ("\"a b\"", "a b");
  check_text ("9223372036854775807", "9223372036854775807");
  check_text ("0.1", "0.1");
  check_text ("4.0", "4");
  check_text ("1e300", "1e+300");
  check_text ("0.30000000000000004", "0.30000000000000004");
  check_text ("false", "false");
  check_text ("null", NULL);
  check_text ("[1]", NULL);
}

static void
check_number (const char *json, gboolean good, double expected)
{
  g_autoptr (JsonNode) node = parse (json);
  double number = 0;

  g_assert_cmpint (genvid_json_scalar_number (node, &number), ==, good);
  if (good)
    g_assert_cmpfloat (number, ==, expected);
}

static void
test_scalar_number (void)
{
  check_number ("5", TRUE, 5);
  check_number ("5.0", TRUE, 5);
  check_number ("\"4.5\"", TRUE, 4.5);
  check_number ("\"-1e3\"", TRUE, -1000);
  check_number ("\"\"", FALSE, 0);
  check_number ("\" 5\"", FALSE, 0);
  check_number ("\"5 credits\"", FALSE, 0);
  check_number ("\"nan\"", FALSE, 0);
  check_number ("\"inf\"", FALSE, 0);
  check_number ("\"0x10\"", FALSE, 0);
  check_number ("\"1e999\"", FALSE, 0);
  check_number ("true", FALSE, 0);
  check_number ("null", FALSE, 0);
  check_number ("{}", FALSE, 0);
}

static void
check_round (const char *json)
{
  g_autoptr (JsonNode) node = parse (json);
  g_autofree char *text = genvid_json_to_text (node);

  g_assert_cmpstr (text, ==, json);
}

static void
test_to_text (void)
{
  check_round ("{\"b\":1,\"a\":[true,null,0.1,4.0,-7,{}]}");
  check_round (
      "\"quote \\\" back \\\\ line \\n tab \\t cr \\r \\u0001 / é 🌊\"");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/getters", test_getters);
  g_test_add_func ("/json/set", test_set);
  g_test_add_func ("/json/scalar-text", test_scalar_text);
  g_test_add_func ("/json/scalar-number", test_scalar_number);
  g_test_add_func ("/json/to-text", test_to_text);
  return g_test_run ();
}
